"""The frame around a page: where one can go, what needs a person, how the daemon stands."""

import re
from dataclasses import replace

from paranad.cli.language import Language
from paranad.cli.screen.blocks import Line, Style
from paranad.cli.screen.say import say
from paranad.web.actions import ELSEWHERE
from paranad.web.app import PAGES
from paranad.web.html import Ink
from paranad.web.layout import PLACES, Frame, document, standing_of
from paranad.web.page import Act, Acts, Form, Page
from tests.support import answers

PAGE = Page(say("Jobs"), [Line(say("nothing"))])
STATUS = answers.status(
    shipments={"intended": 0, "created": 0, "held": 2, "needs_person": [4, 5]}, failed={"count": 0, "last": []}
)
FRAME = Frame(
    Ink(key="k3y", here="/jobs/12"), "0.1.0", answers.AT, "/jobs/12", standing_of(STATUS.model_dump(mode="json"))
)


def nav(html: str, kind: str) -> str:
    return str(re.findall(rf'<nav [^>]*class="{kind}".*?</nav>', html, re.DOTALL)[0])


def test_page_says_its_language_and_direction() -> None:
    assert '<html lang="en" dir="ltr">' in document(PAGE, FRAME)
    assert '<html lang="ar" dir="rtl">' in document(PAGE, replace(FRAME, ink=Ink(Language.ARABIC)))


def test_every_place_has_its_page_in_both_navigations() -> None:
    html = document(PAGE, FRAME)
    for kind in ("side", "bar"):
        assert re.findall(r'<a href="([^"]+)"', nav(html, kind)) == [place.href for place in PLACES]
    assert [place.href for place in PLACES if place.href not in PAGES] == []


def test_place_where_one_is_is_marked_and_what_needs_a_person_is_counted() -> None:
    side = nav(document(PAGE, FRAME), "side")
    assert re.findall(r'<a href="([^"]+)" aria-current="page">', side) == ["/jobs"]
    assert re.findall(r'class="count">(\d+)<span class="unseen"> ([^<]+)<', side) == [("2", "need a person")]


def test_first_link_skips_the_navigation() -> None:
    body = document(PAGE, FRAME).partition("<body")[2]
    assert re.search(r'<a href="#main" class="skip">[^<]+</a>', body)
    assert body.index('class="skip"') < body.index("<nav")


def test_what_was_done_is_said_first() -> None:
    html = document(PAGE, replace(FRAME, said=[Line(say("nothing"), Style.GOOD)]))
    assert re.search(r'<h1>Jobs</h1><div class="said" role="status"><div class="line good">nothing</div></div>', html)


def test_times_are_the_server_s() -> None:
    assert "12:00:00 (UTC+0300)" in document(PAGE, FRAME)


def test_nothing_of_script_or_style_stands_in_the_page() -> None:
    html = document(PAGE, FRAME)
    assert re.findall(r"<script[^>]*>", html) == ['<script src="/static/live.js" defer>']
    assert re.findall(r"<style| style=| on\w+=", html) == []


def test_a_search_is_renewed_slowly() -> None:
    searched, other = (document(Page("Jobs", [], slowly=slowly), FRAME) for slowly in (True, False))
    assert (True, False) == ("data-live-slowly" in searched, "data-live-slowly" in other)


def standby(works: str | None) -> Frame:
    """Return the frame of a machine that stands by for *works*; None: none works."""
    status = answers.status(standby=answers.standing_by(works=works)).model_dump(mode="json")
    status["daemon"]["state"] = "standby"
    return replace(FRAME, standing=standing_of(status))


def test_a_machine_that_stands_by_names_on_each_page_the_one_to_ask() -> None:
    html = document(PAGE, standby("web-1"))
    assert '<h1>Jobs</h1><div class="line warn">this machine stands by for web-1: ' in html
    assert "this machine stands by, and none is known to work: " in document(PAGE, standby(None))
    assert "this machine stands by" not in document(PAGE, replace(standby("web-1"), path="/"))  # it says more itself
    assert "this machine stands by" not in document(PAGE, FRAME)


def test_what_is_refused_cannot_be_pressed() -> None:
    acts = Acts([Act("retry", say("Retry")), Act("cancel", say("Cancel"))])
    page = Page(say("Jobs"), [acts, Form(Act("settle", say("Yes, it is")))])
    html = document(page, replace(FRAME, ink=replace(FRAME.ink, refused=ELSEWHERE)))
    assert re.findall(r'action="/do/(\w+)".*?<button([^>]*)>', html.partition("<footer")[0]) == [
        ("retry", ' type="submit" disabled'),
        ("cancel", ' type="submit"'),
        ("settle", ' type="submit" class="first" disabled'),
    ]
