"""When an entry is due next, what a clock change does to each instant, and its rule of clock changes in words."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from paranad.record import record
from paranad.said import Said, Sentence
from paranad.schedule.cron import Cron, Shift, ShiftKind
from paranad.schedule.entries import Entry

MOST = 100
"""How many instants may be asked for at once."""
HORIZON = timedelta(days=36_525)
"""How far ahead is looked: a hundred years."""
WATCHED = timedelta(days=366)
"""Within what time a zone's next clock change is looked for."""

MOVED = Sentence(
    "schedule.due_moved", "{wall} does not exist (the clock goes from {before} to {after}): it runs at {after}"
)
LEFT_OUT = Sentence("schedule.due_left_out", "{wall} is left out before it: the clock goes from {before} to {after}")
ONCE = Sentence(
    "schedule.due_once",
    "{wall} comes twice (the clock goes from {before} back to {after}): it runs the first time only",
)
FIRST = Sentence(
    "schedule.due_first", "{wall} comes twice and runs twice (the clock goes from {before} back to {after}): the first"
)
SECOND = Sentence("schedule.due_second", "{wall} comes twice and runs twice: the second")
SHIFTS = {
    ShiftKind.MOVED: MOVED,
    ShiftKind.LEFT_OUT: LEFT_OUT,
    ShiftKind.ONCE: ONCE,
    ShiftKind.FIRST: FIRST,
    ShiftKind.SECOND: SECOND,
}

FIXED_HOUR = Sentence(
    "schedule.fixed_hour",
    "the hour is fixed: a time that a clock change leaves out runs at the next one that exists, and one that comes "
    "twice runs the first time only",
)
FOLLOWS_CLOCK = Sentence(
    "schedule.follows_clock",
    "the hour begins with *: it follows the clock, so a time that a clock change leaves out is not made up, and one "
    "that comes twice runs twice",
)
NEXT_CHANGE = Sentence(
    "schedule.next_change", "the clock of {zone} changes next on {date}: from {before} it goes to {after}"
)
NO_CHANGE = Sentence("schedule.no_change", "the clock of {zone} does not change within a year")


@record
class Instant:
    """One instant at which an entry is due."""

    at: datetime
    """In UTC."""
    note: Said | None
    """What a clock change does to it; None: nothing."""


@record
class Rule:
    """How an entry lives with clock changes."""

    hours: Said
    """What happens to a local time that does not exist, or exists twice."""
    change: Said
    """When its zone's clock changes next."""


class NextChange(StrEnum):
    """How a reload changes when an entry is due next."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    """It is due at another instant, or runs now, or no longer."""


@record
class Moved:
    """An entry whose next instant a reload changes."""

    entry: str
    change: NextChange
    before: datetime | None
    """In UTC, as `after`; None: it did not run."""
    after: datetime | None
    """None: it does not run."""


def moved(
    before: Mapping[str, Entry], after: Mapping[str, Entry], halted: Collection[str], now: datetime
) -> Iterator[Moved]:
    """Yield the entries that are due next at another instant under *after* than under *before*, both by name.

    Those of *halted*, which are paused or off and stay so, are due at none.
    """
    for name in dict.fromkeys((*before, *after)):
        if name not in after:
            yield Moved(name, NextChange.REMOVED, None if name in halted else _next(before[name], now), None)
        elif name not in before:
            yield Moved(name, NextChange.ADDED, None, _next(after[name], now))
        elif name not in halted and (was := _next(before[name], now)) != (will_be := _next(after[name], now)):
            yield Moved(name, NextChange.MOVED, was, will_be)


def _next(entry: Entry, now: datetime) -> datetime | None:
    return entry.cron.next(now) if entry.enabled else None


def coming(cron: Cron, after: datetime, count: int) -> list[Instant]:
    """Return the first *count* instants later than *after*; fewer if no more come within a hundred years."""
    return list(_coming(cron, after, count))


def _coming(cron: Cron, after: datetime, count: int) -> Iterator[Instant]:
    until = after + HORIZON
    for _ in range(count):
        at = cron.next(after)
        if at > until:
            return
        shift = cron.shift(after, at)
        yield Instant(at, _note(shift) if shift else None)
        after = at


def rule_of(cron: Cron, now: datetime) -> Rule:
    """Return how *cron* lives with clock changes, and when its zone's next one is."""
    hours = FOLLOWS_CLOCK() if cron.fields.follows_clock else FIXED_HOUR()
    change = cron.next_change(now, now + WATCHED)
    if change is None:
        return Rule(hours, NO_CHANGE(zone=cron.zone.key))
    before, after = _clock(change.before, change.after), _clock(change.after, change.before)
    return Rule(hours, NEXT_CHANGE(zone=cron.zone.key, date=f"{change.before:%Y-%m-%d}", before=before, after=after))


def _note(shift: Shift) -> Said:
    before, after = shift.change.before, shift.change.after
    return SHIFTS[shift.kind](wall=_clock(shift.wall, after), before=_clock(before, after), after=_clock(after, before))


def _clock(wall: datetime, beside: datetime) -> str:
    """Return what the clock shows at *wall*; with the day if it is another one than that of *beside*."""
    return f"{wall:%H:%M}" if wall.date() == beside.date() else f"{wall:%Y-%m-%d %H:%M}"
