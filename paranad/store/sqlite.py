"""SQLite as this room uses it: connections that always close, and its errors in our words."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import aiosqlite

from paranad.errors import StateDamaged, StateError, StateFull
from paranad.said import Sentence
from paranad.uninterrupted import to_its_end

NOT_WRITTEN = Sentence(
    "state.not_written", "{path} could not be written ({detail}); nothing was stored: make room on its disk, then again"
)
NOT_TRUSTED = Sentence(
    "state.not_trusted", "{path} cannot be trusted ({detail}); it is left as it is: restore it from a backup"
)

_PRIMARY_CODE = 0xFF
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_REFUSED = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_PROTOCOL,
}


def storage_error(error: BaseException, path: Path) -> StateError | None:
    """Return *error* as a fact about the file at *path*; None if it is about a statement or its values."""
    code = getattr(error, "sqlite_errorcode", None)
    if not isinstance(error, sqlite3.Error):
        return None
    if code is None:  # not SQLite's own: Python's sqlite3 could not decode a text that the file holds
        return damaged(path, error) if isinstance(error, sqlite3.OperationalError) else None
    if code & _PRIMARY_CODE in _DAMAGED:
        return damaged(path, error)
    if code & _PRIMARY_CODE in _REFUSED:
        return StateFull(NOT_WRITTEN(path=str(path), detail=str(error)))
    return None


def is_disk_error(error: sqlite3.Error) -> bool:
    """Tell whether the disk failed under a statement."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & _PRIMARY_CODE == sqlite3.SQLITE_IOERR


def damaged(path: Path, error: Exception) -> StateDamaged:
    """Return *error* as damage of the file at *path*."""
    return StateDamaged(NOT_TRUSTED(path=str(path), detail=str(error)))


@asynccontextmanager
async def connected(path: Path, mode: Literal["ro", "rw"]) -> AsyncIterator[aiosqlite.Connection]:
    """Open *path* for reading or writing, with rows by name.

    A transaction begins with the first statement that writes, so that even one that follows an automatic rollback
    (a full disk) never commits by itself. The connection is closed on every path: one that is left open keeps the
    interpreter from ending.
    """
    connection = _unopened(path, mode)
    try:
        await to_its_end(_open(connection))
        yield connection
    finally:
        await to_its_end(connection.close())


def _unopened(path: Path, mode: str) -> aiosqlite.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return aiosqlite.connect(uri, uri=True, isolation_level="IMMEDIATE", cached_statements=256)


async def _open(connection: aiosqlite.Connection) -> None:
    await connection
    connection.row_factory = sqlite3.Row
