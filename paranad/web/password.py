"""The password of the page behind a web server: how it is kept, how it is set, and how often it may be tried."""

import getpass
import grp
import hashlib
import os
import secrets
import sys
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from paranad.errors import NotPermitted, RequestError
from paranad.said import Sentence
from paranad.whole import written_whole

FILE: Final = "web.password"
"""Beside paranad.toml."""
GROUP: Final = "paranad-web"
"""The service's own; nobody else reads the file."""
SHORTEST, LONGEST_BYTES = 12, 1024
N, R, P = 2**15, 8, 3
"""32 MiB and some tenths of a second for each try. Source: OWASP, Password Storage Cheat Sheet, scrypt."""
MOST_MEMORY = 256 * 2**20
FREE_TRIES, LONGEST_WAIT_S, FORGIVEN_S = 3, 300.0, 3600.0
ALL_TRIES, ONE_MORE_S = 20, 3.0
"""All addresses together have so many tries, and one more after so many seconds."""
MOST_NAMES = 10_000

TOO_SHORT = Sentence(
    "web.password_too_short", "expected a password of at least {least} characters, got {got}; choose a longer one"
)
TOO_LONG = Sentence("web.password_too_long", "expected a password of at most {most} bytes; choose a shorter one")
NOT_TWICE = Sentence("web.password_not_twice", "the two passwords differ; nothing is changed; type the same one twice")
NO_GROUP = Sentence(
    "web.no_group",
    "there is no group {group}: paranad-web.service is not installed here; run `sudo make install` in paranad's tree",
)
NOT_WRITTEN = Sentence("web.password_not_written", "{path} cannot be written ({detail}); run it as root")


def normal(password: str) -> bytes:
    """Return the bytes of *password* as they count: the same letters typed on two keyboards are the same password."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def hashed(password: str, salt: bytes | None = None) -> str:
    """Return the line that is kept of *password*: the parameters, the salt and the hash."""
    salt = salt or secrets.token_bytes(16)
    kept = _scrypt(normal(password), salt, N, R, P)
    return f"scrypt${N}${R}${P}${b64encode(salt).decode()}${b64encode(kept).decode()}"


def fits(password: str, line: str) -> bool:
    """Tell whether *password* is the one that *line* was made of; False for a line that is nonsense."""
    try:
        kind, n, r, p, salt, kept = line.strip().split("$")
        found = _scrypt(normal(password), b64decode(salt), int(n), int(r), int(p))
        return kind == "scrypt" and secrets.compare_digest(found, b64decode(kept))
    except (ValueError, MemoryError):
        return False


def _scrypt(password: bytes, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password[:LONGEST_BYTES], salt=salt, n=n, r=r, p=p, maxmem=MOST_MEMORY, dklen=32)


def keep(password: str, path: Path, group: str = GROUP) -> None:
    """Write what is kept of *password* to *path*, 0640, whole or not at all.

    Raises:
        RequestError: it is too short or too long, or there is no such group.
        NotPermitted: the caller may not write there.
    """
    if len(password) < SHORTEST:
        raise RequestError(TOO_SHORT(least=SHORTEST, got=len(password)))
    if len(normal(password)) > LONGEST_BYTES:
        raise RequestError(TOO_LONG(most=LONGEST_BYTES))
    try:
        gid = grp.getgrnam(group).gr_gid
    except KeyError:
        raise RequestError(NO_GROUP(group=group)) from None
    try:
        with written_whole(path, 0o640) as out:
            out.write(f"{hashed(password)}\n".encode())
            os.fchown(out.fileno(), -1, gid)
    except OSError as error:
        raise NotPermitted(NOT_WRITTEN(path=str(path), detail=error.strerror or "")) from error


def new_password(prompt: str, again: str) -> str:
    """Read a new password: twice from the terminal without showing it, or one line of standard input.

    Raises:
        RequestError: the two differ.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass(prompt)
    if getpass.getpass(again) != password:
        raise RequestError(NOT_TWICE())
    return password


@dataclass(slots=True)
class Tries:
    """The tries of one name that failed, or are not answered yet."""

    failed: int = 0
    last_s: float = 0.0

    def wait_s(self, now_s: float) -> float:
        """Return how long the next one has to wait: nothing, then 2 s, 4 s, and so on up to five minutes."""
        if self.failed < FREE_TRIES:
            return 0.0
        delay_s = min(2.0 ** min(self.failed - FREE_TRIES + 1, 20), LONGEST_WAIT_S)
        return max(0.0, self.last_s + delay_s - now_s)


class Limiter:
    """How often a password may be tried: by each address, with a wait that grows, and by all of them together.

    A browser that was let in before is its own name, beside the addresses: whoever tries passwords from elsewhere, or
    from behind the same address, does not keep its owner out.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._tries: dict[str, Tries] = {}
        self._left, self._filled_s = float(ALL_TRIES), now_s()

    def begin(self, name: str, *, known: bool = False) -> float:
        """Count a try of *name* as failed until `forgive`; return 0, or how many seconds it has to wait instead."""
        now_s = self._now_s()
        tries = self._tries.get(name, Tries())
        if now_s - tries.last_s >= FORGIVEN_S:
            tries = Tries()
        wait_s = tries.wait_s(now_s) or (0.0 if known else self._wait_for_all_s(now_s))
        if wait_s:
            return wait_s
        tries.failed, tries.last_s = tries.failed + 1, now_s
        self._tries.pop(name, None)
        self._tries[name] = tries
        if len(self._tries) > MOST_NAMES:
            del self._tries[next(iter(self._tries))]
        self._left -= not known
        return 0.0

    def forgive(self, name: str) -> None:
        """Forget the tries of *name*: its last one was right."""
        self._tries.pop(name, None)

    def failures(self, name: str) -> int:
        """Return how many tries of *name* have failed."""
        return self._tries.get(name, Tries()).failed

    def _wait_for_all_s(self, now_s: float) -> float:
        self._left = min(float(ALL_TRIES), self._left + (now_s - self._filled_s) / ONE_MORE_S)
        self._filled_s = now_s
        return 0.0 if self._left >= 1 else (1 - self._left) * ONE_MORE_S
