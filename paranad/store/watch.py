"""Watches queue.db while it is open: whether it is still the file at its path, and how large its -wal has grown."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import aiosqlite

from paranad.clock import Clock
from paranad.errors import StateDamaged, StateGone
from paranad.events.event import Events
from paranad.events.queue import QueueLogHeld, QueueStoreFailed, QueueStoreGone, QueueStoreReturned, QueueStoreSaved
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.store import place
from paranad.store.sqlite import storage_error

EVERY_S = 60.0
LOG_BYTES = 16 * 2**20
"""The size to which the -wal shrinks after a reader let it grow: four times its size in daily work."""
HELD_BYTES = 4 * LOG_BYTES
"""From which size on a -wal that cannot be merged is told."""
FIRST_READER, LAST_READER = 123, 127
"""The bytes of -shm that readers lock. Source: sqlite.org/walformat.html, "WAL Locks"."""

GONE = Sentence(
    "state.gone",
    "{what} while the daemon runs: nothing more is taken; "
    "stop the daemon, which writes back what it holds: systemctl restart paranad",
)
FILE_GONE = Sentence("state.file_gone", "{path} is gone")
FILE_REPLACED = Sentence("state.file_replaced", "{path} is another file now")
NOT_WRITTEN_BACK = Sentence("state.not_written_back", "{path} could not be written back: {detail}")

Identity = tuple[int, int] | None
"""Device and inode; None: there is no file."""


@record
class FileLook:
    """What one look at the files saw."""

    gone: Said | None
    """What is missing or another file now; None: all are there."""
    log_bytes: int = 0
    held_by: tuple[int, ...] = ()
    """Processes that keep the -wal from being merged; empty if it can be merged, or if none is known."""
    held: bool = False


class FileWatch:
    """Looks once a minute; `run` until cancelled."""

    def __init__(self, path: Path, clock: Clock, events: Events) -> None:
        """Watch the queue.db at *path*, which this process has just opened."""
        self.last_look = FileLook(None)
        """What the last look saw."""
        self._path, self._clock, self._events = path, clock, events
        self._files = {each: _identity(each) for each in (path, place.log_of(path), place.index_of(path))}
        self._damage: StateDamaged | None = None
        self._damaged = asyncio.Event()

    @property
    def gone(self) -> Said | None:
        """Why nothing more is taken: the open file is no longer the one at its path; None: it is."""
        return None if self.last_look.gone is None else GONE(what=self.last_look.gone)

    async def run(self) -> None:
        """Look until cancelled.

        Raises:
            StateDamaged: something that was read shows that the file cannot be trusted.
        """
        while True:
            await self.look()
            if await self._clock.wait(self._damaged, EVERY_S) and self._damage is not None:
                raise self._damage

    async def look(self) -> FileLook:
        """Look at the files now, and tell what has changed."""
        before = self.last_look
        try:
            self.last_look = look = await asyncio.to_thread(self._look)
        except (sqlite3.Error, OSError) as error:
            self.note(error)
            return before
        if look.gone and not before.gone:
            self._events.tell(QueueStoreGone(error=str(self.gone)))
        elif before.gone and not look.gone:
            self._events.tell(QueueStoreReturned())
        if look.held and not before.held:
            self._events.tell(QueueLogHeld(mib=look.log_bytes // 2**20, held_by=look.held_by))
        return look

    async def check(self) -> None:
        """Look now, before another connection is opened by the file's path.

        Raises:
            StateGone: it would be another file's.
        """
        await self.look()
        if self.gone:
            raise StateGone(self.gone)

    def note(self, error: BaseException) -> None:
        """Learn of an *error* of the open file; damage ends `run`."""
        refusal = error if isinstance(error, StateDamaged) else storage_error(error, self._path)
        if isinstance(refusal, StateDamaged) and self._damage is None:
            self._damage = refusal
            self._events.tell(QueueStoreFailed(error=str(refusal)))
            self._damaged.set()

    def _look(self) -> FileLook:
        if gone := next(self._missing(), None):
            return FileLook(gone)
        merged = _merge(self._path)
        log_bytes = _size(place.log_of(self._path))
        # A reader that holds it for a moment is harmless: only a -wal that has grown is told.
        held = not merged and log_bytes > HELD_BYTES
        return FileLook(None, log_bytes, _readers(place.index_of(self._path)) if held else (), held)

    def _missing(self) -> Iterator[Said]:
        for path, opened in self._files.items():
            found = _identity(path)
            if found is None:
                yield FILE_GONE(path=str(path))
            elif opened is not None and found != opened:
                yield FILE_REPLACED(path=str(path))
            elif opened is None:  # SQLite makes -wal and -shm with the first change
                self._files[path] = found

    async def save(self, connection: aiosqlite.Connection) -> None:
        """Write the open file, which *connection* still reads, back to its path if it is gone from there."""
        if _identity(self._path) == self._files[self._path]:
            return
        saving = self._path.with_name(f"{self._path.name}.saving")
        # A file that a person put there meanwhile is not overwritten.
        target = self._path.with_name(f"{self._path.name}.saved") if self._path.exists() else self._path
        try:
            saving.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            saving.unlink(missing_ok=True)
            os.close(os.open(saving, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            await connection.execute_fetchall("VACUUM INTO ?", (str(saving),))
            saving.replace(target)  # whole before it has its name
        except (sqlite3.Error, OSError) as error:
            self._events.tell(QueueStoreFailed(error=NOT_WRITTEN_BACK(path=str(self._path), detail=str(error)).text))
        else:
            self._events.tell(QueueStoreSaved(path=str(target)))


def _identity(path: Path) -> Identity:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _merge(path: Path) -> bool:
    """Merge as much of the -wal as is possible without waiting; tell whether that was all of it."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)) as connection:
        busy, pages, merged = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if busy or merged < pages:
            return False
        # Everything is merged, but the file keeps its size until it is truncated.
        if _size(place.log_of(path)) > LOG_BYTES:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return True


def _readers(index: Path) -> tuple[int, ...]:
    """Return the other processes that read by *index*, as far as the kernel says."""
    try:
        inode = index.stat().st_ino
        lines = Path("/proc/locks").read_text("ascii").splitlines()
    except OSError:
        return ()
    return tuple(sorted({pid for line in lines if (pid := _reader(line, inode)) not in {None, os.getpid()} and pid}))


def _reader(line: str, inode: int) -> int | None:
    """Return the process of a read lock, from a line such as `3: POSIX  ADVISORY  READ 812 fe:01:4711 124 124`."""
    words = line.split()
    if len(words) != 8 or words[1] != "POSIX" or words[5].rpartition(":")[2] != str(inode):
        return None
    first, last = words[6], words[7]
    if not (first.isdigit() and last.isdigit() and FIRST_READER <= int(first) <= int(last) <= LAST_READER):
        return None
    return int(words[4])
