"""Expired carts: those of a delegate with items are archived, the others released; the stock is never touched.

A cart holds stock through its reservations alone, so that deleting them is all that its end means for the stock.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, exists, insert, not_, select

from paranad.catalogue import CARTS_ARCHIVE_EXPIRED, CARTS_EXPIRE
from paranad.queue.model import Json
from paranad.said import Said, Sentence
from paranad.shop.columns import shown_or
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow
from paranad.shop.statements import is_before
from paranad.shop.tables import archived_orders, cart_items, carts, orders, product_sizes, products, stock_reservations
from paranad.tasks.sweep import Housekeeping, Sweep
from paranad.tasks.task import Context, Tally

NOT_GIVEN = "غير محدد"
"""What the shop writes if an archived order must have a value and the cart has none."""
ARCHIVED_BY_ITSELF = "تم الأرشفة تلقائياً بعد مرور ساعة"
"""The note by which the shop's people know that no person archived it; a cart's own notes come before it."""

ORDERED = Sentence("shop.cart_ordered", "order {order} came from it and would be deleted with it")
PRODUCT_GONE = Sentence("shop.cart_product_gone", "its item {item} is of product {product}, which is gone")
SIZE_GONE = Sentence("shop.cart_size_gone", "its item {item} is of size {size}, which is gone")

ARCHIVABLE = and_(carts.c.delegate_id.is_not(None), exists().where(cart_items.c.cart_id == carts.c.id))
"""An archived order belongs to a delegate and holds items."""
ARCHIVED = [
    carts.c[name]
    for name in (
        "expires_at",
        "delegate_id",
        "customer_name",
        "customer_phone",
        "customer_address",
        "customer_social_link",
        "notes",
    )
]
"""What an archived order needs of its cart."""
ITEM = [cart_items.c[name] for name in ("id", "product_id", "size_id", "quantity", "price")]


class CartsExpire(Housekeeping):
    """`carts:expire`: releases expired carts that are not to be archived."""

    facts = CARTS_EXPIRE

    async def work(self, context: Context) -> Tally:
        """Release each with its items and reservations."""
        await self.shop.check_clock()
        due = and_(_expired(self.shop), not_(ARCHIVABLE))
        return await Sweep(self.shop, carts, due, _release, [carts.c.expires_at]).run(context)


class CartsArchiveExpired(Housekeeping):
    """`carts:archive-expired`: archives delegates' expired carts, then releases them."""

    facts = CARTS_ARCHIVE_EXPIRED

    async def work(self, context: Context) -> Tally:
        """Write the archived order and delete the cart, both or neither."""
        await self.shop.check_clock()
        due = and_(_expired(self.shop), ARCHIVABLE)
        return await Sweep(self.shop, carts, due, self._archive, ARCHIVED).run(context)

    async def _archive(self, connection: AsyncConnection, cart: Row[Any]) -> Said | None:
        # Asked under the cart's lock: an order that is being made of it waits for the lock, or is committed.
        if reason := await _ordered(connection, cart.id):
            return reason
        items = await _items(connection, cart.id)
        await connection.execute(insert(archived_orders).values(_archived(cart, items, self.shop.now())))
        await _delete(connection, cart.id)
        return None


def _expired(shop: Shop) -> ColumnElement[bool]:
    return and_(carts.c.status == "active", is_before(shop, carts.c.expires_at, shop.now()))


async def _release(connection: AsyncConnection, cart: Row[Any]) -> Said | None:
    if reason := await _ordered(connection, cart.id):
        return reason
    await _delete(connection, cart.id)
    return None


async def _delete(connection: AsyncConnection, cart_id: int) -> None:
    """Delete a cart with its items and reservations."""
    of_cart = select(cart_items.c.id).where(cart_items.c.cart_id == cart_id)
    await connection.execute(delete(stock_reservations).where(stock_reservations.c.cart_item_id.in_(of_cart)))
    await connection.execute(delete(cart_items).where(cart_items.c.cart_id == cart_id))
    await connection.execute(delete(carts).where(carts.c.id == cart_id))


async def _ordered(connection: AsyncConnection, cart_id: int) -> Said | None:
    """Say which order, trashed or not, refers to the cart: the database would delete it along with the cart."""
    referring = select(orders.c.id).where(orders.c.cart_id == cart_id).limit(1)
    order_id = (await connection.execute(referring)).scalar()
    return None if order_id is None else ORDERED(order=order_id)


async def _items(connection: AsyncConnection, cart_id: int) -> list[dict[str, Json]]:
    """Return the cart's items as the shop's archive keeps them, and as its restore reads them."""
    joined: Select[Any] = (
        select(*ITEM, products.c.name, products.c.code, product_sizes.c.size_name)
        .outerjoin(products, products.c.id == cart_items.c.product_id)
        .outerjoin(product_sizes, product_sizes.c.id == cart_items.c.size_id)
        .where(cart_items.c.cart_id == cart_id)
        .order_by(cart_items.c.id)
    )
    return [_item(row) for row in await connection.execute(joined)]


def _item(row: Row[Any]) -> dict[str, Json]:
    if row.name is None:
        raise ShopBadRow(PRODUCT_GONE(item=row.id, product=row.product_id))
    if row.size_name is None:
        raise ShopBadRow(SIZE_GONE(item=row.id, size=row.size_id))
    return {
        "product_id": row.product_id,
        "size_id": row.size_id,
        "product_name": row.name,
        "product_code": row.code,
        "size_name": row.size_name,
        "quantity": row.quantity,
        "unit_price": _number(row.price),
        "subtotal": _number(row.quantity * row.price),
    }


def _archived(cart: Row[Any], items: list[dict[str, Json]], now: datetime) -> dict[str, Any]:
    return {
        "delegate_id": cart.delegate_id,
        "customer_name": shown_or(cart.customer_name, NOT_GIVEN),
        "customer_phone": shown_or(cart.customer_phone, NOT_GIVEN),
        "customer_address": shown_or(cart.customer_address, NOT_GIVEN),
        "customer_social_link": shown_or(cart.customer_social_link, NOT_GIVEN),
        "notes": shown_or(cart.notes, ARCHIVED_BY_ITSELF),
        "items": items,
        "total_amount": sum((Decimal(str(item["subtotal"])) for item in items), Decimal(0)),
        "archived_at": now,
        "created_at": now,
        "updated_at": now,
    }


def _number(amount: Decimal) -> int | float:
    """Return *amount* as a JSON number: an integer if it has no fraction."""
    return int(amount) if amount == int(amount) else float(amount)
