"""The process ends at any step of a shipment; the next one goes on from what is committed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from paranad.events.event import Event
from paranad.sandbox.answers import Answer
from paranad.shipments import reasons
from paranad.shipments.model import Finished, RequestOutcome, ShipmentState, Waiting
from tests.support.shipping import House, names


class Killed(BaseException):
    """The process is gone."""


def _before(owner: Any, method: str) -> Callable[[House], None]:
    async def killed(*_: Any, **__: Any) -> None:
        raise Killed

    return lambda house: setattr(owner(house), method, killed)


def _after(owner: Any, method: str) -> Callable[[House], None]:
    def plant(house: House) -> None:
        real = getattr(owner(house), method)

        async def killed(*args: Any, **kwargs: Any) -> None:
            await real(*args, **kwargs)
            raise Killed

        setattr(owner(house), method, killed)

    return plant


STEPS = {
    "before the intent": _before(lambda house: house.shipments.journal, "intend"),
    "before the request": _before(lambda house: house.courier, "create_order"),
    "after the request, before its answer": _after(lambda house: house.courier, "create_order"),
    "after the answer, before created": _before(lambda house: house.shipments.journal, "create"),
    "after created": _after(lambda house: house.shipments.journal, "create"),
    "before the shop's row": _before(lambda house: house.shipments.tools.orders, "write"),
    "after the shop's row, before recorded": _before(lambda house: house.shipments.journal, "record"),
    "before the job's outcome": _after(lambda house: house.shipments, "create"),
}


@pytest.mark.parametrize("step", list(STEPS))
async def test_shipment_goes_on_where_the_process_ended(house: House, step: str) -> None:
    await house.teach_references()
    order_id = await house.order()
    STEPS[step](house)
    with pytest.raises(Killed):
        await house.run(order_id)
    house.start()
    await house.clock.advance(1)
    ending = await house.run_to_end(order_id, witness=True)
    assert isinstance(ending, Finished)
    parcels = [parcel for parcel in house.sandbox.orders.values() if parcel.client_mobile == "+9647701234567"]
    assert [ending.shipment.courier_id] == [parcel.id for parcel in parcels]
    assert [parcels[0].id] == [row["alwaseet_order_id"] for row in await house.shop_rows(order_id=order_id)]


@pytest.mark.parametrize("step", list(STEPS))
async def test_process_that_ends_at_each_run_sends_no_second_parcel(house: House, step: str) -> None:
    """While lists prove nothing, a crash loop must not multiply parcels."""
    house.sandbox.behaviour.returns_notes = False
    order_id = await house.order()
    for _ in range(4):
        STEPS[step](house)
        with suppress(Killed, AssertionError):
            await house.run_to_end(order_id, runs=2)
        house.start()
    assert len(house.sandbox.orders) <= 1


async def test_request_under_way_when_the_process_ended_is_unclear(house: House, told: list[Event]) -> None:
    order_id = await house.order()
    STEPS["before the request"](house)
    with pytest.raises(Killed):
        await house.run(order_id)
    assert (await house.shipments.journal.get(order_id)).attempts[0].outcome is RequestOutcome.SENT
    house.start()
    ending = await house.run(order_id)
    assert isinstance(ending, Waiting)
    shipment = await house.shipments.journal.get(order_id)
    assert (ShipmentState.INTENDED, reasons.ENDED()) == (shipment.state, shipment.reason)
    assert "shipment.unclear" in names(told)


async def test_cancelled_job_leaves_its_shipment_unclear(house: House) -> None:
    """Without the workers' shield, a cancellation in the middle of the request is a lost answer like any other."""
    order_id = await house.order()
    house.sandbox.next("create-order", Answer.SILENT)
    job = asyncio.create_task(house.run(order_id))
    await house.sandbox.asked("create-order")
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert isinstance(await house.run_to_end(order_id), Finished)
    assert len(house.sandbox.orders) == 1
