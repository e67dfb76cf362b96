"""The five fields of a crontab line, read as crontab(5) says, as numbers.

The schedule computes its instants from these fields, and each language its words, so that the two agree.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from paranad.record import record
from paranad.wording import shorten

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
WEEKDAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
SUNDAY = 7
"""Another number for Sunday, beside 0."""
NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
"""Nicknames that cron knows and we refuse; the error names the five fields to write instead."""
DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
SHORTEST_RUN = 3
"""How many numbers in a row are written as a range."""

PART = re.compile(r"(?P<first>\*|\d{1,2}|[a-z]{3})(?:-(?P<last>\d{1,2}|[a-z]{3}))?(?:/(?P<step>\d{1,5}))?", re.ASCII)


class CronError(ValueError):
    """The expression cannot be used; the message names the field, what was expected and what it got."""


@record
class _Kind:
    """One of the five fields: its name, its lowest and highest number, and the names for some of its numbers."""

    name: str
    low: int
    high: int
    names: Mapping[str, int]

    @property
    def expected(self) -> str:
        named = f" or a name such as {next(iter(self.names)).upper()}" if self.names else ""
        return f"expected *, a number from {self.low} to {self.high}{named}, a range, a list or a step"


KINDS = (
    _Kind("minute", 0, 59, {}),
    _Kind("hour", 0, 23, {}),
    _Kind("day of month", 1, 31, {}),
    _Kind("month", 1, 12, MONTHS),
    _Kind("day of week", 0, SUNDAY, WEEKDAYS),
)


@record
class Field:
    """One field: the numbers that match."""

    numbers: tuple[int, ...]
    """In order, without repeats; days of the week from 0, Sunday, to 6."""
    every: bool
    """Whether all numbers match."""
    runs: tuple[tuple[int, int], ...]
    """The first and last number of each range without gaps; Sunday is 7 if Saturday matches too."""
    step: int | None
    """N if the numbers are every Nth of all, from the first on; else None, and None for days of the week."""
    starred: bool
    """Whether it is written with a `*` at its beginning: crontab(5) decides by that, see `both_days`."""

    @property
    def text(self) -> str:
        """The field written again from its numbers: the same text for all spellings of one meaning."""
        return "*" if self.every else ",".join(map(_range_text, self.runs))

    @property
    def short_text(self) -> str:
        """The same text, written as a step if the numbers are one."""
        return f"*/{self.step}" if self.step else self.text


@record
class Fields:
    """A checked expression; made by `read_fields`."""

    minute: Field
    hour: Field
    day: Field
    """Of the month."""
    month: Field
    weekday: Field
    """Its `runs` may hold 7, for Sunday."""

    @property
    def both_days(self) -> bool:
        """Whether day of month and day of week must both match; otherwise either is enough.

        Source: crontab(5), "Note: The day of a command's execution".
        """
        return self.day.starred or self.weekday.starred

    @property
    def every_day(self) -> bool:
        """Whether every day matches."""
        if self.both_days:
            return self.day.every and self.weekday.every
        return self.day.every or self.weekday.every

    @property
    def follows_clock(self) -> bool:
        """Whether the hour begins with `*`: a clock change then neither repeats nor makes up an occurrence."""
        return self.hour.starred


@lru_cache(maxsize=256)
def read_fields(expression: str) -> Fields:
    """Read *expression*: five fields of numbers, names, ranges, lists and steps; nothing else.

    Raises:
        CronError: it names the field, its value and the cure.
    """
    texts = expression.split()
    if len(texts) != len(KINDS):
        nickname = NICKNAMES.get(expression.strip().lower())
        cure = f"; write {nickname}" if nickname else ""
        raise CronError(
            'expected five fields such as "0 2 * * *" (minute, hour, day, month, weekday), '
            f"got {_shown(expression)}{cure}"
        )
    fields = Fields(*(_field(kind, text) for kind, text in zip(KINDS, texts, strict=True)))
    _check_possible(fields, texts)
    return fields


def _field(kind: _Kind, text: str) -> Field:
    found = {number for part in text.lower().split(",") for number in _numbers(kind, text, part)}
    starred = text.startswith("*")
    if kind.names is WEEKDAYS:
        numbers = tuple(sorted({number % SUNDAY for number in found}))
        in_order = (*numbers[1:], SUNDAY) if {0, SUNDAY - 1} <= set(numbers) else numbers
        return Field(numbers, len(numbers) == SUNDAY, tuple(_runs(in_order)), None, starred)
    numbers, whole = tuple(sorted(found)), range(kind.low, kind.high + 1)
    every = len(numbers) == len(whole)
    return Field(numbers, every, tuple(_runs(numbers)), None if every else _step(numbers, whole), starred)


def _numbers(kind: _Kind, text: str, part: str) -> range:
    match = PART.fullmatch(part)
    if match is None or (match["first"] == "*" and match["last"] is not None):
        raise CronError(f"{kind.name}: {kind.expected}, got {_shown(text)}")
    step = int(match["step"] or 1)
    if step < 1:
        raise CronError(f"{kind.name}: expected a step of 1 or more, got {_shown(text)}")
    low, high = _span(kind, text, match["first"], match["last"], stepped=match["step"] is not None)
    return range(low, high + 1, step)


def _span(kind: _Kind, text: str, first: str, last: str | None, *, stepped: bool) -> tuple[int, int]:
    end = SUNDAY - 1 if kind.names is WEEKDAYS else kind.high
    if first == "*":
        return kind.low, end
    low = _number(kind, text, first)
    if last is None:
        return low, max(low, end) if stepped else low
    high = _number(kind, text, last)
    if high == 0 < low and kind.names is WEEKDAYS:
        high = SUNDAY
    if low > high:
        raise CronError(f"{kind.name}: expected a range from a lower to a higher value, got {_shown(text)}")
    return low, high


def _number(kind: _Kind, text: str, end: str) -> int:
    number = int(end) if end.isdigit() else kind.names.get(end)
    if number is None or not kind.low <= number <= kind.high:
        raise CronError(f"{kind.name}: {kind.expected}, got {_shown(text)}")
    return number


def _step(numbers: tuple[int, ...], whole: range) -> int | None:
    if len(numbers) < 2 or numbers[0] != whole[0]:
        return None
    step = numbers[1] - numbers[0]
    return step if numbers == tuple(whole[::step]) else None


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last


def _range_text(run: tuple[int, int]) -> str:
    first, last = run
    return f"{first}-{last}" if last - first + 1 >= SHORTEST_RUN else ",".join(map(str, range(first, last + 1)))


def _check_possible(fields: Fields, texts: Sequence[str]) -> None:
    """Refuse a day that none of the months has, unless a day of the week is enough."""
    if fields.both_days and fields.day.numbers[0] > max(DAYS_IN_MONTH[month - 1] for month in fields.month.numbers):
        raise CronError(f'day of month: expected a day that month "{texts[3]}" has, got "{texts[2]}"')


def _shown(text: str) -> str:
    return f'"{shorten(text)}"'
