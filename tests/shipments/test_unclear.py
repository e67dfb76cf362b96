"""Whatever the courier answers to a create: one shipment, or one that is held and shown."""

import asyncio
from datetime import timedelta

import pytest

from paranad.courier.errors import CourierUnclear
from paranad.events.event import Event
from paranad.sandbox.answers import Answer
from paranad.shipments import reasons
from paranad.shipments.model import (
    ABSENCES,
    Finished,
    NeedsPerson,
    RequestOutcome,
    Shipment,
    ShipmentState,
    Skipped,
    Waiting,
)
from paranad.shipments.send import CANCELLED
from paranad.shipments.settle import references_seen_at
from paranad.shop.errors import ShopUnreachable
from paranad.shop.tables import orders
from tests.support.courier import BRIEFLY
from tests.support.shipping import SETTLE_TIME, Shipping, names
from tests.support.shop import make_shipment, rows

THIRD = SETTLE_TIME / 3
REFUSALS = {Answer.REFUSED, Answer.REFUSED_WITH_200, Answer.REFUSED_WITHOUT_MESSAGE, Answer.NAME_TOO_LONG}


EACH_MEANING = (Answer.REFUSED, Answer.LIMITED, Answer.DROPPED, Answer.SILENT, Answer.RESET)
"""An answer of each meaning: what one is made of is read before the shop hears of it, whatever its database."""


@pytest.mark.every_row
@pytest.mark.parametrize(
    ("shop_url", "answer"),
    [*(("sqlite", each) for each in Answer), *(("mariadb", each) for each in EACH_MEANING)],
    indirect=["shop_url"],
)
async def test_every_answer_ends_with_one_shipment(shipping: Shipping, answer: Answer) -> None:
    """Where lists return our references, all but a plain refusal end with exactly one parcel at the courier."""
    await shipping.teach_references()
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", answer)
    ending = await shipping.run_to_end(order_id, witness=True)
    if answer in REFUSALS:
        assert isinstance(ending, NeedsPerson)
        ending = await shipping.run_to_end(order_id)
    assert isinstance(ending, Finished)
    parcels = [
        order for order in shipping.sandbox.orders.values() if ending.shipment.reference in (order.merchant_notes or "")
    ]
    assert [ending.shipment.courier_id] == [parcel.id for parcel in parcels]
    assert [order_id] == [row["order_id"] for row in await shipping.shop_rows(alwaseet_order_id=parcels[0].id)]


@pytest.mark.parametrize("answer", EACH_MEANING)
async def test_every_answer_ends_with_one_shipment_or_a_held_one_while_lists_prove_nothing(
    shipping: Shipping, answer: Answer
) -> None:
    """The courier's lists lack all notes: never two parcels, and what is not known waits for a person."""
    shipping.sandbox.behaviour.returns_notes = False
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", answer)
    ending = await shipping.run_to_end(order_id, witness=True)
    shipment = await shipping.shipments.journal.get(order_id)
    parcels = [each.id for each in shipping.sandbox.orders.values() if each.client_mobile == "+9647701234567"]
    assert len(parcels) <= 1
    match shipment.state:
        case ShipmentState.RECORDED:
            assert [shipment.courier_id] == parcels
        case ShipmentState.HELD:
            assert isinstance(ending, NeedsPerson)
            assert [order_id] == list(await shipping.shipments.journal.held_orders(100))
        case _:
            assert (ShipmentState.WITHDRAWN, True) == (shipment.state, answer in REFUSALS)
            assert not parcels


async def test_lost_answer_waits_for_the_courier_s_list(shipping: Shipping, told: list[Event]) -> None:
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.RESET)
    ending = await shipping.run(order_id)
    assert isinstance(ending, Waiting)
    assert shipping.clock.now() + THIRD == ending.until
    assert "courier" in ending.reason.text
    assert "shipment.unclear" in names(told)
    shipment = await shipping.shipments.journal.get(order_id)
    assert (ShipmentState.INTENDED, RequestOutcome.UNCLEAR) == (shipment.state, shipment.attempts[0].outcome)


async def test_job_that_is_woken_before_its_look_waits_for_the_same_instant(shipping: Shipping) -> None:
    """An operator's `wake` asks the courier for nothing and sends nothing; the look stays where it was planned."""
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.RESET)
    first = await shipping.run(order_id)
    lists = shipping.sandbox.count("merchant-orders")
    await shipping.clock.advance(timedelta(seconds=20))

    again = await shipping.run(order_id)

    assert isinstance(first, Waiting)
    assert isinstance(again, Waiting)
    assert (first.until, first.reason.code) == (again.until, again.reason.code)
    assert (lists, 1) == (shipping.sandbox.count("merchant-orders"), shipping.sandbox.count("create-order"))


