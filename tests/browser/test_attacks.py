"""Attacks that take a real browser: other sites and other ports, frames, texts that would like to be more than text."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visiting
from tests.browser.shop import BIDI, MARKUP
from tests.browser.visit import DESKTOP, PHONE, Look, visiting
from tests.browser.world import Web, World, page_of

CHAT, NEIGHBOUR = "localhost", "127.0.0.1"
"""To a browser, `localhost` is another site than 127.0.0.1; another port of 127.0.0.1 is the same site."""
MEDDLED = ("/", "/orders", "/shipments", "/failed", "/jobs", "/schedule", "/alerts", "/tasks", "/doctor", "/log")


@dataclass
class Elsewhere:
    """A site of somebody else on this machine."""

    port: int
    page: str = ""
    cookies: list[str] = field(default_factory=list)
    """What browsers sent it."""

    def address(self, host: str) -> str:
        return f"http://{host}:{self.port}/"


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """Serves a page that a test writes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.cookies.append(self.headers.get("Cookie", ""))
            body = site.page.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Elsewhere(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def paused(world: World) -> list[str]:
    """Return the queues that are paused."""
    return [str(each["name"]) for each in world.api.get("status")["queues"] if each["paused"]]


def test_address_in_a_message_opens_the_page_once_and_leaves_the_address_bar(
    browser: Browser, world: World, elsewhere: Elsewhere
) -> None:
    """A strict cookie is not sent with the redirect that such a link leads to: the page asks for itself again."""
    with page_of(world.ground) as web:
        elsewhere.page = f'<a href="{web.address}">the page</a>'
        for host, title in ((CHAT, "Now"), (CHAT, "This page is closed")):
            with visiting(browser, web.origin, DESKTOP) as visit:
                visit.page.goto(elsewhere.address(host))
                visit.page.get_by_text("the page").click()
                expect(visit.page.locator("h1")).to_have_text(title)
                if title == "Now":
                    assert f"{web.origin}/" == visit.page.url
                    visit.page.go_back()
                    assert elsewhere.address(host) == visit.page.url


def test_link_from_another_site_opens_the_page_of_who_is_signed_in(
    visit: Visiting, web: Web, elsewhere: Elsewhere
) -> None:
    page = visit().page
    elsewhere.page = f'<a href="{web.origin}/jobs?state=completed">jobs</a>'
    page.goto(elsewhere.address(CHAT))
    page.get_by_text("jobs").click()
    expect(page.locator("h1")).to_have_text("Jobs")
    assert page.url.endswith("/jobs?state=completed")


@pytest.mark.parametrize("host", [CHAT, NEIGHBOUR])
def test_form_of_another_site_or_port_changes_nothing(
    browser: Browser, web: Web, signed_in: object, world: World, elsewhere: Elsewhere, host: str
) -> None:
    elsewhere.page = (
        f'<form method="post" action="{web.origin}/do/pause">'
        '<input name="queue" value="default"><input name="key" value="guess"><button>win</button></form>'
    )
    with visiting(browser, web.origin, DESKTOP, signed_in) as visit:
        visit.page.goto(elsewhere.address(host))
        visit.page.get_by_text("win").click()
        expect(visit.page.locator("main")).to_contain_text("Another site asked for this")
    assert [] == paused(world)


@pytest.mark.parametrize("host", [CHAT, NEIGHBOUR])
def test_page_is_not_shown_in_a_frame(
    browser: Browser, web: Web, signed_in: object, elsewhere: Elsewhere, host: str
) -> None:
    elsewhere.page = f'<iframe src="{web.origin}/shipments"></iframe>'
    with visiting(browser, web.origin, DESKTOP, signed_in) as visit:
        with visit.page.expect_response(f"{web.origin}/shipments") as answered:
            visit.page.goto(elsewhere.address(host))
        assert 403 == answered.value.status
        assert all("shipment" not in frame.content().lower() for frame in visit.page.frames[1:])


READS = """
async address => {
  const told = [];
  for (const mode of ["cors", "no-cors"]) {
    try { told.push((await (await fetch(address, { mode, credentials: "include" })).text()).length); }
    catch { told.push(0); }
  }
  const script = document.createElement("script");
  const loaded = new Promise(done => { script.onload = () => done("loaded"); script.onerror = () => done("refused"); });
  script.src = address + "jobs";
  document.head.append(script);
  return [...told, await loaded];
}
"""


@pytest.mark.parametrize("host", [CHAT, NEIGHBOUR])
def test_scripts_of_another_site_or_port_read_nothing(
    browser: Browser, web: Web, signed_in: object, elsewhere: Elsewhere, host: str
) -> None:
    elsewhere.page = "<h1>elsewhere</h1>"
    with visiting(browser, web.origin, DESKTOP, signed_in) as visit:
        visit.page.goto(elsewhere.address(host))
        assert [0, 0, "refused"] == visit.page.evaluate(READS, f"{web.origin}/")


def test_cookie_reaches_another_port_which_is_why_it_is_bound_to_a_uid(
    browser: Browser, web: Web, signed_in: object, elsewhere: Elsewhere
) -> None:
    """If browsers ever end this, the binding can go: web/guard.py, tests/web/test_guard.py."""
    with visiting(browser, web.origin, DESKTOP, signed_in) as visit:
        visit.page.goto(elsewhere.address(NEIGHBOUR))
    assert "paranad-" in elsewhere.cookies[0]


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=str)
def test_texts_that_attack_stay_texts(visit: Visiting, world: World, look: Look) -> None:
    """Markup runs nothing, a bidi override turns nothing round outside of its own text, 10,000 characters fit."""
    window = visit(look)
    window.page.on("dialog", lambda dialog: window.complaints.append(f"dialog: {dialog.message}"))
    for path in (*MEDDLED, *(f"/orders/{order}" for order in world.orders.hostile)):
        window.go(path)
        assert 0 == window.page.locator("main img, main script").count(), path
        window.assert_fits()
    window.go(f"/orders/{world.orders.hostile[0]}")
    expect(window.page.locator("main")).to_contain_text(MARKUP)


