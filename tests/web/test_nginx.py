"""The snippet for nginx, tried with nginx: TLS, the password, a session, the live stream, what is refused."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import pytest

from paranad.web.rules import headers_of, public_site
from tests.support import answers
from tests.support.control_stand_in import StandIn
from tests.support.nginx import HOST, PROGRAM, WITHOUT_NGINX, Nginx, bound_port, nginx
from tests.web.phone import Phone, Service, configured, running, set_password
from tests.web.visitor import NAVIGATES, PATIENCE_S

pytestmark = pytest.mark.skipif(PROGRAM is None, reason=WITHOUT_NGINX)


class BehindNginx(HTTPSConnection):
    """HTTPS to nginx by its own name, which leads to this machine."""

    def __init__(self, server: Nginx) -> None:
        super().__init__(HOST, server.port, timeout=PATIENCE_S, context=server.trusting)

    def connect(self) -> None:
        raw = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)
        self.sock = self._context.wrap_socket(raw, server_hostname=HOST)  # type: ignore[attr-defined]


@dataclass
class TlsPhone(Phone):
    """A browser that reaches the page through nginx."""

    server: Nginx | None = None

    def connection(self) -> HTTPConnection:
        assert self.server
        return BehindNginx(self.server)


@dataclass(frozen=True, slots=True)
class Site:
    """nginx, and the page behind it."""

    service: Service
    server: Nginx

    def phone(self) -> TlsPhone:
        return TlsPhone(self.service.socket, self.server.host, server=self.server)


@pytest.fixture
def site(tmp_path: Path, stand_in: StandIn) -> Iterator[Site]:
    stand_in.answer("GET", "status", answers.status())
    set_password(tmp_path)
    with bound_port() as bound:
        host = f"{HOST}:{bound.getsockname()[1]}"
        with (
            running(configured(tmp_path, stand_in.path, host=host)) as service,
            nginx(tmp_path, bound, service.socket) as server,
        ):
            yield Site(service, server)


def test_password_opens_the_page_behind_nginx(site: Site) -> None:
    phone = site.phone()
    assert 403 == phone.get().status
    assert 303 == phone.sign_in().status
    page = phone.get()
    assert 200 == page.status
    assert "Sign out" in page.text
    assert 303 == phone.post("/do/sign-out", {"key": phone.key()}).status
    assert 403 == phone.get().status


def test_headers_come_through_once(site: Site) -> None:
    phone = site.phone()
    expected = headers_of(public_site(HOST))
    for answer in (phone.get(), phone.sign_in(), phone.get(), phone.get("/static/style.css")):
        assert {name: [value] for name, value in expected.items()} == {name: answer.headers[name] for name in expected}
        assert ["nginx"] == answer.headers["server"], "without its version"


def test_live_stream_comes_through_as_it_is_said(site: Site) -> None:
    phone = site.phone()
    phone.sign_in()
    connection = phone.connection()
    cookie = "; ".join(f"{name}={value}" for name, value in phone.cookies.items())
    live = {"Host": phone.host, "Cookie": cookie, "Accept": "text/event-stream", "Sec-Fetch-Site": "same-origin"}
    try:
        connection.request("GET", "/live", headers=live)
        answer = connection.getresponse()
        assert (200, "text/event-stream; charset=utf-8") == (answer.status, answer.getheader("Content-Type"))
        assert b": listening\n" == answer.readline()
    finally:
        connection.close()


def test_address_of_the_browser_is_nginx_s_word_and_not_the_browser_s(site: Site) -> None:
    """Or whoever guesses would have another address for each guess."""
    phone = site.phone()
    phone.address = "198.51.100.1, 198.51.100.2"
    phone.sign_in("a wrong pass word")
    assert "127.0.0.1" == site.service.told("web.refused")["address"]


def test_long_form_ends_at_nginx(site: Site) -> None:
    answer = site.phone().post("/do/sign-in", {"password": "x" * 70_000})
    assert 413 == answer.status


@pytest.mark.parametrize("host", ["evil.example", HOST, "127.0.0.1:{port}"])
def test_no_other_name_leads_to_the_page(site: Site, host: str) -> None:
    phone = site.phone()
    phone.sign_in()
    assert 403 == phone.get(Host=host.format(port=site.server.port)).status


def test_bare_http_leads_nowhere(site: Site) -> None:
    connection = HTTPConnection("127.0.0.1", site.server.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", "/", headers={"Host": site.server.host, **NAVIGATES})
        assert 400 == connection.getresponse().status
    finally:
        connection.close()


def test_no_search_stands_in_a_log_of_nginx_whether_the_page_answers_or_not(site: Site, tmp_path: Path) -> None:
    phone = site.phone()
    phone.sign_in()
    assert 200 == phone.get("/orders?find=07701234567").status
    phone.get("/orders", Referer=f"https://{phone.host}/orders?find=07701234567")
    site.service.process.terminate()
    site.service.process.wait(PATIENCE_S)
    assert 502 == phone.get("/orders?find=07701234567").status
    site.server.stop()
    logs = {log.name: log.read_text() for log in tmp_path.glob("*.log")}
    assert 3 == logs["nginx-paranad.log"].count('"GET /orders" ')
    assert not [name for name, text in logs.items() if "0770" in text]


def test_what_is_the_same_for_everybody_is_compressed_and_no_page_with_a_key_is(site: Site) -> None:
    phone = site.phone()
    phone.sign_in()
    for path in ("/", "/orders?find=x", "/nothing"):
        assert "content-encoding" not in phone.get(path, Accept_Encoding="gzip").headers
    assert 'name="key"' not in phone.get("/static/nothing?x").text
    connection = phone.connection()
    try:
        asked = {"Host": phone.host, "Accept-Encoding": "gzip"}
        connection.request("GET", "/static/style.css", headers=asked)
        assert "gzip" == connection.getresponse().getheader("Content-Encoding")
    finally:
        connection.close()
