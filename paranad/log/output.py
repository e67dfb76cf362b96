"""Puts the log together: events and libraries' records in, rendered lines out, one write for each batch."""

import logging
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Literal, TextIO

from paranad.log.lines import RANKS, Happened, Line, line_of, line_of_record
from paranad.log.redaction import redact
from paranad.log.render import Render, console, render_json

Format = Literal["auto", "journald", "console", "json"]
Level = Literal["debug", "info", "warning", "error"]


class Sink:
    """A stream that may break: what cannot be written is lost, and nothing else happens."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write *text* past the stream's own buffer, which would keep what failed and fail again at exit."""
        data = memoryview(text.encode("utf-8", "backslashreplace"))
        try:
            descriptor = self._stream.fileno()
            while data:
                data = data[os.write(descriptor, data) :]
        except (OSError, ValueError):
            return


class Log:
    """The program's log; `tell` is the listener for events."""

    def __init__(self, level: Level, render: Render, sink: Sink, now: Callable[[], datetime]) -> None:
        self._render, self._sink, self._now = render, sink, now
        self.set_level(level)

    def set_level(self, level: Level) -> None:
        """Tell from now on what is at least of *level*."""
        self._rank = RANKS[level]

    def tell(self, events: Sequence[Happened]) -> None:
        """Write the lines of *events* in one write; those below the level are never rendered."""
        wanted = [event for event in events if RANKS[event.level] >= self._rank]
        if wanted:
            self._write((event.level, line_of(event)) for event in wanted)

    def tell_record(self, record: logging.LogRecord) -> None:
        """Write the line of what a library told: as an error or a warning."""
        level = "error" if record.levelno >= logging.ERROR else "warning"
        if RANKS[level] >= self._rank:
            self._write([(level, line_of_record(record))])

    def _write(self, lines: Iterable[tuple[str, Line]]) -> None:
        timestamp = self._now().isoformat(timespec="milliseconds")
        self._sink.write(redact("".join([self._render(timestamp, level, line) for level, line in lines])))


class _Libraries(logging.Handler):
    """Hands the standard library's records to the log."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.tell_record(record)


def configure(form: Format, level: Level, *, now: Callable[[], datetime], stream: TextIO | None = None) -> Log:
    """Start the log on *stream* (standard error), and take in what libraries tell from warnings upwards.

    `auto` is the console on a terminal and JSON lines otherwise; `journald` is JSON lines, which the journal keeps
    as messages. *now* gives the timestamps.
    """
    stream = stream or sys.stderr
    terminal = stream.isatty()
    is_console = form == "console" or (form == "auto" and terminal)
    log = Log(level, console(colours=terminal) if is_console else render_json, Sink(stream), now)
    _take_in_libraries(log)
    return log


def _take_in_libraries(log: Log) -> None:
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Libraries)]:
        root.removeHandler(handler)
    root.addHandler(_Libraries(log))
    root.setLevel(logging.WARNING)