def test_order_with_a_bidi_override_shows_no_override(visit: Visiting, world: World) -> None:
    page = visit().page
    page.goto(f"{visit().origin}/orders/{world.orders.hostile[1]}")
    shown = page.locator("main").inner_text()
    assert "أحمد" in shown
    assert BIDI not in shown
    assert not set("\u202a\u202b\u202d\u202e") & set(shown)


def test_injected_markup_would_not_run_either(visit: Visiting) -> None:
    """What a page could still be made to hold has no right to anything: the content security policy."""
    window = visit()
    window.go("/")
    ran = window.page.evaluate(
        """() => new Promise(done => {
          const heard = [];
          document.addEventListener("securitypolicyviolation", event => heard.push(event.effectiveDirective));
          const put = html => document.body.insertAdjacentHTML("beforeend", html);
          put('<img src="https://evil.example/x"><p style="color: red">p</p>');
          put('<a href="javascript:window.hit=1" id="j">j</a>');
          const script = document.createElement("script");
          script.textContent = "window.hit = 1";
          document.body.append(script);
          document.getElementById("j").click();
          setTimeout(() => done([window.hit ?? 0, [...new Set(heard)].sort()]), 300);
        })"""
    )
    window.complaints.clear()
    assert [0, ["img-src", "script-src-elem", "style-src-attr"]] == ran


def test_page_that_was_left_open_is_gone_once_the_session_is(browser: Browser, world: World) -> None:
    """Another window of the same browser signs out: nothing of the shop stays in sight in this one."""
    with page_of(world.ground) as web, visiting(browser, web.origin, DESKTOP) as visit:
        visit.page.goto(web.address)
        expect(visit.page.locator("h1")).to_have_text("Now")
        other: Page = visit.context.new_page()
        other.goto(f"{web.origin}/jobs")
        other.get_by_text("Sign out").click()
        expect(other.locator("h1")).to_have_text("This page is closed")
        world.dispatch("carts:expire")
        expect(visit.page.locator("h1")).to_have_text("This page is closed")
