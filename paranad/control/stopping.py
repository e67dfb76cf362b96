"""What a stop now would cut, hand back and miss, decided from what runs and from the schedule; nothing is stopped."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from paranad.clock import from_us
from paranad.control import schemas_acts
from paranad.control.daemon import Daemon
from paranad.control.views import Views
from paranad.queue.model import State
from paranad.queue.running import Running
from paranad.record import record
from paranad.schedule.entries import Entry

AWAY = timedelta(minutes=1)
"""How long the daemon is assumed to be away once what runs has ended: a restart takes less."""


class Fate(StrEnum):
    """What a stop does to a job that runs."""

    AWAITED = "awaited"
    """A create-order request is under way: it is waited for, however long that takes."""
    ENDS = "ends"
    """Its own time is over before that of the stop."""
    CUT = "cut"
    """If it still runs when the stop's time is over, its program is ended, and started again later."""
    HANDED_BACK = "handed_back"
    """If it still runs when the stop's time is over, it is handed back, and starts again later."""


@record
class Missed:
    """The occurrences of one entry that come while the daemon is away."""

    entry: Entry
    occurrences: int
    first_at: datetime


def fate_of(left_s: float, drain_timeout: timedelta, *, shielded: bool, is_program: bool) -> Fate:
    """Return what becomes of a job if the daemon stops now; *left_s* are left until its own timeout."""
    if shielded:
        return Fate.AWAITED
    if left_s <= drain_timeout.total_seconds():
        return Fate.ENDS
    return Fate.CUT if is_program else Fate.HANDED_BACK


def wait_for(left_s: Iterable[float], drain_timeout: timedelta) -> timedelta:
    """Return how long a stop waits at most for jobs of which so much is left until their timeouts."""
    return min(timedelta(seconds=max(left_s, default=0.0)), drain_timeout)


def missed(entries: Iterable[Entry], now: datetime, away: timedelta) -> Iterator[Missed]:
    """Yield the *entries* that are due while the daemon is *away*."""
    for entry in entries:
        due = list(_due(entry, now, now + away))
        if due:
            yield Missed(entry, len(due), due[0])


def _due(entry: Entry, after: datetime, until: datetime) -> Iterator[datetime]:
    while (after := entry.cron.next(after)) <= until:
        yield after


async def preview(daemon: Daemon) -> schemas_acts.Stop:
    """Show what a stop now would do; nothing is stopped."""
    parts, show, now = daemon.parts, Views(daemon.zone), daemon.clock.now()
    running, drain_timeout = parts.workers.running(), parts.workers.drain_timeout
    # Nothing is enqueued either while a stop waits for what runs.
    away = AWAY + wait_for((_left_s(each, daemon) for each in running), drain_timeout)
    counts = (await parts.jobs.counts()).values()
    stored = {state: sum(queue.get(state, 0) for queue in counts) for state in State}
    scheduler, all_paused = parts.scheduler, parts.jobs.queues.all_paused
    entries = [each for each in scheduler.given.values() if each.enabled and each.name not in scheduler.halted]
    return schemas_acts.Stop(
        drain_timeout_s=drain_timeout.total_seconds(),
        away_s=away.total_seconds(),
        running=[_stopped(each, daemon, show) for each in running],
        # A claimed job that waits for a worker is stored as running, and a stop returns it.
        due=stored[State.AVAILABLE] + max(stored[State.RUNNING] - len(running), 0),
        later=stored[State.SCHEDULED] + stored[State.RETRYABLE],
        missed=[
            schemas_acts.MissedEntry(
                name=each.entry.name,
                occurrences=each.occurrences,
                first_at=show.at(each.first_at),
                catch_up=each.entry.catch_up.value,
            )
            for each in missed([] if all_paused else entries, now, away)
        ],
    )


def _stopped(running: Running, daemon: Daemon, show: Views) -> schemas_acts.StoppedJob:
    job, parts = running.job, daemon.parts
    task = parts.registry.tasks.get(job.task)
    left_s = _left_s(running, daemon)
    is_program = task is not None and task.program is not None
    fate = fate_of(left_s, parts.workers.drain_timeout, shielded=running.shielded, is_program=is_program)
    return schemas_acts.StoppedJob(
        id=job.id,
        task=job.task,
        queue=job.queue,
        order_id=job.order_id,
        started_at=show.at(from_us(running.started_at_us)),
        time_left_s=round(left_s, 3),
        fate=fate.value,
    )


def _left_s(running: Running, daemon: Daemon) -> float:
    return max(running.deadline_s - daemon.clock.monotonic(), 0.0)
