"""The history that the page's pictures show: days, hours, the courier's rate by minutes, the runs of each entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby

import orjson

from paranad.clock import Clock, from_us, to_us
from paranad.courier.limiter import Limiter, LimiterState
from paranad.courier.minutes import MinuteUse
from paranad.history.hours import STATEMENTS, Hour, Hours
from paranad.history.spans import Known, Span, days_until, hours_until
from paranad.store.file import Store

RUNS = 50


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the shop."""

    day: date
    shipments: int | None
    """How many the courier was known to have from that day on; None: not known."""
    failures: int | None
    """How often a job failed for good; None: not known."""


@dataclass(frozen=True, slots=True)
class PastRun:
    """What became of one occurrence of an entry."""

    occurrence: datetime
    outcome: str
    """`enqueued` or `skipped`."""
    state: str | None
    """How the job stands that was enqueued; None: there is none, or it was pruned."""


@dataclass(frozen=True, slots=True)
class EntryRuns:
    """The last runs of an entry."""

    name: str
    runs: Sequence[PastRun]
    """Oldest first, RUNS at most."""


@dataclass(frozen=True, slots=True)
class Past:
    """The whole history. Everything is oldest first."""

    days: Sequence[Day]
    hours: Sequence[tuple[datetime, Hour | None]]
    """By the instant at which each begins; None: not known."""
    rate: LimiterState
    minutes: Sequence[MinuteUse]
    entries: Sequence[EntryRuns]


class History:
    """Answers at once: days and runs by their indexes, hours as they were last read, minutes from the limiter."""

    def __init__(self, store: Store, limiter: Limiter, clock: Clock, zone: tzinfo) -> None:
        self._store, self._limiter, self._clock, self._zone = store, limiter, clock, zone
        self._hours = Hours(store, clock, zone)
        self.run = self._hours.run
        """Reads the hours, until cancelled."""
        self.look = self._hours.look

    async def past(self) -> Past:
        """Return the history up to now."""
        now = self._clock.now()
        known = await self._known()
        read = self._hours.known()
        hours = [
            (span.start, read.get(span.start) if known.knows(span) else None) for span in hours_until(now, self._zone)
        ]
        return Past(
            days=await self._days(now, known),
            hours=hours,
            rate=self._limiter.state(),
            minutes=self._limiter.minutes(),
            entries=await self._entries(),
        )

    async def _known(self) -> Known:
        row = await self._store.reader.fetch_one(STATEMENTS["began"])
        return Known(from_us(row["at"]) if row else self._clock.now())

    async def _days(self, now: datetime, known: Known) -> list[Day]:
        days = days_until(now, self._zone)
        shipments = await self._counts("shipments", list(days.values()))
        return [
            Day(day, count if known.knows(span) else None, None)
            for (day, span), count in zip(days.items(), shipments, strict=True)
        ]

    async def _counts(self, statement: str, spans: Sequence[Span]) -> list[int]:
        """Return what *statement* counts in each of *spans*."""
        bounds = orjson.dumps([[to_us(span.start), to_us(span.end)] for span in spans]).decode()
        return [int(row[0]) for row in await self._store.reader.fetch(STATEMENTS[statement], {"spans": bounds})]

    async def _entries(self) -> list[EntryRuns]:
        rows = await self._store.reader.fetch(STATEMENTS["runs"], {"limit": RUNS})
        return [
            EntryRuns(
                name,
                [
                    PastRun(from_us(row["occurrence"]), row["outcome"], row["state"])
                    for row in runs
                    if row["outcome"] is not None  # an entry without a run
                ],
            )
            for name, runs in groupby(rows, key=lambda row: str(row["name"]))
        ]
