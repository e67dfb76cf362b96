"""What becomes of a shipment is a function of facts: every list, shuffled and crowded, leads to no second parcel."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paranad.courier.models import CourierOrder
from paranad.numbers import PATIENCE
from paranad.shipments import reasons
from paranad.shipments.decide import (
    SELDOM,
    Count,
    Hold,
    Note,
    Settle,
    Settlement,
    doubt_of_absence,
    is_younger,
    look_due_at,
    settle,
)
from paranad.shipments.judge import (
    DAY,
    NEAR,
    PHONE_AND_PRICE,
    REFERENCE,
    Absent,
    Doubt,
    Link,
    ListFacts,
    Parcel,
    Recognised,
    Unproven,
    Verdict,
    judge,
)
from paranad.shipments.model import Look, RequestOutcome, Shipment, ShipmentAttempt, ShipmentState, Suspicion
from paranad.shipments.request import new_reference
from paranad.shipments.search import Search, references_in

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WALL = datetime(2026, 3, 2, 12, 0)  # noqa: DTZ001 -- the courier's wall clock is naive
PHONE, OTHER = "+9647701234567", "+9647801112223"
PRICE = 25_000
SETTLE_TIME = timedelta(minutes=3)
WITNESS = Parcel(9, frozenset({"909"}), AT + timedelta(minutes=1), AT + timedelta(minutes=1))
LATER = AT + timedelta(hours=2)
"""After the list was asked for."""
NO_ANSWER = reasons.NO_ANSWER(detail="cut")


def shipment(order_id: int = 1, *, phone: str = PHONE, price: int = PRICE, **changes: Any) -> Shipment:
    attempt = ShipmentAttempt(1, phone, price, AT, AT, RequestOutcome.UNCLEAR, NO_ANSWER)
    asked: dict[str, Any] = {
        "order_id": order_id,
        "state": ShipmentState.INTENDED,
        "reference": f"P{order_id}-ABCD",
        "courier_id": None,
        "ids": frozenset(),
        "reason": NO_ANSWER,
        "absences": 0,
        "absent_at": None,
        "look": None,
        "intended_at": AT,
        "created_at": None,
        "recorded_at": None,
        "decided_at": None,
        "unconfirmed": False,
        "attempts": (attempt,),
        "suspicions": (),
        "version": 1,
    }
    return Shipment(**asked | changes)


def suspected(code: str = reasons.TRIED_BY_PHP.code, *, since: datetime = AT) -> Shipment:
    return shipment(attempts=(), suspicions=(Suspicion(code, "job:1", PHONE, PRICE, since, AT),))


def courier_order(
    order_id: str = "900",
    *,
    phone: str | None = PHONE,
    price: int | None = PRICE,
    notes: str | None = None,
    created_at: datetime | None = WALL,
    qr_id: str | None = None,
) -> CourierOrder:
    known: dict[str, Any] = {
        "id": order_id,
        "qr_id": qr_id,
        "client_mobile": phone,
        "price": None if price is None else Decimal(price),
        "merchant_notes": notes,
        "created_at": created_at,
        "extra": {},
        "unreadable": {},
    }
    return CourierOrder(**{spec.name: None for spec in fields(CourierOrder)} | known)


def list_of(orders: list[CourierOrder], *shipments: Shipment, **facts: Any) -> ListFacts:
    """Return what a whole list shows that was asked for an hour after the request, beside a witness."""
    search = Search(shipments, frozenset({"909"}))
    search.look_at([*orders, courier_order("909", phone=OTHER, notes="P9-ABCD")])
    asked: dict[str, Any] = {
        "asked_at": AT + timedelta(hours=1),
        "whole": True,
        "shows_references": True,
        "shown": search.shown,
        "seen": search.seen,
        "parcels": [WITNESS],
        "holders": {"909": shipment(9)},
        "links": {},
        "owners": {},
        "open_orders": {},
        "settle_time": SETTLE_TIME,
    }
    return ListFacts(**asked | facts)


def verdict(*orders: CourierOrder, of: Shipment | None = None, **facts: Any) -> Verdict:
    of = of or shipment()
    return judge(of, list_of(list(orders), of, **facts))


def code_of(found: Verdict | Settlement) -> str | None:
    return found.reason.code if isinstance(found, Doubt | Unproven | Hold | Note) else None


@pytest.mark.parametrize("notes", ["P1-ABCD", "P1-ABCD hello", "  P1-ABCD\nمرحبا", "مرحبا P1-ABCD."])
def test_reference_with_the_phone_is_found(notes: str) -> None:
    order = courier_order(notes=notes, price=1, created_at=None, phone="0770 123 4567")
    assert Recognised(order, REFERENCE) == verdict(order)
    assert Recognised(order, REFERENCE) == verdict(order, whole=False)


@pytest.mark.parametrize("notes", ["P1-ABCDE", "XP1-ABCD", "P11-ABCD", "P1-ABC", "p1-abcd", "", None])
def test_row_with_the_phone_whose_note_is_not_the_reference_is_a_candidate(notes: str | None) -> None:
    assert reasons.CANDIDATE.code == code_of(verdict(courier_order(notes=notes, price=1)))


def test_reference_twice_or_with_another_phone_is_held_at_once() -> None:
    twice = verdict(courier_order("1", notes="P1-ABCD"), courier_order("2", notes="P1-ABCD"))
    other = verdict(courier_order(notes="P1-ABCD", phone=OTHER))
    for found, code in ((twice, reasons.TWICE.code), (other, reasons.OTHER_PHONE.code)):
        assert isinstance(found, Doubt)
        assert (code, True) == (found.reason.code, found.final)


def test_one_row_that_stands_twice_is_one() -> None:
    order = courier_order(notes="P1-ABCD")
    assert Recognised(order, REFERENCE) == verdict(order, replace(order))


def test_phone_and_price_are_found_where_lists_show_no_notes() -> None:
    order = courier_order(created_at=WALL - DAY)
    assert Recognised(order, PHONE_AND_PRICE) == verdict(order, shows_references=False)


def test_phone_and_price_without_our_note_count_near_the_request_only_where_lists_show_notes() -> None:
    """Somebody else's order of the same phone and price would carry no note of ours either."""
    assert isinstance(verdict(courier_order(created_at=WALL + NEAR)), Recognised)
    assert reasons.CANDIDATE.code == code_of(verdict(courier_order(created_at=WALL - NEAR - timedelta(seconds=1))))


