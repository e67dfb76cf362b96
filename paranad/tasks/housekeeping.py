"""Keeping the shop tidy: what is over is switched off, put into the trash or deleted; what is missing is filled in.

Promotions, product links, trashed orders, old notices and messages, silent devices, missing status history.
Source: shop contract, "app:cleanup-old-data", "fcm:cleanup" and "alwaseet:seed-status-history".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Row,
    String,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)

from paranad.catalogue import (
    CLEANUP_OLD_DATA,
    FCM_CLEANUP,
    ORDERS_DELETE_OLD_TRASHED,
    PRODUCT_LINKS_DELETE_EXPIRED,
    PROMOTIONS_EXPIRE,
    SEED_STATUS_HISTORY,
)
from paranad.mirror.rows import SEEDED
from paranad.numbers import as_number
from paranad.queue.model import Completed, Outcome
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shop.columns import time_of
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.settings import read_settings
from paranad.shop.statements import is_before, is_unset
from paranad.shop.tables import (
    alwaseet_order_status_history,
    alwaseet_shipments,
    fcm_tokens,
    investor_profits,
    messages,
    notifications,
    order_items,
    orders,
    product_links,
    profit_records,
    return_items,
)
from paranad.shop.tables import warehouse_promotions as promotions
from paranad.tasks.sweep import Housekeeping, Sweep
from paranad.tasks.task import Arguments, Context, Tally, Task
from paranad.wording import AND, joined, quotable

SECOND = timedelta(seconds=1)
"""A product link is due from the second on in which its time is over."""
TRASHED_FOR = timedelta(days=30)
"""How long a trashed order is kept."""
KEPT = timedelta(hours=24)
"""How long notifications and messages are kept."""
BATCH = 500
"""Rows deleted in one transaction."""
OF_HISTORY = ("order_id", "status_id", "status", "alwaseet_updated_at", "updated_at", "created_at")
"""What a row of the history is made of."""

PROFIT_BOOKED = Sentence(
    "order.profit_booked", "{booked} would be deleted with it; [tasks] delete_orders_with_profit = true allows that"
)
ROWS = Sentence("shop.rows_of", "{rows} {table}")
NO_TIME = Sentence("shop.no_time", '{column}: expected a time such as 2026-03-02 12:00:00, got "{got}"')


class PromotionsExpire(Housekeeping):
    """`promotions:expire`: a promotion still holds at the very second of its end; single discounts stay."""

    facts = PROMOTIONS_EXPIRE

    async def work(self, context: Context) -> Tally:
        """Switch off the promotions that are over."""
        shop = self.shop
        due = and_(promotions.c.is_active, is_before(shop, promotions.c.end_date, shop.now()))
        return await Sweep(shop, promotions, due, self._switch_off, [promotions.c.end_date]).run(context)

    async def _switch_off(self, connection: AsyncConnection, promotion: Row[Any]) -> None:
        off = update(promotions).where(promotions.c.id == promotion.id)
        await connection.execute(off.values(is_active=False, updated_at=self.shop.now()))


class ProductLinksDeleteExpired(Housekeeping):
    """`product-links:delete-expired`: how long a link lives is the shop's setting, read at each run."""

    facts = PRODUCT_LINKS_DELETE_EXPIRED

    async def work(self, context: Context) -> Tally:
        """Put the links past their time into the trash, as the shop itself does; the rows stay."""
        shop = self.shop
        await shop.check_clock()
        async with shop.read() as connection:
            duration = (await read_settings(connection)).product_link_duration
        column, young_from = product_links.c.created_at, shop.now() - duration + SECOND
        due = and_(is_unset(shop, product_links.c.deleted_at), is_before(shop, column, young_from))
        return await Sweep(shop, product_links, due, self._trash, [column]).run(context)

    async def _trash(self, connection: AsyncConnection, link: Row[Any]) -> None:
        now = self.shop.now()
        gone = update(product_links).where(product_links.c.id == link.id)
        await connection.execute(gone.values(deleted_at=now, updated_at=now))


class OrdersDeleteOldTrashed(Housekeeping):
    """`orders:delete-old-trashed`: orders that have been in the trash for 30 days.

    The stock came back when the order was trashed, so nothing is added to it here. The database deletes along with an
    order its returns, exchanges, messages, courier history and profit rows; its shipments stay, unlinked.
    """

    facts = ORDERS_DELETE_OLD_TRASHED

    def __init__(self, shop: Shop, *, delete_orders_with_profit: bool) -> None:
        """Without *delete_orders_with_profit*, orders on which profit was booked are skipped and named."""
        super().__init__(shop)
        self.delete_orders_with_profit = delete_orders_with_profit

    async def work(self, context: Context) -> Tally:
        """Delete each with its items, for good."""
        await self.shop.check_clock()
        due = is_before(self.shop, orders.c.deleted_at, self.shop.now() - TRASHED_FOR)
        return await Sweep(self.shop, orders, due, self._remove, [orders.c.deleted_at]).run(context)

    async def _remove(self, connection: AsyncConnection, order: Row[Any]) -> Said | None:
        if not self.delete_orders_with_profit and (booked := await _profits(connection, order.id)):
            return PROFIT_BOOKED(booked=booked)
        await connection.execute(delete(order_items).where(order_items.c.order_id == order.id))
        await connection.execute(delete(orders).where(orders.c.id == order.id))
        return None


