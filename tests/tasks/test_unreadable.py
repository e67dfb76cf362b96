"""Times that are none, in every table from which rows are deleted or switched off by time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Column

from paranad.queue.model import Completed
from paranad.shop.database import Shop
from paranad.shop.tables import fcm_tokens, messages, notifications, orders, product_links
from paranad.shop.tables import warehouse_promotions as promotions
from paranad.tasks.housekeeping import (
    CleanupOldData,
    FcmCleanup,
    FcmCleanupArguments,
    OrdersDeleteOldTrashed,
    ProductLinksDeleteExpired,
    PromotionsExpire,
)
from paranad.tasks.task import AnyTask, NoArguments
from tests.support import shop as t
from tests.support.clock import ManualClock
from tests.support.shop_faults import ZERO_DATE, force
from tests.support.tasks import items_of, make_context


async def _notification(shop: Shop) -> int:
    return await t.make(shop, notifications, user_id=await t.make_user(shop), type="x", title="x", message="x")


async def _message(shop: Shop) -> int:
    talk = await t.make(shop, t.WHOLE["conversations"])
    return await t.make(shop, messages, conversation_id=talk, user_id=await t.make_user(shop))


async def _token(shop: Shop) -> int:
    return await t.make(shop, fcm_tokens, user_id=await t.make_user(shop), token="x")


@dataclass(frozen=True)
class Case:
    """A row that a task acts on by the time in one of its columns."""

    column: Column[Any]
    make: Callable[[Shop], Awaitable[int]]
    task: Callable[[Shop], AnyTask]
    name: str


CASES = [
    Case(notifications.c.created_at, _notification, CleanupOldData, "notification"),
    Case(messages.c.created_at, _message, CleanupOldData, "message"),
    Case(fcm_tokens.c.updated_at, _token, FcmCleanup, "fcm token"),
    Case(
        orders.c.deleted_at,
        t.make_order,
        lambda shop: OrdersDeleteOldTrashed(shop, delete_orders_with_profit=True),
        "order",
    ),
    Case(
        product_links.c.created_at,
        lambda shop: t.make_link(shop, age=t.HOUR),
        ProductLinksDeleteExpired,
        "product link",
    ),
    Case(
        promotions.c.end_date,
        lambda shop: t.make_promotion(shop, ends_in=t.HOUR),
        PromotionsExpire,
        "warehouse promotion",
    ),
]
EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


async def result_of(case: Case, shop: Shop, clock: ManualClock, time: str) -> tuple[int, dict[str, Any]]:
    row_id = await case.make(shop)
    await force(shop, f"UPDATE {case.column.table.name} SET {case.column.name} = :time", time=time)
    task = case.task(shop)
    arguments = FcmCleanupArguments() if task.arguments is FcmCleanupArguments else NoArguments()
    outcome = await task.run(make_context(clock), arguments)
    assert isinstance(outcome, Completed)
    result: dict[str, Any] = outcome.result
    return row_id, result


@EACH
async def test_date_of_zeros_makes_nothing_due(shop: Shop, clock: ManualClock, case: Case) -> None:
    _, result = await result_of(case, shop, clock, ZERO_DATE)
    assert (0, 0) == (result["looked_at"], result["failed"]["count"])


@EACH
@pytest.mark.parametrize("time", ["yesterday", "2025/12/01", ""])
async def test_time_that_cannot_be_read_is_named_and_its_row_stays(
    sqlite_shop: Shop, clock: ManualClock, case: Case, time: str
) -> None:
    row_id, result = await result_of(case, sqlite_shop, clock, time)
    reason = f'{case.column}: expected a time such as 2026-03-02 12:00:00, got "{time}"'
    assert ([{"what": f"{case.name} {row_id}", "reason": reason}], 0) == (items_of(result["failed"]), result["changed"])
