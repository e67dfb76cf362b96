"""What the doctor says of the queues, the schedule and the shipments: everything is broken once, and seen."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

import pytest

from paranad.alerts.incidents import Incidents
from paranad.alerts.kinds import IncidentKind
from paranad.catalogue import CREATE_SHIPMENT
from paranad.courier.client import Courier
from paranad.doctor.bounded import Findings
from paranad.doctor.work import entry_findings, finding_of, queue_findings, shipment_findings, work_findings
from paranad.events.event import Events
from paranad.finding import Found
from paranad.orders.parcel_rules import ParcelKind
from paranad.orders.parcel_watch import Reading
from paranad.queue.pause import Pause
from paranad.said import plain
from paranad.schedule.entries import Command
from paranad.shipments import reasons
from paranad.shipments.request import ShipmentPrice
from paranad.shipments.service import Shipments
from paranad.shop.database import Shop
from paranad.store.backup import COPIED_AT
from paranad.store.file import Store
from tests.schedule.bench import ZONE, Bench, Start, entry
from tests.support.clock import START, ManualClock
from tests.support.courier import PHONE
from tests.support.findings import codes, only
from tests.support.queue import Line, Script, complete, fail_for_good, new_job

MINUTE = timedelta(minutes=1)
CARTS = entry(cron="*/5 * * * *")


@pytest.fixture
def line(store: Store, clock: ManualClock, events: Events) -> Line:
    return Line(store, clock, events, scripts={"carts:expire": fail_for_good})


async def queues(line: Line) -> Findings:
    return await queue_findings(line.jobs, line.workers, line.clock.now())


async def test_open_queues_and_no_failed_job_are_good(line: Line) -> None:
    assert ["queues-open", "jobs-none-failed"] == codes(await queues(line))


async def test_each_queue_that_is_paused_is_a_finding_of_its_own(line: Line) -> None:
    for queue in ("default", "high"):
        await line.jobs.pause(queue)
    await line.enqueue(new_job())
    high, default, _ = await queues(line)
    assert ["high", "default"] == [high.values["queue"], default.values["queue"]]
    assert ("queue-paused", "1", "paranadctl resume default") == (
        default.code,
        default.values["available"],
        str(default.cure),
    )


async def test_a_task_that_is_paused_is_a_finding_with_what_waits(line: Line) -> None:
    await line.enqueue(new_job(), new_job())
    await line.jobs.pause_task("carts:expire")
    paused, _ = await queues(line)
    assert ("task-paused", "2", "paranadctl resume carts:expire") == (
        paused.code,
        paused.values["due"],
        str(paused.cure),
    )


async def test_failed_jobs_are_seen_with_the_last(line: Line) -> None:
    await line.enqueue(new_job())
    async with line.working():
        await line.seen("job.failed")
    finding = only(await queues(line), "jobs-failed")
    assert "jobs that have failed for good: 1; the last is carts:expire: nothing to ship" == str(finding.why)


@pytest.fixture
def shipments(
    store: Store, sqlite_shop: Shop, courier: Courier, line: Line, clock: ManualClock, events: Events
) -> Shipments:
    async def enqueue(order_id: int) -> None:
        await line.enqueue(new_job(CREATE_SHIPMENT.name, args={"order_id": order_id}))

    return Shipments(
        store,
        sqlite_shop,
        courier,
        clock,
        events,
        random=Random(7),
        settle_time=3 * MINUTE,
        price=ShipmentPrice.TOTAL,
        enqueue=enqueue,
    )


async def test_held_shipments_are_seen(shipments: Shipments) -> None:
    assert ["shipments-none-held"] == codes(await shipment_findings(shipments, ZONE))
    await shipments.journal.intend(500, "P500-AAAA", PHONE, 25000)
    await shipments.journal.hold(500, reasons.GIVEN_UP())
    [finding] = await shipment_findings(shipments, ZONE)
    assert ("shipments-held", "failed", "500") == (finding.code, finding.outcome, finding.values["orders"])
    assert str(finding.cure).endswith("paranadctl shipments show 500")


@pytest.mark.parametrize(
    ("counts", "code", "kinds"),
    [
        ({}, "parcels-off", None),
        ({ParcelKind.STUCK: 0}, "parcels-well", None),
        ({ParcelKind.STUCK: 0, ParcelKind.RETURNING: 2, ParcelKind.PRICE: 5}, "parcels-found", "returning 2, price 5"),
    ],
)
def test_parcels_that_need_a_person_are_counted(counts: Mapping[ParcelKind, int], code: str, kinds: str | None) -> None:
    finding = finding_of(Reading(START, {}, counts, {}))
    assert (code, kinds) == (finding.code, finding.values.get("kinds"))
    assert finding.values.get("count") in {None, "7"}


async def test_restored_queue_db_that_is_not_matched_is_seen(shipments: Shipments, store: Store) -> None:
    await store.values.put(COPIED_AT, 1)
    restored, _ = await shipment_findings(shipments, ZONE)
    assert ("shipments-restored", "failed") == (restored.code, restored.outcome)
    assert str(restored.cure).endswith("paranadctl shipments reconcile")


async def found(bench: Bench, since: datetime = START) -> Found:
    """Return what is found of the only entry; the daemon runs since *since*."""
    return await found_beside(bench, Line(bench.store, bench.clock, bench.events), since)


async def found_beside(
    bench: Bench, line: Line, since: datetime = START, owed_since: Mapping[str, datetime] | None = None
) -> Found:
    """Return what is found of the only entry while the queue's jobs and workers are *line*'s."""
    now = bench.clock.now()
    [finding] = await entry_findings(
        bench.scheduler, line.jobs, line.workers, owed_since or {}, since=since, now=now, zone=ZONE
    )
    return finding


async def work(bench: Bench, script: Script) -> None:
    """Run the job that waits."""
    line = Line(bench.store, bench.clock, bench.events, scripts={"carts:expire": script})
    async with line.working():
        await line.seen("job.completed" if script is complete else "job.failed")


async def test_entry_that_has_not_run_yet_says_when_it_will(start: Start) -> None:
    async with start(CARTS) as bench:
        finding = await found(bench)
    assert ("entry-waits", "2026-03-02 12:05:00") == (finding.code, finding.values["next"])


async def test_entry_says_when_it_last_succeeded(start: Start) -> None:
    async with start(CARTS) as bench:
        await bench.advance(5 * MINUTE)
        await work(bench, complete)
        finding = await found(bench)
    assert ("entry-succeeded", "carts:expire last succeeded 2026-03-02 12:05:00") == (finding.code, str(finding.why))


@pytest.mark.parametrize(("after", "silent"), [(15, False), (16, True)])
async def test_entry_without_success_for_a_period_and_a_grace_is_seen(start: Start, after: int, silent: bool) -> None:
    async with start(CARTS) as bench:
        await bench.advance(5 * MINUTE)
        await bench.advance((after - 5) * MINUTE)
        finding = await found(bench)
    assert silent == (finding.code == "entry-silent")
    if silent:
        assert ("failed", "job 1 available") == (finding.outcome, finding.values["reason"])


async def test_silent_entry_says_how_its_last_job_stands(start: Start, clock: ManualClock) -> None:
    async with start(CARTS) as bench:
        await bench.advance(5 * MINUTE)
    await clock.advance(20 * MINUTE)
    finding = await found(bench)
    assert ("entry-silent", "job 1 available", "-") == (finding.code, finding.values["reason"], finding.values["at"])
    await work(bench, fail_for_good)
    assert "job 1 failed: nothing to ship" == (await found(bench)).values["reason"]


@pytest.mark.parametrize("held_up", ["paused", "drained"])
async def test_entry_whose_jobs_an_operator_holds_up_waits_and_is_not_blamed(start: Start, held_up: str) -> None:
    async with start(CARTS) as bench:
        line = Line(bench.store, bench.clock, bench.events)
        await bench.advance(30 * MINUTE)
        assert "entry-silent" == (await found_beside(bench, line)).code
        if held_up == "paused":
            await line.jobs.pause("default")
        else:
            line.workers.drain()
        finding = await found_beside(bench, line)
        assert ("entry-waits", "ok", "2026-03-02 12:35:00") == (finding.code, finding.outcome, finding.values["next"])


async def test_entry_is_not_blamed_for_the_time_before_the_daemon_started(start: Start, clock: ManualClock) -> None:
    async with start(CARTS) as bench:
        await bench.advance(5 * MINUTE)
        await work(bench, complete)
    await clock.advance(timedelta(days=3))
    assert "entry-silent" == (await found(bench)).code
    assert "entry-succeeded" == (await found(bench, since=clock.now())).code


async def test_entry_is_blamed_by_the_alerts_count_which_begins_again_after_a_pause_or_an_outage(start: Start) -> None:
    async with start(CARTS) as bench:
        line = Line(bench.store, bench.clock, bench.events)
        await bench.advance(30 * MINUTE)
        assert "entry-silent" == (await found_beside(bench, line)).code
        again = {"carts:expire": bench.clock.now()}
        assert "entry-waits" == (await found_beside(bench, line, owed_since=again)).code


async def test_entry_whose_job_is_no_longer_kept_is_not_blamed(start: Start, clock: ManualClock) -> None:
    async with start(CARTS) as bench:
        await bench.advance(5 * MINUTE)
        await work(bench, fail_for_good)
        await bench.jobs.forget(1)
    await clock.advance(timedelta(days=9))
    assert "entry-forgotten" == (await found(bench)).code


async def test_entry_that_is_disabled_is_said(start: Start, clock: ManualClock) -> None:
    async with start(entry(cron="*/5 * * * *", enabled=False)) as bench:
        await clock.advance(timedelta(days=1))
        assert "entry-disabled" == (await found(bench)).code


async def test_entry_for_which_the_shop_lacks_a_table_is_said(start: Start) -> None:
    async with start(CARTS) as bench:
        bench.lacks["carts:expire"] = plain("this shop has no table messages")
        await bench.advance(5 * MINUTE)
        finding = await found(bench)
    assert ("entry-off", "this shop has no table messages") == (finding.code, finding.values["reason"])


async def test_entry_whose_program_is_missing_is_failed(start: Start) -> None:
    async with start(entry(cron="*/5 * * * *", command=Command(("/nowhere/backup",)))) as bench:
        finding = await found(bench)
    assert ("entry-program-missing", "failed") == (finding.code, finding.outcome)


async def test_entry_that_is_paused_is_a_warning(start: Start, clock: ManualClock) -> None:
    async with start(CARTS) as bench:
        await bench.scheduler.pause("carts:expire")
        await clock.advance(timedelta(days=1))
        finding = await found(bench)
    assert ("entry-paused", "paranadctl schedule resume carts:expire") == (finding.code, str(finding.cure))


async def test_what_the_alerts_found_wrong_with_the_work_is_told_in_their_words_with_the_cure(
    store: Store, clock: ManualClock, events: Events
) -> None:
    incidents = Incidents(store.values, clock, events)
    assert ["work-well"] == codes(await work_findings(incidents))
    facts = {"task": "backup", "job_id": 12, "error": plain("tar: no space left"), "failed_at": "x"}
    incidents.begin(IncidentKind.JOB_FAILED, "backup", facts)
    finding = only(await work_findings(incidents), "job-failed")
    assert ("failed", "job 12 (backup) has failed: tar: no space left") == (finding.outcome, str(finding.why))
    assert "then paranadctl retry 12" in str(finding.cure)
    assert "alert.job_failed" == finding.document()["facts"]["message"]["code"]


async def test_pause_of_an_entry_that_is_gone_is_a_warning_until_it_ends(start: Start) -> None:
    async with start(entry("backup")) as bench:
        now = bench.clock.now()
        await bench.scheduler.pause("backup", Pause(now, now + timedelta(hours=2), "the disk is changed", "ali"))
        bench.scheduler.replace([CARTS])
        bench.passed.clear()
        await bench.settled()
        line = Line(bench.store, bench.clock, bench.events)
        findings = await entry_findings(bench.scheduler, line.jobs, line.workers, {}, since=START, now=now, zone=ZONE)
    gone = only(findings, "entry-gone")
    why = (
        "backup is paused, and the configuration no longer has it; since 12:00 by ali, until 14:00: the disk is changed"
    )
    assert (why, True) == (str(gone.why), str(gone.cure).endswith("paranadctl schedule resume backup"))


async def test_everything_that_is_paused_is_one_finding(line: Line) -> None:
    await line.enqueue(new_job())
    await line.jobs.pause_all()
    assert ["all-paused", "jobs-none-failed"] == codes(await queues(line))
