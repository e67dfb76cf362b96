"""Claiming in order, the buffer, stopping."""

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from paranad.errors import StateFull
from paranad.events.event import Event, Events
from paranad.queue.attempt import Finish, to_completed_row
from paranad.queue.claims import MOST_BUFFERED, Buffer, DueQueues
from paranad.queue.model import AttemptOutcome, Completed, Outcome, State
from paranad.queue.queues import Queues
from paranad.queue.running import Running
from paranad.store.file import Store
from tests.support.clock import ManualClock
from tests.support.queue import SAFETY_S, Gate, Line, new_job
from tests.support.store import Statement, full_disk


async def states(line: Line, ids: Sequence[int]) -> list[State]:
    return [(await line.jobs.get(job_id)).state for job_id in ids]


async def test_queues_are_strict_then_due_then_id(line: Line, clock: ManualClock) -> None:
    line = Line(line.store, clock, line.events, count=1)
    low, default = await line.enqueue(new_job(queue="low"), new_job())
    (later,) = await line.enqueue(new_job(queue="high", delay=timedelta(seconds=5), clock=clock))
    await clock.advance(10)
    (high,) = await line.enqueue(new_job(queue="high"))
    async with line.working():
        await line.seen("job.completed", times=4)

    started = line.seen.order("job.started")
    assert [default, low] == [job_id for job_id in started if job_id in {default, low}]
    assert {later, high} == {job_id for job_id in started if job_id not in {default, low}}


async def test_enqueue_wakes_an_idle_worker_without_polling(line: Line, clock: ManualClock) -> None:
    async with line.working():
        (job_id,) = await line.enqueue(new_job())
        await line.seen("job.completed", job_id=job_id)

    assert 0.0 == clock.elapsed_s


async def test_later_job_starts_at_its_instant(line: Line, clock: ManualClock) -> None:
    async with line.working():
        await line.enqueue(new_job(delay=timedelta(minutes=3), clock=clock))
        (sooner,) = await line.enqueue(new_job(delay=timedelta(seconds=90), clock=clock))
        await clock.advance(89)
        assert [] == line.seen.named("job.started")
        await clock.advance(1)
        await line.seen("job.completed", job_id=sooner)
        await clock.advance(90)
        await line.seen("job.completed", times=2)


async def test_later_jobs_come_due_after_the_wall_clock_stepped(line: Line, clock: ManualClock) -> None:
    async with line.working():
        await line.enqueue(new_job(delay=timedelta(hours=5), clock=clock))
        clock.step(timedelta(hours=6))
        await clock.advance(60)
        await line.seen("job.completed")


async def test_buffer_holds_one_job_a_worker_while_durations_are_unknown(line: Line) -> None:
    gate = Gate()
    line.scripts["carts:expire"] = gate
    ids = await line.enqueue(*(new_job() for _ in range(10)))
    async with line.working():
        await line.seen("job.started", times=2)
        assert 2 == len(line.claims)
        assert [State.RUNNING] * 4 + [State.AVAILABLE] * 6 == await states(line, ids)


async def test_enqueueing_into_a_higher_queue_returns_jobs_that_wait_for_a_worker(line: Line) -> None:
    gate = Gate()
    line.scripts["carts:expire"] = gate
    ids = await line.enqueue(*(new_job() for _ in range(4)))
    async with line.working():
        await line.seen("job.started", times=2)
        (urgent,) = await line.enqueue(new_job("urgent", queue="high"))
        gate.free.set()
        await line.seen("job.completed", times=5)

    started = line.seen.order("job.started")
    assert started.index(urgent) < started.index(ids[2])
    assert [1] * 4 == [len((await line.jobs.get(job_id)).attempts) for job_id in ids]


async def test_tasks_that_are_never_buffered_are_claimed_only_for_free_workers(
    store: Store, clock: ManualClock
) -> None:
    line = Line(store, clock, Events(), unbuffered=frozenset({"courier"}))
    gate = Gate()
    line.scripts["courier"] = gate
    ids = await line.enqueue(*(new_job("courier") for _ in range(4)), new_job())
    async with line.working():
        await line.seen("job.started", times=2)
        assert 0 == len(line.claims)
        assert [State.RUNNING] * 2 + [State.AVAILABLE] * 3 == await states(line, ids)
        gate.free.set()
        await line.seen("job.completed", times=5)

    assert ids == line.seen.order("job.started")


async def test_drain_finishes_what_runs_and_undrain_goes_on(line: Line) -> None:
    gate = Gate()
    line.scripts["carts:expire"] = gate
    ids = await line.enqueue(*(new_job() for _ in range(4)))
    async with line.working():
        await line.seen("job.started", times=2)
        line.workers.drain()
        gate.free.set()
        await line.seen("job.completed", times=2)
        (accepted,) = await line.enqueue(new_job())
        assert [State.AVAILABLE] * 3 == await states(line, [*ids[2:], accepted])
        line.workers.undrain()
        await line.seen("job.completed", times=5)


