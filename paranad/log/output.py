"""The log as a whole: takes events and libraries' records, hands their lines over a batch at a time."""

import logging
import os
import select
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Literal, TextIO

from paranad.events.event import Event
from paranad.log.journal import JournalSink, entries, speaks_to_journal
from paranad.log.lines import LOST_LINE, NO_JOURNAL_LINE, RANKS, Line, line_of, line_of_record
from paranad.log.redaction import redact
from paranad.log.render import Render, console, render_json
from paranad.log.thread import LAST_WRITE_S, Sink, Writing

Format = Literal["auto", "journald", "console", "json"]
Level = Literal["debug", "info", "warning", "error"]
Encode = Callable[[str, Sequence[tuple[str, Line]]], Sequence[bytes]]
"""From a timestamp and the lines of a batch, each with its level, to the pieces that are written one by one."""


class StreamSink:
    """Standard error, or another stream, which may be slow or broken."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, piece: bytes) -> bool:
        """Write *piece* past the stream's own buffer: that keeps data which could not be written, and fails at exit."""
        data, descriptor = memoryview(piece), self._stream.fileno()
        while data:
            try:
                data = data[os.write(descriptor, data) :]
            except BlockingIOError:  # another process that shares it made it non-blocking
                select.select([], [descriptor], [])
        return True

    def close(self) -> None:
        """Leave the stream to its owner."""


def as_text(render: Render) -> Encode:
    """Return the encoding that makes one text of a batch, each line rendered by *render*."""

    def encode(timestamp: str, lines: Sequence[tuple[str, Line]]) -> Sequence[bytes]:
        text = redact("".join([render(timestamp, level, line) for level, line in lines]))
        return [text.encode("utf-8", "backslashreplace")]

    return encode


class Log:
    """The program's log; its `tell` listens to events."""

    def __init__(self, level: Level, encode: Encode, sink: Sink, now: Callable[[], datetime]) -> None:
        self._encode, self._now = encode, now
        self._writing = Writing(sink, self._lost)
        self.set_level(level)

    def set_level(self, level: Level) -> None:
        """Log from now on the events of *level* and above."""
        self._rank = RANKS[level]

    def tell(self, events: Sequence[Event]) -> None:
        """Hand over the lines of *events* as one batch; those below the level are not rendered."""
        wanted = [event for event in events if RANKS[event.level] >= self._rank]
        if wanted:
            self._write([(event.level, line_of(event)) for event in wanted])

    def tell_record(self, record: logging.LogRecord) -> None:
        """Hand over the line of a library's record, as an error or a warning."""
        level: Level = "error" if record.levelno >= logging.ERROR else "warning"
        self.tell_line(level, line_of_record(record))

    def tell_line(self, level: Level, line: Line) -> None:
        """Hand over the log's own *line*."""
        if RANKS[level] >= self._rank:
            self._write([(level, line)])

    def close(self, timeout_s: float = LAST_WRITE_S) -> int:
        """Write what waits, for *timeout_s* seconds at most; say and return how many lines are lost."""
        _leave_libraries(self)
        lost = self._writing.close(timeout_s)
        if lost:
            _say_at_once(f"paranad: {lost} lines of the log could not be written\n")
        return lost

    def _write(self, lines: Sequence[tuple[str, Line]]) -> None:
        self._writing.put(self._encode(self._timestamp(), lines), len(lines))

    def _lost(self, lines: int) -> Sequence[bytes]:
        return self._encode(self._timestamp(), [("error", {"event": LOST_LINE, "lines": lines})])

    def _timestamp(self) -> str:
        return self._now().isoformat(timespec="milliseconds")


class _Libraries(logging.Handler):
    """Hands the standard library's records to the log."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self.log = log

    def emit(self, record: logging.LogRecord) -> None:
        self.log.tell_record(record)


def configure(
    form: Format,
    level: Level,
    *,
    now: Callable[[], datetime],
    stream: TextIO | None = None,
    environ: Mapping[str, str] = os.environ,
    journal: JournalSink | None = None,
) -> Log:
    """Start the log on *stream* (standard error), and take in what libraries tell from warnings upwards.

    `auto` is the journal where systemd has connected *stream* to it, the console on a terminal, and JSON lines
    otherwise. Where `journald` is asked for and there is no journal, JSON lines say so. *now* gives the timestamps.
    """
    stream, journal = stream or sys.stderr, journal or JournalSink()
    wants_journal = form == "journald" or (form == "auto" and _is_journal(stream, environ))
    has_journal = wants_journal and journal.present()
    if has_journal:
        log = Log(level, entries, journal, now)
    else:
        log = Log(level, as_text(_render(form, terminal=stream.isatty())), StreamSink(stream), now)
    if wants_journal and not has_journal:
        log.tell_line("warning", {"event": NO_JOURNAL_LINE, "socket": str(journal.path)})
    _take_in_libraries(log)
    return log


def _is_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    try:
        return speaks_to_journal(environ, stream.fileno())
    except OSError:  # a stream without a descriptor
        return False


def _render(form: Format, *, terminal: bool) -> Render:
    is_console = form == "console" or (form == "auto" and terminal)
    return console(colours=terminal) if is_console else render_json


def _take_in_libraries(log: Log) -> None:
    _leave_libraries()
    root = logging.getLogger()
    root.addHandler(_Libraries(log))
    root.setLevel(logging.WARNING)


def _leave_libraries(log: Log | None = None) -> None:
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, _Libraries) and log in {None, handler.log}:
            root.removeHandler(handler)


def _say_at_once(text: str) -> None:
    """Write *text* to standard error unless that would wait."""
    with suppress(OSError, ValueError):  # none, or a closed one
        descriptor = sys.stderr.fileno()
        if select.select([], [descriptor], [], 0)[1]:
            os.write(descriptor, text.encode())
