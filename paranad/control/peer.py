"""Who calls: the process at the other end of the Unix socket, as the kernel knows it."""

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

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
    """uvicorn's HTTP, which also puts the Peer into every request's scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the class above
        super().connection_made(transport)
        pid, uid, gid = credentials_of(transport.get_extra_info("socket"))
        self.app_state = {**self.app_state, "peer": Peer(pid, uid, gid, transport.abort)}


def credentials_of(connection: socket.socket) -> tuple[int, int, int]:
    """Return pid, uid and gid of the process that connected."""
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    return cast("tuple[int, int, int]", CREDENTIALS.unpack(packed))


def peer_of(scope: Scope) -> Peer:
    """Return who sent the request."""
    return cast("Peer", scope["state"]["peer"])
