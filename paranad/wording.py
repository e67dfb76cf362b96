"""How a sentence is made to fit: cut, on one line, printable; with the nearest known name; from pydantic's errors."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from paranad.said import Said, Sentence, names_in

QUOTED_CHARACTERS = 60
"""How much of a wrong value a sentence quotes."""

UNKNOWN_TASK = Sentence("job.unknown_task", 'unknown task "{task}"{cure}; known: {known}')
DID_YOU_MEAN = Sentence("control.did_you_mean", '; did you mean "{name}"?')
BOTH = Sentence("control.both", "{first}; {rest}")
AND = Sentence("control.and", "{first} and {rest}")
ONE_OF = Sentence("control.expected_one_of", "expected {first} or {last}")
ONE_VALUE = Sentence("control.expected_value", "expected {value}")
INTEGER = Sentence("control.expected_integer", "expected a whole number")
EXPECTED: Mapping[str, Sentence] = {
    "int_type": INTEGER,
    "int_parsing": INTEGER,
    "string_type": Sentence("control.expected_string", "expected a valid string"),
    "greater_than_equal": Sentence("control.expected_at_least", "expected greater than or equal to {ge}"),
    "less_than_equal": Sentence("control.expected_at_most", "expected less than or equal to {le}"),
    "no_json": Sentence("control.expected_json", "expected what JSON can hold"),
    "too_many_bytes": Sentence("control.expected_bytes", "expected at most {bytes} bytes of JSON"),
    # pydantic names what it takes besides JSON
    "model_attributes_type": Sentence("control.expected_object", "expected an object"),
}
"""By the type of pydantic's error."""

AN_OBJECT = Sentence("bridge.an_object", "an object")
A_NUMBER = Sentence("bridge.a_number", "a number")
A_LIST = Sentence("bridge.a_list", "a list")
JSON_KINDS: Final[Mapping[type, Sentence]] = {
    type(None): Sentence("bridge.nothing", "nothing"),
    bool: Sentence("bridge.a_boolean", "a boolean"),
    int: A_NUMBER,
    float: A_NUMBER,
    str: Sentence("bridge.a_text", "a text"),
    list: A_LIST,
    dict: AN_OBJECT,
}
"""What a value of JSON is called, without what it holds."""


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
    return next(iter(all_near(word, known)), None)


def all_near(word: str, known: Iterable[str]) -> list[str]:
    """Return the three of *known* that *word* may have meant, the nearest first."""
    from difflib import get_close_matches  # noqa: PLC0415 - only where something is misspelt

    return get_close_matches(word, list(known))


def unknown_task(name: str, known: Iterable[str]) -> Said:
    """Return that no task is called *name*, with the nearest of the *known* ones, and all of them."""
    listed = sorted(known)
    return UNKNOWN_TASK(task=quotable(name), cure=did_you_mean(name, listed), known=", ".join(listed))


def joined(facts: Sequence[Said], by: Sentence = BOTH) -> Said:
    """Return *facts*, at least one, as one fact, joined *by* semicolons or by `AND`."""
    *before, fact = facts
    for first in reversed(before):
        fact = by(first=first, rest=fact)
    return fact


def expectation(detail: Mapping[str, Any]) -> Said | str:
    """Return what pydantic expected, from one of its *errors()*, in our words: `expected a valid integer`.

    An error of a type that no sentence here is for keeps pydantic's message, as a text.
    """
    values = {name: str(value) for name, value in detail.get("ctx", {}).items()}
    if detail["type"] == "literal_error":
        first, _, last = values["expected"].rpartition(" or ")
        return ONE_OF(first=first, last=last) if first else ONE_VALUE(value=last)
    if sentence := EXPECTED.get(detail["type"]):
        return sentence(**{name: values[name] for name in names_in(sentence.english)})
    message = str(detail["msg"]).removeprefix("Value error, ")
    return message.replace("Input should be", "expected").replace("String should", "expected it to")
