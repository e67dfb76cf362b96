"""Watches the schedule's entries: which had no success for three of their periods."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from paranad.alerts.incident import Incident, IncidentKind
from paranad.alerts.look import Look, Moment
from paranad.clock import from_us, to_us
from paranad.schedule.entries import Entry
from paranad.schedule.loop import EntryView
from paranad.schedule.silence import is_silent

Json = Any


@dataclass(slots=True)
class Standing:
    """Since when an entry owes a success."""

    cron: str
    """Expression and zone: another one begins anew."""
    since: datetime
    """Its last success; or since when it is watched, where that is later."""
    success: datetime | None
    """When it last succeeded; None: not since it is watched."""

    def as_json(self) -> list[Json]:
        """Return what is kept of it over restarts."""
        return [self.cron, to_us(self.since), self.success and to_us(self.success)]

    @classmethod
    def from_json(cls, kept: Sequence[Json]) -> "Standing":
        """Return the standing that *kept* was made of."""
        cron, since, success = kept
        return cls(cron, from_us(since), None if success is None else from_us(success))


class SilentEntries:
    """Which entries run without success.

    An entry that is disabled, paused, off or at rest is not blamed and begins anew when it goes on. Neither is one
    blamed for occurrences that came while the daemon was down, or that needed a shop which did not answer.
    """

    kind: ClassVar = IncidentKind.ENTRY_SILENT

    def __init__(
        self,
        views: Callable[[], Awaitable[Iterable[EntryView]]],
        at_rest: Callable[[Entry], bool],
        excused: Callable[[Moment], bool],
    ) -> None:
        """Watch the entries that *views* gives.

        Args:
            views: the entries as the operator sees them.
            at_rest: tells whether an operator holds an entry's jobs up: its queue is paused, or the daemon drains.
            excused: tells whether the shop did not answer, so that its tasks could not succeed.
        """
        self._views, self._at_rest, self._excused = views, at_rest, excused
        self._standings: dict[str, Standing] = {}
        self._succeeded: set[str] = set()

    def load(self, kept: Mapping[str, Json]) -> None:
        """Take up what `kept` gave to the last daemon."""
        self._standings = {name: Standing.from_json(each) for name, each in kept.items()}

    def kept(self) -> dict[str, Json]:
        """Return what must survive a restart."""
        return {name: standing.as_json() for name, standing in self._standings.items()}

    def completed(self, task: str) -> None:
        """Note that *task* has succeeded."""
        self._succeeded.add(task)

    async def look(self, moment: Moment, opened: Mapping[str, Incident]) -> Look:
        views = list(await self._views())
        succeeded, self._succeeded = self._succeeded, set()
        watched = {view.entry.name: view.entry for view in views if self._is_watched(view)}
        for entry in watched.values():
            self._stand(entry, moment, succeeded=entry.task in succeeded)
        self._standings = {name: standing for name, standing in self._standings.items() if name in watched}
        silent = [
            entry for name, entry in watched.items() if is_silent(entry.cron, self._standings[name].since, moment.now)
        ]
        bad = {entry.name: self._facts(entry) for entry in silent}
        over = {name: "it is scheduled no more, or paused" for name in opened if name not in watched}
        over |= {name: "it has succeeded" for name in opened if name in watched and watched[name].task in succeeded}
        return Look({name: facts for name, facts in bad.items() if name not in over}, over)

    def _is_watched(self, view: EntryView) -> bool:
        return view.entry.enabled and not view.paused and view.off is None and not self._at_rest(view.entry)

    def _stand(self, entry: Entry, moment: Moment, *, succeeded: bool) -> None:
        cron = f"{entry.cron.expression} {entry.cron.zone.key}"
        standing = self._standings.get(entry.name)
        if standing is None or standing.cron != cron:
            standing = self._standings[entry.name] = Standing(cron, moment.now, standing.success if standing else None)
        if succeeded:
            standing.since = standing.success = moment.now
        elif self._is_excused(entry, moment) and entry.cron.latest(moment.last, moment.now):
            standing.since = moment.now
        standing.since = min(standing.since, moment.now)  # a clock that was set back

    def _is_excused(self, entry: Entry, moment: Moment) -> bool:
        return moment.is_first or (entry.command is None and self._excused(moment))

    def _facts(self, entry: Entry) -> dict[str, Json]:
        success = self._standings[entry.name].success
        at = success and success.astimezone(entry.cron.zone).isoformat(timespec="seconds")
        return {"entry": entry.name, "cron": entry.cron.expression, "last_success": at or "none seen yet"}


class EntriesOff:
    """Which entries are left out because their program is missing."""

    kind: ClassVar = IncidentKind.ENTRY_OFF

    def __init__(self, views: Callable[[], Awaitable[Iterable[EntryView]]]) -> None:
        self._views = views

    async def look(self, _: Moment, opened: Mapping[str, Incident]) -> Look:
        off = {view.entry.name: view.off for view in await self._views() if view.off and view.entry.command}
        bad = {name: {"entry": name, "reason": reason} for name, reason in off.items()}
        return Look(bad, {name: "its program is there, or it has none any more" for name in opened if name not in off})
