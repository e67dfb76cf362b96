"""A request as it was read, and the rules that the sandbox enforces: one function a call.

Source: courier API, "What a strict stand-in must enforce".
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import islice
from urllib.parse import parse_qs, urlsplit

import orjson
from python_multipart import parse_form
from python_multipart.exceptions import FormParserError

from paranad.record import record
from paranad.sandbox.answers import LIMIT_TEXT, Json, Reply, no_access, page, refusal, success
from paranad.sandbox.books import (
    BAGHDAD,
    CITIES,
    PACKAGE_SIZES,
    REGIONS,
    SENT,
    STATUSES,
    WITH_MERCHANT,
    Books,
    CreateData,
    SandboxOrder,
    wall,
    write_fields,
)

PREFIX = "/v1/merchant/"
PHONE = re.compile(r"\+9647[0-9]{9}")
WHOLE = re.compile(r"[0-9]{1,12}")
SHOP_PRICE = re.compile(r"[0-9]{1,12}(\.0{1,2})?")
ID_LIST = re.compile(r"[0-9]+(,[0-9]+)*")
MOST_IDS = 25
ROWS_AT_ONCE = 500
FORM_TYPES = ("multipart/form-data", "application/x-www-form-urlencoded")

Fields = Mapping[str, str]
Handler = Callable[[Books, Fields], Awaitable[Reply]]


@dataclass(slots=True)
class Call:
    """One request as it was read."""

    method: str = ""
    target: bytes = b""
    """Path and query, as sent."""
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path without query."""
        return urlsplit(self.target.decode("latin-1")).path

    @property
    def query(self) -> Mapping[str, str]:
        """The query's fields; the first value if a field comes twice."""
        query = urlsplit(self.target.decode("latin-1")).query
        return {name: texts[0] for name, texts in parse_qs(query, keep_blank_values=True).items()}

    def form(self) -> Mapping[str, str] | None:
        """Return the form's fields; None if the body is of another type, or broken."""
        kind = self.headers.get("content-type", "")
        if not kind.startswith(FORM_TYPES):
            return None
        fields: dict[str, str] = {}

        def on_field(one: object) -> None:
            name, value = getattr(one, "field_name", b""), getattr(one, "value", b"")
            fields[(name or b"").decode()] = (value or b"").decode()

        try:
            parse_form({"Content-Type": kind.encode()}, BytesIO(self.body), on_field, lambda _: None)
        except (FormParserError, UnicodeDecodeError):
            return None
        return fields


@record
class Endpoint:
    """One path: how it may be called, and by which accounts. A GET is handled by its query, a POST by its form."""

    method: str
    handle: Handler
    needs_token: bool = True
    needs_merchant: bool = False


async def answer(books: Books, call: Call) -> Reply:
    """Answer *call* by the rules; a refused call changes nothing."""
    if books.behaviour.blocked_status:
        return page(books.behaviour.blocked_status, "Access denied")
    endpoint = ENDPOINTS.get(call.path.removeprefix(PREFIX)) if call.path.startswith(PREFIX) else None
    if endpoint is None:
        return page(404, "Not Found")
    if call.method != endpoint.method:
        return page(405, "Method Not Allowed")
    if not books.count_request():  # before the token is looked at: the rate counts refused calls too
        return _over_rate(books)
    return await _admitted(books, call, endpoint)


async def _admitted(books: Books, call: Call, endpoint: Endpoint) -> Reply:
    fields = call.form() if call.method == "POST" else call.query
    if fields is None:
        return bad("the body must be a form")
    token = call.query.get("token", "")
    if endpoint.needs_token and not books.knows(token):
        return no_access()
    if endpoint.needs_merchant and not token.startswith("@@"):
        return no_access()
    return await endpoint.handle(books, fields)


def bad(message: str) -> Reply:
    """Refuse a call for its content."""
    return refusal(400, "999", message)


def _over_rate(books: Books) -> Reply:
    after_s = books.behaviour.retry_after_s
    headers = {} if after_s is None else {"Retry-After": str(after_s)}
    return replace(refusal(books.behaviour.limit_status, "2", LIMIT_TEXT), headers=headers)


