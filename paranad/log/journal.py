"""systemd's journal by its native protocol: one entry a line, with the line's own fields, a traceback included.

Source: systemd, "Native Journal Protocol" (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/).
"""

import errno
import fcntl
import json
import os
import re
import socket
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from paranad.log.lines import Line
from paranad.log.redaction import HIDDEN, may_hold_secret, names_secret, redact
from paranad.log.render import harmless, to_json

SOCKET = Path("/run/systemd/journal/socket")
IDENTIFIER = "paranad"
PREFIX = "PARANAD_"
PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3}
HEADS = {
    level: f"SYSLOG_IDENTIFIER={IDENTIFIER}\nPRIORITY={priority}\n{PREFIX}TIMESTAMP="
    for level, priority in PRIORITIES.items()
}
BLOCKED_S = 1.0
"""How long one try to send waits for a journal that does not read."""
ABSENT_S = 0.1
"""How long to wait before a journal that is away is tried again: it restarts."""
SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL

WORD = re.compile(r"[^\s\"'=\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
"""A value that stands in a message without quotes."""
UNSAID = frozenset({"event", "exception"})
"""Fields that a message does not show as key and value: it begins with the event and ends with the exception."""


def speaks_to_journal(environ: Mapping[str, str], descriptor: int) -> bool:
    """Tell whether *descriptor* is the stream that systemd has connected to the journal."""
    try:
        stat = os.fstat(descriptor)
    except OSError:
        return False
    return environ.get("JOURNAL_STREAM") == f"{stat.st_dev}:{stat.st_ino}"


def entries(timestamp: str, lines: Sequence[tuple[str, Line]]) -> list[bytes]:
    """Return *lines*, each with its level, as entries without secrets.

    Each is a datagram of its own: of several in one, systemd 254 and later keep the first and drop the rest in silence.
    """
    # Searched as one text: nearly no batch holds a secret, and only one that may is searched field by field.
    drafts = [_draft(timestamp, level, line) for level, line in lines]
    if may_hold_secret("".join([part for text, long in drafts for part in (text, *long.values())])):
        drafts = [_draft(timestamp, level, _without_secrets(line)) for level, line in lines]
    return [_encoded(text, long) for text, long in drafts]


Draft = tuple[str, dict[str, str]]
"""An entry: its fields of one line, written out; its fields of several lines, by their names."""


def _draft(timestamp: str, level: str, line: Line) -> Draft:
    message = line["event"]
    fields = f"{HEADS[level]}{timestamp}"
    long: dict[str, str] = {}
    for key, value in line.items():
        is_text = isinstance(value, str)
        # Most values are numbers, and `str` is quicker; a bool is no number here, since JSON spells it `true`.
        text = value if is_text else str(value) if type(value) is int else to_json(value)
        if "\n" in text:
            long[_field(key)] = text
        else:
            fields += f"\n{_field(key)}={text}"
        if key not in UNSAID:
            message += f" {key}={_word(text) if is_text else text}"
    if "exception" in line:
        long["MESSAGE"] = f"{message}\n{harmless(str(line['exception'])).rstrip()}"
        return f"{fields}\n", long
    return f"{fields}\nMESSAGE={message}\n", long


@cache
def _field(key: str) -> str:
    return f"{PREFIX}{key.upper()}"


def _word(text: str) -> str:
    """Return *text*, in quotes unless it is one word."""
    return text if WORD.fullmatch(text) else harmless(json.dumps(text, ensure_ascii=False))


def _without_secrets(line: Line) -> Line:
    return {key: HIDDEN if names_secret(key) else _redacted(value) for key, value in line.items()}


def _redacted(value: Any) -> Any:
    text = value if isinstance(value, str) else to_json(value)
    shown = redact(text)
    return value if shown == text else shown


def _encoded(text: str, long: Mapping[str, str]) -> bytes:
    if not long:
        return text.encode("utf-8", "backslashreplace")
    parts = [text.encode("utf-8", "backslashreplace")]
    for name, value in long.items():
        data = value.encode("utf-8", "backslashreplace")
        parts += [name.encode(), b"\n", len(data).to_bytes(8, "little"), data, b"\n"]
    return b"".join(parts)


class JournalSink:
    """The journal's socket as a sink: it waits while the journal is away or does not read."""

    def __init__(self, path: Path = SOCKET, pause: Callable[[float], None] = time.sleep) -> None:
        self.path, self._pause = path, pause
        self._socket: socket.socket | None = None

    def present(self) -> bool:
        """Tell whether there is a journal to speak to."""
        try:
            self._connected()
        except OSError:
            return False
        return True

    def write(self, piece: bytes) -> bool:
        """Send *piece*; tell whether the journal, or its socket's queue, took it within a second."""
        try:
            _send(self._connected(), piece)
        except BlockingIOError:  # BLOCKED_S have passed: the journal does not read
            return False
        except OSError:  # the journal restarts, or the system lacks memory or buffers
            self.close()
            self._pause(ABSENT_S)
            return False
        return True

    def _connected(self) -> socket.socket:
        if self._socket is None:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            try:
                # The kernel blocks and wakes the thread; a timeout of Python's would cost a poll before each send.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(BLOCKED_S))
                connection.connect(str(self.path))
            except OSError:
                connection.close()
                raise
            self._socket = connection
        return self._socket

    def close(self) -> None:
        """Close the socket; the next write connects again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _timeval(seconds: float) -> bytes:
    whole = int(seconds)
    return struct.pack("@ll", whole, int((seconds - whole) * 1_000_000))


def _send(connection: socket.socket, piece: bytes) -> None:
    try:
        connection.send(piece)
    except OSError as error:
        if error.errno != errno.EMSGSIZE:
            raise
        _send_as_file(connection, piece)


def _send_as_file(connection: socket.socket, piece: bytes) -> None:
    """Send *piece*, too large for a datagram, as a sealed file in memory."""
    descriptor = os.memfd_create("paranad-log", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        data = memoryview(piece)
        while data:
            data = data[os.write(descriptor, data) :]
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, SEALS)
        socket.send_fds(connection, [b""], [descriptor])
    finally:
        os.close(descriptor)
