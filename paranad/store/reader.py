"""Reading queue.db: a connection of its own that never waits for the writer, and pages of lists."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Generic, TypeVar

import aiosqlite

from paranad.errors import BadRequest, StateDamaged
from paranad.numbers import LARGEST_ID, is_digits
from paranad.record import record
from paranad.said import Sentence
from paranad.store.sqlite import is_disk_error, storage_error
from paranad.store.watch import FileWatch
from paranad.wording import shorten

T = TypeVar("T")

NO_CURSOR = Sentence(
    "control.no_cursor", 'cursor: expected the "next_cursor" of an earlier answer, got "{got}"; leave it out'
)

_NO_PARAMETERS: Mapping[str, object] = MappingProxyType({})


@record
class Page(Generic[T]):
    """A part of a list, newest first."""

    items: Sequence[T]
    next_cursor: str | None
    """What asks for the part after this one; None: this is the last."""


def before_id(cursor: str | None) -> int:
    """Return the id that a page's items lie below; above every id if *cursor* is None.

    Raises:
        BadRequest: *cursor* is nothing this program gave out.
    """
    if cursor is None:
        return LARGEST_ID
    if not (is_digits(cursor) and len(cursor) < 20 and int(cursor) <= LARGEST_ID):
        raise BadRequest(NO_CURSOR(got=shorten(cursor, 40)))
    return int(cursor)


def page(rows: Sequence[tuple[int, T]], limit: int) -> Page[T]:
    """Make a page from up to *limit* + 1 pairs of id and item: the one too many shows that more follows."""
    more = len(rows) > limit
    return Page([item for _, item in rows[:limit]], str(rows[limit - 1][0]) if more else None)


class Reader:
    """Reads committed rows; each fetch sees the file at one moment."""

    def __init__(self, connection: aiosqlite.Connection, path: Path, watch: FileWatch) -> None:
        self._connection, self._path, self._watch = connection, path, watch

    async def fetch(self, sql: str, params: Mapping[str, object] = _NO_PARAMETERS) -> list[sqlite3.Row]:
        """Return all rows of *sql*; the loop goes on meanwhile.

        Raises:
            StateDamaged: the file cannot be trusted; the daemon ends.
            StateFull: the disk failed.
        """
        try:
            rows: Iterable[sqlite3.Row] = await self._connection.execute_fetchall(sql, dict(params))
        except sqlite3.Error as error:
            self._watch.note(error)
            refusal = storage_error(error, self._path)
            if isinstance(refusal, StateDamaged) or is_disk_error(error):
                raise refusal or error from error
            raise
        return list(rows)

    async def fetch_one(self, sql: str, params: Mapping[str, object] = _NO_PARAMETERS) -> sqlite3.Row | None:
        """Return the first row of *sql*, or None."""
        rows = await self.fetch(sql, params)
        return rows[0] if rows else None