async def _profits(connection: AsyncConnection, order_id: int) -> Said | None:
    """Say how many profit rows would vanish with the order, directly or through its returns; None: none would."""
    returned = select(return_items.c.id).where(return_items.c.order_id == order_id)
    profit = or_(profit_records.c.order_id == order_id, profit_records.c.return_item_id.in_(returned))
    of_profit = select(profit_records.c.id).where(profit)
    investor = or_(investor_profits.c.order_id == order_id, investor_profits.c.profit_record_id.in_(of_profit))
    counts = {
        "profit_records": await _count(connection, profit_records, profit),
        "investor_profits": await _count(connection, investor_profits, investor),
    }
    booked = [ROWS(rows=count, table=name) for name, count in counts.items() if count]
    return joined(booked, AND) if booked else None


async def _count(connection: AsyncConnection, table: FromClause, where: ColumnElement[bool]) -> int:
    return (await connection.execute(select(func.count()).select_from(table).where(where))).scalar_one()


class CleanupOldData(Housekeeping):
    """`app:cleanup-old-data`: files that a message names stay on the shop's disk, as with the shop's own task."""

    facts = CLEANUP_OLD_DATA

    async def work(self, context: Context) -> Tally:
        """Delete notifications and messages older than a day."""
        # A wrong clock would delete what is young: the two clocks are compared before anything is deleted by time.
        await self.shop.check_clock()
        tally, before = Tally(), self.shop.now() - KEPT
        for table in (notifications, messages):
            await Purge(self.shop, table, table.c.created_at, before).run(context, tally)
        return tally


class FcmCleanupArguments(Arguments):
    """For how many days a device may be silent."""

    days: Annotated[int, BeforeValidator(as_number), Field(ge=1, le=36500)] = Field(
        default=60, description="for how many days a device may be silent"
    )


class FcmCleanup(Task[FcmCleanupArguments]):
    """`fcm:cleanup`: deletes the push tokens of silent devices."""

    facts = FCM_CLEANUP
    arguments = FcmCleanupArguments

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def run(self, context: Context, args: FcmCleanupArguments) -> Outcome:
        """Delete the tokens that were not renewed for *args.days*."""
        await self.shop.check_clock()
        tally, before = Tally(), self.shop.now() - timedelta(days=args.days)
        await Purge(self.shop, fcm_tokens, fcm_tokens.c.updated_at, before).run(context, tally)
        return Completed(tally.as_json())


@record
class Purge:
    """Deletes every row of *table* whose *column* is before a time, a batch at a time, advancing by id."""

    shop: Shop
    table: Table
    column: Column[datetime]
    before: datetime

    async def run(self, context: Context, tally: Tally) -> None:
        """Delete the rows and count them in *tally*; an error passes through, with the batches before it committed."""
        after = 0
        while ids := await self._page(after):
            gone, unreadable = await self.shop.in_transaction(partial(self._delete, ids), dry_run=context.dry_run)
            what = self.table.name.removesuffix("s").replace("_", " ")
            for row_id in gone:
                tally.touch(f"{what} {row_id}")
            for row_id, reason in unreadable.items():
                tally.fail(f"{what} {row_id}", reason)
            tally.looked_at += len(ids)
            context.progress(tally.changed, None)
            after = ids[-1]

    async def _page(self, after: int) -> Sequence[int]:
        row_id = self.table.c.id
        page = select(row_id).where(self._due(), row_id > after).order_by(row_id).limit(BATCH)
        async with self.shop.read() as connection:
            return (await connection.execute(page)).scalars().all()

    async def _delete(
        self, ids: Sequence[int], connection: AsyncConnection
    ) -> tuple[Sequence[int], Mapping[int, Said]]:
        """Delete those of *ids* that are still due; return them, and why others cannot be told.

        They are locked by id, so that no new row has to wait.
        """
        row_id, time = self.table.c.id, type_coerce(self.column, String).label("time")
        locked = await connection.execute(select(row_id, time).where(row_id.in_(ids), self._due()).with_for_update())
        due, unreadable = list[int](), dict[int, Said]()
        for row in locked:
            try:
                time_of(row.time)
            except ValueError:
                got = quotable(str(row.time))
                unreadable[row.id] = NO_TIME(column=str(self.column), got=got)
            else:
                due.append(row.id)
        await connection.execute(delete(self.table).where(row_id.in_(due)))
        return due, unreadable

    def _due(self) -> ColumnElement[bool]:
        return is_before(self.shop, self.column, self.before)


class SeedStatusHistory(Housekeeping):
    """`alwaseet:seed-status-history`: a second run finds nothing to do."""

    facts = SEED_STATUS_HISTORY

    async def work(self, context: Context) -> Tally:
        """Write where each shipment without history stands now."""
        history, table = alwaseet_order_status_history, alwaseet_shipments
        known = exists().where(history.c.shipment_id == table.c.id, history.c.status_id == table.c.status_id)
        due = and_(table.c.order_id.is_not(None), table.c.status_id.is_not(None), ~known)
        return await Sweep(self.shop, table, due, self._seed, [table.c[name] for name in OF_HISTORY]).run(context)

    async def _seed(self, connection: AsyncConnection, shipment: Row[Any]) -> None:
        now = self.shop.now()
        values = {
            "order_id": shipment.order_id,
            "shipment_id": shipment.id,
            "status_id": shipment.status_id,
            "status_text": shipment.status,
            "changed_at": shipment.alwaseet_updated_at or shipment.updated_at or shipment.created_at or now,
            "changed_by": SEEDED,
            "metadata": {"seeded_from_existing": True},
            "created_at": now,
            "updated_at": now,
        }
        await connection.execute(insert(alwaseet_order_status_history).values(values))
