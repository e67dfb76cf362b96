"""Cron as pure functions of (expression, zone, instant): when an entry was last due, and when it is next.

croniter answers for a calendar without clock changes; this module lays that answer onto the zone's real instants:

- A local time that does not exist runs at the next instant that does.
- A local time that exists twice runs once where the hour is fixed, and both times where the hour is `*` or a step.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cron_descriptor import Options, get_description  # type: ignore[import-untyped]
from croniter import CroniterBadDateError, croniter

MICROSECOND = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
LEAP_YEAR = datetime(2000, 1, 1)  # noqa: DTZ001 -- a calendar's day, not an instant

MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: number for number, name in enumerate(MONTH_NAMES, 1)}
WEEKDAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
SHOWN_LENGTH = 60


class CronError(ValueError):
    """The expression cannot be used; the message names the field, what was expected and what it got."""


@dataclass(frozen=True, slots=True)
class _Field:
    """One of the five fields: its name, the numbers it takes, and the names that stand for them."""

    name: str
    low: int
    high: int
    names: dict[str, int] = field(default_factory=dict)

    @property
    def expected(self) -> str:
        named = f" or a name such as {next(iter(self.names)).upper()}" if self.names else ""
        return f"expected *, a number from {self.low} to {self.high}{named}, a range, a list or a step"


FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, MONTHS),
    _Field("day of week", 0, 7, WEEKDAYS),
)
PART = re.compile(r"(?P<first>\*|\d{1,2}|[a-z]{3})(?:-(?P<last>\d{1,2}|[a-z]{3}))?(?:/(?P<step>\d{1,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cron:
    """A checked expression in a zone; made by `parse`."""

    expression: str
    zone: ZoneInfo

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

    @property
    def words(self) -> str:
        """The expression in English words, such as "At 02:00"."""
        options = Options()
        options.locale_code = "en_US"
        options.use_24hour_time_format = True
        words: str = get_description(self.expression, options)
        return words

    @property
    def repeats(self) -> bool:
        """Whether the hour is `*` or a step, so that a repeated hour is worked twice."""
        hour = self.expression.split()[1]
        return "*" in hour or "/" in hour or croniter.expand(self.expression)[0][1] == ["*"]

    def _wall(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def _next_wall(self, after: datetime) -> datetime:
        found: datetime = _calendar(self.expression).get_next(start_time=_minute(after))
        return found

    def _last_wall(self, until: datetime) -> datetime:
        found: datetime = _calendar(self.expression).get_prev(start_time=_minute(until) + SECOND)
        return found

    def _instants(self, wall: datetime) -> tuple[datetime, ...]:
        """Return the instants at which the local time *wall* runs: one, or two where it is worked twice."""
        first, second = self._readings(wall)
        if first > second:
            return (self._change(second, first),)
        if first < second and self.repeats:
            return first, second
        return (first,)

    def _repeated_span(self, wall: datetime) -> tuple[datetime, ...]:
        """Return start and end of the local times around *wall* that exist twice; nothing where it exists once."""
        first, second = self._readings(wall)
        if first >= second:
            return ()
        change = self._change(first, second)
        return self._wall(change), self._wall(change - SECOND) + SECOND

    def _readings(self, wall: datetime) -> tuple[datetime, datetime]:
        """Read *wall* with the offset before a clock change and the one after; equal away from any change.

        The first is the later one where *wall* does not exist.
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
    """Check *expression*: five fields of numbers, names, ranges, lists and steps; nothing else.

    Raises:
        CronError: it names the field and its value.
    """
    texts = expression.split()
    if len(texts) != len(FIELDS):
        raise CronError(
            f'expected five fields such as "0 2 * * *" (minute, hour, day, month, weekday), got {_shown(expression)}'
        )
    for each, text in zip(FIELDS, texts, strict=True):
        _check(each, text)
    cron = Cron(" ".join(texts), zone)
    _check_possible(cron, day=texts[2], month=texts[3])
    return cron


def _check(each: _Field, text: str) -> None:
    for part in text.lower().split(","):
        match = PART.fullmatch(part)
        if match is None:
            raise CronError(f"{each.name}: {each.expected}, got {_shown(text)}")
        _check_range(each, text, match["first"], match["last"])
        if match["step"] and not 1 <= int(match["step"]) <= each.high:
            raise CronError(f"{each.name}: expected a step from 1 to {each.high}, got {_shown(text)}")


def _check_range(each: _Field, text: str, first: str, last: str | None) -> None:
    if first == "*":
        if last is not None:
            raise CronError(f"{each.name}: {each.expected}, got {_shown(text)}")
        return
    low, high = (_number(each, text, end) for end in (first, last or first))
    if last is not None and high == WEEKDAYS["sun"] != low and each.names is WEEKDAYS:
        high = 7
    if last is not None and low >= high:
        raise CronError(f"{each.name}: expected a range from a lower to a higher value, got {_shown(text)}")


def _number(each: _Field, text: str, end: str) -> int:
    number = int(end) if end.isdigit() else each.names.get(end)
    if number is None or not each.low <= number <= each.high:
        raise CronError(f"{each.name}: {each.expected}, got {_shown(text)}")
    return number


def _check_possible(cron: Cron, *, day: str, month: str) -> None:
    try:
        croniter(cron.expression, LEAP_YEAR).get_next()
    except CroniterBadDateError as error:
        raise CronError(f'day of month: expected a day that month "{month}" has, got "{day}"') from error


@lru_cache(maxsize=256)
def _calendar(expression: str) -> croniter:
    """Return croniter's reading of *expression*, asked always from a given time: parsing costs most."""
    return croniter(expression, ret_type=datetime)


def _minute(wall: datetime) -> datetime:
    return wall.replace(second=0, microsecond=0)


def _shown(text: str) -> str:
    return f'"{text}"' if len(text) <= SHOWN_LENGTH else f'"{text[:SHOWN_LENGTH]}…"'
