"""`paranadctl schedule`: entries and their history; run an entry."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated

from paranad.cli.commands.backfill import waiting_line
from paranad.cli.commands.dispatch import enqueued_words
from paranad.cli.commands.jobs import fetch, note_more
from paranad.cli.commands.pauses import pause_words, paused_until, pauses_words
from paranad.cli.options import EntryName, Limit, whole
from paranad.cli.parsing import Argument, Option
from paranad.cli.screen.blocks import Block, Cell, Line, Style, Table, columns
from paranad.cli.screen.say import WHEN, Forms, Phrase, Text, say
from paranad.cli.screen.times import moment, relative
from paranad.cli.session import Json, Session
from paranad.cli.words import fact_words, remark_words, state_words

MOST = 100
"""How many instants of an entry can be asked for."""
OFF = 'one that is off runs all the same once the configuration names it: [schedule."NAME"]'
OVERLAPS = {
    "queue-one": "one occurrence waits while the last job is unfinished",
    "allow": "its jobs may run beside one another",
}
"""What an entry's `overlap` means, but for the default."""


def list_entries(session: Session) -> None:
    """List the schedule: cron in words, last run, outcome, next run."""
    session.answer(session.client.get("schedule"), lambda page: entries_words(page["items"], session.now()))


SomeEntry = Annotated[str | None, Argument("NAME", "The schedule entry's name; without it: all.")]
Count = Annotated[
    int | None,
    Option("--count N", "So many instants of each entry: 5 of one, else 1.", partial(whole, biggest=MOST)),
]
FROM_HELP = 'From T on: 2027-03-28, 14:00 or "2027-03-28 14:00", in the zone of the entry.'
From = Annotated[str | None, Option("--from T", FROM_HELP)]


def next_instants(session: Session, name: SomeEntry = None, count: Count = None, from_: From = None) -> None:
    """Show when entries are due next, over clock changes.

    With a fixed hour, a time that a clock change leaves out runs at the next one that exists, and one that comes twice
    runs the first time only: in Europe/Berlin "30 2 * * *" runs at 03:00 on 2027-03-28, and once on 2027-10-31. An hour
    that begins with * follows the clock: there "30 * * * *" leaves out 02:30 on the first day, and runs at both 02:30
    on the second.
    """
    query = {"count": count, "from": from_}
    if name is None:
        answer = session.client.get("schedule", "next", **query)
        session.answer(answer, lambda coming: all_coming_words(coming["items"], session.now()))
    else:
        answer = session.client.get("schedule", name, "next", **query)
        session.answer(answer, lambda coming: coming_words(coming, session.now()))


def run_entry(session: Session, name: EntryName) -> None:
    """Enqueue an entry's job now."""
    session.answer(session.client.post("schedule", name, "run"), lambda job: [Line(enqueued_words(job))])


def history(session: Session, name: EntryName, limit: Limit = 25) -> None:
    """Show an entry's history, the last handled first."""
    answer = fetch(session, "schedule", name, "history", limit=limit)
    session.answer(answer, lambda page: history_words(page["items"], session.now()))
    note_more(session, answer)


def entries_words(entries: list[Json], at: datetime) -> Iterator[Block]:
    """Yield schedule entries as a table."""
    if not entries:
        yield Line(say("the schedule is empty"))
        return
    yield entries_table(entries, at)
    yield from rules_lines(entries)
    yield from halted_words(entries, at)


def entries_table(entries: Sequence[Json], at: datetime) -> Table:
    """Return schedule entries as a table, one a row."""
    rows = [[entry["name"], when_words(entry), last_words(entry, at), next_words(entry, at)] for entry in entries]
    return Table(columns("entry", "when", "last", "next"), rows)


def when_words(entry: Json) -> Text:
    """Return when the entry is due: in words, or as the cron expression if room is scarce."""
    return Forms((Phrase(WHEN, "{words}", {"words": entry["cron_words"], "cron": entry["cron"]}), entry["cron"]))


def rules_lines(entries: Sequence[Json]) -> Iterator[Line]:
    """Yield what holds for single entries beside the table, and how many of their occurrences wait."""
    for entry in entries:
        if rules := rules_words(entry):
            yield Line(say("{name}: {rules}", name=entry["name"], rules=rules), Style.DIM)
        if waiting := waiting_words(entry):
            yield Line(say("{name}: {rules}", name=entry["name"], rules=waiting))


def waiting_words(entry: Json) -> Phrase | None:
    """Return how many of the entry's occurrences wait for its last job; None: none does."""
    waiting = entry.get("waiting")
    return say("{waiting:occurrence} to come once the last job has ended", waiting=waiting) if waiting else None


def rules_words(entry: Json) -> tuple[Text, ...]:
    """Return what holds for the entry and for no entry by default; a daemon of an earlier version names none of it."""
    rules: list[Text] = []
    if entry.get("own_timezone"):
        rules.append(say("in the time zone {zone}", zone=entry["timezone"]))
    match entry.get("catch_up"), entry.get("catch_up_window"):
        case "skip", _:
            rules.append(say("what was missed is not caught up"))
        case "all", None:
            rules.append(say("each that was missed is caught up, {limit} at most", limit=entry["catch_up_limit"]))
        case "all", window:
            rules.append(
                say(
                    "each that was missed is caught up, {limit} at most, none older than {window}",
                    limit=entry["catch_up_limit"],
                    window=window,
                )
            )
    if overlap := OVERLAPS.get(entry.get("overlap", "")):
        rules.append(say(overlap))
    if jitter := entry.get("jitter"):
        rules.append(say("delayed at random by up to {jitter}", jitter=jitter))
    if within := entry.get("expect_within"):
        rules.append(say("expected to succeed within {within}", within=within))
    if not entry.get("alert", True):
        rules.append(say("nobody is told when it fails, hangs, is slow or silent"))
    return tuple(rules)


