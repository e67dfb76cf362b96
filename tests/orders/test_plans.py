"""The plans of the questions to the shop on SQLite, and of those to the journal: by an index, and bounded."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event

from paranad.orders.service import Orders
from paranad.shipments.journal import SQL
from paranad.shop.database import Shop
from paranad.store.file import Store
from tests.orders.conftest import World
from tests.support.shop import make_order, make_shipment

Asked = list[tuple[str, Any]]


async def asked_by(shop: Shop, ask: Any) -> Asked:
    """Return the statements that *ask* sends to the shop, with their parameters."""
    asked: Asked = []

    def hear(_: Any, __: Any, statement: str, parameters: Any, ___: Any, ____: bool) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    engine = shop.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        await ask()
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    return asked


async def plans(shop: Shop, asked: Asked) -> str:
    """Return how the shop carries out what it was *asked*."""
    lines: list[str] = []
    async with shop.read() as connection:
        for statement, parameters in asked:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            lines += [str(row[-1]) for row in rows]
    return "\n".join(lines)


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_orders_without_a_shipment_are_found_from_the_first_id_of_their_time_on(world: World) -> None:
    shop = world.orders.shop
    await make_shipment(shop, order_id=await make_order(shop))
    await make_order(shop)
    text = await plans(shop, await asked_by(shop, lambda: counted(world.orders)))

    assert "SEARCH orders USING INTEGER PRIMARY KEY (rowid>?" in text
    assert "SEARCH alwaseet_shipments USING COVERING INDEX alwaseet_shipments_order_id" in text
    assert "SCAN alwaseet_shipments" not in text
    assert "TEMP B-TREE" not in text


async def counted(orders: Orders) -> datetime | None:
    count = await orders.count()
    assert count is not None
    return count.oldest_at


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_phone_and_courier_id_are_looked_for_among_the_newest_or_by_an_index(world: World) -> None:
    shop = world.orders.shop
    await make_shipment(shop, order_id=await make_order(shop), alwaseet_order_id="90000018")
    found = await asked_by(shop, lambda: world.orders.found("90000018", limit=10, cursor=None))
    text = await plans(shop, found)

    assert "SEARCH alwaseet_shipments USING INDEX alwaseet_shipments_alwaseet_order_id_unique" in text
    assert "SCAN orders" not in text
    assert "SCAN alwaseet_shipments\n" not in text


@pytest.mark.parametrize("name", ["find_several", "find_recorded_among"])
async def test_journal_is_asked_by_its_key(store: Store, name: str) -> None:
    rows = await store.reader.fetch(f"EXPLAIN QUERY PLAN {SQL[name]}", {"orders": "[1]"})

    assert "SEARCH shipments USING INTEGER PRIMARY KEY (rowid=?)" in [row["detail"] for row in rows]
