"""The page of parcels that need a person, and their money."""

from collections.abc import Sequence

from paranad.cli.commands.parcels import (
    NO_PARCEL,
    PARCELS,
    all_watched,
    kinds_asked,
    kinds_table,
    parcel_kind,
    parcels_table,
)
from paranad.cli.screen.blocks import Line, Style
from paranad.cli.screen.say import say
from paranad.cli.screen.times import moment
from paranad.cli.session import Json
from paranad.web.asked import hear, typed
from paranad.web.links import ORDERS, address, below
from paranad.web.links import PARCELS as HERE
from paranad.web.page import Filter, Linked, Page, Pager, Piece, View
from paranad.web.pages.jobs import choice

SHOWN = 25
"""How many parcels a page of the list holds."""


def parcels(view: View) -> Page:
    """Show how many parcels of each kind need a person, and which: those that have stood longest first."""
    asked = typed(view.query, "kind", "cursor")
    heard = hear(view, lambda: view.client.get("parcels", limit=SHOWN, **asked))
    kinds = [(kind, parcel_kind(kind)) for kind in PARCELS]
    pieces: list[Piece] = [Filter([choice("kind", say("kind"), asked, kinds)]), *heard.problem]
    if heard.answer is not None:
        page = heard.answer
        is_first, kinds_shown = not asked["cursor"], kinds_asked(page, asked["kind"])
        if is_first and (not asked["kind"] or not all_watched(kinds_shown)):
            hrefs = [address(HERE, kind=each["kind"]) if each["count"] else None for each in kinds_shown]
            pieces.append(Linked(kinds_table(kinds_shown, named=False), hrefs))
        if page["items"]:
            pieces.append(_listed(page["items"], view, asked["kind"]))
        elif all_watched(kinds_shown):
            pieces.append(Line(say(NO_PARCEL), Style.GOOD))
        pieces.append(Line(say("as the shop's rows were {at}", at=moment(page["at"], view.now)), Style.DIM))
        pieces.append(Pager(page["next_cursor"] and address(HERE, **{**asked, "cursor": page["next_cursor"]})))
    return Page(say("Parcels"), pieces, slowly=True)


def _listed(parcels: Sequence[Json], view: View, kind: str | None) -> Linked:
    hrefs = [below(ORDERS, each["order_id"]) if each["order_id"] else None for each in parcels]
    return Linked(parcels_table(parcels, view.now, with_kind=kind is None), hrefs)
