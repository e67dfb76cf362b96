"""The courier's order rows into records: leniently, field by field, and without holding the loop or the body."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal

from paranad.courier.answers import REFUSING_CODES, code_of
from paranad.courier.errors import CourierUnclear
from paranad.courier.models import CourierOrder, Json, OrderList
from paranad.courier.parsing import Scanner, clean

AMOUNT = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,8})?")
"""What lies beyond is no price; `1e999999999` written out would take all memory."""
REPEATED_CHARS = 40
"""Shorter texts of unknown fields are likely to come again."""
NOTHING: Mapping[str, Json] = {}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which orders are wanted; the courier may ignore it, so it is applied here again."""

    status_id: str | None = None
    date_from: date | None = None
    """First day wanted, by `created_at`; None: no limit."""
    date_to: date | None = None
    """Last day wanted."""

    def query(self) -> dict[str, str]:
        """Return what is asked of the courier."""
        days = {"date_from": self.date_from, "date_to": self.date_to}
        status = {"status_id": self.status_id} if self.status_id else {}
        return status | {name: day.isoformat() for name, day in days.items() if day}

    def wants(self, order: CourierOrder) -> bool | None:
        """Tell whether *order* is wanted; None where its date is needed and cannot be read."""
        if self.status_id and order.status_id != self.status_id:
            return False
        if self.date_from is None and self.date_to is None:
            return True
        if order.created_at is None:
            return None
        day = order.created_at.date()
        return (self.date_from or day) <= day <= (self.date_to or day)


@dataclass(slots=True)
class Rows:
    """Collects rows of one list; texts that repeat from row to row are held once."""

    wanted: Filter
    orders: OrderList = field(default_factory=OrderList)
    seen: int = 0
    _texts: dict[str, str] = field(default_factory=dict)
    _amounts: dict[str, Decimal | None] = field(default_factory=dict)

    def add(self, row: Json) -> None:
        """Take *row*, unless the filter leaves it out; one without an id is counted as skipped."""
        self.seen += 1
        order = self._order(row) if isinstance(row, dict) else None
        wanted = self.wanted.wants(order) if order else None
        if wanted is None:
            self.orders.skipped += 1
        elif wanted and order:
            self.orders.append(order)

    def finish(self, path: str) -> OrderList:
        """Return the list.

        Raises:
            CourierUnclear: it has rows, and none can be read.
        """
        if self.seen and self.orders.skipped == self.seen:
            raise CourierUnclear(f"{path}: none of its {self.seen} rows can be read")
        return self.orders

    def _order(self, row: dict[str, Json]) -> CourierOrder | None:
        order_id = text_of(row.get("id")) or text_of(row.get("qr_id"))
        if not order_id or not order_id.strip():
            return None
        values = {name: read(self, row.get(name)) for name, read in READ.items()}
        extra = {self._repeated(key): self._extra(row[key]) for key in row.keys() - KNOWN}
        return CourierOrder(id=order_id.strip(), extra=extra or NOTHING, **values)

    def _repeated(self, text: str) -> str:
        return self._texts.setdefault(text, text)

    def _extra(self, value: Json) -> Json:
        return self._repeated(clean(value)) if isinstance(value, str) and len(value) < REPEATED_CHARS else value

    def shared(self, value: Json) -> str | None:
        """Return a text that many rows have in common."""
        text = text_of(value)
        return None if text is None else self._repeated(text)

    def shared_id(self, value: Json) -> str | None:
        """Return an id that many rows have in common, without stray spaces."""
        text = text_of(value)
        return None if text is None else self._repeated(text.strip())

    def amount(self, value: Json) -> Decimal | None:
        """Return an amount of dinars."""
        text = text_of(value)
        if text is None:
            return None
        if text not in self._amounts:
            self._amounts[text] = amount_of(text)
        return self._amounts[text]


def text_of(value: Json) -> str | None:
    """Return a field as text; None where it is missing, null, or a list or object."""
    if isinstance(value, str):
        return value if value.isascii() else clean(value)
    if isinstance(value, bool):
        return str(int(value))
    return str(value) if isinstance(value, int | float) else None


def amount_of(text: str) -> Decimal | None:
    """Return dinars from `25000` or `25000.00`; None where that is not a number of any use."""
    text = text.strip()
    return Decimal(text) if AMOUNT.fullmatch(text) else None


def wall_of(value: Json) -> datetime | None:
    """Return the courier's wall clock from `YYYY-MM-DD HH:MM:SS`; None where it is not that."""
    if not isinstance(value, str):
        return None
    try:
        wall = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return wall if wall.tzinfo is None else None


READ: Mapping[str, Callable[[Rows, Json], Json]] = {
    **dict.fromkeys(
        ("qr_link", "client_name", "client_mobile", "client_mobile2", "location", "merchant_notes", "issue_notes"),
        lambda _, value: text_of(value),
    ),
    "qr_id": lambda _, value: (text_of(value) or "").strip() or None,
    **dict.fromkeys(("city_name", "region_name", "package_size", "type_name", "status", "items_number"), Rows.shared),
    **dict.fromkeys(("city_id", "region_id", "status_id", "merchant_invoice_id", "pickup_id"), Rows.shared_id),
    **dict.fromkeys(("price", "delivery_price"), Rows.amount),
    "replacement": lambda _, value: None if value is None else (text_of(value) or "").strip() == "1",
    **dict.fromkeys(("created_at", "updated_at"), lambda _, value: wall_of(value)),
}
"""How each field of a row is read, by its name in the row and in the record."""

KNOWN = {spec.name for spec in fields(CourierOrder)} - {"extra"}


async def read_stream(pieces: AsyncIterator[bytes], rows: Rows, path: str) -> None:
    """Read a long list's rows as its bytes come.

    Raises:
        CourierUnclear: it is cut, is not JSON, or does not say `status: true` beside a list of rows.
    """
    try:
        status = await _read_envelope(Scanner(pieces), rows)
    except ValueError:
        raise CourierUnclear(f"{path}: cut or not JSON after {rows.seen} rows") from None
    if status is not True or not rows.seen:
        raise CourierUnclear(f"{path}: a long answer that is not a successful list")


async def _read_envelope(scanner: Scanner, rows: Rows) -> Json:
    """Read the whole envelope, its rows into *rows*; return its `status`.

    One that contradicts itself, by a key that stands twice or by a refusal's code, is a ValueError.
    """
    status, keys = None, set[str]()
    async for _ in scanner.members("{", "}"):
        key = await scanner.key()
        if key in keys:
            raise ValueError("a key twice")
        keys.add(key)
        if key == "data" and await scanner.peek() == "[":
            async for _ in scanner.members("[", "]"):
                rows.add(await scanner.value())
        elif key == "status":
            status = await scanner.value()
        elif key == "errNum":
            if code_of(await scanner.value()) in REFUSING_CODES:
                raise ValueError("a refusal's code")
        else:
            await scanner.value()
    await scanner.expect("")
    return status


def read_rows(data: Json, rows: Rows, path: str) -> None:
    """Read the rows of a short list.

    Raises:
        CourierUnclear: null, an object or text stands where rows belong; only `[]` is an empty list.
    """
    if not isinstance(data, list):
        raise CourierUnclear(f"{path}: expected a list of orders, got {type(data).__name__}")
    for row in data:
        rows.add(row)
