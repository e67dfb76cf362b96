"""The courier's JSON into values: a short answer whole, a long list row by row as its bytes come, and single fields.

No bytes can do worse than raise an error: nesting, numbers and single values have their limits. A field
that is absent, null or empty is None. A field that holds anything else that cannot be read raises UnreadableValue:
taken for absent, it would write a 0 over a price.
"""

import codecs
import json
import math
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NoReturn
from zoneinfo import ZoneInfo

from paranad.courier.models import Json
from paranad.wording import encodable

VALUE_CAP_CHARS = 256 * 1024
"""No single row or field is longer."""
SPACE = " \t\r\n"
ORDER_ID = re.compile(r"[0-9]{1,19}")
TEXT = "utf-8-sig"
"""UTF-8; a byte order mark before it is skipped."""
MESSAGE_CHARS = 200
LONGEST_READ_CHARS = 2000
TOKEN = re.compile(r"@*[0-9A-Za-z]{24,}|@@\w+")
PHONE_IN_TEXT = re.compile(r"\+?\d(?:[ -]?\d){8,}")

COURIER_ZONE = ZoneInfo("Asia/Baghdad")
"""The zone of the courier's times; a time with another offset is turned into it. Source: courier API, "Values"."""

DIGITS = {ord(digit): str(value) for digits in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for value, digit in enumerate(digits)}
"""Arabic-Indic and extended Arabic-Indic digits to ASCII."""
MARKS = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff"))
"""Signs without width, with which Arabic text turns its direction around numbers."""
SEPARATORS = {ord("٫"): ".", ord("٬"): ",", ord("،"): ",", ord("\u00a0"): " ", ord("\u2009"): " ", ord("\u202f"): " "}
FOLDED = DIGITS | MARKS | SEPARATORS

PLAIN = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,8})?")
"""A longer number is no price; `1e999999999` written out would take all memory."""
GROUPED = re.compile(
    r"[+-]?[1-9][0-9]{0,2}([, ])[0-9]{3}(\1[0-9]{3}){0,3}(\.[0-9]{1,8})?|[+-]?[1-9][0-9]{0,2}(\.[0-9]{3}){2,4}"
)
AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
"""`25.000` is 25 to some and 25000 to others, so it is neither: the shop's amount stays, and the value is reported."""
MOST_DINARS = 10**15

NO_DATE = re.compile(r"0000-00-00([ T]00:00(:00(\.0+)?)?)?Z?")
"""What a database writes for no date."""

PHONE = re.compile(r"\+?[0-9]{7,20}")
PHONE_DIGITS = range(7, 21)
NOT_A_DIGIT = re.compile(r"[^0-9]")
NO_PHONE = re.compile(r"[\W_0]*")
"""`0`, `-` and the like are written for no second phone."""
PHONES = frozenset({"client_mobile", "client_mobile2"})

MOST_DIGITS = 19
"""No order's id is longer."""
NO_ORDER_ID = re.compile(r"0*|-1")
SHOWN_CHARS = 40


class Contradiction(dict[str, Json]):
    """An empty object in place of one in which a key has two values: none of its values can be trusted."""


def _object(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    # The same value twice is harmless; two values decide between a parcel made and none.
    if len(value) != len(pairs) and any(repr(value[key]) != repr(other) for key, other in pairs):
        return Contradiction()
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _float(text: str) -> Json:
    value = float(text)
    return value if math.isfinite(value) else text


DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_float, object_pairs_hook=_object)


def parse(body: bytes) -> Json:
    """Return the value of a whole *body*; a Contradiction for each object that has one key with two values.

    Raises:
        ValueError: it is not JSON, not UTF-8, or nested without end.
    """
    try:
        return DECODER.decode(body.decode(TEXT))
    except RecursionError:
        raise ValueError("nested too deep") from None


