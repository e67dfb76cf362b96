"""Whether queue.db is whole: SQLite's own checks, at the start and beside the daemon's work."""

import asyncio
import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path

import aiosqlite

from paranad.errors import StateDamaged
from paranad.said import Sentence
from paranad.store.place import MAGIC
from paranad.store.sqlite import connected

SMALL_BYTES = 16 * 2**20
"""A file up to this size is checked with its indexes at every start: some tenths of a second."""
CHECKED_BYTES = 64 * 2**20
"""A file up to this size is checked at every start, and with its indexes after a stop that was none."""
INDEXED = ("jobs", "shipments")
"""Tables whose indexes decide which work is done: checked after such a stop at any size."""

OTHER_PROGRAM = Sentence(
    "state.other_program",
    "{path}: expected paranad's own tables, got another program's; it is left as it is: "
    "move it away, or set another daemon.state_dir",
)
DAMAGED = Sentence("state.damaged", "{path} is damaged ({detail}); it is left as it is: restore it from a backup")
NOT_SQLITE = Sentence(
    "state.not_sqlite",
    "{path}: expected an SQLite file, got something else; it is left as it is: "
    "restore it from a backup, or move it away and begin with an empty queue: paranad run --new-state",
)


async def check(path: Path, *, left_open: bool) -> None:
    """Check the file at *path* and change nothing; *left_open*: the last daemon did not close it.

    Raises:
        StateDamaged: it is not a queue.db that can be trusted.
    """
    size = _size_of_sqlite_file(path)
    # Read only: a connection that may write would put the -wal into a damaged file when it closes.
    async with connected(path, "ro") as connection:
        tables = {
            row[0] for row in await connection.execute_fetchall("SELECT name FROM sqlite_schema WHERE type = 'table'")
        }
        if "migrations" not in tables:
            raise StateDamaged(OTHER_PROGRAM(path=str(path)))
        for pragma in checks(size, tables, left_open=left_open):
            if finding := await _finding(connection, pragma):
                raise StateDamaged(DAMAGED(path=str(path), detail=finding))


def _size_of_sqlite_file(path: Path) -> int:
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise StateDamaged(NOT_SQLITE(path=str(path)))
    return path.stat().st_size


def checks(size_bytes: int, tables: Collection[str], *, left_open: bool) -> Iterator[str]:
    """Yield what a file is checked with at the start."""
    if size_bytes <= (CHECKED_BYTES if left_open else SMALL_BYTES):
        yield "PRAGMA integrity_check(1)"
    elif size_bytes <= CHECKED_BYTES:
        yield "PRAGMA quick_check(1)"
    elif left_open:
        yield "PRAGMA quick_check(1)"
        for table in INDEXED:
            if table in tables:
                yield f"PRAGMA integrity_check({table})"


async def damage(path: Path, limit_s: float) -> str | None:
    """Return the first thing that is wrong with the file at *path*; None: it is whole. The daemon goes on meanwhile.

    Raises:
        TimeoutError: it would have taken longer than *limit_s* seconds, and was broken off.
    """
    try:
        async with connected(path, "ro") as connection:
            try:
                async with asyncio.timeout(limit_s):
                    return await _finding(connection, "PRAGMA quick_check(1)")
            finally:
                await connection.interrupt()  # its thread may still be at it
    except sqlite3.Error as error:
        return str(error)


async def _finding(connection: aiosqlite.Connection, pragma: str) -> str | None:
    findings = [str(row[0]) for row in await connection.execute_fetchall(pragma)]
    return None if findings == ["ok"] else findings[0].splitlines()[-1]
