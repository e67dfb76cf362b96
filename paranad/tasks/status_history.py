"""History for shipments that had none: where each stands now, written once.

Source: shop contract, "alwaseet:seed-status-history".
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, and_, exists, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_order_status_history, alwaseet_shipments
from paranad.tasks.sweep import Sweep, housekeeping
from paranad.tasks.task import Context, NoArguments, Tally, Task

SEED_STATUS_HISTORY = "alwaseet:seed-status-history"

NEEDED = ("order_id", "status_id", "status", "alwaseet_updated_at", "updated_at", "created_at")


def seed_status_history(shop: Shop) -> Task[NoArguments]:
    """Build `alwaseet:seed-status-history`; a second run finds nothing to do."""
    history, table = alwaseet_order_status_history, alwaseet_shipments
    known = exists().where(history.c.shipment_id == table.c.id, history.c.status_id == table.c.status_id)
    due = and_(table.c.order_id.is_not(None), table.c.status_id.is_not(None), ~known)

    async def seed(connection: AsyncConnection, shipment: Row[Any]) -> None:
        now = shop.now()
        values = {
            "order_id": shipment.order_id,
            "shipment_id": shipment.id,
            "status_id": shipment.status_id,
            "status_text": shipment.status,
            "changed_at": shipment.alwaseet_updated_at or shipment.updated_at or shipment.created_at or now,
            "changed_by": "initial_seed",
            "metadata": {"seeded_from_existing": True},
            "created_at": now,
            "updated_at": now,
        }
        await connection.execute(insert(history).values(values))

    async def work(context: Context) -> Tally:
        return await Sweep(shop, table, due, seed, [table.c[name] for name in NEEDED]).run(context)

    return housekeeping(
        SEED_STATUS_HISTORY, "write where each shipment stands into its history", timedelta(seconds=600), work
    )
