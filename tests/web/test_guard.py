"""What passes the guard and what does not, on a real socket, with a page behind it that answers everything."""

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message

from paranad.cli.screen.blocks import Line
from paranad.cli.screen.say import written
from paranad.web import connections, live
from paranad.web.guard import Guard, TokenDoor, key_of
from paranad.web.page import Page
from paranad.web.rules import BODY_BYTES, CUT_SHORT, HEADERS, SIGNED_OUT, Refused, body_of, local_path, local_site
from paranad.web.sessions import IDLE, Sessions, Tokens
from tests.web.visitor import CUT_OFF, PATIENCE_S, Visitor, Watch, listening, raw, served

CROSS = {"Sec_Fetch_Site": "cross-site"}


def draw(request: Request, page: Page) -> Response:
    lines = [written(each.text) for each in page.pieces if isinstance(each, Line)]
    return PlainTextResponse("\n".join(lines), page.status)


def echo(request: Request) -> Response:
    return JSONResponse({"path": request.url.path, "key": key_of(request)})


async def take(request: Request) -> Response:
    return JSONResponse(dict((await request.form()).items()))


def broken(request: Request) -> Response:
    raise ValueError


def endless(request: Request) -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        while True:
            yield b"."
            await asyncio.sleep(0)

    return StreamingResponse(chunks(), media_type="text/event-stream")


@dataclass
class House:
    """The page, and what a test turns."""

    port: int
    watch: Watch
    sessions: Sessions
    tokens: Tokens = field(default_factory=Tokens)

    def visitor(self) -> Visitor:
        """Return a browser that came in by an address of its own."""
        visitor = Visitor(self.port)
        visitor.enter(self.tokens.new())
        return visitor

    def key(self, visitor: Visitor) -> str:
        return str(json.loads(visitor.get().text)["key"])


@pytest.fixture
def house() -> Iterator[House]:
    bound = listening()
    port = bound.getsockname()[1]
    watch = Watch()
    house = House(port, watch, Sessions(watch))
    app = Starlette(
        routes=[
            Route("/do/take", take, methods=["POST"]),
            Route("/broken", broken),
            Route("/live", endless),
            Route("/{path:path}", echo),
        ]
    )
    guard = Guard(app, site=local_site(port), door=TokenDoor(house.tokens), sessions=house.sessions, draw=draw)
    with served(guard, bound):
        yield house


def test_address_opens_the_page_once_and_leaves_the_address_bar(house: House) -> None:
    token, visitor, late = house.tokens.new(), Visitor(house.port), Visitor(house.port)
    answer = visitor.enter(token)
    assert (303, "/") == (answer.status, answer.location)
    assert 200 == visitor.get().status
    again = late.get(f"/?token={token}")
    assert 403 == again.status
    assert "press Enter in the terminal" in again.text
    assert "set-cookie" not in again.headers


def test_who_is_in_may_open_the_address_again(house: House) -> None:
    """As by "back"; that uses nothing up."""
    visitor = house.visitor()
    token = house.tokens.new()
    assert 303 == visitor.get(f"/?token={token}").status
    assert 303 == Visitor(house.port).get(f"/?token={token}").status


def test_cookie_is_out_of_reach_for_scripts_and_other_sites(house: House) -> None:
    [cookie] = Visitor(house.port).get(f"/?token={house.tokens.new()}").headers["set-cookie"]
    name, *attributes = cookie.split("; ")
    assert name.startswith(f"paranad-{house.port}=")
    assert ["Path=/", "HttpOnly", "SameSite=Strict"] == attributes


@pytest.mark.parametrize(
    "path", ["/", "/jobs", "/live", "/do/take", "/?token=", "/?token=guess", "/orders?token=guess", "/broken"]
)
def test_without_a_session_there_is_a_sentence_and_nothing_else(house: House, path: str) -> None:
    """As for another local user."""
    answer = Visitor(house.port).get(path)
    assert 403 == answer.status
    assert "paranadctl web" in answer.text
    assert "key" not in answer.text
    assert "set-cookie" not in answer.headers


