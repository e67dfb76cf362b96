"""Who is signed in: one-time tokens, and the sessions that they or a password open. All of it in memory alone."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from paranad.cli.language import Language
from paranad.cli.screen.blocks import Line

IDLE = timedelta(minutes=30)
"""How long a session lasts without a page being opened."""
LONGEST = timedelta(hours=12)
"""How long it lasts in any case."""
MOST = 32
"""How many there may be; the next one ends the one that was not used for longest."""
SECRET_BYTES = 32
ADDRESS_LASTS = timedelta(hours=12)
"""How long an address that nobody opened can be opened."""


def boot_time() -> float:
    """Return seconds since the boot, those in which the machine slept among them: a page is forgotten then, too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def digest(secret: str) -> bytes:
    """Return what is kept of a *secret*: looked up by its hash, it betrays nothing by the time that this takes."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


@dataclass(slots=True, eq=False)
class Session:
    """One browser that is signed in."""

    caller: int | None
    """The uid behind the connections that may use it; None: the kernel does not tell."""
    began_s: float
    used_s: float
    name: str = field(default_factory=lambda: secrets.token_hex(4))
    """By which the log tells it from others; no secret."""
    key: str = field(default_factory=lambda: secrets.token_urlsafe(SECRET_BYTES))
    """Stands in each form, and nowhere that another site could read it."""
    language: Language | None = None
    """The one that was chosen; None: the browser's."""
    said: list[Line] = field(default_factory=list)
    """What the next page says first, once."""
    opened_by: object = None
    """What its door remembers of it."""


class Sessions:
    """The open sessions, by the hash of the id that their cookie holds."""

    def __init__(self, now_s: Callable[[], float] = boot_time, most: int = MOST) -> None:
        self._now_s, self._most = now_s, most
        self._open: dict[bytes, Session] = {}

    def __len__(self) -> int:
        return len(self._open)

    def open(self, caller: int | None = None) -> tuple[str, Session]:
        """Open a session; return the id for its cookie, which is kept nowhere, and the session."""
        self._sweep()
        if len(self._open) >= self._most:
            self.end(min(self._open.values(), key=lambda each: each.used_s))
        id_, now_s = secrets.token_urlsafe(SECRET_BYTES), self._now_s()
        session = self._open[digest(id_)] = Session(caller, now_s, now_s)
        return id_, session

    def of(self, id_: str) -> Session | None:
        """Return the session that a cookie's *id_* names, if it lasts; whether it is its caller's, the guard asks."""
        session = self._open.get(digest(id_))
        return session if session and self.lasts(session) else None

    def use(self, session: Session) -> None:
        """Note that a person has opened a page with it."""
        session.used_s = self._now_s()

    def lasts(self, session: Session) -> bool:
        """Tell whether *session* is still open; one that is over ends here."""
        now_s = self._now_s()
        over = now_s - session.used_s >= IDLE.total_seconds() or now_s - session.began_s >= LONGEST.total_seconds()
        if over:
            self.end(session)
        return session in self._open.values()

    def end(self, session: Session) -> None:
        """Sign out."""
        self._open = {id_: each for id_, each in self._open.items() if each is not session}

    def _sweep(self) -> None:
        for session in tuple(self._open.values()):
            self.lasts(session)


class Tokens:
    """The one address that can be opened now: each is for one use, and a new one takes its place."""

    def __init__(self, now_s: Callable[[], float] = boot_time) -> None:
        self._now_s = now_s
        self._expected: bytes | None = None
        self._until_s = 0.0

    def new(self) -> str:
        """Return a token of 256 bits; the one before it opens nothing any more."""
        token = secrets.token_urlsafe(SECRET_BYTES)
        self._expected, self._until_s = digest(token), self._now_s() + ADDRESS_LASTS.total_seconds()
        return token

    def use(self, token: str) -> bool:
        """Tell whether *token* is the one, in constant time; it is used up then."""
        fits = self.fits(token)
        if fits:
            self._expected = None
        return fits

    def fits(self, token: str) -> bool:
        """Tell the same, and use nothing up."""
        expected = self._expected
        return (
            expected is not None and secrets.compare_digest(expected, digest(token)) and self._now_s() < self._until_s
        )
