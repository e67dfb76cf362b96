"""What a person compares before a decision: the shop's order, and the rows of the courier's list that may be it.

The courier is not asked: its rows are those that the last sync kept in the shop. A value that is missing in the shop,
or cannot be read, is named as unreadable and never shown as an empty one.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, RowMapping, Table, and_, func, literal, or_, select, type_coerce
from sqlalchemy.types import NullType

from paranad.courier.parsing import COURIER_ZONE
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shipments import reasons
from paranad.shipments.judge import DAY, FIRST_YEAR
from paranad.shipments.model import UNSETTLED, Shipment
from paranad.shipments.phone import PHONE_DIGITS, last_ten
from paranad.shop.columns import time_of
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.shop.schema import columns_of
from paranad.shop.tables import alwaseet_shipments, orders

MOST = 20
"""How many rows are compared, those that the courier's list named first."""
NEWEST = 5000
"""Among how many of the shop's newest rows a phone, a reference or a `qr_id` is looked for: none has an index."""

NAMED = Sentence("candidate.named", "the courier's list named it")
REFERENCE = Sentence("candidate.reference", "it carries our reference")
PHONE = Sentence("candidate.phone", "it has the order's phone")
NO_SUCH_ORDER = Sentence("candidate.no_order", "the shop has no order {order}")

ROWS = "rows", "others"
"""The values of a reason that are ids of the courier."""


@record
class Side:
    """What is compared, of an order or of a row of the courier; None: there is none, or it is `unreadable`."""

    name: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    address: str | None = field(repr=False)
    price: Decimal | None
    notes: str | None = field(repr=False)
    created_at: datetime | None
    unreadable: tuple[str, ...]
    """Names of the values above that the shop lacks a column for, or that cannot be read."""


@record
class Candidate:
    """A courier order that may be the shipment."""

    courier_id: str
    why: Said
    """Why it comes into question."""
    row: Side | None
    """None: the shop keeps no row of it."""
    status: str | None
    order_id: int | None
    """The order that the shop links it to."""
    same: tuple[str, ...]
    """Which of its values (name, phone, price) are the order's, or were sent."""


@record
class Comparison:
    """An order beside its candidates."""

    order: Side | None
    order_reason: Said | None
    """Why the order is not shown."""
    reason: Said | None
    """Why the shop's rows were not looked at: then only what the courier's list named is known."""
    candidates: Sequence[Candidate]


async def compare(shop: Shop, shipment: Shipment) -> Comparison:
    """Put the order of *shipment* beside what may be it at the courier; a settled shipment has no candidates."""
    named = ids_named(shipment)
    order, order_reason = await _order_or_reason(shop, shipment.order_id)
    try:
        async with shop.read() as connection:
            rows = await _rows(connection, shipment, order, named)
    except ShopError as error:
        return Comparison(order, order_reason, error.said, [_unkept(each) for each in named])
    found = [each for each in rows if each.why == NAMED() or _comes_into_question(each, shipment)]
    kept = {each.courier_id for each in found}
    unkept = [_unkept(each) for each in named if each not in kept]
    return Comparison(order, order_reason, None, [*found[:MOST], *unkept])


async def _order_or_reason(shop: Shop, order_id: int) -> tuple[Side | None, Said | None]:
    try:
        async with shop.read() as connection:
            order = await _order(connection, shop.zone, order_id)
    except ShopError as error:
        return None, error.said
    return order, None if order else NO_SUCH_ORDER(order=order_id)


def ids_named(shipment: Shipment) -> list[str]:
    """Return the courier's ids that the shipment's reasons name, while a person or a list is to decide."""
    if shipment.state not in UNSETTLED:
        return []
    said = [shipment.reason, shipment.look.reason if shipment.look else None]
    texts = [text for reason in said if reason for name in ROWS for text in reasons.ids_in(reason, name)]
    return sorted({each for text in texts for each in text.replace(",", " ").split()})


def _unkept(courier_id: str) -> Candidate:
    return Candidate(courier_id, NAMED(), None, None, None, ())


def _comes_into_question(candidate: Candidate, shipment: Shipment) -> bool:
    """Tell whether a row that no list has named may be the shipment: not another order's, nor older than it."""
    if candidate.order_id not in {None, shipment.order_id}:
        return False
    made_at = candidate.row.created_at if candidate.row else None
    return made_at is None or made_at.year < FIRST_YEAR or made_at >= shipment.begun_at - DAY


