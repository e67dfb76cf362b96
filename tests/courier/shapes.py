"""Answers of the courier in every shape that is known or feared, and how each is to be read; all details invented.

The first of each group are what public integrations handle or recorded; the others are of the same kinds.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

JSON_TYPE = "application/json; charset=UTF-8"
NO_RIGHT = "ليس لديك صلاحية الوصول"
LIMIT = "تجاوزت الحد المسموح به"
TOKEN = "@@0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a697887"
BLOCKED = "<!DOCTYPE html><html><head><title>Attention Required!</title></head><body>Ray ID: 00</body></html>"
FRONT_LIMIT = {"title": "Error 1015", "status": 429, "error_code": 1015, "retryable": True, "retry_after": 90}
ROW = {
    "client_name": "زبون ثان",
    "client_mobile": "+9647700000921",
    "items_number": "1",
    "created_at": "2026-11-20 22:12:18",
    "city_name": "بغداد",
    "region_name": "شارع فلسطين",
    "status_id": "2",
    "status": "تم الاستلام من قبل المندوب",
    "price": "20000",
    "location": "قرب السوق",
    "id": "90000922",
    "delivery_price": "5000",
    "package_size": "عادي",
    "merchant_invoice_id": "-1",
}
RICH = ROW | {
    "qr_id": "90000922",
    "merchant_notes": "P42-ABCD يرجى\nالاتصال",
    "cash_fee": "0",
    "deliver_confirmed_fin": 1,
}


@dataclass(frozen=True)
class Shape:
    """One answer, and what it means: several words with `or` between them where each is right."""

    name: str
    path: str
    expect: str
    body: Any
    """Bytes and text as they are; everything else as JSON."""
    http: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": JSON_TYPE})

    def bytes(self) -> bytes:
        """Return the body as it is sent."""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body, ensure_ascii=False)).encode()


def ok(data: Any = None, **more: Any) -> dict[str, Any]:
    return {"status": True, "errNum": "S000", "msg": "ok", "data": data} | more


def no(err_num: Any, msg: Any, **more: Any) -> dict[str, Any]:
    return {"status": False, "errNum": err_num, "msg": msg} | more


def without(body: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: body[key] for key in body if key not in keys}


Case = tuple[str, str, Any] | tuple[str, str, Any, int] | tuple[str, str, Any, int, Mapping[str, str]]


def _of(path: str, *cases: Case) -> Iterator[Shape]:
    for case in cases:
        name, expect, body = case[:3]
        http = case[3] if len(case) > 3 else 200
        headers = case[4] if len(case) > 4 else {"content-type": JSON_TYPE}
        yield Shape(name, path, expect, body, http, headers)


HTML = {"content-type": "text/html; charset=UTF-8"}
ONE = [{"id": "90000901", "qr_id": "90000901"}]

CREATED: tuple[Case, ...] = (
    ("object with a number as qr_id", "created:90000904", ok({"qr_id": 90000904, "qr_link": "https://x.invalid/9"})),
    ("object with qr_id only", "created:90000903", ok({"qr_id": "90000903"})),
    ("list with order_id", "created:90000905", ok([{"order_id": "90000905"}])),
    ("everything a number", "created:90000909", ok([{"id": 90000909, "qr_id": 90000909, "status_id": 1}], errNum=0)),
    ("no errNum", "created:90000901", without(ok(ONE, msg="تم العملية بنجاح"), "errNum")),
    ("bare number as data", "created:90000911", ok(90000911)),
    ("bare digits as data", "created:90000911", ok("90000911")),
    ("bare number in a list", "created:90000911", ok([90000911])),
    ("tracking number", "created:90000912", ok({"tracking_number": " 90000912 "})),
    ("order inside", "created:90000913", ok({"order": {"id": 90000913}})),
    ("one of orders inside", "created:90000914", ok({"orders": [{"qr_id": "90000914"}]})),
    ("number of the order inside", "created:90000915", ok({"order": "90000915"})),
    ("id 0 and a good qr_id", "created:90000916", ok({"id": 0, "qr_id": "90000916"})),
    ("id -1 and a good qr_id", "created:90000916", ok({"id": -1, "qr_id": "90000916"})),
    ("id a word and a good qr_id", "created:90000916", ok({"id": "new", "qr_id": "90000916"})),
    ("id of 40 digits and a good qr_id", "created:90000916", ok({"id": "9" * 40, "qr_id": "90000916"})),
    ("id true, qr_id null, a good order_id", "created:90000916", ok({"id": True, "qr_id": None, "order_id": 90000916})),
    ("id a fraction, a good qr_id", "created:90000916", ok({"id": 1.5, "qr_id": "90000916"})),
    ("qr_id 0 and a good id", "created:90000916", ok([{"id": "90000916", "qr_id": "0"}])),
    ("leading zeros are kept", "created:0090000917", ok({"id": "0090000917"})),
    ("19 digits", "created:" + "9" * 19, ok({"id": "9" * 19})),
    ("called html", "created:90000901", ok(ONE), 200, HTML),
    ("called nothing", "created:90000901", ok(ONE), 200, {}),
    ("called text", "created:90000901", ok(ONE), 200, {"content-type": "text/plain"}),
    ("with a byte order mark", "created:90000901", b"\xef\xbb\xbf" + json.dumps(ok(ONE)).encode()),
    ("with spaces around", "created:90000901", f"\r\n {json.dumps(ok(ONE))}\n"),
    ("HTTP 201", "created:90000901", ok(ONE), 201),
    ("a key twice with one value", "created:90000901", '{"status":true,"status":true,"data":{"id":90000901}}'),
    ("identity as encoding", "created:90000901", ok(ONE), 200, {"content-encoding": "identity"}),
)
UNCLEAR_CREATE: tuple[Case, ...] = (
    ("blocked", "unclear", BLOCKED, 403, HTML),
    ("bad request as text", "unclear", "Bad Request", 400, {"content-type": "text/plain"}),
    ("no data", "unclear", without(ok(), "data")),
    ("false beside S000 and a message of success", "unclear", no("S000", "تمت الاضافة بنجاح")),
    ("S000 without status", "unclear", without(ok(ONE), "status")),
    ("false beside S000", "unclear", no("S000", "")),
    ("false beside s000 under 400", "unclear", no("s000", "bad"), 400),
    ("false beside a message of success", "unclear", no("999", "تمت العملية بنجاح")),
    ("false beside an English success", "unclear", no("", "Order created successfully")),
    ("false beside ok", "unclear", no("999", "ok")),
    ("false beside ids", "unclear", no("999", "البيانات غير صحيحة", data=ONE)),
    ("false beside a qr_id in an object", "unclear", no("999", "bad", data={"qr_id": 90000901}), 400),
    ("false beside an order inside", "unclear", no("999", "bad", data={"order": {"id": "90000901"}}), 400),
    ("false beside a bare number", "unclear", no("999", "bad", data=90000901), 400),
    ("false beside a number outside data", "unclear", no("999", "bad", order_id="90000901"), 400),
    ("false beside a receipt", "unclear", no("999", "bad", data={"qr_link": "https://x.invalid/9"}), 400),
    ("no right, beside ids", "unclear", no("21", NO_RIGHT, data=ONE), 400),
    ("the order is there already", "unclear", no("999", "الطلب موجود مسبقا"), 400),
    ("order already exists", "unclear", no("999", "Order already exists"), 409),
    ("status twice, false last", "unclear", '{"status":true,"data":[{"id":"90000901"}],"status":false}'),
    ("status twice, true last", "unclear", '{"status":false,"data":[{"id":"90000901"}],"status":true}'),
    ("status twice, true and 1", "unclear", '{"status":true,"status":1,"data":[{"id":"90000901"}]}'),
    ("status twice under 429", "unclear", '{"status":true,"status":false,"errNum":"2"}', 429),
    ("false beside 0, no message", "unclear", no(0, ""), 400),
    ("false beside 200 and nothing of a no", "unclear", no("200", "الطلب")),
    ("errNum twice", "unclear", '{"status":false,"errNum":"999","errNum":"S000","msg":"no"}'),
    ("data twice", "unclear", '{"status":true,"data":[{"id":"90000901"}],"data":[]}'),
    ("id twice in the row", "unclear", '{"status":true,"data":[{"id":"90000901","id":"90000902"}]}'),
    ("false, and id twice in the row", "unclear", '{"status":false,"data":[{"id":"90000901","id":"90000902"}]}', 400),
    ("true beside errNum 999", "unclear", ok(ONE, errNum="999")),
    ("true beside errNum 21", "unclear", ok(ONE, errNum=21, msg=NO_RIGHT)),
    ("true with an order, under 429", "unclear", ok(ONE), 429),
    ("false beside ids, under 429", "unclear", no("2", LIMIT, data=ONE), 429),
    ("status as text", "unclear", ok(ONE, status="true")),
    ("status as number", "unclear", ok(ONE, status=1)),
    ("status false as text", "unclear", no("999", "no", status="false"), 400),
    ("status 0", "unclear", no("999", "no", status=0), 400),
    ("status null", "unclear", no("999", "no", status=None), 400),
    ("a refusal under 500", "unclear", no("999", "bad"), 500),
    ("a refusal under 302", "unclear", no("999", "bad"), 302),
    ("the rate under 503", "unclear", no("2", LIMIT), 503),
    ("the rate under 302", "unclear", no("2", LIMIT), 302),
    ("no right under 502", "unclear", no("21", NO_RIGHT), 502),
    ("id and qr_id are none", "unclear", ok({"id": "0", "qr_id": 0})),
    ("zeros", "unclear", ok({"id": "000", "qr_id": "-1"})),
    ("20 digits", "unclear", ok({"id": 10**19})),
    ("Arabic digits", "unclear", ok({"id": "٩٠٠٠٠٩٠١"})),
    ("a word as data", "unclear", ok("done")),
    ("a count as data", "unclear", ok(1)),
    ("true as data", "unclear", ok(data=True)),
    ("empty list", "unclear", ok([])),
    ("two orders", "unclear", ok([{"id": "90000901"}, {"id": "90000902"}])),
    ("two orders inside", "unclear", ok({"orders": [{"id": "90000901"}, {"id": "90000902"}]})),
    ("an id and another order inside", "unclear", ok({"id": "5", "order": {"id": "90000901"}})),
    ("cut", "unclear", json.dumps(ok(ONE))[:-9]),
    ("two envelopes", "unclear", json.dumps(ok(ONE)) + json.dumps(no("999", "no"))),
    ("empty", "unclear", ""),
    ("a bare list", "unclear", ONE),
    ("success under 404", "unclear", ok(ONE), 404),
    ("packed twice", "unclear", ok(ONE), 200, {"content-encoding": "gzip, gzip"}),
    ("packed by an unknown name", "unclear", ok(ONE), 200, {"content-encoding": "br"}),
    ("a refusal, packed", "unclear", no("999", "bad"), 400, {"content-encoding": "deflate"}),
    ("Latin letters in UTF-16", "unclear", json.dumps(ok(ONE)).encode("utf-16")),
)
LIMITED: tuple[Case, ...] = (
    (
        "the front's own",
        "limited:90",
        FRONT_LIMIT,
        429,
        {"content-type": "application/problem+json", "retry-after": "30"},
    ),
    ("errNum 2", "limited:30", no("2", f"{LIMIT} من الطلبات"), 400),
    ("429 with a wait", "limited:47", no("2", LIMIT), 429, {"content-type": JSON_TYPE, "retry-after": "47"}),
    ("words beside 999", "limited:30", no("999", LIMIT), 400),
    ("words without به", "limited:30", no("999", "لقد تجاوزت الحد المسموح"), 200),
    ("words about requests", "limited:30", no("", "تم تجاوز الحد الأقصى لعدد الطلبات"), 400),
    ("words with vowels", "limited:30", no("999", "تجاوزتَ الحدّ المسموح به"), 400),
    ("many requests sent", "limited:30", no("999", "تم ارسال عدد كبير من الطلبات"), 400),
    ("English words", "limited:30", no("999", "Rate limit exceeded"), 400),
    ("too many requests", "limited:30", no("", "Too many requests, please try again"), 403),
    ("too many logins", "limited:30", no("21", "Too many login attempts"), 400),
    ("errNum 2 as a number, no words", "limited:30", no(2, ""), 200),
    ("429 as a page", "limited:30", BLOCKED, 429, HTML),
    ("429 and nothing", "limited:30", "", 429),
    ("errNum 429", "limited:30", no("429", "slow down"), 200),
)
REFUSED: tuple[Case, ...] = (
    ("the network, try again", "transient", no("", "حدث خطأ في الشبكة الرجاء المحاولة مرة اخرى", data=[]), 400),
    ("try again later", "transient", no("999", "الرجاء المحاولة لاحقاً"), 400),
    ("unknown error, try again", "transient", no("999", "حدث خطأ غير معروف، الرجاء المحاولة مرة أخرى"), 400),
    ("something wrong, try again", "transient", no("", "Something went wrong, please try again later"), 400),
    ("wrong data entered", "data", no("999", "تم ادخال بيانات خاطئة"), 400),
    ("0 beside bad data", "data", no(0, "رقم الهاتف غير صحيح"), 400),
    ("fields with their faults", "data", no("999", {"client_mobile": ["The mobile is invalid."]}), 422),
    ("English try again", "transient", no("999", "Network error, please try again"), 200),
    ("bad number, try again", "data", no("999", "رقم الهاتف غير صحيح الرجاء المحاولة مرة اخرى"), 400),
    ("a name too long", "data", no("999", "تجاوز طول الاسم الحد"), 400),
    ("a price over its limit", "data", no("999", "تجاوز السعر الحد المسموح به"), 400),
    ("a text over its limit", "data", no("999", "تجاوزت الحد المسموح به لطول الاسم"), 400),
    ("no data right", "data", no("999", "البيانات غير صحيحة", data=[]), 200),
    ("a number of text, no message", "data", no(999, {}), 422),
    ("not done successfully", "data", no("999", "لم تتم العملية بنجاح"), 400),
    ("empty data object", "data", no("999", "bad", data={}), 400),
    ("names of fields as data", "data", no("999", "bad", data={"client_mobile": ["invalid"]}), 400),
    ("a customer's words in data", "data", no("999", "bad address", data={"location": "login token 403"}), 400),
    ("a customer's words in quotes", "data", no("999", "العنوان «شارع تسجيل الدخول» غير صحيح"), 400),
    ("a customer's words in the limit", "data", no("999", "bad name", data={"client_name": LIMIT}), 400),
    ("no such region beside 21", "data", no("21", "لا يوجد منطقة بهذا الرقم"), 400),
    ("under 404", "data", no("999", "not found"), 404),
    ("called html", "data", no("999", "البيانات غير صحيحة"), 400, HTML),
)
DENIED: tuple[Case, ...] = (
    ("21 under 200", "permission", no("21", NO_RIGHT)),
    ("errNum 403 under 403", "permission", no("403", "Forbidden"), 403),
    ("errNum 401 under 200", "permission", no("401", "Unauthenticated")),
    ("login first, beside 999", "permission", no("999", "الرجاء تسجيل الدخول"), 400),
    ("21 for an unknown region", "permission", no("21", NO_RIGHT), 400),
    ("session ended", "permission", no("999", "انتهت الجلسة"), 400),
    ("session ended, try again", "permission", no("", "انتهت الجلسة الرجاء المحاولة مرة أخرى"), 200),
    ("right, spelt otherwise", "permission", no("999", "ليس لديك صلاحيّة"), 400),
    ("no right for you", "permission", no("999", "لا توجد لديك صلاحية لهذا الإجراء"), 200),
    ("invalid token", "permission", no("999", "Invalid token"), 400),
    ("token expired, no errNum", "permission", {"status": False, "msg": "Token has expired"}, 401),
    ("Laravel's words", "permission", {"status": False, "message": "Unauthenticated."}, 401),
    ("401 without words", "permission", no("", ""), 401),
    ("logged out", "permission", no("999", "تم تسجيل الخروج، الرجاء تسجيل الدخول"), 400),
    ("session already ended", "permission", no("999", "Your session has already ended"), 400),
    ("login first, beside 0", "permission", no(0, "الرجاء تسجيل الدخول"), 200),
    ("words in a list", "permission", no("999", ["Unauthorized"]), 400),
    ("words under error", "permission", {"status": False, "errNum": "5", "error": "token expired"}, 400),
    ("not logged in", "permission", no("5", "You are not logged in"), 200),
    ("21 as a fraction", "permission", no(21.0, ""), 400),
    ("login words beside errNum 2", "permission", no("2", "الرجاء تسجيل الدخول"), 400),
    ("with a byte order mark", "permission", "\ufeff" + json.dumps(no("21", NO_RIGHT)), 400),
)
LISTS: tuple[Case, ...] = (
    ("bare", "unclear", [ROW]),
    ("with a byte order mark", "rows:1", "\ufeff" + json.dumps(ok([ROW]))),
    ("with T in the date", "rows:1", ok([RICH | {"created_at": "2026-11-20T22:12:18"}])),
    ("with Z in the date", "rows:1", ok([RICH | {"created_at": "2026-11-20T19:12:18.000Z"}])),
    ("called html", "rows:1", ok([ROW]), 200, HTML),
    ("called nothing", "rows:1", ok([ROW]), 200, {}),
    ("login first", "permission", no("999", "الرجاء تسجيل الدخول"), 400),
    ("nested", "rows:1 or unclear", ok({"orders": [ROW]})),
    ("nested and empty", "unclear", ok({"orders": []})),
    ("price with a comma", "rows:1", ok([RICH | {"price": "25,000"}])),
    ("documented", "rows:1", ok([ROW])),
    ("nulls", "rows:1", ok([dict.fromkeys(RICH, None) | {"id": "90000924", "issue_notes": "0"}])),
    ("order_id only", "unclear", ok([{"order_id": "90000926", "status_id": "3"}])),
    ("rich", "rows:1", ok([RICH])),
    ("empty", "rows:0", ok([])),
    ("null", "unclear", ok(None)),
    ("absent", "unclear", without(ok(), "data")),
    ("text", "unclear", ok("")),
    ("object", "unclear", ok({})),
    ("false", "unclear", ok(data=False)),
    ("one order alone", "unclear", ok(ROW)),
    ("none, as a refusal", "data", no("21", "لا يوجد طلبات"), 400),
    ("empty beside errNum 21", "unclear", ok([], errNum="21", msg=NO_RIGHT)),
    ("empty beside errNum 999", "unclear", ok([], errNum="999")),
    ("empty, false beside S000", "unclear", no("S000", "ok", data=[])),
    ("empty, status twice", "unclear", '{"status":true,"data":[],"status":false}'),
    ("rows, data twice", "unclear", '{"status":true,"data":[{"id":"90000901"}],"data":[]}'),
    ("status as text", "unclear", ok([ROW], status="true")),
    ("no status", "unclear", without(ok([ROW]), "status")),
    ("the rate", "limited:30", no("999", LIMIT), 400),
    ("blocked", "unclear", BLOCKED, 503, HTML),
    ("packed", "unclear", ok([ROW]), 200, {"content-encoding": "gzip"}),
    ("try again", "transient", no("", "الرجاء المحاولة مرة اخرى"), 400),
    (
        "a row with its id twice",
        "rows:1",
        '{"status":true,"data":[{"id":"90000901","id":"90000902"},{"id":"90000903"}]}',
    ),
)
BULKS: tuple[Case, ...] = (
    ("no right", "permission", no("21", NO_RIGHT), 400),
    ("empty", "rows:0", ok([])),
    ("the one order alone", "rows:1", ok(RICH)),
    ("object", "unclear", ok({})),
    ("null", "unclear", ok(None)),
    ("a word", "unclear", ok("none")),
)
LOGINS: tuple[Case, ...] = (
    ("token with @@", "token", ok({"token": TOKEN})),
    ("bare token", "token", ok({"token": TOKEN.strip("@")})),
    ("spaces around", "token", ok({"token": f" {TOKEN}\n"})),
    ("called html", "token", ok({"token": TOKEN}), 200, HTML),
    ("with a byte order mark", "token", "\ufeff" + json.dumps(ok({"token": TOKEN}))),
    ("in a list", "token", ok([{"token": TOKEN}])),
    ("blocked", "outage", BLOCKED, 403, HTML),
    ("no token", "outage", ok({"token": None})),
    ("a number as token", "outage", ok({"token": 5})),
    ("two tokens", "outage", '{"status":true,"data":{"token":"aa","token":"bb"}}'),
    ("status twice", "outage", '{"status":true,"data":{"token":"aa"},"status":false}'),
    ("packed", "outage", ok({"token": TOKEN}), 200, {"content-encoding": "gzip, gzip"}),
    ("try again", "outage", no("999", "حدث خطأ الرجاء المحاولة مرة اخرى"), 400),
    ("false beside S000", "outage", no("S000", "ok"), 200),
    ("refused", "login-refused", no("999", "اسم المستخدم او كلمة المرور غير صحيحة"), 400),
    ("refused in English", "login-refused", no("401", "Invalid credentials"), 401),
    ("refused under 200", "login-refused", no("999", "خطأ"), 200),
    ("the rate", "limited:30", no("2", LIMIT), 429),
)
STATUSES: tuple[Case, ...] = (
    ("no right", "permission", no("21", NO_RIGHT), 400),
    (
        "numbers and spaces",
        "statuses:2",
        ok([{"id": 0, "status": " معطل او غير فعال "}, {"id": 45, "status": "حالة  جديدة"}]),
    ),
    ("empty", "statuses:0", ok([])),
    ("null", "unclear", ok(None)),
    ("bare", "unclear", [{"id": "1", "status": "نشط"}]),
    ("none can be read", "unclear", ok([{"id": None, "status": "نشط"}])),
)

SHAPES = (
    *_of("create-order", *CREATED, *UNCLEAR_CREATE, *LIMITED, *REFUSED, *DENIED),
    *_of("merchant-orders", *LISTS),
    *_of("get-orders-by-ids-bulk", *BULKS),
    *_of("login", *LOGINS),
    *_of("statuses", *STATUSES),
)
