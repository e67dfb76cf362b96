"""The task alwaseet:update-shipments: which shipments are asked for, and what one bad answer costs."""

from datetime import timedelta
from typing import Any

import pytest

from paranad.courier.client import MOST_IDS
from paranad.courier.errors import CourierLimited, CourierRefused, CourierUnclear
from paranad.queue.model import Completed, Outcome, Request, Snoozed
from paranad.sandbox.answers import Answer
from paranad.shop.tables import alwaseet_order_status_history, alwaseet_shipments
from paranad.tasks import update as module
from paranad.tasks.task import NoArguments
from paranad.tasks.update import FRESH, UpdateShipments
from tests.support.shipping import Shipping
from tests.support.shop import make_order, make_shipment, rows
from tests.support.tasks import Asked, contract_of, items_of, make_context, make_notices, result_of

BULK = "get-orders-by-ids-bulk"
SECOND = timedelta(seconds=1)


async def shipped(shipping: Shipping, count: int, **values: Any) -> list[str]:
    """Make linked shipments that the courier has and that were never looked at; return the courier's ids."""
    order_id = await make_order(shipping.shop)
    courier_ids = shipping.sandbox.seed_orders(count)
    for courier_id in courier_ids:
        asked = {"alwaseet_order_id": courier_id, "order_id": order_id, "synced_at": None, **values}
        await make_shipment(shipping.shop, **asked)
    return courier_ids


async def attempt(shipping: Shipping, task: UpdateShipments | None = None, **values: Any) -> Outcome:
    task = task or UpdateShipments(shipping.shop, shipping.courier, make_notices(shipping.shop))
    return await task.run(make_context(shipping.clock, **values), NoArguments())


async def update(shipping: Shipping, task: UpdateShipments | None = None, **values: Any) -> dict[str, Any]:
    return result_of(await attempt(shipping, task, **values))


def asked_for(shipping: Shipping) -> list[list[str]]:
    """Return the ids of each call, in order."""
    calls = (call.form() for call in shipping.sandbox.calls if call.path.endswith(BULK))
    return [form["ids"].split(",") for form in calls if form]


async def test_shipments_under_way_are_brought_up_to_date(shipping: Shipping) -> None:
    ids = await shipped(shipping, 3)
    shipping.sandbox.orders[ids[0]].location = "قرب الجامع"
    result = await update(shipping)
    assert (3, 3, 3, 0, 0) == tuple(
        result[name] for name in ("looked_at", "changed", "updated", "status_changed", "unanswered")
    )
    [first, *_] = await shipping.shop_rows()
    assert ("قرب الجامع", shipping.shop.now(), ids[0]) == (
        first["location"],
        first["synced_at"],
        first["api_data"]["id"],
    )


async def test_changed_status_is_history_and_a_notice_once(shipping: Shipping) -> None:
    ids = await shipped(shipping, 2)
    shipping.sandbox.move(ids[1], "4")
    asked = Asked()
    for _ in range(2):
        await update(shipping, enqueue=asked)
        await shipping.clock.advance(FRESH + SECOND)
    [_, moved] = await shipping.shop_rows()
    told = {"shipment_id": moved["id"], "old_status_id": "1", "new_status_id": "4"}
    assert [Request("alwaseet:notify-status", told, f"notice:{told['shipment_id']}:0:4")] == asked.requests
    assert ["4"] == [row["status_id"] for row in await rows(shipping.shop, alwaseet_order_status_history)]


async def test_status_as_a_number_is_no_change(shipping: Shipping) -> None:
    await shipped(shipping, 2)
    shipping.sandbox.behaviour.numbers_as_int = True
    assert 0 == (await update(shipping))["status_changed"]


@pytest.mark.parametrize("status_id", ["4", "17", "31", "32", "34", "35", "39"])
async def test_shipment_whose_way_is_over_is_not_asked_for(shipping: Shipping, status_id: str) -> None:
    await shipped(shipping, 1, status_id=status_id)
    assert 0 == (await update(shipping))["looked_at"]
    assert not shipping.sandbox.calls


async def test_unlinked_shipment_is_not_asked_for(shipping: Shipping) -> None:
    await shipped(shipping, 1, order_id=None)
    assert 0 == (await update(shipping))["looked_at"]


@pytest.mark.parametrize(("age_s", "asked"), [(29, 0), (30, 0), (31, 1)])
async def test_shipment_seen_within_half_a_minute_is_not_asked_for(shipping: Shipping, age_s: int, asked: int) -> None:
    await shipped(shipping, 1, synced_at=shipping.shop.now() - timedelta(seconds=age_s))
    assert asked == (await update(shipping))["looked_at"]


async def test_no_call_asks_for_more_than_the_courier_answers(shipping: Shipping) -> None:
    ids = await shipped(shipping, 2 * MOST_IDS + 1)
    told: list[tuple[int, int | None]] = []
    result = await update(shipping, progress=lambda done, total: told.append((done, total)))
    assert [ids[:25], ids[25:50], ids[50:]] == asked_for(shipping)
    assert (51, [(25, 51), (50, 51), (51, 51)]) == (result["updated"], told)


