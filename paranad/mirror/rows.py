"""The rows that a courier order makes in the shop: its shipment, and the history that the shop's observer would write.

Source: shop contract, "SyncAlWaseetOrdersJob" and "Status-change side effects".
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import String, Text

from paranad.courier.models import NAMES, VALUES, CourierOrder
from paranad.courier.parsing import UnreadableValue, wall_of
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shop.columns import CENT, MONEY_LIMIT, shown_or
from paranad.shop.errors import ShopBadRow
from paranad.shop.tables import alwaseet_shipments

NEW = "جديد"
CHANGED = "محدث"
SEEDED = "initial_seed"
"""By whom a history row is that says where a shipment without one stands; nothing changed."""

MOST_TEXT = 16_000
"""So many characters fit into MySQL's TEXT, even if each takes four bytes."""
YEARS = range(1971, 2038)
"""The years that a MySQL TIMESTAMP can hold in any time zone."""

LIMITS: Mapping[str, int] = {
    column.name: MOST_TEXT if isinstance(column.type, Text) else column.type.length or MOST_TEXT
    for column in alwaseet_shipments.c
    if isinstance(column.type, String) and column.name != "alwaseet_order_id"
}

COLUMN_OF = {"created_at": "alwaseet_created_at", "updated_at": "alwaseet_updated_at"}
"""Columns whose name differs from the courier's name of the field."""
UNREADABLE = Sentence("shipment.unreadable", "alwaseet_shipments.{column}: expected {expected}, got {got}")
DINARS = Sentence("shipment.dinars", "an amount of dinars")
PHONE = Sentence("shipment.phone", "a phone")
TIME = Sentence("shipment.time", "a time")
TIME_OF_AGE = Sentence("shipment.time_of_age", "a time of this age")
ORDER_ID = Sentence("shipment.order_id", "the digits of a courier order")
TEXT = Sentence("shipment.text", "text")
ID_TOO_LONG = Sentence(
    "shipment.id_too_long", 'alwaseet_shipments.alwaseet_order_id: "{id}…" is longer than the shop can hold'
)
AMOUNT_TOO_LARGE = Sentence(
    "shipment.amount_too_large", "alwaseet_shipments.{column}: {amount} is more than the shop can hold"
)
EXPECTED: Mapping[str, Sentence] = {
    **dict.fromkeys(("price", "delivery_price"), DINARS),
    **dict.fromkeys(("client_mobile", "client_mobile2"), PHONE),
    **dict.fromkeys(("created_at", "updated_at"), TIME),
    "qr_id": ORDER_ID,
}
"""The kind of value that a field other than plain text takes."""
AMOUNTS = ("price", "delivery_price")
TIMES = ("alwaseet_created_at", "alwaseet_updated_at")
FILLED = (
    "client_name",
    "client_mobile",
    "client_mobile2",
    "city_id",
    "city_name",
    "region_id",
    "region_name",
    "location",
    *AMOUNTS,
    "package_size",
    "type_name",
    "status_id",
    "status",
    "items_number",
    "merchant_notes",
    "issue_notes",
    "replacement",
    "qr_id",
    "qr_link",
    *TIMES,
)
"""The columns that a sync writes, beside the courier's id."""
MUTE_IF_BLANK = ("status_id", "status", "qr_id", "qr_link", *TIMES)
"""Columns in which a blank, or a value that does not fit, says nothing."""
SENT_LATER = ("pickup_id", "merchant_invoice_id")
"""Columns that the courier fills once an order is on its way; a sync does not write them."""


@record
class Row:
    """The columns that the courier's list fills."""

    values: dict[str, Any] = field(repr=False)
    cut: tuple[str, ...]
    """Columns whose value was too long: cut, or left empty."""
    unread: Mapping[str, Said]
    """Columns whose value is there and cannot be read, and why; the shop keeps its own value in them."""


def row_of(order: CourierOrder) -> Row:
    """Return the shop's row of *order*; a value that is too long is cut, and its column named.

    Raises:
        ShopBadRow: its id or an amount does not fit.
    """
    texts = {
        "client_name": shown_or(order.client_name, ""),
        "client_mobile": order.client_mobile or "",
        "client_mobile2": order.client_mobile2 or None,
        "city_id": order.city_id or "",
        "city_name": order.city_name or "",
        "region_id": order.region_id or "",
        "region_name": order.region_name or "",
        "location": shown_or(order.location, ""),
        "package_size": order.package_size or "",
        "type_name": order.type_name or "",
        "status_id": order.status_id or "",
        "status": order.status or "",
        "items_number": order.items_number or "1",
        "merchant_notes": order.merchant_notes,
        "issue_notes": order.issue_notes,
        "qr_id": order.qr_id or None,
        "qr_link": order.qr_link,
    }
    long = tuple([name for name, text in texts.items() if text and len(text) > LIMITS[name]])
    values = {
        "alwaseet_order_id": _id(order.id),
        **texts,
        "price": _amount("price", order.price),
        "delivery_price": _amount("delivery_price", order.delivery_price),
        "replacement": bool(order.replacement),
        "alwaseet_created_at": _time(order.created_at),
        "alwaseet_updated_at": _time(order.updated_at),
    }
    for name in long:
        # In strict mode a server would refuse the whole row for one long text.
        values[name] = (texts[name] or "")[: LIMITS[name]]
    values["qr_link"] = fitting_link(order.qr_link)
    return Row(values, long, _unread(order, values))


