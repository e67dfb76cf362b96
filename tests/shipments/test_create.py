"""One order, one shipment: the straight way, and every reason why none is sent."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from paranad.configuration.durations import Rate
from paranad.courier.errors import CourierLimited, CourierRefused, LoginFailed, Refusal
from paranad.events.event import Event
from paranad.sandbox.answers import Answer, success
from paranad.sandbox.books import REGIONS
from paranad.shipments import reasons
from paranad.shipments.model import Finished, NeedsPerson, RequestOutcome, ShipmentState, Skipped, Waiting
from paranad.shipments.request import ShipmentPrice
from paranad.shipments.send import CANCELLED, NO_ORDER, SHOP_HAS_ONE, TRASHED
from paranad.shop.errors import ShopUnreachable
from paranad.shop.tables import alwaseet_order_status_history, orders
from tests.support.shipping import Shipping, names
from tests.support.shop import make_shipment, rows, set_setting, value_of


async def test_order_becomes_one_shipment_and_the_shop_has_its_row(shipping: Shipping, told: list[Event]) -> None:
    order_id = await shipping.order(pieces=2, notes="اتصل قبل الوصول")
    ending = await shipping.run(order_id)
    assert isinstance(ending, Finished)
    [sent] = shipping.sandbox.orders.values()
    [row] = await shipping.shop_rows()
    assert (sent.id, order_id, "ملابس", Decimal(25000)) == (
        row["alwaseet_order_id"],
        row["order_id"],
        row["type_name"],
        row["price"],
    )
    assert f"{ending.shipment.reference} اتصل قبل الوصول" == sent.merchant_notes
    assert ("+9647701234567", "25000", "2", "0") == (
        sent.client_mobile,
        sent.price,
        sent.items_number,
        sent.replacement,
    )
    assert ["shipment.intended", "shipment.created", "shipment.recorded"] == names(told)


async def test_row_holds_what_the_courier_says_of_the_order(shipping: Shipping) -> None:
    await shipping.run(await shipping.order())
    [row] = await shipping.shop_rows()
    assert ("بغداد", "1", "عادي") == (row["city_name"], row["status_id"], row["package_size"])
    assert row["qr_link"].startswith("https://")
    assert row["synced_at"] == shipping.shop.now()


async def test_inserted_row_has_its_history(shipping: Shipping) -> None:
    order_id = await shipping.order()
    await shipping.run(order_id)
    [shipment], [history] = await shipping.shop_rows(), await rows(shipping.shop, alwaseet_order_status_history)
    assert (order_id, shipment["id"], "1", "system_auto") == (
        history["order_id"],
        history["shipment_id"],
        history["status_id"],
        history["changed_by"],
    )
    assert history["metadata"] == {"auto_created": True, "event": "shipment_created"}


async def test_row_is_written_from_what_was_sent_when_asking_would_cost_a_turn(shipping: Shipping) -> None:
    shipping.rate = Rate(3, timedelta(seconds=30))
    shipping.start()
    await shipping.run(await shipping.order(notes="هدية"))
    assert shipping.sandbox.count("get-orders-by-ids-bulk") == 0
    [row] = await shipping.shop_rows()
    assert ("زينب حسن", "+9647701234567", "1", "15", "جديد") == (
        row["client_name"],
        row["client_mobile"],
        row["city_id"],
        row["region_id"],
        row["status"],
    )
    assert row["qr_link"].startswith("https://")


async def test_row_is_written_although_the_courier_says_nothing_more(shipping: Shipping) -> None:
    shipping.sandbox.next("get-orders-by-ids-bulk", Answer.ERROR_500)
    assert isinstance(await shipping.run(await shipping.order()), Finished)
    assert [(await shipping.shop_rows())[0]["status"]] == ["جديد"]


async def test_second_run_sends_nothing(shipping: Shipping) -> None:
    order_id = await shipping.order()
    await shipping.run(order_id)
    shipping.start()
    assert isinstance(await shipping.run(order_id), Finished)
    assert shipping.sandbox.count("create-order") == 1


async def test_delivery_code_of_the_order_stays_as_it_is(shipping: Shipping) -> None:
    order_id = await shipping.order()
    await shipping.run(order_id)
    assert await value_of(shipping.shop, orders, order_id, "delivery_code") is None


async def test_request_runs_under_the_shield_and_its_answer_is_committed_there(shipping: Shipping) -> None:
    seen: list[tuple[str, int]] = []
    shipping.events.listen(lambda told: seen.extend((event.name, shipping.shield.held) for event in told))
    await shipping.run(await shipping.order())
    assert {("shipment.intended", 1), ("shipment.created", 1)} <= set(seen)
    assert ("courier.logged_in", 0) in seen
    assert shipping.shield.held == 0


@pytest.mark.parametrize("value", ["0", "", "yes", "1 ", None])
async def test_nothing_is_sent_unless_the_setting_is_exactly_1(shipping: Shipping, value: str | None) -> None:
    await set_setting(shipping.shop, "alwaseet_auto_create_shipment", value)
    ending = await shipping.run(await shipping.order())
    assert isinstance(ending, Skipped)
    assert "alwaseet_auto_create_shipment" in ending.reason.text
    assert not shipping.sandbox.orders


async def test_order_that_is_gone_is_stuck(shipping: Shipping) -> None:
    assert await shipping.run(4812) == NeedsPerson(NO_ORDER(order=4812))


async def test_trashed_order_is_skipped_without_a_request(shipping: Shipping) -> None:
    order_id = await shipping.order(deleted_at=shipping.shop.now())
    assert await shipping.run(order_id) == Skipped(TRASHED())
    assert shipping.sandbox.count("create-order") == 0


async def test_cancelled_order_is_skipped_without_a_request(shipping: Shipping) -> None:
    assert await shipping.run(await shipping.order(status="cancelled")) == Skipped(CANCELLED())
    assert shipping.sandbox.count("create-order") == 0


async def test_order_that_has_a_shipment_in_the_shop_is_done(shipping: Shipping) -> None:
    order_id = await shipping.order()
    await make_shipment(shipping.shop, order_id=order_id, alwaseet_order_id="777")
    assert await shipping.run(order_id) == Skipped(SHOP_HAS_ONE(courier_id="777"))
    assert shipping.sandbox.count("create-order") == 0


async def test_order_without_items_fails_at_once(shipping: Shipping) -> None:
    ending = await shipping.run(await shipping.order(pieces=0))
    assert isinstance(ending, NeedsPerson)
    assert "nothing to ship" in ending.reason.text


@pytest.mark.parametrize("phone", ["", "0", "abc", "964", "12345", "0770123456", "077012345678", "+14155550123"])
async def test_order_with_a_phone_that_cannot_be_iraqi_fails(shipping: Shipping, phone: str) -> None:
    ending = await shipping.run(await shipping.order(customer_phone=phone))
    assert isinstance(ending, NeedsPerson)
    assert "customer_phone: expected an Iraqi mobile number" in ending.reason.text
    assert len(phone) < 4 or phone not in ending.reason.text


@pytest.mark.parametrize("total", ["0", "-1000", "0.49"])
async def test_order_whose_total_cannot_be_collected_fails(shipping: Shipping, total: str) -> None:
    ending = await shipping.run(await shipping.order(total_amount=Decimal(total)))
    assert isinstance(ending, NeedsPerson)
    assert "total_amount" in ending.reason.text
    assert shipping.sandbox.count("create-order") == 0


@pytest.mark.parametrize("key", ["city_id", "region_id", "package_size_id"])
@pytest.mark.parametrize("value", ["", None, "بغداد"])
async def test_missing_or_wrong_default_is_named(shipping: Shipping, key: str, value: str | None) -> None:
    await set_setting(shipping.shop, f"alwaseet_default_{key}", value)
    ending = await shipping.run(await shipping.order())
    assert isinstance(ending, NeedsPerson)
    assert f"alwaseet_default_{key}" in ending.reason.text


@pytest.mark.parametrize("column", ["customer_name", "customer_address"])
async def test_blank_name_or_address_is_named(shipping: Shipping, column: str) -> None:
    blank: dict[str, Any] = {column: "  "}
    ending = await shipping.run(await shipping.order(**blank))
    assert isinstance(ending, NeedsPerson)
    assert f"{column} is empty" in ending.reason.text


async def test_order_is_sent_to_its_own_city_and_region(shipping: Shipping) -> None:
    city, region = _elsewhere()
    await shipping.run(await shipping.order(alwaseet_city_id=city, alwaseet_region_id=region))
    [sent] = shipping.sandbox.orders.values()
    assert (city, region) == (sent.city_id, sent.region_id)


async def test_city_without_region_falls_back_to_both_defaults(shipping: Shipping) -> None:
    """A region belongs to its city, so that half a place is none."""
    await shipping.run(await shipping.order(alwaseet_city_id=_elsewhere()[0]))
    [sent] = shipping.sandbox.orders.values()
    assert ("1", "15") == (sent.city_id, sent.region_id)


@pytest.mark.parametrize(("second", "sent"), [("07801112223", "+9647801112223"), ("abc", None), (None, None)])
async def test_second_phone_is_sent_where_it_is_one(shipping: Shipping, second: str | None, sent: str | None) -> None:
    await shipping.run(await shipping.order(customer_phone2=second))
    [order] = shipping.sandbox.orders.values()
    assert sent == order.client_mobile2


async def test_price_may_include_the_delivery_fee(shipping: Shipping) -> None:
    shipping.price = ShipmentPrice.TOTAL_PLUS_FEE
    shipping.start()
    await set_setting(shipping.shop, "delivery_fee", "5000")
    await shipping.run(await shipping.order())
    assert ["30000"] == [order.price for order in shipping.sandbox.orders.values()]


@pytest.mark.parametrize("fee", ["free", "", "-5", "2500.5"])
async def test_delivery_fee_that_is_no_amount_is_named(shipping: Shipping, fee: str) -> None:
    shipping.price = ShipmentPrice.TOTAL_PLUS_FEE
    shipping.start()
    await set_setting(shipping.shop, "delivery_fee", fee)
    ending = await shipping.run(await shipping.order())
    assert isinstance(ending, NeedsPerson)
    assert "delivery_fee" in ending.reason.text


async def test_refused_data_withdraws_and_fails(shipping: Shipping, told: list[Event]) -> None:
    order_id = await shipping.order(alwaseet_city_id="1", alwaseet_region_id="99999999")
    ending = await shipping.run(order_id)
    assert isinstance(ending, NeedsPerson)
    assert "errNum 999" in ending.reason.text
    shipment = await shipping.shipments.journal.get(order_id)
    assert (ShipmentState.WITHDRAWN, RequestOutcome.REFUSED) == (shipment.state, shipment.attempts[0].outcome)
    assert ["shipment.intended", "shipment.withdrawn"] == names(told)


async def test_withdrawn_shipment_is_sent_with_the_same_reference_later(shipping: Shipping) -> None:
    order_id = await shipping.send(Answer.REFUSED)
    first = (await shipping.shipments.journal.get(order_id)).reference
    assert isinstance(await shipping.run(order_id), Finished)
    [sent] = shipping.sandbox.orders.values()
    assert first == (sent.merchant_notes or "").split()[0]


async def test_account_without_the_right_withdraws_and_waits_as_in_an_outage(shipping: Shipping) -> None:
    shipping.sandbox.behaviour.may_create = False
    order_id = await shipping.order()
    with pytest.raises(CourierRefused) as refused:
        await shipping.run(order_id)
    assert refused.value.refusal is Refusal.PERMISSION
    assert (await shipping.shipments.journal.get(order_id)).state is ShipmentState.WITHDRAWN
    assert shipping.sandbox.count("create-order") <= 2


async def test_unreachable_courier_leaves_nothing_under_way(shipping: Shipping) -> None:
    await shipping.run(await shipping.order())
    await shipping.sandbox.stop()
    order_id = await shipping.order()
    with pytest.raises(CourierRefused) as refused:
        await shipping.run(order_id)
    assert refused.value.refusal is Refusal.NOT_SENT
    assert (await shipping.shipments.journal.get(order_id)).state is ShipmentState.WITHDRAWN


async def test_wrong_password_is_met_before_the_intent(shipping: Shipping) -> None:
    shipping.sandbox.change_password("another")
    order_id = await shipping.order()
    with pytest.raises(LoginFailed):
        await shipping.run(order_id)
    assert await shipping.shipments.journal.find(order_id) is None


async def test_request_that_the_courier_refused_for_its_rate_did_leave_and_stays_in_the_journal(
    shipping: Shipping,
) -> None:
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.LIMITED)
    assert isinstance(await shipping.run_to_end(order_id), Finished)
    attempts = (await shipping.shipments.journal.get(order_id)).attempts
    assert [(1, RequestOutcome.REFUSED), (2, RequestOutcome.CREATED)] == [
        (each.number, each.outcome) for each in attempts
    ]
    assert [reasons.LIMITED.code, None] == [each.reason and each.reason.code for each in attempts]
    assert len(shipping.sandbox.orders) == 1


async def test_our_own_wait_for_the_rate_leaves_no_attempt_behind(shipping: Shipping) -> None:
    """Nothing left the machine."""
    await shipping.courier.prepare(owner="test")
    shipping.courier.limiter.set_rate(Rate(1, timedelta(seconds=30)))
    order_id = await shipping.order()
    with pytest.raises(CourierLimited):
        await shipping.run(order_id)
    shipment = await shipping.shipments.journal.get(order_id)
    assert (ShipmentState.WITHDRAWN, ()) == (shipment.state, shipment.attempts)
    assert 0 == shipping.sandbox.count("create-order")


async def test_shop_that_is_gone_when_the_token_is_needed_leaves_nothing_under_way(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = await shipping.order()
    await shipping.courier.prepare(owner="test")

    async def gone() -> str:
        raise ShopUnreachable("no such file")

    real = shipping.shipments.journal.intend

    async def intend(*args: Any) -> Any:
        monkeypatch.setattr(shipping.courier.login, "load_token", gone)
        return await real(*args)

    monkeypatch.setattr(shipping.shipments.journal, "intend", intend)
    with pytest.raises(ShopUnreachable):
        await shipping.run(order_id)
    shipment = await shipping.shipments.journal.get(order_id)
    assert (ShipmentState.WITHDRAWN, ()) == (shipment.state, shipment.attempts)
    assert not shipping.sandbox.orders


def _elsewhere() -> tuple[str, str]:
    city = next(city for city in REGIONS if city != "1")
    return city, next(iter(REGIONS[city]))


async def test_answer_with_the_id_of_a_strangers_parcel_is_unclear(shipping: Shipping) -> None:
    """The courier's own row of that id has another phone: the lists tell whether the order is there."""
    asked = {"client_mobile": "+9647801112223", "price": "25000", "city_id": "1", "region_id": "15"}
    stranger = shipping.sandbox.books.add_order(asked).id
    await shipping.teach_references()
    shipping.sandbox.next("create-order", success([{"id": stranger}]))
    order_id = await shipping.order()
    assert isinstance(await shipping.run(order_id), Waiting)
    unclear = await shipping.shipments.journal.get(order_id)
    assert (ShipmentState.INTENDED, None, frozenset()) == (unclear.state, unclear.courier_id, unclear.ids)
    assert unclear.reason is not None
    assert reasons.FOREIGN_ID.code == unclear.reason.code
    ending = await shipping.run_to_end(order_id, witness=True)
    assert isinstance(ending, Finished)
    assert [order_id] == [
        row["order_id"] for row in await shipping.shop_rows(alwaseet_order_id=ending.shipment.courier_id)
    ]
    assert [] == await shipping.shop_rows(alwaseet_order_id=stranger)


async def test_order_that_is_refused_for_the_moment_is_sent_five_times_within_three_minutes(shipping: Shipping) -> None:
    """docs/troubleshooting.md promises both numbers."""
    order_id, began = await shipping.order(), shipping.clock.now()
    shipping.sandbox.next("create-order", *[Answer.TRY_AGAIN] * 9)
    ending = await shipping.run_to_end(order_id)
    assert isinstance(ending, NeedsPerson)
    assert 5 == ending.reason.values["times"]
    assert timedelta(seconds=10 + 20 + 40 + 80) == shipping.clock.now() - began
