"""Iraqi mobile numbers as the courier wants them, and as an operator may see them."""

import re

from paranad.courier.parsing import DIGITS
from paranad.numbers import is_digits

PHONE_DIGITS = 10
"""How many digits a number has without the country's and the trunk's prefix."""

LOCAL = re.compile(r"7\d{9}", re.ASCII)
IN_TEXT = re.compile(r"\+?(?:\d[\s().-]*){9,}\d")
"""What may be a phone within a text that somebody typed; a courier's number of an order is shorter."""


def normalised(text: str | None) -> str | None:
    """Return *text* as `+9647XXXXXXXXX`; None if it cannot be an Iraqi mobile number."""
    digits = _digits(text or "").removeprefix("00").removeprefix("964").removeprefix("0")
    return f"+964{digits}" if LOCAL.fullmatch(digits) else None


def last_ten(text: str) -> str:
    """Return what two spellings of one number share: its last ten digits."""
    tail = text[-PHONE_DIGITS:]
    return tail if len(tail) == PHONE_DIGITS and is_digits(tail) else _digits(text)[-PHONE_DIGITS:]


def masked(text: str | None) -> str:
    """Return *text* by its last three digits, as it is shown everywhere."""
    return f"…{_digits(text or '')[-3:]}"


def without_phones(text: str) -> str:
    """Return *text* with each number in it that may be a phone by its last three digits."""
    return IN_TEXT.sub(lambda found: masked(found[0]), text)


def without_mobiles(text: str) -> str:
    """Return *text* with each Iraqi mobile number in it by its last three digits, and any other number as it is."""
    return IN_TEXT.sub(lambda found: masked(found[0]) if normalised(found[0]) else found[0], text)


def _digits(text: str) -> str:
    return "".join(sign for sign in text.translate(DIGITS) if sign.isascii() and sign.isdigit())
