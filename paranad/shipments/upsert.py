"""Writing many courier orders into the shop: a chunk is one transaction, and one bad order spares the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import RowMapping, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.courier.models import CourierOrder
from paranad.shipments.rows import FILLED, Row, changed_history, created_history, row_of
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow
from paranad.shop.tables import alwaseet_order_status_history, alwaseet_shipments

_TABLE = alwaseet_shipments
_CHANGE = (
    update(_TABLE).where(_TABLE.c.id == bindparam("row_id")).values({name: bindparam(f"new_{name}") for name in FILLED})
)


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A shipment of the shop's whose status the courier has changed."""

    shipment_id: int
    old_status_id: str
    new_status_id: str


@dataclass(slots=True)
class Written:
    """What became of some courier orders."""

    created: int = 0
    known: int = 0
    """Already in the shop, changed or not."""
    changed: int = 0
    """Of those, how many differed."""
    unknown: int = 0
    """Not in the shop, where unknown ones are not inserted."""
    older: list[str] = field(default_factory=list)
    """The courier's ids of which the shop has a later answer already."""
    status_changes: list[StatusChange] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    """The courier's id, and why it could not be written."""
    cut: list[tuple[str, str]] = field(default_factory=list)
    """The courier's id, and which values were too long for the shop."""

    def add(self, other: "Written") -> None:
        """Count what *other* says too."""
        self.created += other.created
        self.known += other.known
        self.changed += other.changed
        self.unknown += other.unknown
        self.older += other.older
        self.status_changes += other.status_changes
        self.failed += other.failed
        self.cut += other.cut


def is_back_in_time(said_at: datetime | None, old: RowMapping) -> bool:
    """Tell whether a row that the courier changed at *said_at* is older than *old*, what the shop has of it.

    Where all three times of *old* are one, our own clock stood in for the courier's, and says nothing.
    """
    stored_at = old["alwaseet_updated_at"]
    if said_at is None or stored_at is None or said_at >= stored_at:
        return False
    return not old["alwaseet_created_at"] == stored_at == old["created_at"]


async def upsert(shop: Shop, orders: Sequence[CourierOrder]) -> Written:
    """Insert or update the shop's shipments of *orders*, about a hundred at once, with their history.

    Those of which the shop has a later answer already, of a call that overtook this list, are counted and left alone.

    Raises:
        ShopError: the shop's database does not answer; nothing of the chunk was written.
    """
    written = Written()
    rows = _rows(orders, written)
    try:
        written.add(await shop.repeat(partial(_write, rows=rows, now=shop.now())))
    except ShopBadRow:
        written.add(await shop.repeat(partial(_write_each, shop=shop, rows=rows, now=shop.now())))
    return written


def _rows(orders: Sequence[CourierOrder], written: Written) -> list[dict[str, Any]]:
    """Return the rows by order, the last one where an id comes twice; what does not fit is noted in *written*."""
    rows: dict[str, Row] = {}
    for order in orders:
        try:
            rows[order.id] = row_of(order)
        except ShopBadRow as error:
            written.failed.append((order.id[:40], str(error)))
    written.cut += [(courier_id, ", ".join(row.cut)) for courier_id, row in rows.items() if row.cut]
    return [row.values for row in rows.values()]


async def _write_each(
    connection: AsyncConnection, shop: Shop, rows: Sequence[dict[str, Any]], now: datetime
) -> Written:
    written = Written()
    for row in rows:
        try:
            async with shop.part(connection):
                written.add(await _write(connection, [row], now))
        except ShopBadRow as error:
            written.failed.append((row["alwaseet_order_id"], str(error)))
    return written


async def _write(connection: AsyncConnection, rows: Sequence[dict[str, Any]], now: datetime) -> Written:
    known = await _known(connection, rows)
    new = [row for row in rows if _id(row) not in known]
    met = [(row, known[_id(row)]) for row in rows if _id(row) in known]
    older = [_id(row) for row, old in met if is_back_in_time(row["alwaseet_updated_at"], old)]
    pairs = [(_kept(row, old), old) for row, old in met if _id(row) not in older]
    changes = [_change(row, old) for row, old in pairs if any(old[name] != row[name] for name in FILLED)]
    moved = [(row, old) for row, old in pairs if old["status_id"] != row["status_id"]]
    history = await _insert(connection, new, now) if new else []
    history += [changed_history(old["id"], old["order_id"], row, old["status_id"], now) for row, old in moved]
    if changes:
        await connection.execute(_CHANGE, changes)
    if history:
        await connection.execute(insert(alwaseet_order_status_history), history)
    await _stamp(connection, [old["id"] for _, old in pairs], now)
    status_changes = [StatusChange(old["id"], old["status_id"], row["status_id"]) for row, old in moved]
    return Written(len(new), len(known), len(changes), older=older, status_changes=status_changes)


async def _known(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> dict[str, RowMapping]:
    """Lock and return what the shop has of *rows*, by the courier's id.

    A server also finds ids that differ in upper and lower case alone; they are others, and stay as they are.
    """
    columns = [_TABLE.c[name] for name in ("id", "order_id", "alwaseet_order_id", "created_at", *FILLED)]
    ids = {_id(row) for row in rows}
    found = await connection.execute(select(*columns).where(_TABLE.c.alwaseet_order_id.in_(ids)).with_for_update())
    return {row["alwaseet_order_id"]: row for row in found.mappings() if row["alwaseet_order_id"] in ids}


async def _insert(connection: AsyncConnection, rows: Sequence[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Insert *rows*, linked to no order; return their history."""
    stamps = {"synced_at": now, "created_at": now, "updated_at": now}
    await connection.execute(insert(_TABLE), [row | stamps for row in rows])
    ids = {row["alwaseet_order_id"]: row for row in rows}
    wanted = select(_TABLE.c.id, _TABLE.c.alwaseet_order_id).where(_TABLE.c.alwaseet_order_id.in_(ids))
    inserted = await connection.execute(wanted.order_by(_TABLE.c.id))
    return [created_history(row.id, None, ids[row.alwaseet_order_id], now) for row in inserted]


async def _stamp(connection: AsyncConnection, seen: Sequence[int], now: datetime) -> None:
    """Keep when these shipments were last seen in the courier's list, as the shop does on every save."""
    if seen:
        await connection.execute(update(_TABLE).where(_TABLE.c.id.in_(seen)).values(synced_at=now, updated_at=now))


def _id(row: Mapping[str, Any]) -> str:
    return str(row["alwaseet_order_id"])


def _change(row: Mapping[str, Any], old: RowMapping) -> dict[str, Any]:
    return {"row_id": old["id"], **{f"new_{name}": row[name] for name in FILLED}}


def _kept(row: dict[str, Any], old: RowMapping) -> dict[str, Any]:
    """Return *row* with the status the shop knows where the courier says none."""
    return row if row["status_id"] else row | {"status_id": old["status_id"], "status": old["status"]}
