"""Builders of the shop's rows: each fills in what the tables ask for and answers the new row's id."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from importlib import resources
from itertools import count as counting
from typing import Any

from sqlalchemy import Boolean, Column, MetaData, Table, func, insert, select
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.types import TypeEngine

from paranad import demo
from paranad.shop import tables
from paranad.shop.columns import JsonText, Money, PlainText, WallClock, Whole
from paranad.shop.database import Shop
from paranad.shop.settings import write_setting

HOUR = timedelta(hours=1)
_numbers = counting(1)
_KINDS: dict[str, type[TypeEngine[Any]]] = {
    "DATETIME": WallClock,
    "NUMERIC": Money,
    "TINYINT(1)": Boolean,
    "INTEGER": Whole,
}


def _whole_shop() -> MetaData:
    """Return every table of the shop with every column; those that the daemon uses have the daemon's types."""
    whole, schema = MetaData(), resources.files(demo).joinpath("shop.sqlite.sql").read_text("utf-8")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema)
        found = connection.execute(
            "SELECT entry.name, part.name, part.type, part.pk, entry.sql FROM sqlite_schema AS entry"
            " INNER JOIN pragma_table_info(entry.name) AS part"
            " WHERE entry.type = 'table' AND entry.name NOT LIKE 'sqlite%'"
        ).fetchall()
    for table, column, kind, is_key, sql in found:
        ours = tables.metadata.tables.get(table)
        type_: Any = JsonText if f'json_valid("{column}")' in sql else _KINDS.get(kind, PlainText)
        if ours is not None and column in ours.c:
            type_ = ours.c[column].type
        Table(table, whole, Column(column, type_, primary_key=bool(is_key)), extend_existing=True)
    return whole


WHOLE = _whole_shop().tables
"""All tables of the shop, by name."""


@dataclass(frozen=True, slots=True)
class Item:
    """What lies in a cart or an order."""

    size_id: int
    quantity: int = 1
    price: Decimal = Decimal(25000)


async def make(shop: Shop, table: Table, **values: Any) -> int:
    """Put one row into *table*, stamped now; return its id. Any column of the whole shop may be given."""
    table = WHOLE[table.name]
    stamps = {name: shop.now() for name in ("created_at", "updated_at") if name in table.c}
    async with shop.transaction() as connection:
        result = await connection.execute(insert(table).values({**stamps, **values}))
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])


async def make_user(shop: Shop, **values: Any) -> int:
    return await make(shop, tables.users, **{"name": "علي", "password": "x", "role": "delegate", **values})


async def make_warehouse(shop: Shop, **values: Any) -> int:
    created_by = values.pop("created_by", None) or await make_user(shop, role="admin")
    return await make(
        shop, WHOLE["warehouses"], **{"name": "الكرادة", "location": "بغداد", "created_by": created_by, **values}
    )


async def make_product(shop: Shop, **values: Any) -> int:
    warehouse_id = values.pop("warehouse_id", None) or await make_warehouse(shop)
    created_by = values.pop("created_by", None) or await make_user(shop, role="admin")
    asked = {"name": "قميص أطفال", "code": f"P{next(_numbers)}", "selling_price": Decimal(25000), **values}
    return await make(shop, tables.products, warehouse_id=warehouse_id, created_by=created_by, **asked)


async def make_size(shop: Shop, *, product_id: int | None = None, quantity: int = 10, **values: Any) -> int:
    product_id = product_id or await make_product(shop)
    asked = {"size_name": "٤ سنوات", "quantity": quantity, **values}
    return await make(shop, tables.product_sizes, product_id=product_id, **asked)


async def make_cart(
    shop: Shop, *, items: Sequence[Item] = (), expires_in: timedelta | None = HOUR, **values: Any
) -> int:
    """Make an active cart of a guest, or of `delegate_id`, with its reservations; *expires_in* None: never expires."""
    expires_at = None if expires_in is None else shop.now() + expires_in
    cart_id = await make(shop, tables.carts, **{"cart_name": "سلة", "expires_at": expires_at, **values})
    for item in items:
        await add_item(shop, cart_id, item)
    return cart_id


