"""A screen as data: the blocks that a command answers with, each made of texts; `render.py` draws them."""

from collections.abc import Sequence
from enum import StrEnum

from paranad.cli.screen.say import Text, say
from paranad.record import record


class Style(StrEnum):
    """What a colour says; the value is Rich's name for it."""

    NONE = ""
    HEADING = "bold"
    DIM = "dim"
    """Beside the point."""
    GOOD = "green"
    """As it should be."""
    WARN = "yellow"
    """Heals itself, or an operator asked for it."""
    BAD = "red"
    """A person must look."""


@record
class Cell:
    """A text with its style."""

    text: Text
    style: Style = Style.NONE


@record
class Heading:
    """Opens a part of a screen."""

    text: Text


@record
class Line:
    """One line, folded on a terminal only if it must be."""

    text: Text
    style: Style = Style.NONE


@record
class Verbatim:
    """Several lines exactly as they came: a traceback, a command's output."""

    text: str


@record
class Numbers:
    """Names a column of numbers, which stand to the right."""

    name: Text


@record
class Table:
    """Rows under column names. On a terminal each cell stays on one line, shorter if it has to be.

    If all names are empty, none is shown and the last column folds: it holds sentences.
    """

    columns: Sequence[Text | Numbers]
    rows: Sequence[Sequence[Text | Cell]]
    spared: Sequence[str] = ()
    """Columns that a narrow terminal goes without, the first one first; by their English names."""


Block = Heading | Line | Verbatim | Table


def columns(*names: str) -> list[Text | Numbers]:
    """Return the program's own column names; one that begins with `#` is of numbers."""
    return [Numbers(say(name[1:])) if name.startswith("#") else say(name) for name in names]
