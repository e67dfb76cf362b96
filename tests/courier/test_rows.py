"""What the courier's rows and lists mean, without a wire."""

import gc
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paranad.courier.errors import CourierUnclear
from paranad.courier.models import CourierOrder, OrderList
from paranad.courier.parsing import UnreadableValue, amount_of, described, order_id_of, phone_of, wall_of
from paranad.courier.rows import Filter, Rows, read_rows, read_stream
from tests.support.clock import START

AT = datetime(2026, 3, 1, 10, 20, 30)  # noqa: DTZ001 - a wall clock has no zone
ARABIC = str.maketrans("0123456789.,", "٠١٢٣٤٥٦٧٨٩٫٬")


def order_of(**row: Any) -> CourierOrder:
    rows = Rows(Filter())
    rows.add({"id": 7, **row})
    return rows.finish("/x")[0]


@given(st.integers(-(10**12), 10**12), st.integers(0, 99), st.sampled_from(["", ".{:02}"]), st.sampled_from(["", ","]))
def test_amount_is_read_in_every_spelling(whole: int, cents: int, fraction: str, separator: str) -> None:
    text = f"{whole:{separator}}{fraction.format(cents)}"
    expected = Decimal(f"{whole}{fraction.format(cents)}")
    assert expected == amount_of(text) == amount_of(f" {text.translate(ARABIC)} ") == amount_of(f"\u200f{text}")


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (25000, 25000),
        (25000.0, 25000),
        (1.125, Decimal("1.125")),
        ("+25000", 25000),
        ("25 000", 25000),
        ("1.250.000", 1250000),
        ("1250.000", 1250),
        ("0.500", Decimal("0.5")),
        ("٢٥٬٠٠٠٫٥", Decimal("25000.5")),
    ],
)
def test_amount_has_its_one_meaning(value: Any, amount: Any) -> None:
    assert amount == amount_of(value)


@pytest.mark.parametrize(
    "value",
    [
        *("x", "NaN", "Infinity", "1e999999999", "25.000", "٢٥٫٠٠٠", "0,500", "2,50", "1,000,00", "9" * 16),
        *(True, [], {}, "25,000 IQD", 10**15, float("inf"), "1,000.000.000", "--5", "1,234 567"),
    ],
)
def test_amount_that_is_there_and_is_none_is_told(value: Any) -> None:
    with pytest.raises(UnreadableValue):
        amount_of(value)
    order = order_of(price=value, delivery_price="5000")
    assert (None, Decimal(5000), ["price"]) == (order.price, order.delivery_price, list(order.unreadable))
    assert value == order.extra["price"]


@given(st.text(max_size=12) | st.integers() | st.floats())
def test_any_amount_is_a_number_of_use_or_told(value: Any) -> None:
    order = order_of(price=value)
    assert order.price is None or (order.price.is_finite() and abs(order.price) < 10**16)
    assert order.unreadable.keys() <= {"price"}
    assert order.price is None or "price" not in order.unreadable


@pytest.mark.parametrize(
    "text",
    [
        " 2026-03-01 10:20:30 ",
        "2026-03-01T10:20:30",
        "2026-03-01T07:20:30Z",
        "2026-03-01T07:20:30.000Z",
        "2026-03-01t07:20:30z",
        "2026-03-01 09:20:30+02:00",
        "2026-03-01T10:20:30.000000000",
        "٢٠٢٦-٠٣-٠١ ١٠:٢٠:٣٠",
    ],
)
def test_time_is_the_couriers_wall_clock(text: str) -> None:
    assert AT == wall_of(text)


@given(st.datetimes(datetime(2009, 1, 1), datetime(2037, 1, 1)), st.integers(-12 * 60, 14 * 60))  # noqa: DTZ001
def test_time_with_an_offset_is_the_same_moment_in_baghdad(wall: datetime, offset_minutes: int) -> None:
    there = wall - timedelta(hours=3) + timedelta(minutes=offset_minutes)
    sign, offset = "-+"[offset_minutes >= 0], abs(offset_minutes)
    assert wall == wall_of(f"{there.isoformat()}{sign}{offset // 60:02}:{offset % 60:02}")


@pytest.mark.parametrize("value", [None, "", " ", "0000-00-00", "0000-00-00 00:00:00", "0000-00-00T00:00:00.000Z"])
def test_no_time_is_none(value: Any) -> None:
    order = order_of(created_at=value)
    assert (None, {}) == (order.created_at, order.unreadable)


