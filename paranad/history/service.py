"""The history that the page's pictures show: days, hours, the courier's rate by minutes, the runs of each entry."""

import sqlite3
import traceback
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby

import orjson

from paranad.clock import Clock, Steps, from_us, to_us
from paranad.courier.limiter import Limiter, LimiterState
from paranad.courier.minutes import MINUTE_US, MinuteUse
from paranad.errors import StateError
from paranad.events.daemon import HistoryFailed
from paranad.events.event import Events
from paranad.history.hours import STATEMENTS, Hour, Hours
from paranad.history.spans import Known, Span, days_until, hours_until
from paranad.record import record
from paranad.store.backup import COPIED_AT
from paranad.store.file import Store
from paranad.store.writer import Act

RUNS = 50
QUARTER = timedelta(minutes=15)
EVERY_S = 15.0
REST = 30
"""After a look the daemon rests this many times as long as it took, and EVERY_S at least."""


@record
class Day:
    """A day of the shop."""

    day: date
    shipments: int | None
    """How many the courier was known to have from that day on; None: not known."""
    failures: int | None
    """How often a job failed for good; None: not known."""


@record
class Counted:
    """What was done in a time; None: not known."""

    shipments: int | None
    """How many the courier was known to have from then on."""
    failures: int | None
    """How often a job failed for good."""


@record
class PastRun:
    """What became of one occurrence of an entry."""

    occurrence: datetime
    outcome: str
    """`enqueued` or `skipped`."""
    state: str | None
    """How the job stands that was enqueued; None: there is none, or it was pruned."""


@record
class EntryRuns:
    """The last runs of an entry."""

    name: str
    runs: Sequence[PastRun]
    """Oldest first, RUNS at most."""


@record
class Past:
    """The whole history. Everything is oldest first."""

    days: Sequence[Day]
    hours: Sequence[tuple[datetime, Hour | None]]
    """By the instant at which each begins; None: not known."""
    rate: LimiterState
    minutes: Sequence[MinuteUse]
    entries: Sequence[EntryRuns]


@record
class _Note(Act[None]):
    """Note which copy the file was restored from, if any, and what lies ahead of the clock; nothing is deleted.

    Either clock may be the wrong one: the one under which it was counted, or the present one.
    """

    now_us: int
    copied_us: int | None

    def apply(self, connection: sqlite3.Connection) -> None:
        now = {"now": self.now_us}
        if self.copied_us is not None:
            connection.execute(STATEMENTS["lose"], {**now, "copied": self.copied_us})
        for name in ("doubt_failures", "keep_dropped", "renew_dropped"):
            connection.execute(STATEMENTS[name], now)


class History:
    """Answers at once: days and runs by their indexes, hours as they were last read, minutes from the limiter."""

    def __init__(self, store: Store, limiter: Limiter, clock: Clock, zone: tzinfo, events: Events) -> None:
        self._store, self._limiter, self._clock, self._zone, self._events = store, limiter, clock, zone, events
        self._hours = Hours(store, clock, zone)
        self._steps = Steps(clock)
        self._is_noted = False
        self._told = ""
        """The defect of the last look, which is told once."""

    async def run(self) -> None:
        """Read what is new, until cancelled; the longer that takes, the more seldom."""
        while True:
            began_s = self._clock.monotonic()
            try:
                await self.look()
                self._told = ""
            except StateError:  # the store has told; the next round tries again
                pass
            except Exception as error:  # noqa: BLE001 - no picture is worth the daemon
                self._tell(error)
            took_s = self._clock.monotonic() - began_s
            await self._clock.sleep(max(EVERY_S, REST * took_s))

    def _tell(self, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        if reason != self._told:
            lines = "".join(traceback.format_exception(error))
            self._events.tell(HistoryFailed(error=reason, traceback=lines))
        self._told = reason

    async def look(self) -> None:
        """Read what is new.

        Raises:
            StateError: queue.db cannot be read or written.
        """
        if self._steps.stepped():
            self._hours.forget()
            self._is_noted = False
        if not self._is_noted:
            copied_us = await self._store.values.get(COPIED_AT)
            known_us = copied_us if isinstance(copied_us, int) else None
            await self._store.writer.do(_Note(to_us(self._clock.now()), known_us))
            self._is_noted = True
        await self._hours.look()

    async def counted(self, since: datetime, until: datetime) -> Counted:
        """Count what was done from *since* up to *until*; failures in every quarter of an hour that it touches.

        Raises:
            StateError: queue.db cannot be read.
        """
        span = Span(since, until)
        shipped, failed = await self._known(self._clock.now())
        (shipments,) = await self._counts("shipments", [span])
        (failures,) = await self._counts("failures", [Span(since, until + QUARTER)])
        return Counted(shipments if shipped.knows(span) else None, failures if failed.knows(span) else None)

    async def _known(self, now: datetime) -> tuple[Known, Known]:
        """Return which times are known: of shipments, and of failures."""
        began = await self._store.aside.fetch_one(STATEMENTS["began"], {"now": to_us(now)})
        lost = [
            Span(from_us(row["start_at"]), from_us(row["end_at"]))
            for row in await self._store.aside.fetch(STATEMENTS["lost"])
        ]
        since = from_us(began["since"]) if began else now
        counted_since = from_us(began["counted_since"]) if began and began["counted_since"] else None
        known = Known(since, tuple(lost))
        return known, known.without(Span(since, counted_since)) if counted_since else known

    async def past(self) -> Past:
        """Return the history up to now.

        Raises:
            StateError: queue.db cannot be read.
        """
        now, read = self._clock.now(), self._hours.known()
        known, failures_known = await self._known(now)
        hours = hours_until(now, self._zone)
        return Past(
            days=await self._days(now, known, failures_known),
            hours=[(span.start, read.get(span.start) if known.knows(span) else None) for span in hours],
            rate=self._limiter.state(),
            minutes=[
                minute if known.knows(_span_of(minute)) else replace(minute, requests=None)
                for minute in self._limiter.minutes()
            ],
            entries=await self._entries(),
        )

    async def _days(self, now: datetime, shipped: Known, failed: Known) -> list[Day]:
        """Return the days; shipments and failures are known for times of their own."""
        days = days_until(now, self._zone)
        shipments = await self._counts("shipments", list(days.values()))
        failures = await self._counts("failures", list(days.values()))
        return [
            Day(day, shipments[n] if shipped.knows(span) else None, failures[n] if failed.knows(span) else None)
            for n, (day, span) in enumerate(days.items())
        ]

    async def _counts(self, statement: str, spans: Sequence[Span]) -> list[int]:
        """Return what *statement* counts in each of *spans*."""
        bounds = orjson.dumps([[to_us(span.start), to_us(span.end)] for span in spans]).decode()
        return [int(row[0]) for row in await self._store.aside.fetch(STATEMENTS[statement], {"spans": bounds})]

    async def _entries(self) -> list[EntryRuns]:
        rows = await self._store.aside.fetch(STATEMENTS["runs"], {"limit": RUNS})
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


def _span_of(minute: MinuteUse) -> Span:
    return Span(from_us(minute.start_us), from_us(minute.start_us + MINUTE_US))
