from collections.abc import Sequence
from io import StringIO
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paranad.cli.screen.blocks import Block, Cell, Heading, Line, Style, Table, Verbatim, columns
from paranad.cli.screen.render import draw
from paranad.text import harmless, one_line


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def plain(*blocks: Block) -> str:
    out = StringIO()
    draw(blocks, out, terminal=False)
    return out.getvalue()


def on_terminal(*blocks: Block) -> str:
    out = Terminal()
    draw(blocks, out, terminal=True)
    return out.getvalue()


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_table_in_a_pipe_is_aligned_and_ends_without_blanks() -> None:
    shown = plain(Table(columns("#id", "task", "error"), [[7, "carts:expire", ""], [4812, "backup", "broke"]]))
    assert shown == "  id  task          error\n   7  carts:expire\n4812  backup        broke\n"


def test_text_in_a_pipe_is_never_cut_nor_folded() -> None:
    long = "word " * 200 + "end"
    assert plain(Table(["error"], [[long]]), Line(long)) == f"error\n{long}\n{long}\n"


def test_pipe_has_no_colour_and_no_isolates() -> None:
    shown = plain(Heading("بدون"), Line("هاتف", Style.BAD), Table(["x"], [[Cell("سلمى", Style.GOOD)]]))
    assert shown == "\nبدون\nهاتف\nx\nسلمى\n"


def test_table_with_arabic_is_aligned_by_its_width() -> None:
    shown = plain(Table(["name", "city"], [["مُحَمَّد", "بغداد"], ["abcdef", "x"]]))
    assert shown.split("\n")[1] == "مُحَمَّد    بغداد"


def test_table_without_names_has_no_header() -> None:
    assert plain(Table(["", ""], [["shop", "ok"]])) == "shop  ok\n"


def test_terminal_shows_colours_unless_they_are_unwanted(narrow: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_terminal(Line("broke", Style.BAD)) == "\x1b[31mbroke\x1b[0m\n"
    monkeypatch.setenv("NO_COLOR", "1")
    assert on_terminal(Line("broke", Style.BAD)) == "broke\n"


def test_cell_of_a_table_is_cut_between_words_and_never_folded(narrow: None) -> None:
    shown = on_terminal(Table(columns("#id", "task", "error"), [[4812, "carts:expire", "a word and more " * 12]]))
    assert "4812  carts:expire  a word and more a…\n" in shown
    assert "what ends in … is whole in a wider" in shown


def test_sentence_beside_its_label_folds_between_words(narrow: None) -> None:
    lines = on_terminal(Table(["", ""], [["why", "some words that need more room than there is"]])).splitlines()
    assert ["why  some words that need more room than", "     there is"] == [line.rstrip() for line in lines]


def test_arabic_on_a_terminal_is_isolated(narrow: None) -> None:
    assert on_terminal(Line("order of سلمى 4 عبد at 12:00")) == "order of \u2068سلمى 4 عبد\u2069 at 12:00\n"


def test_markup_and_emoji_names_are_plain_text(narrow: None) -> None:
    assert on_terminal(Line("[bold]x[/bold] :smile:")) == "[bold]x[/bold] :smile:\n"


@pytest.mark.parametrize("draws", [plain, on_terminal])
def test_control_characters_are_shown_and_not_obeyed(draws: object, narrow: None) -> None:
    evil = "a\x1b]0;title\x07\x9b31m\u202eb\x00"
    blocks: Sequence[Block] = [Line(evil), Verbatim(evil), Heading(evil), Table([evil], [[evil]])]
    assert callable(draws)
    shown = draws(*blocks)
    assert not {"\x07", "\x9b", "\u202e", "\x00"} & set(shown)
    assert "\x1b]" not in shown
    assert "\\x1b]0;title\\x07\\x9b31m\\u202eb\\x00" in shown.replace("\n", "")


@given(st.text(alphabet=st.characters()))
@settings(max_examples=100)
def test_harmless_text_has_no_control_character(text: str) -> None:
    assert {category(char) for char in harmless(text) if char not in "\n\t"}.isdisjoint({"Cc", "Cs"})
    assert "\n" not in one_line(text)


def test_traceback_keeps_its_lines() -> None:
    assert plain(Verbatim("Traceback:\n\tFile\n")) == "Traceback:\n\tFile\n"


def test_names_that_are_typed_elsewhere_stay_whole_on_the_narrowest_terminal(narrow: None) -> None:
    shown = on_terminal(Table(columns("#id", "entry", "when", "next"), [[2**62, "a" * 29, "b" * 30, "c" * 30]]))
    assert f"{2**62}  {'a' * 29}  {'b' * 7}…  {'c' * 7}…\n" in shown
