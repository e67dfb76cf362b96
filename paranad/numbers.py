"""Numbers that several rooms share, and how a text is told to be a number or a day."""

import re
from datetime import timedelta

LARGEST_ID = 2**63 - 1
"""The largest id that SQLite, the shop's `BIGINT` columns and PHP can hold."""
PATIENCE = timedelta(hours=24)
"""How long an outage may last, and a shipment stay unclear, before a person must look."""
SOCKET_PATH_BYTES = 107
"""The longest path a Unix socket may have. Source: unix(7)."""


DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def is_digits(text: str) -> bool:
    """Tell whether *text* is one ASCII digit or more, and nothing else."""
    return text.isascii() and text.isdigit()


def is_day(text: str) -> bool:
    """Tell whether *text* is written as a day such as 2026-03-01; the calendar may still lack it."""
    return DAY.fullmatch(text) is not None


def as_number(value: object) -> object:
    """Return a text of digits as its number, any other value as it is: the shop's jobs may hold an id as text."""
    return int(value) if isinstance(value, str) and is_digits(value) and len(value) < 20 else value
