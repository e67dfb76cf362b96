"""Backfill: occurrences of the past, run when a person asks for them; each once, and one after another.

Those that wait are kept by entry. One at a time becomes a job: it takes one worker at most, however many there are, and
the entry's own occurrences never wait behind it, since its job has a key of its own.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import ClassVar

import orjson

from paranad.clock import MICROSECOND, Clock, from_us, to_us
from paranad.errors import InvalidRequest, RequestError, StateError
from paranad.events.event import Event, Events
from paranad.events.queue import JobCancelled, JobCompleted, JobFailed, JobTookDaemonDown
from paranad.events.schedule import (
    ScheduleBackfillAsked,
    ScheduleBackfillDropped,
    ScheduleOccurrenceEnqueued,
    ScheduleResumed,
)
from paranad.queue.jobs import Jobs
from paranad.queue.model import Enqueued, Json, NewJob, State
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.schedule.cron import Cron
from paranad.schedule.entries import Entry
from paranad.schedule.instants import DAY, first_of, read_day, read_instant
from paranad.schedule.ledger import RUNS_KEPT, RunOutcome
from paranad.schedule.ledger import STATEMENTS as LEDGER
from paranad.schedule.loop import Scheduler
from paranad.schedule.trouble import Trouble
from paranad.store.facts import kept
from paranad.store.file import Store
from paranad.store.sql import load
from paranad.store.writer import Act
from paranad.wording import quotable

STATEMENTS = load("paranad.schedule", "past.sql")
WAITING = "schedule.backfill"
"""Under which name the store keeps the waiting occurrences, by entry."""
MOST = 100
"""How many occurrences of an entry may be asked for at once, and wait."""
LEFT_TO_THE_SCHEDULE = timedelta(minutes=1)
"""What was due so short a time ago is the schedule's own to run."""
LOOK_S = 60.0
RETRY_S = 10.0
GOES_ON = (JobCompleted, JobFailed, JobCancelled, JobTookDaemonDown, ScheduleResumed)
"""Events after which another occurrence may run."""

BACKFILLED = Sentence("schedule.backfilled", "backfilled")
OUT_OF_ORDER = Sentence(
    "schedule.span_reversed", "{name}: expected an instant before the end, got {first}, after {last}"
)
IN_THE_FUTURE = Sentence(
    "schedule.span_in_future",
    "{name}: expected an instant of the past, got {got}; what is still to come runs by itself",
)
TOO_MANY = Sentence(
    "schedule.backfill_too_many",
    "{entry} was due more than {most} times between {first} and {last}; at most {most} are run at once: end with "
    "{until}, then ask for the rest",
)
TOO_MANY_WAIT = Sentence(
    "schedule.backfill_full",
    "{waiting} occurrences of {entry} wait already, and {count} more would be over {most}; ask again once these have "
    "run",
)
ENTRY_GONE = Sentence("schedule.backfill_gone", "the entry is no longer in the schedule")
STOPPED = Sentence("schedule.backfill_stopped", "an operator stopped it")


class PastOutcome(StrEnum):
    """What becomes of an occurrence that a person asks for."""

    WAITS = "waits"
    """It runs when those before it have ended."""
    WAITS_ALREADY = "waits_already"
    """It was asked for before, or waits for the entry's last job, and has not begun."""
    RAN = "ran"
    """It ran before: by itself, or backfilled."""
    FAILED = "failed"
    """It ran before, and its job failed: it is for the operator to retry."""


@record
class PastOccurrence:
    """An occurrence that a person asks for."""

    at: datetime
    outcome: PastOutcome
    job_id: int | None = None
    """Of the job with which it ran."""


@record
class Span:
    """From when to when occurrences are asked for, both included."""

    first: datetime
    last: datetime


def read_span(first: str, last: str, cron: Cron, now: datetime) -> Span:
    """Read from when to when; a day alone is the whole day.

    Raises:
        InvalidRequest: one is no instant, the end is before the beginning or in the future.
    """
    begin, end = read_instant("from", first, cron.zone, now), read_instant("to", last, cron.zone, now)
    if end > now:
        raise InvalidRequest(IN_THE_FUTURE(name="to", got=quotable(last)))
    if day := read_day(last):
        end = first_of(day + DAY, cron.zone) - MICROSECOND
    if begin > end:
        raise InvalidRequest(OUT_OF_ORDER(name="from", first=quotable(first), last=quotable(last)))
    return Span(begin, min(end, now - LEFT_TO_THE_SCHEDULE))


