"""What the operator may do: retry, cancel, forget, flush, pause, resume."""

import asyncio
from datetime import timedelta

import pytest

from paranad.errors import NotFound, RequestError, UnknownQueue, WrongState
from paranad.events.event import Events
from paranad.events.queue import JobCancelled
from paranad.queue.jobs import JobFilter
from paranad.queue.model import AttemptOutcome, Enqueued, NewJob, Outcome, Snoozed, State
from paranad.queue.running import Running
from paranad.said import plain
from tests.support.clock import ManualClock
from tests.support.queue import QUEUES, Gate, Line, crash, fail_for_good, new_job
from tests.support.store import Statement

BAD_IDS = [0, -1, 99, 2**63 - 1, 2**63, 10**40]


async def failed(line: Line, *new: NewJob) -> list[int]:
    """Enqueue jobs one after the other and let each fail; return their ids."""
    ids = []
    line.scripts |= dict.fromkeys({job.task for job in new}, fail_for_good)
    task = asyncio.create_task(line.workers.run())
    for job in new:
        ids += await line.enqueue(job)
        await line.seen("job.failed", job_id=ids[-1])
    await line.workers.stop(timedelta(0))
    await task
    return ids


async def test_retry_puts_a_failed_job_back_with_fresh_tries(line: Line, clock: ManualClock) -> None:
    (job_id,) = await failed(line, new_job())
    await clock.advance(timedelta(hours=1))

    assert Enqueued(job_id, duplicate=False) == await line.jobs.retry(job_id)

    job = await line.jobs.get(job_id)
    assert (State.AVAILABLE, 0, None, None) == (job.state, job.tries_spent, job.finished_at, job.error)
    assert clock.now() == job.enqueued_at == job.due_at
    assert (job.created_at, 1) == (clock.now() - timedelta(hours=1), len(job.attempts))
    assert [job_id] == line.seen.order("job.retried")


async def test_retry_of_what_has_not_failed_names_its_state(line: Line) -> None:
    (job_id,) = await line.enqueue(new_job())

    with pytest.raises(WrongState, match=f"job {job_id} is available, so it cannot be retried; only failed jobs can"):
        await line.jobs.retry(job_id)


async def test_retry_is_covered_by_an_unfinished_job_of_the_same_unique_key(line: Line) -> None:
    (old,) = await failed(line, new_job(unique_key="k"))
    (fresh,) = await line.enqueue(new_job(unique_key="k"))

    assert Enqueued(fresh, duplicate=True) == await line.jobs.retry(old)
    assert (await line.jobs.get(old)).state is State.FAILED


async def test_retry_all_with_several_failed_jobs_of_one_unique_key_puts_the_newest_back(line: Line) -> None:
    first, second, other = await failed(line, new_job(unique_key="k"), new_job(unique_key="k"), new_job())

    answers = await line.jobs.retry_all(JobFilter())

    expected = {other: Enqueued(other, False), second: Enqueued(second, False), first: Enqueued(second, True)}
    assert list(expected.items()) == list(answers.items())
    assert State.FAILED == (await line.jobs.get(first)).state


async def test_retry_all_keeps_to_its_filter(line: Line) -> None:
    one, two, three = await failed(line, new_job(), new_job("other"), new_job("other", queue="low"))

    assert {two: Enqueued(two, False)} == await line.jobs.retry_all(JobFilter(task="other", queue="default"))
    assert [State.FAILED] * 2 == [(await line.jobs.get(job_id)).state for job_id in (one, three)]


async def test_retried_job_runs_again(line: Line) -> None:
    (job_id,) = await failed(line, new_job())
    line.scripts.clear()
    line = Line(line.store, line.clock, line.events)
    async with line.working():
        await line.jobs.retry(job_id)
        await line.seen("job.completed", job_id=job_id, attempt=2)


async def test_forget_deletes_a_failed_job_only(line: Line) -> None:
    (job_id,) = await failed(line, new_job())
    (waiting,) = await line.enqueue(new_job())

    await line.jobs.forget(job_id)

    with pytest.raises(NotFound):
        await line.jobs.get(job_id)
    with pytest.raises(WrongState, match="is available, so it cannot be forgotten"):
        await line.jobs.forget(waiting)
    assert [] == await line.store.reader.fetch("SELECT * FROM attempts")


