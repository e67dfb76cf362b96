"""By when an entry of the schedule is expected to succeed, and who owes no success."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from paranad.catalogue import CATALOGUE
from paranad.queue.jobs import Jobs
from paranad.queue.workers import Workers
from paranad.said import Said, Sentence
from paranad.schedule.entries import COMMAND_TIMEOUT, Entry
from paranad.schedule.loop import EntryView, Scheduler

GRACE = timedelta(minutes=10)
"""How long the job of an occurrence may wait, and be tried again, beside the time that its run may take."""

DISABLED = Sentence("schedule.owes_none_disabled", "it is disabled")
PAUSED = Sentence("schedule.owes_none_paused", "it is paused")
LEFT_OUT = Sentence("schedule.owes_none_off", "it is left out: {reason}")
DRAINING = Sentence("schedule.owes_none_draining", "the daemon drains, so no job starts")
ALL_PAUSED = Sentence("schedule.owes_none_all_paused", "everything is paused")
TASK_PAUSED = Sentence("schedule.owes_none_task_paused", "task {task} is paused")
QUEUE_PAUSED = Sentence("schedule.owes_none_queue_paused", "queue {queue} is paused")


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
    if entry.own_timeout is not None:
        return entry.own_timeout
    facts = CATALOGUE.get(entry.task)
    return facts.timeout if facts else COMMAND_TIMEOUT


def owing(views: Sequence[EntryView], scheduler: Scheduler, jobs: Jobs, workers: Workers) -> list[EntryView]:
    """Return those of *views* whose entry owes a success: it should run, and no operator holds its jobs up."""
    return [view for view in views if why_owes_none(view, scheduler, jobs, workers) is None]


def why_owes_none(view: EntryView, scheduler: Scheduler, jobs: Jobs, workers: Workers) -> Said | None:
    """Return why an entry owes no success; None: it owes one.

    It should not run, or an operator holds its jobs up: by a drain, or a pause of everything, of their queue or task.
    """
    entry, queues = view.entry, jobs.queues
    queue = scheduler.queue_of(entry)
    causes: list[tuple[object, Said]] = [
        (view.off, LEFT_OUT(reason=view.off or "")),
        (not entry.enabled, DISABLED()),
        (view.paused, PAUSED()),
        (workers.draining, DRAINING()),
        (queues.all_paused, ALL_PAUSED()),
        (entry.task in queues.paused_tasks, TASK_PAUSED(task=entry.task)),
        (queue in queues.paused, QUEUE_PAUSED(queue=queue or "")),
    ]
    return next((why for holds, why in causes if holds), None)
