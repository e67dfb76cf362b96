"""What an answer of the courier means: done, refused, limited or unclear. Pure; nothing here sends anything."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from paranad.courier import phrases
from paranad.courier.errors import CALL, CourierRefused, CourierUnclear, Refusal
from paranad.courier.models import CreatedOrder, Json, StatusList
from paranad.courier.parsing import LONGEST_READ_CHARS, Contradiction, id_of, line_of, parse
from paranad.numbers import is_digits
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.wording import encodable, one_line

NO_ACCESS = "21"
AUTHORITY_CODES = frozenset({NO_ACCESS, "401", "403"})
RATE_CODES = frozenset({"2", "429"})
REFUSING_CODES = AUTHORITY_CODES | RATE_CODES | {"999"}
"""Codes that only a refusal has: beside `status: true` they contradict it."""
SUCCESS_CODE = re.compile(r"S[0-9]+", re.IGNORECASE)
WEAK_CODE = re.compile(r"0+|200|ok|success|done", re.IGNORECASE)
"""Codes of a success, unless the message says no."""
SUCCESS_FLAGS = frozenset({"status", "success", "succeeded", "issuccess", "ok", "created", "done"})
NO_LETTER = re.compile(r"[^a-z0-9]")
NAMES_OF_IDS = frozenset(
    {
        *("id", "qrid", "orderid", "ordernumber", "orderno", "shipmentid", "parcelid", "barcode"),
        *("trackingnumber", "trackingno", "trackingid", "waybill", "waybillnumber", "awb"),
    }
)
"""Under which names an order's number may stand beside a refusal, as `_plain` has them."""
SAYS_OTHERWISE = frozenset({201, 202, 409})
"""HTTP statuses that say that something was made or exists; under them no body counts as a refusal."""
SHORTEST_CLOSURE = timedelta(seconds=30)
LONGEST_CLOSURE = timedelta(hours=1)
"""The rate is closed no longer than this, whatever the courier asks; the owner that closed it is remembered as long."""
TEXT_ID_CHARS = 64
ID_KEYS = ("id", "qr_id", "order_id", "tracking_number")
"""Fields that may hold the order's number."""
OTHER_ID_KEYS = ("order_id", "tracking_number")
"""Looked at if neither `id` nor `qr_id` holds a number."""
MESSAGE_KEYS = ("msg", "message", "error")
"""Fields that may hold the message; the first that has text counts. Only `msg` is documented."""
FRAME = frozenset({"status", "errNum", *MESSAGE_KEYS})
NESTED_KEYS = ("order", "orders")
BARE_ID_DIGITS = 6
"""A shorter bare number as data may be a count or a flag."""
DEEPEST = 8

ANSWER = Sentence("courier.answer", "{path}: {reason} (HTTP {status}, {type}, {bytes} bytes)")
"""An answer of no use, described without quoting it."""
NO_TYPE = Sentence("courier.no_content_type", "no content type")
NO_MESSAGE = Sentence("courier.no_message", "no message")
NOT_JSON = Sentence("courier.not_json", "not the courier's JSON")
NEITHER = Sentence("courier.neither", "neither success nor refusal")
REFUSAL_WITH_SUCCESS_CODE = Sentence("courier.refusal_with_success_code", "refusal beside a success code")
REFUSAL_WITH_SUCCESS_TEXT = Sentence("courier.refusal_with_success_text", "refusal beside a message of success")
REFUSAL_FOR_TIME = Sentence("courier.refusal_for_time", "refusal for a time that ran out")
REFUSAL_WITH_IDS = Sentence("courier.refusal_with_ids", "refusal beside an order's ids")
SUCCESS_WITH_REFUSAL_CODE = Sentence("courier.success_with_refusal_code", "success beside a refusal's code")
NO_LIST = Sentence("courier.no_list", "success without a list")
NO_ROW_READABLE = Sentence("courier.no_row_readable", "none of its {rows} rows can be read")
NOT_ONE_ORDER = Sentence("courier.not_one_order", "success without exactly one order")
NO_ID = Sentence("courier.no_id", "success without an id")


