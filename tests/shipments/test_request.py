"""From an order to the request: what the courier collects, and what is no name."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paranad.shipments.request import BadOrder, Order, ShipmentPrice, build_request, rounded_from
from paranad.shop.settings import ShopSettings

SETTINGS = {f"alwaseet_default_{key}_id": "1" for key in ("city", "region", "package_size")}
ORDER = Order(
    id=12,
    status="pending",
    trashed=False,
    name="زينب",
    phone="07701234567",
    phone2=None,
    address="الكرادة",
    city_id=None,
    region_id=None,
    notes=None,
    total=Decimal(25000),
    items=1,
    created_at=None,
    updated_at=None,
    shipments=(),
)
TOTAL, PLUS_FEE = ShipmentPrice.TOTAL, ShipmentPrice.TOTAL_PLUS_FEE


def price_of(total: Decimal | str, price: ShipmentPrice = TOTAL, fee: str = "5000") -> int:
    settings = ShopSettings(SETTINGS | {"delivery_fee": fee})
    return build_request(replace(ORDER, total=Decimal(total)), settings, price, "P12-ABCD").price


@given(st.decimals(Decimal("0.5"), Decimal("99999999.99"), places=2), st.integers(0, 10**6))
def test_total_is_collected_rounded_half_up_and_the_rounding_is_known(total: Decimal, fee: int) -> None:
    whole = int(total.quantize(Decimal(1), ROUND_HALF_UP))
    assert (whole, whole + fee) == (price_of(total), price_of(total, PLUS_FEE, str(fee)))
    assert (None if whole == total else total) == rounded_from(replace(ORDER, total=total))


@pytest.mark.parametrize(("total", "price"), [("10837.50", 10838), ("10837.49", 10837), ("25000.00", 25000)])
def test_fraction_of_a_dinar_is_rounded_half_up(total: str, price: int) -> None:
    assert price == price_of(total)


def test_order_that_costs_nothing_is_sent_for_its_fee() -> None:
    assert price_of("0", PLUS_FEE) == 5000


@pytest.mark.parametrize(
    ("total", "price", "fee"),
    [
        ("0", TOTAL, "5000"),
        ("0.49", TOTAL, "5000"),
        ("0", PLUS_FEE, "0"),
        ("-1", PLUS_FEE, "5000"),
        ("1e9", TOTAL, "0"),
    ],
)
def test_total_that_cannot_be_collected_is_bad_data(total: str, price: ShipmentPrice, fee: str) -> None:
    with pytest.raises(BadOrder, match=r"order 12: total_amount: expected"):
        price_of(total, price, fee)


def with_text(field: str, text: str) -> Any:
    return build_request(replace(ORDER, **{field: text}), ShopSettings(SETTINGS), TOTAL, "P12-ABCD")  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["name", "address", "phone"])
@pytest.mark.parametrize("invisible", ["", " ", "\u200b\u200f", "\u00ad", "\u3164\uffa0", "\ufeff\u2060", "\u2800"])
def test_text_of_nothing_visible_is_empty(field: str, invisible: str) -> None:
    with pytest.raises(BadOrder, match=r"is empty|got none"):
        with_text(field, invisible)


@pytest.mark.parametrize("name", ["\u200fزينب", "a", "ـ"])
def test_name_with_one_visible_sign_is_one(name: str) -> None:
    assert name == with_text("name", name).client_name
