"""A real daemon with three tasks more: `bench:noop`, `bench:probe` (watch the loop from now on), `bench:report`."""

import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
from pydantic import Field

from benchmarks.cost import Cost, Probe
from paranad.catalogue import TaskFacts
from paranad.clock import SystemClock
from paranad.configured import load
from paranad.events.event import Events
from paranad.lean import loading
from paranad.life import keep_one_heap, opened
from paranad.log.output import configure
from paranad.queue.model import Completed, Outcome
from paranad.systemd import Systemd
from paranad.tasks.task import Arguments, Context, NoArguments, Task


class Number(Arguments):
    n: int = Field(ge=0)


class Watch:
    """The probe as two tasks."""

    def __init__(self) -> None:
        self.probe = Probe()

    async def begin(self, _: Context, __: NoArguments) -> Outcome:
        self.probe.reset()
        return Completed()

    async def report(self, _: Context, __: NoArguments) -> Outcome:
        cost, peak_kib = Cost(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.probe.note(cost)
        return Completed({"blocked_ms": cost.blocked_ms, "busy_ms": cost.busy_ms, "peak_mib": peak_kib / 1024})


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
    clock, events, watch = SystemClock(), Events(), Watch()
    log = configure("json", read.settings.log.level, now=clock.now)
    events.listen(log.tell)
    async with (
        Systemd(os.environ, clock, read.settings.zone).attended(events),
        opened(read, lambda: read, clock=clock, events=events, set_level=log.set_level) as life,
    ):
        more = [
            Measured("bench:noop", Number, noop),
            Measured("bench:probe", NoArguments, watch.begin),
            Measured("bench:report", NoArguments, watch.report),
        ]
        life.parts.registry.replace([*life.parts.registry.tasks.values(), *more])
        await life.serve()
    log.close()


if __name__ == "__main__":
    keep_one_heap()
    with loading():
        anyio.run(serve, sys.argv[1])
