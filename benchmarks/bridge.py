"""The bridge against Laravel's own worker, on one MariaDB: pickup of rows, drain of a backlog, cost of an idle poll.

`python -m benchmarks.bridge [ROUNDS]`; needs what `.ci/run` installs for the tests.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import aiosqlite
from sqlalchemy import func, insert, select

from benchmarks.__main__ import machine, row
from paranad.bridge.kept import KeptRows
from paranad.bridge.kept_notes import KeptNotes
from paranad.bridge.loop import Bridge, Mode
from paranad.bridge.reserve import JobsTable, Scan
from paranad.clock import SystemClock
from paranad.events.event import Events
from paranad.events.queue import JobEnqueued
from paranad.php import write
from paranad.queue.attempt import Backoff
from paranad.queue.claims import Claims
from paranad.queue.jobs import Jobs
from paranad.queue.model import Origin
from paranad.queue.originals import Originals
from paranad.queue.queues import Queues
from paranad.shop.database import Shop
from paranad.shop.tables import jobs
from paranad.store.file import Store, open_store
from paranad.store.writer import Act
from paranad.tasks.registry import Registry
from tests.support.bridge import shop_tasks
from tests.support.laravel import WITHOUT_LARAVEL, Laravel, command, has_laravel
from tests.support.mariadb import MariaDb, is_installed, running_server
from tests.support.payloads import payload_of

ROUNDS = 3
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

    async def apply(self, connection: aiosqlite.Connection) -> None:
        await connection.execute_fetchall("UPDATE jobs SET state = 'completed', started_at = 1, finished_at = 2")


@asynccontextmanager
async def bench(url: str, folder: Path, *, keeps: bool = False) -> AsyncIterator[Bench]:
    clock, events, zone = SystemClock(), Events(), ZoneInfo("Asia/Baghdad")
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
        queue, shop = Jobs(store, clock, events, claims), Shop(url, zone, clock, events)
        await queue.recover()
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
        registry = Registry(shop_tasks(), clock=clock, queues=queue.queues.names, enqueue=queue.enqueue)

        bridge = Bridge(
            shop,
            clock,
            events,
            mode=Mode.ON,
            poll_interval=POLL,
            queues=queue.queues.names,
            new_job=partial(registry.new_job, origin=Origin.SHOP),
            enqueue=queue.enqueue,
            originals=originals,
            kept=kept,
        )
        yield Bench(store, shop, queue, bridge, events)
        await shop.close()


async def drain(url: str, folder: Path) -> float:
    """Return rows/s from a full table to an empty one, all committed in the queue."""
    async with bench(url, folder) as each:
        await each.put(*map(payload, range(ROWS)))
        started = time.perf_counter()
        await each.bridge.poll()
        elapsed = time.perf_counter() - started
        counts = await each.queue.counts()
        assert (await each.waiting(), sum(counts["default"].values())) == (0, ROWS)
        return ROWS / elapsed


async def drain_kept(url: str, folder: Path) -> tuple[float, float]:
    """Return the same with rows that are kept until their jobs have ended, and rows/s of reserving them anew."""
    async with bench(url, folder, keeps=True) as each:
        await each.put(*map(payload, range(ROWS)))
        started = time.perf_counter()
        await each.bridge.poll()
        taken = time.perf_counter() - started
        assert await each.waiting() == ROWS
        started = time.perf_counter()
        await each.bridge.kept.reclaim()
        renewed = time.perf_counter() - started
        await each.store.writer.do(AllDone())
        started = time.perf_counter()
        await each.bridge.kept.reclaim()
        deleted = time.perf_counter() - started
        assert await each.waiting() == 0
        return ROWS / (taken + deleted), ROWS / renewed


async def drain_by_php(url: str, folder: Path, laravel: Laravel) -> float:
    """Return rows/s of one queue:work, its start not counted."""
    async with bench(url, folder) as each:
        words = command(["queue:work", "--stop-when-empty", "--sleep=0", "--quiet"])
        started = time.perf_counter()
        await asyncio.to_thread(subprocess.run, words, env=laravel.environment(), check=True)
        empty = time.perf_counter() - started
        await each.put(*map(payload, range(BY_PHP)))
        started = time.perf_counter()
        await asyncio.to_thread(subprocess.run, words, env=laravel.environment(), check=True)
        elapsed = time.perf_counter() - started - empty
        assert await each.waiting() == 0
        return BY_PHP / elapsed


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
    """Return what share of a core an idle bridge costs here and at the server; *looking* False: it only wakes up."""

    async def nothing(*_: int) -> Scan:
        return Scan([], [], [], None)

    async with bench(url, folder) as each:
        if not looking:
            setattr(each.bridge.table, "look", nothing)  # noqa: B010 - what waking up alone costs
        running = asyncio.create_task(each.bridge.run())
        await asyncio.sleep(1)
        ours, theirs = time.process_time(), cpu_s(server)
        await asyncio.sleep(IDLE_S)
        shares = (time.process_time() - ours) / IDLE_S, (cpu_s(server) - theirs) / IDLE_S
        running.cancel()
        await asyncio.wait([running])
    return shares


def cpu_s(server: MariaDb) -> float:
    assert server.process
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    if not (is_installed() and has_laravel()):
        print(f"the bridge, {WITHOUT_LARAVEL} mariadb-server")
        return
    print(f"{machine()}\nMedians of {rounds} paired rounds.\n")
    with running_server() as server, tempfile.TemporaryDirectory(prefix="paranad-bench-") as name:
        folder, url = Path(name), server.make_database("shop")
        paired, kept_rows = [], []
        for number in range(rounds):
            php = folder / f"php{number}"
            php.mkdir()
            ours = asyncio.run(drain(url, folder / f"drain{number}"))
            kept_rows.append((ours, *asyncio.run(drain_kept(url, folder / f"kept{number}"))))
            theirs = asyncio.run(drain_by_php(url, folder / f"beside{number}", Laravel(url, php)))
            paired.append((ours, theirs))
        row(f"drain of {ROWS:,} rows: paranad", f"{statistics.median(each for each, _ in paired):,.0f} /s")
        row(f"drain of {ROWS:,} rows: keep_rows", f"{statistics.median(each[1] for each in kept_rows):,.0f} /s")
        row("keep_rows ÷ without", f"{statistics.median(kept / gone for gone, kept, _ in kept_rows):.2f}", "must 0.5")
        row(f"reserving {ROWS:,} rows anew", f"{statistics.median(each[2] for each in kept_rows):,.0f} /s")
        row(f"drain of {BY_PHP:,} rows: queue:work", f"{statistics.median(each for _, each in paired):,.0f} /s")
        row("drain ÷ queue:work", f"{statistics.median(a / b for a, b in paired):.1f}", "must 10")
        waits = sorted(asyncio.run(pickups(url, folder / "pickup")))
        limit_ms = POLL.total_seconds() * 1000
        row("pickup, median", f"{statistics.median(waits) * 1000:.0f} ms", f"under {limit_ms:.0f}")
        row("pickup, 95th percentile", f"{waits[int(len(waits) * 0.95)] * 1000:.0f} ms", f"under {2 * limit_ms:.0f}")
        waking, before = asyncio.run(idle(url, folder / "waking", server, looking=False))
        here, there = asyncio.run(idle(url, folder / "idle", server, looking=True))
        row("waking up every 250 ms, share of a core", f"{waking * 100:.2f} %")
        row("idle poll, share of a core more: here", f"{(here - waking) * 100:.2f} %", "under 0.3")
        row("idle poll, share of a core more: server", f"{(there - before) * 100:.2f} %", "under 0.3")


if __name__ == "__main__":
    main()
