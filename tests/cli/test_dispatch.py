import json
from threading import Thread
from typing import Any

import pytest

from paranad.control.schemas import AskedJob, DryRun, EnqueuedJob, remark_of
from paranad.tasks.own_task import PROGRAM_MISSING
from tests.cli.conftest import Ctl
from tests.support.answers import completed, failed, job, tally, task
from tests.support.control_stand_in import StandIn


def told(event: str, job_id: int = 12, **more: Any) -> dict[str, Any]:
    return {"event": event, "at": "2026-03-02T09:00:00+00:00", "job_id": job_id, "task": "t", "queue": "q", **more}


def enqueue(daemon: StandIn, *, duplicate: bool = False) -> None:
    daemon.answer("POST", "jobs", EnqueuedJob(id=12, duplicate=duplicate), 200 if duplicate else 201)
    daemon.answer("GET", "jobs/12", job(12, "running"))
    daemon.events.put(daemon.once_asked("GET", "jobs/12"))


def test_dispatch_says_that_a_job_waits_for_its_program(ctl: Ctl, daemon: StandIn) -> None:
    missing = PROGRAM_MISSING(command="mail", got="no file", program="/gone")
    waiting = AskedJob(id=12, duplicate=False, waits=missing.text, why=remark_of(missing))
    daemon.answer("POST", "jobs", waiting, 201)
    ran = ctl("dispatch", "mail")
    assert ran.out.startswith("job 12 is enqueued\nmail waits: expected a program, got no file: /gone;")


def test_dispatch_prints_the_jobs_id(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon)
    ran = ctl("dispatch", "alwaseet:create-shipment", "order_id=12", "--queue", "high", "--delay", "2h")
    asked = {"task": "alwaseet:create-shipment", "args": {"order_id": 12}, "queue": "high", "delay": "2h"}
    assert (ran.code, ran.out) == (0, "job 12 is enqueued\n")
    assert asked == daemon.body_of("POST", "jobs")


def test_dispatch_of_what_is_under_way_says_so(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon, duplicate=True)
    assert ctl("dispatch", "carts:expire").out == "job 12 already does it\n"
    assert daemon.body_of("POST", "jobs") == {"task": "carts:expire", "args": {}}


