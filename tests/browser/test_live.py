"""An open page keeps up with the daemon by itself, also over the daemon's end."""

from playwright.sync_api import expect

from tests.browser.conftest import Visiting
from tests.browser.visit import PHONE
from tests.browser.world import World


def test_page_changes_by_itself_when_a_job_fails(visit: Visiting, world: World) -> None:
    window = visit()
    window.go("/failed")
    job_id = world.failed_job()
    expect(window.page.get_by_role("main")).to_contain_text(str(job_id))
    expect(window.page.locator(f'main a[href="/jobs/{job_id}"]').first).to_be_visible()


def test_page_does_not_change_under_somebody_who_types(visit: Visiting, world: World) -> None:
    window = visit()
    window.go("/jobs")
    typed = window.page.locator('main form[method="get"] input[type="text"], main form[method="get"] input').first
    typed.fill("printer")
    world.failed_job()
    window.go("/failed") if not typed.is_visible() else None
    expect(typed).to_have_value("printer")


def test_daemon_that_stops_is_told_and_its_return_is_noticed(visit: Visiting, world: World) -> None:
    window = visit(PHONE)
    window.go("/")
    connection = window.page.locator("#connection")
    expect(connection).to_be_empty()
    world.kill()
    try:
        expect(connection).not_to_be_empty()
        window.picture("daemon-gone")
        window.assert_fits()
        window.page.reload()
        window.picture("daemon-gone-reloaded")
        window.assert_accessible()
    finally:
        world.start()
    expect(window.page.locator(".state.good")).to_be_visible()
    window.complaints.clear()  # the browser logs every answer of 503
