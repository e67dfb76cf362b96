"""A running scheduler on the real store and the real queue; only the clock is the tests' own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from paranad.errors import RequestError
from paranad.events.event import Events
from paranad.queue.model import Job, NewJob, Origin
from paranad.said import Said
from paranad.schedule.cron import parse
from paranad.schedule.entries import Entry
from paranad.schedule.loop import EntryView, Run, Scheduler
from paranad.store.file import Store
from tests.support.clock import ManualClock
from tests.support.queue import jobs_at_rest

ZONE = ZoneInfo("Asia/Baghdad")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SAFETY_S = 20


def entry(name: str = "carts:expire", cron: str = "* * * * *", **more: object) -> Entry:
    return replace(Entry(name, name, parse(cron, ZONE)), **more)  # type: ignore[arg-type]


def job_of(entry: Entry) -> NewJob:
    return NewJob(
        task=entry.task,
        args={},
        queue="default",
        origin=Origin.SCHEDULE,
        tries=3,
        timeout=MINUTE,
        unique_key=entry.task if entry.task != "several" else None,
    )


class Bench:
    """A scheduler that runs, and what a test asks of it."""

    def __init__(self, store: Store, clock: ManualClock, events: Events, entries: Iterable[Entry]) -> None:
        self.clock, self.store, self.events = clock, store, events
        self.jobs = jobs_at_rest(store, clock, events, ["default"])
        self.lacks: dict[str, Said] = {}
        self.refused: dict[str, RequestError] = {}
        self.scheduler = Scheduler(
            store,
            self.jobs,
            clock,
            events,
            entries=entries,
            new_job=self.new_job,
            lacking=self.lacking,
            random=Random(7),
        )
        self.passed = asyncio.Event()

    def new_job(self, entry: Entry, _at: datetime) -> NewJob:
        if refusal := self.refused.get(entry.name):
            raise refusal
        return job_of(entry)

    async def lacking(self, names: Collection[str]) -> Mapping[str, Said]:
        return {name: self.lacks[name] for name in names if name in self.lacks}

    async def settled(self) -> None:
        """Wait until the scheduler sleeps again."""
        async with asyncio.timeout(SAFETY_S):
            await self.passed.wait()

    async def advance(self, delta: timedelta) -> None:
        self.passed.clear()
        await self.clock.advance(delta)
        await self.settled()

    async def job(self, run: Run) -> Job:
        assert run.job_id is not None
        return await self.jobs.get(run.job_id)

    async def finish(self, job_id: int | None) -> None:
        assert job_id is not None
        await self.jobs.cancel_waiting(job_id)

    async def history(self, name: str = "carts:expire", limit: int = 100) -> list[Run]:
        return list((await self.scheduler.history(name, limit, None)).items)

    async def view(self, name: str = "carts:expire") -> EntryView:
        return next(view for view in await self.scheduler.views() if view.entry.name == name)


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[Bench]:
    wait = bench.clock.wait

    async def waited(signal: asyncio.Event, timeout_s: float) -> bool:
        bench.passed.set()
        return await wait(signal, timeout_s)

    bench.clock.wait = waited  # type: ignore[method-assign]
    task = asyncio.create_task(bench.scheduler.run())
    try:
        await bench.settled()
        yield bench
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait([task])
        bench.clock.wait = wait  # type: ignore[method-assign]


Start = Callable[..., AbstractAsyncContextManager[Bench]]
"""Starts a scheduler over entries; the same queue.db each time."""
