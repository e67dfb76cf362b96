"""How far apart an entry's occurrences are: the shortest time between two of them, and the longest."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from paranad.schedule.cron import DAY, MICROSECOND, Cron

FROM, UNTIL = datetime(2024, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
"""Five years with a leap day: what is due in a leap year alone has waited for three others."""
LEAP_YEAR = datetime(2028, 1, 1, tzinfo=UTC)
"""So that every expression is judged alike whenever it is checked, and 29 February counts."""
YEAR = timedelta(days=366)
SHORTEST = timedelta(minutes=1)
LEAST_MORE = timedelta(minutes=10)


def period(cron: Cron) -> timedelta:
    """Return the shortest time between two occurrences in a year without clock changes; a year if none follows.

    A weekly entry has seven days; `0 9,18 * * *` has nine hours; `0 0 29 2 *` has a year.
    """
    plain = Cron(cron.expression, ZoneInfo("UTC"), cron.fields)
    shortest = YEAR
    for wait in _waits(plain, LEAP_YEAR, LEAP_YEAR + YEAR):
        shortest = min(shortest, wait)
        if shortest == SHORTEST:
            break
    return shortest


@lru_cache(maxsize=256)
def longest_wait(cron: Cron) -> timedelta:
    """Return the longest time between two occurrences of *cron*, over clock changes, as five years show it."""
    return max(_waits(cron, FROM, UNTIL), default=timedelta(0))


def sensible(wait: timedelta) -> timedelta:
    """Return within what time a success may be expected of an entry whose longest wait is *wait*: a twelfth more."""
    return wait + max(LEAST_MORE, wait / 12 // timedelta(minutes=1) * timedelta(minutes=1))


def _waits(cron: Cron, start: datetime, end: datetime) -> Iterator[timedelta]:
    """Yield how far apart the occurrences are that begin from *start* up to *end*.

    Those of one day are looked at once for all days that are as long: they fall on the same times of the clock.
    From a day's last to the next day's first each one is yielded: at most two searches a day, however many are due.
    """
    lengths: set[timedelta] = set()
    first = cron.next(start - MICROSECOND)
    while first < end:
        midnight, next_midnight = _day_of(first, cron.zone)
        length = next_midnight - midnight
        if length not in lengths:
            lengths.add(length)
            yield from (
                later - earlier for earlier, later in pairwise(cron.between(midnight - MICROSECOND, next_midnight))
            )
        last = cron.latest(first - MICROSECOND, next_midnight - MICROSECOND) or first
        first = cron.next(last)
        yield first - last


def _day_of(instant: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the beginning of the local day of *instant*, and its end, in UTC."""
    day = instant.astimezone(zone).date()
    midnight, next_midnight = (datetime.combine(each, time(), zone).astimezone(UTC) for each in (day, day + DAY))
    return midnight, next_midnight
