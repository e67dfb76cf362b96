"""What a task did, in words: its tally first, then the rest of its result."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from paranad.cli.screen.blocks import Block, Cell, Heading, Line, Style, Table, Verbatim, columns
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.words import fact_words

Json = Any

OF_THE_BRIDGE = frozenset({"row_created_at", "tried_elsewhere"})
"""Arguments that tell where a job came from; no operator types them."""
COUNTS = ("looked_at", "changed", "skipped", "failed")
"""What every tally holds; the last two as `{count, items}`."""
MADE = ("failed", "created", "updated", "enqueued")
"""What some tallies hold beside; any of them is more than nothing."""

LINES, CHARACTERS = 20, 2000
"""How much of a program's output stands on the screen of whoever waited for its end."""


def result_words(result: Json) -> Iterator[Block]:
    """Yield what a finished job or a dry run answered."""
    if not isinstance(result, Mapping):
        if result is not None:
            yield Line(value_words(result))
        return
    numbers = ((name, _count(result[name])) for name in COUNTS if name in result)
    if counts := tuple(say("{name} {count}", name=_named(name), count=count) for name, count in numbers):
        yield Line(counts)
    yield from reasons(result, "failed", Style.BAD)
    yield from reasons(result, "skipped", Style.NONE)
    for name, value in result.items():
        if name not in COUNTS:
            yield from _more(name, value)


def brief(result: Json) -> tuple[Json, bool]:
    """Return a result with the end alone of a program's long output, and whether it is cut: a screen is to be read."""
    match result:
        case {"output": str(output), **more}:
            end = "\n".join(output.rstrip("\n").splitlines()[-LINES:])[-CHARACTERS:]
            return {**more, "output": end}, len(end) < len(output.rstrip("\n"))
        case _:
            return result, False


def skipped_words(result: Json) -> Text | None:
    """Return why a task changed nothing: the first reason for which it skipped something, and how many there are more.

    None if it changed something, failed at something or skipped nothing.
    """
    match result:
        case {"changed": 0, "skipped": {"count": int(count), "items": [{"reason": _} as item, *_]}, **more}:
            if any(_count(value) for name, value in more.items() if name in MADE):
                return None
            first = fact_words(item, "reason")
            return (first, say("and {count} more", count=count - 1)) if count > 1 else first
        case _:
            return None


def _count(value: Json) -> Json:
    return value.get("count", 0) if isinstance(value, Mapping) else value


def reasons(result: Mapping[str, Json], name: str, style: Style) -> Iterator[Block]:
    """Yield the things that a result names under *name* (`failed`), each with its reason; nothing if there are none."""
    part = result.get(name)
    items = part.get("items") if isinstance(part, Mapping) else None
    if not items:
        return
    yield Heading(_titled(name))
    yield Table(
        columns("what", "reason"),
        [[Cell(str(item["what"]), style), fact_words(item, "reason")] for item in items],
    )
    if (rest := _count(part) - len(items)) > 0:
        yield Line(say("and {count} more", count=rest), Style.DIM)


def _more(name: str, value: Json) -> Iterator[Block]:
    match value:
        case {"count": int(), "items": list()}:
            yield from reasons({name: value}, name, Style.WARN)
        case [Mapping(), *_]:
            yield Heading(_titled(name))
            yield _rows(value)
        case Mapping() if value:
            yield Heading(_titled(name))
            yield Table(columns("what", "value"), [[_named(key), value_words(each)] for key, each in value.items()])
        case str() if "\n" in value.strip("\n"):
            yield Heading(_titled(name))
            yield Verbatim(value)
        case _:
            yield Line(say("{name}: {value}", name=_named(name), value=_value(value)))


def _rows(values: Sequence[Json]) -> Table:
    rows = [value if isinstance(value, Mapping) else {"value": value} for value in values]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return Table(
        [_named(name) for name in names],
        [[value_words(row[name]) if name in row else "" for name in names] for row in rows],
    )


def _named(name: str) -> Phrase:
    """Return what a result calls *name*; in other languages too if every task has it."""
    return Phrase(f"result:{name}", "{name}", {"name": name.replace("_", " ")})


def _titled(name: str) -> Phrase:
    return Phrase(f"result:{name}", "{name}", {"name": name.replace("_", " ").capitalize()})


def _value(value: Json) -> Text:
    return say("none") if value is None or value == [] else value_words(value)


def value_words(value: Json) -> str:
    """Return a text as it is, a list of plain values with commas, anything else as JSON."""
    match value:
        case str():
            return value
        case None:
            return "none"
        case list() if not any(isinstance(each, list | dict) for each in value):
            return ", ".join(value_words(each) for each in value) or "none"
        case _:
            return json.dumps(value, ensure_ascii=False)


def args_words(args: Mapping[str, Json]) -> str:
    """Return a job's arguments as they are typed: `order_id=12`; without those that the bridge adds."""
    return " ".join(f"{name}={value_words(value)}" for name, value in args.items() if name not in OF_THE_BRIDGE)
