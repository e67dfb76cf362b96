"""The courier's order rows into records: field by field, tolerantly, without stopping the loop or holding the body."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from paranad.courier.answers import NO_ROW_READABLE, REFUSING_CODES, code_of
from paranad.courier.errors import CALL, CourierUnclear
from paranad.courier.models import NAMES, NOTHING, CourierOrder, Json, OrderList
from paranad.courier.parsing import (
    NO_DATE,
    Scanner,
    UnreadableValue,
    amount_of,
    described,
    flag_of,
    order_id_of,
    phone_of,
    text_of,
    wall_of,
)
from paranad.record import record
from paranad.said import Sentence
from paranad.wording import encodable

REPEATED_CHARS = 40
"""Shorter texts of unknown fields are likely to come again, and are held once."""
OTHER_NAMES = {"client_mobile": "mobile", "created_at": "merchant_created_at"}
"""By the name of a field: the other name under which some rows have it."""

CUT = Sentence("courier.cut", "cut or not JSON after {rows} rows")
NO_SUCCESSFUL_LIST = Sentence("courier.no_successful_list", "a long answer that is not a successful list")
NOT_A_LIST = Sentence("courier.not_a_list", "expected a list of orders, got {type}")


@record
class Filter:
    """Which orders are wanted; the courier may ignore a filter, so it is applied here again."""

    status_id: str | None = None
    date_from: date | None = None
    """First day wanted, by `created_at`; None: no limit."""
    date_to: date | None = None
    """Last day wanted."""

    def query(self) -> dict[str, str]:
        """Return the filter as the courier's query."""
        days = {"date_from": self.date_from, "date_to": self.date_to}
        status = {"status_id": self.status_id} if self.status_id else {}
        return status | {name: day.isoformat() for name, day in days.items() if day}

    def wants(self, order: CourierOrder) -> bool | None:
        """Tell whether *order* is wanted; None if its date is needed and cannot be read."""
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
    """Collects the rows of one list; a text or an order that comes again is held once."""

    wanted: Filter
    orders: OrderList = field(default_factory=OrderList)
    seen: int = 0
    _texts: dict[str, str] = field(default_factory=dict)
    _repeats: "Mapping[str, Repeats]" = field(init=False)
    """The readers of the fields whose values come again from row to row."""
    _places: dict[str, int] = field(default_factory=dict)
    """Where in the list each id stands."""

    def __post_init__(self) -> None:
        texts = self._texts  # not self: a cycle would keep the whole list alive until it is collected
        shared, shared_ids = Repeats(partial(_shared, texts)), Repeats(partial(_shared_id, texts))
        amounts = Repeats(amount_of)
        self._repeats = {
            **dict.fromkeys(
                ("city_name", "region_name", "package_size", "type_name", "status", "items_number"), shared
            ),
            **dict.fromkeys(("city_id", "region_id", "status_id", "merchant_invoice_id", "pickup_id"), shared_ids),
            **dict.fromkeys(("price", "delivery_price"), amounts),
            "replacement": Repeats(flag_of),
        }

    def add(self, row: Json) -> None:
        """Take *row*, unless the filter leaves it out; a row without an id is counted as skipped."""
        self.seen += 1
        # An unreadable row may be the very order that is looked for, so that the list proves no absence.
        order = self._order(row) if isinstance(row, dict) else None
        wanted = self.wanted.wants(order) if order else None
        if wanted is None:
            self.orders.skipped += 1
        elif wanted and order:
            self._take(order)

    def finish(self, path: str) -> OrderList:
        """Return the list.

        Raises:
            CourierUnclear: it has rows, and none can be read.
        """
        if self.seen and self.orders.skipped == self.seen:
            raise CourierUnclear(CALL(path=path, reason=NO_ROW_READABLE(rows=self.seen)))
        return self.orders

    def _take(self, order: CourierOrder) -> None:
        """Take *order*; if its id came before, it replaces that one."""
        place = self._places.setdefault(order.id, len(self.orders))
        if place < len(self.orders):
            self.orders.replace(place, order)
        else:
            self.orders.append(order)

    def _order(self, row: dict[str, Json]) -> CourierOrder | None:
        order_id = _id_in(row, "id") or _id_in(row, "qr_id")
        if order_id is None:
            return None
        # The quick way first: nearly every row of 50,000 can be read whole.
        extra = {self._repeated(key): self._extra(row[key]) for key in row.keys() - KNOWN}
        row = _by_its_names(row)
        get = row.get
        try:
            own = {name: read(get(name)) for name, read in READ.items()}
            repeated = {name: repeats[get(name)] for name, repeats in self._repeats.items()}
        except (UnreadableValue, TypeError):  # TypeError: a list or an object, which no mapping has as key
            return CourierOrder(id=order_id, **self._readable(row, extra))
        if own["qr_id"] == order_id:
            own["qr_id"] = order_id  # one text instead of two equal ones, in each of 50,000 rows
        return CourierOrder(id=order_id, extra=extra or NOTHING, **own, **repeated)

    def _readable(self, row: dict[str, Json], extra: dict[str, Json]) -> dict[str, Any]:
        """Return the fields of *row*, read one by one; an unreadable field is described and put into *extra*."""
        values, unreadable = dict[str, Any](), dict[str, str]()
        readers = {**READ, **{name: repeats.read for name, repeats in self._repeats.items()}}
        for name, read in readers.items():
            try:
                values[name] = read(row.get(name))
            except UnreadableValue:
                values[name] = None
                unreadable[name], extra[name] = described(name, row[name]), row[name]
        return values | {"extra": extra, "unreadable": unreadable}

    def _repeated(self, text: str) -> str:
        return self._texts.setdefault(text, text)

    def _extra(self, value: Json) -> Json:
        return self._repeated(encodable(value)) if isinstance(value, str) and len(value) < REPEATED_CHARS else value


