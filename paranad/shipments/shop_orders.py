"""What a shipment reads and writes in the shop: its order, its row, and which orders courier ids are linked to."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update

from paranad.courier.models import CourierOrder
from paranad.mirror.rows import NEW, created_history, fitting_link, row_of
from paranad.record import record
from paranad.said import Said
from paranad.shipments import reasons
from paranad.shipments.decide import Alike
from paranad.shipments.judge import DAY, Link, Parcel
from paranad.shipments.model import Shipment
from paranad.shipments.phone import last_ten, normalised
from paranad.shipments.request import Order, ShopShipment, place_of, whole_dinars
from paranad.shipments.search import ids_of
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.settings import ShopSettings, read_settings
from paranad.shop.statements import ORDER, ORDER_BEFORE, ORDER_OF_REFERENCE, about, lock_row
from paranad.shop.tables import alwaseet_order_status_history, alwaseet_shipments, order_items, orders

PIECE = 500
"""How many rows the shop is asked for at once."""
UNSHIPPED_FOR = timedelta(days=7)
"""How long ago an order may have been made that has no shipment and comes into question."""
ORDERS_A_DAY = 20_000
"""Among how many orders before it, and after it, one like it is looked for: more than a shop makes in a day."""
NEWEST = 5000
"""Among how many of the shop's newest shipments a row is looked for by its `qr_id`, which has no index: a sync that
was faster than us has only just written it."""

_SHIPMENTS = alwaseet_shipments
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


@record
class OrderFacts:
    """What the shop says about an order now."""

    order: Order | None
    settings: ShopSettings


class ShopOrders:
    """The shop's orders, as far as shipments go."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def instant(self, wall: datetime) -> datetime:
        """Return the instant of a time on the shop's wall clock."""
        return self.shop.instant(wall)

    async def facts(self, order_id: int) -> OrderFacts:
        """Read what the shop says about the order now."""
        async with self.shop.read() as connection:
            return OrderFacts(await read_order(connection, order_id), await read_settings(connection))

    async def links(self, ids: Collection[str]) -> Mapping[str, Link]:
        """Return the order that each of the courier's *ids* is linked to; unlinked ones are left out."""
        links: dict[str, Link] = {}
        wanted = (
            select(_SHIPMENTS.c.alwaseet_order_id, _SHIPMENTS.c.qr_id, orders.c.id, orders.c.customer_phone)
            .join(orders, orders.c.id == _SHIPMENTS.c.order_id)
            .order_by(_SHIPMENTS.c.id.desc())
        )
        async with self.shop.read() as connection:
            for piece in _pieces(sorted(ids)):
                named_by = or_(_SHIPMENTS.c.alwaseet_order_id.in_(piece), _SHIPMENTS.c.qr_id.in_(piece))
                for row in await connection.execute(wanted.where(named_by)):
                    link = Link(row.id, last_ten(row.customer_phone or ""))
                    links |= {each: link for each in (row.qr_id, row.alwaseet_order_id) if each in ids}
        return links

    async def parcels(self, since: datetime) -> Sequence[Parcel]:
        """Return what the shop says that the courier has of its orders, among its newest shipments, made *since*."""
        columns = (_SHIPMENTS.c[name] for name in ("order_id", "alwaseet_order_id", "qr_id", "created_at"))
        linked = (_SHIPMENTS.c.order_id.is_not(None), _SHIPMENTS.c.created_at >= self.shop.wall(since))
        async with self.shop.read() as connection:
            newest = (await connection.execute(select(func.max(_SHIPMENTS.c.id)))).scalar() or 0
            wanted = select(*columns).where(_SHIPMENTS.c.id > newest - NEWEST, *linked)
            rows = (await connection.execute(wanted)).all()
        return [
            Parcel(
                order_id=row.order_id,
                ids=frozenset({row.alwaseet_order_id, row.qr_id} - {None}),
                sent_at=None,
                acknowledged_at=self.shop.instant(row.created_at),
            )
            for row in rows
        ]

    async def open_orders(self, phones: Collection[str], now: datetime) -> Mapping[str, set[int]]:
        """Return by phone, its last ten digits, the orders of the last days that have no shipment.

        Cancelled and trashed orders are among them: they may have been sent before.
        """
        shipped = select(_SHIPMENTS.c.id).where(_SHIPMENTS.c.order_id == orders.c.id).exists()
        since = now.astimezone(self.shop.zone).replace(tzinfo=None, microsecond=0) - UNSHIPPED_FOR
        wanted = select(orders.c.id, orders.c.customer_phone).where(orders.c.created_at >= since, ~shipped)
        found: dict[str, set[int]] = defaultdict(set)
        async with self.shop.read() as connection:
            for row in await connection.execute(wanted):
                if (phone := last_ten(row.customer_phone or "")) in phones:
                    found[phone].add(row.id)
        return found

    async def alike(self, order: Order) -> Sequence[Alike]:
        """Return the other orders within a day of *order* that have its phone and price now, by their ids.

        Phones are compared however they are written, prices in the whole dinars that are sent. An order without a
        time that can be read is like no other.
        """
        phone, dinars = normalised(order.phone), whole_dinars(order.total)
        if phone is None or order.created_at is None:
            return ()
        shipped = select(_SHIPMENTS.c.id).where(_SHIPMENTS.c.order_id == orders.c.id).exists().label("shipped")
        columns = [orders.c[name] for name in ("id", "status", "deleted_at", "customer_phone", "total_amount")]
        wanted = select(*columns, shipped).where(
            # By ids, which are handed out in turn: the times of the orders have no index.
            orders.c.id.between(order.id - ORDERS_A_DAY, order.id + ORDERS_A_DAY),
            orders.c.id != order.id,
            orders.c.total_amount.between(dinars - 1, dinars + 1),
            orders.c.created_at.between(order.created_at - DAY, order.created_at + DAY),
        )
        async with self.shop.read() as connection:
            with about(ORDER_BEFORE()):
                rows = (await connection.execute(wanted.order_by(orders.c.id))).all()
        return [
            Alike(row.id, wanted=not (row.deleted_at or row.status == "cancelled"), shipped=bool(row.shipped))
            for row in rows
            if normalised(row.customer_phone) == phone and whole_dinars(row.total_amount) == dinars
        ]

    async def phones(self, order_ids: Sequence[int]) -> Mapping[int, str]:
        """Return the phone of each order that the shop has."""
        wanted = select(orders.c.id, orders.c.customer_phone)
        found: dict[int, str] = {}
        async with self.shop.read() as connection:
            for piece in _pieces(order_ids):
                with about(ORDER_OF_REFERENCE()):
                    rows = await connection.execute(wanted.where(orders.c.id.in_(piece)))
                    found |= {row.id: row.customer_phone or "" for row in rows}
        return found

    async def write(
        self, shipment: Shipment, details: CourierOrder | None, qr_link: str | None, replaced: frozenset[str]
    ) -> Said | None:
        """Write the shop's row of *shipment*, from *details* if the courier's row is at hand, else from what we sent.

        An unlinked row is linked. The rows of the *replaced* ids, which a person named before, are unlinked. Returns
        why the row must not be written.
        """

        async def work(connection: AsyncConnection) -> Said | None:
            return await self._write(connection, shipment, details, qr_link, replaced)

        return await self.shop.in_transaction(work)

    async def _write(
        self,
        connection: AsyncConnection,
        shipment: Shipment,
        details: CourierOrder | None,
        qr_link: str | None,
        replaced: frozenset[str],
    ) -> Said | None:
        order_id = shipment.order_id
        # The order's lock comes first: of two that write its row, a job and a list, the second sees the first's.
        if not await lock_row(connection, orders, order_id):
            return reasons.ORDER_GONE(order=order_id, rows=shipment.courier_id or "")
        if replaced:
            await self._unlink(connection, order_id, replaced)
        ids = shipment.ids | (ids_of(details) if details else frozenset())
        known = or_(_SHIPMENTS.c.alwaseet_order_id.in_(ids), _SHIPMENTS.c.order_id == order_id)
        found = await self._rows(connection, known)
        # Only if no row has the courier's id: the search by `qr_id` reads rows without an index.
        if not any(row.alwaseet_order_id in ids for row in found):
            newest = (await connection.execute(select(func.max(_SHIPMENTS.c.id)))).scalar() or 0
            found += await self._rows(connection, _SHIPMENTS.c.qr_id.in_(ids), _SHIPMENTS.c.id > newest - NEWEST)
        ours = [row for row in found if {row.alwaseet_order_id, row.qr_id} & ids]
        if conflict := _conflict(shipment, found, ours):
            return conflict
        if not ours:
            await self._insert(connection, shipment, details, qr_link)
        elif all(row.order_id is None for row in ours):
            change = update(_SHIPMENTS).where(_SHIPMENTS.c.id == ours[0].id)
            await connection.execute(change.values(order_id=order_id, updated_at=self.shop.now()))
        return None

    async def _rows(self, connection: AsyncConnection, *wanted: ColumnElement[bool]) -> list[Any]:
        columns = (_SHIPMENTS.c[name] for name in ("id", "alwaseet_order_id", "qr_id", "order_id"))
        return list(await connection.execute(select(*columns).where(*wanted).order_by(_SHIPMENTS.c.id)))

    async def _unlink(self, connection: AsyncConnection, order_id: int, ids: frozenset[str]) -> None:
        """Take back the row of a courier order that a person named by mistake; remove it if we made it up ourselves."""
        named_by = (_SHIPMENTS.c.alwaseet_order_id.in_(ids), _SHIPMENTS.c.order_id == order_id)
        wanted = select(_SHIPMENTS.c.id, _SHIPMENTS.c.created_at, _SHIPMENTS.c.updated_at, _SHIPMENTS.c.synced_at)
        rows = (await connection.execute(wanted.where(*named_by))).all()
        untouched = [row.id for row in rows if row.created_at == row.updated_at == row.synced_at]
        history = alwaseet_order_status_history
        await connection.execute(delete(history).where(history.c.shipment_id.in_(untouched)))
        await connection.execute(delete(_SHIPMENTS).where(_SHIPMENTS.c.id.in_(untouched)))
        await connection.execute(update(_SHIPMENTS).where(*named_by).values(order_id=None, updated_at=self.shop.now()))

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
        result = await connection.execute(insert(_SHIPMENTS).values(values | stamps))
        key = result.inserted_primary_key
        history = created_history(key[0] if key else 0, shipment.order_id, values, now)
        await connection.execute(insert(alwaseet_order_status_history).values(history))


