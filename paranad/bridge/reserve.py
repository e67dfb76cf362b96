"""The shop's `jobs` table: rows are found, reserved by compare-and-set, deleted."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Select,
    bindparam,
    case,
    cast,
    delete,
    func,
    select,
    update,
)

from paranad.bridge.payload import HEAD_BYTES, RowHistory
from paranad.php import SIZE_BYTES
from paranad.queue.model import NewJob
from paranad.record import record
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBusy
from paranad.shop.laravel_rows import IS_DUE, RETRY_AFTER_S, is_apart, is_unreserved
from paranad.shop.tables import jobs

LIST = 1000
"""So many rows are looked at, or taken, at once."""
LIST_BYTES = 4 * 2**20
"""How many bytes of payloads are read at once; the first row is read even if it is larger."""
SHORT_BYTES = LIST_BYTES // LIST
INSTANTS_S = range(1, 2**38)
"""Numbers that can be an instant in seconds since the epoch."""
TRIED: Mapping[str, ColumnElement[Any]] = {"attempts": case((jobs.c.attempts == 0, 1), else_=jobs.c.attempts)}
"""Marks a row as worked at. It is not counted on: Laravel's column holds no more than 255."""


class SeenRow(NamedTuple):
    """A row as a look found it."""

    id: int
    reserved_at: Any
    """Seconds since the epoch, or None; on SQLite it may be anything."""
    attempts: int = 0
    """How often a worker has had it."""


@record
class Scan:
    """The due rows that one look at the table found, in order of id."""

    free: list[SeenRow]
    reserved: list[SeenRow]
    """Reserved by someone within the last 90 s."""
    odd: list[SeenRow]
    """Rows whose reserved_at is no usable time: they are never taken, and say nothing of a worker."""
    next_after: int | None
    """The id after which there may be more rows; None: this was the end."""


class JobsRow(NamedTuple):
    """A free row with its payload."""

    seen: SeenRow
    queue: str
    past: RowHistory
    payload: bytes | None
    """None: it is too long to be read."""
    head: bytes
    """The beginning of the payload."""
    is_json: bool
    """Whether a payload that is too long to be read is JSON to its end."""

    @property
    def id(self) -> int:
        return self.seen.id


@record
class ReadyRow:
    """A row and its job."""

    row: JobsRow
    new: NewJob


class CurrentRow(NamedTuple):
    """What stands in a row that is kept."""

    reserved_at: Any
    attempts: int


