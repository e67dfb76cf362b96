"""Real daemons that keep the shop's rows, killed at each step of an order: it is sent once, and its row is gone."""

import signal
import time

import pytest
from sqlalchemy import insert

from paranad.sandbox.server import Sandbox
from paranad.shop.database import Shop
from paranad.shop.tables import jobs
from tests.support.daemon import Ground, ctl, killed_at, running
from tests.support.payloads import create_shipment
from tests.support.shop import rows


@pytest.mark.parametrize("event", ["bridge.rows_taken", "shipment.created", "job.completed"])
async def test_order_of_a_killed_daemon_that_keeps_rows_is_sent_once(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int, event: str
) -> None:
    ground.keep_rows = True
    ground.write()
    now_s = int(time.time())
    row = {"queue": "default", "attempts": 0, "available_at": now_s, "created_at": now_s}
    async with shop.transaction() as connection:
        await connection.execute(insert(jobs).values(payload=create_shipment(order_id), **row))
    async with killed_at(ground, event) as daemon:
        assert -signal.SIGKILL == await daemon.ended()
    [kept] = await rows(shop, jobs)
    assert kept["reserved_at"], "nothing that was acknowledged lives on this machine only"
    async with running(ground) as daemon:
        if event != "job.completed":
            await daemon.seen("job.completed", task="alwaseet:create-shipment")
        await daemon.seen("bridge.rows_done")
        listed = (await ctl(ground, "jobs", "list", "--json")).json["items"]
    assert [("completed", order_id)] == [(job["state"], job["args"]["order_id"]) for job in listed]
    assert 1 == sandbox.count("create-order")
    assert [] == await rows(shop, jobs)
