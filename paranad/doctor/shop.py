"""What the daemon can tell of the shop: its database, tables and clock, whether its work comes here, its settings."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial

from sqlalchemy import Executable, delete, false, insert, literal, select, update

from paranad.bridge.loop import Bridge, Mode
from paranad.clock import Clock
from paranad.configuration.addresses import DATABASE_KEY
from paranad.configuration.settings import TasksSection
from paranad.control.schemas import DoctorCheck
from paranad.doctor.bounds import Findings, Look, bounded
from paranad.doctor.findings import found
from paranad.doctor.settings import settings_findings
from paranad.events import Events
from paranad.queue.jobs import Jobs
from paranad.shop.database import CLOCK_LIMIT, Shop
from paranad.shop.errors import (
    ShopBadRow,
    ShopBusy,
    ShopError,
    ShopNotGranted,
    ShopReadOnly,
    ShopServerReadOnly,
    ShopUnexpectedSchema,
)
from paranad.shop.schema import columns_of, ever_used
from paranad.shop.settings import read_settings
from paranad.shop.tables import alwaseet_shipments, failed_jobs, jobs, metadata

LATER = frozenset(
    {
        "alwaseet_order_statuses",
        "conversations",
        "exchange_items",
        "fcm_tokens",
        "messages",
        "notifications",
        "product_movements",
        "sweet_alerts",
        "user_telegram_chats",
    }
)
"""Tables that only a later shop has, or that only its later tasks need."""
OF_THE_QUEUE = frozenset({jobs.name, failed_jobs.name})
CHANGES: dict[str, tuple[Executable, ...]] = {
    "shipments": (
        update(alwaseet_shipments).where(false()).values(order_id=None),
        insert(alwaseet_shipments).from_select(["alwaseet_order_id"], select(literal("")).where(false())),
    ),
    "queue": (
        update(jobs).where(false()).values(reserved_at=None),
        delete(jobs).where(false()),
        delete(failed_jobs).where(false()),
        insert(failed_jobs).from_select(["uuid"], select(literal("")).where(false())),
    ),
}
"""Statements that change no row, and that a server refuses all the same where the right to them is missing."""
NAMED = 8
"""How many missing tables and columns are named."""
LIMIT_S = 12.0
"""Longer than the database itself may take to be reached."""
DRIFT = timedelta(seconds=30)


class ShopCheckup:
    """Looks at the shop."""

    def __init__(self, shop: Shop, bridge: Bridge, jobs: Jobs, clock: Clock, events: Events) -> None:
        self.shop, self.bridge, self.jobs, self.clock, self.events = shop, bridge, jobs, clock, events
        self.place = DATABASE_KEY

    async def look(self, tasks: TasksSection, place: str = DATABASE_KEY) -> Findings:
        """Look at everything, one after the other; at nothing more where the database does not answer.

        *place* is where the database's address is set.
        """
        self.place = place
        reached = await self._asked("shop-database", self._reach)
        if any(finding.outcome == "failed" for finding in reached):
            return reached

        parts: dict[str, Look] = {
            "shop-rights": self._rights,
            "shop-tables": self._tables,
            "shop-clock": self._clock,
            "shop-queue": self._queue,
            "shop-failed": self._failed,
            "setting-shipments": partial(self._settings, tasks),
        }
        return [*reached, *[finding for check, look in parts.items() for finding in await self._asked(check, look)]]

    async def _asked(self, check: str, look: Look) -> Findings:
        async def explained() -> Findings:
            try:
                return await look()
            except ShopError as error:
                return [self._in_words(error)]

        return await bounded(check, explained, LIMIT_S, self.events)

    async def _reach(self) -> Findings:
        began_s = self.clock.monotonic()
        async with self.shop.read():
            took_ms = round((self.clock.monotonic() - began_s) * 1000)
        async with self.shop.transaction(dry_run=True):  # a file that may not be written refuses the lock
            pass
        return [found("shop-reachable", took_ms=took_ms)]

    async def _rights(self) -> Findings:
        """Try what the daemon changes; a table that is missing is told elsewhere."""
        findings = list[DoctorCheck]()
        for change in self._changes():
            try:
                async with self.shop.transaction(dry_run=True) as connection:
                    await connection.execute(change)
            except ShopNotGranted as error:
                findings.append(self._in_words(error))
            except (ShopReadOnly, ShopBusy) as error:
                return [*findings, self._in_words(error)]
            except (ShopUnexpectedSchema, ShopBadRow):  # the right is there: a server looks at that first
                continue
        return findings or [found("shop-rights-good")]

    def _changes(self) -> Iterator[Executable]:
        yield from CHANGES["shipments"]
        if self.bridge.state.mode is not Mode.OFF:
            yield from CHANGES["queue"]

    async def _tables(self) -> Findings:
        async with self.shop.read() as connection:
            present = await columns_of(connection)
        missing, older = list[str](), list[str]()
        for name, table in metadata.tables.items():
            if name in OF_THE_QUEUE:
                continue
            if name not in present:
                (older if name in LATER else missing).append(name)
            else:
                absent = [column for column in table.columns.keys() if column.lower() not in present[name]]  # noqa: SIM118
                missing += [f"{name}.{column}" for column in absent]
        findings = [
            found(code, missing=_some(lacking), place=self.place)
            for code, lacking in (("shop-tables-missing", missing), ("shop-tables-older", older))
            if lacking
        ]
        return findings or [found("shop-tables-good", count=len(metadata.tables) - len(OF_THE_QUEUE))]

    async def _clock(self) -> Findings:
        apart = await self.shop.clock_apart()
        if apart is None:
            return [found("shop-clock-same")]
        code, limit = ("shop-clock-off", CLOCK_LIMIT) if apart > CLOCK_LIMIT else ("shop-clock-drifts", DRIFT)
        code = code if apart > DRIFT else "shop-clock-good"
        return [found(code, apart_s=f"{apart.total_seconds():.0f}", limit_s=f"{limit.total_seconds():.0f}")]

    async def _queue(self) -> Findings:
        """Guess the shop's QUEUE_CONNECTION by what became of its `jobs` table."""
        if self.bridge.state.mode is Mode.OFF:
            return [found("shop-queue-off")]
        last_at = await self.jobs.last_delivery("laravel")
        async with self.shop.read() as connection:
            present = await columns_of(connection)
            lacking = sorted(OF_THE_QUEUE - set(present))
            used = not lacking and (await ever_used(connection, jobs) or await ever_used(connection, failed_jobs))
        if lacking:
            return [found("shop-queue-no-table", missing=", ".join(lacking))]
        if not (used or last_at):
            return [found("shop-queue-never")]
        if self.bridge.left or not self.bridge.state.active:
            return self._left_there()
        local = last_at and last_at.astimezone(self.shop.zone)
        return [found("shop-queue-used", at=f"{local:%Y-%m-%d %H:%M:%S}") if local else found("shop-queue-seen")]

    async def _failed(self) -> Findings:
        """Look at what stands in the shop's `failed_jobs`, or should; a shop without that table was told already."""
        findings = []
        if self.bridge.trouble:
            findings.append(found("shop-failed-not-written", reason=self.bridge.trouble))
        with suppress(ShopUnexpectedSchema):
            if rows := await self.bridge.unreadable.look():
                last = rows[-1]
                findings.append(found("shop-rows-unreadable", rows=len(rows), uuid=last.uuid, reason=last.reason))
            findings = findings or [found("shop-rows-readable")]
        return findings

    def _left_there(self) -> Findings:
        findings = [found("shop-queue-left", rows=self.bridge.left.total())] if self.bridge.left else []
        state = self.bridge.state
        if state.error is not None:
            findings.append(self._in_words(state.error))
        elif not state.active:
            findings.append(found("shop-queue-not-taken", reason=state.reason))
        return findings

    async def _settings(self, tasks: TasksSection) -> Findings:
        async with self.shop.read() as connection:
            return settings_findings(await read_settings(connection), tasks)

    def _in_words(self, error: ShopError) -> DoctorCheck:
        """Return what *error* of the shop's database is for a person, with the cure of its kind."""
        match error:
            case ShopUnexpectedSchema():
                return found("shop-tables-missing", missing=error.missing, place=self.place)
            case ShopNotGranted():
                right = error.right or "ALL"
                return found("shop-right-missing", reason=error.reason, right=right, on=error.on)
            case ShopServerReadOnly():
                return found("shop-server-read-only", reason=error.reason, place=self.place)
            case ShopReadOnly():
                return found("shop-read-only", reason=error.reason)
            case ShopBusy():
                return found("shop-busy", reason=error.reason)
            case _:
                return found("shop-unreachable", reason=getattr(error, "reason", error), place=self.place)


def _some(names: list[str]) -> str:
    more = f", … (+{len(names) - NAMED})" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
