"""Watches the schedule's entries: those that run without success, and those whose program is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from paranad.alerts.incident import Facts, Incident
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.watches import Tick, Trouble
from paranad.clock import from_us, to_us, wall_time
from paranad.outside import Outside
from paranad.queue.jobs import Jobs
from paranad.queue.workers import Workers
from paranad.said import Said, Sentence
from paranad.schedule.entries import Entry
from paranad.schedule.loop import EntryView, Scheduler
from paranad.schedule.silence import expected_by, why_owes_none

NOT_IN_SCHEDULE = Sentence("alert.entry_gone", "it is no longer in the schedule")
NOT_TOLD = Sentence("alert.entry_not_told", "its alert is false, so nobody is told of it")
SUCCEEDED = Sentence("alert.entry_succeeded", "it has succeeded")
NONE_SEEN = Sentence("alert.no_success_seen", "none seen yet")
PROGRAM_THERE = Sentence("alert.program_there", "its program is there, or it has none any more")

Json = Any


@dataclass(slots=True)
class Owed:
    """Since when an entry owes a success."""

    cron: str
    """Expression and zone. With another one the count begins again."""
    since: datetime
    """Its last success, or the instant from which it owes one, if that is later."""
    success: datetime | None
    """When it last succeeded; None: no success of it is known."""

    def as_json(self) -> list[Json]:
        """Return what is kept over restarts."""
        return [self.cron, to_us(self.since), self.success and to_us(self.success)]

    @classmethod
    def from_json(cls, kept: Sequence[Json]) -> "Owed":
        """Return what `as_json` was called on."""
        cron, since, success = kept
        return cls(cron, from_us(since), None if success is None else from_us(success))


class SilentEntries:
    """Finds the entries that run without success: of their own runs, on time or by hand.

    A backfilled run is of the past, and a job of the same task that somebody else enqueued is none of the schedule's.
    The count begins again when an entry owes a success again (`owing`). It owes none for occurrences that came while
    the daemon was down, or that needed a shop which did not answer.
    """

    kind: ClassVar = IncidentKind.ENTRY_SILENT

    def __init__(self, scheduler: Scheduler, workers: Workers, jobs: Jobs, outside: Outside) -> None:
        self._scheduler, self._workers, self._jobs, self._outside = scheduler, workers, jobs, outside
        self._owed: dict[str, Owed] = {}
        self._owed_none: set[str] = set()
        """The entries that owed no success at the last look."""

    def load(self, kept: Mapping[str, Json]) -> None:
        """Take up what `kept` gave to the last daemon."""
        self._owed = {name: Owed.from_json(each) for name, each in kept.items()}

    def kept(self) -> dict[str, Json]:
        """Return what must survive a restart."""
        return {name: owed.as_json() for name, owed in self._owed.items()}

    def since(self) -> Mapping[str, datetime]:
        """Return since when each entry owes a success, by its name; the doctor goes by the same count."""
        return {name: owed.since for name, owed in self._owed.items()}

    def successes(self) -> Mapping[str, datetime]:
        """Return when each entry last succeeded, by its name; an entry without a known success is missing."""
        return {name: owed.success for name, owed in self._owed.items() if owed.success}

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        views, successes = await self._scheduler.views(), await self._scheduler.successes()
        entries = {view.entry.name: view.entry for view in views}
        unwatched = {view.entry.name: self._why_not_watched(view) for view in views}
        watched = {name: entry for name, entry in entries.items() if unwatched[name] is None}
        self._owed = {name: owed for name, owed in self._owed.items() if name in entries}
        succeeded = {
            name
            for name, entry in entries.items()
            if self._count(entry, tick, successes.get(name), owes=name in watched)
        }
        self._owed_none = entries.keys() - watched.keys()
        over = {name: unwatched.get(name) or NOT_IN_SCHEDULE() for name in opened if name not in watched}
        over |= {name: SUCCEEDED() for name in opened if name in watched and name in succeeded}
        bad = {
            name: self._facts(entry)
            for name, entry in watched.items()
            if name not in over and tick.now >= expected_by(entry, self._owed[name].since)
        }
        return Trouble(bad, over)

    def _why_not_watched(self, view: EntryView) -> Said | None:
        """Return why nobody is told of an entry, if none is."""
        return why_owes_none(view, self._scheduler, self._jobs, self._workers) if view.entry.alert else NOT_TOLD()

    def _count(self, entry: Entry, tick: Tick, success: datetime | None, *, owes: bool) -> bool:
        """Bring up to date since when *entry* owes a success; tell whether it has succeeded since the last look.

        Args:
            entry: the entry.
            tick: this look.
            success: when it last succeeded, as far as its jobs are kept.
            owes: whether it owes a success now; the count begins with the first look at which it does again.
        """
        cron = f"{entry.cron.expression} {entry.cron.zone.key}"
        owed = self._owed.get(entry.name)
        if owed is None or owed.cron != cron:
            owed = self._owed[entry.name] = Owed(cron, tick.now, owed.success if owed else success)
        has_succeeded = success is not None and success != owed.success
        if success is not None and has_succeeded:
            owed.since, owed.success = max(owed.since, success), success
        is_excused = self._is_excused(entry, tick) and entry.cron.latest(tick.last, tick.now)
        # Where an occurrence came that could not succeed, the time of the next begins after it.
        if is_excused or not owes or entry.name in self._owed_none:
            owed.since = tick.now
        owed.since = min(owed.since, tick.now)  # the clock may have been set back
        return has_succeeded

    def _is_excused(self, entry: Entry, tick: Tick) -> bool:
        return tick.is_first or (entry.command is None and self._outside.is_shop_excused())

    def _facts(self, entry: Entry) -> Facts:
        owed, zone = self._owed[entry.name], entry.cron.zone
        return {
            "entry": entry.name,
            "cron": entry.cron.expression,
            "last_success": wall_time(owed.success, zone) if owed.success else NONE_SEEN(),
            "expected_by": wall_time(expected_by(entry, owed.since), zone),
        }


class EntriesOff:
    """Finds the entries that are left out because their program is missing."""

    kind: ClassVar = IncidentKind.ENTRY_OFF

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    async def look(self, _: Tick, opened: Mapping[str, Incident]) -> Trouble:
        views = await self._scheduler.views()
        told = [view for view in views if view.entry.alert]
        off = {view.entry.name: view.off for view in told if view.off and view.entry.command}
        bad = {name: {"entry": name, "reason": reason} for name, reason in off.items()}
        return Trouble(bad, {name: PROGRAM_THERE() for name in opened if name not in off})


class OwnTasks(Protocol):
    """What is known of the tasks beside what the schedule tells."""

    def is_known(self, name: str) -> bool:
        """Tell whether there is a task of this name now."""
        ...

    def differ(self, name: str) -> bool:
        """Tell whether the jobs of a task do different work, each what its arguments say."""
        ...

    async def off(self) -> Mapping[str, Said]:
        """Return by name why the jobs of some tasks only wait for now."""
        ...


class CommandsOff:
    """Finds the own tasks whose program is missing, so that their jobs wait."""

    kind: ClassVar = IncidentKind.COMMAND_OFF

    def __init__(self, own: OwnTasks) -> None:
        self._own = own

    async def look(self, _: Tick, opened: Mapping[str, Incident]) -> Trouble:
        off = await self._own.off()
        bad = {name: {"task": name, "reason": reason} for name, reason in off.items()}
        return Trouble(bad, {name: PROGRAM_THERE() for name in opened if name not in off})
