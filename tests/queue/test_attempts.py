"""How attempts end, and what each way leaves behind."""

import asyncio
from datetime import datetime, timedelta

import pytest

from paranad.errors import ParanadError
from paranad.events.queue import JobAttemptFailed, JobCompleted, JobFailed, JobSnoozed
from paranad.queue.attempt import RESULT_BYTES, TRACEBACK_CHARACTERS
from paranad.queue.model import Attempt, AttemptOutcome, Completed, Failed, Job, Outcome, Snoozed, State
from paranad.queue.rows import encode
from paranad.queue.running import GIVEN_UP_AFTER_S, Running
from paranad.said import Said, Sentence, plain
from tests.support.clock import START, ManualClock
from tests.support.queue import SAFETY_S, Gate, Line, Script, crash, fail_for_good, new_job


async def ended(line: Line, script: Script, event: str, **job: object) -> Job:
    """Run one job with *script* until *event* is told; return it."""
    line.scripts["carts:expire"] = script
    (job_id,) = await line.enqueue(new_job(**job))  # type: ignore[arg-type]
    async with line.working():
        await line.seen(event, job_id=job_id)
    return await line.jobs.get(job_id)


def how(job: Job) -> list[tuple[AttemptOutcome, bool]]:
    return [(attempt.outcome, attempt.counted) for attempt in job.attempts]


async def test_completed_job_keeps_its_result_and_one_attempt(line: Line, clock: ManualClock) -> None:
    async def expire(_: Running) -> Outcome:
        await clock.advance(0.25)
        return Completed({"changed": 7, "skipped": {"count": 2, "items": ["a"]}, "word": "x", "failed": []})

    job = await ended(line, expire, "job.completed")

    finished_at = START + timedelta(milliseconds=250)
    assert (State.COMPLETED, 7, 0) == (job.state, job.result["changed"], job.tries_spent)
    assert (START, finished_at) == (job.started_at, job.finished_at)
    assert (Attempt(1, START, finished_at, AttemptOutcome.COMPLETED, False, None, None),) == job.attempts
    (told,) = line.seen.named("job.completed")
    assert isinstance(told, JobCompleted)
    assert (0, 250, {"changed": 7, "skipped": 2, "failed": 0}) == (told.wait_ms, told.duration_ms, told.result)


async def test_exception_spends_a_try_and_waits_for_its_backoff(line: Line, clock: ManualClock) -> None:
    job = await ended(line, crash, "job.attempt_failed")

    assert (State.RETRYABLE, 1, "RuntimeError: no such cart") == (job.state, job.tries_spent, str(job.error))
    assert [(AttemptOutcome.FAILED, True)] == how(job)
    assert timedelta(seconds=4) <= job.due_at - clock.now() <= timedelta(seconds=6)
    assert job.attempts[0].traceback is not None
    assert "no such cart" in job.attempts[0].traceback
    (told,) = line.seen.named("job.attempt_failed")
    assert isinstance(told, JobAttemptFailed)
    assert (job.due_at.isoformat(), False) == (told.retry_at, told.timed_out)


async def test_failure_of_a_program_leaves_what_it_said_and_no_traceback(line: Line) -> None:
    class ProgramFailed(ParanadError):
        has_traceback = False

    async def run(_: Running) -> Outcome:
        error = ProgramFailed(plain("backup: ended with exit status 3"))
        error.add_note("Output:\nno space left\n")
        raise error

    job = await ended(line, run, "job.attempt_failed")

    assert "backup: ended with exit status 3" == str(job.error)
    assert ["Output:\nno space left\n"] == [attempt.traceback for attempt in job.attempts]


