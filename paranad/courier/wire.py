"""The one place that speaks HTTP to the courier: connections, timeouts, and what a broken connection means."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote

from paranad import https
from paranad.clock import Clock
from paranad.courier.answers import HttpAnswer
from paranad.courier.errors import CALL, CourierRefused, CourierUnclear, Refusal
from paranad.courier.models import Json
from paranad.events.courier import CourierAnswered, CourierRequestSent
from paranad.events.event import Events
from paranad.https import httpx, silence
from paranad.record import record
from paranad.said import Said, Sentence

CONNECT_TIMEOUT = timedelta(seconds=10)
SHORT_FACTOR, LIST_FACTOR = 2, 8
"""How many timeouts a whole exchange may take: a list comes slowly, but it must end."""
ANSWER_CAP_BYTES = 1024 * 1024
SLICE_BYTES = 64 * 1024
"""So much of a long answer is parsed at once: the work of a few milliseconds."""
USER_AGENT = "paranad"
UNPACKED = {"Accept-Encoding": "identity"}
"""A few packed kilobytes can become gigabytes: nothing packed is asked for, and nothing is unpacked."""

TOO_LONG = Sentence("courier.too_long", "the answer is over {bytes} bytes")
TOO_SLOW = Sentence("courier.too_slow", "the answer took too long")
PACKED = Sentence("courier.packed", "packed, although that was not asked for")
NO_CONNECTION = Sentence("courier.no_connection", "no connection: {detail}")
BROKE = Sentence("courier.broke", "the connection broke")


@record
class HttpRequest:
    """One request. Never printed: the form holds customers, or the password."""

    method: str
    path: str
    form: Mapping[str, str] | None = field(default=None, repr=False)
    query: Mapping[str, str] = field(default_factory=dict)
    token: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class Incoming:
    """An answer whose body is still coming."""

    path: str
    status: int
    headers: Mapping[str, str]
    slices: AsyncIterator[bytes]
    """Pieces of at most SLICE_BYTES; the loop runs between them."""

    async def whole(self) -> HttpAnswer:
        """Read the rest.

        Raises:
            CourierUnclear: over ANSWER_CAP_BYTES.
        """
        body = bytearray()
        async for piece in self.capped(ANSWER_CAP_BYTES):
            body += piece
        return self.answer(body)

    async def capped(self, most_bytes: int) -> AsyncGenerator[bytes]:
        """Give the rest piece by piece.

        Raises:
            CourierUnclear: over *most_bytes*.
        """
        got_bytes = 0
        async for piece in self.slices:
            got_bytes += len(piece)
            if got_bytes > most_bytes:
                raise CourierUnclear(CALL(path=self.path, reason=TOO_LONG(bytes=most_bytes)))
            yield piece

    def answer(self, body: bytes | bytearray) -> HttpAnswer:
        """Return the answer with its *body*."""
        return HttpAnswer(self.path, self.status, self.headers, bytes(body))


async def joined(head: bytes | bytearray, rest: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """Give *head* in pieces of SLICE_BYTES, then the *rest*."""
    for start in range(0, len(head), SLICE_BYTES):
        yield bytes(head[start : start + SLICE_BYTES])
        await asyncio.sleep(0)
    async for piece in rest:
        yield piece


class Wire:
    """Sends requests over HTTPS, each on a fresh connection; repeats none.

    A connection kept from before may be closed by the other side just as a POST goes out on it; then it is unknown
    whether the request arrived.
    """

    def __init__(self, base_url: str, timeout: timedelta, clock: Clock, events: Events) -> None:
        silence()
        self.base_url = base_url.rstrip("/")
        self.clock, self.events = clock, events
        self.timeout_s = timeout.total_seconds()
        self._client: httpx.AsyncClient | None = None
        """Made for the first request: a daemon that sends none need not hold it."""

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send *request* and read its answer whole.

        Raises:
            CourierRefused: NOT_SENT, no connection came about.
            CourierUnclear: it was sent, wholly or in part, and no whole answer came.
        """
        async with self.open(request, whole_factor=SHORT_FACTOR) as incoming:
            return await incoming.whole()

    @asynccontextmanager
    async def open(self, request: HttpRequest, *, whole_factor: int = LIST_FACTOR) -> AsyncGenerator[Incoming]:
        """Send *request* and give its answer as it comes; raises as `send` does."""
        client = self._client or await self._made(request.path)
        began = self.clock.monotonic()
        self.events.tell(CourierRequestSent(method=request.method, path=request.path))
        with _translated(request.path):
            # httpx times each read: a byte every few seconds would keep a request open for ever.
            async with asyncio.timeout(self.timeout_s * whole_factor), self._stream(client, request) as response:
                took_ms = round((self.clock.monotonic() - began) * 1000)
                self.events.tell(CourierAnswered(path=request.path, status=response.status_code, duration_ms=took_ms))
                headers = {name.lower(): value for name, value in response.headers.items()}
                if not _is_unpacked(headers):
                    raise CourierUnclear(CALL(path=request.path, reason=PACKED()))
                async with aclosing(_sliced(response)) as slices:
                    yield Incoming(request.path, response.status_code, headers, slices)

    async def close(self) -> None:
        """Close what is open."""
        if self._client:
            await self._client.aclose()

    async def _made(self, path: str) -> httpx.AsyncClient:
        """Return the client, made now.

        Raises:
            CourierRefused: the certificates cannot be read, so that nothing was sent.
        """
        connect_s = min(CONNECT_TIMEOUT.total_seconds(), self.timeout_s)
        try:
            self._client = await https.client(
                timeout=httpx.Timeout(self.timeout_s, connect=connect_s),
                limits=httpx.Limits(max_keepalive_connections=0),
                headers={"User-Agent": USER_AGENT, "Accept": "application/json", "Connection": "close", **UNPACKED},
            )
        except OSError as error:
            raise CourierRefused(
                Refusal.NOT_SENT, "", CALL(path=path, reason=NO_CONNECTION(detail=str(error)))
            ) from None
        return self._client

    def _stream(self, client: httpx.AsyncClient, request: HttpRequest) -> AbstractAsyncContextManager[httpx.Response]:
        form: Json = {name: (None, text) for name, text in request.form.items()} if request.form is not None else None
        return client.stream(request.method, self._url(request), files=form)

    def _url(self, request: HttpRequest) -> str:
        # The courier wants the token in the query, which is why no URL may be logged or raised.
        token = {"token": request.token} if request.token else {}
        pairs = [f"{name}={quote(text, safe='@')}" for name, text in (token | dict(request.query)).items()]
        return f"{self.base_url}{request.path}" + (f"?{'&'.join(pairs)}" if pairs else "")