async def test_lost_answer_is_found_again_by_its_reference(shipping: Shipping, told: list[Event]) -> None:
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.RESET)
    assert isinstance(await shipping.run_to_end(order_id), Finished)
    assert names(told)[-2:] == ["shipment.reconciled", "shipment.recorded"]
    assert len(shipping.sandbox.orders) == 1
    [row] = await shipping.shop_rows()
    assert (order_id, "بغداد") == (row["order_id"], row["city_name"])


async def test_lost_answer_is_found_by_phone_and_price_where_lists_lack_notes(shipping: Shipping) -> None:
    shipping.sandbox.behaviour.returns_notes = False
    shipping.sandbox.behaviour.numbers_as_int = True
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.RESET)
    assert isinstance(await shipping.run_to_end(order_id), Finished)
    assert len(shipping.sandbox.orders) == 1


async def test_order_that_appears_late_in_the_list_is_not_sent_again(shipping: Shipping) -> None:
    await shipping.teach_references()
    shipping.sandbox.behaviour.appears_after = SETTLE_TIME - timedelta(seconds=10)
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.HTML)
    assert isinstance(await shipping.run_to_end(order_id, witness=True), Finished)
    assert shipping.sandbox.count("create-order") == 3


async def test_absence_counts_three_times_evenly_before_the_same_reference_is_sent_again(shipping: Shipping) -> None:
    await shipping.teach_references()
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.DROPPED)
    started_at = shipping.clock.now()
    ending = await shipping.run(order_id)
    await shipping.clock.advance(SETTLE_TIME / 3)
    witness = await shipping.another_ships()
    looks = []
    while isinstance(ending, Waiting):
        await shipping.until(ending.until)
        looks.append(shipping.clock.now() - started_at)
        ending = await shipping.run(order_id)
    first = THIRD + timedelta(seconds=1)
    assert [first, first + THIRD, first + 2 * THIRD] == looks
    shipment = await shipping.shipments.journal.get(order_id)
    assert [1, 2] == [attempt.number for attempt in shipment.attempts]
    sent = [order.merchant_notes for order in shipping.sandbox.orders.values() if order.id != witness]
    assert [shipment.reference] == sent[1:]


async def test_absences_proven_before_a_long_stop_are_proven_once_more_before_it_is_sent(shipping: Shipping) -> None:
    await shipping.teach_references()
    order_id = await shipping.send(Answer.RESET)
    [parcel] = [each for each in shipping.sandbox.orders.values() if each.client_mobile == "+9647701234567"]
    del shipping.sandbox.orders[parcel.id]
    await shipping.clock.advance(THIRD)
    await shipping.another_ships()
    for _ in range(ABSENCES):
        await shipping.shipments.reconcile()
        await shipping.clock.advance(THIRD)
    await shipping.clock.advance(timedelta(hours=5))
    shipping.sandbox.orders[parcel.id] = parcel
    ending = await shipping.run_to_end(order_id)
    assert isinstance(ending, Finished)
    assert parcel.id == ending.shipment.courier_id


async def test_nothing_is_sent_again_while_lists_have_never_shown_a_reference(shipping: Shipping) -> None:
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.DROPPED)
    shipping.sandbox.behaviour.returns_notes = False
    ending = await shipping.run_to_end(order_id, witness=True)
    assert isinstance(ending, NeedsPerson)
    assert "they have shown no reference of ours" in ending.reason.text
    assert shipping.sandbox.count("create-order") == 2


async def test_references_once_seen_stay_known_over_a_restart_for_a_day(shipping: Shipping) -> None:
    await shipping.teach_references()
    shipping.start()
    seen_at = await references_seen_at(shipping.shipments.tools)
    assert seen_at == shipping.clock.now()
    await shipping.clock.advance(timedelta(days=1))
    order_id = await shipping.order()
    shipping.sandbox.behaviour.returns_notes = False
    shipping.sandbox.next("create-order", Answer.DROPPED)
    ending = await shipping.run_to_end(order_id, witness=True)
    assert isinstance(ending, NeedsPerson)
    assert reasons.NO_REFERENCES.code == _code(await shipping.shipments.journal.get(order_id))


async def test_three_unclear_requests_without_a_trace_are_held(shipping: Shipping) -> None:
    await shipping.teach_references()
    order_id = await shipping.order()
    for _ in range(3):
        shipping.sandbox.next("create-order", Answer.DROPPED)
        ending = await shipping.run(order_id)
        await shipping.clock.advance(SETTLE_TIME / 3)
        await shipping.another_ships()
        for _ in range(ABSENCES):
            await shipping.shipments.reconcile()
            await shipping.clock.advance(THIRD)
    ending = await shipping.run(order_id)
    assert isinstance(ending, NeedsPerson)
    assert "sent 3 times" in ending.reason.text
    assert shipping.sandbox.count("create-order") == 1 + 3 + 3


