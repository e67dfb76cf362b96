"""Makes the jobs of occurrences: their unique key, their random delay, and whether they may wait for the last job."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from paranad.configuration.durations import format_duration
from paranad.errors import RequestError
from paranad.queue.model import NewJob
from paranad.record import record
from paranad.said import Sentence
from paranad.schedule.due import Due
from paranad.schedule.entries import Entry, Overlap
from paranad.schedule.ledger import Occurrence, Waiting

SECOND = timedelta(seconds=1)
DELAYED = Sentence("schedule.delayed", "delayed by {delay} at random")


@record
class Making:
    """Makes jobs of entries, and occurrences with their jobs."""

    new_job: Callable[[Entry, datetime], NewJob]
    """Makes a checked job of an entry's occurrence."""
    random: Random
    """Chooses the delays."""

    def job_of(self, entry: Entry, at: datetime) -> NewJob:
        """Return the entry's job for *at*. Unless overlap is `allow`, at most one is unfinished.

        Raises:
            RequestError: no job can be made of it.
        """
        new = self.new_job(entry, at)
        if entry.overlap is Overlap.ALLOW:
            return replace(new, unique_key=None)
        return new if new.unique_key else replace(new, unique_key=f"schedule:{entry.name}")

    def occurrence(self, entry: Entry, found: Due, now: datetime) -> Occurrence:
        """Return a due occurrence with its job, or with the reason to skip it."""
        if not found.runs:
            return Occurrence(entry.name, found.at, None, found.said)
        try:
            new = self.job_of(entry, found.at)
        except RequestError as error:  # a recorded run says why, and the other entries go on
            return Occurrence(entry.name, found.at, None, error.said)
        room = None if found.lines_up else int(entry.overlap is Overlap.QUEUE_ONE)
        made = Occurrence(entry.name, found.at, new, found.said, found.overlapped, room=room)
        due_at = found.at + timedelta(seconds=self.random.randint(0, entry.jitter // SECOND))
        if due_at <= now:
            return made
        delayed = DELAYED(delay=format_duration(due_at - found.at))
        return replace(made, new=replace(new, due_at=due_at, keeps_key=True), delayed=delayed)

    def waiting(self, entry: Entry, waiting: Waiting) -> Occurrence:
        """Return an occurrence that waits, with its job: it has waited already, so it is not delayed."""
        try:
            return Occurrence(entry.name, waiting.at, self.job_of(entry, waiting.at), waiting.reason, waited=True)
        except RequestError as error:
            return Occurrence(entry.name, waiting.at, None, error.said, waited=True)
