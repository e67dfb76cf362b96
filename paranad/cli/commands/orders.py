"""`paranadctl order` and `orders`: everything about one order of the shop, and which have no shipment."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated

from paranad.cli.commands import logs
from paranad.cli.commands.jobs import fetch, jobs_words, note_more
from paranad.cli.commands.journal import Asked, read
from paranad.cli.commands.logs import AGO
from paranad.cli.commands.shipments import shipment_words
from paranad.cli.commands.status import ALL_SHIPPED
from paranad.cli.options import Limit
from paranad.cli.parsing import Argument, Option
from paranad.cli.screen.blocks import Block, Cell, Heading, Line, Style, Table, columns
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.screen.times import absolute, moment
from paranad.cli.session import Json, Session
from paranad.cli.words import action_words, fact_words, order_status_words, said_words, standing_words, state_words
from paranad.errors import NotFound, ParanadError
from paranad.numbers import LARGEST_ID, is_digits
from paranad.said import Sentence

STYLES = {
    "failed": Style.BAD,
    "held": Style.BAD,
    "never_asked": Style.BAD,
    "paused": Style.WARN,
    "waiting": Style.WARN,
}
LOG_LINES = 200
ALL_SINCE_SHIPPED = "every order made since then has its shipment"
ABOUT_ONE = "everything about one: paranadctl order ORDER"
FOUND_NOTHING = Sentence(
    "order.found_nothing", 'nothing is known of "{text}": no order, no courier order, and no phone that ends like this'
)


Which = Annotated[
    str,
    Argument("ORDER", "The order's id; or its own number, its courier id, or three or more last digits of a phone."),
]
Without = Annotated[bool, Option("--without-shipment", "Those without a shipment; no others are listed.")]
Since = Annotated[
    str | None,
    Option("--since TIME", "Made since then, such as 2h or 2026-03-01; else in the last 30 days.", logs.since),
]


def order(session: Session, which: Which) -> None:
    """Show everything about one order, and what happens next."""
    answer = _about(session, which.strip())
    if "items" in answer:
        session.answer(answer, lambda page: found_words(page["items"], session.now()))
        note_more(session, answer)
        return
    session.answer(answer, lambda order: _screen(order, session.now()))


def orders(session: Session, *, without_shipment: Without = False, since: Since = None, limit: Limit = 25) -> None:
    """List orders without the shipment they need: why, until when."""
    begin = since and instant_of(since, session.now()).isoformat()
    answer = fetch(session, "orders", limit=limit, since=begin, without_shipment="1" if without_shipment else None)
    session.answer(answer, lambda page: orders_words(page, session.now(), is_since=begin is not None))
    note_more(session, answer)


def _about(session: Session, text: str) -> Json:
    """Return the order that *text* is the id of, or the only one that it finds; a list if it finds several.

    Raises:
        NotFound: it finds none.
    """
    # A leading zero is of a phone, or of the shop's own number: 002 is not order 2.
    if is_digits(text) and not text.startswith("0") and int(text[:20]) <= LARGEST_ID:
        with suppress(NotFound):
            return session.client.get("orders", int(text))
    page = session.client.get("orders", find=text)
    match page["items"]:
        case []:
            raise NotFound(FOUND_NOTHING(text=text))
        case [only] if not page["next_cursor"]:
            return session.client.get("orders", only["order_id"])
        case _:
            return page


def instant_of(since: str, at: datetime) -> datetime:
    """Return the instant that *since* names, in the form that journalctl takes, by the clock of this machine."""
    if ago := AGO.fullmatch(since.removeprefix("-")):
        days, hours, minutes, seconds = (int(part or 0) for part in ago.groups())
        return at - timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if since.endswith(" UTC"):
        return datetime.fromisoformat(since.removesuffix(" UTC")).replace(tzinfo=UTC)
    today = at.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    if since in {"today", "yesterday"}:
        return today - timedelta(days=since == "yesterday")
    if "-" in since:
        return datetime.fromisoformat(since).astimezone()
    hour, minute, *second = map(int, since.split(":"))
    return today.replace(hour=hour, minute=minute, second=second[0] if second else 0)


def orders_words(page: Json, at: datetime, *, is_since: bool) -> Iterator[Block]:
    """Yield a page of orders without a shipment as a table, oldest first; *is_since*: a time was asked for."""
    if not page["items"]:
        if not page["next_cursor"]:  # else nothing is known of the orders behind it
            yield Line(say(ALL_SINCE_SHIPPED if is_since else ALL_SHIPPED), Style.GOOD)
        return
    yield orders_table(page["items"], at)
    yield Line("")
    yield Line(say(ABOUT_ONE), Style.DIM)


def orders_table(orders: Sequence[Json], at: datetime) -> Table:
    """Return orders without a shipment as a table, one a row."""
    return Table(columns("#order", "made", "standing", "until", "why"), [_unshipped(each, at) for each in orders])


def _unshipped(order: Json, at: datetime) -> list[Text | Cell]:
    standing = order["standing"]
    return [
        order["order_id"],
        moment(order["created_at"], at),
        Cell(standing_words(standing), STYLES.get(standing, Style.NONE)),
        moment(order["until"], at),
        fact_words(order, "reason"),
    ]


def found_words(orders: Sequence[Json], at: datetime) -> Iterator[Block]:
    """Yield the orders that a text has found as a table, newest first."""
    yield found_table(orders, at)
    yield Line("")
    yield Line(say(ABOUT_ONE), Style.DIM)


def found_table(orders: Sequence[Json], at: datetime) -> Table:
    """Return the orders that a text has found as a table, one a row."""
    names = columns("#order", "made", "customer", "phone", "status", "courier id", "shipment")
    return Table(names, [_found(each, at) for each in orders])


def _found(order: Json, at: datetime) -> list[Text | Cell]:
    standing = order["standing"]
    if standing is not None:
        shipped: Text | Cell = Cell(standing_words(standing), STYLES.get(standing, Style.NONE))
    else:
        shipped = state_words("recorded") if order["courier_id"] else "-"
    return [
        order["order_id"],
        moment(order["created_at"], at),
        order["customer"] or "-",
        order["phone"],
        order_status_words(order["status"]),
        order["courier_id"] or "-",
        shipped,
    ]


def _screen(order: Json, at: datetime) -> Iterator[Block]:
    yield from order_words(order, at)
    yield Heading(say("Log"))
    yield from _log_words(order, at)


def order_words(order: Json, at: datetime) -> Iterator[Block]:
    """Yield everything known of one order, what happens next, and what a person can do; not its lines of the log."""
    yield from standing_lines(order, at)
    yield from actions_words(order)
    yield Heading(say("In the shop"))
    yield from shop_words(order, at)
    if order["shipment"]:
        yield Heading(say("Shipment"))
        _, *shipment = shipment_words(order["shipment"], at)  # its first line names the order again
        yield from shipment
    yield Heading(say("Jobs"))
    yield from jobs_words(order["jobs"], at)


def title_words(order: Json) -> tuple[Text, ...]:
    """Return the order's number, its customer and the phone, as far as they are known."""
    shop = order["shop"] or {}
    return say("order {order}", order=order["order_id"]), shop.get("customer") or "", shop.get("phone") or ""


