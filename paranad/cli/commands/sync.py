"""`paranadctl sync`: sync the courier's orders now."""

from collections.abc import Iterator
from typing import Annotated

import typer

from paranad.cli.commands.dispatch import ended_words, enqueued_words
from paranad.cli.commands.wait import wait
from paranad.cli.options import Misuse, day, positive
from paranad.cli.results import reasons
from paranad.cli.screen.blocks import Block, Line, Style
from paranad.cli.screen.say import Phrase, say
from paranad.cli.session import Json, Session
from paranad.said import Sentence

DATES_REVERSED = Sentence("usage.dates_reversed", "{since} lies after --date-to {until}")
STATUS_ID = typer.Option(
    "--status-id", metavar="N", parser=positive, help="Only this courier status; may be given again."
)
DATE_FROM = typer.Option("--date-from", metavar="DAY", parser=day, help="Only orders created on this day or later.")
DATE_TO = typer.Option("--date-to", metavar="DAY", parser=day, help="Only orders created on this day or earlier.")
NO_WAIT = typer.Option("--no-wait", help="Enqueue it and return.")


def sync(
    context: typer.Context,
    status_ids: Annotated[list[int] | None, STATUS_ID] = None,
    date_from: Annotated[str | None, DATE_FROM] = None,
    date_to: Annotated[str | None, DATE_TO] = None,
    no_wait: Annotated[bool, NO_WAIT] = False,
) -> None:
    """Sync courier orders now; print created, updated, failed."""
    session: Session = context.obj
    if date_from and date_to and date_from > date_to:
        raise Misuse(DATES_REVERSED(since=date_from, until=date_to), param_hint="--date-from")
    answer = session.client.post("sync", body=_asked(status_ids, date_from, date_to))
    if no_wait:
        session.answer(answer, lambda page: [Line(_enqueued(job)) for job in page["items"]])
        return
    _finish(session, answer["items"])


def _asked(status_ids: list[int] | None, date_from: str | None, date_to: str | None) -> Json:
    return {
        "status_ids": [str(each) for each in dict.fromkeys(status_ids or ())],
        "date_from": date_from,
        "date_to": date_to,
    }


def _enqueued(job: Json) -> Phrase:
    what = _what(job["status_id"])
    return say("{enqueued}: {what}", enqueued=enqueued_words(job), what=what)


def _what(status_id: str | None) -> Phrase:
    return say("sync of all orders") if status_id is None else say("sync of status {id}", id=status_id)


def _finish(session: Session, jobs: list[Json]) -> None:
    """Wait for every sync and print how it ended; exit 1 unless all completed."""
    for job in jobs:
        if job["duplicate"]:
            session.note(say("joined job {id}, which already does it", id=job["id"]))
    ended = wait(session, [(job["id"], _what(job["status_id"])) for job in jobs])
    for job in ended:
        session.answer(job, synced_words)
    if any(job["state"] != "completed" for job in ended):
        raise typer.Exit(1)


def synced_words(job: Json) -> Iterator[Block]:
    """Yield what a sync brought."""
    if job["state"] != "completed":
        yield from ended_words(job)
        return
    result = job["result"]
    counts = say(
        "created {created}, updated {updated}, failed {failed}",
        created=result["created"],
        updated=result["updated"],
        failed=result["failed"]["count"],
    )
    style = Style.WARN if result["failed"]["count"] else Style.GOOD
    yield Line(say("{what}: {counts}", what=_what(job["args"].get("status_id")), counts=counts), style)
    yield from reasons(result, "failed", Style.BAD)
    yield from reasons(result, "shortened", Style.WARN)
    yield from reasons(result, "unreadable", Style.WARN)
