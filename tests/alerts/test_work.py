"""The work itself: tasks that fail, jobs that do not end, runs that take too long, jobs that wait."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from paranad.alerts.incident import summed
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.watches import SQL
from paranad.alerts.work import repeats
from paranad.catalogue import CATALOGUE, PHP_WORK
from paranad.configuration.settings import AlertSection
from paranad.events.queue import JobCompleted
from paranad.program import NO_FILE, ended_how
from paranad.queue.acts import JobFilter
from paranad.queue.model import Completed, Failed, Origin, Outcome
from paranad.queue.pruning import Pruning, Retention
from paranad.queue.running import GIVEN_UP_AFTER_S, Running
from paranad.schedule.entries import Command
from paranad.tasks.command import FAILED
from paranad.tasks.own_task import PROGRAM_MISSING
from paranad.tasks.registry import TASK_GONE
from tests.alerts.harness import AlertsHarness, Document, keys
from tests.schedule.bench import entry
from tests.support.clock import ManualClock
from tests.support.queue import Gate, Line, Script, complete, fail_for_good, new_job

NIGHTLY = entry("backup", "30 3 * * *", command=Command(("/bin/true",)))
NOTICE = "alwaseet:notify-status"
STATUS = ended_how(2, "tar: no space left")


async def disk_full(_: Running) -> Outcome:
    return Failed(FAILED(command="backup", reason=STATUS))


async def run(harness: AlertsHarness, script: Script, task: str = "backup", *, job_id: int | None = None) -> int:
    """Run a new job of *task*, or a waiting one, to its end."""
    line = Line(harness.store, harness.clock, harness.events, scripts={task: script})
    if job_id is None:
        (job_id,) = await line.enqueue(new_job(task, origin=Origin.SCHEDULE, tries=1))
    async with line.working():
        seen = "job.completed" if script is complete else "job.failed"
        await line.seen(seen, job_id=job_id)
    return job_id


def of(documents: list[Document], kind: str) -> list[Document]:
    return [each for each in documents if each["kind"] == kind]


@pytest.fixture
async def nightly(harness: AlertsHarness) -> AlertsHarness:
    await harness.use(NIGHTLY)
    await harness.look()
    return harness


async def test_a_failed_backup_is_told_with_the_last_line_of_its_output_once_and_when_it_has_succeeded(
    nightly: AlertsHarness,
) -> None:
    job_id = await run(nightly, disk_full)
    (opened,) = await nightly.told()
    assert [("job-failed", "backup", "open")] == keys([opened])
    assert opened["message"].startswith(f"job {job_id} (backup) has failed: ended with exit status 2")
    assert opened["message"].endswith("tar: no space left")
    assert f"paranadctl retry {job_id}" in opened["cure"]
    await nightly.look(60)
    await run(nightly, disk_full)
    assert [] == of(await nightly.told(60), "job-failed")
    await run(nightly, complete)
    (over,) = of(await nightly.told(), "job-failed")
    assert ("over", "backup: it has succeeded") == (over["state"], over["message"])
    await nightly.look(60)
    await run(nightly, disk_full)
    assert [("job-failed", "backup", "open")] == keys(of(await nightly.told(), "job-failed"))


async def test_what_stands_says_how_many_have_failed_since_it_was_told(nightly: AlertsHarness) -> None:
    await run(nightly, disk_full)
    (opened,) = await nightly.told()
    assert 1 == opened["failed"]
    for _ in range(2):
        await nightly.look(3600)
        await run(nightly, disk_full)
    await nightly.look()
    message, cure = summed(list(nightly.alerts.incidents.open(IncidentKind.JOB_FAILED).values()))
    assert message.text.endswith("; failed of it so far: 3 jobs")
    assert "see paranadctl failed, correct what is wrong, then paranadctl retry each" == str(cure)


async def test_a_restart_neither_repeats_a_failure_nor_forgets_to_end_it(nightly: AlertsHarness) -> None:
    await run(nightly, disk_full)
    assert 1 == len(await nightly.told())
    await nightly.start()
    await nightly.tell()
    assert [] == nightly.documents()
    await nightly.clock.advance(1)
    await run(nightly, complete)  # killed before it looked: the next daemon sees it in queue.db
    await nightly.start()
    await nightly.tell()
    assert [("job-failed", "backup", "over")] == keys(nightly.documents())


async def test_a_failure_that_a_success_followed_before_anybody_looked_is_told_to_nobody(
    nightly: AlertsHarness,
) -> None:
    await run(nightly, disk_full)
    await nightly.clock.advance(1)
    await run(nightly, complete)
    assert [] == await nightly.told()


async def test_a_retry_alone_ends_no_failure_and_its_success_does(nightly: AlertsHarness) -> None:
    job_id = await run(nightly, disk_full)
    await nightly.told()
    await nightly.line.jobs.retry(job_id)
    assert [] == await nightly.told(60)
    await run(nightly, complete, job_id=job_id)
    assert [("job-failed", "backup", "over")] == keys(await nightly.told())


@pytest.mark.parametrize(
    ("how", "said"),
    [("forgotten", "was forgotten"), ("flushed", "was forgotten"), ("cancelled", "was cancelled")],
)
async def test_a_failure_that_an_operator_puts_away_is_over(nightly: AlertsHarness, how: str, said: str) -> None:
    job_id, jobs = await run(nightly, disk_full), nightly.line.jobs
    await nightly.told()
    match how:
        case "forgotten":
            await jobs.forget(job_id)
        case "flushed":
            await jobs.flush(JobFilter())
        case _:
            await jobs.retry(job_id)
            await jobs.cancel_waiting(job_id)
    (over,) = await nightly.told()
    assert ("over", f"backup: {said}") == (over["state"], over["message"])


async def test_a_failure_is_not_over_because_its_job_is_no_longer_kept(
    nightly: AlertsHarness, clock: ManualClock
) -> None:
    await run(nightly, disk_full)
    await nightly.told()
    await clock.advance(timedelta(days=8))
    pruning = Pruning(nightly.store, clock, nightly.events, Retention(timedelta(days=7), None))
    assert 1 == await pruning.prune()
    assert [] == of(await nightly.told(), "job-failed")
    await run(nightly, complete)
    assert [("job-failed", "backup", "over")] == keys(of(await nightly.told(), "job-failed"))


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([], "it is no longer in the schedule"),
        ([replace(NIGHTLY, name="backup-all", task="backup-all")], "it is no longer in the schedule"),
        ([replace(NIGHTLY, enabled=False)], "it is disabled"),
        ([replace(NIGHTLY, alert=False)], "its alert is false, so nobody is told of it"),
    ],
)
async def test_a_failure_ends_with_an_entry_that_is_taken_out_renamed_disabled_or_told_of_no_more(
    nightly: AlertsHarness, entries: list[object], said: str
) -> None:
    await run(nightly, disk_full)
    await nightly.told()
    await nightly.use(*entries)  # type: ignore[arg-type]
    (over,) = await nightly.told()
    assert ("over", f"backup: {said}") == (over["state"], over["message"])
    assert [] == await nightly.told(30)  # and the failure, which is as young as a look reaches back, is no news


async def test_a_failure_of_an_entry_whose_alert_is_false_is_told_to_nobody(nightly: AlertsHarness) -> None:
    await nightly.use(replace(NIGHTLY, alert=False))
    await run(nightly, disk_full)
    assert [] == await nightly.told()


async def test_a_pause_ends_no_failure(nightly: AlertsHarness) -> None:
    await run(nightly, disk_full)
    await nightly.told()
    await nightly.schedule.scheduler.pause("backup")
    assert [] == await nightly.told(60)


async def test_of_a_task_whose_jobs_differ_each_failed_job_must_be_seen_to(harness: AlertsHarness) -> None:
    first = await run(harness, fail_for_good, NOTICE)
    assert [("job-failed", NOTICE, "open")] == keys(await harness.told())
    await harness.look(60)
    second = await run(harness, fail_for_good, NOTICE)
    await run(harness, complete, NOTICE)
    assert [] == await harness.told()
    await harness.line.jobs.forget(first)
    assert [] == await harness.told()
    await harness.line.jobs.forget(second)
    assert [("job-failed", NOTICE, "over")] == keys(await harness.told())


INVOICES = "invoices:send"


async def test_of_an_own_task_with_arguments_each_failed_job_must_be_seen_to(harness: AlertsHarness) -> None:
    """Another order's invoice is no success of this one; an own task needs no entry of the schedule to be told of."""
    harness.own_tasks.known |= {INVOICES, "reports:mail"}
    harness.own_tasks.differing.add(INVOICES)
    failed = await run(harness, fail_for_good, INVOICES)
    await run(harness, fail_for_good, "reports:mail")
    assert {("job-failed", INVOICES, "open"), ("job-failed", "reports:mail", "open")} == set(keys(await harness.told()))
    await harness.look(60)
    await run(harness, complete, INVOICES)
    await run(harness, complete, "reports:mail")
    assert [("job-failed", "reports:mail", "over")] == keys(await harness.told())
    await harness.line.jobs.forget(failed)
    assert [("job-failed", INVOICES, "over")] == keys(await harness.told())


