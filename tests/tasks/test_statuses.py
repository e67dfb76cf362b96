"""The task alwaseet:sync-statuses: what the shop calls the courier's statuses."""

from datetime import timedelta
from typing import Any

import pytest

from paranad.courier.errors import CourierUnclear
from paranad.courier.models import StatusList
from paranad.sandbox.answers import Answer
from paranad.sandbox.books import STATUSES
from paranad.shop.tables import alwaseet_order_statuses
from paranad.tasks.statuses import SyncStatuses
from tests.support.shipping import Shipping
from tests.support.shop import count, make, rows
from tests.support.shop_faults import refuse_inserts
from tests.support.tasks import contract_of, items_of, run_task


async def sync(shipping: Shipping, **values: Any) -> dict[str, Any]:
    return await run_task(SyncStatuses(shipping.shop, shipping.courier), shipping.clock, **values)


def answers(shipping: Shipping, monkeypatch: pytest.MonkeyPatch, answer: StatusList) -> None:
    async def statuses(*, owner: str) -> StatusList:
        return answer

    monkeypatch.setattr(shipping.courier, "statuses", statuses)


async def test_every_status_is_written_and_a_second_time_none(shipping: Shipping) -> None:
    result = await sync(shipping)
    assert (len(STATUSES), len(STATUSES)) == (result["looked_at"], result["changed"])
    written = await rows(shipping.shop, alwaseet_order_statuses)
    assert STATUSES == {row["status_id"]: row["status_text"] for row in written}
    assert {(True, 0, shipping.shop.now())} == {
        (row["is_active"], row["display_order"], row["updated_at"]) for row in written
    }
    await shipping.clock.advance(timedelta(seconds=1))
    assert 0 == (await sync(shipping))["changed"]
    assert written == await rows(shipping.shop, alwaseet_order_statuses)


async def test_renamed_and_inactive_ones_are_put_right_in_their_place(shipping: Shipping) -> None:
    old = shipping.shop.now() - timedelta(days=1)
    stamps = {"created_at": old, "updated_at": old, "display_order": 7}
    await make(shipping.shop, alwaseet_order_statuses, status_id="4", status_text="old", **stamps)
    inactive = {"status_id": "5", "status_text": STATUSES["5"], "is_active": False}
    await make(shipping.shop, alwaseet_order_statuses, **inactive, **stamps)
    await sync(shipping)
    first, second, *_ = await rows(shipping.shop, alwaseet_order_statuses)
    for row in (first, second):
        assert (STATUSES[row["status_id"]], True, 7, old, shipping.shop.now()) == tuple(
            row[name] for name in ("status_text", "is_active", "display_order", "created_at", "updated_at")
        )


async def test_status_that_the_courier_no_longer_names_stays(shipping: Shipping) -> None:
    await make(shipping.shop, alwaseet_order_statuses, status_id="99", status_text="قديم")
    await sync(shipping)
    [kept] = await rows(shipping.shop, alwaseet_order_statuses, status_id="99")
    assert kept["is_active"]


async def test_empty_list_changes_nothing(shipping: Shipping) -> None:
    shipping.sandbox.next("statuses", Answer.DATA_EMPTY)
    assert 0 == (await sync(shipping))["changed"]


async def test_too_long_text_is_cut_and_named_and_unreadable_rows_are_counted(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(shipping, monkeypatch, StatusList({"4": "ن" * 300}, skipped=2))
    result = await sync(shipping)
    assert (2, [{"what": "status 4", "reason": "status_text"}]) == (
        result["skipped"]["count"],
        result["shortened"]["items"],
    )
    [row] = await rows(shipping.shop, alwaseet_order_statuses)
    assert 255 == len(row["status_text"])


async def test_status_that_the_shop_refuses_spares_the_others(shipping: Shipping) -> None:
    await refuse_inserts(shipping.shop, alwaseet_order_statuses, "NEW.status_id = '4'")
    result = await sync(shipping)
    assert (len(STATUSES) - 1, ["status 4"]) == (
        result["changed"],
        [item["what"] for item in items_of(result["failed"])],
    )
    assert len(STATUSES) - 1 == await count(shipping.shop, alwaseet_order_statuses)


async def test_unreadable_answer_passes_through_and_writes_nothing(shipping: Shipping) -> None:
    shipping.sandbox.next("statuses", Answer.HTML)
    with pytest.raises(CourierUnclear):
        await sync(shipping)
    assert 0 == await count(shipping.shop, alwaseet_order_statuses)


async def test_dry_run_shows_the_request_and_does_nothing(shipping: Shipping) -> None:
    assert {"request": {"path": "statuses"}} == await sync(shipping, dry_run=True)
    assert not shipping.sandbox.calls


async def test_task_is_as_the_contract_has_it(shipping: Shipping) -> None:
    task = SyncStatuses(shipping.shop, shipping.courier)
    assert ("alwaseet:sync-statuses", "default", 2, timedelta(seconds=60), True, task.name) == contract_of(task)
