"""Occurrences that came while their entry, or everything, was paused: skipped, the latest counts the earlier ones."""

from datetime import datetime

from paranad.said import Sentence
from paranad.schedule.due import count, with_earlier
from paranad.schedule.entries import Entry
from paranad.schedule.ledger import Occurrence

PAUSED = Sentence("schedule.paused", "paused")
PAUSED_AS = Sentence("schedule.paused_as", "paused, as {earlier} earlier")
PAUSED_AS_MANY = Sentence("schedule.paused_as_many", "paused, as more than {counted} earlier")
ALL_PAUSED = Sentence("schedule.all_paused", "everything is paused")
ALL_PAUSED_AS = Sentence("schedule.all_paused_as", "everything is paused, as {earlier} earlier")
ALL_PAUSED_AS_MANY = Sentence("schedule.all_paused_as_many", "everything is paused, as more than {counted} earlier")


def while_paused(entry: Entry, after: datetime, until: datetime) -> Occurrence | None:
    """Return the latest occurrence in (*after*, *until*], skipped because *entry* was paused; None: none came."""
    return _skipped(entry, after, until, PAUSED, PAUSED_AS, PAUSED_AS_MANY)


def while_all_paused(entry: Entry, after: datetime, until: datetime) -> Occurrence | None:
    """Return the latest occurrence in (*after*, *until*], skipped because everything was paused; None: none came."""
    return _skipped(entry, after, until, ALL_PAUSED, ALL_PAUSED_AS, ALL_PAUSED_AS_MANY)


def _skipped(  # noqa: PLR0917 - two instants and the three forms of one sentence
    entry: Entry, after: datetime, until: datetime, alone: Sentence, several: Sentence, many: Sentence
) -> Occurrence | None:
    at = entry.cron.latest(after, until) if entry.enabled else None
    if at is None:
        return None
    return Occurrence(entry.name, at, None, with_earlier(alone, several, many, count(entry.cron, after, at)))
