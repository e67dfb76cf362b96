"""A paused task: none of its jobs starts, none is lost, the others go on, and the claim does not pay for it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest

from paranad.events.event import Event, Events
from paranad.events.queue import JobCompleted, JobStarted
from paranad.queue.jobs import JobFilter
from paranad.queue.model import Completed, Outcome, Snoozed, State
from paranad.queue.pause import Pause
from paranad.queue.running import Running
from paranad.said import plain
from paranad.store.file import Store
from tests.queue.test_acts import buffered
from tests.support.clock import ManualClock
from tests.support.queue import Gate, Line, crash, fail_for_good, new_job
from tests.support.store import Statement

TASK = "alwaseet:create-shipment"


async def again(line: Line) -> Line:
    """Return the line of a daemon that started after *line*'s was gone."""
    fresh = Line(line.store, line.clock, Events(), scripts=line.scripts)
    await fresh.jobs.recover()
    return fresh


async def test_no_job_of_it_starts_and_the_others_go_on(line: Line) -> None:
    paused, other = await line.enqueue(new_job(TASK), new_job())
    assert 1 == await line.jobs.pause_task(TASK)
    (later,) = await line.enqueue(new_job(TASK, queue="high"))
    async with line.working():
        await line.seen("job.completed", job_id=other)
        (last,) = await line.enqueue(new_job())
        await line.seen("job.completed", job_id=last)

    assert [other, last] == line.seen.order("job.started")
    assert [State.AVAILABLE] * 2 == [(await line.jobs.get(each)).state for each in (paused, later)]
    assert {TASK: {"default": 1, "high": 1}} == await line.jobs.due_of_paused_tasks()


async def test_its_jobs_start_in_their_old_order_once_it_is_resumed(line: Line, clock: ManualClock) -> None:
    await line.jobs.pause_task(TASK)
    first = await line.enqueue(new_job(TASK))
    await clock.advance(timedelta(seconds=1))
    second = await line.enqueue(new_job(TASK), new_job(TASK))
    one = Line(line.store, clock, Events(), count=1)
    await one.jobs.recover()
    async with one.working():
        await one.jobs.resume_task(TASK)
        await one.seen("job.completed", times=3)

    assert first + second == one.seen.order("job.started")
    assert {} == await one.jobs.due_of_paused_tasks()


async def test_pause_survives_a_restart(line: Line) -> None:
    (job_id,) = await line.enqueue(new_job(TASK))
    await line.jobs.pause_task(TASK)

    fresh = await again(line)

    assert {TASK: Pause()} == fresh.jobs.queues.paused_tasks
    (other,) = await fresh.enqueue(new_job())
    async with fresh.working():
        await fresh.seen("job.completed", job_id=other)
        await fresh.jobs.resume_task(TASK)
        await fresh.seen("job.completed", job_id=job_id)
    assert [other, job_id] == fresh.seen.order("job.started")


async def test_a_buffered_job_of_it_goes_back_in_the_same_commit(line: Line) -> None:
    gate = Gate()
    line.scripts = {"carts:expire": gate}
    async with line.working():
        _, _, *waiting = await line.enqueue(new_job(), new_job(), new_job(TASK), new_job(TASK))
        await buffered(line, 2)

        assert (2, 0) == (await line.jobs.pause_task(TASK), len(line.claims))

        states = [(job.state, job.attempt) for job in [await line.jobs.get(each) for each in waiting]]
        assert [(State.AVAILABLE, 0)] * 2 == states
        assert {TASK: {"default": 2}} == await line.jobs.due_of_paused_tasks()
        gate.free.set()
        await line.seen("job.completed", times=2)
    assert not set(waiting) & set(line.seen.order("job.started"))


async def test_a_job_that_is_claimed_in_the_commit_of_the_pause_goes_back_for_good(line: Line) -> None:
    async with line.working():
        await line.enqueue(new_job())
        await line.seen("job.completed")
        (job_id,), paused = await asyncio.gather(line.enqueue(new_job(TASK)), line.jobs.pause_task(TASK))
        assert 0 == paused
        while not line.claims.is_idle:
            line.claims.changed.clear()
            await line.claims.changed.wait()
        job, due = await line.jobs.get(job_id), await line.jobs.due_of_paused_tasks()
    assert (State.AVAILABLE, 0, {TASK: {"default": 1}}) == (job.state, job.attempt, due)
    assert job_id not in line.seen.order("job.started")


