"""`paranadctl status`: one screen that answers "why is nothing running?"."""

import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Annotated

from paranad.cli.commands.jobs import WHY_AND_AGAIN
from paranad.cli.commands.outside import outside_words
from paranad.cli.commands.schedule import halted_words, last_words, next_words
from paranad.cli.commands.standby import machines_words
from paranad.cli.parsing import Option
from paranad.cli.screen.blocks import Block, Cell, Heading, Line, Style, Table, columns
from paranad.cli.screen.render import live
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.screen.times import moment
from paranad.cli.session import Json, Session, is_terminal
from paranad.cli.words import fact_words, notes_words, state_words
from paranad.errors import DaemonUnreachable, Unavailable

WATCH = Option("--watch", "Show it again every two seconds, until Ctrl-C.")
REFRESH_S = 2.0
SHOWN_ORDERS = 10
"""How many held shipments the screen names one by one."""
BAR_WIDTH = 20
WAITING = "waiting to be sent, {waiting:job}, the next {at}: paranadctl jobs --task alwaseet:create-shipment"
WAITING_PAUSED = "waiting to be sent, after the pause, {waiting:job}: paranadctl jobs --task alwaseet:create-shipment"
WAITING_DOOR = (
    "waiting to be sent, when the courier answers, {waiting:job}: paranadctl jobs --task alwaseet:create-shipment"
)
WITHDRAWN = "not taken by the courier, {withdrawn:shipment}: paranadctl shipments list --state withdrawn"
FAILED = "without a shipment because it failed, {failed:job}: paranadctl failed --task alwaseet:create-shipment"
ALL_SHIPPED = "every order of the last 30 days has its shipment"
UNSHIPPED = "{count:order} of the last 30 days without a shipment; the oldest was made {made}"
UNSHIPPED_UNDATED = "{count:order} without a shipment; when they were made is unknown"
UNSHIPPED_BY_HAND = "{count:order} of the last 30 days without a shipment; the shop sends none by itself"
WHICH_UNSHIPPED = "which, and why: paranadctl orders --without-shipment"
UNSHIPPED_UNKNOWN = "whether every order has its shipment is unknown: the shop's database does not say"
CALM = {
    f"note:{code}"
    for code in (
        "nothing-due",
        "nothing-due-next",
        "workers-busy",
        "one-at-a-time",
        "queue-at-limit",
        "courier-limit",
        "courier-closed",
        "courier-one-order",
        "daemon-starting",
        "daemon-stopping",
        "daemon-standby",
        "jobs-left-here",
    )
}
"""Codes of notes that need no action; any other note stands behind a `!`."""


def status(session: Session, watch: Annotated[bool, WATCH] = False) -> None:
    """Show all that an operator asks first, on one screen."""
    answer = session.client.get("status")
    session.answer(answer, lambda status: screen(status, session.now()))
    if watch:
        _watch(session)


def _watch(session: Session) -> None:
    """Show the status again and again; Ctrl-C is the way out, not a failure."""
    try:
        if session.as_json or not is_terminal(session.out):
            while True:
                time.sleep(REFRESH_S)
                session.answer(session.client.get("status"), lambda status: screen(status, session.now()))
        with live(session.out, session.language) as show:
            while True:
                show(partial(_present, session))
                time.sleep(REFRESH_S)
    except KeyboardInterrupt:
        return


def _present(session: Session, lines: int) -> list[Block]:
    """Return the screen of so many *lines*, or why there is none: a watch outlives a restart of the daemon."""
    from paranad.cli.problems import problem_words  # noqa: PLC0415 - only where something failed

    try:
        return within(session.client.get("status"), session.now(), lines)
    except (DaemonUnreachable, Unavailable) as error:
        return [*problem_words(error, session.language)]


def within(status: Json, at: datetime, lines: int) -> list[Block]:
    """Return the screen; if it has more than so many *lines*, without the schedule's rows."""
    whole = list(screen(status, at))
    return whole if sum(map(_height, whole)) <= lines else list(screen(status, at, brief=True))


def _height(block: Block) -> int:
    """Return how many lines a block takes where none is folded."""
    match block:
        case Table():
            return len(block.rows) + any(block.columns)
        case Heading():
            return 2
        case _:
            return 1


