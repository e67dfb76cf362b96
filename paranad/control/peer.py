"""Who calls: the process at the other end of the Unix socket, as the kernel knows it."""

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from paranad.control.connections import Connections
from paranad.control.problems import MEDIA_TYPE, problem_of
from paranad.errors import Unavailable

CREDENTIALS = struct.Struct("3i")
"""`struct ucred`. Source: unix(7), SO_PEERCRED."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One caller's connection."""

    pid: int
    uid: int
    gid: int
    abort: Callable[[], None]
    """Break the connection off at once, whatever is still unsent."""


class PeerProtocol(HttpToolsProtocol):
    """uvicorn's HTTP, which also puts the Peer into every request's scope, and knows how many others there are."""

    def __init__(self, connections: Connections, **options: Any) -> None:
        super().__init__(**options)
        self._connections = connections

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def close(self) -> None:
        """End the connection."""
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.remove(self)
        super().connection_lost(exc)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the class above
        super().connection_made(transport)
        if not self._connections.add(self):
            transport.write(turned_away(self._connections.most))
            transport.close()
        pid, uid, gid = credentials_of(transport.get_extra_info("socket"))
        self.app_state = {**self.app_state, "peer": Peer(pid, uid, gid, transport.abort)}


def turned_away(most: int) -> bytes:
    """Return the whole answer to a caller who cannot stay, whatever it asks."""
    detail = f"expected at most {most} connections at once, and all of them are at work; ask again in a minute"
    problem = problem_of(Unavailable(detail)).model_dump_json(exclude_none=True).encode()
    head = f"HTTP/1.1 503 Service Unavailable\r\nContent-Type: {MEDIA_TYPE}\r\nContent-Length: {len(problem)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + problem


def credentials_of(connection: socket.socket) -> tuple[int, int, int]:
    """Return pid, uid and gid of the process that connected."""
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    return cast("tuple[int, int, int]", CREDENTIALS.unpack(packed))


def peer_of(scope: Scope) -> Peer:
    """Return who sent the request."""
    return cast("Peer", scope["state"]["peer"])
