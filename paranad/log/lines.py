"""The wording of log lines: which fields an event's line carries, in which order, and what others' lines are called."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar, Protocol

from paranad.said import Said

RANKS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
LIBRARY_LINE = "daemon.library_told"
LOST_LINE = "daemon.log_lines_lost"
NO_JOURNAL_LINE = "daemon.journal_missing"


class Happened(Protocol):
    """An event as the log sees it: a frozen dataclass with a name and a level."""

    name: ClassVar[str]
    level: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


Line = dict[str, Any]
"""`event`, then its fields, a fact as its text; `exception` last, where a traceback belongs."""


def line_of(happened: Happened) -> Line:
    """Return the line of an event: its fields in their order, without those that are None; the traceback last."""
    keys, read = _reader(type(happened))
    values = read(happened)
    line: Line = {"event": happened.name}
    line.update(zip(keys, values, strict=True))
    if None in values:
        line = {key: value for key, value in line.items() if value is not None}
    if "traceback" in line:
        line["exception"] = line.pop("traceback")
    return line


@cache
def _reader(kind: type[Happened]) -> tuple[tuple[str, ...], Callable[[Happened], tuple[Any, ...]]]:
    keys = tuple(field.name for field in fields(kind))
    if any(field.type is Said for field in fields(kind)):
        return keys, lambda happened: tuple(_value(getattr(happened, key)) for key in keys)
    if len(keys) > 1:
        return keys, attrgetter(*keys)
    return keys, lambda happened: tuple(getattr(happened, key) for key in keys)


def _value(value: object) -> object:
    return value.text if isinstance(value, Said) else value


def line_of_record(record: logging.LogRecord) -> Line:
    """Return the line of what a library told the standard library's logging."""
    line: Line = {"event": LIBRARY_LINE, "library": record.name, "message": _message(record)}
    if record.exc_info and record.exc_info[1]:
        line["exception"] = "".join(traceback.format_exception(record.exc_info[1])).rstrip()
    return line


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # the library's arguments do not fit its own text
        return str(record.msg)
