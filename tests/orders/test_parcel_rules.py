"""What needs a person about a parcel: pure decisions, a table for each rule."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from paranad.configuration.settings import ParcelsSection
from paranad.orders.parcel_rules import (
    KEYS,
    Around,
    Finding,
    Invoice,
    Items,
    OrderNow,
    Parcel,
    ParcelKind,
    SentAs,
    judge,
)

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SENT = NOW - 4 * DAY
PHONE = "+9647701234567"
AROUND = Around(ParcelsSection(), NOW, with_fee=False, fee=5000, fee_since=None)
ORDER = OrderNow(
    id=318,
    number="D-0318",
    status="confirmed",
    is_trashed=False,
    trashed_at=None,
    cancelled_at=None,
    updated_at=SENT + HOUR,
    total=Decimal("25000.00"),
    fee_then=None,
    phones=("0770 123 4567",),
    address="بغداد، الكرادة",
)
PARCEL = Parcel(
    shipment_id=1,
    courier_id="90000123",
    status_id="3",
    status="قيد التوصيل",
    phone=PHONE,
    address="بغداد، الكرادة",
    price=Decimal("25000.00"),
    items="2",
    issue=None,
    is_exchange=False,
    made_at=SENT,
    touched_at=SENT,
    seen_at=NOW,
    order=ORDER,
    statuses=[("1", SENT), ("3", NOW - DAY)],
    sent=SentAs(SENT, PHONE, 25000),
    order_items=Items(2, SENT - HOUR),
)


def found(parcel: Parcel, around: Around = AROUND) -> list[Finding]:
    return list(judge(parcel, around, KEYS))


def kinds(around: Around = AROUND, order: dict[str, Any] | None = None, **changed: Any) -> list[str]:
    """Return what is found of the good parcel with some fields changed, its order's among them."""
    parcel = replace(PARCEL, order=replace(ORDER, **order) if order else PARCEL.order, **changed)
    return [each.kind.value for each in found(parcel, around)]


def history(*statuses: tuple[str, int]) -> Sequence[tuple[str, datetime]]:
    return [(status, NOW - days * DAY) for status, days in statuses]


def test_a_parcel_on_its_way_needs_nobody() -> None:
    assert [] == kinds()


@pytest.mark.parametrize(
    ("changed", "days"),
    [
        ({"statuses": history(("1", 9), ("3", 5))}, 5),
        ({"statuses": history(("1", 9), ("3", 4))}, None),
        ({"statuses": history(("1", 9), ("3", 7), ("3", 6))}, 7),  # the shop keeps two rows of one change
        ({"statuses": history(("3", 30), ("5", 8), ("3", 2))}, None),  # it came back to a status
        ({"statuses": history(("1", 9)), "touched_at": NOW - 6 * DAY}, 6),  # the history lacks the change
        ({"statuses": (), "touched_at": None}, None),  # unknown
        ({"statuses": history(("3", 9)), "seen_at": NOW - 5 * DAY}, None),  # of others more was heard since
        ({"statuses": history(("3", 9)), "seen_at": None}, None),
        ({"status_id": "4", "statuses": history(("4", 9)), "seen_at": NOW - 9 * DAY}, None),
        ({"status_id": "31", "statuses": history(("31", 9))}, None),
    ],
)
def test_parcel_is_stuck_that_kept_its_status_up_to_the_last_answer(changed: dict[str, Any], days: int | None) -> None:
    stuck = [each.why.values["days"] for each in found(replace(PARCEL, **changed)) if each.kind is ParcelKind.STUCK]
    assert ([] if days is None else [days]) == stuck


def test_while_no_sync_runs_no_parcel_grows_older() -> None:
    parcel = replace(PARCEL, statuses=history(("3", 9)), seen_at=NOW - 6 * DAY)
    assert [] == found(parcel, replace(AROUND, newest_at=NOW - 6 * DAY))


@pytest.mark.parametrize(
    "note", [None, "", " ", "0", "لا يوجد", " لا يوجد ", "لايوجد", "لا يوجد.", "NULL", "none", "لا", "\u200f"]
)
def test_no_note_of_an_issue_is_none(note: str | None) -> None:
    assert [] == kinds(issue=note)


def test_a_note_of_an_issue_is_told_at_once_and_without_a_phone() -> None:
    (one,) = found(replace(PARCEL, issue="الزبون لا يرد\n07701234567"))
    assert (ParcelKind.STUCK, "the courier notes: الزبون لا يرد …567") == (one.kind, one.why.text)