def occurrences_in(entry: str, cron: Cron, span: Span) -> list[datetime]:
    """Return the occurrences of *span*, oldest first.

    Raises:
        InvalidRequest: there are over MOST; it names the last one that could be asked for.
    """
    found = list(islice(cron.between(span.first - MICROSECOND, span.last), MOST + 1))
    if len(found) > MOST:
        local = [f"{each.astimezone(cron.zone).isoformat(timespec='minutes')}" for each in (span.first, span.last)]
        until = found[MOST - 1].astimezone(cron.zone).isoformat(timespec="minutes")
        raise InvalidRequest(TOO_MANY(entry=entry, most=MOST, first=local[0], last=local[1], until=until))
    return found


class Backfills:
    """The occurrences of the past that wait; `run` until cancelled."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        scheduler: Scheduler,
        clock: Clock,
        events: Events,
        *,
        past_job: Callable[[datetime, str, Mapping[str, Json]], NewJob],
    ) -> None:
        """Run what waits in *store*.

        *past_job* makes the job for an occurrence, with the offset of the entry's zone, of a task with the entry's
        arguments; or it refuses with the reason.
        """
        self._store, self._jobs, self._scheduler, self._clock, self._events = store, jobs, scheduler, clock, events
        self._new_job = past_job
        self._trouble = Trouble(events)
        self._changing = asyncio.Lock()
        self._wake = asyncio.Event()
        self._waits = True
        """Whether any may wait: not known before the first look."""
        events.listen(self._hear, GOES_ON)

    async def run(self) -> None:
        """Let the waiting occurrences run one after another, until cancelled; a full disk delays them."""
        while True:
            self._wake.clear()
            wait_s = LOOK_S
            try:
                await self.hand_out()
                self._trouble.over()
            except StateError:  # the writer has told
                wait_s = RETRY_S
            except Exception as error:  # noqa: BLE001 -- the loop's edge: it outlives any error, as the schedule does
                self._trouble.tell(error)
            await self._clock.wait(self._wake, wait_s)

    async def ask(self, name: str, first: str, last: str, *, dry_run: bool = False) -> list[PastOccurrence]:
        """Let the occurrences of an entry between *first* and *last* run that have not; say what becomes of each.

        Args:
            name: of the entry, which may be paused or disabled.
            first: an instant as a person writes it.
            last: the same; included, and a day alone is the whole day.
            dry_run: only say it.

        Raises:
            NotFound: there is no such entry.
            InvalidRequest: its task takes no date; the span is none, or holds too many.
            StateFull: nothing was stored.
        """
        entry, now = self._scheduler.entry(name), self._clock.now()
        self._past_job(entry, now)
        asked = occurrences_in(name, entry.cron, read_span(first, last, entry.cron, now))
        async with self._changing:
            waiting = await self._load()
            before = set(waiting.get(name, ()))
            found = _outcomes(asked, before | await self._in_line(name, asked), await self._ran(name, asked))
            new = [each.at for each in found if each.outcome is PastOutcome.WAITS]
            if new and len(before) + len(new) > MOST:
                raise InvalidRequest(TOO_MANY_WAIT(waiting=len(before), entry=name, count=len(new), most=MOST))
            if new and not dry_run:
                await self._save(waiting | {name: sorted({*before, *new})})
                self._events.tell(ScheduleBackfillAsked(entry=name, occurrences=len(new)))
                self._wake.set()
        return found

    async def waiting(self, name: str) -> list[datetime]:
        """Return the waiting occurrences of an entry, oldest first."""
        return (await self._load()).get(name, [])

    async def stop(self, name: str) -> int:
        """Let no waiting occurrence of an entry run; return how many waited. The one that runs goes on.

        Raises:
            NotFound: there is no such entry, and none of it waits.
            StateFull: they wait still.
        """
        async with self._changing:
            waiting = await self._load()
            dropped = waiting.pop(name, None)
            if dropped is None:
                self._scheduler.entry(name)
                return 0
            await self._save(waiting)
            self._dropped(name, dropped, STOPPED())
        return len(dropped)

    async def hand_out(self) -> None:
        """Enqueue the oldest waiting occurrence of each entry of which none is unfinished.

        Raises:
            StateError: it could not be stored.
        """
        async with self._changing:
            waiting = await self._load()
            self._waits = bool(waiting)
            paused = {row["name"] for row in await self._store.reader.fetch(STATEMENTS["paused"])} if waiting else set()
            for name, instants in list(waiting.items()):
                if name in self._scheduler.given and (name in paused or name in self._scheduler.halted):
                    continue
                left = await self._left(name, instants)
                if left != instants:
                    waiting[name] = list(left)
                    await self._save({entry: each for entry, each in waiting.items() if each})

    async def _left(self, name: str, instants: Sequence[datetime]) -> Sequence[datetime]:
        """Enqueue the oldest of *instants* that has not run, if none of the entry is unfinished; return the rest."""
        entry = self._scheduler.given.get(name)
        if entry is None:
            self._dropped(name, instants, ENTRY_GONE())
            return []
        for place, at in enumerate(instants):
            try:
                new = replace(self._past_job(entry, at), unique_key=f"backfill:{name}")
            except RequestError as error:  # a reload has changed the command meanwhile
                self._dropped(name, instants[place:], error.said)
                return []
            enqueued = await self._store.writer.do(_Backfill(name, at, new, self._jobs, self._events))
            if enqueued:  # None: it has run, or runs by itself
                return instants[place:] if enqueued.duplicate else instants[place + 1 :]
        return []

    def _past_job(self, entry: Entry, at: datetime) -> NewJob:
        return self._new_job(at.astimezone(entry.cron.zone), entry.task, entry.args)

    async def _ran(self, name: str, asked: Sequence[datetime]) -> dict[datetime, PastOccurrence]:
        params = {"entry": name, "occurrences": _encode(asked)}
        rows = await self._store.reader.fetch(STATEMENTS["ran"], params)
        return {each.at: each for each in map(_past, rows)}

    async def _in_line(self, name: str, asked: Sequence[datetime]) -> set[datetime]:
        params = {"entry": name, "occurrences": _encode(asked)}
        return {from_us(row["occurrence"]) for row in await self._store.reader.fetch(STATEMENTS["in_line"], params)}

    async def _load(self) -> dict[str, list[datetime]]:
        stored = await self._store.values.get(WAITING) or {}
        return {name: [from_us(each) for each in instants] for name, instants in stored.items()}

    async def _save(self, waiting: dict[str, list[datetime]]) -> None:
        await self._store.values.put(WAITING, {name: list(map(to_us, instants)) for name, instants in waiting.items()})
        self._waits = bool(waiting)

    def _dropped(self, name: str, instants: Sequence[datetime], reason: Said) -> None:
        self._events.tell(ScheduleBackfillDropped(entry=name, occurrences=len(instants), reason=reason))

    def _hear(self, _: Sequence[Event]) -> None:
        if self._waits:
            self._wake.set()


def _outcomes(
    asked: Sequence[datetime], waiting: set[datetime], ran: dict[datetime, PastOccurrence]
) -> list[PastOccurrence]:
    return [
        ran.get(at) or PastOccurrence(at, PastOutcome.WAITS_ALREADY if at in waiting else PastOutcome.WAITS)
        for at in asked
    ]


def _past(row: sqlite3.Row) -> PastOccurrence:
    outcome = PastOutcome.FAILED if row["state"] == State.FAILED else PastOutcome.RAN
    return PastOccurrence(from_us(row["occurrence"]), outcome, row["job_id"])


@record
class _Backfill(Act[Enqueued | None]):
    """Enqueue the job of a past occurrence with its run, unless it has run, or runs by itself; then answer None.

    In one transaction, so that after a crash the same occurrence is known to have run.
    """

    takes: ClassVar = True
    entry: str
    at: datetime
    new: NewJob
    jobs: Jobs
    events: Events

    def apply(self, connection: sqlite3.Connection) -> Enqueued | None:
        params = {"entry": self.entry, "occurrences": _encode([self.at])}
        for statement in ("ran", "in_line"):
            if connection.execute(STATEMENTS[statement], params).fetchall():
                return None
        (enqueued,) = self.jobs.enqueue_in(connection, [self.new])
        if not enqueued.duplicate:
            reason, keyed = BACKFILLED(), False  # the key is the schedule's: one that it has skipped may have taken it
            run = [self.entry, to_us(self.at), keyed, RunOutcome.ENQUEUED, reason.text, enqueued.job_id, kept(reason)]
            connection.execute(LEDGER["record"], {"runs": orjson.dumps([run]).decode()})
            connection.execute(LEDGER["prune"], {"entry": self.entry, "kept": RUNS_KEPT})
        return enqueued

    def told(self, answer: Enqueued | None) -> None:
        if answer is None or answer.duplicate:
            return
        self.jobs.enqueued([self.new], [answer])
        at = self.at.isoformat()
        self.events.tell(ScheduleOccurrenceEnqueued(entry=self.entry, occurrence=at, job_id=answer.job_id))


def _encode(instants: Sequence[datetime]) -> str:
    return orjson.dumps([to_us(each) for each in instants]).decode()
