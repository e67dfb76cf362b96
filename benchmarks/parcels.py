"""The parcels that need a person, read in a shop of 100,000 shipments: how long, and how long the loop is busy with it.

`python -m benchmarks.parcels [ROUNDS]`; MariaDB beside SQLite where it is installed.
"""

import asyncio
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from benchmarks.__main__ import machine, row
from paranad.clock import SystemClock
from paranad.configuration.settings import ParcelsSection
from paranad.demo.shop import create_shop
from paranad.events.event import Events
from paranad.orders.parcel_watch import ParcelWatch, Reading
from paranad.shipments.journal import Journal
from paranad.shipments.request import ShipmentPrice
from paranad.shop.database import Shop
from paranad.store.file import Store, open_store
from tests.support.mariadb import is_installed, running_server
from tests.support.shop import WHOLE, make_cart

ROUNDS = 5
SHIPMENTS = 100_000
UNDER_WAY = 4
"""Of a hundred."""
UNPAID = 2
"""Of a hundred, delivered and on no invoice yet."""
AT_ONCE = 5_000
DAYS = 150
PROBE_S = 0.005
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


async def read(shop: Shop, store: Store, rounds: int) -> tuple[float, float, Reading]:
    """Return the median seconds of a reading, how many ms the loop was busy at the longest, and the last reading."""
    times, longest, reading = [], 0.0, None
    for _ in range(rounds):
        watch = ParcelWatch(shop, Journal(store, shop.clock, Events()), ParcelsSection(), ShipmentPrice.TOTAL)
        probe = asyncio.create_task(_probe())
        before = time.monotonic()
        reading = await watch.fresh()
        times.append(time.monotonic() - before)
        probe.cancel()
        longest = max(longest, await probe)
    assert reading is not None
    return statistics.median(times), longest, reading


async def _probe() -> float:
    """Return the most processor time that the loop spent between two looks, in ms: busy neighbours do not change it."""
    longest = 0.0
    try:
        while True:
            before = time.thread_time()
            await asyncio.sleep(PROBE_S)
            longest = max(longest, time.thread_time() - before)
    except asyncio.CancelledError:
        return longest * 1000


async def measure(name: str, url: str, folder: Path, rounds: int, *, is_invoiced: bool) -> None:
    """Print the rows of one shop."""
    clock, events = SystemClock(), Events()
    shop = Shop(url, ZoneInfo("Asia/Baghdad"), clock, events)
    state = folder / f"state-{name}-{is_invoiced}"
    async with open_store(state, durability="normal", clock=clock, events=events, new_state=True) as store:
        await fill(shop, is_invoiced=is_invoiced)
        gc.freeze()  # what the filling left, and this program's own modules, are no matter of the reading
        seconds, blocked_ms, reading = await read(shop, store, rounds)
    await shop.close()
    which = "invoices kept" if is_invoiced else "column never filled"
    row(f"parcels of {SHIPMENTS:,} shipments, {name}, {which}", f"{seconds:.2f} s")
    row("  the loop was busy without a break, at the longest", f"{blocked_ms:.0f} ms")
    row("  found", ", ".join(f"{kind} {count}" for kind, count in reading.counts.items() if count))


def main(rounds: int = ROUNDS) -> None:
    """Measure and print."""
    print(machine())
    with tempfile.TemporaryDirectory(prefix="paranad-bench-") as text, ExitStack() as stack:
        folder = Path(text)
        server = stack.enter_context(running_server()) if is_installed() else None
        for is_invoiced in (True, False):
            shop = folder / f"shop-{is_invoiced}.sqlite"
            create_shop(shop)
            asyncio.run(measure("SQLite", f"sqlite:///{shop}", folder, rounds, is_invoiced=is_invoiced))
            if server:
                url = server.empty_database(f"bench{int(is_invoiced)}")
                asyncio.run(measure("MariaDB", url, folder, rounds, is_invoiced=is_invoiced))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
