"""`paranadctl standby`: which machine works, which stand by, the table of the lease, and a planned change."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer

from paranad.cli.options import one_of
from paranad.cli.screen.blocks import Block, Cell, Heading, Line, Style, Table, Verbatim, columns
from paranad.cli.screen.say import Text, say
from paranad.cli.screen.times import absolute, duration, moment
from paranad.cli.session import Json, Session
from paranad.cli.words import fact_words

FORMS = ("setup", "yield")
DRAINED_S = 150.0
"""How long, beyond the time that running jobs are given, a planned change may take at most."""

ALONE = "this daemon works alone: [standby] enabled is false; how to have a second: paranadctl standby setup"
NOBODY = "no other machine stands by: if this one stops, nobody goes on"
HERE_ALONE = "on this machine alone: its history, jobs dispatched by hand, pauses and mutes"
ASK_THERE = "orders, jobs and the schedule: ask {machine}; here stands only what this machine itself did"
HANDING_OVER = "what runs here is finished, for up to {time}; then another machine takes over"
HANDED_OVER = "{machine} works now; nobody worked for {time}"
LEFT_HERE = "waiting on this machine alone until it works again, {jobs:job}: paranadctl jobs"
STANDS_BY_NEXT = "paranad ends here; systemd starts it again, and it stands by"
SQL_INTRO = "run this once in the shop's database, as its administrator:"
USABLE = "the table paranad_lease is there, and this daemon may use it"
THEN = "then on each machine, in paranad.toml: [standby] enabled = true and [shop] keep_rows = true; then restart it"


def known_form(text: str) -> str:
    """Read what is asked of the command."""
    return one_of(FORMS, text)


Form = Annotated[
    str | None,
    typer.Argument(
        metavar="[setup|yield]",
        parser=known_form,
        help="setup: the SQL of the lease's table, and whether it can be used; yield: hand over to another machine.",
    ),
]


def standby(context: typer.Context, form: Form = None) -> None:
    """Show which machine works; set a second one up; hand over to it."""
    session: Session = context.obj
    if form == "yield":
        _hand_over(session)
        return
    answer = session.client.get("standby")
    words = setup_words if form == "setup" else report_words
    session.answer(answer, lambda report: words(report, session.now()))
    if answer["troubles"] and (form == "setup" or answer["standby"]):
        raise typer.Exit(1)


def _hand_over(session: Session) -> None:
    client = session.client
    drain_timeout_s, known = client.get("drain")["drain_timeout_s"], client.get("standby")["standby"]
    if known and known["role"] == "active" and _others(known):  # else it is refused at once
        session.note(say(HANDING_OVER, time=duration(drain_timeout_s)))
    answer = client.post("standby", "yield", timeout_s=drain_timeout_s + DRAINED_S)
    session.answer(answer, handed_over_words)


def handed_over_words(answer: Json) -> Iterator[Block]:
    """Yield which machine works now."""
    yield Line(say(HANDED_OVER, machine=answer["machine"], time=duration(answer["seconds"])), Style.GOOD)
    if left := answer.get("left"):
        yield Line(say(LEFT_HERE, jobs=left), Style.WARN)
    yield Line(say(STANDS_BY_NEXT), Style.DIM)


def report_words(report: Json, at: datetime) -> Iterator[Block]:
    """Yield which machine works and which stand by, and what is wrong with the table of the lease."""
    if report["standby"] is None:
        yield Line(say(ALONE))
        return
    standby = report["standby"]
    yield from _table(standby, at)
    yield from _troubles(report) if report["troubles"] else [Line(fact_words(standby, "reason"))]
    if standby["role"] == "active" and not _others(standby):
        yield Line(say(NOBODY), Style.WARN)
    yield from _where(standby)


def setup_words(report: Json, _: datetime) -> Iterator[Block]:
    """Yield the SQL that makes the table, and whether the daemon may use it."""
    yield Line(say(SQL_INTRO))
    yield Verbatim(report["sql"])
    yield from _troubles(report)
    if not report["troubles"]:
        yield Line(say(USABLE), Style.GOOD)
    if report["standby"] is None:
        yield Line(say(THEN), Style.DIM)


def _troubles(report: Json) -> Iterator[Line]:
    for each in report["troubles"]:
        yield Line(fact_words(each, "reason"), Style.BAD)
        if each["cure"]:
            yield Line(fact_words(each, "cure", "cure_why"), Style.DIM)


def machines_words(standby: Json | None, at: datetime) -> Iterator[Block]:
    """Yield the machines, and what lives on this one alone; nothing of a daemon that works alone, or an earlier one.

    Why it stands so, the notes of a status say.
    """
    if standby is not None:
        yield Heading(say("Machines"))
        yield from _table(standby, at)
        yield from _where(standby)


def _table(standby: Json, at: datetime) -> Iterator[Block]:
    if rows := [_row(each, standby, at) for each in standby["machines"]]:
        yield Table(columns("machine", "what it does", "seen", "version"), rows, spared=("version",))


def _where(standby: Json) -> Iterator[Line]:
    """Yield what is asked of which machine."""
    if standby["role"] == "standby" and standby["works"] and not standby["silent"]:
        yield Line(say(ASK_THERE, machine=standby["works"]))
    yield Line(say(HERE_ALONE), Style.DIM)


def _others(standby: Json) -> bool:
    """Tell whether another machine stands by."""
    return any(each["present"] and not each["itself"] for each in standby["machines"])


def _row(machine: Json, standby: Json, at: datetime) -> list[Text | Cell]:
    name = say("{machine} (this one)", machine=machine["machine"]) if machine["itself"] else machine["machine"]
    seen: Text = say("now") if machine["itself"] else moment(machine["seen_at"], at)
    return [name, _does(machine, standby, at), seen, machine["version"]]


def _does(machine: Json, standby: Json, at: datetime) -> Cell:
    if not machine["present"]:
        return Cell(say("not heard of"), Style.WARN)
    if machine["role"] == "active":
        since = standby["since"]
        if standby["silent"]:
            return Cell(say("worked; may be gone"), Style.WARN)
        return Cell(say("works since {since}", since=absolute(since, at)) if since else say("works"), Style.GOOD)
    since = standby["standing_since"] if machine["itself"] else None  # of another it is not known
    return Cell(say("stands by since {since}", since=absolute(since, at)) if since else say("stands by"))
