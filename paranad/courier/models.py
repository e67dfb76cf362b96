"""What is asked of the courier and what it answers, as records. Ids are text, whatever JSON type they came in."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, fields
from datetime import datetime
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import Any, overload

from pydantic import SecretStr

from paranad.record import record

Json = Any
"""A JSON value: None, bool, int, float, str, list or dict of such."""
NOTHING: Mapping[str, Json] = {}
Ids = tuple[str, ...]
"""The courier's ids of one order, the likelier first."""


@record
class Account:
    """The username and password; either is empty if it is not set."""

    username: str
    password: SecretStr


@record
class NewShipment:
    """The fields of create-order, checked already. Source: courier API, "create-order"."""

    client_name: str = field(repr=False)
    client_mobile: str = field(repr=False)
    """`+9647` and nine digits."""
    client_mobile2: str | None = field(repr=False)
    """As `client_mobile`; None: not sent."""
    city_id: str
    region_id: str
    location: str = field(repr=False)
    type_name: str
    items_number: int
    """At least 1."""
    price: int
    """Whole dinars to collect."""
    package_size: str
    """The id of a package size."""
    merchant_notes: str
    """Begins with our reference; empty: not sent."""
    rounded_from: Decimal | None = None
    """The order's total if it has a fraction of a dinar; None: it is sent as it is. Not part of the form."""

    def form(self) -> dict[str, str]:
        """Return the form's fields as text; `replacement` is always 0: nothing comes back."""
        required = {
            "client_name": self.client_name,
            "client_mobile": self.client_mobile,
            "city_id": self.city_id,
            "region_id": self.region_id,
            "location": self.location,
            "type_name": self.type_name,
            "items_number": str(self.items_number),
            "price": str(self.price),
            "package_size": self.package_size,
            "replacement": "0",
        }
        optional = {"client_mobile2": self.client_mobile2, "merchant_notes": self.merchant_notes}
        return required | {name: text for name, text in optional.items() if text}


@record
class CreatedOrder:
    """What create-order answered."""

    id: str
    """Its `id`, or its `qr_id` if only that came."""
    qr_id: str | None
    qr_link: str | None = field(repr=False)
    """Holds a token: never logged."""
    ids: frozenset[str]
    """Every id the answer gave; lists may name the order by any of them."""


@record
class CourierOrder:
    """One row of the courier's lists; a field is None if it is missing, null or unreadable.

    Source: courier API, "Order row".
    """

    id: str
    qr_id: str | None
    qr_link: str | None = field(repr=False)
    client_name: str | None = field(repr=False)
    client_mobile: str | None = field(repr=False)
    client_mobile2: str | None = field(repr=False)
    city_id: str | None
    city_name: str | None
    region_id: str | None
    region_name: str | None
    location: str | None = field(repr=False)
    price: Decimal | None
    """Dinars."""
    delivery_price: Decimal | None
    package_size: str | None
    """The name of the size, not its id."""
    type_name: str | None
    status_id: str | None
    status: str | None
    items_number: str | None
    merchant_notes: str | None = field(repr=False)
    issue_notes: str | None = field(repr=False)
    replacement: bool | None
    merchant_invoice_id: str | None
    pickup_id: str | None
    created_at: datetime | None
    """The courier's wall clock (Baghdad), naive."""
    updated_at: datetime | None
    extra: Mapping[str, Json] = field(repr=False)
    """Fields that this record does not know or that cannot be read, as they came."""
    unreadable: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """By the name of each field that cannot be read: the value in it, short and without secrets."""

    @property
    def ids(self) -> Ids:
        """Every id by which a list or the shop may name this order, the likelier first."""
        return (self.id, self.qr_id) if self.qr_id and self.qr_id != self.id else (self.id,)


@record
class StatusList:
    """The statuses an order may have at the courier."""

    texts: Mapping[str, str]
    """What the courier calls each, by its id, in the courier's order."""
    skipped: int = 0
    """How many rows lack an id or a text."""


