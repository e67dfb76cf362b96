"""Pieces of a page, and the terminal's blocks, as HTML."""

from collections.abc import Collection, Iterable, Sequence
from typing import assert_never

from paranad.cli.language import Language
from paranad.cli.screen.blocks import Block, Cell, Heading, Line, Numbers, Style, Table, Verbatim
from paranad.cli.screen.say import Text, say
from paranad.record import record
from paranad.text import harmless
from paranad.web.inline import inline, plain
from paranad.web.markup import Markup, joined, tag
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
    Link,
    Linked,
    Pager,
    Picture,
    Piece,
)

CLASSES = {
    Style.NONE: None,
    Style.HEADING: "strong",
    Style.DIM: "dim",
    Style.GOOD: "good",
    Style.WARN: "warn",
    Style.BAD: "bad",
}
SHORT = 18
"""Up to how many characters a cell stays on one line where there is room for a table."""
LONGEST_VERBATIM = 4_000
"""Up to how many characters a traceback or a program's output is shown at once."""


@record
class Ink:
    """What HTML is written with."""

    language: Language = Language.ENGLISH
    key: str = ""
    """That every form must carry."""
    here: str = "/"
    """The page's own address, to which an act leads back."""
    refused: Collection[str] = ()
    """The acts that the daemon does not do just now: their buttons cannot be pressed."""

    def text(self, text: Text) -> Markup:
        return inline(text, self.language)

    def label(self, text: Text) -> Markup:
        """Return *text* for the inside of a link or a button."""
        return inline(text, self.language, linked=False)

    def plain(self, text: Text) -> str:
        return plain(text, self.language)


def write_all(pieces: Iterable[Piece], ink: Ink, level: int = 2) -> Markup:
    """Return *pieces* one after the other; their headings are of that *level*."""
    return joined(write(piece, ink, level) for piece in pieces)


def write(piece: Piece, ink: Ink, level: int = 2) -> Markup:  # noqa: C901, PLR0911 - one case for each kind of piece
    """Return one piece as HTML."""
    match piece:
        case Heading() | Line() | Verbatim() | Table():
            return write_block(piece, ink, level)
        case Link():
            return tag("p", tag("a", ink.label(piece.text), href=piece.href), class_="way")
        case Linked():
            return write_table(piece.table, ink, piece.hrefs)
        case Act() | Acts():
            return write_acts([piece] if isinstance(piece, Act) else piece.acts, ink)
        case Filter():
            return write_filter(piece, ink)
        case Form():
            return write_form(piece, ink)
        case Picture():
            return write_picture(piece, ink)
        case Figures():
            return tag("ul", *(write_figure(figure, ink) for figure in piece.figures), class_="figures")
        case Card():
            return write_card(piece, ink, level)
        case Cards():
            return tag("div", write_all(piece.cards, ink, level), class_="cards")
        case Pager():
            return write_pager(piece, ink)
        case _:
            assert_never(piece)


def write_block(block: Block, ink: Ink, level: int = 2) -> Markup:
    """Return a block of the terminal's screens as HTML."""
    match block:
        case Heading():
            return tag(f"h{level}", ink.text(block.text))
        case Line():
            return tag("div", ink.text(block.text), class_=_classes("line", block.style)) if block.text else Markup()
        case Verbatim():
            return write_verbatim(block.text, ink)
        case Table():
            return write_table(block, ink)


def write_verbatim(text: str, ink: Ink) -> Markup:
    """Return lines as they came; many of them only on demand."""
    whole = tag("pre", harmless(text.rstrip("\n")), dir="ltr")
    if len(text) <= LONGEST_VERBATIM:
        return whole
    first = tag("pre", f"{harmless(text[:LONGEST_VERBATIM])}…", dir="ltr")
    return joined([first, tag("details", tag("summary", ink.label(say("the whole"))), whole)])


# ------------------------------------------------------------------- tables


def write_table(table: Table, ink: Ink, hrefs: Sequence[str | None] | None = None) -> Markup:
    """Return *table*, its rows as links to *hrefs*. On a phone each row is a card, labelled from the columns.

    The roles keep the table's meaning where the style sheet draws it as cards.
    """
    if not table.rows:
        return Markup()
    names = [_name(column) for column in table.columns]
    has_head = any(name != "" for name in names)
    head = [
        tag("th", ink.label(name), scope="col", role="columnheader", class_=_number(column))
        for name, column in zip(names, table.columns, strict=True)
    ]
    rows = [
        _row(row, table.columns, ink, href)
        for row, href in zip(table.rows, hrefs or [None] * len(table.rows), strict=True)
    ]
    return tag(
        "table",
        tag("thead", tag("tr", *head, role="row"), role="rowgroup") if has_head else "",
        tag("tbody", *rows, role="rowgroup"),
        class_="rows" if has_head else "facts",
        role="table",
    )


def _row(row: Sequence[Text | Cell], columns: Sequence[Text | Numbers], ink: Ink, href: str | None) -> Markup:
    cells = [
        _cell(cell, column, ink, href if place == 0 else None, place)
        for place, (cell, column) in enumerate(zip(row, columns, strict=True))
    ]
    return tag("tr", *cells, role="row")


