"""The control API from the other side of the socket, for `paranadctl`; imports nothing of the daemon.

A socket and httptools' parser serve here: httpx takes 80 ms to load, and the standard library's client 15 ms, with TLS
and the headers of e-mail, of which a Unix socket needs nothing.
"""

import json
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from paranad.errors import (
    ConfigurationError,
    DaemonUnreachable,
    NotPermitted,
    OfAnotherMachine,
    ParanadError,
    RequestError,
    Unavailable,
    WrongSetting,
)
from paranad.said import Said, Sentence, from_document, plain
from paranad.whole import written_whole

TIMEOUT_S = 60.0
"""Longer than the pause between two signs of life in an event stream."""
CHUNK_BYTES = 1 << 16
LENGTHS = {"content-length", "transfer-encoding"}
"""Headers of a reply that says where it ends; without them it ends with the connection."""
NO_REPLY = "Remote end closed connection without response"
CUT_OFF = "it ends before its end"

MISSING = Sentence("socket.missing", "{path}: there is no such socket, so the daemon does not run there")
DESERTED = Sentence("socket.deserted", "{path}: nothing listens on it, so the daemon has stopped")
FORBIDDEN = Sentence("socket.forbidden", "{path}: you may not open the control socket")
LATE = Sentence("socket.late", "{path}: the daemon did not answer in time")
BROKEN = Sentence("socket.broken", "{path}: the daemon broke off the answer ({detail})")
START = Sentence(
    "socket.start",
    "{reason}; start it with `systemctl start paranad` or `paranad run`, or name another socket with --socket",
)
ASK_GROUP = Sentence(
    "socket.ask_group",
    "{reason}; ask to be added to the group `paranad` (`usermod -aG paranad NAME`, then log in again), or use sudo",
)
SEE_LOG = Sentence("socket.see_log", "{reason}; see `journalctl -u paranad`")
UNEXPLAINED = Sentence("control.answer_unexplained", "the daemon answered {status} without saying why")
LACKING = Sentence("control.answer_lacks", 'the answer lacks "{name}": it is not one of a paranad of this version')
NO_OBJECT = Sentence("control.answer_no_object", "the answer is no JSON object: it is not one of a paranad")
NO_FIGURES = Sentence("control.answer_no_figures", "the answer holds no figures: it is not one of a paranad")
OTHER_PROGRAM = Sentence(
    "socket.other_program",
    "{reason}; if the daemon is of another version, `systemctl restart paranad`, or name another socket with --socket",
)


STANDS_BY = "paranad-stands-by-for"
"""The header that each answer of a daemon has that stands by: which machine works, or `-`."""


class Answer(dict[str, Any]):
    """A JSON object that the daemon answered. A key that it lacks is no defect here: another program answered.

    Raises:
        RequestError: a key was asked for that the answer lacks.
    """

    def __missing__(self, name: str) -> Any:
        raise RequestError(OTHER_PROGRAM(reason=LACKING(name=name)))


