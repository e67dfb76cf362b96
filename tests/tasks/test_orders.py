from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, update

from paranad.shop.database import Shop
from paranad.shop.tables import (
    alwaseet_order_status_history,
    alwaseet_shipments,
    carts,
    investor_profits,
    order_items,
    orders,
    product_sizes,
    profit_records,
    return_items,
)
from paranad.tasks.housekeeping import OrdersDeleteOldTrashed
from tests.support import shop as t
from tests.support.before_lock import before_lock
from tests.support.clock import ManualClock
from tests.support.shop import Item
from tests.support.tasks import items_of, run_task

MONTH = timedelta(days=30)
SECOND = timedelta(seconds=1)


async def trashed(shop: Shop, *items: Item, ago: timedelta = MONTH + SECOND) -> int:
    return await t.make_order(shop, items=items, deleted_at=shop.now() - ago)


async def delete_old(shop: Shop, clock: ManualClock, *, with_profit: bool = False, **values: Any) -> dict[str, Any]:
    return await run_task(OrdersDeleteOldTrashed(shop, delete_orders_with_profit=with_profit), clock, **values)


async def counts(shop: Shop, *tables: Table) -> list[int]:
    return [await t.count(shop, table) for table in tables]


async def book_profit(shop: Shop, **values: Any) -> int:
    today = shop.now().date()
    return await t.make(shop, profit_records, record_date=today, record_type="order", **values)


@pytest.mark.parametrize(
    ("ago", "left"), [(MONTH + SECOND, 0), (MONTH, 1), (timedelta(0), 1), (MONTH - SECOND, 1), (40 * MONTH, 0)]
)
async def test_trashed_order_is_kept_for_thirty_days(shop: Shop, clock: ManualClock, ago: timedelta, left: int) -> None:
    await trashed(shop, ago=ago)
    result = await delete_old(shop, clock)
    assert (left, 1 - left) == (await t.count(shop, orders), result["changed"])


async def test_order_that_is_not_trashed_stays(shop: Shop, clock: ManualClock) -> None:
    await t.make_order(shop, created_at=shop.now() - 10 * MONTH)
    assert 0 == (await delete_old(shop, clock))["looked_at"]


async def test_order_goes_with_its_items_and_history_and_its_shipment_stays_unlinked(
    shop: Shop, clock: ManualClock
) -> None:
    size = await t.make_size(shop, quantity=7)
    order = await trashed(shop, Item(size, 2), Item(size))
    shipment = await t.make_shipment(shop, order_id=order)
    status = {"status_id": "1", "status_text": "جديد", "changed_at": shop.now()}
    await t.make(shop, alwaseet_order_status_history, order_id=order, shipment_id=shipment, **status)
    result = await delete_old(shop, clock)
    assert [f"order {order}"] == result["rows"]
    assert [0, 0, 0] == await counts(shop, orders, order_items, alwaseet_order_status_history)
    assert await t.value_of(shop, alwaseet_shipments, shipment, "order_id") is None
    assert 7 == await t.value_of(shop, product_sizes, size, "quantity")
    assert 1 == await t.count(shop, carts)


async def test_order_with_profit_is_skipped_and_named(shop: Shop, clock: ManualClock) -> None:
    order, other = await trashed(shop), await trashed(shop)
    record = await book_profit(shop, order_id=order)
    money = {"profit_amount": 5, "base_profit": 5, "profit_percentage": 10, "profit_date": shop.now().date()}
    investor = {"investor_id": 1, "investment_id": 1, "profit_record_id": record, **money}
    await t.make(shop, investor_profits, **investor)
    result = await delete_old(shop, clock)
    assert [order] == await t.ids(shop, orders)
    assert [f"order {other}"] == result["rows"]
    assert [f"order {order}"] == [item["what"] for item in items_of(result["skipped"])]
    assert result["skipped"]["items"][0]["reason"].startswith("1 profit_records and 1 investor_profits")


async def test_order_whose_return_has_profit_is_skipped(shop: Shop, clock: ManualClock) -> None:
    order = await trashed(shop, Item(await t.make_size(shop)))
    [item] = await t.rows(shop, order_items)
    of_item = {"order_id": order, "order_item_id": item["id"], "product_id": item["product_id"]}
    returned = await t.make(
        shop, return_items, **of_item, size_id=item["size_id"], quantity_returned=1, return_reason="صغير"
    )
    await book_profit(shop, return_item_id=returned)
    assert 1 == (await delete_old(shop, clock))["skipped"]["count"]


async def test_order_with_profit_is_deleted_where_that_is_allowed(shop: Shop, clock: ManualClock) -> None:
    await book_profit(shop, order_id=await trashed(shop))
    await delete_old(shop, clock, with_profit=True)
    assert [0, 0] == await counts(shop, orders, profit_records)


async def test_order_restored_between_look_and_lock_stays(
    shop: Shop, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await trashed(shop, Item(await t.make_size(shop)))

    async def restored() -> None:
        async with shop.transaction() as connection:
            await connection.execute(update(orders).values(deleted_at=None))

    before_lock(monkeypatch, shop, restored)
    result = await delete_old(shop, clock)
    assert [{"what": f"order {order}", "reason": "no longer due"}] == items_of(result["skipped"])
    assert [1, 1] == await counts(shop, orders, order_items)


async def test_order_the_database_will_not_let_go_fails_alone(shop: Shop, clock: ManualClock) -> None:
    held, free = await trashed(shop), await trashed(shop)
    async with shop.transaction() as connection:
        invoices = "CREATE TABLE invoices (order_id BIGINT UNSIGNED, FOREIGN KEY (order_id) REFERENCES orders (id))"
        await connection.exec_driver_sql(invoices)
        await connection.exec_driver_sql(f"INSERT INTO invoices VALUES ({held})")
    result = await delete_old(shop, clock)
    assert ([f"order {free}"], [held]) == (result["rows"], await t.ids(shop, orders))
    assert "FOREIGN KEY" in result["failed"]["items"][0]["reason"]


async def test_dry_run_deletes_nothing(shop: Shop, clock: ManualClock) -> None:
    order = await trashed(shop, Item(await t.make_size(shop)))
    assert [f"order {order}"] == (await delete_old(shop, clock, dry_run=True))["rows"]
    assert [1, 1] == await counts(shop, orders, order_items)