@pytest.mark.parametrize(
    ("statuses", "days"), [(history(("3", 30), ("16", 12), ("15", 2)), 12), (history(("16", 9)), None), ((), None)]
)
def test_parcel_returns_too_long_from_its_first_status_of_the_way_back(
    statuses: Sequence[tuple[str, datetime]], days: int | None
) -> None:
    parcel = replace(PARCEL, status_id="15", statuses=[*statuses, ("15", NOW)] if statuses else (), touched_at=NOW)
    assert ([] if days is None else [days]) == [each.why.values["days"] for each in found(parcel)]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"invoice": Invoice.NONE}, ["parcel.uninvoiced"]),
        ({"invoice": Invoice.NONE, "confirmed": True}, ["parcel.confirmed"]),
        ({"invoice": Invoice.NONE, "status_id": "21", "statuses": history(("21", 14))}, ["parcel.uninvoiced"]),
        ({"invoice": Invoice.ON_ONE}, []),
        ({"invoice": Invoice.UNKNOWN}, []),
        ({"invoice": Invoice.NONE, "statuses": history(("4", 13)), "touched_at": NOW}, []),
        # The courier was last heard of it a day after its delivery: it may have been paid since.
        ({"invoice": Invoice.NONE, "seen_at": NOW - 13 * DAY}, []),
        ({"invoice": Invoice.NONE, "seen_at": NOW - 4 * DAY, "statuses": history(("4", 30))}, []),  # deleted there
    ],
)
def test_delivered_parcel_is_on_no_invoice_if_the_courier_said_so_late_enough(
    changed: dict[str, Any], expected: list[str]
) -> None:
    delivered = replace(PARCEL, status_id="4", statuses=history(("3", 20), ("4", 14)))
    assert expected == [each.why.code for each in found(replace(delivered, **changed))]


@pytest.mark.parametrize(
    ("with_fee", "price", "order", "differs"),
    [
        (False, "25000", {}, False),
        (False, "30000", {}, False),  # sent by hand in the shop, with its fee
        (False, "29000", {"fee_then": Decimal(4000)}, False),
        (False, "24000", {}, True),
        (False, "25000.50", {"total": Decimal("25000.50")}, False),  # both round to the same
        (False, "10838", {"total": Decimal("10837.50")}, False),
        (True, "30000", {}, False),
        (True, "25000", {}, False),  # as it was sent, before the fee was added
        (True, "24000", {}, True),
        (False, "24000", {"status": "returned"}, False),
        (False, "24000", {"total": None}, False),
    ],
)
def test_price_differs_from_the_total_and_the_fees_it_may_have(
    with_fee: bool, price: str, order: dict[str, Any], differs: bool
) -> None:
    around, sent = replace(AROUND, with_fee=with_fee), SentAs(SENT, PHONE, 25000)
    listed = kinds(around, {**order, "updated_at": SENT - HOUR}, price=Decimal(price), sent=sent)
    assert (["price"] if differs else []) == listed


@pytest.mark.parametrize(
    ("sent", "fee", "expected"),
    [
        (SentAs(SENT, PHONE, 30000), 5000, ["parcel.price_with_fee"]),  # the courier dropped the fee
        (None, 5000, []),  # PHP's job sent the bare total
        (None, None, []),
    ],
)
def test_bare_total_differs_only_if_we_sent_it_with_the_fee(
    sent: SentAs | None, fee: int | None, expected: list[str]
) -> None:
    around = replace(AROUND, with_fee=True, fee=fee)
    assert expected == [each.why.code for each in found(replace(PARCEL, sent=sent), around)]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ["price"]),
        ({"invoice": Invoice.UNKNOWN}, []),
        ({"status_id": "21", "statuses": history(("21", 1))}, []),  # a part of it was given back
        ({"seen_at": NOW - 4 * DAY}, []),  # others were named since
    ],
)
def test_price_of_a_delivered_parcel_counts_while_it_is_named_and_surely_on_no_invoice(
    changed: dict[str, Any], expected: list[str]
) -> None:
    delivered = {"status_id": "4", "statuses": history(("4", 1)), "invoice": Invoice.NONE, "price": Decimal(20000)}
    assert expected == kinds(**{**delivered, **changed})


def test_price_is_told_with_both_amounts() -> None:
    (one,) = found(replace(PARCEL, price=Decimal(20000), sent=None))
    assert "the courier collects 20000 for an order of 25000 dinars" == one.why.text
    assert 25000 == one.expected


