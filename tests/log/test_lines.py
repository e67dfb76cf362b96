"""What a line carries."""

from dataclasses import fields
from typing import Any

from paranad.events.event import Event
from paranad.events.queue import AttemptFinished, JobCompleted, JobEnqueued, JobFailed, JobStarted, QueueStoreHealed
from paranad.log.lines import RANKS, line_of
from tests.support.events import every_kind

JOB: dict[str, Any] = {"job_id": 7, "task": "carts:expire", "queue": "default"}
TOLD = every_kind()


def test_line_holds_the_name_and_the_fields_in_their_order() -> None:
    event = JobCompleted(**JOB, attempt=1, wait_ms=3, duration_ms=41, result={"changed": 7})
    expected = {
        "event": "job.completed",
        **JOB,
        "attempt": 1,
        "wait_ms": 3,
        "duration_ms": 41,
        "result": {"changed": 7},
    }
    assert list(expected.items()) == list(line_of(event).items())


def test_line_leaves_out_what_is_none() -> None:
    assert "due_at" not in line_of(JobEnqueued(**JOB, origin="operator"))


def test_traceback_stands_last() -> None:
    event = JobFailed(**JOB, attempt=1, wait_ms=0, duration_ms=0, error="boom", traceback="Traceback\n  boom")
    assert ("exception", "Traceback\n  boom") == list(line_of(event).items())[-1]


def test_event_without_fields_has_a_line() -> None:
    assert {"event": "queue.store_healed"} == line_of(QueueStoreHealed())


def test_every_event_has_a_level_the_log_knows() -> None:
    assert [] == [kind.name for kind in TOLD if kind.level not in RANKS]


def test_every_line_about_an_attempt_names_job_task_and_attempt() -> None:
    of_attempts = [kind for kind in TOLD if issubclass(kind, AttemptFinished | JobStarted)]
    assert of_attempts
    assert [] == [kind.name for kind in of_attempts if not names_of(kind) >= {"job_id", "task", "queue", "attempt"}]


def test_only_failures_carry_a_traceback() -> None:
    traced = [kind for kind in TOLD if "traceback" in names_of(kind)]
    assert traced
    assert {"failed"} == {kind.name[-len("failed") :] for kind in traced}
    assert {"warning", "error"} >= {kind.level for kind in traced}


def names_of(kind: type[Event]) -> set[str]:
    return {field.name for field in fields(kind)}
