"""How long an entry may be without a success at the least: the longest wait between two of its occurrences."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

from paranad.schedule.cron import Cron

FROM, UNTIL = datetime(2024, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
"""Five years with a leap day: what is due in a leap year alone has waited for three others."""
COUNTED = 5000
"""Occurrences that are looked at: a week of an entry that is due every minute of some hours on some days."""
LEAST_MORE = timedelta(minutes=10)


def longest_wait(cron: Cron) -> timedelta:
    """Return the longest time between two occurrences of *cron*, over clock changes, as five years show it."""
    instants = islice(cron.between(FROM, UNTIL), COUNTED)
    return max((after - before for before, after in pairwise(instants)), default=timedelta(0))


def sensible(wait: timedelta) -> timedelta:
    """Return within what time a success may be expected of an entry whose longest wait is *wait*: a twelfth more."""
    return wait + max(LEAST_MORE, wait / 12 // timedelta(minutes=1) * timedelta(minutes=1))
