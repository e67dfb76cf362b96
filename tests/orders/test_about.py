"""Everything about one order, and finding it, on SQLite and on MariaDB."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from paranad.courier.breaker import DOOR_CLOSED
from paranad.errors import InvalidRequest, NotFound
from paranad.events.event import Events
from paranad.events.queue import JobEvent
from paranad.orders.standing import Standing
from paranad.shipments import reasons
from paranad.shop.database import Shop
from paranad.store.file import Store
from tests.orders.conftest import World, world_of
from tests.orders.test_unshipped import sends, statement
from tests.support.clock import ManualClock
from tests.support.payloads import create_shipment
from tests.support.queue import Seen, new_job
from tests.support.shop import Item, make_order, make_shipment, make_size


async def find(world: World, wanted: str) -> list[int]:
    return [each.order.id for each in (await world.orders.found(wanted, limit=10, cursor=None)).items]


async def test_order_is_told_with_its_items_and_the_shop_s_rows_of_its_shipment(world: World) -> None:
    shop = world.orders.shop
    items = [Item(await make_size(shop)), Item(await make_size(shop))]
    order_id = await make_order(shop, items=items, order_number="X-9")
    await make_shipment(shop, order_id=order_id, alwaseet_order_id="90000018", status_id="4", status="تم التسليم")
    whole = await world.orders.about(order_id)

    assert whole.shop is not None
    assert ("X-9", "pending", False, 2, "07701234567") == (
        whole.shop.number,
        whole.shop.status,
        whole.shop.trashed,
        whole.shop.items,
        whole.shop.phone,
    )
    assert [("90000018", "4", "تم التسليم")] == [
        (each.courier_id, each.status_id, each.status) for each in whole.shop.shipments
    ]
    assert (None, [], "order.shipped_already") == (whole.stand.standing, whole.actions, whole.stand.reason.code)


@pytest.mark.parametrize("values", [{"status": "cancelled"}, {"deleted_at": True}])
async def test_order_that_needs_no_shipment_says_so_and_offers_nothing(world: World, values: dict[str, object]) -> None:
    shop = world.orders.shop
    order_id = await make_order(shop, **({"deleted_at": shop.now()} if "deleted_at" in values else values))
    whole = await world.orders.about(order_id)

    assert (None, []) == (whole.stand.standing, whole.actions)
    assert whole.stand.reason.code in {"order.cancelled", "order.trashed"}


async def test_jobs_of_an_order_are_those_of_any_task_that_names_it(world: World) -> None:
    order_id = await make_order(world.orders.shop)
    ids = await world.harness.line.enqueue(
        sends(order_id), new_job("invoices:send", args={"order_id": order_id}), new_job("invoices:send", args={})
    )
    whole = await world.orders.about(order_id)

    assert ([ids[1], ids[0]], Standing.QUEUED, ["cancel"]) == (
        [job.id for job in whole.jobs],
        whole.stand.standing,
        whole.actions,
    )


async def test_order_of_a_paused_task_is_paused(world: World) -> None:
    order_id = await make_order(world.orders.shop)
    await world.harness.line.enqueue(sends(order_id))
    await world.harness.line.jobs.pause_task("alwaseet:create-shipment")
    whole = await world.orders.about(order_id)

    assert (Standing.PAUSED, "alwaseet:create-shipment") == (whole.stand.standing, whole.stand.reason.values["task"])
    assert "resume" == whole.actions[0]


@pytest.mark.parametrize(("intended", "offered"), [(False, False), (True, True)])
async def test_order_that_waits_for_the_courier_s_door_is_woken_only_to_be_looked_for(
    world: World, *, intended: bool, offered: bool
) -> None:
    order_id = await make_order(world.orders.shop)
    await world.harness.line.enqueue(sends(order_id, delay=timedelta(hours=1), clock=world.harness.clock))
    if intended:
        await world.intend(order_id)
    open_to = (await world.orders.about(order_id)).actions
    world.door = DOOR_CLOSED()
    shut_to = (await world.orders.about(order_id)).actions

    assert (True, offered) == ("wake" in open_to, "wake" in shut_to)


async def test_unclear_order_of_a_paused_task_names_the_pause_and_no_wake(world: World) -> None:
    order_id = await make_order(world.orders.shop)
    await world.intend(order_id)
    await world.harness.line.enqueue(sends(order_id, delay=timedelta(hours=1), clock=world.harness.clock))
    await world.harness.line.jobs.pause_task("alwaseet:create-shipment")
    whole = await world.orders.about(order_id)

    assert (Standing.PAUSED, "order.task_paused", None) == (
        whole.stand.standing,
        whole.stand.reason.code,
        whole.stand.until,
    )
    assert ["resume", "reconcile", "settle", "cancel"] == whole.actions


async def test_order_that_nothing_knows_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await world.orders.about(10**9)


async def test_order_that_only_a_job_knows_is_shown(world: World) -> None:
    [job_id] = await world.harness.line.enqueue(sends(10**9))
    whole = await world.orders.about(10**9)

    assert (None, [job_id], "order.shop_lacks") == (whole.shop, [job.id for job in whole.jobs], whole.stand.reason.code)


async def test_shop_without_a_column_leaves_what_is_known_here(world: World) -> None:
    order_id = await make_order(world.orders.shop)
    await world.harness.line.enqueue(sends(order_id))
    await statement(world.orders.shop, "ALTER TABLE orders RENAME COLUMN customer_address TO address")
    whole = await world.orders.about(order_id)
    await statement(world.orders.shop, "ALTER TABLE orders RENAME COLUMN address TO customer_address")

    assert (None, Standing.QUEUED) == (whole.shop, whole.stand.standing)
    assert whole.shop_why is not None
    assert "customer_address" in whole.shop_why.text


async def test_values_that_cannot_be_read_leave_the_rest_of_the_order(
    store: Store, sqlite_shop: Shop, clock: ManualClock, events: Events
) -> None:
    world = world_of(store, sqlite_shop, clock, events)
    order_id = await make_order(sqlite_shop)
    odd = "UPDATE orders SET created_at = 'some day', total_amount = 'much', deleted_at = 'once', customer_name = x'c3'"
    async with sqlite_shop.transaction() as connection:
        await connection.execute(text(odd))
    shop = (await world.orders.about(order_id)).shop

    assert shop is not None
    assert (None, "much", True, "07701234567") == (shop.made_at, shop.total, shop.trashed, shop.phone)


async def test_shop_that_is_away_leaves_what_the_journal_knows(
    store: Store, sqlite_shop: Shop, shop_file: Path, clock: ManualClock, events: Events
) -> None:
    world = world_of(store, sqlite_shop, clock, events)
    await world.record(318, "90000018")
    await sqlite_shop.close()
    shop_file.rename(shop_file.with_suffix(".gone"))  # noqa: ASYNC240
    known, unknown = await world.orders.about(318), await world.orders.about(319)

    assert (None, "order.recorded") == (known.stand.standing, known.stand.reason.code)
    assert (None, "order.unknown", []) == (unknown.stand.standing, unknown.stand.reason.code, unknown.actions)


async def test_order_is_found_by_what_a_person_has_at_hand(world: World) -> None:
    shop = world.orders.shop
    first = await make_order(shop, customer_phone="0770 555 4321")
    second = await make_order(shop, customer_phone="٠٧٧١٥٥٥٤٣٢١")
    by_qr = await make_order(shop, customer_phone="07701111111")
    await make_shipment(shop, order_id=by_qr, alwaseet_order_id="90000018", qr_id="70000018")
    ours = await make_order(shop, customer_phone="07702222222")
    await world.record(ours, "90000019")

    assert [second, first] == await find(world, "54321")
    assert [by_qr] == await find(world, "90000018") == await find(world, "70000018")
    assert [ours] == await find(world, "90000019")
    assert [] == await find(world, "98765432")
    assert first in await find(world, str(first))


@pytest.mark.parametrize("wanted", ["", " ", "علي", "07_0", "%", "'; DROP TABLE orders; --", "1" * 21, "1.5"])
async def test_what_is_no_number_is_refused(world: World, wanted: str) -> None:
    with pytest.raises(InvalidRequest):
        await find(world, wanted)


async def test_found_orders_come_in_pages_newest_first(world: World) -> None:
    ids = [await make_order(world.orders.shop, customer_phone="07705554321") for _ in range(5)]
    first = await world.orders.found("4321", limit=2, cursor=None)
    rest = await world.orders.found("4321", limit=10, cursor=first.next_cursor)

    assert ids[::-1] == [each.order.id for each in (*first.items, *rest.items)]


async def test_old_order_without_a_shipment_is_told_all_the_same(world: World) -> None:
    shop = world.orders.shop
    order_id = await make_order(shop, created_at=shop.now() - timedelta(days=400))

    assert (Standing.NEVER_ASKED, ["send"]) == (
        (await world.orders.about(order_id)).stand.standing,
        (await world.orders.about(order_id)).actions,
    )


@pytest.mark.parametrize("odd", ["12abc", "A-77", "12", 12.0, True, 0, -12, 2**63, [12], None])
async def test_argument_that_is_no_order_s_id_names_no_order(world: World, odd: object) -> None:
    seen = Seen(world.events)
    jobs = world.harness.line.jobs
    [odd_id, good_id] = await world.harness.line.enqueue(
        new_job("alwaseet:create-shipment", args={"order_id": odd}),
        new_job("alwaseet:create-shipment", args={"order_id": 12}),
    )
    wanted = [0, 1, 12, 77, 2**63 - 1]
    found = await jobs.of_orders(wanted, "alwaseet:create-shipment")
    await jobs.cancel_waiting(odd_id)

    assert {12: [good_id]} == {order_id: [job.id for job in each] for order_id, each in found.items()}
    told = [event for event in seen.told if isinstance(event, JobEvent) and event.job_id == odd_id]
    assert [None, None] == [event.order_id for event in told]


async def test_job_of_an_order_is_the_one_that_sends_it(world: World) -> None:
    order_id = await make_order(world.orders.shop)
    [sends_it, _] = await world.harness.line.enqueue(
        sends(order_id), new_job("notify:order", args={"order_id": order_id})
    )
    whole = await world.orders.about(order_id)

    assert (sends_it, 2) == (whole.job and whole.job.id, len(whole.jobs))


async def test_leading_zeros_are_of_a_phone_or_of_the_shop_s_own_number(world: World) -> None:
    shop = world.orders.shop
    plain = await make_order(shop, id=2, customer_phone="07701111111")
    numbered = await make_order(shop, id=50, order_number="D-0002", customer_phone="07701111112")
    phone = await make_order(shop, id=51, customer_phone="07701111002")

    assert [phone] == await find(world, "002")
    assert [plain] == await find(world, "2")
    assert [numbered] == await find(world, "d-0002") == await find(world, " D-٠٠٠٢ ")


@pytest.mark.parametrize(("reserved_at", "reserved"), [(None, False), (0, False), ("soon", True), (2**40, True)])
async def test_reservation_that_cannot_be_read_is_one(
    store: Store, sqlite_shop: Shop, clock: ManualClock, events: Events, reserved_at: object, reserved: bool
) -> None:
    world = world_of(store, sqlite_shop, clock, events)
    order_id = await make_order(sqlite_shop)
    await world.harness.put(create_shipment(order_id))
    async with sqlite_shop.transaction() as connection:
        await connection.execute(text("UPDATE jobs SET reserved_at = :at"), {"at": reserved_at})

    assert reserved is (await world.orders.rows.rows_of_jobs()).by_order[order_id].reserved


async def test_rows_that_are_not_all_read_are_said_to_be_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paranad.orders.shop_rows.ROWS_READ", 1)
    shop = world.orders.shop
    first = await make_order(shop, created_at=shop.now() - timedelta(hours=1))
    second = await make_order(shop, created_at=shop.now() - timedelta(hours=1))
    for order_id in (first, second):
        await world.harness.put(create_shipment(order_id))

    assert ["order.row_next", "order.rows_unread"] == [each.stand.reason.code for each in await world.unshipped()]


async def test_held_repeat_offers_to_send_it_and_nothing_that_would_not_help(world: World) -> None:
    order_id = await make_order(world.orders.shop)
    await world.harness.line.enqueue(sends(order_id, delay=timedelta(hours=1), clock=world.harness.clock))
    await world.journal.hold_repeat(order_id, f"P{order_id}-ABCD", reasons.REPEAT(orders=["7"]))
    whole = await world.orders.about(order_id)
    assert (Standing.HELD, ["resend"]) == (whole.stand.standing, whole.actions)