async def _login(books: Books, fields: Fields) -> Reply:
    if (fields.get("username"), fields.get("password")) != (books.username, books.password):
        return bad("اسم المستخدم او كلمة المرور غير صحيحة")
    return success({"token": books.new_token()})


async def _cities(_: Books, __: Fields) -> Reply:
    return success([{"id": city_id, "city_name": name} for city_id, name in CITIES.items()])


async def _regions(_: Books, fields: Fields) -> Reply:
    regions = REGIONS.get(fields.get("city_id", ""))
    if regions is None:
        return bad("city_id is required")
    return success([{"id": region_id, "region_name": name} for region_id, name in regions.items()])


async def _package_sizes(_: Books, __: Fields) -> Reply:
    return success([{"id": size_id, "size": name} for size_id, name in PACKAGE_SIZES.items()])


async def _statuses(_: Books, __: Fields) -> Reply:
    return success([{"id": status_id, "status": name} for status_id, name in STATUSES.items()])


async def _create(books: Books, fields: Fields) -> Reply:
    if not books.behaviour.may_create:
        return no_access()
    wrong = wrong_field(fields, shop_mode=books.behaviour.shop_mode)
    if wrong:
        return bad(f"{wrong} is not valid")
    row = books.add_order(fields).row(books.behaviour)
    created = {name: row[name] for name in ("id", "qr_id", "qr_link", "status_id", "price", "delivery_price")}
    if books.behaviour.create_id_differs:
        created["id"] = type(row["id"])(f"7{row['id']}")
    return success([created] if books.behaviour.create_data is CreateData.LIST else created)


async def _edit(books: Books, fields: Fields) -> Reply:
    order = books.orders.get(fields.get("qr_id", ""))
    if order is None or order.status_id != WITH_MERCHANT:
        return bad("qr_id is not an order that can still be edited")
    wrong = wrong_field(fields, shop_mode=books.behaviour.shop_mode)
    if wrong:
        return bad(f"{wrong} is not valid")
    write_fields(order, fields)
    order.updated_at = books.clock.now()
    return success({}, "تم التعديل بنجاح")