async def test_job_handed_back_on_stop_keeps_its_tries(line: Line, clock: ManualClock) -> None:
    gate = Gate()
    line.scripts["carts:expire"] = gate
    (job_id,) = await line.enqueue(new_job())
    task = asyncio.create_task(line.workers.run())
    await gate.started.wait()

    stopping = asyncio.create_task(line.workers.stop(timedelta(seconds=10)))
    await asyncio.sleep(0)
    await clock.advance(9)
    assert not stopping.done()
    await clock.advance(1)

    assert 1 == await stopping
    await task
    job = await line.jobs.get(job_id)
    assert (State.AVAILABLE, 0) == (job.state, job.tries_spent)
    assert [(AttemptOutcome.HANDED_BACK, False)] == [(each.outcome, each.counted) for each in job.attempts]
    await line.seen("job.handed_back", job_id=job_id)


async def test_stop_lets_running_jobs_finish(line: Line) -> None:
    gate = Gate()
    line.scripts["carts:expire"] = gate
    ids = await line.enqueue(*(new_job() for _ in range(3)))
    task = asyncio.create_task(line.workers.run())
    await line.seen("job.started", times=2)

    stopping = asyncio.create_task(line.workers.stop())
    await asyncio.sleep(0)
    gate.free.set()

    assert 0 == await stopping
    await task
    assert [State.COMPLETED, State.COMPLETED, State.AVAILABLE] == await states(line, ids)


async def test_second_stop_is_at_once(line: Line) -> None:
    gate = Gate()
    line.scripts["carts:expire"] = gate
    await line.enqueue(new_job())
    task = asyncio.create_task(line.workers.run())
    await gate.started.wait()

    first = asyncio.create_task(line.workers.stop())
    await asyncio.sleep(0)

    assert [1, 1] == list(await asyncio.gather(line.workers.stop(), first))
    await task


async def test_shielded_attempt_ends_by_itself_whatever_stops(line: Line) -> None:
    gate = Gate()

    async def create(running: Running) -> Outcome:
        with running.shield():
            return await gate(running)

    line.scripts["carts:expire"] = create
    (job_id,) = await line.enqueue(new_job())
    task = asyncio.create_task(line.workers.run())
    await gate.started.wait()
    stopping = [asyncio.create_task(line.workers.stop(timedelta(0))) for _ in range(2)]
    await asyncio.sleep(0)
    gate.free.set()

    assert [0, 0] == list(await asyncio.gather(*stopping))
    await task
    assert [State.COMPLETED] == await states(line, [job_id])


async def test_cancelled_run_hands_back_at_once(line: Line) -> None:
    gate = Gate()
    line.scripts["carts:expire"] = gate
    ids = await line.enqueue(*(new_job() for _ in range(4)))
    task = asyncio.create_task(line.workers.run())
    await line.seen("job.started", times=2)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert [State.AVAILABLE] * 4 == await states(line, ids)


async def test_outcomes_are_held_while_the_disk_is_full(line: Line, store: Store, clock: ManualClock) -> None:
    gate = Gate()

    async def verbose(running: Running) -> Outcome:
        await gate(running)
        return Completed("x" * 50_000)

    line.scripts["carts:expire"] = verbose
    (job_id,) = await line.enqueue(new_job())
    async with line.working():
        await gate.started.wait()
        async with full_disk(store):
            gate.free.set()
            await line.seen("queue.store_failed")
            with pytest.raises(StateFull):
                await line.jobs.enqueue([new_job(args={"text": "x" * 50_000})])
            with pytest.raises(StateFull, match="cannot be cancelled until its end can be stored"):
                await line.workers.cancel(job_id)
        await clock.advance(1)
        await line.seen("job.completed", job_id=job_id)

    assert 1 == len(line.seen.named("queue.store_healed"))


TOO_LARGE = Statement("INSERT INTO named_values (name, value) VALUES ('test', hex(zeroblob(1000000)))")


async def test_a_buffered_job_runs_whose_cancel_the_disk_refused_when_its_caller_had_left(
    line: Line, store: Store, clock: ManualClock
) -> None:
    gate = Gate()
    line.scripts["carts:expire"] = gate
    ids = await line.enqueue(*(new_job() for _ in range(4)))
    async with line.working():
        await line.seen("job.started", times=2)
        async with full_disk(store):
            cancelling = asyncio.create_task(line.jobs.cancel_waiting(ids[2]))
            refused = store.writer.do(TOO_LARGE)  # in one commit
            await asyncio.sleep(0)
            cancelling.cancel()
            with pytest.raises(StateFull):
                await refused
            with pytest.raises(asyncio.CancelledError):
                await cancelling
        await line.enqueue(new_job())
        gate.free.set()
        await clock.advance(1)
        await line.seen("job.completed", times=5)

    assert [*ids, ids[-1] + 1] == line.seen.order("job.started"), "each in its place"