async def test_flush_deletes_all_failed_jobs_of_its_filter(line: Line) -> None:
    await failed(line, new_job(), new_job("other"), new_job("other"))

    assert 2 == await line.jobs.flush(JobFilter(task="other"))
    assert 1 == await line.jobs.flush(JobFilter())
    assert 0 == await line.jobs.flush(JobFilter())


@pytest.mark.parametrize("delay", [None, timedelta(hours=1)])
async def test_cancel_of_a_waiting_job_is_at_once(line: Line, clock: ManualClock, delay: timedelta | None) -> None:
    (job_id,) = await line.enqueue(new_job(delay=delay, clock=clock))

    job = await line.workers.cancel(job_id)

    assert (State.CANCELLED, clock.now(), ()) == (job.state, job.finished_at, job.attempts)
    assert [JobCancelled(job_id=job_id, task="carts:expire", queue="default")] == line.seen.named("job.cancelled")


async def test_cancel_of_a_running_job_cancels_its_task(line: Line) -> None:
    gate = Gate()
    line.scripts["carts:expire"] = gate
    (job_id,) = await line.enqueue(new_job())
    async with line.working():
        await gate.started.wait()
        job = await line.workers.cancel(job_id)

    assert (State.CANCELLED, 0) == (job.state, job.tries_spent)
    assert [(AttemptOutcome.CANCELLED, False)] == [(each.outcome, each.counted) for each in job.attempts]
    assert [1] == [event.attempt for event in line.seen.named("job.cancelled")]  # type: ignore[attr-defined]


async def test_cancel_while_a_create_order_request_is_under_way_is_refused(line: Line) -> None:
    gate = Gate()

    async def shielded(running: Running) -> Outcome:
        with running.shield():
            return await gate(running)

    line.scripts["carts:expire"] = shielded
    (job_id,) = await line.enqueue(new_job())
    async with line.working():
        await gate.started.wait()
        with pytest.raises(WrongState, match="a create-order request is under way; try again"):
            await line.workers.cancel(job_id)
        gate.free.set()
        await line.seen("job.completed", job_id=job_id)


async def test_cancel_of_a_claimed_job_that_waits_for_a_worker_is_at_once(line: Line) -> None:
    gate = Gate()
    line.scripts["carts:expire"] = gate
    ids = await line.enqueue(*(new_job() for _ in range(4)))
    async with line.working():
        await buffered(line, 2)
        job = await line.workers.cancel(ids[3])
        gate.free.set()
        await line.seen("job.completed", times=3)

    assert (State.CANCELLED, 0, None) == (job.state, job.attempt, job.started_at)


async def buffered(line: Line, count: int) -> None:
    await line.seen("job.started", times=line.count)
    assert len(line.claims) == count


async def test_cancel_of_a_finished_job_names_its_state(line: Line) -> None:
    (job_id,) = await line.enqueue(new_job())
    async with line.working():
        await line.seen("job.completed")
        with pytest.raises(WrongState, match=f"job {job_id} is completed, so it cannot be cancelled"):
            await line.workers.cancel(job_id)


async def test_cancel_that_comes_as_the_task_ends_leaves_one_outcome(line: Line) -> None:
    gate = Gate()
    line.scripts["carts:expire"] = gate
    (job_id,) = await line.enqueue(new_job())
    async with line.working():
        await gate.started.wait()
        gate.free.set()
        await asyncio.gather(line.workers.cancel(job_id), return_exceptions=True)

    job = await line.jobs.get(job_id)
    assert job.state in {State.CANCELLED, State.COMPLETED}
    assert 1 == len(job.attempts)


@pytest.mark.parametrize("job_id", BAD_IDS)
async def test_id_that_no_job_has_is_not_found(line: Line, job_id: int) -> None:
    for call in (line.jobs.get, line.jobs.retry, line.jobs.forget, line.workers.cancel):
        with pytest.raises(NotFound, match=f"job {job_id} does not exist"):
            await call(job_id)


