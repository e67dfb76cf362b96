"""Puts a wrong value into words: its key, the expected values, the value itself, the cure."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from paranad.configuration.addresses import Wrong
from paranad.configuration.durations import format_duration
from paranad.configuration.settings import CommandSettings, EntrySettings, Settings
from paranad.configuration.values import PlacedSection
from paranad.wording import nearest, shorten

KeyPath = tuple[str, ...]
"""A key's place: `("queue", "workers")`, `("schedule", "backup", "cron")`."""
Write = Callable[[str, str], str]
"""Says how a value, given as TOML, is written for a key in some source."""
NAMED: Mapping[str, type[PlacedSection]] = {"schedule": EntrySettings, "command": CommandSettings}
"""The tables that hold a table for each name, `[schedule."NAME"]`, and what stands in one of these."""


def sections() -> dict[str, type[BaseModel]]:
    """Return the model of each table of paranad.toml by its name, except those that hold tables by name."""
    fields = Settings.model_fields.items()
    return {name: kind for name, field in fields if isinstance(kind := field.annotation, type) and _is_model(kind)}


def default_of(path: KeyPath) -> object:
    """Return the default of the key *path*, which is no schedule entry's."""
    field = _field(path)
    return field and field.default


def _is_model(kind: type) -> bool:
    return issubclass(kind, BaseModel)


def key_name(path: KeyPath) -> str:
    """Write *path* as an operator reads it: `timezone`, `[queue] workers`, `[schedule."carts:expire"] cron`."""
    return f"{table_name(path[:-1])} {path[-1]}" if len(path) > 1 else path[0]


def table_name(path: KeyPath) -> str:
    """Write *path* as the header of its table: `[queue]`, `[schedule."carts:expire"]`."""
    return f"[{'.'.join(map(_bare, path))}]"


def _bare(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else json.dumps(name)


def toml(value: object) -> str:
    """Write a setting's value as paranad.toml holds it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_bare(name)} = {toml(each)}' for name, each in value.items())} }}" if value else "{}"
    if isinstance(value, timedelta):
        value = format_duration(value)
    return json.dumps(str(value), ensure_ascii=False)


def describe(error: ValidationError, values: Mapping[str, Any], write: Write) -> Iterator[tuple[str, str]]:
    """Yield each problem of *values* once: its key, empty if the message names it, and the message."""
    yield from dict.fromkeys(_one(detail, values, write) for detail in error.errors(include_url=False))


def _one(detail: ErrorDetails, values: Mapping[str, Any], write: Write) -> tuple[str, str]:
    loc = tuple(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return "", _unknown_table(loc[0]) if len(loc) == 1 and isinstance(values[loc[0]], dict) else _unknown(loc)
    if loc[-1] == "[key]":
        expected = "names of 1 to 100 Latin letters, digits and signs"
        return table_name(loc[:1]), f"expected {expected}, got {shown(loc[1])}; rename it"
    # A location may go on below the key, into an item of a list: the problem is the key's.
    path = loc[: 3 if loc[0] in NAMED else 2]
    field = _field(path)
    if field is None:
        name = table_name(path)
        return name, f"expected a table, got {shown(_value(values, path))}; write {name} and its keys below"
    told = path[0] == "schedule" and path[2] == "args"  # what an own task is told may be a customer's
    got = "(hidden)" if told or field.annotation is SecretStr else shown(_value(values, path))
    good = _near_choice(detail) or _as_list(detail) or example(field)
    return key_name(path), f"expected {_expected(field)}, got {got}; {_cure(detail) or write(path[-1], good)}"


def _field(path: KeyPath) -> FieldInfo | None:
    if len(path) == 1 and path[0] not in {*NAMED, *sections()}:
        return Settings.model_fields[path[0]]
    if model := NAMED.get(path[0]):
        return model.model_fields[path[2]] if len(path) == 3 else None
    return sections()[path[0]].model_fields[path[1]] if len(path) == 2 else None


def _value(values: Any, path: KeyPath) -> object:
    for part in path:
        values = values[part]
    return values


def shown(value: object) -> str:
    """Show *value*, shortened; an address that may hold a password is hidden."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    if "://" in text and "@" in text:  # whatever the key: an address may stand in the wrong place
        return "(hidden)"
    return shorten(text)


def _expected(field: FieldInfo) -> str:
    return next(str(hint.words) for hint in field.metadata if hasattr(hint, "words"))


def example(field: FieldInfo) -> str:
    """Return a good value of *field* as TOML: its own example, else its default."""
    given = next((hint.example for hint in field.metadata if getattr(hint, "example", "")), "")
    return given or toml(field.default)


def _cure(detail: ErrorDetails) -> str:
    reason = detail.get("ctx", {}).get("error")
    return reason.cure if isinstance(reason, Wrong) else ""


def _near_choice(detail: ErrorDetails) -> str:
    """Return the choice nearest to a mistyped one, as TOML; empty if there is none, or the key offers no choice."""
    if detail["type"] != "literal_error" or not isinstance(detail["input"], str):
        return ""
    near = nearest(detail["input"], re.findall("'([^']*)'", detail["ctx"]["expected"]))
    return toml(near) if near else ""


def _as_list(detail: ErrorDetails) -> str:
    """Return a text that stands where a list belongs as the list of its words, as TOML; empty if it is not so plain."""
    text = detail["input"]
    if detail["type"] != "tuple_type" or not isinstance(text, str) or re.search(r"""[][{}"'\\,]|://""", text):
        return ""
    return toml(text.split()) if text.strip() else ""


def _unknown(loc: KeyPath) -> str:
    known = _known_at(loc[:-1])
    key, place = loc[-1], f" in {table_name(loc[:-1])}" if len(loc) > 1 else ""
    if near := nearest(key, known):
        return f'unknown key "{key}"{place}; did you mean "{near}"?'
    for name, model in sections().items():
        if elsewhere := nearest(key, model.model_fields):
            return f'unknown key "{key}"{place}; did you mean "{elsewhere}" in [{name}]?'
    return f'unknown key "{key}"{place}; known are {", ".join(known)}'


def _unknown_table(name: str) -> str:
    known = [f"[{other}]" for other in (*sections(), *NAMED)]
    near = nearest(f"[{name}]", known)
    return f"unknown table [{name}]; {f'did you mean {near}?' if near else 'known are ' + ', '.join(known)}"


def _known_at(path: KeyPath) -> list[str]:
    if not path:
        return list(Settings.model_fields)
    model = NAMED.get(path[0]) or sections()[path[0]]
    return list(model.model_fields)
