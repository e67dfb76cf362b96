"""A person's decisions on shipments that are held, and the look at the courier's list that a person asks for."""

import asyncio
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from paranad.courier.errors import CourierRefused
from paranad.errors import BadArguments, BadRequest, NotFound, Unconfirmed, WrongState
from paranad.events.event import Event
from paranad.events.shipments import ShipmentDecided, ShipmentHeld
from paranad.said import Said
from paranad.sandbox.answers import Answer
from paranad.sandbox.books import SandboxOrder
from paranad.shipments import reasons
from paranad.shipments.model import Finished, NeedsPerson, ShipmentState
from paranad.shipments.settle import Report
from paranad.shop.database import Shop
from paranad.shop.errors import ShopUnreachable
from tests.support.clock import START
from tests.support.courier import BRIEFLY
from tests.support.shipping import SETTLE_TIME, Shipping
from tests.support.shop import make_shipment


async def held(shipping: Shipping, answer: Answer = Answer.DROPPED) -> int:
    """Return an order whose shipment is held, since the lists prove nothing."""
    shipping.sandbox.behaviour.returns_notes = False
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", answer)
    assert isinstance(await shipping.run_to_end(order_id, witness=True), NeedsPerson)
    return order_id


async def held_and_hidden(shipping: Shipping) -> tuple[int, SandboxOrder]:
    """Return an order whose shipment is held, and its parcel, which the courier's lists have not shown."""
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.RESET)
    ending = await shipping.run(order_id)
    [parcel] = shipping.sandbox.orders.values()
    del shipping.sandbox.orders[parcel.id]
    shipping.sandbox.behaviour.returns_notes = False
    await shipping.clock.advance(SETTLE_TIME / 3)
    await shipping.another_ships()
    ending = await shipping.run_to_end(order_id)
    assert isinstance(ending, NeedsPerson)
    shipping.sandbox.behaviour.returns_notes = True
    return order_id, parcel


def parcel_of(shipping: Shipping, phone: str = "+9647701234567") -> str:
    """Return the courier's id of a parcel with *phone*, made in the courier's own pages."""
    fields = {"client_mobile": phone, "price": "25000", "city_id": "1", "region_id": "15"}
    return shipping.sandbox.books.add_order(fields).id


async def test_held_shipment_is_told_and_counted(shipping: Shipping, told: list[Event]) -> None:
    order_id = await held(shipping)
    [event] = [event for event in told if isinstance(event, ShipmentHeld)]
    assert order_id == event.order_id
    assert {ShipmentState.HELD: 1} == await shipping.shipments.journal.counts()
    assert [order_id] == list(await shipping.shipments.journal.held_orders(100))


async def test_held_shipment_stays_stuck_and_sends_nothing(shipping: Shipping) -> None:
    order_id = await held(shipping)
    ending = await shipping.run(order_id)
    assert isinstance(ending, NeedsPerson)
    assert f"paranadctl shipments show {order_id}" in ending.reason.text
    assert shipping.sandbox.count("create-order") == 2


async def test_settle_links_the_courier_order_and_records_it(shipping: Shipping, told: list[Event]) -> None:
    order_id = await held(shipping)
    courier_id = parcel_of(shipping)
    settled = await shipping.shipments.settle(order_id, courier_id)
    assert (ShipmentState.RECORDED, courier_id, False) == (settled.state, settled.courier_id, settled.unconfirmed)
    [row] = await shipping.shop_rows(alwaseet_order_id=courier_id)
    assert (order_id, "بغداد") == (row["order_id"], row["city_name"])
    assert any(isinstance(event, ShipmentDecided) for event in told)
    assert isinstance(await shipping.run(order_id), Finished)


async def test_settle_takes_an_unclear_shipment_too(shipping: Shipping) -> None:
    order_id = await shipping.send(Answer.DROPPED)
    assert (await shipping.shipments.settle(order_id, parcel_of(shipping))).state is ShipmentState.RECORDED


