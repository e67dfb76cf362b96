"""The owner's phone: the page behind nginx with TLS, in a real browser, in Arabic."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import PHONE, SWITCHES, Visit, visiting
from tests.browser.world import World
from tests.support.nginx import HOST, PROGRAM, WITHOUT_NGINX, bound_port, nginx
from tests.web.phone import PASSWORD, Service, set_password, started
from tests.web.visitor import PATIENCE_S

pytestmark = pytest.mark.skipif(PROGRAM is None, reason=WITHOUT_NGINX)


@pytest.fixture
def phone(browser: Browser, world: World, tmp_path: Path) -> Iterator[Visit]:
    """A window that finds the page's name on this machine, and takes its certificate."""
    set_password(world.ground.folder)
    with ExitStack() as opened:
        bound = opened.enter_context(bound_port())
        host, page = f"{HOST}:{bound.getsockname()[1]}", tmp_path / "web.sock"
        web = {"PARANAD_WEB__SOCKET": str(page), "PARANAD_WEB__HOST": host, "PARANAD_LOG__FORMAT": "json"}
        process = opened.enter_context(started(world.ground.config, **web))
        Service(process, page, world.ground.folder / "web.password").told("web.ready")
        opened.enter_context(nginx(tmp_path, bound, page))
        switches = [*SWITCHES, f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]
        own = browser.browser_type.launch(executable_path="/usr/bin/chromium", args=switches)
        opened.callback(own.close)
        yield opened.enter_context(visiting(own, f"https://{host}", PHONE, ignore_https_errors=True))


def test_owner_signs_in_sees_what_happens_and_signs_out(phone: Visit, world: World) -> None:
    page = phone.page
    phone.go("/jobs")
    expect(page.locator("h1")).to_have_text("تسجيل الدخول")
    phone.assert_fits()
    phone.assert_accessible()
    phone.picture("sign-in")
    page.get_by_label("كلمة المرور").fill("a wrong pass word")
    page.get_by_role("button").click()
    expect(page.get_by_text("كلمة المرور غير صحيحة")).to_be_visible()
    page.get_by_label("كلمة المرور").fill(PASSWORD)
    page.get_by_role("button").click()
    expect(page.locator("h1")).to_have_text("المهام")
    assert page.url == f"{phone.origin}/jobs"
    job_id = world.dispatch("promotions:expire", delay="1h")
    expect(page.get_by_role("link", name=str(job_id)).first).to_be_visible(timeout=PATIENCE_S * 1000)
    [session] = [each for each in phone.context.cookies() if each["name"] == "__Host-paranad"]
    assert (True, True, "Strict") == (session["secure"], session["httpOnly"], session["sameSite"])
    phone.complaints.clear()  # that a page which asks for a password answers 403 is meant
    page.get_by_role("button", name="تسجيل الخروج").click()
    expect(page.locator("h1")).to_have_text("تسجيل الدخول")