@record
class HttpAnswer:
    """One HTTP answer, read whole."""

    path: str
    """Without query."""
    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False)


@record
class Envelope:
    """The frame of every answer. Source: courier API, "Envelope and errors"."""

    status: Json
    """True and False mean what they say; every other value, text included, means nothing."""
    err_num: str
    message: str
    """One line, shortened; empty if there is none."""
    data: Json
    """None if absent."""
    folded: str = field(default="", repr=False)
    """The message in the spelling in which phrases are looked for."""
    texts: Sequence[str] = field(default=(), repr=False)
    """Every text of the frame, folded: the message may stand under two names, and the two may differ."""
    has_success_code: bool = False
    """The frame holds the code of a success, or a flag that says success."""
    beside: Json = field(default=None, repr=False)
    """The fields beside `status`, `errNum` and the message, the data included."""

    @property
    def denial(self) -> Said | None:
        """Return why the envelope cannot be trusted as a refusal; None if it can.

        A refused order is sent again. A refusal that contradicts itself is unclear, so the list is asked first.
        """
        if self.has_success_code or (WEAK_CODE.fullmatch(self.err_num) and not phrases.says_no(self.folded)):
            return REFUSAL_WITH_SUCCESS_CODE()
        if any(phrases.says_done(text) for text in self.texts):
            return REFUSAL_WITH_SUCCESS_TEXT()
        if any(phrases.says_unknown(text) for text in self.texts):
            return REFUSAL_FOR_TIME()
        return REFUSAL_WITH_IDS() if any(_order_ids(self.beside)) else None


def envelope_of(answer: HttpAnswer) -> Envelope | None:
    """Return the answer's envelope, whatever its content type says; None if its body is no JSON object.

    If a key stands twice with different values, the envelope is empty: none of the values can be trusted.
    """
    try:
        value = parse(answer.body)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    message = next(filter(None, (_text_in(value.get(key)) for key in MESSAGE_KEYS)), "")
    folded = phrases.folded(message)
    beside = value if isinstance(value, Contradiction) else {key: value[key] for key in value.keys() - FRAME}
    texts = [
        phrases.folded(_text_in(each) if key in MESSAGE_KEYS else each[:LONGEST_READ_CHARS])
        for key, each in value.items()
        if key in MESSAGE_KEYS or isinstance(each, str)
    ]
    return Envelope(
        value.get("status"),
        code_of(value.get("errNum")),
        line_of(message),
        value.get("data"),
        folded=folded,
        texts=texts,
        has_success_code=any(_is_success(key, each) for key, each in value.items()),
        beside=beside,
    )


def _is_success(key: str, value: Json) -> bool:
    """Tell whether a field other than `status` says that the request was done."""
    if key != "status" and _plain(key) in SUCCESS_FLAGS and (value is True or value == 1 or value in {"true", "1"}):
        return True
    inner = value.values() if isinstance(value, dict) and _plain(key) == "errnum" else value
    values = list(inner) if not isinstance(inner, str) and isinstance(inner, Iterable) else [inner]
    return any(isinstance(each, str) and bool(SUCCESS_CODE.fullmatch(each.strip())) for each in values[:DEEPEST])


def _plain(key: str) -> str:
    """Return a field's name in one spelling for `orderId`, `order_id` and `ORDER-ID`."""
    return NO_LETTER.sub("", key.casefold())


def _text_in(value: Json, depth: int = 0) -> str:
    """Return a message: text, or the texts of a list or of an object's fields."""
    if isinstance(value, str):
        return value[:LONGEST_READ_CHARS].strip()
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list) or depth == DEEPEST:
        return ""
    return " ".join(filter(None, (_text_in(inner, depth + 1) for inner in value[:DEEPEST])))[:LONGEST_READ_CHARS]


