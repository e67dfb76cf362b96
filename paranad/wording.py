"""How a sentence is made to fit: cut, on one line, printable; with the nearest known name; from pydantic's errors."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from paranad.said import Said, Sentence

QUOTED_CHARACTERS = 60
"""How much of a wrong value a sentence quotes."""

DID_YOU_MEAN = Sentence("control.did_you_mean", '; did you mean "{name}"?')
BOTH = Sentence("control.both", "{first}; {rest}")
AND = Sentence("control.and", "{first} and {rest}")


def shorten(text: str, most: int = QUOTED_CHARACTERS) -> str:
    """Return *text* in at most *most* characters; the last is `…` if something is cut off."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def quotable(text: str) -> str:
    """Return *text* short enough to be quoted, with a replacement for each character that would break the line."""
    return "".join(char if char.isprintable() else "�" for char in shorten(text))


def one_line(text: str) -> str:
    """Return *text* with every run of white space, line ends included, as one space."""
    return " ".join(text.split())


def encodable(text: str) -> str:
    """Return *text* with `?` for halves of surrogate pairs, which JSON can spell and UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def did_you_mean(word: str, known: Iterable[str]) -> Said | str:
    """Return `; did you mean "x"?` with the nearest of *known*; an empty text if none is near."""
    near = nearest(word, known)
    return "" if near is None else DID_YOU_MEAN(name=near)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the one of *known* that *word* may have meant; None if none is near."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)), None)


def joined(facts: Sequence[Said], by: Sentence = BOTH) -> Said:
    """Return *facts*, at least one, as one fact, joined *by* semicolons or by `AND`."""
    *before, fact = facts
    for first in reversed(before):
        fact = by(first=first, rest=fact)
    return fact


def expectation(detail: Mapping[str, Any]) -> str:
    """Return what pydantic expected, from one of its *errors()*, in our words: `expected a valid integer`."""
    if detail["type"] == "model_attributes_type":  # pydantic names what it takes besides JSON
        return "expected an object"
    message = str(detail["msg"]).removeprefix("Value error, ")
    return message.replace("Input should be", "expected").replace("String should", "expected it to")
