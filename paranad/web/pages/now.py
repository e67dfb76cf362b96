"""Now: whether every order is shipped, what needs a person, and what to do about it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from paranad.cli.commands.outside import outside_words
from paranad.cli.commands.pauses import halted_words
from paranad.cli.commands.standby import machines_words
from paranad.cli.commands.status import (
    CALM,
    failed_words,
    queues_words,
    running_words,
    shipments_words,
    shipped_line,
)
from paranad.cli.screen.blocks import Block, Heading, Line, Style, Table
from paranad.cli.screen.say import Text, say
from paranad.cli.screen.times import relative
from paranad.cli.session import Json
from paranad.cli.words import notes_words
from paranad.web import links
from paranad.web.answers import known
from paranad.web.page import Act, Acts, Card, Cards, Figure, Figures, Linked, Page, Piece, View
from paranad.web.pages.shipments import SYNC
from paranad.web.pictures import pictures

UNKNOWN = "?"
SHOWN_FAILED = 3
"""How many failed jobs are shown; their own page has all."""


def now(view: View) -> Page:
    """Show how everything stands."""
    status = view.client.get("status")
    if status["daemon"]["state"] == "standby":  # what happens to orders is seen on the machine that works
        return Page(say("Now"), [*_troubles(status), Cards([*_machines(status, view.now)])])
    past = known(lambda: pictures(view.client.get("history"), view.language))
    return Page(say("Now"), [*_pieces(status, view.now), *([Cards(past)] if past else ())])


def _pieces(status: Json, at: datetime) -> Iterator[Piece]:
    yield shipped_line(status.get("orders"), at)
    yield Figures([*_figures(status, at)])
    yield from _troubles(status)
    yield Cards([*_cards(status, at)])


def _figures(status: Json, at: datetime) -> Iterator[Figure]:
    orders, shipments, failed = status.get("orders") or {}, status["shipments"], status["failed"]["count"]
    without = orders.get("without_shipment")
    yield Figure(
        UNKNOWN if without is None else without,
        say("orders without a shipment"),
        _style(without, Style.WARN),
        links.address(links.ORDERS, without_shipment=1),
        say("the oldest: {at}", at=relative(orders["oldest_at"], at)) if orders.get("oldest_at") else "",
    )
    yield Figure(
        shipments["held"],
        say("shipments that need a person"),
        _style(shipments["held"], Style.BAD),
        links.address(links.SHIPMENTS, state="held"),
    )
    yield Figure(failed, say("failed jobs"), _style(failed, Style.BAD), links.FAILED)
    waiting = shipments.get("waiting", 0)
    yield Figure(
        waiting,
        say("shipments that wait to be sent"),
        Style.NONE,
        links.address(links.JOBS, task=links.CREATE_SHIPMENT),
        _goes_on(shipments, at) if waiting else "",
    )
    yield Figure(*_sync(status, at), href=links.address(links.JOBS, task="alwaseet:sync-orders"))
    limiter = status["courier"]["limiter"]
    yield Figure(
        (say("{used} of {limit}", used=limiter["used"], limit=limiter["limit"])),
        say("requests to the courier in {window:g} s", window=limiter["window_s"]),
        Style.WARN if limiter["closed_until"] or limiter["waiting"] else Style.NONE,
    )


def _goes_on(shipments: Json, at: datetime) -> Text:
    """Return when those that wait to be sent go on."""
    match shipments.get("waiting_for"):
        case "pause":
            return say("after the pause")
        case "courier":
            return say("when the courier answers")
        case _:
            return say("the next {at}", at=relative(shipments["next_at"], at)) if shipments.get("next_at") else ""


def _sync(status: Json, at: datetime) -> tuple[Text, Text, Style]:
    """Return when the last sync was, what that is, and its style."""
    label, sync = say("last sync"), status["last_sync"]
    if not status["last_sync_known"]:
        return UNKNOWN, label, Style.WARN
    if sync is None:
        return say("none yet"), label, Style.NONE
    return relative(sync["at"], at), label, Style.WARN if sync["failed"] else Style.NONE


def _style(count: int | None, style: Style) -> Style:
    """Return how a count that should be 0 is drawn."""
    if count is None:
        return Style.WARN
    return style if count else Style.GOOD


def _troubles(status: Json) -> Iterator[Piece]:
    """Yield why nothing, or less than expected, runs."""
    notes = list(notes_words(status))
    urgent = [Line(note, Style.WARN) for note in notes if note.key not in CALM]
    again = [Act("resume", say("Let everything go on"), style=Style.GOOD)] if any(halted_words(status)) else []
    if urgent or again:
        yield Card(say("What is wrong, and what to do"), [*urgent, *again], links.DOCTOR, Style.WARN)
    yield from (Line(note, Style.DIM) for note in notes if note.key in CALM)


def _machines(status: Json, at: datetime) -> Iterator[Card]:
    """Yield which machine works and which stand by; nothing of a daemon that works alone."""
    if card := _card(machines_words(status.get("standby"), at), links.DOCTOR, [], []):
        yield card


def _cards(status: Json, at: datetime) -> Iterator[Card]:
    """Yield how each part stands, each with what can be done; what has nothing to say is left out."""
    failed, running = {**status["failed"], "last": status["failed"]["last"][:SHOWN_FAILED]}, status["running"]
    now_running = running_words(running, at) if running else ()
    for blocks, href, acts, jobs in (
        (shipments_words(status["shipments"], at), links.SHIPMENTS, [], []),
        (failed_words(failed, at, hint=False), links.FAILED, [], failed["last"]),
        (now_running, links.address(links.JOBS, state="running"), [], running),
        (outside_words(status, at), links.DOCTOR, [SYNC], []),
        (queues_words(status), links.JOBS, [*map(_pause, status["queues"]), *_pause_all(status)], []),
    ):
        if card := _card(blocks, href, acts, [links.below(links.JOBS, job["id"]) for job in jobs]):
            yield card
    yield from _machines(status, at)


def _pause(queue: Json) -> Act:
    """Return the button that pauses a queue, or lets it go on."""
    name = {"queue": queue["name"]}
    if queue["paused"]:
        return Act("resume", say("Let {queue} go on", **name), name, Style.GOOD)
    return Act("pause", say("Pause {queue}", **name), name)


def _pause_all(status: Json) -> Iterator[Act]:
    """Yield the button that pauses everything, unless that is so; then all goes on by the button at the top."""
    if not status.get("pause"):
        yield Act("pause", say("Pause everything"))


def _card(blocks: Iterable[Block], href: str, acts: Sequence[Act], rows: Sequence[str]) -> Card | None:
    """Return blocks that begin with a heading as a card under it; None if there are none.

    Args:
        blocks: what it shows.
        href: where its title leads.
        acts: what can be done there.
        rows: where each row of its table leads; none: nowhere.
    """
    left = iter(blocks)
    head = next(left, None)
    if not isinstance(head, Heading):
        return None
    pieces = (Linked(each, rows) if rows and isinstance(each, Table) else each for each in left)
    return Card(head.text, [*pieces, Acts(acts)], href)