async def test_no_secret_is_kept_of_a_program_that_failed(line: Line) -> None:
    class ProgramFailed(ParanadError):
        has_traceback = False

    async def run(_: Running) -> Outcome:
        why = Sentence("test.ended", "ended: {line}")(line="login with password=hunter3")
        error = ProgramFailed(Sentence("test.failed", "backup: {reason}")(reason=why))
        error.add_note(f"Output:\n{'x' * TRACEBACK_CHARACTERS}\nlogin with password=hunter3\n")
        raise error

    job = await ended(line, run, "job.attempt_failed")

    (attempt,) = job.attempts
    assert job.error
    assert "backup: ended: login with password=(hidden)" == str(job.error) == str(attempt.error)
    assert "hunter3" not in str(job.error.document())
    assert attempt.traceback
    assert attempt.traceback.endswith("\nlogin with password=(hidden)\n")
    assert "hunter3" not in str(line.seen.named("job.attempt_failed"))


async def test_no_secret_is_kept_of_a_result(line: Line) -> None:
    async def run(_: Running) -> Outcome:
        return Completed({"command": ["/x", "--token=hunter3"], "output": 'a "b"\npassword=hunter3\nc', "n": 2})

    job = await ended(line, run, "job.completed")
    kept = {"command": ["/x", "--token=(hidden)"], "output": 'a "b"\npassword=(hidden)\nc', "n": 2}
    assert kept == job.result


async def test_job_fails_when_its_tries_are_spent(line: Line, clock: ManualClock) -> None:
    line.scripts["carts:expire"] = crash
    (job_id,) = await line.enqueue(new_job(tries=3))
    async with line.working():
        for times in (1, 2):
            await line.seen("job.attempt_failed", times=times)
            await clock.advance(timedelta(minutes=1))
        await line.seen("job.failed", job_id=job_id)

    job = await line.jobs.get(job_id)
    assert (State.FAILED, 3, [1, 2, 3]) == (job.state, job.tries_spent, [each.number for each in job.attempts])


async def test_bad_data_fails_at_once(line: Line) -> None:
    job = await ended(line, fail_for_good, "job.failed")

    assert (State.FAILED, 0, "nothing to ship") == (job.state, job.tries_spent, str(job.error))
    assert [(AttemptOutcome.FAILED, False)] == how(job)
    (told,) = line.seen.named("job.failed")
    assert isinstance(told, JobFailed)


async def test_snoozing_spends_no_try_and_runs_again_at_its_instant(line: Line, clock: ManualClock) -> None:
    async def snooze_once(running: Running) -> Outcome:
        if running.job.snoozes == 0:
            return Snoozed(clock.now() + timedelta(minutes=5), plain("the courier's limit"))
        return Completed()

    line.scripts["carts:expire"] = snooze_once
    (job_id,) = await line.enqueue(new_job())
    async with line.working():
        told = await line.seen("job.snoozed")
        waiting = await line.jobs.get(job_id)
        await clock.advance(timedelta(minutes=4, seconds=59))
        assert [] == line.seen.named("job.completed")
        await clock.advance(timedelta(seconds=1))
        await line.seen("job.completed")

    job = await line.jobs.get(job_id)
    assert (State.SCHEDULED, 1, 0, "the courier's limit") == (
        waiting.state,
        waiting.snoozes,
        waiting.tries_spent,
        str(waiting.error),
    )
    assert isinstance(told, JobSnoozed)
    assert [(AttemptOutcome.SNOOZED, False), (AttemptOutcome.COMPLETED, False)] == how(job)
    assert job.enqueued_at == job.created_at


async def test_timeout_cancels_the_task_is_recorded_and_spends_a_try(line: Line, clock: ManualClock) -> None:
    gate = Gate()
    line.scripts["carts:expire"] = gate
    (job_id,) = await line.enqueue(new_job(timeout_s=90))
    async with line.working():
        await gate.started.wait()
        await clock.advance(89)
        assert [] == line.seen.named("job.attempt_failed")
        await clock.advance(1)
        await line.seen("job.attempt_failed", timed_out=True)

    job = await line.jobs.get(job_id)
    assert (State.RETRYABLE, 1, "timed out: it ran longer than 90 s") == (job.state, job.tries_spent, str(job.error))
    assert [(AttemptOutcome.TIMED_OUT, True)] == how(job)


