"""What became of each occurrence, in queue.db: an occurrence, its job and the entry's mark are one transaction."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

import orjson

from paranad.clock import from_us, to_us
from paranad.errors import ParanadError
from paranad.queue.jobs import Jobs
from paranad.queue.model import Enqueued, Json, NewJob, State
from paranad.queue.pause import Pause, pause_of
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.schedule.entries import Entry
from paranad.store.facts import kept, read
from paranad.store.file import Store
from paranad.store.reader import Page, before_id, page
from paranad.store.sql import load
from paranad.store.writer import Act, Kind

STATEMENTS = load("paranad.schedule", "entries.sql", "runs.sql", "waiting.sql")
OVERLAP = Sentence("schedule.overlap", "overlap: job {id} is unfinished")
OVERLAP_AND = Sentence("schedule.overlap_and", "{overlap}; {reason}")
OVERLAP_LINE = Sentence("schedule.overlap_line", "overlap: job {id} is unfinished, and another occurrence waits for it")
WAITED = Sentence("schedule.waited", "waited until job {id} had ended")
DELAYED_AND = Sentence("schedule.delayed_and", "{reason}; {delayed}")
GIVEN_UP = Sentence("schedule.given_up", "given up while it waited: the entry was disabled, or is due at other times")
RUNS_KEPT = 1000
"""Runs kept of each entry: most of a day if it is due every minute."""


class RunOutcome(StrEnum):
    """What became of an occurrence."""

    ENQUEUED = "enqueued"
    """Its job was stored."""
    SKIPPED = "skipped"
    """No job was stored; the reason says why."""


@record
class Run:
    """What became of one occurrence, or of an entry that was run by hand."""

    occurrence: datetime
    outcome: RunOutcome
    reason: Said | None
    """Why it was skipped, or enqueued otherwise than planned; None: as planned."""
    job_id: int | None
    """The job that was stored, or for which it was skipped; it may have been pruned since."""
    job_state: State | None = None
    """How that job stands, once the run is read again; None: there is none, or it was pruned."""


@dataclass(slots=True)
class Mark:
    """Where an entry stands."""

    last_at: datetime
    """Everything due up to here is handled."""
    pause: Pause | None = None
    """None: it is not paused."""


@record
class Occurrence:
    """An instant at which an entry is due, with the job to store for it, or the reason to skip it."""

    entry: str
    at: datetime
    new: NewJob | None
    """The job to store; None: it is skipped."""
    reason: Said | None = None
    overlapped: Said | None = None
    """What history says beside the overlap, if the entry's last job is unfinished."""
    delayed: Said | None = None
    """That its job waits for a random time; None: it does not."""
    room: int | None = 0
    """How many occurrences of the entry may wait for its last job, this one among them; None: any number."""
    waited: bool = False
    """True: it is one of those that wait, and goes on waiting while the last job is unfinished."""
    by_hand: bool = False
    """True: the operator asked for it; the entry's mark stays."""


@record
class Handled:
    """The answer to an occurrence."""

    run: Run | None
    """None: nothing was recorded: it was handled before, it waits, or its job is unfinished when run by hand."""
    enqueued: Enqueued | None
    lined_up: bool = False
    """Whether it waits from now on until the job *enqueued* has ended."""


@record
class Waiting:
    """The oldest of the occurrences of an entry that wait for its last job."""

    at: datetime
    reason: Said | None
    """What its run will say."""
    waiting: int
    """How many wait."""


