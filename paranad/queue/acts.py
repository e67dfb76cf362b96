"""What the operator, and the start-up, do with stored jobs and queues: each act is one class."""

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from paranad.errors import NotFound, ParanadError, WrongState
from paranad.events.event import Events
from paranad.events.queue import (
    JobCancelled,
    JobForgotten,
    JobRecovered,
    JobRetried,
    JobTookDaemonDown,
    JobWoken,
    QueueFlushed,
)
from paranad.queue.claims import Claims
from paranad.queue.enqueue import holders_of
from paranad.queue.model import Enqueued, State
from paranad.queue.promoter import Promoter
from paranad.queue.rows import NO_SUCH_JOB, STATEMENTS, encode, no_such_job
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.store.facts import kept
from paranad.store.writer import Act

STRIKES = 3
"""A job found running at so many start-ups in a row took the daemon down."""

TOOK_DAEMON_DOWN = Sentence(
    "job.took_daemon_down",
    "took the daemon down: found running at {strikes} start-ups in a row; "
    "see the log of the last stop, then retry or forget it",
)

NOT_RETRIED = Sentence("job.not_retried", "job {id} is {state}, so it cannot be retried; only failed jobs can")
NOT_FORGOTTEN = Sentence("job.not_forgotten", "job {id} is {state}, so it cannot be forgotten; only failed jobs can")


NOT_WOKEN = Sentence("job.not_woken", "job {id} is {state}, so it cannot be woken; only jobs that wait can")


@record
class JobFilter:
    """Which jobs are meant; None: any."""

    states: frozenset[State] | None = None
    task: str | None = None
    queue: str | None = None
    order_id: int | None = None
    """Jobs whose arguments name this order; for `Jobs.find` alone, as *text*."""
    text: str | None = None
    """Jobs whose task, arguments, error or result hold it."""


@record
class ChangedJob:
    """A job that was changed or deleted, as events name it."""

    job_id: int
    task: str
    queue: str
    order_id: int | None
    """The order that its arguments name; None: they name none."""
    strikes: int = 0
    """At how many start-ups in a row it was found running."""


@record
class Retried:
    """The answer for one failed job."""

    job_id: int
    answer: Enqueued
    task: str
    queue: str
    order_id: int | None


@record
class Retry(Act[Retried]):
    """Put one failed job back."""

    takes: ClassVar = True
    events: Events
    claims: Claims
    job_id: int
    now_us: int

    def apply(self, connection: sqlite3.Connection) -> Retried | ParanadError:
        """Put it back, unless another unfinished job has its unique key and covers it."""
        (answer,) = _put_back(connection, [self.job_id], self.now_us)
        return answer

    def told(self, answer: Retried) -> None:
        _tell_retried(self.events, self.claims, [answer])


@record
class RetryAll(Act[Sequence[Retried]]):
    """Put all failed jobs of a filter back."""

    takes: ClassVar = True
    events: Events
    claims: Claims
    where: JobFilter
    now_us: int

    def apply(self, connection: sqlite3.Connection) -> Sequence[Retried]:
        """Put them back, of several with one unique key the newest."""
        parameters = {"task": self.where.task, "queue": self.where.queue}
        rows = connection.execute(STATEMENTS["failed_ids"], parameters).fetchall()
        answers = _put_back(connection, [row["id"] for row in rows], self.now_us)
        return [answer for answer in answers if isinstance(answer, Retried)]

    def told(self, answer: Sequence[Retried]) -> None:
        _tell_retried(self.events, self.claims, answer)


