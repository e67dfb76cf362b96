"""Alerts on the real store, with a real command that keeps what it is told; looks and tells when a test says so."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from paranad.alerts.heartbeat import Heartbeat
from paranad.alerts.service import Alerts
from paranad.alerts.watches import LateOrders
from paranad.bridge.unreadable import UNREADABLE, MovedRows
from paranad.catalogue import CATALOGUE, CREATE_SHIPMENT
from paranad.clock import to_us
from paranad.configuration.durations import Rate
from paranad.configuration.settings import AlertSection, ParcelsSection
from paranad.courier.breaker import Breaker
from paranad.courier.limiter import Limiter
from paranad.events.event import Events
from paranad.on_demand.rows import Backlog
from paranad.on_demand.service import OnDemand
from paranad.on_demand.ways import BySystemd
from paranad.orders.parcel_watch import ParcelWatch
from paranad.orders.service import Count
from paranad.outside import Outside
from paranad.queue.model import NewJob, Origin
from paranad.said import Said, plain
from paranad.schedule.entries import Entry
from paranad.shipments import reasons
from paranad.shipments.journal import Journal
from paranad.shipments.request import ShipmentPrice
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.tables import failed_jobs
from paranad.standby.service import Standby
from paranad.store.file import Store
from paranad.store.writer import Kind
from tests.schedule.bench import Bench
from tests.schedule.bench import running as scheduling
from tests.support.clock import ManualClock
from tests.support.queue import Line, Seen, fail_for_good

ZONE = ZoneInfo("Asia/Baghdad")
PHONE = "+9647701234567"
Document = dict[str, Any]
NOT_WATCHED = ParcelsSection(
    stuck=0,
    returning=0,
    uninvoiced=0,
    price_differs=False,
    changed_after_sending=False,
    cancelled_but_alive=False,
)


def _run(connection: sqlite3.Connection, statements: Sequence[str]) -> Sequence[None]:
    for statement in statements:
        connection.execute(statement)
    return [None] * len(statements)


STATEMENT: Kind[str, None] = Kind(_run)


@dataclass
class OwnTasks:
    """What is known of tasks beside the schedule."""

    known: set[str] = field(default_factory=lambda: set(CATALOGUE))
    differing: set[str] = field(default_factory=set)
    """Each of their jobs does what its arguments say."""
    missing: dict[str, Said] = field(default_factory=dict)
    """Why the jobs of some wait."""

    def is_known(self, name: str) -> bool:
        return name in self.known

    def differ(self, name: str) -> bool:
        return name in self.differing

    async def off(self) -> Mapping[str, Said]:
        return self.missing


@dataclass
class AlertsHarness:
    """One daemon's alerts after the other, over one queue.db."""

    store: Store
    clock: ManualClock
    events: Events
    folder: Path
    shop: Shop
    away: Exception | None = None
    """What the shop's database answers; None: it answers well."""
    command: tuple[str, ...] = ()
    unshipped: Count | None = field(default_factory=lambda: Count(0, None, None, auto_create=True))
    """Orders without a shipment; None: the shop does not say."""
    address: str = ""
    """Where the heartbeat goes; empty: nowhere."""
    refusal: Said | None = None
    """Why that address does not take it; None: it does."""
    fetched: list[str] = field(default_factory=list)
    """Where heartbeats went."""
    own_tasks: OwnTasks = field(default_factory=OwnTasks)
    watched: ParcelsSection = NOT_WATCHED
    """What is watched of the parcels: nothing."""
    lacking: frozenset[int] | None = frozenset()
    """The orders without a shipment, however old; None: the shop does not say."""
    standby: Standby | None = None
    """How the machine stands among others; None: it is the only one."""

    def __post_init__(self) -> None:
        self.file = self.folder / "told"
        self.program = self.folder / "program"
        self.script(f"cat >> {self.file}")
        self.command = self.command or ("/bin/sh", str(self.program))
        self.seen = Seen(self.events)
        self.line = Line(self.store, self.clock, self.events, scripts={CREATE_SHIPMENT.name: fail_for_good})
        self.journal = Journal(self.store, self.clock, Events())
        self.schedule = Bench(self.store, self.clock, self.events, ())
        rows, way = Backlog(self.shop), BySystemd(self.folder)
        self.on_demand = OnDemand(rows, lambda _: way, lambda: False, self.clock, self.events, zone=ZONE)
        self.limiter = Limiter(Rate(28, timedelta(seconds=30)), self.clock, self._nothing, self._nothing)
        self.breaker = Breaker(self.clock, self.events)
        self.read, self.shop.read = self.shop.read, self._read  # type: ignore[method-assign, assignment]

    def script(self, script: str) -> None:
        """Let the command be *script* from its next run on."""
        self.program.write_text(script)

    @property
    def settings(self) -> AlertSection:
        """What the daemon is configured to do: to tell in English by the command that keeps what it is told."""
        return AlertSection(command=self.command, language="en")

    async def start(self) -> None:
        """Make the alerts anew, as a started daemon does; its first look is taken."""
        heard = {"_hear", "hear"}
        left = [each for each in self.events.listeners if getattr(each[0], "__name__", "") not in heard]
        self.events.listeners.clear()
        for listener, kinds in left:
            self.events.listen(listener, kinds)
        await self.stop()
        self.outside = Outside(self.shop, self.limiter, self.breaker, MovedRows(self.shop), self.clock, self.events)
        self.parcels = ParcelWatch(self.shop, self.journal, self.watched, ShipmentPrice.TOTAL)
        self.heartbeat = Heartbeat(
            self.address, self.store, self.schedule.scheduler, self.clock, self.events, fetch=self._fetch
        )
        self.alerts = Alerts(
            self.store,
            self.line.jobs,
            self.line.workers,
            self.schedule.scheduler,
            self.outside,
            self.heartbeat,
            self.on_demand,
            self.own_tasks,
            self.parcels,
            self.standby,
            self.clock,
            self.events,
            zone=ZONE,
            settings=self.settings,
            late_orders=LateOrders(self._count, self._lacking, timedelta(minutes=30), ZONE),
        )
        await self.alerts.take_up()
        await self.alerts.look(is_first=True)

    async def stop(self) -> None:
        """End the question to the shop that may be under way."""
        if hasattr(self, "outside"):
            await self.outside.close()
            await self.parcels.close()

    async def use(self, *entries: Entry, lacks: Mapping[str, str] | None = None) -> None:
        """Schedule *entries* from now on; *lacks* says what the shop lacks for one of them."""
        self.schedule.lacks = {name: plain(what) for name, what in (lacks or {}).items()}
        self.schedule.scheduler.replace(entries)
        self.schedule.passed.clear()
        async with scheduling(self.schedule):
            pass

    async def look(self, after_s: float = 0.0) -> None:
        """Look, *after_s* seconds later."""
        await self.clock.advance(after_s)
        await self.alerts.look()

    async def minutes(self, count: int) -> None:
        """Look once a minute, as the daemon does."""
        for _ in range(count):
            await self.look(60)

    async def tell(self, after_s: float = 0.0) -> float:
        """Tell what may be told, *after_s* seconds later; return how long the daemon would wait."""
        await self.clock.advance(after_s)
        return await self.alerts.notifier.announce_due()

    async def told(self, after_s: float = 0.0) -> list[Document]:
        """Look and tell; return the documents that the command got since it was last asked."""
        await self.look(after_s)
        await self.tell()
        return self.documents()

    def documents(self) -> list[Document]:
        """Return the documents that the command got since it was last asked."""
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        self.file.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]

    async def hold(self, order_id: int, reason: str = "two courier orders fit") -> None:
        """Hold an order's shipment."""
        await self.journal.intend(order_id, f"P{order_id}-ABCD", PHONE, 25000)
        await self.journal.hold(order_id, reasons.SAID(text=reason))

    async def release(self, order_id: int) -> None:
        """Decide on a held shipment: it is sent again."""
        await self.journal.send_again(order_id)

    async def record(self, order_id: int) -> None:
        """Bring an order that was never sent to its shipment."""
        await self.journal.intend(order_id, f"P{order_id}-ABCD", PHONE, 25000)
        await self.journal.create(order_id, f"9{order_id}", frozenset({f"9{order_id}"}))
        await self.journal.record(order_id)

    async def fail(self, order_id: int) -> int:
        """Let an order's job fail for good; return the job."""
        new = NewJob(CREATE_SHIPMENT.name, {"order_id": order_id}, "high", Origin.SHOP, 3, timedelta(seconds=60))
        (job_id,) = await self.line.enqueue(new)
        await self.work(job_id)
        return job_id

    async def work(self, job_id: int, *, times: int = 1) -> None:
        """Let workers run until a job has failed so many times."""
        self.line = Line(self.store, self.clock, self.events, scripts={CREATE_SHIPMENT.name: fail_for_good})
        async with self.line.working():
            await self.seen("job.failed", job_id=job_id, times=times)

    async def succeed(self, name: str = "carts:expire") -> None:
        """Let a run of an entry of the schedule succeed now."""
        job_id = (await self.schedule.scheduler.run_now(name)).job_id
        await self.complete(job_id)

    async def complete(self, job_id: int) -> None:
        """Let a job be completed now."""
        now_us = to_us(self.clock.now())
        await self.sql(
            f"UPDATE jobs SET state = 'completed', started_at = {now_us}, finished_at = {now_us} WHERE id = {job_id}"
        )

    async def sql(self, statement: str) -> None:
        """Change a row as another room would."""
        await self.store.writer.write(STATEMENT, statement)

    async def rows(self, statement: str) -> list[sqlite3.Row]:
        return await self.store.reader.fetch(statement)

    def _read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        if self.away:
            raise self.away
        return self.read()

    async def _lacking(self, order_ids: Collection[int]) -> Collection[int] | None:
        return self.lacking if self.lacking is None else self.lacking & set(order_ids)

    async def _count(self) -> Count | None:
        return self.unshipped

    async def _fetch(self, url: str) -> Said | None:
        self.fetched.append(url)
        return self.refusal

    async def _nothing(self, *_: object) -> None:
        return None

    async def fail_rows(self, **reasons: str) -> None:
        """Let rows that cannot be read stand in the shop's `failed_jobs`, by their uuid."""
        row = {"connection": "database", "queue": "default", "payload": "{}", "failed_at": self.shop.now()}
        rows = [{**row, "uuid": uuid, "exception": UNREADABLE + reason} for uuid, reason in reasons.items()]
        async with self.shop.transaction() as connection:
            await connection.execute(insert(failed_jobs), rows)


def keys(documents: Sequence[Document]) -> list[tuple[str, str, str]]:
    """Return what each document is about."""
    return [(each["kind"], each["key"], each["state"]) for each in documents]
