"""Drain of no-op jobs: ours with attempts and a log line a job, huey's on SQLite, the group-commit limit, and lists."""

import asyncio
import io
import json
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson
from huey import SqliteHuey

from benchmarks.cost import Cost, Probe, measured
from benchmarks.figures import Figure, blocks, in_new_folder, rates, ratios
from benchmarks.past import JOBS as FINISHED
from benchmarks.past import write_queue
from benchmarks.service import end_to_end
from paranad.clock import SystemClock
from paranad.events.event import Event, Events, Listener, fields_of
from paranad.events.queue import AttemptFinished
from paranad.lean import loaded
from paranad.life import SWITCH_S
from paranad.queue.attempt import Backoff
from paranad.queue.claims import Claims
from paranad.queue.jobs import Jobs
from paranad.queue.model import Completed, NewJob, Origin, Outcome
from paranad.queue.queues import Queues
from paranad.queue.running import Running
from paranad.queue.workers import Workers
from paranad.store.file import Store, open_store

JOBS = 10_000
ROWS_PER_TRANSACTION = 100
QUEUES = ("high", "default")
Perform = Callable[[Running], Awaitable[Outcome]]


@dataclass(frozen=True)
class Queue:
    store: Store
    claims: Claims
    jobs: Jobs
    workers: Workers


async def noop(_: Running) -> Outcome:
    return Completed({"changed": 1})


@asynccontextmanager
async def opened(
    folder: Path, events: Events, perform: Perform = noop, buffered: Callable[[str], bool] = lambda _: True
) -> AsyncIterator[Queue]:
    """The queue as the daemon builds it, durability full, its workers not started yet."""
    sys.setswitchinterval(SWITCH_S)
    loaded()
    clock, backoff = SystemClock(), Backoff()
    async with open_store(folder, durability="full", clock=clock, events=events) as store:
        claims = Claims(
            Queues(QUEUES), store, clock, events, buffered=buffered, workers=10, longest_backoff=backoff.bound
        )
        jobs = Jobs(store, clock, events, claims)
        await jobs.recover()
        drain_timeout = timedelta(seconds=60)
        workers = Workers(
            jobs, claims, store, clock, events, perform=perform, backoff=backoff, drain_timeout=drain_timeout
        )
        yield Queue(store, claims, jobs, workers)


def new_jobs(count: int, task: str = "noop") -> list[NewJob]:
    return [NewJob(task, {"n": n}, "default", Origin.OPERATOR, 3, timedelta(seconds=60)) for n in range(count)]


class Log:
    """A line of JSON per finished attempt, one write per commit."""

    def __init__(self, path: Path) -> None:
        self.file = io.FileIO(path, "w")
        self.left = asyncio.Event()
        self.lines = 0

    def __call__(self, events: Sequence[Event]) -> None:
        lines = [
            orjson.dumps({"event": e.name, "level": e.level, **fields_of(e)})
            for e in events
            if isinstance(e, AttemptFinished)
        ]
        if lines:
            self.file.write(b"\n".join(lines) + b"\n")
            self.lines += len(lines)
            if self.lines >= JOBS:
                self.left.set()


async def _ours(folder: Path, hears: Listener | None) -> Cost:
    events = Events()
    async with opened(folder, events) as queue:
        for start in range(0, JOBS, 1000):
            await queue.jobs.enqueue(new_jobs(min(1000, JOBS - start)))
        log = Log(folder / "log")
        events.listen(log)
        if hears is not None:
            events.listen(hears)
        probe = Probe()
        with measured(JOBS) as cost:
            running = asyncio.create_task(queue.workers.run())
            await log.left.wait()
        probe.note(cost)
        await queue.workers.stop()
        await running
        log.file.close()
    return cost


def ours(folder: Path, hears: Listener | None = None) -> Cost:
    """Drain this queue, durability full; *hears* listens beside the log."""
    return asyncio.run(_ours(folder, hears))


def hueys(folder: Path) -> Cost:
    """Drain huey's SQLite storage with its default settings: enqueue before, dequeue and execute timed."""
    huey = SqliteHuey(filename=str(folder / "huey.db"))

    @huey.task()  # type: ignore[untyped-decorator]
    def noop(n: int) -> dict[str, int]:
        return {"changed": n}

    for n in range(JOBS):
        noop(n)
    with measured(JOBS) as cost:
        while (task := huey.dequeue()) is not None:
            huey.execute(task)
    return cost


def limit(folder: Path) -> Cost:
    """Claim and finish kept rows, 100 a transaction, durability full, no Python around it."""
    connection = sqlite3.connect(folder / "limit.db", isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE jobs (id INTEGER PRIMARY KEY, state TEXT NOT NULL, args TEXT NOT NULL);"
        "CREATE INDEX available ON jobs (id) WHERE state = 'available';"
    )
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO jobs (state, args) VALUES ('available', ?)", [('{"n":1}',)] * JOBS)
    connection.execute("COMMIT")
    with measured(JOBS) as cost:
        for _ in range(JOBS // ROWS_PER_TRANSACTION):
            connection.execute("BEGIN IMMEDIATE")
            ids = connection.execute(
                "UPDATE jobs SET state = 'running' WHERE id IN"
                " (SELECT id FROM jobs WHERE state = 'available' ORDER BY id LIMIT ?) RETURNING id",
                (ROWS_PER_TRANSACTION,),
            ).fetchall()
            connection.execute(
                "UPDATE jobs SET state = 'completed' WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps([row[0] for row in ids]),),
            )
            connection.execute("COMMIT")
    connection.close()
    return cost


def measure(rounds: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="paranad-bench-") as kept:
        write_queue(Path(kept))
        contenders = (ours, hueys, limit, lambda _: ours(Path(kept)), lambda _: end_to_end())
        paired = [tuple(in_new_folder(run) for run in contenders) for _ in range(rounds)]
    drains, huey, most, after_many, lists = zip(*paired, strict=True)
    yield from rates(f"drain of {JOBS:,} jobs", drains)
    yield from blocks("drain", drains)
    yield from rates("drain, huey's SqliteHuey as it comes", huey)
    yield from rates("drain, group-commit limit", most)
    yield from ratios("drain ÷ huey", drains, huey, "must 10, aim 13")
    yield from ratios("drain ÷ limit", drains, most, "must 0.13, aim 0.18")
    yield from rates(f"drain beside {FINISHED:,} finished jobs", after_many)
    yield from blocks(f"drain beside {FINISHED:,}", after_many)
    yield from ratios(f"drain beside {FINISHED:,} ÷ drain", after_many, drains, "must 0.9, aim 1")
    yield from rates("lists of 100 end to end", lists, "must 10,000")
    yield from blocks("lists", lists)
    yield from ratios("lists of 100 end to end ÷ drain", lists, drains, "must 0.75, aim 0.9")