def test_a_head_request_or_a_browser_that_looks_ahead_uses_no_address_up(house: House) -> None:
    token = house.tokens.new()
    assert 403 == Visitor(house.port).ask("HEAD", f"/?token={token}").status
    assert 403 == Visitor(house.port).get(f"/?token={token}", Sec_Purpose="prefetch;prerender").status
    assert 303 == Visitor(house.port).get(f"/?token={token}").status


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "0.0.0.0:{port}", "[::1]:{port}", ""]
)
def test_only_its_own_names_lead_to_it(house: House, host: str) -> None:
    """Or another site's name would, once its address changes to this machine's: DNS rebinding."""
    visitor = house.visitor()
    assert 200 == visitor.get(Host=f"localhost:{house.port}").status
    assert 403 == visitor.get(Host=host.format(port=house.port)).status
    assert 403 == visitor.get(Host=None).status


def test_a_second_host_header_is_refused(house: House) -> None:
    head = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nHost: evil.example\r\n\r\n"
    assert raw(house.port, head.encode()).startswith(b"HTTP/1.1 403")


def test_form_with_its_key_passes_whole(house: House) -> None:
    visitor = house.visitor()
    key = house.key(visitor)
    answer = visitor.post("/do/take", {"key": key, "order": "318", "words": "سطر\nآخر"})
    assert {"key": key, "order": "318", "words": "سطر\nآخر"} == json.loads(answer.text)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Origin": None},
        {"Origin": ""},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": "http://localhost:{port}"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/json"},
        {"Content_Type": "multipart/form-data; boundary=x"},
        {"Content_Type": None},
    ],
)
def test_form_that_is_not_sent_by_our_own_page_is_refused(house: House, headers: dict[str, str | None]) -> None:
    visitor = house.visitor()
    key = house.key(visitor)
    sent = {name: value and value.format(port=house.port) for name, value in headers.items()}
    assert visitor.post("/do/take", {"key": key}, **sent).status in {403, 415}


def test_form_without_its_own_session_s_key_is_refused(house: House) -> None:
    visitor, other = house.visitor(), house.visitor()
    for fields in ({}, {"key": ""}, {"key": house.key(other)}, {"key": house.key(visitor)[:-1]}):
        answer = visitor.post("/do/take", fields)
        assert 403 == answer.status
        assert "earlier visit" in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(house: House, method: str) -> None:
    assert 405 == house.visitor().ask(method, "/").status


def test_another_site_may_link_here_and_no_more(house: House) -> None:
    """A link opens the page by a step of our own, since the first request comes without the cookie."""
    bare = Visitor(house.port).get("/jobs?state=failed", **CROSS)
    assert 200 == bare.status
    assert '<meta http-equiv="refresh" content="0;url=/jobs?state=failed">' in bare.text
    again = Visitor(house.port).get("/jobs", **CROSS, Referer=f"http://127.0.0.1:{house.port}/jobs")
    assert 403 == again.status, "a browser that says cross-site of our own step is not sent round in a circle"
    visitor = house.visitor()
    assert 200 == visitor.get("/jobs", **CROSS).status
    for mode, dest in (("no-cors", "script"), ("cors", "empty"), ("navigate", "iframe"), ("navigate", "object")):
        for site in ("cross-site", "same-site"):
            got = visitor.get("/jobs", Sec_Fetch_Site=site, Sec_Fetch_Mode=mode, Sec_Fetch_Dest=dest)
            assert 403 == got.status, (site, mode, dest)


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example", "/%5Cevil.example", "/%0d%0aX:y", "/%E2%80%AE"])
def test_paths_that_browsers_read_otherwise_are_no_pages(house: House, path: str) -> None:
    answer = Visitor(house.port).get(path, **CROSS)
    assert 404 == answer.status
    assert "evil" not in answer.text


