"""An HTTP server that a heartbeat is sent to: each path answers in its own, mostly wrong way."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class HeartbeatServer:
    """What it was asked for, and where it listens."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    """The path of each request."""
    quiet: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the test ends: a connection that hangs is let go."""

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
            self.asked.append(path)
            await self._answer(path, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the daemon has left
        finally:
            writer.close()

    async def _answer(self, path: str, writer: asyncio.StreamWriter) -> None:
        match path.split("?", maxsplit=1)[0]:
            case "/redirects":
                writer.write(b"HTTP/1.1 302 Found\r\nLocation: /ping\r\nContent-Length: 0\r\n\r\n")
            case "/fails":
                writer.write(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
            case "/hangs":
                await self.quiet.wait()
            case "/babbles":
                writer.write(b"\x00\x01 this is no HTTP\r\n\r\n")
            case "/endless":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
                while not self.quiet.is_set():
                    writer.write(b"OK" * 32_768)
                    await writer.drain()
            case _:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
        await writer.drain()


@asynccontextmanager
async def heartbeat_server(secure: ssl.SSLContext | None = None) -> AsyncIterator[HeartbeatServer]:
    """Listen on a free port of this machine, with *secure* for https."""
    taken = HeartbeatServer()
    server = await asyncio.start_server(taken.answer, "127.0.0.1", 0, ssl=secure)
    taken.port = server.sockets[0].getsockname()[1]
    try:
        yield taken
    finally:
        taken.quiet.set()
        server.close()