class Ledger:
    """The schedule's tables."""

    def __init__(
        self, store: Store, jobs: Jobs, handled: Callable[[Sequence[Occurrence], Sequence[Handled]], None]
    ) -> None:
        """Keep the ledger in *store*; *handled* hears of occurrences and their answers once they are committed."""
        self._store, self._jobs, self._told = store, jobs, handled
        self._handle: Kind[Occurrence, Handled] = Kind(self._apply, self._committed, takes=True)

    async def adopt(self, entries: Iterable[Entry], now: datetime) -> dict[str, Mark]:
        """Let the ledger hold *entries*, and the paused ones that are gone; return where each stands.

        New and changed entries start from *now*.
        """
        rows = [[entry.name, f"{entry.cron.expression} {entry.cron.zone.key}", entry.enabled] for entry in entries]
        given_up = await self._store.writer.do(_Adopt(_encode(rows), to_us(now)))
        self._told(given_up, [_handled(each, None) for each in given_up])
        return await self.marks()

    async def marks(self) -> dict[str, Mark]:
        """Return where each entry of the ledger stands; an entry that is gone stays in it while it is paused."""
        rows = await self._store.reader.fetch(STATEMENTS["marks"])
        return {row["name"]: Mark(from_us(row["last_at"]), pause_of(row) if row["paused"] else None) for row in rows}

    async def waiting(self) -> dict[str, Waiting]:
        """Return by entry the oldest occurrence that waits for the entry's last job."""
        rows = await self._store.reader.fetch(STATEMENTS["waiting"])
        return {
            row["entry"]: Waiting(from_us(row["occurrence"]), read(row["why"], row["reason"]), row["waiting"])
            for row in rows
        }

    async def handle(self, occurrences: Sequence[Occurrence]) -> list[Handled]:
        """Store the jobs, runs and marks of *occurrences*, all or none; occurrences handled before stay as they are."""
        return await self._store.writer.submit(self._handle, occurrences)

    async def pause(self, name: str, pause: Pause) -> None:
        """Pause an entry; a paused one gets the new pause."""
        await self._store.writer.do(_Pause(name, pause))

    async def resume(self, name: str, now: datetime, missed: Occurrence | None) -> bool:
        """Let an entry go on from *now*, recording the occurrence it *missed*; tell whether it was paused."""
        return await self._store.writer.do(_Resume(name, to_us(now), missed))

    async def set_back(self, names: Sequence[str], now: datetime) -> None:
        """Let entries go on from *now*, which lies before their marks."""
        await self._store.writer.do(_SetBack(names, to_us(now)))

    async def move_on(self, at: datetime) -> None:
        """Let the entries whose marks lie before *at* go on from there."""
        await self._store.writer.do(_MoveOn(to_us(at)))

    async def newest(self) -> dict[str, tuple[Run, State | None]]:
        """Return the last run of each entry that has one, and how its job stands; None: no job, or pruned."""
        rows = await self._store.reader.fetch(STATEMENTS["newest"])
        runs = {row["entry"]: _run(row) for row in rows}
        return {entry: (run, run.job_state) for entry, run in runs.items()}

    async def successes(self) -> dict[str, datetime]:
        """Return when each entry last succeeded; an entry without a kept completed job is left out."""
        rows = await self._store.reader.fetch(STATEMENTS["successes"])
        return {row["entry"]: from_us(row["succeeded_at"]) for row in rows if row["succeeded_at"] is not None}

    async def history(self, name: str, limit: int, cursor: str | None) -> Page[Run]:
        """Return up to *limit* runs of an entry, the last handled first."""
        params = {"entry": name, "before": before_id(cursor), "limit": limit + 1}
        rows = await self._store.reader.fetch(STATEMENTS["history"], params)
        return page([(row["id"], _run(row)) for row in rows], limit)

    def _apply(self, connection: sqlite3.Connection, items: Sequence[Occurrence]) -> list[Handled]:
        asked = _encode([[item.entry, to_us(item.at), item.by_hand, item.waited] for item in items])
        # In the same transaction: an occurrence that was handled before a crash, or paused since, is not handled again.
        rows = connection.execute(STATEMENTS["unhandled"], {"occurrences": asked}).fetchall()
        places = {row["place"] for row in rows}
        new = [item.new for place, item in enumerate(items) if place in places and item.new]
        answers = iter(self._jobs.enqueue_in(connection, new)) if new else iter(())
        line = _Line.read(connection) if any(item.room != 0 for item in items) else _Line()
        handled = [
            line.handled(item, next(answers) if item.new else None) if place in places else Handled(None, None)
            for place, item in enumerate(items)
        ]
        _record(connection, items, handled)
        _line_up(connection, items, handled)
        return handled

    def _committed(self, items: Sequence[Occurrence], answers: Sequence[Handled | ParanadError]) -> None:
        handled = [answer for answer in answers if isinstance(answer, Handled)]
        stored = [
            (item.new, answer.enqueued)
            for item, answer in zip(items, handled, strict=True)
            if item.new and answer.enqueued
        ]
        # The jobs first: a listener that hears of a run has heard of its job.
        if stored:
            self._jobs.enqueued([new for new, _ in stored], [enqueued for _, enqueued in stored])
        self._told(items, handled)


