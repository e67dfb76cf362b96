"""Two machines: who tells of what, that one took over, that nobody stands by or works, and that two fight."""

from datetime import timedelta

import pytest

from paranad.orders.service import Count
from paranad.said import plain
from paranad.shop.errors import ShopUnreachable
from paranad.standby.decide import Term
from paranad.standby.memory import Memory, remembered
from tests.alerts.harness import AlertsHarness, keys
from tests.schedule.bench import entry
from tests.support.clock import START
from tests.support.standing import Standing

LATE = Count(3, START - timedelta(hours=2), 77, auto_create=True)
HOUR = 3600


@pytest.fixture
async def standing(harness: AlertsHarness) -> Standing:
    """web-2, which stands by for web-1."""
    standing = Standing("web-2")
    standing.stand_by("web-1")
    harness.standby = standing
    await harness.start()
    return standing


async def test_machine_that_stands_by_tells_of_itself_and_of_no_work(
    harness: AlertsHarness, standing: Standing
) -> None:
    harness.unshipped = LATE
    await harness.use(entry())
    await harness.hold(7)
    await harness.minutes(60)
    assert [] == await harness.told()
    harness.away = ShopUnreachable(plain("no route"))
    await harness.minutes(6)
    assert [("shop-unreachable", "database", "open")] == keys(await harness.told())
    harness.away = None
    standing.take_over_from("web-1", harness.clock.now())
    kinds = {kind for kind, _, _ in keys(await harness.told(60))}
    assert {"shipment-held", "orders-unshipped", "taken-over", "shop-unreachable"} == kinds, "the last is over"


async def test_takeover_is_told_once_and_is_over_when_a_machine_stands_by(
    harness: AlertsHarness, standing: Standing
) -> None:
    standing.take_over_from("web-1", harness.clock.now() - timedelta(seconds=95))
    (opened,) = await harness.told()
    assert ("taken-over", "lease", "open") == (opened["kind"], opened["key"], opened["state"])
    assert "web-1 last renewed its lease at 2026-03-02 11:58:25, so web-2 has worked" in opened["message"]
    await harness.minutes(10)
    assert [] == await harness.told()
    standing.let_stand_by("web-1")
    (over,) = await harness.told()
    assert ("taken-over", "web-1 stands by") == (over["kind"], over["message"])
    standing.let_stand_by()
    assert [] == await harness.told(60), "the same takeover is no news again"


async def test_lease_given_up_in_order_is_no_news(harness: AlertsHarness, standing: Standing) -> None:
    standing.take_over_from("web-1", harness.clock.now(), given_up=True)
    assert [] == await harness.told()


async def test_what_was_open_of_the_work_is_over_on_the_machine_that_lost_it(
    harness: AlertsHarness, standing: Standing
) -> None:
    standing.work()
    harness.unshipped = LATE
    await harness.hold(7)
    assert {"orders-unshipped", "shipment-held"} == {kind for kind, _, _ in keys(await harness.told())}
    standing.stand_by("web-1")
    await harness.start()
    (over,) = await harness.told()
    assert ("orders-unshipped", "over", "orders without a shipment: web-1 works now") == (
        over["kind"],
        over["state"],
        over["message"],
    )
    standing.work()
    harness.unshipped = Count(0, None, None, auto_create=True)
    await harness.release(7)
    assert ["shipment-held"] == [each["kind"] for each in await harness.told(60)], (
        "it stayed open: it is in queue.db here"
    )


async def test_entries_owe_nothing_for_the_time_in_which_another_machine_worked(
    harness: AlertsHarness, standing: Standing
) -> None:
    await harness.use(entry())
    standing.work()
    await harness.look()
    standing.stand_by("web-1")
    await harness.start()
    await harness.minutes(120)
    standing.work()
    await harness.minutes(12)
    assert [] == await harness.told()
    assert ["entry-silent"] == [each["kind"] for each in await harness.told(60)]