def _put_back(connection: sqlite3.Connection, ids: Sequence[int], now_us: int) -> Sequence[Retried | ParanadError]:
    found = _states(connection, ids)
    holders = holders_of(connection, [row["unique_key"] for row in found.values() if row["unique_key"] is not None])
    answers: list[Retried | ParanadError] = []
    for job_id in ids:
        row = found.get(job_id)
        if row is None or row["state"] != State.FAILED:
            answers.append(_not_failed(NOT_RETRIED, job_id, row))
            continue
        key = row["unique_key"]
        # The first of several with one key takes it; the others are covered by that one.
        holder = job_id if key is None else holders.setdefault(key, job_id)
        answers.append(
            Retried(job_id, Enqueued(holder, duplicate=holder != job_id), row["task"], row["queue"], row["order_id"])
        )
    back = [answer.job_id for answer in answers if isinstance(answer, Retried) and not answer.answer.duplicate]
    connection.execute(STATEMENTS["retry"], {"ids": encode(back), "now": now_us})
    return answers


def _tell_retried(events: Events, claims: Claims, answers: Iterable[Retried]) -> None:
    back = [each for each in answers if not each.answer.duplicate]
    events.tell(
        *(JobRetried(job_id=each.job_id, task=each.task, queue=each.queue, order_id=each.order_id) for each in back)
    )
    claims.note_due({each.queue for each in back})


@record
class Forget(Act[ChangedJob]):
    """Delete one failed job."""

    takes: ClassVar = True
    events: Events
    job_id: int

    def apply(self, connection: sqlite3.Connection) -> ChangedJob | ParanadError:
        found = _states(connection, [self.job_id])
        ids = {"ids": encode([self.job_id])}
        # Before the row goes: its original says by the row whether the shop was told of the failure.
        connection.execute(STATEMENTS["revoke_forgotten"], ids)
        forgotten = _changed(connection.execute(STATEMENTS["forget"], ids).fetchall())
        return forgotten[0] if forgotten else _not_failed(NOT_FORGOTTEN, self.job_id, found.get(self.job_id))

    def told(self, answer: ChangedJob) -> None:
        self.events.tell(JobForgotten(**_named(answer)))


@record
class Flush(Act[int]):
    """Delete all failed jobs of a filter; answer how many."""

    takes: ClassVar = True
    events: Events
    where: JobFilter

    def apply(self, connection: sqlite3.Connection) -> int:
        parameters = {"task": self.where.task, "queue": self.where.queue}
        connection.execute(STATEMENTS["revoke_flushed"], parameters)
        return len(connection.execute(STATEMENTS["flush"], parameters).fetchall())

    def told(self, answer: int) -> None:
        self.events.tell(QueueFlushed(deleted=answer))


@record
class Woken:
    """What became of the waiting jobs that were to be woken."""

    jobs: Sequence[ChangedJob]
    """They are due now."""
    states: Mapping[int, State]
    """Where each of the jobs stood that were named and exist, by its id."""

    def reason_of(self, job_id: int) -> Said | None:
        """Return why a job that was named was not woken; None: it was."""
        if any(job.job_id == job_id for job in self.jobs):
            return None
        state = self.states.get(job_id)
        return NO_SUCH_JOB(id=job_id) if state is None else NOT_WOKEN(id=job_id, state=state.value)


@record
class Wake(Act[Woken]):
    """Make waiting jobs due now: the jobs named, or all that the task itself or a failure let wait."""

    takes: ClassVar = True
    events: Events
    promoter: Promoter
    ids: Sequence[int] | None
    """None: by the filter alone. A job that a person put off is woken only by its id."""
    task: str | None
    now_us: int

    def apply(self, connection: sqlite3.Connection) -> Woken:
        """Change the due instant alone: the promoter makes the jobs available, each unique key once."""
        if self.ids is None:
            parameters = {"task": self.task, "now": self.now_us}
            return Woken(_changed(connection.execute(STATEMENTS["wake_all"], parameters).fetchall()), {})
        found = _states(connection, self.ids)
        waking = {"ids": encode(self.ids), "now": self.now_us}
        jobs = _changed(connection.execute(STATEMENTS["wake"], waking).fetchall())
        return Woken(jobs, {job_id: State(row["state"]) for job_id, row in found.items()})

    def told(self, answer: Woken) -> None:
        self.events.tell(*(JobWoken(**_named(job)) for job in answer.jobs))
        if answer.jobs:
            self.promoter.expect(self.now_us)


