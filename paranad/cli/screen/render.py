"""Draws blocks: with Rich on a terminal, as plain aligned text elsewhere.

In a pipe nothing is coloured, folded, cut or isolated. No text from outside can move a terminal's cursor or turn its
writing direction: control characters show as escapes. Columns go from left to right in every language.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from paranad.cli.language import Language
from paranad.cli.screen.blocks import Block, Cell, Heading, Line, Numbers, Style, Table, Verbatim
from paranad.cli.screen.say import Pen, Text, forms_of, in_form, pen_for, say, written
from paranad.record import record
from paranad.text import harmless, isolated

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table as RichTable
    from rich.text import Text as RichText


GAP = "  "
FOLDED = 20
"""How narrow a terminal may make a last column that folds."""
NAMES = frozenset({"task", "entry", "queue", "reference", "courier id"})
"""Columns of names that a person types in other commands."""
CUT = "what ends in … is whole in a wider window, and in a pipe (| cat)"


def draw(blocks: Iterable[Block], out: TextIO, *, terminal: bool, language: Language = Language.ENGLISH) -> None:
    """Write *blocks* to *out* in *language*."""
    pen = pen_for(out, language, terminal=terminal)
    if terminal:
        blocks = list(blocks)
        console = _console(out)
        fitted = [_fitted(block, pen, console.width) for block in blocks]
        # If a table needs more than that, the terminal itself breaks its lines.
        console.width = max(console.width, *(_least_width(block, pen) for block in fitted), 1)
        console.print(_screen(fitted, pen), soft_wrap=False)
    else:
        out.write("".join(f"{line}\n" for block in blocks for line in _plain(block, pen)))
    out.flush()


@record
class _Drawn:
    """A table whose cells are written already, and fit."""

    columns: Sequence[tuple[str, bool]]
    """Names, each with whether its column is of numbers."""
    rows: Sequence[Sequence[tuple[str, Style]]]
    is_cut: bool


def _fitted(block: Block, pen: Pen, room: int) -> "Block | _Drawn":
    """Return a table with a head made to fit *room*; anything else as it is."""
    if not isinstance(block, Table) or not any(block.columns):
        return block
    from paranad.cli.screen.fitting import Column, fit  # noqa: PLC0415 - needed on a terminal only

    def write(row: int, column: int, form: int) -> str:
        cell = _name(block.columns[column]) if row < 0 else _content(block.rows[row][column])
        return pen.line(in_form(cell, form))

    columns = [
        Column(
            forms=max((forms_of(_content(row[place])) for row in block.rows), default=1),
            spared=written(_name(name)) in block.spared,
            least=_least_of(name),
        )
        for place, name in enumerate(block.columns)
    ]
    fitted = fit(columns, len(block.rows), write, room=room, gap=len(GAP), width=_width)
    styles = [[_style(cell) for cell in row] for row in block.rows]
    head, *rows = fitted.rows
    return _Drawn(
        [(name, isinstance(block.columns[at], Numbers)) for name, at in zip(head, fitted.columns, strict=True)],
        [
            [(text, styles[number][at]) for text, at in zip(row, fitted.columns, strict=True)]
            for number, row in enumerate(rows)
        ],
        fitted.is_cut,
    )


def _least_of(name: Text | Numbers) -> int:
    """Return to how many characters a column may be cut: numbers never, names to more than other words."""
    from paranad.cli.screen.fitting import LEAST, LEAST_NAME  # noqa: PLC0415 - needed on a terminal only

    if isinstance(name, Numbers):
        return sys.maxsize
    return LEAST_NAME if written(name) in NAMES else LEAST


def _least_width(block: "Block | _Drawn", pen: Pen) -> int:
    """Return how wide a table is; if its last column folds, with that column folded to FOLDED characters."""
    if isinstance(block, _Drawn):
        texts = [[name for name, _ in block.columns], *([text for text, _ in row] for row in block.rows)]
        widths = _widths(texts)
        return sum(widths) + len(GAP) * (len(widths) - 1)
    if not isinstance(block, Table) or not block.rows:
        return 0
    *fixed, last = _widths(_texts(block, pen))
    return sum(width + len(GAP) for width in fixed) + min(last, FOLDED)


@contextmanager
def live(
    out: TextIO, language: Language = Language.ENGLISH
) -> Iterator[Callable[[Callable[[int], Iterable[Block]]], None]]:
    """Give the function that fills the whole terminal *out* with what it is handed makes for so many lines.

    What stood there before comes back at the end.
    """
    from rich.live import Live  # noqa: PLC0415 - heavy, and needed on a terminal only

    pen, console = pen_for(out, language, terminal=True), _console(out)
    with Live(console=console, screen=True, auto_refresh=False) as screen:
        yield lambda make: screen.update(
            _screen([_fitted(block, pen, console.width) for block in make(console.height)], pen), refresh=True
        )


def _screen(blocks: "Sequence[Block | _Drawn]", pen: Pen) -> "RenderableType":
    """Return *blocks* as Rich draws them."""
    from rich.console import Group  # noqa: PLC0415 - heavy, and needed on a terminal only

    is_cut = any(isinstance(block, _Drawn) and block.is_cut for block in blocks)
    return Group(*(_rich(block, pen) for block in [*blocks, *([Line(say(CUT), Style.DIM)] if is_cut else [])]))


def _console(out: TextIO) -> "Console":
    from rich.console import Console  # noqa: PLC0415 - heavy, and needed on a terminal only

    return Console(file=out, highlight=False, markup=False, emoji=False)


def _rich(block: "Block | _Drawn", pen: Pen) -> "RenderableType":
    match block:
        case Heading():
            return _folding(f"\n{pen.line(block.text)}", Style.HEADING)
        case Line():
            return _folding(pen.line(block.text), block.style)
        case Verbatim():
            text = harmless(block.text.rstrip("\n"))
            return _folding(isolated(text) if pen.terminal else text, Style.NONE)
        case Table():
            return _rich_facts(block, pen)
        case _Drawn():
            return _rich_table(block)


def _rich_table(block: _Drawn) -> "RichTable":
    table = _grid(show_header=True)
    for name, is_number in block.columns:
        table.add_column(name, justify="right" if is_number else "left", no_wrap=True, overflow="fold")
    for row in block.rows:
        table.add_row(*(_folding(text, style) for text, style in row))
    return table


def _rich_facts(block: Table, pen: Pen) -> "RichTable":
    table = _grid(show_header=False)
    for place in range(len(block.columns)):
        table.add_column(no_wrap=place + 1 < len(block.columns), overflow="fold")
    for row in block.rows:
        table.add_row(*(_folding(pen.line(_content(each)), _style(each)) for each in row))
    return table


def _grid(*, show_header: bool) -> "RichTable":
    from rich.table import Table as RichTable  # noqa: PLC0415 - heavy, and needed on a terminal only

    return RichTable(
        box=None,
        pad_edge=False,
        padding=(0, len(GAP), 0, 0),
        header_style=Style.DIM,
        show_header=show_header,
    )


def _folding(text: str, style: Style) -> "RichText":
    """Return *text* as Rich draws it, its isolates whole on every line that it is folded to."""
    from paranad.cli.screen.fitting import FoldingText  # noqa: PLC0415 - heavy, and needed on a terminal only

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
