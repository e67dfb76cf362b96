import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, update

from paranad.events.event import Events
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBusy, ShopUnexpectedSchema, ShopUnreachable
from paranad.shop.statements import lock_row
from paranad.shop.tables import archived_orders, cart_items, carts, orders, product_sizes, stock_reservations
from paranad.tasks.carts import CartsArchiveExpired, CartsExpire
from paranad.tasks.sweep import PAGE
from paranad.tasks.task import NoArguments, Task
from tests.support import shop as t
from tests.support.before_lock import before_lock
from tests.support.clock import ManualClock
from tests.support.shop import Item
from tests.support.shop_faults import ZERO_DATE, ShopDown, force
from tests.support.shop_fixtures import open_shop
from tests.support.tasks import items_of, make_context, run_task

EXPIRED = timedelta(seconds=-1)
BOTH: list[Callable[[Shop], Task[NoArguments]]] = [CartsExpire, CartsArchiveExpired]


async def delegates_cart(shop: Shop, *items: Item, **values: Any) -> int:
    delegate = await t.make_user(shop)
    return await t.make_cart(shop, items=items, delegate_id=delegate, **{"expires_in": EXPIRED, **values})


async def release_all(shop: Shop, clock: ManualClock) -> list[dict[str, Any]]:
    return [await run_task(build(shop), clock) for build in BOTH]


async def test_expired_guest_cart_is_released_and_stock_stays_as_it_is(shop: Shop, clock: ManualClock) -> None:
    size = await t.make_size(shop, quantity=10)
    cart = await t.make_cart(shop, items=[Item(size, 3), Item(size, 2)], expires_in=EXPIRED)
    result = await run_task(CartsExpire(shop), clock)
    assert {"looked_at": 1, "changed": 1, "rows": [f"cart {cart}"]}.items() <= result.items()
    assert [0, 0, 0] == [await t.count(shop, table) for table in (carts, cart_items, stock_reservations)]
    assert 10 == await t.value_of(shop, product_sizes, size, "quantity")


@pytest.mark.parametrize(
    ("expires_in", "left"), [(timedelta(0), 1), (timedelta(seconds=1), 1), (timedelta(seconds=-1), 0), (None, 1)]
)
@pytest.mark.parametrize("build", BOTH)
async def test_cart_lives_until_the_second_after_expires_at(
    shop: Shop, clock: ManualClock, build: Callable[[Shop], Task[NoArguments]], expires_in: timedelta | None, left: int
) -> None:
    if build is CartsExpire:
        await t.make_cart(shop, expires_in=expires_in)
    else:
        await delegates_cart(shop, Item(await t.make_size(shop)), expires_in=expires_in)
    await run_task(build(shop), clock)
    assert left == await t.count(shop, carts)


async def test_fraction_of_a_second_does_not_expire_a_cart(shop: Shop, clock: ManualClock) -> None:
    await t.make_cart(shop, expires_in=timedelta(0))
    await clock.advance(timedelta(milliseconds=999))
    await run_task(CartsExpire(shop), clock)
    assert 1 == await t.count(shop, carts)


@pytest.mark.parametrize("status", ["completed", "cancelled"])
async def test_only_active_carts_end(shop: Shop, clock: ManualClock, status: str) -> None:
    await t.make_cart(shop, status=status, expires_in=EXPIRED)
    await delegates_cart(shop, Item(await t.make_size(shop)), status=status)
    await release_all(shop, clock)
    assert 2 == await t.count(shop, carts)


async def test_age_alone_ends_no_cart(shop: Shop, clock: ManualClock) -> None:
    created_at = shop.now() - timedelta(days=2)
    await delegates_cart(shop, Item(await t.make_size(shop)), created_at=created_at, expires_in=timedelta(seconds=1))
    await release_all(shop, clock)
    assert 1 == await t.count(shop, carts)


async def test_each_task_takes_its_own_carts(shop: Shop, clock: ManualClock) -> None:
    size = await t.make_size(shop)
    guest = await t.make_cart(shop, items=[Item(size)], expires_in=EXPIRED)
    empty = await delegates_cart(shop)
    full = await delegates_cart(shop, Item(size))
    released, archived = await release_all(shop, clock)
    assert ([f"cart {guest}", f"cart {empty}"], [f"cart {full}"]) == (released["rows"], archived["rows"])
    assert 1 == await t.count(shop, archived_orders)


