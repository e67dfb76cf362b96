"""The task alwaseet:create-shipment: from what became of a shipment to the job's outcome."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from paranad.courier.errors import CourierLimited, CourierRefused, CourierUnclear
from paranad.queue.model import Completed, Failed, Snoozed
from paranad.sandbox.answers import Answer
from paranad.shipments import reasons
from paranad.shipments.model import ShipmentState
from paranad.store.backup import COPIED_AT
from paranad.tasks.create_shipment import CreateShipment, CreateShipmentArguments
from tests.support.shipping import SETTLE_TIME, Shipping
from tests.support.tasks import items_of, make_context

DAY = timedelta(hours=24)


async def perform(shipping: Shipping, order_id: int, **values: Any) -> Any:
    context = make_context(shipping.clock, shield=lambda: shipping.shield, **values)
    return await CreateShipment(shipping.shipments).run(context, CreateShipmentArguments(order_id=order_id))


async def test_sent_order_completes_with_its_courier_id(shipping: Shipping) -> None:
    order_id = await shipping.order()
    outcome = await perform(shipping, order_id)
    assert isinstance(outcome, Completed)
    assert (1, order_id, next(iter(shipping.sandbox.orders))) == (
        outcome.result["changed"],
        outcome.result["order_id"],
        outcome.result["courier_id"],
    )


async def test_skipped_order_completes_with_the_reason(shipping: Shipping) -> None:
    order_id = await shipping.order(status="cancelled")
    outcome = await perform(shipping, order_id)
    assert isinstance(outcome, Completed)
    assert [{"what": f"order {order_id}", "reason": "the order is cancelled"}] == items_of(outcome.result["skipped"])


async def test_bad_data_fails_at_once(shipping: Shipping) -> None:
    outcome = await perform(shipping, await shipping.order(pieces=0))
    assert isinstance(outcome, Failed)
    assert "nothing to ship" in str(outcome.error)


async def test_order_that_a_worker_of_the_shop_had_snoozes_until_the_list_can_tell(shipping: Shipping) -> None:
    args = CreateShipmentArguments(order_id=await shipping.order(), tried_elsewhere=True)
    outcome = await CreateShipment(shipping.shipments).run(make_context(shipping.clock), args)
    assert isinstance(outcome, Snoozed)
    assert 0 == shipping.sandbox.count("create-order")


async def test_unclear_answer_snoozes_until_the_list_can_tell(shipping: Shipping) -> None:
    shipping.sandbox.next("create-order", Answer.RESET)
    outcome = await perform(shipping, await shipping.order())
    assert isinstance(outcome, Snoozed)
    assert outcome.until == shipping.clock.now() + SETTLE_TIME / 3


@pytest.mark.parametrize(("answer", "error"), [(Answer.LIMITED, CourierLimited), (Answer.NO_ACCESS, CourierRefused)])
async def test_outage_passes_through_to_be_snoozed(shipping: Shipping, answer: Answer, error: type[Exception]) -> None:
    shipping.sandbox.next("create-order", *[answer] * 2)
    with pytest.raises(error):
        await perform(shipping, await shipping.order())


async def test_unclear_shipment_whose_outage_lasts_a_day_is_held(shipping: Shipping) -> None:
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.DROPPED)
    wanted_at = shipping.clock.now()
    await perform(shipping, order_id)
    await shipping.clock.advance(DAY)
    shipping.sandbox.next("merchant-orders", Answer.ERROR_500)
    with pytest.raises(CourierUnclear):
        await perform(shipping, order_id, enqueued_at=wanted_at)
    shipment = await shipping.shipments.journal.get(order_id)
    assert (ShipmentState.HELD, reasons.GIVEN_UP()) == (shipment.state, shipment.reason)


async def test_shipment_that_still_waits_after_a_day_is_held_and_fails(shipping: Shipping) -> None:
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.DROPPED)
    wanted_at = shipping.clock.now() - DAY
    outcome = await perform(shipping, order_id, enqueued_at=wanted_at)
    assert isinstance(outcome, Failed)
    assert f"paranadctl shipments show {order_id}" in str(outcome.error)
    assert (await shipping.shipments.journal.get(order_id)).state is ShipmentState.HELD


async def test_dry_run_shows_the_request_and_sends_nothing(shipping: Shipping) -> None:
    order_id = await shipping.order(customer_phone2="07801112223", notes="هدية")
    outcome = await perform(shipping, order_id, dry_run=True)
    assert isinstance(outcome, Completed)
    request = outcome.result["request"]
    assert ("…567", "…223", "25000", f"P{order_id}-???? هدية") == (
        request["client_mobile"],
        request["client_mobile2"],
        request["price"],
        request["merchant_notes"],
    )
    assert "7701234567" not in str(outcome)
    assert not shipping.sandbox.calls
    assert await shipping.shipments.journal.find(order_id) is None


async def test_dry_run_of_what_is_shipped_says_so(shipping: Shipping) -> None:
    order_id = await shipping.order()
    await perform(shipping, order_id)
    outcome = await perform(shipping, order_id, dry_run=True)
    assert "recorded already" in outcome.result["skipped"]["items"][0]["reason"]


@pytest.mark.parametrize("order_id", [0, -1, 2**63, "", "abc", "1.5", 1.5, True, None, "٤", "9" * 40])
def test_order_id_that_is_none_is_refused(order_id: object) -> None:
    with pytest.raises(ValidationError):
        CreateShipmentArguments.model_validate({"order_id": order_id})


@pytest.mark.parametrize("order_id", [41, "41"])
def test_order_id_may_be_text_as_the_shop_writes_it(order_id: object) -> None:
    assert CreateShipmentArguments.model_validate({"order_id": order_id}).order_id == 41


async def test_task_is_as_the_interface_has_it(shipping: Shipping) -> None:
    task = CreateShipment(shipping.shipments)
    assert ("alwaseet:create-shipment", "high", 3, timedelta(seconds=120), True) == (
        task.name,
        task.facts.queue,
        task.facts.tries,
        task.facts.timeout,
        task.facts.uses_courier,
    )
    keys = {task.unique_key(CreateShipmentArguments(order_id=number)) for number in (1, 2, 2)}
    assert len(keys) == 2


async def test_restored_queue_db_snoozes_however_old_the_order_is(shipping: Shipping) -> None:
    """A person must act first: an order that waited for days is not given up for that."""
    order_id = await shipping.order()
    await shipping.store.values.put(COPIED_AT, 1)
    outcome = await perform(shipping, order_id, enqueued_at=shipping.clock.now() - 3 * DAY)
    assert isinstance(outcome, Snoozed)
    assert "paranadctl shipments reconcile" in str(outcome.reason)
    assert 0 == shipping.sandbox.count("create-order")
