"""How answers look: a screen is a list of blocks, drawn with Rich on a terminal and as plain aligned text elsewhere.

In a pipe nothing is coloured, folded or cut. No text from outside can move a terminal's cursor or turn its writing
direction: control characters show as escapes.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table as RichTable
    from rich.text import Text


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

    text: str
    style: Style = Style.NONE


@dataclass(frozen=True, slots=True)
class Heading:
    """Opens a part of a screen."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line, folded on a terminal only where it must be."""

    text: str
    style: Style = Style.NONE


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Several lines exactly as they came: a traceback, a command's output."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column names, which are all empty where none are shown; only the last column may fold.

    A name that begins with `#` is of numbers, which stand to the right.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str | int | Cell]]


Block = Heading | Line | Verbatim | Table

GAP = "  "
FOLDED = 20
"""How narrow a terminal may make a table's last column."""

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_RTL_LETTER = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
_RTL_RUN = re.compile(f"{_RTL_LETTER}(?:[^\nA-Za-z]*{_RTL_LETTER})?")


def harmless(text: str) -> str:
    """Return *text* with everything that steers a terminal shown as an escape; line ends and tabs stay."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Return *text* harmless and on one line."""
    return harmless(" ".join(text.split("\n")).replace("\t", " ")).strip()


def isolated(text: str) -> str:
    """Return *text* with each run of Arabic or Hebrew set apart, so that it does not reorder what stands around it."""
    return _RTL_RUN.sub(lambda found: f"\u2068{found[0]}\u2069", text)


def harmless_json(text: str) -> str:
    """Return JSON *text* with the same meaning and without the control characters that JSON lets through."""
    return re.sub("[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text)


def draw(blocks: Iterable[Block], out: TextIO, *, terminal: bool) -> None:
    """Write *blocks* to *out*."""
    if terminal:
        blocks = list(blocks)
        console = _console(out)
        # Where a table needs more than the terminal has, its lines go on in the next: no column is left out.
        console.width = max(console.width, _least_width(blocks))
        console.print(_screen(blocks), soft_wrap=False)
    else:
        out.write("".join(f"{line}\n" for block in blocks for line in _plain(block)))
    out.flush()


def _least_width(blocks: Iterable[Block]) -> int:
    """Return how wide the widest table is, its last column folded to FOLDED characters."""
    return max((_unfolded_width(block) for block in blocks if isinstance(block, Table) and block.rows), default=0)


def _unfolded_width(table: Table) -> int:
    *fixed, last = _widths(_texts(table))
    return sum(width + len(GAP) for width in fixed) + min(last, FOLDED)


@contextmanager
def live(out: TextIO) -> Iterator[Callable[[Iterable[Block]], None]]:
    """Give the function that fills the whole terminal *out*; what stood there before comes back at the end."""
    from rich.live import Live  # noqa: PLC0415 - heavy, and needed on a terminal only

    with Live(console=_console(out), screen=True, auto_refresh=False) as screen:
        yield lambda blocks: screen.update(_screen(blocks), refresh=True)


def _screen(blocks: Iterable[Block]) -> "RenderableType":
    """Return *blocks* as Rich draws them."""
    from rich.console import Group  # noqa: PLC0415 - heavy, and needed on a terminal only

    return Group(*(_rich(block) for block in blocks))


def _console(out: TextIO) -> "Console":
    from rich.console import Console  # noqa: PLC0415 - heavy, and needed on a terminal only

    return Console(file=out, highlight=False, markup=False, emoji=False)


def _rich(block: Block) -> "RenderableType":
    from rich.text import Text  # noqa: PLC0415 - heavy, and needed on a terminal only

    match block:
        case Heading():
            return Text(f"\n{isolated(one_line(block.text))}", style=Style.HEADING)
        case Line():
            return _text(Cell(block.text, block.style))
        case Verbatim():
            return Text(isolated(harmless(block.text.rstrip("\n"))))
        case Table():
            return _rich_table(block)


def _rich_table(block: Table) -> "RichTable":
    from rich.table import Table as RichTable  # noqa: PLC0415 - heavy, and needed on a terminal only

    table = RichTable(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=Style.DIM, show_header=any(block.columns)
    )
    for place, name in enumerate(block.columns):
        table.add_column(
            one_line(name.removeprefix("#")),
            justify="right" if name.startswith("#") else "left",
            no_wrap=place + 1 < len(block.columns),
            overflow="fold",
        )
    for row in block.rows:
        table.add_row(*(_text(each) for each in row))
    return table


def _text(cell: str | int | Cell) -> "Text":
    from rich.text import Text  # noqa: PLC0415 - heavy, and needed on a terminal only

    cell = cell if isinstance(cell, Cell) else Cell(str(cell))
    return Text(isolated(one_line(cell.text)), style=cell.style)


def _plain(block: Block) -> list[str]:
    match block:
        case Heading():
            return ["", one_line(block.text)]
        case Line():
            return [one_line(block.text)]
        case Verbatim():
            return harmless(block.text.rstrip("\n")).split("\n")
        case Table():
            return _plain_table(block)


def _plain_table(block: Table) -> list[str]:
    numbers = [name.startswith("#") for name in block.columns]
    rows = _texts(block)
    widths = _widths(rows)
    return [GAP.join(map(_pad, row, widths, numbers)).rstrip() for row in rows]


def _texts(block: Table) -> list[list[str]]:
    rows = [[one_line(name.removeprefix("#")) for name in block.columns]] if any(block.columns) else []
    return rows + [[one_line(each.text if isinstance(each, Cell) else str(each)) for each in row] for row in block.rows]


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