class JobsTable:
    """The shop's rows."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.is_apart = is_apart(types_are_hints=shop.types_are_hints)
        self._look = _look(~self.is_apart)
        self._payload = self.readable(jobs.c.payload)
        self._short_ones = _short_ones(self.readable(jobs.c.queue), self._payload)

    async def look(self, after: int, now_s: int) -> Scan:
        """Find the rows above the id *after*; an idle poll does nothing else."""
        rows = await self.shop.poll(self._look, {"after": after, "now": now_s})
        scan = Scan([], [], [], next_after=rows[-1][0] if len(rows) == LIST else None)
        for row in rows:
            seen = SeenRow(row[0], row[1], attempts_of(row[2]))
            _place(scan, seen.reserved_at, now_s).append(seen)
        return scan

    async def read(self, seen: Sequence[SeenRow]) -> list[JobsRow]:
        """Return the first rows of *seen*, in order of id, with their payloads: as many as may be held at once."""
        within = {"first": seen[0].id, "last": seen[-1].id}
        found = {row[0]: row for row in await self.shop.poll(self._short_ones, within)}
        sizes = {row_id: row[3] or 0 for row_id, row in found.items()}
        fitting = _fitting([each.id for each in seen if each.id in found], sizes)
        # Short payloads are here already. Long ones are fetched by id; of one that is too long to decode, the head.
        payloads = {row_id: as_bytes(found[row_id][5]) for row_id in fitting if sizes[row_id] <= SHORT_BYTES}
        if long := [row_id for row_id in fitting if sizes[row_id] > SHORT_BYTES]:
            payloads |= await self._texts(self._payload, [each for each in long if sizes[each] <= SIZE_BYTES])
        head = func.substr(self._payload, 1, HEAD_BYTES)
        too_long = [each for each in long if sizes[each] > SIZE_BYTES]
        heads = await self._texts(head, too_long)
        whole = await self._of_json(too_long)
        return [
            _row(each, found[each.id], payloads.get(each.id), heads.get(each.id), is_json=each.id in whole)
            for each in seen
            if each.id in payloads or each.id in heads
        ]

    async def reserve(self, rows: Collection[SeenRow], now_s: int) -> frozenset[int]:
        """Reserve the rows of *rows* that are still as they were seen; return their ids."""
        before = {row.id: row.reserved_at for row in rows}

        async def work(connection: AsyncConnection) -> frozenset[int]:
            ours = await still_as_seen(connection, before)
            if ours:
                await connection.execute(update(jobs).where(jobs.c.id.in_(ours)).values(reserved_at=now_s))
            return frozenset(ours)

        # Without a worker beside us, one statement does it. Otherwise each row is locked and compared.
        if not before or await self._reserve_all(before, now_s):
            return frozenset(before)
        return await self.shop.in_transaction(work)

    async def _reserve_all(self, before: Mapping[int, Any], now_s: int) -> bool:
        """Reserve all rows in one statement, or none if any is reserved already; tell whether they are."""
        # A row that was reserved before needs its own compare-and-set: two daemons may both find it free.
        if any(reserved_at is not None for reserved_at in before.values()):
            return False
        free = jobs.c.id.in_(list(before)), jobs.c.reserved_at.is_(None)
        try:
            async with self.shop.transaction() as connection:
                reserved = await connection.execute(update(jobs).where(*free).values(reserved_at=now_s))
                if reserved.rowcount == len(before):
                    return True
                await connection.rollback()
        except ShopBusy:  # a worker beside us holds a lock on one of the rows
            pass
        return False

    async def delete(self, ids: Collection[int], reserved_at: int | None) -> int:
        """Delete the rows of *ids* that are still reserved by us, at *reserved_at*, or free if it is None.

        Returns how many were deleted.
        """
        ours = jobs.c.id.in_(ids), jobs.c.reserved_at.is_not_distinct_from(reserved_at)
        return await self._each(delete(jobs).where(*ours))

    async def release(self, ids: Collection[int], reserved_at: int, *, tried: bool = False) -> None:
        """Free the rows of *ids* that are still reserved by us, at *reserved_at*; *tried*: they were worked at."""
        ours = jobs.c.id.in_(ids), jobs.c.reserved_at == reserved_at
        await self._each(update(jobs).where(*ours).values(reserved_at=None, **(TRIED if tried else {})))

    async def renew(self, ids: Collection[int], reserved_at: int | None, now_s: int, *, tried: bool = False) -> int:
        """Reserve the rows of *ids* anew that are still reserved by us, at *reserved_at*, or free if it is None.

        *tried* also marks them as worked at. Returns how many were reserved.
        """
        ours = jobs.c.id.in_(ids), jobs.c.reserved_at.is_not_distinct_from(reserved_at)
        return await self._each(update(jobs).where(*ours).values(reserved_at=now_s, **(TRIED if tried else {})))

    async def unmark(self, ids: Collection[int], reserved_at: int | None) -> None:
        """Let the rows of *ids* that are still reserved by us, at *reserved_at*, say that nobody worked at them."""
        ours = jobs.c.id.in_(ids), jobs.c.reserved_at.is_not_distinct_from(reserved_at), jobs.c.attempts == 1
        await self._each(update(jobs).where(*ours).values(attempts=0))

    async def current(self, ids: Collection[int]) -> dict[int, CurrentRow]:
        """Return what stands in the rows of *ids* that are still there."""
        async with self.shop.read() as connection:
            return await as_they_stand(connection, ids, lock=False)

    def readable(self, column: Column[str]) -> ColumnElement[Any]:
        """Return *column* so that no value makes a statement fail."""
        return cast(column, LargeBinary) if self.shop.types_are_hints else column

    async def _texts(self, text: ColumnElement[Any], ids: Sequence[int]) -> dict[int, bytes]:
        if not ids:
            return {}
        async with self.shop.read() as connection:
            found = await connection.execute(select(jobs.c.id, text).where(jobs.c.id.in_(ids)))
            return {row[0]: as_bytes(row[1]) for row in found}

    async def _of_json(self, ids: Sequence[int]) -> frozenset[int]:
        """Return those of *ids* whose payload is JSON to its end, as only the database can tell of a long one."""
        if not ids:
            return frozenset()
        async with self.shop.read() as connection:
            wanted = select(jobs.c.id).where(jobs.c.id.in_(ids), func.json_valid(jobs.c.payload))
            return frozenset((await connection.execute(wanted)).scalars())

    async def _each(self, statement: Any) -> int:
        async def work(connection: AsyncConnection) -> int:
            return int((await connection.execute(statement)).rowcount)

        return await self.shop.in_transaction(work)


async def still_as_seen(connection: AsyncConnection, before: Mapping[int, int | None]) -> list[int]:
    """Lock the rows whose `reserved_at` is as in *before*; return their ids. It must be the first statement.

    A row that another worker has locked is left to that worker.
    """
    wanted = select(jobs.c.id, jobs.c.reserved_at).where(jobs.c.id.in_(list(before)))
    found = await connection.execute(wanted.order_by(jobs.c.id).with_for_update(skip_locked=True))
    return [row.id for row in found if row.reserved_at == before[row.id]]


async def as_they_stand(
    connection: AsyncConnection, ids: Collection[int], *, lock: bool = True
) -> dict[int, CurrentRow]:
    """Return what stands in the rows of *ids* that are there; with *lock* it must be the first statement."""
    wanted = select(jobs.c.id, jobs.c.reserved_at, jobs.c.attempts).where(jobs.c.id.in_(ids)).order_by(jobs.c.id)
    found = await connection.execute(wanted.with_for_update() if lock else wanted)
    return {row[0]: CurrentRow(row[1], attempts_of(row[2])) for row in found}


def _look(ours: ColumnElement[bool]) -> Select[Any]:
    """Return the statement that finds the due rows that are *ours*."""
    found = select(jobs.c.id, jobs.c.reserved_at, jobs.c.attempts).where(jobs.c.id > bindparam("after"), IS_DUE, ours)
    return found.order_by(jobs.c.id).limit(LIST)


def _place(scan: Scan, reserved_at: object, now_s: int) -> list[SeenRow]:
    if is_unreserved(reserved_at, now_s):
        return scan.free
    # A worker's clock may be a little ahead of ours, but not by more than a reservation holds.
    if not isinstance(reserved_at, int) or reserved_at > now_s + RETRY_AFTER_S:
        return scan.odd
    return scan.reserved


def _short_ones(queue: ColumnElement[Any], payload: ColumnElement[Any]) -> Select[Any]:
    """Return the statement that reads the rows between two ids, with their payloads if these are short."""
    size = func.length(payload)
    wanted = select(jobs.c.id, queue, jobs.c.attempts, size, jobs.c.created_at, case((size <= SHORT_BYTES, payload)))
    return wanted.where(jobs.c.id.between(bindparam("first"), bindparam("last")))


def _row(seen: SeenRow, found: Sequence[Any], payload: bytes | None, head: bytes | None, *, is_json: bool) -> JobsRow:
    queue = as_bytes(found[1]).decode(errors="replace")
    past = RowHistory(found[2] not in {0, None}, created_at=instant_s(found[4]), attempts=attempts_of(found[2]))
    return JobsRow(seen, queue, past, payload, head or (payload or b"")[:HEAD_BYTES], is_json)


def attempts_of(value: object) -> int:
    """Return how often a row was tried; on SQLite the column may hold anything, and is changed by no worker then."""
    return value if isinstance(value, int) else 0


def instant_s(value: object) -> int | None:
    """Return *value* if it can be an instant in seconds; on SQLite a column may hold anything."""
    return value if isinstance(value, int) and value in INSTANTS_S else None


def as_bytes(value: str | bytes | None) -> bytes:
    """Return a text of the shop's database as it is stored."""
    return value.encode() if isinstance(value, str) else value or b""


def _fitting(ids: Sequence[int], sizes: Mapping[int, int]) -> list[int]:
    """Return the first of *ids* whose payloads may be held together; at least one."""
    total, fitting = 0, list[int]()
    for row_id in ids:
        total += min(sizes[row_id], SIZE_BYTES)
        if fitting and total > LIST_BYTES:
            break
        fitting.append(row_id)
    return fitting
