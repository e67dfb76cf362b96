"""From an order of the shop to the courier's create-order request; pure, and says what is wrong with an order."""

from dataclasses import field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from random import Random
from typing import TypeVar

from paranad.courier.models import NewShipment
from paranad.errors import ParanadError
from paranad.numbers import is_digits
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shipments.phone import masked, normalised
from paranad.shop.columns import MONEY_LIMIT, is_blank
from paranad.shop.settings import ShopSettings
from paranad.wording import quotable

T = TypeVar("T")

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

NO_ITEMS = Sentence(
    "order.no_items", "order {order} has no items: nothing to ship; add its items in the shop, then retry the job"
)
COLUMN_EMPTY = Sentence(
    "order.column_empty", "order {order}: {column} is empty; fill it in the shop, then retry the job"
)
NO_PHONE = Sentence(
    "order.no_phone",
    "order {order}: customer_phone: expected an Iraqi mobile number such as 07XXXXXXXXX, got {got}; correct it in the"
    " shop, then retry the job",
)
PHONE_ENDS = Sentence("order.phone_ends", "one that ends in {last}")
NO_TEXT = Sentence("order.phone_blank", "none")
NO_DIGIT = Sentence("order.phone_without_digit", "text without a digit")
NO_TOTAL = Sentence(
    "order.no_total",
    "order {order}: total_amount: expected dinars, 0 or more, got {got}; correct it in the shop, then retry the job",
)
NOTHING_TO_COLLECT = Sentence(
    "order.nothing_to_collect",
    "order {order}: total_amount: expected more than 0 dinars, got {got}; correct it in the shop, then retry the job",
)
NO_COURIER_ID = Sentence(
    "order.no_courier_id",
    'order {order}: {column}: expected an id of the courier, got "{value}"; correct it in the shop, then retry the job',
)


class ShipmentPrice(StrEnum):
    """What the courier is to collect."""

    TOTAL = "total"
    """The order's total, as the shop's own job sends it."""
    TOTAL_PLUS_FEE = "total_plus_fee"
    """The order's total and the shop's delivery_fee setting, as the shop's manual path sends it."""


class BadOrder(ParanadError):
    """The order cannot be sent as it is; the message says why and the cure."""

    kind = "bad-order"
    status = 422


@record
class ShopShipment:
    """A row of the shop's alwaseet_shipments."""

    id: int
    courier_id: str
    order_id: int | None
    """None: not linked to an order."""
    notes: str = field(repr=False)


@record
class Order:
    """What a shipment needs to know of an order."""

    id: int
    status: str
    trashed: bool
    name: str = field(repr=False)
    phone: str = field(repr=False)
    phone2: str | None = field(repr=False)
    address: str = field(repr=False)
    city_id: str | None
    region_id: str | None
    notes: str | None = field(repr=False)
    total: Decimal
    items: int
    """Number of order rows."""
    created_at: datetime | None
    """On the shop's wall clock, as *updated_at*."""
    updated_at: datetime | None
    shipments: tuple[ShopShipment, ...]
    """The shop's shipments of this order; more than one if some were made by hand."""


@record
class Place:
    """Where the courier delivers; both ids of the courier's own lists."""

    city_id: str
    region_id: str


def new_reference(order_id: int, random: Random) -> str:
    """Return the mark that finds the order again in the courier's list: `P12-K7QX`."""
    return f"P{order_id}-{''.join(random.choices(ALPHABET, k=4))}"


def build_request(order: Order, settings: ShopSettings, price: ShipmentPrice, reference: str) -> NewShipment:
    """Return the request for *order*.

    Raises:
        BadOrder: something is missing or wrong that only a person can correct.
    """
    if not order.items:
        raise BadOrder(NO_ITEMS(order=order.id))
    place = _place(order, settings)
    return NewShipment(
        client_name=_filled(order, "customer_name", order.name),
        client_mobile=_phone(order),
        client_mobile2=normalised(order.phone2),
        city_id=place.city_id,
        region_id=place.region_id,
        location=_filled(order, "customer_address", order.address),
        type_name=settings.default_type_name,
        items_number=order.items,
        price=_price(order, settings, price),
        package_size=_usable(settings.default_package_size_id),
        merchant_notes=f"{reference} {(order.notes or '').strip()}".strip(),
        rounded_from=rounded_from(order),
    )


def place_of(order: Order, settings: ShopSettings) -> tuple[str | Said, str | Said]:
    """Return city and region, or why there are none: the order's own where it names both, else the shop's defaults."""
    city, region = (order.city_id or "").strip(), (order.region_id or "").strip()
    return (city, region) if city and region else (settings.default_city_id, settings.default_region_id)


def shown(request: NewShipment) -> dict[str, str]:
    """Return the form that would be sent, phones by their last three digits."""
    form = request.form()
    return {name: masked(text) if name.startswith("client_mobile") else text for name, text in form.items()}


def _place(order: Order, settings: ShopSettings) -> Place:
    city, region = (_usable(each) for each in place_of(order, settings))
    for column, value in (("alwaseet_city_id", city), ("alwaseet_region_id", region)):
        if not is_digits(value):
            raise BadOrder(NO_COURIER_ID(order=order.id, column=column, value=quotable(value)))
    return Place(city, region)


def _usable(setting: T | Said) -> T:
    """Return the value of a setting of the shop; a setting without a usable one makes the order a bad one."""
    if isinstance(setting, Said):
        raise BadOrder(setting)
    return setting


def _filled(order: Order, column: str, text: str) -> str:
    if not is_blank(text):
        return text.strip()
    raise BadOrder(COLUMN_EMPTY(order=order.id, column=column))


def _phone(order: Order) -> str:
    if phone := normalised(order.phone):
        return phone
    raise BadOrder(NO_PHONE(order=order.id, got=_shown(order.phone or "")))


def _shown(phone: str) -> Said:
    """Say what stands in a phone's place, by its last three digits at most."""
    if any(sign.isdigit() for sign in phone):
        return PHONE_ENDS(last=masked(phone))
    return NO_TEXT() if is_blank(phone) else NO_DIGIT()


def rounded_from(order: Order) -> Decimal | None:
    """Return the order's total if it has a fraction of a dinar, so that another amount is sent; None: it is sent as is.

    A result that shows the request says so.
    """
    return None if order.total == order.total.to_integral_value() else order.total


def whole_dinars(amount: Decimal) -> int:
    """Return *amount* rounded half up: the courier takes whole dinars, and a discount may leave a fraction."""
    return int(amount.to_integral_value(ROUND_HALF_UP))


def _price(order: Order, settings: ShopSettings, price: ShipmentPrice) -> int:
    """Return what the courier is to collect; of an order that costs nothing, the fee alone."""
    if not 0 <= order.total < MONEY_LIMIT:
        raise BadOrder(NO_TOTAL(order=order.id, got=str(order.total)))
    fee = _usable(settings.delivery_fee) if price is ShipmentPrice.TOTAL_PLUS_FEE else 0
    collected = whole_dinars(order.total) + fee
    if not collected:
        raise BadOrder(NOTHING_TO_COLLECT(order=order.id, got=str(order.total)))
    return collected
