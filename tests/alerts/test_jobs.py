"""Shipments that are held, orders that were not sent, jobs that took the daemon down: from what queue.db holds."""

from datetime import timedelta

import pytest

from tests.alerts.office import Office, keys
from tests.support.clock import ManualClock
from tests.support.queue import new_job


async def test_a_held_shipment_is_told_once_and_once_when_it_is_decided(office: Office) -> None:
    await office.hold(7)
    (opened,) = await office.told()
    assert ("shipment-held", "7", "open") == keys([opened])[0]
    assert ("P7-ABCD", "two courier orders fit") == (opened["reference"], opened["reason"])
    assert [] == await office.told(3600)
    await office.release(7)
    (over,) = await office.told()
    assert "order 7: its shipment is no longer held: it may be sent again" == over["message"]
    assert [] == await office.told(3600)


async def test_an_order_that_is_held_again_is_another_incident(office: Office) -> None:
    await office.hold(7)
    await office.told()
    await office.release(7)
    await office.told()
    await office.hold(7)
    assert [("shipment-held", "7", "open")] == keys(await office.told())


async def test_an_order_whose_job_failed_for_good_is_told(office: Office) -> None:
    job_id = await office.fail(8)
    (opened,) = await office.told()
    assert [("shipment-failed", "8", "open")] == keys([opened])
    assert f"order 8 has no shipment: job {job_id} has failed: nothing to ship" == opened["message"]
    assert [] == await office.told(600)


async def test_a_failed_job_of_a_held_order_is_no_incident_of_its_own(office: Office) -> None:
    await office.hold(8)
    await office.fail(8)
    assert [("shipment-held", "8", "open")] == keys(await office.told())


async def test_a_retry_alone_ends_nothing(office: Office) -> None:
    job_id = await office.fail(8)
    await office.told()
    await office.line.jobs.retry(job_id)
    assert [] == await office.told()
    await office.work(job_id, times=2)
    assert [] == await office.told(60)


@pytest.mark.parametrize("ended", ["forgotten", "cancelled", "recorded"])
async def test_an_unsent_order_is_over(office: Office, ended: str) -> None:
    job_id = await office.fail(8)
    await office.told()
    match ended:
        case "forgotten":
            await office.line.jobs.forget(job_id)
        case "cancelled":
            await office.line.jobs.retry(job_id)
            await office.line.jobs.cancel_waiting(job_id)
        case _:
            await office.record(8)
    (over,) = await office.told()
    how = "it has its shipment now" if ended == "recorded" else f"job {job_id} was {ended}"
    assert ("over", f"order 8: {how}") == (over["state"], over["message"])
    assert [] == await office.told(60)


async def test_what_failed_before_alerts_were_there_is_not_told(office: Office, clock: ManualClock) -> None:
    await office.fail(8)
    await office.sql("DELETE FROM named_values")
    await clock.advance(timedelta(hours=1))
    await office.start()
    assert [] == await office.told()


async def test_what_failed_as_the_last_daemon_ended_is_told_by_the_next(office: Office, clock: ManualClock) -> None:
    await office.fail(8)
    await clock.advance(timedelta(days=2))
    await office.start()
    await office.tell()
    assert [("shipment-failed", "8", "open")] == keys(office.documents())


async def test_other_tasks_that_fail_are_no_incident(office: Office) -> None:
    await office.line.enqueue(new_job("carts:expire"))
    await office.sql("UPDATE jobs SET state = 'failed', error = 'x', finished_at = due_at, started_at = due_at")
    assert [] == await office.told()


async def test_a_job_that_took_the_daemon_down_is_told_until_it_is_forgotten(office: Office) -> None:
    (job_id,) = await office.line.enqueue(new_job("carts:expire"))
    for _ in range(3):
        await office.sql("UPDATE jobs SET state = 'running', started_at = due_at, attempt = attempt + 1")
        await office.line.jobs.recover()
    (opened,) = await office.told()
    assert [("job-took-daemon-down", str(job_id), "open")] == keys([opened])
    assert (3, "carts:expire") == (opened["strikes"], opened["task"])
    await office.line.jobs.forget(job_id)
    assert [("job-took-daemon-down", str(job_id), "over")] == keys(await office.told())


async def test_a_clock_that_is_set_back_hides_nothing(office: Office, clock: ManualClock) -> None:
    clock.step(timedelta(hours=-2))
    await office.look()
    await office.fail(8)
    assert [("shipment-failed", "8", "open")] == keys(await office.told())