def screen(status: Json, at: datetime, *, brief: bool = False) -> Iterator[Block]:
    """Yield the whole screen; a *brief* one counts the schedule's entries instead of naming them.

    Of a daemon that stands by it is short: all that the rest would show happens on the machine that works.
    """
    yield from _daemon(status, at)
    yield from machines_words(status.get("standby"), at)  # a daemon of an earlier version has none
    if status["daemon"]["state"] == "standby":
        return
    yield from queues_words(status)
    yield from running_words(status["running"], at)
    yield from failed_words(status["failed"], at)
    if brief:
        yield Line("")
        yield Line(
            say("entries of the schedule, {count}: paranadctl schedule", count=len(status["schedule"])), Style.DIM
        )
    else:
        yield from _schedule(status["schedule"], at)
    yield from outside_words(status, at)
    yield from orders_words(status.get("orders"), at)
    yield from shipments_words(status["shipments"], at)


def _daemon(status: Json, at: datetime) -> Iterator[Block]:
    daemon, store = status["daemon"], status["store"]
    style = Style.GOOD if daemon["state"] in {"ready", "standby"} else Style.WARN
    since = moment(daemon["since"], at)
    yield Line(
        say(
            "paranad {version} is {state}, process {pid}, started {since}",
            version=daemon["version"],
            state=state_words(daemon["state"]),
            pid=daemon["pid"],
            since=since,
        ),
        style,
    )
    file = daemon["config_file"] or say("no file; what is set otherwise, and the defaults, hold")
    yield Line(say("configuration: {file}", file=file), Style.DIM)
    if not store["healthy"]:
        yield Line(say("queue.db: {reason}", reason=fact_words(store, "reason") or say("cannot be written")), Style.BAD)
    for note in notes_words(status):
        calm = note.key in CALM
        yield Line(note if calm else say("! {note}", note=note), Style.DIM if calm else Style.WARN)


def queues_words(status: Json) -> Iterator[Block]:
    """Yield the queues with their counts."""
    busy = say("Queues ({busy} of {workers} workers busy)", busy=len(status["running"]), workers=status["workers"])
    yield Heading(busy)
    counts = ("available", "running", "scheduled", "retryable", "failed")
    all_paused = bool(status.get("pause"))  # a daemon of an earlier version has none
    rows = [
        [q["name"], _claiming(q, all_paused=all_paused), *(_count(name, q) for name in counts)]
        for q in status["queues"]
    ]
    names = columns("queue", "state", "#available", "#running", "#scheduled", "#retryable", "#failed")
    yield Table(names, rows)


def _claiming(queue: Json, *, all_paused: bool) -> Cell:
    return Cell(say("paused"), Style.WARN) if queue["paused"] or all_paused else Cell(say("open"), Style.GOOD)


def _count(name: str, queue: Json) -> Cell:
    count = queue[name]
    if name == "running" and (limit := queue.get("limit")):
        return Cell(say("{used} of {limit}", used=count, limit=limit), Style.WARN if count >= limit else Style.NONE)
    if not count:
        return Cell("0", Style.DIM)
    return Cell(str(count), {"failed": Style.BAD, "retryable": Style.WARN}.get(name, Style.NONE))


def running_words(jobs: list[Json], at: datetime) -> Iterator[Block]:
    """Yield what runs now, a row for each job."""
    yield Heading(say("Running"))
    if not jobs:
        yield Line(say("nothing"), Style.DIM)
        return
    rows = [[job["id"], job["task"], moment(job["started_at"], at), _progress(job["progress"])] for job in jobs]
    yield Table(columns("#id", "task", "started", "progress"), rows)


