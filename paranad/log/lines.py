"""What a log line holds: an event's fields in their order, or a library's message, or a word of the log itself."""

import logging
import traceback
from typing import Any

from paranad.events.event import Event, fields_of

RANKS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
LIBRARY_LINE = "daemon.library_told"
LOST_LINE = "daemon.log_lines_lost"
NO_JOURNAL_LINE = "daemon.journal_missing"


Line = dict[str, Any]
"""`event`, then its fields; `exception` last, if there is a traceback."""


def line_of(event: Event) -> Line:
    """Return the line of an event: its name, its fields in their order, the traceback last."""
    line: Line = {"event": event.name, **fields_of(event)}
    if "traceback" in line:
        line["exception"] = line.pop("traceback")
    return line


def line_of_record(record: logging.LogRecord) -> Line:
    """Return the line of what a library told the standard library's logging."""
    line: Line = {"event": LIBRARY_LINE, "library": record.name, "message": _message(record)}
    if record.exc_info and record.exc_info[1]:
        line["exception"] = "".join(traceback.format_exception(record.exc_info[1])).rstrip()
    return line


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # the arguments do not fit the library's own text
        return str(record.msg)
