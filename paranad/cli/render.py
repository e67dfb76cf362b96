"""How answers look: a screen is a list of blocks, drawn with Rich on a terminal and as plain aligned text elsewhere.

In a pipe nothing is coloured, folded, cut or isolated. No text from outside can move a terminal's cursor or turn its
writing direction: control characters show as escapes. Columns go from left to right in every language.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO

from paranad.cli.language import Language
from paranad.cli.say import Pen, Text, pen_for, say
from paranad.cli.text import harmless, isolated

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table as RichTable
    from rich.text import Text as RichText


class Style(StrEnum):
    """What a colour says; the value is Rich's name for it."""

    NONE = ""
    HEADING = "bold"
    DIM = "dim"
    """Beside the point."""
    GOOD = "green"
    """As it should be."""
    WARN = "yellow"
    """Heals itself, or somebody asked for it."""
    BAD = "red"
    """A person must look."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text with its style."""

    text: Text
    style: Style = Style.NONE


@dataclass(frozen=True, slots=True)
class Heading:
    """Opens a part of a screen."""

    text: Text


@dataclass(frozen=True, slots=True)
class Line:
    """One line, folded on a terminal only where it must be."""

    text: Text
    style: Style = Style.NONE


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Several lines exactly as they came: a traceback, a command's output."""

    text: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """Names a column of numbers, which stand to the right."""

    name: Text


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column names, which are all empty where none are shown; only the last column may fold."""

    columns: Sequence[Text | Numbers]
    rows: Sequence[Sequence[Text | Cell]]


Block = Heading | Line | Verbatim | Table

GAP = "  "
FOLDED = 20
"""How narrow a terminal may make a table's last column."""


def columns(*names: str) -> list[Text | Numbers]:
    """Return the program's own column names; one that begins with `#` is of numbers."""
    return [Numbers(say(name[1:])) if name.startswith("#") else say(name) for name in names]


def draw(blocks: Iterable[Block], out: TextIO, *, terminal: bool, language: Language = Language.ENGLISH) -> None:
    """Write *blocks* to *out* in *language*."""
    pen = pen_for(out, language, terminal=terminal)
    if terminal:
        blocks = list(blocks)
        console = _console(out)
        # Where a table needs more than the terminal has, its lines go on in the next: no column is left out.
        console.width = max(console.width, _least_width(blocks, pen))
        console.print(_screen(blocks, pen), soft_wrap=False)
    else:
        out.write("".join(f"{line}\n" for block in blocks for line in _plain(block, pen)))
    out.flush()


def _least_width(blocks: Iterable[Block], pen: Pen) -> int:
    """Return how wide the widest table is, its last column folded to FOLDED characters."""
    return max((_unfolded_width(block, pen) for block in blocks if isinstance(block, Table) and block.rows), default=0)


def _unfolded_width(table: Table, pen: Pen) -> int:
    *fixed, last = _widths(_texts(table, pen))
    return sum(width + len(GAP) for width in fixed) + min(last, FOLDED)


@contextmanager
def live(out: TextIO, language: Language = Language.ENGLISH) -> Iterator[Callable[[Iterable[Block]], None]]:
    """Give the function that fills the whole terminal *out*; what stood there before comes back at the end."""
    from rich.live import Live  # noqa: PLC0415 - heavy, and needed on a terminal only

    pen = pen_for(out, language, terminal=True)
    with Live(console=_console(out), screen=True, auto_refresh=False) as screen:
        yield lambda blocks: screen.update(_screen(blocks, pen), refresh=True)


def _screen(blocks: Iterable[Block], pen: Pen) -> "RenderableType":
    """Return *blocks* as Rich draws them."""
    from rich.console import Group  # noqa: PLC0415 - heavy, and needed on a terminal only

    return Group(*(_rich(block, pen) for block in blocks))


def _console(out: TextIO) -> "Console":
    from rich.console import Console  # noqa: PLC0415 - heavy, and needed on a terminal only

    return Console(file=out, highlight=False, markup=False, emoji=False)


def _rich(block: Block, pen: Pen) -> "RenderableType":
    match block:
        case Heading():
            return _folding(f"\n{pen.line(block.text)}", Style.HEADING)
        case Line():
            return _folding(pen.line(block.text), block.style)
        case Verbatim():
            text = harmless(block.text.rstrip("\n"))
            return _folding(isolated(text) if pen.terminal else text, Style.NONE)
        case Table():
            return _rich_table(block, pen)


def _rich_table(block: Table, pen: Pen) -> "RichTable":
    from rich.table import Table as RichTable  # noqa: PLC0415 - heavy, and needed on a terminal only

    table = RichTable(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=Style.DIM, show_header=any(block.columns)
    )
    for place, name in enumerate(block.columns):
        table.add_column(
            pen.line(_name(name)),
            justify="right" if isinstance(name, Numbers) else "left",
            no_wrap=place + 1 < len(block.columns),
            overflow="fold",
        )
    for row in block.rows:
        table.add_row(*(_folding(pen.line(_content(each)), _style(each)) for each in row))
    return table


def _folding(text: str, style: Style) -> "RichText":
    """Return *text* as Rich draws it, its isolates whole on every line that it is folded to."""
    from paranad.cli.folding import FoldingText  # noqa: PLC0415 - heavy, and needed on a terminal only

    return FoldingText(text, style=style)


def _plain(block: Block, pen: Pen) -> list[str]:
    match block:
        case Heading():
            return ["", pen.line(block.text)]
        case Line():
            return [pen.line(block.text)]
        case Verbatim():
            return harmless(block.text.rstrip("\n")).split("\n")
        case Table():
            return _plain_table(block, pen)


def _plain_table(block: Table, pen: Pen) -> list[str]:
    numbers = [isinstance(name, Numbers) for name in block.columns]
    rows = _texts(block, pen)
    widths = _widths(rows)
    return [GAP.join(map(_pad, row, widths, numbers)).rstrip() for row in rows]


def _texts(block: Table, pen: Pen) -> list[list[str]]:
    rows = [[pen.line(_name(name)) for name in block.columns]] if any(block.columns) else []
    return rows + [[pen.line(_content(each)) for each in row] for row in block.rows]


def _name(column: Text | Numbers) -> Text:
    return column.name if isinstance(column, Numbers) else column


def _content(cell: Text | Cell) -> Text:
    return cell.text if isinstance(cell, Cell) else cell


def _style(cell: Text | Cell) -> Style:
    return cell.style if isinstance(cell, Cell) else Style.NONE


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(_width, column)) for column in zip(*rows, strict=True)]


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415 - heavy, and needed beyond ASCII only

    return cell_len(text)


def _pad(text: str, width: int, number: bool) -> str:
    room = " " * (width - _width(text))
    return room + text if number else text + room
