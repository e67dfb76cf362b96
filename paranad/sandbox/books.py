"""What the sandbox knows: cities and statuses, orders, invoices and tokens, and the switches of how it behaves.

The tables are the courier's own; only the regions are invented.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import StrEnum

from paranad.clock import Clock
from paranad.sandbox.answers import Json

BAGHDAD = timezone(timedelta(hours=3))
WITH_MERCHANT = "1"
"""The status of an order that the courier has not collected yet."""
FIRST_ID = 90_000_001
NAMES = ("زينب الجبوري", "علي الساعدي", "مريم العبيدي", "حسن الربيعي", "نور الشمري", "احمد التميمي", "سارة الخفاجي")
PLACES = ("قرب الساحة", "خلف المدرسة", "مقابل الجامع", "شارع السوق", "قرب المستشفى")

CITY_NAMES = (
    "بغداد", "كربلاء", "النجف", "بابل", "البصرة", "ذي قار", "ميسان", "اربيل", "دهوك",
    "السليمانية", "كركوك", "صلاح الدين", "نينوى", "الانبار", "ديالى", "المثنى", "القادسية", "واسط",
)  # fmt: skip
REGION_NAMES = ("المركز", "الحي العسكري", "حي المعلمين", "حي السلام", "الجمهورية")

CITIES = {str(number): name for number, name in enumerate(CITY_NAMES, 1)}
REGIONS = {
    city_id: {f"{int(city_id) * 100 + place}": name for place, name in enumerate(REGION_NAMES, 1)} for city_id in CITIES
}
REGIONS["1"] |= {"15": "الكرادة", "16": "المنصور"}
PACKAGE_SIZES = {"1": "عادي", "2": "متوسط", "3": "كبير", "4": "كبير جدا"}

STATUS_NAMES = (
    "معطل او غير فعال",
    "فعال ( قيد التجهير)",
    "تم الاستلام من قبل المندوب",
    "قيد التوصيل الى الزبون (في عهدة المندوب)",
    "تم التسليم للزبون",
    "في موقع فرز بغداد",
    "في مكتب",
    "في الطريق الى مكتب المحافظة",
    "في مخزن بغداد",
    "في طريقه للمحافظة",
    "وصل الى مكتب المحافظة",
    "تم استلامه من قبل المكتب",
    "في مخزن مرتجع المحافظة",
    "في مخزن مرتجع بغداد",
    "اعادة الارسال الى الزبون",
    "ارجاع الى التاجر",
    "قيد الارجاع الى التاجر (في عهدة المندوب)",
    "تم الارجاع الى التاجر",
    "تغيير سعر",
    "ارجاع بعد الاستلام",
    "تبديل بعد التوصيل",
    "تم التسليم للزبون واستلام منة الاسترجاع",
    "ارسال الى الفزر",
    "ارسال الى مخزن الارجاعات",
    "تم تغيير محافظة الزبون",
    "لا يرد",
    "لا يرد بعد الاتفاق",
    "مغلق",
    "مغلق بعد الاتفاق",
    "مؤجل",
    "مؤجل لحين اعادة الطلب لاحقا",
    "الغاء الطلب",
    "رفض الطلب",
    "مفصول عن الخدمة",
    "طلب مكرر",
    "مستلم مسبقا",
    "الرقم غير معرف",
    "الرقم غير داخل في الخدمة",
    "العنوان غير دقيق",
    "لم يطلب",
    "حظر المندوب",
    "لا يمكن الاتصال بالرقم",
    "تغيير المندوب",
    "تغيير العنوان",
    "اخراج من المخزن وارسالة الى الفرز",
)
STATUSES = {str(number): name for number, name in enumerate(STATUS_NAMES)}


class CreateData(StrEnum):
    """The shape of create-order's data; sources differ."""

    OBJECT = "object"
    """The order itself."""
    LIST = "list"
    """A list of one order."""


class ShownNotes(StrEnum):
    """What lists show of an order's notes."""

    AS_SENT = "as_sent"
    """What the merchant sent."""
    ABSENT = "absent"
    """Rows lack `merchant_notes`."""
    LOWER_CASE = "lower_case"
    """The notes in lower case."""
    REPLACED = "replaced"
    """A courier's own remark in their place."""


