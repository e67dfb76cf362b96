"""Who gets in, and what a browser may be told to do by a page that is not ours."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visiting
from tests.browser.other_site import other_site
from tests.browser.visit import DESKTOP, PHONE, PROGRAM, SWITCHES, Look, Visit, visiting
from tests.browser.world import Web, World, page_of

OTHER_HOSTS = pytest.mark.parametrize("host", ["localhost", "127.0.0.1"], ids=["another site", "another port"])


@pytest.fixture
def fresh(world: World) -> Iterator[Web]:
    """A page whose one-time address nobody has opened."""
    with page_of(world.ground) as web:
        yield web


@pytest.fixture
def stranger(browser: Browser, fresh: Web) -> Iterator[Visit]:
    """A window that is not signed in."""
    with visiting(browser, fresh.origin, DESKTOP) as visit:
        yield visit


def is_open(page: Page) -> bool:
    """Tell whether the page shows the shop's state rather than that it is closed."""
    return page.locator("nav.side, nav.bar").count() > 0


def test_one_time_address_opens_the_page_and_leaves_the_address_bar(stranger: Visit, fresh: Web) -> None:
    stranger.page.goto(fresh.address)
    assert is_open(stranger.page)
    assert stranger.page.url == f"{fresh.origin}/"
    assert [] == stranger.complaints


def test_one_time_address_opens_nothing_twice(browser: Browser, stranger: Visit, fresh: Web) -> None:
    stranger.page.goto(fresh.address)
    with visiting(browser, fresh.origin, PHONE) as second:
        answer = second.page.goto(fresh.address)
        assert answer
        assert (403, False) == (answer.status, is_open(second.page))
        second.picture("closed")
        second.assert_fits()
        second.assert_accessible()


def test_without_signing_in_nothing_is_shown(stranger: Visit) -> None:
    for path in ("/", "/orders", "/jobs/1", "/live", "/no-such-page"):
        stranger.page.goto(stranger.origin + path)
        assert not is_open(stranger.page), path


@OTHER_HOSTS
def test_one_time_address_works_from_a_link_elsewhere(stranger: Visit, fresh: Web, host: str) -> None:
    """In a chat, in a message: a cookie that is SameSite=Strict does not ride along on such a visit."""
    with other_site(f'<a href="{fresh.address}">open</a>', host) as address:
        stranger.page.goto(address)
        stranger.page.get_by_role("link").click()
        expect(stranger.page.locator("main h1")).to_be_visible()
    assert is_open(stranger.page)
    assert [] == stranger.complaints


def test_signed_in_reader_follows_a_link_from_elsewhere(visit: Visiting, world: World) -> None:
    window = visit()
    with other_site(f'<a href="{window.origin}/jobs/{world.past.failed[0]}">open</a>') as address:
        window.page.goto(address)
        window.page.get_by_role("link").click()
        expect(window.page.locator("main h1")).to_be_visible()
    assert is_open(window.page)


@OTHER_HOSTS
def test_form_of_another_site_changes_nothing(visit: Visiting, world: World, host: str) -> None:
    window, job_id = visit(), world.past.failed[1]
    form = (
        f'<form method=post action="{window.origin}/do/retry"><input name=id value={job_id}><input name=sure value=1>'
        "</form><script>document.forms[0].submit()</script>"
    )
    with other_site(form, host) as address, window.page.expect_response("**/do/retry") as answered:
        window.page.goto(address)
    assert 403 == answered.value.status
    assert "failed" == world.api.get("jobs", job_id)["state"]
    window.complaints.clear()


def test_no_page_is_framed(visit: Visiting) -> None:
    window = visit()
    with other_site(f'<iframe src="{window.origin}/" width=600 height=400></iframe>', "127.0.0.1") as address:
        window.page.goto(address)
        [_, frame] = window.page.frames
        assert "paranad" not in frame.content()
    window.complaints.clear()


def test_without_cookies_a_sentence_says_so(browser: Browser, fresh: Web, tmp_path: Path) -> None:
    """The switch of the browser itself, as a person would have set it."""
    settings = tmp_path / "Default"
    settings.mkdir()
    (settings / "Preferences").write_text('{"profile": {"default_content_setting_values": {"cookies": 2}}}')
    launched = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=PROGRAM, args=list(SWITCHES), **PHONE.options()
    )
    try:
        page = launched.pages[0]
        page.goto(fresh.address)
        assert not is_open(page)
        expect(page.locator("main")).to_contain_text("cookie")
    finally:
        launched.close()
        shutil.rmtree(tmp_path, ignore_errors=True)


def test_language_is_switched_and_kept(stranger: Visit, fresh: Web) -> None:
    page = stranger.page
    page.goto(fresh.address)
    page.get_by_role("button", name="العربية").click()
    html = page.locator("html")
    expect(html).to_have_attribute("dir", "rtl")
    stranger.go("/jobs")
    expect(html).to_have_attribute("lang", "ar")
    page.get_by_role("button", name="English").click()
    expect(html).to_have_attribute("dir", "ltr")
    assert page.url == f"{fresh.origin}/jobs"
    assert [] == stranger.complaints


def test_signing_out_ends_it(stranger: Visit, fresh: Web) -> None:
    page = stranger.page
    page.goto(fresh.address)
    page.locator('form[action="/do/sign-out"] button').click()
    expect(page.locator("main h1")).to_be_visible()
    stranger.go("/")
    assert not is_open(page)


@pytest.mark.parametrize("ahead", ["2020-01-01T00:00:00", "2036-01-01T00:00:00"])
def test_clock_of_the_browser_that_is_wrong_changes_nothing(visit: Visiting, ahead: str) -> None:
    window = visit(Look("ar", "phone"))
    window.page.clock.set_fixed_time(ahead)
    window.go("/")
    window.go("/jobs")
    assert is_open(window.page)


@pytest.mark.parametrize(
    "path",
    [
        "/jobs?state=nonsense",
        "/jobs?order=-1",
        "/jobs?queue=nowhere",
        "/jobs?cursor=%00%ff",
        "/jobs?text=" + "a" * 3000,
        "/orders?find=%3Cscript%3E",
        "/shipments?state=lost",
        "/log?level=loud&job=x",
        "/jobs/0",
        "/jobs/99999999999999999999999",
        "/jobs/abc",
        "/orders/0",
        "/orders/999999",
        "/shipments/999999",
        "/schedule/no-such-entry",
        "/no-such-page",
    ],
)
def test_nonsense_is_answered_with_a_sentence(visit: Visiting, path: str) -> None:
    window = visit(PHONE)
    assert window.go(path).status in {200, 400, 404, 422}
    assert is_open(window.page)
    expect(window.page.locator("main h1")).to_be_visible()
    assert "Traceback" not in window.page.content()
    window.assert_fits()
    window.assert_accessible()
    window.complaints[:] = [each for each in window.complaints if "40" not in each and "422" not in each]
