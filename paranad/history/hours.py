"""How many jobs completed in each of the last hours, and how long they had waited: read in passing, remembered.

A closed hour is read once, the present one again and again, on the connection for what takes long: neither the loop nor
the daemon's work waits for it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

from paranad.clock import Clock, from_us, to_us
from paranad.history.spans import Span, hours_until
from paranad.record import record
from paranad.store.file import Store
from paranad.store.sql import load

STATEMENTS = load("paranad.history", "history.sql")

CLOSED_AFTER = timedelta(minutes=1)
"""So long after an hour's end an outcome may still be stored that belongs to it."""
JOBS_READ = 50_000
"""Of an hour with more jobs, only every nth is asked how long it had waited: its row must be read for that."""


@record
class Hour:
    """The jobs that completed in one hour."""

    jobs: int
    median: timedelta | None
    """How long half of them had waited at most, from due to started; None: none completed."""
    most: timedelta | None
    """The same for 95 of 100."""


class Hours:
    """Remembers the last hours."""

    def __init__(self, store: Store, clock: Clock, zone: tzinfo) -> None:
        self._store, self._clock, self._zone = store, clock, zone
        self._read: dict[datetime, Hour] = {}
        """By the instant at which an hour begins."""
        self._closed: set[datetime] = set()
        """Hours that were read after their end: they are not read again."""

    def known(self) -> Mapping[datetime, Hour]:
        """Return the hours that were read whole, by the instant at which each begins."""
        return self._read

    def forget(self) -> None:
        """Read every hour again: the clock was another one, so that an hour of it may not have ended yet."""
        self._read, self._closed = {}, set()

    async def look(self) -> None:
        """Read the present hour, and closed hours that were not read since they ended.

        Raises:
            StateError: queue.db cannot be read.
        """
        now = self._clock.now()
        spans = hours_until(now, self._zone)
        starts = {span.start for span in spans}
        self._read = {start: hour for start, hour in self._read.items() if start in starts}
        self._closed &= starts
        for span in reversed(spans):  # the present one first
            if span.start not in self._closed:
                await self._look_at(span, now)

    async def _look_at(self, span: Span, now: datetime) -> None:
        hour = await self._hour(span)
        # Asked afterwards: what retention dropped meanwhile was perhaps not counted.
        if await self._is_whole(span, now):
            self._read[span.start] = hour
        else:
            self._read.pop(span.start, None)
        if now >= span.end + CLOSED_AFTER and self._store.writer.failing is None:
            self._closed.add(span.start)

    async def _is_whole(self, span: Span, now: datetime) -> bool:
        row = await self._store.aside.fetch_one(STATEMENTS["began"], {"now": to_us(now)})
        return row is None or row["dropped"] is None or from_us(row["dropped"]) < span.start

    async def _hour(self, span: Span) -> Hour:
        bounds = {"start": to_us(span.start), "end": to_us(span.end)}
        row = await self._store.aside.fetch_one(STATEMENTS["completed"], bounds)
        jobs = int(row["jobs"]) if row else 0
        # Retention may have deleted some of them since they were counted, or all.
        every = max(1, -(-jobs // JOBS_READ))
        rows = await self._store.aside.fetch(STATEMENTS["waits"], {**bounds, "every": every})
        waits = [timedelta(microseconds=row["wait"]) for row in rows]
        return Hour(jobs, waits[0], waits[-1]) if waits else Hour(jobs, None, None)