async def test_settle_does_not_believe_an_id_that_the_courier_does_not_confirm(shipping: Shipping) -> None:
    order_id = await held(shipping)
    other = await shipping.order(customer_phone="07705550000")
    await shipping.run(other)
    foreign = parcel_of(shipping, "+9647801112223")
    for courier_id, why in (("12345", "shows no order"), (foreign, "another phone")):
        with pytest.raises(Unconfirmed, match=f"{why}.*--courier-id {courier_id} --yes"):
            await shipping.shipments.settle(order_id, courier_id)
    await shipping.sandbox.stop()
    with pytest.raises(Unconfirmed, match="cannot be asked"):
        await shipping.shipments.settle(order_id, "12345")
    assert (await shipping.shipments.journal.get(order_id)).state is ShipmentState.HELD


async def test_settled_shipment_can_be_corrected(shipping: Shipping) -> None:
    """One mistyped digit: the row that was made up is gone, and the parcel is linked."""
    order_id = await held(shipping)
    wrong = await shipping.shipments.settle(order_id, "12345", unconfirmed=True)
    assert (ShipmentState.RECORDED, True) == (wrong.state, wrong.unconfirmed)
    assert [order_id] == [row["order_id"] for row in await shipping.shop_rows(alwaseet_order_id="12345")]
    courier_id = parcel_of(shipping)
    corrected = await shipping.shipments.settle(order_id, courier_id)
    assert (courier_id, frozenset({courier_id}), False) == (corrected.courier_id, corrected.ids, corrected.unconfirmed)
    assert [] == await shipping.shop_rows(alwaseet_order_id="12345")
    assert [courier_id] == [row["alwaseet_order_id"] for row in await shipping.shop_rows(order_id=order_id)]


async def test_unconfirmed_word_is_no_parcel_that_a_list_must_show(shipping: Shipping) -> None:
    order_id = await held(shipping)
    await shipping.shipments.settle(order_id, "12345", unconfirmed=True)
    assert "12345" not in {each for parcel in await shipping.shipments.journal.parcels(START) for each in parcel.ids}


@pytest.mark.every_row
@pytest.mark.parametrize("ours", [True, False])
async def test_settle_overrules_a_second_shipment_of_the_order_in_the_shop(shipping: Shipping, *, ours: bool) -> None:
    order_id = await shipping.send(Answer.RESET)
    await make_shipment(shipping.shop, order_id=order_id, alwaseet_order_id="777")
    ending = await shipping.run_to_end(order_id)
    assert isinstance(ending, NeedsPerson)
    assert "already has courier order 777" in ending.reason.text
    decided = next(iter(shipping.sandbox.orders)) if ours else "777"
    assert (await shipping.shipments.settle(order_id, decided, unconfirmed=not ours)).state is ShipmentState.RECORDED
    assert {"777", decided} == {row["alwaseet_order_id"] for row in await shipping.shop_rows(order_id=order_id)}