def halted_words(entries: list[Json], at: datetime) -> Iterator[Block]:
    """Yield why entries are paused, and how one that is paused or off is started again, if there are any."""
    yield from pauses_words(entries, at)
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
        shown = Forms((not_run, state_words("skipped")))  # the reason stands in its history too
        return Cell((moment(last["occurrence"], at), shown), Style.WARN)
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
    if entry["paused"]:  # the list says below of each since when, until when and why
        return Cell(Forms((paused_until(entry.get("pause"), at), say("paused"))), Style.WARN)
    if entry.get("task_paused"):  # a daemon of an earlier version has none
        return Cell(say("its task is paused"), Style.WARN)
    if entry["next"] is None:  # nothing else keeps an enabled entry from being due
        return Cell(say("everything is paused"), Style.WARN)
    return Cell(moment(entry["next"], at))


def all_coming_words(entries: Sequence[Json], at: datetime) -> Iterator[Block]:
    """Yield when all entries are due next, the earliest first; those that do not run say so."""
    due = sorted(((item, entry) for entry in entries for item in entry["items"]), key=lambda each: each[0]["at"])
    rows = [[entry["name"], local_words(item), _standing(entry, item, at)] for item, entry in due]
    if not rows:
        yield Line(say("the schedule is empty"))
        return
    yield Table(columns("entry", "due", "from now"), rows)
    if pause := entries[0].get("all_paused"):
        yield Line(say("everything is paused; {pause}", pause=pause_words(pause, at)), Style.WARN)
    yield from halted_words(list(entries), at)


def coming_words(coming: Json, at: datetime) -> Iterator[Block]:
    """Yield when an entry is due next, what a clock change does to it, and the rule."""
    yield Line(say("{name}: {when}, {zone}", name=coming["name"], when=when_words(coming), zone=coming["timezone"]))
    yield from halted_line(coming, at)
    yield coming_table(coming, at)
    if jitter := coming.get("jitter"):
        yield Line(say("delayed at random by up to {jitter}", jitter=jitter))
    yield from waiting_line(coming)
    if not coming["items"]:
        yield Line(say("it is not due again within a hundred years"), Style.WARN)
    yield from clock_words(coming)


def halted_line(coming: Json, at: datetime) -> Iterator[Line]:
    """Yield why an entry does not run, if it does not: its instants are those at which it would be due."""
    name = coming["name"]
    if not coming["enabled"]:
        why = say("off: {reason}", reason=fact_words(coming, "off")) if coming["off"] else say("disabled")
        yield Line(say("it does not run, {why}; it would be due:", why=why), Style.WARN)
    elif coming["paused"]:
        yield Line(say("it is paused, {pause}", pause=pause_words(coming.get("pause"), at)), Style.WARN)
        yield Line(say("go on with: paranadctl schedule resume {name}", name=name), Style.DIM)
        yield Line(_then_due(coming.get("pause")))
    elif pause := coming.get("all_paused"):
        yield Line(say("everything is paused; {pause}", pause=pause_words(pause, at)), Style.WARN)
        yield Line(_then_due(pause))
    elif coming["task_paused"]:
        words = say("its task is paused, so its jobs wait (go on with: paranadctl resume {name}):", name=name)
        yield Line(words, Style.WARN)


def _then_due(pause: Json | None) -> Phrase:
    return say("after that it is due:") if pause and pause["until"] else say("it would be due:")


def coming_table(coming: Json, at: datetime) -> Table:
    """Return the instants of an entry as a table without a head: local time, in how long, what a clock change does."""
    rows = [[local_words(item), relative(item["at"], at), fact_words(item, "note")] for item in coming["items"]]
    return Table(["", "", ""], rows)


def clock_words(coming: Json) -> Iterator[Line]:
    """Yield what a clock change does to an entry, and when the next one is."""
    yield Line(remark_words(coming["rule_why"]), Style.DIM)
    yield Line(remark_words(coming["change_why"]), Style.DIM)


def local_words(item: Json) -> str:
    """Return an instant by the clock of the entry's zone: `2027-03-28 03:00 CEST +02:00`."""
    local = datetime.fromisoformat(item["local"])
    name = item["zone"] if item["zone"].isalpha() else ""
    return " ".join(filter(None, (f"{local:%Y-%m-%d %H:%M}", name, local.isoformat()[-6:] if name != "UTC" else "")))


def _standing(entry: Json, item: Json, at: datetime) -> Cell:
    if not entry["enabled"] or entry["paused"] or entry["task_paused"]:
        return next_words(entry, at)
    return Cell(relative(item["at"], at))


def history_words(runs: list[Json], at: datetime) -> Iterator[Block]:
    """Yield what became of an entry's occurrences, the last handled first."""
    if not runs:
        yield Line(say("it has not been due yet"))
        return
    yield runs_table(runs, at)


def runs_table(runs: Sequence[Json], at: datetime) -> Table:
    """Return what became of an entry's occurrences as a table, one a row."""
    return Table(columns("occurrence", "outcome", "#job", "reason"), [_run_row(run, at) for run in runs])


def _run_row(run: Json, at: datetime) -> list[Text | Cell]:
    state = run["outcome"]
    if state == "enqueued" and "job_state" in run:  # a daemon of an earlier version has none
        state = run["job_state"] or "pruned"
    style = {"skipped": Style.WARN, "failed": Style.BAD}.get(state, Style.NONE)
    return [
        moment(run["occurrence"], at),
        Cell(state_words(state), style),
        run["job_id"] or "",
        fact_words(run, "reason"),
    ]
