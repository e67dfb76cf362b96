"""The alerts' life: over restarts, over a full disk, and while something is wrong with one kind of trouble."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from paranad.alerts.incident import Incident
from paranad.alerts.incidents import FailureNote
from paranad.alerts.kinds import IncidentKind
from paranad.events.alerts import AlertWatchFailed
from paranad.events.event import Event
from paranad.events.shipments import ShipmentHeld
from paranad.events.shop import BridgeRowFailed
from tests.alerts.harness import AlertsHarness, keys
from tests.support.clock import START, ManualClock, Waiting
from tests.support.store import full_disk


@asynccontextmanager
async def running(harness: AlertsHarness) -> AsyncIterator[None]:
    task = asyncio.create_task(harness.alerts.run())
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_a_restart_repeats_no_incident_that_is_open(harness: AlertsHarness, clock: ManualClock) -> None:
    await harness.hold(7)
    assert 1 == len(await harness.told())
    await clock.advance(timedelta(days=1))
    await harness.start()
    await harness.tell()
    assert [] == harness.documents()


async def test_an_incident_that_ended_while_nobody_looked_is_closed_after_a_restart(harness: AlertsHarness) -> None:
    await harness.hold(7)
    await harness.told()
    await harness.release(7)
    await harness.start()
    await harness.tell()
    assert [("shipment-held", "7", "over")] == keys(harness.documents())


async def test_what_was_not_told_before_a_stop_is_told_after_it(harness: AlertsHarness) -> None:
    await harness.hold(7)
    await harness.look()
    await harness.start()
    await harness.tell()
    assert [("shipment-held", "7", "open")] == keys(harness.documents())


async def test_an_end_that_was_not_told_before_a_stop_is_told_after_it(harness: AlertsHarness) -> None:
    await harness.hold(7)
    await harness.told()
    await harness.release(7)
    await harness.look()
    await harness.start()
    await harness.tell()
    assert [("shipment-held", "7", "over")] == keys(harness.documents())


async def test_a_full_disk_keeps_nobody_from_being_told(harness: AlertsHarness) -> None:
    await harness.hold(7)
    async with full_disk(harness.store):
        assert [("shipment-held", "7", "open")] == keys(await harness.told())
        assert [] == await harness.told(60)
    await harness.look()
    await harness.start()
    await harness.tell()
    assert [] == harness.documents()


async def test_trouble_with_one_watch_is_told_once_and_leaves_the_others(
    harness: AlertsHarness, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("no disk")

    monkeypatch.setattr("paranad.alerts.watches.room_of", broken)
    await harness.hold(7)
    assert [("shipment-held", "7", "open")] == keys(await harness.told())
    await harness.minutes(2)
    failed = [event for event in told if isinstance(event, AlertWatchFailed)]
    assert [AlertWatchFailed(kind="disk-nearly-full", error="RuntimeError: no disk")] == failed


async def test_what_cannot_be_read_back_is_begun_anew(harness: AlertsHarness, told: list[Event]) -> None:
    await harness.hold(7)
    await harness.told()
    await harness.sql(
        """UPDATE named_values SET value = '[{"kind": "shipment-held"}]' WHERE name = 'alerts.incidents'"""
    )
    await harness.start()
    await harness.tell()
    assert [("shipment-held", "7", "open")] == keys(harness.documents())
    assert ["all"] == [event.kind for event in told if isinstance(event, AlertWatchFailed)]


async def test_an_event_is_looked_at_within_a_second(harness: AlertsHarness, clock: ManualClock) -> None:
    waiting = Waiting(clock)
    async with running(harness):
        await waiting(60.0)
        await harness.hold(7)
        harness.events.tell(ShipmentHeld(order_id=7, reference="P7-ABCD", code="twice", reason="two fit"))
        await waiting(1.0)
        await clock.advance(1)
        await harness.seen("alert.sent", key="7")
    assert [("shipment-held", "7", "open")] == keys(harness.documents())


async def test_a_row_that_cannot_be_read_is_looked_at_within_a_second(
    harness: AlertsHarness, clock: ManualClock
) -> None:
    waiting = Waiting(clock)
    async with running(harness):
        await waiting(60.0)
        await harness.fail_rows(**{"4f1c": "cut off"})
        harness.events.tell(BridgeRowFailed(row_id=7, payload_class="Job", uuid="4f1c", error="cut off"))
        await waiting(1.0)
        await clock.advance(1)
        await harness.seen("alert.sent", key="4f1c")


async def test_a_daemon_that_comes_up_tells_that_it_is_no_longer_down(
    harness: AlertsHarness, clock: ManualClock
) -> None:
    note = FailureNote(harness.store.path.parent)
    note.leave(Incident(IncidentKind.DAEMON_FAILED, "paranad.service", {"unit": "paranad.service"}, START))
    assert 0o600 == note.path.stat().st_mode & 0o777
    await clock.advance(timedelta(hours=1))
    await harness.start()
    await harness.tell()
    (over,) = harness.documents()
    assert [("daemon-failed", "paranad.service", "over")] == keys([over])
    assert ("paranad.service runs again", "2026-03-02T12:00:00+03:00") == (over["message"], over["opened_at"])
    assert not note.exists()
    await harness.start()
    await harness.tell()
    assert [] == harness.documents()


async def test_a_note_that_cannot_be_read_is_none(harness: AlertsHarness) -> None:
    note = FailureNote(harness.store.path.parent)
    note.path.write_text("[")
    await harness.start()
    await harness.tell()
    assert [] == harness.documents()


async def test_no_trouble_of_the_alerts_ends_the_daemon(
    harness: AlertsHarness, clock: ManualClock, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> list[Incident]:
        raise RuntimeError("a defect")

    waiting = Waiting(clock)
    with monkeypatch.context() as patch:
        patch.setattr(harness.alerts.incidents, "waiting", broken)
        async with running(harness):
            await harness.seen("alert.watch_failed", kind="telling", error="RuntimeError: a defect")
            await waiting(60.0, times=2)
            patch.undo()
            await harness.hold(7)
            await clock.advance(61)
            await harness.seen("alert.sent", key="7")
