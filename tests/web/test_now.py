"""Page Now, as a browser gets it over real sockets."""

import re
from pathlib import Path

import pytest

from paranad.arabic.words import ARABIC
from paranad.control.problems import NO_SUCH_ROUTE
from paranad.control.remarks import COURIER_DOOR_CLOSED, SHIPMENTS_HELD
from paranad.web.app import PAGES
from paranad.web.page import Page, View
from tests.support import answers
from tests.support.control_stand_in import StandIn
from tests.web.conftest import opened

IN_ARABIC = {"accept-language": "ar-IQ,ar;q=0.9,en;q=0.5"}
HELD = {"intended": 0, "created": 0, "held": 1, "needs_person": [318]}


def text_of(html: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", html).split())


async def test_now_says_what_the_status_says(stand_in: StandIn) -> None:
    job = answers.failed(4812, "the thing <b>broke</b>")
    failed = {"count": 1, "last": [job.model_dump(mode="json")]}
    held = SHIPMENTS_HELD(held=1)
    stand_in.answer(
        "GET",
        "status",
        answers.status(shipments=HELD, failed=failed, notes=[held.text], remarks=[held.remark()]),
    )
    async with opened(stand_in.path) as browser:
        answer = await browser.get("/")
    assert answer.status_code == 200
    assert '<html lang="en" dir="ltr">' in answer.text
    assert re.search('<a href="/shipments/318" [^>]*>order 318 needs a person</a>', answer.text)
    assert '<a href="/jobs/4812">4812</a>' in answer.text
    assert "&lt;b&gt;broke&lt;/b&gt;" in answer.text
    assert "1 shipment to be decided by a person" in text_of(answer.text)


async def test_now_in_arabic_by_the_browser_s_wish(stand_in: StandIn) -> None:
    stand_in.answer("GET", "status", answers.status(shipments=HELD, bridge=answers.bridge(reason="-")))
    async with opened(stand_in.path, **IN_ARABIC) as browser:
        page = (await browser.get("/")).text
    assert '<html lang="ar" dir="rtl">' in page
    assert "شحنات تحتاج إلى قرار شخص" in page
    main = page.partition("<main")[2].partition("</main>")[0]
    words = set(re.findall("[A-Za-z]{3,}", text_of(re.sub("(?s)<code.*?</code>", "", f"<main{main}"))))
    assert words <= {"high", "default", "jobs", "carts", "expire"}, "names alone are in Latin letters"


async def test_now_says_that_the_courier_s_door_is_closed_and_when_it_is_asked_again(stand_in: StandIn) -> None:
    note = COURIER_DOOR_CLOSED(at="12:00:30", reason="no answer in time")
    limiter = {"used": 3, "limit": 28, "window_s": 30.0, "waiting": 0, "closed_until": None}
    at = "2026-03-02T12:00:00+03:00"
    door = {"state": "closed", "since": at, "next_try_at": at, "reason": "no answer in time"}
    courier = {"limiter": limiter, "door": door, "login": "ok", "reason": None}
    stand_in.answer("GET", "status", answers.status(courier=courier, notes=[note.text], remarks=[note.remark()]))
    async with opened(stand_in.path) as browser:
        page = text_of((await browser.get("/")).text)
    assert "What is wrong, and what to do" in page
    assert "so no order is sent; it is asked again at 12:00:30" in page
    assert "no order is sent, since" in page
    async with opened(stand_in.path, **IN_ARABIC) as browser:
        assert "فلا يُرسل أي طلب" in text_of((await browser.get("/")).text)


async def test_now_counts_what_waits_to_be_sent_while_a_pause_holds_it(stand_in: StandIn) -> None:
    stand_in.answer("GET", "status", answers.status(shipments=HELD | {"waiting": 5, "waiting_for": "pause"}))
    async with opened(stand_in.path) as browser:
        page = text_of((await browser.get("/")).text)
    assert "after the pause" in page


async def test_language_is_switched_by_a_form(stand_in: StandIn) -> None:
    stand_in.answer("GET", "status", answers.status())
    async with opened(stand_in.path) as browser:
        answer = await browser.post("/language", data={"language": "ar", "back": "/?a=1"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/?a=1")
        assert 'dir="rtl"' in (await browser.get("/")).text
        answer = await browser.post("/language", data={"language": "xx", "back": "//evil.example/"})
        assert answer.headers["location"] == "/"
        assert 'dir="rtl"' in (await browser.get("/")).text


async def test_daemon_that_does_not_run_is_a_page_with_a_cure(tmp_path: Path) -> None:
    async with opened(tmp_path / "none.sock") as browser:
        answer = await browser.get("/")
        arabic = await browser.get("/", headers=IN_ARABIC)
    assert answer.status_code == arabic.status_code == 503
    assert "systemctl start paranad" in answer.text
    assert "الخدمة لا تجيب" in arabic.text
    assert "Traceback" not in answer.text


async def test_daemon_of_another_version_is_a_sentence(stand_in: StandIn) -> None:
    of = answers.status().model_dump(mode="json")
    stand_in.answer("GET", "status", {**of, "daemon": {**of["daemon"], "version": "9.9"}})
    async with opened(stand_in.path) as browser:
        page = (await browser.get("/")).text
    assert "the daemon is paranad 9.9, this page is of paranad 0.1.0" in text_of(page)


async def test_another_program_behind_the_socket_is_a_page(stand_in: StandIn) -> None:
    stand_in.answer("GET", "status", {"hello": "world"})
    async with opened(stand_in.path) as browser:
        answer = await browser.get("/")
    assert answer.status_code == 502
    assert "it is not one of a paranad of this version" in text_of(answer.text)


async def test_page_that_an_earlier_daemon_does_not_know_is_a_sentence(stand_in: StandIn) -> None:
    stand_in.answer("GET", "status", answers.status())
    lacking = NO_SUCH_ROUTE(method="GET", path="/v1/settings")
    stand_in.refuse("GET", "settings", 404, "not-found", lacking)
    async with opened(stand_in.path) as browser:
        answer = await browser.get("/settings")
    assert answer.status_code == 502
    assert "the daemon is of another version and does not know this page" in answer.text
    assert "systemctl restart paranad" in answer.text


async def test_address_of_nothing_is_a_page(stand_in: StandIn) -> None:
    stand_in.answer("GET", "status", answers.status())
    async with opened(stand_in.path) as browser:
        answer = await browser.get("/nothing/here")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


async def test_defect_is_a_sentence_and_its_traceback_stays_with_the_program(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: View) -> Page:
        raise ZeroDivisionError("<script>")

    monkeypatch.setitem(PAGES, "/", broken)
    stand_in.answer("GET", "status", answers.status())
    async with opened(stand_in.path) as browser:
        answer = await browser.get("/")
    assert answer.status_code == 500
    assert "This page has a defect" in answer.text
    assert "Traceback" not in answer.text
    assert "<script>:" not in answer.text
    assert "ZeroDivisionError" in capsys.readouterr().err


async def test_what_was_halted_goes_on_by_a_button(stand_in: StandIn) -> None:
    paused = [answers.queue("high"), answers.queue("default", paused=True)]
    stand_in.answer("GET", "status", answers.status(queues=paused))
    stand_in.answer("POST", "resume", {})
    stand_in.answer("POST", "queues/high/pause", {})
    async with opened(stand_in.path, **IN_ARABIC) as browser:
        page = (await browser.get("/")).text
        assert {"pause", "resume", "sync"} == set(re.findall('action="/do/([^"]+)"', page)) - {"sign-out"}
        answer = await browser.post("/do/resume", data={"back": "/", "sure": "1"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        await browser.post("/do/pause", data={"queue": "high", "for": "2h", "reason": "why", "back": "/"})
        page = (await browser.get("/")).text
    assert ("POST", "resume", None) in stand_in.asked
    assert ("POST", "queues/high/pause", {"for": "2h", "reason": "why"}) in stand_in.asked
    assert ARABIC["all queues, tasks and schedule entries go on"] in page


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, ["standing by", "Machines", "web-1 works since", "web-2 (this one) stands by", "ask web-1"]),
        (IN_ARABIC, ["تنتظر احتياطاً", "الأجهزة", "يعمل منذ", "ينتظر احتياطاً"]),
    ],
)
async def test_now_of_a_machine_that_stands_by_says_which_one_works_and_offers_no_act(
    stand_in: StandIn, headers: dict[str, str], said: list[str]
) -> None:
    status = answers.status(standby=answers.standing_by()).model_dump(mode="json")
    status["daemon"]["state"] = "standby"
    stand_in.answer("GET", "status", status)
    async with opened(stand_in.path) as browser:
        answer = await browser.get("/", headers=headers)
    text = text_of(answer.text)
    assert [] == [each for each in said if each not in text]
    assert "<button" not in answer.text.partition("<main")[2].partition("</main>")[0]


async def test_an_entry_cannot_be_run_or_paused_on_a_machine_that_stands_by(stand_in: StandIn) -> None:
    status = answers.status(standby=answers.standing_by()).model_dump(mode="json")
    status["daemon"]["state"] = "standby"
    stand_in.answer("GET", "status", status)
    stand_in.answer("GET", "schedule", {"items": [answers.entry().model_dump(mode="json")]})
    async with opened(stand_in.path) as browser:
        page = (await browser.get("/schedule/carts:expire")).text.partition("<main")[2].partition("</main>")[0]
    assert "this machine stands by for web-1" in text_of(page)
    assert (2, 2) == (page.count("<button"), page.count(" disabled>"))


async def test_now_of_the_working_machine_shows_who_stands_by(stand_in: StandIn) -> None:
    stand_in.answer("GET", "status", answers.status(standby=answers.works()))
    async with opened(stand_in.path) as browser:
        text = text_of((await browser.get("/")).text)
    assert "web-2 stands by" in text
