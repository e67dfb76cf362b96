"""Jobs that a person put off: they keep their instant, and stand in nobody's way until then."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from paranad.queue.jobs import JobFilter
from paranad.queue.model import Enqueued, Job, Outcome, Snoozed, State
from paranad.queue.running import Running
from paranad.said import plain
from tests.support.clock import ManualClock
from tests.support.queue import SAFETY_S, Gate, Line, new_job
from tests.support.store import slow_disk

LATER = timedelta(hours=2)


async def states(line: Line) -> dict[int, State]:
    return {job.id: job.state for job in (await line.jobs.find(JobFilter(), limit=100, cursor=None)).items}


async def test_job_that_is_put_off_leaves_its_unique_key_free_until_it_is_due(line: Line, clock: ManualClock) -> None:
    (put_off,) = await line.enqueue(new_job(unique_key="k", delay=LATER, clock=clock))
    (now,) = await line.jobs.enqueue([new_job(unique_key="k")])

    assert not now.duplicate
    assert {put_off: State.SCHEDULED, now.job_id: State.AVAILABLE} == await states(line)
    shown: Job = await line.jobs.get(put_off)
    assert ("k", clock.now() + LATER) == (shown.unique_key, shown.due_at)


async def test_second_job_that_is_put_off_is_answered_with_the_first(line: Line, clock: ManualClock) -> None:
    (put_off,) = await line.enqueue(new_job(unique_key="k", delay=LATER, clock=clock))

    again = [new_job(unique_key="k", delay=2 * LATER, clock=clock), new_job(unique_key="k"), new_job(unique_key="k")]
    second, third, fourth = await line.jobs.enqueue(again)
    assert Enqueued(put_off, duplicate=True) == second
    assert (False, Enqueued(third.job_id, duplicate=True)) == (third.duplicate, fourth)


async def test_due_job_waits_while_another_holds_its_unique_key(line: Line, clock: ManualClock) -> None:
    line.scripts = {"slow": (gate := Gate())}
    (put_off,) = await line.enqueue(new_job("late", unique_key="k", delay=timedelta(seconds=30), clock=clock))
    (slow,) = await line.enqueue(new_job("slow", unique_key="k"))
    async with line.working():
        await line.seen("job.started", job_id=slow)
        await clock.advance(40)
        (other,) = await line.enqueue(new_job("other"))
        await line.seen("job.completed", job_id=other)
        assert [slow, other] == line.seen.order("job.started")
        gate.free.set()
        await line.seen("job.completed", job_id=slow)
        async with asyncio.timeout(SAFETY_S):
            while not line.seen.named("job.completed", job_id=put_off):
                await clock.advance(1)  # it may still be reading what was due before


async def test_job_that_is_due_holds_its_unique_key(line: Line, clock: ManualClock) -> None:
    (put_off,) = await line.enqueue(new_job(unique_key="k", delay=timedelta(seconds=30), clock=clock))
    await clock.advance(31)
    assert 0.0 == await line.claims.promoter.promote()

    assert [Enqueued(put_off, duplicate=True)] == await line.jobs.enqueue([new_job(unique_key="k")])


async def test_job_that_becomes_due_before_its_commit_starts_at_once(
    line: Line, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was stored as put off: the promoter must know of it, or it waits until the next look."""
    async with line.working():
        await line.enqueue(new_job("other"))
        await line.seen("job.completed", task="other")
        with slow_disk(line.store, monkeypatch) as free:
            enqueued = asyncio.create_task(line.enqueue(new_job("late", delay=timedelta(seconds=5), clock=clock)))
            await clock.advance(10)
            free.set()
            (job_id,) = await enqueued
        await line.seen("job.completed", job_id=job_id)


async def test_request_for_now_runs_a_put_off_job_that_keeps_its_key_and_only_once(
    line: Line, clock: ManualClock
) -> None:
    """A customer would get the invoice twice: now, and again when the put off job is due."""
    later = replace(new_job("mail", unique_key="k", delay=LATER, clock=clock), keeps_key=True)
    now = replace(new_job("mail", unique_key="k"), keeps_key=True)
    (put_off,) = await line.enqueue(later)
    assert [Enqueued(put_off, duplicate=True)] == await line.jobs.enqueue([later]), "one for later joins it as it is"

    async with line.working():
        answers = await line.jobs.enqueue([now])
        assert [Enqueued(put_off, duplicate=True, brought_forward=True)] == answers
        await line.seen("job.completed", job_id=put_off)
    assert {put_off: State.COMPLETED} == await states(line)
    assert [put_off] == line.seen.order("job.woken")


async def test_request_for_now_leaves_a_job_that_waits_for_its_next_try(line: Line, clock: ManualClock) -> None:
    async def away(_: Running) -> Outcome:
        return Snoozed(clock.now() + LATER, plain("its server is away"))

    line.scripts = {"mail": away}
    now = replace(new_job("mail", unique_key="k"), keeps_key=True)
    async with line.working():
        (snoozed,) = await line.enqueue(now)
        await line.seen("job.snoozed", job_id=snoozed)
    assert [Enqueued(snoozed, duplicate=True)] == await line.jobs.enqueue([now])
    assert clock.now() + LATER == (await line.jobs.get(snoozed)).due_at