@pytest.mark.parametrize(
    "changed",
    [
        {"is_exchange": True},
        {"price": None},
        {"status_id": "16", "statuses": history(("16", 0))},
        {"status_id": "17"},
        {"status_id": "4", "statuses": history(("4", 1)), "invoice": Invoice.ON_ONE},
    ],
)
def test_no_price_is_expected_of_a_swap_or_of_a_parcel_that_is_settled(changed: dict[str, Any]) -> None:
    assert [] == kinds(**{"price": Decimal(1), **changed})


def test_a_fee_that_was_set_after_sending_says_nothing_of_what_was_sent() -> None:
    around = replace(AROUND, with_fee=True, fee=6000, fee_since=SENT + HOUR)
    assert [] == kinds(around, price=Decimal(30000), sent=SentAs(SENT, PHONE, 30000))
    assert [] == kinds(
        replace(around, with_fee=False), price=Decimal(30000), sent=None
    )  # by hand, with the fee of then


@pytest.mark.parametrize(
    ("order", "changed", "what"),
    [
        ({"phones": ("07701234999",)}, {}, "phone"),
        ({"phones": ("07701234999",)}, {"phone": "+9647701234999"}, None),  # corrected at the courier too
        ({"phones": ("٠٧٧٠١٢٣٤٥٦٧",)}, {}, None),
        ({"phones": ("abc",)}, {}, None),  # not readable
        ({"address": "البصرة، العشار"}, {}, "address"),
        ({"address": "بغداد،  الكرادة "}, {}, None),
        ({"address": "بغداد، الكرادة، قرب الجسر"}, {"address": "بغداد، الكرادة"}, None),  # cut by the courier
        ({"total": Decimal(40000)}, {"price": Decimal(40000)}, None),
        ({}, {"order_items": Items(3, SENT - HOUR)}, "number of items"),
        ({"phones": ("07701234999",), "address": "البصرة"}, {}, "phone and address"),
        ({"phones": ("07701234999",), "updated_at": SENT - HOUR}, {}, None),  # wrong from the start
        ({"phones": ("07701234999",)}, {"sent": None}, "phone"),
        ({"address": "البصرة"}, {"sent": None}, None),  # sent by hand: with what address, nobody knows
    ],
)
def test_order_was_changed_after_it_was_sent(order: dict[str, Any], changed: dict[str, Any], what: str | None) -> None:
    parcel = replace(PARCEL, order=replace(ORDER, **order), **changed)
    told = [str(each.why.values["what"]) for each in found(parcel) if each.kind is ParcelKind.CHANGED]
    assert ([] if what is None else [what]) == told


def test_total_that_was_changed_after_sending_is_told_as_changed_and_as_another_price() -> None:
    assert ["price", "changed"] == kinds(order={"total": Decimal(40000)})


def test_item_that_was_changed_after_sending_is_told_though_their_number_is_the_same() -> None:
    (one,) = found(replace(PARCEL, order_items=Items(2, SENT + HOUR)))
    assert ("parcel.items_changed", SENT + HOUR) == (one.why.code, one.since)


def test_cancelled_order_stands_so_since_it_was_cancelled_not_since_it_was_last_changed() -> None:
    order = replace(ORDER, status="cancelled", cancelled_at=NOW - DAY, updated_at=SENT - HOUR)
    (one,) = found(replace(PARCEL, order=order))
    assert ("parcel.cancelled", NOW - DAY) == (one.why.code, one.since)


@pytest.mark.parametrize(
    ("order", "changed", "expected"),
    [
        ({"status": "cancelled"}, {}, ["parcel.cancelled"]),
        ({"is_trashed": True, "trashed_at": NOW - DAY}, {}, ["parcel.trashed"]),
        ({"status": "cancelled", "updated_at": NOW + HOUR}, {}, []),  # the courier said nothing since
        ({"status": "cancelled"}, {"seen_at": NOW - 4 * DAY + 2 * HOUR}, []),  # deleted there: it is named no more
        ({"status": "cancelled"}, {"status_id": "16", "statuses": history(("16", 1))}, []),  # it comes back
        ({"status": "cancelled"}, {"status_id": "4", "statuses": history(("4", 1))}, []),
    ],
)
def test_cancelled_order_goes_on_if_the_courier_has_named_it_since(
    order: dict[str, Any], changed: dict[str, Any], expected: list[str]
) -> None:
    assert expected == [each.why.code for each in found(replace(PARCEL, order=replace(ORDER, **order), **changed))]
