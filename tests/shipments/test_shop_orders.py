"""What a shipment reads of the shop: only what it needs, and what cannot be read is named."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from paranad.shipments.request import Order
from paranad.shipments.shop_orders import ShopOrders, read_order
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow
from tests.support.clock import ManualClock
from tests.support.shipping import Shipping
from tests.support.shop import make_order, make_shipment
from tests.support.shop_faults import ZERO_DATE, force


async def read(shop: Shop, order_id: int) -> Order | None:
    async with shop.read() as connection:
        return await read_order(connection, order_id)


async def test_order_with_dates_of_zeros_ships(shipping: Shipping) -> None:
    order_id = await shipping.order()
    for column in ("created_at", "updated_at", "deleted_at", "confirmed_at"):
        await force(shipping.shop, f"UPDATE orders SET {column} = :time", time=ZERO_DATE)
    order = await read(shipping.shop, order_id)
    assert order is not None
    assert (None, None, False) == (order.created_at, order.updated_at, order.trashed)
    await shipping.run(order_id)
    assert shipping.sandbox.count("create-order") == 1


async def test_other_orders_within_a_day_are_found_by_phone_and_price_however_they_are_written(
    shipping: Shipping, clock: ManualClock
) -> None:
    await shipping.order()  # of the day before
    await clock.advance(timedelta(hours=24, seconds=1))
    same = [
        await shipping.order(customer_phone="+964 770 123 4567"),
        await shipping.order(customer_phone="٠٧٧٠١٢٣٤٥٦٧", total_amount=Decimal("24999.50")),
        await shipping.order(status="cancelled"),
        await shipping.order(status="cancelled"),
    ]
    await make_shipment(shipping.shop, order_id=same[-1])
    for other in (
        {"customer_phone": "07701234568"},
        {"total_amount": Decimal(25001)},
        {"total_amount": Decimal(24999)},
    ):
        await shipping.order(**other)
    order = await read(shipping.shop, await shipping.order())
    same.append(await shipping.order(customer_phone="0770 123 4567"))  # made later
    assert order is not None
    found = await ShopOrders(shipping.shop).alike(order)
    kept = [(True, False), (True, False), (False, False), (False, True), (True, False)]
    assert list(zip(same, kept, strict=True)) == [(each.order_id, (each.wanted, each.shipped)) for each in found]


ODD = [
    ("total_amount", "abc"),
    ("total_amount", ""),
    ("total_amount", 1e30),
    ("total_amount", float("inf")),
    ("created_at", "yesterday"),
    ("customer_phone", b"07701234567"),
    ("customer_name", b"\xff\x00"),
]


@pytest.mark.parametrize(("column", "value"), ODD)
async def test_what_cannot_be_read_names_order_table_and_column(sqlite_shop: Shop, column: str, value: Any) -> None:
    order_id = await make_order(sqlite_shop)
    await force(sqlite_shop, f"UPDATE orders SET {column} = :value", value=value)
    with pytest.raises(ShopBadRow, match=rf"^order {order_id}: orders\.{column}: expected"):
        await read(sqlite_shop, order_id)


async def test_bytes_that_are_no_text_are_named_too(sqlite_shop: Shop) -> None:
    order_id = await make_order(sqlite_shop)
    await force(sqlite_shop, "UPDATE orders SET customer_address = CAST(X'ff41' AS TEXT)")
    with pytest.raises(ShopBadRow, match=rf"^order {order_id}: orders\.customer_address: expected text in UTF-8"):
        await read(sqlite_shop, order_id)


async def test_column_that_is_not_needed_may_be_missing_or_hold_anything(sqlite_shop: Shop) -> None:
    order_id = await make_order(sqlite_shop)
    await force(sqlite_shop, "ALTER TABLE orders DROP COLUMN profit_margin_at_confirmation")
    await force(sqlite_shop, "UPDATE orders SET confirmed_at = 'yesterday', delivery_code = X'ff'")
    assert await read(sqlite_shop, order_id) is not None