async def test_job_of_a_command_that_was_taken_out_is_told_until_it_is_seen_to(harness: AlertsHarness) -> None:
    async def unknown(_: Running) -> Outcome:
        return Failed(TASK_GONE(task=INVOICES))

    failed = await run(harness, unknown, INVOICES)
    assert [("job-failed", INVOICES, "open")] == keys(await harness.told())
    await harness.start()
    assert [] == await harness.told(60)
    await harness.line.jobs.forget(failed)
    assert [("job-failed", INVOICES, "over")] == keys(await harness.told())


async def test_own_task_without_its_program_is_told_until_it_is_there(harness: AlertsHarness) -> None:
    harness.own_tasks.missing = {INVOICES: PROGRAM_MISSING(command=INVOICES, got=NO_FILE(), program="/srv/send")}
    (opened,) = await harness.told()
    assert [("command-off", INVOICES, "open")] == keys([opened])
    assert "expected a program, got no such file: /srv/send" in opened["message"]
    harness.own_tasks.missing = {}
    assert [("command-off", INVOICES, "over")] == keys(await harness.told())


async def test_a_failed_day_of_a_dated_command_is_told_though_another_day_has_succeeded(nightly: AlertsHarness) -> None:
    await nightly.use(replace(NIGHTLY, command=Command(("/bin/true", "{date}"))))
    failed = await run(nightly, fail_for_good)
    await nightly.clock.advance(60)
    await run(nightly, complete)
    assert [("job-failed", "backup", "open")] == keys(await nightly.told())
    await nightly.line.jobs.forget(failed)
    assert [("job-failed", "backup", "over")] == keys(await nightly.told())


