"""The sandbox's wire: one HTTP request a connection, and answers that may be cut, reset or never given."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import httptools
from python_multipart import parse_form
from python_multipart.exceptions import FormParserError

from paranad.sandbox.answers import Delivery, Reply

BODY_CAP_BYTES = 2 * 1024 * 1024
SLICE_BYTES = 256 * 1024
FORM_TYPES = ("multipart/form-data", "application/x-www-form-urlencoded")
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class Call:
    """One request as it was read."""

    method: str = ""
    target: bytes = b""
    """Path and query, as sent."""
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path without query."""
        return urlsplit(self.target.decode("latin-1")).path

    @property
    def query(self) -> Mapping[str, str]:
        """The query's fields; the first where one comes twice."""
        query = urlsplit(self.target.decode("latin-1")).query
        return {name: texts[0] for name, texts in parse_qs(query, keep_blank_values=True).items()}

    def form(self) -> Mapping[str, str] | None:
        """Return the form's fields; None where the body is of another type, or broken."""
        kind = self.headers.get("content-type", "")
        if not kind.startswith(FORM_TYPES):
            return None
        fields: dict[str, str] = {}

        def on_field(one: object) -> None:
            name, value = getattr(one, "field_name", b""), getattr(one, "value", b"")
            fields[(name or b"").decode()] = (value or b"").decode()

        try:
            parse_form({"Content-Type": kind.encode()}, BytesIO(self.body), on_field, lambda _: None)
        except (FormParserError, UnicodeDecodeError):
            return None
        return fields


class _Reading:
    """Collects one request from httptools' callbacks."""

    def __init__(self) -> None:
        self.call = Call()
        self.is_whole = False

    def on_url(self, url: bytes) -> None:
        self.call.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.call.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.call.body += body

    def on_message_complete(self) -> None:
        self.is_whole = True


class Server:
    """Listens on loopback; *answer* says what each request is answered with."""

    def __init__(self, answer: Callable[[Call], Awaitable[Reply]], port: int) -> None:
        self.answer, self.port = answer, port
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; where the port was 0, keep the one that was given from now on."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more and drop every connection: from now on they are refused."""
        if self._server is None:
            return
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            call = await _read(reader)
            if call is not None:
                await _deliver(await self.answer(call), reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Call | None:
    """Read one request; None where the client leaves, or does not speak HTTP."""
    reading = _Reading()
    parser = httptools.HttpRequestParser(reading)
    try:
        while not reading.is_whole:
            piece = await reader.read(SLICE_BYTES)
            if not piece or len(reading.call.body) > BODY_CAP_BYTES:
                return None
            parser.feed_data(piece)
    except httptools.HttpParserError:
        return None
    reading.call.method = parser.get_method().decode()
    return reading.call


async def _deliver(reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    match reply.delivery:
        case Delivery.NEVER:
            await reader.read()
        case Delivery.RESET:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            writer.transport.abort()
        case Delivery.NOT_HTTP:
            writer.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        case Delivery.CUT:
            await _write(writer, reply, len(reply.body) // 2)
        case Delivery.WHOLE:
            await _write(writer, reply, len(reply.body))


async def _write(writer: asyncio.StreamWriter, reply: Reply, most_bytes: int) -> None:
    headers = {
        "Content-Type": reply.content_type,
        "Content-Length": str(len(reply.body)),
        "Connection": "close",
        **reply.headers,
    }
    reason = HTTPStatus(reply.status).phrase if reply.status in list(HTTPStatus) else "Unknown"
    head = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
    writer.write(f"HTTP/1.1 {reply.status} {reason}\r\n{head}\r\n".encode())
    for start in range(0, most_bytes, SLICE_BYTES):
        writer.write(reply.body[start : min(start + SLICE_BYTES, most_bytes)])
        await writer.drain()
    await writer.drain()
