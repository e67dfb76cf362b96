"""Texts as HTML: in the reader's language, both writing directions kept in order, nothing from outside in force."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from paranad.cli.language import Language
from paranad.cli.screen.say import Forms, Pen, Phrase, Text
from paranad.text import FSI, LRI, PDI, RLI, begins_from_right, harmless, one_line
from paranad.web.links import COMMAND, page_of
from paranad.web.markup import Markup, joined, safe, tag

LONGEST = 280
"""From how many characters on a text from outside is shown cut, with the whole on demand."""
CUT = 200
ELLIPSIS = "…"
OPENING = {LRI: "ltr", RLI: "rtl", FSI: None}
"""Unicode's isolates with the direction that `<bdi>` gives what stands in it; None: that of its own first letter."""
UNBROKEN = 24
"""After how many characters a line may break within a long word."""
WORD_BREAK = tag("wbr")
_LONG_WORD = re.compile(rf"\S{{{UNBROKEN + 6},}}")
_JOINT = re.compile(r"(?<=[a-z])_(?=[a-z])")
"""Where a long name may break, such as alwaseet_auto_sync_enabled."""
_CLAUSE = re.compile("[^;؛]*[;؛]|[^;؛]+")
_ISOLATES = re.compile(f"[{LRI}{RLI}{FSI}{PDI}]")
_MARKED = re.compile(
    rf"(?P<command>{COMMAND.pattern})|`(?P<typed>[^`]+)`|(?P<when>\d{{4}}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?)"
    r"|(?P<place>…\d+|(?<![^\s(«])/[A-Za-z][\w./-]*:?)"
)
"""What is read from left to right whatever stands around it: also a masked phone and a path, which begin with a sign
that has no direction of its own."""


def plain(text: Text, language: Language) -> str:
    """Return *text* on one line without marks, for an attribute, a title, an option."""
    return Pen(language).line(text)


def inline(text: Text, language: Language, *, linked: bool = True) -> Markup:
    """Return *text* as HTML; a long one, or one of several lines, cut, with the whole behind the cut.

    Args:
        text: what to write.
        language: the page's.
        linked: whether commands lead to their pages; not within a link.
    """
    first, *more = text.strip().split("\n", 1) if isinstance(text, str) else [text]
    if not linked or not (more or is_long(text)):
        return _whole(shortened(first), language, linked=linked)
    short = first[:CUT].rstrip() + ELLIPSIS if isinstance(first, str) else shortened(first)
    whole = tag("pre", harmless(str(text)), dir="ltr") if more else _whole(text, language, linked=linked)
    return tag("details", tag("summary", _whole(short, language, linked=False)), whole, class_="long")


def is_long(text: Text) -> bool:
    """Tell whether *text* holds a text from outside that is shown cut."""
    match text:
        case str():
            return len(text) > LONGEST
        case Phrase():
            return any(map(is_long, text.values.values()))
        case Forms():
            return is_long(text.forms[0])
        case tuple():
            return any(map(is_long, text))
        case _:
            return False


def shortened(text: Text) -> Text:
    """Return *text* with every long text from outside cut."""
    match text:
        case str():
            return f"{text[:CUT].rstrip()}{ELLIPSIS}" if is_long(text) else text
        case Phrase():
            return replace(text, values={name: shortened(value) for name, value in text.values.items()})
        case Forms():
            return shortened(text.forms[0])
        case tuple():
            return tuple(map(shortened, text))
        case _:
            return text


def _whole(text: Text, language: Language, *, linked: bool) -> Markup:
    if isinstance(text, str) and begins_from_right(text):  # all of it is one text, its last bracket too
        return tag("bdi", *_prose(one_line(text), linked=linked), dir="rtl")
    line = Pen(language, terminal=True).line(text)
    if line.startswith(RLI) and line.endswith(PDI):  # Arabic on an Arabic page
        return joined(_sentence(line[1:-1], linked=linked))
    drawn = joined(_sentence(line, linked=linked))
    if language is Language.ENGLISH or _ISOLATES.sub("", line).isdecimal() or not line:
        return drawn
    return tag("bdi", drawn, dir="ltr", lang="en" if isinstance(text, Phrase) else None)


