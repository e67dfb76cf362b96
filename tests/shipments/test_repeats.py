"""A second order of one phone and price within a day waits for a person, if the operator wants that."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from paranad.errors import WrongState
from paranad.events.event import Event
from paranad.events.shipments import ShipmentHeld
from paranad.shipments import reasons
from paranad.shipments.decide import Alike, repeated_among
from paranad.shipments.model import Finished, HeldBack, Sender, ShipmentState, Skipped
from paranad.shipments.send import CANCELLED
from paranad.shop.tables import orders
from tests.shipments.test_decide import AT, shipment
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


INTENDED, HELD, WITHDRAWN = ShipmentState.INTENDED, ShipmentState.HELD, ShipmentState.WITHDRAWN


@pytest.mark.parametrize(
    ("other", "before_the_first", "before_the_third"),
    [
        (Alike(2, wanted=True, shipped=False), False, True),
        (Alike(2, wanted=False, shipped=False), False, False),
        (Alike(2, wanted=False, shipped=True), True, True),
        (Alike(2, False, False, shipment(2, state=INTENDED)), True, True),
        (Alike(2, False, False, shipment(2, state=ShipmentState.RECORDED, courier_id="90")), True, True),
        (Alike(2, False, False, shipment(2, state=HELD, reason=reasons.GIVEN_UP())), True, True),
        (Alike(2, True, False, shipment(2, state=HELD, reason=reasons.REPEAT(orders=["1"]))), False, False),
        (Alike(2, True, False, shipment(2, state=WITHDRAWN)), False, True),
        (Alike(2, True, False, shipment(2, state=WITHDRAWN, decided_at=AT)), True, True),
        (Alike(2, False, False, shipment(2, state=WITHDRAWN, decided_at=AT)), False, False),
    ],
)
def test_what_the_courier_may_have_comes_first_and_of_two_unsent_the_lower_id(
    other: Alike, before_the_first: bool, before_the_third: bool
) -> None:
    found = [bool(repeated_among([other], order_id)) for order_id in (1, 3)]
    assert [before_the_first, before_the_third] == found


async def test_two_orders_never_wait_for_each_other(holding: Shipping) -> None:
    await holding.teach_references()
    first, second = await twins(holding)
    tried = Sender("job:1", lambda: holding.shield, tried_by_php=True)
    await holding.shipments.create(second, tried)
    assert isinstance(await holding.run(first), HeldBack)  # the courier may have the second
    assert isinstance(await holding.run_to_end(second, witness=True), Finished)
    assert isinstance(await holding.run(first), HeldBack)


async def put_back(shipping: Shipping, order_id: int, **values: Any) -> None:
    async with shipping.shop.transaction() as connection:
        await connection.execute(orders.update().where(orders.c.id == order_id).values(**values))


@pytest.mark.parametrize(
    ("away", "back"),
    [
        ({"customer_phone": "123"}, {"customer_phone": "07701234567"}),
        ({"status": "cancelled"}, {"status": "pending"}),
        ({"customer_phone": "07700000009"}, {"customer_phone": "0770 123 4567"}),
    ],
    ids=["corrected and retried", "cancelled and put back", "committed after the second was sent"],
)
async def test_first_order_is_the_repeat_once_the_second_was_sent(
    holding: Shipping, told: list[Event], away: dict[str, Any], back: dict[str, Any]
) -> None:
    first, second = await twins(holding, customer_phone="07701234567")
    await put_back(holding, first, **away)
    if away != {"customer_phone": "07700000009"}:
        assert not isinstance(await holding.run(first), Finished)
    assert isinstance(await holding.run(second), Finished)
    await put_back(holding, first, **back)
    ending = await holding.run(first)
    assert isinstance(ending, HeldBack)
    assert f"the phone and price of order {second} of the same day" in ending.reason.text
    assert [first] == [each.order_id for each in told if isinstance(each, ShipmentHeld)]
    await holding.shipments.resend(first)
    assert isinstance(await holding.run(first), Finished)
    assert sent(holding) == 2


async def test_first_order_that_is_cancelled_while_it_waits_for_a_login_lets_one_of_the_two_go(
    holding: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await twins(holding)
    prepare, endings = holding.courier.prepare, []

    async def wait(*, owner: str) -> None:
        monkeypatch.setattr(holding.courier, "prepare", prepare)
        await cancel(holding, first)
        endings.append(await holding.run(second))
        await prepare(owner=owner)

    monkeypatch.setattr(holding.courier, "prepare", wait)
    assert await holding.run(first) == Skipped(CANCELLED())
    assert [Finished] == [type(each) for each in endings]
    assert sent(holding) == 1


async def test_order_that_is_cancelled_while_it_waits_for_a_login_is_not_sent(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, prepare = await shipping.order(), shipping.courier.prepare

    async def wait(*, owner: str) -> None:
        await cancel(shipping, order_id)
        await prepare(owner=owner)

    monkeypatch.setattr(shipping.courier, "prepare", wait)
    assert await shipping.run(order_id) == Skipped(CANCELLED())
    assert (sent(shipping), await shipping.shipments.journal.find(order_id)) == (0, None)