@dataclass(slots=True)
class Behaviour:
    """Switches for what the courier's API leaves open, or may change. Each holds until it is set otherwise."""

    create_data: CreateData = CreateData.LIST
    numbers_as_int: bool = False
    """Ids, status ids, flags and amounts come as numbers instead of text."""
    may_create: bool = True
    """False: the account lacks the right to create, and lookups still work."""
    is_merchant: bool = True
    """False: an employee's account; its tokens lack `@@`, and invoices are refused."""
    shop_mode: bool = False
    """True: `replacement` may be absent, and a price may be `25000.00`, as the shop's own code sends it."""
    rate_limit: int = 30
    rate_window: timedelta = timedelta(seconds=30)
    limit_status: int = 429
    """HTTP status of a refusal for the rate: 429, 400 or 200."""
    retry_after_s: int | None = None
    """The `Retry-After` of that refusal; None: not sent."""
    token_lifetime: timedelta | None = None
    """How long a token lives; None: for ever."""
    login_ends_older_tokens: bool = False
    refuses_long_bulk: bool = False
    """True: more than 25 ids are refused; False: the first 25 are answered."""
    honours_filters: bool = True
    appears_after: timedelta = timedelta()
    """How long after its creation an order appears in merchant-orders."""
    lacks_newest_half: bool = False
    """True: merchant-orders leaves out the newer half of the orders, without a word."""
    returns_notes: bool = True
    """False: rows lack `merchant_notes`, whatever `shown_notes` says."""
    shown_notes: ShownNotes = ShownNotes.AS_SENT
    price_change: int = 0
    """Added to every price that lists show."""
    shown_phone: str | None = None
    """Shown by lists as every order's phone; None: the order's own."""
    dates_in_utc: bool = False
    """True: lists show instants in UTC rather than by Baghdad's wall clock."""
    create_id_differs: bool = False
    """True: create-order answers another `id` than lists show; `qr_id` is the same in both."""
    no_invoices_as_refusal: bool = False
    """True: no invoices are errNum 21 rather than an empty list."""
    blocked_status: int | None = None
    """403 or 503: every call is answered with Cloudflare's page."""


@dataclass(slots=True)
class SandboxOrder:
    """One order at the courier. A test may set any field, as couriers do."""

    id: str
    client_name: str
    client_mobile: str
    client_mobile2: str | None
    city_id: str
    region_id: str
    location: str
    type_name: str
    items_number: str
    price: str
    package_size: str
    """The id; rows show the name."""
    merchant_notes: str | None
    replacement: str
    created_at: datetime
    updated_at: datetime
    status_id: str = WITH_MERCHANT
    status: str | None = None
    """None: the table's text for `status_id`."""
    invoice_id: str = "-1"

    def content(self) -> tuple[str | None, ...]:
        """Return what the merchant sent; two orders with the same content are one order made twice."""
        who = (self.client_name, self.client_mobile, self.client_mobile2, self.city_id, self.region_id, self.location)
        what = (self.type_name, self.items_number, self.price, self.package_size, self.merchant_notes)
        return (*who, *what, self.replacement)

    def row(self, behaviour: Behaviour) -> dict[str, Json]:
        """Return the row of merchant-orders. Source: courier API, "Order row"."""
        number = int if behaviour.numbers_as_int else str
        change = behaviour.price_change
        price = str(Decimal(self.price) + change) if change else self.price
        return {
            "id": number(self.id),
            "qr_id": number(self.id),
            "qr_link": f" https://example.invalid/receipt?id={self.id}&token=link-secret ",
            "client_name": self.client_name,
            "client_mobile": behaviour.shown_phone or self.client_mobile,
            "client_mobile2": self.client_mobile2,
            "city_id": number(self.city_id),
            "city_name": CITIES.get(self.city_id, ""),
            "region_id": number(self.region_id),
            "region_name": REGIONS.get(self.city_id, {}).get(self.region_id, ""),
            "location": self.location,
            "type_name": self.type_name,
            "items_number": self.items_number,
            "price": number(price) if price.isdecimal() else price,
            "delivery_price": number("5000"),
            "package_size": PACKAGE_SIZES.get(self.package_size, ""),
            "status_id": number(self.status_id),
            "status": STATUSES.get(self.status_id, "") if self.status is None else self.status,
            **self._notes(behaviour),
            "issue_notes": None,
            "replacement": number(self.replacement),
            "merchant_invoice_id": self.invoice_id,
            "deliver_confirmed_fin": 0,
            "created_at": wall(self.created_at, UTC if behaviour.dates_in_utc else BAGHDAD),
            "updated_at": wall(self.updated_at, UTC if behaviour.dates_in_utc else BAGHDAD),
        }

    def _notes(self, behaviour: Behaviour) -> dict[str, Json]:
        match behaviour.shown_notes if behaviour.returns_notes else ShownNotes.ABSENT:
            case ShownNotes.ABSENT:
                return {}
            case ShownNotes.LOWER_CASE:
                return {"merchant_notes": self.merchant_notes and self.merchant_notes.lower()}
            case ShownNotes.REPLACED:
                return {"merchant_notes": "تم الاتصال بالزبون"}
            case ShownNotes.AS_SENT:
                return {"merchant_notes": self.merchant_notes}