def code_of(value: Json) -> str:
    """Return an errNum as text; empty if it is neither text nor a whole number."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return line_of(str(value))


def text_id_of(value: Json) -> str | None:
    """Return the id of a status as text, 0 included; None if it cannot be an id."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip()
    return text if text and text.isprintable() and len(text) <= TEXT_ID_CHARS else None


def closure_of(answer: HttpAnswer, now: datetime) -> timedelta | None:
    """Return how long the courier wants no request; None if it does not speak of its rate."""
    envelope = envelope_of(answer)
    if not _is_limit(answer, envelope):
        return None
    spoken = envelope.beside.get("retry_after") if envelope else None
    asked = (answer.headers.get("retry-after", ""), code_of(spoken))
    return min(max(SHORTEST_CLOSURE, *(_retry_after(text, now) for text in asked)), LONGEST_CLOSURE)


def _is_limit(answer: HttpAnswer, envelope: Envelope | None) -> bool:
    """Tell whether the courier, or a server before it, refuses for the rate and for nothing else."""
    # A proxy's 429 has no envelope. An envelope that says success, or contradicts itself, may mean a made order.
    if answer.status == 429:
        return envelope is None or not (envelope.status is True or envelope.denial)
    if envelope is None or envelope.status is not False or envelope.denial or not _is_spoken(answer.status):
        return False
    # Words of a login say more than the one code that a single client has seen for the rate.
    by_code = envelope.err_num in RATE_CODES and not phrases.says_authority(envelope.folded)
    return phrases.says_rate(envelope.folded) or by_code


def refusal_of(answer: HttpAnswer, envelope: Envelope | None) -> Refusal | None:
    """Return why the courier, read beyond doubt, said no; None if it did not, or its rate is the reason.

    A server error, a redirect and an answer that contradicts itself are no refusals.
    """
    if envelope is None or envelope.status is not False or envelope.denial or not _is_spoken(answer.status):
        return None
    if phrases.says_authority(envelope.folded):
        return Refusal.PERMISSION
    # "No invoices" has the code of a missing right, too.
    if envelope.err_num == NO_ACCESS and phrases.says_nothing_there(envelope.folded):
        return Refusal.DATA
    if envelope.err_num in AUTHORITY_CODES or answer.status in {401, 403}:
        return Refusal.PERMISSION
    return Refusal.TRANSIENT if phrases.says_passing(envelope.folded) else Refusal.DATA


def unclear(answer: HttpAnswer, reason: Said) -> CourierUnclear:
    """Return the error that describes an answer of no use, without quoting it."""
    named = answer.headers.get("content-type")
    kind = NO_TYPE() if named is None else named.split(";")[0][:60]
    return CourierUnclear(
        ANSWER(path=answer.path, reason=reason, status=answer.status, type=kind, bytes=len(answer.body))
    )


def created_of(answer: HttpAnswer) -> CreatedOrder:
    """Return the order that create-order made.

    Raises:
        CourierRefused: no order was made.
        CourierUnclear: one may have been made.
    """
    # Two orders, or none, in the answer to one: nothing is assumed of either.
    order = _only_order(data_of(answer))
    if order is None:
        raise unclear(answer, NOT_ONE_ORDER())
    own, qr_id = id_of(order.get("id")), id_of(order.get("qr_id"))
    first = own or qr_id or next(filter(None, (id_of(order.get(key)) for key in OTHER_ID_KEYS)), None)
    if first is None:
        raise unclear(answer, NO_ID())
    link = order.get("qr_link")
    ids = frozenset(value for value in (first, qr_id) if value)
    return CreatedOrder(first, qr_id, link.strip() if isinstance(link, str) else None, ids)


