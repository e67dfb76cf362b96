"""What the sandbox can be told to answer instead of the truth: everything that the courier's API is known to answer.

Source: courier API, "Answers a client must survive".
"""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from enum import StrEnum
from typing import Any

import orjson

from paranad.record import record

Json = Any
JSON_TYPE = "application/json; charset=utf-8"
HTML_TYPE = "text/html; charset=UTF-8"
NO_ACCESS_TEXT = "ليس لديك صلاحية الوصول"
LIMIT_TEXT = "تجاوزت الحد المسموح به"


class Transport(StrEnum):
    """How an answer reaches the client."""

    WHOLE = "whole"
    """As it should."""
    CUT = "cut"
    """Half of the body, then the connection is closed."""
    RESET = "reset"
    """Nothing; the connection is reset."""
    NEVER = "never"
    """Nothing, for as long as the client waits."""
    NOT_HTTP = "not_http"
    """Bytes that are not HTTP."""


@record
class Reply:
    """One HTTP answer of the sandbox."""

    status: int
    body: bytes = field(repr=False)
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Transport = Transport.WHOLE


class Answer(StrEnum):
    """How the next call is answered. The first answers are given without doing the call, the others after doing it."""

    REFUSED = "refused"
    """Nothing done: HTTP 400, errNum 999, a message."""
    REFUSED_WITH_200 = "refused_with_200"
    """Nothing done: `status: false` under HTTP 200."""
    REFUSED_WITHOUT_MESSAGE = "refused_without_message"
    """Nothing done: a refusal whose errNum is a number and whose message is not text."""
    NO_ACCESS = "no_access"
    """Nothing done: HTTP 400, errNum 21, for a token that is expired, or an account without the right."""
    NO_ACCESS_AS_NUMBER = "no_access_as_number"
    """Nothing done: the same with errNum as a number, under HTTP 200."""
    LIMITED = "limited"
    """Nothing done: HTTP 429, errNum 2."""
    LIMITED_FOR_A_MINUTE = "limited_for_a_minute"
    """Nothing done: HTTP 429 with `Retry-After: 60`."""
    LIMITED_AS_HTML = "limited_as_html"
    """Nothing done: HTTP 429 with an HTML page."""
    LIMITED_BY_CODE = "limited_by_code"
    """Nothing done: errNum 2 under HTTP 400."""
    LIMITED_BY_TEXT = "limited_by_text"
    """Nothing done: only the message speaks of the rate, under HTTP 200."""
    BLOCKED_403 = "blocked_403"
    """Nothing done: Cloudflare's HTML page under HTTP 403."""
    BLOCKED_503 = "blocked_503"
    """Nothing done: Cloudflare's HTML page under HTTP 503."""
    REDIRECTED = "redirected"
    """Nothing done: HTTP 302 to another path."""
    NOT_FOUND = "not_found"
    """Nothing done: HTTP 404 with an HTML page."""
    LOGIN_FIRST = "login_first"
    """Nothing done: only the message speaks of a login, beside errNum 999."""
    TRY_AGAIN = "try_again"
    """Nothing done: the message speaks of the network and asks to try again."""
    NAME_TOO_LONG = "name_too_long"
    """Nothing done: the message says that a name exceeds its limit, which is not the rate."""
    DROPPED = "dropped"
    """Nothing done: the connection is reset once the request is read."""

    SILENT = "silent"
    """Done, and never answered."""
    RESET = "reset"
    """Done; the connection is reset instead of an answer."""
    CUT = "cut"
    """Done; the connection is closed in the middle of the body."""
    NOT_HTTP = "not_http"
    """Done; the answer is not HTTP."""
    EMPTY = "empty"
    """Done; HTTP 200 with an empty body."""
    TRUNCATED = "truncated"
    """Done; whole HTTP, but the JSON ends in the middle."""
    HTML = "html"
    """Done; an HTML page under HTTP 200."""
    WRONG_TYPE = "wrong_type"
    """Done; the true JSON, called text/html."""
    ERROR_500 = "error_500"
    """Done; HTTP 500 with an HTML page."""
    ERROR_500_AS_JSON = "error_500_as_json"
    """Done; HTTP 500 with `status: false`."""
    ERROR_502 = "error_502"
    """Done; HTTP 502 with an HTML page."""
    ERROR_504 = "error_504"
    """Done; HTTP 504 with an HTML page."""
    ERROR_520 = "error_520"
    """Done; Cloudflare's HTTP 520 with an HTML page."""
    DATA_NULL = "data_null"
    """Done; success with `data: null`."""
    DATA_ABSENT = "data_absent"
    """Done; success without `data`."""
    DATA_TEXT = "data_text"
    """Done; success with `data: ""`."""
    DATA_OBJECT = "data_object"
    """Done; success with `data: {}`."""
    DATA_EMPTY = "data_empty"
    """Done; success with `data: []`."""
    STATUS_TEXT = "status_text"
    """Done; `status` is the text "true"."""
    STATUS_ONE = "status_one"
    """Done; `status` is the number 1."""
    STATUS_ONE_TEXT = "status_one_text"
    """Done; `status` is the text "1"."""
    WITHOUT_ID = "without_id"
    """Done; the rows have `qr_id` only."""
    WITHOUT_QR_ID = "without_qr_id"
    """Done; the rows have `id` only."""
    WITHOUT_IDS = "without_ids"
    """Done; the rows have neither id."""
    TWICE = "twice"
    """Done; every row stands twice in a list."""

    FALSE_BESIDE_CODE = "false_beside_code"
    """Done; `status: false` beside errNum S000."""
    FALSE_BESIDE_IDS = "false_beside_ids"
    """Done; `status: false` and errNum 999 beside the true data."""
    FALSE_BESIDE_MESSAGE = "false_beside_message"
    """Done; `status: false` and a message of success."""
    STATUS_TWICE = "status_twice"
    """Done; `status` stands twice, true and then false."""
    PACKED = "packed"
    """Done; the true answer under `Content-Encoding: gzip`, which was not asked for."""

    @property
    def is_done_first(self) -> bool:
        """Tell whether the call is carried out before it is answered so."""
        return self in AFTER


