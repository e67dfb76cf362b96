"""`paranadctl status`: one screen that answers "why is nothing running?"."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer

from paranad.cli.render import Block, Cell, Heading, Line, Style, Table, live
from paranad.cli.schedule import halted_words, last_words, next_words
from paranad.cli.session import Json, Session, is_terminal
from paranad.cli.times import moment
from paranad.errors import DaemonUnreachable, Unavailable

WATCH = typer.Option("--watch", help="Show it again every two seconds, until Ctrl-C.")
REFRESH_S = 2.0
SHOWN_ORDERS = 10
"""How many held shipments the screen names one by one."""
BAR_WIDTH = 20


def status(context: typer.Context, watch: Annotated[bool, WATCH] = False) -> None:
    """Show all that an operator asks first, on one screen."""
    session: Session = context.obj
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
        with live(session.out) as show:
            while True:
                show(_present(session))
                time.sleep(REFRESH_S)
    except KeyboardInterrupt:
        return


def _present(session: Session) -> list[Block]:
    """Return the screen, or why there is none: a watch outlives a restart of the daemon."""
    try:
        return list(screen(session.client.get("status"), session.now()))
    except (DaemonUnreachable, Unavailable) as error:
        return [Line(str(error), Style.BAD)]


def screen(status: Json, at: datetime) -> Iterator[Block]:
    """Yield the whole screen."""
    yield from _daemon(status, at)
    yield from _queues(status)
    yield from _running(status["running"], at)
    yield from _failed(status["failed"], at)
    yield from _schedule(status["schedule"], at)
    yield Heading("Outside")
    yield Table(
        ["", ""],
        [
            _courier(status["courier"], at),
            _shop(status["shop"]),
            _bridge(status["bridge"]),
            _sync(status["last_sync"], at),
        ],
    )
    yield from _shipments(status["shipments"])


def _daemon(status: Json, at: datetime) -> Iterator[Block]:
    daemon, store = status["daemon"], status["store"]
    style = Style.GOOD if daemon["state"] == "ready" else Style.WARN
    since = moment(daemon["since"], at)
    yield Line(f"paranad {daemon['version']} is {daemon['state']}, process {daemon['pid']}, started {since}", style)
    yield Line(f"configuration: {daemon['config_file'] or 'none read, defaults hold'}", Style.DIM)
    if not store["healthy"]:
        yield Line(f"queue.db: {store['reason'] or 'cannot be written'}", Style.BAD)
    for note in status["notes"]:
        yield Line(f"! {note}", Style.WARN)


def _queues(status: Json) -> Iterator[Block]:
    yield Heading(f"Queues ({len(status['running'])} of {status['workers']} workers busy)")
    counts = ("available", "running", "scheduled", "retryable", "failed")
    rows = [[q["name"], _claiming(q), *(_count(name, q[name]) for name in counts)] for q in status["queues"]]
    yield Table(["queue", "state", *(f"#{name}" for name in counts)], rows)


def _claiming(queue: Json) -> Cell:
    return Cell("paused", Style.WARN) if queue["paused"] else Cell("open", Style.GOOD)


def _count(name: str, count: int) -> Cell:
    if not count:
        return Cell("0", Style.DIM)
    return Cell(str(count), {"failed": Style.BAD, "retryable": Style.WARN}.get(name, Style.NONE))


def _running(jobs: list[Json], at: datetime) -> Iterator[Block]:
    yield Heading("Running")
    if not jobs:
        yield Line("nothing", Style.DIM)
        return
    rows = [[job["id"], job["task"], moment(job["started_at"], at), _progress(job["progress"])] for job in jobs]
    yield Table(["#id", "task", "started", "progress"], rows)


def _progress(progress: Json) -> str:
    if progress is None:
        return ""
    done, total = progress["done"], progress["total"]
    if not total:
        return f"{done} done"
    filled = min(BAR_WIDTH, BAR_WIDTH * done // total)
    return f"[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {done} of {total}"


def _failed(failures: Json, at: datetime) -> Iterator[Block]:
    if not failures["count"]:
        return
    yield Heading(f"Failed ({failures['count']})")
    rows = [[job["id"], job["task"], moment(job["finished_at"], at), job["error"] or ""] for job in failures["last"]]
    yield Table(["#id", "task", "failed", "error"], rows)
    yield Line("why: paranadctl failed show ID    again: paranadctl retry ID", Style.DIM)


def _schedule(entries: list[Json], at: datetime) -> Iterator[Block]:
    yield Heading("Schedule")
    if not entries:
        yield Line("empty", Style.DIM)
        return
    rows = [[entry["name"], last_words(entry, at), next_words(entry, at)] for entry in entries]
    yield Table(["entry", "last", "next"], rows)
    yield from halted_words(entries)


def _courier(courier: Json, at: datetime) -> list[str | Cell]:
    limiter = courier["limiter"]
    used = f"{limiter['used']} of {limiter['limit']} requests in {limiter['window_s']:g} s"
    waits = f", {limiter['waiting']} jobs wait for a slot" if limiter["waiting"] else ""
    if courier["login"] == "refused":
        return ["courier", Cell(f"login refused: {courier['reason'] or 'no reason given'}; {used}{waits}", Style.BAD)]
    if limiter["closed_until"]:
        closed = moment(limiter["closed_until"], at)
        return ["courier", Cell(f"asked us to wait until {closed}; {used}{waits}", Style.WARN)]
    login = "login ok" if courier["login"] == "ok" else "not logged in yet"
    return ["courier", f"{login}, {used}{waits}"]


def _shop(shop: Json) -> list[str | Cell]:
    match shop["reachable"]:
        case True if shop["reason"]:
            return ["shop", Cell(f"database reachable, but {shop['reason']}", Style.BAD)]
        case True:
            return ["shop", "database reachable"]
        case False:
            return ["shop", Cell(f"database not reachable: {shop['reason'] or 'no reason given'}", Style.BAD)]
        case _:
            return ["shop", "database not asked yet"]


def _bridge(bridge: Json) -> list[str | Cell]:
    if bridge["active"]:
        return ["jobs table", f"worked here: {bridge['reason']}"]
    style = Style.NONE if bridge["mode"] == "off" else Style.WARN
    return ["jobs table", Cell(f"not worked here: {bridge['reason']}", style)]


def _sync(sync: Json, at: datetime) -> list[str | Cell]:
    if sync is None:
        return ["last sync", Cell("none yet", Style.DIM)]
    counts = f"created {sync['created']}, updated {sync['updated']}, failed {sync['failed']}"
    style = Style.WARN if sync["failed"] else Style.NONE
    return ["last sync", Cell(f"{moment(sync['at'], at)}, {sync['type']}, {sync['status']}: {counts}", style)]


def _shipments(shipments: Json) -> Iterator[Block]:
    yield Heading("Shipments")
    under_way = shipments["intended"] + shipments["created"]
    if not under_way and not shipments["held"]:
        yield Line("every one is recorded", Style.GOOD)
        return
    counts = [f"{shipments[name]} {name}" for name in ("intended", "created", "held") if shipments[name]]
    yield Line(f"not yet recorded: {', '.join(counts)}")
    orders = shipments["needs_person"]
    for order_id in orders[:SHOWN_ORDERS]:
        yield Line(f"order {order_id} needs a person: paranadctl shipments show {order_id}", Style.BAD)
    if shipments["held"] > SHOWN_ORDERS:
        yield Line("the others: paranadctl shipments list --state held", Style.BAD)
