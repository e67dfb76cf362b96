"""An entry's period: the shortest time between two of its occurrences."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from paranad.schedule.cron import Cron

YEAR = timedelta(days=366)
FIRST_DAY = datetime(2028, 1, 1, tzinfo=UTC)
"""Of a leap year, so that every expression is judged alike whenever it is checked, and 29 February counts."""
LOOKED_AT = 2000
"""Occurrences: more than a day has minutes, so that no shorter time can follow."""
SHORTEST = timedelta(minutes=1)


def period(cron: Cron) -> timedelta:
    """Return the shortest time between two occurrences in a year without clock changes; a year if none follows.

    A weekly entry has seven days; `0 9,18 * * *` has nine hours; `0 0 29 2 *` has a year.
    """
    plain = Cron(cron.expression, ZoneInfo("UTC"), cron.fields)
    shortest = YEAR
    occurrences = plain.between(FIRST_DAY - SHORTEST, FIRST_DAY + YEAR)
    for earlier, later in pairwise(islice(occurrences, LOOKED_AT)):
        shortest = min(shortest, later - earlier)
        if shortest == SHORTEST:
            break
    return shortest
