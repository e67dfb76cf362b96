"""A daemon's control socket with canned answers: real HTTP over a real Unix socket, for tests of paranadctl alone."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from queue import Queue
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any

from pydantic import BaseModel

from paranad.said import Said, as_said

Asked = tuple[str, str, Any]
"""Method, target without `/v1/`, body (None where there was none)."""


@dataclass
class StandIn:
    """Answers what it was told to, and keeps what it was asked."""

    path: Path
    answers: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    events: Queue[dict[str, Any] | Callable[[], None] | None] = field(default_factory=Queue)
    """What the event stream says: an event, something to do meanwhile, or None for its end."""
    headers: dict[str, str] = field(default_factory=dict)
    """What each answer has beside its own."""
    streams: int = 0
    """How often the event stream was asked for."""
    listening: threading.Event = field(default_factory=threading.Event)
    """Set once somebody follows the event stream."""
    moment: threading.Condition = field(default_factory=threading.Condition)
    """Told of every request that is answered."""

    def answer(self, method: str, target: str, body: Any, status: int = 200) -> None:
        """Answer *method* on `/v1/`*target* with *body* from now on."""
        shown = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
        self.answers[method, target] = (status, shown)

    def refuse(self, method: str, target: str, status: int, kind: str, detail: Said | str, **more: Any) -> None:
        """Answer with a problem."""
        said = as_said(detail)
        problem: dict[str, Any] = {
            "type": f"urn:paranad:problem:{kind}",
            "title": kind,
            "status": status,
            "detail": said.text,
        }
        if said.code:
            problem["why"] = said.remark()
        self.answer(method, target, {**problem, "kind": kind, **more}, status)

    def once_asked(self, method: str, target: str) -> Callable[[], None]:
        """Return what keeps the event stream until such a request has its answer."""

        def wait() -> None:
            with self.moment:
                self.moment.wait_for(lambda: any((each, at) == (method, target) for each, at, _ in self.asked), 20)

        return wait

    def body_of(self, method: str, target: str) -> Any:
        """Return the body of the last such request."""
        return next(body for each, at, body in reversed(self.asked) if (each, at) == (method, target))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        if self.path == "/v1/events" and ("GET", "events") not in self.server.stand_in.answers:
            self._stream()
        else:
            self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing."""

    def address_string(self) -> str:
        return "unix"

    def _answer(self) -> None:
        stand_in = self.server.stand_in
        size = int(self.headers.get("Content-Length") or 0)
        target = self.path.removeprefix("/v1/")
        asked = json.loads(self.rfile.read(size)) if size else None
        none = {"kind": "not-found", "detail": f"the stand-in has no answer to {self.command} {target}"}
        with stand_in.moment:
            status, body = stand_in.answers.get((self.command, target), (404, none))
            stand_in.asked.append((self.command, target, asked))
            stand_in.moment.notify_all()
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in stand_in.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.flush()
        self.server.stand_in.streams += 1
        self.server.stand_in.listening.set()
        while (said := self.server.stand_in.events.get(timeout=30)) is not None:
            if callable(said):
                said()
            else:
                self.wfile.write(b"data: " + json.dumps(said).encode() + b"\n\n")
                self.wfile.flush()
        self.close_connection = True


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    stand_in: StandIn

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Leave a caller that went away in peace."""
        if not isinstance(sys.exception(), BrokenPipeError):
            super().handle_error(request, client_address)


@contextmanager
def stand_in_at(path: Path) -> Iterator[StandIn]:
    """Serve at *path* while the block runs."""
    with _Server(str(path), _Handler) as server:
        server.stand_in = StandIn(path)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.stand_in
        finally:
            server.stand_in.events.put(None)
            server.shutdown()
            thread.join()
            path.unlink()
