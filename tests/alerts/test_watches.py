"""The disk, the courier's login, the shop: once when it begins, once when it is over, whatever hovers between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete

from paranad import outside
from paranad.alerts.incident import IncidentKind
from paranad.events.alerts import AlertWatchFailed
from paranad.events.courier import CourierLoggedIn, CourierLoginRefused, CourierRightRefused
from paranad.events.event import Event
from paranad.events.queue import JobCompleted
from paranad.events.shipments import ShipmentCreated
from paranad.events.shop import ShopLost, ShopReturned
from paranad.said import plain
from paranad.schedule.entries import Command
from paranad.shop.errors import ShopUnexpectedSchema, ShopUnreachable
from paranad.shop.tables import failed_jobs
from paranad.store.room import MIB, Room
from tests.alerts.office import Office, keys
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


async def test_a_disk_that_hovers_at_the_limit_is_told_once(office: Office, disk: Disk) -> None:
    disk.free = GIB - 1
    (opened,) = await office.told()
    assert ("disk-nearly-full", 1023, 20480) == (opened["kind"], opened["free_mib"], opened["total_mib"])
    assert str(office.store.path.parent) == opened["path"] == opened["key"]
    for free in (GIB + 1, GIB - 1, GIB + GIB // 2 - 1):
        disk.free = free
        assert [] == await office.told()
    disk.free = GIB + GIB // 2
    (over,) = await office.told()
    assert over["message"].endswith("there is room again, 1536 MiB")


async def test_a_refused_login_is_told_until_the_courier_accepts_it(office: Office) -> None:
    office.events.tell(CourierLoginRefused(reason=plain("the courier refused the username and password: errNum 1: no")))
    (opened,) = await office.told()
    assert [("courier-login-refused", "account", "open")] == keys([opened])
    assert "errNum 1" in opened["message"]
    office.events.tell(CourierLoginRefused(reason=plain("again")))
    assert [] == await office.told()
    office.events.tell(CourierLoggedIn())
    assert [("courier-login-refused", "account", "over")] == keys(await office.told())


async def test_a_sync_that_completes_shows_after_a_restart_that_the_account_is_good(office: Office) -> None:
    office.events.tell(CourierLoginRefused(reason=plain("no")))
    await office.told()
    await office.start()
    assert [] == await office.told()
    office.events.tell(
        JobCompleted(job_id=1, task="alwaseet:sync-orders", queue="q", attempt=1, wait_ms=0, duration_ms=0)
    )
    assert [("courier-login-refused", "account", "over")] == keys(await office.told())


async def test_a_missing_right_is_over_with_the_next_shipment_and_not_with_a_login(office: Office) -> None:
    office.events.tell(
        CourierLoggedIn(), CourierRightRefused(reason=plain("the courier lets this account create nothing"))
    )
    assert [("courier-login-refused", "right", "open")] == keys(await office.told())
    office.events.tell(CourierLoggedIn())
    assert [] == await office.told()
    office.events.tell(ShipmentCreated(order_id=1, reference="P1-ABCD", courier_id="9"))
    assert [("courier-login-refused", "right", "over")] == keys(await office.told())


async def test_what_healed_before_it_was_looked_at_is_no_incident(office: Office) -> None:
    office.events.tell(CourierLoginRefused(reason=plain("no")), CourierLoggedIn())
    assert [] == await office.told()


async def test_a_shop_is_told_lost_after_five_minutes_and_back_at_once(office: Office) -> None:
    office.away = ShopUnreachable("127.0.0.1:3306: connection refused")
    office.events.tell(ShopLost(reason="127.0.0.1:3306: connection refused"))
    await office.minutes(4)
    assert [] == await office.told()
    (opened,) = await office.told(60)
    assert (
        "the shop's database has not answered for five minutes: 127.0.0.1:3306: connection refused" == opened["message"]
    )
    office.away = None
    office.events.tell(ShopReturned())
    await office.look()
    await asyncio.sleep(0)
    assert [("shop-unreachable", "database", "over")] == keys(await office.told())


async def test_a_shop_that_comes_back_within_five_minutes_is_no_incident(office: Office) -> None:
    for _ in range(4):
        office.events.tell(ShopLost(reason="gone"))
        await office.clock.advance(200)
        office.events.tell(ShopReturned())
        assert [] == await office.told()


async def test_an_idle_daemon_knows_too_that_the_shop_is_gone(office: Office) -> None:
    office.away = ShopUnreachable("gone")
    await office.minutes(6)
    assert [("shop-unreachable", "database", "open")] == keys(await office.told(60))


async def test_a_shop_that_is_back_after_a_restart_is_told(office: Office) -> None:
    office.away = ShopUnreachable("gone")
    await office.minutes(7)
    assert 1 == len(await office.told())
    office.away = None
    await office.start()
    await office.tell()
    assert [("shop-unreachable", "database", "over")] == keys(office.documents())


async def test_a_row_that_cannot_be_read_is_told_until_it_stands_there_no_more(office: Office) -> None:
    await office.fail_rows(**{"4f1c": "order_id: expected at least 1, got 0"})
    (opened,) = await office.told()
    assert [("row-unreadable", "4f1c", "open")] == keys([opened])
    assert opened["message"].endswith("order_id: expected at least 1, got 0")
    assert "php artisan queue:retry 4f1c" in opened["cure"]
    assert [] == await office.told()
    await office.fail_rows(**{"5e2d": "cut off"})
    assert [("row-unreadable", "5e2d", "open")] == keys(await office.told())
    async with office.shop.transaction() as connection:
        await connection.execute(delete(failed_jobs).where(failed_jobs.c.uuid == "4f1c"))
    assert [("row-unreadable", "4f1c", "over")] == keys(await office.told())


async def test_thousands_of_rows_that_cannot_be_read_are_told_by_the_last_of_them(office: Office) -> None:
    await office.fail_rows(**{str(number): "cut off" for number in range(2000)})
    await office.look()
    assert [str(number) for number in range(1900, 2000)] == list(
        office.alerts.incidents.open(IncidentKind.ROW_UNREADABLE)
    )


@pytest.mark.parametrize("error", [ShopUnreachable("gone"), ShopUnexpectedSchema('table "failed_jobs"')])
async def test_rows_are_not_over_because_the_shop_cannot_be_asked(
    office: Office, told: list[Event], error: Exception
) -> None:
    await office.fail_rows(**{"4f1c": "cut off"})
    await office.told()
    office.away = error
    assert [] == await office.told()
    assert [] == [event for event in told if isinstance(event, AlertWatchFailed)]


async def test_a_shop_that_does_not_answer_holds_no_other_watch_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "PATIENCE_S", 0.01)
    await office.fail_rows(**{"4f1c": "cut off"})
    monkeypatch.setattr(office, "read", silent)
    await office.hold(7)
    assert [("shipment-held", "7", "open")] == keys(await office.told())


@asynccontextmanager
async def silent() -> AsyncIterator[None]:
    await asyncio.Event().wait()
    yield


async def test_a_shop_that_neither_answers_nor_refuses_is_lost(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "PATIENCE_S", 0.01)
    monkeypatch.setattr(office, "read", silent)
    opened = []
    for _ in range(8):
        opened.append(keys(await office.told()))
        await office.clock.advance(60)
    lost = ("shop-unreachable", "database", "open")
    assert [[], [], [], [], [], [], [lost], []] == opened


async def test_state_file_that_is_gone_is_told_until_it_is_there_again(office: Office) -> None:
    path = office.store.path
    away = path.rename(path.with_suffix(".away"))
    await office.store.watch.look()
    (opened,) = await office.told()
    assert [("state-gone", str(path), "open")] == keys([opened])
    assert opened["reason"].startswith(f"{path} is gone while the daemon runs")
    away.rename(path)
    await office.store.watch.look()
    (over,) = await office.told()
    assert f"{path}: it is there again" == over["message"]


async def test_entry_whose_program_is_missing_is_told_until_it_is_there(office: Office, tmp_path: Path) -> None:
    program = tmp_path / "backup"
    backup = entry("backup", command=Command((str(program),)))
    await office.use(backup, entry(), lacks={"carts:expire": "this shop has no table x"})
    (opened,) = await office.told()
    assert [("entry-off", "backup", "open")] == keys([opened])
    assert "no such file" in opened["reason"]
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    await office.use(backup, entry())
    assert [("entry-off", "backup", "over")] == keys(await office.told())
