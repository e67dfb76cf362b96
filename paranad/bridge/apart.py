"""Rows that only PHP can work, set apart: as long as one waits, its queue is `php:` and its old name.

A PHP worker is asked for with these queues alone, so it meets no row that the daemon works; the daemon takes no row out
of them. If rows are to be set apart no longer, they get their old names back.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, literal, select, update

from paranad.bridge.payload import (
    Decoded,
    Meaning,
    Undecodable,
    Unknown,
    display_name,
)
from paranad.bridge.reserve import (
    INSTANTS_S,
    LIST,
    JobsTable,
    SeenRow,
    as_bytes,
    still_as_seen,
)
from paranad.catalogue import NOTIFY_STATUS, PHP_QUEUE
from paranad.events.event import Events
from paranad.events.shop import BridgeFailed, BridgeRowsGivenBack, BridgeRowsSetApart
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shop.connections import AsyncConnection
from paranad.shop.errors import ShopBadRow, ShopNotGranted, ShopReadOnly
from paranad.shop.laravel_rows import IS_DUE, IS_FREE, IS_UNRESERVED, expired_s, is_unreserved
from paranad.shop.listener import STATUS_LISTENER
from paranad.shop.tables import jobs

NO_CLASS = "no class that can be read"
NAME_BYTES = 1024
"""So much of a payload is read for its name, which Laravel writes behind the uuid."""
OTHERS = "others"
"""The rows beyond the first, whose payloads are not read."""
MANY = 200
"""So many rows are known by their class; if more wait for PHP, they are not looked at at every interval."""
LOOK_S = 5.0
"""How often they are looked at then."""
GIVE_BACK_S = 30.0
"""How often old names are given back while nothing is set apart: `queue:retry` names such queues again."""

EVERYTHING = Sentence(
    "bridge.php_everything", '[shop] laravel_queue is "off": every row of the jobs table is left to PHP'
)
LEFT = Sentence("bridge.php_left", '[shop] php is "leave": what only PHP can work stays in the jobs table')
NOT_YET = Sentence("bridge.php_not_yet", "{why}; not given back yet: {rows:row} in php: queues, {held} with a worker")
NOT_GIVEN_BACK = Sentence("bridge.php_not_given_back", "{why}; not given back: {rows:row} in php: queues: {error}")
BY_THE_LISTENER = Sentence(
    "bridge.notices_by_listener", "the shop's own listener tells of a status that changed, with pushes and Telegram"
)
BY_NOBODY = Sentence(
    "bridge.notices_by_nobody", "paranad writes the notification rows of a status that changed; nobody sends pushes"
)
SHOP_S_LISTENER = Sentence("bridge.shop_s_listener", "the shop's own listener tells of a status that changed")

_OURS = and_(jobs.c.id > bindparam("after"), jobs.c.queue.in_(bindparam("names", expanding=True)))
_APART = select(jobs.c.id, jobs.c.reserved_at, jobs.c.queue).where(_OURS).order_by(jobs.c.id).limit(LIST)
_REST = select(func.count()).where(_OURS)


@record
class PhpRule:
    """What is left to PHP, and how: the configuration's answer."""

    on_demand: bool = False
    """Whether rows that only PHP can work are set apart; else they stay as they are."""
    notices: bool = False
    """Whether the shop's own listener tells of a status that changed; else a task of the daemon does."""

    @property
    def teller(self) -> Said:
        """Who tells of a status that changed."""
        return BY_THE_LISTENER() if self.notices else BY_NOBODY()

    def claims(self, meaning: Meaning) -> Unknown | None:
        """Return the class and the reason if *meaning* is work for PHP, beyond what the daemon cannot read anyway."""
        match meaning:
            case Unknown():
                return meaning
            # A row without a uuid PHP would lose in failing: its `failed_jobs` takes none.
            case Undecodable(uuid=str(), for_php=True) if self.on_demand:
                return Unknown(meaning.name, meaning.reason, for_php=True)
            case Decoded(uuid=str(), request=request) if self.notices and request.task == NOTIFY_STATUS.name:
                return Unknown(STATUS_LISTENER, SHOP_S_LISTENER(), for_php=True)
        return None


LEAVE = PhpRule()


