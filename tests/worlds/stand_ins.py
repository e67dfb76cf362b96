"""What stands at the outside of an invented world: the courier, the shop's orders, and the steps a kill falls on."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from paranad.courier.errors import (
    CourierLimited,
    CourierRefused,
    CourierUnclear,
    LoginFailed,
    RateRefused,
    Refusal,
)
from paranad.courier.limiter import LimiterState
from paranad.courier.models import CourierOrder, CreatedOrder, NewShipment, OrderList
from paranad.shipments.decide import Link
from paranad.shipments.listed import ids_of
from paranad.shipments.model import Shipment
from paranad.shipments.phone import last_ten
from paranad.shipments.reasons import Code, Reason, named
from paranad.shipments.request import Order, ShopShipment
from paranad.shipments.shop_orders import OPEN_STATUSES, UNSHIPPED_FOR, Facts
from paranad.shop.errors import ShopUnreachable
from paranad.shop.settings import ShopSettings
from tests.support.clock import ManualClock
from tests.support.shipping import SETTINGS
from tests.worlds.world import Answer, Change, Lists, Note, OrderPlan, Phone, Price, Time

BAGHDAD = ZoneInfo("Asia/Baghdad")
DAY = timedelta(days=1)
OTHER_PHONE = "+9647809999999"
REFUSALS = {
    Answer.DATA: Refusal.DATA,
    Answer.REFUSED_DONE: Refusal.DATA,
    Answer.PLACE: Refusal.PLACE,
    Answer.TRANSIENT: Refusal.TRANSIENT,
    Answer.PERMISSION: Refusal.PERMISSION,
    Answer.NOT_SENT: Refusal.NOT_SENT,
}
DONE = {Answer.DONE, Answer.ODD_ID, Answer.ONLY_QR, Answer.ONLY_ID, Answer.KNOWN_ID}


class Killed(BaseException):
    """The daemon is dead: nothing of it goes on."""


@dataclass
class Steps:
    """Counts what the daemon does, and kills it where it is told to."""

    left: int = 0

    def arm(self, left: int) -> None:
        self.left = left

    def step(self) -> None:
        if self.left:
            self.left -= 1
            if not self.left:
                raise Killed


@dataclass
class Parcel:
    """What the courier has."""

    id: str
    qr_id: str
    phone: str
    price: int
    notes: str
    made_at: datetime
    order_id: int | None
    """Whose it is; None: nobody's of the shop."""
    by: str
    """`paranad`, `php` or `other`."""
    change: Change = field(default_factory=Change)
    refused: bool = False
    """The courier has it, and said in plain words that it does not."""
    recognised: bool = False
    """A list that was held against its unclear order has shown it with the order's phone, or our reference."""

    def row(self, lists: Lists, anothers: str) -> CourierOrder:
        time = self.change.time if self.change.time is not Time.BAGHDAD else lists.time
        price = self.shown_price() if lists.prices else None
        return CourierOrder(
            **dict.fromkeys(UNSAID),
            id=self.id,
            qr_id=self.qr_id,
            client_mobile=self.shown_phone(),
            price=price,
            merchant_notes=self.shown_notes(anothers) if lists.notes else None,
            created_at=_shown_time(self.made_at, time),
            extra={},
        )

    def shown_phone(self) -> str | None:
        return {Phone.KEPT: self.phone, Phone.OTHER: OTHER_PHONE, Phone.GONE: None}[self.change.phone]

    def shown_price(self) -> Decimal | None:
        prices = {Price.KEPT: Decimal(self.price), Price.OTHER: Decimal(self.price + 5000), Price.GONE: None}
        return prices[self.change.price]

    def shown_notes(self, anothers: str) -> str | None:
        return {
            Note.KEPT: self.notes,
            Note.GONE: None,
            Note.REPLACED: "call before noon",
            Note.LOWER: self.notes.lower(),
            Note.FOREIGN: "P2-ABCD",
            Note.ANOTHERS: anothers,
        }[self.change.note]


UNSAID = (
    "qr_link",
    "client_name",
    "client_mobile2",
    "city_id",
    "city_name",
    "region_id",
    "region_name",
    "location",
    "delivery_price",
    "package_size",
    "type_name",
    "status_id",
    "status",
    "items_number",
    "issue_notes",
    "replacement",
    "merchant_invoice_id",
    "pickup_id",
    "updated_at",
)


