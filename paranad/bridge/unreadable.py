"""Rows that could not be decoded and were moved to the shop's `failed_jobs`: those that still stand there."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from paranad.log.redaction import redact
from paranad.shop.database import Shop
from paranad.shop.tables import failed_jobs

UNREADABLE = "paranad cannot decode this payload: "
"""How the exception begins of every row that is moved there."""
AT_ONCE = 1000
AGAIN = 100
"""How many rows before the last that was looked at are looked at again: a row may become visible after a later one."""
LOOK_S = 0.3
"""How long one look takes at most; a long table is read through by several, from its beginning."""
REASON_LENGTH = 300
ENDS = tuple(func.coalesce(end(failed_jobs.c.id), 0) for end in (func.min, func.max))


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """One of them."""

    uuid: str
    """By which artisan's commands name it."""
    reason: str
    """One line, no secret."""


class UnreadableRows:
    """Knows which of them stand there, and reads every row but once."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._one_at_a_time = asyncio.Lock()
        self._looked_up_to = 0
        self._standing: dict[int, UnreadableRow] = {}

    @property
    def standing(self) -> tuple[UnreadableRow, ...]:
        """Those that stood there at the last look, oldest first."""
        return tuple(row for _, row in sorted(self._standing.items()))

    async def look(self) -> tuple[UnreadableRow, ...]:
        """Look again; return those that stand there, oldest first, as far as the table has been read.

        Raises:
            ShopError: it cannot be looked at.
        """
        async with self._one_at_a_time, self._shop.read() as connection:
            await self._forget_gone(connection)
            await self._find_new(connection)
        return self.standing

    async def _forget_gone(self, connection: AsyncConnection) -> None:
        ids, still = iter(list(self._standing)), dict[int, UnreadableRow]()
        while some := list(islice(ids, AT_ONCE)):
            still |= await _rows(connection, failed_jobs.c.id.in_(some))
        self._standing = still

    async def _find_new(self, connection: AsyncConnection) -> None:
        first, last = (await connection.execute(select(*ENDS))).one()
        if last < self._looked_up_to:  # the table was emptied, and its ids may begin anew
            self._looked_up_to = 0
        clock, after = self._shop.clock, max(self._looked_up_to - AGAIN, first - 1)
        until_s = clock.monotonic() + LOOK_S
        while after < last:
            self._standing |= await _rows(connection, failed_jobs.c.id.between(after + 1, after + AT_ONCE))
            after = self._looked_up_to = min(after + AT_ONCE, last)
            if clock.monotonic() >= until_s:
                break


async def _rows(connection: AsyncConnection, which: ColumnElement[bool]) -> dict[int, UnreadableRow]:
    exception = failed_jobs.c.exception
    beginning = func.substr(exception, len(UNREADABLE) + 1, REASON_LENGTH)
    query = select(failed_jobs.c.id, failed_jobs.c.uuid, beginning).where(which, exception.startswith(UNREADABLE))
    return {row[0]: UnreadableRow(row[1], _line(row[2].split())) for row in await connection.execute(query)}


def _line(words: Iterable[str]) -> str:
    return redact(" ".join(words))