@record
class PhpWork:
    """The due rows that are set apart, as last seen."""

    by_class: Mapping[str, int]
    """How many wait, by what Laravel calls the work: the class of a job, a mail, a listener; beyond MANY, `OTHERS`."""
    oldest_due_at: datetime | None = None
    """Since when the one that waits longest could start; None: none waits."""
    reserved: int = 0
    """How many a PHP worker has now."""

    @property
    def waiting(self) -> int:
        """How many are with no worker."""
        return sum(self.by_class.values())


NOTHING = PhpWork({})


@record
class Kept:
    """The rows that are set apart still, though none is to be."""

    rows: int = 0
    held: int = 0
    """How many of them a worker has."""
    error: Said | None = None
    """What the shop's database refuses."""

    def __add__(self, more: "Kept") -> "Kept":
        return Kept(self.rows + more.rows, self.held + more.held, self.error or more.error)

    def beside(self, why: Said) -> Said:
        """Add to *why*, for which nothing is set apart, what is so still."""
        if self.error:
            return NOT_GIVEN_BACK(why=why, rows=self.rows, error=self.error)
        return NOT_YET(why=why, rows=self.rows, held=self.held) if self.rows else why


async def never() -> bool:
    """Tell that no worker runs, where none is asked for."""
    return False


class RowsApart:
    """The rows of the `php:` queues: made, known and given back."""

    def __init__(self, table: JobsTable, events: Events, *, queues: Iterable[str]) -> None:
        self.work, self.kept = NOTHING, Kept()
        self.worker_runs: Callable[[], Awaitable[bool]] = never
        """Whether a worker that was asked for runs: it may have a row for longer than its reservation holds."""
        self._ours = [PHP_QUEUE + queue for queue in queues]
        self._table, self._shop, self._events = table, table.shop, events
        self._is_apart = table.is_apart
        self.due, self.last_id = 0, 0
        """How many rows were due at the last look, and the highest id of them."""
        self._count, self._first = _count(self._is_apart), _first(self._is_apart)
        self._head = func.substr(table.readable(jobs.c.payload), 1, NAME_BYTES)
        self._names: dict[int, str] = {}
        self._looked_s: float | None = None
        self._gave_back_s: float | None = None
        self._given_to, self._keeping = 0, Kept()
        """How far the rows are given back: up to this id, and what of them is kept."""

    def hasten(self) -> None:
        """Look, or give back from the first row on, at the next occasion."""
        self._looked_s = self._gave_back_s = None
        self._given_to, self._keeping = 0, Kept()

    async def set_apart(self, seen: Sequence[SeenRow]) -> int:
        """Set the rows of *seen* apart that are still as they were seen; return how many.

        Raises:
            ShopError: none was set apart.
        """
        rows = await self._rename(seen, literal(PHP_QUEUE) + jobs.c.queue, ~self._is_apart)
        if rows:
            self._events.tell(BridgeRowsSetApart(rows=rows))
        return rows

    async def look(self) -> None:
        """Learn which rows wait; many rows are looked at less often.

        Raises:
            ShopError: they cannot be read.
        """
        now_s = self._shop.clock.monotonic()
        if self.work.waiting > MANY and self._looked_s is not None and now_s - self._looked_s < LOOK_S:
            return
        self._looked_s = now_s
        at = {"now": self._shop.unix_s(), "expired": expired_s(self._shop.unix_s())}
        [(due, last_id, waiting, since)] = await self._shop.poll(self._count, at)
        await self._learn_names([row[0] for row in await self._shop.poll(self._first, at)] if waiting else [])
        by_class = Counter(self._names.values())
        if others := int(waiting or 0) - by_class.total():
            by_class[OTHERS] = max(others, 0)
        self.due, self.last_id = due, last_id or 0
        self.work = PhpWork(
            by_class=+by_class,
            oldest_due_at=None if since is None else datetime.fromtimestamp(since, UTC),
            reserved=due - int(waiting or 0),
        )

    async def give_back(self) -> bool:
        """Give a list of the rows that were set apart their old names back; return whether there are more rows.

        What a worker has just now stays. Only of the daemon's own queues are rows set apart: another `php:` queue is
        the shop's. What is left, and what the database refuses to change, is noted in `kept`, and tried again.

        Raises:
            ShopError: they cannot be read.
        """
        now_s = self._shop.clock.monotonic()
        if not self._given_to and self._gave_back_s is not None and now_s - self._gave_back_s < GIVE_BACK_S:
            return False
        rows = await self._shop.poll(_APART, {"after": self._given_to, "names": self._ours})
        self._keeping += await self._give_back(rows)
        if self._keeping.error and self._keeping.error != self.kept.error:
            self._events.tell(BridgeFailed(error=self._keeping.error.text))
        if len(rows) == LIST:
            self._given_to = rows[-1][0]
            [(rest,)] = await self._shop.poll(_REST, {"after": self._given_to, "names": self._ours})
            self.kept = self._keeping + Kept(rest, error=self.kept.error)
            return True
        self.work, self.kept, self._names = PhpWork({}, reserved=self._keeping.held), self._keeping, {}
        self.due = self.last_id = 0
        self.hasten()
        self._gave_back_s = now_s
        return False

    async def _give_back(self, rows: Sequence[Sequence[Any]]) -> Kept:
        """Give *rows*, of an id, a reservation and a queue each, their old names back; return what is kept."""
        runs = await self.worker_runs()
        # MariaDB finds names whatever their case; another one is a queue of the shop's own.
        ours = [SeenRow(row[0], row[1]) for row in rows if row[2] in self._ours]
        free = [row for row in ours if self._is_free(row, runs=runs)]
        error: Said | None = None
        try:
            given = await self._rename(free, func.substr(jobs.c.queue, len(PHP_QUEUE) + 1), self._is_apart)
        except (ShopBadRow, ShopNotGranted, ShopReadOnly) as refusal:
            given, error = 0, refusal.said
        if given:
            self._events.tell(BridgeRowsGivenBack(rows=given))
        return Kept(len(ours) - given, len(ours) - len(free), error)

    def _is_free(self, row: SeenRow, *, runs: bool) -> bool:
        # A job may take longer than its reservation holds (--timeout): its worker has it still.
        return row.reserved_at is None or (not runs and is_unreserved(row.reserved_at, self._shop.unix_s()))

    async def _rename(self, seen: Sequence[SeenRow], name: ColumnElement[str], which: ColumnElement[bool]) -> int:
        """Give the rows of *seen* that are still as they were seen, and of *which*, another queue; return how many."""
        before = {row.id: row.reserved_at for row in seen}

        async def work(connection: AsyncConnection) -> int:
            ids = await still_as_seen(connection, before)
            if not ids:
                return 0
            change = update(jobs).where(jobs.c.id.in_(ids), which).values(queue=name)
            return int((await connection.execute(change)).rowcount)

        return await self._shop.in_transaction(work) if before else 0

    async def _learn_names(self, ids: Sequence[int]) -> None:
        """Know the classes of the rows of *ids*, and of no others."""
        self._names = {row_id: self._names[row_id] for row_id in ids if row_id in self._names}
        if new := [row_id for row_id in ids if row_id not in self._names]:
            async with self._shop.read() as connection:
                heads = await connection.execute(select(jobs.c.id, self._head).where(jobs.c.id.in_(new)))
                self._names |= {row[0]: display_name(as_bytes(row[1])) or NO_CLASS for row in heads}


def _count(is_apart: ColumnElement[bool]) -> Select[Any]:
    """Return the statement that counts the due rows, those that wait among them, and finds since when one waits."""
    # On SQLite a column may hold anything.
    since = and_(IS_UNRESERVED, jobs.c.available_at.between(INSTANTS_S.start, INSTANTS_S.stop - 1))
    counted: list[ColumnElement[Any]] = [
        func.count(),
        func.max(jobs.c.id),
        func.sum(case((IS_UNRESERVED, 1), else_=0)),
        func.min(case((since, jobs.c.available_at))),
    ]
    return select(*counted).where(is_apart, IS_DUE)


def _first(is_apart: ColumnElement[bool]) -> Select[Any]:
    """Return the statement that finds the first rows that wait, in the order of the index on the queue's name."""
    return select(jobs.c.id).where(is_apart, IS_FREE).order_by(jobs.c.queue, jobs.c.id).limit(MANY)
