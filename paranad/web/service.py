"""The page behind a web server, `paranad-web.service`: its password, its socket, what it logs."""

import asyncio
import os
import secrets
import socket
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil
from pathlib import Path
from typing import Final

from anyio.to_thread import run_sync
from starlette.requests import Request

from paranad import exits, notify
from paranad.cli.commands.journal import Asked, Entry
from paranad.cli.screen.blocks import Line, Style
from paranad.cli.screen.say import Phrase, say
from paranad.clock import SystemClock
from paranad.configuration.load import read_settings
from paranad.configuration.settings import Settings
from paranad.control.client import ControlClient
from paranad.errors import ConfigurationError, NotPermitted, WrongSetting
from paranad.events.event import Event, Events
from paranad.events.web import WebActed, WebFailed, WebReady, WebRefused, WebSignedIn, WebStopped
from paranad.log.output import configure
from paranad.places import config_file
from paranad.said import Sentence
from paranad.web.app import guarded, web_of
from paranad.web.guard import SIGN_IN, Entered, here
from paranad.web.page import Act, Field, Form, Page
from paranad.web.password import FILE, Limiter, fits
from paranad.web.rules import cookies, headers_of, local_path, public_site
from paranad.web.served import serve
from paranad.web.sessions import Session, Sessions, boot_time, digest

KNOWN: Final = "__Host-paranad-known"
"""The cookie of a browser that was let in before; it opens nothing."""
KNOWN_S = 30 * 24 * 3600
MOST_KNOWN = 100
BACKLOG = 128
LONGEST_NAME = 200
Stamp = tuple[int, int, int]
"""By which a file is known to be the same as before."""

ASKED = say("Sign in")
ASKS = say("This page shows what the shop's background work does. Give the password of the page.")
PASSWORD = say("Password")
WRONG = say("That is not the password.")
WAIT = say("There were too many tries. Try again in {seconds:second}.")
NONE_SET = say("No password is set yet. On the server: `sudo paranadctl web --set-password`")


LOG_STAYS = Sentence(
    "page.log_stays",
    "the log stays with the terminal, because whoever may read it may read the whole machine's; on the server: "
    "`paranadctl logs`",
)


class PasswordDoor:
    """The password, kept in a file beside paranad.toml: a new one ends all sessions of the one before."""

    def __init__(self, file: Path, tell: Callable[[Event], None], now_s: Callable[[], float]) -> None:
        self._file, self._tell = file, tell
        self._limiter = Limiter(now_s)
        self._known: dict[bytes, None] = {}
        self._one = asyncio.Semaphore(1)  # each try takes 32 MiB

    async def enter(self, request: Request, form: Mapping[str, str], /) -> Entered | Page | None:
        if request.url.path != SIGN_IN or request.method != "POST":
            return None
        back, address = local_path(form.get("to", "/")), address_of(request)
        if request.state.session:
            return Entered(back)
        known = self._known_by(request)
        name = known or network_of(address)
        if wait_s := self._limiter.begin(name, known=bool(known)):
            self._tell(WebRefused(address=address, failed=self._limiter.failures(name), wait_s=ceil(wait_s)))
            return asks(back, say(WAIT.key, seconds=ceil(wait_s)), 429)
        stamp, line = self._kept()
        async with self._one:
            right = await run_sync(fits, form.get("password", ""), line)
        if not right:
            self._tell(WebRefused(address=address, failed=self._limiter.failures(name), wait_s=0))
            return asks(back, WRONG if line else NONE_SET)
        self._limiter.forgive(name)
        request.state.stamp = stamp
        return Entered(back, [self._remembered()])

    def closed(self, request: Request, /) -> Page:
        return asks(here(request) if request.method == "GET" else "/", None if self._kept()[1] else NONE_SET)

    def opened(self, request: Request, session: Session, /) -> None:
        session.opened_by = request.state.stamp
        self._tell(WebSignedIn(address=address_of(request), session=session.name))

    def acted(self, session: Session, path: str, form: Mapping[str, str], /) -> None:
        self._tell(acted(session.name, path, form))

    def holds(self, session: Session, /) -> bool:
        return session.opened_by is not None and session.opened_by == self._stamp()

    def _kept(self) -> tuple[Stamp | None, str]:
        """Return the password file's stamp and its line; empty if there is none that can be read."""
        stamp = self._stamp()
        with suppress(OSError, UnicodeDecodeError):
            return stamp, self._file.read_text("ascii")
        return None, ""

    def _stamp(self) -> Stamp | None:
        with suppress(OSError):
            stat = self._file.stat()
            return stat.st_ino, stat.st_mtime_ns, stat.st_size
        return None

    def _known_by(self, request: Request) -> str:
        """Return the name of a browser that was let in before; empty: it was not."""
        values = map(digest, cookies(request).get(KNOWN, ())[:4])
        return next((value.hex() for value in values if value in self._known), "")

    def _remembered(self) -> str:
        """Return the cookie by which this browser is known from now on."""
        secret = secrets.token_urlsafe(32)
        self._known[digest(secret)] = None
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return f"{KNOWN}={secret}; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age={KNOWN_S}"