async def test_settle_while_the_shop_is_gone_leaves_the_row_to_a_job(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = await held(shipping)

    async def gone(*_: object, **__: object) -> None:
        raise ShopUnreachable("no such file")

    monkeypatch.setattr(Shop, "in_transaction", gone)
    settled = await shipping.shipments.settle(order_id, parcel_of(shipping))
    monkeypatch.undo()
    assert (ShipmentState.CREATED, [order_id]) == (settled.state, shipping.enqueued)
    assert isinstance(await shipping.run(order_id), Finished)


@pytest.mark.parametrize("courier_id", ["", "abc", "12 3", "٤٢", "-1", "0", "000", "9" * 20])
async def test_settle_wants_the_digits_of_a_courier_order(shipping: Shipping, courier_id: str) -> None:
    order_id = await held(shipping)
    with pytest.raises(BadArguments, match="courier_id"):
        await shipping.shipments.settle(order_id, courier_id)


async def test_settle_refuses_a_courier_order_of_another_order(shipping: Shipping) -> None:
    other = await shipping.order()
    await shipping.run(other)
    [taken] = shipping.sandbox.orders
    await shipping.clock.advance(timedelta(days=2))
    order_id = await held(shipping)
    await make_shipment(shipping.shop, order_id=other, alwaseet_order_id="555")
    for courier_id in (taken, "555"):
        with pytest.raises(WrongState, match=f"belongs to order {other}"):
            await shipping.shipments.settle(order_id, courier_id)
    assert (await shipping.shipments.journal.get(order_id)).state is ShipmentState.HELD


async def test_resend_sends_the_same_reference_once_more(shipping: Shipping) -> None:
    order_id = await held(shipping)
    reference = (await shipping.shipments.journal.get(order_id)).reference
    assert (await shipping.shipments.resend(order_id)).state is ShipmentState.WITHDRAWN
    assert [order_id] == shipping.enqueued
    assert isinstance(await shipping.run(order_id), Finished)
    assert [reference] == [
        parcel.merchant_notes for parcel in shipping.sandbox.orders.values() if parcel.client_mobile == "+9647701234567"
    ]


async def test_first_parcel_that_turns_up_after_the_word_to_resend_is_taken(shipping: Shipping) -> None:
    order_id, parcel = await held_and_hidden(shipping)
    await shipping.shipments.resend(order_id)
    shipping.sandbox.orders[parcel.id] = parcel
    await shipping.shipments.reconcile()
    assert isinstance(await shipping.run(order_id), Finished)
    assert shipping.sandbox.count("create-order") == 2


async def test_word_to_resend_may_be_said_again_if_the_daemon_ended_before_the_job_was_stored(
    shipping: Shipping,
) -> None:
    order_id = await held(shipping)
    await shipping.shipments.journal.send_again(order_id)
    assert (await shipping.shipments.resend(order_id)).state is ShipmentState.WITHDRAWN
    assert [order_id] == shipping.enqueued


@pytest.mark.parametrize("action", ["settle", "resend"])
async def test_decision_on_what_was_never_intended_is_not_found(shipping: Shipping, action: str) -> None:
    args = ("1",) if action == "settle" else ()
    with pytest.raises(
        NotFound, match=r"no row for order 4812; see what became of its job: paranadctl jobs list --task"
    ):
        await getattr(shipping.shipments, action)(4812, *args)
    with pytest.raises(NotFound):
        await shipping.shipments.journal.get(4812)


@pytest.mark.parametrize("action", ["settle", "resend"])
async def test_recorded_shipment_cannot_be_decided(shipping: Shipping, action: str) -> None:
    order_id = await shipping.order()
    await shipping.run(order_id)
    with pytest.raises(
        WrongState, match=r"is recorded, and only one that is held .*; look at it: paranadctl shipments show"
    ):
        await getattr(shipping.shipments, action)(order_id, *(("1",) if action == "settle" else ()))


async def test_intended_shipment_cannot_be_resent(shipping: Shipping) -> None:
    order_id = await shipping.send(Answer.DROPPED)
    with pytest.raises(WrongState, match="is intended, and only one that is held can be sent again"):
        await shipping.shipments.resend(order_id)


@pytest.mark.parametrize("patience", [BRIEFLY])
async def test_decision_and_list_leave_a_request_under_way_alone(shipping: Shipping) -> None:
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.SILENT)
    job = asyncio.create_task(shipping.run(order_id))
    await shipping.sandbox.asked("create-order")
    with pytest.raises(WrongState, match="under way; try again"):
        await shipping.shipments.settle(order_id, "1")
    assert Report(complete=True) == await shipping.shipments.reconcile()
    await job
    assert (await shipping.shipments.journal.get(order_id)).state is ShipmentState.INTENDED