def _progress(progress: Json) -> Text:
    if progress is None:
        return ""
    done, total = progress["done"], progress["total"]
    if not total:
        return say("{count} done", count=done)
    filled = min(BAR_WIDTH, BAR_WIDTH * done // total)
    bar = f"[{'#' * filled}{'.' * (BAR_WIDTH - filled)}]"
    return say("{bar} {done} of {total}", bar=bar, done=done, total=total)


def failed_words(failures: Json, at: datetime, *, hint: bool = True) -> Iterator[Block]:
    """Yield what failed last, with *hint* also what to type; nothing if nothing did."""
    if not failures["count"]:
        return
    yield Heading(say("Failed ({count})", count=failures["count"]))
    rows = [
        [job["id"], job["task"], moment(job["finished_at"], at), fact_words(job, "error")] for job in failures["last"]
    ]
    yield Table(columns("#id", "task", "failed", "error"), rows)
    if hint:
        yield Line(say(WHY_AND_AGAIN), Style.DIM)


def _schedule(entries: list[Json], at: datetime) -> Iterator[Block]:
    yield Heading(say("Schedule"))
    if not entries:
        yield Line(say("empty"), Style.DIM)
        return
    rows = [[entry["name"], last_words(entry, at), next_words(entry, at)] for entry in entries]
    yield Table(columns("entry", "last", "next"), rows)
    yield from halted_words(entries, at)


def orders_words(orders: Json | None, at: datetime) -> Iterator[Block]:
    """Yield the answer to "is all shipped?"; nothing from a daemon of an earlier version."""
    if orders is None:
        return
    yield Heading(say("Orders"))
    yield shipped_line(orders, at)
    if orders["without_shipment"]:
        yield Line(say(WHICH_UNSHIPPED), Style.DIM)


def shipped_line(orders: Json | None, at: datetime) -> Line:
    """Return the answer to "is all shipped?"; from a daemon of an earlier version it is unknown."""
    if orders is None or not orders["known"]:
        return Line(say(UNSHIPPED_UNKNOWN), Style.WARN)
    count = orders["without_shipment"]
    if not count:
        return Line(say(ALL_SHIPPED), Style.GOOD)
    if orders.get("automatic") is False:
        return Line(say(UNSHIPPED_BY_HAND, count=count), Style.DIM)
    if orders["oldest_at"] is None:
        return Line(say(UNSHIPPED_UNDATED, count=count), Style.WARN)
    return Line(say(UNSHIPPED, count=count, made=moment(orders["oldest_at"], at)), Style.WARN)


def shipments_words(shipments: Json, at: datetime) -> Iterator[Block]:
    """Yield which shipments are on their way, wait, failed or need a person."""
    yield Heading(say("Shipments"))
    lines = [*_on_their_way(shipments), *_not_sent(shipments, at)]
    yield from lines or [Line(say("every one that was begun is recorded, and none waits or failed"), Style.GOOD)]


def _on_their_way(shipments: Json) -> Iterator[Line]:
    if counts := tuple(_not_recorded(shipments)):
        yield Line(say("not yet recorded: {counts}", counts=counts))
    orders = shipments["needs_person"]
    for order_id in orders[:SHOWN_ORDERS]:
        yield Line(say("order {order} needs a person: paranadctl shipments show {order}", order=order_id), Style.BAD)
    if shipments["held"] > SHOWN_ORDERS:
        yield Line(say("the others: paranadctl shipments list --state held"), Style.BAD)


def _not_sent(shipments: Json, at: datetime) -> Iterator[Line]:
    """Yield why orders have no shipment; nothing from a daemon of an earlier version."""
    if waiting := shipments.get("waiting"):
        yield Line(_waiting_words(waiting, shipments, at), Style.WARN)
    if withdrawn := shipments.get("withdrawn"):
        yield Line(say(WITHDRAWN, withdrawn=withdrawn), Style.WARN)
    if failed := shipments.get("failed"):
        yield Line(say(FAILED, failed=failed), Style.BAD)


def _waiting_words(waiting: int, shipments: Json, at: datetime) -> Phrase:
    match shipments.get("waiting_for"):
        case "pause":
            return say(WAITING_PAUSED, waiting=waiting)
        case "courier":
            return say(WAITING_DOOR, waiting=waiting)
        case _:
            return say(WAITING, waiting=waiting, at=moment(shipments["next_at"], at))


def _not_recorded(shipments: Json) -> Iterator[Phrase]:
    for state in ("intended", "created", "held"):
        if shipments[state]:
            yield say("{count} {state}", count=shipments[state], state=state_words(state))
