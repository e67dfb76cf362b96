"""A sync of 50,000 courier orders into a shop that has half of them."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, insert, text

from benchmarks.cost import Cost
from benchmarks.figures import Figure, blocks
from benchmarks.place import daemon
from benchmarks.service import probed
from paranad.clock import SystemClock
from paranad.demo.shop import create_shop
from paranad.sandbox.server import Sandbox
from paranad.shop.tables import alwaseet_shipments, settings

ORDERS = 50_000


def synced() -> tuple[Cost, float]:
    """Return what it costs the daemon, and its peak resident MiB."""
    with tempfile.TemporaryDirectory(prefix="paranad-bench-") as folder, _sandbox() as url:
        shop = Path(folder) / "shop.sqlite"
        _fill(shop)
        with daemon(courier_url=url, shop=shop) as place:
            connection = place.connect()
            with probed(place, connection, ORDERS) as cost:
                result = connection.run("alwaseet:sync-orders")
            assert (result["created"], result["updated"]) == (ORDERS // 2, ORDERS // 2), result
            return cost, connection.run("bench:report")["peak_mib"]


def measure(rounds: int) -> Iterator[Figure]:
    costs, peaks = zip(*(synced() for _ in range(rounds)), strict=True)
    name = f"sync of {ORDERS:,} courier orders, half of them known"
    yield Figure(name, "s", [cost.wall_s for cost in costs], "must 30")
    yield Figure(f"{name}: CPU", "s", [cost.cpu_s for cost in costs])
    yield Figure(f"{name}: resident at most", "MiB", peaks, "must 300", "less")
    yield from blocks("sync", costs)


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