@pytest.mark.parametrize(
    "value", ["yesterday", "2025-13-01", "0000-00-00 10:00:00", 5, 1772349630.5, False, [], "0001-01-01T00:00:00+14:00"]
)
def test_time_that_is_there_and_is_none_is_told(value: Any) -> None:
    order = order_of(updated_at=value, created_at="2026-03-01 10:20:30")
    assert (None, AT, ["updated_at"]) == (order.updated_at, order.created_at, list(order.unreadable))


@pytest.mark.parametrize("value", ["+9647701234567", "0770 123 4567", "٠٧٧٠١٢٣٤٥٦٧", "+965 2222 3333", ""])
def test_phone_is_kept_as_it_came(value: str) -> None:
    assert value == phone_of(value)


@pytest.mark.parametrize("value", [None, "0", "-", "  ", "000"])
def test_stand_in_for_no_phone_is_none(value: Any) -> None:
    assert phone_of(value) is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"a": 1}, "an object"),
        (["07701234567"], "a list"),
        (True, "true"),
        ("غير معروف", "text without a digit"),
        ("077", "one that ends in …077"),
        ("07701234567 07801234568", "one that ends in …568"),
    ],
)
def test_phone_that_is_there_and_is_none_is_told_without_it(value: Any, shown: str) -> None:
    order = order_of(client_mobile=value)
    assert (None, {"client_mobile": shown}) == (order.client_mobile, order.unreadable)


@given(st.text(max_size=30) | st.integers(0, 10**15) | st.lists(st.text(max_size=12)))
def test_no_more_of_a_phone_is_told_than_its_last_three_digits(value: Any) -> None:
    assert sum(sign.isdecimal() for sign in described("client_mobile2", value)) <= 3


def test_secret_in_the_place_of_an_amount_is_not_told() -> None:
    [shown] = order_of(price="@@0a1b2c3d4e5f60718293a4b5c6d7e8f9 +9647701234567").unreadable.values()
    assert '"(hidden) …567"' == shown


@pytest.mark.parametrize(
    ("row", "order_id"),
    [
        ({"id": 90000921}, "90000921"),
        ({"id": " 7 "}, "7"),
        ({"id": 0, "qr_id": "9"}, "9"),
        ({"id": "word", "qr_id": 9}, "9"),
        ({"id": "9" * 20, "qr_id": "9" * 19}, "9" * 19),
        ({"id": "5", "qr_id": "9"}, "5"),
    ],
)
def test_id_is_digits_or_it_is_the_other_one(row: Any, order_id: str) -> None:
    rows = Rows(Filter())
    rows.add(row)
    assert [order_id] == [order.id for order in rows.finish("/x")]


@pytest.mark.parametrize("row", [{"order_id": "90000926"}, {"tracking_number": "9"}, {"id": "0", "qr_id": "-1"}])
def test_row_without_such_an_id_is_skipped(row: Any) -> None:
    rows = Rows(Filter())
    rows.add(row)
    assert (0, 1) == (len(rows.orders), rows.orders.skipped)


@pytest.mark.parametrize("value", ["0", 0, "", None, "-1", "000"])
def test_id_that_stands_for_none_is_none(value: Any) -> None:
    assert order_id_of(value) is None
    assert {} == order_of(qr_id=value).unreadable


def test_other_names_are_read_where_the_first_says_nothing() -> None:
    order = order_of(mobile="+9647700000921", client_mobile="", merchant_created_at="2026-03-01 10:20:30")
    assert ("+9647700000921", AT) == (order.client_mobile, order.created_at)
    later = order_of(created_at="2026-03-01 10:20:30", merchant_created_at="2026-02-01", client_mobile="07701234567")
    assert ("07701234567", AT) == (later.client_mobile, later.created_at)


def test_order_that_comes_twice_counts_once_as_it_came_last() -> None:
    rows = Rows(Filter())
    read_rows([{"id": 1, "status_id": 1}, {"id": 2}, {"id": "1", "status_id": 2}], rows, "/x")
    assert [("1", "2"), ("2", None)] == [(order.id, order.status_id) for order in rows.finish("/x")]


def test_unreadable_fields_survive_the_list_as_they_came() -> None:
    order = order_of(price=["x"], updated_at="soon", company_price="500")
    assert {"price": "a list", "updated_at": '"soon"'} == order.unreadable
    assert {"price": ["x"], "updated_at": "soon", "company_price": "500"} == order.extra


