"""Callers' connections: at most so many that the daemon never lacks a file descriptor, each with its peer."""

import asyncio
import errno
import resource
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from starlette.types import Scope

from paranad.clock import Clock
from paranad.control.problems import MEDIA_TYPE, problem_of
from paranad.errors import ConfigurationError, Unavailable, WrongSetting
from paranad.events.daemon import ControlCrowded
from paranad.events.event import Events
from paranad.record import record
from paranad.said import Sentence
from paranad.serving import HttpToolsProtocol, RequestResponseCycle

NEEDED_FILES = 64
"""How many files the daemon must be able to open."""
OWN_FILES = 48
"""How many of those it keeps for its own work: queue.db, the shop, the courier, programs, a backup."""
MOST = 128
"""How many callers may be connected, even if more files may be open."""
AT_ONCE = 8
"""How many connections asyncio accepts in one turn of its loop: so many may be open above the limit for a moment."""
TOLD_EVERY_S = 60.0
CREDENTIALS = struct.Struct("3i")
"""`struct ucred`. Source: unix(7), SO_PEERCRED."""
NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


ALL_AT_WORK = Sentence(
    "control.all_connections_at_work",
    "expected at most {most} connections at once, and all of them are at work; ask again in a minute",
)


def most_connections() -> int:
    """Return how many callers may be connected at once."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else max(1, min(MOST, soft - OWN_FILES - AT_ONCE))


def allow_files() -> None:
    """Raise the limit of open files to what the daemon needs.

    Raises:
        ConfigurationError: the hard limit is lower, so the daemon could not work.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= NEEDED_FILES:
        return
    if hard != resource.RLIM_INFINITY and hard < NEEDED_FILES:
        cure = f"raise it: LimitNOFILE= in the service's unit, `ulimit -Hn {NEEDED_FILES}` in a shell"
        expected = f"expected a limit of at least {NEEDED_FILES} (`ulimit -n`), got {hard}"
        raise ConfigurationError([WrongSetting("", "open files", f"{expected}; {cure}")])
    resource.setrlimit(resource.RLIMIT_NOFILE, (NEEDED_FILES, hard))


class Connections:
    """The open connections, at most *most*.

    A new connection takes the place of the oldest idle one. If all others are at work, the new one is turned away.
    """

    def __init__(self, most: int, clock: Clock, events: Events) -> None:
        self.most = most
        self._clock, self._events = clock, events
        self._open: dict[PeerProtocol, None] = {}
        self._told_s: float | None = None
        self._turned_away = 0

    def add(self, caller: "PeerProtocol") -> bool:
        """Count *caller* in; return whether it may stay."""
        self._open[caller] = None
        if len(self._open) <= self.most:
            return True
        self.turn_away()
        # A caller that keeps its connection open without asking must not shut out one that asks.
        idle = next((each for each in self._open if each is not caller and each.is_idle), None)
        leaves = caller if idle is None else idle
        self.remove(leaves)
        if leaves is not caller:
            leaves.close()
        return leaves is not caller

    def remove(self, caller: "PeerProtocol") -> None:
        """Forget *caller*, whose connection has ended."""
        self._open.pop(caller, None)

    def turn_away(self) -> None:
        """Count a connection that was closed or not accepted; tell the number once a minute at most."""
        self._turned_away += 1
        now_s = self._clock.monotonic()
        if self._told_s is None or now_s - self._told_s >= TOLD_EVERY_S:
            self._told_s = now_s
            self._events.tell(ControlCrowded(most=self.most, turned_away=self._turned_away))
            self._turned_away = 0

    @contextmanager
    def heard_in(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Count each connection that *loop* cannot accept; asyncio itself would log every try, without end."""
        before = loop.get_exception_handler()
        loop.set_exception_handler(self._trouble)
        try:
            yield
        finally:
            loop.set_exception_handler(before)

    def _trouble(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if "socket" in context and isinstance(error, OSError) and error.errno in NO_ROOM:
            self.turn_away()
        else:
            loop.default_exception_handler(context)


@record
class Peer:
    """The process at the other end of a connection, as the kernel knows it."""

    pid: int
    uid: int
    gid: int
    abort: Callable[[], None]
    """Break the connection off at once, even with data unsent."""


class PeerProtocol(HttpToolsProtocol):
    """uvicorn's HTTP, which also counts its connection and puts the Peer into each request's scope."""

    def __init__(self, connections: Connections, **options: Any) -> None:
        super().__init__(**options)
        self._connections = connections

    @property
    def is_idle(self) -> bool:
        """Whether no request is running."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def close(self) -> None:
        """Close the connection without an answer."""
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.remove(self)
        super().connection_lost(exc)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the class above
        super().connection_made(transport)
        if not self._connections.add(self):  # before it has sent anything: reading its request would take its turn
            transport.write(turned_away(self._connections.most))
            transport.close()
        pid, uid, gid = credentials_of(transport.get_extra_info("socket"))
        self.app_state = {**self.app_state, "peer": Peer(pid, uid, gid, transport.abort)}


def turned_away(most: int) -> bytes:
    """Return the bytes of the answer to a caller above the limit; its request is not read."""
    problem = problem_of(Unavailable(ALL_AT_WORK(most=most))).model_dump_json(exclude_none=True).encode()
    head = f"HTTP/1.1 503 Service Unavailable\r\nContent-Type: {MEDIA_TYPE}\r\nContent-Length: {len(problem)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + problem


def credentials_of(connection: socket.socket) -> tuple[int, int, int]:
    """Return pid, uid and gid of the process that connected."""
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    return cast("tuple[int, int, int]", CREDENTIALS.unpack(packed))


def peer_of(scope: Scope) -> Peer:
    """Return the process that sent the request."""
    return cast("Peer", scope["state"]["peer"])
