"""What work costs: time by the clock, processor time, and how long the event loop looked at nothing else."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def cpu_s(pid: int) -> float:
    """Return the processor time of a process, that of its ended threads included. Source: clock_getcpuclockid(3)."""
    return time.clock_gettime(~pid << 3 | 2)


def loop_s(pid: int) -> float:
    """Return the processor time of a process's main thread, in which its event loop runs."""
    if pid == os.getpid():
        return time.thread_time()
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e9


@dataclass
class Cost:
    """What it cost to do something *count* times."""

    count: int = 1
    wall_s: float = 0.0
    loop_s: float = 0.0
    """Processor time of the main thread, the event loop's."""
    others_s: float = 0.0
    """That of all other threads: SQLite's."""
    blocked_ms: float = 0.0
    busy_ms: float = 0.0
    """Processor time of the longest block of the loop."""

    @property
    def cpu_s(self) -> float:
        return self.loop_s + self.others_s

    @property
    def rate(self) -> float:
        return self.count / self.wall_s


@contextmanager
def measured(count: int = 1, pid: int | None = None) -> Iterator[Cost]:
    """Measure a block's cost in the process *pid*, or in this one."""
    pid, cost = pid or os.getpid(), Cost(count)
    wall, loop, cpu = time.monotonic(), loop_s(pid), cpu_s(pid)
    yield cost
    cost.wall_s, cost.loop_s = time.monotonic() - wall, loop_s(pid) - loop
    cost.others_s = max(0.0, cpu_s(pid) - cpu - cost.loop_s)


class Probe:
    """Watches the running event loop: how long it ran between two looks at what has come, at the longest."""

    def __init__(self) -> None:
        selector: Any = asyncio.get_running_loop()._selector  # type: ignore[attr-defined]  # noqa: SLF001
        self._select, selector.select = selector.select, self._looked
        self.reset()

    def reset(self) -> None:
        self.blocked_s = self.busy_s = 0.0
        self._since = time.monotonic(), time.thread_time()

    def note(self, cost: Cost) -> None:
        cost.blocked_ms, cost.busy_ms = self.blocked_s * 1000, self.busy_s * 1000

    def _looked(self, timeout: float | None = None) -> Any:
        self.blocked_s = max(self.blocked_s, time.monotonic() - self._since[0])
        self.busy_s = max(self.busy_s, time.thread_time() - self._since[1])
        found = self._select(timeout)
        self._since = time.monotonic(), time.thread_time()
        return found
