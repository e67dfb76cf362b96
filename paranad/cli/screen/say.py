"""What the program says: sentences with values, put into a language and an order only where they are written.

A template is English; `{name}` stands for a value, `{count:job}` for a count with its noun. The Arabic one is found by
the sentence's key, and marks in backticks what is typed or read from left to right.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from string import Formatter
from typing import TextIO, TypeAlias

from paranad.cli.language import Language
from paranad.record import record
from paranad.said import is_noun
from paranad.text import LRI, ltr, one_line, rtl, set_apart

WHEN = "entry.when"
"""Key of when an entry is due, by its `cron`: words that are made of it."""


@record
class Phrase:
    """What is drawn of a sentence, or of a part of one: it can be put into a language and a form."""

    key: str
    """The key of its template in the other languages."""
    english: str
    """Template."""
    values: Mapping[str, "Text"] = field(default_factory=dict)

    def __str__(self) -> str:
        return written(self)


@record
class Forms:
    """A text in several forms, the longest first: a table takes a shorter one if room is scarce."""

    forms: tuple["Text", ...]


Text: TypeAlias = str | int | float | Phrase | Forms | tuple["Text", ...]
"""A text from outside (`str`), a number, a sentence, or several of these with commas between; empty ones fall away."""


def forms_of(text: Text) -> int:
    """Return how many forms *text* has."""
    match text:
        case Forms():
            return len(text.forms)
        case tuple():
            return max(map(forms_of, text), default=1)
        case _:
            return 1


def in_form(text: Text, number: int) -> Text:
    """Return *text* in its form of that *number*, 0 the longest; its last one if it has fewer."""
    match text:
        case Forms():
            return text.forms[min(number, len(text.forms) - 1)]
        case tuple():
            return tuple(in_form(each, number) for each in text)
        case _:
            return text


def say(template: str, /, **values: Text) -> Phrase:
    """Return the sentence *template*, which is its own key."""
    return Phrase(template, template, values)


@record
class Pen:
    """Writes texts in a language; on a terminal with both writing directions kept in order."""

    language: Language = Language.ENGLISH
    terminal: bool = False

    def line(self, text: Text) -> str:
        """Return *text* on one line as it is written there."""
        arabic = self._arabic(text) if self.language is Language.ARABIC else None
        if arabic is not None:
            return rtl(arabic.strip()) if self.terminal else arabic.strip()
        return written(text, set_apart).strip() if self.terminal else one_line(written(text))

    def _arabic(self, text: Text) -> str | None:
        """Return the Arabic of *text*; None if it has none."""
        match text:
            case tuple():
                return "، ".join(self._part(each) for each in text if each != "")
            case Phrase():
                return self._sentence(text)
            case Forms():
                return self._arabic(text.forms[0])
            case _:
                return None

    def _sentence(self, said: Phrase) -> str | None:
        if said.key == WHEN:
            from paranad.arabic.words import cron_words  # noqa: PLC0415 - only for those who read it

            return cron_words(str(said.values["cron"])) or self._part(said.values["cron"])
        from paranad.arabic.sentences import sentence  # noqa: PLC0415 - only for those who read it

        return sentence(said.key, said.values, self._part, isolated=self.terminal)

    def _part(self, text: Text) -> str:
        """Return *text* as it stands within an Arabic sentence."""
        arabic = self._arabic(text)
        if arabic is not None:
            return arabic
        plain = one_line(written(text))
        return ltr(plain) if self.terminal and plain and not plain.isdecimal() else plain


def pen_for(out: TextIO, language: Language, *, terminal: bool) -> Pen:
    """Return what writes on *out*: English where its encoding has no Arabic, no isolates where it has none."""
    if language is not Language.ENGLISH and not _takes("سؤال؟", out):
        language = Language.ENGLISH
    return Pen(language, terminal and _takes(LRI, out))


def _takes(text: str, out: TextIO) -> bool:
    try:
        text.encode(getattr(out, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def written(text: Text, outside: Callable[[str], str] = str) -> str:
    """Return the English of *text*, with each text from outside as *outside* writes it."""
    match text:
        case Phrase():
            return "".join(_english(text, outside))
        case Forms():
            return written(text.forms[0], outside)
        case tuple():
            return ", ".join(written(each, outside) for each in text if each != "")
        case str():
            return outside(text)
        case _:
            return str(text)


def _english(said: Phrase, outside: Callable[[str], str]) -> Iterator[str]:
    for literal, name, spec, _ in Formatter().parse(said.english):
        yield literal
        if name is not None:
            value = said.values[name]
            if spec and is_noun(spec):
                yield f"{written(value, outside)} {spec}{'' if value == 1 else 's'}"
            else:
                yield format(value, spec) if spec else written(value, outside)
