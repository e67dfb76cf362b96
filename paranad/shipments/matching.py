"""Which courier order an unclear shipment became, decided from the courier's own list; pure.

The reference with the phone proves it; so does exactly one courier order with phone and price, made since the
request, that belongs to nobody else. Anything else that fits is for a person to decide. What a worker of the shop may
have sent carries no reference, and perhaps another price: there a courier order with its phone, or without any, fits.
Source: courier API, "Idempotency", finding it again.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from paranad.courier.models import CourierOrder
from paranad.shipments.model import Shipment
from paranad.shipments.phone import last_ten

MARK = re.compile(r"(?<![A-Za-z0-9])P[0-9]{1,19}-[A-Z2-7]{4}(?![A-Za-z0-9])")

COURIER_ZONE = ZoneInfo("Asia/Baghdad")
"""What the courier's times are read in. Source: courier API, "Values"."""

REFERENCE = "reference"
PHONE_AND_PRICE = "phone and price"

SLACK = timedelta(minutes=10)
"""How far the courier's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class Found:
    """This courier order is the shipment."""

    order: CourierOrder
    by: str
    """`REFERENCE`, or `PHONE_AND_PRICE`."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Something fits, but not surely: a person must decide."""

    reason: str
    by: str
    """`REFERENCE`, or `PHONE_AND_PRICE`."""


@dataclass(frozen=True, slots=True)
class Absent:
    """Nothing in the list fits."""


Verdict = Found | Ambiguous | Absent


@dataclass(slots=True)
class Candidates:
    """What a list holds that may be one shipment."""

    by_reference: list[CourierOrder] = field(default_factory=list)
    """They carry its reference."""
    by_phone: list[CourierOrder] = field(default_factory=list)
    """They carry its phone and price, and no reference of another shipment."""
    perhaps: list[CourierOrder] = field(default_factory=list)
    """What a worker of the shop may have sent instead: another price, or no phone to compare."""


@dataclass(slots=True)
class Search:
    """Looks for *shipments* in a list that comes in pieces."""

    shipments: Sequence[Shipment]
    candidates: dict[int, Candidates] = field(init=False)
    marked: dict[str, list[CourierOrder]] = field(init=False, default_factory=dict)
    """The courier orders by what looks like a reference of ours."""
    _references: dict[str, int] = field(init=False)
    _phones: dict[str, list[Shipment]] = field(init=False)
    _elsewhere: list[Shipment] = field(init=False)

    def __post_init__(self) -> None:
        self.candidates = {shipment.order_id: Candidates() for shipment in self.shipments}
        self._references = {shipment.reference: shipment.order_id for shipment in self.shipments}
        self._phones = {}
        self._elsewhere = [shipment for shipment in self.shipments if shipment.tried_elsewhere]
        for shipment in self.shipments:
            for phone in {last_ten(attempt.phone) for attempt in shipment.unclear}:
                self._phones.setdefault(phone, []).append(shipment)

    def look_at(self, orders: Iterable[CourierOrder]) -> None:
        """Take in a piece of the list."""
        for order in orders:
            found = references_in(order)
            for reference in found:
                self.marked.setdefault(reference, []).append(order)
            for reference in found & self._references.keys():
                self.candidates[self._references[reference]].by_reference.append(order)
            if not found:
                self._look_at_phone(order)

    def ids(self) -> set[str]:
        """Return every id of what was found: who holds them decides."""
        return {each for found in self._all() for order in found for each in ids_of(order)}

    def _look_at_phone(self, order: CourierOrder) -> None:
        phone = last_ten(order.client_mobile or "")
        for shipment in self._phones.get(phone, ()):
            if any(attempt.price == order.price for attempt in shipment.unclear):
                self.candidates[shipment.order_id].by_phone.append(order)
            elif shipment.tried_elsewhere and _made_since(order, shipment):
                self.candidates[shipment.order_id].perhaps.append(order)
        for shipment in () if phone else self._elsewhere:
            if _made_since(order, shipment):
                self.candidates[shipment.order_id].perhaps.append(order)

    def _all(self) -> Iterable[list[CourierOrder]]:
        for found in self.candidates.values():
            yield found.by_reference
            yield found.by_phone
            yield found.perhaps


