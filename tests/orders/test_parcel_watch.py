"""The parcels that need a person, as read from the shop's rows on SQLite and MariaDB, and from the shipment journal."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from paranad.configuration.settings import ParcelsSection
from paranad.errors import BadRequest
from paranad.events.event import Events
from paranad.mirror.rows import created_history
from paranad.orders import parcel_rows, parcel_watch
from paranad.orders.parcel_rules import ParcelKind
from paranad.orders.parcel_watch import ParcelWatch, Reading
from paranad.said import plain
from paranad.shipments.journal import Journal
from paranad.shipments.request import ShipmentPrice
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import ShopUnreachable
from paranad.shop.tables import alwaseet_order_status_history
from paranad.store.file import Store
from tests.orders.test_plans import asked_by, plans
from tests.support.clock import ManualClock
from tests.support.shop import Item, make, make_order, make_shipment, make_size, set_setting

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PHONE = "+9647701234567"


class Parcels:
    """A shop whose parcels are made with their history, and the watch that reads them."""

    def __init__(self, shop: Shop, journal: Journal) -> None:
        self.shop, self.journal = shop, journal
        self.watch = ParcelWatch(shop, journal, ParcelsSection(), ShipmentPrice.TOTAL)

    def ago(self, days: float) -> datetime:
        return self.shop.now() - days * DAY

    async def parcel(self, status: str = "3", days: float = 1, **values: Any) -> int:
        """Make a parcel that has had its status for so many *days*."""
        stamps = {"synced_at": self.ago(0), "created_at": self.ago(days + 1), "alwaseet_updated_at": self.ago(days)}
        shipment = await make_shipment(self.shop, **{"status_id": status, "price": Decimal(25000), **stamps, **values})
        change = {"shipment_id": shipment, "status_id": status, "status_text": "", "changed_at": self.ago(days)}
        await make(self.shop, alwaseet_order_status_history, **change)
        return shipment

    async def first_seen(self, values: dict[str, Any]) -> int:
        """Make a parcel as the courier's list shows it now for the first time, with the history of that."""
        now = self.ago(0)
        shipment = await make_shipment(self.shop, **{"synced_at": now, "created_at": now, **values})
        row = created_history(shipment, None, values, now)
        await make(self.shop, alwaseet_order_status_history, **row)
        return shipment

    async def invoiced(self) -> int:
        """Make a parcel that is on an invoice, as any shop has one of whose invoices something is known."""
        return await self.parcel("4", 20, merchant_invoice_id="77")

    async def order(self, **values: Any) -> int:
        return await make_order(self.shop, **{"total_amount": Decimal(25000), "updated_at": self.ago(9), **values})

    async def read(self) -> Reading:
        self.watch._is_stale = True
        return await self.watch.fresh()

    async def found(self) -> dict[str, list[str]]:
        """Return the codes of what is found, by kind; kinds without any are left out."""
        reading = await self.read()
        return {kind.value: [each.why.code for each in found] for kind, found in reading.found.items() if found}


@pytest.fixture
async def parcels(
    shop: Shop, store: Store, clock: ManualClock, events: Events, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Parcels]:
    """On a busy machine, too, a reading is waited for."""
    monkeypatch.setattr(parcel_watch, "PATIENCE_S", 60.0)
    parcels = Parcels(shop, Journal(store, clock, events))
    yield parcels
    await parcels.watch.close()


async def test_each_kind_is_found_in_the_shops_rows(parcels: Parcels) -> None:
    await parcels.parcel("3", 6, order_id=await parcels.order())
    await parcels.parcel("16", 11)  # of no order of the shop
    await parcels.parcel("3", order_id=await parcels.order(), issue_notes="لا يرد")
    await parcels.parcel("3", order_id=await parcels.order(total_amount=Decimal(30001)))
    await parcels.parcel("3", order_id=await parcels.order(customer_phone="07709999999", updated_at=parcels.ago(1)))
    await parcels.parcel("3", order_id=await parcels.order(status="cancelled"))
    await parcels.parcel("3", order_id=await parcels.order(deleted_at=parcels.ago(1)))
    await parcels.parcel("3", order_id=await parcels.order())  # as it should be
    assert {
        "stuck": ["parcel.stuck", "parcel.issue"],
        "returning": ["parcel.returning"],
        "price": ["parcel.price"],
        "changed": ["parcel.changed"],
        "cancelled": ["parcel.cancelled", "parcel.trashed"],
    } == await parcels.found()


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_parcel_that_is_first_seen_late_has_stood_since_then_and_not_since_it_was_made(parcels: Parcels) -> None:
    """The history's first row is dated to the parcel's making. What the courier last changed is late enough."""
    await parcels.invoiced()
    for status, touched in (("3", 0.2), ("16", 0.2), ("4", 0.2), ("3", 7), ("16", 12), ("4", 15)):
        made = {"alwaseet_created_at": parcels.ago(30), "alwaseet_updated_at": parcels.ago(touched)}
        await parcels.first_seen({"status_id": status, "status": "", "merchant_invoice_id": "-1", **made})
    whys = [each.why for found in (await parcels.read()).found.values() for each in found]
    assert [("parcel.stuck", 7), ("parcel.returning", 12), ("parcel.uninvoiced", 15)] == [
        (why.code, why.values["days"]) for why in whys
    ]


