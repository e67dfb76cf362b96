"""The process ends at any step of a shipment; the next one goes on from what is committed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from paranad.events.event import Event
from paranad.said import Said
from paranad.sandbox.answers import Answer
from paranad.shipments import reasons
from paranad.shipments.model import Finished, NeedsPerson, RequestOutcome, Shipment, ShipmentState, Waiting
from tests.support.shipping import Shipping, names

pytestmark = pytest.mark.every_row


class Killed(BaseException):
    """The process is gone."""


def _before(owner: Any, method: str) -> Callable[[Shipping], None]:
    async def killed(*_: Any, **__: Any) -> None:
        raise Killed

    return lambda shipping: setattr(owner(shipping), method, killed)


def _after(owner: Any, method: str) -> Callable[[Shipping], None]:
    def plant(shipping: Shipping) -> None:
        real = getattr(owner(shipping), method)

        async def killed(*args: Any, **kwargs: Any) -> None:
            await real(*args, **kwargs)
            raise Killed

        setattr(owner(shipping), method, killed)

    return plant


STEPS = {
    "before the intent": _before(lambda shipping: shipping.shipments.journal, "intend"),
    "before the request": _before(lambda shipping: shipping.courier, "create_order"),
    "after the request, before its answer": _after(lambda shipping: shipping.courier, "create_order"),
    "after the answer, before created": _before(lambda shipping: shipping.shipments.journal, "create"),
    "after created": _after(lambda shipping: shipping.shipments.journal, "create"),
    "before the shop's row": _before(lambda shipping: shipping.shipments.tools.orders, "write"),
    "after the shop's row, before recorded": _before(lambda shipping: shipping.shipments.journal, "record"),
    "before the job's outcome": _after(lambda shipping: shipping.shipments, "create"),
}


@pytest.mark.parametrize("step", list(STEPS))
async def test_shipment_goes_on_where_the_process_ended(shipping: Shipping, step: str) -> None:
    await shipping.teach_references()
    order_id = await shipping.order()
    STEPS[step](shipping)
    with pytest.raises(Killed):
        await shipping.run(order_id)
    shipping.start()
    await shipping.clock.advance(1)
    ending = await shipping.run_to_end(order_id, witness=True)
    assert isinstance(ending, Finished)
    parcels = [parcel for parcel in shipping.sandbox.orders.values() if parcel.client_mobile == "+9647701234567"]
    assert [ending.shipment.courier_id] == [parcel.id for parcel in parcels]
    assert [parcels[0].id] == [row["alwaseet_order_id"] for row in await shipping.shop_rows(order_id=order_id)]


@pytest.mark.parametrize("step", list(STEPS))
async def test_process_that_ends_at_each_run_sends_no_second_parcel(shipping: Shipping, step: str) -> None:
    """While lists prove nothing, a crash loop must not multiply parcels."""
    shipping.sandbox.behaviour.returns_notes = False
    order_id = await shipping.order()
    for _ in range(4):
        STEPS[step](shipping)
        with suppress(Killed, AssertionError):
            await shipping.run_to_end(order_id, runs=2)
        shipping.start()
    assert len(shipping.sandbox.orders) <= 1


async def test_request_under_way_when_the_process_ended_is_unclear(shipping: Shipping, told: list[Event]) -> None:
    order_id = await shipping.order()
    STEPS["before the request"](shipping)
    with pytest.raises(Killed):
        await shipping.run(order_id)
    assert (await shipping.shipments.journal.get(order_id)).attempts[0].outcome is RequestOutcome.SENT
    shipping.start()
    ending = await shipping.run(order_id)
    assert isinstance(ending, Waiting)
    shipment = await shipping.shipments.journal.get(order_id)
    assert (ShipmentState.INTENDED, reasons.ENDED()) == (shipment.state, shipment.reason)
    assert "shipment.unclear" in names(told)


async def test_cancelled_job_leaves_its_shipment_unclear(shipping: Shipping) -> None:
    """Without the workers' shield, a cancellation in the middle of the request is a lost answer like any other."""
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.SILENT)
    job = asyncio.create_task(shipping.run(order_id))
    await shipping.sandbox.asked("create-order")
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert isinstance(await shipping.run_to_end(order_id), Finished)
    assert len(shipping.sandbox.orders) == 1


async def test_shipment_that_is_given_up_unanswered_keeps_no_list_from_settling_others(shipping: Shipping) -> None:
    """The daemon ended during its request, and an outage lasted until its job gave up."""
    order_id = await shipping.order()
    STEPS["after the request, before its answer"](shipping)
    with pytest.raises(Killed):
        await shipping.run(order_id)
    shipping.start()
    await shipping.shipments.abandon(order_id)
    report = await shipping.shipments.reconcile()
    held = await shipping.shipments.journal.get(order_id)
    assert (1, [RequestOutcome.UNCLEAR]) == (report.looked_at, [attempt.outcome for attempt in held.attempts])


@pytest.mark.parametrize("asks", ["a job", "a list"])
async def test_request_without_an_answer_that_is_held_meanwhile_fails_neither_job_nor_list(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch, asks: str
) -> None:
    """Between the look at the journal and the note that the request is unclear, its job may have given it up."""
    order_id = await shipping.order()
    STEPS["after the request, before its answer"](shipping)
    with pytest.raises(Killed):
        await shipping.run(order_id)
    shipping.start()
    journal = shipping.shipments.journal
    mark_unclear = journal.mark_unclear

    async def mark_late(order_id: int, reason: Said) -> Shipment:
        await journal.hold(order_id, reasons.GIVEN_UP())
        return await mark_unclear(order_id, reason)

    monkeypatch.setattr(journal, "mark_unclear", mark_late)
    if asks == "a job":
        assert isinstance(await shipping.run(order_id), NeedsPerson)
    else:
        assert 1 == (await shipping.shipments.reconcile()).settled


async def test_shipment_that_an_earlier_version_held_unanswered_keeps_no_list_from_settling_others(
    shipping: Shipping,
) -> None:
    order_id = await shipping.order()
    STEPS["after the request, before its answer"](shipping)
    with pytest.raises(Killed):
        await shipping.run(order_id)
    shipping.start()
    journal = shipping.shipments.journal
    await journal.hold(order_id, reasons.GIVEN_UP())
    report = await shipping.shipments.reconcile()
    found = await journal.get(order_id)
    assert (1, 1) == (report.looked_at, report.settled)
    assert ShipmentState.RECORDED is found.state
