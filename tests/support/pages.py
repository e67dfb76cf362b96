"""A page read as a person reads it: every text on it, in one language, one a line."""

from collections.abc import Iterator, Sequence

from paranad.cli.language import Language
from paranad.cli.screen.blocks import Cell, Heading, Line, Numbers, Table, Verbatim
from paranad.cli.screen.say import Pen, Text
from paranad.web.page import (
    Act,
    Acts,
    Card,
    Cards,
    Choice,
    Field,
    Figures,
    Filter,
    Form,
    Link,
    Linked,
    Page,
    Pager,
    Picture,
    Piece,
)


def read(page: Page, language: Language = Language.ENGLISH) -> str:
    """Return every text of *page*, one a line; a table's row on one line."""
    pen = Pen(language)
    return "\n".join([pen.line(page.title), *_lines(page.pieces, pen)])


def pieces_of(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Yield every piece, those within cards too."""
    for piece in pieces:
        yield piece
        match piece:
            case Card():
                yield from pieces_of(piece.pieces)
            case Cards():
                yield from pieces_of(piece.cards)


def acts_of(page: Page) -> list[Act]:
    """Return every button of *page*."""
    found: list[Act] = []
    for piece in pieces_of(page.pieces):
        match piece:
            case Act():
                found.append(piece)
            case Acts():
                found += piece.acts
            case Form():
                found.append(piece.act)
    return found


def next_page(page: Page) -> str | None:
    """Return where the pager of *page* leads."""
    return next((piece.href for piece in page.pieces if isinstance(piece, Pager)), None)


def hrefs_of(page: Page) -> list[str]:
    """Return where rows, lines and cards of *page* lead."""
    found: list[str | None] = []
    for piece in pieces_of(page.pieces):
        match piece:
            case Linked():
                found += piece.hrefs
            case Link() | Card():
                found.append(piece.href)
    return [href for href in found if href]


def _lines(pieces: Sequence[Piece], pen: Pen) -> Iterator[str]:
    for piece in pieces_of(pieces):
        yield from (
            filter(None, map(pen.line, _texts(piece)))
            if not isinstance(piece, Table | Linked)
            else _rows(piece.table if isinstance(piece, Linked) else piece, pen)
        )


def _texts(piece: Piece) -> Iterator[Text]:
    match piece:
        case Heading() | Line() | Link() | Verbatim():
            yield piece.text
        case Act():
            yield piece.label
        case Acts():
            yield from (act.label for act in piece.acts)
        case Filter():
            yield from (text for each in piece.inputs for text in _input(each))
        case Form():
            yield from (piece.act.label, *(text for each in piece.inputs for text in _input(each)))
        case Figures():
            yield from (text for figure in piece.figures for text in (figure.value, figure.label, figure.note))
        case Card():
            yield piece.title
        case Picture():
            yield piece.name


def _input(each: Choice | Field) -> Iterator[Text]:
    yield each.label
    if isinstance(each, Choice):
        yield from (words for _, words in each.options)
    else:
        yield from (each.value, each.hint)


def _rows(table: Table, pen: Pen) -> Iterator[str]:
    names = [name.name if isinstance(name, Numbers) else name for name in table.columns]
    for row in [names, *table.rows]:
        line = "  ".join(pen.line(cell.text if isinstance(cell, Cell) else cell) for cell in row)
        if line.strip():
            yield line