@pytest.mark.parametrize("outcome", [AttemptOutcome.TIMED_OUT, AttemptOutcome.CANCELLED, AttemptOutcome.HANDED_BACK])
async def test_interrupted_attempt_keeps_what_its_cancellation_carries_without_secrets(
    line: Line, clock: ManualClock, outcome: AttemptOutcome
) -> None:
    gate = Gate()

    async def program(running: Running) -> Outcome:
        try:
            return await gate(running)
        except asyncio.CancelledError as cancelled:
            cancelled.add_note("half of the output, token=abcdefgh")
            raise

    line.scripts["carts:expire"] = program
    (job_id,) = await line.enqueue(new_job(timeout_s=90, tries=1))
    async with line.working():
        await gate.started.wait()
        if outcome is AttemptOutcome.TIMED_OUT:
            await clock.advance(90)
            await line.seen("job.failed")
        elif outcome is AttemptOutcome.CANCELLED:
            await line.workers.cancel(job_id)

    (attempt,) = (await line.jobs.get(job_id)).attempts
    assert (outcome, "half of the output, token=(hidden)") == (attempt.outcome, attempt.traceback)


async def test_timeout_waits_for_the_end_of_a_shield(line: Line, clock: ManualClock) -> None:
    gate = Gate()

    async def shielded(running: Running) -> Outcome:
        with running.shield():
            await gate(running)
        await asyncio.Event().wait()
        return Completed()

    line.scripts["carts:expire"] = shielded
    await line.enqueue(new_job(timeout_s=90))
    async with line.working():
        await gate.started.wait()
        await clock.advance(100)
        assert [] == line.seen.named("job.attempt_failed")
        gate.free.set()
        await line.seen("job.attempt_failed", timed_out=True)


async def test_answer_given_as_the_shield_ends_stands_though_the_timeout_has_passed(
    line: Line, clock: ManualClock
) -> None:
    gate = Gate()

    async def shielded(running: Running) -> Outcome:
        with running.shield():
            return await gate(running)

    line.scripts["carts:expire"] = shielded
    await line.enqueue(new_job(timeout_s=90), new_job("other"))
    async with line.working():
        await gate.started.wait()
        await clock.advance(100)
        gate.free.set()
        await line.seen("job.completed", task="carts:expire")


async def test_task_that_swallows_its_timeout_is_recorded_as_timed_out(line: Line, clock: ManualClock) -> None:
    gate = Gate()

    async def stubborn(running: Running) -> Outcome:
        try:
            return await gate(running)
        except asyncio.CancelledError:
            return Completed("as if nothing had been")

    line.scripts["carts:expire"] = stubborn
    await line.enqueue(new_job(timeout_s=90))
    async with line.working():
        await gate.started.wait()
        await clock.advance(90)
        await line.seen("job.attempt_failed", timed_out=True)


async def test_task_that_never_ends_does_not_keep_its_worker(line: Line, clock: ManualClock) -> None:
    gate, free = Gate(), asyncio.Event()

    async def deaf(running: Running) -> Outcome:
        gate.started.set()
        while not free.is_set():
            try:
                await free.wait()
            except asyncio.CancelledError:
                continue
        return Completed()

    line.scripts["deaf"] = deaf
    await line.enqueue(*(new_job("deaf", timeout_s=90, tries=1) for _ in range(line.count)))
    async with line.working():
        await gate.started.wait()
        await clock.advance(90)
        for _ in range(int(GIVEN_UP_AFTER_S) + 2):
            await clock.advance(1)
        await line.seen("job.failed", times=line.count, timed_out=True)
        await line.enqueue(new_job())
        await line.seen("job.completed", task="carts:expire")
        free.set()


async def cancel_itself(_: Running) -> Outcome:
    raise asyncio.CancelledError


async def exit_program(_: Running) -> Outcome:
    raise SystemExit(3)


