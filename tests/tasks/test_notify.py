"""The task alwaseet:notify-status: who is told what of a changed status, and that nobody is told twice."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import update

from paranad.queue.model import Failed, Outcome
from paranad.shop.database import Shop
from paranad.shop.tables import (
    alwaseet_notifications,
    alwaseet_order_statuses,
    notifications,
    orders,
    sweet_alerts,
    warehouse_user,
)
from paranad.tasks.notify import SHIPMENT_GONE, UNNAMED, NotifyStatus, NotifyStatusArguments
from tests.support.clock import ManualClock
from tests.support.shop import (
    Item,
    count,
    make,
    make_order,
    make_product,
    make_shipment,
    make_size,
    make_user,
    make_warehouse,
    rows,
    set_setting,
)
from tests.support.shop_faults import ZERO_DATE, force
from tests.support.tasks import items_of, make_context, result_of

SECOND = timedelta(seconds=1)


class Scene:
    """A shop with an admin, suppliers, and a shipment of an order that is told of."""

    def __init__(self, shop: Shop, clock: ManualClock) -> None:
        self.shop, self.clock = shop, clock

    async def build(self) -> "Scene":
        shop = self.shop
        self.admin = await make_user(shop, role="admin")
        warehouse = await make_warehouse(shop, created_by=self.admin)
        other = await make_warehouse(shop, created_by=self.admin)
        self.suppliers = [await self.linked(role, warehouse) for role in ("supplier", "private_supplier", "delegate")][
            :2
        ]
        await self.linked("supplier", other)
        product = await make_product(shop, warehouse_id=warehouse, created_by=self.admin)
        size = await make_size(shop, product_id=product)
        self.order_id = await make_order(
            shop, items=[Item(size), Item(size)], order_number="ORD-7", customer_name="زينب", status="confirmed"
        )
        self.shipment = await make_shipment(shop, order_id=self.order_id)
        await make(shop, alwaseet_order_statuses, status_id="3", status_text="قيد التوصيل")
        await make(shop, alwaseet_order_statuses, status_id="4", status_text="تم التسليم")
        return self

    async def linked(self, role: str, warehouse: int) -> int:
        user_id = await make_user(self.shop, role=role)
        await make(self.shop, warehouse_user, user_id=user_id, warehouse_id=warehouse)
        return user_id

    async def attempt(self, old: str = "3", new: str = "4", **values: Any) -> Outcome:
        args = NotifyStatusArguments(
            shipment_id=values.pop("shipment", self.shipment), old_status_id=old, new_status_id=new
        )
        return await NotifyStatus(self.shop).run(make_context(self.clock, **values), args)

    async def tell(self, old: str = "3", new: str = "4", **values: Any) -> dict[str, Any]:
        return result_of(await self.attempt(old, new, **values))

    async def items_of(self) -> list[int]:
        """Return how many rows there are for the shop's pages, its people, and their alerts."""
        return [await count(self.shop, table) for table in (alwaseet_notifications, notifications, sweet_alerts)]

    async def is_trashed(self) -> None:
        async with self.shop.transaction() as connection:
            await connection.execute(
                update(orders).where(orders.c.id == self.order_id).values(deleted_at=self.shop.now())
            )


@pytest.fixture
async def scene(shop: Shop, clock: ManualClock) -> Scene:
    return await Scene(shop, clock).build()


def reasons(result: dict[str, Any]) -> Sequence[str]:
    return [item["reason"] for item in items_of(result["skipped"])]


async def test_pages_are_told_in_the_shop_s_words(scene: Scene) -> None:
    await scene.tell()
    [row] = await rows(scene.shop, alwaseet_notifications)
    assert {
        "alwaseet_shipment_id": scene.shipment,
        "type": "status_changed",
        "title": "زينب",
        "message": "من 'قيد التوصيل' إلى 'تم التسليم'",
        "old_status": "3",
        "new_status": "4",
        "is_read": False,
        "created_at": scene.shop.now(),
        "updated_at": scene.shop.now(),
    }.items() <= row.items()