async def test_a_running_job_of_it_ends_and_what_comes_of_it_waits(line: Line, clock: ManualClock) -> None:
    gate = Gate()

    async def snoozes(running: Running) -> Outcome:
        await gate(running)
        return Snoozed(clock.now() + timedelta(seconds=5), plain("later"))

    line.scripts = {TASK: snoozes}
    async with line.working():
        (job_id,) = await line.enqueue(new_job(TASK))
        await line.seen("job.started", job_id=job_id)
        await line.jobs.pause_task(TASK)
        gate.free.set()
        await line.seen("job.snoozed", job_id=job_id)
        await clock.advance(timedelta(minutes=1))
        await line.claims.promoter.promote()
        (other,) = await line.enqueue(new_job())
        await line.seen("job.completed", job_id=other)
        assert [job_id, other] == line.seen.order("job.started")
        await line.jobs.resume_task(TASK)
        await line.seen("job.started", job_id=job_id, attempt=2)


async def test_a_job_that_is_handed_back_waits(line: Line) -> None:
    line.scripts = {TASK: Gate()}
    async with line.working():
        (job_id,) = await line.enqueue(new_job(TASK))
        await line.seen("job.started", job_id=job_id)
        await line.jobs.pause_task(TASK)
    fresh = await again(line)
    fresh.scripts = {}
    (other,) = await fresh.enqueue(new_job())
    async with fresh.working():
        await fresh.seen("job.completed", job_id=other)
    assert [other] == fresh.seen.order("job.started")


async def test_a_job_that_ran_when_the_daemon_died_waits_and_is_not_forgotten(line: Line) -> None:
    (job_id,) = await line.enqueue(new_job(TASK))
    await line.jobs.pause_task(TASK)
    await line.store.writer._connection.execute_fetchall(
        "UPDATE jobs SET state = 'running', set_apart = 0, started_at = 1, attempt = 1 WHERE id = ?", (job_id,)
    )
    await line.store.writer._connection.commit()
    fresh = await again(line)
    (other,) = await fresh.enqueue(new_job())
    async with fresh.working():
        await fresh.seen("job.completed", job_id=other)
        assert [other] == fresh.seen.order("job.started")
        await fresh.jobs.resume_task(TASK)
        await fresh.seen("job.completed", job_id=job_id)


@pytest.mark.parametrize("script", [fail_for_good, crash])
async def test_a_retried_job_waits(line: Line, script: object, clock: ManualClock) -> None:
    line.scripts = {TASK: script}  # type: ignore[dict-item]
    async with line.working():
        (job_id,) = await line.enqueue(new_job(TASK, tries=1))
        await line.seen("job.failed", job_id=job_id)
        await line.jobs.pause_task(TASK)
        await line.jobs.retry(job_id)
        (other,) = await line.enqueue(new_job())
        await line.seen("job.completed", job_id=other)
        assert [job_id, other] == line.seen.order("job.started")
        line.scripts = {}
        await line.jobs.resume_task(TASK)
        await line.seen("job.completed", job_id=job_id)


async def promote(line: Line, clock: ManualClock) -> None:
    await clock.advance(timedelta(hours=2))
    while await line.claims.promoter.promote() == 0.0:
        pass


async def test_a_job_that_becomes_due_while_it_is_paused_is_set_apart(line: Line, clock: ManualClock) -> None:
    await line.enqueue(new_job(TASK, delay=timedelta(hours=1), clock=clock))
    await line.jobs.pause_task(TASK)
    await promote(line, clock)
    assert {TASK: {"default": 1}} == await line.jobs.due_of_paused_tasks()


async def test_a_job_that_was_put_off_while_it_was_paused_runs_after_the_resume(line: Line, clock: ManualClock) -> None:
    await line.jobs.pause_task(TASK)
    (job_id,) = await line.enqueue(new_job(TASK, delay=timedelta(hours=1), clock=clock))
    await line.jobs.resume_task(TASK)
    await promote(line, clock)
    async with line.working():
        await line.seen("job.completed", job_id=job_id)


async def test_a_job_that_is_retried_handed_back_or_recovered_is_set_apart(line: Line) -> None:
    gate = Gate()
    line.scripts = {TASK: fail_for_good, "other": gate}
    async with line.working():
        failed, running = await line.enqueue(new_job(TASK), new_job("other"))
        await line.seen("job.failed", job_id=failed)
        await line.jobs.pause_task(TASK)
        await line.jobs.pause_task("other")
        await line.jobs.retry(failed)
        assert {TASK: {"default": 1}, "other": {}} == await line.jobs.due_of_paused_tasks()
        await line.seen("job.started", job_id=running)
    assert {TASK: {"default": 1}, "other": {"default": 1}} == await line.jobs.due_of_paused_tasks()
    await line.store.writer.do(
        Statement("UPDATE jobs SET state = 'running', set_apart = 0, started_at = 1, attempt = 9")
    )
    await line.jobs.recover()
    assert {TASK: {"default": 1}, "other": {"default": 1}} == await line.jobs.due_of_paused_tasks()


