from io import BytesIO, StringIO, TextIOWrapper

import pytest

from paranad.arabic.words import NOUNS, counted
from paranad.cli.language import Language
from paranad.cli.screen.say import Pen, Phrase, Text, pen_for, say, written
from paranad.cli.words import told

ARABIC = Pen(Language.ARABIC)
TERMINAL = Pen(Language.ARABIC, terminal=True)
LRI, RLI, FSI, PDI = "\u2066", "\u2067", "\u2068", "\u2069"


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("as it is {x} `y`", "as it is {x} `y`"),
        (7, "7"),
        (say("job {id} is back", id=12), "job 12 is back"),
        (say("{held:shipment} and {due:job}", held=1, due=2), "1 shipment and 2 jobs"),
        (say("{file} written, {size:,} bytes", file="/x", size=126976), "/x written, 126,976 bytes"),
        (("a", "", say("now")), "a, now"),
        (told("nobody knows", "it {broke}", {}), "it {broke}"),
    ],
)
def test_english(text: Text, english: str) -> None:
    assert english == written(text)
    assert english == Pen().line(text)


@pytest.mark.parametrize(
    ("text", "arabic"),
    [
        (say("job {id} is back", id=12), "أُعيدت المهمة 12 إلى الطابور"),
        (say("{count} min ago", count=3), "قبل 3 دقائق"),
        ((say("{count} h ago", count=2), "14:02:11"), "قبل ساعتين، 14:02:11"),
        (say("{name} goes on", name="a `b` {c}"), "استُؤنف a `b` {c}"),
        (
            say("go on with: paranadctl resume {name}", name="x"),
            "للاستئناف: paranadctl resume x",
        ),
        (say("likely cause: {cause}", cause=say("nothing")), "السبب المحتمل: لا شيء"),
        (Phrase("said:job.timed_out", "", {"seconds": 1.0}), "انتهت مهلتها: استغرقت أكثر من ثانية"),
        (Phrase("said:job.timed_out", "", {"seconds": 1.5}), "انتهت مهلتها: استغرقت أكثر من 1.5 ثانية"),
    ],
)
def test_arabic_in_a_pipe_has_neither_isolates_nor_marks(text: Text, arabic: str) -> None:
    assert arabic == ARABIC.line(text)


def test_arabic_on_a_terminal_runs_from_the_right_and_what_is_typed_from_the_left() -> None:
    shown = TERMINAL.line(say("go on with: paranadctl resume {name}", name="high"))
    assert shown == f"{RLI}للاستئناف: {LRI}paranadctl resume {LRI}high{PDI}{PDI}{PDI}"


def test_arabic_name_within_an_english_error_keeps_its_place() -> None:
    error = "order 7: سلمى has no phone"
    assert Pen(terminal=True).line(error) == f"order 7: {FSI}سلمى{PDI} has no phone"
    shown = TERMINAL.line(say("skipped: {reason}", reason=error))
    assert shown == f"{RLI}تُخطّيت: {LRI}order 7: {FSI}سلمى{PDI} has no phone{PDI}{PDI}"


def test_text_from_outside_cannot_bring_isolates_of_its_own() -> None:
    shown = TERMINAL.line(say("skipped: {reason}", reason="a\u2067b\u2069\x1b]0;t\x07"))
    assert shown == f"{RLI}تُخطّيت: {LRI}a\\u2067b\\u2069\\x1b]0;t\\x07{PDI}{PDI}"


def test_sentence_without_arabic_stays_english() -> None:
    assert TERMINAL.line(Phrase("nobody knows it", "broke at {x}", {"x": "سلمى"})) == f"broke at {FSI}سلمى{PDI}"


def test_sentence_that_lacks_a_value_stays_english() -> None:
    assert ARABIC.line(told("note:queue-paused", "queue high is paused", {"queue": "high"})) == "queue high is paused"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 يوم"),
        (1, "يوم"),
        (2, "يومين"),
        (3, "3 أيام"),
        (10, "10 أيام"),
        (11, "11 يوماً"),
        (99, "99 يوماً"),
        (100, "100 يوم"),
        (102, "102 يوم"),
        (103, "103 أيام"),
        (111, "111 يوماً"),
    ],
)
def test_arabic_noun_has_the_form_that_its_number_asks_for(count: int, words: str) -> None:
    assert words == counted("day", count)


@pytest.mark.parametrize("noun", NOUNS)
def test_plural_nouns_name_their_number(noun: str) -> None:
    assert all(str(count) in counted(noun, count) for count in (3, 11, 100))


@pytest.mark.parametrize(
    ("encoding", "pen"), [("utf-8", TERMINAL), ("iso8859-6", ARABIC), ("ascii", Pen()), ("latin-1", Pen())]
)
def test_output_that_has_no_arabic_is_spoken_to_in_english(encoding: str, pen: Pen) -> None:
    with TextIOWrapper(BytesIO(), encoding=encoding) as out:
        assert pen == pen_for(out, Language.ARABIC, terminal=True)


def test_output_without_an_encoding_takes_everything() -> None:
    assert pen_for(StringIO(), Language.ARABIC, terminal=False) == ARABIC