async def test_row_of_the_insertion_is_told_from_others_on_either_database(parcels: Parcels) -> None:
    shipment = await parcels.first_seen({"status_id": "1", "status": "", "alwaseet_created_at": parcels.ago(30)})
    change = {"shipment_id": shipment, "status_id": "3", "status_text": "", "changed_at": parcels.ago(6)}
    await make(parcels.shop, alwaseet_order_status_history, **change)
    async with parcels.shop.transaction() as connection:
        await connection.execute(text("UPDATE alwaseet_shipments SET status_id = '3'"))
    assert {"stuck": ["parcel.stuck"]} == await parcels.found()


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("api_data", [None, {"merchant_invoice_id": "-1"}])
async def test_shop_whose_courier_names_no_invoice_of_any_parcel_is_not_watched_for_them(
    parcels: Parcels, api_data: dict[str, str] | None
) -> None:
    """Unknown is not absent."""
    await parcels.parcel(
        "4", 15, api_data=api_data, merchant_invoice_id="-1", order_id=await parcels.order(total_amount=1)
    )
    reading = await parcels.read()
    assert {ParcelKind.UNINVOICED: "the courier named no invoice of any parcel, so it is not watched"} == {
        kind: str(why) for kind, why in reading.off.items()
    }
    assert 0 == sum(reading.counts.values())

    await parcels.parcel("4", 15, api_data={"merchant_invoice_id": "77"})
    assert {"uninvoiced": ["parcel.uninvoiced"], "price": ["parcel.price"]} == await parcels.found()


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_what_was_sent_before_the_fee_was_added_is_no_other_price(parcels: Parcels) -> None:
    await set_setting(parcels.shop, "delivery_fee", "5000")
    async with parcels.shop.transaction() as connection:
        await connection.execute(text("UPDATE settings SET updated_at = '2025-01-01 00:00:00'"))
    settings = ParcelsSection(changed_after_sending=False)
    parcels.watch = ParcelWatch(parcels.shop, parcels.journal, settings, ShipmentPrice.TOTAL_PLUS_FEE)
    for courier_id, price in (("90000123", 25000), ("90000124", 30000)):
        order = await parcels.order()
        await parcels.journal.intend(order, f"P{order}-AAAA", PHONE, price)
        await parcels.journal.create(order, courier_id, frozenset({courier_id}))
        await parcels.parcel(order_id=order, alwaseet_order_id=courier_id)
    (one,) = (await parcels.read()).found[ParcelKind.PRICE]
    assert ("90000124", 30000) == (one.courier_id, one.expected)  # its fee was dropped at the courier


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_invoice_is_what_the_couriers_own_object_says(parcels: Parcels) -> None:
    rows: list[tuple[str | None, Any, str | None]] = [
        ("-1", None, "parcel.uninvoiced"),
        (None, {"merchant_invoice_id": "-1", "deliver_confirmed_fin": "1"}, "parcel.confirmed"),
        (None, {"merchant_invoice_id": None}, "parcel.uninvoiced"),
        (None, '{"merchant_invoice_id": "-1"}', "parcel.uninvoiced"),  # encoded twice
        (None, {"merchant_invoice_id": 77}, None),
        ("-1", {"merchant_invoice_id": "77"}, None),
        ("77", {"merchant_invoice_id": "77"}, None),
        (None, {"status_id": "4"}, None),  # the courier does not say
        (None, None, None),
    ]
    expected = {await parcels.parcel("4", 15, merchant_invoice_id=row[0], api_data=row[1]): row[2] for row in rows}
    found = {each.shipment_id: each.why.code for each in (await parcels.read()).found[ParcelKind.UNINVOICED]}
    assert {shipment: code for shipment, code in expected.items() if code} == found


async def test_uninvoiced_parcels_are_read_on_either_database(parcels: Parcels) -> None:
    await parcels.parcel("4", 15, api_data={"merchant_invoice_id": "-1"})
    await parcels.invoiced()
    assert {"uninvoiced": ["parcel.uninvoiced"]} == await parcels.found()