def _conflict(shipment: Shipment, found: Sequence[Any], ours: Sequence[Any]) -> Said | None:
    for row in ours:
        if row.order_id not in {None, shipment.order_id}:
            return reasons.LINKED(rows=row.alwaseet_order_id, order=row.order_id)
    others = {row.alwaseet_order_id for row in found if row not in ours}
    if others and shipment.decided_at is None:
        return reasons.SHOP_HAS_ANOTHER(others=reasons.named(others), rows=shipment.courier_id or "")
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
        "city_id": _text(city),
        "city_name": "",
        "region_id": _text(region),
        "region_name": "",
        "location": order.address,
        "price": sent.price if sent else order.total,
        "package_size": _text(settings.default_package_size_id),
        "type_name": settings.default_type_name,
        "items_number": str(order.items or 1),
        "merchant_notes": f"{shipment.reference} {order.notes or ''}".strip(),
        "status_id": "1",
        "status": NEW,
        "qr_id": next((each for each in sorted(shipment.ids) if each != shipment.courier_id), shipment.courier_id),
    }


def _text(setting: str | Said) -> str:
    return setting if isinstance(setting, str) else ""


def _pieces(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[start : start + PIECE] for start in range(0, len(values), PIECE)]


async def read_order(connection: AsyncConnection, order_id: int) -> Order | None:
    """Return the order, trashed or not; None if there is none of that id.

    Raises:
        ShopBadRow: a value that is needed cannot be read; the error names the order, the table and the column.
    """
    with about(ORDER(order=order_id)):
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


async def _shipments(connection: AsyncConnection, order_id: int) -> tuple[ShopShipment, ...]:
    table = _SHIPMENTS
    wanted = select(table.c.id, table.c.alwaseet_order_id, table.c.order_id, table.c.merchant_notes)
    rows = await connection.execute(wanted.where(table.c.order_id == order_id).order_by(table.c.id))
    return tuple(ShopShipment(row.id, row.alwaseet_order_id, row.order_id, row.merchant_notes or "") for row in rows)
