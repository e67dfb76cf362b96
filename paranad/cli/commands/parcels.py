"""`paranadctl parcels`: the parcels that need a person, and their money."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from paranad.cli.commands.jobs import fetch, note_more
from paranad.cli.options import Limit, one_of
from paranad.cli.parsing import Argument
from paranad.cli.screen.blocks import Block, Cell, Line, Style, Table, columns
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.screen.times import moment
from paranad.cli.session import Json, Session
from paranad.cli.words import fact_words

PARCELS: Mapping[str, str] = {
    "stuck": "no new status for {days:day} or longer, or a note of an issue",
    "returning": "on the way back for {days:day} or longer",
    "uninvoiced": "delivered {days:day} ago or earlier, and on no invoice of the courier's",
    "price": "the courier collects another amount than the order's total",
    "changed": "changed in the shop after it was sent",
    "cancelled": "cancelled or trashed in the shop, and under way",
}
"""The kinds of parcels that need a person, by their names as commands take them."""
ABOUT_ONE = "everything about one: paranadctl order ORDER"
NO_PARCEL = "no parcel needs a person"


def known_kind(text: str) -> str:
    """Read a kind of parcels."""
    return one_of(list(PARCELS), text)


Kind = Annotated[
    str | None,
    Argument("KIND", "Those of one kind alone: {}.".format(", ".join(PARCELS)), known_kind),
]


def parcels(session: Session, *, kind: Kind = None, limit: Limit = 25) -> None:
    """List parcels and money that need a person, and why."""
    answer = fetch(session, "parcels", limit=limit, kind=kind)
    session.answer(answer, lambda page: parcels_words(page, session.now(), kind=kind))
    note_more(session, answer)


def parcels_words(page: Json, at: datetime, *, kind: str | None) -> Iterator[Block]:
    """Yield how many parcels of each kind need a person, of *kind* alone if it is given, and which these are."""
    asked = kinds_asked(page, kind)
    yield kinds_table(asked, named=True)
    yield Line("")
    if page["items"]:
        yield parcels_table(page["items"], at, with_kind=kind is None)
        yield Line("")
        yield Line(say(ABOUT_ONE), Style.DIM)
    elif all_watched(asked):
        yield Line(say(NO_PARCEL), Style.GOOD)


def kinds_asked(page: Json, kind: str | None) -> Sequence[Json]:
    """Return what *page* says of the kinds: of *kind* alone if it is given."""
    return [each for each in page["kinds"] if kind in {None, each["kind"]}]


def all_watched(kinds: Sequence[Json]) -> bool:
    """Tell whether each of *kinds* is watched: of others it is unknown whether any parcel needs a person."""
    return all(each["count"] is not None for each in kinds)


def parcel_kind(kind: str, *, named: bool = False) -> Text:
    """Return a kind of parcels as one word; *named*: with its name as commands take it, where the two differ."""
    return Phrase(f"{'parcels_named' if named else 'parcel'}:{kind}", kind) if kind in PARCELS else kind


def parcel_words(kind: str, days: int | None) -> Phrase | str:
    """Return what a kind of parcels means; of a newer daemon's kind nothing is known."""
    return Phrase(f"parcels:{kind}", PARCELS[kind], {"days": days or 0}) if kind in PARCELS else ""


def kinds_table(kinds: Sequence[Json], *, named: bool) -> Table:
    """Return each kind with how many there are, or why it is not watched; *named*: as commands take it."""
    return Table(["", "", ""], [_kind(each, parcel_kind(each["kind"], named=named)) for each in kinds])


def parcels_table(parcels: Sequence[Json], at: datetime, *, with_kind: bool) -> Table:
    """Return parcels as a table, one a row."""
    names = columns("#order", "courier id", "status", "since", "why")
    kind = columns("kind") if with_kind else []
    return Table(
        [*kind, *names], [_parcel(each, at, with_kind=with_kind) for each in parcels], ("courier id", "status")
    )


def _kind(kind: Json, name: Text) -> list[Text | Cell]:
    count = kind["count"]
    if count is None:
        return [Cell(name, Style.DIM), "-", Cell(fact_words(kind, "reason"), Style.DIM)]
    style = Style.BAD if count else Style.GOOD
    return [name, Cell(str(count), style), parcel_words(kind["kind"], kind["days"])]


def _parcel(parcel: Json, at: datetime, *, with_kind: bool) -> list[Text | Cell]:
    kind: list[Text | Cell] = [parcel_kind(parcel["kind"])] if with_kind else []
    return [
        *kind,
        parcel["order_id"] or "-",
        parcel["courier_id"],
        parcel["status"] or parcel["status_id"],
        moment(parcel["since"], at),
        fact_words(parcel, "reason"),
    ]
