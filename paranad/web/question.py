"""What an act of the pages asks a person before, and what is said afterwards."""

from collections.abc import Mapping, Sequence

from paranad.cli.screen.blocks import Line, Style
from paranad.cli.screen.say import Phrase, Text
from paranad.record import record
from paranad.said import Sentence
from paranad.web.page import Choice, Field, Piece

Fields = Mapping[str, str]

MISSING = Sentence("web.field_missing", "{field} is missing")


@record
class Question:
    """What a person is asked before an act."""

    title: Text
    says: Sequence[Piece]
    """What will happen."""
    label: Phrase
    """Of the button that does it."""
    style: Style = Style.NONE
    """BAD where it cannot be undone."""
    typed: str = ""
    """What must be typed for it, such as the order's number; empty: nothing."""
    inputs: Sequence[Choice | Field] = ()
    """What may be filled in beside."""


@record
class Told:
    """What is said once, on the page that the act leads to."""

    lines: Sequence[Line]
    href: str | None = None
    """Where it leads; None: back to where it came from."""