Packed = tuple[Any, ...]
"""A CourierOrder as one flat tuple.

Its values in order, amounts as text; then the number of unreadable fields, and for each its name and what stands there;
then the name and value of each field in `extra`. A Decimal or a dict in it would make the garbage collector track it.
"""

NAMES = tuple(spec.name for spec in fields(CourierOrder) if spec.name not in {"extra", "unreadable"})
VALUES = attrgetter(*NAMES)
PRICE_AT, FEE_AT = NAMES.index("price"), NAMES.index("delivery_price")
NOTES_AT = NAMES.index("merchant_notes")
COUNT_AT = len(NAMES)
HANDED_OVER: Packed = ()
"""In the place of an order that is no longer held."""


def _packed(order: CourierOrder) -> Packed:
    values: Packed = VALUES(order)
    before, after = values[:PRICE_AT], values[FEE_AT + 1 :]
    unreadable = chain.from_iterable(order.unreadable.items()) if order.unreadable else ()
    extra = chain.from_iterable(order.extra.items()) if order.extra else ()
    # Nested containers would be tracked by the collector, hence the flat pairs.
    amounts = (_text(order.price), _text(order.delivery_price))
    return (*before, *amounts, *after, len(order.unreadable), *unreadable, *extra)


def _unpacked(packed: Packed) -> CourierOrder:
    values: list[Any] = list(packed[:COUNT_AT])
    values[PRICE_AT], values[FEE_AT] = _amount(values[PRICE_AT]), _amount(values[FEE_AT])
    extra_at = COUNT_AT + 1 + 2 * packed[COUNT_AT]
    values.append(_paired(packed[extra_at:]) if len(packed) > extra_at else NOTHING)
    values.append(_paired(packed[COUNT_AT + 1 : extra_at]) if packed[COUNT_AT] else NOTHING)
    return CourierOrder(*values)


def _text(amount: Decimal | None) -> str | None:
    """Return *amount* as text: the collector tracks a Decimal. Prices repeat from row to row, so each is held once."""
    return None if amount is None else sys.intern(str(amount))


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _paired(flat: Packed) -> dict[str, Any]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


class OrderList(Sequence[CourierOrder]):
    """A list of the courier's orders, and how many of its rows could not be read or placed.

    Each order is held as a plain tuple, and its record is made when it is asked for. The garbage collector visits every
    living record but not such tuples; visiting 50,000 records would stop the loop.
    """

    skipped: int
    """If it is not 0, the list does not prove that an order is absent."""

    def __init__(self, orders: Iterable[CourierOrder] = (), *, skipped: int = 0) -> None:
        self._orders = [_packed(order) for order in orders]
        self.skipped = skipped

    def append(self, order: CourierOrder) -> None:
        """Add *order* at the end."""
        self._orders.append(_packed(order))

    def replace(self, place: int, order: CourierOrder) -> None:
        """Put *order* in the place of another."""
        self._orders[place] = _packed(order)

    def merchant_notes(self) -> list[str]:
        """Return the merchant's notes of all orders, without making the records."""
        return [packed[NOTES_AT] for packed in self._orders if packed[NOTES_AT]]

    def handed_over(self, at_once: int) -> Iterator[list[CourierOrder]]:
        """Give all orders, *at_once* of them at a time, and keep none: letting go of 50,000 together stops the loop."""
        for start in range(0, len(self), at_once):
            orders = self[start : start + at_once]
            self._orders[start : start + at_once] = [HANDED_OVER] * len(orders)
            yield orders

    def __len__(self) -> int:
        return len(self._orders)

    def __iter__(self) -> Iterator[CourierOrder]:
        return map(_unpacked, self._orders)

    @overload
    def __getitem__(self, place: int) -> CourierOrder: ...

    @overload
    def __getitem__(self, place: slice) -> list[CourierOrder]: ...

    def __getitem__(self, place: int | slice) -> CourierOrder | list[CourierOrder]:
        if isinstance(place, slice):
            return [_unpacked(packed) for packed in self._orders[place]]
        return _unpacked(self._orders[place])