def _shown_time(made_at: datetime, time: Time) -> datetime | None:
    wall = made_at.astimezone(BAGHDAD).replace(tzinfo=None, microsecond=0)
    match time:
        case Time.UTC:
            return made_at.replace(tzinfo=None, microsecond=0)
        case Time.NONE:
            return None
        case Time.DAY:
            return wall.replace(hour=0, minute=0, second=0)
        case Time.BAGHDAD:
            return wall


class SecondParcel(AssertionError):
    """The promise is broken."""


async def _nothing() -> None:
    return None


class WorldCourier:
    """The courier, in memory, at the interface of `paranad.courier.client.Courier`."""

    def __init__(self, clock: ManualClock, steps: Steps, shop: "WorldShop") -> None:
        self.clock, self.steps, self.shop = clock, steps, shop
        self.limiter = self
        self.parcels: list[Parcel] = []
        self.late: list[tuple[datetime, Parcel]] = []
        self.plans: dict[int, OrderPlan] = {}
        self.answers: dict[int, list[Answer]] = {}
        self.lists = Lists()
        self.lists_since = clock.now()
        self.allowed: dict[int, int] = {}
        """How many second parcels a person has asked for, by order."""
        self.creates = self.own_creates = 0
        self.outside: set[int] = set()
        """Orders whose first parcel no list could show: its phone and its note were changed before one was read."""
        self.references_shown_at: datetime | None = None
        """When a list that was held against the journal last showed a reference of ours."""
        self.during_create: Callable[[bool], Awaitable[None]] | None = None
        self.during_list: Callable[[], Awaitable[None]] | None = None
        self._number = 90_000_000

    def state(self) -> LimiterState:
        return LimiterState(used=0, limit=30, window=timedelta(seconds=30), waiting=0, closed_until=None)

    async def close(self) -> None:
        """Nothing is open."""

    async def prepare(self, *, owner: str) -> None:
        self.steps.step()

    async def create_order(self, order: NewShipment, *, owner: str) -> CreatedOrder:
        self.steps.step()
        order_id = int(order.merchant_notes.partition("-")[0].removeprefix("P"))
        planned = self.answers.get(order_id)
        answer = planned.pop(0) if planned else Answer.DONE
        if answer in {Answer.LIMITED, Answer.LOGIN}:
            raise (
                CourierLimited(self.clock.now() + timedelta(seconds=9))
                if answer is Answer.LIMITED
                else LoginFailed("no")
            )
        self.creates += 1
        self.own_creates += order_id in self.plans
        parcel = self.parcel(order_id, order.client_mobile, order.price, order.merchant_notes, "paranad")
        parcel.refused = answer is Answer.REFUSED_DONE
        if answer is Answer.LOST_LATE:
            self.late.append((self.clock.now() + timedelta(seconds=self.plans[order_id].late_s), parcel))
        await self._meanwhile(before=True)
        self.steps.step()
        if answer in DONE or answer in {Answer.LOST_DONE, Answer.REFUSED_DONE}:
            self.make(parcel)
        self.steps.step()
        await self._meanwhile(before=False)
        return self._answered(answer, parcel)

    async def _meanwhile(self, *, before: bool) -> None:
        if self.during_create:
            await self.during_create(before)

    def _answered(self, answer: Answer, parcel: Parcel) -> CreatedOrder:
        if answer in REFUSALS:
            raise CourierRefused(REFUSALS[answer], "999", "refused")
        match answer:
            case Answer.RATE:
                raise RateRefused(self.clock.now() + timedelta(seconds=30), "2")
            case Answer.LOGIN_AFTER:
                failed = LoginFailed("refused")
                failed.left = True
                raise failed
            case Answer.LOST | Answer.LOST_DONE | Answer.LOST_LATE:
                raise CourierUnclear("no answer")
        named_id, ids = self._ids(answer, parcel)
        return CreatedOrder(id=named_id, qr_id=None, qr_link=None, ids=ids)

    def _ids(self, answer: Answer, parcel: Parcel) -> tuple[str, frozenset[str]]:
        match answer:
            case Answer.ODD_ID:
                return f"5{parcel.id}", frozenset({f"5{parcel.id}", parcel.qr_id})
            case Answer.ONLY_QR:
                return parcel.qr_id, frozenset({parcel.qr_id})
            case Answer.ONLY_ID:
                return parcel.id, frozenset({parcel.id})
            case Answer.KNOWN_ID if known := self.shop.linked_beside(parcel.order_id):
                return known, frozenset({known})
        return parcel.id, frozenset({parcel.id, parcel.qr_id})

    def parcel(self, order_id: int | None, phone: str, price: int, notes: str, by: str) -> Parcel:
        self._number += 1
        plan = self.plans.get(order_id or 0)
        first = not any(each.order_id == order_id for each in self.parcels)
        change = plan.change if plan and first else Change()
        return Parcel(
            str(self._number), f"7{self._number}", phone, price, notes, self.clock.now(), order_id, by, change
        )

    def make(self, parcel: Parcel, at: datetime | None = None) -> None:
        """Let the courier have *parcel*.

        Raises:
            SecondParcel: it has one of the order's already, and nobody but paranad wanted another.
        """
        parcel.made_at = at or self.clock.now()
        before = [each for each in self.parcels if each.order_id == parcel.order_id and parcel.order_id]
        self.parcels.append(parcel)
        self.parcels.sort(key=lambda each: each.made_at)
        if not before or parcel.order_id is None:
            return
        if self.allowed.get(parcel.order_id, 0) > 0:
            self.allowed[parcel.order_id] -= 1
        elif any(self._is_outside(each) for each in before):
            self.outside.add(parcel.order_id)
        else:
            raise SecondParcel(f"order {parcel.order_id} has {before} at the courier, and now {parcel}")

    def _is_outside(self, parcel: Parcel) -> bool:
        """Tell whether no list could show that *parcel* is its order's, before it was sent again."""
        if parcel.refused:
            return not parcel.recognised
        if self.references_shown_at is None or self.clock.now() - self.references_shown_at >= DAY:
            return False  # lists without references prove nothing
        return not parcel.recognised and parcel.change.phone is Phone.OTHER and not self._carries_reference(parcel)

    def _carries_reference(self, parcel: Parcel) -> bool:
        return parcel.by == "paranad" and parcel.change.note is Note.KEPT and self.lists.notes

    def _shows_some_reference(self, parcel: Parcel) -> bool:
        is_anothers = parcel.change.note is Note.ANOTHERS and self.lists.notes
        return is_anothers or self._carries_reference(parcel)

    def bring_late(self) -> None:
        """Let the courier make what it makes late and is due."""
        due = [each for each in self.late if each[0] <= self.clock.now()]
        self.late = [each for each in self.late if each not in due]
        for at, parcel in due:
            self.make(parcel, at)

    def become(self, lists: Lists) -> None:
        self.lists, self.lists_since = lists, self.clock.now()

    async def merchant_orders(self, *, owner: str, status_id: str | None = None) -> OrderList:
        self.steps.step()
        self.bring_late()
        if self.lists.fails:
            raise CourierUnclear("/merchant-orders: no list")
        shown = self.shown()
        rows = OrderList(
            self._rows(shown[1:] if self.lists.skipped else shown), skipped=int(self.lists.skipped and bool(shown))
        )
        if status_id:
            rows = OrderList(rows[::2], skipped=rows.skipped)
        if self.during_list:
            await self.during_list()
        self.steps.step()
        return rows

    def shown(self) -> list[Parcel]:
        lists, now = self.lists, self.clock.now()
        until = min(now - timedelta(seconds=lists.lag_s), self.lists_since if lists.frozen else now)
        shown = [each for each in self.parcels if each.made_at <= until]
        if lists.half:
            shown = shown[: len(shown) - len(shown) // 2]
        return shown[::-1] if lists.reversed else shown

    def recognise(self, ids: Collection[str], order_ids: Collection[int]) -> None:
        """Keep that a list with these *ids* was held against these unclear orders."""
        for each in self.parcels:
            if each.id in ids and self._shows_some_reference(each):
                self.references_shown_at = self.clock.now()
            if each.id in ids and each.order_id in order_ids:
                is_found = each.change.phone is Phone.KEPT and self._carries_reference(each)
                is_candidate = each.change.phone is not Phone.OTHER or self._carries_reference(each)
                each.recognised |= is_found if each.refused else is_candidate

    def _rows(self, parcels: Sequence[Parcel]) -> list[CourierOrder]:
        return [each.row(self.lists, self.anothers(each)) for each in parcels]

    def anothers(self, parcel: Parcel) -> str:
        """Return the reference of another order, with another phone; a foreign text if there is none."""
        for each in self.parcels:
            if each.by == "paranad" and each.order_id != parcel.order_id and each.phone != parcel.phone:
                return each.notes
        return "P2-ABCD"

    async def orders_by_ids(self, ids: Sequence[str], *, owner: str) -> OrderList:
        self.steps.step()
        self.bring_late()
        wanted = [each for each in self.parcels if {each.id, each.qr_id} & set(ids)]
        return OrderList(self._rows(wanted))


@dataclass
class Row:
    """A row of the shop's alwaseet_shipments."""

    id: int
    ids: frozenset[str]
    courier_id: str
    order_id: int | None


class WorldShop:
    """The shop's orders, in memory, at the interface of `paranad.shipments.shop_orders.ShopOrders`."""

    zone = ZoneInfo("UTC")

    def __init__(self, clock: ManualClock, steps: Steps) -> None:
        self.clock, self.steps = clock, steps
        self.orders: dict[int, Order] = {}
        self.rows: list[Row] = []
        self.down = 0
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

    async def facts(self, order_id: int) -> Facts:
        self._reach()
        order = self.orders.get(order_id)
        if order is None:
            return Facts(None, self._settings)
        linked = tuple(ShopShipment(row.id, row.courier_id, order_id, "") for row in self.linked(order_id))
        return Facts(replace(order, shipments=linked), self._settings)

    def linked(self, order_id: int) -> list[Row]:
        return [row for row in self.rows if row.order_id == order_id]

    def linked_beside(self, order_id: int | None) -> str | None:
        """Return the courier's id of another order's parcel."""
        return next((row.courier_id for row in self.rows if row.order_id not in {None, order_id}), None)

    async def links(self, ids: Collection[str]) -> Mapping[str, Link]:
        self._reach()
        return {
            each: Link(row.order_id, last_ten(self.orders[row.order_id].phone))
            for row in self.rows
            if row.order_id is not None
            for each in row.ids & set(ids)
        }

    async def open_orders(self, phones: Collection[str], now: datetime) -> Mapping[str, set[int]]:
        self._reach()
        since = now.replace(tzinfo=None) - UNSHIPPED_FOR
        found: dict[str, set[int]] = {}
        for order in self.orders.values():
            phone, made_at = last_ten(order.phone), order.created_at
            is_open = order.status in OPEN_STATUSES and not order.trashed and not self.linked(order.id)
            if phone in phones and is_open and made_at and made_at >= since:
                found.setdefault(phone, set()).add(order.id)
        return found

    async def phones(self, order_ids: Sequence[int]) -> Mapping[int, str]:
        self._reach()
        return {each: self.orders[each].phone for each in order_ids if each in self.orders}

    async def write(
        self, shipment: Shipment, details: CourierOrder | None, qr_link: str | None, replaced: frozenset[str]
    ) -> Reason | None:
        self._reach()
        reason = self._write(shipment, details, replaced)
        self.steps.step()
        return reason

    def _write(self, shipment: Shipment, details: CourierOrder | None, replaced: frozenset[str]) -> Reason | None:
        order_id = shipment.order_id
        if order_id not in self.orders:
            return Reason(Code.ORDER_GONE, {"order": order_id, "rows": shipment.courier_id or ""})
        if replaced:
            self.rows = [row for row in self.rows if not (row.ids & replaced and row.order_id == order_id)]
        ids = shipment.ids | (ids_of(details) if details else frozenset())
        ours = [row for row in self.rows if row.ids & ids]
        for row in ours:
            if row.order_id not in {None, order_id}:
                return Reason(Code.LINKED, {"rows": row.courier_id, "order": row.order_id or 0})
        others = {row.courier_id for row in self.linked(order_id) if row not in ours}
        if others and shipment.decided_at is None:
            return Reason(Code.SHOP_HAS_ANOTHER, {"others": named(others), "rows": shipment.courier_id or ""})
        if not ours:
            self.insert(shipment.courier_id or "", ids, order_id)
        elif all(row.order_id is None for row in ours):
            ours[0].order_id = order_id
        return None

    def insert(self, courier_id: str, ids: frozenset[str], order_id: int | None) -> None:
        self._number += 1
        self.rows.append(Row(self._number, ids, courier_id, order_id))

    def upsert(self, orders: Sequence[CourierOrder]) -> None:
        """Write what a sync read: rows that the shop lacks are inserted, linked to nothing."""
        for order in orders:
            if not any(row.ids & ids_of(order) for row in self.rows):
                self.insert(order.id, ids_of(order), None)

    def _reach(self) -> None:
        self.steps.step()
        if self.down:
            self.down -= 1
            raise ShopUnreachable("down")
