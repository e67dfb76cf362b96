"""Cron as pure functions of (fields, zone, instant): when an entry was last due, when it is next, and its words.

croniter answers for a calendar without clock changes; this module lays that answer onto the zone's real instants, as
Debian's cron does:

- A fixed hour: a local time that does not exist runs at the next instant that does, one that exists twice runs once.
- An hour that begins with `*` follows the clock: due whenever the clock shows a time that matches, made up never.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from cron_descriptor import Options, get_description  # type: ignore[import-untyped]
from croniter import croniter

from paranad.crontab import CronError, Fields, read_fields
from paranad.record import record

__all__ = ["Change", "Cron", "CronError", "Shift", "ShiftKind", "parse"]

MICROSECOND = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@record
class Change:
    """A change of a zone's clocks."""

    at: datetime
    """The instant from which the clock shows another offset, in UTC."""
    before: datetime
    """What the clock would show at that instant without the change, without a zone."""
    after: datetime
    """What it shows, without a zone."""


class ShiftKind(StrEnum):
    """What a clock change does to an occurrence."""

    MOVED = "moved"
    """Its local time does not exist: it runs at the next instant that does."""
    LEFT_OUT = "left_out"
    """A local time before it does not exist, and is not made up."""
    ONCE = "once"
    """Its local time exists twice: it runs the first time only."""
    FIRST = "first"
    """Its local time exists twice and runs twice; this is the first."""
    SECOND = "second"


@record
class Shift:
    """What a clock change does to an occurrence, or to the ones just before it."""

    kind: ShiftKind
    wall: datetime
    """The local time that the expression names, without a zone."""
    change: Change