def references_in(order: CourierOrder) -> set[str]:
    """Return what looks like references of ours in the order's merchant notes."""
    notes = order.merchant_notes
    return set(MARK.findall(notes)) if notes and "P" in notes else set()


def ids_of(order: CourierOrder) -> frozenset[str]:
    """Return every id under which the courier knows the order."""
    return frozenset(each for each in (order.id, order.qr_id) if each)


def is_proven(verdict: Verdict) -> bool:
    """Tell whether a reference of ours says so, which a filtered list shows as well as a whole one."""
    return not isinstance(verdict, Absent) and verdict.by == REFERENCE


def decide(search: Search, holders: Mapping[str, int]) -> dict[int, Verdict]:
    """Return the verdict on each shipment searched for, by order id.

    *holders* names the order that already holds a courier id, in the shipment journal or in the shop.
    """
    phones = {
        shipment.order_id: _free(shipment, search.candidates[shipment.order_id].by_phone, holders)
        for shipment in search.shipments
    }
    wanted_by = Counter(order.id for orders in phones.values() for order in orders)
    contested = {courier_id for courier_id, wanting in wanted_by.items() if wanting > 1}
    return {
        shipment.order_id: _by_reference(shipment, search.candidates[shipment.order_id])
        or _by_phone(phones[shipment.order_id], contested)
        or _perhaps(_free(shipment, search.candidates[shipment.order_id].perhaps, holders))
        for shipment in search.shipments
    }


def _by_reference(shipment: Shipment, found: Candidates) -> Verdict | None:
    orders = {order.id: order for order in found.by_reference}
    if not orders:
        return None
    agreeing = [order for order in orders.values() if last_ten(order.client_mobile or "") in shipment.phones]
    if len(agreeing) == 1:
        return Found(agreeing[0], REFERENCE)
    if agreeing:
        return Ambiguous(f"the courier has it more than once, with our reference: {_named(agreeing)}", REFERENCE)
    reason = f"our reference stands on a courier order with another phone: {_named(orders.values())}"
    return Ambiguous(reason, REFERENCE)


def _free(shipment: Shipment, orders: Sequence[CourierOrder], holders: Mapping[str, int]) -> Sequence[CourierOrder]:
    """Return those of *orders* that were made since the shipment's first request and belong to nobody else."""
    free = {
        order.id: order
        for order in orders
        if _made_since(order, shipment)
        and all(holders.get(each, shipment.order_id) == shipment.order_id for each in ids_of(order))
    }
    return list(free.values())


def _made_since(order: CourierOrder, shipment: Shipment) -> bool:
    """Tell whether the courier may have made *order* from a request of *shipment* that may have reached it."""
    sent_at = min(attempt.sent_at for attempt in shipment.unclear)
    since = (sent_at - SLACK).astimezone(COURIER_ZONE).replace(tzinfo=None, microsecond=0)
    return order.created_at is None or order.created_at >= since


def _by_phone(orders: Sequence[CourierOrder], contested: AbstractSet[str]) -> Verdict | None:
    if not orders:
        return None
    named = _named(orders)
    if len(orders) > 1:
        return Ambiguous(f"more than one courier order has its phone and price: {named}", PHONE_AND_PRICE)
    if orders[0].id in contested:
        return Ambiguous(f"another shipment with its phone and price waits too: {named}", PHONE_AND_PRICE)
    if orders[0].created_at is None:
        return Ambiguous(f"a courier order with its phone and price has no date: {named}", PHONE_AND_PRICE)
    return Found(orders[0], PHONE_AND_PRICE)


def _perhaps(orders: Sequence[CourierOrder]) -> Verdict:
    if not orders:
        return Absent()
    reason = "a worker of the shop may have sent it under another price, or the courier shows no phone"
    return Ambiguous(f"{reason}: {_named(orders)}", PHONE_AND_PRICE)


def _named(orders: Iterable[CourierOrder]) -> str:
    return ", ".join(sorted(order.id for order in orders))
