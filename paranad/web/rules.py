"""What a request must be, whoever sends it, and what every answer carries: pure, but for reading a form."""

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.types import Message, Receive

from paranad.cli.screen.say import Phrase, say
from paranad.record import record

METHODS = ("GET", "HEAD", "POST")
FORM = "application/x-www-form-urlencoded"
BODY_BYTES = 64 * 1024
BODY_S = 10.0
"""How long a form may take to arrive."""
FIELDS = 200
STATIC = "/static/"
"""What needs no session: the same for everybody."""
LONGEST_PATH = 2000

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not no-referrer: with it Chromium sends `Origin: null` with forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SIGNED_OUT = "paranad-signed-out"
"""The header of what somebody without a session is answered: by it alone an open page knows that it is to close."""
NOT_KEPT = "no-store"
ASKED_AGAIN = "no-cache"
"""A style sheet is asked for again, and is not sent again unless it is another."""
KEPT_BY_BROWSERS = "max-age=31536000"
"""Under TLS: for a year, browsers ask for this host by https alone."""

NOT_HERE = say("This page is not reached under that address.")
OTHER_SITE = say("Another site asked for this. Open the page by its own address.")
NO_KEY = say("This form is of an earlier visit. Open the page again and repeat what you did.")
NO_FORM = say("What was sent is not one of this page's forms.")
TOO_LONG = say("What was sent is too long.")
TOO_SLOW = say("What was sent took too long to arrive.")
CUT_SHORT = say("What was sent did not arrive whole.")
NO_METHOD = say("The page takes GET, HEAD and POST alone.")
NO_PATH = say("There is no such page.")


@record
class Site:
    """Where browsers find the page."""

    hosts: frozenset[str]
    """What they may send as `Host`, such as `127.0.0.1:8642`; exactly these."""
    cookie: str
    """The session cookie's name. Cookies do not tell ports apart, so it holds the port."""
    tls: bool = False

    @property
    def scheme(self) -> str:
        return "https" if self.tls else "http"


def local_site(port: int) -> Site:
    """Return the site of `paranadctl web` on *port* of this machine."""
    return Site(frozenset({f"127.0.0.1:{port}", f"localhost:{port}"}), f"paranad-{port}")


def public_site(host: str) -> Site:
    """Return the site behind a web server with TLS; browsers hold it to *host* alone by the cookie's `__Host-`."""
    return Site(frozenset({host}), "__Host-paranad", tls=True)


@record
class Refused:
    """Why a request is not answered."""

    status: int
    why: Phrase


def headers_of(site: Site) -> dict[str, str]:
    """Return the headers of every answer."""
    return {**HEADERS, **({"strict-transport-security": KEPT_BY_BROWSERS} if site.tls else {})}


def refusal(request: Request, site: Site) -> Refused | None:
    """Return why *request* is not answered, whoever sends it; None: it may be."""
    headers = request.headers
    if headers.getlist("host") not in [[host] for host in site.hosts]:  # or another name would lead here: DNS rebinding
        return Refused(403, NOT_HERE)
    if request.method not in METHODS:
        return Refused(405, NO_METHOD)
    if request.scope["path"].startswith("//") or not is_plain(request.scope["path"]):
        return Refused(404, NO_PATH)
    if request.method == "POST":
        return refusal_of_form(request, site)
    # `same-site` is another port of this machine.
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"} and not is_from_elsewhere(request):
        return Refused(403, OTHER_SITE)
    return None


def refusal_of_form(request: Request, site: Site) -> Refused | None:
    """Return why a POST is not answered, before its body is read."""
    headers = request.headers
    ours = headers.getlist("origin") == [f"{site.scheme}://{headers['host']}"]
    if not ours or headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return Refused(403, OTHER_SITE)
    if headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return Refused(415, NO_FORM)
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:20]) > BODY_BYTES:
        return Refused(413, TOO_LONG)
    return None


def is_from_elsewhere(request: Request) -> bool:
    """Tell whether a link on another site opened this as a page of its own: in a message, a chat."""
    headers = request.headers
    return (
        request.method in {"GET", "HEAD"}
        and headers.get("sec-fetch-site") in {"cross-site", "same-site"}
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def is_a_person(request: Request) -> bool:
    """Tell whether somebody opened a page, rather than a page that renews itself."""
    headers = request.headers
    return headers.get("sec-fetch-mode", "navigate") == "navigate" and "text/html" in headers.get("accept", "")


def local_path(text: str) -> str:
    """Return *text* if it is a path of this site, else `/`: where a form leads back to comes from the form."""
    if not text.startswith("/") or len(text) > LONGEST_PATH or not text.isascii() or not is_plain(text):
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    return text if not parts.scheme and not parts.netloc and not text.startswith("//") else "/"


def is_plain(text: str) -> bool:
    """Tell whether *text* has nothing in it that browsers take for a stroke or drop: a backslash, a tab."""
    return "\\" not in text and text.isprintable()


def cookies(request: Request) -> Mapping[str, Sequence[str]]:
    """Return every value of each cookie: another server on this host may have set one of the same name."""
    found: dict[str, list[str]] = {}
    for part in "; ".join(request.headers.getlist("cookie")).split(";")[:50]:
        name, _, value = part.strip().partition("=")
        found.setdefault(name, []).append(value)
    return found


async def body_of(receive: Receive) -> bytes | Refused:
    """Read a form, as long and as late as it may be."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":  # what came until then may be a whole form of another meaning
                    return Refused(400, CUT_SHORT)
                body += message.get("body", b"")
                if len(body) > BODY_BYTES:
                    return Refused(413, TOO_LONG)
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        return Refused(408, TOO_SLOW)


def fields_in(body: bytes) -> dict[str, str]:
    """Return a form's fields; none if it is nonsense, so that its key is missing."""
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS))
    except ValueError:
        return {}


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives *body* once more, then what comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
