"""A page as data: what a function of `pages/` returns. `html.py` writes the pieces, `layout.py` the frame around them.

A page is a function: `def jobs(view: View) -> Page`; with a parameter of its path: `def job(view: View, id_: int)`.
It asks the daemon through the view and raises what the client raises: the error becomes a page with cause and cure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Protocol

from paranad.cli.commands.journal import Asked, Entry, read
from paranad.cli.language import Language
from paranad.cli.screen.blocks import Block, Style, Table
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.session import Json
from paranad.record import record
from paranad.web.markup import Markup


@record
class Link:
    """A line that leads somewhere."""

    text: Text
    href: str


@record
class Linked:
    """A table whose rows lead somewhere: the first cell of each is the link."""

    table: Table
    hrefs: Sequence[str | None]
    """One a row."""


@record
class Act:
    """A button: it posts *fields* to `/do/{name}`. `actions.py` knows whether it asks first."""

    name: str
    label: Phrase
    fields: Mapping[str, str] = field(default_factory=dict)
    """Hidden ones; the form's key and the way back are added to them."""
    style: Style = Style.NONE
    """BAD where it cannot be undone."""


@record
class Acts:
    """A row of buttons."""

    acts: Sequence[Act]


@record
class Choice:
    """A list to choose one value from."""

    name: str
    label: Text
    value: str
    """The one that is chosen; empty if none."""
    options: Sequence[tuple[str, Text]]
    """Each value with its words."""


@record
class Field:
    """A line to type in."""

    name: str
    label: Text
    value: str = ""
    hint: Text = ""
    """What is to be typed, below the line."""
    numeric: bool = False
    """Whether a phone offers digits."""
    secret: bool = False
    """A password: not shown, and offered by the browser that knows it."""


@record
class Filter:
    """What a page shows: sent with GET to the page itself."""

    inputs: Sequence[Choice | Field]
    label: Text = field(default_factory=lambda: say("Show"))


@record
class Form:
    """An act with something to fill in: a confirmation, a courier id."""

    act: Act
    inputs: Sequence[Choice | Field] = ()
    back: str | None = None
    """Where it leads afterwards, and where "Back" beside its button leads; None: to the page that it stands on."""


@record
class Picture:
    """A drawing, and its data as a table on demand."""

    name: Text
    svg: Markup
    table: Table


@record
class Figure:
    """A large number or word and what it counts."""

    value: Text
    label: Text
    style: Style = Style.NONE
    href: str | None = None
    note: Text = ""
    """A smaller line below."""


@record
class Figures:
    """Figures side by side, as many as there is room for."""

    figures: Sequence[Figure]


@record
class Card:
    """Pieces that belong together, under a title of their own; with *href* the title is a link."""

    title: Text
    pieces: Sequence["Piece"]
    href: str | None = None
    style: Style = Style.NONE


@record
class Cards:
    """Cards and pictures side by side where there is room, such as two things to compare."""

    cards: Sequence[Card | Picture]


@record
class Pager:
    """The way to the next page of a list; with None it is not drawn."""

    href: str | None


Piece = Block | Link | Linked | Act | Acts | Filter | Form | Picture | Figures | Card | Cards | Pager


@record
class Page:
    """One page: what stands in its `<main>`."""

    title: Text
    pieces: Sequence[Piece]
    live: bool = True
    """Whether it renews itself when something happens; not while somebody is to fill something in."""
    slowly: bool = False
    """Whether it renews itself now and then only, not at each event: what it shows was searched for."""
    status: int = 200
    """HTTP's."""


class Answers(Protocol):
    """What pages may ask of the daemon: reads only, shared among all open pages for a second."""

    def get(self, *path: str | int, **query: str | int | None) -> Json:
        """Read `/v1/…` as `ControlClient.get` does, and raise as it does."""


@record
class View:
    """What a page is made from."""

    client: Answers
    query: Mapping[str, str]
    """The page's own query; nonsense in it is to become a sentence."""
    now: datetime
    language: Language
    decide: bool
    """Whether what settles if a parcel goes, or ends a job for good, is offered here."""
    log: Callable[[Asked], list[Entry]] = read
    """Reads the daemon's log, and raises as `cli.commands.journal.read` does."""
