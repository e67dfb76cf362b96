"""Pieces as HTML: what each becomes, for those who see it, those who hear it, and those on a phone."""

import re

from paranad.cli.language import Language
from paranad.cli.screen.blocks import Cell, Heading, Line, Style, Table, Verbatim, columns
from paranad.cli.screen.say import say
from paranad.web.html import LONGEST_VERBATIM, Ink, write, write_all
from paranad.web.markup import tag
from paranad.web.page import (
    Act,
    Acts,
    Card,
    Cards,
    Choice,
    Field,
    Figure,
    Figures,
    Filter,
    Form,
    Linked,
    Pager,
    Picture,
    Piece,
)

EN = Ink(Language.ENGLISH, key="k3y", here="/jobs?state=failed")
AR = Ink(Language.ARABIC)
JOBS = Table(columns("#id", "task", "state"), [[12, "carts:expire", Cell(say("paused"), Style.WARN)]])


def drawn(piece: Piece, ink: Ink = EN) -> str:
    return str(write(piece, ink))


def test_table_names_its_columns_and_rows_for_who_hears_it_and_labels_its_cells_for_a_phone() -> None:
    html = drawn(JOBS)
    assert '<th scope="col" role="columnheader">task</th>' in html
    assert re.search(r'<th scope="row" role="rowheader" [^>]*data-label="id"><span>12</span></th>', html)
    assert re.search(r'<td role="cell" class="warn short" data-label="state"><span>paused</span></td>', html)
    assert 'data-label="الحالة"' in drawn(JOBS, AR)


def test_table_without_names_has_no_head_and_nothing_of_nothing() -> None:
    html = drawn(Table(["", ""], [[say("shop"), say("database reachable")], ["", "more"]]))
    assert ("<thead" in html, "data-label" in html) == (False, False)
    assert '<td role="cell" class="short"></td>' in html, "an empty cell heads no row"
    assert drawn(Table(columns("#id"), [])) == ""


def test_row_that_leads_somewhere_is_one_link() -> None:
    html = drawn(Linked(JOBS, ["/jobs/12"]))
    assert html.count("<a ") == 1
    assert '<a href="/jobs/12">12</a>' in html


def test_button_posts_its_fields_with_the_key_and_the_way_back() -> None:
    html = drawn(Acts([Act("retry", say("Retry"), {"id": "12"}, Style.GOOD)]))
    assert '<form method="post" action="/do/retry">' in html
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))
    assert fields == {"id": "12", "key": "k3y", "back": "/jobs?state=failed"}
    assert '<button type="submit" class="good">Retry</button>' in html
    assert drawn(Acts([])) == ""


def test_form_has_labelled_inputs_and_a_way_out() -> None:
    form = Form(
        Act("settle", say("Retry")), [Field("courier_id", say("courier id"), hint="1234567", numeric=True)], "/x"
    )
    html = drawn(form)
    assert (
        '<label><span class="label">courier id</span><input type="text" name="courier_id" value="" dir="auto"' in html
    )
    assert 'inputmode="numeric"' in html
    assert '<span class="hint">1234567</span></label>' in html
    assert '<a href="/x" class="button">Back</a>' in html
    assert 'name="back" value="/x"' in html


def test_filter_is_sent_to_its_page_without_the_old_query_and_without_a_key() -> None:
    html = drawn(Filter([Choice("state", say("state"), "failed", [("", say("any")), ("failed", say("failed"))])]))
    assert '<form method="get" action="/jobs" class="filter" role="search">' in html
    assert '<option value="failed" selected>failed</option>' in html
    assert "k3y" not in html


def test_lines_of_a_program_stay_as_they_came_and_many_are_shown_on_demand() -> None:
    assert drawn(Verbatim("a <b>\n\x1b[31m  c\n")) == '<pre dir="ltr">a &lt;b&gt;\n\\x1b[31m  c</pre>'
    html = drawn(Verbatim("x" * (LONGEST_VERBATIM + 1)))
    assert html.partition("<details>")[0].count("x") == LONGEST_VERBATIM
    assert html.partition("<details>")[2].count("x") == LONGEST_VERBATIM + 1


def test_headings_step_down_one_by_one() -> None:
    html = write_all([Heading("a"), Card("b", [Heading("c"), Cards([Card("d", [])])], "/b")], EN)
    assert re.findall(r"<h(\d)>(?:<a [^>]*>)?(\w)", html) == [("2", "a"), ("2", "b"), ("3", "c"), ("3", "d")]


def test_number_that_leads_somewhere_is_a_link_with_its_words() -> None:
    html = drawn(Figures([Figure(3, say("failed jobs"), Style.BAD, "/failed"), Figure("?", say("last sync"))]))
    assert (
        '<li class="bad"><a href="/failed"><span class="value">3</span><span class="label">failed jobs</span></a>'
        in html
    )
    assert '<li><div><span class="value">?</span>' in html


def test_picture_has_its_figures_below_it() -> None:
    html = drawn(Picture(say("last sync"), tag("svg", role="img"), JOBS))
    assert re.fullmatch(
        r'<figure><figcaption>last sync</figcaption><svg role="img"></svg><details>.*</details></figure>', html
    )
    assert "<table" in html


def test_line_without_words_and_pager_at_the_end_are_nothing() -> None:
    assert drawn(Line("")) + drawn(Pager(None)) == ""
    assert '<a href="/jobs?cursor=5" rel="next" class="button">Next page</a>' in drawn(Pager("/jobs?cursor=5"))
