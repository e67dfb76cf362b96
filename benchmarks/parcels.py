"""The parcels that need a person, read in a shop of 100,000 shipments: how long, and how long the loop is busy with it.

MariaDB beside SQLite where it is installed.
"""

import asyncio
import gc
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from benchmarks.cost import Cost, Probe, measured
from benchmarks.figures import Figure, blocks
from paranad.clock import SystemClock
from paranad.configuration.settings import ParcelsSection
from paranad.demo.shop import create_shop
from paranad.events.event import Events
from paranad.orders.parcel_watch import ParcelWatch
from paranad.shipments.journal import Journal
from paranad.shipments.request import ShipmentPrice
from paranad.shop.database import Shop
from paranad.store.file import Store, open_store
from tests.support.mariadb import is_installed, running_server
from tests.support.shop import WHOLE, make_cart

SHIPMENTS = 100_000
UNDER_WAY = 4
"""Of a hundred."""
UNPAID = 2
"""Of a hundred, delivered and on no invoice yet."""
AT_ONCE = 5_000
DAYS = 150
Row = dict[str, Any]


async def fill(shop: Shop, *, is_invoiced: bool) -> None:
    """Fill an empty shop; unless *is_invoiced*, the invoices stand in the courier's own objects alone."""
    cart = await make_cart(shop, status="completed")
    for first in range(0, SHIPMENTS, AT_ONCE):
        numbers = range(first + 1, first + AT_ONCE + 1)
        async with shop.transaction() as connection:
            for table, rows in (
                ("orders", [_order(shop, number, cart) for number in numbers]),
                ("alwaseet_shipments", [_shipment(shop, number, is_invoiced=is_invoiced) for number in numbers]),
                ("alwaseet_order_status_history", [each for number in numbers for each in _history(shop, number)]),
            ):
                await connection.execute(insert(WHOLE[table]), rows)


def _made(shop: Shop, number: int) -> Any:
    return shop.now() - timedelta(days=DAYS) * (1 - number / SHIPMENTS) - timedelta(days=1)


def _status(number: int) -> str:
    return "3" if number % 100 < UNDER_WAY else "4"


def _order(shop: Shop, number: int, cart: int) -> Row:
    made = _made(shop, number)
    return {
        "id": number,
        "cart_id": cart,
        "order_number": f"D-{number}",
        "customer_name": "زينب حسن",
        "customer_phone": "07701234567",
        "customer_address": "بغداد، الكرادة، قرب الجسر",
        "customer_social_link": "-",
        "status": "confirmed",
        "total_amount": 25000,
        "created_at": made,
        "updated_at": made,
    }


def _shipment(shop: Shop, number: int, *, is_invoiced: bool) -> Row:
    made, is_paid = _made(shop, number), number % 100 >= UNDER_WAY + UNPAID
    texts = dict.fromkeys(("city_id", "region_id", "city_name", "region_name", "package_size", "type_name"), "1")
    invoice = "77" if is_paid else "-1"
    return {
        "id": number,
        "order_id": number,
        "alwaseet_order_id": str(90_000_000 + number),
        "client_name": "زينب حسن",
        "client_mobile": "+9647701234567",
        "location": "بغداد، الكرادة، قرب الجسر",
        "price": 25000,
        "status_id": _status(number),
        "status": "قيد التوصيل",
        "items_number": "0",
        "merchant_invoice_id": invoice if is_invoiced else None,
        "api_data": {"id": str(90_000_000 + number), "merchant_invoice_id": invoice, "notes": "ملاحظة " * 60},
        "synced_at": shop.now(),
        "created_at": made,
        "alwaseet_updated_at": made,
        **texts,
    }


def _history(shop: Shop, number: int) -> Iterator[Row]:
    for at, status in enumerate(("1", "2", "3", "4") if _status(number) == "4" else ("1", "2", "3")):
        changed_at = _made(shop, number) + timedelta(hours=6 * at)
        yield {
            "order_id": number,
            "shipment_id": number,
            "status_id": status,
            "status_text": "",
            "changed_at": changed_at,
        }


async def read(shop: Shop, store: Store, probe: Probe) -> Cost:
    """Read all parcels once."""
    watch = ParcelWatch(shop, Journal(store, shop.clock, Events()), ParcelsSection(), ShipmentPrice.TOTAL)
    probe.reset()
    with measured() as cost:
        reading = await watch.fresh()
    probe.note(cost)
    assert sum(reading.counts.values())
    return cost


async def readings(url: str, state: Path, rounds: int, *, is_invoiced: bool) -> list[Cost]:
    clock, events = SystemClock(), Events()
    shop = Shop(url, ZoneInfo("Asia/Baghdad"), clock, events)
    async with open_store(state, durability="normal", clock=clock, events=events, new_state=True) as store:
        await fill(shop, is_invoiced=is_invoiced)
        gc.freeze()  # what the filling left, and this program's own modules, are no matter of the reading
        probe = Probe()
        costs = [await read(shop, store, probe) for _ in range(rounds)]
    await shop.close()
    return costs


def measure(rounds: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="paranad-bench-") as text, ExitStack() as stack:
        folder = Path(text)
        server = stack.enter_context(running_server()) if is_installed() else None
        for is_invoiced in (True, False):
            shop = folder / f"shop-{is_invoiced}.sqlite"
            create_shop(shop)
            urls = {"SQLite": f"sqlite:///{shop}"}
            if server:
                urls["MariaDB"] = server.empty_database(f"bench{int(is_invoiced)}")
            for engine, url in urls.items():
                state = folder / f"state-{engine}-{is_invoiced}"
                costs = asyncio.run(readings(url, state, rounds, is_invoiced=is_invoiced))
                which = "invoices kept" if is_invoiced else "column never filled"
                name = f"parcels of {SHIPMENTS:,} shipments, {engine}, {which}"
                yield Figure(name, "s", [cost.wall_s for cost in costs])
                yield Figure(f"{name}: CPU", "s", [cost.cpu_s for cost in costs])
                yield from blocks(f"parcels, {engine}, {which}", costs)
