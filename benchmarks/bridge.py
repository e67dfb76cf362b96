"""The bridge against Laravel's own worker, on one MariaDB: pickup of rows, drain of a backlog, cost of an idle poll.

Needs what `.ci/run` installs for the tests.
"""

import asyncio
import os
import resource
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select

from benchmarks.cost import Cost, Probe, cpu_s, measured
from benchmarks.drain import opened
from benchmarks.figures import Figure, blocks, rates, ratios
from paranad.bridge.kept import KeptRows
from paranad.bridge.kept_notes import KeptNotes
from paranad.bridge.loop import Bridge, Mode
from paranad.bridge.reserve import JobsTable, Scan
from paranad.clock import SystemClock
from paranad.events.event import Events
from paranad.events.queue import JobEnqueued
from paranad.php import write
from paranad.queue.jobs import Jobs
from paranad.queue.model import Origin
from paranad.queue.originals import Originals
from paranad.shop.database import Shop
from paranad.shop.tables import jobs
from paranad.store.file import Store
from paranad.store.writer import Act
from paranad.tasks.registry import Registry
from tests.support.bridge import shop_tasks
from tests.support.laravel import WITHOUT_LARAVEL, Laravel, command, has_laravel
from tests.support.mariadb import MariaDb, is_installed, running_server
from tests.support.payloads import payload_of

ROWS = 20_000
BY_PHP = 2_000
"""Rows that queue:work gets in a round: its rate does not depend on the length of the line."""
PICKUPS = 200
POLL = timedelta(milliseconds=250)
IDLE_S = 20.0
SYNC = "App\\Jobs\\SyncAlWaseetOrdersJob"


def payload(number: int) -> str:
    """Return a SyncAlWaseetOrdersJob as Laravel 8 writes it, with all its properties."""
    empty = ("job", "connection", "queue", "chainConnection", "chainQueue", "chainCatchCallbacks", "delay")
    properties: dict[str, Any] = {
        "tries": 2,
        "timeout": 300,
        "\0*\0statusId": str(number),
        "\0*\0dateFrom": "2026-08-01",
        "\0*\0dateTo": "2026-08-10",
        "\0*\0syncLog": None,
        **dict.fromkeys(empty),
        "afterCommit": None,
        "middleware": {},
        "chained": {},
    }
    body = "".join(write(name) + write(value) for name, value in properties.items())
    more = {"maxTries": 2, "maxExceptions": None, "failOnTimeout": False, "backoff": None, "timeout": 300}
    command = f'O:{len(SYNC)}:"{SYNC}":{len(properties)}:{{{body}}}'
    return payload_of(SYNC, command, uuid=f"00000000-0000-4000-8000-{number:012}", **more)


class Bench:
    """The bridge between a server and a queue.db of its own, durability full."""

    def __init__(self, store: Store, shop: Shop, queue: Jobs, bridge: Bridge, events: Events) -> None:
        self.store, self.shop, self.queue, self.bridge = store, shop, queue, bridge
        self.arrived = asyncio.Event()
        events.listen(lambda told: self.arrived.set() if any(isinstance(each, JobEnqueued) for each in told) else None)

    async def put(self, *payloads: str) -> None:
        now_s = int(time.time())
        new = [
            {"queue": "default", "payload": each, "attempts": 0, "available_at": now_s, "created_at": now_s}
            for each in payloads
        ]
        async with self.shop.transaction() as connection:
            for start in range(0, len(new), 1000):
                await connection.execute(insert(jobs), new[start : start + 1000])

    async def waiting(self) -> int:
        async with self.shop.read() as connection:
            return int((await connection.execute(select(func.count()).select_from(jobs))).scalar_one())


