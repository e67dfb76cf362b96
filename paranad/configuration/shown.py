"""The configuration in force as whoever is asked for help may see it: no secret, no address, no path, no program.

A value is shown because of what it is, and hidden otherwise: a key that is added later shows nothing by itself.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel, JsonValue
from pydantic.fields import FieldInfo

from paranad.configuration.durations import Rate, format_duration
from paranad.configuration.settings import Settings
from paranad.configuration.words import KeyPath, key_name

TEXTS = {"timezone", "queues", "queue", "digest", "cron", "args"}
"""Keys whose texts are of a known form: zones, names of queues and arguments, times of day, cron fields."""


class Shown(NamedTuple):
    """One key that is not at its default."""

    key: str
    """As `[queue] workers`."""
    value: JsonValue
    """None: hidden."""


def shown(settings: Settings) -> Iterator[Shown]:
    """Yield each key of *settings* that differs from its default, the tables in the order of paranad.toml."""
    yield from _table((), settings)


def _table(path: KeyPath, model: BaseModel) -> Iterator[Shown]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _table((*path, name), value)
        elif isinstance(value, Mapping) and any(isinstance(each, BaseModel) for each in value.values()):
            for called, each in value.items():
                yield from _table((*path, name, called), each)
        elif value != field.default:
            yield Shown(key_name((*path, name)), _harmless(name, field, value))


def _harmless(name: str, field: FieldInfo, value: Any) -> JsonValue:
    """Return *value* as JSON takes it; None if it may tell more than how the daemon is set."""
    match value:
        case bool() | int():
            return value
        case timedelta() | Rate():
            return format_duration(value) if isinstance(value, timedelta) else str(value)
        case dict() if name == "limits":
            return dict(value)
        case tuple() if name in TEXTS:
            return list(value)
        case str() if name in TEXTS or _is_choice(field.annotation):
            return value
    return None


def _is_choice(annotation: Any) -> bool:
    """Tell whether a key takes some words of ours and no others."""
    return get_origin(annotation) is Literal or any(map(_is_choice, get_args(annotation)))
