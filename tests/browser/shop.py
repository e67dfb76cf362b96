"""The shop of these tests: orders of every kind that the page must show, invented, some of them hostile."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from paranad.sandbox.server import Sandbox
from paranad.shop.database import Shop
from paranad.shop.tables import jobs
from tests.support.payloads import create_shipment
from tests.support.shipping import SETTINGS
from tests.support.shop import Item, make, make_cart, make_order, make_shipment, make_size, set_setting

NAMES = (
    "زينب عبد الكريم",
    "حيدر جواد",
    "نور الهدى سالم",
    "علي حسين",
    "رقية محمود",
    "مصطفى قاسم",
    "فاطمة عادل",
    "سجاد كاظم",
)
MARKUP = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
BIDI = "أحمد \u202eevil\u202d \u2067x"
ENDLESS = "طويل" * 2500
HOSTILE = (MARKUP, BIDI, ENDLESS)
DEFAULTS = {
    "alwaseet_auto_sync_enabled": "1",
    "alwaseet_auto_sync_interval": "5",
    "alwaseet_auto_sync_status_ids": "",
    "delivery_fee": "5000",
}


@dataclass
class Orders:
    """The ids of the orders by what is known of them."""

    past: list[int] = field(default_factory=list)
    """Shipped in the days before."""
    courier_ids: dict[int, str] = field(default_factory=dict)
    """The courier's ids of these."""
    shipped: list[int] = field(default_factory=list)
    """To be shipped by the daemon once it runs."""
    held: list[int] = field(default_factory=list)
    """Each has candidates in the courier's list."""
    never_asked: list[int] = field(default_factory=list)
    hostile: list[int] = field(default_factory=list)
    """With texts that attack the page; never asked for either."""
    not_due: list[int] = field(default_factory=list)
    """Their rows wait in the shop's `jobs`."""
    without_phone: list[int] = field(default_factory=list)
    """Their shipments fail at once."""


async def stock(shop: Shop, sandbox: Sandbox) -> Orders:
    """Fill an empty shop, and put beside it what the courier has."""
    account = {"alwaseet_username": sandbox.books.username, "alwaseet_password": sandbox.books.password}
    for key, value in {**SETTINGS, **DEFAULTS, **account}.items():
        await set_setting(shop, key, value)
    size, cart = await make_size(shop), await make_cart(shop, status="completed")
    orders = Orders()

    async def order(number: int, age: timedelta, **values: Any) -> int:
        return await _order(shop, size, cart, number, age, **values)

    for number in range(30):
        made = await order(number, timedelta(hours=11 * (30 - number)))
        orders.past.append(made)
        orders.courier_ids[made] = delivered(sandbox, number, timedelta(hours=11 * (30 - number)))
        await _linked(shop, made, orders.courier_ids[made], 11 * (30 - number))
    orders.without_phone = [await order(31, timedelta(hours=26), customer_phone="123")]
    orders.never_asked = [await order(40 + number, timedelta(minutes=95 - 30 * number)) for number in range(3)]
    orders.hostile = [
        await order(50 + number, timedelta(minutes=14), customer_name=text, customer_address=text, notes=text)
        for number, text in enumerate(HOSTILE)
    ]
    orders.not_due = [await order(60, timedelta(minutes=4))]
    for made in orders.not_due:
        await row_of(shop, made, delay=timedelta(hours=2))
    orders.shipped = [await order(70 + number, timedelta()) for number in range(4)]
    for made in orders.shipped:
        await row_of(shop, made)
    orders.held = [await order(80 + number, timedelta(minutes=40 - 5 * number)) for number in range(4)]
    for number, made in enumerate(orders.held):
        sent_by_php(sandbox, 80 + number, note="P2-ABCD")
        if number == 0:
            sent_by_php(sandbox, 80)
        await row_of(shop, made, attempts=1)
    return orders


async def unasked(shop: Shop, number: int) -> int:
    """Make an order that nothing asks a shipment for; return its id."""
    size, cart = await make_size(shop), await make_cart(shop, status="completed")
    return await _order(shop, size, cart, number, timedelta(minutes=8))


async def sent_elsewhere(shop: Shop, sandbox: Sandbox, number: int) -> tuple[int, list[str]]:
    """Make an order that the courier has twice already; return its id, and the courier's."""
    size, cart = await make_size(shop), await make_cart(shop, status="completed")
    order = await _order(shop, size, cart, number, timedelta(minutes=20))
    candidates = [sent_by_php(sandbox, number, note="P2-ABCD"), sent_by_php(sandbox, number)]
    await row_of(shop, order, attempts=1)
    return order, candidates


async def _order(shop: Shop, size: int, cart: int, number: int, age: timedelta, **values: Any) -> int:
    asked = {
        "customer_name": NAMES[number % len(NAMES)],
        "customer_phone": f"0770{number:07}",
        "created_at": shop.now() - age,
        "updated_at": shop.now() - age,
        **values,
    }
    return await make_order(shop, items=[Item(size, quantity=1 + number % 2)], cart_id=cart, **asked)


def sent_by_php(sandbox: Sandbox, number: int, note: str = "") -> str:
    """Let the courier have a parcel of the order *number* that a worker of the shop may have sent; return its id."""
    return sandbox.books.add_order({**_parcel(number), "merchant_notes": note}).id


def delivered(sandbox: Sandbox, number: int, age: timedelta) -> str:
    """Let the courier have delivered the order *number*; return its id there."""
    made = sandbox.books.add_order(_parcel(number), sandbox.books.clock.now() - age)
    made.status_id = "4"
    return made.id


def _parcel(number: int) -> dict[str, str]:
    who = {"client_name": NAMES[number % len(NAMES)], "client_mobile": f"+964770{number:07}", "location": "قرب الجسر"}
    what = {"price": str(25000 * (1 + number % 2)), "type_name": "ملابس", "items_number": "1", "package_size": "1"}
    return {**who, **what, "city_id": "1", "region_id": "15"}


async def row_of(shop: Shop, order_id: int, *, attempts: int = 0, delay: timedelta = timedelta()) -> None:
    """Put the order's job into the shop's `jobs`, as a worker of the shop leaves it after *attempts*."""
    now = int(time.time())
    payload = create_shipment(order_id, uuid=f"0000-{order_id}")
    values = {"queue": "default", "payload": payload, "attempts": attempts, "reserved_at": None}
    await make(shop, jobs, **values, created_at=now, available_at=now + int(delay.total_seconds()))


async def _linked(shop: Shop, order_id: int, courier_id: str, hours: int) -> None:
    at = shop.now() - timedelta(hours=hours)
    values = {"alwaseet_order_id": courier_id, "qr_id": courier_id, "status_id": "4", "status": "تم التسليم للزبون"}
    await make_shipment(shop, order_id=order_id, **values, created_at=at, synced_at=at)
