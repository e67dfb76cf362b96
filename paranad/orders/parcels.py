"""How far the parcels came since an instant, as the shop's own rows say."""

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import select

from paranad.courier.statuses import CAME_BACK, DELIVERED, HANDED_OVER, ON_THE_WAY_BACK
from paranad.record import record
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.shop.tables import alwaseet_order_status_history as changes

PATIENCE_S: Final = 20.0
"""How long the shop may take: the question reads every change to one of these statuses."""


@record
class Parcels:
    """How many parcels came to each stage, each parcel once a stage."""

    handed_over: int
    delivered: int
    on_the_way_back: int
    came_back: int


async def parcels_since(shop: Shop, since: datetime) -> Parcels | None:
    """Count the parcels whose status changed *since*; None: the shop cannot be asked, or does not answer."""
    wanted = HANDED_OVER | DELIVERED | ON_THE_WAY_BACK | CAME_BACK
    asked = (
        select(changes.c.status_id, changes.c.shipment_id)
        .where(changes.c.status_id.in_(wanted), changes.c.changed_at >= shop.wall(since))
        .where(changes.c.shipment_id.is_not(None))
        .distinct()
    )
    try:
        async with asyncio.timeout(PATIENCE_S), shop.read() as connection:
            found = [(row[0], row[1]) for row in await connection.execute(asked)]
    except (ShopError, TimeoutError):
        return None

    def parcels(stage: Collection[str]) -> int:
        return len({shipment for status, shipment in found if status in stage})

    return Parcels(parcels(HANDED_OVER), parcels(DELIVERED), parcels(ON_THE_WAY_BACK), parcels(CAME_BACK))
