"""The shop's orders, in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from paranad.courier.models import CourierOrder
from paranad.said import Said
from paranad.shipments import reasons
from paranad.shipments.decide import Alike
from paranad.shipments.judge import Link, Parcel
from paranad.shipments.model import Shipment
from paranad.shipments.phone import last_ten
from paranad.shipments.request import Order, ShopShipment
from paranad.shipments.search import ids_of
from paranad.shipments.shop_orders import UNSHIPPED_FOR, OrderFacts
from paranad.shop.errors import ShopUnreachable
from paranad.shop.settings import ShopSettings
from tests.support.clock import ManualClock
from tests.support.shipping import SETTINGS
from tests.worlds.steps import Steps


@dataclass
class Row:
    """A row of the shop's alwaseet_shipments."""

    id: int
    ids: frozenset[str]
    courier_id: str
    order_id: int | None
    made_at: datetime


@dataclass
class Mark:
    """A machine has sent a request for an order, or is about to."""

    machine: str
    term: int
    reference: str
    number: int


@dataclass
class JobRow:
    """A row of the shop's jobs, kept until its job has ended."""

    created_at: int | None
    tried: bool


class WorldShop:
    """The shop's orders, in memory, at the interface of `paranad.shipments.shop_orders.ShopOrders`."""

    zone = ZoneInfo("UTC")

    def __init__(self, clock: ManualClock, steps: Steps) -> None:
        self.clock, self.steps = clock, steps
        self.orders: dict[int, Order] = {}
        self.rows: list[Row] = []
        self.down = 0
        self.holder, self.term = "web-1", 1
        """Which machine works, and in which term."""
        self.marks: dict[int, Mark] = {}
        self.job_rows: dict[int, JobRow] = {}
        """By order."""
        self._settings = ShopSettings(SETTINGS)
        self._number = 0

    def add(self, order_id: int, phone: str, made_at: datetime, updated_at: datetime) -> None:
        self.orders[order_id] = Order(
            id=order_id,
            status="pending",
            trashed=False,
            name="Customer",
            phone=phone,
            phone2=None,
            address="Street 1",
            city_id=None,
            region_id=None,
            notes="ring twice",
            total=Decimal(25000),
            items=1,
            created_at=made_at.replace(tzinfo=None),
            updated_at=updated_at.replace(tzinfo=None),
            shipments=(),
        )

    def change(self, order_id: int, **values: Any) -> None:
        now = self.clock.now().replace(tzinfo=None)
        self.orders[order_id] = replace(self.orders[order_id], **{"updated_at": now, **values})

    def instant(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=UTC)

    async def facts(self, order_id: int) -> OrderFacts:
        await self.reach()
        order = self.orders.get(order_id)
        if order is None:
            return OrderFacts(None, self._settings)
        linked = tuple(ShopShipment(row.id, row.courier_id, order_id, "") for row in self.linked(order_id))
        return OrderFacts(replace(order, shipments=linked), self._settings)

    def linked(self, order_id: int) -> list[Row]:
        return [row for row in self.rows if row.order_id == order_id]

    def linked_beside(self, order_id: int | None) -> str | None:
        """Return the courier's id of another order's parcel."""
        return next((row.courier_id for row in self.rows if row.order_id not in {None, order_id}), None)

    async def links(self, ids: Collection[str]) -> Mapping[str, Link]:
        await self.reach()
        return {
            each: Link(row.order_id, last_ten(self.orders[row.order_id].phone))
            for row in self.rows
            if row.order_id is not None
            for each in row.ids & set(ids)
        }

    async def parcels(self, since: datetime) -> Sequence[Parcel]:
        await self.reach()
        return [
            Parcel(row.order_id, row.ids, None, row.made_at)
            for row in self.rows
            if row.order_id is not None and row.made_at >= since
        ]

    async def open_orders(self, phones: Collection[str], now: datetime) -> Mapping[str, set[int]]:
        await self.reach()
        since = now.replace(tzinfo=None) - UNSHIPPED_FOR
        found: dict[str, set[int]] = {}
        for order in self.orders.values():
            phone, made_at = last_ten(order.phone), order.created_at
            if phone in phones and not self.linked(order.id) and made_at and made_at >= since:
                found.setdefault(phone, set()).add(order.id)
        return found

    async def alike(self, order: Order) -> Sequence[Alike]:
        await self.reach()
        return [
            Alike(each.id, wanted=each.status != "cancelled", shipped=bool(self.linked(each.id)))
            for each in self.alike_of(order.id)
        ]

    def alike_of(self, order_id: int) -> list[Order]:
        """Return the other orders of the day with the order's phone and price, as the shop has them now."""
        order = self.orders[order_id]
        return [each for each in self.orders.values() if each.id != order_id and _are_alike(order, each)]

    async def phones(self, order_ids: Sequence[int]) -> Mapping[int, str]:
        await self.reach()
        return {each: self.orders[each].phone for each in order_ids if each in self.orders}

    async def write(
        self, shipment: Shipment, details: CourierOrder | None, qr_link: str | None, replaced: frozenset[str]
    ) -> Said | None:
        await self.reach()
        reason = self._write(shipment, details, replaced)
        await self.steps.pause()
        return reason

    def _write(self, shipment: Shipment, details: CourierOrder | None, replaced: frozenset[str]) -> Said | None:
        order_id = shipment.order_id
        if order_id not in self.orders:
            return reasons.ORDER_GONE(order=order_id, rows=shipment.courier_id or "")
        if replaced:
            self.rows = [row for row in self.rows if not (row.ids & replaced and row.order_id == order_id)]
        ids = shipment.ids | (ids_of(details) if details else frozenset())
        ours = [row for row in self.rows if row.ids & ids]
        for row in ours:
            if row.order_id not in {None, order_id}:
                return reasons.LINKED(rows=row.courier_id, order=row.order_id or 0)
        others = {row.courier_id for row in self.linked(order_id) if row not in ours}
        if others and shipment.decided_at is None:
            return reasons.SHOP_HAS_ANOTHER(others=reasons.named(others), rows=shipment.courier_id or "")
        if not ours:
            self.insert(shipment.courier_id or "", ids, order_id)
        elif all(row.order_id is None for row in ours):
            ours[0].order_id = order_id
        return None

    def insert(self, courier_id: str, ids: frozenset[str], order_id: int | None) -> None:
        self._number += 1
        self.rows.append(Row(self._number, ids, courier_id, order_id, self.clock.now()))

    def upsert(self, orders: Sequence[CourierOrder]) -> None:
        """Write what a sync read: rows that the shop lacks are inserted, linked to nothing."""
        for order in orders:
            if not any(row.ids & ids_of(order) for row in self.rows):
                self.insert(order.id, ids_of(order), None)

    async def reach(self) -> None:
        await self.steps.pause()
        if self.down:
            self.down -= 1
            raise ShopUnreachable("down")


def _are_alike(order: Order, other: Order) -> bool:
    if order.created_at is None or other.created_at is None:
        return False
    is_same = last_ten(order.phone) == last_ten(other.phone) and order.total == other.total
    return is_same and abs(order.created_at - other.created_at) <= timedelta(days=1)