@pytest.mark.parametrize(
    "changes",
    [
        {"price": 24_999},
        {"price": None},
        {"created_at": None},
        {"created_at": WALL - timedelta(hours=3)},
        {"notes": "P2-ABCD"},
        {"notes": "p1-abcd", "price": 1},
        {"phone": None},
        {"phone": "abc"},
    ],
)
def test_changed_row_is_a_candidate_never_an_absence(changes: dict[str, Any]) -> None:
    """Its time is in UTC, its price changed, its note replaced, its phone unreadable: it may be the shipment."""
    assert reasons.CANDIDATE.code == code_of(verdict(courier_order(**changes)))


def test_row_with_another_phone_is_none() -> None:
    assert Absent() == verdict(courier_order(phone=OTHER))


def test_row_made_over_a_day_before_is_another_one() -> None:
    assert Absent() == verdict(courier_order(created_at=WALL - DAY - timedelta(seconds=1)))
    old = courier_order(created_at=WALL - timedelta(days=8))
    assert isinstance(verdict(old, of=suspected(reasons.REQUEUED.code, since=AT - timedelta(days=8))), Recognised)


def test_row_of_an_impossible_time_is_a_row_without_a_time() -> None:
    assert reasons.CANDIDATE.code == code_of(verdict(courier_order(created_at=datetime(1970, 1, 1))))  # noqa: DTZ001


def test_row_that_another_order_holds_is_another_one() -> None:
    assert Absent() == verdict(courier_order(), holders={"900": shipment(2)})
    assert Absent() == verdict(courier_order("901", qr_id="900"), holders={"900": shipment(2)})
    assert isinstance(verdict(courier_order(), holders={"900": shipment(1)}), Recognised)


def test_row_whose_id_an_order_of_another_phone_holds_may_be_ours() -> None:
    """The courier answered that order with our parcel's id."""
    other = shipment(2, phone=OTHER)
    assert isinstance(verdict(courier_order(), holders={"900": other}), Recognised)
    assert Absent() == verdict(courier_order(notes="P2-ABCD"), holders={"900": other})


def test_row_that_the_shop_links_to_another_order_of_that_phone_is_another_one() -> None:
    assert Absent() == verdict(courier_order(), links={"900": Link(2, PHONE[-10:])})
    assert reasons.CANDIDATE.code == code_of(verdict(courier_order(), links={"900": Link(2, OTHER[-10:])}))


