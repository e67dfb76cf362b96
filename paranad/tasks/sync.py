"""Sync: the courier's orders into the shop's alwaseet_shipments, with a row in its sync log."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator
from sqlalchemy import delete, insert, update

from paranad.catalogue import SYNC_ORDERS
from paranad.courier.client import Courier
from paranad.courier.errors import CourierLimited
from paranad.courier.models import OrderList
from paranad.mirror.known import QrIds
from paranad.mirror.policy import SYNC
from paranad.mirror.write import Written, write
from paranad.numbers import is_day
from paranad.queue.model import Completed, Json, Origin, Outcome
from paranad.record import record
from paranad.said import Sentence
from paranad.shipments.service import Shipments
from paranad.shipments.settle import CourierList
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.shop.statements import is_unset
from paranad.shop.tables import alwaseet_sync_logs
from paranad.tasks.mirroring import CHUNK, details_of, tally_of
from paranad.tasks.notices import Notices
from paranad.tasks.task import Arguments, Context, Task

NO_ID_OR_DATE = Sentence("courier.row_without_id_or_date", "the row has no id, or no date to filter by")
DEAD = "the sync that wrote this row was ended before it could close it"


def _text(value: object) -> object:
    """Take a number as text, and an empty text as nothing: the shop's jobs hold either."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return (value.strip() or None) if isinstance(value, str) else value


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text:
        return None
    if is_day(text):
        with suppress(ValueError):
            return date.fromisoformat(text)
    raise ValueError("expected a day such as 2026-03-02")


StatusId = Annotated[Annotated[str, Field(pattern=r"^[0-9]{1,10}$")] | None, BeforeValidator(_text)]
Day = Annotated[date | None, BeforeValidator(_day)]


class SyncArguments(Arguments):
    """Which orders: all, or by status and by day of creation."""

    status_id: StatusId = Field(default=None, description="only orders of this courier status")
    date_from: Day = Field(default=None, description="only orders created on this day or later")
    date_to: Day = Field(default=None, description="only orders created on this day or earlier")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise ValueError("expected date_from on or before date_to")
        return self

    @property
    def filtered(self) -> bool:
        """Whether anything is left out."""
        return any((self.status_id, self.date_from, self.date_to))


@record
class FirstSync:
    """The daemon's very first sync: the shop's rows may be old, and everyone would be told of everything at once."""

    notify: bool
    """Whether its differences are told all the same."""
    load: Callable[[], Awaitable[datetime | None]]
    """Return when the first sync was done, over restarts; None: none was."""
    save: Callable[[datetime], Awaitable[None]]

    async def tells(self, context: Context) -> bool:
        """Tell whether notices are sent: those enqueued before the first one was done belong to it."""
        done_at = await self.load()
        return self.notify or (done_at is not None and context.enqueued_at >= done_at)

    async def done(self, context: Context) -> None:
        """Keep when the first sync was done; a later one changes nothing."""
        if await self.load() is None:
            await self.save(context.clock.now())


class SyncOrders(Task[SyncArguments]):
    """`alwaseet:sync-orders`: brings the courier's orders into the shop."""

    facts = SYNC_ORDERS
    arguments = SyncArguments

    def __init__(self, shop: Shop, courier: Courier, shipments: Shipments, first: FirstSync, notices: Notices) -> None:
        self.shop, self.courier, self.shipments, self.first = shop, courier, shipments, first
        self.notices = notices

    def args_of_past(self, occurrence: datetime) -> Mapping[str, Json]:
        """Return the filter of the orders created on the day of *occurrence*."""
        day = occurrence.date().isoformat()
        return {"date_from": day, "date_to": day}

    async def run(self, context: Context, args: SyncArguments) -> Outcome:
        """Fetch one list, settle unclear shipments by it, write it in chunks; each attempt has its own log row."""
        if context.dry_run:
            return Completed({"request": {"path": "merchant-orders", **_filters(args)}})
        log_id = await self._begin(context, args)
        try:
            orders = await self._fetch(context, args)
            written = await self._write(context, orders)
        # A wait for the courier's rate is no sync that failed: the shop's page shows no row for it.
        except CourierLimited:
            await self._unlog(log_id)
            raise
        except Exception as error:
            with suppress(ShopError):
                await self._close(log_id, status="failed", error_message=str(error) or type(error).__name__)
            raise
        await self._close(log_id, **_counts(written))
        await self.first.done(context)
        tally = tally_of(len(orders) + orders.skipped, written)
        return Completed(tally.as_json(created=written.created, **details_of(written)))

    async def _fetch(self, context: Context, args: SyncArguments) -> OrderList:
        asked_at = context.clock.now()
        orders = await self.courier.merchant_orders(
            owner=f"job:{context.job_id}", status_id=args.status_id, date_from=args.date_from, date_to=args.date_to
        )
        await self.shipments.settle_from(CourierList(orders, asked_at, filtered=args.filtered))
        return orders

    async def _write(self, context: Context, orders: OrderList) -> Written:
        written, qr_ids, done = Written(), QrIds(), 0
        tell = self.notices.told_by(context) if await self.first.tells(context) else None
        if orders.skipped:
            written.failed += [("unknown", NO_ID_OR_DATE())] * orders.skipped
        for chunk in orders.handed_over(CHUNK):
            written.add(await write(self.shop, chunk, SYNC, qr_ids, tell=tell))
            done += len(chunk)
            context.progress(done, len(orders))
        return written

    async def _begin(self, context: Context, args: SyncArguments) -> int:
        """Open this attempt's log row, and close the rows that a dead daemon left open."""
        now = self.shop.now()
        values = {
            "type": "automatic" if context.origin is Origin.SCHEDULE else "manual",
            "status": "success",
            "filters": _filters(args),
            "started_at": now,
            "created_at": now,
            "updated_at": now,
        }

        async def work(connection: AsyncConnection) -> int:
            table = alwaseet_sync_logs.c
            # Longer open than a sync may run: its daemon ended before it could close the row.
            dead = (is_unset(self.shop, table.completed_at), table.started_at < now - self.facts.timeout)
            closing = {"status": "failed", "error_message": DEAD, "completed_at": now, "updated_at": now}
            await connection.execute(update(alwaseet_sync_logs).where(*dead).values(closing))
            result = await connection.execute(insert(alwaseet_sync_logs).values(values))
            return int((result.inserted_primary_key or [0])[0])

        return await self.shop.in_transaction(work)

    async def _close(self, log_id: int, **values: Json) -> None:
        now = self.shop.now()
        closing = update(alwaseet_sync_logs).where(alwaseet_sync_logs.c.id == log_id)

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(closing.values(**values, completed_at=now, updated_at=now))

        await self.shop.in_transaction(work)

    async def _unlog(self, log_id: int) -> None:
        """Remove the row of an attempt that only waited for the courier's rate."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(alwaseet_sync_logs).where(alwaseet_sync_logs.c.id == log_id))

        await self.shop.in_transaction(work)


def _filters(args: SyncArguments) -> dict[str, str | None]:
    """Return the filters as the shop's log holds them."""
    days = {"date_from": args.date_from, "date_to": args.date_to}
    return {"status_id": args.status_id, **{name: day.isoformat() if day else None for name, day in days.items()}}


def _counts(written: Written) -> dict[str, Json]:
    synced, failed = written.created + written.known, len(written.failed)
    return {
        "orders_synced": synced,
        "orders_created": written.created,
        "orders_updated": written.known,
        "orders_failed": failed,
        "status": "success" if not failed else "partial" if synced else "failed",
    }
