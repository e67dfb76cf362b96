"""Writing many courier orders into the shop: a chunk is one transaction, and one bad order spares the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import RowMapping, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.courier.models import CourierOrder
from paranad.mirror.known import KEPT, Ids, QrIds, find_known, ids_of, last_of_each
from paranad.mirror.rows import (
    FILLED,
    Row,
    api_data_of,
    changed_history,
    created_history,
    is_back_in_time,
    parsed,
    row_of,
)
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow
from paranad.shop.tables import alwaseet_order_status_history, alwaseet_shipments

_TABLE = alwaseet_shipments
_CHANGE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("row_id"))
    .values({name: bindparam(f"new_{name}") for name in (*FILLED, "api_data", "synced_at", "updated_at")})
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
    unread: list[tuple[str, str]] = field(default_factory=list)
    """The courier's id, and what of it is there and cannot be read, by column; the shop keeps what it has there."""

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
        self.unread += other.unread

    def note(self, courier_id: str, row: Row) -> None:
        """Note what of *row* does not go into the shop as it came."""
        if row.cut:
            self.cut.append((courier_id, ", ".join(row.cut)))
        self.unread += [(courier_id, f"{column}: {reason}") for column, reason in row.unread.items()]


@dataclass(frozen=True, slots=True)
class _New:
    """What the courier says of one order."""

    ids: Ids
    row: Row = field(repr=False)
    order: CourierOrder = field(repr=False)

    @property
    def id(self) -> str:
        return self.ids[0]

    @property
    def values(self) -> dict[str, Any]:
        return self.row.values


@dataclass(frozen=True, slots=True)
class _Change:
    """A shipment as the shop has it, and as it is to be."""

    old: RowMapping
    new: _New
    values: Mapping[str, Any] = field(repr=False)
    differs: bool

    @property
    def is_back_in_time(self) -> bool:
        """Whether the shop has a later answer already; only one that differs can go back."""
        return self.differs and is_back_in_time(self.values["alwaseet_updated_at"], parsed(self.old[KEPT]))

    @property
    def moved(self) -> bool:
        return bool(self.old["status_id"] != self.values["status_id"])

    def row(self, now: datetime) -> dict[str, Any]:
        new = {f"new_{name}": self.values[name] for name in FILLED}
        stamps = {"new_synced_at": now, "new_updated_at": now}
        return {"row_id": self.old["id"], "new_api_data": api_data_of(self.new.order), **new, **stamps}

    def history(self, now: datetime) -> dict[str, Any]:
        return changed_history(self.old["id"], self.old["order_id"], self.values, self.old["status_id"], now)


async def upsert(shop: Shop, orders: Sequence[CourierOrder], qr_ids: QrIds | None = None) -> Written:
    """Insert or update the shop's shipments of *orders*, about a hundred at once, with their history.

    *qr_ids* is kept over the chunks of one list; None: this is all of it.

    Those of which the shop has a later answer already, of a call that overtook this list, are counted and left alone.
    The courier's whole row is kept of each that is written: its time tells later which answer is the older one.

    Raises:
        ShopError: the shop's database does not answer; nothing of the chunk was written.
    """
    written = Written()
    rows, qr_ids = _rows(orders, written), qr_ids or QrIds()
    write = partial(_write, rows=rows, now=shop.now(), qr_ids=qr_ids)
    try:
        written.add(await shop.in_transaction(write))
    except ShopBadRow:
        written.add(
            await shop.in_transaction(partial(_write_each, shop=shop, rows=rows, now=shop.now(), qr_ids=qr_ids))
        )
    return written


def _rows(orders: Sequence[CourierOrder], written: Written) -> list[_New]:
    """Return the rows by order, the last one where an id comes twice; what does not fit is noted in *written*."""
    rows = []
    for order in last_of_each(orders):
        try:
            row = row_of(order)
        except ShopBadRow as error:
            written.failed.append((order.id[:40], str(error)))
            continue
        rows.append(_New(ids_of(order), row, order))
        written.note(order.id, row)
    return rows


async def _write_each(
    connection: AsyncConnection, shop: Shop, rows: Sequence[_New], now: datetime, qr_ids: QrIds
) -> Written:
    written = Written()
    for row in rows:
        try:
            async with shop.savepoint(connection):
                written.add(await _write(connection, [row], now, qr_ids))
        except ShopBadRow as error:
            written.failed.append((row.id, str(error)))
    return written


async def _write(connection: AsyncConnection, rows: Sequence[_New], now: datetime, qr_ids: QrIds) -> Written:
    known = await find_known(connection, [row.ids for row in rows], FILLED, qr_ids)
    new = [row for row, old in zip(rows, known, strict=True) if old is None]
    met = {old["id"]: (row, old) for row, old in zip(rows, known, strict=True) if old is not None}
    pairs = [_change(row, old) for row, old in met.values()]
    older = [pair.new.id for pair in pairs if pair.is_back_in_time]
    pairs = [pair for pair in pairs if not pair.is_back_in_time] if older else pairs
    changes = [pair for pair in pairs if pair.differs]
    moved = [pair for pair in changes if pair.moved]
    history = await _insert(connection, new, now) if new else []
    history += [pair.history(now) for pair in moved]
    if changes:
        await connection.execute(_CHANGE, [pair.row(now) for pair in changes])
    if history:
        await connection.execute(insert(alwaseet_order_status_history), history)
    await _stamp(connection, [pair.old["id"] for pair in pairs if not pair.differs], now)
    status_changes = [StatusChange(pair.old["id"], pair.old["status_id"], pair.values["status_id"]) for pair in moved]
    return Written(len(new), len(met), len(changes), older=older, status_changes=status_changes)


async def _insert(connection: AsyncConnection, rows: Sequence[_New], now: datetime) -> list[dict[str, Any]]:
    """Insert *rows*, linked to no order; return their history."""
    stamps = {"synced_at": now, "created_at": now, "updated_at": now}
    new = [row.values | {"api_data": api_data_of(row.order)} | stamps for row in rows]
    await connection.execute(insert(_TABLE), new)
    ids = {row.id: row for row in rows}
    wanted = select(_TABLE.c.id, _TABLE.c.alwaseet_order_id).where(_TABLE.c.alwaseet_order_id.in_(ids))
    inserted = await connection.execute(wanted.order_by(_TABLE.c.id))
    return [created_history(row.id, None, ids[row.alwaseet_order_id].values, now) for row in inserted]


async def _stamp(connection: AsyncConnection, seen: Sequence[int], now: datetime) -> None:
    """Keep when these unchanged shipments were last seen in the courier's list, as the shop does on every save."""
    if seen:
        await connection.execute(update(_TABLE).where(_TABLE.c.id.in_(seen)).values(synced_at=now, updated_at=now))


def _change(new: _New, old: RowMapping) -> _Change:
    values = _kept(new, old)
    return _Change(old, new, values, differs=any(old[name] != values[name] for name in FILLED))


def _kept(new: _New, old: RowMapping) -> Mapping[str, Any]:
    """Return the values of *new*, with what the shop has wherever the courier's is unreadable or says nothing."""
    kept = [name for name in new.row.unread if name in new.values]
    if not new.values["status_id"]:
        kept += ["status_id", "status"]
    elif not new.values["status"] and new.values["status_id"] == old["status_id"]:
        kept.append("status")
    if not new.values["qr_id"] and old["alwaseet_order_id"] != new.id:
        kept.append("qr_id")  # by which the row was found, and is to be found again
    return new.values | {name: old[name] for name in kept} if kept else new.values