class Repeats(dict[Json, Any]):
    """Values read before, by the JSON they were read from; only new JSON is read.

    It keeps only texts and null: as keys, 1, 1.0 and true would be one.
    """

    def __init__(self, read: Callable[[Json], Json]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, value: Json) -> Json:
        read = self.read(value)
        if value is None or isinstance(value, str):
            self[value] = read
        return read


def _shared(texts: dict[str, str], value: Json) -> str | None:
    """Return a text that many rows have in common; *texts* holds it once."""
    text = text_of(value)
    return None if text is None else texts.setdefault(text, text)


def _shared_id(texts: dict[str, str], value: Json) -> str | None:
    """Return an id that many rows have in common, without stray spaces."""
    text = text_of(value)
    return None if text is None else _shared(texts, text.strip())


def _id_in(row: Mapping[str, Json], name: str) -> str | None:
    try:
        return order_id_of(row.get(name))
    except UnreadableValue:
        return None


def _by_its_names(row: dict[str, Json]) -> dict[str, Json]:
    """Return *row* with the value of a field's other name, if the field itself is empty."""
    for name, other in OTHER_NAMES.items():
        if row.get(other) and _is_nothing(row.get(name)):
            row = {**row, name: row[other]}
    return row


def _is_nothing(value: Json) -> bool:
    return value is None or (isinstance(value, str) and (not value.strip() or bool(NO_DATE.fullmatch(value.strip()))))


READ: Mapping[str, Callable[[Json], Json]] = {
    **dict.fromkeys(("qr_link", "client_name", "location", "merchant_notes", "issue_notes"), text_of),
    **dict.fromkeys(("client_mobile", "client_mobile2"), phone_of),
    "qr_id": order_id_of,
    **dict.fromkeys(("created_at", "updated_at"), wall_of),
}
"""The reader of each field whose values differ from row to row, by its name in the row and in the record."""

KNOWN = frozenset(NAMES)


async def read_stream(pieces: AsyncIterator[bytes], rows: Rows, path: str) -> None:
    """Read a long list's rows as its bytes come.

    Raises:
        CourierUnclear: it is cut, is not JSON, or does not say `status: true` beside a list of rows.
    """
    try:
        status = await _read_envelope(Scanner(pieces), rows)
    except ValueError:
        raise CourierUnclear(CALL(path=path, reason=CUT(rows=rows.seen))) from None
    if status is not True or not rows.seen:
        raise CourierUnclear(CALL(path=path, reason=NO_SUCCESSFUL_LIST()))


async def _read_envelope(scanner: Scanner, rows: Rows) -> Json:
    """Read the whole envelope, its rows into *rows*; return its `status`.

    An envelope that contradicts itself, by a key that stands twice or by a refusal's code, is a ValueError.
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
        CourierUnclear: it is null, an object or a text; only `[]` is an empty list.
    """
    if not isinstance(data, list):
        raise CourierUnclear(CALL(path=path, reason=NOT_A_LIST(type=type(data).__name__)))
    for row in data:
        rows.add(row)