def test_stream_of_a_live_page_ends_with_its_session(house: House) -> None:
    visitor = house.visitor()
    connection = HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", "/live", headers={"Host": visitor.host, "Cookie": visitor.cookie})
        live = connection.getresponse()
        assert (200, b".") == (live.status, live.read(1))
        house.watch.pass_(IDLE)
        assert set(live.read()) <= set(b".")
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/broken", 500), ("/?token=x", 303), ("//", 404), ("/static/nothing", 200)]
)
def test_every_answer_has_the_headers(house: House, path: str, status: int) -> None:
    answer = house.visitor().get(path)
    assert status == answer.status
    assert_guarded(answer.headers)


def assert_guarded(headers: dict[str, list[str]] | object) -> None:
    assert isinstance(headers, dict)
    assert {name: [value] for name, value in HEADERS.items()} == {name: headers[name] for name in HEADERS}
    assert "server" not in headers
    (date,) = headers["date"]
    assert parsedate_to_datetime(date).tzinfo is not None


def test_errors_and_refusals_have_them_too(house: House) -> None:
    visitor = Visitor(house.port)
    refused = [visitor.get(), visitor.get(Host="evil"), visitor.ask("PUT", "/"), visitor.post("/do/take", {})]
    for answer in refused:
        assert_guarded(answer.headers)
        assert ["no-store"] == answer.headers["cache-control"]
    head, _, _ = raw(house.port, b"nonsense\r\n\r\n").decode().partition("\r\n\r\n")
    assert HEADERS.items() <= dict(line.split(": ", 1) for line in head.split("\r\n")[1:]).items()


def test_nothing_but_what_is_the_same_for_all_is_kept_by_a_cache(house: House) -> None:
    visitor = house.visitor()
    assert ["no-store"] == visitor.get().headers["cache-control"]
    assert ["no-cache"] == visitor.get("/static/style.css").headers["cache-control"]


def test_long_form_is_refused_before_it_is_read(house: House) -> None:
    visitor = house.visitor()
    answer = visitor.post("/do/take", {}, Content_Length=str(BODY_BYTES + 1))
    assert 413 == answer.status
    assert ["close"] == answer.headers["connection"]


