"""Courier orders into the shop's rows: what is written, when it is history, and what one bad order costs."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from paranad.courier.models import CourierOrder
from paranad.mirror.policy import BY_ID, LISTED, SYNC
from paranad.mirror.rows import FILLED, MOST_TEXT, row_of
from paranad.mirror.write import StatusChange, Written, write
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow
from paranad.shop.tables import alwaseet_order_status_history, alwaseet_shipments
from tests.support.clock import ManualClock
from tests.support.shop import make_order, make_shipment, rows, value_of
from tests.support.shop_faults import ZERO_DATE, force, refuse_inserts

HOUR = timedelta(hours=1)
POLICIES = (SYNC, LISTED, BY_ID)
upsert = partial(write, policy=SYNC)


def courier_order(order_id: str = "900", **values: Any) -> CourierOrder:
    empty: dict[str, Any] = {spec.name: None for spec in fields(CourierOrder)}
    empty |= {"id": order_id, "replacement": False, "extra": {}, "unreadable": {}}
    return CourierOrder(**(empty | {"status_id": "1", "status": "جديد", **values}))


async def test_unknown_order_is_inserted_unlinked_with_history(shop: Shop) -> None:
    made_at = shop.now() - HOUR
    written = await upsert(shop, [courier_order(price=Decimal(25000), created_at=made_at, city_name="بغداد")])
    [row], [history] = await rows(shop, alwaseet_shipments), await rows(shop, alwaseet_order_status_history)
    assert Written(created=1) == written
    assert (None, Decimal(25000), "بغداد", shop.now()) == (
        row["order_id"],
        row["price"],
        row["city_name"],
        row["synced_at"],
    )
    assert (row["id"], "جديد", made_at, "system_auto") == (
        history["shipment_id"],
        history["status_text"],
        history["changed_at"],
        history["changed_by"],
    )
    assert {"auto_created": True, "event": "shipment_created"} == history["metadata"]


async def test_missing_values_have_the_shop_s_stand_ins(shop: Shop) -> None:
    await upsert(shop, [courier_order(status=None)])
    [row], [history] = await rows(shop, alwaseet_shipments), await rows(shop, alwaseet_order_status_history)
    assert ("", "", Decimal(0), Decimal(0), "1") == (
        row["client_name"],
        row["location"],
        row["price"],
        row["delivery_price"],
        row["items_number"],
    )
    assert [None] * 5 == [row[name] for name in ("client_mobile2", "merchant_notes", "issue_notes", "qr_id", "qr_link")]
    assert ("جديد", shop.now()) == (history["status_text"], history["changed_at"])


async def test_known_order_keeps_its_link_and_what_a_sync_does_not_write(shop: Shop) -> None:
    row_id = await make_shipment(shop, alwaseet_order_id="900", pickup_id="P7", merchant_invoice_id="3")
    await upsert(shop, [courier_order(location="الكرادة", merchant_invoice_id="-1", pickup_id="x")])
    [row] = await rows(shop, alwaseet_shipments, id=row_id)
    assert ("الكرادة", "P7", "3") == (row["location"], row["pickup_id"], row["merchant_invoice_id"])


async def test_row_older_than_what_the_shop_has_is_counted_and_left_alone(shop: Shop) -> None:
    """A long list takes its time; a call that asked by id meanwhile was answered later and written sooner."""
    await make_shipment(shop, alwaseet_order_id="900", status_id="4", api_data={"updated_at": str(shop.now())})
    before = await rows(shop, alwaseet_shipments)
    written = await upsert(shop, [courier_order(status_id="3", updated_at=shop.now() - HOUR)])
    assert Written(known=1, older=["900"]) == written
    assert (before, []) == (await rows(shop, alwaseet_shipments), await rows(shop, alwaseet_order_status_history))


@pytest.mark.parametrize("api_data", [None, {}, {"updated_at": None}, {"updated_at": "soon"}, [1]])
async def test_time_that_the_shop_s_own_clock_wrote_holds_back_no_status(shop: Shop, api_data: Any) -> None:
    await make_shipment(shop, alwaseet_order_id="900", status_id="3", alwaseet_updated_at=shop.now(), api_data=api_data)
    written = await upsert(shop, [courier_order(status_id="4", updated_at=shop.now() - 3 * HOUR)])
    assert (1, []) == (len(written.status_changes), written.older)


async def test_sync_keeps_the_courier_s_time_so_that_an_older_answer_is_known(shop: Shop) -> None:
    for status, age in (("3", 2 * HOUR), ("4", HOUR)):
        await upsert(shop, [courier_order(status_id=status, updated_at=shop.now() - age)])
    late = courier_order(status_id="3", updated_at=shop.now() - 1.5 * HOUR)
    assert [["900"]] * 3 == [(await write(shop, [late], policy)).older for policy in POLICIES]


UNREAD = {"price": '"abc"', "client_mobile": "an object", "created_at": '"soon"', "items_number": "a list"}


async def test_what_cannot_be_read_leaves_what_the_shop_has_and_is_named(shop: Shop) -> None:
    at = shop.now() - HOUR
    had = {"price": Decimal(25000), "client_mobile": "+9647701234567", "alwaseet_created_at": at, "items_number": "3"}
    row_id = await make_shipment(shop, alwaseet_order_id="900", **had)
    named = [
        ("900", 'alwaseet_shipments.price: expected an amount of dinars, got "abc"'),
        ("900", "alwaseet_shipments.client_mobile: expected a phone, got an object"),
        ("900", 'alwaseet_shipments.alwaseet_created_at: expected a time, got "soon"'),
        ("900", "alwaseet_shipments.items_number: expected text, got a list"),
    ]
    order = courier_order(location="الجسر", unreadable=UNREAD)
    for policy in POLICIES:
        written = await write(shop, [order], policy)
        [new] = await rows(shop, alwaseet_shipments, id=row_id)
        assert (had | {"location": "الجسر"}, named) == (
            {name: new[name] for name in (*had, "location")},
            [(courier_id, str(reason)) for courier_id, reason in written.unread],
        )


async def test_new_row_with_what_cannot_be_read_has_the_shop_s_stand_ins_and_is_named(shop: Shop) -> None:
    written = await upsert(shop, [courier_order(unreadable=UNREAD)])
    [row] = await rows(shop, alwaseet_shipments)
    assert (Decimal(0), "", None, "1") == tuple(
        row[name] for name in ("price", "client_mobile", "alwaseet_created_at", "items_number")
    )
    assert (1, 4) == (written.created, len(written.unread))


@pytest.mark.parametrize("amount", [None, Decimal(0)])
async def test_absent_amount_is_zero_all_the_same(shop: Shop, amount: Decimal | None) -> None:
    row_id = await make_shipment(shop, alwaseet_order_id="900", price=Decimal(25000))
    assert [] == (await upsert(shop, [courier_order(price=amount)])).unread
    assert await value_of(shop, alwaseet_shipments, row_id, "price") == 0


PAIRS = [
    (("77", "900"), ("78", "900")),
    (("77", "900"), ("900", None)),
    (("900", None), ("78", "900")),
    (("77", "900"), ("900", "77")),
]
"""The ids that the shop has of a parcel, and those that the courier gives."""


@pytest.mark.parametrize(("known", "said"), PAIRS)
async def test_parcel_known_by_the_other_id_is_one_row(
    shop: Shop, known: tuple[str, str | None], said: tuple[str, str | None]
) -> None:
    order_id = await make_order(shop)
    row_id = await make_shipment(shop, alwaseet_order_id=known[0], qr_id=known[1], order_id=order_id, status_id="1")
    order = courier_order(said[0], qr_id=said[1], status_id="4")
    for policy in (SYNC, *POLICIES):
        written = await write(shop, [order], policy)
        assert (1, 0) == (written.known, written.created + written.unknown)
    [row] = await rows(shop, alwaseet_shipments)
    assert (row_id, known[0], order_id, "4") == tuple(
        row[name] for name in ("id", "alwaseet_order_id", "order_id", "status_id")
    )


async def test_qr_id_that_is_another_order_s_id_takes_no_row_from_it(shop: Shop) -> None:
    """Of two courier orders, one's qr_id is the other's id: each keeps its row."""
    for courier_id in ("5", "7"):
        await make_shipment(shop, alwaseet_order_id=courier_id, status_id="1")
    orders = [courier_order("5", status_id="2", qr_id="6"), courier_order("7", qr_id="5", status_id="3")]
    for order in orders:
        await upsert(shop, [order])
    assert [("5", "2"), ("7", "3")] == [
        (row["alwaseet_order_id"], row["status_id"]) for row in await rows(shop, alwaseet_shipments)
    ]


async def test_status_without_a_text_keeps_the_text_of_the_same_status(shop: Shop) -> None:
    row_id = await make_shipment(shop, alwaseet_order_id="900", status_id="4", status="تم")
    await upsert(shop, [courier_order(status_id="4", status=None)])
    assert "تم" == await value_of(shop, alwaseet_shipments, row_id, "status")


async def test_name_of_invisible_characters_is_empty(shop: Shop) -> None:
    await upsert(shop, [courier_order(client_name="\u200f\u3164", location="\u00ad")])
    assert [("", "")] == [(row["client_name"], row["location"]) for row in await rows(shop, alwaseet_shipments)]


async def test_changed_status_is_history_in_the_same_transaction(shop: Shop) -> None:
    row_id = await make_shipment(shop, alwaseet_order_id="900", status_id="1")
    written = await upsert(shop, [courier_order(status_id="4", status="تم التسليم للزبون")])
    assert [StatusChange(row_id, "1", "4")] == written.status_changes
    [history] = await rows(shop, alwaseet_order_status_history)
    assert {"auto_created": True, "event": "status_changed", "old_status": "1", "new_status": "4"} == history[
        "metadata"
    ]
    assert ("4", shop.now()) == (history["status_id"], history["changed_at"])


async def test_changed_status_without_text_is_called_changed(shop: Shop) -> None:
    await make_shipment(shop, alwaseet_order_id="900", status_id="1")
    await upsert(shop, [courier_order(status_id="4", status="")])
    assert ["محدث"] == [row["status_text"] for row in await rows(shop, alwaseet_order_status_history)]


async def test_second_sync_of_the_same_writes_no_history_and_only_the_time(shop: Shop, clock: ManualClock) -> None:
    order = courier_order(price=Decimal("25000.00"), created_at=shop.now())
    await upsert(shop, [order])
    await clock.advance(HOUR)
    assert Written(known=1) == await upsert(shop, [replace(order, price=Decimal(25000))])
    assert len(await rows(shop, alwaseet_order_status_history)) == 1
    assert [shop.now()] == [row["synced_at"] for row in await rows(shop, alwaseet_shipments)]


async def test_answer_without_a_status_wipes_none(shop: Shop) -> None:
    row_id = await make_shipment(shop, alwaseet_order_id="900", status_id="4", status="تم التسليم للزبون")
    written = await upsert(shop, [courier_order(status_id=None, status=None)])
    assert [] == written.status_changes
    assert await value_of(shop, alwaseet_shipments, row_id, "status_id") == "4"


@pytest.mark.parametrize("again", [("900", None), ("901", "77"), ("77", None)])
async def test_order_that_stands_twice_in_the_list_is_written_once(shop: Shop, again: tuple[str, str | None]) -> None:
    second = courier_order(again[0], qr_id=again[1], status_id="2")
    written = await upsert(shop, [courier_order(status_id="1", qr_id="77"), second])
    assert (1, ["2"]) == (written.created, [row["status_id"] for row in await rows(shop, alwaseet_shipments)])


async def test_too_long_values_are_cut_and_named_and_half_a_link_is_none(shop: Shop) -> None:
    order = courier_order(client_name="ن" * 300, qr_link="https://x/" + "y" * 255, location="م" * 20_000)
    written = await upsert(shop, [order])
    [row] = await rows(shop, alwaseet_shipments)
    assert (255, None, MOST_TEXT) == (len(row["client_name"]), row["qr_link"], len(row["location"]))
    assert [("900", "client_name, location, qr_link")] == written.cut


@pytest.mark.parametrize("values", [{"price": Decimal(10**8)}, {"delivery_price": Decimal(-(10**8))}])
async def test_amount_that_the_shop_cannot_hold_fails_its_order_only(shop: Shop, values: dict[str, Any]) -> None:
    written = await upsert(shop, [courier_order("1", **values), courier_order("2")])
    assert (1, ["1"]) == (written.created, [courier_id for courier_id, _ in written.failed])


def test_id_that_the_shop_cannot_hold_is_refused() -> None:
    with pytest.raises(ShopBadRow, match="longer than the shop can hold"):
        row_of(courier_order("9" * 300))


@pytest.mark.parametrize("year", [1, 1969, 2038, 9999])
def test_time_that_a_timestamp_cannot_hold_is_none(year: int) -> None:
    assert row_of(courier_order(created_at=datetime(year, 1, 1))).values["alwaseet_created_at"] is None  # noqa: DTZ001


def test_row_fills_every_column_that_a_sync_writes() -> None:
    assert {"alwaseet_order_id", *FILLED} == row_of(courier_order()).values.keys()


async def test_row_that_the_database_refuses_spares_the_others(shop: Shop) -> None:
    await refuse_inserts(shop, alwaseet_shipments, "NEW.alwaseet_order_id = '13'")
    written = await upsert(shop, [courier_order(str(number)) for number in range(10, 20)])
    assert (9, ["13"]) == (written.created, [courier_id for courier_id, _ in written.failed])
    assert "refused a row" in written.failed[0][1].text
    assert len(await rows(shop, alwaseet_order_status_history)) == 9


async def test_id_that_differs_in_case_alone_overwrites_nothing(shop: Shop) -> None:
    """A server takes `A7` and `a7` for one key; SQLite for two."""
    await make_shipment(shop, alwaseet_order_id="A7", client_name="قبل")
    written = await upsert(shop, [courier_order("a7"), courier_order("8")])
    names = {row["alwaseet_order_id"]: row["client_name"] for row in await rows(shop, alwaseet_shipments)}
    assert (0, "قبل", True) == (written.known, names["A7"], "8" in names)


async def test_row_that_cannot_be_read_spares_the_others(sqlite_shop: Shop) -> None:
    await make_shipment(sqlite_shop, alwaseet_order_id="13")
    await force(sqlite_shop, "UPDATE alwaseet_shipments SET alwaseet_created_at = 'yesterday'")
    written = await upsert(sqlite_shop, [courier_order("12"), courier_order("13")])
    assert (1, ["13"]) == (written.created, [courier_id for courier_id, _ in written.failed])
    assert written.failed[0][1].text.startswith("alwaseet_shipments.alwaseet_created_at: expected a time")


async def test_row_with_a_date_of_zeros_is_written(shop: Shop) -> None:
    await make_shipment(shop, alwaseet_order_id="13")
    await force(shop, "UPDATE alwaseet_shipments SET alwaseet_created_at = :time", time=ZERO_DATE)
    assert Written(known=1, changed=1) == await upsert(shop, [courier_order("13", location="الجسر")])