def _cell(cell: Text | Cell, column: Text | Numbers, ink: Ink, href: str | None, place: int) -> Markup:
    text, style = (cell.text, cell.style) if isinstance(cell, Cell) else (cell, Style.NONE)
    # One element, since the style sheet lays a cell out beside its label.
    content = tag("a", ink.label(text), href=href) if href else tag("span", ink.text(text)) if text != "" else ""
    is_head = place == 0 and text != ""
    return tag(
        "th" if is_head else "td",
        content,
        scope="row" if is_head else None,
        role="rowheader" if is_head else "cell",
        class_=_joined(CLASSES[style], _number(column), "short" if len(ink.plain(text)) <= SHORT else None),
        data_label=ink.plain(_name(column)) or None,
    )


def _name(column: Text | Numbers) -> Text:
    return column.name if isinstance(column, Numbers) else column


def _number(column: Text | Numbers) -> str | None:
    return "number" if isinstance(column, Numbers) else None


def _classes(first: str, style: Style) -> str | None:
    return _joined(first, CLASSES[style])


def _joined(*names: str | None) -> str | None:
    return " ".join(name for name in names if name) or None


# -------------------------------------------------------------------- forms


def write_acts(acts: Sequence[Act], ink: Ink) -> Markup:
    """Return a row of buttons."""
    return tag("div", *(write_act(act, ink) for act in acts), class_="acts") if acts else Markup()


def write_act(act: Act, ink: Ink) -> Markup:
    """Return a button that posts."""
    button = tag(
        "button", ink.label(act.label), type="submit", class_=CLASSES[act.style], disabled=act.name in ink.refused
    )
    return tag("form", *_hidden(act, ink, ink.here), button, method="post", action=f"/do/{act.name}")


def write_form(form: Form, ink: Ink) -> Markup:
    """Return a form that posts, with a way back beside its button."""
    back = ink.here if form.back is None else form.back
    class_ = _joined("first", CLASSES[form.act.style])
    is_refused = form.act.name in ink.refused
    button = tag("button", ink.label(form.act.label), type="submit", class_=class_, disabled=is_refused)
    leave = tag("a", ink.label(say("Back")), href=back, class_="button") if form.back is not None else ""
    return tag(
        "form",
        *_hidden(form.act, ink, back),
        *(write_input(each, ink) for each in form.inputs),
        tag("div", button, leave, class_="acts"),
        method="post",
        action=f"/do/{form.act.name}",
        class_="fill",
    )


def _hidden(act: Act, ink: Ink, back: str) -> list[Markup]:
    fields = {**act.fields, "key": ink.key, "back": back}
    return [tag("input", type="hidden", name=name, value=value) for name, value in fields.items()]


def write_filter(filter_: Filter, ink: Ink) -> Markup:
    """Return a form that chooses what the page shows."""
    inputs = [write_input(each, ink) for each in filter_.inputs]
    button = tag("button", ink.label(filter_.label), type="submit")
    action = ink.here.partition("?")[0]
    return tag("form", *inputs, button, method="get", action=action, class_="filter", role="search")


def write_input(each: Choice | Field, ink: Ink) -> Markup:
    """Return a labelled input."""
    label = tag("span", ink.label(each.label), class_="label")
    match each:
        case Choice():
            options = [
                tag("option", ink.plain(words), value=value, selected=value == each.value)
                for value, words in each.options
            ]
            return tag("label", label, tag("select", *options, name=each.name))
        case Field():
            hint = tag("span", ink.label(each.hint), class_="hint") if each.hint != "" else ""
            typed = tag(
                "input",
                type="password" if each.secret else "text",
                name=each.name,
                value=each.value,
                dir="auto",
                inputmode="numeric" if each.numeric else None,
                autocomplete="current-password" if each.secret else "off",
            )
            return tag("label", label, typed, hint)


# -------------------------------------------------------------------- cards


def write_picture(picture: Picture, ink: Ink) -> Markup:
    """Return a drawing with its data below it on demand."""
    data = tag("details", tag("summary", ink.label(say("as a table"))), write_table(picture.table, ink))
    return tag("figure", tag("figcaption", ink.label(picture.name)), picture.svg, data)


def write_figure(figure: Figure, ink: Ink) -> Markup:
    """Return a large number and what it counts; all of it is the link, if there is one."""
    parts = [
        tag("span", ink.label(figure.value), class_="value"),
        tag("span", ink.label(figure.label), class_="label"),
        tag("span", ink.label(figure.note), class_="note") if figure.note != "" else Markup(),
    ]
    content = tag("a", *parts, href=figure.href) if figure.href else tag("div", *parts)
    return tag("li", content, class_=CLASSES[figure.style])


def write_card(card: Card, ink: Ink, level: int) -> Markup:
    """Return pieces under a title of their own."""
    title = tag("a", ink.label(card.title), href=card.href) if card.href else ink.text(card.title)
    head = tag(f"h{level}", title)
    return tag("section", head, write_all(card.pieces, ink, level + 1), class_=_classes("card", card.style))


def write_pager(pager: Pager, ink: Ink) -> Markup:
    """Return the way to the next page."""
    if not pager.href:
        return Markup()
    return tag("p", tag("a", ink.label(say("Next page")), href=pager.href, rel="next", class_="button"), class_="pager")
