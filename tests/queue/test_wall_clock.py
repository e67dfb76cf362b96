"""Wall clocks are not trusted: an instant that one computed while it was ahead holds no job up once it is right."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paranad.events.queue import QueuePulledBack
from paranad.queue.model import LONGEST_SNOOZE, Job, Origin, Outcome, Snoozed, State
from paranad.queue.running import Running
from paranad.said import plain
from tests.support.clock import ManualClock
from tests.support.queue import Line, Script, crash, new_job

YEAR = timedelta(days=365)
MINUTE = timedelta(minutes=1)


def snoozing(clock: ManualClock, wait: timedelta) -> Script:
    async def snooze(_: Running) -> Outcome:
        return Snoozed(clock.now() + wait, plain("the shop's database cannot be reached"))

    return snooze


async def jobs_of_a_year_ahead(line: Line, clock: ManualClock) -> dict[str, int]:
    """Return jobs that were snoozed, retried, limited and put off while the clock was a year ahead."""
    for task, wait in {"snoozed": timedelta(minutes=5), "limited": timedelta(minutes=40), "absurd": YEAR}.items():
        line.scripts[task] = snoozing(clock, wait)
    line.scripts["retried"] = crash
    clock.step(YEAR)
    tasks = list(line.scripts)
    ids = dict(zip(tasks, await line.enqueue(*map(new_job, tasks)), strict=True))
    async with line.working():
        await line.seen("job.snoozed", times=3)
        await line.seen("job.attempt_failed")
    (ids["put off"],) = await line.enqueue(new_job("later", delay=timedelta(hours=2), clock=clock))
    clock.step(-YEAR)
    return ids


async def waits(line: Line, ids: dict[str, int], clock: ManualClock) -> dict[str, timedelta]:
    jobs: dict[str, Job] = {name: await line.jobs.get(job_id) for name, job_id in ids.items()}
    return {name: job.due_at - clock.now() for name, job in jobs.items()}


async def test_start_pulls_back_what_a_clock_put_too_far_ahead(line: Line, clock: ManualClock) -> None:
    ids = await jobs_of_a_year_ahead(line, clock)
    async with Line(line.store, line.clock, line.events).working():
        await line.seen("queue.pulled_back")
        found = await waits(line, ids, clock)

    assert [QueuePulledBack(jobs=4)] == line.seen.named("queue.pulled_back")
    retried = found.pop("retried")
    assert timedelta(seconds=4) <= retried <= timedelta(seconds=6), "the first backoff is 5 s, jittered"
    assert found == {
        "snoozed": timedelta(minutes=5),
        "limited": timedelta(minutes=40),
        "absurd": LONGEST_SNOOZE,
        "put off": YEAR + timedelta(hours=2),
    }


async def test_start_pulls_back_a_random_delay_that_a_clock_put_too_far_ahead(line: Line, clock: ManualClock) -> None:
    """It keeps its key: it would hold its entry up for a year."""
    clock.step(YEAR)
    delayed = replace(
        new_job("delayed"), origin=Origin.SCHEDULE, due_at=clock.now() + timedelta(hours=3), keeps_key=True
    )
    (job_id,) = await line.enqueue(delayed)
    clock.step(timedelta(hours=1) - YEAR)
    async with Line(line.store, line.clock, line.events).working():
        await line.seen("queue.pulled_back")
    assert {"delayed": timedelta(hours=3)} == await waits(line, {"delayed": job_id}, clock)


async def test_step_of_a_running_daemons_clock_does_so_within_a_minute(line: Line, clock: ManualClock) -> None:
    line.scripts["snoozed"] = snoozing(clock, timedelta(minutes=5))
    clock.step(YEAR)
    async with line.working():
        (job_id,) = await line.enqueue(new_job("snoozed"))
        await line.seen("job.snoozed")
        clock.step(-YEAR)
        await clock.advance(MINUTE)
        await line.seen("queue.pulled_back")
        job = await line.jobs.get(job_id)
        assert timedelta(minutes=5) == job.due_at - clock.now()
        for _ in range(6):
            await clock.advance(MINUTE)
        await line.seen("job.snoozed", times=2)


@pytest.mark.parametrize("step", [timedelta(0), -timedelta(seconds=59), timedelta(hours=3)])
async def test_clock_that_is_right_or_nearly_so_pulls_nothing_back(
    line: Line, clock: ManualClock, step: timedelta
) -> None:
    line.scripts["snoozed"] = snoozing(clock, timedelta(minutes=5))
    (job_id,) = await line.enqueue(new_job("snoozed"))
    async with line.working():
        await line.seen("job.snoozed")
    before = await line.jobs.get(job_id)
    clock.step(step)
    async with Line(line.store, line.clock, line.events).working():
        await line.enqueue(new_job("other"))
        await line.seen("job.completed")
    after = await line.jobs.get(job_id)
    assert [] == line.seen.named("queue.pulled_back")
    if after.state is State.SCHEDULED:
        assert before.due_at == after.due_at
