"""A daemon whose shop is on a real server, which goes away and comes back."""

import pytest

from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_shipments
from tests.support.daemon import Ground, ctl, running
from tests.support.mariadb import PASSWORD, MariaDb
from tests.support.shop import rows


@pytest.fixture
def shop_url(mariadb: MariaDb) -> str:
    return mariadb.empty_database("shop")


async def test_job_waits_for_the_server_and_status_says_why(
    ground: Ground, shop: Shop, order_id: int, mariadb: MariaDb
) -> None:
    async with running(ground) as daemon:
        mariadb.stop()
        await ctl(ground, "dispatch", "alwaseet:create-shipment", f"order_id={order_id}")
        await daemon.seen("job.snoozed", task="alwaseet:create-shipment")
        answer = (await ctl(ground, "status", "--json")).json["shop"]
        assert (False, True) == (answer["reachable"], "it cannot be reached" in answer["reason"])
        mariadb.start()
        await daemon.seen("shop.returned")
        await daemon.seen("job.completed", task="alwaseet:create-shipment")
        assert PASSWORD not in daemon.text
    assert [order_id] == [row["order_id"] for row in await rows(shop, alwaseet_shipments)]
