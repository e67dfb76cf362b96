"""`paranadctl schedule`: entries, their history, and a person's word on them."""

from collections.abc import Iterator
from datetime import datetime

import typer

from paranad.cli.dispatch import enqueued_words
from paranad.cli.jobs import fetch, note_more
from paranad.cli.options import EntryName, Limit
from paranad.cli.render import Block, Cell, Line, Style, Table
from paranad.cli.session import Json, Session
from paranad.cli.times import moment


def list_entries(context: typer.Context) -> None:
    """List the schedule: cron in words, last run and outcome, next run."""
    session: Session = context.obj
    session.answer(session.client.get("schedule"), lambda page: entries_words(page["items"], session.now()))


def run_entry(context: typer.Context, name: EntryName) -> None:
    """Enqueue an entry's job now."""
    session: Session = context.obj
    session.answer(session.client.post("schedule", name, "run"), lambda job: [Line(enqueued_words(job))])


def pause_entry(context: typer.Context, name: EntryName) -> None:
    """Pause an entry, over restarts too."""
    session: Session = context.obj
    words = f"{name} is paused; go on with: paranadctl schedule resume {name}"
    session.answer(session.client.post("schedule", name, "pause"), lambda _: [Line(words)])


def resume_entry(context: typer.Context, name: EntryName) -> None:
    """Resume an entry from now; what it missed is not caught up."""
    session: Session = context.obj
    session.answer(
        session.client.post("schedule", name, "resume"),
        lambda entry: [Line(f"{name} goes on, next {moment(entry['next'], session.now())}")],
    )


def history(context: typer.Context, name: EntryName, limit: Limit = 25) -> None:
    """Show what became of an entry's occurrences, the newest first."""
    session: Session = context.obj
    answer = fetch(session, "schedule", name, "history", limit=limit)
    session.answer(answer, lambda page: _history_words(page["items"], session.now()))
    note_more(session, answer)


def entries_words(entries: list[Json], at: datetime) -> Iterator[Block]:
    """Yield schedule entries as a table."""
    if not entries:
        yield Line("the schedule is empty")
        return
    rows = [[entry["name"], entry["cron_words"], last_words(entry, at), next_words(entry, at)] for entry in entries]
    yield Table(["entry", "when", "last", "next"], rows)
    yield from halted_words(entries)


def halted_words(entries: list[Json]) -> Iterator[Block]:
    """Yield how entries go on that are paused or off, where there are any."""
    if any(entry["paused"] for entry in entries):
        yield Line("paused ones go on with: paranadctl schedule resume NAME", Style.DIM)
    if any(entry["off"] for entry in entries):
        yield Line('one that is off runs all the same once the configuration names it: [schedule."NAME"]', Style.DIM)


def last_words(entry: Json, at: datetime) -> Cell:
    """Return when the entry's last occurrence was, and what became of it."""
    last = entry["last"]
    if last is None:
        return Cell("-", Style.DIM)
    if last["outcome"] == "skipped":
        return Cell(f"{moment(last['occurrence'], at)}, skipped: {last['reason']}", Style.WARN)
    state = entry["last_job_state"] or "pruned"
    style = Style.BAD if state == "failed" else Style.NONE
    return Cell(f"{moment(last['occurrence'], at)}, job {last['job_id']} {state}", style)


def next_words(entry: Json, at: datetime) -> Cell:
    """Return when the entry is due next, or why it is not."""
    if not entry["enabled"]:
        return Cell(f"off: {entry['off']}" if entry["off"] else "disabled", Style.DIM)
    if entry["paused"]:
        return Cell("paused", Style.WARN)
    return Cell(moment(entry["next"], at))


def _history_words(runs: list[Json], at: datetime) -> Iterator[Block]:
    if not runs:
        yield Line("it has not been due yet")
        return
    yield Table(["occurrence", "outcome", "#job", "reason"], [_run_row(run, at) for run in runs])


def _run_row(run: Json, at: datetime) -> list[str | int | Cell]:
    style = Style.WARN if run["outcome"] == "skipped" else Style.NONE
    return [moment(run["occurrence"], at), Cell(run["outcome"], style), run["job_id"] or "", run["reason"] or ""]