def _sentence(line: str, *, linked: bool) -> Iterator[Markup]:
    """Yield the HTML of a line. A clause that ends in a command with a page is a link there, and goes without it."""
    clause = ""
    for part in _CLAUSE.findall(line):
        clause += part
        if _is_whole(clause):
            yield from _clause(clause, linked=linked)
            clause = ""
    yield from _runs(clause, linked=linked)


def _clause(clause: str, *, linked: bool) -> Iterator[Markup]:
    words = clause.strip().rstrip(";؛")
    text, colon, tail = words.rpartition(": ")
    typed = _ISOLATES.sub("", tail)
    href = page_of(typed) if linked and colon and COMMAND.fullmatch(typed) else None
    if not href or not _is_whole(text) or "paranadctl" in text:
        yield from _runs(clause, linked=linked)
        return
    start = clause.index(words)
    yield safe(clause[:start])
    yield tag("a", *_runs(text, linked=False), href=href, title=typed, class_="led")
    yield safe(clause[start + len(words) :])


def _is_whole(part: str) -> bool:
    """Tell whether *part* closes what it opens, and no more."""
    return sum(1 if found in OPENING else -1 for found in _ISOLATES.findall(part)) == 0


def _runs(line: str, *, linked: bool) -> Iterator[Markup]:
    """Yield the HTML of a line: isolates as elements, a command within one as a command."""
    at = 0
    while at < len(line):
        found = _ISOLATES.search(line, at)
        yield from _prose(line[at : found.start() if found else len(line)], linked=linked)
        if not found:
            return
        at = found.end()
        if found[0] in OPENING:
            end = _end_of(line, at)
            yield _isolated(line[at:end], OPENING[found[0]], linked=linked)
            at = end + 1


def _end_of(line: str, start: int) -> int:
    """Return where the isolate that began before *start* ends."""
    depth = 1
    for found in _ISOLATES.finditer(line, start):
        depth += 1 if found[0] in OPENING else -1
        if not depth:
            return found.start()
    return len(line)


def _isolated(content: str, direction: str | None, *, linked: bool) -> Markup:
    bare = _ISOLATES.sub("", content)
    if COMMAND.fullmatch(bare):
        return command(bare, linked=linked)
    return tag("bdi", *_runs(content, linked=linked), dir=direction)


def _prose(text: str, *, linked: bool) -> Iterator[Markup]:
    """Yield the HTML of a run of one direction: commands, what is typed, and dates, which must not break."""
    at = 0
    for found in _MARKED.finditer(text):
        yield breakable(text[at : found.start()])
        if found["command"]:
            yield command(found["command"], linked=linked)
        elif found["typed"]:
            yield _typed(found["typed"])
        elif found["place"]:
            yield tag("bdi", breakable(found["place"]), dir="ltr")
        else:
            yield tag("bdi", found["when"], dir="ltr", class_="when")
        at = found.end()
    yield breakable(text[at:])


def breakable(text: str) -> Markup:
    """Return *text* escaped, with places at which a word may break that is too long for a line."""
    places = [text[at:end] for at, end in _pieces(text)]
    return Markup(WORD_BREAK.join(map(safe, places)))


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the parts of *text* begin and end between which a line may break."""
    ends = {found.end() for found in _JOINT.finditer(text)}
    for word in _LONG_WORD.finditer(text):
        if not any(word.start() < end < word.end() for end in ends):
            ends.update(range(word.start() + UNBROKEN, word.end(), UNBROKEN))
    yield from pairwise((0, *sorted(ends), len(text)))


def _typed(text: str) -> Markup:
    """Return what is typed, whose words with a `-`, such as --without-shipment, do not break at it."""
    words = (
        tag("span", word, class_="word") if "-" in word and len(word) < UNBROKEN + 6 else safe(word)
        for word in text.split(" ")
    )
    return tag("code", Markup(" ".join(words)), dir="ltr")


def command(typed: str, *, linked: bool = True) -> Markup:
    """Return a command as it is typed; a link where a page does the same."""
    drawn = _typed(typed)
    href = page_of(typed) if linked else None
    return tag("a", drawn, href=href) if href else drawn