async def test_request_that_leaves_while_a_list_is_applied_is_left_alone(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await shipping.order(), await shipping.order(customer_phone="07705550000")
    shipping.sandbox.next("create-order", Answer.RESET, Answer.RESET)
    await shipping.run(first)
    await shipping.run(second)
    orders, journal = shipping.shipments.tools.orders, shipping.shipments.journal
    write = orders.write
    flight = ExitStack()

    async def leaving(*args: Any) -> Said | None:
        flight.enter_context(journal.in_flight(second))
        return await write(*args)

    monkeypatch.setattr(orders, "write", leaving)
    assert Report(looked_at=1, settled=1, complete=True) == await shipping.shipments.reconcile()
    assert (await shipping.shipments.journal.get(second)).state is ShipmentState.INTENDED


async def test_reconcile_settles_what_it_finds_and_counts_what_it_lacks(shipping: Shipping) -> None:
    await shipping.teach_references()
    found, lost = await shipping.order(), await shipping.order(customer_phone="07705550000")
    shipping.sandbox.next("create-order", Answer.RESET, Answer.DROPPED)
    await shipping.run(found)
    await shipping.run(lost)
    await shipping.clock.advance(SETTLE_TIME / 3)
    await shipping.another_ships()
    assert Report(looked_at=2, settled=1, waiting=1, complete=True) == await shipping.shipments.reconcile()
    assert (await shipping.shipments.journal.get(found)).state is ShipmentState.RECORDED
    assert (await shipping.shipments.journal.get(lost)).absences == 1


async def test_lists_that_come_quickly_count_once(shipping: Shipping) -> None:
    order_id = await shipping.send(Answer.DROPPED)
    await shipping.clock.advance(SETTLE_TIME / 3)
    await shipping.another_ships()
    for _ in range(5):
        await shipping.shipments.reconcile()
        await shipping.clock.advance(timedelta(seconds=1))
    assert (await shipping.shipments.journal.get(order_id)).absences == 1


async def test_reconcile_settles_a_held_shipment_that_the_list_shows_after_all(shipping: Shipping) -> None:
    order_id, parcel = await held_and_hidden(shipping)
    shipping.sandbox.orders[parcel.id] = parcel
    assert Report(looked_at=1, settled=1, complete=True) == await shipping.shipments.reconcile()
    assert (await shipping.shipments.journal.get(order_id)).state is ShipmentState.RECORDED


async def test_reconcile_writes_the_row_that_the_shop_lacks(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = await shipping.order()
    monkeypatch.setattr(shipping.shipments.tools.orders, "write", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        await shipping.run(order_id)
    shipping.start()
    await shipping.shipments.reconcile()
    assert (await shipping.shipments.journal.get(order_id)).state is ShipmentState.RECORDED


async def test_reconcile_says_that_the_courier_is_unreachable(shipping: Shipping) -> None:
    await shipping.shipments.reconcile()
    await shipping.sandbox.stop()
    with pytest.raises(CourierRefused):
        await shipping.shipments.reconcile()


async def test_abandoned_shipment_is_held_never_dropped(shipping: Shipping, told: list[Event]) -> None:
    order_id = await shipping.send(Answer.DROPPED)
    await shipping.shipments.abandon(order_id)
    held = await shipping.shipments.journal.get(order_id)
    assert (ShipmentState.HELD, reasons.GIVEN_UP()) == (held.state, held.reason)
    assert isinstance(told[-1], ShipmentHeld)


async def test_unclear_shipment_without_a_job_is_held_after_a_day(shipping: Shipping) -> None:
    await shipping.teach_references()
    order_id = await shipping.send(Answer.DROPPED)
    for _ in range(4):
        await shipping.clock.advance(timedelta(hours=8))
        await shipping.shipments.reconcile()
    assert (await shipping.shipments.journal.get(order_id)).state is ShipmentState.HELD


async def test_list_pages_from_the_newest_order_and_leaves_out_the_recorded(shipping: Shipping) -> None:
    done = await shipping.order()
    await shipping.run(done)
    waiting = [await shipping.order(customer_phone=f"0770000000{number}") for number in range(3)]
    shipping.sandbox.next("create-order", *[Answer.DROPPED] * 3)
    for order_id in waiting:
        await shipping.run(order_id)
    first = await shipping.shipments.journal.list(None, 2, None)
    second = await shipping.shipments.journal.list(None, 2, first.next_cursor)
    assert waiting[::-1] == [shipment.order_id for shipment in (*first.items, *second.items)]
    assert second.next_cursor is None
    assert [done] == [
        each.order_id for each in (await shipping.shipments.journal.list(ShipmentState.RECORDED, 10, None)).items
    ]
    assert [] == (await shipping.shipments.journal.list(ShipmentState.HELD, 10, None)).items
    with pytest.raises(BadRequest, match="cursor"):
        await shipping.shipments.journal.list(None, 2, "x")


async def _interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
