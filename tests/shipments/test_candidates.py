"""What a person compares before a decision: from the shop's rows alone, and what cannot be read is named."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from paranad.said import plain
from paranad.shipments import reasons
from paranad.shipments.candidates import NAMED, PHONE, REFERENCE, Comparison, compare
from paranad.shipments.model import RequestOutcome, Shipment, ShipmentAttempt, ShipmentState
from paranad.shipments.phone import without_phones
from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_shipments
from tests.support.clock import START
from tests.support.shop import make, make_order
from tests.support.shop_faults import force

MADE = "+9647701234567"
WALL = datetime(2026, 3, 2, 12, 0)  # noqa: DTZ001 - the courier's wall clock


def held(order_id: int, *ids: str, **changes: Any) -> Shipment:
    """Return the held shipment of an order, of which the courier's list named *ids*."""
    attempt = ShipmentAttempt(1, MADE, 25000, START, START, RequestOutcome.UNCLEAR, plain("-"))
    fields: dict[str, Any] = {
        "order_id": order_id,
        "state": ShipmentState.HELD,
        "reference": f"P{order_id}-K7QX",
        "courier_id": None,
        "ids": frozenset(),
        "reason": reasons.CANDIDATE(rows=list(ids)),
        "absences": 0,
        "absent_at": None,
        "look": None,
        "intended_at": START,
        "created_at": None,
        "recorded_at": None,
        "decided_at": None,
        "unconfirmed": False,
        "attempts": (attempt,),
        "suspicions": (),
        "version": 1,
    }
    return Shipment(**fields | changes)


async def courier_row(shop: Shop, courier_id: str, **values: Any) -> int:
    """Let a sync have kept a row of the courier."""
    asked = {
        "alwaseet_order_id": courier_id,
        "client_name": "زينب حسن",
        "client_mobile": MADE,
        "city_id": "1",
        "city_name": "بغداد",
        "region_id": "15",
        "region_name": "الكرادة",
        "location": "قرب الجسر",
        "price": Decimal(25000),
        "package_size": "1",
        "type_name": "ملابس",
        "status_id": "1",
        "status": "جديد",
        "alwaseet_created_at": WALL,
        **values,
    }
    return await make(shop, alwaseet_shipments, **asked)


def ids(comparison: Comparison) -> list[str]:
    return [each.courier_id for each in comparison.candidates]


async def test_the_order_stands_beside_the_rows_that_the_list_named(shop: Shop) -> None:
    order_id = await make_order(shop, total_amount=Decimal(25000), notes="الطابق الثاني")
    await courier_row(shop, "9001", price=Decimal(30000), merchant_notes="بلا")
    await courier_row(shop, "9002", client_name="شخص آخر", client_mobile="+9647709999999")
    comparison = await compare(shop, held(order_id, "9001", "9002"))
    assert comparison.order is not None
    assert ("زينب حسن", "07701234567", Decimal(25000)) == (
        comparison.order.name,
        comparison.order.phone,
        comparison.order.price,
    )
    first, second = comparison.candidates
    assert ("9001", NAMED(), ("name", "phone")) == (first.courier_id, first.why, first.same)
    assert ("9002", NAMED(), ("price",)) == (second.courier_id, second.why, second.same)
    assert first.row is not None
    assert (Decimal(30000), "بلا", ()) == (first.row.price, first.row.notes, first.row.unreadable)
    assert timedelta(hours=3) == first.row.created_at.utcoffset() if first.row.created_at else False


async def test_a_row_that_no_sync_has_kept_is_named_all_the_same(shop: Shop) -> None:
    comparison = await compare(shop, held(await make_order(shop), "9003"))
    assert [("9003", None)] == [(each.courier_id, each.row) for each in comparison.candidates]


async def test_rows_of_the_phone_or_the_reference_come_too(shop: Shop) -> None:
    order_id, other = await make_order(shop), await make_order(shop)
    await courier_row(shop, "9101")
    await courier_row(shop, "9102", client_mobile="+9647700000000", merchant_notes=f"P{order_id}-K7QX شكراً")
    await courier_row(shop, "9103", order_id=other)
    await courier_row(shop, "9104", alwaseet_created_at=WALL - timedelta(days=3))
    await courier_row(shop, "9105", client_mobile="+9647700000001")
    found = {each.courier_id: each.why for each in (await compare(shop, held(order_id))).candidates}
    assert {"9101": PHONE(), "9102": REFERENCE()} == found


async def test_a_settled_shipment_has_no_candidates(shop: Shop) -> None:
    order_id = await make_order(shop)
    await courier_row(shop, "9101")
    assert [] == ids(await compare(shop, held(order_id, state=ShipmentState.RECORDED)))


async def test_order_that_is_gone_is_said_so_and_its_candidates_stay(shop: Shop) -> None:
    await courier_row(shop, "9101")
    comparison = await compare(shop, held(77, "9101"))
    assert ("candidate.no_order", ["9101"]) == (
        comparison.order_reason and comparison.order_reason.code,
        ids(comparison),
    )


async def test_what_cannot_be_read_or_is_missing_is_named(sqlite_shop: Shop) -> None:
    order_id = await make_order(sqlite_shop)
    await courier_row(sqlite_shop, "9101")
    await force(sqlite_shop, "UPDATE orders SET total_amount = :value", value="abc")
    await force(sqlite_shop, "UPDATE orders SET created_at = :value", value="yesterday")
    await force(sqlite_shop, "ALTER TABLE orders DROP COLUMN notes")
    await force(sqlite_shop, "UPDATE alwaseet_shipments SET client_name = :value", value=b"\xff\x00")
    comparison = await compare(sqlite_shop, held(order_id, "9101"))
    assert comparison.order is not None
    assert ("price", "notes", "created_at") == comparison.order.unreadable
    assert [("name",)] == [each.row.unreadable for each in comparison.candidates if each.row]


async def test_shop_that_is_away_leaves_what_the_list_named(sqlite_shop: Shop) -> None:
    await force(sqlite_shop, "ALTER TABLE alwaseet_shipments RENAME TO elsewhere")
    comparison = await compare(sqlite_shop, held(await make_order(sqlite_shop), "9101"))
    assert comparison.order is not None
    assert ("shop.unexpected_schema", ["9101"]) == (comparison.reason and comparison.reason.code, ids(comparison))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("اتصل على 0770 123 4567 مساءً", "اتصل على …567 مساءً"),
        ("٠٧٧٠١٢٣٤٥٦٧", "…567"),
        ("+964-770-123-4567", "…567"),
        ("P12-K7QX 90000018", "P12-K7QX 90000018"),
    ],
)
def test_phones_within_a_text_are_cut(text: str, shown: str) -> None:
    assert shown == without_phones(text)
