"""Product links past their time: put into the trash, as the shop itself does; the row stays."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, and_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.shop.database import Shop
from paranad.shop.settings import read_settings
from paranad.shop.tables import product_links
from paranad.shop.times import is_before, is_unset
from paranad.tasks.sweep import Sweep, housekeeping
from paranad.tasks.task import Context, NoArguments, Tally, Task

SECOND = timedelta(seconds=1)
"""A link is due from the second on in which its time is over."""


def product_links_delete_expired(shop: Shop) -> Task[NoArguments]:
    """Build `product-links:delete-expired`; how long a link lives is the shop's setting, read at each run."""

    async def trash(connection: AsyncConnection, link: Row[Any]) -> None:
        now = shop.now()
        gone = update(product_links).where(product_links.c.id == link.id)
        await connection.execute(gone.values(deleted_at=now, updated_at=now))

    async def work(context: Context) -> Tally:
        await shop.check_clock()
        async with shop.read() as connection:
            duration = (await read_settings(connection)).product_link_duration
        column, young_from = product_links.c.created_at, shop.now() - duration + SECOND
        due = and_(is_unset(shop, product_links.c.deleted_at), is_before(shop, column, young_from))
        return await Sweep(shop, product_links, due, trash, [column]).run(context)

    return housekeeping(
        "product-links:delete-expired", "trash product links past their time", timedelta(seconds=60), work
    )
