"""The pages of orders: which have no shipment, which a text finds, and everything about one."""

from collections.abc import Iterator, Mapping

from paranad.cli.commands.jobs import jobs_table
from paranad.cli.commands.journal import Asked
from paranad.cli.commands.orders import (
    FOUND_NOTHING,
    found_table,
    orders_table,
    shop_words,
    standing_lines,
    title_words,
)
from paranad.cli.commands.shipments import shipment_words
from paranad.cli.commands.status import ALL_SHIPPED
from paranad.cli.screen.blocks import Heading, Line, Style
from paranad.cli.screen.say import say
from paranad.cli.session import Json
from paranad.cli.words import action_words, said_words
from paranad.web.asked import hear, typed
from paranad.web.links import JOBS, ORDERS, SHIPMENTS, address, below
from paranad.web.page import Act, Acts, Card, Field, Filter, Link, Linked, Page, Pager, Piece, View
from paranad.web.pages.log import about
from paranad.wording import quotable

SHOWN = 25
"""How many orders a page of a list holds."""
DECISIONS = frozenset({"settle", "resend"})
"""What is done on the shipment's own page, beside its candidates."""
PAUSED = "queue", "task"
"""What may be paused under an order's job, by the name of its value in the reason."""


def orders(view: View) -> Page:
    """Show the orders without a shipment, the oldest first, or those that a text finds."""
    asked = typed(view.query, "find", "cursor")
    heard = hear(view, lambda: view.client.get("orders", limit=SHOWN, **asked))
    pieces: list[Piece] = [_search(asked["find"] or ""), *heard.problem]
    if heard.answer is not None:
        found = (
            _found(heard.answer, view, asked["find"])
            if asked["find"]
            else _unshipped(heard.answer, view, is_first=not asked["cursor"])
        )
        next_page = heard.answer["next_cursor"]
        pieces += [*found, Pager(next_page and address(ORDERS, **{**asked, "cursor": next_page}))]
    return Page(say("Orders"), pieces, slowly=asked["find"] is not None)


def _search(text: str) -> Filter:
    hint = say("its number, its courier id, or three or more last digits of the phone")
    return Filter([Field("find", say("look for an order"), text, hint)], label=say("Search"))


def _unshipped(page: Json, view: View, *, is_first: bool) -> Iterator[Piece]:
    yield Heading(say("without a shipment"))
    if page["items"]:
        yield Linked(orders_table(page["items"], view.now), [below(ORDERS, each["order_id"]) for each in page["items"]])
    elif is_first and not page["next_cursor"]:
        yield Line(say(ALL_SHIPPED), Style.GOOD)


def _found(page: Json, view: View, text: str) -> Iterator[Piece]:
    if page["items"]:
        yield Linked(found_table(page["items"], view.now), [below(ORDERS, each["order_id"]) for each in page["items"]])
    elif not page["next_cursor"]:
        yield Line(said_words(FOUND_NOTHING(text=quotable(text))))
    yield Link(say("orders without a shipment"), ORDERS)


def order(view: View, order_id: int) -> Page:
    """Show what the shop says of an order, its shipment and its jobs, what happens next, and what can be done."""
    found = view.client.get("orders", order_id)
    _, *standing = standing_lines(found, view.now)  # its heading is the page's title
    pieces: list[Piece] = [*standing, *_to_do(found, view)]
    pieces += [Heading(say("In the shop")), *shop_words(found, view.now)]
    if found["shipment"]:
        _, *shipment = shipment_words(found["shipment"], view.now)
        pieces.append(Card(say("Shipment"), shipment, below(SHIPMENTS, order_id)))
    if found["jobs"]:
        jobs = Linked(jobs_table(found["jobs"], view.now), [below(JOBS, each["id"]) for each in found["jobs"]])
        pieces += [Heading(say("Jobs")), jobs]
    pieces += [Heading(say("Log")), *about(view, Asked(order=order_id))]
    return Page(title_words(found)[:2], pieces)  # without the phone, which stands below


def _to_do(order: Json, view: View) -> Iterator[Piece]:
    """Yield what can be done: as buttons, as the way to the shipment's page, or as what is typed in a terminal."""
    acts = {action: act for action in order["actions"] if (act := _act(action, order, decide=view.decide))}
    if acts:
        yield Acts(list(acts.values()))
    if DECISIONS & set(order["actions"]):
        yield Link(say("decide about the shipment"), below(SHIPMENTS, order["order_id"]))
    for action in order["actions"]:
        if action not in acts and action not in DECISIONS:
            yield Line(action_words(action, order, order["job_id"]))


def _act(action: str, order: Json, *, decide: bool) -> Act | None:
    """Return the button for an action; None if no button does it."""
    job_id = order["job_id"]
    acts: dict[str, Act | None] = {
        "retry": Act("retry", say("Retry"), {"id": str(job_id)}, Style.GOOD) if job_id else None,
        "wake": Act("wake", say("Run it now"), {"id": str(job_id)}, Style.GOOD) if job_id else None,
        "cancel": Act("cancel", say("Cancel"), {"id": str(job_id)}, Style.BAD) if decide and job_id else None,
        "send": Act("send", say("Send it"), {"order": str(order["order_id"])}, Style.GOOD) if decide else None,
        "reconcile": Act("reconcile", say("Compare with the courier's list")),
        "resume": _resume(order["why"]["values"]),
    }
    return acts.get(action)


def _resume(values: Mapping[str, str]) -> Act:
    """Return the button that lets go on what is paused; where nothing is named, the daemon takes nothing new."""
    paused = next(({name: values[name]} for name in PAUSED if name in values), {})
    return Act("resume", say("Resume") if paused else say("Let everything go on"), paused, Style.GOOD)