def acted(session: str, path: str, form: Mapping[str, str]) -> WebActed:
    """Return what the log says of a form: the act, and what it is about; nothing else that it holds."""
    named = {name: form[name][:LONGEST_NAME] for name in ("task", "queue", "entry") if name in form}
    job_id, order_id = number_in(form.get("id", "")), number_in(form.get("order", ""))
    return WebActed(session=session, act=path[:LONGEST_NAME], job_id=job_id, order_id=order_id, **named)


def number_in(text: str) -> int | None:
    """Return the number that *text* is; None: it is none that a job or an order could have."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < len(str(2**63)) else None


def log_stays(_: Asked, /) -> list[Entry]:
    """Say why the log is not shown here: for journalctl, whoever may read it is in the group `systemd-journal`.

    Raises:
        NotPermitted: always.
    """
    raise NotPermitted(LOG_STAYS())


def asks(back: str, why: Phrase | None = None, status: int = 403) -> Page:
    """Return the page that asks for the password; *why*: what was wrong with the one before."""
    field = Field("password", PASSWORD, secret=True)
    form = Form(Act("sign-in", ASKED, {"to": back}), [field])
    return Page(ASKED, [Line(why, Style.BAD) if why else Line(ASKS), form], live=False, status=status)


def address_of(request: Request) -> str:
    """Return the browser's address as the web server before this page says it: for counting and for the log alone."""
    said = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip().partition("%")[0]
    try:
        return str(ip_address(said))
    except ValueError:
        return "unknown"


def network_of(address: str) -> str:
    """Return what counts as one address: of IPv6 everybody has a whole /64."""
    try:
        number = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Network((number, 64), strict=False)) if isinstance(number, IPv6Address) else address


def run(environ: Mapping[str, str]) -> int:
    """Serve the page on its socket until a signal ends it; return the exit code.

    Raises:
        ConfigurationError: [web] is wrong or incomplete, or the socket cannot be made.
    """
    settings, path, file = settings_for(environ)
    clock, events, site = SystemClock(), Events(), public_site(settings.web.host)
    log = configure(settings.log.format, settings.log.level, now=clock.now)
    events.listen(log.tell)

    def defect(path: str, error: Exception) -> None:
        lines = "".join(traceback.format_exception(error)).rstrip()
        events.tell(WebFailed(path=path, error=type(error).__name__, traceback=lines))

    client = ControlClient(settings.daemon.socket)
    web = web_of(client, clock, decide=settings.web.decide, log=log_stays, defect=defect)
    app = guarded(web, site=site, door=PasswordDoor(file, events.tell, boot_time), sessions=Sessions())

    def ready() -> None:
        events.tell(WebReady(socket=str(path), host=settings.web.host))
        if address := notify.address_in(environ):
            with suppress(OSError):
                notify.send(address, ["READY=1"])

    try:
        with bind(path) as listening:
            serving = serve(app, web.live, listening, clock, ready, headers=headers_of(site), lasting=True)
            asyncio.run(serving)
        path.unlink(missing_ok=True)
        events.tell(WebStopped())
    finally:
        log.close()
    return exits.DONE


def settings_for(environ: Mapping[str, str]) -> tuple[Settings, Path, Path]:
    """Return the settings, the socket's path and the password's file.

    Raises:
        ConfigurationError: what the page needs is wrong or missing; problems of other sections are the daemon's.
    """
    file = config_file(environ)
    settings, problems = read_settings(None, environ)
    if settings.web.socket is None:
        message = 'expected a path, got ""; write socket = "/run/paranad-web/web.sock"'
        raise ConfigurationError(problems or [WrongSetting(file.name, "[web] socket", message)])
    if ours := [each for each in problems if "[web]" in each.key or "PARANAD_WEB" in each.where]:
        raise ConfigurationError(ours)
    return settings, settings.web.socket, file.parent / FILE


def bind(path: Path) -> socket.socket:
    """Return a socket that listens at *path*, for its folder's group as for its owner; one that is left is replaced.

    Raises:
        ConfigurationError: it cannot be made.
    """
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o117)
    try:
        path.unlink(missing_ok=True)
        bound.bind(str(path))
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        message = f"expected to make {path}, got: {error.strerror}; the service's own folder is /run/paranad-web"
        raise ConfigurationError([WrongSetting("", "[web] socket", message)]) from error
    finally:
        os.umask(before)
    return bound
