"""When an entry of the schedule counts as silent: it runs without success."""

from datetime import datetime, timedelta

from paranad.schedule.cron import Cron

PERIODS = 3
"""How many periods an entry may be without success."""
PATIENCE = timedelta(minutes=10)
"""How long the job of the last of them may take; at most until the next."""


def is_silent(cron: Cron, since: datetime, now: datetime) -> bool:
    """Tell whether PERIODS occurrences have passed after *since*, and the last one had its time to succeed.

    Args:
        cron: when the entry is due.
        since: its last success, or the instant from which it is watched.
        now: the present.
    """
    due_at = since
    for _ in range(PERIODS):
        due_at = cron.next(due_at)
        if due_at > now:
            return False
    return now >= min(cron.next(due_at), due_at + PATIENCE)
