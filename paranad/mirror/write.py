"""Writes courier orders into the shop's shipments: a chunk is one transaction, and one bad order spares the others."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import RowMapping, Update, bindparam, insert, select, update

from paranad.courier.models import CourierOrder, Ids
from paranad.mirror.known import STORED, QrIds, find_known, last_of_each
from paranad.mirror.policy import Policy
from paranad.mirror.rows import Row, api_data_of, created_history, is_back_in_time, parsed
from paranad.record import record
from paranad.said import Said
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow
from paranad.shop.tables import alwaseet_order_status_history, alwaseet_shipments
from paranad.wording import quotable

_TABLE = alwaseet_shipments


@record
class StatusChange:
    """A shipment of the shop whose status the courier has changed."""

    shipment_id: int
    old_status_id: str
    new_status_id: str


Tell = Callable[[AsyncConnection, Sequence[StatusChange]], Awaitable[None]]
"""Tells of status changes on the connection that made them, before they are committed."""


@dataclass(slots=True)
class Written:
    """What became of some courier orders."""

    created: int = 0
    known: int = 0
    """Already in the shop, changed or not."""
    changed: int = 0
    """Of the known ones, how many differed."""
    unknown: int = 0
    """Not in the shop, and not inserted by this policy."""
    older: list[str] = field(default_factory=list)
    """The courier's ids of orders of which the shop has a later answer already."""
    status_changes: list[StatusChange] = field(default_factory=list)
    failed: list[tuple[str, Said]] = field(default_factory=list)
    """The courier's id, and why it could not be written."""
    cut: list[tuple[str, str]] = field(default_factory=list)
    """The courier's id, and which values were too long for the shop."""
    unread: list[tuple[str, Said]] = field(default_factory=list)
    """The courier's id, and which value cannot be read; the shop keeps its own value there."""

    def add(self, other: "Written") -> None:
        """Add the counts and the lists of *other*."""
        self.created += other.created
        self.known += other.known
        self.changed += other.changed
        self.unknown += other.unknown
        self.older += other.older
        self.status_changes += other.status_changes
        self.failed += other.failed
        self.cut += other.cut
        self.unread += other.unread


@record
class _Answer:
    """What the courier says of one order."""

    ids: Ids
    row: Row = field(repr=False)
    order: CourierOrder = field(repr=False)

    @property
    def id(self) -> str:
        return self.ids[0]


@record
class _Pair:
    """A shipment as the shop has it, and as it would be after this answer."""

    old: RowMapping
    answer: _Answer
    values: Mapping[str, Any] = field(repr=False)
    differs: bool

    @property
    def is_back_in_time(self) -> bool:
        """Whether the shop has a later answer already; an answer that changes nothing cannot go back."""
        said_at = self.answer.row.values.get("alwaseet_updated_at")
        return self.differs and is_back_in_time(said_at, parsed(self.old[STORED]))

    @property
    def moved(self) -> bool:
        return bool(self.old["status_id"] != self.values["status_id"])

    @property
    def status_change(self) -> StatusChange:
        return StatusChange(self.old["id"], self.old["status_id"], self.values["status_id"])


async def write(
    shop: Shop,
    orders: Sequence[CourierOrder],
    policy: Policy,
    qr_ids: QrIds | None = None,
    *,
    tell: Tell | None = None,
) -> Written:
    """Write *orders*, about a hundred at once, with one history row for each new shipment and each changed status.

    *qr_ids* is kept over the chunks of one list; None: *orders* is the whole list. *tell* is told of the status changes
    as the last step of their transaction; None: nobody is.

    An order of which the shop has a later answer already (a quicker call overtook this list) is counted and left
    alone. The courier's whole object is stored with each order written: its time tells later which answer is older.

    Raises:
        ShopError: the shop's database does not answer; nothing of the chunk was written.
    """
    written = Written()
    chunk = _Chunk(shop, _answers(orders, policy, written), policy, qr_ids or QrIds(), shop.now())
    try:
        written.add(await shop.in_transaction(partial(_write_and_tell, chunk.write, tell)))
    except ShopBadRow:
        # Only now one by one: a savepoint for each order would make every sync slower.
        written.add(await shop.in_transaction(partial(_write_and_tell, chunk.write_each, tell)))
    return written


async def _write_and_tell(
    work: Callable[[AsyncConnection], Awaitable[Written]], tell: Tell | None, connection: AsyncConnection
) -> Written:
    written = await work(connection)
    if tell and written.status_changes:
        await tell(connection, written.status_changes)
    return written


def _answers(orders: Sequence[CourierOrder], policy: Policy, written: Written) -> list[_Answer]:
    """Return what may be written, the last row of each order; a value that does not fit is noted in *written*."""
    answers = []
    for order in last_of_each(orders):
        try:
            row = policy.row_of(order)
        except ShopBadRow as error:
            written.failed.append((quotable(order.id), error.said))
            continue
        answers.append(_Answer(order.ids, row, order))
        if row.cut:
            written.cut.append((order.id, ", ".join(row.cut)))
        written.unread += [(order.id, reason) for reason in row.unread.values()]
    return answers