def present_of(order: CourierOrder) -> Row:
    """Return only the columns for which *order* has a value, columns of `SENT_LATER` included.

    Raises:
        ShopBadRow: as `row_of`.
    """
    row = row_of(order)
    said = {name: value for name, value in row.values.items() if _is_said(order, name, value)}
    later = {name: text[: LIMITS[name]] for name in SENT_LATER if (text := getattr(order, name))}
    return Row(said | later, row.cut, row.unread)


def api_data_of(order: CourierOrder) -> dict[str, Any]:
    """Return the courier's whole object, by its own names and as text, for the shop's column `api_data`."""
    fields = {
        name: value if type(value) is str else _as_said(value)
        for name, value in zip(NAMES, VALUES(order), strict=True)
        if value is not None
    }
    return {**fields, **order.extra} if order.extra else fields


def parsed(text: object) -> Any:
    """Return the courier's object as the shop stored it; None if there is none, or it cannot be read."""
    try:
        return orjson.loads(text) if isinstance(text, str | bytes) else text
    except ValueError:
        return None


def is_back_in_time(said_at: datetime | None, api_data: object) -> bool:
    """Tell whether an answer that the courier changed at *said_at* is older than the object that the shop stored.

    Only the time within the stored object counts: the shop also writes its own clock into the row's columns.
    """
    if said_at is None or not isinstance(api_data, Mapping):
        return False
    try:
        stored_at = wall_of(api_data.get("updated_at"))
    except UnreadableValue:
        return False
    return stored_at is not None and said_at < stored_at


def created_history(shipment_id: int, order_id: int | None, values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the history row of a shipment that was just inserted with *values*."""
    return {
        "order_id": order_id,
        "shipment_id": shipment_id,
        "status_id": values["status_id"],
        "status_text": values["status"] or NEW,
        "changed_at": values["alwaseet_created_at"] or now,
        "changed_by": "system_auto",
        "metadata": {"auto_created": True, "event": "shipment_created"},
        "created_at": now,
        "updated_at": now,
    }


def changed_history(
    shipment_id: int, order_id: int | None, values: Mapping[str, Any], old_status_id: str, now: datetime
) -> dict[str, Any]:
    """Return the history row of a shipment whose status changed from *old_status_id* to that of *values*."""
    return {
        "order_id": order_id,
        "shipment_id": shipment_id,
        "status_id": values["status_id"],
        "status_text": values.get("status") or CHANGED,
        "changed_at": now,
        "changed_by": "system_auto",
        "metadata": {
            "auto_created": True,
            "event": "status_changed",
            "old_status": old_status_id,
            "new_status": values["status_id"],
        },
        "created_at": now,
        "updated_at": now,
    }


def listed_history(
    shipment_id: int, order_id: int | None, values: Mapping[str, Any], old_status_id: str, now: datetime
) -> dict[str, Any]:
    """Return the history row of a change that the courier's whole list showed, with the courier's time."""
    return changed_history(shipment_id, order_id, values, old_status_id, now) | {
        "changed_at": values.get("alwaseet_updated_at") or now,
        "changed_by": "system_sync",
        "metadata": {"old_status_id": old_status_id, "synced_from_api": True},
    }


def _unread(order: CourierOrder, values: Mapping[str, Any]) -> Mapping[str, Said]:
    """Return the columns whose value in *order* cannot be read, or that no column can hold."""
    unread = dict[str, Said]()
    for name, got in order.unreadable.items():
        column = COLUMN_OF.get(name, name)
        unread[column] = UNREADABLE(column=column, expected=EXPECTED.get(name, TEXT)(), got=got)
    for name, time in zip(TIMES, (order.created_at, order.updated_at), strict=True):
        if time and values[name] is None:
            unread[name] = UNREADABLE(column=name, expected=TIME_OF_AGE(), got=f'"{time}"')
    return unread


def _is_said(order: CourierOrder, name: str, value: Any) -> bool:
    return bool(value) if name in MUTE_IF_BLANK else getattr(order, name, order.id) is not None


def _as_said(value: Any) -> str:
    match value:
        case bool():
            return str(int(value))
        case datetime():
            return value.isoformat(" ")
        case _:
            return str(value)


def _id(text: str) -> str:
    if len(text) > 255:
        raise ShopBadRow(ID_TOO_LONG(id=text[:40]))
    return text


def fitting_link(text: str | None) -> str | None:
    """Return a link without the spaces around it; None if it is too long, since half a link leads nowhere."""
    link = (text or "").strip()
    return link if 0 < len(link) <= LIMITS["qr_link"] else None


def _amount(name: str, amount: Decimal | None) -> Decimal:
    amount = amount or Decimal(0)
    if abs(amount) >= MONEY_LIMIT:
        raise ShopBadRow(AMOUNT_TOO_LARGE(column=name, amount=str(amount)))
    return amount.quantize(CENT)


def _time(time: datetime | None) -> datetime | None:
    return time.replace(microsecond=0) if time and time.year in YEARS else None