class Reply:
    """The daemon's reply to one request, read from *connection* as it comes in; httptools calls the `on_` methods.

    Raises:
        ParanadError: it is broken off, late or no HTTP, as `unreachable` says.
    """

    def __init__(self, connection: socket.socket, path: Path) -> None:
        self.connection, self.path = connection, path
        self.headers: dict[str, str] = {}
        self._parser = HttpResponseParser(self)
        self._body: list[bytes] = []
        self._has_begun = self._is_whole = False
        while not self._has_begun:
            self._receive()

    @property
    def status(self) -> int:
        return int(self._parser.get_status_code())

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it comes in."""
        while True:
            yield from self._body
            self._body.clear()
            if self._is_whole:
                return
            self._receive()

    def whole(self) -> bytes:
        """Return all of the body."""
        return b"".join(self.pieces())

    def _receive(self) -> None:
        with _told_as_unreachable(self.path):
            data = self.connection.recv(CHUNK_BYTES)
            if data:
                with suppress(HttpParserUpgrade):  # what comes then is no HTTP, so the reply is whole
                    self._parser.feed_data(data)
            elif not self._has_begun:
                raise ConnectionResetError(NO_REPLY)
            elif self.headers.keys() & LENGTHS:
                raise ConnectionResetError(CUT_OFF)
            else:
                self._is_whole = True

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._has_begun = True

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        self._is_whole = True


@contextmanager
def _told_as_unreachable(path: Path) -> Iterator[None]:
    """Let what breaks the connection be told as `unreachable` says it."""
    try:
        yield
    except (OSError, HttpParserError) as error:
        raise unreachable(path, error) from error


class ControlClient:
    """Asks the daemon behind *path*. A path's parts come one by one: `get("jobs", 12)`, `get("jobs", state="failed")`.

    Answers are the JSON as it came, each object as an `Answer`.

    Raises:
        DaemonUnreachable: no daemon answers; the message says which socket, why, and how to start the daemon.
        NotPermitted: the caller may not open the socket.
        RequestError: what answers is not a paranad of this version.
        ParanadError: of the class that the daemon itself raised.
    """

    def __init__(
        self,
        path: Path,
        timeout_s: float = TIMEOUT_S,
        stands_by: Callable[[str, str], None] = lambda _asked, _machine: None,
    ) -> None:
        """Ask behind *path*; *stands_by* hears what was asked of a daemon that stands by, and for which machine."""
        self.path, self.timeout_s, self.stands_by = path, timeout_s, stands_by

    def get(self, *path: str | int, **query: str | int | None) -> Any:
        """Read `/v1/…`; a query that is None is left out."""
        return self._ask("GET", path, query, None)

    def post(
        self, *path: str | int, body: Any = None, timeout_s: float | None = None, **query: str | int | None
    ) -> Any:
        """Change something; *timeout_s* where the answer may take longer than usual (a dry run)."""
        return self._ask("POST", path, query, body, timeout_s)

    def delete(self, *path: str | int, **query: str | int | None) -> Any:
        """Delete something."""
        return self._ask("DELETE", path, query, None)

    @contextmanager
    def events(self) -> Iterator[Iterator[dict[str, Any]]]:
        """Give what happens from now on, one dict an event: `event` (such as `job.completed`), `at`, its fields.

        Nothing that happens after the block is entered is missed. The iterator ends when the daemon stops.
        """
        with self._reply("GET", ("events",), {}, None, self.timeout_s) as reply:
            yield (answer_in(line[5:]) for line in _lines(reply.pieces()) if line.startswith(b"data:"))

    def backup(self, file: Path) -> None:
        """Write a consistent copy of queue.db to *file*, mode 0600; *file* appears whole or not at all.

        Raises:
            OSError: the file cannot be written.
        """
        with self._reply("GET", ("backup",), {}, None, self.timeout_s) as reply, written_whole(file) as out:
            for piece in reply.pieces():
                out.write(piece)

    def metrics(self) -> str:
        """Return the figures for a monitor, in Prometheus' text format.

        Raises:
            RequestError: it is another text.
        """
        with self._reply("GET", ("metrics",), {}, None, self.timeout_s) as reply:
            text = reply.whole().decode(errors="replace")
        if not text.startswith("# HELP paranad_"):
            raise RequestError(OTHER_PROGRAM(reason=NO_FIGURES()))
        return text

    def _ask(
        self,
        method: str,
        path: tuple[str | int, ...],
        query: Mapping[str, str | int | None],
        body: Any,
        timeout_s: float | None = None,
    ) -> Any:
        with self._reply(method, path, query, body, timeout_s or self.timeout_s) as reply:
            return answer_in(reply.whole())

    @contextmanager
    def _reply(
        self,
        method: str,
        path: tuple[str | int, ...],
        query: Mapping[str, str | int | None],
        body: Any,
        timeout_s: float,
    ) -> Iterator[Reply]:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout_s)
            with _told_as_unreachable(self.path):
                connection.connect(str(self.path))
                connection.sendall(request_of(method, target_of(path, query), body))
            reply = Reply(connection, self.path)
            error = error_of(reply.status, reply.whole()) if reply.status >= 400 else None
            machine = reply.headers.get(STANDS_BY)
            if machine and not isinstance(error, OfAnotherMachine):  # which says it itself
                self.stands_by(str(path[0]), machine)
            if error:
                raise error
            yield reply


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the whole lines of what comes in."""
    begun = b""
    for piece in pieces:
        *lines, begun = (begun + piece).split(b"\n")
        yield from lines


