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
from tests.support.shipping import SETTLE_TIME, House
from tests.support.shop import make_shipment


async def held(house: House, answer: Answer = Answer.DROPPED) -> int:
    """Return an order whose shipment is held, since the lists prove nothing."""
    house.sandbox.behaviour.returns_notes = False
    order_id = await house.order()
    house.sandbox.next("create-order", answer)
    assert isinstance(await house.run_to_end(order_id, witness=True), NeedsPerson)
    return order_id


async def held_and_hidden(house: House) -> tuple[int, SandboxOrder]:
    """Return an order whose shipment is held, and its parcel, which the courier's lists have not shown."""
    order_id = await house.order()
    house.sandbox.next("create-order", Answer.RESET)
    ending = await house.run(order_id)
    [parcel] = house.sandbox.orders.values()
    del house.sandbox.orders[parcel.id]
    house.sandbox.behaviour.returns_notes = False
    await house.clock.advance(SETTLE_TIME / 3)
    await house.another_ships()
    ending = await house.run_to_end(order_id)
    assert isinstance(ending, NeedsPerson)
    house.sandbox.behaviour.returns_notes = True
    return order_id, parcel


def parcel_of(house: House, phone: str = "+9647701234567") -> str:
    """Return the courier's id of a parcel with *phone*, made in the courier's own pages."""
    fields = {"client_mobile": phone, "price": "25000", "city_id": "1", "region_id": "15"}
    return house.sandbox.books.add_order(fields).id


async def test_held_shipment_is_told_and_counted(house: House, told: list[Event]) -> None:
    order_id = await held(house)
    [event] = [event for event in told if isinstance(event, ShipmentHeld)]
    assert order_id == event.order_id
    assert {ShipmentState.HELD: 1} == await house.shipments.journal.counts()
    assert [order_id] == list(await house.shipments.journal.held_orders(100))


async def test_held_shipment_stays_stuck_and_sends_nothing(house: House) -> None:
    order_id = await held(house)
    ending = await house.run(order_id)
    assert isinstance(ending, NeedsPerson)
    assert f"paranadctl shipments show {order_id}" in ending.reason.text
    assert house.sandbox.count("create-order") == 2


async def test_settle_links_the_courier_order_and_records_it(house: House, told: list[Event]) -> None:
    order_id = await held(house)
    courier_id = parcel_of(house)
    settled = await house.shipments.settle(order_id, courier_id)
    assert (ShipmentState.RECORDED, courier_id, False) == (settled.state, settled.courier_id, settled.unconfirmed)
    [row] = await house.shop_rows(alwaseet_order_id=courier_id)
    assert (order_id, "بغداد") == (row["order_id"], row["city_name"])
    assert any(isinstance(event, ShipmentDecided) for event in told)
    assert isinstance(await house.run(order_id), Finished)


async def test_settle_takes_an_unclear_shipment_too(house: House) -> None:
    order_id = await house.order()
    house.sandbox.next("create-order", Answer.DROPPED)
    await house.run(order_id)
    assert (await house.shipments.settle(order_id, parcel_of(house))).state is ShipmentState.RECORDED


async def test_settle_does_not_believe_an_id_that_the_courier_does_not_confirm(house: House) -> None:
    order_id = await held(house)
    other = await house.order(customer_phone="07705550000")
    await house.run(other)
    foreign = parcel_of(house, "+9647801112223")
    for courier_id, why in (("12345", "shows no order"), (foreign, "another phone")):
        with pytest.raises(Unconfirmed, match=f"{why}.*--courier-id {courier_id} --yes"):
            await house.shipments.settle(order_id, courier_id)
    await house.sandbox.stop()
    with pytest.raises(Unconfirmed, match="cannot be asked"):
        await house.shipments.settle(order_id, "12345")
    assert (await house.shipments.journal.get(order_id)).state is ShipmentState.HELD


async def test_settled_shipment_can_be_corrected(house: House) -> None:
    """One mistyped digit: the row that was made up is gone, and the parcel is linked."""
    order_id = await held(house)
    wrong = await house.shipments.settle(order_id, "12345", unconfirmed=True)
    assert (ShipmentState.RECORDED, True) == (wrong.state, wrong.unconfirmed)
    assert [order_id] == [row["order_id"] for row in await house.shop_rows(alwaseet_order_id="12345")]
    courier_id = parcel_of(house)
    corrected = await house.shipments.settle(order_id, courier_id)
    assert (courier_id, frozenset({courier_id}), False) == (corrected.courier_id, corrected.ids, corrected.unconfirmed)
    assert [] == await house.shop_rows(alwaseet_order_id="12345")
    assert [courier_id] == [row["alwaseet_order_id"] for row in await house.shop_rows(order_id=order_id)]


async def test_unconfirmed_word_is_no_parcel_that_a_list_must_show(house: House) -> None:
    order_id = await held(house)
    await house.shipments.settle(order_id, "12345", unconfirmed=True)
    assert "12345" not in {each for parcel in await house.shipments.journal.parcels(START) for each in parcel.ids}


