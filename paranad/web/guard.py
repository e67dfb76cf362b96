"""Who may ask the page for what: every request passes here first. What every answer carries: `rules.headers_of`.

A session is opened by a door: the address that a terminal printed (`TokenDoor`), or a password (`service.py`).
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from paranad.cli.screen.blocks import Line
from paranad.cli.screen.say import Phrase, say
from paranad.record import record
from paranad.web.connections import Peer
from paranad.web.markup import tag
from paranad.web.page import Link, Page
from paranad.web.rules import (
    ASKED_AGAIN,
    NO_KEY,
    NOT_KEPT,
    SIGNED_OUT,
    STATIC,
    TOO_LONG,
    Refused,
    Site,
    body_of,
    cookies,
    fields_in,
    is_a_person,
    is_from_elsewhere,
    local_path,
    refusal,
    replayed,
)
from paranad.web.sessions import Session, Sessions, Tokens

KEY: Final = "key"
"""The field of each form that holds the session's key."""
SIGN_IN, SIGN_OUT = "/do/sign-in", "/do/sign-out"
CLOSED = say("This page is closed")
OPENS_ONCE = say(
    "It opens with an address that `paranadctl web` prints, once, and closes after 30 minutes without use. For a new "
    "address, press Enter in the terminal where it runs; or run `paranadctl web` again. If you have just opened "
    "such an address, let the browser keep this page's cookie."
)
USED_UP = say(
    "This address opens nothing any more: each opens the page once, and a newer one takes its place. For a new "
    "address, press Enter in the terminal where `paranadctl web` runs; or run it again."
)

NOBODY_S = say(
    "The kernel does not say which user opened this address, so it lets nobody in. It is not used up: open it again. "
    "If that does not help: `/proc/net/tcp` must be readable where `paranadctl web` runs."
)


@record
class Entered:
    """Somebody is let in."""

    back: str = "/"
    """The page that they get."""
    cookies: Sequence[str] = ()
    """Further `Set-Cookie` headers."""


class Door(Protocol):
    """How a session begins, and how long it may last besides its own time."""

    async def enter(self, request: Request, form: Mapping[str, str], /) -> Entered | Page | None:
        """Let somebody in or say why not; None: the request is not about that."""

    def closed(self, request: Request, /) -> Page:
        """Return what somebody without a session sees, whatever was asked for."""

    def opened(self, request: Request, session: Session, /) -> None:
        """Note that *session* has been opened."""

    def acted(self, session: Session, path: str, form: Mapping[str, str], /) -> None:
        """Note that *form* was sent to *path*."""

    def holds(self, session: Session, /) -> bool:
        """Tell whether what opened *session* still would."""


class TokenDoor:
    """The address that a terminal printed: its token opens one session."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def enter(self, request: Request, _: Mapping[str, str], /) -> Entered | Page | None:
        token = request.query_params.get("token")
        if request.url.path != "/" or request.method != "GET" or token is None:
            return None
        if "sec-purpose" in request.headers:  # a browser that looks ahead: the person has not opened it yet
            return closed_page(OPENS_ONCE)
        if request.state.session:
            return Entered()
        if not self._tokens.fits(token):
            return closed_page(USED_UP)
        if await peer_of(request).uid() is None:  # a session that is bound to nobody would be everybody's
            return closed_page(NOBODY_S)
        return Entered() if self._tokens.use(token) else closed_page(USED_UP)

    def closed(self, _: Request, /) -> Page:
        return closed_page(OPENS_ONCE)

    def opened(self, _: Request, session: Session, /) -> None:
        """Nothing to note: whoever has the terminal's address is the terminal's owner."""

    def acted(self, _: Session, path: str, form: Mapping[str, str], /) -> None:
        """Nothing to note, as above: the daemon logs the terminal's uid."""

    def holds(self, _: Session, /) -> bool:
        return True


Draw = Callable[[Request, Page], Response]
"""Makes the answer of a page. `request.state.session` is None where nobody is signed in."""


