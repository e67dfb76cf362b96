"""Rows that could not be decoded and were moved to the shop's `failed_jobs`: the ones that still stand there."""

import asyncio
from itertools import islice

import orjson
from sqlalchemy import ColumnElement, func, select

from paranad.log.redaction import redact
from paranad.record import record
from paranad.said import Said, from_document, plain
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.tables import failed_jobs

UNREADABLE = "paranad cannot decode this payload: "
"""The exception of every row that is moved there begins like this."""
AT_ONCE = 1000
AGAIN = 100
"""So many rows before the last one seen are looked at again: a row may become visible after one with a higher id."""
LOOK_S = 0.3
"""One look takes no longer; a long table is read by several looks, from its beginning."""
REASON_LENGTH = 300
"""So much of a sentence, or of a text in it, is shown."""
EXCEPTION_LENGTH = 4000
"""So much of an exception is read."""
ENDS = tuple(func.coalesce(end(failed_jobs.c.id), 0) for end in (func.min, func.max))


@record
class UnreadableRow:
    """A row that was moved."""

    uuid: str
    """Artisan's commands name the row by it."""
    reason: Said
    """One line, no secret."""


def exception_of(reason: Said) -> str:
    """Return the exception of a row that is moved: the sentence, and in the last line its code and values."""
    return f"{UNREADABLE}{reason.text}\n{orjson.dumps(reason.document()).decode()}"


class MovedRows:
    """Knows which moved rows stand there; reads each row of the table only once."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._one_at_a_time = asyncio.Lock()
        self._looked_up_to = 0
        self._standing: dict[int, UnreadableRow] = {}

    @property
    def standing(self) -> tuple[UnreadableRow, ...]:
        """The rows that stood there at the last look, oldest first."""
        return tuple(row for _, row in sorted(self._standing.items()))

    async def look(self) -> tuple[UnreadableRow, ...]:
        """Look again; return the rows that stand there, oldest first, as far as the table has been read.

        Raises:
            ShopError: the table cannot be read.
        """
        async with self._one_at_a_time, self._shop.read() as connection:
            await self._forget_gone(connection)
            await self._find_new(connection)
        return self.standing

    async def _forget_gone(self, connection: AsyncConnection) -> None:
        ids, still = iter(list(self._standing)), dict[int, UnreadableRow]()
        while some := list(islice(ids, AT_ONCE)):
            still |= await rows_where(connection, failed_jobs.c.id.in_(some))
        self._standing = still

    async def _find_new(self, connection: AsyncConnection) -> None:
        first, last = (await connection.execute(select(*ENDS))).one()
        if last < self._looked_up_to:  # the table was emptied, and its ids may begin again
            self._looked_up_to = 0
        clock, after = self._shop.clock, max(self._looked_up_to - AGAIN, first - 1)
        until_s = clock.monotonic() + LOOK_S
        while after < last:
            self._standing |= await rows_where(connection, failed_jobs.c.id.between(after + 1, after + AT_ONCE))
            after = self._looked_up_to = min(after + AT_ONCE, last)
            if clock.monotonic() >= until_s:
                break


async def rows_where(connection: AsyncConnection, which: ColumnElement[bool]) -> dict[int, UnreadableRow]:
    """Return the moved rows among those of *which*, by id."""
    exception = failed_jobs.c.exception
    rest = func.substr(exception, len(UNREADABLE) + 1, EXCEPTION_LENGTH)
    query = select(failed_jobs.c.id, failed_jobs.c.uuid, rest).where(which, exception.startswith(UNREADABLE))
    return {row[0]: UnreadableRow(row[1], _reason(row[2])) for row in await connection.execute(query)}


def _reason(text: str) -> Said:
    """Return the fact in the last line of *text*; a row of an earlier version has the sentence alone."""
    sentence, _, fact = text.rpartition("\n")
    try:
        said = from_document(orjson.loads(fact))
    except (ValueError, LookupError, TypeError, AttributeError):
        return plain(_line(text))
    return said.cleaned(_line) if said.text == sentence else plain(_line(text))


def _line(text: str) -> str:
    return redact(" ".join(text.split()))[:REASON_LENGTH]