def test_rows_without_id_or_shape_are_skipped_and_counted() -> None:
    rows = Rows(Filter())
    read_rows(
        [{"id": 5, "price": {}, "status_id": [], "replacement": True}, {"x": 1}, None, "row", [], {"id": ""}],
        rows,
        "/x",
    )
    orders = rows.finish("/x")
    assert 5 == orders.skipped
    (order,) = orders
    assert ("5", None, None, True, None) == (
        order.id,
        order.price,
        order.status_id,
        order.replacement,
        order.created_at,
    )


def test_list_without_one_readable_row_is_unclear() -> None:
    rows = Rows(Filter())
    read_rows([{"x": 1}, None], rows, "/x")
    with pytest.raises(CourierUnclear, match="none of its 2 rows"):
        rows.finish("/x")


def test_row_without_a_date_is_counted_where_a_date_is_asked_for() -> None:
    rows = Rows(Filter(date_from=START.date()))
    read_rows([{"id": 1}, {"id": 2, "created_at": "2026-03-02 00:00:00"}], rows, "/x")
    orders = rows.finish("/x")
    assert (["2"], 1) == ([order.id for order in orders], orders.skipped)


def test_unknown_fields_are_kept() -> None:
    rows = Rows(Filter())
    read_rows([{"id": 1, "company_price": "500", "nested": {"a": [1]}}], rows, "/x")
    assert {"company_price": "500", "nested": {"a": [1]}} == rows.finish("/x")[0].extra


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "qr_id", "price", "created_at", "status_id", "replacement"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_any_row_is_read_or_skipped(row: Any) -> None:
    rows = Rows(Filter())
    rows.add(row)
    assert 1 == len(rows.orders) + rows.orders.skipped


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"status":true,"data":[{"id":1},',
        b'{"status":true,"data":[{"id":1}]',
        b'{"status":false,"data":[{"id":1}]}',
        b'{"data":[{"id":1}]}',
        b'{"status":1,"data":[{"id":1}]}',
        b'{"status":true,"data":{"id":1}}',
        b'{"status":true,"data":[]}',
        b'{"status":true,"data":[{"id":1}]} more',
        b'{"status":true,"data":[{"id":"\xff"}]}',
        b'{"status":true,"data":[{"id":' + b"9" * 5000 + b"}]}",
        b'{"data":[1,]}',
        b'{"status":true,"data":[NaN]}',
        b'{"status":true,"data":' + b"[" * 100_000,
        b'{"status":true,"data":[{"a":' + b'{"a":' * 100_000,
        b'{1:true,"data":[]}',
        b'{"status":true,"data":[{"id":"' + b"9" * 600_000,
        b"<html></html>",
    ],
)
async def test_long_answer_that_is_no_list_is_unclear(body: bytes) -> None:
    with pytest.raises(CourierUnclear):
        await read_stream(_slices(body), Rows(Filter()), "/x")


def test_garbage_collector_need_not_look_at_a_list_of_orders() -> None:
    """It stops the loop for as long as it looks."""
    rows = Rows(Filter())
    row = {"price": "5", "created_at": "2026-03-02 00:00:00", "company_price": "500"}
    gc.collect()
    before = len(gc.get_objects())
    read_rows([{"id": number, **row} for number in range(1, 1001)], rows, "/x")
    orders = rows.finish("/x")
    gc.collect()
    assert 100 > len(gc.get_objects()) - before, "none of the 1,000 is tracked"
    assert 1000 == len(orders)


def test_list_of_orders_is_a_sequence() -> None:
    rows = Rows(Filter())
    read_rows([{"id": number, "more": number} for number in range(1, 6)], rows, "/x")
    orders = rows.finish("/x")
    assert ["1", "2", "3", "4", "5"] == [order.id for order in orders]
    assert ("5", {"more": 5}, ["2", "3"]) == (orders[-1].id, orders[-1].extra, [order.id for order in orders[1:3]])


async def test_long_answer_is_read_whatever_the_order_of_its_fields() -> None:
    rows = Rows(Filter())
    await read_stream(_slices(b'{"data":[{"id":1,"price":25000.5},{"id":"2"}],"msg":"ok","status":true}'), rows, "/x")
    assert [("1", Decimal("25000.5")), ("2", None)] == [(order.id, order.price) for order in rows.finish("/x")]


async def _slices(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 7000):
        yield body[start : start + 7000]


def test_orders_that_are_handed_over_are_not_held_any_more() -> None:
    """All 50,000 orders of a list in one go would take the loop 13 ms to let go of."""
    orders = OrderList(order_of(id=number) for number in range(1, 6))
    assert [["1", "2"], ["3", "4"], ["5"]] == [[order.id for order in some] for some in orders.handed_over(2)]
    assert 5 == len(orders)
    with pytest.raises(IndexError):
        orders[0]
