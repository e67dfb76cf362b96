"""The pages of shipments: the journal by state, and one shipment, decided there if it is held."""

from collections.abc import Iterator

from paranad.cli.commands.shipments import ALL_RECORDED, past_words, shipment_words, shipments_table, standing_words
from paranad.cli.options import SHIPMENT_STATES
from paranad.cli.screen.blocks import Heading, Line, Style
from paranad.cli.screen.say import say
from paranad.cli.session import Json
from paranad.cli.words import is_repeat, state_words
from paranad.web.asked import hear, typed
from paranad.web.links import ORDERS, SHIPMENTS, address, below
from paranad.web.page import Act, Acts, Card, Filter, Form, Link, Linked, Page, Pager, Piece, View
from paranad.web.pages.compared import SETTLE, comparison, courier_id_field
from paranad.web.pages.jobs import choice

SHOWN = 25
"""How many shipments a page of the list holds."""
DECIDABLE = frozenset({"held", "intended"})
"""The states in which a person can say which courier order it is."""
SYNC = Act("sync", say("Sync the courier's orders"))
BOTH = "the customer gets two parcels; if this order is not wanted, cancel it in the shop, and nothing is left to do"
NOT_THERE = (
    "if the courier's own list shows neither the reference nor the phone, it can be sent again; if the courier has it "
    "after all, the customer gets two parcels"
)


def shipments(view: View) -> Page:
    """Show the shipments of a state, or those that are not recorded yet."""
    asked = typed(view.query, "state", "cursor")
    heard = hear(view, lambda: view.client.get("shipments", limit=SHOWN, **asked))
    states = [(state, state_words(state)) for state in SHIPMENT_STATES]
    filter_ = Filter([choice("state", say("state"), asked, states, say("all that are not recorded"))])
    pieces: list[Piece] = [filter_, *heard.problem]
    if heard.answer is not None:
        pieces += _listed(heard.answer, view, asked)
    acts = [
        SYNC,
        Act("reconcile", say("Compare with the courier's list")),
    ]
    return Page(say("Shipments"), [*pieces, Acts(acts)])


def _listed(page: Json, view: View, asked: dict[str, str | None]) -> Iterator[Piece]:
    items = page["items"]
    if items:
        yield Linked(shipments_table(items, view.now), [below(SHIPMENTS, each["order_id"]) for each in items])
    elif asked["state"]:
        yield Line(say("no such shipment"))
    else:
        yield Line(say(ALL_RECORDED), Style.GOOD)
    yield Pager(page["next_cursor"] and address(SHIPMENTS, **{**asked, "cursor": page["next_cursor"]}))


def shipment(view: View, order_id: int) -> Page:
    """Show what is known of an order's shipment; while it is unclear, what may be it at the courier, to be decided."""
    found = view.client.get("shipments", order_id)
    title, order = say("shipment of order {order}", order=order_id), below(ORDERS, order_id)
    link = Link(say("order {order}", order=order_id), order)
    if found["state"] not in DECIDABLE:
        _, *rest = shipment_words(found, view.now)  # its heading is the page's title
        return Page(title, [*rest, link])
    pieces = [*standing_words(found, view.now), link, *_decision(found, view), *past_words(found, view.now)]
    return Page(title, pieces, live=False)


def _decision(shipment: Json, view: View) -> Iterator[Piece]:
    """Yield what is to be compared, and what can be decided."""
    order_id = shipment["order_id"]
    compared = view.client.get("shipments", order_id, "candidates")
    yield Heading(say("The order, and what may be it at the courier"))
    yield from comparison(compared, view.now, settle=view.decide)
    if any(each["row"] is None for each in compared["items"]):
        yield SYNC
    if not view.decide:
        yield Line(say("shipments are decided with paranadctl, not on this page"), Style.DIM)
        return
    settle = Act(SETTLE, say("This is the shipment"), {"order": str(order_id)})
    yield Card(say("Another courier order is the shipment"), [Form(settle, [courier_id_field()])])
    if is_repeat(shipment):
        too = Act("resend", say("Send it too"), {"order": str(order_id)}, Style.BAD)
        yield Card(say("Both orders are wanted"), [Line(say(BOTH)), too])
    elif shipment["state"] == "held":
        again = Act("resend", say("Send it again"), {"order": str(order_id)}, Style.BAD)
        yield Card(say("The courier does not have it"), [Line(say(NOT_THERE)), again])
