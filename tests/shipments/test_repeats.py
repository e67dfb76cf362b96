"""A second order of one phone and price within a day waits for a person, if the operator wants that."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from paranad.errors import WrongState
from paranad.events.event import Event
from paranad.events.shipments import ShipmentHeld
from paranad.shipments import reasons
from paranad.shipments.model import Finished, HeldBack, Sender, ShipmentState, Skipped
from paranad.shipments.send import CANCELLED
from paranad.shop.tables import orders
from tests.support.courier import an_order
from tests.support.shipping import Shipping
from tests.support.shop_faults import ZERO_DATE, force


@pytest.fixture
def shop_url(shop_file: Path) -> str:
    """On SQLite alone: what the shop is asked, test_shop_orders.py asks both databases."""
    return f"sqlite:///{shop_file}"


@pytest.fixture
async def holding(shipping: Shipping) -> Shipping:
    shipping.hold_repeats = True
    shipping.start()
    return shipping


async def twins(shipping: Shipping, **values: Any) -> tuple[int, int]:
    """Make an order, and a minute later another with its phone and price, but for *values*."""
    first = await shipping.order()
    await shipping.clock.advance(timedelta(minutes=1))
    return first, await shipping.order(**values)


async def cancel(shipping: Shipping, order_id: int) -> None:
    async with shipping.shop.transaction() as connection:
        await connection.execute(orders.update().where(orders.c.id == order_id).values(status="cancelled"))


def sent(shipping: Shipping) -> int:
    return shipping.sandbox.count("create-order")


async def test_second_order_of_one_phone_and_price_waits_for_a_person_and_is_told(
    holding: Shipping, told: list[Event]
) -> None:
    first, second = await twins(holding)
    ending = await holding.run(second)  # whichever job comes first, the order that was made first is not held
    assert isinstance(ending, HeldBack)
    assert f"it has the phone and price of order {first} of the same day" in ending.reason.text
    assert f"paranadctl shipments resend {second}" in ending.reason.text
    assert isinstance(await holding.run(first), Finished)
    shipment = await holding.shipments.journal.get(second)
    assert (ShipmentState.HELD, reasons.REPEAT(orders=[str(first)])) == (shipment.state, shipment.reason)
    assert [(second, "repeat")] == [(each.order_id, each.code) for each in told if isinstance(each, ShipmentHeld)]
    assert isinstance(await holding.run(second), HeldBack)
    assert sent(holding) == 1


async def test_repeat_that_a_person_lets_go_is_sent_once(holding: Shipping) -> None:
    first, second = await twins(holding)
    await holding.run(first)
    await holding.run(second)
    await holding.shipments.resend(second)
    assert [second] == holding.enqueued
    assert isinstance(await holding.run(second), Finished)
    assert isinstance(await holding.run(second), Finished)
    assert sent(holding) == 2


async def test_both_are_sent_where_repeats_are_not_held(shipping: Shipping) -> None:
    for order_id in await twins(shipping):
        assert isinstance(await shipping.run(order_id), Finished)


async def test_order_after_a_cancelled_one_is_no_repeat_unless_that_was_sent(holding: Shipping) -> None:
    first, second = await twins(holding)
    await cancel(holding, first)
    assert isinstance(await holding.run(second), Finished)
    third = await holding.order()
    await cancel(holding, second)
    assert isinstance(await holding.run(third), HeldBack)


async def test_cancelled_order_whose_answer_was_lost_counts_still(holding: Shipping) -> None:
    first, second = await twins(holding)
    await holding.shipments.journal.intend(first, f"P{first}-AAAA", "+9647701234567", 25000)
    await cancel(holding, first)
    assert isinstance(await holding.run(second), HeldBack)


async def test_repeat_that_is_cancelled_waits_for_nobody_any_longer(holding: Shipping) -> None:
    _, second = await twins(holding)
    await holding.run(second)
    await cancel(holding, second)
    assert await holding.run(second) == Skipped(CANCELLED())
    assert (await holding.shipments.journal.get(second)).state is ShipmentState.WITHDRAWN


async def test_repeat_is_sent_once_the_order_before_it_is_cancelled_unsent(holding: Shipping) -> None:
    first, second = await twins(holding)
    await holding.run(second)
    await cancel(holding, first)
    assert isinstance(await holding.run(second), Finished)
    assert sent(holding) == 1


async def test_repeat_that_somebody_else_may_have_sent_is_looked_for_before_it_is_held(holding: Shipping) -> None:
    await holding.teach_references()
    _, second = await twins(holding)
    tried = Sender("job:1", lambda: holding.shield, tried_by_php=True)
    await holding.shipments.create(second, tried)
    assert (await holding.shipments.journal.get(second)).state is ShipmentState.INTENDED
    assert isinstance(await holding.run_to_end(second, witness=True), HeldBack)
    shipment = await holding.shipments.journal.get(second)
    assert (ShipmentState.HELD, True) == (shipment.state, bool(shipment.suspicions))


async def test_dry_run_says_which_order_it_repeats(holding: Shipping) -> None:
    first, second = await twins(holding)
    assert await holding.shipments.preview(second) == Skipped(reasons.REPEAT(orders=[str(first)]))
    assert await holding.shipments.journal.find(second) is None


async def test_only_a_held_repeat_can_be_let_go(holding: Shipping) -> None:
    _, second = await twins(holding)
    await holding.run(second)
    await holding.shipments.resend(second)
    await holding.run(second)
    with pytest.raises(WrongState, match="only one that is held"):
        await holding.shipments.resend(second)


async def test_orders_whose_dates_cannot_be_read_repeat_nothing(holding: Shipping) -> None:
    _, second = await twins(holding)
    await force(holding.shop, "UPDATE orders SET created_at = :time", time=ZERO_DATE)
    assert isinstance(await holding.run(second), Finished)


async def test_person_may_say_which_parcel_a_repeat_is(holding: Shipping) -> None:
    _, second = await twins(holding)
    await holding.run(second)
    by_hand = holding.sandbox.add_order(an_order(client_mobile="+9647701234567"))
    settled = await holding.shipments.settle(second, by_hand.id)
    assert (ShipmentState.RECORDED, False) == (settled.state, settled.unconfirmed)
