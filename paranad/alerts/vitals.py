"""Whether the daemon itself is well: queue.db takes commits, its disk has room, the schedule is gone through.

The loop that claims jobs waits for nothing but queue.db, and its end is the daemon's end: a commit that comes through
speaks for it, as a heartbeat that goes out at all speaks for the event loop.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from paranad.clock import Clock
from paranad.errors import ParanadError
from paranad.said import Said, Sentence
from paranad.schedule.loop import Scheduler
from paranad.store.file import Store
from paranad.store.room import FULL_BYTES, MIB, room_of

COMMIT_S: Final = 10.0
"""How long one commit may take, and one look at the disk."""
ROUND_S: Final = 180.0
"""How long ago the schedule's last good pass may be; one comes each minute at least."""

COMMITS_HANG = Sentence("vitals.commits_hang", "queue.db has not taken a commit for {seconds:g} s")
NOT_STORED = Sentence("vitals.not_stored", "queue.db takes nothing: {reason}")
DISK_FULL = Sentence("vitals.disk_full", "less than {mib} MiB are free on the disk of {folder}")
DISK_SILENT = Sentence("vitals.disk_silent", "the disk of {folder} does not answer")
SCHEDULE_STANDS = Sentence("vitals.schedule_stands", "the schedule has not been gone through for {minutes:minute}")


class Vitals:
    """Looks at the daemon's own life; neither the shop, nor the courier, nor what an operator paused is part of it."""

    def __init__(self, store: Store, scheduler: Scheduler, clock: Clock) -> None:
        self._store, self._scheduler, self._clock = store, scheduler, clock

    async def ailing(self, commit: Callable[[], Awaitable[None]]) -> Said | None:
        """Return what is wrong with the daemon itself; None: all is well. *commit* stores something in queue.db."""
        if gone := self._store.watch.gone:
            return gone
        return await self._storing(commit) or await self._room() or self._schedule()

    async def _storing(self, commit: Callable[[], Awaitable[None]]) -> Said | None:
        """Try a commit: an idle daemon makes none, and would not know that the disk refuses it."""
        try:
            async with asyncio.timeout(COMMIT_S):
                await commit()
        except TimeoutError:
            return COMMITS_HANG(seconds=COMMIT_S)
        except ParanadError as error:
            return NOT_STORED(reason=error.said)
        return None

    async def _room(self) -> Said | None:
        folder = self._store.path.parent
        try:
            async with asyncio.timeout(COMMIT_S):
                room = await asyncio.to_thread(room_of, folder)
        except (TimeoutError, OSError):
            return DISK_SILENT(folder=str(folder))
        return DISK_FULL(mib=FULL_BYTES // MIB, folder=str(folder)) if room.is_full else None

    def _schedule(self) -> Said | None:
        since_s = self._clock.monotonic() - self._scheduler.passed_at_s
        return (
            SCHEDULE_STANDS(minutes=int(timedelta(seconds=since_s) / timedelta(minutes=1)))
            if since_s > ROUND_S
            else None
        )
