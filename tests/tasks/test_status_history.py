"""The task alwaseet:seed-status-history: a first history row for shipments that have none of their status."""

from datetime import timedelta
from typing import Any

import pytest

from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_order_status_history as history
from paranad.tasks.housekeeping import SeedStatusHistory
from tests.support.clock import ManualClock
from tests.support.shop import count, make, make_order, make_shipment, rows
from tests.support.tasks import run_task

HOUR = timedelta(hours=1)


async def seed(shop: Shop, clock: ManualClock, **values: Any) -> dict[str, Any]:
    return await run_task(SeedStatusHistory(shop), clock, **values)


async def test_linked_shipment_gets_a_row_of_where_it_stands(shop: Shop, clock: ManualClock) -> None:
    order_id, at = await make_order(shop), shop.now() - HOUR
    values = {"order_id": order_id, "status_id": "4", "status": "تم", "alwaseet_updated_at": at}
    shipment = await make_shipment(shop, **values)
    await make_shipment(shop)
    result = await seed(shop, clock)
    assert [f"alwaseet shipment {shipment}"] == result["rows"]
    [row] = await rows(shop, history)
    assert {
        "order_id": order_id,
        "shipment_id": shipment,
        "status_id": "4",
        "status_text": "تم",
        "changed_at": at,
        "changed_by": "initial_seed",
        "metadata": {"seeded_from_existing": True},
        "created_at": shop.now(),
        "updated_at": shop.now(),
    }.items() <= row.items()


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        ({"updated_at": 2, "created_at": 3}, 2),
        ({"updated_at": None, "created_at": 3}, 3),
        ({"updated_at": None, "created_at": None}, 0),
    ],
)
async def test_time_of_a_shipment_without_the_courier_s_is_its_own(
    shop: Shop, clock: ManualClock, stamps: dict[str, int | None], expected: int
) -> None:
    times = {name: None if hours is None else shop.now() - hours * HOUR for name, hours in stamps.items()}
    await make_shipment(shop, order_id=await make_order(shop), **times)
    await seed(shop, clock)
    assert [shop.now() - expected * HOUR] == [row["changed_at"] for row in await rows(shop, history)]


async def test_second_run_writes_nothing(shop: Shop, clock: ManualClock) -> None:
    for _ in range(3):
        await make_shipment(shop, order_id=await make_order(shop))
    assert [3, 0] == [(await seed(shop, clock))["changed"] for _ in range(2)]
    assert 3 == await count(shop, history)


async def test_history_of_another_status_or_shipment_is_none_of_this(shop: Shop, clock: ManualClock) -> None:
    shipment, other = [await make_shipment(shop, order_id=await make_order(shop), status_id="4") for _ in range(2)]
    for shipment_id, status_id in ((shipment, "3"), (other, "4")):
        await make(shop, history, shipment_id=shipment_id, status_id=status_id, status_text="-", changed_at=shop.now())
    assert [f"alwaseet shipment {shipment}"] == (await seed(shop, clock))["rows"]


async def test_dry_run_names_them_and_writes_nothing(shop: Shop, clock: ManualClock) -> None:
    await make_shipment(shop, order_id=await make_order(shop))
    assert (1, 0) == ((await seed(shop, clock, dry_run=True))["changed"], await count(shop, history))
