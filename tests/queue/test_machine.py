"""The queue against a tiny model: whatever is done in whatever order, both agree on every job."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from paranad.errors import WrongState
from paranad.events.event import Events
from paranad.queue.jobs import JobFilter
from paranad.queue.model import FINISHED, Completed, Failed, Outcome, Snoozed, State
from paranad.queue.running import Running
from paranad.said import plain
from paranad.store.file import open_store
from tests.support.clock import ManualClock
from tests.support.queue import QUEUES, SAFETY_S, Line, new_job

KEYS = st.sampled_from([None, None, "a", "b"])
TASKS = st.sampled_from(["task", "other"])
ENDS = st.sampled_from(["complete", "fail", "snooze", "crash"])
TRIES = 2


@dataclass
class Modelled:
    """What the model knows of a job."""

    task: str
    queue: str
    key: str | None
    state: State
    spent: int = 0
    attempts: int = 0
    enqueued: int = 0

    @property
    def put_off(self) -> bool:
        """Whether it waits for the instant it was enqueued for: then it stands in nobody's way."""
        return self.state is State.SCHEDULED and self.attempts == 0


class QueueMachine(RuleBasedStateMachine):
    """One worker whose tasks end as the rule says; jobs run one after the other until nothing is due."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.model: dict[int, Modelled] = {}
        self.paused: set[str] = set()
        self.paused_tasks: set[str] = set()
        self.ends: dict[int, str] = {}
        self.end = "complete"
        self.order: list[int] = []
        self.rising = 0
        self.loop.run(self._open())

    def run(self, work: Any) -> Any:
        async def bounded() -> Any:
            async with asyncio.timeout(SAFETY_S):
                return await work

        return self.loop.run(bounded())

    async def _open(self) -> None:
        self.stack = AsyncExitStack()
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.clock, events = ManualClock(), Events()
        opening = open_store(Path(folder), durability="normal", clock=self.clock, events=events)
        store = await self.stack.enter_async_context(opening)
        self.line = Line(store, self.clock, events, count=1)
        self.line.scripts = {"task": self._task, "other": self._task}
        await self.line.jobs.recover()

    def teardown(self) -> None:
        self.loop.run(self.stack.aclose())
        self.loop.close()

    async def _task(self, running: Running) -> Outcome:
        self.order.append(running.job.id)
        match self.end:
            case "complete":
                return Completed(1)
            case "fail":
                return Failed(plain("no"))
            case "snooze":
                return Snoozed(self.clock.now() + timedelta(hours=1), plain("later"))
        raise RuntimeError(self.end)

    def _holder(self, key: str | None, *, put_off: bool = False) -> int | None:
        holders = [
            job_id
            for job_id, job in self.model.items()
            if job.key == key and job.state not in FINISHED and job.put_off == put_off
        ]
        return holders[0] if key is not None and holders else None

    @rule(task=TASKS, queue=st.sampled_from(QUEUES), key=KEYS, later=st.booleans())
    def enqueue(self, task: str, queue: str, key: str | None, later: bool) -> None:
        delay = timedelta(hours=1) if later else None
        new = new_job(task, queue=queue, unique_key=key, tries=TRIES, delay=delay, clock=self.clock)
        (answer,) = self.run(self.line.jobs.enqueue([new]))
        holder = self._holder(key, put_off=later)
        assert (holder is not None) == answer.duplicate
        if holder is not None:
            assert holder == answer.job_id
            return
        assert answer.job_id not in self.model
        self.rising += 1
        state = State.SCHEDULED if later else State.AVAILABLE
        self.model[answer.job_id] = Modelled(task, queue, key, state, enqueued=self.rising)

    @rule(end=ENDS)
    def work_until_nothing_is_due(self, end: str) -> None:
        self.end, self.order = end, []
        due = [job_id for job_id, job in self.model.items() if self._may_start(job)]
        instants = {job_id: self.run(self.line.jobs.get(job_id)).due_at for job_id in due}
        self.run(self._work(len(due)))
        in_order = sorted(due, key=lambda each: (QUEUES.index(self.model[each].queue), instants[each], each))
        assert in_order == self.order
        for job_id in due:
            self._ended(self.model[job_id], end)

    def _may_start(self, job: Modelled) -> bool:
        free = job.queue not in self.paused and job.task not in self.paused_tasks
        return free and job.state is State.AVAILABLE

    async def _work(self, due: int) -> None:
        before = len(self.line.seen.told)
        line = Line(self.line.store, self.clock, Events(), count=1, scripts=self.line.scripts)
        line.jobs.queues.paused = self.line.jobs.queues.paused
        line.jobs.queues.paused_tasks = self.line.jobs.queues.paused_tasks
        # Only `time_passes` promotes: the model could not tell when the workers' own promoter looks, as for a due job
        # whose unique key has become free.
        line.claims.promoter.run = _never  # type: ignore[method-assign]
        async with line.working():
            await line.seen.until(lambda: sum(event.name in ENDED for event in line.seen.told) >= due)
        assert before == len(self.line.seen.told)

    def _ended(self, job: Modelled, end: str) -> None:
        job.attempts += 1
        if end == "crash":
            job.spent += 1
        job.state = {
            "complete": State.COMPLETED,
            "fail": State.FAILED,
            "snooze": State.SCHEDULED,
            "crash": State.RETRYABLE if job.spent < TRIES else State.FAILED,
        }[end]

    @rule()
    def time_passes(self) -> None:
        self.run(self.clock.advance(timedelta(hours=2)))
        self.run(self._promote())
        waiting = [job for job in self.model.values() if job.state in {State.SCHEDULED, State.RETRYABLE}]
        for job in sorted(waiting, key=lambda job: job.put_off):
            if not (job.put_off and self._holder(job.key) is not None):
                job.state = State.AVAILABLE

    async def _promote(self) -> None:
        while await self.line.claims.promoter.promote() == 0.0:
            pass

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.model)))
        job = self.model[job_id]
        try:
            self.run(self.line.workers.cancel(job_id))
        except WrongState:
            assert job.state in FINISHED
        else:
            assert job.state not in FINISHED
            job.state = State.CANCELLED

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.model)))
        job, holder = self.model[job_id], self._holder(self.model[job_id].key)
        try:
            answer = self.run(self.line.jobs.retry(job_id))
        except WrongState:
            assert job.state is not State.FAILED
            return
        assert job.state is State.FAILED
        assert (holder or job_id, holder is not None) == (answer.job_id, answer.duplicate)
        if holder is None:
            job.state, job.spent = State.AVAILABLE, 0

    @rule(queue=st.sampled_from(QUEUES))
    def pause(self, queue: str) -> None:
        self.run(self.line.jobs.pause(queue))
        self.paused.add(queue)

    @rule(queue=st.sampled_from(QUEUES))
    def resume(self, queue: str) -> None:
        self.run(self.line.jobs.resume(queue))
        self.paused.discard(queue)

    @rule(task=TASKS)
    def pause_task(self, task: str) -> None:
        waiting = self.run(self.line.jobs.pause_task(task))
        self.paused_tasks.add(task)
        assert sum(job.task == task and job.state is State.AVAILABLE for job in self.model.values()) == waiting

    @rule(task=TASKS)
    def resume_task(self, task: str) -> None:
        self.run(self.line.jobs.resume_task(task))
        self.paused_tasks.discard(task)

    @rule()
    def restart(self) -> None:
        """Begin again with what the file says: what is paused stays so."""
        self.line = Line(self.line.store, self.clock, Events(), count=1, scripts=self.line.scripts)
        self.run(self.line.jobs.recover())
        queues = self.line.jobs.queues
        assert (sorted(self.paused), sorted(self.paused_tasks)) == (sorted(queues.paused), sorted(queues.paused_tasks))

    @rule()
    def flush(self) -> None:
        deleted = self.run(self.line.jobs.flush(JobFilter()))
        failed = [job_id for job_id, job in self.model.items() if job.state is State.FAILED]
        assert len(failed) == deleted
        for job_id in failed:
            del self.model[job_id]

    @invariant()
    def both_agree_on_every_job(self) -> None:
        page = self.run(self.line.jobs.find(JobFilter(), limit=1000, cursor=None))
        stored = {job.id: (job.queue, job.state, job.tries_spent, job.attempt) for job in page.items}
        expected = {i: (job.queue, job.state, job.spent, job.attempts) for i, job in self.model.items()}
        assert expected == stored

    @invariant()
    def jobs_of_paused_tasks_are_set_apart_and_no_others(self) -> None:
        expected: dict[str, dict[str, int]] = {task: {} for task in self.paused_tasks}
        for job in self.model.values():
            if job.task in self.paused_tasks and job.state is State.AVAILABLE:
                expected[job.task][job.queue] = expected[job.task].get(job.queue, 0) + 1
        assert expected == self.run(self.line.jobs.due_of_paused_tasks())

    @invariant()
    def counts_are_those_of_the_jobs(self) -> None:
        counts: dict[str, dict[State, int]] = {queue: {} for queue in QUEUES}
        for job in self.model.values():
            counts[job.queue][job.state] = counts[job.queue].get(job.state, 0) + 1
        assert counts == self.run(self.line.jobs.counts())


async def _never() -> None:
    await asyncio.Event().wait()


ENDED = {"job.completed", "job.failed", "job.snoozed", "job.attempt_failed"}

QueueMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestQueueMachine = QueueMachine.TestCase
