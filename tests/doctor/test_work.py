"""What the doctor says of the daemon's own queue, schedule and shipments: everything is broken once, and seen."""

from dataclasses import replace
from datetime import timedelta
from string import Formatter

import httpx
import pytest

from paranad.control.schemas import Doctor, DoctorCheck
from paranad.doctor.findings import ANY, FINDINGS, found
from paranad.doctor.work import build_doctor
from paranad.errors import StateFull
from paranad.queue.model import State
from paranad.schedule.loop import Run, RunOutcome
from tests.control.stands import FACTS, DaemonStand, ShipmentsStand
from tests.support.clock import START, ManualClock
from tests.support.findings import codes, only

MINUTE = timedelta(minutes=1)
CARTS = {"task": "carts:expire"}


def test_what_is_not_ok_has_a_cure_and_what_is_ok_has_none() -> None:
    assert [] == [code for code, words in FINDINGS.items() if (words.outcome == "ok") != (words.cure is None)]


def test_every_finding_names_its_check() -> None:
    assert set(ANY) == {code for code, words in FINDINGS.items() if not words.check}


@pytest.mark.parametrize("code", FINDINGS)
def test_words_hold_their_values(code: str) -> None:
    words = FINDINGS[code]
    names = {name for text in (words.why, words.cure or "") for _, name, _, _ in Formatter().parse(text) if name}
    finding = found(code, check="loop", **dict.fromkeys(names - {"check"}, "{odd}"))
    assert finding.why.count("{odd}") + (finding.cure or "").count("{odd}") >= len(names - {"check"})


async def test_the_daemon_s_look_stands_in_the_answer(api: httpx.AsyncClient, daemon: DaemonStand) -> None:
    daemon.seen = [found("disk-roomy", free="3 GiB", folder="/var/lib/paranad")]
    items = Doctor.model_validate((await api.get("/v1/doctor")).json()).items
    assert ["daemon-ready", "disk-roomy", "queues-open", "jobs-none-failed"] == codes(items)[:4]
    assert "shipments" == items[-1].check


@pytest.mark.parametrize(
    ("state", "code"), [("ready", "daemon-ready"), ("draining", "daemon-draining"), ("stopping", "daemon-not-ready")]
)
async def test_state_of_the_daemon_is_said(daemon: DaemonStand, state: str, code: str) -> None:
    daemon.told_facts = replace(FACTS, daemon=FACTS.daemon.model_copy(update={"state": state}))
    assert code == (await items(daemon))[0].code


async def items(daemon: DaemonStand) -> list[DoctorCheck]:
    return (await build_doctor(daemon, daemon.seen)).items


async def test_one_cause_is_said_once_however_many_looks_it_has_ended(daemon: DaemonStand) -> None:
    daemon.seen = [found("state-refused", reason=reason) for reason in ("the disk is full", "no room")]
    assert [daemon.seen[0]] == [item for item in await items(daemon) if item.check == "state"]


async def test_two_queues_that_are_paused_are_two_findings(daemon: DaemonStand) -> None:
    daemon.seen = [found("queue-paused", queue=name, available=0) for name in ("high", "default", "high")]
    assert ["high", "default"] == [item.values["queue"] for item in await items(daemon) if item.code == "queue-paused"]


async def test_paused_queue_is_seen(api: httpx.AsyncClient, daemon: DaemonStand) -> None:
    await daemon.jobs.pause("default")
    await api.post("/v1/jobs", json=CARTS)
    finding = only(await items(daemon), "queue-paused")
    assert ("1", "paranadctl resume default") == (finding.values["available"], finding.cure)


async def test_failed_jobs_are_seen_with_the_last(api: httpx.AsyncClient, daemon: DaemonStand) -> None:
    await api.post("/v1/jobs", json=CARTS)
    await daemon.store.writer._connection.execute_fetchall(
        "UPDATE jobs SET state = 'failed', started_at = 1, finished_at = 1, error = 'no such cart', tries_spent = tries"
    )
    await daemon.store.writer._connection.commit()
    finding = only(await items(daemon), "jobs-failed")
    assert "jobs that have failed for good: 1; the last is carts:expire: no such cart" == finding.why


async def test_held_shipments_are_seen(daemon: DaemonStand) -> None:
    finding = only(await items(daemon), "shipments-held")
    assert ("failed", "500", "paranadctl shipments show 500") == (
        finding.outcome,
        finding.values["orders"],
        (finding.cure or "").rpartition(": ")[2],
    )