def test_long_form_in_pieces_is_refused_too(house: House) -> None:
    visitor = house.visitor()
    head = (
        f"POST /do/take HTTP/1.1\r\nHost: {visitor.host}\r\nOrigin: http://{visitor.host}\r\n"
        f"Cookie: {visitor.cookie}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    piece = b"4000\r\n" + b"a" * 0x4000 + b"\r\n"
    assert raw(house.port, head.encode(), *[piece] * 5)[:12] in {b"HTTP/1.1 413", CUT_OFF}


async def test_form_that_is_cut_off_is_no_shorter_form() -> None:
    """Or `state=failed&task=a` without its end would be every task's."""
    pieces: Iterator[Message] = iter(
        [{"type": "http.request", "body": b"state=failed", "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> Message:
        return next(pieces)

    assert Refused(400, CUT_SHORT) == await body_of(receive)


def test_long_head_is_refused(house: House) -> None:
    head = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nX: ".encode()
    assert raw(house.port, head, b"x" * 40_000)[:12] in {b"HTTP/1.1 400", CUT_OFF}


def test_form_of_nonsense_is_refused(house: House) -> None:
    visitor = house.visitor()
    sent: dict[str, str] = {"Origin": f"http://{visitor.host}", "Sec_Fetch_Site": "same-origin"}
    sent["Content_Type"] = "application/x-www-form-urlencoded"
    for body in (b"\xff\xfe", b"&".join([b"a=b"] * 500), b"%"):
        assert 403 == visitor.ask("POST", "/do/take", body, **sent).status


def test_forgotten_page_is_closed_after_half_an_hour_though_it_renews_itself(house: House) -> None:
    visitor = house.visitor()
    renews = {"Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty", "Sec_Fetch_Site": "same-origin", "Accept": "*/*"}
    for _ in range(5):
        house.watch.pass_(IDLE / 6)
        assert 200 == visitor.get(**renews).status
    house.watch.pass_(IDLE / 6)
    assert 403 == visitor.get(**renews).status
    assert 403 == visitor.get().status


def test_page_that_somebody_uses_stays_open(house: House) -> None:
    visitor = house.visitor()
    for _ in range(6):
        house.watch.pass_(IDLE / 2)
        assert 200 == visitor.get().status


def test_signing_out_ends_the_session_and_its_cookie(house: House) -> None:
    visitor = house.visitor()
    assert 403 == visitor.post("/do/sign-out", {}).status
    answer = visitor.post("/do/sign-out", {"key": house.key(visitor)})
    assert (303, "/") == (answer.status, answer.location)
    assert "Max-Age=0" in answer.headers["set-cookie"][0]
    assert 403 == visitor.get().status
    assert 0 == len(house.sessions)


def test_a_cookie_of_the_same_name_from_another_port_locks_nobody_out(house: House) -> None:
    visitor = house.visitor()
    name = visitor.cookie.partition("=")[0]
    assert 200 == visitor.get(Cookie=f"{name}=forged; {visitor.cookie}").status
    assert 200 == visitor.get(Cookie=f"{visitor.cookie}; {name}=forged").status
    assert 403 == visitor.get(Cookie=f"{name}=forged").status


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "jobs",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "http://evil.example",
            "javascript:alert(1)",
        ),
        *(
            "/\t/evil.example",
            "/\n/evil.example",
            "/ok\r\nSet-Cookie: a=b",
            "///evil.example",
            "/\u202e",
            "/" + "a" * 3000,
        ),
        *("https:/evil.example", "/\x00", " //evil.example", "\x01//evil.example"),
    ],
)
def test_no_form_leads_to_another_site(text: str) -> None:
    assert "/" == local_path(text)


@pytest.mark.parametrize("text", ["/", "/jobs?state=failed&page=2", "/orders/318", "/%2Fevil.example", "/a//b"])
def test_path_of_the_site_leads_back(text: str) -> None:
    assert text == local_path(text)


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes another user")
def test_another_local_user_has_no_use_for_a_cookie_that_reached_them(house: House) -> None:
    """A browser sends it to a server of theirs on another port of 127.0.0.1."""
    visitor = house.visitor()
    assert 200 == visitor.get().status
    os.seteuid(65534)
    try:
        stolen = visitor.get()
    finally:
        os.seteuid(0)
    assert 403 == stolen.status


def test_only_who_is_signed_out_is_told_so_by_the_header_that_open_pages_look_for(house: House) -> None:
    """An open page closes by it, and by it alone: what the daemon refuses is a page like any other."""
    visitor = house.visitor()
    assert SIGNED_OUT not in visitor.get().headers
    assert SIGNED_OUT not in visitor.get(Host="evil").headers
    house.watch.pass_(IDLE)
    assert ["1"] == visitor.get().headers[SIGNED_OUT]
    script = Path(live.__file__).with_name("static") / "live.js"
    assert f'has("{SIGNED_OUT}")' in script.read_text("utf-8")


def test_kernel_is_asked_for_a_known_cookie_alone_and_once_a_connection(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = house.visitor()
    asked: list[str] = []

    def told(*_: object) -> int:
        asked.append(threading.current_thread().name)
        return os.getuid()

    monkeypatch.setattr(connections, "uid_of", told)
    name = visitor.cookie.partition("=")[0]
    for cookie in ("other=1", f"{name}=guess"):
        assert 403 == visitor.get(Cookie=cookie).status
    assert [] == asked
    connection = HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE_S)
    try:
        for _ in range(3):
            connection.request("GET", "/", headers={"Host": visitor.host, "Cookie": visitor.cookie})
            answer = connection.getresponse()
            assert (200, True) == (answer.status, bool(answer.read()))
    finally:
        connection.close()
    assert 1 == len(asked)
    assert "AnyIO" in asked[0], "in a thread: the loop is not kept"


def test_address_is_not_used_up_where_the_kernel_does_not_say_whose_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = house.tokens.new()
    with monkeypatch.context() as patched:
        patched.setattr(connections, "uid_of", lambda *_: None)
        refused = Visitor(house.port).get(f"/?token={token}")
        assert (403, True) == (refused.status, "It is not used up" in refused.text)
        assert "set-cookie" not in refused.headers
    assert 303 == Visitor(house.port).get(f"/?token={token}").status