def request_of(method: str, target: str, body: Any) -> bytes:
    """Return a request as it is sent; *body* as JSON unless it is None."""
    payload = b"" if body is None else json.dumps(body).encode()
    about = f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n" if payload else ""
    return f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{about}\r\n".encode() + payload


def target_of(path: tuple[str | int, ...], query: Mapping[str, str | int | None]) -> str:
    """Return the request target `/v1/…` with every part quoted."""
    parts = "/".join(quote(str(part), safe=":") for part in path)
    asked = urlencode({name: value for name, value in query.items() if value is not None})
    return f"/v1/{parts}?{asked}" if asked else f"/v1/{parts}"


def answer_in(body: bytes) -> Answer:
    """Return the object that *body* holds.

    Raises:
        RequestError: it holds none, so another program answered.
    """
    try:
        answer = json.loads(body, object_hook=Answer)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, Answer):
        raise RequestError(OTHER_PROGRAM(reason=NO_OBJECT()))
    return answer


def unreachable(path: Path, error: Exception) -> ParanadError:
    """Return the error that says why the daemon behind *path* does not answer, and what to do."""
    match error:
        case PermissionError():
            return NotPermitted(ASK_GROUP(reason=FORBIDDEN(path=str(path))))
        case FileNotFoundError():
            return DaemonUnreachable(START(reason=MISSING(path=str(path))))
        case ConnectionRefusedError():
            return DaemonUnreachable(START(reason=DESERTED(path=str(path))))
        case TimeoutError():
            return DaemonUnreachable(SEE_LOG(reason=LATE(path=str(path))))
        case _:
            broken = BROKEN(path=str(path), detail=str(error) or type(error).__name__)
            return DaemonUnreachable(SEE_LOG(reason=broken))


def error_of(status: int, body: bytes) -> ParanadError:
    """Turn a problem+json body back into the error that the daemon raised."""
    try:
        problem = json.loads(body)
        if problem["kind"] == ConfigurationError.kind:
            return ConfigurationError([WrongSetting(**each) for each in problem["problems"]])
        said = from_document(problem["why"]) if "why" in problem else plain(str(problem["detail"]))
        return of_kind(problem["kind"], said, status)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # no problem+json: of another program
        return fallback(status)(UNEXPLAINED(status=status))


def of_kind(kind: str, said: Said, status: int) -> ParanadError:
    """Return the error of *kind*; it keeps a kind that only the daemon's own rooms know."""
    error = KINDS.get(kind, fallback(status))(said)
    error.kind = str(kind)
    return error


def fallback(status: int) -> type[ParanadError]:
    """Return the class for a kind that only the daemon's own rooms know."""
    return Unavailable if status >= 500 else RequestError


def kinds_of(root: type[ParanadError]) -> dict[str, type[ParanadError]]:
    """Return by kind the classes of `errors.py` that are made of a message alone; the closest of a kind."""
    found = {root.kind: root} if root.__init__ is ParanadError.__init__ else {}
    for leaf in root.__subclasses__():
        found |= kinds_of(leaf) if leaf.__module__ == ParanadError.__module__ else {}
    return found


KINDS = kinds_of(ParanadError)
