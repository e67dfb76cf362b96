"""The courier as the rest of the program sees it: four requests, each within the rate and with a token."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TypeVar

from paranad.clock import Clock
from paranad.courier.answers import HttpAnswer, closure_of, created_of, data_of, envelope_of, names_of, statuses_of
from paranad.courier.breaker import Breaker
from paranad.courier.errors import (
    CALL,
    CourierError,
    CourierLimited,
    CourierRefused,
    CourierUnclear,
    OrderLate,
    RateRefused,
    Refusal,
)
from paranad.courier.limiter import Limiter
from paranad.courier.login import CreateRight, Login, SignIn, Token
from paranad.courier.models import CreatedOrder, Json, NewShipment, OrderList, StatusList
from paranad.courier.parsing import id_of
from paranad.courier.rows import Filter, Rows, read_rows, read_stream
from paranad.courier.wire import HttpRequest, Incoming, Wire, joined
from paranad.events.courier import CourierLimitReached, CourierRequestEnded
from paranad.events.event import Events
from paranad.said import Sentence

T = TypeVar("T")

CREATE_PATH = "/create-order"
LIST_PATH = "/merchant-orders"
BULK_PATH = "/get-orders-by-ids-bulk"
STATUSES_PATH = "/statuses"
MOST_IDS = 25
"""The courier silently drops the rest. Source: courier API, "Other order calls"."""
LIST_CAP_BYTES = 64 * 1024 * 1024
SHORT_BYTES = 256 * 1024
"""An answer up to this size is parsed at once, a longer one row by row as it comes."""
DONE, REFUSED, RATE_EXCEEDED, UNCLEAR, NOT_SENT, ABANDONED = KINDS = (
    "done",
    "refused",
    "limited",
    "unclear",
    "not_sent",
    "abandoned",
)
"""What became of a request, as `courier.request_ended` tells it."""
UNDERSTOOD = frozenset({DONE, REFUSED, RATE_EXCEEDED})
"""The kinds of an answer that came and that can be understood."""
ANSWERED = frozenset({DONE, REFUSED})
"""The kinds that show that the courier does what it is asked, or says why not."""
OUTAGE = frozenset({UNCLEAR, NOT_SENT})
"""The kinds that show an outage."""
LONG_ANSWER = Sentence("courier.long_answer", "a long answer with HTTP {status}")


class Courier:
    """AlWaseet's merchant API.

    *owner* names who asks (a job), so that its slot in the rate is found again. Every method may raise
    CourierLimited (nothing was done), LoginFailed, CourierRefused and CourierUnclear; `left` of the error tells
    whether the request itself, not only a login before it, had left.
    """

    def __init__(  # noqa: PLR0917 - the parts it is composed of, each of its own type
        self,
        base_url: str,
        timeout: timedelta,
        limiter: Limiter,
        login: Login,
        clock: Clock,
        events: Events,
        breaker: Breaker | None = None,
        *,
        list_cap_bytes: int = LIST_CAP_BYTES,
    ) -> None:
        self.breaker = breaker or Breaker(clock, events)
        self.wire = Wire(base_url, timeout, clock, events)
        self.limiter, self.login, self.clock, self.events = limiter, login, clock, events
        self.list_cap_bytes = list_cap_bytes
        self.create_right = CreateRight()

    async def prepare(self, *, owner: str) -> None:
        """Log in if there is no token yet, so that the request that follows need not."""
        await self.login.token(partial(self._sign_in, owner, new_order=True))

    async def log_in(self, *, owner: str) -> Token:
        """Log in again, although there may be a token; whoever uses the older one renews it if it is refused."""
        return await self.login.fresh(partial(self._sign_in, owner, new_order=False))

    async def create_order(
        self, order: NewShipment, *, owner: str, may_leave: Callable[[], bool] = lambda: True
    ) -> CreatedOrder:
        """Send one order; never twice, except after the courier, read beyond doubt, refused the token.

        *may_leave* is asked as the last thing before each of the two requests: a login may lie before either.

        Raises:
            CourierRefused: no order was made.
            CourierLimited: no order was made, the request did not leave; RateRefused: it did, and was refused.
            CourierUnclear: one may have been made.
            OrderLate: no order was made, *may_leave* said no.
        """
        request = HttpRequest("POST", CREATE_PATH, form=order.form())

        async def send(request: HttpRequest) -> CreatedOrder:
            return await self._read(created_of, owner, request, new_order=True, may_leave=may_leave)

        created = await self._authorised(request, send, owner, order)
        self.create_right.prove(self.clock.monotonic(), self.login.accounts)
        return created

    async def merchant_orders(
        self, *, owner: str, status_id: str | None = None, date_from: date | None = None, date_to: date | None = None
    ) -> OrderList:
        """Return the account's orders, all or by status and by day of `created_at`, filtered on our side.

        Raises:
            CourierUnclear: anything that cannot be read as a whole list; an empty one is empty for certain.
        """
        wanted = Filter(status_id, date_from, date_to)
        request = HttpRequest("GET", LIST_PATH, query=wanted.query())
        return await self._authorised(request, partial(self._list, wanted, owner), owner)

    async def orders_by_ids(self, ids: Sequence[str], *, owner: str) -> OrderList:
        """Return the orders of *ids*, at most 25, that the courier answers; absence proves nothing.

        Raises:
            ValueError: more than 25.
        """
        if len(ids) > MOST_IDS:
            raise ValueError(f"{BULK_PATH}: at most {MOST_IDS} ids, got {len(ids)}")
        if not ids:
            return OrderList()
        request = HttpRequest("POST", BULK_PATH, form={"ids": ",".join(ids)})
        orders = await self._authorised(request, partial(self._list, Filter(), owner), owner)
        asked = frozenset(ids)
        return OrderList((order for order in orders if asked & {order.id, order.qr_id}), skipped=orders.skipped)

    async def statuses(self, *, owner: str) -> StatusList:
        """Return every status that an order may have.

        Raises:
            CourierUnclear: anything that cannot be read as a list; an empty one is empty for certain.
        """
        return await self._authorised(HttpRequest("GET", STATUSES_PATH), partial(self._read, statuses_of, owner), owner)

    async def lookup(
        self, path: str, field: str, query: Mapping[str, str], *, owner: str
    ) -> tuple[dict[str, str], int]:
        """Return one of the lists that need no token: names by id, and how many rows cannot be read.

        Raises:
            CourierUnclear: anything that cannot be read as a list.
        """
        request = HttpRequest("GET", path, query=query)
        return await self._read(partial(names_of, field=field), owner, request)

    async def close(self) -> None:
        """Close what is open."""
        await self.wire.close()

    async def _authorised(
        self,
        request: HttpRequest,
        send: Callable[[HttpRequest], Awaitable[T]],
        owner: str,
        order: NewShipment | None = None,
    ) -> T:
        """Send *request* with the shared token; if that is refused, once more with another.

        *order* is given for create-order alone: its place may be the reason of a refusal.
        """
        sign_in = partial(self._sign_in, owner, new_order=order is not None)
        token = await self.login.token(sign_in)
        try:
            return await send(replace(request, token=token.text))
        except CourierRefused as refused:  # nothing was done, so that sending it again makes no second parcel
            self._raise_if_no_token_helps(refused, token, order)
            renewed = await self._renewed(token, sign_in)
            if renewed is None:
                raise
        try:
            return await send(replace(request, token=renewed.text))
        except CourierRefused as refused:
            self._raise_if_no_token_helps(refused, renewed, order)
            self.login.refused_again(renewed)
            raise
        except (CourierLimited, OrderLate) as stopped:
            stopped.left = True  # the first of the two requests did leave
            raise

    async def _renewed(self, token: Token, sign_in: SignIn) -> Token | None:
        """Return another token for a request that has left already, and was refused."""
        try:
            return await self.login.renew(token, sign_in)
        except CourierError as error:
            error.left = True
            raise

    def _raise_if_no_token_helps(self, refused: CourierRefused, token: Token, order: NewShipment | None) -> None:
        """Raise *refused* if another token would not help: the reason is the order itself, or its city and region."""
        if refused.refusal is not Refusal.PERMISSION:
            raise refused
        if order is None or not token.is_fresh:
            return
        # The courier answers an unknown city or region with the words for a missing right.
        place = (order.city_id, order.region_id)
        if self.create_right.is_only_the_place(place, self.clock.monotonic(), self.login.accounts):
            raise CourierRefused(
                Refusal.PLACE, refused.err_num, refused.message, city_id=order.city_id, region_id=order.region_id
            ) from refused

    async def _sign_in(self, owner: str, request: HttpRequest, *, new_order: bool) -> HttpAnswer:
        try:
            return await self._login_answer(request, owner, new_order=new_order)
        except RateRefused as refused:
            raise CourierLimited(refused.until) from refused  # the login had left, not the request it was for

    async def _login_answer(self, request: HttpRequest, owner: str, *, new_order: bool) -> HttpAnswer:
        await self.limiter.take(owner, new_order=new_order)
        answer = None
        try:
            with self._told_when_over(request.path, owner):
                answer = await self._exchange(request, owner)
                data_of(answer)
        except CourierError:
            if answer is None:
                raise
        return answer  # what it means is told; the login reads it itself

    async def _read(
        self,
        meaning_of: Callable[[HttpAnswer], T],
        owner: str,
        request: HttpRequest,
        *,
        new_order: bool = False,
        may_leave: Callable[[], bool] = lambda: True,
    ) -> T:
        await self.limiter.take(owner, new_order=new_order)
        if not may_leave():
            raise OrderLate
        with self._told_when_over(request.path, owner):
            return meaning_of(await self._exchange(request, owner))

    async def _exchange(self, request: HttpRequest, owner: str) -> HttpAnswer:
        answer = await self.wire.send(request)
        await self._refuse_limited(answer, owner)
        return answer

    async def _list(self, wanted: Filter, owner: str, request: HttpRequest) -> OrderList:
        await self.limiter.take(owner, new_order=False)
        with self._told_when_over(request.path, owner):
            rows = Rows(wanted)
            async with self.wire.open(request) as incoming:
                short = await self._whole_if_short(incoming, rows)
            if short is not None:  # a refusal is always short
                await self._refuse_limited(short, owner)
                read_rows(_rows_in(data_of(short), request.path), rows, request.path)
            return rows.finish(request.path)

    @contextmanager
    def _told_when_over(self, path: str, owner: str) -> Iterator[None]:
        """Tell what the answer means to the request of *owner* that the block sends to *path* and reads."""
        error: BaseException | None = None
        try:
            yield
        except BaseException as raised:
            error = raised
            raise
        finally:
            kind, is_order = kind_of(error), path == CREATE_PATH
            self.events.tell(CourierRequestEnded(path=path, kind=kind))
            # Neither a word about the rate nor our own leaving says whether the courier would take an order.
            if kind in ANSWERED:
                self.breaker.answered(is_order=is_order)
            elif kind in OUTAGE and isinstance(error, CourierError):
                self.breaker.lost(owner, error.said, is_order=is_order)

    async def _whole_if_short(self, incoming: Incoming, rows: Rows) -> HttpAnswer | None:
        """Return a short answer whole; None if it was long: its rows are read then."""
        slices = incoming.capped(self.list_cap_bytes)
        head = bytearray()
        async for piece in slices:
            head += piece
            if len(head) > SHORT_BYTES:
                break
        else:
            return incoming.answer(head)
        # Only a list is so long. Its rows are read as they come: tens of megabytes are never held whole.
        if not 200 <= incoming.status < 300:
            raise CourierUnclear(CALL(path=incoming.path, reason=LONG_ANSWER(status=incoming.status)))
        await read_stream(joined(head, slices), rows, incoming.path)
        return None

    async def _refuse_limited(self, answer: HttpAnswer, owner: str) -> None:
        """Close the rate for a while, for everybody or for *owner*, if the courier says that it is exceeded.

        Raises:
            RateRefused: it says so.
        """
        closure = closure_of(answer, self.clock.now())
        if closure is None:
            return
        until = self.clock.now() + closure
        for_all = await self.limiter.refuse(owner, until)
        if for_all:
            self.events.tell(CourierLimitReached(until=until.isoformat()))
        envelope = envelope_of(answer)
        raise RateRefused(until, envelope.err_num if envelope else "", for_all=for_all)


def kind_of(error: BaseException | None) -> str:
    """Return what a request's answer means that was read with *error*; None: with none."""
    match error:
        case None:
            return DONE
        case RateRefused():
            return RATE_EXCEEDED
        case CourierRefused(refusal=Refusal.NOT_SENT):
            return NOT_SENT
        case CourierRefused():
            return REFUSED
        case asyncio.CancelledError():  # we left: that says nothing of the courier
            return ABANDONED
        case _:
            return UNCLEAR


def _rows_in(data: Json, path: str) -> Json:
    """Return *data*; the single order of a bulk answer, which the courier may give without a list, in a list."""
    return [data] if path == BULK_PATH and isinstance(data, dict) and id_of(data.get("id")) else data