async def test_admins_and_the_suppliers_of_the_order_s_products_are_told(scene: Scene) -> None:
    result = await scene.tell()
    recipients = [scene.admin, *scene.suppliers]
    inbox, alerts = await rows(scene.shop, notifications), await rows(scene.shop, sweet_alerts)
    assert [recipients, recipients] == [[row["user_id"] for row in table] for table in (inbox, alerts)]
    told = {"type": "alwaseet_status_changed", "title": "زينب", "message": "تم التسليم | ORD-7", "read_at": None}
    assert all((told | {"source_view": "alwaseet"}).items() <= row.items() for row in inbox)
    assert all((told | {"icon": "info"}).items() <= row.items() for row in alerts)
    assert 4 == result["changed"]


async def test_data_is_what_the_shop_s_apps_read(scene: Scene) -> None:
    await scene.tell()
    for table in (notifications, sweet_alerts):
        [row, *_] = await rows(scene.shop, table)
        assert {
            "type": "alwaseet_status_changed",
            "order_id": str(scene.order_id),
            "order_number": "ORD-7",
            "shipment_id": str(scene.shipment),
            "old_status": "قيد التوصيل",
            "new_status": "تم التسليم",
            "status": "confirmed",
            "source_view": "alwaseet",
            "screen": "order_details",
        } == row["data"]


async def test_status_without_a_name_is_told_by_its_id(scene: Scene) -> None:
    await scene.tell("98", "99")
    assert ["من '98' إلى '99'"] == [row["message"] for row in await rows(scene.shop, alwaseet_notifications)]


async def test_shipment_without_an_order_is_told_to_the_pages_alone(scene: Scene) -> None:
    await scene.tell(shipment=await make_shipment(scene.shop))
    assert [UNNAMED] == [row["title"] for row in await rows(scene.shop, alwaseet_notifications)]
    assert [1, 0, 0] == await scene.items_of()


async def test_order_in_the_trash_is_told_to_the_pages_alone(scene: Scene) -> None:
    await scene.is_trashed()
    result = await scene.tell()
    assert ["the shipment has no order, or it is in the trash"] == reasons(result)
    assert [UNNAMED] == [row["title"] for row in await rows(scene.shop, alwaseet_notifications)]


@pytest.mark.parametrize(
    ("wanted", "told"), [("", 1), (None, 1), ("4", 1), (" 3, 4 ", 1), ("3", 0), ("40", 0), ("abc", 0), (",", 0)]
)
async def test_pages_are_told_of_the_statuses_that_the_setting_names(
    scene: Scene, wanted: str | None, told: int
) -> None:
    await set_setting(scene.shop, "alwaseet_notify_statuses", wanted)
    await scene.tell()
    assert [told, 3, 3] == await scene.items_of()


async def test_status_zero_alone_is_status_zero(scene: Scene) -> None:
    await set_setting(scene.shop, "alwaseet_notify_statuses", "0")
    for status in ("4", "0"):
        await scene.tell("3", status)
        await scene.clock.advance(60 * SECOND)
    assert ["0"] == [row["new_status"] for row in await rows(scene.shop, alwaseet_notifications)]


async def test_order_trashed_at_a_date_of_zeros_is_not_in_the_trash(scene: Scene) -> None:
    await force(scene.shop, "UPDATE orders SET deleted_at = :time", time=ZERO_DATE)
    await scene.tell()
    assert [1, 3, 3] == await scene.items_of()


async def test_other_notice_with_a_time_that_cannot_be_read_holds_back_none(
    sqlite_shop: Shop, clock: ManualClock
) -> None:
    scene = await Scene(sqlite_shop, clock).build()
    await scene.tell("1", "3")
    await force(scene.shop, "UPDATE notifications SET created_at = 'yesterday'")
    await scene.clock.advance(60 * SECOND)
    await scene.tell()
    assert [2, 6, 6] == await scene.items_of()