@record
class Cron:
    """A checked expression in a zone; made by `parse`."""

    expression: str
    """As it was written, with single blanks."""
    zone: ZoneInfo
    fields: Fields

    def next(self, after: datetime) -> datetime:
        """Return the first instant later than *after* at which it is due, in UTC."""
        wall = self._wall(after)
        starts = (wall, *(edge - MICROSECOND for edge in self._repeated_span(wall)))
        found = (instant for start in starts for instant in self._instants(self._next_wall(start)))
        return min(instant for instant in found if instant > after)

    def latest(self, after: datetime, until: datetime) -> datetime | None:
        """Return the last instant in (*after*, *until*] at which it was due, in UTC; None: at none.

        The cost does not grow with the distance between the two.
        """
        wall = self._wall(until)
        ends = (wall, *(edge - MICROSECOND for edge in self._repeated_span(wall)))
        found = (instant for end in ends for instant in self._instants(self._last_wall(end)))
        return max((instant for instant in found if after < instant <= until), default=None)

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the instants in (*after*, *until*], oldest first; take few, there may be millions."""
        instant = self.next(after)
        while instant <= until:
            yield instant
            instant = self.next(instant)

    def shift(self, after: datetime, at: datetime) -> Shift | None:
        """Return what a clock change does to the occurrence *at*, the first later than *after*; None: nothing."""
        wall = self._wall(at)
        first, second = self._readings(wall)
        if first < second:
            kind = ShiftKind.ONCE
            if self.fields.follows_clock:
                kind = ShiftKind.FIRST if at == first else ShiftKind.SECOND
            return Shift(kind, wall, self._shown(self._change(first, second)))
        return self._left_out(after, at) if self.fields.follows_clock else self._moved(at)

    def next_change(self, after: datetime, until: datetime) -> Change | None:
        """Return the first change of the zone's clocks in (*after*, *until*]; None: there is none."""
        start = after.replace(microsecond=0)
        while start < until:
            end = min(start + DAY, until)
            if start.astimezone(self.zone).utcoffset() != end.astimezone(self.zone).utcoffset():
                return self._shown(self._change(start, end))
            start = end
        return None

    @property
    def words(self) -> str:
        """The expression in English words, such as "At 02:00"."""
        return _words(self.fields)

    def _wall(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def _next_wall(self, after: datetime) -> datetime:
        found: datetime = _calendar(self.fields).get_next(start_time=_minute(after))
        while gap := self._ignored_gap(found):
            found = _calendar(self.fields).get_next(start_time=_minute(self._wall(gap) - MICROSECOND))
        return found

    def _last_wall(self, until: datetime) -> datetime:
        found: datetime = _calendar(self.fields).get_prev(start_time=_minute(until) + SECOND)
        while gap := self._ignored_gap(found):
            found = _calendar(self.fields).get_prev(start_time=_minute(self._wall(gap - SECOND)) + SECOND)
        return found

    def _ignored_gap(self, wall: datetime) -> datetime | None:
        """Return the clock change that leaves out the local time *wall*, if the occurrence is not made up for."""
        if not self.fields.follows_clock:
            return None
        first, second = self._readings(wall)
        return self._change(second, first) if first > second else None

    def _instants(self, wall: datetime) -> tuple[datetime, ...]:
        """Return the instants at which the local time *wall* runs: one, or two if it exists and runs twice."""
        first, second = self._readings(wall)
        if first > second:
            return (self._change(second, first),)
        if first < second and self.fields.follows_clock:
            return first, second
        return (first,)

    def _repeated_span(self, wall: datetime) -> tuple[datetime, ...]:
        """Return start and end of the local times around *wall* that exist twice; empty if *wall* exists once."""
        first, second = self._readings(wall)
        if first >= second:
            return ()
        change = self._change(first, second)
        return self._wall(change), self._wall(change - SECOND) + SECOND

    def _moved(self, at: datetime) -> Shift | None:
        """Return the shift of an occurrence that runs *at* the end of a gap, since its own local time is in the gap."""
        change = self._shown(at)
        if change.before >= change.after:
            return None
        named: datetime = _calendar(self.fields).get_next(start_time=_minute(change.before - MICROSECOND))
        return Shift(ShiftKind.MOVED, named, change) if named < change.after else None

    def _left_out(self, after: datetime, at: datetime) -> Shift | None:
        """Return the shift of local times between *after* and *at* that do not exist and are not made up."""
        named: datetime = _calendar(self.fields).get_next(start_time=_minute(self._wall(after)))
        gap = self._ignored_gap(named)
        return Shift(ShiftKind.LEFT_OUT, named, self._shown(gap)) if gap and after < gap <= at else None

    def _shown(self, at: datetime) -> Change:
        return Change(at, self._wall(at - SECOND) + SECOND, self._wall(at))

    def _readings(self, wall: datetime) -> tuple[datetime, datetime]:
        """Read *wall* with the offset before a clock change and the one after; equal away from any change.

        If *wall* does not exist, the first is the later one.
        """
        before, after = (wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        return before, after

    def _change(self, before: datetime, after: datetime) -> datetime:
        """Return the instant in (*before*, *after*] from which the clock showed another offset, to the second."""
        old = before.astimezone(self.zone).utcoffset()
        low, high = 0, (after - before) // SECOND
        while high - low > 1:
            middle = (low + high) // 2
            if (before + middle * SECOND).astimezone(self.zone).utcoffset() == old:
                low = middle
            else:
                high = middle
        return before + high * SECOND


def parse(expression: str, zone: ZoneInfo) -> Cron:
    """Check *expression*: five fields as crontab(5) has them.

    Raises:
        CronError: it names the field, its value and the cure.
    """
    return Cron(" ".join(expression.split()), zone, read_fields(expression))


@lru_cache(maxsize=256)
def _calendar(fields: Fields) -> croniter:
    """Return croniter's reading of *fields*, asked always from a given time: parsing costs most."""
    day, weekday = ("*", "*") if fields.every_day else (fields.day.text, fields.weekday.text)
    plain = f"{fields.minute.text} {fields.hour.text} {day} {fields.month.text} {weekday}"
    return croniter(plain, ret_type=datetime, day_or=not fields.both_days)


@lru_cache(maxsize=256)
def _words(fields: Fields) -> str:
    time = f"{fields.minute.short_text} {fields.hour.short_text}"
    day, month, weekday = fields.day.text, fields.month.short_text, fields.weekday.text
    if fields.every_day:
        return _described(f"{time} * {month} *")
    if not fields.both_days:
        return _described(f"{time} {day} {month} {weekday}")
    # cron-descriptor knows "or" alone: the day of the week, which must match as well, is put behind.
    weekdays = _described(f"0 0 * * {weekday}").removeprefix(_described("0 0 * * *"))
    return _described(f"{time} {fields.day.short_text} {month} *") + weekdays


def _described(expression: str) -> str:
    options = Options()
    options.locale_code = "en_US"
    options.use_24hour_time_format = True
    words: str = get_description(expression, options)
    return words


def _minute(wall: datetime) -> datetime:
    return wall.replace(second=0, microsecond=0)