async def test_archived_cart_keeps_what_the_shops_restore_reads(shop: Shop, clock: ManualClock) -> None:
    product = await t.make_product(shop, name="فستان / وردي", code="D7")
    size = await t.make_size(shop, product_id=product, size_name="٦ سنوات", quantity=9)
    customer = {"customer_name": "نور", "customer_phone": "07709999999", "customer_address": "البصرة"}
    cart = await delegates_cart(
        shop, Item(size, 2, Decimal("12500.50")), **customer, customer_social_link="ig/noor", notes="قبل العصر"
    )
    delegate = await t.value_of(shop, carts, cart, "delegate_id")
    await run_task(CartsArchiveExpired(shop), clock)
    [archived] = await t.rows(shop, archived_orders)
    item = {
        "product_id": product,
        "size_id": size,
        "product_name": "فستان / وردي",
        "product_code": "D7",
        "size_name": "٦ سنوات",
        "quantity": 2,
        "unit_price": 12500.5,
        "subtotal": 25001,
    }
    stamps = dict.fromkeys(("archived_at", "created_at", "updated_at"), shop.now())
    kept = {**customer, "customer_social_link": "ig/noor", "notes": "قبل العصر", "total_amount": Decimal(25001)}
    assert {"id": archived["id"], "delegate_id": delegate, "items": [item], **kept, **stamps} == archived
    assert 9 == await t.value_of(shop, product_sizes, size, "quantity")


@pytest.mark.parametrize("blank", [None, "", "  "])
async def test_what_a_cart_does_not_say_is_archived_as_not_given(
    shop: Shop, clock: ManualClock, blank: str | None
) -> None:
    fields = ("customer_name", "customer_phone", "customer_address", "customer_social_link")
    await delegates_cart(shop, Item(await t.make_size(shop)), notes=blank, **dict.fromkeys(fields, blank))
    await run_task(CartsArchiveExpired(shop), clock)
    [archived] = await t.rows(shop, archived_orders)
    assert {"غير محدد"} == {archived[field] for field in fields}
    assert "تم الأرشفة تلقائياً بعد مرور ساعة" == archived["notes"]


async def test_item_of_a_trashed_size_is_archived(shop: Shop, clock: ManualClock) -> None:
    size = await t.make_size(shop, deleted_at=shop.now())
    await delegates_cart(shop, Item(size))
    await run_task(CartsArchiveExpired(shop), clock)
    assert 1 == await t.count(shop, archived_orders)


@pytest.mark.parametrize("trashed", [False, True])
async def test_cart_that_an_order_came_from_is_skipped_and_named(shop: Shop, clock: ManualClock, trashed: bool) -> None:
    size = await t.make_size(shop)
    deleted_at = shop.now() if trashed else None
    guest = await t.make_cart(shop, items=[Item(size)], expires_in=EXPIRED)
    own = await delegates_cart(shop, Item(size))
    order_ids = [await t.make_order(shop, cart_id=cart, deleted_at=deleted_at) for cart in (guest, own)]
    results = await release_all(shop, clock)
    assert order_ids == await t.ids(shop, orders)
    assert [guest, own] == await t.ids(shop, carts)
    assert 0 == await t.count(shop, archived_orders)
    for result, cart, order in zip(results, (guest, own), order_ids, strict=True):
        reason = f"order {order} came from it and would be deleted with it"
        assert [{"what": f"cart {cart}", "reason": reason}] == items_of(result["skipped"])


@pytest.mark.parametrize("build", BOTH)
async def test_checkout_between_look_and_lock_keeps_cart_and_order(
    shop: Shop, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, build: Callable[[Shop], Task[NoArguments]]
) -> None:
    size = await t.make_size(shop)
    owner = {} if build is CartsExpire else {"delegate_id": await t.make_user(shop)}
    cart = await t.make_cart(shop, items=[Item(size)], expires_in=EXPIRED, **owner)

    async def checkout() -> None:
        await t.make_order(shop, cart_id=cart, items=[Item(size)])
        async with shop.transaction() as connection:
            await connection.execute(delete(stock_reservations))
            await connection.execute(update(carts).values(status="completed"))

    before_lock(monkeypatch, shop, checkout)
    result = await run_task(build(shop), clock)
    assert [{"what": f"cart {cart}", "reason": "no longer due"}] == items_of(result["skipped"])
    assert (1, 1) == (await t.count(shop, orders), await t.count(shop, carts))


