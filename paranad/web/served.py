"""The page's life: its port bound, its address told, served until Ctrl-C or until nobody has looked for long."""

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Mapping
from datetime import timedelta

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from paranad import serving
from paranad.clock import Clock
from paranad.errors import RequestError
from paranad.said import Sentence
from paranad.web.connections import configuration
from paranad.web.live import Live
from paranad.web.rules import HEADERS, is_a_person

HOST = "127.0.0.1"
PORT = 8377
"""The one that is tried first, so that a tunnel to it can be written down."""
FORGOTTEN = timedelta(minutes=30)
"""After how long without a reader it ends by itself."""
LOOK = timedelta(seconds=15)

PORT_TAKEN = Sentence(
    "page.port_taken", "port {port} of {host} is taken by another program; name another with --port, or none"
)
PORT_REFUSED = Sentence(
    "page.port_refused", "port {port} of {host} cannot be used ({detail}); name another with --port"
)


def bind(port: int | None) -> socket.socket:
    """Return a socket that listens on *port* of this machine alone; None: on the usual one, or else on any.

    Raises:
        RequestError: the port is taken, or not for this user.
    """
    if port is None:
        with contextlib.suppress(RequestError):
            return bind(PORT)
    try:
        listening = socket.create_server((HOST, port or 0))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise RequestError(PORT_TAKEN(port=port or 0, host=HOST)) from None
        detail = error.strerror or str(error)
        raise RequestError(PORT_REFUSED(port=port or 0, host=HOST, detail=detail)) from None
    # Connections inherit it. asyncio sets it only on sockets that it made itself; without it, an answer that is
    # written in two parts waits 40 ms for the reader's acknowledgement of the first.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


class Attention:
    """Notes when somebody last opened a page. One that renews itself is nobody."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app, self._clock = app, clock
        self._last_s = clock.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_a_person(Request(scope)):
            self._last_s = self._clock.monotonic()
        await self._app(scope, receive, send)

    def is_gone(self) -> bool:
        """Tell whether everybody has gone."""
        return self._clock.monotonic() - self._last_s >= FORGOTTEN.total_seconds()


class Server(serving.Server):
    """The server of the page, whose streams end before it waits for their connections."""

    def __init__(self, app: ASGIApp, live: Live, headers: Mapping[str, str] = HEADERS) -> None:
        super().__init__(configuration(app, headers))
        self._live = live

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._live.end()
        await super().shutdown(sockets)


async def serve(
    app: ASGIApp,
    live: Live,
    listening: socket.socket,
    clock: Clock,
    ready: Callable[[], None],
    *,
    headers: Mapping[str, str] = HEADERS,
    lasting: bool = False,
) -> bool:
    """Serve until a signal, or until nobody looks any more: tell whether that was why.

    Args:
        app: what answers.
        live: what ends with it.
        listening: the bound socket.
        clock: the time.
        ready: called once it is served.
        headers: what every answer carries.
        lasting: whether it goes on when nobody looks.
    """
    attention = Attention(app, clock)
    server = Server(attention, live, headers)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve([listening]))
        serving.add_done_callback(lambda _: stopping.set())
        ready()
        while not await clock.wait(stopping, LOOK.total_seconds()):
            if attention.is_gone() and not lasting:
                break
        server.stopping.set()
    return not stopping.is_set() or attention.is_gone()
