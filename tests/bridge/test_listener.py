"""The rows of the shop's listener that paranad writes, before a real Laravel: read, and worked off."""

import json
from pathlib import Path

import pytest
from sqlalchemy import delete

from paranad.mirror.policy import BY_ID
from paranad.mirror.write import write
from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_shipments, failed_jobs, jobs
from tests.mirror.test_write import courier_order
from tests.support.laravel import WITHOUT_LARAVEL, Laravel, has_laravel
from tests.support.shop import make_shipment, rows
from tests.support.tasks import make_context, make_notices

pytestmark = pytest.mark.skipif(not has_laravel(), reason=WITHOUT_LARAVEL)

QUEUE = "php:default"
WORK = ("queue:work", "database", "--stop-when-empty", "--sleep=0", f"--queue=php:high,{QUEUE}")


@pytest.fixture
def laravel(shop_url: str, tmp_path: Path) -> Laravel:
    folder = tmp_path / "laravel"
    folder.mkdir()
    return Laravel(shop_url, folder)


async def change_status(shop: Shop) -> int:
    """Let a shipment's status change from 1 to 4; return its id."""
    shipment_id = await make_shipment(shop, alwaseet_order_id="9", status_id="1")
    tell = make_notices(shop, queue=QUEUE).told_by(make_context(shop.clock))
    await write(shop, [courier_order("9", status_id="4")], BY_ID, tell=tell)
    return shipment_id


async def test_laravel_reads_the_row_as_its_own_without_a_complaint_and_works_it_once(
    shop: Shop, laravel: Laravel
) -> None:
    """What it would write of the object that it read is what it writes when the shop's own event is fired."""
    shipment_id = await change_status(shop)
    [row] = await rows(shop, jobs)
    ours = json.loads(row["payload"])
    read = json.loads(await laravel.artisan("shop:read"))
    assert [] == read["complaints"]
    await laravel.artisan(*WORK)
    assert ([f"status-changed {shipment_id} 1 4"], []) == (laravel.worked, await rows(shop, jobs))
    await laravel.dispatch("status-changed", str(shipment_id))
    [row] = await rows(shop, jobs)
    theirs = json.loads(row["payload"])
    ours["data"]["command"] = read["again"]
    assert theirs | {"uuid": ours["uuid"]} == ours


async def test_row_whose_shipment_is_gone_fails_in_php_s_own_way(
    sqlite_shop: Shop, shop_file: Path, tmp_path: Path
) -> None:
    laravel = Laravel(f"sqlite:///{shop_file}", tmp_path)
    shipment_id = await change_status(sqlite_shop)
    async with sqlite_shop.transaction() as connection:
        await connection.execute(delete(alwaseet_shipments).where(alwaseet_shipments.c.id == shipment_id))
    await laravel.artisan(*WORK)
    [failed] = await rows(sqlite_shop, failed_jobs)
    assert (QUEUE, []) == (failed["queue"], await rows(sqlite_shop, jobs))
    assert "No query results for model [App\\Models\\AlWaseetShipment]" in failed["exception"]


async def test_shop_whose_own_jobs_run_at_once_has_its_notices_worked_by_the_connection_s_name(
    sqlite_shop: Shop, shop_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With QUEUE_CONNECTION=sync a plain `queue:work` looks at no table."""
    monkeypatch.setenv("QUEUE_CONNECTION", "sync")
    laravel = Laravel(f"sqlite:///{shop_file}", tmp_path)
    shipment_id = await change_status(sqlite_shop)
    await laravel.artisan(*(word for word in WORK if word != "database"))
    assert [] == laravel.worked
    await laravel.artisan(*WORK)
    assert [f"status-changed {shipment_id} 1 4"] == laravel.worked
