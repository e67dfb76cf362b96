"""An Arabic sentence put together: a template with its values, what is read from left to right set apart or not."""

from collections.abc import Callable, Iterator, Mapping
from string import Formatter
from typing import TypeVar

from paranad.arabic.words import ARABIC, DURATION, counted, spelt
from paranad.said import STATE, Said, Value, is_noun, names_in
from paranad.text import LRI, PDI, ltr, one_line

T = TypeVar("T")
AND = "، "
"""Between the parts of a list."""


def sentence(key: str, values: Mapping[str, T], part: Callable[[T], str], *, isolated: bool) -> str | None:
    """Return the sentence *key* with *values*, each as *part* writes it; None if there is none for these values.

    Args:
        key: as in `ARABIC`.
        values: by the names that the template holds.
        part: writes a value as it stands within an Arabic sentence.
        isolated: whether what the template marks in backticks is set apart by Unicode's isolates.
    """
    template = ARABIC.get(key)
    if template is None or not names_in(template) <= set(values):
        return None
    return "".join(_filled(_marked(template, isolated=isolated), values, part))


def in_arabic(said: Said) -> str:
    """Return a fact in Arabic as plain text for a phone: names, numbers and commands set apart, English if unknown.

    The sentence is left to its reader's direction: it carries no isolate around it as a whole.
    """
    values = {name: _worded(name, value) for name, value in said.values.items()}
    told = sentence(f"said:{said.code}", values, _part, isolated=True) if said.code else None
    return _apart(said.text) if told is None else told.strip()


def _worded(name: str, value: Value) -> Value:
    return ARABIC.get(f"state:{value}", value) if name == STATE else value


def _part(value: Value) -> str:
    if isinstance(value, Said):
        return in_arabic(value)
    if isinstance(value, str | int | float):
        return _apart(str(value))
    return AND.join(map(_apart, value))


def _apart(text: str) -> str:
    plain = one_line(text)
    return ltr(plain) if plain and not plain.isdecimal() else plain


def _filled(template: str, values: Mapping[str, T], part: Callable[[T], str]) -> Iterator[str]:
    for literal, name, spec, _ in Formatter().parse(template):
        yield literal
        if name is not None:
            value = values[name]
            if spec == DURATION:
                yield spelt(str(value)) or part(value)
            elif spec and is_noun(spec):
                count = number_of(value)
                yield part(value) if count is None else counted(spec, count)
            else:
                yield format(value, spec) if spec else part(value)


def _marked(template: str, *, isolated: bool) -> str:
    """Turn the pairs of backticks into isolates, or into nothing."""
    opening, closing = (LRI, PDI) if isolated else ("", "")
    first, *rest = template.split("`")
    return first + "".join((closing if place % 2 else opening) + part for place, part in enumerate(rest))


def number_of(value: object) -> float | None:
    """Return the number that *value* is: the doctor's values are texts, and a timeout is a float, such as 90.0."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() else None
