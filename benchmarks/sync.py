"""A sync of 50,000 courier orders into a shop that has half of them."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, insert, text

from benchmarks.place import daemon
from paranad.clock import SystemClock
from paranad.demo.shop import create_shop
from paranad.sandbox.server import Sandbox
from paranad.shop.tables import alwaseet_shipments, settings

ORDERS = 50_000


def measure() -> tuple[float, float, float]:
    """Return seconds, peak resident MiB, and the longest the loop was blocked in ms."""
    with tempfile.TemporaryDirectory(prefix="paranad-bench-") as folder, _sandbox() as url:
        shop = Path(folder) / "shop.sqlite"
        _fill(shop)
        with daemon(courier_url=url, shop=shop) as place:
            connection = place.connect()
            connection.run("bench:probe")
            before = time.monotonic()
            result = connection.run("alwaseet:sync-orders")
            seconds = time.monotonic() - before
            assert (result["created"], result["updated"]) == (ORDERS // 2, ORDERS // 2), result
            report = connection.run("bench:report")
            return seconds, report["peak_mib"], report["blocked_ms"]


def _fill(shop: Path) -> None:
    """Give the shop the courier's account, and every second order as an older sync left it."""
    create_shop(shop)
    account = {"alwaseet_username": "parana", "alwaseet_password": "sandbox-only"}
    engine = create_engine(f"sqlite:///{shop}")
    with engine.begin() as connection:
        connection.execute(text("PRAGMA synchronous = OFF"))
        connection.execute(insert(settings), [{"key": key, "value": value} for key, value in account.items()])
        connection.execute(insert(alwaseet_shipments), [_known(90_000_001 + 2 * n) for n in range(ORDERS // 2)])
    engine.dispose()


def _known(courier_id: int) -> dict[str, object]:
    texts = dict.fromkeys(
        (
            "client_name",
            "client_mobile",
            "city_id",
            "city_name",
            "region_id",
            "region_name",
            "location",
            "package_size",
            "type_name",
            "status",
        ),
        "-",
    )
    return {"alwaseet_order_id": str(courier_id), "status_id": "1", "price": 0, "replacement": False, **texts}


@contextmanager
def _sandbox() -> Iterator[str]:
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.sync"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def _serve() -> None:
    async with Sandbox(SystemClock()) as sandbox:
        sandbox.seed_orders(ORDERS)
        sys.stdout.write(f"{sandbox.base_url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
