"""The pages of the schedule: all entries, and one entry with what became of its occurrences."""

from collections.abc import Iterator
from dataclasses import replace

from paranad.cli.commands.backfill import waiting_line
from paranad.cli.commands.pauses import pauses_words
from paranad.cli.commands.schedule import (
    OFF,
    clock_words,
    coming_table,
    entries_table,
    halted_line,
    last_words,
    next_words,
    rules_lines,
    rules_words,
    runs_table,
    waiting_words,
    when_words,
)
from paranad.cli.screen.blocks import Cell, Heading, Line, Style, Table, columns
from paranad.cli.screen.say import Text, say
from paranad.cli.session import Json
from paranad.web.asked import hear, typed
from paranad.web.links import JOBS, SCHEDULE, address, below
from paranad.web.page import Act, Acts, Linked, Page, Pager, Piece, View
from paranad.web.pictures import runs_of

SHOWN = 25
"""How many occurrences a page of a history holds."""


def schedule(view: View) -> Page:
    """Show every entry: when it is due, what became of its last occurrence, and the next."""
    entries = view.client.get("schedule")["items"]
    if not entries:
        return Page(say("Schedule"), [Line(say("the schedule is empty"))])
    pieces: list[Piece] = [
        Linked(entries_table(entries, view.now), [below(SCHEDULE, entry["name"]) for entry in entries])
    ]
    pieces += rules_lines(entries)
    pieces += pauses_words(entries, view.now)
    if any(entry["off"] for entry in entries):
        pieces.append(Line(say(OFF), Style.DIM))
    return Page(say("Schedule"), pieces)


def entry(view: View, name: str) -> Page:
    """Show one entry with its history, and run, pause or resume it.

    Raises:
        NotFound: there is no such entry, and there was none.
    """
    asked = typed(view.query, "cursor")
    found = next((each for each in view.client.get("schedule")["items"] if each["name"] == name), None)
    if found is None:
        view.client.get("schedule", name, "history", limit=1)
    heard = hear(view, lambda: view.client.get("schedule", name, "history", limit=SHOWN, **asked))
    pieces: list[Piece] = [*_about(found, view)] if found else []
    pieces += [*_strip(name, view), *_coming(name, view), Heading(say("What became of it")), *heard.problem]
    if heard.answer is not None:
        pieces += _history(heard.answer, view, name)
    return Page(name, pieces)


def _about(entry: Json, view: View) -> Iterator[Piece]:
    fields = {"entry": entry["name"]}
    halt = Act("resume", say("Resume"), fields, Style.GOOD) if entry["paused"] else Act("pause", say("Pause"), fields)
    yield Acts([Act("run", say("Run it now"), fields, Style.GOOD), halt])
    yield from pauses_words([entry], view.now)
    rows: list[list[Text | Cell]] = [[say("rules"), rules]] if (rules := rules_words(entry)) else []
    if waiting := waiting_words(entry):
        rows.append([say("waiting"), waiting])
    yield Table(
        ["", ""],
        [
            [say("task"), entry["task"]],
            [say("when"), when_words(entry)],
            [say("time zone"), entry["timezone"]],
            [say("last"), last_words(entry, view.now)],
            [say("next"), next_words(entry, view.now)],
            *rows,
        ],
    )


def _strip(name: str, view: View) -> Iterator[Piece]:
    """Yield the picture of its last runs, if it has any; a page without it is still a page."""
    past = hear(view, lambda: view.client.get("history")).answer
    runs = next((each for each in past["entries"] if each["name"] == name), None) if past else None
    if runs and runs["runs"]:
        yield runs_of(runs, view.language)


def _coming(name: str, view: View) -> Iterator[Piece]:
    """Yield when it is due next, with the rule of clock changes; a page without it is still a page."""
    coming = hear(view, lambda: view.client.get("schedule", name, "next")).answer
    if coming:
        yield Heading(say("Due next"))
        yield from halted_line(coming, view.now)
        # With a head, so that its columns stand apart, and each instant is a card on a phone.
        yield replace(coming_table(coming, view.now), columns=columns("due", "from now", "clock change"))
        yield from waiting_line(coming)
        yield from clock_words(coming)


def _history(page: Json, view: View, name: str) -> Iterator[Piece]:
    runs = page["items"]
    if runs:
        hrefs = [below(JOBS, run["job_id"]) if run["job_id"] else None for run in runs]
        yield Linked(runs_table(runs, view.now), hrefs)
    else:
        yield Line(say("it has not been due yet"))
    yield Pager(page["next_cursor"] and address(below(SCHEDULE, name), cursor=page["next_cursor"]))
