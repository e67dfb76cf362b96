"""The event stream: what happens from now on, sent to each listening client as server-sent events."""

import asyncio
from collections.abc import Callable, Sequence

import orjson
from starlette.types import Receive, Scope, Send

from paranad.clock import Clock
from paranad.control.connections import peer_of
from paranad.control.framework import Response
from paranad.events.event import Event, Events, fields_of

NOUNS = ("job.", "schedule.", "shipment.")
HEARTBEAT_S = 15.0
BACKLOG_BYTES = 4 << 20
"""How far a listener may fall behind before it is dropped."""
FAREWELL_S = 0.5
"""How long a stop waits for a listener that does not read."""

STOPS = "the daemon stops"
TOO_SLOW = "you read too slowly, so what happened since is left out; look at the present state and listen again"


def encode(event: Event, at: str) -> bytes:
    """Write *event* as one server-sent event."""
    data = {"event": event.name, "at": at, **fields_of(event)}
    return b"event: %b\ndata: %b\n\n" % (event.name.encode(), orjson.dumps(data))


def farewell(reason: str) -> bytes:
    """Write the last event of a stream."""
    return b"event: stream.ended\ndata: %b\n\n" % orjson.dumps({"event": "stream.ended", "reason": reason})


class Listener:
    """One client's backlog, bounded in bytes; *abort* breaks its connection off."""

    def __init__(self, abort: Callable[[], None]) -> None:
        self.abort = abort
        self.backlog: list[bytes] = []
        self.size_bytes = 0
        self.woken = asyncio.Event()
        self.ended = False

    def put(self, lines: Sequence[bytes], size_bytes: int) -> None:
        """Add *lines*; if the client is too far behind for them, drop its whole backlog and end its stream."""
        if self.ended:
            return
        # A list with gaps would mislead its reader: it is told to look at the present state and listen again.
        if self.size_bytes + size_bytes > BACKLOG_BYTES:
            self.backlog.clear()
            self.end(TOO_SLOW)
            return
        self.backlog += lines
        self.size_bytes += size_bytes
        self.woken.set()

    def end(self, reason: str) -> None:
        """End the stream after its backlog, with *reason* in its last event."""
        if not self.ended:
            self.ended = True
            self.backlog.append(farewell(reason))
            self.woken.set()

    def take(self) -> bytes:
        """Return the backlog and begin a new one."""
        waiting = b"".join(self.backlog)
        self.backlog.clear()
        self.size_bytes = 0
        self.woken.clear()
        return waiting


class Stream:
    """Hands each transition to all listeners; nothing is encoded while there are none."""

    def __init__(self, events: Events, clock: Clock) -> None:
        self.clock = clock
        self.listeners: set[Listener] = set()
        self.stopping = False
        self.empty = asyncio.Event()
        self.forget = events.listen(self.hear)

    def hear(self, events: Sequence[Event]) -> None:
        """Pass *events* on, each encoded once for all listeners."""
        if not self.listeners:
            return
        at = self.clock.now().isoformat()
        lines = [encode(event, at) for event in events if event.name.startswith(NOUNS)]
        size_bytes = sum(map(len, lines))
        for listener in self.listeners if lines else ():
            listener.put(lines, size_bytes)

    def join(self, abort: Callable[[], None]) -> Listener:
        """Return a new listener; it hears everything from now on."""
        listener = Listener(abort)
        self.listeners.add(listener)
        self.empty.clear()
        if self.stopping:  # it joined between the stop and the socket's end
            listener.end(STOPS)
        return listener

    def leave(self, listener: Listener) -> None:
        """Pass nothing more to *listener*, whose answer has ended."""
        self.listeners.discard(listener)
        if not self.listeners:
            self.empty.set()

    async def stop(self) -> None:
        """End every stream; break off those whose client does not read its last event in time."""
        if not self.stopping:
            self.stopping = True
            self.forget()
        for listener in self.listeners:
            listener.end(STOPS)
        if self.listeners and not await self.clock.wait(self.empty, FAREWELL_S):
            for listener in tuple(self.listeners):
                listener.abort()


class EventStream(Response):
    """An answer that goes on until its client or the daemon ends it."""

    media_type = "text/event-stream"

    def __init__(self, stream: Stream) -> None:
        super().__init__(headers={"Cache-Control": "no-store"})
        del self.headers["content-length"]
        self.stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        listener = self.stream.join(peer_of(scope).abort)
        watch = asyncio.create_task(end_when_gone(receive, listener))
        try:
            await self._pump(listener, send)
        finally:
            watch.cancel()
            self.stream.leave(listener)

    async def _pump(self, listener: Listener, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        # A comment at once: the client knows that from here on it misses nothing.
        await send({"type": "http.response.body", "body": b": listening\n\n", "more_body": True})
        while not listener.ended:
            woken = await self.stream.clock.wait(listener.woken, HEARTBEAT_S)
            body = listener.take() if woken else b":\n\n"
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": listener.take()})


async def end_when_gone(receive: Receive, listener: Listener) -> None:
    """Wait until the client has closed the connection, then end its stream."""
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.end("you are gone")
