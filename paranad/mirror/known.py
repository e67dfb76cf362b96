"""Finds the shop's row of a courier order: the same parcel may be stored under either of its two ids.

create-order may have answered another `id` than the lists give, with the same `qr_id` beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Text, and_, func, or_, select, type_coerce

from paranad.courier.models import CourierOrder, Ids
from paranad.shop.connections import AsyncConnection
from paranad.shop.tables import alwaseet_shipments

TABLE = alwaseet_shipments
UNSURE = 1000
"""Among so many of the newest ids, some may belong to rows that are not committed yet."""
BASE = ("id", "order_id", "alwaseet_order_id", "qr_id")
STORED = "stored"
"""The name of the column that holds the courier's object as the shop stored it, as text."""


def last_of_each(orders: Iterable[CourierOrder]) -> list[CourierOrder]:
    """Return each order once, in its last version; two rows with any id in common are one order."""
    each: dict[str, CourierOrder] = {}
    places: dict[str, str] = {}
    for order in orders:
        place = next((places[known] for known in order.ids if known in places), order.id)
        for known in order.ids:
            places[known] = place
        each[place] = order
    return list(each.values())


class QrIds:
    """The shop's rows whose `qr_id` differs from their courier id; kept over the chunks of one list.

    The shop's table has no index on `qr_id`. So each row is read only once, and without a lock, since a server would
    lock every row that it passes. The newest rows are read every time: a row with a lower id may be committed after
    one with a higher id.
    """

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._after = 0

    async def rows_of(self, connection: AsyncConnection, ids: Iterable[str]) -> list[int]:
        """Return the ids of the shop's rows that may have one of *ids* as their `qr_id`."""
        newest = select(func.max(TABLE.c.id)).scalar_subquery()
        other = and_(TABLE.c.qr_id != "", TABLE.c.qr_id != TABLE.c.alwaseet_order_id)
        # The newest row is always read too, for its id: a statement of its own would cost more.
        wanted = select(TABLE.c.id, TABLE.c.qr_id).where(TABLE.c.id > self._after, or_(other, TABLE.c.id == newest))
        found = (await connection.execute(wanted.order_by(TABLE.c.id))).all()
        for row in found:
            if row.qr_id:
                self._rows.setdefault(row.qr_id, row.id)
        if found:
            self._after = max(found[-1].id - UNSURE, self._after)
        return [self._rows[each] for each in ids if each in self._rows]


async def find_known(
    connection: AsyncConnection, wanted: Sequence[Ids], names: Iterable[str], qr_ids: QrIds
) -> list[RowMapping | None]:
    """Lock and return the shop's row of each of *wanted*, with the columns *names*; None if the shop has none.

    The courier's object as the shop stored it comes too, as text under the name `STORED`.
    An order is looked for by `qr_id` only if no row has its courier id.
    """
    columns: list[ColumnElement[Any]] = [TABLE.c[name] for name in dict.fromkeys((*BASE, *names))]
    columns.append(type_coerce(TABLE.c.api_data, Text).label(STORED))
    ids = {each for order in wanted for each in order}
    rows = await _locked(connection, columns, TABLE.c.alwaseet_order_id.in_(ids))
    # A server compares without case, so it may answer a row whose id was not asked for.
    known = _assigned(wanted, {row["alwaseet_order_id"]: row for row in rows if row["alwaseet_order_id"] in ids})
    missing = {each for order, row in zip(wanted, known, strict=True) if row is None for each in order}
    if missing and (others := await qr_ids.rows_of(connection, missing)):
        rows = await _locked(connection, columns, TABLE.c.id.in_(others))
        by_qr_id = {row["qr_id"]: row for row in rows if row["qr_id"] in missing}
        known = [row or _first(order, by_qr_id) for order, row in zip(wanted, known, strict=True)]
    return known


async def _locked(
    connection: AsyncConnection, columns: Sequence[ColumnElement[Any]], which: ColumnElement[bool]
) -> Sequence[RowMapping]:
    # In order of id: two writers that lock in one order cannot wait for each other.
    found = await connection.execute(select(*columns).where(which).order_by(TABLE.c.id).with_for_update())
    return found.mappings().all()


def _assigned(wanted: Sequence[Ids], rows: Mapping[str, RowMapping]) -> list[RowMapping | None]:
    """Assign each row to the order whose first id it has; the rest, to an order that has it as its second id."""
    taken = {order[0] for order in wanted if order[0] in rows}
    free = {number: row for number, row in rows.items() if number not in taken}
    return [rows.get(order[0]) or _first(order[1:], free) for order in wanted]


def _first(ids: Iterable[str], rows: Mapping[str, RowMapping]) -> RowMapping | None:
    return next((rows[each] for each in ids if each in rows), None)
