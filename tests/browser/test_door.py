"""What the page says while the courier does not answer: since when no order is sent, and when it is asked again."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from paranad.control.remarks import remarks_on_outages
from paranad.control.schemas import remark_of
from paranad.control.schemas_status import Status
from tests.browser.visit import LOOKS, Look, visiting
from tests.browser.world import page_of
from tests.support import answers
from tests.support.answers import AT
from tests.support.control_stand_in import stand_in_at
from tests.support.daemon import Ground


def closed() -> Status:
    """Return the status of a daemon that sends no order; a real one's door closes after minutes of outages."""
    plain = answers.status()
    door = {"state": "closed", "since": AT, "next_try_at": AT, "reason": "the courier answered with HTTP 503"}
    courier = plain.courier.model_copy(update={"door": type(plain.courier.door).model_validate(door)})
    status = plain.model_copy(update={"courier": courier})
    remarks = list(remarks_on_outages(status))
    return status.model_copy(update={"notes": list(map(str, remarks)), "remarks": list(map(remark_of, remarks))})


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_now_says_that_no_order_is_sent_and_when_the_courier_is_asked_again(
    browser: Browser, tmp_path: Path, look: Look
) -> None:
    with stand_in_at(tmp_path / "control.sock") as daemon:
        daemon.answer("GET", "status", closed())
        with page_of(Ground(tmp_path, "", "")) as web, visiting(browser, web.origin, look) as visit:
            visit.page.goto(web.address)
            said = {"en": "no order is sent", "ar": "لا يُرسل أي طلب"}[look.language]
            expect(visit.page.locator("main")).to_contain_text(said)
            visit.picture("now-door-closed")
            visit.assert_fits()
            visit.assert_accessible()
