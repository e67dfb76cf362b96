"""A muted kind tells nobody for a while, loses nothing, and ends by itself."""

from datetime import timedelta

import pytest

from paranad.alerts.incidents import KEPT_AS
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.mutes import mutable_kind
from paranad.errors import InvalidRequest, NotFound, WrongState
from paranad.events.alerts import AlertMuted, AlertUnmuted
from paranad.events.event import Event
from tests.alerts.harness import AlertsHarness, keys
from tests.support.clock import START, ManualClock

HELD = IncidentKind.SHIPMENT_HELD
HOUR_S = 3600.0


async def mute(harness: AlertsHarness, hours: float = 2) -> None:
    await harness.alerts.mutes.mute(HELD, timedelta(hours=hours), "sara")


async def test_muted_kind_is_kept_and_told_when_the_mute_ends_if_it_still_stands(harness: AlertsHarness) -> None:
    await mute(harness)
    await harness.hold(7)
    assert [] == await harness.told()
    assert [("7", 0)] == [(each.key, each.times_told) for each in harness.alerts.incidents.standing()]
    assert [] == await harness.told(2 * HOUR_S - 1)
    assert [("shipment-held", "7", "open")] == keys(await harness.told(1))
    assert [1] == [each.times_told for each in harness.alerts.incidents.standing()]


async def test_what_is_over_before_the_mute_ends_is_told_to_nobody(harness: AlertsHarness) -> None:
    await mute(harness)
    await harness.hold(7)
    await harness.told()
    await harness.release(7)
    assert [] == await harness.told()
    assert [] == await harness.told(3 * HOUR_S)


async def test_the_end_of_what_was_told_before_is_told_when_the_mute_ends_however_late(harness: AlertsHarness) -> None:
    await harness.hold(7)
    assert [("shipment-held", "7", "open")] == keys(await harness.told())
    await mute(harness, hours=72)
    await harness.release(7)
    assert [] == await harness.told()
    assert [("shipment-held", "7", "over")] == keys(await harness.told(72 * HOUR_S))


async def test_other_kinds_are_told_meanwhile(harness: AlertsHarness) -> None:
    await mute(harness)
    await harness.hold(7)
    await harness.fail(8)
    assert [("shipment-failed", "8", "open")] == keys(await harness.told())


async def test_mute_survives_a_restart_and_ends_by_itself(harness: AlertsHarness, told: list[Event]) -> None:
    await mute(harness)
    await harness.hold(7)
    await harness.start()
    assert [(HELD, START + timedelta(hours=2), "sara")] == [
        (kind, each.until, each.by) for kind, each in harness.alerts.mutes.standing().items()
    ]
    assert [] == await harness.told()
    await harness.told(2 * HOUR_S)
    await harness.start()
    assert {} == harness.alerts.mutes.standing()
    assert [
        AlertMuted(kind=HELD, until="2026-03-02T11:00:00+00:00", by="sara"),
        AlertUnmuted(kind=HELD, by=None),
    ] == [each for each in told if isinstance(each, AlertMuted | AlertUnmuted)]


async def test_unmute_tells_at_once_and_says_who_asked(harness: AlertsHarness, told: list[Event]) -> None:
    await mute(harness)
    await harness.hold(7)
    await harness.look()
    await harness.alerts.unmute(HELD, "omar")
    await harness.tell()
    assert [("shipment-held", "7", "open")] == keys(harness.documents())
    assert AlertUnmuted(kind=HELD, by="omar") in told
    with pytest.raises(WrongState, match="shipment-held is not muted"):
        await harness.alerts.unmute(HELD, "omar")


async def test_mute_of_a_clock_that_was_a_year_ahead_lasts_no_longer_than_it_was_to(
    harness: AlertsHarness, clock: ManualClock
) -> None:
    clock.step(timedelta(days=365))
    await mute(harness)
    clock.step(timedelta(days=-365))
    await harness.look()
    assert [START + timedelta(hours=2)] == [each.until for each in harness.alerts.mutes.standing().values()]


def test_mute_kind_unknown() -> None:
    with pytest.raises(NotFound) as raised:
        mutable_kind("shipments-held")
    assert str(raised.value).startswith(
        'no alert is of the kind "shipments-held"; did you mean "shipment-held"?; known: '
    )
    assert "daemon-failed" not in str(raised.value)


def test_mute_of_what_the_daemon_cannot_know_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="daemon-failed cannot be muted: systemd tells it"):
        mutable_kind("daemon-failed")


async def test_incident_of_a_newer_version_is_left_out_and_the_others_are_kept(harness: AlertsHarness) -> None:
    await harness.hold(7)
    await harness.told()
    kept = await harness.store.values.get(KEPT_AS) or []
    await harness.store.values.put(KEPT_AS, [{**kept[0], "kind": "moon-fell"}, *kept])
    await harness.start()
    assert [] == await harness.told()
    assert ["7"] == [each.key for each in harness.alerts.incidents.standing()]