async def test_pause_survives_a_restart_and_resume_ends_it(line: Line) -> None:
    await line.jobs.pause("default")
    again = Line(line.store, line.clock, line.events)
    await again.jobs.recover()

    assert {"default"} == set(again.jobs.queues.paused)
    (job_id,) = await again.enqueue(new_job())
    async with again.working():
        (other,) = await again.enqueue(new_job(queue="low"))
        await again.seen("job.completed", job_id=other)
        assert State.AVAILABLE == (await again.jobs.get(job_id)).state
        await again.jobs.resume("default")
        await again.seen("job.completed", job_id=job_id)
    assert {} == again.jobs.queues.paused


async def test_resume_ends_the_pause_of_a_queue_that_is_configured_no_longer(line: Line) -> None:
    await line.store.writer.do(Statement("INSERT INTO paused_queues (queue) VALUES ('gone')"))
    await line.jobs.recover()
    await line.jobs.resume("gone")

    assert {} == line.jobs.queues.paused
    with pytest.raises(UnknownQueue):
        await line.jobs.resume("gone")


async def test_pause_is_told_once(line: Line) -> None:
    await line.jobs.pause("high")
    await line.jobs.pause("high")
    await line.jobs.resume("high")
    await line.jobs.resume("high")

    assert ["queue.paused", "queue.resumed"] == [event.name for event in line.seen.told]


async def test_pausing_returns_jobs_that_wait_for_a_worker(line: Line) -> None:
    gate = Gate()
    line.scripts["carts:expire"] = gate
    ids = await line.enqueue(*(new_job() for _ in range(4)))
    async with line.working():
        await buffered(line, 2)
        await line.jobs.pause("default")
        jobs = [await line.jobs.get(job_id) for job_id in ids[2:]]

    assert [(State.AVAILABLE, 0, None)] * 2 == [(job.state, job.attempt, job.started_at) for job in jobs]


@pytest.mark.parametrize("call", ["pause", "resume"])
async def test_unknown_queue_is_refused_naming_the_known_ones(line: Line, call: str) -> None:
    with pytest.raises(UnknownQueue, match=r'unknown queue "defualt"; did you mean "default"\?'):
        await getattr(line.jobs, call)("defualt")


async def test_lists_are_newest_first_by_pages(line: Line) -> None:
    ids = await line.enqueue(*(new_job() for _ in range(5)))

    first = await line.jobs.find(JobFilter(), limit=3, cursor=None)
    second = await line.jobs.find(JobFilter(), limit=3, cursor=first.next_cursor)

    assert ids[::-1] == [job.id for job in (*first.items, *second.items)]
    assert second.next_cursor is None


async def test_lists_keep_to_their_filter(line: Line, clock: ManualClock) -> None:
    (failed_id,) = await failed(line, new_job("other"))
    (later,) = await line.enqueue(new_job("other", queue="low", delay=timedelta(hours=1), clock=clock))
    (now,) = await line.enqueue(new_job())

    async def found(**where: object) -> list[int]:
        page = await line.jobs.find(JobFilter(**where), limit=10, cursor=None)  # type: ignore[arg-type]
        return [job.id for job in page.items]

    assert [now, later, failed_id] == await found()
    assert [later, failed_id] == await found(task="other")
    assert [later] == await found(queue="low")
    assert [failed_id] == await found(states=frozenset({State.FAILED}))
    assert [later, failed_id] == await found(states=frozenset({State.FAILED, State.SCHEDULED}))
    assert [now, later] == await found(states=frozenset({State.AVAILABLE, State.SCHEDULED}))
    assert [] == await found(states=frozenset())
    assert [] == await found(states=frozenset({State.FAILED}), queue="low")


async def test_malformed_cursor_is_refused(line: Line) -> None:
    with pytest.raises(RequestError, match="cursor"):
        await line.jobs.find(JobFilter(), limit=3, cursor="yesterday")


