"""Opens queue.db: the state directory and its lock, checks that never change the file, then writer and readers."""

import errno
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aiosqlite

from paranad.clock import Clock
from paranad.errors import StateDamaged, StateError, StateFull
from paranad.events import Events
from paranad.store.lock import state_lock
from paranad.store.migrate import migrate
from paranad.store.reader import Reader
from paranad.store.sqlite import connected, storage_error
from paranad.store.values import Values
from paranad.store.writer import Writer

Durability = Literal["full", "normal"]

FILE_NAME = "queue.db"
MAGIC = b"SQLite format 3\x00"
ROLLBACK = b"\x01\x01"
"""The header's bytes 18 and 19 of a file that has no -wal: a copy that no daemon has opened yet."""
QUICK_CHECK_BYTES = 64 * 2**20
"""A file up to this size is checked whole at every start: some tenths of a second."""


@dataclass(frozen=True)
class Store:
    """queue.db, open: one writer, readers, small values."""

    writer: Writer
    reader: Reader
    values: Values
    path: Path


@asynccontextmanager
async def open_store(state_dir: Path, *, durability: Durability, clock: Clock, events: Events) -> AsyncIterator[Store]:
    """Open *state_dir*/queue.db for this process alone, creating and migrating it where needed.

    At the end the writer commits what waits, then everything is closed, whatever happened.

    Raises:
        StateLocked: another daemon holds the directory.
        StateDamaged: the file is not a queue.db that can be trusted; it is left as it is.
        StateFromFuture: a later version wrote it.
        StateFull: no room, or the disk failed.
        StateError: the directory or the file cannot be used.
    """
    path = state_dir / FILE_NAME
    async with AsyncExitStack() as stack:
        with _in_our_words(path):
            _make_directory(state_dir)
            stack.enter_context(state_lock(state_dir))
            _make_file(path)
            _put_aside_foreign_log(path)
            await _check(path)
            writing = await stack.enter_async_context(connected(path, "rw"))
            await _prepare(writing, durability)
            await migrate(writing, path, clock)
            reading = await stack.enter_async_context(connected(path, "ro"))
        writer = Writer(writing, path, events)
        stack.push_async_callback(writer.close)
        reader = Reader(reading)
        yield Store(writer, reader, Values(reader, writer), path)


class _in_our_words:  # noqa: N801 -- reads as a phrase
    """Turns what the system and SQLite say about *path* into state errors that name the cure."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise storage_error(error, self._path) or StateDamaged(
                f"{self._path} is not a queue.db of paranad ({error}); it is left as it is: "
                "restore it from a backup, or set another daemon.state_dir"
            ) from error
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise StateFull(f"{self._path}: no room left on its disk; make room, then start again") from error
        if isinstance(error, OSError):
            raise StateError(
                f"{error.filename or self._path}: expected to be readable and writable by the daemon's user, "
                f"got {error.strerror}; correct its owner and mode, or set another daemon.state_dir"
            ) from error


def _make_directory(state_dir: Path) -> None:
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)


def _make_file(path: Path) -> None:
    # SQLite gives -wal and -shm the mode of the file itself.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _put_aside_foreign_log(path: Path) -> None:
    """Rename the -wal of the file that stood here before one was restored: SQLite would replay it into this one."""
    log = path.with_name(f"{path.name}-wal")
    with path.open("rb") as file:
        header = file.read(20)
    if header.startswith(MAGIC) and header[18:20] == ROLLBACK and log.exists():
        log.replace(path.with_name(f"{log.name}.old"))


def _size(path: Path) -> int:
    return path.stat().st_size


def _check_header(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise StateDamaged(
                f"{path}: expected an SQLite file, got something else; it is left as it is: "
                "move it away, or set another daemon.state_dir"
            )


async def _check(path: Path) -> None:
    size = _size(path)
    if size == 0:
        return
    _check_header(path)
    # Read only: a connection that may write would put the -wal into a damaged file when it closes.
    async with connected(path, "ro") as connection:
        await _check_content(connection, path, size)


async def _check_content(connection: aiosqlite.Connection, path: Path, size: int) -> None:
    tables = {
        row[0] for row in await connection.execute_fetchall("SELECT name FROM sqlite_schema WHERE type = 'table'")
    }
    if tables and "migrations" not in tables:
        raise StateDamaged(
            f"{path}: expected paranad's own tables, got another program's; it is left as it is: "
            "move it away, or set another daemon.state_dir"
        )
    if size > QUICK_CHECK_BYTES:
        return
    findings = [row[0] for row in await connection.execute_fetchall("PRAGMA quick_check(1)")]
    if findings != ["ok"]:
        raise StateDamaged(
            f"{path} is damaged ({findings[0].splitlines()[-1]}); it is left as it is: restore it from a backup"
        )


async def _prepare(connection: aiosqlite.Connection, durability: Durability) -> None:
    await connection.execute_fetchall("PRAGMA journal_mode = WAL")
    await connection.execute_fetchall(f"PRAGMA synchronous = {'FULL' if durability == 'full' else 'NORMAL'}")
    await connection.execute_fetchall("PRAGMA foreign_keys = ON")