def _is_unpacked(headers: Mapping[str, str]) -> bool:
    codings = headers.get("content-encoding", "").lower().split(",")
    return all(coding.strip() in {"", "identity"} for coding in codings)


async def _sliced(response: httpx.Response) -> AsyncGenerator[bytes]:
    async for piece in response.aiter_raw():
        for start in range(0, len(piece), SLICE_BYTES):
            yield piece[start : start + SLICE_BYTES]
            await asyncio.sleep(0)


@contextmanager
def _translated(path: str) -> Iterator[None]:
    """Turn an error of httpx into one of ours, since the texts of httpx hold the URL and the token in it."""
    try:
        yield
    except NEVER_SENT as error:
        raise CourierRefused(Refusal.NOT_SENT, "", CALL(path=path, reason=_reason(error))) from None
    except httpx.HTTPError as error:  # anything else may have happened after the request arrived
        raise CourierUnclear(CALL(path=path, reason=_reason(error))) from None
    except TimeoutError:
        raise CourierUnclear(CALL(path=path, reason=TOO_SLOW())) from None


def _reason(error: Exception) -> Said:
    if isinstance(error, httpx.ConnectError):
        return NO_CONNECTION(detail=str(error))
    return REASONS.get(type(error), BROKE)()


NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

REASONS: Mapping[type[Exception], Sentence] = {
    httpx.ConnectTimeout: Sentence("courier.connect_timeout", "no connection in time"),
    httpx.UnsupportedProtocol: Sentence("courier.not_https", "[courier] base_url is not an https address"),
    httpx.PoolTimeout: Sentence("courier.pool_timeout", "no free connection in time"),
    httpx.ReadTimeout: Sentence("courier.read_timeout", "no answer in time"),
    httpx.WriteTimeout: Sentence("courier.write_timeout", "the request could not be sent in time"),
    httpx.ReadError: Sentence("courier.read_reset", "the connection was reset before the answer was whole"),
    httpx.WriteError: Sentence("courier.write_reset", "the connection was reset while the request was sent"),
    httpx.RemoteProtocolError: Sentence("courier.not_http", "the answer was cut or is not HTTP"),
}
