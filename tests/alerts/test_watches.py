"""The disk, the courier's login, the shop: once when it begins, once when it is over, whatever hovers between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from paranad import outside
from paranad.alerts.kinds import IncidentKind
from paranad.courier.breaker import OUTAGES
from paranad.events.alerts import AlertWatchFailed
from paranad.events.courier import CourierLoggedIn, CourierLoginRefused, CourierRightRefused
from paranad.events.event import Event
from paranad.events.queue import JobCompleted
from paranad.events.shipments import ShipmentCreated
from paranad.events.shop import ShopLost, ShopReturned
from paranad.orders.service import Count
from paranad.said import plain
from paranad.schedule.entries import Command
from paranad.shop.errors import TABLE, ShopUnexpectedSchema, ShopUnreachable
from paranad.shop.tables import failed_jobs
from paranad.store.room import MIB, Room
from tests.alerts.harness import AlertsHarness, keys
from tests.schedule.bench import entry

GIB = 1024 * MIB


class Disk:
    """A disk of 20 GiB, of which a test says how much is free."""

    def __init__(self) -> None:
        self.free = 10 * GIB

    def room(self, _: object) -> Room:
        return Room(self.free, 20 * GIB)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr("paranad.alerts.watches.room_of", disk.room)
    return disk


async def test_a_disk_that_hovers_at_the_limit_is_told_once(harness: AlertsHarness, disk: Disk) -> None:
    disk.free = GIB - 1
    (opened,) = await harness.told()
    assert ("disk-nearly-full", 1023, 20480) == (opened["kind"], opened["free_mib"], opened["total_mib"])
    assert str(harness.store.path.parent) == opened["path"] == opened["key"]
    for free in (GIB + 1, GIB - 1, GIB + GIB // 2 - 1):
        disk.free = free
        assert [] == await harness.told()
    disk.free = GIB + GIB // 2
    (over,) = await harness.told()
    assert over["message"].endswith("there is room again, 1536 MiB")


async def test_a_refused_login_is_told_until_the_courier_accepts_it(harness: AlertsHarness) -> None:
    harness.events.tell(
        CourierLoginRefused(reason=plain("the courier refused the username and password: errNum 1: no"))
    )
    (opened,) = await harness.told()
    assert [("courier-login-refused", "account", "open")] == keys([opened])
    assert "errNum 1" in opened["message"]
    harness.events.tell(CourierLoginRefused(reason=plain("again")))
    assert [] == await harness.told()
    harness.events.tell(CourierLoggedIn())
    assert [("courier-login-refused", "account", "over")] == keys(await harness.told())


async def test_a_sync_that_completes_shows_after_a_restart_that_the_account_is_good(harness: AlertsHarness) -> None:
    harness.events.tell(CourierLoginRefused(reason=plain("no")))
    await harness.told()
    await harness.start()
    assert [] == await harness.told()
    harness.events.tell(
        JobCompleted(job_id=1, task="alwaseet:sync-orders", queue="q", attempt=1, wait_ms=0, duration_ms=0)
    )
    assert [("courier-login-refused", "account", "over")] == keys(await harness.told())


async def test_a_missing_right_is_over_with_the_next_shipment_and_not_with_a_login(harness: AlertsHarness) -> None:
    harness.events.tell(
        CourierLoggedIn(), CourierRightRefused(reason=plain("the courier lets this account create nothing"))
    )
    assert [("courier-login-refused", "right", "open")] == keys(await harness.told())
    harness.events.tell(CourierLoggedIn())
    assert [] == await harness.told()
    harness.events.tell(ShipmentCreated(order_id=1, reference="P1-ABCD", courier_id="9"))
    assert [("courier-login-refused", "right", "over")] == keys(await harness.told())


async def test_what_healed_before_it_was_looked_at_is_no_incident(harness: AlertsHarness) -> None:
    harness.events.tell(CourierLoginRefused(reason=plain("no")), CourierLoggedIn())
    assert [] == await harness.told()


async def test_a_shop_is_told_lost_after_five_minutes_and_back_at_once(harness: AlertsHarness) -> None:
    harness.away = ShopUnreachable("127.0.0.1:3306: connection refused")
    harness.events.tell(ShopLost(reason=plain("127.0.0.1:3306: connection refused")))
    await harness.minutes(4)
    assert [] == await harness.told()
    (opened,) = await harness.told(60)
    assert (
        "the shop's database has not answered for five minutes: 127.0.0.1:3306: connection refused" == opened["message"]
    )
    harness.away = None
    harness.events.tell(ShopReturned())
    await harness.look()
    await asyncio.sleep(0)
    assert [("shop-unreachable", "database", "over")] == keys(await harness.told())


async def test_a_shop_that_comes_back_within_five_minutes_is_no_incident(harness: AlertsHarness) -> None:
    for _ in range(4):
        harness.events.tell(ShopLost(reason=plain("gone")))
        await harness.clock.advance(200)
        harness.events.tell(ShopReturned())
        assert [] == await harness.told()


async def test_an_idle_daemon_knows_too_that_the_shop_is_gone(harness: AlertsHarness) -> None:
    harness.away = ShopUnreachable("gone")
    await harness.minutes(6)
    assert [("shop-unreachable", "database", "open")] == keys(await harness.told(60))


async def test_a_shop_that_is_back_after_a_restart_is_told(harness: AlertsHarness) -> None:
    harness.away = ShopUnreachable("gone")
    await harness.minutes(7)
    assert 1 == len(await harness.told())
    harness.away = None
    await harness.start()
    await harness.tell()
    assert [("shop-unreachable", "database", "over")] == keys(harness.documents())


async def test_a_row_that_cannot_be_read_is_told_until_it_stands_there_no_more(harness: AlertsHarness) -> None:
    await harness.fail_rows(**{"4f1c": "order_id: expected at least 1, got 0"})
    (opened,) = await harness.told()
    assert [("row-unreadable", "4f1c", "open")] == keys([opened])
    assert opened["message"].endswith("order_id: expected at least 1, got 0")
    assert "php artisan queue:retry 4f1c" in opened["cure"]
    assert [] == await harness.told()
    await harness.fail_rows(**{"5e2d": "cut off"})
    assert [("row-unreadable", "5e2d", "open")] == keys(await harness.told())
    async with harness.shop.transaction() as connection:
        await connection.execute(delete(failed_jobs).where(failed_jobs.c.uuid == "4f1c"))
    assert [("row-unreadable", "4f1c", "over")] == keys(await harness.told())


async def test_thousands_of_rows_that_cannot_be_read_are_told_by_the_last_of_them(harness: AlertsHarness) -> None:
    await harness.fail_rows(**{str(number): "cut off" for number in range(2000)})
    await harness.look()
    assert [str(number) for number in range(1900, 2000)] == list(
        harness.alerts.incidents.open(IncidentKind.ROW_UNREADABLE)
    )


@pytest.mark.parametrize("error", [ShopUnreachable("gone"), ShopUnexpectedSchema(TABLE(name="failed_jobs"))])
async def test_rows_are_not_over_because_the_shop_cannot_be_asked(
    harness: AlertsHarness, told: list[Event], error: Exception
) -> None:
    await harness.fail_rows(**{"4f1c": "cut off"})
    await harness.told()
    harness.away = error
    assert [] == await harness.told()
    assert [] == [event for event in told if isinstance(event, AlertWatchFailed)]


async def test_a_shop_that_does_not_answer_holds_no_other_watch_up(
    harness: AlertsHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "PATIENCE_S", 0.01)
    await harness.fail_rows(**{"4f1c": "cut off"})
    monkeypatch.setattr(harness, "read", silent)
    await harness.hold(7)
    assert [("shipment-held", "7", "open")] == keys(await harness.told())


@asynccontextmanager
async def silent() -> AsyncIterator[None]:
    await asyncio.Event().wait()
    yield


async def test_a_shop_that_neither_answers_nor_refuses_is_lost(
    harness: AlertsHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "PATIENCE_S", 0.01)
    monkeypatch.setattr(harness, "read", silent)
    opened = []
    for _ in range(8):
        opened.append(keys(await harness.told()))
        await harness.clock.advance(60)
    lost = ("shop-unreachable", "database", "open")
    assert [[], [], [], [], [], [], [lost], []] == opened


async def test_state_file_that_is_gone_is_told_until_it_is_there_again(harness: AlertsHarness) -> None:
    path = harness.store.path
    away = path.rename(path.with_suffix(".away"))
    await harness.store.watch.look()
    (opened,) = await harness.told()
    assert [("state-gone", str(path), "open")] == keys([opened])
    assert opened["reason"].startswith(f"{path} is gone while the daemon runs")
    away.rename(path)
    await harness.store.watch.look()
    (over,) = await harness.told()
    assert f"{path}: it is there again" == over["message"]


async def test_entry_whose_program_is_missing_is_told_until_it_is_there(harness: AlertsHarness, tmp_path: Path) -> None:
    program = tmp_path / "backup"
    backup = entry("backup", command=Command((str(program),)))
    await harness.use(backup, entry(), lacks={"carts:expire": "this shop has no table x"})
    (opened,) = await harness.told()
    assert [("entry-off", "backup", "open")] == keys([opened])
    assert "no such file" in opened["reason"]
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    await harness.use(backup, entry())
    assert [("entry-off", "backup", "over")] == keys(await harness.told())


def unshipped(harness: AlertsHarness, *, minutes: float, orders: int = 3, auto_create: bool = True) -> None:
    """Let the oldest of *orders* without a shipment be so old."""
    harness.unshipped = Count(orders, harness.clock.now() - timedelta(minutes=minutes), 318, auto_create)


async def test_orders_without_a_shipment_are_told_once_when_the_oldest_is_late_and_once_when_it_is_over(
    harness: AlertsHarness,
) -> None:
    unshipped(harness, minutes=29)
    assert [] == await harness.told()
    (opened,) = await harness.told(60)
    assert ("orders-unshipped", "oldest", "open", 318, 3) == (
        opened["kind"],
        opened["key"],
        opened["state"],
        opened["order_id"],
        opened["orders"],
    )
    assert "3 orders without a shipment; the oldest, order 318, was made at 2026-03-02 11:31" == opened["message"]
    assert [] == await harness.told(60)
    unshipped(harness, minutes=1)
    (over,) = await harness.told()
    assert "orders without a shipment: none is late any longer" == over["message"]


async def test_orders_that_are_not_known_end_no_alert_and_begin_none(harness: AlertsHarness) -> None:
    unshipped(harness, minutes=31)
    assert 1 == len(await harness.told())
    harness.unshipped = None
    assert [] == await harness.told(60)
    harness.unshipped = Count(0, None, None, auto_create=True)
    (over,) = await harness.told()
    assert "orders without a shipment: every order of the last 30 days has its shipment" == over["message"]


async def test_shop_that_sends_no_order_by_itself_owes_none(harness: AlertsHarness) -> None:
    unshipped(harness, minutes=300, auto_create=False)
    assert [] == await harness.told()


async def test_zero_watches_no_order_and_ends_what_was_open(harness: AlertsHarness) -> None:
    unshipped(harness, minutes=31)
    assert 1 == len(await harness.told())
    harness.alerts.late_orders.after = timedelta(0)
    (over,) = await harness.told()
    assert "so they are not watched" in over["message"]
    assert [] == await harness.told(60)


@pytest.mark.parametrize("left", [Count(0, None, None, auto_create=True), Count(1, None, None, auto_create=True)])
async def test_late_order_is_not_over_by_growing_too_old_to_be_counted_or_losing_its_date(
    harness: AlertsHarness, left: Count
) -> None:
    unshipped(harness, minutes=31)
    assert 1 == len(await harness.told())
    harness.unshipped, harness.lacking = left, frozenset({318})
    assert [] == await harness.told(60)
    await harness.start()  # another daemon: it has only the incident
    harness.lacking = None
    assert [] == await harness.told(60)
    harness.lacking = frozenset()
    assert 1 == len(await harness.told(60))


async def lose(harness: AlertsHarness, times: int = OUTAGES) -> None:
    for number in range(times):
        harness.breaker.lost(f"job:{number}", plain("/create-order: no answer in time"), is_order=True)


async def test_closed_door_is_told_after_five_minutes_and_once_when_orders_are_sent_again(
    harness: AlertsHarness,
) -> None:
    await lose(harness)
    assert [] == await harness.told(299)
    (opened,) = await harness.told(1)
    assert ("courier-closed", "door", "open", "2026-03-02 12:00") == (
        opened["kind"],
        opened["key"],
        opened["state"],
        opened["since"],
    )
    assert "no answer in time" in opened["message"]
    harness.breaker.answered(is_order=False)
    with harness.breaker.passing("job:1"):
        assert [] == await harness.told(60), "whether it takes orders is not known yet"
        harness.breaker.answered(is_order=True)
    (over,) = await harness.told()
    assert over["message"].endswith("it takes orders again, and all that waited are sent")


async def test_courier_that_answers_while_no_order_waits_is_told_as_over(harness: AlertsHarness) -> None:
    await lose(harness)
    assert [("courier-closed", "door", "open")] == keys(await harness.told(300))
    harness.breaker.answered(is_order=False)
    assert [("courier-closed", "door", "over")] == keys(await harness.told(60))


async def test_short_outage_of_the_courier_is_told_to_nobody(harness: AlertsHarness) -> None:
    await lose(harness)
    assert [] == await harness.told(200)
    harness.breaker.answered(is_order=True)
    assert [] == await harness.told(600)
