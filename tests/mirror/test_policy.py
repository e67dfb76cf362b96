"""What the courier says of shipments that the shop knows: what is written, what stays, and when it is history."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from paranad.mirror.policy import BY_ID, LISTED, Policy
from paranad.mirror.write import StatusChange, Written, write
from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_order_status_history, alwaseet_shipments
from tests.mirror.test_write import courier_order
from tests.support.clock import ManualClock
from tests.support.shop import make_order, make_shipment, row, rows
from tests.support.shop_faults import refuse_inserts

SECOND = timedelta(seconds=1)
BOTH = pytest.mark.parametrize("policy", [BY_ID, LISTED], ids=["by_id", "listed"])


async def history(shop: Shop) -> list[dict[str, Any]]:
    return await rows(shop, alwaseet_order_status_history)


@BOTH
async def test_what_the_courier_says_is_written_and_the_rest_stays(
    shop: Shop, clock: ManualClock, policy: Policy
) -> None:
    shipment = await make_shipment(shop, alwaseet_order_id="900", merchant_notes="kept", client_mobile2="kept")
    await clock.advance(SECOND)
    answer = courier_order(
        "900", location="الجسر", price=Decimal("26000.5"), merchant_invoice_id="7", replacement=True, client_name=""
    )
    assert Written(known=1, changed=1) == await write(shop, [answer], policy)
    new = await row(shop, alwaseet_shipments, shipment)
    assert ("الجسر", Decimal("26000.50"), "7", True, "", "kept", "kept") == tuple(
        new[name]
        for name in (
            "location",
            "price",
            "merchant_invoice_id",
            "replacement",
            "client_name",
            "merchant_notes",
            "client_mobile2",
        )
    )
    assert [shop.now()] * 2 == [new["synced_at"], new["updated_at"]]


@BOTH
async def test_blank_status_link_or_time_wipes_none(shop: Shop, policy: Policy) -> None:
    at = shop.now()
    values = {"qr_link": "https://x/1", "alwaseet_updated_at": at, "pickup_id": "P1", "status_id": "4"}
    shipment = await make_shipment(shop, alwaseet_order_id="900", **values)
    answer = courier_order("900", status_id="", status="", qr_link="y" * 300, pickup_id="", created_at=None)
    await write(shop, [answer], policy)
    assert values.items() <= (await row(shop, alwaseet_shipments, shipment)).items()
    assert [] == await history(shop)


async def test_pickup_and_qr_code_are_written_where_asked_by_id_alone(shop: Shop) -> None:
    shipment = await make_shipment(shop, alwaseet_order_id="900", qr_id="old", pickup_id="old", qr_link="old")
    answer = courier_order("900", qr_id="new", pickup_id="new", qr_link="new")
    seen = []
    for policy in (LISTED, BY_ID):
        await write(shop, [answer], policy)
        new = await row(shop, alwaseet_shipments, shipment)
        seen.append({new["qr_id"], new["pickup_id"], new["qr_link"]})
    assert [{"old"}, {"new"}] == seen


@BOTH
async def test_whole_object_is_kept_as_the_courier_wrote_it(shop: Shop, policy: Policy) -> None:
    shipment = await make_shipment(shop, alwaseet_order_id="900")
    answer = courier_order(
        "900",
        price=Decimal(25000),
        replacement=True,
        updated_at=datetime(2026, 3, 2, 12, 0, 5),  # noqa: DTZ001 - the courier's wall clock
        extra={"city_fees": 5, "cash_fee": None},
    )
    await write(shop, [answer], policy)
    assert {
        "id": "900",
        "price": "25000",
        "replacement": "1",
        "status_id": "1",
        "status": "جديد",
        "updated_at": "2026-03-02 12:00:05",
        "city_fees": 5,
        "cash_fee": None,
    } == (await row(shop, alwaseet_shipments, shipment))["api_data"]


@BOTH
async def test_answer_that_names_no_replacement_leaves_it_as_it_is(shop: Shop, policy: Policy) -> None:
    shipment = await make_shipment(shop, alwaseet_order_id="900", replacement=True)
    await write(shop, [courier_order("900", replacement=None, location="الجسر")], policy)
    assert (await row(shop, alwaseet_shipments, shipment))["replacement"]


@BOTH
async def test_same_answer_again_changes_only_when_it_was_seen(shop: Shop, clock: ManualClock, policy: Policy) -> None:
    shipment = await make_shipment(shop, alwaseet_order_id="900")
    answer = courier_order("900", price=Decimal("25000.00"))
    await write(shop, [answer], policy)
    await clock.advance(SECOND)
    assert Written(known=1) == await write(shop, [answer], policy)
    assert shop.now() == (await row(shop, alwaseet_shipments, shipment))["synced_at"]


@BOTH
async def test_whole_object_is_renewed_when_a_field_without_a_column_changes(shop: Shop, policy: Policy) -> None:
    shipment = await make_shipment(shop, alwaseet_order_id="900")
    for paid in (0, 1):
        written = await write(shop, [courier_order("900", extra={"deliver_confirmed_fin": paid})], policy)
        assert 1 == written.changed
        kept = (await row(shop, alwaseet_shipments, shipment))["api_data"]
        assert paid == kept["deliver_confirmed_fin"]


async def test_changed_status_is_one_history_row_as_the_shop_s_observer_writes_it(shop: Shop) -> None:
    order_id = await make_order(shop)
    shipment = await make_shipment(shop, alwaseet_order_id="900", status_id="1", order_id=order_id)
    answer = courier_order("900", status_id="4", status="تم التسليم للزبون", updated_at=shop.now() + SECOND)
    written = await write(shop, [answer], BY_ID)
    assert [StatusChange(shipment, "1", "4")] == written.status_changes
    [told] = await history(shop)
    assert (order_id, shipment, "4", "تم التسليم للزبون", shop.now(), "system_auto") == tuple(
        told[name] for name in ("order_id", "shipment_id", "status_id", "status_text", "changed_at", "changed_by")
    )
    assert {"auto_created": True, "event": "status_changed", "old_status": "1", "new_status": "4"} == told["metadata"]


async def test_change_found_in_the_list_is_one_history_row_with_the_courier_s_time(shop: Shop) -> None:
    await make_shipment(shop, alwaseet_order_id="900", status_id="1")
    at = shop.now() - SECOND
    await write(shop, [courier_order("900", status_id="4", status="", updated_at=at)], LISTED)
    [told] = await history(shop)
    assert ("4", "محدث", at, "system_sync", {"old_status_id": "1", "synced_from_api": True}) == tuple(
        told[name] for name in ("status_id", "status_text", "changed_at", "changed_by", "metadata")
    )


async def test_change_without_a_time_in_the_list_is_dated_now(shop: Shop) -> None:
    at = shop.now() - timedelta(days=2)
    await make_shipment(shop, alwaseet_order_id="900", status_id="1", alwaseet_updated_at=at)
    await write(shop, [courier_order("900", status_id="4")], LISTED)
    assert [shop.now()] == [told["changed_at"] for told in await history(shop)]


@BOTH
async def test_answer_older_than_the_shop_s_is_left_alone(shop: Shop, clock: ManualClock, policy: Policy) -> None:
    at = shop.now()
    shipment = await make_shipment(shop, alwaseet_order_id="900", status_id="4", api_data={"updated_at": str(at)})
    before = await row(shop, alwaseet_shipments, shipment)
    await clock.advance(SECOND)
    written = await write(shop, [courier_order("900", status_id="3", updated_at=at - SECOND)], policy)
    assert Written(known=1, older=["900"]) == written
    assert before == await row(shop, alwaseet_shipments, shipment)
    assert [] == await history(shop)


@BOTH
@pytest.mark.parametrize("age", [timedelta(), -SECOND])
async def test_answer_as_old_as_the_shop_s_or_younger_counts(shop: Shop, policy: Policy, age: timedelta) -> None:
    await make_shipment(shop, alwaseet_order_id="900", status_id="1", alwaseet_updated_at=shop.now())
    written = await write(shop, [courier_order("900", status_id="4", updated_at=shop.now() - age)], policy)
    assert 1 == len(written.status_changes)


@BOTH
async def test_time_of_our_own_clock_in_a_row_holds_back_no_answer(shop: Shop, policy: Policy) -> None:
    """A shipment that was recorded without the courier's row has them; the courier's clock may be behind."""
    at = shop.now()
    shipment = await make_shipment(
        shop, alwaseet_order_id="900", alwaseet_created_at=at, alwaseet_updated_at=at, created_at=at
    )
    answer = courier_order("900", city_name="كربلاء", created_at=at - SECOND, updated_at=at - SECOND)
    assert 1 == (await write(shop, [answer], policy)).changed
    new = await row(shop, alwaseet_shipments, shipment)
    assert ("كربلاء", at - SECOND) == (new["city_name"], new["alwaseet_updated_at"])


@BOTH
async def test_unknown_order_is_counted_and_not_inserted(shop: Shop, policy: Policy) -> None:
    written = await write(shop, [courier_order("1"), courier_order("2")], policy)
    assert (Written(unknown=2), []) == (written, await rows(shop, alwaseet_shipments))


@BOTH
async def test_value_that_the_shop_cannot_hold_spares_the_others(shop: Shop, policy: Policy) -> None:
    for courier_id in ("1", "2"):
        await make_shipment(shop, alwaseet_order_id=courier_id)
    orders = [courier_order("1", price=Decimal(10**8)), courier_order("2", client_name="ن" * 300)]
    written = await write(shop, orders, policy)
    assert (1, ["1"], [("2", "client_name")]) == (
        written.known,
        [courier_id for courier_id, _ in written.failed],
        written.cut,
    )


async def test_refused_row_spares_the_others(shop: Shop) -> None:
    """A history row of a shipment whose order vanished meanwhile, for one."""
    for courier_id in ("1", "2"):
        await make_shipment(shop, alwaseet_order_id=courier_id, status_id="1")
    await refuse_inserts(shop, alwaseet_order_status_history, "NEW.status_id = '4'")
    written = await write(shop, [courier_order("1", status_id="4"), courier_order("2", status_id="5")], BY_ID)
    assert (["1"], [("1", "1"), ("2", "5")]) == (
        [courier_id for courier_id, _ in written.failed],
        [(row["alwaseet_order_id"], row["status_id"]) for row in await rows(shop, alwaseet_shipments)],
    )
    assert ["5"] == [told["status_id"] for told in await history(shop)]
