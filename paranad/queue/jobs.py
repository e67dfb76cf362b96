"""The jobs as others see them: enqueue, look, and what the operator may do with them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import aiosqlite

from paranad.clock import Clock, from_us, to_us
from paranad.errors import ParanadError, UnknownQueue
from paranad.events.event import Event, Events
from paranad.events.queue import (
    JobCancelled,
    JobEnqueued,
    JobForgotten,
    JobRecovered,
    JobRetried,
    JobTookDaemonDown,
    QueueFlushed,
    QueuePaused,
    QueuePulledBack,
    QueueResumed,
)
from paranad.queue import operator
from paranad.queue.enqueue import Delivery, IdempotencyKey, Taken, delivery, due_us, take
from paranad.queue.model import Enqueued, Job, NewJob, State
from paranad.queue.operator import Cancelling, JobFilter, Pausing, Retried
from paranad.queue.rows import STATEMENTS, checked_id, encode, no_such_job, to_attempt, to_job
from paranad.queue.turn import PullingBack, pull_back
from paranad.store.file import Store
from paranad.store.reader import Page, before_id, page
from paranad.store.writer import Kind
from paranad.wording import did_you_mean

__all__ = ["Attendant", "IdempotencyKey", "JobFilter", "Jobs", "Recovered"]

SET_ASIDE = frozenset({State.SCHEDULED, State.RETRYABLE, State.FAILED, State.CANCELLED})
"""States off the busy path; an index of their own finds them."""


class Attendant(Protocol):
    """Who runs the jobs, and wants to know what comes and what must wait."""

    def arriving(self, queues: Collection[str]) -> None:
        """Due jobs for *queues* go into the next commit: what must stand back may join that commit."""
        ...

    def arrived(self, queues: Collection[str]) -> None:
        """Due jobs for *queues* are committed."""
        ...

    def expected(self, due_at_us: int) -> None:
        """A job that becomes due at *due_at_us* is committed."""
        ...

    def pausing(self, queue: str) -> None:
        """*queue* is paused in the next commit."""
        ...


class _Nobody:
    """No workers yet."""

    def arriving(self, queues: Collection[str]) -> None: ...
    def arrived(self, queues: Collection[str]) -> None: ...
    def expected(self, due_at_us: int) -> None: ...
    def pausing(self, queue: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Recovered:
    """What the start-up found running."""

    available: Sequence[int]
    """Made available again, ids."""
    failed: Sequence[int]
    """Failed as "took the daemon down", ids."""


class Jobs:
    """All jobs of queue.db. Call `recover` once before anything else."""

    def __init__(self, store: Store, clock: Clock, events: Events, queues: Sequence[str]) -> None:
        self.queues = tuple(queues)
        self.attendant: Attendant = _Nobody()
        self._store = store
        self._clock = clock
        self._events = events
        self._paused: frozenset[str] = frozenset()
        self._enqueue: Kind[Delivery, Taken] = Kind("queue.enqueue", take, self._after_enqueue, takes=True)
        self._retry: Kind[operator.Retrying, Retried] = Kind(
            "queue.retry", operator.retry, self._after_retry, takes=True
        )
        self._retry_all: Kind[operator.RetryingAll, Sequence[Retried]] = Kind(
            "queue.retry_all", operator.retry_all, self._after_retry_all, takes=True
        )
        self._forget: Kind[int, operator.Gone] = Kind("queue.forget", operator.forget, self._after_forget, takes=True)
        self._flush: Kind[JobFilter, int] = Kind("queue.flush", operator.flush, self._after_flush, takes=True)
        self._pause: Kind[Pausing, None] = Kind("queue.pause", operator.pause, self._after_pause, takes=True)
        self._cancel: Kind[Cancelling, operator.Gone | None] = Kind(
            "queue.cancel", operator.cancel, self._after_cancel, takes=True
        )
        self._pull_back: Kind[PullingBack, Sequence[int]] = Kind("queue.pull_back", pull_back, self._after_pull_back)
        self._recover: Kind[int, operator.Found] = Kind("queue.recover", operator.recover, self._after_recover)

    async def enqueue(self, new: Sequence[NewJob], *, key: IdempotencyKey | None = None) -> list[Enqueued]:
        """Store *new*, all or none; return an answer for each, in order, once committed.

        Raises:
            KeyReused: *key* came with another body before.
            BadArguments: a job's arguments are nothing JSON can hold.
            StateFull: nothing was stored.
        """
        if not new:
            return []
        now_us = to_us(self._clock.now())
        answered = self._store.writer.submit(self._enqueue, [delivery(new, now_us, key)])
        self.attendant.arriving({job.queue for job in new if due_us(job, now_us) <= now_us})
        return list((await answered)[0].answers)

    async def enqueue_in(self, connection: aiosqlite.Connection, new: Sequence[NewJob]) -> list[Enqueued]:
        """Store *new* within another room's transaction; call `enqueued` when that is committed."""
        (taken,) = await take(connection, [delivery(new, to_us(self._clock.now()))])
        if isinstance(taken, ParanadError):
            raise taken
        return list(taken.answers)

    def enqueued(self, new: Sequence[NewJob], answers: Sequence[Enqueued]) -> None:
        """Tell of *new*, which `enqueue_in` answered with *answers*, and wake the workers."""
        self._tell_enqueued(
            [(job, answer.job_id) for job, answer in zip(new, answers, strict=True) if not answer.duplicate]
        )

    async def get(self, job_id: int) -> Job:
        """Return the job with its attempts.

        Raises:
            NotFound: there is no such job, or no longer.
        """
        row = await self._store.reader.fetch_one(STATEMENTS["job"], {"id": checked_id(job_id)})
        if row is None:
            raise no_such_job(job_id)
        attempts = await self._store.reader.fetch(STATEMENTS["attempts"], {"job_id": job_id})
        return to_job(row, tuple(to_attempt(attempt) for attempt in attempts))

    async def find(self, where: JobFilter, *, limit: int, cursor: str | None) -> Page[Job]:
        """Return up to *limit* jobs, newest first, without their attempts.

        Raises:
            BadRequest: *cursor* is nothing an earlier page gave.
        """
        aside = where.states is not None and where.states <= SET_ASIDE
        parameters = {
            "before": before_id(cursor),
            "limit": limit + 1,
            "states": None if where.states is None else encode(sorted(where.states)),
            "task": where.task,
            "queue": where.queue,
        }
        rows = await self._store.reader.fetch(STATEMENTS["find_set_aside" if aside else "find"], parameters)
        return page([(row["id"], to_job(row)) for row in rows], limit)

    async def counts(self) -> Mapping[str, Mapping[State, int]]:
        """Return how many jobs there are, by queue and state; every configured queue is there."""
        counts: dict[str, dict[State, int]] = {queue: {} for queue in self.queues}
        for row in await self._store.reader.fetch(STATEMENTS["counts"]):
            counts.setdefault(row["queue"], {})[State(row["state"])] = row["jobs"]
        return counts

    async def retry(self, job_id: int) -> Enqueued:
        """Put a failed job back to available, with fresh tries.

        The answer is the job, or `duplicate` and the unfinished job of the same unique key that covers it.

        Raises:
            NotFound: there is no such job.
            WrongState: it has not failed.
        """
        retrying = operator.Retrying(checked_id(job_id), to_us(self._clock.now()))
        return (await self._store.writer.write(self._retry, retrying)).answer

    async def retry_all(self, where: JobFilter) -> Mapping[int, Enqueued]:
        """Put all failed jobs of *where* back (its states are not looked at).

        Returns:
            For each failed job's id, newest first, what `retry` answers.
        """
        retrying = operator.RetryingAll(where, to_us(self._clock.now()))
        return {each.job_id: each.answer for each in await self._store.writer.write(self._retry_all, retrying)}

    async def forget(self, job_id: int) -> None:
        """Delete a failed job.

        Raises:
            NotFound: there is no such job.
            WrongState: it has not failed.
        """
        await self._store.writer.write(self._forget, checked_id(job_id))

    async def flush(self, where: JobFilter) -> int:
        """Delete all failed jobs of *where* (its states are not looked at); return how many."""
        return await self._store.writer.write(self._flush, where)

    async def cancel_waiting(self, job_id: int, *, ahead: bool) -> bool:
        """Cancel a job that has not started, one that was claimed *ahead* included; tell whether it was one.

        Raises:
            NotFound: there is no such job.
        """
        cancelling = Cancelling(checked_id(job_id), ahead, to_us(self._clock.now()))
        return await self._store.writer.write(self._cancel, cancelling) is not None

    def paused(self) -> frozenset[str]:
        """Return the queues from which nothing is claimed."""
        return self._paused

    async def pause(self, queue: str) -> None:
        """Claim no more from *queue*, over restarts too.

        Raises:
            UnknownQueue: the daemon has no such queue.
        """
        answered = self._store.writer.submit(self._pause, [Pausing(self._known(queue), paused=True)])
        self.attendant.pausing(queue)
        await answered

    async def resume(self, queue: str) -> None:
        """Go on with *queue*.

        Raises:
            UnknownQueue: the daemon has no such queue.
        """
        await self._store.writer.write(self._pause, Pausing(self._known(queue), paused=False))

    async def last_delivery(self, origin: str) -> datetime | None:
        """Return when the newest delivery from *origin*, such as `laravel`, came; None: not in the last 30 days."""
        between = {"first": f"{origin}:", "beyond": f"{origin};"}
        row = await self._store.reader.fetch_one(STATEMENTS["last_delivery"], between)
        return from_us(row["at"]) if row and row["at"] is not None else None

    async def pull_back(self, backoff: timedelta) -> None:
        """Make jobs due earlier that wait longer from now than they asked to wait; *backoff*: the longest one.

        That is how a clock that was ahead, and is put right, would leave them. What a person put off keeps its instant.
        """
        await self._store.writer.write(self._pull_back, PullingBack(to_us(self._clock.now()), backoff))

    async def recover(self) -> Recovered:
        """Make available what a process that is gone left running; read which queues are paused.

        A job found running at three start-ups in a row is failed as "took the daemon down".
        """
        self._paused = frozenset(row["queue"] for row in await self._store.reader.fetch(STATEMENTS["paused"]))
        found = await self._store.writer.write(self._recover, to_us(self._clock.now()))
        return Recovered([gone.job_id for gone in found.available], [gone.job_id for gone in found.failed])

    def _known(self, queue: str) -> str:
        if queue not in self.queues:
            known = ", ".join(self.queues)
            raise UnknownQueue(f'no queue "{queue}"{did_you_mean(queue, self.queues)}; there are: {known}')
        return queue

    def _after_enqueue(self, _: Sequence[Delivery], taken: Sequence[Taken | ParanadError]) -> None:
        self._tell_enqueued([stored for each in taken if isinstance(each, Taken) for stored in each.stored])

    def _tell_enqueued(self, stored: Sequence[tuple[NewJob, int]]) -> None:
        now = self._clock.now()
        self._events.tell(*(_enqueued_event(new, job_id, now) for new, job_id in stored))
        later = [new.due_at for new, _ in stored if new.due_at is not None and new.due_at > now]
        if later:
            self.attendant.expected(to_us(min(later)))
        self.attendant.arrived({new.queue for new, _ in stored if new.due_at is None or new.due_at <= now})

    def _after_retry(self, _: object, answers: Iterable[Retried | ParanadError]) -> None:
        back = [retried for retried in answers if isinstance(retried, Retried) and not retried.answer.duplicate]
        self._events.tell(*(JobRetried(job_id=each.answer.job_id, task=each.task, queue=each.queue) for each in back))
        self.attendant.arrived({each.queue for each in back})

    def _after_retry_all(self, _: object, answers: Sequence[Sequence[Retried] | ParanadError]) -> None:
        self._after_retry(_, [each for group in answers if not isinstance(group, ParanadError) for each in group])

    def _after_forget(self, _: object, answers: Sequence[operator.Gone | ParanadError]) -> None:
        self._events.tell(
            *(
                JobForgotten(job_id=gone.job_id, task=gone.task, queue=gone.queue)
                for gone in answers
                if isinstance(gone, operator.Gone)
            )
        )

    def _after_flush(self, _: object, answers: Sequence[int | ParanadError]) -> None:
        self._events.tell(*(QueueFlushed(deleted=answer) for answer in answers if isinstance(answer, int)))

    def _after_cancel(self, _: object, answers: Sequence[operator.Gone | ParanadError | None]) -> None:
        self._events.tell(
            *(
                JobCancelled(job_id=gone.job_id, task=gone.task, queue=gone.queue)
                for gone in answers
                if isinstance(gone, operator.Gone)
            )
        )

    def _after_pause(self, items: Sequence[Pausing], _: object) -> None:
        for item in items:
            before, self._paused = self._paused, operator.paused_after(self._paused, item)
            if before == self._paused:
                continue
            self._events.tell(QueuePaused(queue=item.queue) if item.paused else QueueResumed(queue=item.queue))
            if not item.paused:
                self.attendant.arrived({item.queue})

    def _after_pull_back(self, _: object, answers: Sequence[Sequence[int] | ParanadError]) -> None:
        due = [instant for instants in answers if not isinstance(instants, ParanadError) for instant in instants]
        if due:
            self._events.tell(QueuePulledBack(jobs=len(due)))
            self.attendant.expected(min(due))

    def _after_recover(self, _: object, answers: Sequence[operator.Found | ParanadError]) -> None:
        told: list[Event] = []
        for found in answers:
            if isinstance(found, operator.Found):
                told += [_recovered_event(JobRecovered, gone) for gone in found.available]
                told += [_recovered_event(JobTookDaemonDown, gone) for gone in found.failed]
        self._events.tell(*told)


def _enqueued_event(new: NewJob, job_id: int, now: datetime) -> JobEnqueued:
    due_at = None if new.due_at is None or new.due_at <= now else new.due_at.isoformat()
    return JobEnqueued(job_id=job_id, task=new.task, queue=new.queue, origin=new.origin, due_at=due_at)


def _recovered_event(event: type[JobRecovered | JobTookDaemonDown], gone: operator.Gone) -> Event:
    return event(job_id=gone.job_id, task=gone.task, queue=gone.queue, strikes=gone.strikes)
