"""What envelopes mean, without a wire."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paranad.courier.answers import HttpAnswer, closure_of, created_of, data_of
from paranad.courier.errors import CourierRefused, CourierUnclear, Refusal
from paranad.courier.parsing import line_of
from tests.support.clock import START

JSON_TYPE = {"content-type": "application/json"}


def an_answer(value: Any, status: int = 200, **headers: str) -> HttpAnswer:
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    return HttpAnswer(
        "/create-order", status, JSON_TYPE | {key.replace("_", "-"): headers[key] for key in headers}, body
    )


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


REFUSED = {"status": False, "errNum": "9", "msg": "خطأ"}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"msg": "تم انشاء الطلب بنجاح، الرجاء تسجيل الدخول لمتابعته"}, id="made, and log in"),
        pytest.param({"msg": "Duplicate order: try again later with another one"}, id="there, and try again"),
        pytest.param({"msg": "الطلب موجود مسبقا، عدد كبير من الطلبات"}, id="there, and too many requests"),
        pytest.param({"msg": "يوجد طلب بنفس الرقم"}, id="there"),
        pytest.param({"message": "Order created successfully"}, id="another message beside"),
        pytest.param({"data": "تمت الاضافة بنجاح"}, id="its data is the message"),
        pytest.param({"success": True}, id="a flag of success"),
        pytest.param({"Status": True}, id="status under another spelling"),
        pytest.param({"code": "S000"}, id="the code under another name"),
        pytest.param({"errNum": ["S000"]}, id="the code in a list"),
        pytest.param({"data": {"orderId": "90000123"}}, id="an id under another spelling"),
        pytest.param({"data": {"order_number": 90000123}}, id="an id under another name"),
        pytest.param({"msg": "Connection timed out"}, id="time ran out"),
    ],
)
def test_refusal_that_says_otherwise_elsewhere_is_unclear(value: dict[str, Any]) -> None:
    """To send it again at once, with another token or after a wait, would make a second parcel."""
    answer = an_answer(REFUSED | value)
    assert closure_of(answer, START) is None
    with pytest.raises(CourierUnclear):
        created_of(answer)


@pytest.mark.parametrize("status", [201, 202, 409])
def test_refusal_under_an_http_status_that_says_otherwise_is_unclear(status: int) -> None:
    with pytest.raises(CourierUnclear):
        created_of(an_answer(REFUSED, status))


@pytest.mark.parametrize(
    ("message", "refusal"),
    [
        ("لم يتم انشاء الطلب: انتهت الجلسة", Refusal.PERMISSION),
        ("يجب تسجيل الدخول قبل انشاء الطلب", Refusal.PERMISSION),
        ("You are already logged in elsewhere; session expired", Refusal.PERMISSION),
        ("Log in before an order can be created", Refusal.PERMISSION),
        ("لا يوجد طلب بهذا الرقم", Refusal.DATA),
        ("الطلب غير موجود", Refusal.DATA),
    ],
)
def test_refusal_that_only_speaks_of_orders_stays_one(message: str, refusal: Refusal) -> None:
    with pytest.raises(CourierRefused) as raised:
        created_of(an_answer({"status": False, "msg": message}))
    assert refusal is raised.value.refusal
