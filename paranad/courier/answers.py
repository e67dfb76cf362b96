"""What an answer of the courier means: done, refused, limited or unclear. Pure; nothing here sends anything."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from paranad.courier.errors import CourierRefused, CourierUnclear, Refusal
from paranad.courier.models import CreatedOrder, Json, StatusList
from paranad.courier.parsing import clean, parse

OUT_OF_RATE = "2"
NO_ACCESS = "21"
LIMIT_WORD = "تجاوز"
"""Stands in the courier's message where the rate is exceeded."""
SHORTEST_CLOSURE = timedelta(seconds=30)
LONGEST_CLOSURE = timedelta(hours=1)
MESSAGE_CHARS = 200
LONGEST_READ_CHARS = 2000
TOKEN = re.compile(r"@*[0-9A-Za-z]{24,}|@@\w+")
PHONE = re.compile(r"\+?\d(?:[ -]?\d){8,}")
ID_CHARS = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, read whole."""

    path: str
    """Without query."""
    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False)

    @property
    def is_json_type(self) -> bool:
        """Tell whether the answer calls itself JSON."""
        return "json" in self.headers.get("content-type", "").lower()


@dataclass(frozen=True, slots=True)
class Envelope:
    """The frame of every answer. Source: courier API, "Envelope and errors"."""

    status: Json
    """True and False mean what they say; every other value, text included, means nothing."""
    err_num: str
    message: str
    """One line, shortened; empty where there is none."""
    data: Json
    """None where absent."""

    @property
    def is_limit(self) -> bool:
        """Tell whether the courier says that the rate is exceeded."""
        return self.status is False and (self.err_num == OUT_OF_RATE or LIMIT_WORD in self.message)


def envelope_of(answer: Answer) -> Envelope | None:
    """Return the answer's envelope; None where its body is not one."""
    try:
        value = parse(answer.body)
    except ValueError:
        return None
    if not isinstance(value, dict) or "status" not in value:
        return None
    return Envelope(value["status"], code_of(value.get("errNum")), line_of(value.get("msg")), value.get("data"))


def code_of(value: Json) -> str:
    """Return an errNum as text; empty where it is neither text nor a whole number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return line_of(str(value))


def line_of(value: Json) -> str:
    """Return a message as one short line without what may be a token or a whole phone; empty where it is not text."""
    if not isinstance(value, str):
        return ""
    line = TOKEN.sub("(hidden)", " ".join(value[:LONGEST_READ_CHARS].split()))
    return clean(PHONE.sub(lambda phone: f"…{phone[0][-3:]}", line)[:MESSAGE_CHARS])


def id_of(value: Json) -> str | None:
    """Return an id as text; None where it is neither text nor a whole number, or nothing that can be an id."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip()
    return text if text and text.isprintable() and len(text) <= ID_CHARS else None


def closure_of(answer: Answer, now: datetime) -> timedelta | None:
    """Return how long the courier wants no request; None where it does not speak of its rate."""
    envelope = envelope_of(answer)
    if answer.status != 429 and not (envelope and envelope.is_limit and answer.status < 500):
        return None
    asked = _retry_after(answer.headers.get("retry-after", ""), now)
    return min(max(asked, SHORTEST_CLOSURE), LONGEST_CLOSURE)


def raise_refusal(answer: Answer, envelope: Envelope | None) -> None:
    """Raise CourierRefused where the courier, read beyond doubt, said no.

    A server error or a redirect is no such answer, whatever its body says.
    """
    if envelope is None or envelope.status is not False or not _is_spoken(answer.status):
        return
    denied = envelope.err_num == NO_ACCESS or answer.status == 401
    refusal = Refusal.PERMISSION if denied else Refusal.DATA
    raise CourierRefused(refusal, envelope.err_num, envelope.message or f"{answer.path}: no message")


def unclear(answer: Answer, why: str) -> CourierUnclear:
    """Return the error that says what came instead of an answer, without quoting it."""
    kind = answer.headers.get("content-type", "no content type").split(";")[0][:60]
    return CourierUnclear(f"{answer.path}: {why} (HTTP {answer.status}, {kind}, {len(answer.body)} bytes)")


def created_of(answer: Answer) -> CreatedOrder:
    """Return the order that create-order made.

    Raises:
        CourierRefused: no order was made.
        CourierUnclear: one may have been made.
    """
    envelope = envelope_of(answer) if answer.is_json_type else None
    raise_refusal(answer, envelope)
    if envelope is None:
        raise unclear(answer, "not the courier's JSON")
    if envelope.status is not True or not 200 <= answer.status < 300:
        raise unclear(answer, "neither success nor refusal")
    return _created(answer, envelope.data)


def data_of(answer: Answer) -> Json:
    """Return the data of a successful read or login.

    Raises:
        CourierRefused: the courier said no.
        CourierUnclear: anything else.
    """
    envelope = envelope_of(answer)
    raise_refusal(answer, envelope)
    if envelope is None:
        raise unclear(answer, "not the courier's JSON")
    if envelope.status is not True or not 200 <= answer.status < 300:
        raise unclear(answer, "neither success nor refusal")
    return envelope.data


def statuses_of(answer: Answer) -> StatusList:
    """Return the statuses that the courier named.

    Raises:
        CourierRefused: the courier said no.
        CourierUnclear: anything but a list, or one of which no row can be read; only `[]` is an empty list.
    """
    rows = data_of(answer)
    if not isinstance(rows, list):
        raise unclear(answer, "success without a list")
    named = [(id_of(row.get("id")), row.get("status")) for row in rows if isinstance(row, dict)]
    whole = [
        (status_id, clean(text)) for status_id, text in named if status_id and isinstance(text, str) and text.strip()
    ]
    if rows and not whole:
        raise unclear(answer, f"none of its {len(rows)} rows can be read")
    return StatusList(dict(whole), skipped=len(rows) - len(whole))


def _created(answer: Answer, data: Json) -> CreatedOrder:
    rows = data if isinstance(data, list) else [data]
    if len(rows) != 1 or not isinstance(rows[0], dict):
        raise unclear(answer, "success without exactly one order")
    own, qr_id = id_of(rows[0].get("id")), id_of(rows[0].get("qr_id"))
    link = rows[0].get("qr_link")
    first = own or qr_id
    if first is None:
        raise unclear(answer, "success without an id")
    ids = frozenset(value for value in (own, qr_id) if value)
    return CreatedOrder(first, qr_id, link.strip() if isinstance(link, str) else None, ids)


def _is_spoken(status: int) -> bool:
    """Tell whether the courier itself speaks, rather than a server that failed or sends elsewhere."""
    return 200 <= status < 300 or 400 <= status < 500


def _retry_after(text: str, now: datetime) -> timedelta:
    if text.strip().isascii() and text.strip().isdigit():
        return timedelta(seconds=min(int(text), LONGEST_CLOSURE.total_seconds()))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return timedelta()
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