async def test_order_cancelled_meanwhile_is_not_sent_again(shipping: Shipping) -> None:
    await shipping.teach_references()
    order_id = await shipping.send(Answer.DROPPED)
    async with shipping.shop.transaction() as connection:
        await connection.execute(orders.update().where(orders.c.id == order_id).values(status="cancelled"))
    assert await shipping.run_to_end(order_id, witness=True) == Skipped(CANCELLED())
    assert (await shipping.shipments.journal.get(order_id)).state is ShipmentState.WITHDRAWN


async def test_order_shipped_by_hand_meanwhile_is_not_sent_again(shipping: Shipping) -> None:
    await shipping.teach_references()
    order_id = await shipping.send(Answer.DROPPED)
    await make_shipment(shipping.shop, order_id=order_id, alwaseet_order_id="777")
    assert isinstance(await shipping.run_to_end(order_id, witness=True), Skipped)
    assert shipping.sandbox.count("create-order") == 3


async def test_two_courier_orders_with_phone_and_price_are_held(shipping: Shipping) -> None:
    shipping.sandbox.behaviour.returns_notes = False
    order_id = await shipping.send(Answer.RESET)
    await _ordered_elsewhere(shipping)
    ending = await shipping.run_to_end(order_id)
    assert isinstance(ending, NeedsPerson)
    assert reasons.CANDIDATE.code == _code(await shipping.shipments.journal.get(order_id))
    assert all(courier_id in ending.reason.text for courier_id in shipping.sandbox.orders)


async def test_courier_order_of_another_order_is_not_taken_for_it(shipping: Shipping) -> None:
    shipping.sandbox.behaviour.returns_notes = False
    first = await shipping.order()
    await shipping.run(first)
    second = await shipping.order()
    shipping.sandbox.next("create-order", Answer.DROPPED)
    assert isinstance(await shipping.run_to_end(second, witness=True), NeedsPerson)
    assert (await shipping.shipments.journal.get(second)).courier_id is None


async def test_courier_order_whose_row_the_shop_still_lacks_is_not_taken_for_another(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipping.sandbox.behaviour.returns_notes = False

    async def gone(*_: object, **__: object) -> None:
        raise ShopUnreachable("no such file")

    monkeypatch.setattr(shipping.shop, "in_transaction", gone)
    with pytest.raises(ShopUnreachable):
        await shipping.run(await shipping.order())
    monkeypatch.undo()
    second = await shipping.order()
    shipping.sandbox.next("create-order", Answer.DROPPED)
    assert isinstance(await shipping.run_to_end(second, witness=True), NeedsPerson)
    assert (await shipping.shipments.journal.get(second)).courier_id is None


async def test_courier_order_linked_by_hand_in_the_shop_is_not_taken_for_it(shipping: Shipping) -> None:
    shipping.sandbox.behaviour.returns_notes = False
    order_id = await shipping.send(Answer.DROPPED)
    courier_id = await _ordered_elsewhere(shipping)
    await make_shipment(shipping.shop, order_id=await shipping.order(), alwaseet_order_id=courier_id)
    assert isinstance(await shipping.run_to_end(order_id, witness=True), NeedsPerson)
    assert (await shipping.shipments.journal.get(order_id)).courier_id is None


async def test_two_unclear_shipments_do_not_share_one_courier_order(shipping: Shipping) -> None:
    shipping.sandbox.behaviour.returns_notes = False
    first, second = await shipping.order(), await shipping.order()
    shipping.sandbox.next("create-order", Answer.RESET, Answer.DROPPED)
    await shipping.run(first)
    await shipping.run(second)
    for order_id in (first, second):
        ending = await shipping.run_to_end(order_id)
        assert isinstance(ending, NeedsPerson)
        assert reasons.TWIN.code == _code(await shipping.shipments.journal.get(order_id))


@pytest.mark.parametrize("patience", [BRIEFLY])
async def test_row_of_a_request_under_way_is_not_taken_for_another_of_its_phone(shipping: Shipping) -> None:
    shipping.sandbox.behaviour.returns_notes = False
    lost, flying = await shipping.order(), await shipping.order()
    shipping.sandbox.next("create-order", Answer.DROPPED, Answer.SILENT)
    await shipping.run(lost)
    await shipping.clock.advance(THIRD)
    job = asyncio.create_task(shipping.run(flying))
    await shipping.sandbox.asked("create-order", 2)
    await shipping.shipments.reconcile()
    shipment = await shipping.shipments.journal.get(lost)
    assert (ShipmentState.INTENDED, 0) == (shipment.state, shipment.absences)
    await job


async def test_jobs_that_wait_together_ask_for_one_list(shipping: Shipping) -> None:
    together = [await shipping.order(customer_phone=f"0770000000{number}") for number in range(3)]
    shipping.sandbox.next("create-order", *[Answer.RESET] * 3)
    endings = [await shipping.run(order_id) for order_id in together]
    await shipping.until(max(ending.until for ending in endings if isinstance(ending, Waiting)))
    assert all([isinstance(await shipping.run(order_id), Finished) for order_id in together])
    assert shipping.sandbox.count("merchant-orders") == 1


async def test_list_that_cannot_be_read_concludes_nothing(shipping: Shipping) -> None:
    order_id = await shipping.send(Answer.DROPPED)
    shipping.sandbox.next("merchant-orders", Answer.DATA_NULL, Answer.HTML, Answer.REFUSED)
    for _ in range(3):
        await shipping.clock.advance(THIRD)
        with pytest.raises(CourierUnclear):
            await shipping.run(order_id)
    assert (await shipping.shipments.journal.get(order_id)).absences == 0


async def test_list_with_unreadable_rows_proves_no_absence(shipping: Shipping) -> None:
    await shipping.teach_references()
    await shipping.run(await shipping.order(customer_phone="07705550000"))
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.DROPPED)
    ending = await shipping.run(order_id)
    for _ in range(ABSENCES + 1):
        assert isinstance(ending, Waiting)
        await shipping.until(ending.until)
        next(iter(shipping.sandbox.orders.values())).id = ""
        ending = await shipping.run(order_id)
    assert (await shipping.shipments.journal.get(order_id)).absences == 0
    assert isinstance(ending, Waiting)
    assert ending.until > shipping.clock.now()


