"""Text from outside made harmless for a terminal, and text of two writing directions kept in order."""

import re
from collections.abc import Iterable
from unicodedata import bidirectional

LRI, RLI, FSI, PDI = "\u2066", "\u2067", "\u2068", "\u2069"
"""Unicode's isolates: what stands between one of the first three and PDI does not reorder what stands around it."""

_STRONG = frozenset({"L", "R", "AL"})
"""Unicode's bidirectional classes of letters, which have a direction of their own."""
_STEERING = "\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
"""Beyond ASCII's own: controls, what turns the writing direction, other line ends, halves of surrogate pairs."""
_CONTROL = re.compile(f"[\x00-\x08\x0b-\x1f{_STEERING}]")
_IN_JSON = re.compile(f"[{_STEERING}]")
_RTL_LETTER = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
_RTL_RUN = re.compile(f"{_RTL_LETTER}(?:[^\nA-Za-z]*{_RTL_LETTER})?")


def harmless(text: str) -> str:
    """Return *text* with everything that steers a terminal shown as an escape; line ends and tabs stay."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Return *text* harmless and on one line."""
    return harmless(" ".join(text.split("\n")).replace("\t", " ")).strip()


def harmless_json(text: str) -> str:
    """Return JSON *text* with the same meaning and without what steers a terminal and JSON lets through."""
    return _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def isolated(text: str) -> str:
    """Return *text* with each run of Arabic or Hebrew set apart, so that it does not reorder what stands around it."""
    return _RTL_RUN.sub(lambda found: f"{FSI}{found[0]}{PDI}", text)


def set_apart(text: str) -> str:
    """Return a text from outside on one line: one that begins from the right apart as a whole, its last bracket too."""
    plain = harmless(" ".join(text.split("\n")).replace("\t", " "))
    return f"{FSI}{plain.strip()}{PDI}" if begins_from_right(plain) else isolated(plain)


def ltr(text: str) -> str:
    """Return *text* set apart to stand within an Arabic sentence: left to right unless it begins from the right."""
    return f"{FSI}{text}{PDI}" if begins_from_right(text) else f"{LRI}{isolated(text)}{PDI}"


def begins_from_right(text: str) -> bool:
    """Tell whether the first letter of *text* is written from right to left."""
    return next((kind for kind in map(bidirectional, text) if kind in _STRONG), "L") != "L"


def rtl(text: str) -> str:
    """Return an Arabic sentence set apart as right-to-left, to stand on a terminal's left-to-right line."""
    return f"{RLI}{text}{PDI}"


def reopened(lines: Iterable[str]) -> list[str]:
    """Return the folded *lines* of one text with each isolate closed at a line's end and opened again on the next.

    A terminal orders every line by itself. The blanks that fill a line up stay outside.
    """
    done: list[str] = []
    opened = ""
    for line in lines:
        words = line.rstrip(" ")
        whole = opened + words
        opened = open_at_end(whole)
        done.append(whole + PDI * len(opened) + line[len(words) :])
    return done


def open_at_end(text: str) -> str:
    """Return the isolates that *text* opens and does not close."""
    opened: list[str] = []
    for char in text:
        if char in {LRI, RLI, FSI}:
            opened.append(char)
        elif char == PDI and opened:
            opened.pop()
    return "".join(opened)
