"""uvicorn in a loop that is not its own, as the control API and the page are served."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from email.utils import formatdate

from paranad.lean import without_init

without_init("uvicorn")  # whose command line would load click and multiprocessing: 2 MiB

import uvicorn.server  # noqa: E402 - only now
from uvicorn.config import Config  # noqa: E402
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle  # noqa: E402

__all__ = ["Config", "HttpToolsProtocol", "RequestResponseCycle", "Server"]

uvicorn.Config = Config  # type: ignore[misc] # `__init__` would have put it there, and uvicorn.lifespan takes it from there


class State(uvicorn.server.ServerState):
    """uvicorn's state, whose headers have the time of each answer: a kept one is renewed by ten wakes a second."""

    def __init__(self, config: Config) -> None:
        self._config = config
        super().__init__()

    @property
    def default_headers(self) -> list[tuple[bytes, bytes]]:
        """What every answer carries."""
        date = [(b"date", formatdate(usegmt=True).encode())] if self._config.date_header else []
        return date + self._config.encoded_headers

    @default_headers.setter
    def default_headers(self, _: list[tuple[bytes, bytes]]) -> None:
        """Keep nothing: uvicorn begins with none."""


class Server(uvicorn.server.Server):
    """uvicorn without signal handlers, ten wakes a second, or a wait for connections that have nothing under way."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.servers = []
        self.server_state = State(config)
        self.stopping = asyncio.Event()
        """Set it to end `serve`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the connections, after the requests that are under way; uvicorn would wait even if there are none."""
        for server in self.servers:
            server.close()
        for listening in sockets or ():
            listening.close()
        for connection in tuple(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)  # an idle connection closes in the loop's next turn
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)
