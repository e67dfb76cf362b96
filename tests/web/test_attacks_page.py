"""Attacks on the page itself, over real sockets: what changes without a form, paths, headers, texts."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from paranad.clock import SystemClock
from paranad.control.client import ControlClient
from paranad.web.actions import ACTIONS
from paranad.web.app import PAGES, guarded, web_of
from paranad.web.guard import TokenDoor
from paranad.web.rules import HEADERS, local_site
from paranad.web.sessions import Sessions, Tokens
from tests.support import answers
from tests.support.control_stand_in import StandIn
from tests.web.visitor import CUT_OFF, Visitor, listening, raw, served

MARKUP = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>&amp;"
BIDI = "أحمد \u202eevil\u202d \u2066x"
ENDLESS = "طويل" * 2500


@pytest.fixture
def visitor(stand_in: StandIn) -> Iterator[Visitor]:
    """Somebody who is signed in to the page of a daemon that answers what a test says."""
    stand_in.answer("GET", "status", answers.status())
    bound = listening()
    port = bound.getsockname()[1]
    tokens = Tokens()
    web = web_of(ControlClient(stand_in.path), SystemClock(), decide=True)
    with served(guarded(web, site=local_site(port), door=TokenDoor(tokens), sessions=Sessions()), bound):
        visitor = Visitor(port)
        visitor.enter(tokens.new())
        yield visitor


class Elements(HTMLParser):
    """Counts the elements of a page, and keeps what its attributes and texts say."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def key_in(text: str) -> str:
    found = re.search('name="key" value="([^"]+)"', text)
    assert found
    return found[1]


@pytest.mark.parametrize("text", [MARKUP, BIDI, ENDLESS], ids=["markup", "bidi", "endless"])
def test_text_of_the_courier_or_the_shop_stays_a_text(visitor: Visitor, stand_in: StandIn, text: str) -> None:
    job = answers.failed(7, text, args={"note": text}, attempts=[answers.attempt(error=text, traceback=text)])
    stand_in.answer("GET", "jobs/7", job)
    page = visitor.get("/jobs/7")
    assert 200 == page.status
    elements = Elements(page.text)
    assert 1 == elements.names.count("script"), "its own, in the head"
    assert "img" not in elements.names
    assert [] == [name for name, _ in elements.attributes if name.startswith("on") or name == "style"]
    shown = "".join(elements.texts)
    if text == MARKUP:
        assert text in shown
    assert not set("\u202a\u202b\u202c\u202d\u202e") & set(page.text), "no text turns round what stands beside it"


def test_no_get_changes_anything(visitor: Visitor, stand_in: StandIn) -> None:
    """Whatever a link, an image or a browser that looks ahead may ask for."""
    paths = [re.sub(r"{\w+:int}", "7", re.sub(r"{\w+:path}", "carts:expire", path)) for path in PAGES]
    assert len(paths) > 8
    for path in (*paths, *(f"/do/{name}?id=7&order=7&sure=1" for name in ACTIONS), "/language?language=ar"):
        for method in ("GET", "HEAD"):
            visitor.ask(method, path)
    assert {"GET"} == {method for method, _, _ in stand_in.asked}


@pytest.mark.parametrize(
    "name", ["drain", "backup", "reload", "flush", "../do/retry", "retry/", "RETRY", "", "sign-in"]
)
def test_no_act_is_done_that_is_not_listed(visitor: Visitor, stand_in: StandIn, name: str) -> None:
    assert name not in ACTIONS
    fields = {"key": key_in(visitor.get().text), "id": "7", "order": "7", "sure": "1"}
    visitor.post(f"/do/{name}", fields)
    assert {"GET"} == {method for method, _, _ in stand_in.asked}


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_no_act_is_done_without_the_session_s_key(visitor: Visitor, stand_in: StandIn, name: str) -> None:
    stand_in.asked.clear()
    answer = visitor.post(f"/do/{name}", {"key": "guess", "id": "7", "order": "7", "sure": "1"})
    assert 403 == answer.status
    assert [] == stand_in.asked


@pytest.mark.parametrize(
    "back", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/a\r\nSet-Cookie: b=c"]
)
def test_no_form_leads_elsewhere_or_writes_a_header(visitor: Visitor, stand_in: StandIn, back: str) -> None:
    stand_in.answer("POST", "jobs/7/retry", answers.job(7))
    key = key_in(visitor.get().text)
    for path, fields in (("/do/retry", {"id": "7"}), ("/language", {"language": "ar"})):
        answer = visitor.post(path, {"key": key, "back": back, **fields})
        assert (303, "/") == (answer.status, answer.location)
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd",
        "/static/....//app.py",
        "/static//etc/passwd",
        "/static/%00style.css",
        "/static/..\\app.py",
        "/static/",
        "/static",
    ],
)
def test_nothing_but_the_page_s_own_files_is_given_out(visitor: Visitor, path: str) -> None:
    for cookie in (visitor.cookie, "none=1"):
        answer = visitor.get(path, Cookie=cookie)
        assert answer.status in {307, 403, 404, 405}, unquote(path)
        assert "root:" not in answer.text
        assert "import " not in answer.text


def test_style_sheet_is_given_to_anybody_and_asked_for_again_after_an_upgrade(visitor: Visitor) -> None:
    answer = visitor.get("/static/style.css", Cookie="none=1")
    assert (200, ["no-cache"]) == (answer.status, answer.headers["cache-control"])
    again = visitor.get("/static/style.css", Cookie="none=1", If_None_Match=answer.headers["etag"][0])
    assert (304, ["no-cache"], "") == (again.status, again.headers["cache-control"], again.text)


def test_answer_to_whatever_is_asked_has_the_headers_once(visitor: Visitor) -> None:
    for path in (*("/", "/jobs/7", "/nothing", "/static/style.css", "/static/nothing", "/do/retry"), "/jobs?cursor=x"):
        answer = visitor.get(path)
        assert {name: [value] for name, value in HEADERS.items()} == {name: answer.headers[name] for name in HEADERS}


def test_request_that_smuggles_another_is_refused(visitor: Visitor) -> None:
    """A length and chunks at once: two programs would read two different requests."""
    head = (
        f"POST /do/retry HTTP/1.1\r\nHost: {visitor.host}\r\nOrigin: http://{visitor.host}\r\n"
        f"Cookie: {visitor.cookie}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    smuggled = f"0\r\n\r\nGET / HTTP/1.1\r\nHost: {visitor.host}\r\nCookie: {visitor.cookie}\r\n\r\n"
    answer = raw(visitor.port, head.encode(), smuggled.encode())
    assert answer[:12] in {b"HTTP/1.1 400", b"HTTP/1.1 403", CUT_OFF}
    assert b"<main" not in answer.partition(b"HTTP/1.1 200")[2]


def test_cookie_of_10_000_characters_is_nobody(visitor: Visitor, tmp_path: Path) -> None:
    assert 403 == visitor.get(Cookie=f"{visitor.cookie}{'x' * 10_000}").status
    assert 403 == visitor.get(Cookie="; ".join(f"a{number}=b" for number in range(500))).status
