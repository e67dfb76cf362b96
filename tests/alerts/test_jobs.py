"""Shipments that are held, orders that were not sent, jobs that took the daemon down: from what queue.db holds."""

from datetime import timedelta

import pytest

from tests.alerts.harness import AlertsHarness, keys
from tests.support.clock import ManualClock
from tests.support.queue import new_job


async def test_a_held_shipment_is_told_once_and_once_when_it_is_decided(harness: AlertsHarness) -> None:
    await harness.hold(7)
    (opened,) = await harness.told()
    assert ("shipment-held", "7", "open") == keys([opened])[0]
    assert ("P7-ABCD", "two courier orders fit") == (opened["reference"], opened["reason"])
    assert [] == await harness.told(3600)
    await harness.release(7)
    (over,) = await harness.told()
    assert "order 7: its shipment is no longer held: it may be sent again" == over["message"]
    assert [] == await harness.told(3600)


async def test_an_order_that_is_held_again_is_another_incident(harness: AlertsHarness) -> None:
    await harness.hold(7)
    await harness.told()
    await harness.release(7)
    await harness.told()
    await harness.hold(7)
    assert [("shipment-held", "7", "open")] == keys(await harness.told())


async def test_an_order_whose_job_failed_for_good_is_told(harness: AlertsHarness) -> None:
    job_id = await harness.fail(8)
    (opened,) = await harness.told()
    assert [("shipment-failed", "8", "open")] == keys([opened])
    assert f"order 8 has no shipment: job {job_id} has failed: nothing to ship" == opened["message"]
    assert [] == await harness.told(600)


async def test_a_failed_job_of_a_held_order_is_no_incident_of_its_own(harness: AlertsHarness) -> None:
    await harness.hold(8)
    await harness.fail(8)
    assert [("shipment-held", "8", "open")] == keys(await harness.told())


async def test_a_retry_alone_ends_nothing(harness: AlertsHarness) -> None:
    job_id = await harness.fail(8)
    await harness.told()
    await harness.line.jobs.retry(job_id)
    assert [] == await harness.told()
    await harness.work(job_id, times=2)
    assert [] == await harness.told(60)


@pytest.mark.parametrize("ended", ["forgotten", "cancelled", "recorded"])
async def test_an_unsent_order_is_over(harness: AlertsHarness, ended: str) -> None:
    job_id = await harness.fail(8)
    await harness.told()
    match ended:
        case "forgotten":
            await harness.line.jobs.forget(job_id)
        case "cancelled":
            await harness.line.jobs.retry(job_id)
            await harness.line.jobs.cancel_waiting(job_id)
        case _:
            await harness.record(8)
    (over,) = await harness.told()
    how = "it has its shipment now" if ended == "recorded" else f"job {job_id} was {ended}"
    assert ("over", f"order 8: {how}") == (over["state"], over["message"])
    assert [] == await harness.told(60)


async def test_what_failed_before_alerts_were_there_is_not_told(harness: AlertsHarness, clock: ManualClock) -> None:
    await harness.fail(8)
    await harness.sql("DELETE FROM named_values")
    await clock.advance(timedelta(hours=1))
    await harness.start()
    assert [] == await harness.told()


async def test_what_failed_as_the_last_daemon_ended_is_told_by_the_next(
    harness: AlertsHarness, clock: ManualClock
) -> None:
    await harness.fail(8)
    await clock.advance(timedelta(days=2))
    await harness.start()
    await harness.tell()
    assert [("shipment-failed", "8", "open")] == keys(harness.documents())


async def test_a_job_that_took_the_daemon_down_is_told_until_it_is_forgotten(harness: AlertsHarness) -> None:
    (job_id,) = await harness.line.enqueue(new_job("carts:expire"))
    for _ in range(3):
        await harness.sql("UPDATE jobs SET state = 'running', started_at = due_at, attempt = attempt + 1")
        await harness.line.jobs.recover()
    (opened,) = await harness.told()
    assert [("job-took-daemon-down", str(job_id), "open")] == keys([opened])
    assert (3, "carts:expire") == (opened["strikes"], opened["task"])
    await harness.line.jobs.forget(job_id)
    assert [("job-took-daemon-down", str(job_id), "over")] == keys(await harness.told())


async def test_a_clock_that_is_set_back_hides_nothing(harness: AlertsHarness, clock: ManualClock) -> None:
    clock.step(timedelta(hours=-2))
    await harness.look()
    await harness.fail(8)
    assert [("shipment-failed", "8", "open")] == keys(await harness.told())
