"""Drain of no-op jobs: ours with attempts and a log line a job, huey's on SQLite, and the group-commit limit."""

import asyncio
import io
import json
import sqlite3
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import orjson
from huey import SqliteHuey

from paranad.clock import SystemClock
from paranad.events.event import Event, Events, Listener, fields_of
from paranad.events.queue import AttemptFinished
from paranad.queue.attempt import Backoff
from paranad.queue.claims import Claims
from paranad.queue.jobs import Jobs
from paranad.queue.model import Completed, NewJob, Origin, Outcome
from paranad.queue.queues import Queues
from paranad.queue.running import Running
from paranad.queue.workers import Workers
from paranad.store.file import open_store

JOBS = 10_000
ROWS_PER_TRANSACTION = 100


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


async def perform(_: Running) -> Outcome:
    return Completed({"changed": 1})


async def _ours(folder: Path, hears: Listener | None) -> float:
    events, clock = Events(), SystemClock()
    async with open_store(folder, durability="full", clock=clock, events=events) as store:
        claims = Claims(
            Queues(("high", "default")),
            store,
            clock,
            events,
            buffered=lambda _: True,
            workers=10,
            longest_backoff=Backoff().bound,
        )
        jobs = Jobs(store, clock, events, claims)
        await jobs.recover()
        for start in range(0, JOBS, 1000):
            await jobs.enqueue(new_jobs(min(1000, JOBS - start)))
        log = Log(folder / "log")
        events.listen(log)
        if hears is not None:
            events.listen(hears)
        workers = Workers(
            jobs,
            claims,
            store,
            clock,
            events,
            perform=perform,
            backoff=Backoff(),
            drain_timeout=timedelta(seconds=60),
        )
        started = time.perf_counter()
        running = asyncio.create_task(workers.run())
        await log.left.wait()
        elapsed = time.perf_counter() - started
        await workers.stop()
        await running
        log.file.close()
    return JOBS / elapsed


def ours(folder: Path, hears: Listener | None = None) -> float:
    """Return jobs/s of this queue, durability full; *hears* listens beside the log."""
    return asyncio.run(_ours(folder, hears))


def hueys(folder: Path) -> float:
    """Return jobs/s of huey's SQLite storage with its default settings: enqueue before, dequeue and execute timed."""
    huey = SqliteHuey(filename=str(folder / "huey.db"))

    @huey.task()  # type: ignore[untyped-decorator]
    def noop(n: int) -> dict[str, int]:
        return {"changed": n}

    for n in range(JOBS):
        noop(n)
    started = time.perf_counter()
    while (task := huey.dequeue()) is not None:
        huey.execute(task)
    return JOBS / (time.perf_counter() - started)


def limit(folder: Path) -> float:
    """Return jobs/s of claim and finish of kept rows, 100 a transaction, durability full, no Python around it."""
    connection = sqlite3.connect(folder / "limit.db", isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE jobs (id INTEGER PRIMARY KEY, state TEXT NOT NULL, args TEXT NOT NULL);"
        "CREATE INDEX available ON jobs (id) WHERE state = 'available';"
    )
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO jobs (state, args) VALUES ('available', ?)", [('{"n":1}',)] * JOBS)
    connection.execute("COMMIT")
    started = time.perf_counter()
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
    elapsed = time.perf_counter() - started
    connection.close()
    return JOBS / elapsed