class Guard:
    """ASGI middleware around the whole page."""

    def __init__(self, app: ASGIApp, *, site: Site, door: Door, sessions: Sessions, draw: Draw) -> None:
        self._app, self._site, self._door, self._sessions, self._draw = app, site, door, sessions, draw

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        request.state.session = None
        send = unkept(request, send)
        refused = refusal(request, self._site)
        if refused:
            if request.method == "POST" and refused.why is not TOO_LONG:
                await body_of(receive)  # or the connection breaks under the answer
            await self._refuse(request, refused)(scope, receive, send)
            return
        session = request.state.session = await self._session(request)
        form: Mapping[str, str] = {}
        if request.method == "POST":
            body = await body_of(receive)
            if isinstance(body, Refused):
                await self._refuse(request, body)(scope, receive, send)
                return
            form, receive = fields_in(body), replayed(body, receive)
        answer = await self._own_answer(request, session, form)
        if answer:
            await answer(scope, receive, send)
        elif session:
            await self._pass_on(session, request, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _own_answer(self, request: Request, session: Session | None, form: Mapping[str, str]) -> Response | None:
        """Return the answer to what is about signing in or out, or may not be; None: the page answers."""
        entered = await self._door.enter(request, form)
        if isinstance(entered, Entered):
            return await self._let_in(request, entered)
        if entered is not None:
            return self._draw(request, entered)
        if session is None:
            return None if request.url.path.startswith(STATIC) else self._closed(request)
        if request.method == "POST":
            if not secrets.compare_digest(form.get(KEY, "").encode(), session.key.encode()):
                return self._refuse(request, Refused(403, NO_KEY))
            self._door.acted(session, request.url.path, form)
            if request.url.path == SIGN_OUT:
                return self._let_out(session)
        return None

    async def _pass_on(self, session: Session, request: Request, receive: Receive, send: Send) -> None:
        if is_a_person(request):
            self._sessions.use(session)

        async def while_it_lasts(message: Message) -> None:
            if message.get("more_body") and not self._lasts(session):
                await send({"type": "http.response.body", "body": b""})
                raise _Over
            await send(message)

        try:
            await self._app(request.scope, receive, while_it_lasts)
        except _Over:
            return

    async def _session(self, request: Request) -> Session | None:
        for id_ in cookies(request).get(self._site.cookie, ()):
            session = self._sessions.of(id_)
            if session and self._lasts(session) and session.caller == await peer_of(request).uid():
                return session
        return None

    def _lasts(self, session: Session) -> bool:
        if not self._door.holds(session):
            self._sessions.end(session)
        return self._sessions.lasts(session)

    async def _let_in(self, request: Request, entered: Entered) -> Response:
        answer = RedirectResponse(entered.back, 303)
        if not request.state.session:
            id_, session = self._sessions.open(await peer_of(request).uid())
            self._door.opened(request, session)
            answer.headers.append("set-cookie", self._cookie(id_))
        for cookie in entered.cookies:
            answer.headers.append("set-cookie", cookie)
        return answer

    def _let_out(self, session: Session) -> Response:
        self._sessions.end(session)
        answer = RedirectResponse("/", 303)
        answer.headers.append("set-cookie", f"{self._cookie('')}; Max-Age=0")
        return answer

    def _cookie(self, value: str) -> str:
        return f"{self._site.cookie}={value}; Path=/; HttpOnly; SameSite=Strict{'; Secure' if self._site.tls else ''}"

    def _closed(self, request: Request) -> Response:
        ours = f"{self._site.scheme}://{request.headers['host']}/"
        if is_from_elsewhere(request) and not request.headers.get("referer", "").startswith(ours):  # asked once
            return HTMLResponse(opened_again(here(request)))
        answer = self._draw(request, self._door.closed(request))
        answer.headers[SIGNED_OUT] = "1"
        return answer

    def _refuse(self, request: Request, refused: Refused) -> Response:
        page = Page(say("Not done"), [Line(refused.why), Link(say("Now"), "/")], live=False, status=refused.status)
        answer = self._draw(request, page)
        answer.headers["connection"] = "close"  # what else it sends is not read
        return answer


def unkept(request: Request, send: Send) -> Send:
    """Return *send* with a word to caches: nothing is kept but what is the same for everybody, until it changes."""

    async def send_unkept(message: Message) -> None:
        if message["type"] == "http.response.start":
            static = request.url.path.startswith(STATIC) and message["status"] in {200, 304}
            MutableHeaders(scope=message)["cache-control"] = ASKED_AGAIN if static else NOT_KEPT
        await send(message)

    return send_unkept


class _Over(Exception):
    """The session ended while its answer was on the way."""


def closed_page(why: Phrase) -> Page:
    """Return the page that says *why* nothing else is shown."""
    return Page(CLOSED, [Line(why)], live=False, status=403)


def opened_again(path: str) -> str:
    """Return a page that opens *path* by itself: a browser sends a `SameSite=Strict` cookie only if we ask for it."""
    again = tag("meta", http_equiv="refresh", content=f"0;url={path}")
    scheme = tag("meta", name="color-scheme", content="light dark")
    icon = tag("link", rel="icon", href=f"{STATIC}icon.svg", type="image/svg+xml")
    head = tag("head", tag("meta", charset="utf-8"), scheme, tag("title", "paranad"), icon, again)
    return f"<!doctype html>{tag('html', head, tag('body', tag('a', 'paranad', href=path)))}"


def here(request: Request) -> str:
    """Return the request's own path and query, as they came."""
    path = bytes(request.scope.get("raw_path") or b"/").decode("latin-1")
    query = bytes(request.scope.get("query_string") or b"").decode("latin-1")
    return local_path(f"{path}?{query}" if query else path)


def peer_of(request: Request) -> Peer:
    """Return who made the request's connection."""
    peer: Peer = request.state.peer
    return peer


def key_of(request: Request) -> str:
    """Return what each form of the page carries as `key`; empty where nobody is signed in."""
    session: Any = request.state.session
    return session.key if session else ""
