"""uvicorn in a loop that is not its own, as the control API and the page are served."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn


class Server(uvicorn.Server):
    """uvicorn without signal handlers, ten wakes a second, or a wait for connections that have nothing under way."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.servers = []
        self.stopping = asyncio.Event()
        """Set it to end `serve`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        self.server_state.default_headers = self.config.encoded_headers
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