async def test_reference_on_an_order_with_another_phone_is_held(shipping: Shipping) -> None:
    order_id = await shipping.send(Answer.RESET)
    next(iter(shipping.sandbox.orders.values())).client_mobile = "+9647801112223"
    ending = await shipping.run_to_end(order_id)
    assert isinstance(ending, NeedsPerson)
    assert "another phone" in ending.reason.text


async def test_price_and_notes_changed_later_are_the_same_order_still(shipping: Shipping) -> None:
    order_id = await shipping.send(Answer.RESET)
    [parcel] = shipping.sandbox.orders.values()
    parcel.price, parcel.merchant_notes = "30000.00", f"  تم التعديل\n{parcel.merchant_notes} "
    assert isinstance(await shipping.run_to_end(order_id), Finished)


async def test_row_a_sync_has_written_is_linked_not_doubled(shipping: Shipping) -> None:
    order_id = await shipping.send(Answer.RESET)
    [courier_id] = shipping.sandbox.orders
    await make_shipment(shipping.shop, alwaseet_order_id=courier_id)
    assert isinstance(await shipping.run_to_end(order_id), Finished)
    assert [order_id] == [row["order_id"] for row in await shipping.shop_rows()]


async def test_row_linked_to_another_order_is_held(shipping: Shipping) -> None:
    order_id, other = await shipping.order(), await shipping.order()
    shipping.sandbox.next("create-order", Answer.RESET)
    await shipping.run(order_id)
    [courier_id] = shipping.sandbox.orders
    await make_shipment(shipping.shop, alwaseet_order_id=courier_id, order_id=other)
    ending = await shipping.run_to_end(order_id)
    assert isinstance(ending, NeedsPerson)
    assert f"linked to order {other}" in ending.reason.text
    assert (await shipping.shipments.journal.get(order_id)).courier_id == courier_id


async def test_order_deleted_after_its_request_is_held(shipping: Shipping) -> None:
    order_id = await shipping.send(Answer.RESET)
    async with shipping.shop.transaction() as connection:
        await connection.execute(orders.delete().where(orders.c.id == order_id))
    ending = await shipping.run_to_end(order_id)
    assert isinstance(ending, NeedsPerson)
    assert "gone from the shop" in ending.reason.text
    assert [] == await rows(shipping.shop, orders, id=order_id)


def _code(shipment: Shipment) -> str | None:
    return shipment.reason.code if shipment.reason else None


async def _ordered_elsewhere(shipping: Shipping) -> str:
    """Let somebody make an order with the same phone and price in the courier's own pages."""
    fields = {"client_mobile": "+9647701234567", "price": "25000", "city_id": "1", "region_id": "15"}
    return shipping.sandbox.books.add_order(fields).id
