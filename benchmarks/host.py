"""A real daemon with three tasks more: `bench:noop`, `bench:probe` (start watching the loop), `bench:report`."""

import asyncio
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
from pydantic import Field

from paranad.catalogue import TaskFacts
from paranad.clock import SystemClock
from paranad.configured import load
from paranad.events.event import Events
from paranad.life import opened
from paranad.log.output import configure
from paranad.queue.model import Completed, Outcome
from paranad.tasks.task import Arguments, Context, NoArguments, Task

PROBE_S = 0.005


class Number(Arguments):
    n: int = Field(ge=0)


class Probe:
    """Sleeps in the daemon's loop and notes how late it wakes."""

    def __init__(self) -> None:
        self.worst_s = 0.0
        self.task: asyncio.Task[None] | None = None

    async def watch(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(PROBE_S)
            self.worst_s = max(self.worst_s, time.monotonic() - before - PROBE_S)

    async def start(self, _: Context, __: NoArguments) -> Outcome:
        self.worst_s = 0.0
        self.task = self.task or asyncio.create_task(self.watch())
        return Completed()

    async def report(self, _: Context, __: NoArguments) -> Outcome:
        peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return Completed({"blocked_ms": self.worst_s * 1000, "peak_mib": peak_kib / 1024})


async def noop(_: Context, __: Number) -> Outcome:
    return Completed({"started_s": time.monotonic()})


Work = Callable[[Context, Any], Awaitable[Outcome]]


class Measured(Task[Any]):
    """A task of one function."""

    def __init__(self, name: str, arguments: type[Arguments], work: Work) -> None:
        self.facts = TaskFacts(name, name, timedelta(seconds=60), tries=1)
        self.arguments, self.work = arguments, work

    def unique_key(self, _: Any) -> str | None:
        return None

    async def run(self, context: Context, args: Any) -> Outcome:
        return await self.work(context, args)


async def serve(config: str) -> None:
    environ: Mapping[str, str] = {}
    read = load(Path(config), environ).usable(starting=True)
    clock, events, probe = SystemClock(), Events(), Probe()
    log = configure("json", read.settings.log.level, now=clock.now)
    events.listen(log.tell)
    async with opened(read, lambda: read, clock=clock, events=events, set_level=log.set_level) as life:
        more = [
            Measured("bench:noop", Number, noop),
            Measured("bench:probe", NoArguments, probe.start),
            Measured("bench:report", NoArguments, probe.report),
        ]
        life.parts.registry.replace([*life.parts.registry.tasks.values(), *more])
        await life.serve()
    log.close()


if __name__ == "__main__":
    anyio.run(serve, sys.argv[1])
