"""Promotions that are over: switched off. A promotion still holds at the very second of its end."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, and_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.shop.database import Shop
from paranad.shop.tables import warehouse_promotions as promotions
from paranad.shop.times import is_before
from paranad.tasks.sweep import Sweep, housekeeping
from paranad.tasks.task import Context, NoArguments, Tally, Task


def promotions_expire(shop: Shop) -> Task[NoArguments]:
    """Build `promotions:expire`; discounts of single products are another matter and stay."""

    async def switch_off(connection: AsyncConnection, promotion: Row[Any]) -> None:
        off = update(promotions).where(promotions.c.id == promotion.id)
        await connection.execute(off.values(is_active=False, updated_at=shop.now()))

    async def work(context: Context) -> Tally:
        due = and_(promotions.c.is_active, is_before(shop, promotions.c.end_date, shop.now()))
        return await Sweep(shop, promotions, due, switch_off, [promotions.c.end_date]).run(context)

    return housekeeping("promotions:expire", "switch off promotions that are over", timedelta(seconds=60), work)
