"""Durations and rates as paranad.toml and the control API write them: `90s`, `1h30m`, `28/30s`."""

import re
from datetime import timedelta

from paranad.record import record
from paranad.said import Sentence

UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
DURATION = re.compile("".join(rf"(?:(?P<{unit}>[0-9]{{1,12}}){unit})?" for unit in UNITS))
LONGEST = timedelta(days=36500)
A_DURATION = Sentence("config.a_duration", 'expected a duration such as "250ms", "90s", "1h30m" or "7d"')
A_SHORTER_DURATION = Sentence("config.a_shorter_duration", "expected a duration of at most {longest}")


def parse_duration(text: str) -> timedelta:
    """Read a duration such as `90s`, `250ms`, `7d` or `1h30m`: whole numbers, the larger unit first, each unit once.

    Raises:
        ValueError: it is no duration, or longer than a hundred years; its argument is the fact that says what one is.
    """
    match = DURATION.fullmatch(text)
    if not text or not match:
        raise ValueError(A_DURATION())
    total_ms = sum(int(number) * (UNITS[unit] // UNITS["ms"]) for unit, number in match.groupdict("0").items())
    if total_ms > LONGEST // UNITS["ms"]:
        raise ValueError(A_SHORTER_DURATION(longest=format_duration(LONGEST)))
    return timedelta(milliseconds=total_ms)


def format_duration(duration: timedelta) -> str:
    """Write *duration*, which is not negative, as `parse_duration` reads it; parts of a millisecond are dropped."""
    parts = []
    for unit, length in UNITS.items():
        number, duration = divmod(duration, length)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"


@record
class Rate:
    """How many requests may start within any window of *per*."""

    count: int
    per: timedelta

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read a rate such as `28/30s`.

        Raises:
            ValueError: it is no rate.
        """
        count, slash, per = text.partition("/")
        if not slash or not re.fullmatch("[0-9]{1,9}", count):
            raise ValueError('expected a rate such as "28/30s"')
        return cls(int(count), parse_duration(per))

    def __str__(self) -> str:
        return f"{self.count}/{format_duration(self.per)}"
