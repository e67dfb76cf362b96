"""Which of the shop's shipments a courier order is: known under either of its ids, in either column, it is one parcel.

create-order may have answered another `id` than the lists give, beside the same `qr_id`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Text, and_, func, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.courier.models import CourierOrder
from paranad.shop.tables import alwaseet_shipments

TABLE = alwaseet_shipments
UNSURE = 1000
"""How many of the newest numbers may still belong to rows that are not committed."""
BASE = ("id", "order_id", "alwaseet_order_id", "qr_id")
KEPT = "kept"

Ids = tuple[str, ...]
"""The courier's ids of one order, the likeliest first."""


def ids_of(order: CourierOrder) -> Ids:
    """Return what the shop may know *order* by."""
    return (order.id, order.qr_id) if order.qr_id and order.qr_id != order.id else (order.id,)


def last_of_each(orders: Iterable[CourierOrder]) -> list[CourierOrder]:
    """Return each order once, as it came last; any id in common makes two of them one."""
    each: dict[str, CourierOrder] = {}
    places: dict[str, str] = {}
    for order in orders:
        ids = ids_of(order)
        place = next((places[known] for known in ids if known in places), order.id)
        for known in ids:
            places[known] = place
        each[place] = order
    return list(each.values())


class QrIds:
    """The shop's rows that have another `qr_id` than courier id; kept over the chunks of one list.

    The shop's table has no index on that column, so each row is read once, and without a lock, or a server would lock
    every row that it passes. The newest are read each time: a number may be given out before another and be committed
    after it.
    """

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._after = 0

    async def rows_of(self, connection: AsyncConnection, ids: Iterable[str]) -> list[int]:
        """Return the rows that may have one of *ids* in that column."""
        newest = select(func.max(TABLE.c.id)).scalar_subquery()
        other = and_(TABLE.c.qr_id != "", TABLE.c.qr_id != TABLE.c.alwaseet_order_id)
        # The newest comes along, whatever is in it: a statement of its own would cost more than the row.
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
    """Lock and return the shop's row of each of *wanted*, with the columns *names*; None where the shop has none.

    What was kept of the courier's whole row comes along, as text under the name `KEPT`.
    Only what is not found by the courier's id is looked for by `qr_id`.
    """
    columns: list[ColumnElement[Any]] = [TABLE.c[name] for name in dict.fromkeys((*BASE, *names))]
    columns.append(type_coerce(TABLE.c.api_data, Text).label(KEPT))
    ids = {each for order in wanted for each in order}
    rows = await _locked(connection, columns, TABLE.c.alwaseet_order_id.in_(ids))
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
    found = await connection.execute(select(*columns).where(which).order_by(TABLE.c.id).with_for_update())
    return found.mappings().all()


def _assigned(wanted: Sequence[Ids], rows: Mapping[str, RowMapping]) -> list[RowMapping | None]:
    """Give each row to the order that has its number as first id; what is left, to whom knows it by the other."""
    taken = {order[0] for order in wanted if order[0] in rows}
    free = {number: row for number, row in rows.items() if number not in taken}
    return [rows.get(order[0]) or _first(order[1:], free) for order in wanted]


def _first(ids: Iterable[str], rows: Mapping[str, RowMapping]) -> RowMapping | None:
    return next((rows[each] for each in ids if each in rows), None)
