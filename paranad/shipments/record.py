"""The last step of a shipment: the shop's row, written once, whoever was faster."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.courier.client import Courier
from paranad.courier.errors import CourierError
from paranad.courier.models import CourierOrder
from paranad.errors import WrongState
from paranad.events import Events, ShipmentHeld, ShipmentRecorded
from paranad.shipments.journal import Journal
from paranad.shipments.matching import ids_of
from paranad.shipments.model import Shipment
from paranad.shipments.orders import read_order
from paranad.shipments.request import Order, place_of
from paranad.shipments.rows import NEW, created_history, fitting_link, row_of
from paranad.shop.database import Shop
from paranad.shop.lock import lock_row
from paranad.shop.settings import ShopSettings, read_settings
from paranad.shop.tables import alwaseet_order_status_history, alwaseet_shipments, orders


@dataclass(frozen=True, slots=True)
class _Conflict:
    """Why the row must not be written; a person must look."""

    reason: str


class Recorder:
    """Writes the shop's row of a created shipment."""

    def __init__(self, journal: Journal, shop: Shop, courier: Courier, events: Events) -> None:
        self.journal, self.shop, self.courier, self.events = journal, shop, courier, events

    async def record(
        self,
        shipment: Shipment,
        details: CourierOrder | None = None,
        *,
        owner: str | None = None,
        qr_link: str | None = None,
    ) -> Shipment:
        """Write the shop's row of *shipment*; recorded then.

        The row comes from *details* where the courier's row is at hand; else *owner* asks for it, and what we sent
        stands in for what is missing. An unlinked row (a sync was faster) is linked; held where the row or the order
        belongs to another.
        """
        if details is None and owner:
            details = await self._ask(shipment, owner)

        async def work(connection: AsyncConnection) -> _Conflict | None:
            return await self._write(connection, shipment, details, qr_link)

        conflict = await self.shop.repeat(work)
        try:
            if conflict:
                return await self._hold(shipment, conflict.reason)
            recorded = await self.journal.record(shipment.order_id)
        except WrongState:
            return await self.journal.get(shipment.order_id)
        told = ShipmentRecorded(
            order_id=recorded.order_id, reference=recorded.reference, courier_id=recorded.courier_id or ""
        )
        self.events.tell(told)
        return recorded

    async def _ask(self, shipment: Shipment, owner: str) -> CourierOrder | None:
        """Return the courier's own row where asking costs nobody's turn; the next sync brings what is missing."""
        rate = self.courier.limiter.state()
        if rate.waiting or rate.used * 2 >= rate.limit or shipment.courier_id is None:
            return None
        try:
            found = await self.courier.orders_by_ids([shipment.courier_id], owner=owner)
        except CourierError:
            return None
        return next((order for order in found if ids_of(order) & shipment.ids), None)

    async def _hold(self, shipment: Shipment, reason: str) -> Shipment:
        held = await self.journal.hold(shipment.order_id, reason)
        self.events.tell(ShipmentHeld(order_id=held.order_id, reference=held.reference, reason=reason))
        return held

    async def _write(
        self, connection: AsyncConnection, shipment: Shipment, details: CourierOrder | None, qr_link: str | None
    ) -> _Conflict | None:
        order_id = shipment.order_id
        if not await lock_row(connection, orders, order_id):
            return _Conflict(f"order {order_id} is gone from the shop, but the courier has {shipment.courier_id}")
        table = alwaseet_shipments
        wanted = select(table.c.id, table.c.alwaseet_order_id, table.c.order_id).where(
            or_(table.c.alwaseet_order_id.in_(shipment.ids), table.c.order_id == order_id)
        )
        found = (await connection.execute(wanted.order_by(table.c.id))).all()
        ours = [row for row in found if row.alwaseet_order_id in shipment.ids]
        if conflict := _conflict(shipment, found, ours):
            return conflict
        if not ours:
            await self._insert(connection, shipment, details, qr_link)
        elif ours[0].order_id is None:
            change = update(table).where(table.c.id == ours[0].id)
            await connection.execute(change.values(order_id=order_id, updated_at=self.shop.now()))
        return None

    async def _insert(
        self, connection: AsyncConnection, shipment: Shipment, details: CourierOrder | None, qr_link: str | None
    ) -> None:
        order = await read_order(connection, shipment.order_id)
        if order is None:
            return
        now = self.shop.now()
        fallback = _fallback(shipment, order, await read_settings(connection))
        fallback |= {"qr_link": fitting_link(qr_link), "alwaseet_created_at": now, "alwaseet_updated_at": now}
        values = fallback | (_said(details) if details else {}) | {"alwaseet_order_id": shipment.courier_id}
        stamps = {"order_id": shipment.order_id, "synced_at": now, "created_at": now, "updated_at": now}
        result = await connection.execute(insert(alwaseet_shipments).values(values | stamps))
        key = result.inserted_primary_key
        history = created_history(key[0] if key else 0, shipment.order_id, values, now)
        await connection.execute(insert(alwaseet_order_status_history).values(history))


def _conflict(shipment: Shipment, found: Sequence[Any], ours: Sequence[Any]) -> _Conflict | None:
    for row in ours:
        if row.order_id not in {None, shipment.order_id}:
            return _Conflict(f"courier order {row.alwaseet_order_id} is linked to order {row.order_id} in the shop")
    others = [row.alwaseet_order_id for row in found if row not in ours]
    if others and shipment.decided_at is None:
        return _Conflict(
            f"the shop already has courier order {', '.join(others)} for it, and the courier has {shipment.courier_id}"
        )
    return None


def _said(details: CourierOrder) -> dict[str, Any]:
    """Return what the courier's row says, without the fields that it leaves empty."""
    return {name: value for name, value in row_of(details).values.items() if value}


def _fallback(shipment: Shipment, order: Order, settings: ShopSettings) -> dict[str, Any]:
    """Return what we sent, for what the courier's row does not say."""
    city, region = place_of(order, settings)
    sent = shipment.attempts[-1] if shipment.attempts else None
    return {
        "client_name": order.name[:255],
        "client_mobile": sent.phone if sent else order.phone[:255],
        "city_id": city or "",
        "city_name": "",
        "region_id": region or "",
        "region_name": "",
        "location": order.address,
        "price": sent.price if sent else order.total,
        "package_size": settings.default_package_size_id or "",
        "type_name": settings.default_type_name,
        "items_number": str(order.items or 1),
        "merchant_notes": f"{shipment.reference} {order.notes or ''}".strip(),
        "status_id": "1",
        "status": NEW,
        "qr_id": next((each for each in sorted(shipment.ids) if each != shipment.courier_id), shipment.courier_id),
    }