async def test_a_thousand_failures_of_one_task_are_one_incident(harness: AlertsHarness) -> None:
    await harness.line.enqueue(*(new_job(NOTICE, args={"id": each}) for each in range(1000)))
    await harness.sql("UPDATE jobs SET state = 'failed', error = 'x', finished_at = due_at, started_at = due_at")
    assert [("job-failed", NOTICE, "open")] == keys(await harness.told())


async def test_php_that_fails_each_time_it_is_asked_for_is_told_once_until_one_has_succeeded(
    harness: AlertsHarness,
) -> None:
    harness.own_tasks.known.add(PHP_WORK)
    told = []
    for _ in range(3):
        await run(harness, fail_for_good, PHP_WORK)
        told += keys(await harness.told(60))
    assert [("job-failed", PHP_WORK, "open")] == told
    await run(harness, complete, PHP_WORK)
    assert [("job-failed", PHP_WORK, "over")] == keys(await harness.told())


def test_jobs_of_a_command_do_the_same_each_time_and_those_of_an_order_do_not() -> None:
    assert repeats("backup", NIGHTLY)
    assert repeats("carts:expire", None)
    assert not any(
        repeats("backup", replace(NIGHTLY, command=Command(("/bin/backup", word))))
        for word in ("{date}", "at={occurrence}")
    )
    assert ["alwaseet:create-shipment", NOTICE, "alwaseet:process-queue", "alwaseet:sync-orders"] == sorted(
        name for name in CATALOGUE if not repeats(name, None)
    )


class Deaf(Gate):
    """A task that does not hear that it should end."""

    async def __call__(self, running: Running) -> Outcome:
        while not self.free.is_set():
            with suppress(asyncio.CancelledError):
                await self.free.wait()
        return Completed()


async def test_a_job_that_does_not_end_is_told_when_its_worker_is_given_up_and_over_at_the_next_start(
    harness: AlertsHarness, clock: ManualClock
) -> None:
    line = harness.line
    deaf = line.scripts["backup"] = Deaf()
    await harness.use(NIGHTLY)
    (job_id,) = await line.enqueue(new_job("backup", tries=1, timeout_s=60))
    async with line.working():
        await line.seen("job.started", job_id=job_id)
        await clock.advance(61)
        assert [] == of(await harness.told(), "job-stuck")
        for _ in range(4):
            await clock.advance(GIVEN_UP_AFTER_S / 2)
        await line.seen("job.failed", job_id=job_id)
        (opened,) = of(await harness.told(), "job-stuck")
        assert ("backup", "2026-03-02 12:01:00") == (opened["key"], opened["deadline"])
        assert [] == of(await harness.told(600), "job-stuck")
        deaf.free.set()
    harness.line = Line(harness.store, clock, harness.events)
    await harness.start()
    await harness.tell()
    (over,) = of(harness.documents(), "job-stuck")
    assert "backup: the daemon was started anew" == over["message"]


