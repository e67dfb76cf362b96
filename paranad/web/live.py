"""Live pages: one event stream of the daemon for all open pages, each told that something happened, not what.

The page that is told fetches itself again, so that what it shows has one source. One thread listens while a page is
open; it ends with the first event that nobody waits for.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Final

from starlette.requests import Request
from starlette.responses import StreamingResponse

from paranad.control.client import ControlClient
from paranad.errors import ParanadError
from paranad.web.answers import FRESH_S
from paranad.web.wrong import TellDefect, tell_terminal

PAUSE_S = FRESH_S
"""How long after a change a page is told of it, and of all that changed meanwhile. A page that is told asks again: by
then, no answer is shared that is older than the change."""
HEARTBEAT_S = 15.0
RETRY_S = 2.0
"""How long after the daemon was lost it is looked for again."""
CHANGED: Final = "changed"
LOST: Final = "lost"
BACK: Final = "back"


class Listener:
    """One open page: the latest message that it has not been told yet."""

    def __init__(self) -> None:
        self.message: str | None = None
        self.woken = asyncio.Event()

    def put(self, message: str) -> None:
        """Let the page be told *message*; it overtakes one that waits, but a change hides no loss and no return."""
        if message != CHANGED or self.message is None:
            self.message = message
        self.woken.set()

    def take(self) -> str | None:
        """Return the message that waits."""
        message, self.message = self.message, None
        self.woken.clear()
        return message


class Live:
    """Tells open pages that something happened; belongs to the loop in which they are served."""

    def __init__(self, client: ControlClient, defect: TellDefect = tell_terminal) -> None:
        self._client, self._defect = client, defect
        self._listeners: set[Listener] = set()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_told = False

    def respond(self, _: Request) -> StreamingResponse:
        """Answer with server-sent events until the page is closed."""
        return StreamingResponse(self.messages(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    async def messages(self) -> AsyncIterator[bytes]:
        """Yield what one page is told."""
        listener = Listener()
        self._listeners.add(listener)
        if not self._listen(asyncio.get_running_loop()):
            listener.put(CHANGED)  # what happened between its fetching and now is not known
        try:
            yield b": listening\n\n"
            while not self._ended.is_set():
                try:
                    async with asyncio.timeout(HEARTBEAT_S):
                        await listener.woken.wait()
                except TimeoutError:
                    self._listen(asyncio.get_running_loop())  # a defect may have ended the thread
                    yield b":\n\n"
                    continue
                if listener.message == CHANGED:
                    await asyncio.sleep(PAUSE_S)
                if message := listener.take():
                    yield b"event: %b\ndata: 1\n\n" % message.encode()
        finally:
            self._listeners.discard(listener)

    def end(self) -> None:
        """End every stream: the page's process stops."""
        self._ended.set()
        for listener in self._listeners:
            listener.woken.set()

    def _listen(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Let a thread follow the daemon's events, unless one does; tell whether it begins now."""
        with self._lock:
            if self._thread is not None:
                return False
            self._thread = threading.Thread(target=self._follow, args=(loop,), name="live", daemon=True)
            self._thread.start()
            return True

    def _follow(self, loop: asyncio.AbstractEventLoop) -> None:
        """Follow the daemon's events while a page is open. A defect ends it: it is told, and the pages learn of it."""
        try:
            self._follow_while_wanted(loop)
        except Exception as error:  # noqa: BLE001 - the thread's edge
            self._defect("/live", error)
            with self._lock:
                self._thread = None
            self._tell(loop, LOST)

    def _follow_while_wanted(self, loop: asyncio.AbstractEventLoop) -> None:
        lost = False
        while self._wanted():
            try:
                with self._client.events() as events:
                    self._tell(loop, BACK if lost else CHANGED)
                    lost = self._pass_on(loop, events)
            except ParanadError:
                lost = True
            if lost:
                self._tell(loop, LOST)
                self._ended.wait(RETRY_S)

    def _pass_on(self, loop: asyncio.AbstractEventLoop, events: Iterator[object]) -> bool:
        """Tell of *events* while somebody waits for them; tell whether they have ended before."""
        for _ in events:
            if not self._listeners or self._ended.is_set():
                return False
            self._tell(loop, CHANGED)
        return True

    def _wanted(self) -> bool:
        """Tell whether a page is open; if none is, the thread ends, and the next page starts another."""
        with self._lock:
            if self._listeners and not self._ended.is_set():
                return True
            self._thread = None
            return False

    def _tell(self, loop: asyncio.AbstractEventLoop, message: str) -> None:
        """Let the loop pass *message* on; in a crowd of changes one is on its way, and that is enough."""
        if self._ended.is_set() or (message == CHANGED and self._is_told):
            return
        self._is_told = True
        loop.call_soon_threadsafe(self._put, message)

    def _put(self, message: str) -> None:
        self._is_told = False
        for listener in self._listeners:
            listener.put(message)
