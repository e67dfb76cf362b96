"""Every event that a figure is made of is counted once, and the number of figures is bounded."""

import pytest

from paranad.events.courier import CourierRequestEnded
from paranad.events.event import Event
from paranad.events.queue import (
    JobAttemptFailed,
    JobCancelled,
    JobCompleted,
    JobEnqueued,
    JobFailed,
    JobSnoozed,
    JobTookDaemonDown,
)
from paranad.events.schedule import ScheduleOccurrenceSkipped
from paranad.metrics.tally import OTHER, Tally
from paranad.said import Said, plain
from paranad.schedule.due import MISSED, MISSED_AS, MISSED_AS_MANY
from paranad.schedule.ledger import OVERLAP, OVERLAP_AND

CARTS = {"job_id": 7, "task": "carts:expire", "queue": "default"}
ENDED = {**CARTS, "attempt": 1, "wait_ms": 20, "duration_ms": 400}


@pytest.fixture
def tally() -> Tally:
    return Tally(lambda: {"carts:expire"}, ["high", "default"])


def completed(**changes: object) -> JobCompleted:
    return JobCompleted(**{**ENDED, **changes})  # type: ignore[arg-type]


def test_ends_of_jobs_are_counted_by_task_and_outcome(tally: Tally) -> None:
    tally.hear(
        [
            JobEnqueued(**CARTS, origin="shop"),  # type: ignore[arg-type]
            completed(),
            completed(),
            JobFailed(**ENDED, error="x"),  # type: ignore[arg-type]
            JobTookDaemonDown(**CARTS, strikes=3),  # type: ignore[arg-type]
            JobCancelled(**CARTS),  # type: ignore[arg-type]
        ]
    )
    assert {"completed": 2, "failed": 2, "cancelled": 1} == tally.tasks["carts:expire"].finished


def test_attempts_that_do_not_end_their_job_are_counted_apart(tally: Tally) -> None:
    tally.hear(
        [
            JobAttemptFailed(**ENDED, error="x", retry_at="-", timed_out=False),  # type: ignore[arg-type]
            JobSnoozed(**ENDED, until="-", reason="x"),  # type: ignore[arg-type]
            JobSnoozed(**ENDED, until="-", reason="x"),  # type: ignore[arg-type]
        ]
    )
    carts = tally.tasks["carts:expire"]
    assert (1, 2, 0) == (carts.retried, carts.snoozed, sum(carts.finished.values()))
    assert 3 == sum(carts.durations.read()[0])


def test_durations_and_waits_fall_into_their_buckets(tally: Tally) -> None:
    tally.hear([completed(duration_ms=500, wait_ms=0), completed(duration_ms=501), completed(duration_ms=3_600_000)])
    durations = tally.tasks["carts:expire"].durations
    counts, total_s = durations.read()
    assert {0.5: 1, 1.0: 1, None: 1} == {
        bound: count for bound, count in zip((*durations.bounds_s, None), counts, strict=True) if count
    }
    assert 3601.001 == pytest.approx(total_s)
    counts, total_s = tally.waits["default"].read()
    assert 3 == sum(counts)
    assert pytest.approx(0.04) == total_s


def test_what_was_noted_is_counted_once_however_often_it_is_read(tally: Tally) -> None:
    tally.hear([completed(), completed(duration_ms=2)])
    tally.fold()
    tally.hear([completed()])
    tally.fold()
    durations = tally.tasks["carts:expire"].durations
    assert durations.read() == durations.read()
    assert 3 == sum(durations.read()[0])
    assert pytest.approx(0.802) == durations.read()[1]


def test_tasks_and_queues_that_are_not_known_are_counted_together(tally: Tally) -> None:
    tally.hear([completed(task=f"made-up:{number}", queue=f"made-up-{number}") for number in range(1000)])
    assert {OTHER: 1000} == {name: task.finished["completed"] for name, task in tally.tasks.items()}
    assert {"high", "default", OTHER} == set(tally.waits)


def test_every_known_task_begins_at_0(tally: Tally) -> None:
    tally.begin()
    tally.begin()
    assert {"carts:expire": 0} == {name: task.finished["completed"] for name, task in tally.tasks.items()}


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (MISSED(), "missed"),
        (MISSED_AS(earlier=4), "missed"),
        (MISSED_AS_MANY(counted=100), "missed"),
        (OVERLAP(id=7), "overlap"),
        (OVERLAP_AND(overlap=OVERLAP(id=7), reason=MISSED()), "overlap"),
        (plain("overlap: job 7 is unfinished"), OTHER),
    ],
    ids=lambda value: value if isinstance(value, str) else value.text,
)
def test_a_skipped_occurrence_is_counted_by_the_code_of_its_reason(tally: Tally, reason: Said, expected: str) -> None:
    tally.hear([ScheduleOccurrenceSkipped(entry="carts:expire", occurrence="-", reason=reason)])
    assert {expected: 1} == {name: count for name, count in tally.skipped.items() if count}


@pytest.mark.parametrize("kind", ["done", "refused", "limited", "unclear", "not_sent", "abandoned"])
def test_requests_to_the_courier_are_counted_by_what_their_answer_means(tally: Tally, kind: str) -> None:
    told: list[Event] = [CourierRequestEnded(path="/create-order", kind=kind)]
    tally.hear(told)
    assert {("create-order", kind): 1} == {call: count for call, count in tally.requests.items() if count}
    assert 48 == len(tally.requests)