async def _order(connection: AsyncConnection, zone: ZoneInfo, order_id: int) -> Side | None:
    names = {
        "name": "customer_name",
        "phone": "customer_phone",
        "address": "customer_address",
        "price": "total_amount",
        "notes": "notes",
        "created_at": "created_at",
    }
    wanted = select(*await _raw(connection, orders, names)).where(orders.c.id == order_id)
    row = (await connection.execute(wanted)).mappings().one_or_none()
    return None if row is None else _side(row, zone)


async def _rows(
    connection: AsyncConnection, shipment: Shipment, order: Side | None, named: Sequence[str]
) -> list[Candidate]:
    """Return the shop's rows of *named*, then the newest that carry the shipment's reference or phone."""
    if shipment.state not in UNSETTLED:
        return []
    table = alwaseet_shipments
    names = {
        "name": "client_name",
        "phone": "client_mobile",
        "address": "location",
        "price": "price",
        "notes": "merchant_notes",
        "created_at": "alwaseet_created_at",
    }
    also = {last_ten(order.phone or "")} if order else set()
    phones = {each for each in shipment.phones | also if len(each) == PHONE_DIGITS}
    newest = (await connection.execute(select(func.max(table.c.id)))).scalar() or 0
    marks = [table.c.merchant_notes.contains(shipment.reference, autoescape=True), table.c.qr_id.in_(named)]
    marks += [table.c.client_mobile.contains(phone) for phone in phones]
    needed = (
        table.c.alwaseet_order_id.label("courier_id"),
        *(type_coerce(table.c[name], NullType()).label(name) for name in ("qr_id", "status", "order_id")),
    )
    wanted = select(*needed, *await _raw(connection, table, names))
    found = list((await connection.execute(wanted.where(table.c.alwaseet_order_id.in_(named)))).mappings())
    known = {row["courier_id"] for row in found}
    among = and_(table.c.id > newest - NEWEST, or_(*marks))
    more = (await connection.execute(wanted.where(among).order_by(table.c.id.desc()).limit(MOST))).mappings()
    found += [row for row in more if row["courier_id"] not in known]
    return [_candidate(row, shipment, order, phones, named) for row in found]


def _candidate(
    row: RowMapping, shipment: Shipment, order: Side | None, phones: AbstractSet[str], named: Sequence[str]
) -> Candidate:
    side, ids = _side(row, COURIER_ZONE), {str(row["courier_id"]), str(row["qr_id"])}
    why = NAMED if ids & set(named) else REFERENCE if shipment.reference in (side.notes or "") else PHONE
    linked = row["order_id"]
    return Candidate(
        courier_id=str(row["courier_id"]),
        why=why(),
        row=side,
        status=row["status"] if isinstance(row["status"], str) else None,
        order_id=linked if isinstance(linked, int) else None,
        same=tuple(_same(side, shipment, order, phones)),
    )


def _same(side: Side, shipment: Shipment, order: Side | None, phones: AbstractSet[str]) -> Sequence[str]:
    prices: set[Decimal | int | None] = {attempt.price for attempt in shipment.attempts}
    prices |= {order.price} if order else set()
    same = {
        "name": bool(order and side.name and side.name.strip() == (order.name or "").strip()),
        "phone": last_ten(side.phone or "") in phones,
        "price": side.price is not None and side.price in prices,
    }
    return [name for name, is_same in same.items() if is_same]


async def _raw(connection: AsyncConnection, table: Table, names: Mapping[str, str]) -> list[ColumnElement[Any]]:
    """Return the table's columns by our *names*, each as the driver gives it; one that the shop lacks is null."""
    there = (await columns_of(connection)).get(table.name, frozenset())
    return [
        type_coerce(table.c[column], NullType()).label(name)
        if column in there
        else literal(None).label(f"{name}{LACKING}")
        for name, column in names.items()
    ]


LACKING = "?"
"""Ends the name of a value whose column the shop lacks."""


def _side(row: RowMapping, zone: ZoneInfo) -> Side:
    values: dict[str, Any] = {}
    unreadable = []
    for name, read in READERS.items():
        try:
            values[name] = read(row[name])
        except (KeyError, ValueError, ArithmeticError):
            values[name] = None
            unreadable.append(name)
    made_at: datetime | None = values["created_at"]
    return Side(**values | {"created_at": made_at and made_at.replace(tzinfo=zone)}, unreadable=tuple(unreadable))


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):  # SQLite keeps a phone as a number if it was given as one
        return str(value)
    raise ValueError("expected text")


def _amount(value: object) -> Decimal | None:
    if value is None:
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise ValueError("expected an amount") from None
    if not amount.is_finite():
        raise ValueError("expected an amount")
    return amount


READERS = {
    "name": _text,
    "phone": _text,
    "address": _text,
    "price": _amount,
    "notes": _text,
    "created_at": time_of,
}
"""How each value of a side is read; a reader raises ValueError."""
