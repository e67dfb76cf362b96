"""An order that a worker of the shop had before: the courier may have it without our reference: it begins unclear."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from paranad.events.event import Event
from paranad.sandbox.answers import Answer
from paranad.shipments import reasons
from paranad.shipments.model import Ending, Finished, NeedsPerson, Sender, ShipmentState, Skipped, Waiting
from paranad.shipments.request import ShipmentPrice
from paranad.shop.tables import orders
from tests.support.shipping import SETTLE_TIME, House, names
from tests.support.shop import make_shipment

THIRD = SETTLE_TIME / 3


async def run(house: House, order_id: int, owner: str = "job:1") -> Ending:
    return await house.shipments.create(order_id, Sender(owner, lambda: house.shield, tried_by_php=True))


async def run_to_end(house: House, order_id: int, *, witness: bool = False) -> Ending:
    for number in range(12):
        if witness and number == 1:
            await house.another_ships()
        ending = await run(house, order_id)
        if not isinstance(ending, Waiting):
            return ending
        await house.until(ending.until)
    raise AssertionError("it did not come to an end")


async def sent_by_php(house: House, *, later: timedelta = timedelta(seconds=20), **fields: str) -> str:
    """Let the shop's own job have sent the order: without a reference, at its total."""
    await house.clock.advance(later)
    asked = {"client_mobile": "+9647701234567", "price": "25000.00", "city_id": "1", "region_id": "15", **fields}
    return house.sandbox.books.add_order(asked).id


async def change(house: House, order_id: int, **values: Any) -> None:
    async with house.shop.transaction() as connection:
        await connection.execute(orders.update().where(orders.c.id == order_id).values(**values))


async def test_order_that_php_has_sent_is_found_and_not_sent_again(house: House, told: list[Event]) -> None:
    order_id = await house.order()
    courier_id = await sent_by_php(house)
    first = await run(house, order_id)
    assert isinstance(first, Waiting)
    assert "a worker of the shop had the order before" in first.reason.text
    ending = await run_to_end(house, order_id)
    assert isinstance(ending, Finished)
    assert courier_id == ending.shipment.courier_id
    assert 0 == house.sandbox.count("create-order")
    assert [order_id] == [row["order_id"] for row in await house.shop_rows(alwaseet_order_id=courier_id)]
    assert ["shipment.unclear", "shipment.reconciled", "shipment.recorded"] == names(told)


async def test_order_that_php_has_not_sent_is_sent_after_three_lists(house: House) -> None:
    await house.teach_references()
    order_id = await house.order()
    started_at = house.clock.now()
    ending = await run_to_end(house, order_id, witness=True)
    assert isinstance(ending, Finished)
    assert 3 * THIRD == house.clock.now() - started_at
    assert [reasons.TRIED_BY_PHP.code] == [suspicion.code for suspicion in ending.shipment.suspicions]
    assert [1] == [attempt.number for attempt in ending.shipment.attempts]
    assert 3 == house.sandbox.count("create-order")


async def test_attempt_that_was_not_made_is_not_shown(house: House) -> None:
    order_id = await house.order()
    await run(house, order_id)
    shipment = await house.shipments.journal.get(order_id)
    assert ((), [reasons.TRIED_BY_PHP.code]) == (shipment.attempts, [each.code for each in shipment.suspicions])


async def test_it_is_held_while_lists_have_never_shown_a_reference(house: House) -> None:
    house.sandbox.behaviour.returns_notes = False
    order_id = await house.order()
    ending = await run_to_end(house, order_id, witness=True)
    assert isinstance(ending, NeedsPerson)
    assert ShipmentState.HELD is (await house.shipments.journal.get(order_id)).state
    assert 1 == house.sandbox.count("create-order")


async def test_price_that_php_sent_has_no_fee(house: House) -> None:
    house.price = ShipmentPrice.TOTAL_PLUS_FEE
    house.start()
    order_id = await house.order()
    courier_id = await sent_by_php(house)
    ending = await run_to_end(house, order_id)
    assert isinstance(ending, Finished)
    assert courier_id == ending.shipment.courier_id


async def test_courier_order_with_its_phone_and_another_price_is_held(house: House) -> None:
    await house.teach_references()
    order_id = await house.order()
    courier_id = await sent_by_php(house, price="30000")
    ending = await run_to_end(house, order_id)
    assert isinstance(ending, NeedsPerson)
    assert courier_id in ending.reason.text
    assert 1 == house.sandbox.count("create-order")


async def test_courier_order_whose_phone_is_not_shown_is_held(house: House) -> None:
    await house.teach_references()
    order_id = await house.order()
    courier_id = await sent_by_php(house)
    house.sandbox.orders[courier_id].client_mobile = ""
    ending = await run_to_end(house, order_id)
    assert isinstance(ending, NeedsPerson)
    assert courier_id in ending.reason.text


async def test_courier_order_from_before_the_shop_s_order_is_another_one(house: House) -> None:
    await house.teach_references()
    await sent_by_php(house, price="30000")
    await house.clock.advance(timedelta(hours=25))
    assert isinstance(await run_to_end(house, await house.order(), witness=True), Finished)


