"""Watches the work itself: tasks that fail, jobs that do not end, runs that take too long, jobs that wait."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import ClassVar
from zoneinfo import ZoneInfo

import orjson

from paranad.alerts.entries import NOT_IN_SCHEDULE, NOT_TOLD, SUCCEEDED, OwnTasks
from paranad.alerts.incident import Facts, Incident
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.watches import GONE, JOB_ENDED, OVERLAP, SQL, Tick, Trouble
from paranad.catalogue import CATALOGUE, CREATE_SHIPMENT, OnePer
from paranad.clock import from_us, to_us, wall_time
from paranad.configuration.durations import format_duration
from paranad.configuration.settings import AlertSection
from paranad.events.event import Event
from paranad.events.queue import JobCompleted, JobForgotten, QueueFlushed
from paranad.queue.acts import TOOK_DAEMON_DOWN
from paranad.queue.jobs import Jobs
from paranad.queue.model import State
from paranad.queue.running import Running
from paranad.queue.workers import Workers
from paranad.said import Said, Sentence, plain
from paranad.schedule.entries import Entry
from paranad.schedule.loop import Scheduler
from paranad.schedule.silence import DISABLED
from paranad.store import facts
from paranad.store.reader import Reader
from paranad.tasks.command import FAILED as COMMAND_FAILED
from paranad.tasks.command import is_dated
from paranad.tasks.registry import TASK_GONE

SLOW_FLOOR_S = 30.0
"""A shorter run is never slow, whatever is usual."""
USUAL_OF = 5
"""How many runs must be known before one of them is usual."""
SLOW_QUIET = timedelta(minutes=10)
"""How long no run may be slow before it is over: a task of every minute that is slow for an hour is told once."""

NOT_KEPT = Sentence("alert.job_not_kept", "its failed job is no longer kept")
ENDED = Sentence("alert.stuck_ended", "what did not end has ended")
STARTED_ANEW = Sentence("alert.stuck_restarted", "the daemon was started anew")
RUN_ENDED = Sentence("alert.run_ended", "no run of it is slow any longer")
RUN_ENDED_AS = Sentence("job.ended_after", "job {id} ended after {took}: {state}")
SLOW_NOT_WATCHED = Sentence("alert.slow_not_watched", "[alert] slow_factor is 0, so no run is watched")
NONE_WAITS = Sentence("alert.none_waits", "no job of it has waited too long any more")
HELD_UP = Sentence("alert.queue_held_up", "it is paused, drained, or configured no more")
BUSY = Sentence("alert.workers_busy", "{running} of {workers} workers are busy")
AT_LIMIT = Sentence("alert.queue_at_limit", "it is at its limit, {running} of {limit:job}")
WAITING_NOT_WATCHED = Sentence("alert.waiting_not_watched", "[alert] waiting_after is 0s, so no queue is watched")


@dataclass(slots=True)
class Limits:
    """What the configuration says of slow runs and of waiting jobs; a reload changes it."""

    slow_factor: int = 5
    """How many times its usual a run may take; zero: it is not watched."""
    waiting_after: timedelta = timedelta(minutes=30)
    """How long the oldest available job of a queue may wait; zero: it is not watched."""

    @classmethod
    def of(cls, settings: AlertSection) -> "Limits":
        """Return what *settings* say."""
        return cls(settings.slow_factor, settings.waiting_after)


def repeats(task: str, entry: Entry | None) -> bool:
    """Tell whether each job of *task* does the same work, so that a success makes up for an earlier failure.

    A command that is told its occurrence does that day's work.

    Args:
        task: its name.
        entry: the schedule's entry of that task; None: it has none.
    """
    if entry and entry.command and is_dated(entry.command.words):
        return False
    known = CATALOGUE.get(task)
    return known is None or known.one_per is OnePer.TASK


class FailedJobs:
    """Finds the tasks whose jobs fail for good, once until they are over it. Orders have a kind of their own.

    A task that does the same work each time is over it with its next success. Of any other each failed job must be
    completed, cancelled or forgotten: what it was to do is not done by another.
    """

    kind: ClassVar = IncidentKind.JOB_FAILED

    def __init__(self, reader: Reader, scheduler: Scheduler, own: OwnTasks, zone: ZoneInfo) -> None:
        self._reader, self._scheduler, self._own, self._zone = reader, scheduler, own, zone
        self._forgotten = set[int]()
        self._flushed = False

    def hear(self, event: Event) -> None:
        """Note which failed jobs an operator forgets: a job that is missing otherwise was only kept no longer."""
        if isinstance(event, JobForgotten):
            self._forgotten.add(event.job_id)
        elif isinstance(event, QueueFlushed):
            self._flushed = True

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        entries = {entry.task: entry for entry in self._scheduler.entries}
        params = {
            "since": to_us(tick.last - OVERLAP),
            "own_kind": CREATE_SHIPMENT.name,
            "took_daemon_down": TOOK_DAEMON_DOWN.code,
        }
        rows = await self._reader.fetch(SQL["failed_by_task"], params)
        news = [row for row in rows if await self._is_news(row, entries.get(row["task"]), opened)]
        bad = {row["task"]: {**self._facts(row), "failed": await self._failed(row["task"], tick.now)} for row in news}
        # Before the rows are read: what is forgotten meanwhile belongs to the next look.
        forgotten, flushed, self._forgotten, self._flushed = self._forgotten, self._flushed, set(), False
        over: dict[str, Said] = {}
        for task, incident in opened.items():
            is_forgotten = flushed or incident.facts["job_id"] in forgotten
            if how := await self._end(incident, entries.get(task), is_forgotten=is_forgotten):
                over[task] = how
            else:
                bad[task] = {**incident.facts, "failed": await self._failed(task, incident.opened_at)}
        return Trouble(bad, over)

    async def _failed(self, task: str, opened_at: datetime) -> int:
        """Return how many jobs of *task* have failed, and stand so, since just before *opened_at*."""
        row = await self._still_failed(task, to_us(opened_at - OVERLAP))
        return max(row["of_task"] or 0, 1) if row else 1

    async def _is_news(self, row: sqlite3.Row, entry: Entry | None, opened: Mapping[str, Incident]) -> bool:
        task = row["task"]
        if task in opened or self._why_put_away(task, entry, facts.read(row["why"], row["error"])):
            return False
        return not (self._repeats(task, entry) and await self._succeeded_after(task, row["finished_at"]))

    def _repeats(self, task: str, entry: Entry | None) -> bool:
        return not self._own.differ(task) and repeats(task, entry)

    def _why_put_away(self, task: str, entry: Entry | None, error: Said | None) -> Said | None:
        """Return why nobody is to be told of *task*, as the configuration has it; None: somebody is."""
        if error and error.code == TASK_GONE.code:  # that the command was taken out is the trouble itself
            return None
        return _why_not_told(self._scheduler, self._own, task) or (DISABLED() if entry and not entry.enabled else None)

    def _facts(self, row: sqlite3.Row) -> Facts:
        failed_at = from_us(row["finished_at"]).astimezone(self._zone).isoformat(timespec="seconds")
        error = facts.read(row["why"], row["error"])
        if error and error.code == COMMAND_FAILED.code:  # the task is named already, by the command's name
            reason = error.values["reason"]
            error = reason if isinstance(reason, Said) else plain(str(reason))
        return {"task": row["task"], "job_id": row["job_id"], "error": error, "failed_at": failed_at}

    async def _succeeded_after(self, task: str, failed_us: int) -> bool:
        """Tell whether a job of *task* has completed since *failed_us*, and none has failed after that."""
        rows = await self._reader.fetch(SQL["last_of_task"], {"task": task})
        ended = {
            state: max((row["finished_at"] for row in rows if row["state"] == state), default=0) for state in State
        }
        return ended[State.COMPLETED] > max(failed_us, ended[State.FAILED])

    async def _end(self, incident: Incident, entry: Entry | None, *, is_forgotten: bool) -> Said | None:
        """Return how *incident* ended; None: it goes on."""
        task, job_id = incident.key, incident.facts["job_id"]
        error = incident.facts.get("error")
        if why := self._why_put_away(task, entry, error if isinstance(error, Said) else None):
            return why
        failed_us = to_us(datetime.fromisoformat(incident.facts["failed_at"]))
        if self._repeats(task, entry) and await self._succeeded_after(task, failed_us):
            return SUCCEEDED()
        state = await self._state(job_id)
        # A retry alone ends nothing, and a failed job no longer kept is no success of an entry that will have another.
        if state not in {State.COMPLETED, State.CANCELLED, GONE} or await self._others_failed(task, failed_us):
            return None
        if state == GONE and not is_forgotten:
            return None if entry and self._repeats(task, entry) else NOT_KEPT()
        return JOB_ENDED[state]()

    async def _state(self, job_id: int) -> str:
        row = await self._reader.fetch_one(SQL["jobs"], {"ids": orjson.dumps([job_id]).decode()})
        return row["state"] if row else GONE

    async def _others_failed(self, task: str, failed_us: int) -> bool:
        """Tell whether a job of *task* that failed since *failed_us* is still failed, or that there are too many."""
        row = await self._still_failed(task, failed_us)
        return row is not None and bool(row["of_task"] or row["is_cut"])

    async def _still_failed(self, task: str, since_us: int) -> sqlite3.Row | None:
        return await self._reader.fetch_one(SQL["still_failed"], {"task": task, "since": since_us})


class StuckJobs:
    """Finds the tasks of which a job does not end although its time is over: its worker was given up and replaced."""

    kind: ClassVar = IncidentKind.JOB_STUCK

    def __init__(self, workers: Workers, scheduler: Scheduler, zone: ZoneInfo) -> None:
        self._workers, self._scheduler, self._zone = workers, scheduler, zone

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        untold = _untold(self._scheduler)
        bad: dict[str, Facts] = {}
        for running in self._workers.stuck():
            if running.job.task not in untold:
                bad.setdefault(running.job.task, self._facts(running))
        over = STARTED_ANEW if tick.is_first else ENDED
        return Trouble(bad, {task: NOT_TOLD() if task in untold else over() for task in opened if task not in bad})

    def _facts(self, running: Running) -> Facts:
        job, started_at = running.job, from_us(running.started_at_us)
        since = {
            "since": wall_time(started_at, self._zone),
            "deadline": wall_time(started_at + job.timeout, self._zone),
        }
        return {"task": job.task, "job_id": job.id, "attempt": job.attempt, **since}


class SlowRuns:
    """Finds the tasks of which a run takes many times its usual, while it still runs and when it has ended.

    The usual is the median of the last runs that are kept. Tasks whose jobs differ have none.
    """

    kind: ClassVar = IncidentKind.RUN_SLOW

    def __init__(self, reader: Reader, workers: Workers, scheduler: Scheduler, own: OwnTasks, limits: Limits) -> None:
        self._reader, self._workers, self._limits = reader, workers, limits
        self._scheduler, self._own = scheduler, own
        self._ended: dict[str, tuple[int, float]] = {}
        """By task: the longest run that ended since the last look, if it was long, and its seconds."""
        self._slow_at: dict[str, datetime] = {}

    def completed(self, event: JobCompleted) -> None:
        """Note a run that may have been slow; called for every job."""
        seconds = event.duration_ms / 1000
        if seconds >= SLOW_FLOOR_S and seconds > self._ended.get(event.task, (0, 0.0))[1]:
            self._ended[event.task] = (event.job_id, seconds)

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        ended, self._ended = self._ended, {}
        if not self._limits.slow_factor:
            return Trouble(over=dict.fromkeys(opened, SLOW_NOT_WATCHED()))
        running = {each.job.task: (each.job.id, tick.monotonic_s - each.started_s) for each in self._workers.running()}
        untold, bad = _untold(self._scheduler), dict[str, Facts]()
        entries = {entry.task: entry for entry in self._scheduler.entries}
        for task, (job_id, seconds) in (*ended.items(), *running.items()):
            if seconds >= SLOW_FLOOR_S and repeats(task, entries.get(task)) and task not in untold:
                usual_s = await self._usual_s(task, job_id)
                if usual_s is not None and seconds > self._limits.slow_factor * usual_s:
                    self._slow_at[task] = tick.now
                    bad[task] = {"task": task, "job_id": job_id, "took": _shown(seconds), "usual": _shown(usual_s)}
        ends = {task: await self._end(tick, incident) for task, incident in opened.items() if task not in bad}
        over = {task: how for task, how in ends.items() if how}
        self._slow_at = {task: at for task, at in self._slow_at.items() if task in bad or task in opened.keys() - over}
        return Trouble(bad, over)

    async def _usual_s(self, task: str, job_id: int) -> float | None:
        """Return how long a run of *task* usually takes, job *job_id* left out; None: too few are known."""
        rows = await self._reader.fetch(SQL["last_runs"], {"task": task, "job_id": job_id})
        return median(row["took_us"] for row in rows) / 1_000_000 if len(rows) >= USUAL_OF else None

    async def _end(self, tick: Tick, incident: Incident) -> Said | None:
        if why := _why_not_told(self._scheduler, self._own, incident.key):
            return why
        # After a restart it is not known when a run was slow last: the quiet begins with the first look.
        slow_at = self._slow_at.setdefault(incident.key, tick.now)
        if tick.now - slow_at < SLOW_QUIET and slow_at <= tick.now:
            return None
        job_id = incident.facts["job_id"]
        row = await self._reader.fetch_one(SQL["run_of"], {"job_id": job_id})
        if row is None or row["finished_at"] is None:
            return RUN_ENDED()
        return RUN_ENDED_AS(id=job_id, took=_shown(row["took_us"] / 1_000_000), state=row["state"])


class WaitingJobs:
    """Finds the queues whose oldest available job has waited too long for a worker. What is held up waits for a person.

    It counts from when a worker could have taken it: what waited while the daemon was down or drained, or while its
    queue or task was paused, is not late at once.
    """

    kind: ClassVar = IncidentKind.JOBS_WAITING

    def __init__(self, reader: Reader, jobs: Jobs, workers: Workers, limits: Limits, zone: ZoneInfo) -> None:
        self._reader, self._jobs, self._workers, self._limits, self._zone = reader, jobs, workers, limits, zone
        self._free_since: dict[str, datetime] = {}
        self._paused_until: dict[str, datetime] = {}
        """By task: when it was last seen paused."""

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        after = self._limits.waiting_after
        queues = self._jobs.queues
        free = [] if self._workers.draining else [name for name in queues.names if not queues.is_paused(name)]
        self._free_since = {name: min(self._free_since.get(name, tick.now), tick.now) for name in free}
        self._paused_until |= dict.fromkeys(queues.paused_tasks, tick.now)
        self._paused_until = {
            task: at for task, at in self._paused_until.items() if timedelta(0) <= tick.now - at < after
        }
        if not after:
            return Trouble(over=dict.fromkeys(opened, WAITING_NOT_WATCHED()))
        rows = await self._reader.fetch(SQL["oldest_waiting"], {"queues": orjson.dumps(free).decode()})
        oldest = {row["queue"]: row for row in rows}
        waited = {name: tick.now - from_us(row["due_at"]) for name, row in oldest.items()}
        bad = {
            name: self._facts(row)
            for name, row in oldest.items()
            if min(waited[name], tick.now - self._could_start(name, row["task"])) >= after
        }
        # After a restart or a pause an open one goes on for as long as its job is late by its own due time.
        late = {name for name, each in waited.items() if each >= after}
        over = {name: NONE_WAITS() if name in free else HELD_UP() for name in opened if name not in late}
        return Trouble(bad, over)

    def _could_start(self, queue: str, task: str) -> datetime:
        """Return since when a job of *task* in *queue* could have been taken by a worker."""
        free_since = self._free_since[queue]
        return max(free_since, self._paused_until.get(task, free_since))

    def _facts(self, row: sqlite3.Row) -> Facts:
        since = wall_time(from_us(row["due_at"]), self._zone)
        about = {"queue": row["queue"], "job_id": row["job_id"], "task": row["task"], "since": since}
        return {**about, **self._holding_up(row["queue"])}

    def _holding_up(self, queue: str) -> Facts:
        """Return what the jobs of *queue* wait for, and which setting lets more run at once."""
        running, limit = self._workers.running(), self._jobs.queues.limits.get(queue)
        of_queue = sum(each.job.queue == queue for each in running)
        counts = {"running": len(running), "workers": self._workers.count, "limit": limit}
        if limit is not None and of_queue >= limit:
            return {**counts, "busy": AT_LIMIT(running=of_queue, limit=limit), "setting": "[queue] limits"}
        return {**counts, "busy": BUSY(running=len(running), workers=self._workers.count), "setting": "[queue] workers"}


def _why_not_told(scheduler: Scheduler, own: OwnTasks, task: str) -> Said | None:
    """Return why nobody is told of *task* any longer, as the configuration has it; None: it is told."""
    entry = next((entry for entry in scheduler.entries if entry.task == task), None)
    if entry is None:
        return None if own.is_known(task) else NOT_IN_SCHEDULE()
    return None if entry.alert else NOT_TOLD()


def _untold(scheduler: Scheduler) -> set[str]:
    """Return the tasks of the entries of which nobody is to be told."""
    return {entry.task for entry in scheduler.entries if not entry.alert}


def _shown(seconds: float) -> str:
    """Return a time as a person reads it: whole seconds, such as `1h5m`, or `12ms` below one."""
    return format_duration(timedelta(seconds=round(seconds)) if seconds >= 1 else timedelta(seconds=seconds))