def test_foreign_reference_clears_a_row_only_if_the_row_is_that_orders() -> None:
    row = courier_order(notes="P2-ABCD")
    assert reasons.CANDIDATE.code == code_of(verdict(row))
    assert reasons.CANDIDATE.code == code_of(verdict(row, owners={"P2-ABCD": shipment(2, phone=OTHER)}))
    assert Absent() == verdict(row, owners={"P2-ABCD": shipment(2)})
    by_id = shipment(2, phone=OTHER, ids=frozenset({"900"}))
    assert Absent() == verdict(row, owners={"P2-ABCD": by_id})


def test_another_open_order_of_the_phone_makes_a_match_by_phone_doubtful() -> None:
    found = verdict(courier_order(), open_orders={PHONE[-10:]: {1, 2}})
    assert isinstance(found, Doubt)
    assert (reasons.TWIN.code, False) == (found.reason.code, found.final)
    assert isinstance(verdict(courier_order(), open_orders={PHONE[-10:]: {1}}), Recognised)


def test_list_without_a_witness_proves_no_absence() -> None:
    before = replace(WITNESS, sent_at=AT + SETTLE_TIME / 3 - timedelta(seconds=1))
    assert reasons.NO_WITNESS.code == code_of(verdict(parcels=[before]))
    assert reasons.NO_WITNESS.code == code_of(verdict(parcels=[replace(WITNESS, order_id=1)]))
    assert reasons.NO_WITNESS.code == code_of(verdict(parcels=[replace(WITNESS, sent_at=None)]))
    assert reasons.NO_WITNESS.code == code_of(verdict(seen=set(), parcels=[replace(WITNESS, acknowledged_at=LATER)]))
    assert Absent() == verdict()


def test_list_that_lacks_a_parcel_that_is_known_to_be_there_proves_no_absence() -> None:
    known = Parcel(5, frozenset({"905"}), AT - DAY, AT - DAY)
    assert reasons.INCOMPLETE.code == code_of(verdict(parcels=[known, WITNESS]))
    late = replace(known, acknowledged_at=AT + timedelta(hours=2))
    old = replace(known, acknowledged_at=AT - DAY - timedelta(seconds=1))
    assert Absent() == verdict(parcels=[late, old, WITNESS])


def test_list_that_is_not_whole_proves_no_absence() -> None:
    assert reasons.PARTIAL.code == code_of(verdict(whole=False))


def decided(found: Verdict, of: Shipment | None = None, *, after: timedelta = SETTLE_TIME, **asked: Any) -> Settlement:
    at = AT + after
    usual: dict[str, Any] = {"asked_at": at, "now": at, "settle_time": SETTLE_TIME, "beside": False}
    return settle(of or shipment(), found, **usual | asked)


def test_reference_settles_a_shipment_in_every_open_state() -> None:
    found = Recognised(courier_order(notes="P1-ABCD"), REFERENCE)
    for state in (ShipmentState.INTENDED, ShipmentState.HELD, ShipmentState.WITHDRAWN):
        assert Settle(found.order, REFERENCE) == decided(found, shipment(state=state), beside=True)


@pytest.mark.parametrize(
    "found",
    [Recognised(courier_order(), PHONE_AND_PRICE), Absent(), Doubt(NO_ANSWER, final=False), Unproven(NO_ANSWER)],
)
def test_everything_else_settles_an_unclear_one_only(found: Verdict) -> None:
    for state in (ShipmentState.HELD, ShipmentState.WITHDRAWN):
        assert decided(found, shipment(state=state)) is None
    assert decided(found, beside=True) is None
    assert decided(found, after=-timedelta(seconds=1)) is None


def test_reference_on_a_doubtful_row_holds_a_withdrawn_one_unless_a_person_has_decided() -> None:
    doubt = Doubt(reasons.OTHER_PHONE(rows=["900"]), final=True)
    withdrawn = shipment(state=ShipmentState.WITHDRAWN)
    assert Hold(doubt.reason) == decided(doubt, withdrawn)
    assert decided(doubt, replace(withdrawn, decided_at=AT)) is None


def test_candidate_that_a_later_list_lacks_is_remembered() -> None:
    seen = shipment(look=Look(AT, reasons.CANDIDATE(rows=["900"])))
    assert reasons.CANDIDATE.code == code_of(verdict(of=seen))
    assert reasons.CANDIDATE.code == code_of(verdict(courier_order(phone=OTHER), of=seen))


