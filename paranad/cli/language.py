"""In which language paranadctl speaks: as asked, else as the environment says, else English."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import zip_longest


class Language(StrEnum):
    """A language that every sentence exists in."""

    ENGLISH = "en"
    ARABIC = "ar"


KNOWN = tuple(language.value for language in Language)
VARIABLES = "LC_ALL", "LC_MESSAGES", "LANG"
"""The first that is not empty decides, as in POSIX."""


def spoken(asked: str | None, environ: Mapping[str, str]) -> Language:
    """Return the language: *asked* (`ar`) if it is one, else the environment's locale (`ar_IQ.UTF-8`), else English."""
    locale = next((environ[name] for name in VARIABLES if environ.get(name)), "")
    names = (said.partition(".")[0].partition("@")[0].partition("_")[0].lower() for said in (asked or "", locale))
    return next((Language(name) for name in names if name in KNOWN), Language.ENGLISH)


def asked_for(words: Sequence[str]) -> str | None:
    """Return what the command line *words* ask with `--lang`, common options first; None where they do not."""
    asked = None
    for word, following in zip_longest(words, words[1:]):
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if name == "--lang":
            asked = value if equals else following or ""
    return asked


def wants_json(words: Sequence[str]) -> bool:
    """Tell whether the command line *words* asks for JSON, before a `--`."""
    return "--json" in words[: words.index("--") if "--" in words else None]
