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
from tests.support.shipping import SETTLE_TIME, Shipping, names
from tests.support.shop import make_shipment

THIRD = SETTLE_TIME / 3


async def run(shipping: Shipping, order_id: int, owner: str = "job:1") -> Ending:
    return await shipping.shipments.create(order_id, Sender(owner, lambda: shipping.shield, tried_by_php=True))


async def run_to_end(shipping: Shipping, order_id: int, *, witness: bool = False) -> Ending:
    for number in range(12):
        if witness and number == 1:
            await shipping.another_ships()
        ending = await run(shipping, order_id)
        if not isinstance(ending, Waiting):
            return ending
        await shipping.until(ending.until)
    raise AssertionError("it did not come to an end")


async def sent_by_php(shipping: Shipping, *, later: timedelta = timedelta(seconds=20), **fields: str) -> str:
    """Let the shop's own job have sent the order: without a reference, at its total."""
    await shipping.clock.advance(later)
    asked = {"client_mobile": "+9647701234567", "price": "25000.00", "city_id": "1", "region_id": "15", **fields}
    return shipping.sandbox.books.add_order(asked).id


async def change(shipping: Shipping, order_id: int, **values: Any) -> None:
    async with shipping.shop.transaction() as connection:
        await connection.execute(orders.update().where(orders.c.id == order_id).values(**values))


async def test_order_that_php_has_sent_is_found_and_not_sent_again(shipping: Shipping, told: list[Event]) -> None:
    order_id = await shipping.order()
    courier_id = await sent_by_php(shipping)
    first = await run(shipping, order_id)
    assert isinstance(first, Waiting)
    assert "a worker of the shop had the order before" in first.reason.text
    ending = await run_to_end(shipping, order_id)
    assert isinstance(ending, Finished)
    assert courier_id == ending.shipment.courier_id
    assert 0 == shipping.sandbox.count("create-order")
    assert [order_id] == [row["order_id"] for row in await shipping.shop_rows(alwaseet_order_id=courier_id)]
    assert ["shipment.unclear", "shipment.reconciled", "shipment.recorded"] == names(told)


async def test_order_that_php_has_not_sent_is_sent_after_three_lists(shipping: Shipping) -> None:
    await shipping.teach_references()
    order_id = await shipping.order()
    started_at = shipping.clock.now()
    ending = await run_to_end(shipping, order_id, witness=True)
    assert isinstance(ending, Finished)
    assert 3 * THIRD == shipping.clock.now() - started_at
    assert [reasons.TRIED_BY_PHP.code] == [suspicion.code for suspicion in ending.shipment.suspicions]
    assert [1] == [attempt.number for attempt in ending.shipment.attempts]
    assert 3 == shipping.sandbox.count("create-order")


async def test_attempt_that_was_not_made_is_not_shown(shipping: Shipping) -> None:
    order_id = await shipping.order()
    await run(shipping, order_id)
    shipment = await shipping.shipments.journal.get(order_id)
    assert ((), [reasons.TRIED_BY_PHP.code]) == (shipment.attempts, [each.code for each in shipment.suspicions])


async def test_it_is_held_while_lists_have_never_shown_a_reference(shipping: Shipping) -> None:
    shipping.sandbox.behaviour.returns_notes = False
    order_id = await shipping.order()
    ending = await run_to_end(shipping, order_id, witness=True)
    assert isinstance(ending, NeedsPerson)
    assert ShipmentState.HELD is (await shipping.shipments.journal.get(order_id)).state
    assert 1 == shipping.sandbox.count("create-order")


async def test_price_that_php_sent_has_no_fee(shipping: Shipping) -> None:
    shipping.price = ShipmentPrice.TOTAL_PLUS_FEE
    shipping.start()
    order_id = await shipping.order()
    courier_id = await sent_by_php(shipping)
    ending = await run_to_end(shipping, order_id)
    assert isinstance(ending, Finished)
    assert courier_id == ending.shipment.courier_id


async def test_courier_order_with_its_phone_and_another_price_is_held(shipping: Shipping) -> None:
    await shipping.teach_references()
    order_id = await shipping.order()
    courier_id = await sent_by_php(shipping, price="30000")
    ending = await run_to_end(shipping, order_id)
    assert isinstance(ending, NeedsPerson)
    assert courier_id in ending.reason.text
    assert 1 == shipping.sandbox.count("create-order")


async def test_courier_order_whose_phone_is_not_shown_is_held(shipping: Shipping) -> None:
    await shipping.teach_references()
    order_id = await shipping.order()
    courier_id = await sent_by_php(shipping)
    shipping.sandbox.orders[courier_id].client_mobile = ""
    ending = await run_to_end(shipping, order_id)
    assert isinstance(ending, NeedsPerson)
    assert courier_id in ending.reason.text


async def test_courier_order_from_before_the_shop_s_order_is_another_one(shipping: Shipping) -> None:
    await shipping.teach_references()
    await sent_by_php(shipping, price="30000")
    await shipping.clock.advance(timedelta(hours=25))
    assert isinstance(await run_to_end(shipping, await shipping.order(), witness=True), Finished)