async def test_counts_are_by_queue_and_state(line: Line, clock: ManualClock) -> None:
    await failed(line, new_job(queue="low"))
    await line.enqueue(new_job(), new_job(), new_job(delay=timedelta(hours=1), clock=clock))

    counts = await line.jobs.counts()

    assert list(QUEUES) == sorted(counts, key=QUEUES.index)
    assert {"high": {}, "default": {State.AVAILABLE: 2, State.SCHEDULED: 1}, "low": {State.FAILED: 1}} == counts


async def snoozed(line: Line, clock: ManualClock, *new: NewJob) -> list[int]:
    """Enqueue jobs and let each be snoozed for an hour; return their ids."""

    async def snoozes(_: Running) -> Outcome:
        return Snoozed(clock.now() + timedelta(hours=1), plain("the shop's database is locked"))

    line.scripts |= dict.fromkeys({job.task for job in new}, snoozes)
    async with line.working():
        ids = await line.enqueue(*new)
        await line.seen("job.snoozed", times=len(ids))
    line.scripts.clear()
    return ids


async def test_woken_jobs_run_at_once(line: Line, clock: ManualClock) -> None:
    first, second = await snoozed(line, clock, new_job(), new_job("other"))
    line = Line(line.store, clock, Events())

    woken = await line.jobs.wake([second, first, second])

    assert ([first, second], [None, None]) == (
        [job.job_id for job in woken.jobs],
        [woken.reason_of(each) for each in (first, second)],
    )
    assert [first, second] == line.seen.order("job.woken")
    async with line.working():
        await line.seen("job.completed", times=2)


async def test_wake_says_of_each_job_why_it_was_not_woken(line: Line, clock: ManualClock) -> None:
    (done,) = await failed(line, new_job())
    line = Line(line.store, clock, Events())
    (waits,) = await line.enqueue(new_job(delay=timedelta(hours=1), clock=clock))

    woken = await line.jobs.wake([done, waits, 4711, *BAD_IDS])

    assert [waits] == [job.job_id for job in woken.jobs]
    assert f"job {done} is failed, so it cannot be woken; only jobs that wait can" == str(woken.reason_of(done))
    assert all("does not exist" in str(woken.reason_of(each)) for each in [4711, *BAD_IDS])


async def test_wake_of_all_leaves_what_a_person_put_off(line: Line, clock: ManualClock) -> None:
    first, other = await snoozed(line, clock, new_job(), new_job("other"))
    line = Line(line.store, clock, Events())
    (put_off,) = await line.enqueue(new_job(delay=timedelta(hours=1), clock=clock))

    assert [other] == [job.job_id for job in (await line.jobs.wake(task="other")).jobs]
    assert [first] == [job.job_id for job in (await line.jobs.wake()).jobs]
    assert [] == list((await line.jobs.wake()).jobs)
    assert [put_off] == [job.job_id for job in (await line.jobs.wake([put_off])).jobs]


async def test_a_woken_job_that_was_put_off_waits_for_its_unique_key(line: Line, clock: ManualClock) -> None:
    (put_off,) = await line.enqueue(new_job(delay=timedelta(hours=1), clock=clock, unique_key="k"))
    gate = Gate()
    line.scripts["carts:expire"] = gate
    async with line.working():
        (holder,) = await line.enqueue(new_job(unique_key="k"))
        await line.seen("job.started", job_id=holder)
        await line.jobs.wake([put_off])
        assert State.SCHEDULED is (await line.jobs.get(put_off)).state
        gate.free.set()
        await line.seen("job.completed", job_id=holder)
        await clock.advance(timedelta(seconds=2))
        await line.seen("job.completed", job_id=put_off)


async def test_a_woken_retryable_job_keeps_its_tries(line: Line, clock: ManualClock) -> None:
    line.scripts["carts:expire"] = crash
    async with line.working():
        (job_id,) = await line.enqueue(new_job())
        await line.seen("job.attempt_failed", job_id=job_id)
        await line.jobs.wake([job_id])
        await line.seen("job.attempt_failed", job_id=job_id, attempt=2)
    assert 2 == (await line.jobs.get(job_id)).tries_spent
