"""What the shop says of orders: which have no shipment, one with its rows, those that a text finds, and its `jobs`.

Nothing here changes a row. A value that cannot be read is None, not absent: the rest is shown all the same.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from anyio.lowlevel import checkpoint
from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    String,
    and_,
    cast,
    func,
    or_,
    select,
    type_coerce,
)

from paranad.bridge.payload import Decoded, RowHistory, decode
from paranad.bridge.reserve import INSTANTS_S, SHORT_BYTES
from paranad.catalogue import CREATE_SHIPMENT
from paranad.courier.parsing import DIGITS
from paranad.numbers import LARGEST_ID, is_digits
from paranad.orders.standing import ShopRow
from paranad.queue.rows import order_of
from paranad.record import record
from paranad.shop.columns import time_of
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import ShopUnexpectedSchema
from paranad.shop.laravel_rows import is_unreserved
from paranad.shop.settings import read_settings
from paranad.shop.statements import is_unset
from paranad.shop.tables import alwaseet_shipments, jobs, order_items, orders

FLOOR_KEPT = timedelta(hours=1)
"""How long the lowest id of a time is good enough: finding it reads every order, since `created_at` has no index."""
ROWS_READ = 1000
"""Of how many rows of the shop's `jobs` table, the oldest, it is known which order they are for."""
SLICE = 25
"""How many payloads are decoded before the loop may go on."""
NEWEST_ORDERS = 20_000
"""Among how many of the newest orders a phone is looked for: it has no index."""
NEWEST_SHIPMENTS = 5000
"""Among how many of the newest shipments a `qr_id` is looked for: it has no index."""
ASKS_SHIPMENT = "%CreateAlWaseetShipment%"
"""Stands in the payload of each row that asks for a shipment: in its job's or its listener's class."""
FEWEST_DIGITS = 3
"""So many of a phone's last digits may be looked for at least."""
MOST_DIGITS = 20
"""No order, courier order or phone has more."""
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")

NUMBER = re.compile(r"(?=.*[0-9])[A-Za-z#]?[A-Za-z0-9]*(?:[-/#][A-Za-z0-9]+)*")
"""The form of the shop's own numbers of orders."""

_SHIPPED = select(alwaseet_shipments.c.id).where(alwaseet_shipments.c.order_id == orders.c.id).exists()
_SHIPMENT_COLUMNS = [alwaseet_shipments.c[name] for name in ("order_id", "alwaseet_order_id", "status_id", "status")]


@record
class Unshipped:
    """An order that should have a shipment and has none in the shop."""

    order_id: int
    made_at: datetime | None
    """None: the column is empty or cannot be read."""


@record
class JobRows:
    """The rows of the shop's `jobs` table that ask for shipments."""

    by_order: Mapping[int, ShopRow]
    is_whole: bool
    """False: the table has more of them than are read, so an order that is not here may be there."""


@record
class Floor:
    """The lowest id of the orders made at or after a time, or at a time that nobody knows."""

    wall: datetime
    found_at_s: float
    order_id: int


@record
class ShopShipment:
    """The shop's row of a shipment, as the courier's statuses go."""

    courier_id: str
    status_id: str | None
    status: str | None
    synced_at: datetime | None


@record
class ShopOrder:
    """What a person wants to see of an order; its customer's phone whole, so it is shown masked."""

    id: int
    number: str | None
    status: str | None
    trashed: bool
    made_at: datetime | None
    total: str | None
    customer: str | None
    phone: str | None
    address: str | None
    shipments: tuple[ShopShipment, ...]
    items: int | None = None
    """Number of order rows; None: not counted."""


def digits_of(text: str) -> str | None:
    """Return the digits that *text* looks for, also in Arabic digits and with spaces; None if it is anything else."""
    digits = "".join(text.translate(DIGITS).replace("-", " ").removeprefix("+").split())
    return digits if is_digits(digits) and len(digits) <= MOST_DIGITS else None


def number_of(text: str) -> str | None:
    """Return *text* if it may be the shop's own number of an order, such as D-0002; None if it cannot be."""
    number = text.translate(DIGITS).strip()
    is_short = len(number) <= MOST_DIGITS or not is_digits(number)
    return number if is_short and NUMBER.fullmatch(number) else None