async def test_what_one_pass_does_not_take_a_second_takes_half_a_minute_later(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that sleeps in between would hold a worker for nothing."""
    monkeypatch.setattr(module, "MOST_SHIPMENTS", 3)
    ids = await shipped(shipping, 5)
    task = UpdateShipments(shipping.shop, shipping.courier, make_notices(shipping.shop))
    outcome = await attempt(shipping, task)
    assert isinstance(outcome, Snoozed)
    assert shipping.clock.now() + FRESH == outcome.until
    await shipping.clock.advance(FRESH)
    assert 2 == (await update(shipping, task, snoozes=1))["looked_at"]
    assert [ids[:3], ids[3:]] == asked_for(shipping)


async def test_job_has_two_passes_and_no_third(shipping: Shipping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SHIPMENTS", 1)
    await shipped(shipping, 5)
    assert isinstance(await attempt(shipping, snoozes=1), Completed)


async def test_those_that_the_courier_never_answers_hold_up_nobody(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_SHIPMENTS", 2)
    ids = await shipped(shipping, 5)
    for gone in ids[:3]:
        shipping.sandbox.delete(gone)
    task = UpdateShipments(shipping.shop, shipping.courier, make_notices(shipping.shop))
    results = [await update(shipping, task, snoozes=1) for _ in range(3)]
    assert [2, 1, 1] == [result["unanswered"] for result in results]
    assert [ids[:2], ids[2:4], [ids[4], ids[0]]] == asked_for(shipping)


async def test_answer_older_than_the_shop_s_is_skipped_and_named(shipping: Shipping) -> None:
    [courier_id] = await shipped(shipping, 1, api_data={"updated_at": str(shipping.shop.now() + SECOND)})
    result = await update(shipping)
    assert [{"what": f"courier order {courier_id}", "reason": "the shop has a later answer already"}] == (
        items_of(result["skipped"])
    )


async def test_id_that_is_no_number_spoils_nothing(shipping: Shipping) -> None:
    ids = await shipped(shipping, 1)
    await make_shipment(
        shipping.shop, alwaseet_order_id="9,1", order_id=await make_order(shipping.shop), synced_at=None
    )
    result = await update(shipping)
    odd = {"what": "courier order 9,1", "reason": "its id is no number, so the courier is not asked for it"}
    assert (1, [odd]) == (result["unanswered"], items_of(result["skipped"]))
    assert [ids] == asked_for(shipping)


async def test_pass_full_of_ids_that_are_no_numbers_holds_up_nobody(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_SHIPMENTS", 2)
    order_id = await make_order(shipping.shop)
    for courier_id in ("a", "b", "c"):
        await make_shipment(shipping.shop, alwaseet_order_id=courier_id, order_id=order_id, synced_at=None)
    ids = await shipped(shipping, 1)
    task = UpdateShipments(shipping.shop, shipping.courier, make_notices(shipping.shop))
    for _ in range(2):
        await update(shipping, task, snoozes=1)
    assert [ids] == asked_for(shipping)


@pytest.mark.parametrize("answer", [Answer.HTML, Answer.REFUSED, Answer.DATA_NULL])
async def test_one_bad_answer_costs_its_batch_alone(shipping: Shipping, answer: Answer) -> None:
    ids = await shipped(shipping, MOST_IDS + 2)
    shipping.sandbox.next(BULK, answer)
    result = await update(shipping)
    assert (2, [f"25 courier orders from {ids[0]} on"]) == (
        result["updated"],
        [item["what"] for item in items_of(result["failed"])],
    )


async def test_second_bad_answer_is_an_outage(shipping: Shipping) -> None:
    await shipped(shipping, 3 * MOST_IDS)
    shipping.sandbox.next(BULK, Answer.HTML, Answer.BLOCKED_503)
    with pytest.raises(CourierUnclear):
        await attempt(shipping)
    assert 2 == shipping.sandbox.count(BULK)


@pytest.mark.parametrize(("answer", "error"), [(Answer.HTML, CourierUnclear), (Answer.REFUSED, CourierRefused)])
async def test_only_answer_that_is_bad_is_an_outage(shipping: Shipping, answer: Answer, error: type[Exception]) -> None:
    await shipped(shipping, 2)
    shipping.sandbox.next(BULK, answer)
    with pytest.raises(error):
        await attempt(shipping)


async def test_wait_for_the_rate_passes_through_and_the_rest_comes_then(shipping: Shipping) -> None:
    await shipped(shipping, MOST_IDS + 2)
    task = UpdateShipments(shipping.shop, shipping.courier, make_notices(shipping.shop))
    await shipping.courier.prepare(owner="test")
    limiter, take, taken = shipping.courier.limiter, shipping.courier.limiter.take, 0

    async def once(owner: str, *, new_order: bool) -> None:
        nonlocal taken
        taken += 1
        if taken == 2:
            raise CourierLimited(shipping.clock.now() + SECOND)
        await take(owner, new_order=new_order)

    limiter.take = once  # type: ignore[method-assign]
    with pytest.raises(CourierLimited):
        await attempt(shipping, task)
    assert 2 == (await update(shipping, task, snoozes=1))["looked_at"]


async def test_dry_run_shows_what_it_would_ask_for_and_does_nothing(shipping: Shipping) -> None:
    ids = await shipped(shipping, 2)
    result = await update(shipping, dry_run=True)
    assert {"path": BULK, "ids": ids} == result["request"]
    assert not shipping.sandbox.calls
    assert [None, None] == [row["synced_at"] for row in await rows(shipping.shop, alwaseet_shipments)]


async def test_task_is_as_the_contract_has_it(shipping: Shipping) -> None:
    task = UpdateShipments(shipping.shop, shipping.courier, make_notices(shipping.shop))
    assert ("alwaseet:update-shipments", "default", 1, timedelta(seconds=120), True, task.name) == contract_of(task)
