"""A daemon on a queue.db that was restored from a backup: the whole way of an operator, with the real programs."""

import signal

from paranad.sandbox.server import Sandbox
from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_order_status_history, alwaseet_shipments
from tests.support.daemon import Ground, ctl, running
from tests.support.shop import rows

CREATE = ["dispatch", "alwaseet:create-shipment"]


async def forget_shop_rows(shop: Shop) -> None:
    async with shop.transaction() as connection:
        await connection.execute(alwaseet_order_status_history.delete())
        await connection.execute(alwaseet_shipments.delete())


def put_back(ground: Ground) -> None:
    """Put the copy in the place of queue.db, and forget the log of the old one beside it."""
    assert (ground.state_dir / "queue.db-wal").stat().st_size
    (ground.folder / "backup.db").replace(ground.state_dir / "queue.db")


async def test_order_that_was_sent_after_the_backup_is_not_sent_again_after_restoring(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int
) -> None:
    async with running(ground) as daemon:
        assert 0 == (await ctl(ground, "backup", str(ground.folder / "backup.db"))).status
        await ctl(ground, *CREATE, f"order_id={order_id}")
        await daemon.seen("job.completed", task="alwaseet:create-shipment")
        daemon.send(signal.SIGKILL)
        await daemon.ended()
    put_back(ground)
    await forget_shop_rows(shop)
    async with running(ground) as daemon:
        await daemon.seen("shipment.journal_restored")
        await ctl(ground, *CREATE, f"order_id={order_id}")
        await daemon.seen("job.snoozed", task="alwaseet:create-shipment")
        assert "paranadctl shipments reconcile" in (await ctl(ground, "status")).out
        assert "shipments are sent again" in (await ctl(ground, "shipments", "reconcile")).out
        await daemon.seen("job.completed", task="alwaseet:create-shipment")
    assert 1 == sandbox.count("create-order")
    assert list(sandbox.orders) == [row["alwaseet_order_id"] for row in await rows(shop, alwaseet_shipments)]
