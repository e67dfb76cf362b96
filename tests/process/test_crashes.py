"""A daemon killed at each step of a shipment: afterwards there is one shipment, or one that is held and shown."""

import signal

import pytest
from sqlalchemy import select

from paranad.clock import SystemClock
from paranad.sandbox.answers import Answer
from paranad.sandbox.server import Sandbox
from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_shipments
from tests.support.daemon import Ground, ctl, killed_at, running

SETTLE_S = 1.0
"""As the ground's configuration says."""
CREATE = ("dispatch", "alwaseet:create-shipment")


async def linked(shop: Shop, order_id: int) -> list[str]:
    """Return the courier ids of the shop's rows for the order."""
    shipments = alwaseet_shipments
    async with shop.read() as connection:
        rows = await connection.execute(select(shipments.c.alwaseet_order_id).where(shipments.c.order_id == order_id))
    return [row.alwaseet_order_id for row in rows]


async def prove_references_return(ground: Ground, shop: Shop, order_id: int) -> None:
    """Let an earlier order be sent and synced, so that the daemon knows that lists return its references."""
    async with running(ground) as daemon:
        await ctl(ground, *CREATE, f"order_id={order_id}")
        await daemon.seen("shipment.recorded", order_id=order_id)
        assert (await ctl(ground, "sync")).status == 0


@pytest.mark.parametrize(
    ("event", "path"),
    [
        pytest.param("courier.answered", "/create-order", id="after_the_answer_and_before_created"),
        pytest.param("shipment.created", None, id="before_the_shops_row"),
        pytest.param("shipment.recorded", None, id="before_the_jobs_outcome"),
    ],
)
async def test_daemon_killed_after_the_request_ends_with_one_shipment(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int, event: str, path: str | None
) -> None:
    async with killed_at(ground, event, path) as daemon:
        await ctl(ground, *CREATE, f"order_id={order_id}")
        assert -signal.SIGKILL == await daemon.ended()
    async with running(ground) as daemon:
        await daemon.seen("job.completed", task="alwaseet:create-shipment")
    assert list(sandbox.orders) == await linked(shop, order_id)
    assert 1 == sandbox.count("create-order")


async def test_daemon_killed_between_request_and_answer_finds_the_shipment_again(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int
) -> None:
    sandbox.next("create-order", Answer.SILENT)
    async with running(ground) as daemon:
        await ctl(ground, *CREATE, f"order_id={order_id}")
        await sandbox.asked("create-order")
        daemon.send(signal.SIGKILL)
        await daemon.ended()
    async with running(ground) as daemon:
        await daemon.seen("shipment.reconciled", order_id=order_id)
        await daemon.seen("job.completed", task="alwaseet:create-shipment")
    assert list(sandbox.orders) == await linked(shop, order_id)
    assert 1 == sandbox.count("create-order")


async def test_daemon_killed_before_the_request_sends_it_again_after_three_lists(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int
) -> None:
    """Each of them shows a parcel that was sent later, as the witness that the list is new enough."""
    earlier, later = order_id, await another(shop)
    await prove_references_return(ground, shop, earlier)
    async with killed_at(ground, "shipment.intended") as daemon:
        await ctl(ground, *CREATE, f"order_id={later}")
        await daemon.ended()
    assert 1 == len(sandbox.orders)
    async with running(ground) as daemon:
        await daemon.seen("shipment.unclear", order_id=later)
        await SystemClock().sleep(SETTLE_S / 3)
        await ctl(ground, *CREATE, f"order_id={await another(shop, '07709998866')}")
        await daemon.seen("shipment.recorded", order_id=later)
    assert 3 == len(sandbox.orders)
    assert 0 == sandbox.duplicates()
    assert 1 == len(await linked(shop, later))


async def test_daemon_killed_before_the_request_holds_it_where_lists_show_no_reference(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int
) -> None:
    sandbox.behaviour.returns_notes = False
    async with killed_at(ground, "shipment.intended") as daemon:
        await ctl(ground, *CREATE, f"order_id={order_id}")
        await daemon.ended()
    async with running(ground) as daemon:
        await daemon.seen("shipment.unclear", order_id=order_id)
        await SystemClock().sleep(SETTLE_S / 3)
        await ctl(ground, *CREATE, f"order_id={await another(shop)}")
        await daemon.seen("shipment.held", order_id=order_id)
        await daemon.seen("job.failed", task="alwaseet:create-shipment")
        shown = await ctl(ground, "shipments", "show", str(order_id))
        assert "held" in shown.out
        assert str(order_id) in (await ctl(ground, "status")).out
    assert 1 == len(sandbox.orders)


async def another(shop: Shop, phone: str = "07709998877") -> int:
    from tests.support.shop import Item, make_order, make_size

    return await make_order(shop, items=[Item(await make_size(shop))], customer_phone=phone)
