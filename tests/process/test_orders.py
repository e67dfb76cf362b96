"""An order from its row in the shop to its shipment, as `paranadctl order` and `orders` tell it; a real daemon."""

from typing import Any

from sqlalchemy import insert

from paranad.sandbox.answers import Answer
from paranad.sandbox.server import Sandbox
from paranad.shop.database import Shop
from paranad.shop.tables import jobs
from tests.support.daemon import Ground, ctl, running
from tests.support.payloads import create_shipment
from tests.support.shop import HOUR, Item, make_order, make_size


async def ask_for(shop: Shop, order_id: int, *, later_s: int = 0) -> None:
    """Put the row into the shop's `jobs` that Laravel puts there for a new order."""
    now_s = int(shop.clock.now().timestamp())
    row: dict[str, Any] = {"queue": "high", "attempts": 0, "created_at": now_s, "available_at": now_s + later_s}
    async with shop.transaction() as connection:
        await connection.execute(insert(jobs).values(payload=create_shipment(order_id), **row))


async def test_order_tells_how_it_came_to_its_shipment_and_the_log_names_the_order(
    ground: Ground, shop: Shop, order_id: int
) -> None:
    async with running(ground) as daemon:
        await ask_for(shop, order_id)
        completed = await daemon.seen("job.completed", order_id=order_id, task="alwaseet:create-shipment")
        shown = await ctl(ground, "order", str(order_id))
        told = (await ctl(ground, "--json", "order", str(order_id))).json
        courier_id = told["shipment"]["courier_id"]
        by_courier_id = (await ctl(ground, "--json", "order", courier_id)).json
        listed = await ctl(ground, "orders", "--without-shipment")

    assert f"its shipment is recorded: courier order {courier_id}" in shown.out
    assert (0, "recorded", [completed["job_id"]], None) == (
        shown.status,
        told["shipment"]["state"],
        [job["id"] for job in told["jobs"]],
        told["standing"],
    )
    assert order_id == by_courier_id["order_id"]
    assert "every order of the last 30 days has its shipment\n" == listed.out
    assert (
        {"bridge", "job", "shipment"}
        >= {line["event"].partition(".")[0] for line in daemon.lines if line.get("order_id") == order_id}
        >= {"job", "shipment"}
    )


async def test_orders_without_a_shipment_say_why_while_the_daemon_works(
    ground: Ground, shop: Shop, sandbox: Sandbox
) -> None:
    async def order(**values: Any) -> int:
        items = [Item(await make_size(shop))]
        return await make_order(shop, items=items, **{"created_at": shop.now() - HOUR, **values})

    forgotten, later = await order(), await order()
    empty = await make_order(shop, created_at=shop.now() - HOUR)
    refused = await order(customer_phone="07709998877", created_at=shop.now())
    sandbox.next("create-order", Answer.SILENT)
    await ask_for(shop, later, later_s=600)
    async with running(ground) as daemon:
        await ask_for(shop, empty)
        await daemon.seen("job.failed", order_id=empty)
        await ask_for(shop, refused)
        await daemon.seen("shipment.intended", order_id=refused)
        page = (await ctl(ground, "--json", "orders")).json
        shown = await ctl(ground, "order", "8877")
        status = await ctl(ground, "status")

    assert {forgotten: "never_asked", later: "not_due", empty: "failed", refused: "setting_off"} == {
        each["order_id"]: each["standing"] for each in page["items"]
    }
    assert "4 orders of the last 30 days without a shipment; the oldest was made" in status.out
    assert f"order {refused}, " in shown.out