async def test_guest_cart_that_gains_an_owner_meanwhile_is_left_to_the_archive(
    shop: Shop, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await t.make_cart(shop, items=[Item(await t.make_size(shop))], expires_in=EXPIRED)
    delegate = await t.make_user(shop)

    async def claimed() -> None:
        async with shop.transaction() as connection:
            await connection.execute(update(carts).values(delegate_id=delegate))

    before_lock(monkeypatch, shop, claimed)
    await release_all(shop, clock)
    assert (0, 1) == (await t.count(shop, carts), await t.count(shop, archived_orders))


async def test_cart_of_a_vanished_product_fails_alone(shop: Shop, clock: ManualClock) -> None:
    bad = await delegates_cart(shop, Item(await t.make_size(shop)))
    good = await delegates_cart(shop, Item(await t.make_size(shop)))
    [item] = await t.rows(shop, cart_items, cart_id=bad)
    await force(shop, "DELETE FROM products WHERE id = :id", id=item["product_id"])
    result = await run_task(CartsArchiveExpired(shop), clock)
    reason = f"its item {item['id']} is of product {item['product_id']}, which is gone"
    assert [{"what": f"cart {bad}", "reason": reason}] == items_of(result["failed"])
    assert [f"cart {good}"] == result["rows"]
    assert [bad] == await t.ids(shop, carts)


@pytest.mark.parametrize("time", ["yesterday", "2025/12/01", ""])
async def test_cart_with_an_unreadable_time_fails_alone(sqlite_shop: Shop, clock: ManualClock, time: str) -> None:
    bad, good = [await t.make_cart(sqlite_shop, expires_in=EXPIRED) for _ in range(2)]
    await force(sqlite_shop, "UPDATE carts SET expires_at = :time WHERE id = :id", time=time, id=bad)
    result = await run_task(CartsExpire(sqlite_shop), clock)
    assert [f"cart {good}"] == result["rows"]
    reason = f'carts.expires_at: expected a time such as 2026-03-02 12:00:00, got "{time}"'
    assert [{"what": f"cart {bad}", "reason": reason}] == items_of(result["failed"])
    assert 1 == await t.count(sqlite_shop, carts)


async def test_cart_with_a_date_of_zeros_never_expires(shop: Shop, clock: ManualClock) -> None:
    size = await t.make_size(shop)
    left = [await t.make_cart(shop), await delegates_cart(shop, Item(size))]
    await force(shop, "UPDATE carts SET expires_at = :time", time=ZERO_DATE)
    results = [await run_task(build(shop), clock) for build in BOTH]
    assert ([0, 0], left) == ([result["looked_at"] for result in results], await t.ids(shop, carts))


async def test_column_that_no_task_needs_may_be_missing_or_hold_anything(sqlite_shop: Shop, clock: ManualClock) -> None:
    size = await t.make_size(sqlite_shop)
    await delegates_cart(sqlite_shop, Item(size))
    async with sqlite_shop.transaction() as connection:
        await connection.exec_driver_sql("ALTER TABLE carts DROP COLUMN customer_phone2")
        await connection.exec_driver_sql("ALTER TABLE cart_items DROP COLUMN updated_at")
    await force(sqlite_shop, "UPDATE carts SET updated_at = :time", time=ZERO_DATE)
    assert 1 == (await run_task(CartsArchiveExpired(sqlite_shop), clock))["changed"]


@pytest.mark.parametrize("invisible", ["\u200b\u200f", "\u3164", "\u00ad \ufeff", "\u115f\u2800"])
async def test_name_of_invisible_characters_is_none(shop: Shop, clock: ManualClock, invisible: str) -> None:
    cart = await delegates_cart(shop, Item(await t.make_size(shop)))
    await force(shop, "UPDATE carts SET customer_name = :name WHERE id = :id", name=invisible, id=cart)
    await run_task(CartsArchiveExpired(shop), clock)
    assert ["غير محدد"] == [row["customer_name"] for row in await t.rows(shop, archived_orders)]


async def test_missing_table_is_named(shop: Shop, clock: ManualClock) -> None:
    async with shop.transaction() as connection:
        await connection.exec_driver_sql("DROP TABLE stock_reservations")
    await t.make_cart(shop, expires_in=EXPIRED)
    with pytest.raises(ShopUnexpectedSchema, match='no table "stock_reservations"'):
        await run_task(CartsExpire(shop), clock)
    assert 1 == await t.count(shop, carts)


async def test_shop_gone_and_back_costs_nothing(shop: Shop, clock: ManualClock, shop_down: ShopDown) -> None:
    await t.make_cart(shop, expires_in=EXPIRED)
    with shop_down(), pytest.raises(ShopUnreachable, match=r"there is no file|no connection"):
        await run_task(CartsExpire(shop), clock)
    assert 1 == (await run_task(CartsExpire(shop), clock))["changed"]


async def test_shop_locked_by_another_program_passes_through(shop_url: str, shop: Shop, clock: ManualClock) -> None:
    cart = await t.make_cart(shop, expires_in=EXPIRED)
    hasty = open_shop(shop_url, clock, Events(), busy_timeout=timedelta(milliseconds=20))
    async with shop.transaction() as holder:
        await lock_row(holder, carts, cart)
        with pytest.raises(ShopBusy):
            await run_task(CartsExpire(hasty), clock)
    assert 1 == (await run_task(CartsExpire(hasty), clock))["changed"]
    await hasty.close()


async def test_dry_run_names_the_carts_and_touches_nothing(shop: Shop, clock: ManualClock) -> None:
    size = await t.make_size(shop)
    guest = await t.make_cart(shop, items=[Item(size)], expires_in=EXPIRED)
    own = await delegates_cart(shop, Item(size))
    rows = [(await run_task(build(shop), clock, dry_run=True))["rows"] for build in BOTH]
    assert [[f"cart {guest}"], [f"cart {own}"]] == rows
    assert [2, 2, 2, 0] == [
        await t.count(shop, table) for table in (carts, cart_items, stock_reservations, archived_orders)
    ]


async def test_dry_run_passes_more_than_a_page_and_names_the_first_hundred(shop: Shop, clock: ManualClock) -> None:
    await many_guest_carts(shop, PAGE + 1)
    told: list[int] = []
    progress = {"progress": lambda done, _total: told.append(done)}
    result = await run_task(CartsExpire(shop), clock, dry_run=True, **progress)
    assert (PAGE + 1, 100) == (result["changed"], len(result["rows"]))
    assert [PAGE, PAGE + 1] == told


async def many_guest_carts(shop: Shop, count: int) -> None:
    cart = {"cart_name": "سلة", "status": "active", "expires_at": shop.now() - timedelta(hours=1)}
    async with shop.transaction() as connection:
        await connection.execute(t.WHOLE["carts"].insert(), [cart] * count)


@pytest.fixture
async def other(shop_url: str, clock: ManualClock, events: Events) -> AsyncIterator[Shop]:
    """A second daemon's way to the same shop."""
    other = open_shop(shop_url, clock, events)
    yield other
    await other.close()


async def test_runs_at_the_same_time_end_as_one_run(shop: Shop, other: Shop, clock: ManualClock) -> None:
    size = await t.make_size(shop, quantity=50)
    for _ in range(4):
        await t.make_cart(shop, items=[Item(size)], expires_in=EXPIRED)
        await delegates_cart(shop, Item(size))
    tasks = [build(each) for build in BOTH for each in (shop, other)]
    results = await asyncio.gather(*(run_task(task, clock) for task in tasks))
    assert 8 == sum(result["changed"] for result in results)
    assert 0 == sum(result["failed"]["count"] for result in results)
    assert (0, 0, 4) == tuple([await t.count(shop, each) for each in (carts, stock_reservations, archived_orders)])
    assert 50 == await t.value_of(shop, product_sizes, size, "quantity")


@pytest.mark.parametrize("steps", [1, 4, 9, 20, 40, 80])
async def test_run_cancelled_anywhere_leaves_each_cart_whole_or_archived(
    shop: Shop, clock: ManualClock, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = await t.make_size(shop, quantity=50)
    whole = [await delegates_cart(shop, Item(size)) for _ in range(3)]
    running: asyncio.Task[Any]

    async def end() -> None:
        asyncio.get_running_loop().call_soon(cancel_after, steps)

    def cancel_after(left: int) -> None:
        if left:
            asyncio.get_running_loop().call_soon(cancel_after, left - 1)
        else:
            running.cancel()

    with monkeypatch.context() as patch:
        before_lock(patch, shop, end, row=2)
        running = asyncio.ensure_future(CartsArchiveExpired(shop).run(make_context(clock), NoArguments()))
        await asyncio.wait([running])
    left, archived = await t.ids(shop, carts), await t.count(shop, archived_orders)
    assert len(whole) == len(left) + archived
    assert len(left) == await t.count(shop, stock_reservations) == await t.count(shop, cart_items)
    await run_task(CartsArchiveExpired(shop), clock)
    assert (0, 3, 0) == tuple([await t.count(shop, each) for each in (carts, archived_orders, stock_reservations)])
