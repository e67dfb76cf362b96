"""A fact as a value: a code, the values it needs, and its English, made once in the room that knows the fact.

A room declares a `Sentence` beside the code that states it, and calls it with the values. What is stored, compared or
sent is the code with its values; whoever shows it takes the English as it is, or another language by the code.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from string import Formatter
from typing import Any, TypeAlias, final

Value: TypeAlias = "str | int | float | Said | Sequence[str]"
"""A text or a number; another fact that explains this one; a list, such as of ids."""

STATE = "state"
"""The name of a value that is a word of our own for how a job, a shipment, an entry's run or the daemon stands."""


@final
@dataclass(frozen=True, slots=True)
class Said:
    """One fact. Two facts are equal if their codes, values and texts are."""

    code: str
    """Such as `courier.login_refused`; empty for a text from outside the program, or of a version without codes."""
    values: Mapping[str, Value] = field(default_factory=dict)
    text: str = ""
    """The English, whole."""

    def __str__(self) -> str:
        return self.text

    def __hash__(self) -> int:
        return hash((self.code, self.text))

    def cleaned(self, clean: Callable[[str], str]) -> "Said":
        """Return this fact with *clean* applied to its text and to every text among its values."""
        return replace(
            self, values={name: _cleaned(value, clean) for name, value in self.values.items()}, text=clean(self.text)
        )

    def document(self) -> dict[str, Any]:
        """Return `{"code", "values", "text"}`, which JSON takes.

        A fact among the values stands there with its text; `facts`, if there is any, has it whole by the same name.
        """
        values = {name: value.text if isinstance(value, Said) else value for name, value in self.values.items()}
        facts = {name: value.document() for name, value in self.values.items() if isinstance(value, Said)}
        return {"code": self.code, "values": values, "text": self.text} | ({"facts": facts} if facts else {})

    def remark(self) -> dict[str, Any]:
        """Return the document as the API answers it: with every value as it stands in the sentence, `facts` always."""
        values = {
            name: value if isinstance(value, int | float) else _part(value, "") for name, value in self.values.items()
        }
        facts = {name: value.remark() for name, value in self.values.items() if isinstance(value, Said)}
        return {"code": self.code, "values": values, "facts": facts, "text": self.text}


@dataclass(frozen=True, slots=True)
class Sentence:
    """The English of one code. Calling it with the values it names states the fact."""

    code: str
    """`room.fact`, in lower case with underscores; a finding, a note of the status and a reason of a shipment have the
    code that the API gives them. Each code has one sentence, but for `restored`, which is a note and a reason."""
    english: str
    """A template: `{name}` is a value, `{count:job}` a count with its noun, `{seconds:g}` a formatted number."""

    def __call__(self, /, **values: Value) -> Said:
        """State the fact.

        Raises:
            KeyError: a value that the sentence names is missing.
        """
        return Said(self.code, values, written(self.english, values))


def plain(text: str) -> Said:
    """Return *text* from outside the program, or of a version that stored no codes, as a fact without a code."""
    return Said("", {}, text)


def as_said(said: Said | str) -> Said:
    """Return *said*; a text as a fact without a code."""
    return plain(said) if isinstance(said, str) else said


def from_document(document: Mapping[str, Any]) -> Said:
    """Return the fact whose `document` this is.

    Raises:
        KeyError, TypeError, AttributeError: it is no such document.
    """
    facts = {name: from_document(fact) for name, fact in document.get("facts", {}).items()}
    return Said(document["code"], {**document["values"], **facts}, document["text"])


def written(template: str, values: Mapping[str, Value]) -> str:
    """Return *template* with *values* in it.

    Raises:
        KeyError: a value that the template names is missing.
    """
    parts = []
    for literal, name, spec, _ in Formatter().parse(template):
        parts.append(literal)
        if name is not None:
            parts.append(_part(values[name], spec or ""))
    return "".join(parts)


def names_in(template: str) -> set[str]:
    """Return the names of the values that *template* holds."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def is_noun(spec: str) -> bool:
    """Tell whether a value's *spec* names the thing that is counted, and is no number's form such as `.1f` or `g`."""
    return len(spec) > 1 and spec.isalpha()


def _part(value: Value, spec: str) -> str:
    if is_noun(spec):
        return f"{value} {spec}{'' if value == 1 else 's'}"
    if isinstance(value, str | Said):
        return str(value)
    if isinstance(value, int | float):
        return format(value, spec)
    return ", ".join(value)


def _cleaned(value: Value, clean: Callable[[str], str]) -> Value:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Said):
        return value.cleaned(clean)
    return value if isinstance(value, int | float) else [clean(each) for each in value]