def data_of(answer: HttpAnswer) -> Json:
    """Return the data of a success.

    Raises:
        CourierRefused: the courier said no.
        CourierUnclear: anything else.
    """
    envelope = envelope_of(answer)
    refusal = refusal_of(answer, envelope)
    if envelope is None:
        raise unclear(answer, NOT_JSON())
    if refusal:
        raise CourierRefused(refusal, envelope.err_num, envelope.message or CALL(path=answer.path, reason=NO_MESSAGE()))
    if envelope.status is not True or not 200 <= answer.status < 300:
        raise unclear(answer, (envelope.denial if envelope.status is False else None) or NEITHER())
    if envelope.err_num in REFUSING_CODES:
        raise unclear(answer, SUCCESS_WITH_REFUSAL_CODE())
    return envelope.data


def statuses_of(answer: HttpAnswer) -> StatusList:
    """Return the statuses that the courier named.

    Raises:
        CourierRefused: the courier said no.
        CourierUnclear: it is no list, or none of its rows can be read; only `[]` is an empty list.
    """
    names, skipped = names_of(answer, "status")
    return StatusList(names, skipped)


def names_of(answer: HttpAnswer, field: str) -> tuple[dict[str, str], int]:
    """Return what the courier calls each row of a list, by its id, and how many rows lack an id or a name.

    Raises:
        CourierRefused: the courier said no.
        CourierUnclear: it is no list, or none of its rows can be read; only `[]` is an empty list.
    """
    rows = data_of(answer)
    if not isinstance(rows, list):
        raise unclear(answer, NO_LIST())
    named = [(text_id_of(row.get("id")), row.get(field)) for row in rows if isinstance(row, dict)]
    whole = [
        (row_id, encodable(one_line(text)))
        for row_id, text in named
        if row_id and isinstance(text, str) and text.strip()
    ]
    if rows and not whole:
        raise unclear(answer, NO_ROW_READABLE(rows=len(rows)))
    return dict(whole), len(rows) - len(whole)


def _only_order(data: Json) -> Mapping[str, Json] | None:
    """Return the one order in *data*: itself, alone in a list, under `order` or `orders`, or its bare number."""
    for _ in range(DEEPEST):
        if isinstance(data, list):
            if len(data) != 1:
                return None
            data = data[0]
        elif isinstance(data, dict):
            nested = [data[key] for key in NESTED_KEYS if data.get(key) not in (None, "", [], {})]
            if not nested:
                return data
            if len(nested) > 1 or any(id_of(data.get(key)) for key in ID_KEYS):
                return None  # it names an order itself and holds another: which one was made is not known
            data = nested[0]
        else:
            number = id_of(data)
            return {"id": number} if number and len(number) >= BARE_ID_DIGITS else None
    return None


def _order_ids(value: Json, depth: int = 0) -> Iterator[str]:
    """Yield everything in *value* that may be an order's number or link; so may an object that contradicts itself."""
    if isinstance(value, Contradiction) or depth > DEEPEST:
        yield "?"
    elif isinstance(value, dict):
        plain = {_plain(key): each for key, each in value.items()}
        yield from (found for key, each in plain.items() if key in NAMES_OF_IDS and (found := id_of(each)))
        yield from (found for key in ("data", *NESTED_KEYS) if (found := id_of(value.get(key))))
        if isinstance(link := plain.get("qrlink"), str) and link.strip():
            yield "qr_link"
        yield from (found for inner in value.values() for found in _order_ids(inner, depth + 1))
    elif isinstance(value, list):
        yield from (found for item in value for found in (id_of(item), *_order_ids(item, depth + 1)) if found)


def _is_spoken(status: int) -> bool:
    """Tell whether the courier itself answers, not a server that failed or redirects."""
    return (200 <= status < 300 or 400 <= status < 500) and status not in SAYS_OTHERWISE


def _retry_after(text: str, now: datetime) -> timedelta:
    if is_digits(text.strip()):
        return timedelta(seconds=min(int(text), LONGEST_CLOSURE.total_seconds()))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return timedelta()
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
