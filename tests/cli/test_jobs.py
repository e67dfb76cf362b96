import json

import pytest

from paranad.control.schemas import Job, Page
from paranad.shipments.request import COLUMN_EMPTY
from paranad.shipments.send import AUTO_CREATE_OFF
from tests.cli.conftest import Ctl
from tests.support.answers import attempt, completed, failed, job, tally
from tests.support.control_stand_in import StandIn


def page(*jobs: Job, next_cursor: str | None = None) -> Page[Job]:
    return Page[Job](items=list(jobs), next_cursor=next_cursor)


def test_jobs_alone_lists(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "jobs?limit=25", page(job(12, args={"order_id": 3}), failed(11)))
    ran = ctl("jobs")
    assert ran.code == 0
    assert ran.out.split("\n")[1].startswith("12  available  carts:expire  default  0 of 3")
    assert "order_id=3" in ran.out
    assert "the thing broke" in ran.out


OFF = AUTO_CREATE_OFF()


@pytest.mark.parametrize(
    ("args", "result", "what"),
    [
        ({"order_id": 41}, tally(1, skipped=[("order 41", OFF)]), f"order_id=41; skipped: {OFF.text}"),
        (
            {},
            tally(3, skipped=[("cart 1", "in use"), ("cart 2", "odd"), ("cart 3", "x")]),
            "skipped: in use, and 2 more",
        ),
        ({"order_id": 41}, tally(1, 1), "order_id=41"),
        ({"order_id": 41}, tally(2, 1, skipped=[("a", "b")]), "order_id=41"),
        ({"order_id": 41}, tally(2, 0, failed=[("a", "b")], skipped=[("a", "b")]), "order_id=41"),
        ({"order_id": 41}, tally(2, 0, skipped=[("a", "b")], created=1), "order_id=41"),
        ({"order_id": 41}, None, "order_id=41"),
        ({"order_id": 41}, [0], "order_id=41"),
        ({"order_id": 41}, {"changed": 0, "skipped": 4}, "order_id=41"),
        ({"order_id": 41}, {"changed": 0, "skipped": {"count": 1, "items": []}}, "order_id=41"),
    ],
)
def test_completed_job_that_did_nothing_says_why(
    ctl: Ctl, daemon: StandIn, args: dict[str, int], result: object, what: str
) -> None:
    daemon.answer("GET", "jobs?limit=25", page(completed(12, result, args=args)))
    assert what == ctl("jobs", "list").out.splitlines()[1].split("  ")[-1]


def test_completed_job_that_did_nothing_says_why_in_arabic(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer(
        "GET", "jobs?limit=25", page(completed(12, tally(1, skipped=[("order 41", OFF)]), args={"order_id": 41}))
    )
    assert "order_id=41؛ تُخطّيت: إعداد المتجر alwaseet_auto_create_shipment معطّل" in ctl("jobs", "--lang", "ar").out


def test_jobs_are_filtered(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "jobs?limit=5&state=running&task=carts%3Aexpire&queue=high", page())
    ran = ctl("jobs", "--state", "running", "--task", "carts:expire", "--queue", "high", "--limit", "5")
    assert (ran.code, ran.out) == (0, "no such job\n")


def test_long_list_is_asked_for_by_cursor(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "jobs?limit=100", page(*map(job, range(250, 150, -1)), next_cursor="a"))
    daemon.answer("GET", "jobs?limit=100&cursor=a", page(*map(job, range(150, 50, -1)), next_cursor="b"))
    daemon.answer("GET", "jobs?limit=50&cursor=b", page(*map(job, range(50, 0, -1)), next_cursor="c"))
    answer = json.loads(ctl("jobs", "--limit", "250", "--json").out)
    assert list(range(250, 0, -1)) == [each["id"] for each in answer["items"]]
    assert answer["next_cursor"] == "c"


def test_list_that_goes_on_says_so_beside_the_answer(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "jobs?limit=1", page(job(), next_cursor="a"))
    assert "more than 1; ask with --limit N" in ctl("jobs", "--limit", "1").err


def test_job_is_shown_with_its_attempts_and_traceback(ctl: Ctl, daemon: StandIn) -> None:
    tries = [attempt(outcome="timed_out"), attempt(number=2, traceback="Traceback:\n  x\nValueError")]
    error = COLUMN_EMPTY(order=3, column="customer_phone")
    daemon.answer("GET", "jobs/12", failed(12, error, attempts=tries, args={"order_id": 3}))
    shown = ctl("failed", "show", "12").out
    for part in ("job 12  carts:expire  order_id=3", error.text, "cure: correct the order", "timed out", "3 of 3"):
        assert part in shown
    assert shown.endswith("Details of attempt 2\nTraceback:\n  x\nValueError\n")


def test_completed_job_shows_its_result(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "jobs/12", completed(12, tally(4, 2)))
    shown = ctl("jobs", "show", "12").out
    assert "looked at 4, changed 2, skipped 0, failed 0" in shown
    assert "cure" not in shown


def test_job_is_cancelled(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "jobs/12/cancel", job(12, "cancelled"))
    assert ctl("jobs", "cancel", "12").out == "job 12 is cancelled\n"


def test_job_that_cannot_be_cancelled_now_is_told_why(ctl: Ctl, daemon: StandIn) -> None:
    detail = "job 12: a create-order request is under way; try again"
    daemon.refuse("POST", "jobs/12/cancel", 409, "wrong-state", detail)
    ran = ctl("jobs", "cancel", "12")
    assert (ran.code, ran.out, ran.err) == (1, "", f"paranadctl: {detail}\n")


def test_what_the_bridge_adds_to_the_arguments_is_not_shown(ctl: Ctl, daemon: StandIn) -> None:
    came = completed(12, args={"order_id": 3, "row_created_at": 1795851677, "tried_elsewhere": True})
    daemon.answer("GET", "jobs/12", came)
    shown = ctl("jobs", "show", "12").out
    assert "  order_id=3\n" in shown
    assert "row_created_at" not in shown
