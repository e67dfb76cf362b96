"""`paranadctl standby`: which machine works, which stand by, the table of the lease, and a planned change."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from paranad.cli.commands.pauses import halted_words
from paranad.cli.options import YES, one_of
from paranad.cli.parsing import Argument, Misuse
from paranad.cli.screen.blocks import Block, Cell, Heading, Line, Style, Table, Verbatim, columns
from paranad.cli.screen.say import Text, say
from paranad.cli.screen.times import absolute, duration, moment
from paranad.cli.session import Json, Session
from paranad.cli.words import fact_words
from paranad.said import Sentence

FORMS = ("setup", "yield")
DRAINED_S = 150.0
"""How long, beyond the time that running jobs are given, a planned change may take at most."""

ALONE = "this daemon works alone: [standby] enabled is false; how to have a second: paranadctl standby setup"
NOBODY = "no other machine stands by: if this one stops, nobody goes on"
HERE_ALONE = "on this machine alone: its history, jobs dispatched by hand, pauses and mutes"
ASK_THERE = "orders, jobs and the schedule: ask {machine}; here stands only what this machine itself did"
HANDING_OVER = (
    "what runs here is finished, for up to {time}, an order on its way to the courier to its end; "
    "then another machine takes over"
)
GOES_ON = "the daemon hands over all the same; how that went: paranadctl standby"
HANDED_OVER = "{machine} works now; nobody worked for {time}"
LEFT_HERE = "waiting on this machine alone until it works again, {jobs:job}: paranadctl jobs"
STANDS_BY_NEXT = "paranad ends here; systemd starts it again, and it stands by"
PAUSED_HERE = "what is paused is paused on this machine alone; on the one that takes over it starts:"
MUTED_HERE = "muted on this machine alone; the one that takes over tells of it: {kinds}"
NOBODY_SURE = Sentence(
    "usage.pauses_stay",
    "what is paused here is not paused on the machine that takes over, and nobody can be asked here; "
    "if you are sure: paranadctl standby yield --yes",
)
SQL_INTRO = "run this once in the shop's database, as its administrator:"
RUN_ABOVE = "run the SQL above"
USABLE = "the table paranad_lease is there, and this daemon may use it"
THEN = "then on each machine, in paranad.toml: [standby] enabled = true and [shop] keep_rows = true; then restart it"


def known_form(text: str) -> str:
    """Read what is asked of the command."""
    return one_of(FORMS, text)


Form = Annotated[
    str | None,
    Argument(
        "setup|yield",
        "setup: the SQL of the lease's table, and whether it can be used; yield: hand over to another machine.",
        known_form,
    ),
]


def standby(session: Session, form: Form = None, yes: Annotated[bool, YES] = False) -> None:
    """Show which machine works; set a second one up; hand over to it."""
    if form == "yield":
        _hand_over(session, yes=yes)
        return
    answer = session.client.get("standby", "setup") if form == "setup" else session.client.get("standby")
    words = setup_words if form == "setup" else report_words
    session.answer(answer, lambda report: words(report, session.now()))
    wrong = [each for each in answer["troubles"] if form != "setup" or not _is_mended_by_the_sql(each)]
    if wrong and (form == "setup" or answer["standby"]):
        raise SystemExit(1)


def _hand_over(session: Session, *, yes: bool) -> None:
    client = session.client
    drain_timeout_s, known = client.get("drain")["drain_timeout_s"], client.get("standby")["standby"]
    # Else it is refused at once.
    if (
        known
        and known["role"] == "active"
        and not known["trouble"]
        and not known.get("handing_over")
        and _others(known)
    ):
        if not yes:
            _confirm(session)
        session.note(say(HANDING_OVER, time=duration(drain_timeout_s)))
    try:
        answer = client.post("standby", "yield", timeout_s=drain_timeout_s + DRAINED_S)
    except KeyboardInterrupt:
        session.note(say(GOES_ON), Style.WARN)
        raise
    session.answer(answer, handed_over_words)


def _confirm(session: Session) -> None:
    """Let the person agree that what is paused here starts on the other machine; nothing is asked if nothing is paused.

    Raises:
        Misuse: there is no terminal at which a person could answer.
        SystemExit: the person did not agree.
    """
    status = session.client.get("status")
    paused, alerts = list(halted_words(status)), status.get("alerts") or {"muted": ()}
    if alerts["muted"]:
        session.note(say(MUTED_HERE, kinds=tuple(each["kind"] for each in alerts["muted"])))
    if not paused or status["daemon"]["state"] == "draining":  # which hands nothing over
        return
    session.note(say(PAUSED_HERE), Style.WARN)
    for line in paused:
        session.note(line.text, Style.WARN)
    if not session.interactive:
        raise Misuse(NOBODY_SURE())
    session.err.write(session.aside(say("write yes to hand over all the same:")) + " ")
    session.err.flush()
    if input().strip().lower() not in {"yes", "y", "نعم"}:
        session.note(say("not handed over"))
        raise SystemExit(1)


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
    if report["troubles"]:
        yield from _troubles(report)
    elif standby["role"] == "standby":  # that this machine works, and since when, the table says
        yield Line(fact_words(standby, "reason"))
    # As long as the table cannot be read, it is not known.
    if standby["role"] == "active" and not standby["trouble"] and not _others(standby):
        yield Line(say(NOBODY), Style.WARN)
    yield from _where(standby)


def setup_words(report: Json, _: datetime) -> Iterator[Block]:
    """Yield the SQL that makes the table, and whether the daemon may use it."""
    yield Line(say(SQL_INTRO))
    yield Verbatim(report["sql"])
    for each in report["troubles"]:
        yield Line(fact_words(each, "reason"), Style.BAD)
        if _is_mended_by_the_sql(each):
            yield Line(say(RUN_ABOVE), Style.DIM)
        elif each["cure"]:
            yield Line(fact_words(each, "cure", "cure_why"), Style.DIM)
    if not report["troubles"]:
        yield Line(say(USABLE), Style.GOOD)
    if report["standby"] is None:
        yield Line(say(THEN), Style.DIM)


def _is_mended_by_the_sql(trouble: Json) -> bool:
    cure = trouble.get("cure_why")
    return cure is not None and cure["code"] == "standby.cure_table"


def _troubles(report: Json) -> Iterator[Line]:
    for each in report["troubles"]:
        yield Line(fact_words(each, "reason"), Style.BAD)
        if each["cure"]:
            yield Line(fact_words(each, "cure", "cure_why"), Style.DIM)


def machines_words(standby: Json | None, at: datetime) -> Iterator[Block]:
    """Yield the machines, and what lives on this one alone; nothing of a daemon that works alone, or an earlier one.

    Why it stands so, the notes of a status say.
    """
    if standby is not None and standby["machines"]:  # none is seen while the table cannot be read
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
