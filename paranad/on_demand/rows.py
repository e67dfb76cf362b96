"""The rows of the shop's `jobs` table that are set apart for PHP: how many are due, and whether any was worked."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, select

from paranad.record import record
from paranad.shop.database import Shop
from paranad.shop.laravel_rows import IS_FREE, expired_s, is_apart
from paranad.shop.tables import jobs


@record
class Mark:
    """A moment of the rows, by which a later look sees whether any was worked.

    A worker that takes a row counts a try in it, and deletes it at the end; what is to be tried again is a new row.
    A row with a lower id may join, since a delayed one is set apart when it is due: it would hide in the count of rows
    that another has gone. So the rows that go first are known by their ids.
    """

    last_id: int = 0
    rows: int = 0
    tries: int = 0
    first: tuple[int, ...] = ()
    """Of each queue the row that a worker takes next, and the one that it has."""


@record
class Found:
    """What the rows of PHP's queues are at one moment."""

    queues: tuple[str, ...] = ()
    """Their names, each with its prefix."""
    due: int = 0
    """Rows that are due and reserved by nobody."""
    held: bool = False
    """Whether one is reserved, however long ago."""
    first: Mapping[str, int] = field(default_factory=dict)
    """Of each queue with rows that are due and reserved by nobody the lowest id, which a worker takes next."""
    mark: Mark = Mark()
    worked: bool = False
    """Whether a row has gone, or was tried, since the mark that was handed in."""


class Backlog:
    """Counts the rows; which work they are is the bridge's to know."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._statement = _statement(is_apart(types_are_hints=shop.types_are_hints))

    async def look(self, before: Mark, now: datetime) -> Found:
        """Return what is there at *now*, and whether it was worked since *before*.

        Raises:
            ShopError: it cannot be asked.
        """
        now_s = int(now.timestamp())
        given = {"now": now_s, "expired": expired_s(now_s), "last": before.last_id, "first": before.first}
        async with self.shop.read() as connection:
            found = (await connection.execute(self._statement, given)).all()
        return _found(found, before)


def _statement(which: ColumnElement[bool]) -> Select[Any]:
    """Return one line for each queue of *which* rows."""
    known = jobs.c.id <= bindparam("last")
    return (
        select(
            jobs.c.queue,
            func.sum(case((IS_FREE, 1), else_=0)),
            func.max(jobs.c.id),
            func.count(),
            func.sum(jobs.c.attempts),
            func.sum(case((known, 1), else_=0)),
            func.sum(case((known, jobs.c.attempts), else_=0)),
            func.count(jobs.c.reserved_at),
            func.min(case((IS_FREE, jobs.c.id))),
            func.min(case((jobs.c.reserved_at.is_not(None), jobs.c.id))),
            func.sum(case((jobs.c.id.in_(bindparam("first", expanding=True)), 1), else_=0)),
        )
        .where(which)
        .group_by(jobs.c.queue)
    )


def _found(found: Sequence[Sequence[Any]], before: Mark) -> Found:
    due = sum(int(row[1]) for row in found)
    mark = Mark(
        last_id=max((row[2] for row in found), default=0),
        rows=sum(row[3] for row in found),
        tries=sum(int(row[4] or 0) for row in found),
        first=tuple({number for row in found for number in (row[8], row[9]) if number is not None}),
    )
    left, tried = sum(int(row[5]) for row in found), sum(int(row[6] or 0) for row in found)
    return Found(
        queues=tuple(str(row[0]) for row in found),
        due=due,
        held=any(row[7] for row in found),
        first={str(row[0]): int(row[8]) for row in found if row[8] is not None},
        mark=mark,
        worked=left < before.rows or tried > before.tries or sum(int(row[10]) for row in found) < len(before.first),
    )
