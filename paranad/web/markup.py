"""HTML and SVG made of small pure functions: what is not marked as safe is escaped."""

import re
from collections.abc import Iterable
from html import escape

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
ALONE = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})
"""Elements of HTML that have no end tag."""


class Markup(str):
    """Text that is HTML or SVG already, safe as it stands."""

    __slots__ = ()


Attribute = str | int | float | bool | None


def safe(text: str) -> Markup:
    """Return *text* for a place between tags or within an attribute: as it is if it is markup, else escaped."""
    return text if isinstance(text, Markup) else Markup(escape(text))


def joined(parts: Iterable[str]) -> Markup:
    """Return *parts* one after the other."""
    return Markup("".join(map(safe, parts)))


def tag(element: str, /, *content: str, **attributes: Attribute) -> Markup:
    """Return `<element …>content</element>`.

    Args:
        element: its name, such as `td`.
        content: what it holds; text is escaped, markup is not.
        attributes: by name. `_` stands for `-`, and one at the end falls away: `class_`, `data_label`, `viewBox`. None
            and False leave an attribute out, True writes its name alone.
    """
    opening = "".join((element, *(_attribute(name, value) for name, value in attributes.items())))
    if element in ALONE:
        return Markup(f"<{opening}>")
    return Markup(f"<{opening}>{joined(content)}</{element}>")


def _attribute(name: str, value: Attribute) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no attribute's name")
    if value is None or value is False:
        return ""
    written = name.rstrip("_").replace("_", "-")
    return f" {written}" if value is True else f' {written}="{safe(str(value))}"'
