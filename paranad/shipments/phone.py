"""Iraqi mobile numbers as the courier wants them, and as an operator may see them."""

import re
from typing import Any

from paranad.courier.parsing import DIGITS
from paranad.numbers import is_digits

PHONE_DIGITS = 10
"""How many digits a number has without the country's and the trunk's prefix."""

LOCAL = re.compile(r"7\d{9}", re.ASCII)
IN_TEXT = re.compile(r"\+?(?:\d[\s().-]*){9,}\d")
"""What may be a phone within a text that somebody typed; a courier's number of an order is shorter."""
_APART = r"(?:[^\S\n]|[().-])*"
MOBILE_IN_TEXT = re.compile(
    rf"(?<!\d)(?:\+{_APART})?(?:[0٠۰]{_APART}[0٠۰]{_APART})?(?:[9٩۹]{_APART}[6٦۶]{_APART}[4٤۴]{_APART})?(?:[0٠۰]{_APART})?"
    rf"[7٧۷](?:{_APART}\d){{{PHONE_DIGITS - 1}}}(?!\d)"
)
"""An Iraqi mobile number on one line of a text, whatever numbers stand beside it."""


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
    return MOBILE_IN_TEXT.sub(lambda found: masked(found[0]), text)


def without_mobiles_in(value: Any) -> Any:
    """Return *value*, of which JSON can be made, with each Iraqi mobile number in it by its last three digits."""
    match value:
        case str():
            return without_mobiles(value)
        case int() if (number := str(value)) != without_mobiles(number):
            return without_mobiles(number)
        case list():
            return [without_mobiles_in(each) for each in value]
        case dict():
            return {without_mobiles(key): without_mobiles_in(each) for key, each in value.items()}
        case _:
            return value


def _digits(text: str) -> str:
    return "".join(sign for sign in text.translate(DIGITS) if sign.isascii() and sign.isdigit())
