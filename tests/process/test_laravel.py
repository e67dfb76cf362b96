"""A real daemon beside a real Laravel, on one MariaDB: the move to the daemon, and back."""

import signal
from pathlib import Path

import pytest

from paranad.sandbox.server import Sandbox
from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_shipments, jobs
from tests.support.daemon import Ground, ctl, running
from tests.support.laravel import WITHOUT_LARAVEL, Laravel, has_laravel
from tests.support.mariadb import MariaDb
from tests.support.shop import make_order, rows

pytestmark = pytest.mark.skipif(not has_laravel(), reason=WITHOUT_LARAVEL)
OFF = '[shop]\nlaravel_queue = "off"'


@pytest.fixture
def shop_url(mariadb: MariaDb) -> str:
    return mariadb.empty_database("shop")


@pytest.fixture
def laravel(shop_url: str, tmp_path: Path) -> Laravel:
    folder = tmp_path / "laravel"
    folder.mkdir()
    return Laravel(shop_url, folder)


def switched_off(ground: Ground) -> None:
    ground.config.write_text(ground.config.read_text().replace("[shop]", OFF, 1))


async def test_order_created_in_the_shop_gets_its_shipment(
    ground: Ground, shop: Shop, order_id: int, laravel: Laravel, sandbox: Sandbox
) -> None:
    async with running(ground) as daemon:
        await laravel.dispatch("order-created", str(order_id))
        await daemon.seen("shipment.recorded", order_id=order_id)
        await daemon.seen("bridge.rows_taken")
        status = (await ctl(ground, "status", "--json")).json["bridge"]
    assert ("auto", True, {}) == (status["mode"], status["active"], status["left"])
    assert [order_id] == [row["order_id"] for row in await rows(shop, alwaseet_shipments)]
    assert 1 == len(sandbox.books.orders)
    assert [] == await rows(shop, jobs)


async def test_shipment_that_fails_for_good_is_among_laravel_s_failed_jobs(
    ground: Ground, shop: Shop, laravel: Laravel
) -> None:
    async with running(ground) as daemon:
        await laravel.dispatch("create-shipment", str(await make_order(shop)))
        told = await daemon.seen("bridge.job_given_back")
        listed = await laravel.artisan("queue:failed")
    assert told["uuid"] in listed
    assert "CreateAlWaseetShipmentJob" in listed


async def test_back_to_laravel_without_loss(ground: Ground, shop: Shop, order_id: int, laravel: Laravel) -> None:
    async with running(ground) as daemon:
        await laravel.dispatch("order-created", str(order_id))
        await daemon.seen("shipment.recorded", order_id=order_id)
        switched_off(ground)
        reloaded = await ctl(ground, "reload")
        assert "[shop] laravel_queue" in reloaded.out
        await daemon.seen("bridge.stopped")
        await laravel.dispatch("order-created", str(order_id))
        assert 'not worked here: [shop] laravel_queue is "off"' in (await ctl(ground, "status")).out
        daemon.send(signal.SIGTERM)
        assert 0 == await daemon.ended()
    await laravel.work()
    assert [f"order-created {order_id}"] == laravel.worked
    assert [] == await rows(shop, jobs)
