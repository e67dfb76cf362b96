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
        assert (False, True) == (answer["reachable"], "no connection" in answer["reason"])
        mariadb.start()
        await daemon.seen("shop.returned")
        await daemon.seen("job.completed", task="alwaseet:create-shipment")
        assert PASSWORD not in daemon.text
    assert [order_id] == [row["order_id"] for row in await rows(shop, alwaseet_shipments)]


async def test_account_that_may_only_read_is_told_once_and_works_as_soon_as_it_may_write(
    ground: Ground, shop: Shop, order_id: int, mariadb: MariaDb
) -> None:
    mariadb.query("REVOKE ALL, GRANT OPTION FROM shop@localhost; GRANT SELECT ON shop.* TO shop@localhost")
    try:
        async with running(ground) as daemon:
            await ctl(ground, "dispatch", "alwaseet:create-shipment", f"order_id={order_id}")
            snoozed = await daemon.seen("job.snoozed", task="alwaseet:create-shipment")
            assert "it does not allow the user of [shop] database_url" in snoozed["reason"]
            for attempt in (2, 3):
                await ctl(ground, "wake", "all")
                await daemon.seen("job.snoozed", task="alwaseet:create-shipment", attempt=attempt)
            told = [line["event"] for line in daemon.lines if line["event"] in {"shop.lost", "shop.returned"}]
            assert ["shop.lost"] == told
            mariadb.query("GRANT ALL ON shop.* TO shop@localhost")
            await ctl(ground, "wake", "all")
            await daemon.seen("job.completed", task="alwaseet:create-shipment")
            await daemon.seen("shop.returned")
    finally:
        mariadb.query("GRANT ALL ON shop.* TO shop@localhost")