def test_candidate_is_waited_for_over_the_settle_time_then_held() -> None:
    doubt = Doubt(reasons.CANDIDATE(rows="900"), final=False)
    assert Note(doubt.reason) == decided(doubt, after=SETTLE_TIME - timedelta(seconds=1))
    assert Hold(doubt.reason) == decided(doubt)
    assert Hold(doubt.reason) == decided(replace(doubt, final=True), after=timedelta(0))


def test_absence_counts_once_in_a_third_of_the_settle_time() -> None:
    assert decided(Absent(), after=SETTLE_TIME / 3 - timedelta(seconds=1)) is None
    assert Count() == decided(Absent(), after=SETTLE_TIME / 3)
    counted = shipment(absences=1, absent_at=AT + SETTLE_TIME / 3)
    assert decided(Absent(), counted, after=SETTLE_TIME / 2) is None
    assert Count() == decided(Absent(), counted, after=SETTLE_TIME * 2 / 3)


def test_what_no_list_proves_within_a_day_is_held() -> None:
    unproven = Unproven(reasons.NO_WITNESS())
    assert Note(unproven.reason) == decided(unproven, after=PATIENCE - timedelta(seconds=1))
    assert reasons.GIVEN_UP.code == code_of(decided(unproven, after=PATIENCE))


def test_absences_are_no_ground_once_lists_have_shown_no_reference_for_a_day() -> None:
    absent = shipment(absences=3, absent_at=AT)
    assert doubt_of_absence(absent, AT, AT + timedelta(minutes=3)) is None
    for seen_at in (None, AT + timedelta(minutes=3) - DAY):
        doubt = doubt_of_absence(absent, seen_at, AT + timedelta(minutes=3))
        assert doubt is not None
        assert reasons.NO_REFERENCES.code == doubt.code


def test_list_is_asked_for_seldom_while_it_cannot_prove_anything() -> None:
    first = shipment()
    assert AT + SETTLE_TIME / 3 == look_due_at(first, None, SETTLE_TIME)
    at = AT + timedelta(hours=1)
    waiting = shipment(look=Look(at, reasons.NO_WITNESS()))
    assert at + SELDOM == look_due_at(waiting, None, SETTLE_TIME)
    assert at + SELDOM == look_due_at(waiting, AT, SETTLE_TIME)
    assert at + SETTLE_TIME / 3 == look_due_at(waiting, at, SETTLE_TIME)


def test_request_is_younger_than_its_order_only_if_clearly_so() -> None:
    assert is_younger(AT + timedelta(days=8), AT)
    assert not is_younger(AT + timedelta(minutes=1), AT)
    assert not is_younger(None, AT)
    assert not is_younger(AT, None)


ROWS = st.lists(
    st.builds(
        courier_order,
        order_id=st.integers(1, 12).map(str),
        phone=st.sampled_from([PHONE, "07701234567", OTHER, None]),
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
    shipments = (shipment(1), shipment(2, phone=OTHER))
    for each in shipments:
        assert judge(each, list_of(orders, *shipments)) == judge(each, list_of(shuffled, *shipments))


@given(orders=ROWS, pieces=st.integers(1, 4))
def test_no_courier_order_is_given_to_two_shipments(orders: list[CourierOrder], pieces: int) -> None:
    shipments = [shipment(number) for number in range(1, pieces + 1)]
    facts = list_of(orders, *shipments, open_orders={PHONE[-10:]: set(range(1, pieces + 1))})
    found = [each.order.id for each in (judge(each, facts) for each in shipments) if isinstance(each, Recognised)]
    assert len(found) == len(set(found))


@given(orders=ROWS, shows=st.booleans())
def test_absent_means_that_no_row_has_the_phone_or_none(orders: list[CourierOrder], *, shows: bool) -> None:
    if isinstance(verdict(*orders, shows_references=shows), Absent):
        assert {OTHER} >= {order.client_mobile for order in orders}


@given(order_id=st.integers(1, 2**63 - 1), seed=st.integers())
def test_new_reference_is_recognised_in_notes(order_id: int, seed: int) -> None:
    reference = new_reference(order_id, Random(seed))
    assert {reference} == references_in(courier_order(notes=f"{reference} اتصل"))
    assert reference.isascii()
