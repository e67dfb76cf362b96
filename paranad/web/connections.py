"""Browsers' connections: so many and no more, none without a request for long; and whose they are."""

import asyncio
import struct
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from socket import inet_aton
from typing import Any, cast

from anyio.to_thread import run_sync
from starlette.types import ASGIApp

from paranad.serving import Config, HttpToolsProtocol, RequestResponseCycle

MOST = 200
"""How many may be open: fifty pages, each with its stream and what a browser opens besides."""
REQUEST_S = 10.0
"""How long a request may take to arrive whole, from the connection or its first byte on."""
HEAD_BYTES = 32 * 1024
"""How long a request's line and headers may be."""
TCP = Path("/proc/net/tcp")


class Connections:
    """The open connections. One more than *most* takes the place of the oldest that waits for a request."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._open: dict[BoundedProtocol, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, new: "BoundedProtocol") -> None:
        """Count *new* in; where all are at work, it is *new* that is closed."""
        self._open[new] = None
        if len(self._open) > self.most:
            next(each for each in self._open if each is new or each.is_idle).abort()

    def remove(self, gone: "BoundedProtocol") -> None:
        """Forget a connection that has ended."""
        self._open.pop(gone, None)


class Peer:
    """Who made a connection: asked of the kernel once, when somebody first wants to know."""

    def __init__(self, client: tuple[str, int] | None, server: tuple[str, int | None] | None) -> None:
        self._ends = client, server
        self._uid: int | None = None

    async def uid(self) -> int | None:
        """Return the uid behind the connection; None: the kernel does not say, as of a Unix socket."""
        client, server = self._ends
        if self._uid is None and client and server and server[1] is not None:
            self._uid = await run_sync(uid_of, client, server)
        return self._uid


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP with what it has no bounds for: the number of connections, a request's head, and its time."""

    def __init__(self, among: Connections, **options: Any) -> None:
        super().__init__(**options)
        self._among = among
        self._late: asyncio.TimerHandle | None = None
        self._head_bytes: int | None = None
        """What has come of the head that is under way; None: none is."""

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def abort(self) -> None:
        """Close the connection without an answer."""
        self._among.remove(self)
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the class above
        super().connection_made(transport)
        self._peer = Peer(self.client, self.server)
        self._wait()
        self._among.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        self._among.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_bytes is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self.send_400_response("The request's head is too long.")

    def on_message_begin(self) -> None:
        self._wait()
        self._head_bytes = 0
        super().on_message_begin()
        self.scope["state"]["peer"] = self._peer

    def on_headers_complete(self) -> None:
        self._head_bytes = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._arrived()
        super().on_message_complete()

    def _wait(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(REQUEST_S, self.abort)

    def _arrived(self) -> None:
        if self._late:
            self._late.cancel()
            self._late = None


def configuration(app: ASGIApp, headers: Mapping[str, str]) -> Config:
    """Return uvicorn's settings: bounded connections, *headers* with every answer, nothing believed of a proxy."""
    protocol = partial(BoundedProtocol, Connections())
    return Config(
        app,
        http=cast("type[asyncio.Protocol]", protocol),
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        log_level="critical",
        server_header=False,
        headers=list(headers.items()),
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )


def uid_of(client: tuple[str, int] | None, server: tuple[str, int | None] | None, table: Path = TCP) -> int | None:
    """Return the uid whose process made a connection on this machine; None: the kernel does not say.

    Source: proc(5), /proc/net/tcp; the row of the *client*'s end is the one whose local address is the client's.
    """
    if not client or not server or server[1] is None:
        return None
    try:
        ends = [_written(client), _written((server[0], server[1]))]
        # A table that changes while it is read may lack a row once.
        return _uid_in(table, ends) if (uid := _uid_in(table, ends)) is None else uid
    except (OSError, ValueError):  # another kernel's files, an address that is none of IPv4
        return None


def _uid_in(table: Path, ends: Sequence[str]) -> int | None:
    rows = table.read_text("ascii").splitlines()[1:]
    return next((int(fields[7]) for fields in map(str.split, rows) if fields[1:3] == ends), None)


def _written(address: tuple[str, int]) -> str:
    host, port = address
    (number,) = cast("tuple[int]", struct.unpack("=I", inet_aton(host)))
    return f"{number:08X}:{port:04X}"