async def test_courier_order_of_another_order_is_another_one(house: House) -> None:
    await house.teach_references()
    order_id = await house.order()
    courier_id = await sent_by_php(house, price="30000")
    await make_shipment(house.shop, order_id=await house.order(), alwaseet_order_id=courier_id)
    assert isinstance(await run_to_end(house, order_id, witness=True), Finished)


async def test_order_that_was_changed_since_is_held_rather_than_sent(house: House) -> None:
    """Its phone may be another one now than the one that the shop's worker sent."""
    await house.teach_references()
    order_id = await house.order()
    await change(house, order_id, updated_at=house.shop.now() + timedelta(minutes=1))
    ending = await run_to_end(house, order_id, witness=True)
    assert isinstance(ending, NeedsPerson)
    assert "changed since" in ending.reason.text
    assert 2 == house.sandbox.count("create-order")


async def test_shipment_that_the_shop_already_has_needs_no_list(house: House) -> None:
    order_id = await house.order()
    await make_shipment(house.shop, order_id=order_id, alwaseet_order_id="777")
    assert isinstance(await run(house, order_id), Skipped)
    assert 0 == house.sandbox.count("merchant-orders")


async def test_order_that_nobody_can_send_is_not_looked_for(house: House) -> None:
    order_id = await house.order(total_amount=Decimal(0))
    assert isinstance(await run(house, order_id), NeedsPerson)


async def test_refusal_of_our_own_request_does_not_begin_it_all_anew(house: House) -> None:
    await house.teach_references()
    order_id = await house.order()
    await run(house, order_id)
    await house.clock.advance(SETTLE_TIME / 3)
    await house.another_ships()
    house.sandbox.next("create-order", Answer.REFUSED)
    assert isinstance(await run_to_end(house, order_id), NeedsPerson)
    ending = await run(house, order_id)
    assert isinstance(ending, Finished)
    assert (1, 2) == (len(ending.shipment.suspicions), len(ending.shipment.attempts))


async def test_order_that_php_had_again_since_is_unclear_again(house: House) -> None:
    """Refused here, given back to the shop, tried there, and back: another job finds it."""
    await house.teach_references()
    order_id = await house.order()
    house.sandbox.next("create-order", Answer.REFUSED)
    assert isinstance(await house.run(order_id), NeedsPerson)
    courier_id = await sent_by_php(house)
    assert isinstance(await run(house, order_id, "job:2"), Waiting)
    await house.clock.advance(THIRD)
    ending = await run(house, order_id, "job:2")
    assert isinstance(ending, Finished)
    assert courier_id == ending.shipment.courier_id


async def test_old_order_is_given_three_lists_too(house: House) -> None:
    """A backlog of days is no reason to hold everything in it."""
    await house.teach_references()
    order_id = await house.order()
    await house.clock.advance(timedelta(days=3))
    await house.teach_references()
    assert isinstance(await run_to_end(house, order_id, witness=True), Finished)


async def test_row_that_is_clearly_younger_than_its_order_begins_as_unclear(house: House) -> None:
    """`php artisan queue:retry` of an order that PHP had sent eight days before: attempts are 0 again."""
    order_id = await house.order()
    courier_id = await sent_by_php(house)
    await house.clock.advance(timedelta(days=8))
    errand = Sender("job:5", lambda: house.shield, asked_at=house.clock.now())
    first = await house.shipments.create(order_id, errand)
    assert isinstance(first, Waiting)
    assert "younger than the order" in first.reason.text
    await house.until(first.until)
    ending = await house.shipments.create(order_id, errand)
    assert isinstance(ending, Finished)
    assert courier_id == ending.shipment.courier_id
    assert 0 == house.sandbox.count("create-order")


async def test_row_that_is_as_old_as_its_order_is_sent_at_once(house: House) -> None:
    order_id = await house.order()
    await house.clock.advance(timedelta(minutes=1))
    asked_at = house.clock.now()
    errand = Sender("job:5", lambda: house.shield, asked_at=asked_at)
    await house.clock.advance(timedelta(days=1))
    assert isinstance(await house.shipments.create(order_id, errand), Finished)


async def test_foreign_text_that_looks_like_a_reference_hides_no_parcel(house: House) -> None:
    """PHP sent it with the order's own note, which holds a product code."""
    await house.teach_references()
    order_id = await house.order()
    courier_id = await sent_by_php(house, merchant_notes="P2-ABCD")
    ending = await run_to_end(house, order_id, witness=True)
    assert isinstance(ending, NeedsPerson)
    assert courier_id in ending.reason.text
    assert 2 == house.sandbox.count("create-order")


async def test_two_orders_of_one_customer_do_not_share_what_php_sent(house: House) -> None:
    await house.teach_references()
    first, second = await house.order(), await house.order()
    await sent_by_php(house)
    await run(house, first)
    await run(house, second)
    for order_id in (first, second):
        ending = await run_to_end(house, order_id)
        assert isinstance(ending, NeedsPerson)
        assert "another order of this phone waits too" in ending.reason.text
