"""What envelopes, rows and lists mean, without a wire."""

import gc
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paranad.courier.answers import Answer, closure_of, created_of, data_of, line_of
from paranad.courier.errors import CourierRefused, CourierUnclear, Refusal
from paranad.courier.rows import Filter, Rows, amount_of, read_rows, read_stream, wall_of
from tests.support.clock import START

JSON_TYPE = {"content-type": "application/json"}


def an_answer(value: Any, status: int = 200, **headers: str) -> Answer:
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    return Answer("/create-order", status, JSON_TYPE | {key.replace("_", "-"): headers[key] for key in headers}, body)


def success(data: Any) -> dict[str, Any]:
    return {"status": True, "errNum": "S000", "msg": "ok", "data": data}


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        ({"id": "1", "qr_id": "2"}, {"1", "2"}),
        ([{"id": 1, "qr_id": 1}], {"1"}),
        ({"id": " 7 ", "qr_id": None}, {"7"}),
        ({"qr_id": "9"}, {"9"}),
        ({"id": "", "qr_id": 9}, {"9"}),
    ],
)
def test_created_keeps_every_id_as_text(data: Any, ids: set[str]) -> None:
    created = created_of(an_answer(success(data)))
    assert ids == created.ids
    assert created.id in ids


@pytest.mark.parametrize(
    "data", [{"id": True}, {"id": []}, {"id": 1.5}, [[]], ["1"], "1", 1, [{"id": "1"}, {"id": "2"}], {"id": " "}]
)
def test_created_without_an_id_is_unclear(data: Any) -> None:
    with pytest.raises(CourierUnclear):
        created_of(an_answer(success(data)))


@pytest.mark.parametrize("status", [100, 301, 302, 307, 400, 404, 500, 503])
def test_success_under_another_http_status_is_unclear(status: int) -> None:
    with pytest.raises(CourierUnclear):
        created_of(an_answer(success({"id": "1"}), status))


@pytest.mark.parametrize("status", ["false", 0, "0", None, [], {}])
def test_status_that_is_not_false_itself_is_no_refusal(status: Any) -> None:
    with pytest.raises(CourierUnclear):
        created_of(an_answer({"status": status, "errNum": "999", "msg": "no"}, 400))


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("لا \n يمكن", "لا يمكن"),
        ("رقم +9647701234567 خطأ", "رقم …567 خطأ"),
        ("0770 123 4567", "…567"),
        ("٠٧٧٠١٢٣٤٥٦٧", "…٥٦٧"),
        ("order 90000123", "order 90000123"),
        ("@@0a1b2c3d4e5f60718293a4b5c6d7e8f9 bad", "(hidden) bad"),
        ("0a1b2c3d4e5f60718293a4b5c6d7e8f9", "(hidden)"),
        ("x " * 5000, ("x " * 100)),
        ("\ud83d", "?"),
        (5, ""),
    ],
)
def test_message_is_one_short_line_without_secrets(message: Any, line: str) -> None:
    assert line == line_of(message)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 422])
def test_parsed_refusal_is_a_refusal(status: int) -> None:
    with pytest.raises(CourierRefused, match="999") as refused:
        created_of(an_answer({"status": False, "errNum": 999, "msg": "لا"}, status))
    assert refused.value.refusal is (Refusal.PERMISSION if status in {401, 403} else Refusal.DATA)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b'{"status":', b"[" * 5000, b'"\xff"', b"true"])
def test_body_that_is_no_envelope_is_unclear(body: bytes) -> None:
    for read in (created_of, data_of):
        with pytest.raises(CourierUnclear):
            read(an_answer(body))


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("", 30),
        ("5", 30),
        ("45", 45),
        ("999999999999", 3600),
        ("soon", 30),
        ("Mon, 02 Mar 2026 09:01:30 GMT", 90),
        ("Mon, 02 Mar 2026 08:00:00 GMT", 30),
        ("-5", 30),
    ],
)
def test_retry_after_is_heeded_within_reason(header: str, wait_s: int) -> None:
    assert timedelta(seconds=wait_s) == closure_of(an_answer({}, 429, retry_after=header), START)


@pytest.mark.parametrize(
    ("value", "status"),
    [(success([]), 200), ({"status": False, "errNum": "21", "msg": ""}, 400), ({"status": True, "errNum": "2"}, 200)],
)
def test_other_answers_close_nothing(value: Any, status: int) -> None:
    assert closure_of(an_answer(value, status), START) is None


@given(st.binary(max_size=200), st.integers(200, 599))
def test_no_body_at_all_counts_as_created_by_chance(body: bytes, status: int) -> None:
    with pytest.raises((CourierUnclear, CourierRefused)):
        created_of(an_answer(body, status))


@pytest.mark.parametrize("text", ["25000", " 25000 ", "25000.00", "25000.0", "+25000"])
def test_amount_is_read(text: str) -> None:
    assert Decimal(25000) == amount_of(text)


@pytest.mark.parametrize("text", ["", "x", "NaN", "Infinity", "1e999999999", "25,000", "٢٥", "9" * 16])
def test_amount_that_is_none_is_none(text: str) -> None:
    assert amount_of(text) is None


@pytest.mark.parametrize("value", [None, "", "0000-00-00 00:00:00", "2025-13-01", 5, "2025-03-01T10:20:30+00:00"])
def test_date_that_cannot_be_read_is_none(value: Any) -> None:
    assert wall_of(value) is None


def test_date_is_the_couriers_wall_clock() -> None:
    assert datetime(2025, 3, 1, 10, 20, 30) == wall_of(" 2025-03-01 10:20:30 ")  # noqa: DTZ001 - a wall clock has no zone


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
    read_rows([{"id": 1, "price": "5", "created_at": "2026-03-02 00:00:00", "company_price": "500"}], rows, "/x")
    packed = rows.finish("/x")._orders[0]
    gc.collect()
    assert not gc.is_tracked(packed)


def test_list_of_orders_is_a_sequence() -> None:
    rows = Rows(Filter())
    read_rows([{"id": number, "more": number} for number in range(5)], rows, "/x")
    orders = rows.finish("/x")
    assert ["0", "1", "2", "3", "4"] == [order.id for order in orders]
    assert ("4", {"more": 4}, ["1", "2"]) == (orders[-1].id, orders[-1].extra, [order.id for order in orders[1:3]])


async def test_long_answer_is_read_whatever_the_order_of_its_fields() -> None:
    rows = Rows(Filter())
    await read_stream(_slices(b'{"data":[{"id":1,"price":25000.5},{"id":"2"}],"msg":"ok","status":true}'), rows, "/x")
    assert [("1", Decimal("25000.5")), ("2", None)] == [(order.id, order.price) for order in rows.finish("/x")]


async def _slices(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 7000):
        yield body[start : start + 7000]