@record
class _Chunk:
    """The orders of one transaction."""

    shop: Shop
    answers: Sequence[_Answer]
    policy: Policy
    qr_ids: QrIds
    now: datetime

    async def write(self, connection: AsyncConnection) -> Written:
        """Write all of them together."""
        return await self._write(connection, self.answers)

    async def write_each(self, connection: AsyncConnection) -> Written:
        """Write each behind a savepoint of its own, so that only a bad one is left out."""
        written = Written()
        for answer in self.answers:
            try:
                async with self.shop.savepoint(connection):
                    written.add(await self._write(connection, [answer]))
            except ShopBadRow as error:
                written.failed.append((answer.id, error.said))
        return written

    async def _write(self, connection: AsyncConnection, answers: Sequence[_Answer]) -> Written:
        rows = await find_known(connection, [answer.ids for answer in answers], self.policy.columns, self.qr_ids)
        unknown = [answer for answer, old in zip(answers, rows, strict=True) if old is None]
        # Two rows of a list may be one shipment, known by both of its ids: the later one is written.
        met = {old["id"]: (old, answer) for answer, old in zip(answers, rows, strict=True) if old is not None}
        pairs = [_pair(old, answer, self.policy) for old, answer in met.values()]
        older = [pair.answer.id for pair in pairs if pair.is_back_in_time]
        if older:
            pairs = [pair for pair in pairs if not pair.is_back_in_time]
        changes = [pair for pair in pairs if pair.differs]
        moved = [pair for pair in changes if pair.moved]
        new = unknown if self.policy.inserts_unknown else []
        history = await self._insert(connection, new) if new else []
        history += [self._history(pair) for pair in moved]
        if changes:
            statement = _change(self.policy.columns)
            await connection.execute(statement, [self._changed(pair) for pair in changes])
        if history:
            await connection.execute(insert(alwaseet_order_status_history), history)
        await self._stamp(connection, [pair.old["id"] for pair in pairs if not pair.differs])
        return Written(
            created=len(new),
            known=len(met),
            changed=len(changes),
            unknown=len(unknown) - len(new),
            older=older,
            status_changes=[pair.status_change for pair in moved],
        )

    async def _insert(self, connection: AsyncConnection, answers: Sequence[_Answer]) -> list[dict[str, Any]]:
        """Insert *answers*, linked to no order; return their history."""
        stamps = {"synced_at": self.now, "created_at": self.now, "updated_at": self.now}
        new = [answer.row.values | {"api_data": api_data_of(answer.order)} | stamps for answer in answers]
        await connection.execute(insert(_TABLE), new)
        # Read back in one statement: a driver tells no ids of many rows, and one insert each would cost more.
        ids = {answer.id: answer.row for answer in answers}
        wanted = select(_TABLE.c.id, _TABLE.c.alwaseet_order_id).where(_TABLE.c.alwaseet_order_id.in_(ids))
        inserted = await connection.execute(wanted.order_by(_TABLE.c.id))
        return [created_history(row.id, None, ids[row.alwaseet_order_id].values, self.now) for row in inserted]

    async def _stamp(self, connection: AsyncConnection, unchanged: Sequence[int]) -> None:
        """Store when these shipments were last seen at the courier, as the shop does on every save."""
        if unchanged:
            stamp = update(_TABLE).where(_TABLE.c.id.in_(unchanged))
            await connection.execute(stamp.values(synced_at=self.now, updated_at=self.now))

    def _changed(self, pair: _Pair) -> dict[str, Any]:
        """Return the parameters of `_change`."""
        new = {f"new_{name}": pair.values[name] for name in self.policy.columns}
        stamps = {"new_synced_at": self.now, "new_updated_at": self.now}
        return {"row_id": pair.old["id"], "new_api_data": api_data_of(pair.answer.order), **new, **stamps}

    def _history(self, pair: _Pair) -> dict[str, Any]:
        old = pair.old
        return self.policy.history_of(old["id"], old["order_id"], pair.answer.row.values, old["status_id"], self.now)


@cache
def _change(columns: frozenset[str]) -> Update:
    """Return the statement that writes one changed shipment; made once, since building it costs more than a row."""
    names = (*columns, "api_data", "synced_at", "updated_at")
    changed = update(_TABLE).where(_TABLE.c.id == bindparam("row_id"))
    return changed.values({name: bindparam(f"new_{name}") for name in names})


def _pair(old: RowMapping, answer: _Answer, policy: Policy) -> _Pair:
    kept = _kept(old, answer, policy.columns)
    values = answer.row.values | {name: old[name] for name in kept} if kept else answer.row.values
    differs = any(old[name] != values[name] for name in policy.columns)
    if policy.compares_whole and not differs:
        differs = parsed(old[STORED]) != api_data_of(answer.order)
    return _Pair(old, answer, values, differs)


def _kept(old: RowMapping, answer: _Answer, columns: frozenset[str]) -> list[str]:
    """Return the columns in which the shop's value stays: the courier's is left out, unreadable, or says nothing."""
    values, unread = answer.row.values, answer.row.unread
    kept = [*columns.difference(values), *columns.intersection(unread)]
    if not values.get("status_id"):
        kept += ["status_id", "status"]  # the text belongs to the id: neither is taken without the other
    elif not values.get("status") and values["status_id"] == old["status_id"]:
        kept.append("status")
    if not values.get("qr_id") and old["alwaseet_order_id"] != answer.id:
        kept.append("qr_id")  # the row was found by its qr_id, and must be found by it again
    return kept
