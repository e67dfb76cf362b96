"""`paranadctl schedule`: entries and their history; run, pause and resume an entry."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import typer

from paranad.cli.commands.dispatch import enqueued_words
from paranad.cli.commands.jobs import fetch, note_more
from paranad.cli.options import EntryName, Limit
from paranad.cli.screen.blocks import Block, Cell, Line, Style, Table, columns
from paranad.cli.screen.say import WHEN, Forms, Phrase, Text, say
from paranad.cli.screen.times import moment
from paranad.cli.session import Json, Session
from paranad.cli.words import fact_words, state_words

OFF = 'one that is off runs all the same once the configuration names it: [schedule."NAME"]'


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
    words = say("{name} is paused; go on with: paranadctl schedule resume {name}", name=name)
    session.answer(session.client.post("schedule", name, "pause"), lambda _: [Line(words)])


def resume_entry(context: typer.Context, name: EntryName) -> None:
    """Resume an entry from now; what it missed is not caught up."""
    session: Session = context.obj
    session.answer(
        session.client.post("schedule", name, "resume"),
        lambda entry: [Line(say("{name} goes on, next {at}", name=name, at=moment(entry["next"], session.now())))],
    )


def history(context: typer.Context, name: EntryName, limit: Limit = 25) -> None:
    """Show what became of an entry's occurrences, the newest first."""
    session: Session = context.obj
    answer = fetch(session, "schedule", name, "history", limit=limit)
    session.answer(answer, lambda page: history_words(page["items"], session.now()))
    note_more(session, answer)


def entries_words(entries: list[Json], at: datetime) -> Iterator[Block]:
    """Yield schedule entries as a table."""
    if not entries:
        yield Line(say("the schedule is empty"))
        return
    yield entries_table(entries, at)
    for entry in entries:
        if rules := rules_words(entry):
            yield Line(say("{name}: {rules}", name=entry["name"], rules=rules), Style.DIM)
    yield from halted_words(entries)


def entries_table(entries: Sequence[Json], at: datetime) -> Table:
    """Return schedule entries as a table, one a row."""
    rows = [[entry["name"], when_words(entry), last_words(entry, at), next_words(entry, at)] for entry in entries]
    return Table(columns("entry", "when", "last", "next"), rows)


def when_words(entry: Json) -> Text:
    """Return when the entry is due: in words, or as the cron expression if room is scarce."""
    return Forms((Phrase(WHEN, "{words}", {"words": entry["cron_words"], "cron": entry["cron"]}), entry["cron"]))


def rules_words(entry: Json) -> tuple[Text, ...]:
    """Return what holds for the entry and for no entry by default; a daemon of an earlier version names none of it."""
    rules: list[Text] = []
    if entry.get("own_timezone"):
        rules.append(say("in the time zone {zone}", zone=entry["timezone"]))
    return tuple(rules)


def halted_words(entries: list[Json]) -> Iterator[Block]:
    """Yield how a paused entry, or one that is off, is started again, if there are any."""
    if any(entry["paused"] for entry in entries):
        yield Line(say("paused ones go on with: paranadctl schedule resume NAME"), Style.DIM)
    if any(entry.get("task_paused") for entry in entries):
        yield Line(say("a paused task goes on with: paranadctl resume NAME"), Style.DIM)
    if any(entry["off"] for entry in entries):
        yield Line(say(OFF), Style.DIM)


def last_words(entry: Json, at: datetime) -> Cell:
    """Return when the entry's last occurrence was, and what became of it."""
    last = entry["last"]
    if last is None:
        return Cell("-", Style.DIM)
    if last["outcome"] == "skipped":
        not_run = say("not run: {reason}", reason=fact_words(last, "reason"))
        return Cell((moment(last["occurrence"], at), not_run), Style.WARN)
    state = entry["last_job_state"] or "pruned"
    style = Style.BAD if state == "failed" else Style.NONE
    ended = state_words(state)
    became = Forms((say("job {id} {state}", id=last["job_id"], state=ended), ended))
    return Cell((moment(last["occurrence"], at), became), style)


def next_words(entry: Json, at: datetime) -> Cell:
    """Return when the entry is due next, or why it is not."""
    if not entry["enabled"]:
        off = say("off: {reason}", reason=fact_words(entry, "off")) if entry["off"] else say("disabled")
        return Cell(off, Style.DIM)
    if entry["paused"]:
        return Cell(say("paused"), Style.WARN)
    if entry.get("task_paused"):  # a daemon of an earlier version has none
        return Cell(say("its task is paused"), Style.WARN)
    return Cell(moment(entry["next"], at))


def history_words(runs: list[Json], at: datetime) -> Iterator[Block]:
    """Yield what became of an entry's occurrences, the newest first."""
    if not runs:
        yield Line(say("it has not been due yet"))
        return
    yield runs_table(runs, at)


def runs_table(runs: Sequence[Json], at: datetime) -> Table:
    """Return what became of an entry's occurrences as a table, one a row."""
    return Table(columns("occurrence", "outcome", "#job", "reason"), [_run_row(run, at) for run in runs])


def _run_row(run: Json, at: datetime) -> list[Text | Cell]:
    return [
        moment(run["occurrence"], at),
        Cell(state_words(run["outcome"]), Style.WARN if run["outcome"] == "skipped" else Style.NONE),
        run["job_id"] or "",
        fact_words(run, "reason"),
    ]