async def test_restored_queue_db_that_is_not_matched_is_seen(daemon: DaemonStand) -> None:
    daemon.shipments.copied_at = START
    found_ = await items(daemon)
    assert "shipments-held" in codes(found_)
    finding = only(found_, "shipments-restored")
    assert ("failed", True) == (finding.outcome, (finding.cure or "").endswith("paranadctl shipments reconcile"))


async def test_no_held_shipments_are_good(daemon: DaemonStand, monkeypatch: pytest.MonkeyPatch) -> None:
    async def none(_: object) -> dict[object, int]:
        return {}

    monkeypatch.setattr(ShipmentsStand, "counts", none)
    assert "shipments-none-held" in codes(await items(daemon))


def carts(daemon: DaemonStand, **changed: object) -> None:
    """Let the entry `carts:expire`, due every five minutes, be as *changed* says."""
    view = daemon.scheduler.entries["carts:expire"]
    daemon.scheduler.entries = {"carts:expire": replace(view, **changed)}  # type: ignore[arg-type]


async def entry(daemon: DaemonStand) -> DoctorCheck:
    [finding] = [finding for finding in await items(daemon) if finding.check == "schedule"]
    return finding


async def test_entry_says_when_it_last_succeeded(daemon: DaemonStand) -> None:
    carts(daemon)
    daemon.scheduler.succeeded["carts:expire"] = START
    finding = await entry(daemon)
    assert ("entry-succeeded", "carts:expire last succeeded 2026-03-02 12:00:00") == (finding.code, finding.why)


async def test_entry_that_has_not_run_yet_says_when_it_will(daemon: DaemonStand) -> None:
    carts(daemon, last=None)
    finding = await entry(daemon)
    assert ("entry-waits", "2026-03-02 12:05:00") == (finding.code, finding.values["next"])


@pytest.mark.parametrize(("after", "silent"), [(19, False), (20, True)])
async def test_entry_without_success_for_three_periods_is_seen(
    daemon: DaemonStand, clock: ManualClock, after: int, silent: bool
) -> None:
    carts(daemon)
    daemon.scheduler.succeeded["carts:expire"] = START
    await clock.advance(after * MINUTE)
    finding = await entry(daemon)
    assert silent == (finding.code == "entry-silent")
    if silent:
        assert ("failed", "its last job is unfinished") == (finding.outcome, finding.values["reason"])


async def test_silent_entry_says_how_its_last_job_stands(
    api: httpx.AsyncClient, daemon: DaemonStand, clock: ManualClock
) -> None:
    await api.post("/v1/jobs", json=CARTS)
    run = Run(START, RunOutcome.ENQUEUED, None, 1)
    carts(daemon, last=run, last_job_state=State.AVAILABLE)
    await clock.advance(20 * MINUTE)
    finding = await entry(daemon)
    assert ("entry-silent", "job 1 available", "-") == (finding.code, finding.values["reason"], finding.values["at"])


async def test_entry_is_not_blamed_for_the_time_before_the_daemon_started(
    daemon: DaemonStand, clock: ManualClock
) -> None:
    carts(daemon)
    daemon.scheduler.succeeded["carts:expire"] = START
    await clock.advance(timedelta(days=3))
    daemon.told_facts = replace(FACTS, daemon=FACTS.daemon.model_copy(update={"since": clock.now()}))
    assert "entry-succeeded" == (await entry(daemon)).code


async def test_entry_whose_job_is_no_longer_kept_is_not_blamed(daemon: DaemonStand, clock: ManualClock) -> None:
    carts(daemon, last=Run(START, RunOutcome.ENQUEUED, None, 99), last_job_state=None)
    await clock.advance(timedelta(days=9))
    assert "entry-forgotten" == (await entry(daemon)).code


async def test_entries_that_do_not_run_say_why(daemon: DaemonStand, clock: ManualClock) -> None:
    await clock.advance(timedelta(days=1))
    disabled = replace(daemon.scheduler.entries["carts:expire"].entry, enabled=False)
    carts(daemon, entry=disabled)
    assert "entry-disabled" == (await entry(daemon)).code
    carts(daemon, off="this shop has no table messages")
    assert "entry-off" == (await entry(daemon)).code
    carts(daemon, entry=replace(disabled, enabled=True), off=None, paused=True)
    finding = await entry(daemon)
    assert ("entry-paused", "paranadctl schedule resume carts:expire") == (finding.code, finding.cure)


async def test_queue_db_that_cannot_be_asked_does_not_silence_the_doctor(
    daemon: DaemonStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused() -> None:
        raise StateFull("queue.db could not be read")

    monkeypatch.setattr(daemon.jobs, "counts", refused)
    found_ = codes(await items(daemon))
    assert {"state-refused", "shipments-held"} <= set(found_)
