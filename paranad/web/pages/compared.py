"""An order beside the courier orders that may be its shipment, for its page and the question before."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from paranad.cli.screen.blocks import Cell, Line, Style, Table
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.screen.times import moment
from paranad.cli.session import Json
from paranad.cli.words import fact_words
from paranad.web.page import Act, Card, Cards, Field, Piece

SETTLE = "settle"
LABELS = {
    "name": say("name"),
    "phone": say("phone"),
    "price": say("price"),
    "address": say("address"),
    "notes": say("notes"),
    "created_at": say("created"),
}
"""What is compared, in order."""


def order_card(compared: Json, at: datetime) -> Card:
    """Return what the shop says of the order."""
    title = say("order {order}", order=compared["order_id"])
    if compared["order"] is None:
        return Card(title, [Line(fact_words(compared, "order_reason", "order_why"), Style.WARN)])
    return Card(title, [facts_of(compared["order"], at)])


def candidate_card(candidate: Json, order_id: int, at: datetime, *, settle: bool) -> Card:
    """Return one courier order, with the button that makes it the shipment if *settle*."""
    pieces: list[Piece] = [Line(fact_words(candidate, "reason"), Style.DIM)]
    if candidate["row"] is None:
        pieces.append(
            Line(say("the shop keeps no row of it yet: sync all orders, or look in the courier's own list"), Style.WARN)
        )
    else:
        pieces.append(facts_of(candidate["row"], at, candidate["same"], _more(candidate)))
    if settle:
        fields = {"order": str(order_id), "courier_id": candidate["courier_id"]}
        pieces.append(Act(SETTLE, say("{id} is the shipment", id=candidate["courier_id"]), fields))
    return Card(say("courier order {id}", id=candidate["courier_id"]), pieces)


def comparison(compared: Json, at: datetime, *, settle: bool = False, only: str | None = None) -> Iterator[Piece]:
    """Yield the order beside its candidates, or beside that one whose courier id is *only*."""
    items: Sequence[Json] = [each for each in compared["items"] if only is None or each["courier_id"] == only]
    cards = [candidate_card(each, compared["order_id"], at, settle=settle) for each in items]
    yield Cards([order_card(compared, at), *cards])
    if compared["reason"]:
        yield Line(say("the shop's rows are unknown: {reason}", reason=fact_words(compared, "reason")), Style.WARN)
    elif not items and only is None:
        yield Line(say("the shop keeps no courier order that may be it; a sync brings the courier's list"), Style.WARN)


def courier_id_field(value: str = "") -> Field:
    """Return the line in which a courier id is typed."""
    return Field("courier_id", say("courier id"), value, hint=say("the courier's number of the order"), numeric=True)


def facts_of(side: Json, at: datetime, same: Sequence[str] = (), more: Iterable[tuple[Phrase, Text]] = ()) -> Table:
    """Return one side of a comparison; what is the *same* on the other stands out."""
    rows: list[list[Text | Cell]] = [
        [label, _value(side, name, at, is_same=name in same)] for name, label in LABELS.items()
    ]
    return Table(["", ""], [*rows, *([label, text] for label, text in more)])


def _more(candidate: Json) -> Iterator[tuple[Phrase, Text]]:
    yield say("courier's status"), candidate["status"] or "-"
    if candidate["order_id"]:
        yield say("linked to order"), candidate["order_id"]


def _value(side: Json, name: str, at: datetime, *, is_same: bool) -> Text | Cell:
    if name in side["unreadable"]:
        return Cell(say("unreadable"), Style.WARN)
    value = side[name]
    if value is None or value == "":
        return "-"
    match name:
        case "price":
            text: Text = say("{count:dinar}", count=int(value) if value.is_integer() else value)
        case "created_at":
            text = moment(value, at)
        case _:
            text = value
    return Cell(say("{value} (the same)", value=text), Style.GOOD) if is_same else text