def ended(seconds: float, job_id: int = 99) -> JobCompleted:
    return JobCompleted(
        job_id=job_id, task="backup", queue="default", attempt=1, wait_ms=0, duration_ms=round(seconds * 1000)
    )


async def known(harness: AlertsHarness, *seconds: float) -> None:
    """Let runs of the backup be known that took so many seconds."""
    await harness.line.enqueue(*(new_job("backup") for _ in seconds))
    for job_id, each in enumerate(seconds, 1):
        await harness.sql(
            "UPDATE jobs SET state = 'completed', started_at = due_at, "
            f"finished_at = due_at + {round(each * 1_000_000)} WHERE id = {job_id}"
        )


async def test_a_slow_run_is_told_while_it_runs_and_when_it_has_ended(
    nightly: AlertsHarness, clock: ManualClock
) -> None:
    await known(nightly, 590, 600, 600, 610, 6000)
    gate, line = Gate(), nightly.line
    line.scripts["backup"] = gate
    (job_id,) = await line.enqueue(new_job("backup", timeout_s=7200))
    async with line.working():
        await gate.started.wait()
        assert [] == of(await nightly.told(3000), "run-slow")
        (opened,) = of(await nightly.told(60), "run-slow")
        assert f"job {job_id} (backup) has taken 51m, where 10m is usual" == opened["message"]
        await clock.advance(540)
        gate.free.set()
        await line.seen("job.completed", job_id=job_id)
    assert [] == of(await nightly.told(60), "run-slow")
    (over,) = of(await nightly.told(600), "run-slow")
    assert f"backup: job {job_id} ended after 1h: completed" == over["message"]


async def test_a_task_of_every_minute_that_is_slow_for_an_hour_is_told_once(nightly: AlertsHarness) -> None:
    await known(nightly, *[2.0] * 5)
    told = []
    for _ in range(30):
        nightly.events.tell(ended(45))
        told += of(await nightly.told(60), "run-slow")
        told += of(await nightly.told(60), "run-slow")
    assert ["open"] == [each["state"] for each in told]
    assert ["over"] == [each["state"] for each in of(await nightly.told(600), "run-slow")]


@pytest.mark.parametrize(
    ("usual", "took"), [([0.004] * 9, 29.0), ([2.0] * 4, 600.0), ([600.0] * 5, 2999.0), ([], 600.0)]
)
async def test_no_run_is_slow_for_milliseconds_nor_where_too_little_is_known(
    nightly: AlertsHarness, usual: list[float], took: float
) -> None:
    await known(nightly, *usual)
    nightly.events.tell(ended(took))
    assert [] == of(await nightly.told(), "run-slow")


async def test_a_slow_run_ends_with_an_entry_that_is_renamed(nightly: AlertsHarness) -> None:
    await known(nightly, *[0.012] * 5)
    nightly.events.tell(ended(45))
    (opened,) = of(await nightly.told(), "run-slow")
    assert opened["message"].endswith("has taken 45s, where 12ms is usual")
    await nightly.use(replace(NIGHTLY, name="backup-all", task="backup-all"))
    (over,) = of(await nightly.told(), "run-slow")
    assert "backup: it is no longer in the schedule" == over["message"]


async def test_factor_zero_watches_no_run_and_ends_what_is_open(nightly: AlertsHarness) -> None:
    await known(nightly, *[2.0] * 5)
    nightly.events.tell(ended(45))
    assert 1 == len(of(await nightly.told(), "run-slow"))
    nightly.alerts.use(AlertSection(command=nightly.command, language="en", slow_factor=0))
    nightly.events.tell(ended(45))
    (over,) = of(await nightly.told(), "run-slow")
    assert "so no run is watched" in over["message"]


async def test_jobs_that_no_worker_takes_are_told_once_and_when_they_are_taken(harness: AlertsHarness) -> None:
    (job_id,) = await harness.line.enqueue(new_job("carts:expire"))
    await harness.look()
    assert [] == of(await harness.told(1799), "jobs-waiting")
    (opened,) = of(await harness.told(1), "jobs-waiting")
    assert (
        f"jobs wait in queue default: the oldest, job {job_id} (carts:expire), since 2026-03-02 12:00:00; "
        "0 of 2 workers are busy"
    ) == opened["message"]
    assert [] == of(await harness.told(60), "jobs-waiting")
    await harness.start()
    assert [] == of(await harness.told(60), "jobs-waiting")
    await harness.line.jobs.cancel_waiting(job_id)
    (over,) = of(await harness.told(), "jobs-waiting")
    assert "queue default: no job of it has waited too long any more" == over["message"]