@dataclass(frozen=True, slots=True)
class AllDone(Act[None]):
    """Every job is completed, as far as the bridge can see."""

    def apply(self, connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE jobs SET state = 'completed', started_at = 1, finished_at = 2")


@asynccontextmanager
async def bench(url: str, folder: Path, *, keeps: bool = False) -> AsyncIterator[Bench]:
    clock, events, zone = SystemClock(), Events(), ZoneInfo("Asia/Baghdad")
    async with opened(folder, events) as opened_queue:
        store, queue = opened_queue.store, opened_queue.jobs
        queues, shop = opened_queue.claims.queues.names, Shop(url, zone, clock, events)
        originals = Originals(store)

        kept = KeptRows(
            JobsTable(shop),
            KeptNotes(store, queue),
            clock,
            events,
            keeps=keeps,
            cancel_waiting=queue.cancel_taken,
            interrupt=lambda _: None,
        )
        registry = Registry(shop_tasks(), clock=clock, queues=queues, enqueue=queue.enqueue)

        bridge = Bridge(
            shop,
            clock,
            events,
            mode=Mode.ON,
            poll_interval=POLL,
            queues=queues,
            new_job=partial(registry.new_job, origin=Origin.SHOP),
            enqueue=queue.enqueue,
            originals=originals,
            kept=kept,
        )
        yield Bench(store, shop, queue, bridge, events)
        await shop.close()


async def drain(url: str, folder: Path) -> Cost:
    """From a full table to an empty one, all committed in the queue."""
    async with bench(url, folder) as each:
        await each.put(*map(payload, range(ROWS)))
        probe = Probe()
        with measured(ROWS) as cost:
            await each.bridge.poll()
        probe.note(cost)
        counts = await each.queue.counts()
        assert (await each.waiting(), sum(counts["default"].values())) == (0, ROWS)
        return cost


async def drain_kept(url: str, folder: Path) -> tuple[Cost, Cost]:
    """The same with rows that are kept until their jobs have ended, and reserving them anew."""
    async with bench(url, folder, keeps=True) as each:
        await each.put(*map(payload, range(ROWS)))
        with measured(ROWS) as cost:
            await each.bridge.poll()
        assert await each.waiting() == ROWS
        with measured(ROWS) as renewed:
            await each.bridge.kept.reclaim()
        await each.store.writer.do(AllDone())
        with measured() as deleted:
            await each.bridge.kept.reclaim()
        assert await each.waiting() == 0
        cost.wall_s, cost.loop_s, cost.others_s = (
            cost.wall_s + deleted.wall_s,
            cost.loop_s + deleted.loop_s,
            cost.others_s + deleted.others_s,
        )
        return cost, renewed


async def drain_by_php(url: str, folder: Path, laravel: Laravel) -> Cost:
    """One queue:work, its start not counted."""

    async def work() -> tuple[float, float]:
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        await asyncio.to_thread(subprocess.run, words, env=laravel.environment(), check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return time.perf_counter() - began, cpu

    words = command(["queue:work", "--stop-when-empty", "--sleep=0", "--quiet"])
    async with bench(url, folder) as each:
        empty, empty_cpu = await work()
        await each.put(*map(payload, range(BY_PHP)))
        wall, cpu = await work()
        assert await each.waiting() == 0
    return Cost(BY_PHP, wall - empty, cpu - empty_cpu)


async def pickups(url: str, folder: Path) -> list[float]:
    """Return the seconds from each row's commit to its job's commit, on an idle shop."""
    random, waits = Random(7), list[float]()
    async with bench(url, folder) as each:
        running = asyncio.create_task(each.bridge.run())
        for number in range(PICKUPS):
            await asyncio.sleep(random.uniform(0, POLL.total_seconds()))
            each.arrived.clear()
            await each.put(payload(number))
            before = time.perf_counter()
            await each.arrived.wait()
            waits.append(time.perf_counter() - before)
        running.cancel()
        await asyncio.wait([running])
    return waits


async def idle(url: str, folder: Path, server: MariaDb, *, looking: bool) -> tuple[float, float]:
    """Return what an idle bridge costs here and at the server, in % of a core; *looking* False: it only wakes up."""

    async def nothing(*_: int) -> Scan:
        return Scan([], [], [], None)

    async with bench(url, folder) as each:
        if not looking:
            setattr(each.bridge.table, "look", nothing)  # noqa: B010 - what waking up alone costs
        running = asyncio.create_task(each.bridge.run())
        await asyncio.sleep(1)
        assert server.process
        pids = os.getpid(), server.process.pid
        before = list(map(cpu_s, pids))
        await asyncio.sleep(IDLE_S)
        ours, theirs = ((cpu_s(pid) - was) / IDLE_S * 100 for pid, was in zip(pids, before, strict=True))
        running.cancel()
        await asyncio.wait([running])
    return ours, theirs


def measure(rounds: int) -> Iterator[Figure]:
    if not (is_installed() and has_laravel()):
        print(f"the bridge, {WITHOUT_LARAVEL} mariadb-server")
        return
    with running_server() as server, tempfile.TemporaryDirectory(prefix="paranad-bench-") as name:
        folder, url = Path(name), server.make_database("shop")
        paired = []
        for number in range(rounds):
            php = folder / f"php{number}"
            php.mkdir()
            ours = asyncio.run(drain(url, folder / f"drain{number}"))
            kept, anew = asyncio.run(drain_kept(url, folder / f"kept{number}"))
            paired.append(
                (ours, kept, anew, asyncio.run(drain_by_php(url, folder / f"beside{number}", Laravel(url, php))))
            )
        drains, kepts, renewals, php_drains = zip(*paired, strict=True)
        yield from rates(f"bridge: {ROWS:,} rows", drains)
        yield from blocks("bridge", drains)
        yield from rates(f"bridge: {ROWS:,} rows, keep_rows", kepts)
        yield from rates(f"bridge: reserving {ROWS:,} rows anew", renewals)
        yield from rates(f"queue:work: {BY_PHP:,} rows", php_drains)
        yield from ratios("bridge ÷ queue:work", drains, php_drains, "must 20, aim 30")
        yield from ratios("bridge with keep_rows ÷ without", kepts, drains, "must 0.5")
        waits = sorted(asyncio.run(pickups(url, folder / "pickup")))
        limit_ms = POLL.total_seconds() * 1000
        yield Figure("bridge: pickup, p50", "ms", [statistics.median(waits) * 1000], f"under {limit_ms:.0f}")
        yield Figure("bridge: pickup, p95", "ms", [waits[int(PICKUPS * 0.95)] * 1000], f"under {2 * limit_ms:.0f}")
        waking, before = asyncio.run(idle(url, folder / "waking", server, looking=False))
        here, there = asyncio.run(idle(url, folder / "idle", server, looking=True))
        yield Figure("bridge: waking up every 250 ms, share of a core", "%", [waking])
        yield Figure("bridge: idle poll, share of a core more: here", "%", [here - waking], "under 0.3")
        yield Figure("bridge: idle poll, share of a core more: server", "%", [there - before], "under 0.3")
