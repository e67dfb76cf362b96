"""Texts that may hold anything, made fit for a stranger: what stays are words of paranad's own, and small numbers.

A name, an address, a token or a password has no form by which it could be found. So it is the other way round: a word
stays if it stands in paranad's own source, as those of its sentences do, and of the shop's tables; all else goes.
"""

import builtins
import re
from functools import cache
from pathlib import Path

import paranad

ELLIPSIS = "…"
SMALL_DIGITS = 3
"""A number of so many digits tells nothing: a phone is shown by its last three everywhere."""
INVENTED = {"demo", "sandbox", "arabic"}
"""Rooms whose words are not the program's own: invented customers, translations."""

OF_ADDRESSES = {"house", "near", "floor", "building", "quarter", "block"}
"""Words of paranad's own that stand in addresses too."""

INSTANT = re.compile(
    r"20\d\d-[01]\d-[0-3]\d(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-][01]\d:?[0-5]\d)?)?"
)
_OF_DAY = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?(?![\W_]{0,3}\d)"
_DIGITS = re.compile(rf"(?<![\w-])(?P<instant>{INSTANT.pattern}|{_OF_DAY})(?!\w)|\d(?:[\W_]{{0,3}}\d)*")
"""An instant, a time of day, or digits with what may stand between the digits of a phone."""
_CHUNK = re.compile(r"[^\s=]+")
_INNER = re.compile(r"\w(?:.*\w)?")
_WORD = re.compile(r"\w+")
_MEASURE = re.compile(r"[0-9]{1,3}(?:ms|min|s|m|h|d|MiB|GiB)?")
_HIDDEN_RUN = re.compile(rf"(?:\b[0-9]{{1,3}}[\s,]+)?{ELLIPSIS}(?:[\s,]*(?:{ELLIPSIS}|[0-9]{{1,3}}\b))*")
"""What goes, with the small numbers beside it, such as that of a house."""
_FRAME = re.compile(r'File "[^"]*?(?P<file>\w*/?[\w.]+)", line (?P<line>\d{1,6})(?:, in (?P<function>\S+))?')
"""A line of a traceback; of the path only the last folder."""


@cache
def vocabulary() -> frozenset[str]:
    """Return the words of paranad's own source; of those with a capital only names of code, such as `TypeError`."""
    house = Path(paranad.__file__).parent
    files = (file for file in house.rglob("*.py") if file.relative_to(house).parts[0] not in INVENTED)
    words = {word for file in files for word in re.findall(r"[A-Za-z]\w*", file.read_text("utf-8"), re.ASCII)}
    return frozenset({word for word in words - OF_ADDRESSES if not word.istitle()} | set(dir(builtins)))


def told(text: str) -> str:
    """Return *text* with `…` for each word that is not paranad's own, and for each number of more than three digits."""
    return "\n".join(map(_line, text.splitlines()))


def _line(line: str) -> str:
    if frame := _FRAME.search(line):
        return f"{_words(frame['file'])}:{frame['line']} {_words(frame['function'] or '')}".rstrip()
    return _words(_DIGITS.sub(_number, line))


def _words(text: str) -> str:
    return _HIDDEN_RUN.sub(ELLIPSIS, _CHUNK.sub(_chunk, text))


def _number(found: re.Match[str]) -> str:
    is_small = found[0].isascii() and sum(map(str.isdigit, found[0])) <= SMALL_DIGITS
    return found[0] if found["instant"] or is_small else ELLIPSIS


def _chunk(found: re.Match[str]) -> str:
    return _INNER.sub(lambda inner: inner[0] if _is_ours(inner[0]) else ELLIPSIS, found[0])


def _is_ours(inner: str) -> bool:
    return bool(INSTANT.fullmatch(inner)) or all(
        word in vocabulary() or _MEASURE.fullmatch(word) for word in _WORD.findall(inner)
    )
