"""A page behind its guard on a real socket, and a browser's requests to it, header by header."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode

from starlette.types import ASGIApp

from paranad import serving
from paranad.web.connections import configuration
from paranad.web.rules import HEADERS

PATIENCE_S = 20
CUT_OFF = b""
"""What is left of an answer where the other side closes before it has read all: it may arrive, or be lost."""
NAVIGATES = {
    "Accept": "text/html,*/*;q=0.8",
    "Sec-Fetch-Site": "none",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
}
"""What a browser sends with an address that a person typed or clicked in a terminal."""


class Watch:
    """Seconds that a test moves on."""

    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s

    def pass_(self, delta: timedelta) -> None:
        self.s += delta.total_seconds()


class Server(serving.Server):
    """uvicorn in a thread, which says when it listens."""

    def __init__(self, config: serving.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.listening.set()

    def stop(self) -> None:
        """Let it end; called from another thread."""
        self.force_exit = True
        self.loop.call_soon_threadsafe(self.stopping.set)


def listening() -> socket.socket:
    """Return a socket bound to a free port of this machine."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", 0))
    return bound


@contextmanager
def served(app: ASGIApp, bound: socket.socket) -> Iterator[None]:
    """Serve *app* on *bound* until the block is left."""
    server = Server(configuration(app, HEADERS))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        assert server.listening.wait(PATIENCE_S)
        yield
    finally:
        server.stop()
        thread.join(PATIENCE_S)
        bound.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, list[str]]
    text: str

    @property
    def cookie(self) -> str:
        """The cookie that it sets, as `name=value`."""
        return self.headers["set-cookie"][0].partition(";")[0]

    @property
    def location(self) -> str:
        return self.headers["location"][0]


def answer_of(response: HTTPResponse) -> Answer:
    headers: dict[str, list[str]] = {}
    for name, value in response.getheaders():
        headers.setdefault(name.lower(), []).append(value)
    return Answer(response.status, headers, response.read().decode())


@dataclass(slots=True)
class Visitor:
    """A browser: it keeps a cookie, follows nothing by itself, and sends what a test says besides."""

    port: int
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: bytes | None = None, /, **given: str | None) -> Answer:
        """Send one request; a header given as None is left out."""
        headers = {"Host": self.host, **NAVIGATES, **self.headers}
        if self.cookie:
            headers["Cookie"] = self.cookie
        headers |= {name.replace("_", "-"): value or "" for name, value in given.items()}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            left_out = {name.replace("_", "-") for name, value in given.items() if value is None}
            length = {} if body is None else {"Content-Length": str(len(body))}
            for name, value in (length | headers).items():
                if name not in left_out:
                    connection.putheader(name, value)
            connection.endheaders(body)
            return answer_of(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str = "/", **headers: str | None) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, fields: Mapping[str, str], **headers: str | None) -> Answer:
        """Send a form as a browser does from a page of the same site."""
        sent: dict[str, str | None] = {
            "Origin": f"http://{self.host}",
            "Sec_Fetch_Site": "same-origin",
            "Content_Type": "application/x-www-form-urlencoded",
        }
        return self.ask("POST", path, urlencode(fields).encode(), **sent | headers)

    def enter(self, token: str) -> Answer:
        """Open the address from the terminal and keep its cookie."""
        answer = self.get(f"/?token={token}")
        self.cookie = answer.cookie
        return answer


def raw(port: int, *pieces: bytes) -> bytes:
    """Send *pieces* as they are; return what comes until the other side closes, which may be before it has them all."""
    answer = bytearray()
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection, suppress(ConnectionError):
        with suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)
        while more := connection.recv(65536):
            answer += more
    return bytes(answer)
