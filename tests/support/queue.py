"""The real queue with tasks that a test scripts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from paranad.clock import Clock
from paranad.events.event import Event, Events
from paranad.events.queue import JobEvent
from paranad.queue.attempt import Backoff
from paranad.queue.claims import Claims
from paranad.queue.jobs import Jobs
from paranad.queue.model import Completed, Failed, Json, NewJob, Origin, Outcome
from paranad.queue.queues import Queues
from paranad.queue.running import Running
from paranad.queue.workers import Workers
from paranad.said import plain
from paranad.store.file import Store

SAFETY_S = 20
QUEUES = ("high", "default", "low")
Script = Callable[[Running], Awaitable[Outcome]]


async def complete(_: Running) -> Outcome:
    return Completed()


async def fail_for_good(_: Running) -> Outcome:
    return Failed(plain("nothing to ship"))


async def crash(_: Running) -> Outcome:
    raise RuntimeError("no such cart")


def new_job(
    task: str = "carts:expire",
    *,
    args: dict[str, Json] | None = None,
    queue: str = "default",
    origin: Origin = Origin.OPERATOR,
    tries: int = 3,
    timeout_s: float = 60,
    unique_key: str | None = None,
    source: str | None = None,
    delay: timedelta | None = None,
    clock: Clock | None = None,
) -> NewJob:
    due_at = clock.now() + delay if clock is not None and delay is not None else None
    timeout = timedelta(seconds=timeout_s)
    return NewJob(task, args or {}, queue, origin, tries, timeout, unique_key, due_at, source)


@dataclass
class Gate:
    """A task that says when it started and waits to be let through."""

    started: asyncio.Event = field(default_factory=asyncio.Event)
    free: asyncio.Event = field(default_factory=asyncio.Event)
    running: list[Running] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Completed)

    async def __call__(self, running: Running) -> Outcome:
        self.running.append(running)
        self.started.set()
        await self.free.wait()
        return self.outcome


class Seen:
    """Waits for events by name and fields, those told before included."""

    def __init__(self, events: Events) -> None:
        self.told: list[Event] = []
        self._more = asyncio.Event()
        events.listen(self._listen)

    def _listen(self, events: Sequence[Event]) -> None:
        self.told.extend(events)
        self._more.set()

    def named(self, name: str, **fields: object) -> list[Event]:
        return [
            event
            for event in self.told
            if event.name == name and all(getattr(event, key) == value for key, value in fields.items())
        ]

    async def __call__(self, name: str, *, times: int = 1, **fields: object) -> Event:
        await self.until(lambda: len(self.named(name, **fields)) >= times)
        return self.named(name, **fields)[times - 1]

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait until *reached* is true, asked again after each commit's events."""
        async with asyncio.timeout(SAFETY_S):
            while not reached():
                self._more.clear()
                await self._more.wait()

    def order(self, name: str) -> list[int]:
        return [event.job_id for event in self.told if event.name == name and isinstance(event, JobEvent)]


def jobs_at_rest(store: Store, clock: Clock, events: Events, queues: Sequence[str] = QUEUES) -> Jobs:
    """Return the jobs of *store*, which nothing runs."""
    return Jobs(store, clock, events, claims_of(store, clock, events, queues))


def claims_of(
    store: Store,
    clock: Clock,
    events: Events,
    queues: Sequence[str] = QUEUES,
    *,
    unbuffered: frozenset[str] = frozenset(),
    workers: int = 2,
    permitted: Callable[[], bool] | None = None,
) -> Claims:
    return Claims(
        Queues(queues),
        store,
        clock,
        events,
        buffered=lambda task: task not in unbuffered,
        workers=workers,
        longest_backoff=Backoff().bound,
        permitted=permitted,
    )


@dataclass
class Line:
    """Jobs and workers of one store."""

    store: Store
    clock: Clock
    events: Events
    count: int = 2
    unbuffered: frozenset[str] = frozenset()
    scripts: dict[str, Script] = field(default_factory=dict)
    drain_timeout: timedelta = timedelta(seconds=60)
    permitted: Callable[[], bool] = lambda: True

    def __post_init__(self) -> None:
        self.seen = Seen(self.events)
        self.claims = claims_of(
            self.store,
            self.clock,
            self.events,
            unbuffered=self.unbuffered,
            workers=self.count,
            permitted=lambda: self.permitted(),  # noqa: PLW0108 - a test changes it
        )
        self.jobs = Jobs(self.store, self.clock, self.events, self.claims)
        self.workers = Workers(
            self.jobs,
            self.claims,
            self.store,
            self.clock,
            self.events,
            perform=self.perform,
            backoff=Backoff(random=Random(7)),
            drain_timeout=self.drain_timeout,
        )

    async def perform(self, running: Running) -> Outcome:
        return await self.scripts.get(running.job.task, complete)(running)

    async def enqueue(self, *new: NewJob) -> list[int]:
        return [answer.job_id for answer in await self.jobs.enqueue(new)]

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Workers run while the block lasts, and are stopped at once at its end."""
        task = asyncio.create_task(self.workers.run())
        try:
            yield
        finally:
            async with asyncio.timeout(SAFETY_S):
                await self.workers.stop(timedelta(0))
                await task
