"""The search of one list of the courier for the rows that may be our shipments; pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from paranad.courier.models import CourierOrder
from paranad.shipments.model import Shipment
from paranad.shipments.phone import PHONE_DIGITS, last_ten
from paranad.shipments.reasons import TAKEN_OVER

REFERENCE = re.compile(r"(?<![A-Za-z0-9])P[0-9]{1,19}-[A-Z2-7]{4}(?![A-Za-z0-9])")
"""What a reference of ours looks like; others may write such texts too."""


@dataclass(slots=True)
class Shown:
    """The rows that may be one shipment."""

    by_reference: list[CourierOrder] = field(default_factory=list)
    """They carry its reference."""
    by_phone: list[CourierOrder] = field(default_factory=list)
    """They carry its phone, or none that can be read; never its reference."""


@dataclass(slots=True)
class Search:
    """Looks for *shipments*, and for parcels by *watched* ids, in a list that comes in pieces."""

    shipments: Sequence[Shipment]
    watched: AbstractSet[str]
    """Ids of the courier."""
    keep_marked: bool = False
    """Whether `marked` is filled: after queue.db was restored."""
    shown: dict[int, Shown] = field(init=False)
    """By order id."""
    seen: set[str] = field(init=False, default_factory=set)
    """The members of *watched* that the list shows."""
    references: set[str] = field(init=False, default_factory=set)
    """Every text in it that looks like a reference of ours."""
    marked: dict[str, list[CourierOrder]] = field(init=False, default_factory=dict)
    """Its rows by such a text."""
    _by_reference: dict[str, Shown] = field(init=False)
    _by_phone: dict[str, list[Shown]] = field(init=False)
    _elsewhere: dict[int, Shipment] = field(init=False)
    """By order id: the shipments that another machine may have sent, with a reference that may be unknown here."""

    def __post_init__(self) -> None:
        self.shown = {shipment.order_id: Shown() for shipment in self.shipments}
        self._by_reference = {shipment.reference: self.shown[shipment.order_id] for shipment in self.shipments}
        suspected = [each for each in self.shipments if any(s.code == TAKEN_OVER.code for s in each.suspicions)]
        self._elsewhere = {shipment.order_id: shipment for shipment in suspected}
        self._by_phone = {}
        for shipment in self.shipments:
            for phone in shipment.phones:
                self._by_phone.setdefault(phone, []).append(self.shown[shipment.order_id])

    @property
    def is_for_references(self) -> bool:
        """Whether nothing but the list's references is wanted: no row of it needs to be made."""
        return not self.shipments and not self.watched and not self.keep_marked

    def look_at(self, orders: Iterable[CourierOrder]) -> None:
        """Take in a piece of the list."""
        for order in orders:
            self.seen.update(self.watched & ids_of(order))
            found = references_in(order)
            self.references |= found
            carried = self._carried(found, order)
            for shown in carried:
                shown.by_reference.append(order)
            for shown in self._of_phone(order):
                if shown not in carried:
                    shown.by_phone.append(order)
            if self.keep_marked:
                for reference in found:
                    self.marked.setdefault(reference, []).append(order)

    def _carried(self, found: AbstractSet[str], order: CourierOrder) -> list[Shown]:
        """Return the shipments whose reference is among those *found* in the notes of *order*.

        Another machine's reference begins with the order's number. Anybody may write such a text: on a parcel that is
        known to be another's it counts only with the order's phone. On any other with another phone it is for a person
        to say: the courier may have changed it.
        """
        carried = {reference: self._by_reference[reference] for reference in found if reference in self._by_reference}
        if self._elsewhere:
            phone = last_ten(order.client_mobile or "")
            for reference in found - carried.keys():
                shipment = self._elsewhere.get(order_of(reference))
                if shipment and (phone in shipment.phones or not self.watched & ids_of(order)):
                    carried[reference] = self.shown[shipment.order_id]
        return list({id(shown): shown for shown in carried.values()}.values())

    def rows(self) -> Iterator[CourierOrder]:
        """Yield every row that may be one of the shipments."""
        for shown in self.shown.values():
            yield from shown.by_reference
            yield from shown.by_phone

    def _of_phone(self, order: CourierOrder) -> Iterable[Shown]:
        phone = last_ten(order.client_mobile or "")
        if len(phone) == PHONE_DIGITS:
            return self._by_phone.get(phone, ())
        # A row without a phone may be anybody's: it is a candidate of every shipment.
        return self.shown.values() if self.shown else ()


def references_in(order: CourierOrder) -> set[str]:
    """Return what looks like references of ours in the order's merchant notes."""
    return references_among([order.merchant_notes] if order.merchant_notes else [])


def references_among(notes: Iterable[str]) -> set[str]:
    """Return what looks like references of ours in any of *notes*."""
    return {reference for note in notes if "P" in note for reference in REFERENCE.findall(note)}


def order_of(reference: str) -> int:
    """Return the shop's order that a reference of ours names."""
    return int(reference.partition("-")[0].removeprefix("P"))


def ids_of(order: CourierOrder) -> frozenset[str]:
    """Return the order's ids as a set, to be compared with the journal's."""
    return frozenset(order.ids)
