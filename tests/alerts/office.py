"""Alerts on the real store, with a real command that keeps what it is told; looks and tells when a test says so."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiosqlite

from paranad.alerts.service import Alerts
from paranad.bridge.unreadable import UnreadableRow
from paranad.catalogue import CREATE_SHIPMENT
from paranad.events.event import Events
from paranad.queue.model import NewJob, Origin
from paranad.said import plain
from paranad.schedule.cron import parse
from paranad.schedule.entries import Entry
from paranad.schedule.loop import EntryView
from paranad.shipments import reasons
from paranad.shipments.journal import Journal
from paranad.store.file import Store
from paranad.store.writer import Kind
from tests.support.clock import ManualClock
from tests.support.queue import Line, Seen, fail_for_good

ZONE = ZoneInfo("Asia/Baghdad")
PHONE = "+9647701234567"
Document = dict[str, Any]


async def _run(connection: aiosqlite.Connection, statements: Sequence[str]) -> Sequence[None]:
    for statement in statements:
        await connection.execute_fetchall(statement)
    return [None] * len(statements)


STATEMENT: Kind[str, None] = Kind(_run)


def entry(name: str = "carts:expire", cron: str = "* * * * *", **more: Any) -> Entry:
    return replace(Entry(name, name, parse(cron, ZONE)), **more)


def view(entry: Entry, *, paused: bool = False, off: str | None = None) -> EntryView:
    why = plain(off) if off else None
    return EntryView(entry, paused=paused, last=None, last_job_state=None, next_at=None, off=why)


@dataclass
class Office:
    """One daemon's alerts after the other, over one queue.db."""

    store: Store
    clock: ManualClock
    events: Events
    folder: Path
    entries: list[EntryView] = field(default_factory=list)
    resting: set[str] = field(default_factory=set)
    shop: Exception | None = None
    rows_unreadable: list[UnreadableRow] = field(default_factory=list)
    command: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.file = self.folder / "told"
        self.command = self.command or ("/bin/sh", "-c", f"cat >> {self.file}")
        self.seen = Seen(self.events)
        self.line = Line(self.store, self.clock, self.events, scripts={CREATE_SHIPMENT.name: fail_for_good})
        self.journal = Journal(self.store, self.clock, Events())

    async def start(self) -> None:
        """Make the alerts anew, as a started daemon does; its first look is taken."""
        self.events.listeners = [each for each in self.events.listeners if getattr(each, "__name__", "") != "_hear"]
        self.alerts = Alerts(
            self.store,
            self.clock,
            self.events,
            zone=ZONE,
            command=self.command,
            views=self._views,
            at_rest=lambda entry: entry.name in self.resting,
            ask_shop=self._ask_shop,
            unreadable=self._ask_rows,
        )
        await self.alerts._take_up()
        await self.alerts._look(is_first=True)

    async def stop(self) -> None:
        await self.alerts._shop.close()
        await self.alerts._rows.close()

    async def look(self, after_s: float = 0.0) -> None:
        """Look, *after_s* seconds later."""
        await self.clock.advance(after_s)
        await self.alerts._look(is_first=False)

    async def minutes(self, count: int) -> None:
        """Look once a minute, as the daemon does."""
        for _ in range(count):
            await self.look(60)

    async def tell(self, after_s: float = 0.0) -> float:
        """Tell what may be told, *after_s* seconds later; return how long the daemon would wait."""
        await self.clock.advance(after_s)
        return await self.alerts._teller._turn()

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

    async def sql(self, statement: str) -> None:
        """Change a row as another room would."""
        await self.store.writer.write(STATEMENT, statement)

    async def rows(self, statement: str) -> list[sqlite3.Row]:
        return await self.store.reader.fetch(statement)

    async def _views(self) -> list[EntryView]:
        return self.entries

    async def _ask_shop(self) -> None:
        if self.shop:
            raise self.shop

    async def _ask_rows(self) -> Sequence[UnreadableRow]:
        await self._ask_shop()
        return self.rows_unreadable


def keys(documents: Sequence[Document]) -> list[tuple[str, str, str]]:
    """Return what each document is about."""
    return [(each["kind"], each["key"], each["state"]) for each in documents]
