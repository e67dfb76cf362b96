"""A shop that has no column and no table but those the daemon names: each task does its work there."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from paranad.configuration.settings import Settings
from paranad.known_tasks import shop_tasks
from paranad.queue.model import Completed
from paranad.shipments.model import Finished
from paranad.shop.cache import ShopCache
from paranad.shop.tables import fcm_tokens, metadata, notifications
from tests.support import shop as t
from tests.support.shipping import Shipping
from tests.support.tasks import Asked, make_context, make_notices

ARGUMENTS: dict[str, dict[str, Any]] = {
    "alwaseet:create-shipment": {"order_id": 1},
    "alwaseet:notify-status": {"shipment_id": 1, "old_status_id": "1", "new_status_id": "4"},
    "alwaseet:process-queue": {"job_type": "create_shipment", "job_data": {"order_id": 1}},
}


@pytest.fixture
def shop_url(shop_file: Path) -> str:
    return f"sqlite:///{shop_file}"


def strip(file: Path) -> None:
    """Leave of the shop in *file* what the daemon names, with its rows."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA legacy_alter_table = ON")
        for name in t.WHOLE:
            connection.execute(f"ALTER TABLE {name} RENAME TO old_{name}")
        for name, table in metadata.tables.items():
            connection.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))
            columns = ", ".join(f'"{column.name}"' for column in table.c)
            connection.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM old_{name}")
        for name in t.WHOLE:
            connection.execute(f"DROP TABLE old_{name}")
        connection.commit()


async def test_each_task_works(shipping: Shipping, shop_file: Path) -> None:
    shop, old = shipping.shop, shipping.shop.now() - timedelta(days=90)
    order_id = await shipping.order()
    size = await t.make_size(shop)
    await t.make_cart(shop, items=[t.Item(size)], delegate_id=await t.make_user(shop), expires_in=-t.HOUR)
    await t.make_cart(shop, items=[t.Item(size)], expires_in=-t.HOUR)
    await t.make_promotion(shop, ends_in=-t.HOUR)
    await t.make_link(shop, age=3 * t.HOUR)
    await t.make_order(shop, deleted_at=old)
    shipped = await t.make_order(shop, status="confirmed", total_amount=Decimal(25000))
    await t.make_shipment(shop, order_id=shipped, alwaseet_order_id="90000007")
    await t.make(shop, fcm_tokens, user_id=1, token="x", updated_at=old)
    await t.make(shop, notifications, user_id=1, type="x", title="x", message="x", created_at=old)
    strip(shop_file)

    assert isinstance(await shipping.run(order_id), Finished)
    shipping.sandbox.seed_orders(2)
    built = shop_tasks(
        Settings(),
        shipping.store,
        shop,
        shipping.courier,
        shipping.shipments,
        ShopCache(None, shipping.clock),
        make_notices(shop),
    )
    for task in built:
        args = task.arguments(**ARGUMENTS.get(task.facts.name, {}))
        outcome = await task.run(make_context(shipping.clock, enqueue=Asked()), args)
        assert isinstance(outcome, Completed), task.facts.name
    rows = {table.name: await count(shipping, table.name) for table in metadata.tables.values()}
    assert {"archived_orders": 1, "carts": 3, "fcm_tokens": 0, "alwaseet_shipments": 4} == {
        name: rows[name] for name in ("archived_orders", "carts", "fcm_tokens", "alwaseet_shipments")
    }


async def count(shipping: Shipping, table: str) -> int:
    async with shipping.shop.read() as connection:
        return int((await connection.exec_driver_sql(f"SELECT count(*) FROM {table}")).scalar_one())
