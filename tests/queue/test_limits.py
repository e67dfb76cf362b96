"""`[queue] limits`: at most so many jobs of a queue at once, so that a flood in one does not starve another."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest

from paranad.events.event import Events
from paranad.queue.model import Completed, NewJob, Outcome, State
from paranad.queue.running import Running
from paranad.store.file import Store
from tests.queue.test_recovery import leave_running
from tests.support.clock import ManualClock
from tests.support.queue import Line, new_job


@dataclass
class Gates:
    """A task whose jobs each wait until a test ends them; counts how many of a queue ran at once."""

    under_way: dict[int, asyncio.Event] = field(default_factory=dict)
    now: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)

    async def __call__(self, running: Running) -> Outcome:
        job = running.job
        self.now[job.queue] += 1
        self.most[job.queue] = max(self.most[job.queue], self.now[job.queue])
        self.under_way[job.id] = asyncio.Event()
        await self.under_way[job.id].wait()
        self.now[job.queue] -= 1
        return Completed()

    def end(self, *job_ids: int) -> None:
        for job_id in job_ids:
            self.under_way[job_id].set()


@pytest.fixture
def gates() -> Gates:
    return Gates()


@pytest.fixture
async def line(store: Store, clock: ManualClock, events: Events, gates: Gates) -> Line:
    line = Line(store, clock, events, count=4, scripts={"carts:expire": gates})
    await line.jobs.recover()
    return line


def of(queue: str, count: int) -> list[NewJob]:
    return [new_job(queue=queue) for _ in range(count)]


async def running(line: Line, queue: str) -> int:
    return (await line.jobs.counts()).get(queue, {}).get(State.RUNNING, 0)


async def test_a_flood_in_one_queue_does_not_starve_another(line: Line, gates: Gates) -> None:
    line.jobs.use_limits({"high": 3})
    high, default = await line.enqueue(*of("high", 20)), await line.enqueue(*of("default", 2))
    async with line.working():
        await line.seen("job.started", times=4)
        assert [*high[:3], default[0]] == line.seen.order("job.started")
        assert (3, 1) == (await running(line, "high"), await running(line, "default")), (
            "and none of either is held back"
        )
        gates.end(default[0])
        await line.seen("job.started", job_id=default[1])
    assert 3 == gates.most["high"]


async def test_without_a_limit_the_order_is_strict(line: Line) -> None:
    await line.enqueue(*of("default", 2))
    high = await line.enqueue(*of("high", 20))
    async with line.working():
        await line.seen("job.started", times=4)
        assert high[:4] == line.seen.order("job.started")
        assert 0 == await running(line, "default")


async def test_below_its_limit_a_queue_goes_first_as_ever(line: Line, gates: Gates) -> None:
    """When a job of a queue at its limit ends, the next of that queue starts, and none of a lower one."""
    line.jobs.use_limits({"high": 2})
    high, default = await line.enqueue(*of("high", 5)), await line.enqueue(*of("default", 5))
    async with line.working():
        await line.seen("job.started", times=4)
        for ended, next_ in zip(high, high[2:], strict=False):
            gates.end(ended)
            await line.seen("job.started", job_id=next_)
    assert [*high[:2], *default[:2], *high[2:]] == line.seen.order("job.started")


async def test_quick_jobs_that_are_claimed_ahead_keep_the_limit_and_all_are_done(line: Line, gates: Gates) -> None:
    order, now, most = Random(12), Counter[str](), Counter[str]()

    async def quick(running: Running) -> Outcome:
        queue = running.job.queue
        now[queue] += 1
        most[queue] = max(most[queue], now[queue])
        for _ in range(order.randrange(4)):
            await asyncio.sleep(0)
        now[queue] -= 1
        return Completed()

    line.scripts["carts:expire"] = quick
    line.jobs.use_limits({"high": 2, "low": 1})
    async with line.working():
        for _ in range(10):
            await line.enqueue(*of("high", 8), *of("default", 5), *of("low", 7))
        await line.seen("job.completed", times=200)
    assert (2, 1) == (most["high"], most["low"])


async def test_a_limit_takes_hold_at_once_and_its_end_too(line: Line, gates: Gates) -> None:
    high = await line.enqueue(*of("high", 8))
    async with line.working():
        await line.seen("job.started", times=4)
        line.jobs.use_limits({"high": 1})
        gates.end(*high[:3])
        await line.seen("job.completed", times=3)
        assert 1 == await running(line, "high"), "what was claimed ahead is given back"
        (default,) = await line.enqueue(*of("default", 1))
        await line.seen("job.started", job_id=default)
        line.jobs.use_limits({})
        await line.seen("job.started", job_id=high[5])
    assert [*high[:4], default, *high[4:6]] == line.seen.order("job.started")


async def test_a_job_that_ran_when_a_daemon_died_counts_as_one_of_its_queue(line: Line, gates: Gates) -> None:
    line.jobs.use_limits({"high": 1})
    high = await line.enqueue(*of("high", 3))
    await leave_running(line, high[1])
    await line.jobs.recover()
    async with line.working():
        await line.seen("job.started", job_id=high[1])
        assert 1 == await running(line, "high")
        for each in (high[1], high[0], high[2]):
            await line.seen("job.started", job_id=each)
            gates.end(each)
        await line.seen("job.completed", times=3)
    assert 1 == gates.most["high"]
