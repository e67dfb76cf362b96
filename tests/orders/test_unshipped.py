"""Which orders have no shipment, and why: every standing, with real rows on SQLite and on MariaDB."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from paranad.bridge.loop import Mode
from paranad.clock import Clock
from paranad.errors import BadRequest
from paranad.events.event import Events
from paranad.orders.service import LOOKED_BACK, Count, UnshippedOrder
from paranad.orders.standing import Standing
from paranad.queue.model import Failed, NewJob, Outcome, Snoozed
from paranad.queue.pause import Pause
from paranad.queue.running import Running
from paranad.said import plain
from paranad.shipments import reasons
from paranad.shop.database import Shop
from paranad.shop.errors import ShopUnexpectedSchema, ShopUnreachable
from paranad.store.file import Store
from tests.orders.conftest import World, world_of
from tests.support.bridge import CREATE
from tests.support.clock import ManualClock
from tests.support.payloads import create_shipment
from tests.support.queue import Gate, Seen, new_job
from tests.support.shop import make_order, make_shipment, set_setting

HOUR = timedelta(hours=1)


def sends(order_id: int, *, queue: str = "high", delay: timedelta | None = None, clock: Clock | None = None) -> NewJob:
    return new_job(
        CREATE,
        args={"order_id": order_id},
        queue=queue,
        unique_key=f"{CREATE}:{order_id}",
        delay=delay,
        clock=clock,
    )


async def old_order(world: World, *, age: timedelta = HOUR) -> int:
    shop = world.orders.shop
    return await make_order(shop, created_at=shop.now() - age)


async def only(world: World) -> UnshippedOrder:
    [order] = await world.unshipped()
    return order


async def test_order_that_nothing_asks_for_was_never_asked_for(world: World) -> None:
    order_id = await old_order(world)
    order = await only(world)

    assert (order_id, Standing.NEVER_ASKED, None, None) == (
        order.order_id,
        order.stand.standing,
        order.stand.until,
        order.job,
    )
    assert f"order_id={order_id}" in order.stand.reason.text


async def test_new_order_has_a_minute_until_the_shop_asks_for_it(world: World, clock: ManualClock) -> None:
    await old_order(world, age=timedelta(seconds=20))
    order = await only(world)

    assert (Standing.NOT_DUE, clock.now() + timedelta(seconds=40)) == (order.stand.standing, order.stand.until)


async def test_order_is_never_asked_for_while_the_shop_sends_none_by_itself(world: World) -> None:
    await old_order(world, age=timedelta(seconds=20))
    await set_setting(world.orders.shop, "alwaseet_auto_create_shipment", "0")
    order = await only(world)

    assert (Standing.NEVER_ASKED, "setting.auto_create_off") == (order.stand.standing, order.stand.reason.code)


async def test_order_whose_row_is_put_off_is_not_due_until_then(world: World, clock: ManualClock) -> None:
    order_id = await old_order(world)
    await world.harness.put(create_shipment(order_id), available_at=world.harness.now_s() + 600)
    order = await only(world)

    assert (Standing.NOT_DUE, clock.now() + timedelta(minutes=10)) == (order.stand.standing, order.stand.until)


async def test_order_whose_row_a_php_worker_keeps_from_us_is_not_due_and_says_so(world: World) -> None:
    order_id = await old_order(world)
    await world.harness.put(create_shipment(order_id), reserved_at=world.harness.now_s() - 5)
    world.harness.bridge.use(Mode.AUTO, timedelta(milliseconds=250))
    await world.harness.look()
    order = await only(world)

    assert (Standing.NOT_DUE, "order.row_not_taken") == (order.stand.standing, order.stand.reason.code)
    assert "as a PHP worker does" in order.stand.reason.text


async def test_order_whose_row_the_bridge_takes_next_is_not_due(world: World) -> None:
    order_id = await old_order(world)
    await world.harness.put(create_shipment(order_id))
    order = await only(world)

    assert (Standing.NOT_DUE, "order.row_next") == (order.stand.standing, order.stand.reason.code)


async def test_order_with_a_due_job_is_queued(world: World) -> None:
    [job_id] = await world.harness.line.enqueue(sends(await old_order(world)))
    order = await only(world)

    assert (Standing.QUEUED, job_id) == (order.stand.standing, order.job and order.job.id)


async def test_order_is_paused_with_its_queue(world: World) -> None:
    await world.harness.line.enqueue(sends(await old_order(world)))
    await world.harness.line.jobs.pause("high")
    order = await only(world)

    assert (Standing.PAUSED, "high") == (order.stand.standing, order.stand.reason.values["queue"])


async def test_order_is_paused_with_its_task(world: World) -> None:
    await world.harness.line.enqueue(sends(await old_order(world)))
    await world.harness.line.jobs.pause_task("alwaseet:create-shipment")
    order = await only(world)

    assert (Standing.PAUSED, "alwaseet:create-shipment") == (order.stand.standing, order.stand.reason.values["task"])


async def test_order_is_paused_with_everything_and_says_until_when_and_why(world: World) -> None:
    await world.harness.line.enqueue(sends(await old_order(world)))
    now = world.harness.clock.now()
    pause = Pause(since=now, until=now + timedelta(hours=2), reason="the courier moves", by="ali")
    await world.harness.line.jobs.pause_all(pause)
    order = await only(world)

    assert Standing.PAUSED is order.stand.standing
    reason = "everything is paused, since 12:00 by ali, until 14:00: the courier moves: paranadctl resume"
    assert reason == order.stand.reason.text


async def test_order_is_paused_while_the_daemon_drains(world: World) -> None:
    await world.harness.line.enqueue(sends(await old_order(world)))
    world.draining = True

    assert Standing.PAUSED is (await only(world)).stand.standing


async def test_order_of_a_job_that_is_put_off_waits_until_then(world: World, clock: ManualClock) -> None:
    await world.harness.line.enqueue(sends(await old_order(world), delay=HOUR, clock=clock))
    order = await only(world)

    assert (Standing.WAITING, clock.now() + HOUR) == (order.stand.standing, order.stand.until)


async def test_order_of_a_snoozed_job_waits_for_what_the_job_waits_for(world: World, clock: ManualClock) -> None:
    async def snooze(_: Running) -> Outcome:
        return Snoozed(clock.now() + HOUR, plain("the courier does not answer"))

    [job_id] = await world.harness.line.enqueue(sends(await old_order(world)))
    world.harness.line.scripts[CREATE] = snooze
    async with world.harness.line.working():
        await world.harness.line.seen("job.snoozed", job_id=job_id)
    order = await only(world)

    assert (Standing.WAITING, "the courier does not answer", clock.now() + HOUR) == (
        order.stand.standing,
        order.stand.reason.text,
        order.stand.until,
    )


async def test_order_of_a_running_job_is_setting_off(world: World) -> None:
    gate = Gate()
    world.harness.line.scripts[CREATE] = gate
    await world.harness.line.enqueue(sends(await old_order(world)))
    async with world.harness.line.working():
        await gate.started.wait()
        order = await only(world)
        gate.free.set()

    assert Standing.SETTING_OFF is order.stand.standing


async def test_order_whose_answer_is_unclear_is_setting_off_and_says_what_the_list_said(world: World) -> None:
    order_id = await old_order(world)
    await world.intend(order_id)
    await world.journal.mark_unclear(order_id, reasons.ENDED())
    order = await only(world)

    assert (Standing.SETTING_OFF, reasons.ENDED()) == (order.stand.standing, order.stand.reason)


async def test_order_that_the_courier_has_and_the_shop_does_not_know_is_setting_off(world: World) -> None:
    order_id = await old_order(world)
    await world.intend(order_id)
    await world.journal.create(order_id, "90000018", frozenset({"90000018"}))
    order = await only(world)

    assert (Standing.SETTING_OFF, {"courier_id": "90000018"}) == (order.stand.standing, order.stand.reason.values)


async def test_order_of_a_failed_job_has_failed_with_its_reason(world: World) -> None:
    async def fail(_: Running) -> Outcome:
        return Failed(plain("order 12 has no items"))

    [job_id] = await world.harness.line.enqueue(sends(await old_order(world)))
    world.harness.line.scripts[CREATE] = fail
    async with world.harness.line.working():
        await world.harness.line.seen("job.failed", job_id=job_id)
    order = await only(world)

    assert (Standing.FAILED, "order 12 has no items") == (order.stand.standing, order.stand.reason.text)


async def test_order_of_a_held_shipment_is_held_whatever_its_job_does(world: World) -> None:
    order_id = await old_order(world)
    await world.intend(order_id)
    await world.journal.hold(order_id, reasons.GIVEN_UP())
    await world.harness.line.enqueue(sends(order_id))
    order = await only(world)

    assert (Standing.HELD, reasons.GIVEN_UP()) == (order.stand.standing, order.stand.reason)


async def test_order_whose_job_was_cancelled_is_asked_for_by_nothing(world: World) -> None:
    [job_id] = await world.harness.line.enqueue(sends(await old_order(world)))
    await world.harness.line.jobs.cancel_waiting(job_id)
    order = await only(world)

    assert (Standing.NEVER_ASKED, "order.job_cancelled") == (order.stand.standing, order.stand.reason.code)


async def test_orders_that_need_no_shipment_or_have_one_are_not_listed(world: World) -> None:
    shop = world.orders.shop
    await make_order(shop, status="cancelled")
    await make_order(shop, deleted_at=shop.now())
    await make_shipment(shop, order_id=await make_order(shop))
    await old_order(world, age=LOOKED_BACK + timedelta(days=2))
    await world.record(await old_order(world), "90000018")

    assert ([], 0) == (await world.unshipped(), (await counted(world))[0])


async def counted(world: World) -> tuple[int, object]:
    count = await world.orders.count()
    assert count is not None
    return count.orders, count.oldest


async def test_returned_order_without_a_shipment_is_listed(world: World) -> None:
    await make_order(world.orders.shop, status="returned")

    assert 1 == len(await world.unshipped())


async def test_orders_come_oldest_first_in_pages_and_the_count_names_the_oldest(world: World) -> None:
    ids = [await old_order(world, age=timedelta(hours=hours)) for hours in (9, 8, 7, 6, 5)]
    first = await world.orders.unshipped(None, limit=2, cursor=None)
    rest = await world.orders.unshipped(None, limit=100, cursor=first.next_cursor)

    assert ids == [order.order_id for order in (*first.items, *rest.items)]
    assert (None, (5, ids[0])) == (rest.next_cursor, await counted(world))


@pytest.mark.parametrize("hours", [0, 1, 3, 4, 9, 10])
async def test_orders_since_an_instant_are_those_made_then_or_later(
    world: World, clock: ManualClock, hours: int
) -> None:
    ages = [9, 8, 4, 4, 3, 1]
    ids = [await old_order(world, age=timedelta(days=3 * hours)) for hours in ages]
    page = await world.orders.unshipped(clock.now() - timedelta(days=3 * hours), limit=100, cursor=None)

    assert [id_ for id_, age in zip(ids, ages, strict=True) if age <= hours] == [each.order_id for each in page.items]


async def test_cursor_of_nonsense_is_refused(world: World) -> None:
    with pytest.raises(BadRequest):
        await world.orders.unshipped(None, limit=1, cursor="x")


async def test_order_with_a_date_that_cannot_be_read_takes_no_other_down(
    store: Store, sqlite_shop: Shop, clock: ManualClock, events: Events
) -> None:
    world = world_of(store, sqlite_shop, clock, events)
    good, bad = await old_order(world), await old_order(world)
    async with sqlite_shop.transaction() as connection:
        await connection.execute(text("UPDATE orders SET created_at = 'some day' WHERE id = :id"), {"id": bad})

    assert [(good, False), (bad, True)] == [(each.order_id, each.made_at is None) for each in await world.unshipped()]


async def test_shop_that_lacks_its_jobs_table_still_tells_its_orders(world: World) -> None:
    await old_order(world)
    await statement(world.orders.shop, "DROP TABLE jobs")

    assert Standing.NEVER_ASKED is (await only(world)).stand.standing


async def statement(shop: Shop, sql: str) -> None:
    async with shop.transaction() as connection:
        await connection.execute(text(sql))


async def test_shop_that_lacks_a_column_is_unknown_and_never_zero(world: World) -> None:
    await old_order(world)
    await statement(world.orders.shop, "ALTER TABLE orders RENAME COLUMN deleted_at TO removed_at")

    with pytest.raises(ShopUnexpectedSchema):
        await world.unshipped()
    count = await world.orders.count()
    await statement(world.orders.shop, "ALTER TABLE orders RENAME COLUMN removed_at TO deleted_at")  # others use it

    assert None is count


async def test_shop_that_does_not_answer_is_unknown_and_never_zero(
    store: Store, sqlite_shop: Shop, shop_file: Path, clock: ManualClock, events: Events
) -> None:
    world = world_of(store, sqlite_shop, clock, events)
    await sqlite_shop.close()
    shop_file.rename(shop_file.with_suffix(".gone"))  # noqa: ASYNC240

    with pytest.raises(ShopUnreachable):
        await world.unshipped()
    assert None is await world.orders.count()


async def test_one_question_to_the_shop_serves_all_who_ask_within_some_seconds(
    world: World, clock: ManualClock
) -> None:
    await old_order(world)
    counts = await asyncio.gather(*(world.orders.count() for _ in range(20)))
    await old_order(world)
    soon = await world.orders.count()
    await clock.advance(timedelta(seconds=6))
    later = await world.orders.count()

    assert ([1] * 20, 1, 2) == ([each and each.orders for each in counts], soon and soon.orders, later and later.orders)


async def test_slow_shop_is_answered_for_by_the_count_before_and_after_some_minutes_unknown(
    world: World, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await old_order(world)
    first = await world.orders.count()
    answers = asyncio.Event()

    async def slow() -> Count | None:
        await answers.wait()
        return None

    monkeypatch.setattr(world.orders, "_ask_count", slow)
    monkeypatch.setattr("paranad.orders.service.PATIENCE_S", 0.01)
    await clock.advance(timedelta(seconds=60))
    recalled = await world.orders.count()
    await clock.advance(timedelta(seconds=61))
    late = await world.orders.count()
    answers.set()
    monkeypatch.setattr("paranad.orders.service.PATIENCE_S", 60.0)

    assert (1, first, None, None) == (first and first.orders, recalled, late, await world.orders.count())


async def test_first_id_of_a_time_is_not_looked_up_again_within_the_hour_and_hides_no_order(
    world: World, clock: ManualClock
) -> None:
    ids = [await old_order(world, age=timedelta(days=29, hours=hours)) for hours in (23, 20, 1)]
    assert ids == [each.order_id for each in await world.unshipped()]
    await clock.advance(timedelta(minutes=50))
    assert ids == [each.order_id for each in await world.unshipped()]
    await clock.advance(timedelta(minutes=20))
    assert ids[1:] == [each.order_id for each in await world.unshipped()]
    earlier = await world.orders.unshipped(clock.now() - timedelta(days=40), limit=9, cursor=None)
    assert ids == [each.order_id for each in earlier.items]


async def test_import_of_old_orders_between_recent_ones_hides_none_of_them(world: World) -> None:
    shop = world.orders.shop
    recent = [await old_order(world, age=timedelta(hours=hours)) for hours in (30, 20)]
    old = shop.now() - timedelta(days=400)
    async with shop.transaction() as connection:
        [columns] = (await connection.execute(text("SELECT * FROM orders LIMIT 1"))).mappings()
        wanted = {**columns, "created_at": old}
        names = [name for name in wanted if name != "id"]
        statement = text(f"INSERT INTO orders (id, {', '.join(names)}) VALUES (:id, :{', :'.join(names)})")
        rows = [{**wanted, "id": 1000 + n, "order_number": f"OLD-{n}"} for n in range(3000)]
        await connection.execute(statement, rows)
    recent += [await old_order(world, age=timedelta(hours=hours)) for hours in (10, 1)]

    assert recent == [each.order_id for each in await world.unshipped()]
    assert (4, recent[0]) == await counted(world)


@pytest.mark.parametrize("date", [None, "0000-00-00 00:00:00", ""])
async def test_order_without_a_date_is_counted_and_listed(world: World, date: str | None) -> None:
    shop = world.orders.shop
    if not shop.types_are_hints and date == "":
        pytest.skip("a column of a time holds no empty text")
    undated = await make_order(shop)
    dated = await old_order(world)
    async with shop.transaction() as connection:
        if not shop.types_are_hints:
            await connection.execute(text("SET SESSION sql_mode = ''"))
        await connection.execute(
            text("UPDATE orders SET created_at = :date WHERE id = :id"), {"date": date, "id": undated}
        )

    assert [(undated, None), (dated, shop.clock.now() - HOUR)] == [
        (each.order_id, each.made_at) for each in await world.unshipped()
    ]
    assert (2, dated) == await counted(world)


async def test_page_is_filled_though_the_journal_knows_the_first_orders_are_shipped(world: World) -> None:
    ids = [await old_order(world, age=timedelta(hours=hours)) for hours in (9, 8, 7, 6)]
    for order_id in ids[:3]:
        await world.record(order_id, str(90000000 + order_id))
    page = await world.orders.unshipped(None, limit=2, cursor=None)

    assert ([ids[3]], None) == ([each.order_id for each in page.items], page.next_cursor)


async def test_order_too_old_to_be_counted_is_still_known_to_lack_its_shipment(world: World) -> None:
    old = await old_order(world, age=LOOKED_BACK + HOUR)
    sent = await old_order(world)
    await world.record(sent, "90000018")

    assert (0, None) == await counted(world)
    assert {old} == await world.orders.lacking([old, sent])


async def test_count_that_fails_by_a_defect_is_unknown_and_told_once(
    world: World, clock: ManualClock, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def defect() -> Count | None:
        raise ZeroDivisionError

    seen = Seen(events)
    monkeypatch.setattr(world.orders, "_ask_count", defect)
    first = await world.orders.count()
    await clock.advance(timedelta(seconds=6))

    assert (None, None) == (first, await world.orders.count())
    assert 1 == len(seen.named("shop.orders_not_counted"))


async def test_count_is_as_old_as_its_question(
    world: World, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await old_order(world)
    ask = world.orders._ask_count

    async def slow() -> Count | None:
        found = await ask()
        await clock.advance(timedelta(seconds=6))
        return found

    monkeypatch.setattr(world.orders, "_ask_count", slow)
    first = await world.orders.count()
    await old_order(world)
    second = await world.orders.count()

    assert (1, 2) == (first and first.orders, second and second.orders)
