"""What a task did, in words: its tally first, then whatever else it says."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from paranad.cli.render import Block, Cell, Heading, Line, Style, Table, Verbatim

Json = Any

COUNTS = ("looked_at", "changed", "skipped", "failed")
"""What every tally holds; the last two as `{count, items}`."""


def result_words(result: Json) -> Iterator[Block]:
    """Yield what a finished job or a dry run answered."""
    if not isinstance(result, Mapping):
        if result is not None:
            yield Line(value_words(result))
        return
    if counts := [f"{_named(name)} {_count(result[name])}" for name in COUNTS if name in result]:
        yield Line(", ".join(counts))
    yield from reasons(result, "failed", Style.BAD)
    yield from reasons(result, "skipped", Style.NONE)
    for name, value in result.items():
        if name not in COUNTS:
            yield from _more(name, value)


def _count(value: Json) -> Json:
    return value.get("count", 0) if isinstance(value, Mapping) else value


def reasons(result: Mapping[str, Json], name: str, style: Style) -> Iterator[Block]:
    """Yield the things that a result names under *name* (`failed`), each with its reason; nothing where none are."""
    part = result.get(name)
    items = part.get("items") if isinstance(part, Mapping) else None
    if not items:
        return
    yield Heading(_named(name).capitalize())
    yield Table(["what", "reason"], [[Cell(str(item["what"]), style), str(item["reason"])] for item in items])
    if (rest := _count(part) - len(items)) > 0:
        yield Line(f"and {rest} more", Style.DIM)


def _more(name: str, value: Json) -> Iterator[Block]:
    match value:
        case {"count": int(), "items": list()}:
            yield from reasons({name: value}, name, Style.WARN)
        case [Mapping(), *_]:
            yield Heading(_named(name).capitalize())
            yield _rows(value)
        case Mapping() if value:
            yield Heading(_named(name).capitalize())
            yield Table(["what", "value"], [[_named(key), value_words(each)] for key, each in value.items()])
        case str() if "\n" in value.strip("\n"):
            yield Heading(_named(name).capitalize())
            yield Verbatim(value)
        case _:
            yield Line(f"{_named(name)}: {value_words(value)}")


def _rows(values: Sequence[Json]) -> Table:
    rows = [value if isinstance(value, Mapping) else {"value": value} for value in values]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return Table(
        [_named(name) for name in names],
        [[value_words(row[name]) if name in row else "" for name in names] for row in rows],
    )


def _named(name: str) -> str:
    return name.replace("_", " ")


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
    """Return a job's arguments as they are typed: `order_id=12`."""
    return " ".join(f"{name}={value_words(value)}" for name, value in args.items())
