"""Two real daemons for one shop: one works, the other stands by and takes over when the first is asked to, or stops."""

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert

from paranad.clock import SystemClock
from paranad.sandbox.server import Sandbox
from paranad.shop.database import Shop
from paranad.shop.tables import jobs
from paranad.standby.table import SQLITE_SQL
from tests.support.daemon import Ground, ctl, running
from tests.support.payloads import create_shipment
from tests.support.shop import Item, make_order, make_size, rows


@pytest.fixture
def machines(tmp_path: Path, shop_url: str, shop: Shop, sandbox: Sandbox) -> tuple[Ground, Ground]:
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as database:
        database.executescript(SQLITE_SQL)
    return machine("web-1", tmp_path, shop_url, sandbox), machine("web-2", tmp_path, shop_url, sandbox)


def machine(name: str, folder: Path, shop_url: str, sandbox: Sandbox) -> Ground:
    (folder / name).mkdir()
    ground = Ground(folder / name, shop_url, sandbox.base_url, f'[standby]\nenabled = true\nname = "{name}"')
    ground.keep_rows, ground.rate_limit = True, "28/1s"  # whoever takes over waits until the rate is free again
    ground.write()
    return ground


async def order(shop: Shop) -> int:
    order_id, now = await make_order(shop, items=[Item(await make_size(shop))]), int(SystemClock().now().timestamp())
    row = {"queue": "default", "attempts": 0, "available_at": now, "created_at": now}
    async with shop.transaction() as connection:
        await connection.execute(insert(jobs).values(payload=create_shipment(order_id), **row))
    return order_id


async def test_work_goes_from_machine_to_machine_and_each_order_is_sent_once(
    machines: tuple[Ground, Ground], shop: Shop, sandbox: Sandbox
) -> None:
    first, second = machines
    async with running(first) as web_1:
        await web_1.seen("lease.taken", term=1)
        async with running(second) as web_2:
            await web_2.seen("standby.waiting", machine="web-1")
            await web_1.seen("shipment.recorded", order_id=await order(shop))

            handed_over = await ctl(first, "standby", "yield", "--json")
            assert "web-2" == handed_over.json["machine"]
            assert handed_over.json["seconds"] < 5
            assert 69 == await web_1.ended()
            await web_2.seen("lease.taken", term=2, machine_before="web-1")
            await web_2.seen("shipment.recorded", order_id=await order(shop))

            async with running(first) as again:
                await again.seen("standby.waiting", machine="web-2")
                refused = await ctl(first, "dispatch", "carts:expire")
                assert (1, True) == (refused.status, "stands by for web-2" in refused.err)
                web_2.send(signal.SIGTERM)
                assert 0 == await web_2.ended()
                await again.seen("lease.taken", term=3, machine_before="web-2")
                await again.seen("shipment.recorded", order_id=await order(shop))
                await again.seen("bridge.rows_done")
    assert 3 == sandbox.count("create-order")
    assert [] == await rows(shop, jobs)