async def test_jobs_that_wait_for_the_limit_of_their_queue_are_told_with_it(harness: AlertsHarness) -> None:
    harness.line.jobs.use_limits({"default": 0})
    await harness.line.enqueue(new_job("carts:expire"))
    await harness.look()
    (opened,) = of(await harness.told(1800), "jobs-waiting")
    assert opened["message"].endswith("since 2026-03-02 12:00:00; it is at its limit, 0 of 0 jobs")
    assert opened["cure"].endswith("for more at once: [queue] limits")


async def test_a_job_that_ran_when_a_daemon_died_waits_as_the_others_do(harness: AlertsHarness) -> None:
    younger, recovered = await harness.line.enqueue(new_job("carts:expire"), new_job("carts:expire"))
    await harness.sql(f"UPDATE jobs SET strikes = 1, due_at = due_at - 1 WHERE id = {recovered}")
    await harness.look()
    (opened,) = of(await harness.told(1800), "jobs-waiting")
    assert recovered == opened["job_id"]
    await harness.line.jobs.cancel_waiting(younger)
    assert [] == of(await harness.told(), "jobs-waiting")
    await harness.line.jobs.cancel_waiting(recovered)
    assert ["over"] == [each["state"] for each in of(await harness.told(), "jobs-waiting")]


@pytest.mark.parametrize("held_up", ["queue", "task", "all", "drain", "off"])
async def test_what_an_operator_holds_up_waits_for_nobody(harness: AlertsHarness, held_up: str) -> None:
    await harness.line.enqueue(new_job("carts:expire"))
    await harness.look()
    match held_up:
        case "queue":
            await harness.line.jobs.pause("default")
        case "task":
            await harness.line.jobs.pause_task("carts:expire")
        case "all":
            await harness.line.jobs.pause_all()
        case "drain":
            harness.line.workers.drain()
        case _:
            harness.alerts.use(AlertSection(command=harness.command, language="en", waiting_after=timedelta(0)))
    assert [] == of(await harness.told(3600), "jobs-waiting")
    await harness.line.jobs.resume("default")
    await harness.line.jobs.resume_task("carts:expire")
    await harness.line.jobs.resume_all()
    harness.line.workers.undrain()
    harness.alerts.use(AlertSection(command=harness.command, language="en"))
    if held_up != "off":  # it waits for a worker from now on
        assert [] == of(await harness.told(1799), "jobs-waiting")
    await harness.look()
    assert 1 == len(of(await harness.told(1800), "jobs-waiting"))


async def test_a_queue_that_is_paused_ends_what_was_told_of_it(harness: AlertsHarness) -> None:
    await harness.line.enqueue(new_job("carts:expire"))
    await harness.look()
    assert 1 == len(of(await harness.told(1800), "jobs-waiting"))
    await harness.line.jobs.pause("default")
    (over,) = of(await harness.told(), "jobs-waiting")
    assert over["message"].startswith("queue default: it is paused")


async def test_a_daemon_that_was_down_for_a_week_floods_nobody(harness: AlertsHarness, clock: ManualClock) -> None:
    await harness.use(NIGHTLY, entry(), entry("carts:archive-expired", "*/5 * * * *"))
    await harness.look()
    await harness.line.enqueue(*(new_job(task) for task in ("backup", "carts:expire", NOTICE)))
    await clock.advance(timedelta(days=7))
    await harness.start()
    await harness.tell()
    for _ in range(10):
        assert [] == harness.documents() + await harness.told(60)


@pytest.mark.parametrize(
    ("name", "params", "index"),
    [
        (
            "failed_by_task",
            {"since": 0, "own_kind": "x", "took_daemon_down": "y"},
            "jobs_finished (state=? AND finished_at>?)",
        ),
        ("last_of_task", {"task": "x"}, "jobs_of_task (task=?)"),
        ("still_failed", {"task": "x", "since": 0}, "jobs_finished (state=? AND finished_at>?)"),
        ("last_runs", {"task": "x", "job_id": 1}, "jobs_of_task (task=?)"),
        ("oldest_waiting", {"queues": "[]"}, "jobs_claimable (queue=?)"),
        ("oldest_waiting", {"queues": "[]"}, "jobs_suspected (queue=?)"),
    ],
)
async def test_no_look_walks_over_the_finished_jobs(
    harness: AlertsHarness, name: str, params: dict[str, object], index: str
) -> None:
    rows = await harness.store.reader.fetch(f"EXPLAIN QUERY PLAN {SQL[name]}", params)
    plan = [row["detail"] for row in rows]
    assert any(index in step for step in plan), plan
    assert not any(step.startswith("SCAN jobs") for step in plan), plan