async def test_nobody_stands_by_for_a_day_is_told_over_a_restart_too(
    harness: AlertsHarness, standing: Standing
) -> None:
    standing.work()
    await harness.look()
    await harness.look(23 * HOUR)
    await harness.start()
    assert [] == await harness.told(HOUR - 60)
    (opened,) = await harness.told(120)
    assert ("no-standby", "2026-03-02 12:00:00") == (opened["kind"], opened["since"])
    assert "if it dies, no order is sent" in opened["message"]
    standing.let_stand_by("web-1")
    (over,) = await harness.told(60)
    assert "web-1 stands by" == over["message"]


async def test_day_without_a_standby_begins_when_the_machine_takes_over(
    harness: AlertsHarness, standing: Standing
) -> None:
    await harness.look(30 * HOUR)
    standing.work()
    assert [] == await harness.told(60)
    assert ["no-standby"] == [each["kind"] for each in await harness.told(24 * HOUR)]


async def test_nobody_works_is_told_after_five_minutes_with_why(harness: AlertsHarness, standing: Standing) -> None:
    standing.stand_by(None, why="no table paranad_lease")
    await harness.minutes(5)
    (opened,) = await harness.told(60)
    assert "lease-untaken" == opened["kind"]
    assert "no machine works, so no order is sent; web-2 stands by: no table paranad_lease" == opened["message"]
    standing.stand_by("web-1")
    (over,) = await harness.told(60)
    assert "web-1 works now" == over["message"]


async def test_lease_that_goes_to_and_fro_is_told_by_the_one_that_works(
    harness: AlertsHarness, standing: Standing
) -> None:
    for number in range(4):
        _lose_and_take(harness, standing, takes=number % 2 == 1)
        await harness.start()
        await harness.look(300)
    assert [] == [each for each in await harness.told() if each["kind"] == "lease-fight"]
    _lose_and_take(harness, standing, takes=False)
    assert [] == [each for each in await harness.told(60) if each["kind"] == "lease-fight"], "web-1 tells of it"
    _lose_and_take(harness, standing, takes=True)
    (opened,) = [each for each in await harness.told(60) if each["kind"] == "lease-fight"]
    assert "the lease was lost to another machine 5 times within an hour, last to web-2" == opened["message"]
    (over,) = [each for each in await harness.told(HOUR) if each["kind"] == "lease-fight"]
    assert "over" == over["state"]


def _lose_and_take(harness: AlertsHarness, standing: Standing, *, takes: bool) -> None:
    if takes:
        standing.take_over_from("web-1", harness.clock.now() - timedelta(seconds=95))
    else:
        standing.stand_by("web-1")


async def test_planned_changes_and_one_death_are_no_fight(harness: AlertsHarness, standing: Standing) -> None:
    """A trial of `standby yield`, an upgrade of both, and a machine that dies within the hour."""
    for number in range(6):
        if number % 2:
            standing.take_over_from("web-1", harness.clock.now(), given_up=number != 1)
        else:
            standing.stand_by("web-1", gave_up=True)
        await harness.look(300)
    assert [] == [each for each in await harness.told() if each["kind"] == "lease-fight"]


@pytest.mark.parametrize(("ends", "gave_up"), [("stop", True), ("lost", False)])
async def test_machine_knows_after_a_restart_whether_it_gave_the_lease_up(ends: str, gave_up: bool) -> None:
    held = Memory("id", "home", "boot", {"token": Term(3, 12.0)}, {})
    left = held.given_up() if ends == "stop" else held
    read = remembered(left.document(), home="home", boot="boot", new_holder="new")
    assert gave_up == read.gave_up


async def test_two_with_one_identity_are_told_with_the_cure(harness: AlertsHarness, standing: Standing) -> None:
    standing.stand_by("web-1", doubled=True)
    (opened,) = await harness.told()
    assert "lease-fight" == opened["kind"]
    assert "another daemon had the identity of web-2" in opened["message"]
    assert "stop paranad on it, move its state directory away" in opened["cure"]
    standing.stand_by("web-1")
    (over,) = await harness.told(60)
    assert "no other daemon has this one's identity" in over["message"]


async def test_one_machine_alone_keeps_nothing_of_a_lease(harness: AlertsHarness) -> None:
    harness.unshipped = LATE
    assert [("orders-unshipped", "oldest", "open")] == keys(await harness.told())
    assert await harness.store.values.get("alerts.lease") is None
