"""By when an entry of the schedule is expected to succeed, and who owes no success."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from paranad.catalogue import CATALOGUE
from paranad.queue.jobs import Jobs
from paranad.queue.workers import Workers
from paranad.schedule.entries import COMMAND_TIMEOUT, Entry
from paranad.schedule.loop import EntryView, Scheduler

GRACE = timedelta(minutes=10)
"""How long the job of an occurrence may wait, and be tried again, beside the time that its run may take."""


def expected_by(entry: Entry, since: datetime) -> datetime:
    """Return by when *entry* is expected to succeed again; later than that it is silent.

    Args:
        entry: its `expect_within` counts from *since*; without one, its next occurrence has its random delay, the time
            that its run may take, and a grace.
        since: its last success, or the instant from which it is watched.
    """
    if entry.expect_within is not None:
        return since + entry.expect_within
    return entry.cron.next(since) + entry.jitter + _longest_run(entry) + GRACE


def _longest_run(entry: Entry) -> timedelta:
    if entry.command:
        return entry.command.timeout
    facts = CATALOGUE.get(entry.task)
    return facts.timeout if facts else COMMAND_TIMEOUT


def owing(views: Iterable[EntryView], scheduler: Scheduler, jobs: Jobs, workers: Workers) -> list[EntryView]:
    """Return those of *views* whose entry owes a success: it should run, and no operator holds its jobs up.

    An operator holds them up by a drain of the daemon, or by a pause of everything, of their queue or task.
    """
    if workers.draining or jobs.queues.all_paused:
        return []
    should_run = [view for view in views if view.entry.enabled and not view.paused and view.off is None]
    paused = jobs.queues
    return [
        view
        for view in should_run
        if view.entry.task not in paused.paused_tasks and scheduler.queue_of(view.entry) not in paused.paused
    ]
