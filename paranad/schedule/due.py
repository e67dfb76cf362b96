"""Which of an entry's due occurrences run, which do not, and what its history says of them: pure functions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from paranad.said import Said, Sentence
from paranad.schedule.cron import Cron
from paranad.schedule.entries import CatchUp, Entry

MINUTE = timedelta(minutes=1)
"""From which age on an occurrence was missed: a younger one is on time."""
COUNTED = 100
"""How many occurrences are counted one by one; beyond it is "more than"."""

MISSED = Sentence("schedule.missed", "missed while the daemon was stopped")
MISSED_AS = Sentence("schedule.missed_as", "missed while the daemon was stopped, as {earlier} earlier")
MISSED_AS_MANY = Sentence(
    "schedule.missed_as_many", "missed while the daemon was stopped, as more than {counted} earlier"
)
CAUGHT_UP = Sentence("schedule.caught_up", "caught up")
CAUGHT_UP_FOR = Sentence("schedule.caught_up_for", "caught up for {earlier} earlier")
CAUGHT_UP_FOR_MANY = Sentence("schedule.caught_up_for_many", "caught up for more than {counted} earlier")
LEFT_OUT = Sentence("schedule.left_out", "{earlier} earlier missed and not caught up")
LEFT_OUT_MANY = Sentence("schedule.left_out_many", "more than {counted} earlier missed and not caught up")


@dataclass(frozen=True, slots=True)
class Due:
    """A due occurrence; or the newest of several that are not run for one reason, which counts them."""

    at: datetime
    runs: bool
    """Whether its job is to be enqueued."""
    said: Said | None
    """What history says of it, if its job is enqueued as it should be; None: it is as planned."""
    overlapped: Said | None = None
    """What history says beside the overlap, if its job is not enqueued because the last one is unfinished."""


def due(entry: Entry, after: datetime, now: datetime) -> list[Due]:
    """Return what becomes of the occurrences of *entry* in (*after*, *now*], oldest first; empty: there is none."""
    latest = entry.cron.latest(after, now)
    if latest is None:
        return []
    # Only the latest occurrence is handled, however many came while the daemon was stopped: its reason counts them.
    earlier = count(entry.cron, after, latest)
    late = now - latest >= MINUTE
    missed = with_earlier(MISSED, MISSED_AS, MISSED_AS_MANY, earlier) if late else _left_out(earlier)
    if entry.catch_up is CatchUp.ONCE:
        caught_up = with_earlier(CAUGHT_UP, CAUGHT_UP_FOR, CAUGHT_UP_FOR_MANY, earlier)
        return [Due(latest, True, caught_up if late or earlier else None, missed)]
    return [Due(latest, not late, missed, missed)]


def count(cron: Cron, after: datetime, before: datetime) -> int:
    """Count the occurrences between two instants, up to one more than `COUNTED`."""
    return sum(at < before for at in islice(cron.between(after, before), COUNTED + 1))


def with_earlier(alone: Sentence, several: Sentence, many: Sentence, earlier: int) -> Said:
    """State one occurrence with *alone*; with *earlier* ones, with *several*, or with *many* beyond COUNTED."""
    if earlier == 0:
        return alone()
    return many(counted=COUNTED) if earlier > COUNTED else several(earlier=earlier)


def _left_out(earlier: int) -> Said | None:
    if earlier == 0:
        return None
    return LEFT_OUT_MANY(counted=COUNTED) if earlier > COUNTED else LEFT_OUT(earlier=earlier)