async def _list(books: Books, fields: Fields) -> Reply:
    now, behaviour = books.clock.now(), books.behaviour
    try:
        wanted = _wanted(fields if behaviour.honours_filters else {})
    except ValueError:
        return bad("a date must be YYYY-MM-DD")
    shown = [order for order in books.orders.values() if order.created_at + behaviour.appears_after <= now]
    if behaviour.lacks_newest_half:
        shown = shown[: (len(shown) + 1) // 2]
    return await _rendered(books, [order for order in shown if wanted(order)])


def _wanted(fields: Fields) -> Callable[[SandboxOrder], bool]:
    status_id = fields.get("status_id", "")
    first = date.fromisoformat(fields.get("date_from") or "0001-01-01")
    last = date.fromisoformat(fields.get("date_to") or "9999-12-31")

    def wanted(order: SandboxOrder) -> bool:
        return status_id in {"", order.status_id} and first <= order.created_at.astimezone(BAGHDAD).date() <= last

    return wanted


async def _rendered(books: Books, orders: list[SandboxOrder]) -> Reply:
    """Render rows a few at a time: the sandbox shares its loop with its callers."""
    parts, rest = [], iter(orders)
    while batch := list(islice(rest, ROWS_AT_ONCE)):
        parts.append(b",".join(orjson.dumps(order.row(books.behaviour)) for order in batch))
        await asyncio.sleep(0)
    return Reply(200, b'{"status":true,"errNum":"S000","msg":"ok","data":[%b]}' % b",".join(parts))


async def _bulk(books: Books, fields: Fields) -> Reply:
    if not ID_LIST.fullmatch(fields.get("ids", "")):
        return bad("ids must be numbers with commas between them")
    ids = fields["ids"].split(",")
    if len(ids) > MOST_IDS and books.behaviour.refuses_long_bulk:
        return bad(f"at most {MOST_IDS} ids")
    return await _rendered(books, [books.orders[order_id] for order_id in ids[:MOST_IDS] if order_id in books.orders])


async def _invoices(books: Books, _: Fields) -> Reply:
    if not books.invoices and books.behaviour.no_invoices_as_refusal:
        return refusal(400, "21", "لا يوجد فواتير")
    return success([_invoice_row(books, invoice_id) for invoice_id in books.invoices])


async def _invoice_orders(books: Books, fields: Fields) -> Reply:
    invoice = books.invoices.get(fields.get("invoice_id", ""))
    if invoice is None:
        return bad("invoice_id is not one of yours")
    orders = [books.orders[order_id].row(books.behaviour) for order_id in invoice.order_ids if order_id in books.orders]
    return success({"invoice": [_invoice_row(books, invoice.id)], "orders": orders})


async def _receive_invoice(books: Books, fields: Fields) -> Reply:
    invoice = books.invoices.get(fields.get("invoice_id", ""))
    if invoice is None or invoice.is_received:
        return bad("invoice_id is not one of yours that waits")
    invoice.is_received, invoice.updated_at = True, books.clock.now()
    return success({})


def _invoice_row(books: Books, invoice_id: str) -> Json:
    invoice = books.invoices[invoice_id]
    prices = [int(Decimal(books.orders[order_id].price)) for order_id in invoice.order_ids if order_id in books.orders]
    return {
        "id": invoice.id,
        "merchant_price": str(sum(prices) - 5000 * len(prices)),
        "delivered_orders_count": str(len(prices)),
        "replacement_delivered_orders_count": "0",
        "status": "تم الاستلام من قبل التاجر" if invoice.is_received else "قيد الاستلام من قبل التاجر",
        "merchant_id": "77",
        "updated_at": wall(invoice.updated_at),
    }


def wrong_field(fields: Fields, *, shop_mode: bool) -> str | None:
    """Return the first field of a create or edit form that the courier would refuse; None if all are right."""
    required = [name for name in SENT if not (shop_mode and name == "replacement")]
    missing = (name for name in required if not fields.get(name, "").strip())
    wrong = (name for name, check in CHECKS.items() if name in fields and not check(fields))
    price = SHOP_PRICE if shop_mode else WHOLE
    if (name := next(missing, None) or next(wrong, None)) is not None:
        return name
    return None if price.fullmatch(fields["price"]) else "price"


CHECKS: Mapping[str, Callable[[Fields], bool]] = {
    "client_mobile": lambda fields: bool(PHONE.fullmatch(fields["client_mobile"])),
    "client_mobile2": lambda fields: not fields["client_mobile2"] or bool(PHONE.fullmatch(fields["client_mobile2"])),
    "city_id": lambda fields: fields["city_id"] in CITIES,
    "region_id": lambda fields: fields["region_id"] in REGIONS.get(fields.get("city_id", ""), {}),
    "items_number": lambda fields: bool(WHOLE.fullmatch(fields["items_number"])) and int(fields["items_number"]) >= 1,
    "package_size": lambda fields: fields["package_size"] in PACKAGE_SIZES,
    "replacement": lambda fields: fields["replacement"] in {"0", "1"},
}


ENDPOINTS: Mapping[str, Endpoint] = {
    "login": Endpoint("POST", _login, needs_token=False),
    "citys": Endpoint("GET", _cities, needs_token=False),
    "regions": Endpoint("GET", _regions, needs_token=False),
    "package-sizes": Endpoint("GET", _package_sizes, needs_token=False),
    "statuses": Endpoint("GET", _statuses),
    "create-order": Endpoint("POST", _create),
    "edit-order": Endpoint("POST", _edit),
    "merchant-orders": Endpoint("GET", _list),
    "get-orders-by-ids-bulk": Endpoint("POST", _bulk),
    "get_merchant_invoices": Endpoint("GET", _invoices, needs_merchant=True),
    "get_merchant_invoice_orders": Endpoint("GET", _invoice_orders, needs_merchant=True),
    "receive_merchant_invoice": Endpoint("GET", _receive_invoice, needs_merchant=True),
}