class ShopOrders:
    """Questions to the shop, each a few statements by an index."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        zeros = is_unset(shop, orders.c.deleted_at)
        not_cancelled = or_(orders.c.status.is_(None), orders.c.status != "cancelled")
        self._floor: Floor | None = None
        self._wanting = and_(zeros, not_cancelled, ~_SHIPPED)
        self._undated = _is_no_time(shop, orders.c.created_at)

    async def unshipped(
        self, connection: AsyncConnection, since: datetime, *, after: int, limit: int
    ) -> Sequence[Unshipped]:
        """Return up to *limit* orders made *since* that should, by id above *after*.

        Cancelled and trashed orders need none. An order whose date is missing or cannot be read is among them: it may
        have been made since.
        """
        wall = self.shop.wall(since)
        floor = await self._floor_of(connection, wall)
        wanted = (
            select(orders.c.id, as_it_is(orders.c.created_at))
            .where(orders.c.id > after, orders.c.id >= floor, or_(orders.c.created_at >= wall, self._undated))
            .where(self._wanting)
            .order_by(orders.c.id)
            .limit(limit)
        )
        return [Unshipped(row[0], self._instant(row[1])) for row in await connection.execute(wanted)]

    async def wanting(self, connection: AsyncConnection, order_ids: Collection[int]) -> Sequence[int]:
        """Return those of *order_ids* that should have a shipment and have none, whenever they were made."""
        return [
            row[0]
            for row in await connection.execute(
                select(orders.c.id).where(orders.c.id.in_(order_ids), self._wanting).order_by(orders.c.id)
            )
        ]

    async def _floor_of(self, connection: AsyncConnection, wall: datetime) -> int:
        """Return an id below which no order was made at or after *wall*, as of the last hour.

        An id says nothing of its order's date: an import gives old orders new ids. So every order is read for it,
        once an hour; what is made or imported meanwhile stands above it.
        """
        floor, now_s = self._floor, self.shop.clock.monotonic()
        if floor is None or wall < floor.wall or now_s - floor.found_at_s >= FLOOR_KEPT.total_seconds():
            counts = or_(orders.c.created_at >= wall, and_(self._undated, self._wanting))
            lowest = (await connection.execute(select(func.min(orders.c.id)).where(counts))).scalar()
            floor = self._floor = Floor(wall, now_s, lowest or 0)
        return floor.order_id

    async def order(self, connection: AsyncConnection, order_id: int) -> ShopOrder | None:
        """Return one order, trashed or not; None: the shop has none of that id."""
        found = await self._orders(connection, orders.c.id == order_id, limit=1)
        if not found:
            return None
        count = select(func.count()).select_from(order_items).where(order_items.c.order_id == order_id)
        return replace(found[0], items=(await connection.execute(count)).scalar())

    async def found(
        self,
        connection: AsyncConnection,
        digits: str | None,
        number: str | None,
        known: Collection[int],
        *,
        before: int,
        limit: int,
    ) -> Sequence[ShopOrder]:
        """Return up to *limit* orders of an id below *before*, newest first, that are found, and the *known* ones.

        *digits* are an order's id, a courier id, or the last digits of a phone; *number* is the shop's own.
        """
        ids = {*known}
        if number:
            ids |= await self._by_number(connection, number)
        if digits:
            ids |= await self._by_courier_id(connection, digits)
        if digits and not digits.startswith("0") and int(digits) <= LARGEST_ID:  # 002 is no id: it ends a phone
            ids.add(int(digits))
        if digits and len(digits) >= FEWEST_DIGITS:
            ids |= await self._by_phone(connection, digits, before, limit)
        below = and_(orders.c.id.in_(ids), orders.c.id < before)
        return await self._orders(connection, below, limit=limit)

    async def _by_number(self, connection: AsyncConnection, number: str) -> set[int]:
        wanted = select(orders.c.id).where(orders.c.order_number.in_([number, number.upper()]))
        return {row[0] for row in await connection.execute(wanted)}

    async def _by_courier_id(self, connection: AsyncConnection, courier_id: str) -> set[int]:
        table = alwaseet_shipments
        newest = (await connection.execute(select(func.max(table.c.id)))).scalar() or 0
        recent = and_(table.c.qr_id == courier_id, table.c.id > newest - NEWEST_SHIPMENTS)
        # Two statements: by an `or` of both, neither index would be used.
        found = [
            *await connection.execute(select(table.c.order_id).where(table.c.alwaseet_order_id == courier_id)),
            *await connection.execute(select(table.c.order_id).where(recent)),
        ]
        return {row[0] for row in found if isinstance(row[0], int)}

    async def _by_phone(self, connection: AsyncConnection, digits: str, before: int, limit: int) -> set[int]:
        newest = (await connection.execute(select(func.max(orders.c.id)))).scalar() or 0
        phone = func.replace(func.replace(orders.c.customer_phone, " ", ""), "-", "")
        ends = or_(phone.endswith(digits), phone.endswith(digits.translate(ARABIC_DIGITS)))
        wanted = (
            select(orders.c.id)
            .where(orders.c.id > newest - NEWEST_ORDERS, orders.c.id < before, ends)
            .order_by(orders.c.id.desc())
            .limit(limit)
        )
        return {row[0] for row in await connection.execute(wanted)}

    async def _orders(self, connection: AsyncConnection, which: ColumnElement[bool], *, limit: int) -> list[ShopOrder]:
        wanted = [
            orders.c.id,
            *(
                as_it_is(orders.c[name])
                for name in (
                    "order_number",
                    "status",
                    "deleted_at",
                    "created_at",
                    "total_amount",
                    "customer_name",
                    "customer_phone",
                    "customer_address",
                )
            ),
        ]
        rows = (await connection.execute(select(*wanted).where(which).order_by(orders.c.id.desc()).limit(limit))).all()
        shipments = await self._shipments(connection, [row[0] for row in rows])
        return [
            ShopOrder(
                id=row[0],
                number=text_of(row[1]),
                status=text_of(row[2]),
                trashed=is_set(row[3]),
                made_at=self._instant(row[4]),
                total=text_of(row[5]),
                customer=text_of(row[6]),
                phone=text_of(row[7]),
                address=text_of(row[8]),
                shipments=tuple(shipments.get(row[0], ())),
            )
            for row in rows
        ]

    async def _shipments(
        self, connection: AsyncConnection, order_ids: Collection[int]
    ) -> Mapping[int, list[ShopShipment]]:
        table, found = alwaseet_shipments, dict[int, list[ShopShipment]]()
        columns = [as_it_is(column) for column in (*_SHIPMENT_COLUMNS[1:], table.c.synced_at)]
        wanted = select(table.c.order_id, *columns).where(table.c.order_id.in_(order_ids)).order_by(table.c.id)
        for row in await connection.execute(wanted) if order_ids else ():
            shipment = ShopShipment(text_of(row[1]) or "?", text_of(row[2]), text_of(row[3]), self._instant(row[4]))
            found.setdefault(row[0], []).append(shipment)
        return found

    async def auto_create(self, connection: AsyncConnection) -> bool:
        """Tell whether new orders become shipments by themselves."""
        return (await read_settings(connection)).auto_create_shipment

    async def rows_of_jobs(self) -> JobRows:
        """Return the rows of the shop's `jobs` table that ask for a shipment; a shop may have no such table.

        A row that cannot be decoded names no order: the bridge tells of it.
        """
        payload = cast(jobs.c.payload, LargeBinary) if self.shop.types_are_hints else jobs.c.payload
        wanted = (
            select(jobs.c.id, jobs.c.reserved_at, jobs.c.available_at, payload)
            .where(jobs.c.payload.like(ASKS_SHIPMENT), func.length(jobs.c.payload) <= SHORT_BYTES)
            .order_by(jobs.c.id)
            .limit(ROWS_READ)
        )
        rows: Sequence[Any] = ()
        with suppress(ShopUnexpectedSchema):
            async with self.shop.read() as connection:
                rows = (await connection.execute(wanted)).all()
        found: dict[int, ShopRow] = {}
        now_s = int(self.shop.clock.now().timestamp())
        for at in range(0, len(rows), SLICE):
            for row in rows[at : at + SLICE]:
                if order_id := self._order_of(row[3]):
                    found.setdefault(order_id, ShopRow(row[0], _instant_s(row[2]), not is_unreserved(row[1], now_s)))
            await checkpoint()
        return JobRows(found, is_whole=len(rows) < ROWS_READ)

    def _order_of(self, payload: str | bytes) -> int | None:
        raw = payload.encode() if isinstance(payload, str) else payload
        match decode(raw, zone=self.shop.zone, past=RowHistory()):
            case Decoded(_, request) if request.task == CREATE_SHIPMENT.name:
                return order_of(request.args)
            case _:
                return None

    def _instant(self, value: object) -> datetime | None:
        try:
            wall = time_of(value)
        except ValueError:
            return None
        return wall and self.shop.instant(wall)


def _is_no_time(shop: Shop, column: Column[datetime]) -> ColumnElement[bool]:
    """Tell whether *column* holds no time, a date of zeros, or (SQLite stores anything) what is no date."""
    if not shop.types_are_hints:
        return is_unset(shop, column)
    value = as_it_is(column)
    return or_(is_unset(shop, column), func.date(value).is_(None), value.not_like("____-__-__%"))


def as_it_is(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return *column* read without a check: an odd value is told by who shows it, and takes no other row down."""
    return type_coerce(column, String)


def text_of(value: object) -> str | None:
    """Return a column's value as text; None for NULL."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return None if value is None else str(value)


def is_set(value: object) -> bool:
    """Tell whether a time is set; one that cannot be read is, and a date of zeros is not."""
    try:
        return time_of(value) is not None
    except ValueError:
        return True


def _instant_s(value: object) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) and value in INSTANTS_S else None
