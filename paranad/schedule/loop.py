"""The scheduler: enqueues each due occurrence once, also after steps of the clock and stops of the daemon."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from paranad.catalogue import SCHEDULABLE
from paranad.clock import MICROSECOND, Clock
from paranad.errors import NotFound, RequestError
from paranad.events.event import Event, Events
from paranad.events.queue import JobCancelled, JobCompleted, JobFailed, JobTookDaemonDown
from paranad.events.schedule import (
    ScheduleClockStepped,
    ScheduleEntryOff,
    ScheduleEntryOn,
    ScheduleOccurrenceEnqueued,
    ScheduleOccurrenceSkipped,
    ScheduleOccurrenceWaits,
    SchedulePaused,
    ScheduleResumed,
)
from paranad.queue.jobs import Jobs
from paranad.queue.model import Enqueued, NewJob, Origin
from paranad.queue.pause import OPEN, Pause, told_of
from paranad.said import Said, Sentence
from paranad.schedule.due import due
from paranad.schedule.entries import Entry, missing_programs
from paranad.schedule.ledger import Handled, Ledger, Mark, Occurrence, Run, RunOutcome, Waiting
from paranad.schedule.making import Making
from paranad.schedule.paused import while_all_paused, while_paused
from paranad.schedule.trouble import Trouble
from paranad.schedule.view import EntryView
from paranad.store.file import Store
from paranad.store.reader import Page
from paranad.wording import did_you_mean, quotable

__all__ = ["EntryView", "Run", "RunOutcome", "Scheduler"]

HOUR = timedelta(hours=1)
LONGEST_WAIT_S = 60.0
RETRY_S = 10.0
ENDS = (JobCompleted, JobFailed, JobCancelled, JobTookDaemonDown)

UNKNOWN_ENTRY = Sentence("schedule.unknown_entry", 'no schedule entry "{entry}"{known}')
KNOWN_ENTRIES = Sentence("schedule.known_entries", "; there are: {entries}")
TASK_WITHOUT_ENTRY = Sentence(
    "schedule.task_without_entry",
    '; it is a task: give it one with [schedule."{task}"] and a cron, then paranadctl reload',
)
BY_HAND = Sentence("schedule.by_hand", "run by hand")


async def nothing_lacks(_: Collection[str]) -> Mapping[str, Said]:
    """Tell that no entry lacks anything."""
    return {}


class Scheduler:
    """Watches the entries; `run` until cancelled."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        clock: Clock,
        events: Events,
        *,
        entries: Iterable[Entry],
        new_job: Callable[[Entry, datetime], NewJob],
        lacking: Callable[[Collection[str]], Awaitable[Mapping[str, Said]]] = nothing_lacks,
        random: Random,
    ) -> None:
        """Schedule *entries* as they stand in *store*; *new_job* makes a checked job of an entry's occurrence.

        *lacking* is asked by name about the entries that the configuration does not name, and answers by name why
        one cannot work here: it is disabled for as long. *random* chooses the delays of entries with a jitter.
        """
        self._clock, self._events, self._lacking = clock, events, lacking
        self._making = Making(new_job, random)
        self._ledger = Ledger(store, jobs, self._tell)
        self._queues = jobs.queues
        self._given = {entry.name: entry for entry in entries}
        self._entries = self._given
        """The given entries; an entry that is off stands here as disabled."""
        self._off: Mapping[str, Said] = {}
        self._marks: dict[str, Mark] = {}
        self._adopted = False
        self.passed_at_s = clock.monotonic()
        """When the entries were last gone through without trouble, on the monotonic clock; at first: now."""
        self._trouble = Trouble(events)
        self._wake = asyncio.Event()
        self._changing = asyncio.Lock()
        events.listen(self._hear, ENDS)

    async def run(self) -> None:
        """Enqueue due occurrences until cancelled. An error, such as a full disk, is told and delays them."""
        while True:
            wait_s = await self._pass()
            await self._clock.wait(self._wake, wait_s)
            self._wake.clear()

    async def begin_after(self, at: datetime) -> None:
        """Take what was due up to *at* as handled, by another daemon; call it before `run`."""
        async with self._changing:
            await self._adopt()
            await self._ledger.move_on(at)
            self._marks = await self._ledger.marks()

    def replace(self, entries: Iterable[Entry]) -> None:
        """Go on with *entries*; new, re-enabled and changed ones start from now."""
        self._given = {entry.name: entry for entry in entries}
        self._entries, self._off = self._given, {}
        self._adopted = False
        self._wake.set()

    async def run_now(self, name: str) -> Enqueued:
        """Enqueue an entry's job now, paused or disabled as it may be; its unfinished job instead, if there is one.

        Raises:
            NotFound: there is no such entry.
            StateFull: nothing was stored.
        """
        now = self._clock.now()
        new = replace(self._making.job_of(self._known(name), now), origin=Origin.OPERATOR)
        occurrence = Occurrence(name, now, new, BY_HAND(), by_hand=True)
        (handled,) = await self._ledger.handle([occurrence])
        if handled.enqueued is None:
            raise AssertionError(f"{name} was run by hand without a job")
        return handled.enqueued

    async def pause(self, name: str, pause: Pause = OPEN) -> None:
        """Enqueue nothing for an entry while it is paused, over restarts too. A paused one gets the new *pause*.

        Raises:
            NotFound: there is no such entry.
            StateFull: it goes on.
        """
        async with self._changing:
            await self._adopt()
            if not self._is_paused(name):  # one may be paused that the configuration no longer has
                self._known(name)
            await self._ledger.pause(name, pause)
            if self._marks[name].pause == pause:
                return
            self._marks[name].pause = pause
            self._events.tell(SchedulePaused(entry=name, **told_of(pause)))

    async def resume(self, name: str, *, ended_at: datetime | None = None) -> None:
        """Go on with a paused entry; what it missed is recorded and not caught up.

        It goes on from now; after a pause that ended by itself from *ended_at*: what came since then was not missed
        because of the pause. A paused entry that the configuration no longer has is forgotten.

        Raises:
            NotFound: there is no such entry, and none of that name is paused.
            StateFull: it stays paused.
        """
        async with self._changing:
            await self._adopt()
            entry = self._entries.get(name) if self._is_paused(name) else self._known(name)
            until = self._clock.now() if ended_at is None else ended_at - MICROSECOND  # due then: no longer paused
            missed = while_paused(entry, self._marks[name].last_at, until) if entry and self._is_paused(name) else None
            if await self._ledger.resume(name, until, missed):
                self._marks[name] = Mark(max(until, self._marks[name].last_at))
                self._adopted = self._adopted and entry is not None
                self._events.tell(ScheduleResumed(entry=name, by_itself=ended_at is not None))
                self._wake.set()

    async def skip_while_all_paused(self) -> None:
        """Record what came while everything was paused, before that pause ends: nothing of it is caught up.

        Raises:
            StateFull: it is not recorded.
        """
        async with self._changing:
            await self._adopt()
        if self._queues.all_paused:
            await self._handle_due()

    def look(self) -> None:
        """Look at once for what is due."""
        self._wake.set()

    async def pauses(self) -> Mapping[str, Pause]:
        """Return the paused entries by name, those too that the configuration no longer has."""
        return {name: mark.pause for name, mark in (await self._ledger.marks()).items() if mark.pause}

    async def views(self) -> list[EntryView]:
        """Return every entry with its last run and its next occurrence."""
        marks, newest, all_paused = await self._ledger.marks(), await self._ledger.newest(), self._queues.all_paused
        waiting = await self._ledger.waiting()
        now = self._clock.now()
        views = []
        for name, entry in self._entries.items():
            mark = marks.get(name, Mark(now))
            last, job_state = newest.get(name, (None, None))
            next_at = _next(entry, mark, max(now, mark.last_at))
            if next_at and all_paused:  # what comes before its end is skipped
                next_at = all_paused.until and _next(
                    entry, mark, max(now, mark.last_at, all_paused.until - MICROSECOND)
                )
            held = entry.task in self._queues.paused_tasks
            in_line = waiting[name].waiting if name in waiting else 0
            views.append(EntryView(entry, mark.pause, last, job_state, next_at, self._off.get(name), in_line, held))
        return views

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries as the configuration gives them; one that is off here is not disabled in it."""
        return tuple(self._given.values())

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all entries."""
        return tuple(self._given)

    @property
    def given(self) -> Mapping[str, Entry]:
        """The entries by name, as the configuration has them."""
        return self._given

    @property
    def halted(self) -> frozenset[str]:
        """The names of the entries that are paused, or off although the configuration enables them."""
        return self.paused | frozenset(self._off)

    @property
    def paused(self) -> frozenset[str]:
        """The names of the entries that are paused."""
        return frozenset(name for name, mark in self._marks.items() if mark.pause)

    def entry(self, name: str) -> Entry:
        """Return an entry; one that is off is disabled.

        Raises:
            NotFound: there is no such entry; it names the nearest, or all.
        """
        return self._known(name)

    def queue_of(self, entry: Entry) -> str | None:
        """Return the queue of an entry's jobs; None: no job can be made of it."""
        try:
            return self._making.new_job(entry, self._clock.now()).queue
        except RequestError:
            return None

    async def successes(self) -> dict[str, datetime]:
        """Return when each entry last succeeded; an entry without a kept completed job is left out."""
        return await self._ledger.successes()

    async def history(self, name: str, limit: int, cursor: str | None) -> Page[Run]:
        """Return up to *limit* runs of an entry, newest first; the last 1,000 are kept.

        Raises:
            NotFound: there is no such entry.
            BadRequest: *cursor* is nothing an earlier page gave.
        """
        return await self._ledger.history(self._known(name).name, limit, cursor)

    async def _pass(self) -> float:
        """Handle the due occurrences; return how many seconds to wait."""
        try:
            await self._switch_off()
            async with self._changing:  # an operator may pause or resume an entry meanwhile
                await self._adopt()
                await self._set_back()
            await self._handle_due()
        except Exception as error:  # noqa: BLE001 -- the loop's edge: the schedule outlives any error
            self._trouble.tell(error)
            return RETRY_S
        self._trouble.over()
        self.passed_at_s = self._clock.monotonic()
        return self._wait_s()

    def _wait_s(self) -> float:
        now, pause = self._clock.now(), self._queues.all_paused
        if pause and pause.is_over(now):  # its end wakes the loop
            return LONGEST_WAIT_S
        known = [(entry, self._marks[name]) for name, entry in self._entries.items() if name in self._marks]
        nexts = [at for entry, mark in known if (at := _next(entry, mark, mark.last_at))]
        return min([LONGEST_WAIT_S, *(max(0.0, (at - now).total_seconds()) for at in nexts)])

    async def _switch_off(self) -> None:
        """Learn which entries lack something; an entry for which that changed starts or stops from now."""
        given = self._given
        asked = [name for name, entry in given.items() if entry.enabled and not entry.chosen]
        off = dict(await self._lacking(asked))
        if any(entry.command for entry in given.values()):
            off |= await asyncio.to_thread(missing_programs, given.values())
        # A reload may have replaced the entries while the shop was asked: then the next pass asks again.
        if given is self._given and off != self._off:
            disabled = {name: replace(given[name], enabled=False) for name in off}
            self._tell_programs(self._off, off)
            self._entries, self._off, self._adopted = given | disabled, off, False

    def _tell_programs(self, before: Mapping[str, Said], off: Mapping[str, Said]) -> None:
        """Tell which entries are left out because their program is missing, and which no longer are."""
        commands = [name for name, entry in self._given.items() if entry.command]
        self._events.tell(
            *(
                ScheduleEntryOff(entry=name, reason=off[name].text)
                for name in commands
                if name in off and name not in before
            ),
            *(ScheduleEntryOn(entry=name) for name in commands if name in before and name not in off),
        )

    async def _adopt(self) -> None:
        """Let the ledger hold the entries, unless it does already; afterwards each has its mark."""
        while not self._adopted:
            entries = self._entries
            marks = await self._ledger.adopt(entries.values(), self._clock.now())
            # Again if a reload replaced the entries while these were stored.
            if entries is self._entries:
                self._marks, self._adopted = marks, True

    async def _set_back(self) -> None:
        """Report marks that lie over an hour in the future, and go on from now."""
        now = self._clock.now()
        # Less is a clock change or a small correction: waiting it out repeats nothing.
        ahead = [name for name, mark in self._marks.items() if mark.last_at - now > HOUR]
        if not ahead:
            return
        await self._ledger.set_back(ahead, now)
        for name in ahead:
            mark = self._marks[name]
            self._events.tell(ScheduleClockStepped(entry=name, last=mark.last_at.isoformat()))
            mark.last_at = now

    async def _handle_due(self) -> None:
        if not self._adopted:
            return
        waiting = await self._ledger.waiting()
        now, pause = self._clock.now(), self._queues.all_paused
        if pause and pause.until:  # what is due at its end, or later, waits for that
            now = min(now, pause.until - MICROSECOND)
        found = [occurrence for name, each in waiting.items() for occurrence in self._waiting(name, each)]
        decide = self._skipped if pause else self._due
        found += [occurrence for entry in self._entries.values() for occurrence in decide(entry, now)]
        if not found:
            return
        await self._ledger.handle(found)
        for occurrence in found:
            if mark := self._marks.get(occurrence.entry):  # a reload may have dropped the entry meanwhile
                mark.last_at = max(mark.last_at, occurrence.at)

    def _waiting(self, name: str, waiting: Waiting) -> list[Occurrence]:
        """Return the oldest waiting occurrence of an entry, with its job; empty while the entry starts nothing."""
        entry, mark = self._entries.get(name), self._marks.get(name)
        if self._queues.all_paused or entry is None or mark is None or mark.pause or not entry.enabled:
            return []
        return [self._making.waiting(entry, waiting)]

    def _due(self, entry: Entry, now: datetime) -> list[Occurrence]:
        """Return the occurrences of *entry* that are due now, each with its job or the reason to skip it."""
        mark = self._marks[entry.name]
        if mark.pause or not entry.enabled:
            return []
        return [self._making.occurrence(entry, each, now) for each in due(entry, mark.last_at, now)]

    def _skipped(self, entry: Entry, now: datetime) -> list[Occurrence]:
        """Return the occurrence of *entry* that is due while everything is paused, to be skipped; empty: none is."""
        mark = self._marks[entry.name]
        skipped = None if mark.pause else while_all_paused(entry, mark.last_at, now)
        return [skipped] if skipped else []

    def _is_paused(self, name: str) -> bool:
        return name in self._marks and self._marks[name].pause is not None

    def _known(self, name: str) -> Entry:
        if entry := self._entries.get(name):
            return entry
        near = did_you_mean(name, self._entries) or KNOWN_ENTRIES(entries=sorted(self._entries))
        cure = TASK_WITHOUT_ENTRY(task=name) if name in SCHEDULABLE else near
        raise NotFound(UNKNOWN_ENTRY(entry=quotable(name), known=cure))

    def _tell(self, occurrences: Sequence[Occurrence], handled: Sequence[Handled]) -> None:
        for occurrence, answer in zip(occurrences, handled, strict=True):
            entry, at = occurrence.entry, occurrence.at.isoformat()
            if answer.lined_up and answer.enqueued:
                self._events.tell(ScheduleOccurrenceWaits(entry=entry, occurrence=at, job_id=answer.enqueued.job_id))
            if answer.run is None:
                continue
            if answer.run.outcome is RunOutcome.ENQUEUED and answer.run.job_id is not None:
                self._events.tell(ScheduleOccurrenceEnqueued(entry=entry, occurrence=at, job_id=answer.run.job_id))
            elif answer.run.reason is not None:
                self._events.tell(ScheduleOccurrenceSkipped(entry=entry, occurrence=at, reason=answer.run.reason))

    def _hear(self, events: Sequence[Event]) -> None:
        """Wake when a job has ended for which an occurrence may wait; most events end none, so that is asked first."""
        ended = {event.task for event in events if isinstance(event, ENDS)}
        if ended and any(entry.lines_up and entry.task in ended for entry in self._given.values()):
            self._wake.set()


def _next(entry: Entry, mark: Mark, after: datetime) -> datetime | None:
    return None if mark.pause or not entry.enabled else entry.cron.next(after)
