"""The disk, the courier's login, the shop: once when it begins, once when it is over, whatever hovers between."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from paranad.alerts import neighbours
from paranad.alerts.entries import EntriesOff
from paranad.alerts.incident import IncidentKind
from paranad.alerts.look import Look, Moment
from paranad.alerts.neighbours import GoneState, LostShop, UnreadableRows
from paranad.bridge.unreadable import UnreadableRow
from paranad.events.alerts import AlertWatchFailed
from paranad.events.courier import CourierLoggedIn, CourierLoginRefused, CourierRightRefused
from paranad.events.event import Event
from paranad.events.queue import JobCompleted
from paranad.events.shipments import ShipmentCreated
from paranad.events.shop import BridgeRowFailed, ShopLost, ShopReturned
from paranad.said import plain
from paranad.schedule.entries import Command
from paranad.schedule.loop import EntryView
from paranad.shop.errors import ShopUnexpectedSchema, ShopUnreachable
from paranad.store.room import MIB, Room
from tests.alerts.office import Office, entry, keys, view
from tests.support.clock import START, ManualClock

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
    monkeypatch.setattr("paranad.alerts.neighbours.room_of", disk.room)
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
    office.shop = ShopUnreachable("127.0.0.1:3306: connection refused")
    office.events.tell(ShopLost(reason="127.0.0.1:3306: connection refused"))
    await office.minutes(4)
    assert [] == await office.told()
    (opened,) = await office.told(60)
    assert (
        "the shop's database has not answered for five minutes: 127.0.0.1:3306: connection refused" == opened["message"]
    )
    office.shop = None
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
    office.shop = ShopUnreachable("gone")
    await office.minutes(6)
    assert [("shop-unreachable", "database", "open")] == keys(await office.told(60))


async def test_a_shop_that_is_back_after_a_restart_is_told(office: Office) -> None:
    office.shop = ShopUnreachable("gone")
    await office.minutes(7)
    assert 1 == len(await office.told())
    office.shop = None
    await office.start()
    await office.tell()
    assert [] == office.documents()
    assert [("shop-unreachable", "database", "over")] == keys(await office.told(60))


async def test_a_row_that_cannot_be_read_is_told_until_it_stands_there_no_more(office: Office) -> None:
    office.rows_unreadable = [UnreadableRow("4f1c", plain("order_id: expected at least 1, got 0"))]
    (opened,) = await office.told()
    assert [("row-unreadable", "4f1c", "open")] == keys([opened])
    assert opened["message"].endswith("order_id: expected at least 1, got 0")
    assert "php artisan queue:retry 4f1c" in opened["cure"]
    assert [] == await office.told()
    office.rows_unreadable.append(UnreadableRow("5e2d", plain("cut off")))
    assert [("row-unreadable", "5e2d", "open")] == keys(await office.told())
    del office.rows_unreadable[0]
    assert [("row-unreadable", "4f1c", "over")] == keys(await office.told())


async def test_a_row_that_cannot_be_read_is_looked_at_at_once(office: Office) -> None:
    office.alerts._wake.clear()
    office.events.tell(BridgeRowFailed(row_id=7, payload_class="Job", uuid="4f1c", error="cut off"))
    assert office.alerts._wake.is_set()


async def test_thousands_of_rows_that_cannot_be_read_are_told_by_the_last_of_them(office: Office) -> None:
    office.rows_unreadable = [UnreadableRow(str(number), plain("cut off")) for number in range(2000)]
    await office.look()
    assert [str(number) for number in range(1900, 2000)] == list(
        office.alerts._ledger.open(IncidentKind.ROW_UNREADABLE)
    )


@pytest.mark.parametrize("error", [ShopUnreachable("gone"), ShopUnexpectedSchema('table "failed_jobs"')])
async def test_rows_are_not_over_because_the_shop_cannot_be_asked(
    office: Office, told: list[Event], error: Exception
) -> None:
    office.rows_unreadable = [UnreadableRow("4f1c", plain("cut off"))]
    await office.told()
    office.shop = error
    assert [] == await office.told()
    assert [] == [event for event in told if isinstance(event, AlertWatchFailed)]


async def test_rows_of_a_shop_that_does_not_answer_hold_no_other_watch_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "ASKED_S", 0.01)
    watch = UnreadableRows(asyncio.Event().wait)  # type: ignore[arg-type]
    moment = Moment(START, 0.0, START, is_first=False)
    assert [Look(), Look()] == [await watch.look(moment, {}), await watch.look(moment, {})]
    await watch.close()


async def test_a_shop_that_neither_answers_nor_refuses_is_lost(clock: ManualClock) -> None:
    shop = LostShop(asyncio.Event().wait, clock)
    looks = []
    for _ in range(8):
        looks.append(await shop.look(Moment(clock.now(), clock.monotonic(), START, is_first=False), {}))
        await clock.advance(60)
    await shop.close()
    assert [0, 0, 0, 0, 0, 0, 1, 1] == [len(look.bad) for look in looks]


async def test_state_file_that_is_gone_is_told_until_it_is_there_again() -> None:
    gone: list[str | None] = ["queue.db is gone while the daemon runs"]
    watch = GoneState(Path("/var/lib/paranad/queue.db"), lambda: gone[0])
    moment = Moment(START, 0.0, START, is_first=False)
    assert watch.kind is IncidentKind.STATE_GONE
    look = await watch.look(moment, {})
    assert {"/var/lib/paranad/queue.db": {"path": "/var/lib/paranad/queue.db", "reason": gone[0]}} == look.bad
    gone[0] = None
    assert {"k": "it is there again"} == (await watch.look(moment, {"k": None})).over  # type: ignore[dict-item]


async def test_entry_whose_program_is_missing_is_told_until_it_is_there() -> None:
    own = replace(entry("backup"), command=Command(("/nowhere/backup",)))
    views = [view(own, off="expected a program, got no such file"), view(entry(), off="this shop has no table x")]

    async def looked() -> list[EntryView]:
        return views

    watch = EntriesOff(looked)
    moment = Moment(START, 0.0, START, is_first=False)
    assert {"backup": {"entry": "backup", "reason": views[0].off}} == (await watch.look(moment, {})).bad
    views.clear()
    assert ["backup"] == list((await watch.look(moment, {"backup": None})).over)  # type: ignore[dict-item]