async def test_a_second_pause_and_a_second_resume_change_nothing(line: Line) -> None:
    await line.enqueue(new_job(TASK))
    assert [1, 1] == [await line.jobs.pause_task(TASK), await line.jobs.pause_task(TASK)]
    await asyncio.gather(line.jobs.resume_task(TASK), line.jobs.resume_task(TASK))
    assert ["queue.task_paused", "queue.task_resumed"] == [
        event.name for event in line.seen.told if event.name.startswith("queue.task")
    ]


async def test_a_cancelled_job_of_it_leaves_nothing_that_waits(line: Line) -> None:
    (job_id,) = await line.enqueue(new_job(TASK))
    await line.jobs.pause_task(TASK)
    await line.workers.cancel(job_id)
    assert {TASK: {}} == await line.jobs.due_of_paused_tasks()


async def test_a_claim_does_not_walk_over_the_jobs_of_a_paused_task(line: Line, store: Store) -> None:
    await line.enqueue(*(new_job(TASK) for _ in range(50)))
    await line.jobs.pause_task(TASK)
    await line.enqueue(*(new_job(TASK) for _ in range(50)))

    rows = await store.reader.fetch(
        "SELECT count(*) AS jobs FROM jobs INDEXED BY jobs_claimable"
        " WHERE state = 'available' AND strikes = 0 AND set_apart = 0"
    )
    assert [0] == [row["jobs"] for row in rows]


class Doing:
    """Does whatever comes to mind while workers run, and sees that no job of the paused task starts."""

    def __init__(self, store: Store, clock: ManualClock, seed: int) -> None:
        self.store, self.clock, self.random = store, clock, Random(seed)
        self.workers = self.random.choice((1, 3))
        self.paused = False
        self.wrong: list[int] = []
        self.started: list[int] = []
        self.enqueued: list[int] = []
        self.ended = 0
        self.line = self._line()

    def _line(self) -> Line:
        events = Events()
        events.listen(self._hear)
        return Line(self.store, self.clock, events, count=self.workers, scripts={TASK: self._work})

    async def _work(self, _: Running) -> Completed:
        for _turn in range(self.random.randint(0, 9)):  # turns end meanwhile, and begin
            await asyncio.sleep(0)
        return Completed()

    def _hear(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, JobStarted) and event.task == TASK:
                self.started += [event.job_id] if event.attempt == 1 else []
                self.wrong += [event.job_id] if self.paused else []
            self.ended += isinstance(event, JobCompleted)

    async def run(self, steps: int) -> None:
        while steps > 0:
            await self.line.jobs.recover()
            async with self.line.working():
                for _ in range(self.random.randint(1, steps)):
                    await self._step()
                    steps -= 1
                    for _ in range(self.random.randint(0, 3)):  # let a few turns of the loop pass
                        await asyncio.sleep(0)
            if self.paused:
                await self._all_set_apart()
            self.line = self._line()
        await self.line.jobs.recover()
        async with self.line.working():
            self.paused = False
            await self.line.jobs.resume_task(TASK)
            await self.line.seen.until(lambda: self.ended == len(self.enqueued))

    async def _all_set_apart(self) -> None:
        """See that no available job of the paused task is left where a claim would find it."""
        available = JobFilter(states=frozenset({State.AVAILABLE}), task=TASK)
        page = await self.line.jobs.find(available, limit=5000, cursor=None)
        due = await self.line.jobs.due_of_paused_tasks()
        assert len(page.items) == sum(due[TASK].values())

    async def _step(self) -> None:
        match self.random.choice(("enqueue", "enqueue", "enqueue", "pause", "resume", "pause while enqueueing")):
            case "enqueue":
                tasks = [
                    self.random.choice((TASK, TASK, "carts:expire")) for _ in range(self.random.choice((1, 5, 60)))
                ]
                self.enqueued += await self.line.enqueue(*map(new_job, tasks))
            case "pause":
                await self.line.jobs.pause_task(TASK)
                self.paused = True
            case "resume":
                self.paused = False
                await self.line.jobs.resume_task(TASK)
            case _:
                new = [new_job(TASK), new_job()]
                ids, _ = await asyncio.gather(self.line.enqueue(*new), self.line.jobs.pause_task(TASK))
                self.paused = True
                self.enqueued += ids


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_is_done_in_whatever_order_none_starts_and_none_is_lost(
    store: Store, clock: ManualClock, seed: int
) -> None:
    doing = Doing(store, clock, seed)

    await doing.run(60)

    assert [] == doing.wrong
    assert sorted(doing.started) == doing.started, "their order is kept"
    page = await doing.line.jobs.find(JobFilter(), limit=5000, cursor=None)
    assert {State.COMPLETED} == {job.state for job in page.items}
    assert sorted(doing.enqueued) == sorted(job.id for job in page.items)