async def test_a_claimed_job_that_must_not_start_waits_while_the_disk_refuses_to_return_it(
    line: Line, store: Store, clock: ManualClock
) -> None:
    gate = Gate()
    line.scripts["carts:expire"] = gate
    ids = await line.enqueue(*(new_job() for _ in range(4)))
    async with line.working():
        await line.seen("job.started", times=2)
        async with full_disk(store):
            line.jobs.use_limits({"default": 2})
            line.jobs.use_limits({"default": 1})
            refused = store.writer.do(TOO_LARGE)
            with pytest.raises(StateFull):
                await refused
            assert [] == list(line.claims._buffer)
        await clock.advance(1)
        await line.enqueue(new_job(queue="low"))
        assert [State.AVAILABLE] * 2 == await states(line, ids[2:])
        gate.free.set()
        await clock.advance(1)
        await line.seen("job.completed", times=5)


async def test_outcome_that_the_database_refuses_fails_its_job_and_spares_others(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(finish: Finish) -> list[Any]:
        row = to_completed_row(finish)
        if finish.job.task == "guilty":
            row[3] = "lost"
        return row

    monkeypatch.setattr("paranad.queue.turn.to_completed_row", wrong)
    ids = await line.enqueue(new_job(), new_job("guilty"), new_job())
    async with line.working():
        await line.seen("job.completed", times=2)
        await line.seen("job.failed", job_id=ids[1])

    assert [State.COMPLETED, State.FAILED, State.COMPLETED] == await states(line, ids)
    assert "could not be stored: IntegrityError" in str((await line.jobs.get(ids[1])).error)


@pytest.mark.parametrize(
    ("durations_s", "target"), [([], 10), ([0.0], MOST_BUFFERED), ([0.001], 200), ([0.01], 20), ([5.0], 10)]
)
def test_buffer_holds_what_the_workers_finish_in_20_ms(durations_s: list[float], target: int) -> None:
    buffer = Buffer(Queues(["default"]), 10)
    for duration_s in durations_s:
        buffer.note_duration(duration_s)

    assert target == buffer.target()


async def test_lower_queue_goes_on_while_a_higher_one_trickles_and_workers_are_free(line: Line) -> None:
    async def trickle(running: Running) -> Outcome:
        if running.job.args["n"]:
            await line.enqueue(new_job("trickle", queue="high", args={"n": running.job.args["n"] - 1}))
        return Completed()

    line.scripts["trickle"] = trickle
    async with line.working():
        await line.enqueue(new_job("trickle", queue="high", args={"n": 20}), *(new_job() for _ in range(5)))
        await line.seen("job.completed", task="carts:expire", times=5)
        assert len(line.seen.named("job.completed", task="trickle")) < 20
        await line.seen("job.completed", task="trickle", times=21)


def test_queue_may_have_more_if_it_got_a_due_job_during_the_claim() -> None:
    due = DueQueues(["high", "default"])
    seen = due.seen()
    due.note(["default"])
    due.emptied(["high", "default"], seen)

    assert ["default"] == due.now() == due.since(seen)


async def test_states_and_their_times_are_the_databases_promise(store: Store) -> None:
    columns = "task, args, queue, origin, tries, timeout_us, due_at, created_at, enqueued_at, state, finished_at, error"
    wrong = [
        "'completed', NULL, NULL",
        "'available', 5, NULL",
        "'running', NULL, NULL",
        "'failed', 5, NULL",
        "'x', 5, ''",
    ]

    for values in wrong:
        row = f"'t', '{{}}', 'default', 'shop', 1, 1, 1, 1, 1, {values}"
        with pytest.raises(sqlite3.IntegrityError):
            await store.writer.do(Statement(f"INSERT INTO jobs ({columns}) VALUES ({row})"))


async def test_a_defect_in_a_listener_ends_the_workers_instead_of_hanging_them(line: Line, tmp_path: Path) -> None:
    def defect(events: Sequence[Event]) -> None:
        if any(event.name == "job.started" for event in events):
            raise ZeroDivisionError

    line.events.listen(defect)
    await line.enqueue(new_job())
    async with asyncio.timeout(SAFETY_S):
        with pytest.raises(ZeroDivisionError):
            await line.workers.run()
