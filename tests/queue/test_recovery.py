"""What a gone process left running: recovered, watched, failed at its third strike."""

import asyncio

from paranad.events.queue import JobRecovered, JobTookDaemonDown
from paranad.queue.model import AttemptOutcome, Completed, Outcome, State
from paranad.queue.running import Running
from tests.support.queue import Line, crash, new_job
from tests.support.store import Statement


async def leave_running(line: Line, job_id: int) -> None:
    """Leave a job as a daemon does that dies while it runs."""
    sql = "UPDATE jobs SET state = 'running', started_at = due_at, attempt = attempt + 1 WHERE id = :id"
    await line.store.writer.do(Statement(sql, {"id": job_id}))


async def test_recovery_makes_available_what_a_gone_process_left_running(line: Line) -> None:
    ids = await line.enqueue(new_job(), new_job())
    await leave_running(line, ids[0])

    recovered = await line.jobs.recover()

    job = await line.jobs.get(ids[0])
    assert (ids[:1], []) == ([job.job_id for job in recovered.available], recovered.failed)
    assert (State.AVAILABLE, 0) == (job.state, job.tries_spent)
    assert [(AttemptOutcome.RECOVERED, False)] == [(each.outcome, each.counted) for each in job.attempts]
    assert [JobRecovered(job_id=ids[0], task="carts:expire", queue="default", strikes=1)] == line.seen.told[2:]


async def test_what_starts_one_at_a_time_is_counted_unless_it_is_held_up(line: Line) -> None:
    ids = await line.enqueue(new_job(), new_job(), new_job())
    for each in ids[:2]:
        await leave_running(line, each)
    await line.jobs.recover()
    assert 2 == await line.jobs.waiting_alone()
    await line.jobs.pause("default")
    assert 0 == await line.jobs.waiting_alone()


async def test_nothing_is_running_after_a_stop_in_order(line: Line) -> None:
    await line.enqueue(*(new_job() for _ in range(30)))
    async with line.working():
        await line.seen("job.completed", times=5)

    assert [] == (await line.jobs.recover()).available


async def test_job_found_running_at_three_startups_took_the_daemon_down(line: Line) -> None:
    (job_id,) = await line.enqueue(new_job())
    for _ in range(3):
        await leave_running(line, job_id)
        recovered = await line.jobs.recover()

    job = await line.jobs.get(job_id)
    assert ([], [job_id]) == (recovered.available, [job.job_id for job in recovered.failed])
    assert State.FAILED == job.state
    assert str(job.error).startswith("took the daemon down")
    (told,) = line.seen.named("job.took_daemon_down")
    assert isinstance(told, JobTookDaemonDown)
    assert told.strikes == 3


async def test_strikes_end_with_an_attempt_that_ends(line: Line) -> None:
    (job_id,) = await line.enqueue(new_job(tries=5))
    line.scripts["carts:expire"] = crash
    for _ in range(2):
        await leave_running(line, job_id)
        await line.jobs.recover()
    async with line.working():
        await line.seen("job.attempt_failed")

    rows = await line.store.reader.fetch("SELECT strikes FROM jobs")
    assert [0] == [row["strikes"] for row in rows]


async def test_recovered_jobs_run_one_at_a_time(line: Line) -> None:
    ids = await line.enqueue(*(new_job("suspect") for _ in range(3)))
    for job_id in ids:
        await leave_running(line, job_id)
    await line.jobs.recover()
    together, most = 0, 0

    async def suspect(_: Running) -> Outcome:
        nonlocal together, most
        together += 1
        most = max(most, together)
        await asyncio.sleep(0)
        rows = await line.store.reader.fetch("SELECT id FROM jobs WHERE state = 'running' AND task = 'suspect'")
        together -= 1
        return Completed(len(rows))

    line.scripts["suspect"] = suspect
    async with line.working():
        await line.seen("job.completed", times=3)

    assert most == 1
    assert [1, 1, 1] == [(await line.jobs.get(job_id)).result for job_id in ids]
