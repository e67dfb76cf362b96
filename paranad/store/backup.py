"""A consistent copy of queue.db while the daemon writes: one step, on a reading connection.

The copy says of itself when it was made, so that a daemon which opens it knows that it was restored.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from paranad.clock import Clock, to_us
from paranad.errors import StateFull, Unavailable
from paranad.said import Sentence
from paranad.store.file import Put, Store
from paranad.store.sqlite import connected, storage_error
from paranad.store.writer import transact
from paranad.uninterrupted import to_its_end

COPIED_AT = "store.copied_at"
"""The value that only a copy holds: when it was made, in microseconds since the epoch."""

BACKUP_UNDER_WAY = Sentence(
    "state.backup_under_way", "a backup is under way: one at a time; try again when it has ended"
)
NO_ROOM_FOR_COPY = Sentence(
    "state.no_room_for_copy", "{path}: no room for a copy of queue.db ({detail}); make room, then again"
)


@asynccontextmanager
async def copied(store: Store, clock: Clock) -> AsyncIterator[Path]:
    """Make a copy beside queue.db, 0600, for as long as the block lasts.

    Raises:
        StateFull: there is no room for it.
        StateGone: queue.db is not there.
        Unavailable: another one is made or read.
    """
    if store.copying.locked():
        raise Unavailable(BACKUP_UNDER_WAY())
    async with store.copying:
        await store.watch.check()
        async with _copied(store, clock) as copy:
            yield copy


@asynccontextmanager
async def _copied(store: Store, clock: Clock) -> AsyncIterator[Path]:
    copy = await asyncio.to_thread(_empty_file, store.path.parent)
    try:
        await _copy(store.path, copy)
        await _mark(copy, to_us(clock.now()))
        yield copy
    finally:
        await to_its_end(asyncio.to_thread(copy.unlink, missing_ok=True))


def _empty_file(folder: Path) -> Path:
    try:
        descriptor, name = tempfile.mkstemp(prefix="backup-", suffix=".db", dir=folder)
    except OSError as error:
        raise StateFull(NO_ROOM_FOR_COPY(path=str(folder), detail=str(error.strerror))) from error
    os.close(descriptor)
    return Path(name)


async def _copy(source: Path, target: Path) -> None:
    # Page by page beside a busy writer would begin again at every commit.
    async with connected(source, "ro") as connection:
        try:
            await connection.execute_fetchall("VACUUM INTO ?", (str(target),))
        except Exception as error:
            refusal = storage_error(error, target)
            if refusal is None:
                raise
            raise refusal from error


async def _mark(copy: Path, at_us: int) -> None:
    async with connected(copy, "rw") as connection:
        try:
            await transact(connection, Put(COPIED_AT, at_us).apply)
        except Exception as error:
            refusal = storage_error(error, copy)
            if refusal is None:
                raise
            raise refusal from error
