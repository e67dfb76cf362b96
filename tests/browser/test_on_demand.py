"""What the page says of work that only PHP can do: what waits for it, since when, and who sends pushes."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import LOOKS, Look, visiting
from tests.browser.world import page_of
from tests.support import answers
from tests.support.answers import AT
from tests.support.control_stand_in import stand_in_at
from tests.support.daemon import Ground

CLASSES = {"App\\Mail\\OrderShipped": 3, "App\\Notifications\\" + "AVeryLongNameOfANotification" * 4: 12}


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_now_says_what_waits_for_php(browser: Browser, tmp_path: Path, look: Look) -> None:
    php = answers.php(
        mode="on-demand",
        status_notices="php",
        state="asked",
        reason="a worker is asked for since 12:00:00",
        waiting=15,
        by_class=CLASSES,
        oldest_due_at=AT,
        runs=2,
        last_run_at=AT,
    )
    with stand_in_at(tmp_path / "control.sock") as daemon:
        daemon.answer("GET", "status", answers.status(php=php))
        with page_of(Ground(tmp_path, "", "")) as web, visiting(browser, web.origin, look) as visit:
            visit.page.goto(web.address)
            for name in CLASSES:
                expect(visit.page.locator("main")).to_contain_text(name)
            visit.picture("now-php-waits")
            visit.assert_fits()
            visit.assert_accessible()