def id_of(value: Json) -> str | None:
    """Return a courier order's id as text: 1 to 19 digits, not all of them 0; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    # Turning a number of a million digits into text would stop the loop.
    text = str(value).strip() if isinstance(value, str) or value < 10**19 else ""
    return text if ORDER_ID.fullmatch(text) and text.strip("0") else None


class Scanner:
    """Walks over JSON that is still coming, and holds one piece of it. Every method raises ValueError on bad JSON."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._decoder = codecs.getincrementaldecoder(TEXT)()
        self._text, self._at = "", 0
        self._is_ended = False

    async def members(self, opening: str, closing: str) -> AsyncGenerator[None]:
        """Yield at the start of each member of the list or object here; the caller must read the member whole."""
        await self.expect(opening)
        if await self.peek() == closing:
            self._at += 1
            return
        while True:
            yield
            if await self.peek() != ",":
                await self.expect(closing)
                return
            self._at += 1

    async def key(self) -> str:
        """Read a member's name and the colon behind it."""
        if await self.peek() != '"':
            raise ValueError("expected a name")
        name: str = await self.value()
        await self.expect(":")
        return name

    async def value(self) -> Json:
        """Read one whole value."""
        await self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except RecursionError:
                raise ValueError("nested too deep") from None
            except ValueError:
                # The value may be cut by the end of the piece. Past the cap it is not: a row is never so long.
                if self._is_ended or len(self._text) - self._at > VALUE_CAP_CHARS:
                    raise
            else:
                # A number at the very end of what came may go on in the next piece.
                if end < len(self._text) or self._is_ended:
                    self._at = end
                    return value
            await self._more()

    async def expect(self, character: str) -> None:
        """Read exactly *character*; an empty text means the end of all JSON."""
        if await self.peek() != character:
            raise ValueError(f"expected {character!r}")
        self._at += len(character)

    async def peek(self) -> str:
        """Return the next character that is no space, without reading it; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in SPACE:
                    return self._text[self._at]
                self._at += 1
            if self._is_ended:
                return ""
            await self._more()

    async def _more(self) -> None:
        try:
            piece = await anext(self._pieces)
        except StopAsyncIteration:
            self._is_ended, piece = True, b""
        self._text = self._text[self._at :] + self._decoder.decode(piece, final=self._is_ended)
        self._at = 0


def line_of(value: Json) -> str:
    """Return a message as one short line, without possible tokens and whole phones; empty if it is no text."""
    if not isinstance(value, str):
        return ""
    line = TOKEN.sub("(hidden)", " ".join(value[:LONGEST_READ_CHARS].split()))
    return encodable(PHONE_IN_TEXT.sub(lambda phone: f"…{phone[0][-3:]}", line)[:MESSAGE_CHARS])


class UnreadableValue(ValueError):
    """The field holds something that does not belong there."""


def text_of(value: Json) -> str | None:
    """Return a field as text; None if it is missing or null.

    Raises:
        UnreadableValue: it is a list or an object.
    """
    if isinstance(value, str):
        return value if value.isascii() else encodable(value)
    if value is None:
        return None
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    raise UnreadableValue("expected text")


def amount_of(value: Json) -> Decimal | None:
    """Return dinars from a number, or from text such as `25000`, `25000.00`, `25,000` and `٢٥٬٠٠٠`.

    Raises:
        UnreadableValue: it is no amount, or it has two meanings.
    """
    if value is None or isinstance(value, bool | int | float):
        return _number(value)
    if not isinstance(value, str):
        raise UnreadableValue("expected an amount")
    text = (value if value.isascii() else value.translate(FOLDED)).strip()
    if not text:
        return None
    if PLAIN.fullmatch(text) and not AMBIGUOUS.fullmatch(text):
        return Decimal(text)
    if grouped := GROUPED.fullmatch(text):
        return Decimal(text.replace(grouped[1] or ".", ""))
    raise UnreadableValue("expected an amount")


def _number(value: float | None) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not math.isfinite(value) or abs(value) >= MOST_DINARS:
        raise UnreadableValue("expected an amount")
    return Decimal(str(value))


def flag_of(value: Json) -> bool | None:
    """Return True for 1 and true, False for anything else, None for null.

    Raises:
        UnreadableValue: it is a list or an object.
    """
    return None if value is None else (text_of(value) or "").strip().lower() in {"1", "true"}


def wall_of(value: Json) -> datetime | None:
    """Return the courier's wall clock from `YYYY-MM-DD HH:MM:SS`, also with `T`, a fraction, `Z` or an offset.

    A date of zeros is no date.

    Raises:
        UnreadableValue: it is no time.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise UnreadableValue("expected a time")
    try:
        wall = datetime.fromisoformat(value)
    except ValueError:
        text = value.translate(FOLDED).strip().upper()
        if not text or NO_DATE.fullmatch(text):
            return None
        try:
            wall = datetime.fromisoformat(text)
        except ValueError:
            raise UnreadableValue("expected a time") from None
    if wall.tzinfo is None:
        return wall
    try:
        return wall.astimezone(COURIER_ZONE).replace(tzinfo=None)
    except OverflowError:
        raise UnreadableValue("expected a time of this age") from None


def phone_of(value: Json) -> str | None:
    """Return a phone as it came.

    Raises:
        UnreadableValue: it does not hold the digits of a phone.
    """
    if value is None or value == "":
        return None if value is None else ""
    if isinstance(value, str) and PHONE.fullmatch(value):
        return value
    text = None if isinstance(value, bool) else text_of(value)
    if text is None:
        raise UnreadableValue("expected a phone")
    folded = text.translate(FOLDED)
    if NO_PHONE.fullmatch(folded):
        return None
    if len(NOT_A_DIGIT.sub("", folded)) not in PHONE_DIGITS:
        raise UnreadableValue("expected a phone")
    return text


def order_id_of(value: Json) -> str | None:
    """Return the number by which the courier knows an order: 1 to 19 digits, and not 0.

    Raises:
        UnreadableValue: it holds something else.
    """
    if isinstance(value, str) and len(value) <= MOST_DIGITS and value.isdigit() and value.isascii() and value[0] != "0":
        return value
    text = None if isinstance(value, bool) else text_of(value)
    if text is None and value is not None:
        raise UnreadableValue("expected digits")
    if NO_ORDER_ID.fullmatch((text or "").strip()):
        return None
    order_id = id_of(text)
    if order_id is None:
        raise UnreadableValue("expected 1 to 19 digits")
    return order_id


def described(name: str, value: Json) -> str:
    """Describe what the field *name* holds, short and without a secret: a phone by its last three digits."""
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case bool():
            return str(value).lower()
    text = str(value)
    if name in PHONES:
        digits = NOT_A_DIGIT.sub("", text.translate(FOLDED))
        return f"one that ends in …{digits[-3:]}" if digits else "text without a digit"
    return f'"{line_of(text)[:SHOWN_CHARS]}"'
