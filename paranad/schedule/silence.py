"""When an entry of the schedule owes a success, and when it counts as silent: it runs without success."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from paranad.queue.jobs import Jobs
from paranad.queue.workers import Workers
from paranad.schedule.cron import Cron
from paranad.schedule.loop import EntryView, Scheduler

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


def owing(views: Iterable[EntryView], scheduler: Scheduler, jobs: Jobs, workers: Workers) -> list[EntryView]:
    """Return those of *views* whose entry owes a success: it should run, and no operator holds its jobs up.

    An operator holds them up by a drain of the daemon, or by a pause of their queue or task.
    """
    if workers.draining:
        return []
    should_run = [view for view in views if view.entry.enabled and not view.paused and view.off is None]
    paused = jobs.queues
    return [
        view
        for view in should_run
        if view.entry.task not in paused.paused_tasks and scheduler.queue_of(view.entry) not in paused.paused
    ]
