"""Opens queue.db: the state directory and its lock, checks that never change the file, then writer and readers."""

import asyncio
import errno
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import aiosqlite
import orjson

from paranad.clock import Clock
from paranad.errors import StateDamaged, StateError, StateFull
from paranad.events.event import Events
from paranad.record import record
from paranad.said import Sentence
from paranad.store import place
from paranad.store.integrity import check
from paranad.store.migrate import migrate
from paranad.store.place import FILE_NAME
from paranad.store.reader import Reader
from paranad.store.sqlite import connected, storage_error
from paranad.store.watch import LOG_BYTES, FileWatch
from paranad.store.writer import Act, Writer

__all__ = ["FILE_NAME", "Durability", "Store", "Values", "open_store"]

Durability = Literal["full", "normal"]
Json = Any

TEXT_DAMAGED = Sentence(
    "state.text_damaged",
    "{path} is damaged (it holds a text that is none); it is left as it is: restore it from a backup",
)
NOT_OURS = Sentence(
    "state.not_ours",
    "{path} is not a queue.db of paranad ({detail}); it is left as it is: "
    "restore it from a backup, or set another daemon.state_dir",
)
NO_ROOM = Sentence("state.no_room", "{path}: no room left on its disk; make room, then start again")
NOT_USABLE = Sentence(
    "state.not_usable",
    "{path}: expected to be readable and writable by the daemon's user, got {detail}; "
    "correct its owner and mode, or set another daemon.state_dir",
)

_GET = "SELECT value FROM named_values WHERE name = :name"
_PUT = "INSERT INTO named_values (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


class Values:
    """Keeps JSON values by name."""

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    async def get(self, name: str) -> Json | None:
        """Return the value last put under *name*; None if there is none."""
        row = await self._reader.fetch_one(_GET, {"name": name})
        return orjson.loads(row["value"]) if row else None

    async def put(self, name: str, value: Json) -> None:
        """Keep *value* under *name*; committed when it returns."""
        await self._writer.do(Put(name, value))


@record
class Put(Act[None]):
    """Keep one value."""

    name: str
    value: Json

    def apply(self, connection: sqlite3.Connection) -> None:
        connection.execute(_PUT, (self.name, orjson.dumps(self.value).decode()))


@dataclass(frozen=True)
class Store:
    """queue.db, open: one writer, readers, small values."""

    writer: Writer
    reader: Reader
    aside: Reader
    """Reads what takes long, on a connection and in a thread of its own: nobody else waits behind it."""
    values: Values
    path: Path
    watch: FileWatch
    copying: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a copy is made and read: one at a time."""


@asynccontextmanager
async def open_store(
    state_dir: Path, *, durability: Durability, clock: Clock, events: Events, new_state: bool = False
) -> AsyncIterator[Store]:
    """Open *state_dir*/queue.db for this process alone, migrating it if needed.

    The file is made if the directory never had one, or if it is gone and *new_state* asks for an empty one.
    At the end the writer commits the changes that wait; then everything is closed, also after an error.

    Raises:
        StateLocked: another daemon holds the directory.
        StateDamaged: the file is gone, or is not a queue.db that can be trusted; it is left as it is.
        StateFromFuture: a later version wrote it.
        StateFull: no room, or the disk failed.
        StateError: the directory or the file cannot be used.
    """
    path = state_dir / FILE_NAME
    async with AsyncExitStack() as stack:
        with _in_our_words(path):
            _make_directory(state_dir)
            # Before the lock makes a file that looks like an earlier life.
            place.mark_first_life(path)
            # From here on no other daemon changes the directory.
            stack.enter_context(place.state_lock(state_dir))
            place.remove_copies(state_dir)
            if place.is_to_be_made(path, new_state=new_state):
                await _make(path, clock)
            # A restored copy may be open to others.
            _make_private(path)
            place.put_aside_foreign_log(path)
            # Read only, before a connection that may write: that one would change a damaged file.
            await check(path, left_open=place.was_left_open(path))
            writing = await stack.enter_async_context(connected(path, "rw"))
            await _prepare(writing, durability)
            await migrate(writing, path, clock)
            reading = await stack.enter_async_context(connected(path, "ro"))
            reading_aside = await stack.enter_async_context(connected(path, "ro"))
            watch = FileWatch(path, clock, events)
        # The stack runs backwards: the writer commits what waits, then the open file is saved, then all is closed.
        stack.push_async_callback(watch.save, writing)
        writer = Writer(writing, path, clock, events, watch)
        stack.push_async_callback(writer.close)
        reader = Reader(reading, path, watch)
        yield Store(writer, reader, Reader(reading_aside, path, watch), Values(reader, writer), path, watch)


class _in_our_words:  # noqa: N801 -- reads as a phrase
    """Turns what the system and SQLite say about *path* into state errors that name the cure."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, UnicodeDecodeError):
            raise StateDamaged(TEXT_DAMAGED(path=str(self._path))) from error
        if isinstance(error, sqlite3.Error):
            not_ours = NOT_OURS(path=str(self._path), detail=str(error))
            raise storage_error(error, self._path) or StateDamaged(not_ours) from error
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise StateFull(NO_ROOM(path=str(self._path))) from error
        if isinstance(error, OSError):
            raise StateError(NOT_USABLE(path=str(error.filename or self._path), detail=str(error.strerror))) from error


def _make_directory(state_dir: Path) -> None:
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)


def _make_private(path: Path, flags: int = 0) -> None:
    # SQLite gives -wal and -shm the mode of the file itself.
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | flags, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


async def _make(path: Path, clock: Clock) -> None:
    """Make a new queue.db, whole before it has its name."""
    place.clear_for_new(path)
    new = place.unfinished(path)
    _make_private(new, os.O_CREAT)
    async with connected(new, "rw") as connection:
        await _prepare(connection, "full")
        await migrate(connection, path, clock)
    place.put_in_place(path)


async def _prepare(connection: aiosqlite.Connection, durability: Durability) -> None:
    await connection.execute_fetchall("PRAGMA journal_mode = WAL")
    await connection.execute_fetchall(f"PRAGMA synchronous = {'FULL' if durability == 'full' else 'NORMAL'}")
    await connection.execute_fetchall("PRAGMA foreign_keys = ON")
    await connection.execute_fetchall(f"PRAGMA journal_size_limit = {LOG_BYTES}")