class _Line:
    """Which occurrences wait for the last job of their entry."""

    def __init__(self, waiting: Mapping[str, int] = MappingProxyType({})) -> None:
        self._waiting = Counter(waiting)

    @classmethod
    def read(cls, connection: sqlite3.Connection) -> "_Line":
        rows = connection.execute(STATEMENTS["waiting"]).fetchall()
        return cls({row["entry"]: row["waiting"] for row in rows})

    def handled(self, item: Occurrence, enqueued: Enqueued | None) -> Handled:
        """Return the answer to *item*, which joins the line if its job is a duplicate and there is room."""
        if enqueued is None or not enqueued.duplicate or enqueued.brought_forward:
            return _handled(item, enqueued)
        if item.waited:
            return Handled(None, enqueued)
        if item.room is None or self._waiting[item.entry] < item.room:
            self._waiting[item.entry] += 1
            return Handled(None, enqueued, lined_up=True)
        return _handled(item, enqueued)


def _handled(item: Occurrence, enqueued: Enqueued | None) -> Handled:
    """Return the answer to *item*; a duplicate means that the entry's last job, or another like it, is unfinished."""
    if enqueued is None:
        return Handled(Run(item.at, RunOutcome.SKIPPED, item.reason, None), None)
    if not enqueued.duplicate or enqueued.brought_forward:
        return Handled(Run(item.at, RunOutcome.ENQUEUED, _enqueued_reason(item), enqueued.job_id), enqueued)
    if item.by_hand:  # the operator is told which job is unfinished; no run is recorded
        return Handled(None, enqueued)
    overlap = (OVERLAP_LINE if item.room else OVERLAP)(id=enqueued.job_id)
    reason = OVERLAP_AND(overlap=overlap, reason=item.overlapped) if item.overlapped else overlap
    return Handled(Run(item.at, RunOutcome.SKIPPED, reason, enqueued.job_id), enqueued)


def _enqueued_reason(item: Occurrence) -> Said | None:
    if item.reason and item.delayed:
        return DELAYED_AND(reason=item.reason, delayed=item.delayed)
    return item.delayed or item.reason


def _line_up(connection: sqlite3.Connection, items: Sequence[Occurrence], handled: Sequence[Handled]) -> None:
    """Let the occurrences wait that joined the line, their marks past them, and those leave it that have a run."""
    joined, left = [], []
    for item, answer in zip(items, handled, strict=True):
        if answer.lined_up and answer.enqueued:
            reason = item.reason or WAITED(id=answer.enqueued.job_id)
            joined.append([item.entry, to_us(item.at), reason.text, kept(reason)])
        elif item.waited and answer.run:
            left.append([item.entry, to_us(item.at)])
    if joined:
        connection.execute(STATEMENTS["line_up"], {"occurrences": _encode(joined)})
        connection.execute(STATEMENTS["advance"], {"handled": _encode([row[:2] for row in joined])})
    if left:
        connection.execute(STATEMENTS["leave_line"], {"occurrences": _encode(left)})


