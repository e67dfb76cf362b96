"""A daemon without its lease claims and starts nothing; one that gives it up comes to rest and may go on."""

import asyncio
from datetime import timedelta

import pytest

from paranad.events.event import Events
from paranad.queue.model import State
from paranad.store.file import Store
from tests.support.clock import ManualClock
from tests.support.queue import Gate, Line, new_job


@pytest.fixture
async def line(store: Store, clock: ManualClock, events: Events) -> Line:
    line = Line(store, clock, events)
    await line.jobs.recover()
    return line


async def test_nothing_is_claimed_until_it_is_permitted_again(line: Line) -> None:
    line.permitted = lambda: False
    (job_id,) = await line.enqueue(new_job())
    async with line.working():
        await asyncio.sleep(0)
        (second,) = await line.enqueue(new_job())
        line.claims.look()
        assert [State.AVAILABLE] * 2 == [(await line.jobs.get(each)).state for each in (job_id, second)]
        assert [] == line.seen.named("job.started")

        line.permitted = lambda: True
        line.claims.look()
        await line.seen("job.completed", times=2)


async def test_job_that_waits_for_a_worker_does_not_start_once_the_permission_is_gone(line: Line) -> None:
    """A process that was stopped goes on in any order: a worker may be free before the lease is seen to be gone."""
    gate = Gate()
    line.scripts["carts:expire"] = gate
    await line.enqueue(*(new_job() for _ in range(4)))
    async with line.working():
        await line.seen("job.started", times=2)
        await line.seen.until(lambda: len(line.claims) == 2)  # two wait for a worker
        line.permitted = lambda: False
        gate.free.set()
        await line.seen("job.completed", times=2)
        assert 2 == len(line.seen.named("job.started"))

        line.permitted = lambda: True
        line.claims.look()
        await line.seen("job.completed", times=4)


async def test_workers_come_to_rest_within_the_time_given_and_go_on_if_nobody_takes_over(
    line: Line, clock: ManualClock
) -> None:
    gate = Gate()
    line.scripts["carts:expire"] = gate
    (job_id,) = await line.enqueue(new_job())
    async with line.working():
        await gate.started.wait()
        resting = asyncio.create_task(line.workers.quiet(timedelta(seconds=10)))
        await asyncio.sleep(0)
        await clock.advance(9)
        assert not resting.done()
        await clock.advance(1)
        await resting
        assert [] == line.workers.running()
        job = await line.jobs.get(job_id)
        assert (State.AVAILABLE, 0) == (job.state, job.tries_spent)

        gate.free.set()
        line.workers.undrain()
        await line.seen("job.completed", job_id=job_id)