async def add_item(shop: Shop, cart_id: int, item: Item) -> int:
    """Put *item* into a cart as the shop does: with its reservation, the stock untouched."""
    product_id = await value_of(shop, tables.product_sizes, item.size_id, "product_id")
    item_id = await make(
        shop,
        tables.cart_items,
        cart_id=cart_id,
        product_id=product_id,
        size_id=item.size_id,
        quantity=item.quantity,
        price=item.price,
    )
    await make(
        shop,
        tables.stock_reservations,
        product_size_id=item.size_id,
        cart_item_id=item_id,
        quantity_reserved=item.quantity,
    )
    return item_id


async def make_order(shop: Shop, *, items: Sequence[Item] = (), cart_id: int | None = None, **values: Any) -> int:
    """Make a pending order with *items*; the total is theirs unless given."""
    cart_id = cart_id or await make_cart(shop, status="completed")
    total = sum((item.quantity * item.price for item in items), Decimal(0))
    asked = {
        "order_number": f"ORD-{next(_numbers)}",
        "customer_name": "زينب حسن",
        "customer_phone": "07701234567",
        "customer_address": "بغداد، الكرادة، قرب الجسر",
        "customer_social_link": "instagram.com/zainab",
        "status": "pending",
        "total_amount": total,
        **values,
    }
    order_id = await make(shop, tables.orders, cart_id=cart_id, **asked)
    for item in items:
        await make_order_item(shop, order_id, item)
    return order_id


async def make_order_item(shop: Shop, order_id: int, item: Item) -> int:
    product_id = await value_of(shop, tables.product_sizes, item.size_id, "product_id")
    return await make(
        shop,
        tables.order_items,
        order_id=order_id,
        product_id=product_id,
        product_name="قميص أطفال",
        product_code="P1",
        size_name="٤ سنوات",
        size_id=item.size_id,
        quantity=item.quantity,
        unit_price=item.price,
        subtotal=item.quantity * item.price,
    )


async def make_shipment(shop: Shop, **values: Any) -> int:
    asked = {
        "alwaseet_order_id": str(next(_numbers)),
        "client_name": "زينب حسن",
        "client_mobile": "+9647701234567",
        "city_id": "1",
        "city_name": "بغداد",
        "region_id": "10",
        "region_name": "الكرادة",
        "location": "قرب الجسر",
        "price": Decimal(25000),
        "package_size": "1",
        "type_name": "ملابس",
        "status_id": "1",
        "status": "جديد",
        "synced_at": shop.now(),
        **values,
    }
    return await make(shop, tables.alwaseet_shipments, **asked)


async def make_promotion(shop: Shop, *, ends_in: timedelta, **values: Any) -> int:
    warehouse_id = values.pop("warehouse_id", None) or await make_warehouse(shop)
    created_by = await make_user(shop, role="admin")
    times = {"start_date": shop.now() - 24 * HOUR, "end_date": shop.now() + ends_in}
    return await make(
        shop, tables.warehouse_promotions, warehouse_id=warehouse_id, created_by=created_by, **{**times, **values}
    )


async def make_link(shop: Shop, *, age: timedelta, **values: Any) -> int:
    created_by = await make_user(shop)
    asked = {"token": f"token-{next(_numbers)}", "created_at": shop.now() - age, **values}
    return await make(shop, tables.product_links, created_by=created_by, **asked)


def in_use(shop: Shop) -> int:
    """Return how many connections to the shop's database are in use now."""
    pool = shop.database.engine.pool
    assert isinstance(pool, AsyncAdaptedQueuePool)
    return pool.checkedout()


async def set_setting(shop: Shop, key: str, value: str | None) -> None:
    async with shop.transaction() as connection:
        await write_setting(connection, key, value, shop.now())


async def rows(shop: Shop, table: Table, **where: Any) -> list[dict[str, Any]]:
    """Return the rows of *table*, with every column, whose columns equal *where*, in order of id."""
    table = WHOLE[table.name]
    wanted = select(table).where(*(table.c[name] == value for name, value in where.items())).order_by(table.c.id)
    async with shop.read() as connection:
        return [dict(row._mapping) for row in await connection.execute(wanted)]


async def row(shop: Shop, table: Table, row_id: int) -> dict[str, Any]:
    [found] = await rows(shop, table, id=row_id)
    return found


async def value_of(shop: Shop, table: Table, row_id: int, column: str) -> Any:
    return (await row(shop, table, row_id))[column]


async def ids(shop: Shop, table: Table) -> list[int]:
    return [found["id"] for found in await rows(shop, table)]


async def count(shop: Shop, table: Table) -> int:
    async with shop.read() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()
