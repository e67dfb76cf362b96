import json

import pytest

from paranad.control.schemas import Deleted, Items, Job, Page, RetriedJob
from tests.cli.conftest import Ctl
from tests.support.answers import failed, job
from tests.support.control_stand_in import StandIn


def retried(job_id: int, covered_by: int | None = None) -> RetriedJob:
    return RetriedJob(id=job_id, covered_by=covered_by)


@pytest.mark.parametrize("typed", ["failed", "failed list", "queue:failed"])
def test_failed_jobs_are_listed(ctl: Ctl, daemon: StandIn, typed: str) -> None:
    daemon.answer("GET", "jobs?limit=25&state=failed", Page[Job](items=[failed(12, "it broke")], next_cursor=None))
    ran = ctl(*typed.split())
    assert ran.code == 0
    assert "12  carts:expire" in ran.out
    assert "it broke\n" in ran.out


def test_no_failed_job_is_said(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("GET", "jobs?limit=25&state=failed&queue=high", Page[Job](items=[], next_cursor=None))
    assert ctl("failed", "--queue", "high").out == "no failed job\n"


def test_job_is_forgotten(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("DELETE", "jobs/12", Deleted(deleted=1))
    assert ctl("queue:forget", "12").out == "job 12 is forgotten\n"


def test_failed_jobs_are_flushed_by_filter(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("DELETE", "failed?task=carts%3Aexpire", Deleted(deleted=7))
    assert ctl("failed", "flush", "--task", "carts:expire").out == "7 jobs deleted\n"


def test_each_retried_id_is_answered(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "jobs/12/retry", retried(12))
    daemon.answer("POST", "jobs/13/retry", retried(13, covered_by=12))
    ran = ctl("retry", "12", "13", "12")
    assert (ran.code, ran.out) == (0, "job 12 is back\njob 13 stays failed: job 12 already does it\n")


def test_json_of_several_retries_is_one_answer_a_line(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "jobs/12/retry", retried(12))
    daemon.answer("POST", "jobs/13/retry", retried(13, covered_by=12))
    lines = ctl("retry", "--json", "12", "13").out.splitlines()
    assert [json.loads(line) for line in lines] == [{"id": 12, "covered_by": None}, {"id": 13, "covered_by": 12}]


def test_retry_goes_on_past_one_that_cannot_be(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("POST", "jobs/11/retry", 409, "wrong-state", "job 11 is running")
    daemon.answer("POST", "jobs/12/retry", retried(12))
    daemon.refuse("POST", "jobs/13/retry", 404, "not-found", "job 13 does not exist")
    ran = ctl("retry", "11", "12", "13")
    assert (ran.code, ran.out, ran.err) == (1, "job 12 is back\n", "job 11 is running\njob 13 does not exist\n")


def test_retry_of_unknown_jobs_alone_exits_4(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("POST", "jobs/13/retry", 404, "not-found", "job 13 does not exist")
    assert ctl("retry", "13").code == 4


def test_retry_all_passes_its_filter(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "failed/retry?task=carts%3Aexpire&queue=high", Items[RetriedJob](items=[retried(12)]))
    assert ctl("queue:retry", "all", "--task", "carts:expire", "--queue", "high").out == "job 12 is back\n"


def test_retry_all_with_nothing_failed(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "failed/retry", Items[RetriedJob](items=[]))
    assert (0, "no failed job to retry\n") == ((ran := ctl("retry", "all")).code, ran.out)


@pytest.mark.parametrize("words", [["retry"], ["retry", "x"], ["retry", "all", "3"], ["retry", "3", "--task", "t"]])
def test_retry_with_other_words_is_wrong_usage(ctl: Ctl, words: list[str]) -> None:
    assert ctl(*words).code == 2


def test_retry_of_a_job_that_waits_says_when_it_runs_by_itself(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("POST", "jobs/11/retry", 409, "wrong-state", "job 11 is scheduled; only failed jobs can be retried")
    daemon.answer("GET", "jobs/11", job(11, "scheduled"))
    ran = ctl("retry", "11")
    assert ran.code == 1
    assert ran.err.startswith("job 11 is scheduled; only failed jobs can be retried\njob 11 runs by itself ")


def test_error_is_the_problem_document_where_json_is_asked_for(ctl: Ctl, daemon: StandIn) -> None:
    daemon.refuse("POST", "jobs/11/retry", 404, "not-found", "job 11 does not exist")
    document = {"type": "urn:paranad:problem:not-found", "title": "Not found", "status": 404}
    document |= {"detail": "job 11 does not exist", "kind": "not-found"}
    ran = ctl("retry", "11", "--json")
    assert (4, "", document) == (ran.code, ran.out, json.loads(ran.err))
    daemon.refuse("GET", "jobs/11", 404, "not-found", "job 11 does not exist")
    assert document == json.loads(ctl("jobs", "11", "--json").err)
    usage = json.loads(ctl("jobs", "show", "x", "--json").err)
    assert ("wrong-usage", 400) == (usage["kind"], usage["status"])
