"""Which courier order an unclear shipment became: every list, shuffled and crowded, leads to no wrong one."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paranad.courier.models import CourierOrder
from paranad.shipments.matching import (
    SLACK,
    Absent,
    Ambiguous,
    Found,
    Search,
    Verdict,
    decide,
    is_proven,
    references_in,
)
from paranad.shipments.model import RequestOutcome, Shipment, ShipmentAttempt, ShipmentState
from paranad.shipments.request import new_reference

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WALL = datetime(2026, 3, 2, 12, 0)  # noqa: DTZ001 -- the courier's wall clock is naive
PHONE = "+9647701234567"
PRICE = 25_000


def shipment(order_id: int = 1, *, phone: str = PHONE, price: int = PRICE) -> Shipment:
    attempt = ShipmentAttempt(1, phone, price, AT, AT, RequestOutcome.UNCLEAR, "no answer")
    return Shipment(
        order_id=order_id,
        state=ShipmentState.INTENDED,
        reference=f"P{order_id}-ABCD",
        courier_id=None,
        ids=frozenset(),
        reason="no answer",
        absences=0,
        absent_at=None,
        intended_at=AT,
        created_at=None,
        recorded_at=None,
        decided_at=None,
        attempts=(attempt,),
    )


def courier_order(
    order_id: str = "900",
    *,
    phone: str | None = PHONE,
    price: int | None = PRICE,
    notes: str | None = None,
    created_at: datetime | None = WALL,
) -> CourierOrder:
    known = {"id", "qr_id", "client_mobile", "price", "delivery_price", "merchant_notes", "created_at", "updated_at"}
    text: dict[str, Any] = {
        spec.name: None
        for spec in fields(CourierOrder)
        if spec.name not in known | {"replacement", "extra", "unreadable"}
    }
    return CourierOrder(
        id=order_id,
        qr_id=None,
        client_mobile=phone,
        price=None if price is None else Decimal(price),
        delivery_price=None,
        merchant_notes=notes,
        replacement=False,
        created_at=created_at,
        updated_at=None,
        extra={},
        **text,
    )


def verdicts(
    orders: list[CourierOrder], *shipments: Shipment, holders: dict[str, int] | None = None
) -> dict[int, Verdict]:
    search = Search(shipments)
    search.look_at(orders)
    return decide(search, holders or {})


def verdict(*orders: CourierOrder, holders: dict[str, int] | None = None) -> Verdict:
    return verdicts(list(orders), shipment(), holders=holders)[1]


@pytest.mark.parametrize("notes", ["P1-ABCD", "P1-ABCD hello", "  P1-ABCD\nمرحبا", "مرحبا P1-ABCD."])
def test_reference_with_the_phone_is_found(notes: str) -> None:
    order = courier_order(notes=notes, price=1, created_at=None, phone="0770 123 4567")
    assert verdict(order) == Found(order, "reference")


@pytest.mark.parametrize("notes", ["P1-ABCDE", "XP1-ABCD", "P11-ABCD", "P1-ABC", "p1-abcd", "", None])
def test_what_only_looks_like_the_reference_is_not(notes: str | None) -> None:
    assert verdict(courier_order(notes=notes, price=1)) == Absent()


def test_reference_twice_is_ambiguous() -> None:
    found = verdict(courier_order("1", notes="P1-ABCD"), courier_order("2", notes="P1-ABCD"))
    assert isinstance(found, Ambiguous)
    assert is_proven(found)


def test_one_row_that_stands_twice_is_one() -> None:
    order = courier_order(notes="P1-ABCD")
    assert verdict(order, replace(order)) == Found(order, "reference")


def test_reference_with_another_phone_is_ambiguous() -> None:
    assert isinstance(verdict(courier_order(notes="P1-ABCD", phone="+9647801112223")), Ambiguous)


def test_phone_and_price_are_found() -> None:
    assert verdict(courier_order()) == Found(courier_order(), "phone and price")


@pytest.mark.parametrize("changes", [{"phone": "+9647701234568"}, {"phone": None}, {"price": 24_999}, {"price": None}])
def test_other_phone_or_price_is_absent(changes: dict[str, str | int | None]) -> None:
    assert verdict(courier_order(**changes)) == Absent()  # type: ignore[arg-type]


def test_courier_order_made_before_the_request_is_absent() -> None:
    assert verdict(courier_order(created_at=WALL - SLACK - timedelta(seconds=1))) == Absent()
    assert isinstance(verdict(courier_order(created_at=WALL - SLACK)), Found)


def test_courier_order_without_a_date_is_ambiguous() -> None:
    assert isinstance(verdict(courier_order(created_at=None)), Ambiguous)


def test_courier_order_that_another_order_holds_is_absent() -> None:
    assert verdict(courier_order(), holders={"900": 2}) == Absent()
    assert isinstance(verdict(courier_order(), holders={"900": 1}), Found)


def test_courier_order_with_the_reference_of_another_is_absent() -> None:
    assert verdict(courier_order(notes="P2-ABCD")) == Absent()


def test_two_shipments_that_fit_one_courier_order_are_both_ambiguous() -> None:
    found = verdicts([courier_order()], shipment(1), shipment(2))
    assert [Ambiguous, Ambiguous] == [type(each) for each in found.values()]


def test_refused_attempts_are_not_searched_for() -> None:
    refused = replace(shipment().attempts[0], outcome=RequestOutcome.REFUSED)
    found = verdicts([courier_order()], replace(shipment(), attempts=(refused,)))
    assert found[1] == Absent()


ROWS = st.lists(
    st.builds(
        courier_order,
        order_id=st.integers(1, 12).map(str),
        phone=st.sampled_from([PHONE, "07701234567", "+9647801112223", None]),
        price=st.sampled_from([PRICE, 1, None]),
        notes=st.sampled_from([None, "", "P1-ABCD", "P2-ABCD x", "note"]),
        created_at=st.sampled_from([WALL, WALL - timedelta(hours=1), None]),
    ),
    max_size=8,
    unique_by=lambda order: order.id,
)


@given(orders=ROWS, seed=st.integers(0, 99))
def test_order_of_the_rows_does_not_matter(orders: list[CourierOrder], seed: int) -> None:
    shuffled = orders.copy()
    Random(seed).shuffle(shuffled)
    shipments = (shipment(1), shipment(2, phone="+9647801112223"))
    assert verdicts(orders, *shipments) == verdicts(shuffled, *shipments)


@given(orders=ROWS, pieces=st.integers(1, 4))
def test_no_courier_order_is_given_to_two_shipments(orders: list[CourierOrder], pieces: int) -> None:
    shipments = [shipment(number) for number in range(1, pieces + 1)]
    found = [each.order.id for each in verdicts(orders, *shipments).values() if isinstance(each, Found)]
    assert len(found) == len(set(found))


@given(orders=ROWS)
def test_found_always_has_the_phone_and_a_proof(orders: list[CourierOrder]) -> None:
    found = verdicts(orders, shipment())[1]
    if isinstance(found, Found):
        assert (found.order.client_mobile or "")[-10:] == PHONE[-10:]
        assert "P1-ABCD" in (found.order.merchant_notes or "") or found.order.price == PRICE


@given(orders=ROWS)
def test_absent_means_that_nothing_carries_the_reference(orders: list[CourierOrder]) -> None:
    if isinstance(verdicts(orders, shipment())[1], Absent):
        assert not any("P1-ABCD" in (order.merchant_notes or "") for order in orders)


@given(order_id=st.integers(1, 2**63 - 1), seed=st.integers())
def test_new_reference_is_recognised_in_notes(order_id: int, seed: int) -> None:
    reference = new_reference(order_id, Random(seed))
    assert {reference} == references_in(courier_order(notes=f"{reference} اتصل"))
    assert reference.isascii()