def standing_lines(order: Json, at: datetime) -> Iterator[Block]:
    """Yield where the order stands, and when something happens by itself."""
    standing, reason = order["standing"], fact_words(order, "reason")
    yield Line(title_words(order), Style.HEADING)
    if standing is None:
        yield Line(reason)
    else:
        words = say("no shipment yet, {standing}: {reason}", standing=standing_words(standing), reason=reason)
        yield Line(words, STYLES.get(standing, Style.NONE))
    if order.get("elsewhere"):  # an older daemon does not say it
        yield Line(fact_words(order, "elsewhere", "elsewhere_why"), Style.WARN)
    if order["until"]:
        yield Line(say("goes on by itself {at}", at=moment(order["until"], at)))


def actions_words(order: Json) -> Iterator[Block]:
    """Yield what a person can do about the order."""
    if order["actions"]:
        yield Heading(say("What you can do"))
    for action in order["actions"]:
        yield Line(action_words(action, order, order["job_id"]))


def shop_words(order: Json, at: datetime) -> Iterator[Block]:
    """Yield what the shop says of the order, or why it does not."""
    shop = order["shop"]
    if shop is None:
        yield Line(fact_words(order, "shop_reason", "shop_why"), Style.WARN)
        return
    status = order_status_words(shop["status"])
    facts: list[tuple[Phrase, Text | None]] = [
        (say("number"), shop["number"]),
        (say("status"), say("{status}, in the trash", status=status) if shop["trashed"] else status),
        (say("made"), moment(shop["created_at"], at)),
        (say("total"), _dinars(shop["total"])),
        (say("rows"), shop["items"]),
        (say("customer"), shop["customer"]),
        (say("phone"), shop["phone"]),
        (say("address"), shop["address"]),
        *((say("courier order"), _shop_shipment(each, at)) for each in order["shop_shipments"]),
    ]
    yield Table(["", ""], [[name, value] for name, value in facts if value is not None])


def _dinars(total: str | None) -> Text | None:
    """Return a total with its unit; as the shop has it if it is no whole number."""
    return say("{count:dinar}", count=int(total)) if total and is_digits(total) else total


def _shop_shipment(shipment: Json, at: datetime) -> Text:
    synced = say("synced {at}", at=moment(shipment["synced_at"], at)) if shipment["synced_at"] else ""
    return shipment["courier_id"], shipment["status"] or "", synced


def _log_words(order: Json, at: datetime) -> Iterator[Block]:
    """Yield the order's lines of the journal in the order of time; where there is none, say where the log is."""
    try:
        found = read(Asked(order=order["order_id"], lines=LOG_LINES))
    except ParanadError as error:
        yield Line(said_words(error.said), Style.DIM)
        return
    if not found:
        yield Line(say("the journal has no line about it"), Style.DIM)
        return
    zone = _zone_of(order)
    rows = [
        [absolute(line.at.astimezone(zone).isoformat(), at), line.message.partition("\n")[0]] for line in found[::-1]
    ]
    yield Table(["", ""], rows)


def _zone_of(order: Json) -> tzinfo | None:
    """Return the daemon's offset, as its answer has it, so that the log shows the same clock; None: this machine's."""
    known = [order["shop"] and order["shop"]["created_at"], *(job["created_at"] for job in order["jobs"])]
    return next((datetime.fromisoformat(each).tzinfo for each in known if each), None)
