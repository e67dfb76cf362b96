"""Occurrences that wait for their entry's last job, that run beside it, or that are delayed: on the real queue."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paranad.events.event import Event
from paranad.events.schedule import ScheduleOccurrenceSkipped, ScheduleOccurrenceWaits
from paranad.queue.model import State
from paranad.schedule import ledger
from paranad.schedule.entries import CatchUp, Overlap
from tests.schedule.bench import HOUR, MINUTE, Bench, Start, entry
from tests.schedule.test_loop import outcomes, told_of
from tests.support.clock import START, ManualClock

QUEUE_ONE = entry(overlap=Overlap.QUEUE_ONE)
HOURLY = entry(cron="0 * * * *", catch_up=CatchUp.ALL)
ALLOW = entry(overlap=Overlap.ALLOW)


async def end_last(bench: Bench) -> None:
    """End the job of the newest run, and wait until the scheduler has heard of it."""
    bench.passed.clear()
    await bench.finish((await bench.history())[0].job_id)
    await bench.settled()


async def test_queue_one_lets_one_occurrence_wait_for_the_last_job(start: Start, told: list[Event]) -> None:
    async with start(QUEUE_ONE) as bench:
        for _ in range(3):
            await bench.advance(MINUTE)
        skipped, enqueued = await bench.history()
        last = enqueued.job_id
        assert str(skipped.reason) == f"overlap: job {last} is unfinished, and another occurrence waits for it"
        assert (await bench.view()).waiting == 1
        await end_last(bench)
        assert outcomes(await bench.history())[0] == ("12:02", "enqueued", f"waited until job {last} had ended")
        assert (await bench.view()).waiting == 0
    assert len(told_of(told, ScheduleOccurrenceSkipped)) == 1
    (waits,) = told_of(told, ScheduleOccurrenceWaits)
    assert waits == ScheduleOccurrenceWaits(
        entry="carts:expire", occurrence=(START + 2 * MINUTE).isoformat(), job_id=last or 0
    )


async def test_what_waits_survives_a_restart_and_runs_once(start: Start, clock: ManualClock) -> None:
    async with start(QUEUE_ONE) as bench:
        await bench.advance(MINUTE)
        await bench.advance(MINUTE)
        last = (await bench.history())[0].job_id
    async with start(QUEUE_ONE) as bench:
        assert (await bench.view()).waiting == 1
        await end_last(bench)
        await end_last(bench)
    async with start(QUEUE_ONE) as bench:
        assert outcomes(await bench.history()) == [
            ("12:02", "enqueued", f"waited until job {last} had ended"),
            ("12:01", "enqueued", None),
        ]


async def test_a_crash_between_a_job_and_its_place_in_the_line_stores_neither(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(QUEUE_ONE) as bench:
        await bench.advance(MINUTE)
        await bench.advance(MINUTE)
        with monkeypatch.context() as patched:
            patched.setitem(ledger.STATEMENTS, "leave_line", "DELETE FROM nowhere")
            await end_last(bench)
            assert ((await bench.view()).waiting, len(await bench.history())) == (1, 1)
            assert (await bench.jobs.counts())["default"].get(State.AVAILABLE, 0) == 0
        await bench.advance(timedelta(seconds=10))
        assert ((await bench.view()).waiting, len(await bench.history())) == (0, 2)


async def test_all_that_was_missed_runs_one_after_another_and_the_rest_is_told(
    start: Start, clock: ManualClock
) -> None:
    async with start(replace(HOURLY, catch_up_limit=2)) as bench:
        pass
    clock.step(4 * HOUR + timedelta(seconds=10))
    async with start(replace(HOURLY, catch_up_limit=2)) as bench:
        assert (await bench.view()).waiting == 2
        for _ in range(3):
            await end_last(bench)
        runs = await bench.history()
        jobs = [run.job_id for run in reversed(runs) if run.job_id]
        assert jobs == sorted(set(jobs))
    assert list(reversed(outcomes(runs))) == [
        ("13:00", "skipped", "not caught up: beyond catch_up_limit = 2"),
        ("14:00", "enqueued", "caught up"),
        ("15:00", "enqueued", "caught up"),
        ("16:00", "enqueued", f"waited until job {jobs[0]} had ended"),
    ]


async def test_all_beside_allow_enqueues_each_at_once(start: Start, clock: ManualClock) -> None:
    own = replace(HOURLY, overlap=Overlap.ALLOW)
    async with start(own):
        pass
    clock.step(3 * HOUR + timedelta(seconds=10))
    async with start(own) as bench:
        assert [reason for _, _, reason in outcomes(await bench.history())] == [None, "caught up", "caught up"]
        assert (await bench.jobs.counts())["default"] == {State.AVAILABLE: 3}


async def test_allow_enqueues_every_occurrence(start: Start) -> None:
    async with start(ALLOW) as bench:
        await bench.advance(MINUTE)
        await bench.advance(MINUTE)
        assert [(await bench.job(run)).unique_key for run in await bench.history()] == [None, None]
        assert not (await bench.scheduler.run_now("carts:expire")).duplicate


@pytest.mark.parametrize("change", ["disable", "another time", "take out"])
async def test_what_waits_is_given_up_with_its_entry_and_history_says_so(start: Start, change: str) -> None:
    changed = {
        "disable": [replace(QUEUE_ONE, enabled=False)],
        "another time": [entry(cron="0 1 * * *")],
        "take out": [],
    }
    async with start(QUEUE_ONE) as bench:
        await bench.advance(MINUTE)
        await bench.advance(MINUTE)
        bench.passed.clear()
        bench.scheduler.replace(changed[change])
        await bench.settled()
        bench.passed.clear()
        bench.scheduler.replace([QUEUE_ONE])
        await bench.settled()
        expected = ("12:02", "skipped", "given up while it waited: the entry was disabled, or is due at other times")
        assert outcomes(await bench.history())[0] == expected
        assert (await bench.view()).waiting == 0


async def test_another_rule_for_missed_ones_and_overlaps_keeps_the_mark_and_what_waits(start: Start) -> None:
    async with start(QUEUE_ONE) as bench:
        await bench.advance(MINUTE)
        await bench.advance(MINUTE)
        bench.clock.step(5 * MINUTE)
        bench.passed.clear()
        bench.scheduler.replace([entry(catch_up=CatchUp.ALL, catch_up_limit=3, jitter=timedelta(seconds=5))])
        await bench.settled()
        assert (await bench.view()).waiting == 5
        expected = ("12:03", "skipped", "not caught up: beyond catch_up_limit = 3")
        assert outcomes(await bench.history())[0] == expected


async def test_a_paused_entry_starts_nothing_of_what_waits(start: Start) -> None:
    async with start(QUEUE_ONE) as bench:
        await bench.advance(MINUTE)
        await bench.advance(MINUTE)
        await bench.scheduler.pause("carts:expire")
        await end_last(bench)
        assert ((await bench.view()).waiting, len(await bench.history())) == (1, 1)
        bench.passed.clear()
        await bench.scheduler.resume("carts:expire")
        await bench.settled()
        assert outcomes(await bench.history())[0][:2] == ("12:02", "enqueued")


async def test_what_waits_of_a_future_that_a_wrong_clock_made_is_forgotten(start: Start) -> None:
    async with start(QUEUE_ONE) as bench:
        await bench.advance(MINUTE)
        bench.clock.step(3 * HOUR)
        await bench.advance(MINUTE)
        assert (await bench.view()).waiting == 1
        bench.clock.step(-3 * HOUR)
        await bench.advance(MINUTE)
        assert (await bench.view()).waiting == 0


async def test_jitter_delays_the_job_and_history_says_by_how_much(start: Start) -> None:
    async with start(entry(cron="0 * * * *", jitter=10 * MINUTE)) as bench:
        await bench.advance(HOUR)
        (run,) = await bench.history()
        job = await bench.job(run)
        delay = job.due_at - run.occurrence
        assert (run.occurrence, job.state) == (START + HOUR, State.SCHEDULED)
        assert timedelta(0) < delay <= 10 * MINUTE
        assert (delay, str(run.reason)) == (timedelta(minutes=5, seconds=31), "delayed by 5m31s at random")
        assert (await bench.view()).next_at == START + 2 * HOUR
        assert (await bench.scheduler.run_now("carts:expire")).duplicate, "it keeps its key while it is delayed"
        await bench.advance(HOUR)
        assert (await bench.history())[0].reason == ledger.OVERLAP(id=job.id)


async def test_a_late_occurrence_is_delayed_only_as_far_as_it_would_have_been(start: Start, clock: ManualClock) -> None:
    hourly = entry(cron="0 * * * *", jitter=10 * MINUTE)
    async with start(hourly):
        pass
    clock.step(HOUR + 30 * MINUTE)
    async with start(hourly) as bench:
        assert outcomes(await bench.history()) == [("13:00", "enqueued", "caught up")]


async def test_a_delay_beside_another_reason_is_said_with_it(start: Start, clock: ManualClock) -> None:
    hourly = entry(cron="0 * * * *", jitter=10 * MINUTE)
    async with start(hourly):
        pass
    clock.step(2 * HOUR)
    async with start(hourly) as bench:
        assert outcomes(await bench.history()) == [
            ("14:00", "enqueued", "caught up for 1 earlier; delayed by 5m31s at random")
        ]
