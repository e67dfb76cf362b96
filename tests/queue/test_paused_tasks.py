"""A paused task: none of its jobs starts, none is lost, the others go on, and the claim does not pay for it."""

import asyncio
from datetime import timedelta

import pytest

from paranad.events.event import Events
from paranad.queue.model import Outcome, Snoozed, State
from paranad.queue.running import Running
from paranad.said import plain
from paranad.store.file import Store
from tests.queue.test_acts import buffered
from tests.support.clock import ManualClock
from tests.support.queue import Gate, Line, crash, fail_for_good, new_job

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

    assert frozenset({TASK}) == fresh.jobs.queues.paused_tasks
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
