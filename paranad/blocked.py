"""Where the event loop stood when it stood still: written by a watchdog that needs no loop, read by the next daemon.

The standard library's watchdog writes where every thread stands once the loop has not beaten for a while: before
systemd's own watchdog ends the daemon, and also if a library holds the interpreter's lock.
"""

import asyncio
import faulthandler
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from paranad.clock import Clock
from paranad.record import record

FILE_NAME: Final = "loop-blocked.txt"
AFTER_S: Final = 15.0
"""How long the loop may stand still before it is noted; half of systemd's time, if that is shorter."""
BEATS: Final = 3
"""How many beats come in that time."""
LONGEST: Final = 32 * 1024
HEAD = re.compile(r"^Timeout \((\d+):(\d\d):(\d\d(?:\.\d+)?)\)!$", re.MULTILINE)
FRAME = re.compile(r'^  File "(?P<file>[^"\n]*)", line (?P<line>\d+) in (?P<name>.*)$', re.MULTILINE)
LOOP = " in _run_once"
HOUSE = "/paranad/"


@record
class Stood:
    """A time for which the loop stood still."""

    since: datetime
    where: str
    """The innermost line of the program that the loop stood in, such as `paranad/tasks/carts.py:20 in run`."""
    stacks: str
    """Where every thread stood."""


class LoopNote:
    """The file in the state directory that says where the loop stood."""

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / FILE_NAME

    def read(self) -> Stood | None:
        """Return what was noted, by this daemon or the one before it; None: nothing, or nothing that can be read."""
        try:
            noted_at = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
            stacks = self.path.read_bytes()[-LONGEST:].decode("utf-8", "replace")
        except OSError:
            return None
        *_, last = HEAD.split(stacks)
        times = HEAD.findall(stacks)
        if not times:
            return None
        hours, minutes, seconds = map(float, times[-1])
        return Stood(noted_at - timedelta(hours=hours, minutes=minutes, seconds=seconds), where(last), last.strip())

    def clear(self) -> None:
        """Forget what was noted. The watchdog that has the file open goes on writing at its beginning."""
        with suppress(OSError):
            os.truncate(self.path, 0)

    def _remove_empty(self) -> None:
        with suppress(OSError):
            if not self.path.stat().st_size:
                self.path.unlink()

    @asynccontextmanager
    async def kept(self, clock: Clock, after_s: float) -> AsyncIterator[None]:
        """While the block lasts, note where every thread stands once the running loop has stood still for *after_s*."""
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError:  # a full disk was told already
            yield
            return
        beating = asyncio.create_task(_beat(descriptor, clock, after_s), name="blocked.beat")
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.wait([beating])
            faulthandler.cancel_dump_traceback_later()
            os.close(descriptor)
            self._remove_empty()


def noted_after_s(watchdog_s: float | None) -> float:
    """Return after what standstill it is noted: before a watchdog that ends the process after *watchdog_s*."""
    return AFTER_S if watchdog_s is None else min(AFTER_S, watchdog_s / 2)


async def _beat(descriptor: int, clock: Clock, after_s: float) -> None:
    while True:
        faulthandler.dump_traceback_later(after_s, file=descriptor)
        await clock.sleep(after_s / BEATS)


def where(stacks: str) -> str:
    """Return the innermost line of the program in the thread of the loop; if there is none, the innermost at all."""
    threads = stacks.split("\n\n")
    # What called the loop stands outside of it, and did not hold it.
    of_loop = next((thread for thread in threads if LOOP in thread), threads[-1]).partition(LOOP)[0]
    frames = [(_file(frame["file"]), frame["line"], frame["name"]) for frame in FRAME.finditer(of_loop)]
    ours = [frame for frame in frames if frame[0].startswith("paranad/")]
    return next((f"{file}:{line} in {name}" for file, line, name in ours or frames), "?")


def _file(path: str) -> str:
    """Return *path* from the package on if it is one of the program's own; a library beside it is none."""
    _, _, inside = path.rpartition(HOUSE)
    return f"paranad/{inside}" if HOUSE in path and "site-packages" not in inside else path