async def test_what_we_sent_ourselves_is_compared_with_the_order_as_it_is_now(parcels: Parcels) -> None:
    order = await parcels.order(items=[Item(await make_size(parcels.shop))], customer_address="البصرة، العشار")
    await parcels.journal.intend(order, f"P{order}-AAAA", PHONE, 25000)
    await parcels.journal.create(order, "90000123", frozenset({"90000123"}))
    row: dict[str, Any] = {
        "alwaseet_order_id": "90000123",
        "location": "بغداد، الكرادة",
        "items_number": "3",
        "client_mobile": PHONE,
    }
    await parcels.parcel(order_id=order, **row)
    assert {} == await parcels.found()  # the order was not touched since

    later = parcels.shop.now() + HOUR
    async with parcels.shop.transaction() as connection:
        await connection.execute(text("UPDATE orders SET updated_at = :at"), {"at": str(later)})
    (one,) = (await parcels.read()).found[ParcelKind.CHANGED]
    assert "address and number of items" == str(one.why.values["what"])


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_shop_without_the_invoices_columns_is_not_watched_for_them_and_says_so(parcels: Parcels) -> None:
    await parcels.parcel("4", 15)
    await parcels.parcel("3", 6)
    async with parcels.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE alwaseet_shipments DROP COLUMN merchant_invoice_id"))
    reading = await parcels.read()
    assert {ParcelKind.UNINVOICED} == set(reading.off)
    assert "this shop has no column merchant_invoice_id in alwaseet_shipments, so it is not watched" == str(
        reading.off[ParcelKind.UNINVOICED]
    )
    assert 1 == reading.counts[ParcelKind.STUCK]


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_odd_values_take_no_other_parcel_down(parcels: Parcels) -> None:
    """SQLite stores anything anywhere."""
    odd = await parcels.parcel("3", 6, order_id=await parcels.order())
    await parcels.parcel("3", 6)
    async with parcels.shop.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE alwaseet_shipments SET price = 'much', synced_at = 'soon', items_number = x'ff' WHERE id = :id"
            ),
            {"id": odd},
        )
    assert {"stuck": ["parcel.stuck"]} == await parcels.found()


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_zero_and_false_turn_a_kind_off(parcels: Parcels) -> None:
    await parcels.parcel("3", 6)
    parcels.watch.use(ParcelsSection(stuck=0, price_differs=False))
    reading = await parcels.read()
    assert ["[parcels] stuck is 0, so it is not watched", "[parcels] price_differs is false, so it is not watched"] == [
        str(why) for why in reading.off.values()
    ]
    assert ParcelKind.STUCK not in reading.found


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_list_is_read_page_by_page_with_those_first_that_have_stood_longest(
    parcels: Parcels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcel_rows, "AT_ONCE", 2)
    monkeypatch.setattr(parcel_watch, "MOST", 4)
    shipments = {days: await parcels.parcel("3", days) for days in (6, 9, 7, 8, 5)}
    reading = await parcels.read()
    first = reading.page(ParcelKind.STUCK, limit=3, cursor=None)
    second = reading.page(ParcelKind.STUCK, limit=3, cursor=first.next_cursor)
    listed = [each.shipment_id for page in (first, second) for each in page.items]
    assert [shipments[days] for days in (9, 8, 7, 6)] == listed
    assert second.next_cursor is None
    assert 5 == reading.counts[ParcelKind.STUCK]  # one is counted and not listed
    with pytest.raises(BadRequest):
        reading.page(None, limit=3, cursor="9")


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_alerts_read_every_quarter_of_an_hour_and_a_person_once_a_minute(
    parcels: Parcels, clock: ManualClock
) -> None:
    first = await parcels.watch.latest()
    await clock.advance(59)
    assert first is await parcels.watch.fresh()
    await clock.advance(2)
    second = await parcels.watch.fresh()
    assert first is not second
    await clock.advance(899)
    assert second is await parcels.watch.latest()
    parcels.watch._took_s = 60.0  # a shop that is asked for a minute is left alone for twenty
    assert second is await parcels.watch.fresh()
    parcels.watch._took_s = 0.0
    await clock.advance(2)
    assert second is not await parcels.watch.latest()


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_parcels_of_a_shop_that_does_not_answer_are_unknown_and_asked_for_again_in_a_minute(
    parcels: Parcels, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> AbstractAsyncContextManager[AsyncConnection]:
        raise ShopUnreachable(plain("gone"))

    with monkeypatch.context() as patch:
        patch.setattr(parcels.shop, "read", away)
        assert await parcels.watch.latest() is None
    await clock.advance(61)
    assert await parcels.watch.latest() is not None


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_parcels_are_read_in_pieces_by_their_indexes(parcels: Parcels) -> None:
    await parcels.parcel("3", 6, order_id=await parcels.order())
    await parcels.parcel("4", 15, merchant_invoice_id="-1")
    read = await asked_by(parcels.shop, parcels.read)
    told = await plans(parcels.shop, [each for each in read if "sqlite_schema" not in each[0]])
    assert "SEARCH alwaseet_shipments USING INTEGER PRIMARY KEY (rowid>?)" in told
    assert "SEARCH orders USING INTEGER PRIMARY KEY (rowid=?)" in told
    assert "SEARCH alwaseet_order_status_history USING INDEX" in told
    assert "SCAN alwaseet" not in told


@pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)
async def test_a_slow_reading_holds_up_no_alert_and_the_one_before_is_good_meanwhile(
    parcels: Parcels, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await parcels.watch.latest()
    await clock.advance(901)
    monkeypatch.setattr(parcel_watch, "PATIENCE_S", 0.0)
    assert first is await parcels.watch.latest()
    assert first is not await parcels.watch.fresh()
