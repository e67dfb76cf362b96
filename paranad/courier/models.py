"""What is asked of the courier and what it answers, as records. Ids are text, whatever JSON type they came in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import Any, overload

from pydantic import SecretStr

Json = Any
"""A JSON value: None, bool, int, float, str, list or dict of such."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who logs in; either may be empty where nobody has set it."""

    username: str
    password: SecretStr


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class CreatedOrder:
    """What create-order answered."""

    id: str
    """Its `id`, or its `qr_id` where only that came."""
    qr_id: str | None
    qr_link: str | None = field(repr=False)
    """Holds a token: never logged."""
    ids: frozenset[str]
    """Every id the answer gave; lists may name the order by any of them."""


@dataclass(frozen=True, slots=True)
class CourierOrder:
    """One row of the courier's lists, as it came; None where the field is missing or null.

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
    """Dinars; None where it is not a number."""
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
    """The courier's wall clock (Baghdad), naive; None where it cannot be read."""
    updated_at: datetime | None
    extra: Mapping[str, Json] = field(repr=False)
    """Fields of the row that this record does not know, as they came."""


@dataclass(frozen=True, slots=True)
class StatusList:
    """The statuses an order may have at the courier."""

    texts: Mapping[str, str]
    """What the courier calls each, by its id, in the courier's order."""
    skipped: int = 0
    """How many rows lack an id or a text."""


Packed = tuple[Any, ...]
"""A CourierOrder's values in order, then the names and values of `extra` by turns; flat, or it would be no use."""

NAMES = tuple(spec.name for spec in fields(CourierOrder) if spec.name != "extra")
VALUES = attrgetter(*NAMES)


def _packed(order: CourierOrder) -> Packed:
    return (*VALUES(order), *chain.from_iterable(order.extra.items()))


def _unpacked(packed: Packed) -> CourierOrder:
    extra = packed[len(NAMES) :]
    values: Packed = (*packed[: len(NAMES)], dict(zip(extra[::2], extra[1::2], strict=True)))
    return CourierOrder(*values)


class OrderList(Sequence[CourierOrder]):
    """A list of the courier's orders, and how many of its rows could not be read or placed.

    Each order is held as a plain tuple and made when it is asked for: the garbage collector looks at every record
    that lives but leaves such tuples alone, and over 50,000 records it would stop the loop.
    """

    skipped: int
    """Where it is not 0, the list does not prove that an order is absent."""

    def __init__(self, orders: Iterable[CourierOrder] = (), *, skipped: int = 0) -> None:
        self._orders = [_packed(order) for order in orders]
        self.skipped = skipped

    def append(self, order: CourierOrder) -> None:
        """Add *order* at the end."""
        self._orders.append(_packed(order))

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