def _record(connection: sqlite3.Connection, items: Sequence[Occurrence], handled: Sequence[Handled]) -> None:
    rows = [
        [
            item.entry,
            to_us(item.at),
            not item.by_hand,
            run.outcome,
            run.reason and run.reason.text,
            run.job_id,
            kept(run.reason),
        ]
        for item, answer in zip(items, handled, strict=True)
        if (run := answer.run)
    ]
    if not rows:
        return
    connection.execute(STATEMENTS["record"], {"runs": _encode(rows)})
    keyed = [row[:2] for row in rows if row[2]]
    connection.execute(STATEMENTS["advance"], {"handled": _encode(keyed)})
    for entry in {item.entry for item in items}:
        connection.execute(STATEMENTS["prune"], {"entry": entry, "kept": RUNS_KEPT})


@record
class _Adopt(Act[list[Occurrence]]):
    """Let the ledger hold the given entries, and the paused ones that are gone.

    The answer is the waiting occurrences that are given up for that.
    """

    entries: str
    """Name, expression with zone, whether enabled; as JSON."""
    now_us: int

    def apply(self, connection: sqlite3.Connection) -> list[Occurrence]:
        rows = connection.execute(STATEMENTS["give_up_waiting"], {"entries": self.entries}).fetchall()
        given_up = [Occurrence(row["entry"], from_us(row["occurrence"]), None, GIVEN_UP()) for row in rows]
        _record(connection, given_up, [_handled(each, None) for each in given_up])
        connection.execute(STATEMENTS["forget_absent"], {"entries": self.entries})
        connection.execute(STATEMENTS["adopt"], {"entries": self.entries, "now": self.now_us})
        return given_up


@record
class _Pause(Act[None]):
    """Pause an entry; a paused one gets the new pause."""

    takes: ClassVar = True
    name: str
    pause: Pause

    def apply(self, connection: sqlite3.Connection) -> None:
        connection.execute(STATEMENTS["pause"], {"name": self.name, **self.pause.row()})


@record
class _Resume(Act[bool]):
    """Let an entry go on; answer whether it was paused."""

    takes: ClassVar = True
    name: str
    now_us: int
    missed: Occurrence | None
    """The latest of the occurrences that came while it was paused."""

    def apply(self, connection: sqlite3.Connection) -> bool:
        params = {"name": self.name, "now": self.now_us}
        was_paused = bool(connection.execute(STATEMENTS["resume"], params).fetchall())
        if was_paused and self.missed:
            _record(connection, [self.missed], [_handled(self.missed, None)])
        return was_paused


@record
class _SetBack(Act[None]):
    """Let entries go on from an instant before their marks."""

    names: Sequence[str]
    now_us: int

    def apply(self, connection: sqlite3.Connection) -> None:
        params = {"names": _encode(list(self.names)), "now": self.now_us}
        connection.execute(STATEMENTS["set_back"], params)
        # Their runs lie ahead of the new mark: without a key, the same occurrences can be handled when they come.
        connection.execute(STATEMENTS["unkey"], params)
        connection.execute(STATEMENTS["forget_waiting"], params)


@record
class _MoveOn(Act[None]):
    """Let entries go on from an instant after their marks; what waited for a last job is not done again."""

    at_us: int

    def apply(self, connection: sqlite3.Connection) -> None:
        params = {"at": self.at_us}
        connection.execute(STATEMENTS["move_on"], params)
        connection.execute(STATEMENTS["forget_waiting_before"], params)


def _run(row: sqlite3.Row) -> Run:
    state = State(row["job_state"]) if row["job_state"] else None
    reason = read(row["why"], row["reason"])
    return Run(from_us(row["occurrence"]), RunOutcome(row["outcome"]), reason, row["job_id"], state)


def _encode(value: Json) -> str:
    return orjson.dumps(value).decode()