def test_dispatch_of_an_unknown_task_exits_4(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("POST", "jobs", 422, "unknown-task", 'unknown task "x"; did you mean "y"?')
    ran = ctl("dispatch", "x")
    assert ran.code == 4
    assert 'unknown task "x"; did you mean "y"?' in ran.err


def test_dispatch_to_an_unknown_queue_fails(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("POST", "jobs", 422, "unknown-queue", 'unknown queue "x"')
    assert ctl("dispatch", "t", "--queue", "x").code == 4


def test_run_waits_and_prints_the_result(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon)
    daemon.events.put(told("job.started"))
    daemon.events.put(told("job.progressed", done=1, total=2))
    daemon.events.put(told("job.completed", job_id=99))
    daemon.events.put(lambda: daemon.answer("GET", "jobs/12", completed(12, tally(4, 2))))
    daemon.events.put(told("job.completed"))
    ran = ctl("carts:expire")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "carts:expire is done: job 12, 0 ms\nlooked at 4, changed 2, skipped 0, failed 0\n"


def test_run_of_a_job_that_ended_before_we_listened_waits_for_nothing(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon)
    daemon.answer("GET", "jobs/12", completed(12))
    assert ctl("run", "carts:expire").code == 0


def test_run_says_what_keeps_the_job_waiting(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon)
    daemon.events.put(told("job.snoozed", until="2026-03-02T09:05:00+00:00", reason="the courier is away"))
    daemon.events.put(told("job.attempt_failed", retry_at="2026-03-02T09:06:00+00:00", error="it broke"))
    daemon.events.put(lambda: daemon.answer("GET", "jobs/12", completed(12)))
    daemon.events.put(told("job.completed"))
    said = ctl("run", "t").err
    assert "12:05:00: the courier is away" in said, "events are in UTC, the daemon's zone is three hours ahead"
    assert "12:06:00: it broke" in said


def test_run_of_a_paused_task_says_how_it_goes_on(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon)
    daemon.answer("GET", "jobs/12", job(12))
    daemon.answer("GET", "tasks", {"items": [task(paused=True).model_dump(mode="json")]})
    daemon.events.put(lambda: daemon.answer("GET", "jobs/12", completed(12)))
    daemon.events.put(told("job.completed"))
    said = ctl("run", "carts:expire").err
    assert "job 12 waits: carts:expire is paused; go on with: paranadctl resume carts:expire" in said


def test_run_of_a_job_that_fails_exits_1_with_the_error_and_the_cure(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon)
    daemon.events.put(lambda: daemon.answer("GET", "jobs/12", failed(12, "order 3 has no phone")))
    daemon.events.put(told("job.failed"))
    ran = ctl("dispatch", "--wait", "t")
    assert ran.code == 1
    assert "failed: job 12: order 3 has no phone\n" in ran.out
    assert "paranadctl retry 12" in ran.out


def test_run_of_a_job_that_is_cancelled_exits_1(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon)
    daemon.answer("GET", "jobs/12", job(12, "cancelled"))
    ran = ctl("run", "t")
    assert (ran.code, ran.out) == (1, "carts:expire was cancelled: job 12\n")


def test_run_joins_a_job_that_already_does_it(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon, duplicate=True)
    daemon.answer("GET", "jobs/12", completed(12))
    assert "joined job 12" in ctl("run", "t").err


def test_waiting_outlives_a_stream_that_ends(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon)
    daemon.events.put(None)
    daemon.events.put(lambda: daemon.answer("GET", "jobs/12", completed(12)))
    daemon.events.put(told("job.recovered"))
    daemon.events.put(told("job.completed"))
    assert ctl("run", "t").code == 0


def test_waiting_outlives_a_restart_of_the_daemon(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon)
    daemon.refuse("GET", "events", 503, "unavailable", "the daemon starts")
    daemon.answer("GET", "jobs/12", completed(12))

    def start() -> None:
        daemon.once_asked("GET", "events")()
        del daemon.answers["GET", "events"]

    thread = Thread(target=start)
    thread.start()
    ran = ctl("run", "t")
    thread.join()
    assert ran.code == 0
    assert ran.err == "the daemon is away; its jobs are kept, waiting for it to come back\n"


def test_daemon_that_does_not_come_back_exits_3(ctl: Ctl, daemon: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    enqueue(daemon)
    monkeypatch.setattr("paranad.cli.commands.dispatch.DELAYS_S", (0.0, 0.0))
    daemon.refuse("GET", "events", 503, "daemon-unreachable", "it is gone")
    assert ctl("run", "t").code == 3


def test_json_of_run_is_the_finished_job(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon)
    daemon.answer("GET", "jobs/12", completed(12, tally(1)))
    assert json.loads(ctl("run", "t", "--json").out) == completed(12, tally(1)).model_dump(mode="json")


def test_dry_run_is_no_job(ctl: Ctl, daemon: StandIn) -> None:
    result = tally(4, 2, would=[{"table": "carts", "id": 3}])
    daemon.answer("POST", "tasks/carts:expire/dry-run", DryRun(task="carts:expire", result=result))
    ran = ctl("carts:expire", "--dry-run")
    assert ran.out.startswith("carts:expire would have done this; nothing was changed and nothing sent\nlooked at 4")
    assert "carts  3\n" in ran.out
    assert daemon.asked == [("POST", "tasks/carts:expire/dry-run", {"args": {}})]


@pytest.mark.parametrize("words", [["dispatch"], ["run"], ["run", "t", "x"], ["dispatch", "t", "--dely", "3"]])
def test_other_words_are_wrong_usage(ctl: Ctl, words: list[str]) -> None:
    assert ctl(*words).code == 2
