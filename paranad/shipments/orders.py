"""What a shipment reads of the shop: the order, its rows, its shipments."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.shipments.request import Order, ShopShipment
from paranad.shop.naming import about
from paranad.shop.tables import alwaseet_shipments, order_items, orders

_COLUMNS = [
    orders.c[name]
    for name in (
        "id",
        "status",
        "deleted_at",
        "customer_name",
        "customer_phone",
        "customer_phone2",
        "customer_address",
        "alwaseet_city_id",
        "alwaseet_region_id",
        "notes",
        "total_amount",
        "created_at",
        "updated_at",
    )
]
_ITEMS = (
    select(func.count())
    .select_from(order_items)
    .where(order_items.c.order_id == orders.c.id)
    .scalar_subquery()
    .label("items")
)


async def read_order(connection: AsyncConnection, order_id: int) -> Order | None:
    """Return the order, trashed or not; None where there is none of that id.

    Raises:
        ShopBadRow: a value that is needed cannot be read; the error names the order, the table and the column.
    """
    with about(f"order {order_id}"):
        row = (await connection.execute(select(*_COLUMNS, _ITEMS).where(orders.c.id == order_id))).one_or_none()
    if row is None:
        return None
    return Order(
        id=row.id,
        status=row.status,
        trashed=row.deleted_at is not None,
        name=row.customer_name,
        phone=row.customer_phone,
        phone2=row.customer_phone2,
        address=row.customer_address,
        city_id=row.alwaseet_city_id,
        region_id=row.alwaseet_region_id,
        notes=row.notes,
        total=row.total_amount or Decimal(0),
        items=row.items,
        created_at=row.created_at,
        updated_at=row.updated_at,
        shipments=await _shipments(connection, order_id),
    )


async def read_holders(connection: AsyncConnection, ids: Collection[str]) -> Mapping[str, int]:
    """Return the order that each of the courier's *ids* is linked to in the shop; unlinked ones are left out."""
    table = alwaseet_shipments
    wanted = select(table.c.alwaseet_order_id, table.c.order_id).where(
        table.c.alwaseet_order_id.in_(ids), table.c.order_id.is_not(None)
    )
    return {row.alwaseet_order_id: row.order_id for row in await connection.execute(wanted)}


async def _shipments(connection: AsyncConnection, order_id: int) -> tuple[ShopShipment, ...]:
    table = alwaseet_shipments
    wanted = select(table.c.id, table.c.alwaseet_order_id, table.c.order_id, table.c.merchant_notes)
    rows = await connection.execute(wanted.where(table.c.order_id == order_id).order_by(table.c.id))
    return tuple(ShopShipment(row.id, row.alwaseet_order_id, row.order_id, row.merchant_notes or "") for row in rows)
