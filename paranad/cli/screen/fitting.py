"""Columns fitted to a terminal's width, and long texts folded without losing their direction."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.containers import Lines
from rich.text import Text

from paranad.record import record
from paranad.text import PDI, open_at_end, reopened

ELLIPSIS = "…"
LEAST = 8
"""To how many characters a cell of words may be cut."""
LEAST_NAME = 29
"""The same of a name, which is typed in the next command: as long as the longest of the program's own."""

Write = Callable[[int, int, int], str]
"""Returns the text of (row, column) in a form, 0 the longest; row -1 is the head."""


@record
class Column:
    """What is known of a column before it is written."""

    forms: int = 1
    """How many forms its cells have, the longest first."""
    spared: bool = False
    """Whether it may be left out."""
    least: int = LEAST
    """To how many characters its cells may be cut."""


@record
class Fitted:
    """A table's texts as they are to be drawn."""

    columns: tuple[int, ...]
    """The columns that are left."""
    rows: tuple[tuple[str, ...], ...]
    """With the head first."""
    is_cut: bool
    """Whether some cell is not whole."""


def fit(
    columns: Sequence[Column], rows: int, write: Write, *, room: int, gap: int, width: Callable[[str], int]
) -> Fitted:
    """Return the texts of a table of so many *rows* that takes at most *room*, if that can be.

    Args:
        columns: what may be done with each.
        rows: how many there are, without the head.
        write: gives the texts.
        room: how wide the terminal is.
        gap: how many blanks stand between two columns.
        width: how many places a text takes.
    """
    forms, left = [0] * len(columns), list(range(len(columns)))

    def texts(column: int, form: int) -> list[str]:
        return [write(row, column, form) for row in range(-1, rows)]

    drawn = {column: texts(column, 0) for column in left}

    def widths() -> dict[int, int]:
        return {column: max(map(width, drawn[column])) for column in left}

    def lacking() -> int:
        return sum(widths().values()) + gap * (len(left) - 1) - room

    def saved(column: int) -> int:
        return widths()[column] - max(map(width, texts(column, forms[column] + 1)))

    while lacking() > 0:
        shorter = [column for column in left if forms[column] + 1 < columns[column].forms and saved(column) > 0]
        if shorter:
            most = max(shorter, key=saved)
            forms[most] += 1
            drawn[most] = texts(most, forms[most])
        elif spared := [column for column in left if columns[column].spared]:
            left.remove(spared[0])
        else:
            break
    caps = cut_to(widths(), {column: columns[column].least for column in left}, lacking())
    cut = {
        column: [elided(text, caps[column], width) for text in drawn[column]] if column in caps else drawn[column]
        for column in left
    }
    return Fitted(tuple(left), tuple(zip(*(cut[column] for column in left), strict=True)), bool(caps))


def cut_to(widths: Mapping[int, int], least: Mapping[int, int], lacking: int) -> dict[int, int]:
    """Return how wide the widest columns may be so that *lacking* places are won; none below its *least*."""
    caps = dict(widths)
    for _ in range(lacking):
        if not (long := [column for column in caps if caps[column] > least[column]]):
            break
        caps[max(long, key=caps.__getitem__)] -= 1
    return {column: cap for column, cap in caps.items() if cap < widths[column]}


def elided(text: str, room: int, width: Callable[[str], int]) -> str:
    """Return *text* cut between words to *room* places, its isolates closed; a word that is longer is cut itself."""
    if width(text) <= room:
        return text
    short = text
    while width(short) > room - 1:
        short = short[:-1]
    whole = short if text[len(short) :].startswith(" ") else short.rpartition(" ")[0]
    kept = (whole if width(whole) * 2 >= room else short).rstrip(" ,;:،؛")
    return f"{kept}{ELLIPSIS}{PDI * len(open_at_end(kept))}"


class FoldingText(Text):
    """A text whose isolates are whole on every line."""

    def wrap(self, *args: Any, **options: Any) -> Lines:
        lines = super().wrap(*args, **options)
        for line, whole in zip(lines, reopened(line.plain for line in lines), strict=True):
            line.plain = whole
        return lines
