"""The log: the newest lines that the daemon left in the system's journal, filtered."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from paranad.cli.commands import logs
from paranad.cli.commands.journal import Asked, Entry
from paranad.cli.options import one_of
from paranad.cli.parsing import Misuse
from paranad.cli.problems import problem_words
from paranad.cli.screen.blocks import Cell, Line, Style, Table, columns
from paranad.cli.screen.say import Text, say
from paranad.cli.screen.times import moment
from paranad.cli.words import said_words
from paranad.errors import ParanadError
from paranad.web import links
from paranad.web.answers import known
from paranad.web.asked import number, typed
from paranad.web.page import Choice, Field, Filter, Linked, Page, Piece, View

STYLES = {"error": Style.BAD, "warning": Style.WARN, "debug": Style.DIM}
Typed = Mapping[str, str | None]


def log(view: View) -> Page:
    """Show the newest lines of the log, by level, task, job, order and time."""
    asked = typed(view.query, "level", "task", "job", "order", "since")
    return Page(say("Log"), [_filter(asked), *_found(view, asked)], slowly=any(asked.values()))


def about(view: View, asked: Asked) -> Sequence[Piece]:
    """Return the log's lines about one thing in the order of time, or why there are none to see."""
    try:
        return _drawn(view, view.log(asked)[::-1])
    except ParanadError as error:
        return [Line(said_words(error.said), Style.DIM)]


def _filter(asked: Typed) -> Filter:
    levels: list[tuple[str, Text]] = [
        ("", say("any")),
        *((level, say("from {level} on", level=level)) for level in logs.LEVELS),
    ]
    return Filter(
        [
            Choice("level", say("level"), asked["level"] or "", levels),
            Field("task", say("task"), asked["task"] or ""),
            Field("job", say("job number"), asked["job"] or "", numeric=True),
            Field("order", say("order"), asked["order"] or "", numeric=True),
            Field("since", say("since"), asked["since"] or "", hint=say("such as 2h, 14:00 or yesterday")),
        ]
    )


def _found(view: View, asked: Typed) -> Sequence[Piece]:
    """Return the lines that the filter finds; a filter of nonsense is a sentence."""
    try:
        return _drawn(view, view.log(_read(asked)))
    except Misuse as error:
        return [Line(said_words(error.said), Style.BAD)]
    except ParanadError as error:
        return [*problem_words(error, view.language)]


def _read(asked: Typed) -> Asked:
    return Asked(
        asked["level"] and one_of(tuple(logs.LEVELS), asked["level"]),
        asked["since"] and logs.since(asked["since"]),
        asked["task"],
        number("job", asked["job"]) if asked["job"] else None,
        number("order", asked["order"]) if asked["order"] else None,
    )


def _drawn(view: View, found: Sequence[Entry]) -> Sequence[Piece]:
    """Return lines as a table; each leads to what it is about."""
    if not found:
        return [Line(say("the log has no such line"), Style.DIM)]
    zone = known(lambda: datetime.fromisoformat(view.client.get("status")["daemon"]["since"]).tzinfo)
    rows = [[moment(_here(entry.at, zone), view.now), _level(entry.level), entry.message] for entry in found]
    return [Linked(Table(columns("time", "level", "message"), rows), [*map(_href, found)])]


def _here(at: datetime, zone: tzinfo | None) -> str:
    """Return an instant on the daemon's wall clock, or on this machine's if the daemon does not answer."""
    return at.astimezone(zone).isoformat()


def _level(level: str) -> Cell:
    return Cell(level, STYLES.get(level, Style.NONE))


def _href(entry: Entry) -> str | None:
    """Return the page of what the line is about."""
    if entry.job_id:
        return links.below(links.JOBS, entry.job_id)
    return links.below(links.ORDERS, entry.order_id) if entry.order_id else None
