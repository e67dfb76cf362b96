"""The task alwaseet:update-status-counts: what is counted, and where the shop's pages find it."""

from datetime import timedelta
from decimal import Decimal
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest

from paranad.shop.cache import ShopCache
from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_order_statuses
from paranad.tasks.counts import NO_CACHE, UpdateStatusCounts
from tests.support.clock import ManualClock
from tests.support.shop import make, make_order, make_shipment, make_user
from tests.support.shop_faults import ZERO_DATE, force
from tests.support.tasks import contract_of, items_of, run_task


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir()
    return folder


@pytest.fixture
async def statuses(shop: Shop) -> None:
    for status_id in ("1", "2", "x7"):
        await make(shop, alwaseet_order_statuses, status_id=status_id, status_text=status_id)


async def publish(shop: Shop, clock: ManualClock, folder: Path | None, **values: Any) -> dict[str, Any]:
    return await run_task(UpdateStatusCounts(shop, ShopCache(folder, clock)), clock, **values)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def content(folder: Path, key: str) -> str:
    """Return what is kept under *key*, behind its time of expiry."""
    name = sha1(key.encode()).hexdigest()
    return (folder / name[:2] / name[2:4] / name).read_text()[10:]


async def shipped(shop: Shop, status_id: str, *, total: int = 25000, fee: int | None = None, **order: Any) -> None:
    amounts = {"total_amount": Decimal(total), "delivery_fee_at_confirmation": fee}
    order_id = await make_order(shop, **{"status": "confirmed", **amounts, **order})
    await make_shipment(shop, order_id=order_id, status_id=status_id)


@pytest.mark.parametrize("amount", ["abc", 1e30, float("inf"), b"1"])
async def test_amount_that_cannot_be_added_is_named_and_the_others_count(
    sqlite_shop: Shop, clock: ManualClock, folder: Path, amount: object
) -> None:
    for total in (1, 2):
        await shipped(sqlite_shop, "7", total=total)
    await force(sqlite_shop, "UPDATE orders SET total_amount = :amount WHERE total_amount = 2", amount=amount)
    result = await publish(sqlite_shop, clock, folder)
    assert ["order 2"] == [item["what"] for item in items_of(result["failed"])]
    assert ("a:1:{i:7;i:2;}", "a:1:{i:7;d:1;}") == (
        content(folder, "admin_all_status_counts"),
        content(folder, "admin_all_status_amounts"),
    )


async def test_order_trashed_at_a_date_of_zeros_counts(shop: Shop, clock: ManualClock, folder: Path) -> None:
    await shipped(shop, "7")
    await force(shop, "UPDATE orders SET deleted_at = :time", time=ZERO_DATE)
    await publish(shop, clock, folder)
    assert "a:1:{i:7;i:1;}" == content(folder, "admin_all_status_counts")


@pytest.mark.usefixtures("statuses")
async def test_counts_are_published_for_each_delegate_and_for_all(shop: Shop, clock: ManualClock, folder: Path) -> None:
    one, other = await make_user(shop), await make_user(shop)
    await shipped(shop, "2", delegate_id=one)
    await shipped(shop, "2", delegate_id=one)
    await shipped(shop, "9", delegate_id=other)
    await shipped(shop, "2")
    result = await publish(shop, clock, folder)
    assert {"looked_at": 4, "changed": 4}.items() <= result.items()
    assert 'a:3:{i:1;i:0;i:2;i:2;s:2:"x7";i:0;}' == content(folder, f"delegate_all_status_counts_{one}")
    assert 'a:4:{i:1;i:0;i:2;i:0;s:2:"x7";i:0;i:9;i:1;}' == content(folder, f"delegate_all_status_counts_{other}")
    assert 'a:4:{i:1;i:0;i:2;i:3;s:2:"x7";i:0;i:9;i:1;}' == content(folder, "admin_all_status_counts")


@pytest.mark.usefixtures("statuses")
async def test_amounts_are_totals_with_their_delivery_fees(shop: Shop, clock: ManualClock, folder: Path) -> None:
    await shipped(shop, "2", total=25000, fee=5000)
    await shipped(shop, "2", total=30000)
    await publish(shop, clock, folder)
    assert 'a:3:{i:1;i:0;i:2;d:60000;s:2:"x7";i:0;}' == content(folder, "admin_all_status_amounts")


@pytest.mark.usefixtures("statuses")
async def test_only_confirmed_orders_outside_the_trash_count(shop: Shop, clock: ManualClock, folder: Path) -> None:
    await shipped(shop, "2", status="pending")
    await shipped(shop, "2", deleted_at=shop.now())
    await make_shipment(shop, status_id="2")
    await publish(shop, clock, folder)
    assert 'a:3:{i:1;i:0;i:2;i:0;s:2:"x7";i:0;}' == content(folder, "admin_all_status_counts")


async def test_counts_live_longer_than_until_the_next_run(shop: Shop, clock: ManualClock, folder: Path) -> None:
    await publish(shop, clock, folder)
    expires_at_s = (clock.now() + timedelta(minutes=20)).timestamp()
    assert {f"{expires_at_s:.0f}"} == {file.read_text()[:10] for file in files(folder)}


async def test_without_a_cache_nothing_is_counted(shop: Shop, clock: ManualClock) -> None:
    result = await publish(shop, clock, None)
    assert [{"what": "counts", "reason": NO_CACHE().text}] == items_of(result["skipped"])


async def test_cache_that_cannot_be_written_is_said_and_no_failure(
    shop: Shop, clock: ManualClock, folder: Path
) -> None:
    await make_user(shop)
    result = await publish(shop, clock, folder / "gone")
    assert (0, 3) == (result["changed"], result["failed"]["count"])
    assert "No such file or directory" in result["failed"]["items"][0]["reason"]


async def test_dry_run_names_the_keys_and_writes_none(shop: Shop, clock: ManualClock, folder: Path) -> None:
    result = await publish(shop, clock, folder, dry_run=True)
    assert ["cache key admin_all_status_counts", "cache key admin_all_status_amounts"] == result["rows"]
    assert [] == files(folder)


async def test_task_is_as_the_contract_has_it(shop: Shop, clock: ManualClock) -> None:
    task = UpdateStatusCounts(shop, ShopCache(None, clock))
    assert ("alwaseet:update-status-counts", "default", 2, timedelta(seconds=300), False, task.name) == contract_of(
        task
    )