@pytest.mark.parametrize("ours", [True, False])
async def test_settle_overrules_a_second_shipment_of_the_order_in_the_shop(house: House, *, ours: bool) -> None:
    order_id = await house.order()
    house.sandbox.next("create-order", Answer.RESET)
    await house.run(order_id)
    await make_shipment(house.shop, order_id=order_id, alwaseet_order_id="777")
    ending = await house.run_to_end(order_id)
    assert isinstance(ending, NeedsPerson)
    assert "already has courier order 777" in ending.reason.text
    decided = next(iter(house.sandbox.orders)) if ours else "777"
    assert (await house.shipments.settle(order_id, decided, unconfirmed=not ours)).state is ShipmentState.RECORDED
    assert {"777", decided} == {row["alwaseet_order_id"] for row in await house.shop_rows(order_id=order_id)}


async def test_settle_while_the_shop_is_gone_leaves_the_row_to_a_job(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = await held(house)

    async def gone(*_: object, **__: object) -> None:
        raise ShopUnreachable("no such file")

    monkeypatch.setattr(Shop, "in_transaction", gone)
    settled = await house.shipments.settle(order_id, parcel_of(house))
    monkeypatch.undo()
    assert (ShipmentState.CREATED, [order_id]) == (settled.state, house.enqueued)
    assert isinstance(await house.run(order_id), Finished)


@pytest.mark.parametrize("courier_id", ["", "abc", "12 3", "٤٢", "-1", "0", "000", "9" * 20])
async def test_settle_wants_the_digits_of_a_courier_order(house: House, courier_id: str) -> None:
    order_id = await held(house)
    with pytest.raises(BadArguments, match="courier_id"):
        await house.shipments.settle(order_id, courier_id)


async def test_settle_refuses_a_courier_order_of_another_order(house: House) -> None:
    other = await house.order()
    await house.run(other)
    [taken] = house.sandbox.orders
    await house.clock.advance(timedelta(days=2))
    order_id = await held(house)
    await make_shipment(house.shop, order_id=other, alwaseet_order_id="555")
    for courier_id in (taken, "555"):
        with pytest.raises(WrongState, match=f"belongs to order {other}"):
            await house.shipments.settle(order_id, courier_id)
    assert (await house.shipments.journal.get(order_id)).state is ShipmentState.HELD


async def test_resend_sends_the_same_reference_once_more(house: House) -> None:
    order_id = await held(house)
    reference = (await house.shipments.journal.get(order_id)).reference
    assert (await house.shipments.resend(order_id)).state is ShipmentState.WITHDRAWN
    assert [order_id] == house.enqueued
    assert isinstance(await house.run(order_id), Finished)
    assert [reference] == [
        parcel.merchant_notes for parcel in house.sandbox.orders.values() if parcel.client_mobile == "+9647701234567"
    ]


async def test_first_parcel_that_turns_up_after_the_word_to_resend_is_taken(house: House) -> None:
    order_id, parcel = await held_and_hidden(house)
    await house.shipments.resend(order_id)
    house.sandbox.orders[parcel.id] = parcel
    await house.shipments.reconcile()
    assert isinstance(await house.run(order_id), Finished)
    assert house.sandbox.count("create-order") == 2


async def test_word_to_resend_may_be_said_again_if_the_daemon_ended_before_the_job_was_stored(house: House) -> None:
    order_id = await held(house)
    await house.shipments.journal.send_again(order_id)
    assert (await house.shipments.resend(order_id)).state is ShipmentState.WITHDRAWN
    assert [order_id] == house.enqueued


@pytest.mark.parametrize("action", ["settle", "resend"])
async def test_decision_on_what_was_never_intended_is_not_found(house: House, action: str) -> None:
    args = ("1",) if action == "settle" else ()
    with pytest.raises(
        NotFound, match=r"no row for order 4812; see what became of its job: paranadctl jobs list --task"
    ):
        await getattr(house.shipments, action)(4812, *args)
    with pytest.raises(NotFound):
        await house.shipments.journal.get(4812)


@pytest.mark.parametrize("action", ["settle", "resend"])
async def test_recorded_shipment_cannot_be_decided(house: House, action: str) -> None:
    order_id = await house.order()
    await house.run(order_id)
    with pytest.raises(
        WrongState, match=r"is recorded, and only one that is held .*; look at it: paranadctl shipments show"
    ):
        await getattr(house.shipments, action)(order_id, *(("1",) if action == "settle" else ()))


async def test_intended_shipment_cannot_be_resent(house: House) -> None:
    order_id = await house.order()
    house.sandbox.next("create-order", Answer.DROPPED)
    await house.run(order_id)
    with pytest.raises(WrongState, match="is intended, and only one that is held can be sent again"):
        await house.shipments.resend(order_id)


async def test_decision_and_list_leave_a_request_under_way_alone(house: House) -> None:
    order_id = await house.order()
    house.sandbox.next("create-order", Answer.SILENT)
    job = asyncio.create_task(house.run(order_id))
    await house.sandbox.asked("create-order")
    with pytest.raises(WrongState, match="under way; try again"):
        await house.shipments.settle(order_id, "1")
    assert Report(complete=True) == await house.shipments.reconcile()
    await job
    assert (await house.shipments.journal.get(order_id)).state is ShipmentState.INTENDED


async def test_request_that_leaves_while_a_list_is_applied_is_left_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await house.order(), await house.order(customer_phone="07705550000")
    house.sandbox.next("create-order", Answer.RESET, Answer.RESET)
    await house.run(first)
    await house.run(second)
    orders, journal = house.shipments.tools.orders, house.shipments.journal
    write = orders.write
    flight = ExitStack()

    async def leaving(*args: Any) -> Said | None:
        flight.enter_context(journal.in_flight(second))
        return await write(*args)

    monkeypatch.setattr(orders, "write", leaving)
    assert Report(looked_at=1, settled=1, complete=True) == await house.shipments.reconcile()
    assert (await house.shipments.journal.get(second)).state is ShipmentState.INTENDED


async def test_reconcile_settles_what_it_finds_and_counts_what_it_lacks(house: House) -> None:
    await house.teach_references()
    found, lost = await house.order(), await house.order(customer_phone="07705550000")
    house.sandbox.next("create-order", Answer.RESET, Answer.DROPPED)
    await house.run(found)
    await house.run(lost)
    await house.clock.advance(SETTLE_TIME / 3)
    await house.another_ships()
    assert Report(looked_at=2, settled=1, waiting=1, complete=True) == await house.shipments.reconcile()
    assert (await house.shipments.journal.get(found)).state is ShipmentState.RECORDED
    assert (await house.shipments.journal.get(lost)).absences == 1


async def test_lists_that_come_quickly_count_once(house: House) -> None:
    order_id = await house.order()
    house.sandbox.next("create-order", Answer.DROPPED)
    await house.run(order_id)
    await house.clock.advance(SETTLE_TIME / 3)
    await house.another_ships()
    for _ in range(5):
        await house.shipments.reconcile()
        await house.clock.advance(timedelta(seconds=1))
    assert (await house.shipments.journal.get(order_id)).absences == 1


async def test_reconcile_settles_a_held_shipment_that_the_list_shows_after_all(house: House) -> None:
    order_id, parcel = await held_and_hidden(house)
    house.sandbox.orders[parcel.id] = parcel
    assert Report(looked_at=1, settled=1, complete=True) == await house.shipments.reconcile()
    assert (await house.shipments.journal.get(order_id)).state is ShipmentState.RECORDED


async def test_reconcile_writes_the_row_that_the_shop_lacks(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = await house.order()
    monkeypatch.setattr(house.shipments.tools.orders, "write", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        await house.run(order_id)
    house.start()
    await house.shipments.reconcile()
    assert (await house.shipments.journal.get(order_id)).state is ShipmentState.RECORDED


async def test_reconcile_says_that_the_courier_is_unreachable(house: House) -> None:
    await house.shipments.reconcile()
    await house.sandbox.stop()
    with pytest.raises(CourierRefused):
        await house.shipments.reconcile()


async def test_abandoned_shipment_is_held_never_dropped(house: House, told: list[Event]) -> None:
    order_id = await house.order()
    house.sandbox.next("create-order", Answer.DROPPED)
    await house.run(order_id)
    await house.shipments.abandon(order_id)
    held = await house.shipments.journal.get(order_id)
    assert (ShipmentState.HELD, reasons.GIVEN_UP()) == (held.state, held.reason)
    assert isinstance(told[-1], ShipmentHeld)


async def test_unclear_shipment_without_a_job_is_held_after_a_day(house: House) -> None:
    await house.teach_references()
    order_id = await house.order()
    house.sandbox.next("create-order", Answer.DROPPED)
    await house.run(order_id)
    for _ in range(4):
        await house.clock.advance(timedelta(hours=8))
        await house.shipments.reconcile()
    assert (await house.shipments.journal.get(order_id)).state is ShipmentState.HELD


async def test_list_pages_from_the_newest_order_and_leaves_out_the_recorded(house: House) -> None:
    done = await house.order()
    await house.run(done)
    waiting = [await house.order(customer_phone=f"0770000000{number}") for number in range(3)]
    house.sandbox.next("create-order", *[Answer.DROPPED] * 3)
    for order_id in waiting:
        await house.run(order_id)
    first = await house.shipments.journal.list(None, 2, None)
    second = await house.shipments.journal.list(None, 2, first.next_cursor)
    assert waiting[::-1] == [shipment.order_id for shipment in (*first.items, *second.items)]
    assert second.next_cursor is None
    assert [done] == [
        each.order_id for each in (await house.shipments.journal.list(ShipmentState.RECORDED, 10, None)).items
    ]
    assert [] == (await house.shipments.journal.list(ShipmentState.HELD, 10, None)).items
    with pytest.raises(BadRequest, match="cursor"):
        await house.shipments.journal.list(None, 2, "x")


async def _interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
