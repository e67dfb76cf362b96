"""`paranadctl wake`: what became of each job, and what is typed wrong."""

import pytest

from paranad.control.schemas_acts import Woken, WokenJob
from paranad.queue.acts import NOT_WOKEN
from paranad.queue.rows import NO_SUCH_JOB
from paranad.said import Said
from tests.cli.conftest import Ctl
from tests.support.control_stand_in import StandIn


def woken(*jobs: tuple[int, Said | None]) -> Woken:
    items = []
    for job_id, said in jobs:
        outcome = "woken" if said is None else "not_found" if said.code == NO_SUCH_JOB.code else "not_waiting"
        document = {"id": job_id, "outcome": outcome, "state": None, "reason": said and said.text}
        items.append(WokenJob.model_validate(document | {"why": said and said.remark()}))
    return Woken(woken=sum(said is None for _, said in jobs), items=items)


def test_each_job_is_told(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "jobs/wake", woken((3, None), (4, NOT_WOKEN(id=4, state="completed"))))
    ran = ctl("wake", "3", "4")
    assert (1, ["job 3 is due now", "job 4 is completed, so it cannot be woken; only jobs that wait can"]) == (
        ran.code,
        ran.out.splitlines(),
    )
    assert ("POST", "jobs/wake", {"ids": [3, 4]}) == daemon.asked[-1]


def test_a_job_that_is_not_there_ends_with_4(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "jobs/wake", woken((9, NO_SUCH_JOB(id=9))))
    ran = ctl("wake", "9")
    assert (4, True) == (ran.code, "job 9 does not exist" in ran.out)


def test_all_or_those_of_a_task_are_counted(ctl: Ctl, daemon: StandIn) -> None:
    daemon.answer("POST", "jobs/wake", Woken(woken=2, items=[]))
    daemon.answer("POST", "jobs/wake?task=carts%3Aexpire", Woken(woken=0, items=[]))
    assert "due now: 2 jobs\n" == ctl("wake", "all").out
    assert "no job waits\n" == ctl("wake", "--task", "carts:expire").out
    assert "no job waits\n" == ctl("wake", "all", "--task", "carts:expire").out


@pytest.mark.parametrize("typed", [(), ("3", "--task", "t"), ("x",), ("0",), ("all", "3")])
def test_what_is_typed_wrong_wakes_nothing(ctl: Ctl, daemon: StandIn, typed: tuple[str, ...]) -> None:
    assert (2, []) == (ctl("wake", *typed).code, daemon.asked)
