"""How many shipments have which status: counted once, and published in the cache that the shop's pages read first.

Source: shop contract, "UpdateStatusCountsJob".
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, case, exists, func, not_, or_, select

from paranad.catalogue import UPDATE_STATUS_COUNTS
from paranad.queue.model import Completed, Outcome
from paranad.said import Sentence
from paranad.shop.cache import ShopCache, Value
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.statements import is_unset
from paranad.shop.tables import alwaseet_order_statuses, alwaseet_shipments, orders, users
from paranad.tasks.task import Context, NoArguments, PlainTask, Tally

TTL = timedelta(minutes=20)
"""Longer than the quarter of an hour until the next run."""
AMOUNTS = (orders.c.total_amount, orders.c.delivery_fee_at_confirmation)
UNREADABLE = Sentence(
    "order.no_amount", "{total} or {fee}: expected an amount; it counts as 0 in the amounts until it is corrected"
)
MOST_DINARS = 10**12
NO_CACHE = Sentence("config.no_cache", "[shop] cache_dir is empty: the shop's pages count for themselves")


class UpdateStatusCounts(PlainTask):
    """`alwaseet:update-status-counts`: counts the shipments of confirmed orders, for each delegate and for all."""

    facts = UPDATE_STATUS_COUNTS

    def __init__(self, shop: Shop, cache: ShopCache) -> None:
        self.shop, self.cache = shop, cache

    async def run(self, context: Context, _: NoArguments) -> Outcome:
        """Count, and publish each count under the shop's own key; a key that cannot be written spares the others."""
        tally = Tally()
        if self.cache.directory is None:
            tally.skip("counts", NO_CACHE())
            return Completed(tally.as_json())
        async with self.shop.read() as connection:
            values = await _values(connection, self.shop)
            for order_id in await _unreadable(connection, self.shop):
                tally.fail(f"order {order_id}", UNREADABLE(total=str(AMOUNTS[0]), fee=str(AMOUNTS[1])))
        failed = {} if context.dry_run else await self.cache.publish(values, TTL)
        tally.looked_at = len(values)
        for key in values:
            if key in failed:
                tally.fail(f"cache key {key}", failed[key])
            else:
                tally.touch(f"cache key {key}")
        return Completed(tally.as_json())


async def _values(connection: AsyncConnection, shop: Shop) -> dict[str, Value]:
    """Return what is published, by key: maps from each known status to a count, or to an amount of dinars."""
    statuses = (await connection.execute(select(alwaseet_order_statuses.c.status_id))).scalars().all()
    delegates = (await connection.execute(select(users.c.id).where(users.c.role == "delegate"))).scalars().all()
    # Every known status appears, those without a shipment too.
    nothing = dict.fromkeys(statuses, 0)
    own = {delegate_id: dict(nothing) for delegate_id in delegates}
    counts, amounts = dict(nothing), dict[str, float]()
    for row in await _groups(connection, shop):
        for each in (counts, own.get(row.delegate_id, {})):
            each[row.status_id] = each.get(row.status_id, 0) + row.shipments
        amounts[row.status_id] = amounts.get(row.status_id, 0.0) + float(row.amount)
    return {
        **{f"delegate_all_status_counts_{delegate_id}": each for delegate_id, each in own.items()},
        "admin_all_status_counts": counts,
        "admin_all_status_amounts": {**nothing, **amounts},
    }


async def _groups(connection: AsyncConnection, shop: Shop) -> list[Any]:
    """Return the shipments of confirmed orders that are not in the trash, by delegate and status."""
    table, order = alwaseet_shipments.c, orders.c
    amount = _amount(shop, order.total_amount) + _amount(shop, order.delivery_fee_at_confirmation)
    grouped = (
        select(order.delegate_id, table.status_id, func.count().label("shipments"), func.sum(amount).label("amount"))
        .select_from(orders.join(alwaseet_shipments, table.order_id == order.id))
        .where(_counted(shop))
        .group_by(order.delegate_id, table.status_id)
    )
    return list(await connection.execute(grouped))


def _counted(shop: Shop) -> ColumnElement[bool]:
    return and_(orders.c.status == "confirmed", is_unset(shop, orders.c.deleted_at))


def _amount(shop: Shop, column: Column[Decimal]) -> ColumnElement[Any]:
    """Return *column* as what can be added; what is no amount counts as nothing, and its order is named."""
    readable = case((_is_amount(column), column), else_=0) if shop.types_are_hints else column
    return func.coalesce(readable, 0)


def _is_amount(column: Column[Decimal]) -> ColumnElement[bool]:
    """Tell whether SQLite has a number of use in *column*, or nothing."""
    number = and_(func.typeof(column).in_(("integer", "real")), func.abs(column) < MOST_DINARS)
    return or_(column.is_(None), number)


async def _unreadable(connection: AsyncConnection, shop: Shop) -> Sequence[int]:
    """Return the orders whose amounts cannot be added; a server's columns hold amounts alone."""
    if not shop.types_are_hints:
        return ()
    good = and_(*(_is_amount(column) for column in AMOUNTS))
    shipped = exists().where(alwaseet_shipments.c.order_id == orders.c.id)
    wanted = select(orders.c.id).where(_counted(shop), shipped, not_(good)).order_by(orders.c.id)
    return (await connection.execute(wanted)).scalars().all()