@pytest.mark.parametrize(
    ("script", "error"), [(cancel_itself, "the task cancelled itself"), (exit_program, "SystemExit: 3")]
)
async def test_cancellation_or_exit_of_the_tasks_own_counts_as_an_exception(
    line: Line, script: Script, error: str
) -> None:
    job = await ended(line, script, "job.attempt_failed")

    assert (State.RETRYABLE, 1, error) == (job.state, job.tries_spent, str(job.error))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Completed(object()), "carts:expire answered what cannot be stored: "),
        (Completed(2**70), "carts:expire answered what cannot be stored: "),
        (Snoozed(datetime(2026, 1, 1), plain("naive")), "carts:expire answered what cannot be stored: "),  # noqa: DTZ001
        (None, "carts:expire: expected an outcome as its answer, got NoneType"),
        (Failed(plain("a\nb \0 \udcff " + "x" * 1000)), "a b"),
        (Failed(plain("")), "no reason given"),
    ],
)
async def test_answer_that_cannot_be_stored_fails_the_job_not_the_worker(
    line: Line, answer: Outcome, error: str
) -> None:
    async def wrong(_: Running) -> Outcome:
        return answer

    job = await ended(line, wrong, "job.failed")

    assert job.error is not None
    assert job.error.text.startswith(error)
    assert len(job.error.text) <= 500


async def test_error_keeps_its_code_and_values_cleaned_like_its_text(line: Line) -> None:
    closed = Sentence("test.closed", "{place}\n is closed")
    refused = Sentence("test.refused", "refused: {reason}")

    async def fail(_: Running) -> Outcome:
        return Failed(refused(reason=closed(place="the\0 shop " + "x" * 1000)))

    job = await ended(line, fail, "job.failed")

    reason = job.error and job.error.values["reason"]
    assert isinstance(reason, Said)
    assert "test.closed" == reason.code
    assert (500, 500) == (len(reason.text), len(str(reason.values["place"])))
    assert str(reason.values["place"]).startswith("the shop x")
    assert job.error == job.attempts[0].error


async def test_error_and_traceback_are_bounded(line: Line) -> None:
    async def verbose(_: Running) -> Outcome:
        raise RuntimeError("x" * 100_000)

    job = await ended(line, verbose, "job.attempt_failed")

    assert 500 == len(str(job.error))
    assert TRACEBACK_CHARACTERS == len(job.attempts[0].traceback or "")


async def test_result_beyond_its_bound_keeps_its_answer_and_the_end_of_its_output(line: Line) -> None:
    async def verbose(_: Running) -> Outcome:
        return Completed({"answer": {"sent": 12}, "command": ["/bin/x"], "output": "\x01" * RESULT_BYTES + "end"})

    job = await ended(line, verbose, "job.completed")

    output = job.result.pop("output")
    assert {"answer": {"sent": 12}, "command": ["/bin/x"], "shortened": True} == job.result
    assert output.startswith("…\x01")
    assert output.endswith("\x01end")
    assert RESULT_BYTES * 3 / 4 < len(encode(output)) <= RESULT_BYTES


async def test_result_beyond_its_bound_without_a_long_text_is_shortened_to_its_numbers(line: Line) -> None:
    async def verbose(_: Running) -> Outcome:
        return Completed({"changed": 3, "ids": list(range(RESULT_BYTES)), "note": "x"})

    job = await ended(line, verbose, "job.completed")

    assert {"changed": 3, "ids": RESULT_BYTES, "shortened": True} == job.result


async def test_progress_is_told(line: Line) -> None:
    async def step(running: Running) -> Outcome:
        running.progress(3, 10)
        assert running.progress_made == (3, 10)
        return Completed()

    await ended(line, step, "job.completed")

    assert [(3, 10)] == [(event.done, event.total) for event in line.seen.named("job.progressed")]  # type: ignore[attr-defined]


async def test_job_can_enqueue_another_and_wait_for_its_commit(line: Line) -> None:
    async def parent(_: Running) -> Outcome:
        async with asyncio.timeout(SAFETY_S):
            return Completed((await line.jobs.enqueue([new_job("child")]))[0].job_id)

    job = await ended(line, parent, "job.completed")

    assert (await line.jobs.get(job.result)).task == "child"
