"""The sandbox: a strict stand-in for the courier over real HTTP on loopback, for the demo and the tests.

It refuses what the courier would refuse, keeps its orders, makes an order twice when it is asked twice, and can be
told to lose, cut or garble its answers.
"""

import asyncio
import socket
import struct
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httptools

from paranad.clock import Clock
from paranad.courier.models import NewShipment
from paranad.sandbox import rules
from paranad.sandbox.answers import AFTER, INSTEAD, Answer, Reply, Transport
from paranad.sandbox.books import Behaviour, Books, Invoice, SandboxOrder
from paranad.sandbox.rules import Call

BODY_CAP_BYTES = 2 * 1024 * 1024
SLICE_BYTES = 256 * 1024
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
CALLS_KEPT = 1000
LOOPBACK = "127.0.0.1"


class Sandbox:
    """One merchant account at a courier that exists only in this process.

    Paths are named without a slash: `create-order`, `merchant-orders`, `login`.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        username: str = "parana",
        password: str = "sandbox-only",  # noqa: S107 - opens nothing but this sandbox
        behaviour: Behaviour | None = None,
        port: int = 0,
        host: str = LOOPBACK,
    ) -> None:
        self.books = Books(clock, username, password, behaviour or Behaviour())
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        """The requests that came, newest last."""
        self._counts: Counter[str] = Counter()
        self._planned: dict[str, deque[Answer | Reply]] = {}
        self._asked = asyncio.Condition()
        self._server = Server(self._answer, port, host)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; after a `stop`, on the same port again."""
        await self._server.start()

    async def stop(self) -> None:
        """Drop every connection and refuse new ones; orders, tokens and switches stay."""
        await self._server.stop()

    @property
    def base_url(self) -> str:
        """The address to configure as the courier's; known once it listens."""
        return f"http://{self._server.host}:{self._server.port}{rules.PREFIX.rstrip('/')}"

    @property
    def behaviour(self) -> Behaviour:
        """The switches; set any of them at any time."""
        return self.books.behaviour

    @property
    def orders(self) -> dict[str, SandboxOrder]:
        """The orders by id, oldest first."""
        return self.books.orders

    def next(self, path: str, *answers: Answer | Reply) -> None:
        """Answer the next calls of *path* with *answers*, in order; after them, truly again.

        A Reply is sent as it is, and the call is not carried out.
        """
        if path not in rules.ENDPOINTS:
            raise ValueError(f"the courier has no call {path!r}")
        self._planned.setdefault(path, deque()).extend(answers)

    def answer_truly(self) -> None:
        """Forget every answer that `next` has planned."""
        self._planned.clear()

    def count(self, path: str) -> int:
        """Return how often *path* was asked, refused calls included."""
        return self._counts[path]

    async def asked(self, path: str, times: int = 1) -> None:
        """Wait until *path* was asked *times* times in all and the last of them was carried out."""
        async with self._asked:
            await self._asked.wait_for(lambda: self._counts[path] >= times)

    def duplicates(self) -> int:
        """Return how many orders repeat the content of another."""
        contents = Counter(order.content() for order in self.orders.values())
        return sum(number - 1 for number in contents.values())

    def seed_orders(self, count: int, *, spread: timedelta = timedelta(days=30)) -> list[str]:
        """Add *count* varied orders, created evenly over the last *spread*; return their ids."""
        return self.books.seed_orders(count, spread=spread)

    def add_order(self, order: NewShipment, *, created_at: datetime | None = None) -> SandboxOrder:
        """Add an order of another sender: another program of the merchant, or a person."""
        return self.books.add_order(order.form(), created_at)

    def move(self, order_id: str, status_id: str, *, at: datetime | None = None) -> None:
        """Give an order another status, as couriers do."""
        order = self.orders[order_id]
        order.status_id, order.updated_at = status_id, at or self.books.clock.now()

    def delete(self, order_id: str) -> None:
        """Delete an order, as a merchant may in the courier's own pages."""
        del self.orders[order_id]

    def add_invoice(self, order_ids: list[str]) -> str:
        """Put delivered orders on an invoice; return its id."""
        invoice = Invoice(str(len(self.books.invoices) + 1), tuple(order_ids), self.books.clock.now())
        self.books.invoices[invoice.id] = invoice
        for order_id in order_ids:
            self.orders[order_id].invoice_id = invoice.id
        return invoice.id

    def change_password(self, password: str) -> None:
        """Change the account's password; every token dies with the old one."""
        self.books.password = password
        self.expire_tokens()

    def expire_tokens(self) -> None:
        """End every token."""
        self.books.tokens.clear()

    def new_token(self) -> str:
        """Give out a token as another program's login would, such as the shop's."""
        return self.books.new_token()

    async def _answer(self, call: Call) -> Reply:
        path = call.path.removeprefix(rules.PREFIX)
        planned = self._planned.get(path)
        reply = await self._reply(call, planned.popleft() if planned else None)
        async with self._asked:
            self.calls.append(call)
            self._counts[path] += 1
            self._asked.notify_all()
        return reply

    async def _reply(self, call: Call, planned: Answer | Reply | None) -> Reply:
        if isinstance(planned, Reply):
            return planned
        if planned and not planned.is_done_first:
            return INSTEAD[planned]
        reply = await rules.answer(self.books, call)
        return AFTER[planned](reply) if planned and reply.status == 200 else reply


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
    """Listens on *host*; *answer* gives the reply to each request."""

    def __init__(self, answer: Callable[[Call], Awaitable[Reply]], port: int, host: str = LOOPBACK) -> None:
        self.answer, self.port, self.host = answer, port, host
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; if the port was 0, keep the given port from now on."""
        self._server = await asyncio.start_server(self._accept, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and drop every connection: new ones are refused from now on."""
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
    """Read one request; None if the client leaves, or does not speak HTTP."""
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
        case Transport.NEVER:
            await reader.read()
        case Transport.RESET:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            writer.transport.abort()
        case Transport.NOT_HTTP:
            writer.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        case Transport.CUT:
            await _write(writer, reply, len(reply.body) // 2)
        case Transport.WHOLE:
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
