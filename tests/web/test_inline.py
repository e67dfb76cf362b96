"""Texts from anywhere become HTML that cannot act, reads in its own direction, and leads to the page it names."""

import re

from paranad.cli.commands.dispatch import TASK_PAUSED as TASK_WAITS
from paranad.cli.language import Language
from paranad.cli.screen.say import say
from paranad.web.inline import CUT, inline, plain
from paranad.web.links import page_of

EN, AR = Language.ENGLISH, Language.ARABIC
HOSTILE = '<img src=x onerror="alert(1)"> \u202e\u2066\x07&'


def test_hostile_text_cannot_act_in_any_language() -> None:
    for language in Language:
        drawn = inline(say("order {order} needs a person: paranadctl shipments show {order}", order=HOSTILE), language)
        assert "<img" not in drawn
        assert '"alert' not in drawn
        assert not re.search("[\x00-\x1f\u202a-\u202e\u2066-\u2069]", drawn), (
            "what steers the direction shows as an escape"
        )
        assert "\\u202e" in drawn


def test_isolates_become_elements_that_are_closed() -> None:
    drawn = inline(say("{name} is paused; go on with: paranadctl schedule resume {name}", name="سلة a/b"), AR)
    assert drawn.count("<bdi") == drawn.count("</bdi>") > 0


def test_a_long_name_breaks_between_its_words() -> None:
    assert inline("alwaseet_auto_sync_enabled", EN) == "alwaseet_<wbr>auto_<wbr>sync_<wbr>enabled"


def test_number_and_name_are_set_apart_on_an_arabic_page() -> None:
    assert inline("alwaseet:auto-sync", AR) == '<bdi dir="ltr">alwaseet:auto-sync</bdi>'
    assert inline(12, AR) == "12"
    assert inline("محمد", AR) == '<bdi dir="rtl">محمد</bdi>'
    for language in (AR, EN):
        assert inline("فعال (قيد التجهيز)", language) == '<bdi dir="rtl">فعال (قيد التجهيز)</bdi>'


def test_english_without_an_arabic_says_that_it_is_english() -> None:
    assert inline(say("nobody says this"), AR) == '<bdi dir="ltr" lang="en">nobody says this</bdi>'


def test_long_text_is_cut_with_the_whole_behind_it() -> None:
    text = "x" * 10_000
    drawn = inline(say("no reason given, {reason}", reason=text), EN)
    summary, _, whole = drawn.partition("</summary>")
    assert drawn.startswith('<details class="long"><summary>')
    assert summary.count("x") == CUT
    assert whole.count("x") == len(text)
    assert "<details" not in inline(text, EN, linked=False), "a link holds no other control"


def test_word_without_blanks_may_break() -> None:
    assert "<wbr>" in inline("PK" + "0" * 60, EN)
    assert "<wbr>" not in inline("alwaseet:create-shipment", EN)


def test_date_does_not_break() -> None:
    assert '<bdi dir="ltr" class="when">2026-11-28 15:38</bdi>' in inline("at 2026-11-28 15:38", EN)


def test_sentence_that_ends_in_a_command_with_a_page_leads_there() -> None:
    words = say("order {order} needs a person: paranadctl shipments show {order}", order=318)
    opening = '<a href="/shipments/318" title="paranadctl shipments show 318" class="led">'
    assert inline(words, EN) == f"{opening}order 318 needs a person</a>"
    assert inline(words, AR) == f"{opening}الطلب 318 ينتظر قراراً</a>"
    assert "<a" not in inline(words, EN, linked=False)


def test_only_the_clause_before_a_command_leads_there() -> None:
    both = "look; there: paranadctl shipments settle 4 --courier-id ID; not there: paranadctl retry 12; ask"
    assert inline(both, EN) == (
        'look; <a href="/shipments/4" title="paranadctl shipments settle 4 --courier-id ID" class="led">there'
        '</a>; <a href="/jobs/12" title="paranadctl retry 12" class="led">not there</a>; ask'
    )


def test_value_with_a_semicolon_stays_in_one_piece() -> None:
    drawn = inline(say(TASK_WAITS, id=1, task="a; b"), AR)
    assert '<bdi dir="ltr">a; b</bdi>' in drawn
    assert drawn.count("<bdi") == drawn.count("</bdi>")


def test_command_within_a_sentence_leads_to_its_page() -> None:
    drawn = inline("paranadctl status says how the shop stands", EN)
    assert drawn == '<a href="/"><code dir="ltr">paranadctl status</code></a> says how the shop stands'


def test_command_without_a_page_is_code() -> None:
    drawn = inline(say("{name} is lost; look at it: paranadctl backup {name}", name="queue.db"), EN)
    assert drawn == 'queue.db is lost; look at it: <code dir="ltr">paranadctl backup queue.db</code>'


def test_pages_of_commands() -> None:
    assert {
        "paranadctl status": "/",
        "paranadctl order 5": "/orders/5",
        "paranadctl jobs show 12": "/jobs/12",
        "paranadctl failed show 12": "/jobs/12",
        "paranadctl retry ID": "/failed",
        "paranadctl shipments list --state held": "/shipments?state=held",
        "paranadctl failed --task alwaseet:create-shipment": "/failed?task=alwaseet%3Acreate-shipment",
        "paranadctl schedule history carts:expire": "/schedule/carts%3Aexpire",
        "paranadctl resume carts:expire": "/tasks/carts%3Aexpire",
        "paranadctl schedule resume night/backup": "/schedule/night%2Fbackup",
        "paranadctl schedule history NAME": "/schedule",
        "paranadctl resume high": "/",
        "paranadctl resume": "/",
        "paranadctl wake 12": "/jobs/12",
        "paranadctl doctor": "/doctor",
        "paranadctl backup FILE": None,
    } == {
        command: page_of(command)
        for command in (
            "paranadctl status",
            "paranadctl order 5",
            "paranadctl jobs show 12",
            "paranadctl failed show 12",
            "paranadctl retry ID",
            "paranadctl shipments list --state held",
            "paranadctl failed --task alwaseet:create-shipment",
            "paranadctl schedule history carts:expire",
            "paranadctl resume carts:expire",
            "paranadctl schedule resume night/backup",
            "paranadctl schedule history NAME",
            "paranadctl resume high",
            "paranadctl resume",
            "paranadctl wake 12",
            "paranadctl doctor",
            "paranadctl backup FILE",
        )
    }


def test_plain_text_has_no_marks() -> None:
    assert plain(say("{used} of {limit}", used=3, limit=28), AR) == "3 من 28"


def test_a_text_from_outside_is_one_piece_within_a_sentence_and_beside_others() -> None:
    status = "فعال ( قيد التجهير)"
    for language in Language:
        for text in (say("{status}, in the trash", status=status), ("8123", status)):
            assert f"<bdi>{status}</bdi>" in inline(text, language)


def test_phone_and_path_are_read_from_left_to_right_within_an_arabic_text() -> None:
    for name in ("…002", "/var/log/journal/", "/create-order:"):
        assert f'نص <bdi dir="ltr">{name}</bdi> نص' in inline(f"نص {name} نص", AR)
    assert "<bdi" not in inline("3/4 or https://shop.example/x", EN)


def test_command_does_not_break_within_an_option() -> None:
    drawn = inline("paranadctl orders --without-shipment; more", EN)
    assert '<code dir="ltr">paranadctl orders <span class="word">--without-shipment</span></code>' in drawn