@record
class CancelWaiting(Act[ChangedJob | None]):
    """Cancel one job that has not started; the answer is None for a job that has started or is finished."""

    takes: ClassVar = True
    events: Events
    job_id: int
    is_claimed: bool
    """Whether it is stored as running although it waits for a worker."""
    now_us: int

    def apply(self, connection: sqlite3.Connection) -> ChangedJob | ParanadError | None:
        ids = encode([self.job_id])
        claimed = ids if self.is_claimed else "[]"
        parameters = {"ids": ids, "claimed": claimed, "now": self.now_us, "error": None, "why": None}
        # A claimed job that waits for a worker is stored as running, but has not started.
        cancelled = _changed(connection.execute(STATEMENTS["cancel_waiting"], parameters).fetchall())
        if cancelled:
            return cancelled[0]
        return None if _states(connection, [self.job_id]) else no_such_job(self.job_id)

    def told(self, answer: ChangedJob | None) -> None:
        if answer is not None:
            self.events.tell(JobCancelled(**_named(answer)))


@record
class CancelTaken(Act[Sequence[ChangedJob]]):
    """Cancel the jobs that have not started, of those whose work others do."""

    events: Events
    job_ids: Collection[int]
    claimed: Collection[int]
    """Those that are stored as running although they wait for a worker."""
    said: Said
    """Why."""
    now_us: int

    def apply(self, connection: sqlite3.Connection) -> Sequence[ChangedJob]:
        ids, claimed = encode(list(self.job_ids)), encode(list(self.claimed))
        why = {"error": self.said.text, "why": kept(self.said)}
        parameters = {"ids": ids, "claimed": claimed, "now": self.now_us, **why}
        return _changed(connection.execute(STATEMENTS["cancel_waiting"], parameters).fetchall())

    def told(self, answer: Sequence[ChangedJob]) -> None:
        self.events.tell(*(JobCancelled(**_named(job)) for job in answer))


@record
class Recovered:
    """What the start-up found running."""

    available: Sequence[ChangedJob]
    """Made available again."""
    failed: Sequence[ChangedJob]
    """Failed as "took the daemon down"."""


@record
class Recover(Act[Recovered]):
    """Make available the jobs that a dead process left running; fail a job at its last strike."""

    events: Events
    now_us: int

    def apply(self, connection: sqlite3.Connection) -> Recovered:
        now = {"now": self.now_us}
        connection.execute(STATEMENTS["record_recovered"], now)
        said = TOOK_DAEMON_DOWN(strikes=STRIKES)
        failing = {**now, "strikes": STRIKES, "error": said.text, "why": kept(said)}
        failed = connection.execute(STATEMENTS["took_daemon_down"], failing).fetchall()
        available = connection.execute(STATEMENTS["recover"]).fetchall()
        return Recovered(_changed(available), _changed(failed))

    def told(self, answer: Recovered) -> None:
        found = [
            *((JobRecovered, job) for job in answer.available),
            *((JobTookDaemonDown, job) for job in answer.failed),
        ]
        self.events.tell(*(event(**_named(job), strikes=job.strikes) for event, job in found))


def _states(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, sqlite3.Row]:
    rows = connection.execute(STATEMENTS["states"], {"ids": encode(ids)}).fetchall()
    return {row["id"]: row for row in rows}


def _not_failed(sentence: Sentence, job_id: int, row: sqlite3.Row | None) -> NotFound | WrongState:
    """Return why an act for failed jobs alone cannot be done, as *sentence* says it of another state."""
    return no_such_job(job_id) if row is None else WrongState(sentence(id=job_id, state=row["state"]))


def _named(job: ChangedJob) -> dict[str, Any]:
    """Return what every event about *job* says of it."""
    return {"job_id": job.job_id, "task": job.task, "queue": job.queue, "order_id": job.order_id}


def _changed(rows: Iterable[sqlite3.Row]) -> list[ChangedJob]:
    return sorted((ChangedJob(*row) for row in rows), key=lambda job: job.job_id)