@dataclass(slots=True)
class Invoice:
    """Delivered orders that the courier pays out together."""

    id: str
    order_ids: Sequence[str]
    updated_at: datetime
    is_received: bool = False


@dataclass(slots=True)
class Books:
    """The account, and everything that the courier keeps for it."""

    clock: Clock
    username: str
    password: str = field(repr=False)
    behaviour: Behaviour = field(default_factory=Behaviour)
    orders: dict[str, SandboxOrder] = field(default_factory=dict)
    """By id, oldest first."""
    invoices: dict[str, Invoice] = field(default_factory=dict)
    tokens: dict[str, datetime] = field(default_factory=dict, repr=False)
    """By token that still lives: when it was given out."""
    counted: list[datetime] = field(default_factory=list)
    """The instants of the requests that count for the rate."""
    logins: int = 0
    next_id: int = FIRST_ID

    def new_token(self) -> str:
        """Give out a token, as a login does."""
        if self.behaviour.login_ends_older_tokens:
            self.tokens.clear()
        self.logins += 1
        digits = hashlib.sha256(f"{self.username}/{self.logins}".encode()).hexdigest()[:32]
        token = f"@@{digits}" if self.behaviour.is_merchant else digits
        self.tokens[token] = self.clock.now()
        return token

    def knows(self, token: str) -> bool:
        """Tell whether *token* lives."""
        given_at = self.tokens.get(token)
        lifetime = self.behaviour.token_lifetime
        return given_at is not None and (lifetime is None or self.clock.now() < given_at + lifetime)

    def count_request(self) -> bool:
        """Count one request; if the rate is exceeded, return False and do not count it."""
        now = self.clock.now()
        self.counted = [at for at in self.counted if now - self.behaviour.rate_window < at <= now]
        if len(self.counted) >= self.behaviour.rate_limit:
            return False
        self.counted.append(now)
        return True

    def add_order(self, fields: Mapping[str, str], created_at: datetime | None = None) -> SandboxOrder:
        """Keep an order with checked *fields*; unknown fields are dropped."""
        at = created_at or self.clock.now()
        order = SandboxOrder(
            id=str(self.next_id), created_at=at, updated_at=at, merchant_notes=None, client_mobile2=None, **SENT
        )
        write_fields(order, fields)
        self.orders[order.id] = order
        self.next_id += 1
        return order

    def seed_orders(self, count: int, *, spread: timedelta) -> list[str]:
        """Add *count* varied orders, created evenly over the last *spread*; return their ids."""
        start, step = self.clock.now() - spread, spread / max(count, 1)
        return [self.add_order(_seeded(number), start + step * number).id for number in range(count)]


SENT = dict.fromkeys(
    (
        "client_name",
        "client_mobile",
        "city_id",
        "region_id",
        "location",
        "type_name",
        "items_number",
        "price",
        "package_size",
        "replacement",
    ),
    "",
)
"""The form fields that every order has."""


def write_fields(order: SandboxOrder, fields: Mapping[str, str]) -> None:
    """Write a form's checked *fields* into *order*."""
    for name in SENT:
        setattr(order, name, fields.get(name, "0" if name == "replacement" else ""))
    order.client_mobile2 = fields.get("client_mobile2") or None
    order.merchant_notes = fields.get("merchant_notes") or None


def wall(instant: datetime, zone: tzinfo = BAGHDAD) -> str:
    """Return *instant* as the courier writes it: Baghdad's wall clock, without a zone."""
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _seeded(number: int) -> dict[str, str]:
    city_id = str(number % len(CITIES) + 1)
    return {
        "client_name": NAMES[number % len(NAMES)],
        "client_mobile": f"+9647{700_000_000 + number}",
        "city_id": city_id,
        "region_id": next(iter(REGIONS[city_id])),
        "location": PLACES[number % len(PLACES)],
        "type_name": "ملابس",
        "items_number": str(number % 4 + 1),
        "price": str(15_000 + number % 40 * 1_000),
        "package_size": "1",
        "merchant_notes": f"طلب {number}" if number % 3 == 0 else "",
        "replacement": "0",
    }