def success(data: Json, message: str = "ok") -> Reply:
    """Return the envelope of a success."""
    return Reply(200, orjson.dumps({"status": True, "errNum": "S000", "msg": message, "data": data}))


def refusal(status: int, err_num: Json, message: Json) -> Reply:
    """Return the envelope of a refusal; it has no `data`."""
    return Reply(status, orjson.dumps({"status": False, "errNum": err_num, "msg": message}))


def page(status: int, title: str) -> Reply:
    """Return an HTML page as Cloudflare or a web server shows it."""
    html = (
        f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1>Ray ID: 8a1b2c3d</body></html>"
    )
    return Reply(status, html.encode(), HTML_TYPE)


def no_access() -> Reply:
    """Return what a bad token and a missing right are answered with."""
    return refusal(400, "21", NO_ACCESS_TEXT)


def _limited(reply: Reply, **headers: str) -> Reply:
    return replace(reply, headers={name.replace("_", "-"): text for name, text in headers.items()})


INSTEAD: Mapping[Answer, Reply] = {
    Answer.REFUSED: refusal(400, "999", "البيانات غير صحيحة"),
    Answer.REFUSED_WITH_200: refusal(200, "999", "البيانات غير صحيحة"),
    Answer.REFUSED_WITHOUT_MESSAGE: refusal(400, 999, {}),
    Answer.NO_ACCESS: no_access(),
    Answer.NO_ACCESS_AS_NUMBER: refusal(200, 21, NO_ACCESS_TEXT),
    Answer.LIMITED: refusal(429, "2", LIMIT_TEXT),
    Answer.LIMITED_FOR_A_MINUTE: _limited(refusal(429, "2", LIMIT_TEXT), Retry_After="60"),
    Answer.LIMITED_AS_HTML: page(429, "Too Many Requests"),
    Answer.LIMITED_BY_CODE: refusal(400, "2", ""),
    Answer.LIMITED_BY_TEXT: refusal(200, "999", LIMIT_TEXT),
    Answer.BLOCKED_403: page(403, "Access denied"),
    Answer.BLOCKED_503: page(503, "Access denied"),
    Answer.REDIRECTED: _limited(Reply(302, b"", HTML_TYPE), Location="/v1/merchant/elsewhere"),
    Answer.NOT_FOUND: page(404, "Not Found"),
    Answer.LOGIN_FIRST: refusal(400, "999", "الرجاء تسجيل الدخول"),
    Answer.TRY_AGAIN: refusal(400, "999", "حدث خطأ في الشبكة الرجاء المحاولة مرة اخرى"),
    Answer.NAME_TOO_LONG: refusal(400, "999", "تجاوز طول الاسم الحد"),
    Answer.DROPPED: Reply(200, b"", delivery=Transport.RESET),
}
"""Nothing is done; the reply stands for itself."""


