"""The jobs as other rooms see them: enqueue, look, and the operator's acts."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

from paranad.clock import Clock, from_us, to_us
from paranad.errors import ParanadError
from paranad.events.event import Events
from paranad.events.queue import JobEnqueued, JobWoken
from paranad.numbers import LARGEST_ID
from paranad.queue.acts import (
    CancelTaken,
    CancelWaiting,
    Flush,
    Forget,
    JobFilter,
    Recover,
    Recovered,
    Retry,
    RetryAll,
    Wake,
    Woken,
)
from paranad.queue.attempt import TAKEN
from paranad.queue.claims import Claims
from paranad.queue.enqueue import Delivery, IdempotencyKey, Taken, delivery, take
from paranad.queue.model import Enqueued, Job, NewJob, State
from paranad.queue.pause import OPEN, Pause, pause_of
from paranad.queue.pausing import PauseAll, PauseQueue, PauseTask, ResumeAll, ResumeQueue, ResumeTask
from paranad.queue.rows import STATEMENTS, checked_id, encode, no_such_job, order_of, to_attempt, to_job
from paranad.said import Said
from paranad.store.file import Store
from paranad.store.reader import Page, before_id, page
from paranad.store.writer import Kind
from paranad.uninterrupted import to_its_end

__all__ = ["IdempotencyKey", "JobFilter", "Jobs", "Recovered", "Woken"]

OFF_THE_BUSY_PATH = frozenset({State.SCHEDULED, State.RETRYABLE, State.FAILED, State.CANCELLED})
"""States that an index of their own finds."""
FEW = 10_000
"""Up to so many unfinished jobs are found by the indexes of their states; the newest of more are soon found anyway."""
SCANNED = 20_000
"""Among how many jobs one answer looks for a text."""


class Jobs:
    """All jobs of queue.db. Call `recover` once before anything else."""

    def __init__(self, store: Store, clock: Clock, events: Events, claims: Claims) -> None:
        self.queues = claims.queues
        self._store = store
        self._clock = clock
        self._events = events
        self._claims = claims
        self._enqueue: Kind[Delivery, Taken] = Kind(take, self._after_enqueue, takes=True)

    async def enqueue(self, new: Sequence[NewJob], *, key: IdempotencyKey | None = None) -> list[Enqueued]:
        """Store *new*, all or none; return an answer for each, in order, once committed.

        Raises:
            KeyReused: *key* came with another body before.
            BadArguments: a job's arguments are nothing JSON can hold.
            StateFull: nothing was stored.
        """
        if not new:
            return []
        asked = delivery(new, self._clock.now(), key)
        # Without an await in between: the commit that stores these returns a lower queue's buffered jobs, and claims.
        answered = self._store.writer.submit(self._enqueue, [asked])
        self._claims.note_coming(asked.due_queues)
        return list((await answered)[0].answers)

    def enqueue_in(self, connection: sqlite3.Connection, new: Sequence[NewJob]) -> list[Enqueued]:
        """Store *new* within another room's transaction; call `enqueued` when that is committed."""
        (taken,) = take(connection, [delivery(new, self._clock.now())])
        if isinstance(taken, ParanadError):
            raise taken
        return list(taken.answers)

    def enqueued(self, new: Sequence[NewJob], answers: Sequence[Enqueued]) -> None:
        """Tell of *new*, which `enqueue_in` answered with *answers*, and wake the workers."""
        now = self._clock.now()
        stored = zip(new, answers, strict=True)
        due = self._tell_enqueued([(job, answer.job_id, now) for job, answer in stored if not answer.duplicate])
        self._claims.note_due(due)
        self._tell_brought_forward(new, answers)

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

        A text is looked for among `SCANNED` jobs at a time, so a page may have few items, or none, and yet a cursor.

        Raises:
            BadRequest: *cursor* is nothing an earlier page gave.
        """
        parameters = {
            "before": before_id(cursor),
            "limit": limit + 1,
            "states": None if where.states is None else encode(sorted(where.states)),
            "task": where.task,
            "queue": where.queue,
            "order": where.order_id,
            "text": where.text,
        }
        if where.text is not None and where.order_id is None:
            return await self._find_text(parameters, limit)
        meant = _meant(where, await self.counts())
        if not meant:
            return Page([], None)
        rows = await self._store.reader.fetch(STATEMENTS[_statement(where, meant)], parameters)
        return page([(row["id"], to_job(row)) for row in rows], limit)

    async def _find_text(self, parameters: Mapping[str, object], limit: int) -> Page[Job]:
        reader = self._store.aside  # so many rows take long: nothing that works waits behind them
        (bounds,) = await reader.fetch(STATEMENTS["scan_bounds"], {"before": parameters["before"], "scan": SCANNED})
        rows = await reader.fetch(STATEMENTS["find_text"], {**parameters, "lowest": bounds["lowest"]})
        found = page([(row["id"], to_job(row)) for row in rows], limit)
        if found.next_cursor is None and bounds["jobs"] == SCANNED:
            return Page(found.items, str(bounds["lowest"]))
        return found

    async def of_orders(self, order_ids: Sequence[int], task: str) -> Mapping[int, Sequence[Job]]:
        """Return by order the jobs of *task* about each of *order_ids*, oldest first, without their attempts."""
        parameters = {"orders": encode(list(order_ids)), "task": task}
        found: dict[int, list[Job]] = {}
        for row in await self._store.reader.fetch(STATEMENTS["find_of_orders"], parameters):
            job = to_job(row)
            if job.order_id is not None:  # the statement finds no other
                found.setdefault(job.order_id, []).append(job)
        return found

    async def counts(self) -> Mapping[str, Mapping[State, int]]:
        """Return how many jobs there are, by queue and state; every configured queue is there."""
        counts: dict[str, dict[State, int]] = {queue: {} for queue in self.queues.names}
        for row in await self._store.reader.fetch(STATEMENTS["counts"]):
            counts.setdefault(row["queue"], {})[State(row["state"])] = row["jobs"]
        return counts

    async def oldest_due(self) -> Mapping[str, datetime | None]:
        """Return since when the oldest available job of each configured queue is due; None: no job is available."""
        params = {"queues": encode(list(self.queues.names))}
        rows = await self._store.reader.fetch(STATEMENTS["oldest_due"], params)
        return {row["queue"]: None if row["due_at"] is None else from_us(row["due_at"]) for row in rows}

    async def waiting_alone(self) -> int:
        """Return how many due jobs ran when a daemon died and so start one at a time; those held up are left out."""
        open_ = [name for name in self.queues.names if not self.queues.is_paused(name)]
        row = await self._store.reader.fetch_one(STATEMENTS["waiting_alone"], {"queues": encode(open_)})
        return int(row["jobs"]) if row else 0

    async def retry(self, job_id: int) -> Enqueued:
        """Put a failed job back to available, with fresh tries.

        The answer is the job, or `duplicate` and the unfinished job of the same unique key that covers it.

        Raises:
            NotFound: there is no such job.
            WrongState: it has not failed.
        """
        retry = Retry(self._events, self._claims, checked_id(job_id), to_us(self._clock.now()))
        return (await self._store.writer.do(retry)).answer

    async def retry_all(self, where: JobFilter) -> Mapping[int, Enqueued]:
        """Put all failed jobs of *where* back (its states are not looked at).

        Returns:
            For each failed job's id, newest first, what `retry` answers.
        """
        retry_all = RetryAll(self._events, self._claims, where, to_us(self._clock.now()))
        return {each.job_id: each.answer for each in await self._store.writer.do(retry_all)}

    async def forget(self, job_id: int) -> None:
        """Delete a failed job.

        Raises:
            NotFound: there is no such job.
            WrongState: it has not failed.
        """
        await self._store.writer.do(Forget(self._events, checked_id(job_id)))

    async def flush(self, where: JobFilter) -> int:
        """Delete all failed jobs of *where* (its states are not looked at); return how many."""
        return await self._store.writer.do(Flush(self._events, where))

    async def cancel_waiting(self, job_id: int) -> bool:
        """Cancel a job that has not started; tell whether it was one.

        Raises:
            NotFound: there is no such job.
            StateFull: it waits still.
        """
        cancel = partial(CancelWaiting, self._events, checked_id(job_id), now_us=to_us(self._clock.now()))
        # Whole: a caller who left in between would leave the job withheld.
        cancelling = self._claims.cancel([job_id], lambda claimed: cancel(is_claimed=bool(claimed)))
        return await to_its_end(cancelling) is not None

    async def cancel_taken(self, job_ids: Collection[int], why: Said | None = None) -> None:
        """Cancel those of *job_ids* that have not started: others do the work; None: since they have the rows.

        Raises:
            StateFull: they wait still.
        """
        cancel = partial(CancelTaken, self._events, job_ids, said=why or TAKEN(), now_us=to_us(self._clock.now()))
        await to_its_end(self._claims.cancel(job_ids, lambda claimed: cancel(claimed=claimed)))

    async def pause(self, queue: str, pause: Pause = OPEN) -> None:
        """Pause *queue*: no job is claimed from it, also after a restart. A paused one gets the new *pause*.

        Raises:
            UnknownQueue: the daemon has no such queue.
        """
        # Without an await in between, so that both are one commit: a buffered job must not start after the pause.
        paused = self._store.writer.do(PauseQueue(self._events, self._claims, self.queues.known(queue), pause))
        self._claims.return_paused(queues={queue})
        await paused

    def use_limits(self, limits: Mapping[str, int]) -> None:
        """Let at most so many jobs of each queue run at once, from now on."""
        self._claims.use_limits(limits)

    async def resume(self, queue: str, *, by_itself: bool = False) -> None:
        """Claim from *queue* again.

        Raises:
            UnknownQueue: the daemon has no such queue, and none of that name is paused.
        """
        name = queue if queue in self.queues.paused else self.queues.known(queue)
        await self._store.writer.do(ResumeQueue(self._events, self._claims, name, by_itself))

    async def pause_task(self, task: str, pause: Pause = OPEN) -> int:
        """Pause *task*: no job of it starts, also after a restart. Return how many due jobs of it wait.

        What runs goes on, and new jobs are still stored. A paused one gets the new *pause*.
        """
        # Without an await in between, so that both are one commit: a buffered job must not start after the pause; it is
        # among those that wait.
        self._claims.return_paused(tasks={task})
        return await self._store.writer.do(PauseTask(self._events, self._claims, task, pause))

    async def resume_task(self, task: str, *, by_itself: bool = False) -> None:
        """Start jobs of *task* again, in their old order."""
        await self._store.writer.do(ResumeTask(self._events, self._claims, task, by_itself))

    async def pause_all(self, pause: Pause = OPEN) -> None:
        """Claim from no queue, also after a restart. If everything is paused already, it gets the new *pause*."""
        # Without an await in between, as in `pause`.
        paused = self._store.writer.do(PauseAll(self._events, self._claims, pause))
        self._claims.return_paused(queues=self.queues.names)
        await paused

    async def resume_all(self, *, by_itself: bool = False) -> None:
        """End the pause of everything; queues and tasks that are paused by name stay so."""
        await self._store.writer.do(ResumeAll(self._events, self._claims, by_itself))

    async def due_of_paused_tasks(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many due jobs of each paused task wait, by task and by queue."""
        due: dict[str, dict[str, int]] = {task: {} for task in sorted(self.queues.paused_tasks)}
        for row in await self._store.reader.fetch(STATEMENTS["due_set_apart"]):
            due.setdefault(row["task"], {})[row["queue"]] = row["jobs"]
        return due

    async def wake(self, ids: Sequence[int] | None = None, *, task: str | None = None) -> Woken:
        """Make waiting jobs due now: those of *ids*; without ids all that were snoozed or wait for another try.

        A job that a person put off is woken only by its id; *task* chooses among the others.
        """
        known = None if ids is None else [each for each in dict.fromkeys(ids) if 0 < each <= LARGEST_ID]
        return await self._store.writer.do(
            Wake(self._events, self._claims.promoter, known, task, to_us(self._clock.now()))
        )

    async def last_delivery(self, origin: str) -> datetime | None:
        """Return when the newest delivery from *origin*, such as `laravel`, came; None: not in the last 30 days."""
        between = {"first": f"{origin}:", "beyond": f"{origin};"}
        row = await self._store.reader.fetch_one(STATEMENTS["last_delivery"], between)
        return from_us(row["at"]) if row and row["at"] is not None else None

    async def delivered(self, origins: Sequence[str]) -> Collection[str]:
        """Return the sources of each of *origins*, such as `notice:5`, that came in the last 30 days."""
        between = {"between": encode([[f"{origin}:", f"{origin};"] for origin in origins])}
        rows = await self._store.reader.fetch(STATEMENTS["deliveries_between"], between)
        return {row["source"] for row in rows}

    async def recover(self) -> Recovered:
        """Make available the jobs that a dead process left running; read what is paused.

        A job found running at three start-ups in a row is failed as "took the daemon down".
        """
        reader, queues = self._store.reader, self.queues
        queues.paused = {row["name"]: pause_of(row) for row in await reader.fetch(STATEMENTS["paused"])}
        queues.paused_tasks = {row["name"]: pause_of(row) for row in await reader.fetch(STATEMENTS["paused_tasks"])}
        row = await reader.fetch_one(STATEMENTS["all_paused"])
        queues.all_paused = None if row is None else pause_of(row)
        return await self._store.writer.do(Recover(self._events, to_us(self._clock.now())))

    def _after_enqueue(self, asked: Sequence[Delivery], taken: Sequence[Taken | ParanadError]) -> None:
        stored: list[tuple[NewJob, int, datetime]] = []
        for each, answer in zip(asked, taken, strict=True):
            if isinstance(answer, Taken):
                self._tell_brought_forward(each.new, answer.answers)
                stored += [(new, job_id, each.now) for new, job_id in answer.stored]
        self._tell_enqueued(stored)

    def _tell_brought_forward(self, new: Sequence[NewJob], answers: Sequence[Enqueued]) -> None:
        """Tell of put off jobs that a request has made due now; the promoter makes them available, as after `wake`."""
        woken = [(job, answer.job_id) for job, answer in zip(new, answers, strict=True) if answer.brought_forward]
        if woken:
            self._events.tell(
                *(JobWoken(job_id=at, task=job.task, queue=job.queue, order_id=order_of(job.args)) for job, at in woken)
            )
            self._claims.promoter.expect(to_us(self._clock.now()))

    def _tell_enqueued(self, stored: Sequence[tuple[NewJob, int, datetime]]) -> Collection[str]:
        """Tell of new jobs, each with its id and the instant it was asked for; return the queues of due jobs."""
        told, due, later = [], set[str](), []
        for new, job_id, asked_at in stored:
            # By the same instant as the stored state: a job that has become due since is scheduled still.
            due_at = new.due_at if new.due_at is not None and new.due_at > asked_at else None
            told.append(_enqueued_event(new, job_id, due_at))
            if due_at is None:
                due.add(new.queue)
            else:
                later.append(due_at)
        self._events.tell(*told)
        if later:
            self._claims.promoter.expect(to_us(min(later)))
        return due


def _meant(where: JobFilter, counts: Mapping[str, Mapping[State, int]]) -> int:
    """Return how many jobs *where* can mean, by their queues and states alone."""
    queues = counts.values() if where.queue is None else [counts.get(where.queue, {})]
    return sum(jobs for by_state in queues for state, jobs in by_state.items() if _names(where, state))


def _names(where: JobFilter, state: State) -> bool:
    return where.states is None or state in where.states


def _statement(where: JobFilter, meant: int) -> str:
    """Return the name of the statement that finds *where*, *meant* jobs at most, by an index."""
    if where.order_id is not None:
        return "find_of_order"
    if where.states is not None and where.states <= OFF_THE_BUSY_PATH:
        return "find_set_aside"
    if meant <= FEW and not _names(where, State.COMPLETED):
        return "find_few"
    return "find" if where.task is None else "find_of_task"


def _enqueued_event(new: NewJob, job_id: int, due_at: datetime | None) -> JobEnqueued:
    return JobEnqueued(
        job_id=job_id,
        task=new.task,
        queue=new.queue,
        order_id=order_of(new.args),
        origin=new.origin,
        due_at=None if due_at is None else due_at.isoformat(),
    )