async def test_second_run_of_the_same_job_writes_nothing_again(scene: Scene) -> None:
    """The daemon may have died between the shop's commit and its own."""
    enqueued_at = scene.clock.now()
    await scene.tell()
    await scene.clock.advance(60 * SECOND)
    result = await scene.tell(enqueued_at=enqueued_at)
    assert (["written already"] * 2, [1, 3, 3]) == (reasons(result), await scene.items_of())


async def test_same_change_a_minute_later_is_told_again(scene: Scene) -> None:
    for _ in range(2):
        await scene.tell()
        await scene.clock.advance(60 * SECOND)
    assert [2, 6, 6] == await scene.items_of()


@pytest.mark.parametrize(("wait_s", "told"), [(9, [2, 3, 3]), (10, [2, 6, 6])])
async def test_order_s_people_are_left_in_peace_for_ten_seconds(scene: Scene, wait_s: int, told: list[int]) -> None:
    await scene.tell("1", "3")
    await scene.clock.advance(wait_s * SECOND)
    await scene.tell()
    assert told == await scene.items_of()


async def test_two_shipments_of_an_order_at_once_are_told_to_its_people_once(scene: Scene) -> None:
    other = await make_shipment(scene.shop, order_id=scene.order_id)
    for told in range(1, 4):
        await asyncio.gather(scene.tell(), scene.tell(shipment=other))
        assert [2 * told, 3 * told, 3 * told] == await scene.items_of()
        await scene.clock.advance(60 * SECOND)


async def test_other_orders_are_not_kept_waiting(scene: Scene) -> None:
    await scene.tell()
    other = await make_shipment(scene.shop, order_id=await make_order(scene.shop))
    await scene.tell(shipment=other)
    assert [2, 4, 4] == await scene.items_of()


async def test_data_of_another_that_cannot_be_read_is_no_hindrance(scene: Scene) -> None:
    values = {"type": "alwaseet_status_changed", "title": "-", "message": "-", "data": "text"}
    await make(scene.shop, notifications, user_id=scene.admin, **values)
    await scene.tell()
    assert [1, 4, 3] == await scene.items_of()


async def test_shipment_that_is_gone_is_a_failure_at_once(scene: Scene) -> None:
    outcome = await scene.attempt(shipment=10**6)
    assert Failed(SHIPMENT_GONE(shipment=10**6)) == outcome


async def test_dry_run_says_who_would_be_told_and_tells_nobody(scene: Scene) -> None:
    result = await scene.tell(dry_run=True)
    users = [f"notification and alert of user {user_id}" for user_id in (scene.admin, *scene.suppliers)]
    assert (["alwaseet notification", *users], [0, 0, 0]) == (result["rows"], await scene.items_of())


@pytest.mark.parametrize(
    "given",
    [
        {"shipment_id": "7", "old_status_id": "3", "new_status_id": "4"},
        {"shipment_id": 7, "old_status_id": 3, "new_status_id": 4},
    ],
)
def test_arguments_are_read_as_the_shop_writes_them(given: dict[str, Any]) -> None:
    read = NotifyStatusArguments.model_validate(given)
    assert (7, "3", "4") == (read.shipment_id, read.old_status_id, read.new_status_id)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"shipment_id": 0, "old_status_id": "3", "new_status_id": "4"},
        {"shipment_id": 7, "old_status_id": None, "new_status_id": "4"},
        {"shipment_id": 7, "old_status_id": True, "new_status_id": "4"},
        {"shipment_id": 7, "old_status_id": "3", "new_status_id": "4" * 256},
    ],
)
def test_wrong_arguments_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NotifyStatusArguments.model_validate(given)


async def test_task_is_as_the_interface_has_it(shop: Shop) -> None:
    task = NotifyStatus(shop)
    args = NotifyStatusArguments(shipment_id=1, old_status_id="3", new_status_id="4")
    assert ("alwaseet:notify-status", "default", 3, timedelta(seconds=60), None) == (
        task.name,
        task.facts.queue,
        task.facts.tries,
        task.facts.timeout,
        task.unique_key(args),
    )
