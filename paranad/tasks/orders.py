"""Orders that have lain in the trash for thirty days: deleted for good, unless profit was booked on them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.shop.database import Shop
from paranad.shop.tables import investor_profits, order_items, orders, profit_records, return_items
from paranad.shop.times import is_before
from paranad.tasks.sweep import Sweep, housekeeping
from paranad.tasks.task import Context, NoArguments, Tally, Task

KEPT = timedelta(days=30)


def orders_delete_old_trashed(shop: Shop, *, delete_orders_with_profit: bool) -> Task[NoArguments]:
    """Build `orders:delete-old-trashed`; without *delete_orders_with_profit* such orders are skipped and named.

    The stock came back when the order was trashed, so nothing is added to it here. What the database deletes along
    with an order: its returns, exchanges, messages, courier history and profit rows; its shipments stay, unlinked.
    """

    async def remove(connection: AsyncConnection, order: Row[Any]) -> str | None:
        if not delete_orders_with_profit and (booked := await _profits(connection, order.id)):
            return f"{booked} would be deleted with it; [tasks] delete_orders_with_profit = true allows that"
        await connection.execute(delete(order_items).where(order_items.c.order_id == order.id))
        await connection.execute(delete(orders).where(orders.c.id == order.id))
        return None

    async def work(context: Context) -> Tally:
        await shop.check_clock()
        due = is_before(shop, orders.c.deleted_at, shop.now() - KEPT)
        return await Sweep(shop, orders, due, remove, [orders.c.deleted_at]).run(context)

    return housekeeping(
        "orders:delete-old-trashed", "delete orders trashed more than 30 days ago", timedelta(seconds=600), work
    )


async def _profits(connection: AsyncConnection, order_id: int) -> str:
    """Say how many profit rows would vanish with the order, directly or through its returns; empty: none."""
    returned = select(return_items.c.id).where(return_items.c.order_id == order_id)
    profit = or_(profit_records.c.order_id == order_id, profit_records.c.return_item_id.in_(returned))
    of_profit = select(profit_records.c.id).where(profit)
    investor = or_(investor_profits.c.order_id == order_id, investor_profits.c.profit_record_id.in_(of_profit))
    counts = {
        "profit_records": await _count(connection, profit_records, profit),
        "investor_profits": await _count(connection, investor_profits, investor),
    }
    return " and ".join(f"{count} {name}" for name, count in counts.items() if count)


async def _count(connection: AsyncConnection, table: FromClause, where: ColumnElement[bool]) -> int:
    return (await connection.execute(select(func.count()).select_from(table).where(where))).scalar_one()
