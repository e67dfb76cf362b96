import pytest

from paranad.control.schemas import Items, SyncJob
from paranad.courier.errors import LoginFailed
from tests.cli.conftest import Ctl
from tests.support.answers import completed, failed, tally
from tests.support.control_stand_in import StandIn


def enqueue(daemon: StandIn, *jobs: SyncJob) -> None:
    daemon.answer("POST", "sync", Items[SyncJob](items=list(jobs)), 201)


def sync_job(job_id: int, status_id: str | None = None, *, duplicate: bool = False) -> SyncJob:
    return SyncJob(id=job_id, duplicate=duplicate, status_id=status_id)


def test_sync_waits_and_says_what_it_brought(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon, sync_job(12))
    cut = {"count": 1, "items": [{"what": "courier order 8", "reason": "location"}]}
    result = tally(20, 17, failed=[("courier order 7", "no phone")], created=3, updated=14, shortened=cut)
    daemon.answer("GET", "jobs/12", completed(12, result))
    ran = ctl("sync")
    assert ran.code == 0
    assert ran.out.startswith("sync of all orders: created 3, updated 14, failed 1\n")
    assert "courier order 7  no phone\n" in ran.out
    assert "courier order 8  location\n" in ran.out


def test_sync_of_several_statuses_is_one_job_each(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon, sync_job(12, "4"), sync_job(13, "5", duplicate=True))
    for job_id, status_id in ((12, "4"), (13, "5")):
        result = tally(created=job_id, updated=0)
        daemon.answer("GET", f"jobs/{job_id}", completed(job_id, result, args={"status_id": status_id}))
    ran = ctl("alwaseet:sync", "--status-id=4", "--status-id=5", "--date-from=2026-03-01", "--date-to=2026-03-02")
    assert ran.out == (
        "sync of status 4: created 12, updated 0, failed 0\nsync of status 5: created 13, updated 0, failed 0\n"
    )
    assert ran.err == "joined job 13, which already does it\n"
    asked = {"status_ids": ["4", "5"], "date_from": "2026-03-01", "date_to": "2026-03-02"}
    assert asked == daemon.body_of("POST", "sync")


def test_sync_that_fails_exits_1_with_the_error_and_the_cure(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon, sync_job(12))
    daemon.answer("GET", "jobs/12", failed(12, LoginFailed("wrong password").said))
    ran = ctl("sync")
    assert ran.code == 1
    assert "wrong password\n" in ran.out
    assert "alwaseet_password" in ran.out


def test_sync_need_not_be_waited_for(ctl: Ctl, daemon: StandIn) -> None:
    enqueue(daemon, sync_job(12, "4"), sync_job(13, "5", duplicate=True))
    ran = ctl("sync", "--no-wait")
    assert ran.out == "job 12 is enqueued: sync of status 4\njob 13 already does it: sync of status 5\n"
    assert len(daemon.asked) == 1


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--status-id", "x"], '"x"'),
        (["--status-id", "0"], '"0"'),
        (["--date-from", "yesterday"], '"yesterday"'),
        (["--date-from", "2026-03-02", "--date-to", "2026-03-01"], "2026-03-02"),
        (["--status", "4"], "--status-id"),
    ],
)
def test_wrong_filter_is_wrong_usage_and_named(ctl: Ctl, daemon: StandIn, words: list[str], named: str) -> None:
    ran = ctl("sync", *words)
    assert ran.code == 2
    assert named in ran.err
    assert daemon.asked == []
