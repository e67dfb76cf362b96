"""The lease and the presence of those that stand by, as rows of the shop's database.

Every change is one statement that commits itself and compares the term and the token it was decided on: no transaction
ever stays open on the lease, so a machine that is cut from the network leaves no lock behind.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Executable, Select, delete, insert, or_, select, update
from sqlalchemy import Row as SqlRow

from paranad.clock import Clock, to_us
from paranad.record import record
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow
from paranad.standby.decide import NUMBERS, Numbers, Row
from paranad.standby.table import LEASE, PRESENCE, lease

FORGOTTEN_MS: Final = 30 * 24 * 3600 * 1000
"""How long the row of a daemon that stood by is kept after it has expired."""


@record
class Presence:
    """A daemon that stands by, or did; its instants are the database's."""

    holder: str
    machine: str
    version: str
    expires_ms: int
    since_ms: int
    clock_ms: int | None
    """How far its machine's clock was ahead of the database's; None: it was not measured."""


@record
class Look:
    """What one reading of the table showed."""

    row: Row | None
    """The lease; None: there is no such row."""
    clock_ms: int | None
    """How far the holder's clock was ahead of the database's at its last renewal."""
    present: Sequence[Presence]
    """Those that stand by, and those that did lately."""
    database_ms: int
    """The database's clock meanwhile."""
    at: datetime
    """This machine's, at the same moment."""

    @property
    def ahead_ms(self) -> int:
        """How far this machine's clock is ahead of the database's."""
        return to_us(self.at) // 1000 - self.database_ms

    def instant(self, database_ms: int) -> datetime:
        """Return the instant by this machine's clock at which the database's shows *database_ms*."""
        return self.at - timedelta(milliseconds=self.database_ms - database_ms)


class LeaseRows:
    """The statements, each within 5 s: whether one that failed was carried out is not known."""

    def __init__(self, shop: Shop, clock: Clock, *, numbers: Numbers = NUMBERS) -> None:
        self._shop = shop
        # A renewal waits for no look: whoever asks how it stands must not cost the lease.
        self._statements, self._queries = shop.single_statements(), shop.single_statements()
        self._now_ms: ColumnElement[int] = self._statements.now_ms
        self._clock, self._numbers = clock, numbers
        self._ahead_ms: int | None = None

    async def look(self) -> Look:
        """Read the lease and who stands by.

        Raises:
            ShopError: it cannot be read.
        """
        those = or_(lease.c.name == LEASE, lease.c.name.like(f"{PRESENCE}%"))
        sent_at = self._clock.now()
        found = await self._read(select(*(lease.c[name] for name in _NAMES), self._now_ms.label("now")).where(those))
        arrived_at = self._clock.now()
        (database_ms,) = {each.now for each in found} or {(await self._read(select(self._now_ms)))[0][0]}
        # Somewhere between the two the database has read its own clock.
        between = sent_at + (arrived_at - sent_at) / 2
        held = next((each for each in found if each.name == LEASE), None)
        row = held and Row(
            held.holder, held.machine, held.term, held.reference or "", held.expires_at, held.since, held.version
        )
        present = [
            Presence(each.holder, each.machine, each.version, each.expires_at, each.since, each.clock_ms)
            for each in found
            if each.name != LEASE
        ]
        look = Look(row, held and held.clock_ms, present, database_ms, between)
        self._ahead_ms = look.ahead_ms
        self._shop.ahead_s = look.ahead_ms / 1000
        return look

    async def insert(self, taken: Row) -> bool:
        """Take the lease where there is no row; tell whether it was taken."""
        values = {**_values(taken), "expires_at": self._in_time(), "since": self._now_ms, "clock_ms": self._ahead_ms}
        try:
            await self._run(insert(lease).values(name=LEASE, **values))
        except ShopBadRow:  # another has inserted it
            return False
        return True

    async def take(self, seen: Row, taken: Row) -> bool:
        """Take the lease if it stands as *seen* to the last instant; tell whether it was taken."""
        values = {**_values(taken), "expires_at": self._in_time(), "since": self._now_ms, "clock_ms": self._ahead_ms}
        as_seen = (lease.c.name == LEASE, *_is(seen), lease.c.expires_at == seen.expires_ms)
        return await self._run(update(lease).where(*as_seen).values(**values)) == 1

    async def renew(self, held: Row, *, within_s: float) -> bool:
        """Hold the lease for another 90 s from now; tell whether it is still held as *held*."""
        values = {"expires_at": self._in_time(), "clock_ms": self._ahead_ms}
        still = (lease.c.name == LEASE, *_is(held), lease.c.expires_at != 0)
        return await self._run(update(lease).where(*still).values(**values), within_s=within_s) == 1

    async def give_up(self, held: Row) -> bool:
        """Let any other take the lease at once; tell whether it was still held as *held*."""
        still = (lease.c.name == LEASE, *_is(held))
        return await self._run(update(lease).where(*still).values(expires_at=0, since=self._now_ms)) == 1

    async def be_present(self, holder: str, machine: str, version: str) -> None:
        """Say that this daemon stands by."""
        name = f"{PRESENCE}{holder}"
        values = {"machine": machine, "version": version, "expires_at": self._in_time(), "clock_ms": self._ahead_ms}
        if not await self._run(update(lease).where(lease.c.name == name).values(**values)):
            await self._run(insert(lease).values(name=name, holder=holder, term=0, since=self._now_ms, **values))

    async def be_absent(self, holder: str) -> None:
        """Say no longer that this daemon stands by; forget who has not stood by for 30 days."""
        gone = lease.c.name.like(f"{PRESENCE}%") & (lease.c.expires_at < self._now_ms - FORGOTTEN_MS)
        await self._run(delete(lease).where((lease.c.name == f"{PRESENCE}{holder}") | gone))

    async def close(self) -> None:
        """Close the connections."""
        await self._statements.close()
        await self._queries.close()

    async def _read(self, query: Select[Any]) -> Sequence[SqlRow[Any]]:
        return (await self._queries.run(query, within_s=self._numbers.answer_s)).rows

    def _in_time(self) -> ColumnElement[int]:
        return self._now_ms + round(self._numbers.lease_s * 1000)

    async def _run(self, change: Executable, *, within_s: float | None = None) -> int:
        limit_s = self._numbers.answer_s if within_s is None else within_s
        return (await self._statements.run(change, within_s=limit_s)).changed


_NAMES = ("name", "holder", "machine", "term", "expires_at", "since", "version", "reference", "clock_ms")


def _is(row: Row) -> tuple[ColumnElement[bool], ...]:
    return lease.c.holder == row.holder, lease.c.term == row.term, lease.c.reference == row.token


def _values(row: Row) -> dict[str, object]:
    return {
        "holder": row.holder,
        "machine": row.machine,
        "term": row.term,
        "reference": row.token,
        "version": row.version,
    }