async def test_courier_order_of_another_order_is_another_one(shipping: Shipping) -> None:
    await shipping.teach_references()
    order_id = await shipping.order()
    courier_id = await sent_by_php(shipping, price="30000")
    await make_shipment(shipping.shop, order_id=await shipping.order(), alwaseet_order_id=courier_id)
    assert isinstance(await run_to_end(shipping, order_id, witness=True), Finished)


async def test_order_that_was_changed_since_is_held_rather_than_sent(shipping: Shipping) -> None:
    """Its phone may be another one now than the one that the shop's worker sent."""
    await shipping.teach_references()
    order_id = await shipping.order()
    await change(shipping, order_id, updated_at=shipping.shop.now() + timedelta(minutes=1))
    ending = await run_to_end(shipping, order_id, witness=True)
    assert isinstance(ending, NeedsPerson)
    assert "changed since" in ending.reason.text
    assert 2 == shipping.sandbox.count("create-order")


async def test_shipment_that_the_shop_already_has_needs_no_list(shipping: Shipping) -> None:
    order_id = await shipping.order()
    await make_shipment(shipping.shop, order_id=order_id, alwaseet_order_id="777")
    assert isinstance(await run(shipping, order_id), Skipped)
    assert 0 == shipping.sandbox.count("merchant-orders")


async def test_order_that_nobody_can_send_is_not_looked_for(shipping: Shipping) -> None:
    order_id = await shipping.order(total_amount=Decimal(0))
    assert isinstance(await run(shipping, order_id), NeedsPerson)


async def test_refusal_of_our_own_request_does_not_begin_it_all_anew(shipping: Shipping) -> None:
    await shipping.teach_references()
    order_id = await shipping.order()
    await run(shipping, order_id)
    await shipping.clock.advance(SETTLE_TIME / 3)
    await shipping.another_ships()
    shipping.sandbox.next("create-order", Answer.REFUSED)
    assert isinstance(await run_to_end(shipping, order_id), NeedsPerson)
    ending = await run(shipping, order_id)
    assert isinstance(ending, Finished)
    assert (1, 2) == (len(ending.shipment.suspicions), len(ending.shipment.attempts))


async def test_order_that_php_had_again_since_is_unclear_again(shipping: Shipping) -> None:
    """Refused here, given back to the shop, tried there, and back: another job finds it."""
    await shipping.teach_references()
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.REFUSED)
    assert isinstance(await shipping.run(order_id), NeedsPerson)
    courier_id = await sent_by_php(shipping)
    assert isinstance(await run(shipping, order_id, "job:2"), Waiting)
    await shipping.clock.advance(THIRD)
    ending = await run(shipping, order_id, "job:2")
    assert isinstance(ending, Finished)
    assert courier_id == ending.shipment.courier_id


async def test_old_order_is_given_three_lists_too(shipping: Shipping) -> None:
    """A backlog of days is no reason to hold everything in it."""
    await shipping.teach_references()
    order_id = await shipping.order()
    await shipping.clock.advance(timedelta(days=3))
    await shipping.teach_references()
    assert isinstance(await run_to_end(shipping, order_id, witness=True), Finished)


async def test_row_that_is_clearly_younger_than_its_order_begins_as_unclear(shipping: Shipping) -> None:
    """`php artisan queue:retry` of an order that PHP had sent eight days before: attempts are 0 again."""
    order_id = await shipping.order()
    courier_id = await sent_by_php(shipping)
    await shipping.clock.advance(timedelta(days=8))
    errand = Sender("job:5", lambda: shipping.shield, asked_at=shipping.clock.now())
    first = await shipping.shipments.create(order_id, errand)
    assert isinstance(first, Waiting)
    assert "younger than the order" in first.reason.text
    await shipping.until(first.until)
    ending = await shipping.shipments.create(order_id, errand)
    assert isinstance(ending, Finished)
    assert courier_id == ending.shipment.courier_id
    assert 0 == shipping.sandbox.count("create-order")


async def test_row_that_is_as_old_as_its_order_is_sent_at_once(shipping: Shipping) -> None:
    order_id = await shipping.order()
    await shipping.clock.advance(timedelta(minutes=1))
    asked_at = shipping.clock.now()
    errand = Sender("job:5", lambda: shipping.shield, asked_at=asked_at)
    await shipping.clock.advance(timedelta(days=1))
    assert isinstance(await shipping.shipments.create(order_id, errand), Finished)


async def test_foreign_text_that_looks_like_a_reference_hides_no_parcel(shipping: Shipping) -> None:
    """PHP sent it with the order's own note, which holds a product code."""
    await shipping.teach_references()
    order_id = await shipping.order()
    courier_id = await sent_by_php(shipping, merchant_notes="P2-ABCD")
    ending = await run_to_end(shipping, order_id, witness=True)
    assert isinstance(ending, NeedsPerson)
    assert courier_id in ending.reason.text
    assert 2 == shipping.sandbox.count("create-order")


async def test_two_orders_of_one_customer_do_not_share_what_php_sent(shipping: Shipping) -> None:
    await shipping.teach_references()
    first, second = await shipping.order(), await shipping.order()
    await sent_by_php(shipping)
    await run(shipping, first)
    await run(shipping, second)
    for order_id in (first, second):
        ending = await run_to_end(shipping, order_id)
        assert isinstance(ending, NeedsPerson)
        assert "another order of this phone waits too" in ending.reason.text