def _with(**values: Json) -> Callable[[Reply], Reply]:
    return lambda reply: replace(reply, body=orjson.dumps(orjson.loads(reply.body) | values))


def _with_status(value: Json) -> Callable[[Reply], Reply]:
    return _with(status=value)


def _packed(reply: Reply) -> Reply:
    return replace(reply, body=gzip.compress(reply.body), headers={**reply.headers, "Content-Encoding": "gzip"})


def _with_rows(change: Callable[[list[Json]], Json]) -> Callable[[Reply], Reply]:
    def changed(reply: Reply) -> Reply:
        envelope = orjson.loads(reply.body)
        rows = envelope["data"] if isinstance(envelope["data"], list) else [envelope["data"]]
        return replace(reply, body=orjson.dumps(envelope | {"data": change(rows)}))

    return changed


def _without(*names: str) -> Callable[[Reply], Reply]:
    return _with_rows(lambda rows: [{key: row[key] for key in row if key not in names} for row in rows])


def _delivered(delivery: Transport) -> Callable[[Reply], Reply]:
    return lambda reply: replace(reply, delivery=delivery)


def _as(instead: Reply) -> Callable[[Reply], Reply]:
    return lambda _: instead


AFTER: Mapping[Answer, Callable[[Reply], Reply]] = {
    Answer.SILENT: _delivered(Transport.NEVER),
    Answer.RESET: _delivered(Transport.RESET),
    Answer.CUT: _delivered(Transport.CUT),
    Answer.NOT_HTTP: _delivered(Transport.NOT_HTTP),
    Answer.EMPTY: _as(Reply(200, b"")),
    Answer.TRUNCATED: lambda reply: replace(reply, body=reply.body[: len(reply.body) * 2 // 3]),
    Answer.HTML: _as(page(200, "Welcome")),
    Answer.WRONG_TYPE: lambda reply: replace(reply, content_type=HTML_TYPE),
    Answer.ERROR_500: _as(page(500, "Server Error")),
    Answer.ERROR_500_AS_JSON: _as(refusal(500, "999", "Server Error")),
    Answer.ERROR_502: _as(page(502, "Bad gateway")),
    Answer.ERROR_504: _as(page(504, "Gateway time-out")),
    Answer.ERROR_520: _as(page(520, "Web server is returning an unknown error")),
    Answer.DATA_NULL: _as(success(None)),
    Answer.DATA_ABSENT: _as(Reply(200, b'{"status":true,"errNum":"S000","msg":"ok"}')),
    Answer.DATA_TEXT: _as(success("")),
    Answer.DATA_OBJECT: _as(success({})),
    Answer.DATA_EMPTY: _as(success([])),
    Answer.STATUS_TEXT: _with_status("true"),
    Answer.STATUS_ONE: _with_status(1),
    Answer.STATUS_ONE_TEXT: _with_status("1"),
    Answer.FALSE_BESIDE_CODE: _as(refusal(200, "S000", "")),
    Answer.FALSE_BESIDE_IDS: _with(status=False, errNum="999", msg="البيانات غير صحيحة"),
    Answer.FALSE_BESIDE_MESSAGE: _as(refusal(200, "999", "تمت الاضافة بنجاح")),
    Answer.STATUS_TWICE: lambda reply: replace(reply, body=reply.body[:-1] + b',"status":false}'),
    Answer.PACKED: _packed,
    Answer.WITHOUT_ID: _without("id"),
    Answer.WITHOUT_QR_ID: _without("qr_id"),
    Answer.WITHOUT_IDS: _without("id", "qr_id"),
    Answer.TWICE: _with_rows(lambda rows: rows + rows),
}
"""The call is carried out; then its true reply is changed so."""
