"""`paranadctl schedule backfill`: occurrences of the past, run because a person asks for them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from paranad.cli.options import NOBODY_SURE, YES, EntryName
from paranad.cli.parsing import Misuse, Option
from paranad.cli.screen.blocks import Block, Cell, Line, Style, Table
from paranad.cli.screen.say import Text, say
from paranad.cli.session import Json, Session
from paranad.said import Sentence

FEW = 5
"""So many occurrences run without a question."""

ASKED = "{name}: {count:occurrence}, from {first} to {last}"
SPAN_MISSING = Sentence("usage.span_missing", "expected --from T and --to T, or --stop alone")
SPAN_BESIDE_STOP = Sentence("usage.span_beside_stop", "expected --stop alone, or --from T and --to T; leave one out")

FROM_HELP = 'From T on: 2027-03-01, 14:00 or "2027-03-01 14:00", in the zone of the entry.'
From = Annotated[str | None, Option("--from T", FROM_HELP)]
To = Annotated[str | None, Option("--to T", "Until T, included; a day alone is the whole day.")]
Stop = Annotated[bool, Option("--stop", "Run no more of those that wait; the one that runs goes on.")]


def backfill(  # noqa: PLR0917 - one parameter an option
    session: Session,
    name: EntryName,
    from_: From = None,
    to: To = None,
    yes: Annotated[bool, YES] = False,
    stop: Stop = False,
) -> None:
    """Run occurrences of the past, one after another; none twice.

    For commands with {date} or {occurrence} in a word, and for alwaseet:sync-orders once the configuration has an entry
    of it: it then syncs the orders of the occurrence's day. At most 100 at once; asks before more than 5. What ran is
    known of the last 1,000 runs.
    """
    path = ("schedule", name, "backfill")
    if stop:
        if from_ or to:
            raise Misuse(SPAN_BESIDE_STOP())
        session.answer(session.client.delete(*path), stopped_words)
        return
    if not from_ or not to:
        raise Misuse(SPAN_MISSING())
    body = {"from": from_, "to": to}
    if not yes:
        tried = session.client.post(*path, body={**body, "dry_run": True})
        if len(_new(tried)) > FEW:
            _confirm(session, tried)
    session.answer(session.client.post(*path, body=body), backfill_words)


def _confirm(session: Session, tried: Json) -> None:
    """Say how many would run and let the person agree.

    Raises:
        Misuse: there is nobody to ask.
        SystemExit: the person did not.
    """
    if not session.interactive:
        raise Misuse(NOBODY_SURE())
    new = _new(tried)
    first, last = (local_words(item["occurrence"]) for item in (new[0], new[-1]))
    asked = say(
        "{name}: {count:occurrence}, from {first} to {last}", name=tried["name"], count=len(new), first=first, last=last
    )
    session.note(asked, Style.WARN)
    session.err.write(session.aside(say("write yes to run them:")) + " ")
    session.err.flush()
    if input().strip().lower() not in {"yes", "y", "نعم"}:
        session.note(say("nothing is run"))
        raise SystemExit(1)


def backfill_words(answer: Json) -> Iterator[Block]:
    """Yield what becomes of each occurrence."""
    if not answer["items"]:
        yield Line(say("it was due at no time between the two"))
        return
    yield Table(["", ""], [[local_words(item["occurrence"]), _outcome_words(item)] for item in answer["items"]])
    name = answer["name"]
    if not _new(answer):
        yield Line(say("nothing new to run"))
    if answer["waiting"]:
        count = answer["waiting"]
        yield Line(say("they run one after another, beside the schedule; waiting: {count:occurrence}", count=count))
        yield Line(say("those that have begun: paranadctl schedule history {name}", name=name), Style.DIM)
        yield Line(say("to run no more: paranadctl schedule backfill {name} --stop", name=name), Style.DIM)


def stopped_words(answer: Json) -> Iterator[Block]:
    """Yield how many occurrences will not run."""
    if answer["dropped"]:
        words = say("{name}: will not run: {count:occurrence}", name=answer["name"], count=answer["dropped"])
        yield Line(words, Style.WARN)
    else:
        yield Line(say("{name}: nothing of the past waits", name=answer["name"]))


def waiting_line(coming: Json) -> Iterator[Line]:
    """Yield how many occurrences of an entry's past wait, if there are any."""
    if count := coming.get("backfill"):
        words = say("beside these, of the past and one after another: {count:occurrence}", count=count)
        yield Line(words, Style.WARN)


def local_words(instant: str) -> str:
    """Return an instant by the clock of its own offset: `2027-03-28 03:00 +02:00`."""
    local = datetime.fromisoformat(instant)
    return f"{local:%Y-%m-%d %H:%M} {instant[-6:]}"


def _new(answer: Json) -> list[Json]:
    return [item for item in answer["items"] if item["outcome"] == "waits"]


def _outcome_words(item: Json) -> Cell:
    words: Text
    match item["outcome"]:
        case "ran":
            return Cell(say("ran before: job {id}", id=item["job_id"]), Style.DIM)
        case "failed":
            return Cell(say("failed: job {id}; again: paranadctl retry {id}", id=item["job_id"]), Style.BAD)
        case "waits_already":
            return Cell(say("waits already"), Style.DIM)
        case _:
            words = say("runs")
    return Cell(words, Style.GOOD)
