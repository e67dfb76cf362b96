"""What a browser sends, as the daemon takes it; a refusal becomes lines of the page, beside what was typed."""

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

from paranad.cli.problems import problem_words
from paranad.cli.screen.blocks import Line
from paranad.errors import DaemonUnreachable, InvalidRequest, ParanadError, Unavailable
from paranad.numbers import LARGEST_ID, is_digits
from paranad.record import record
from paranad.said import Sentence
from paranad.web.page import View
from paranad.wording import quotable

T = TypeVar("T")

NO_NUMBER = Sentence("web.no_number", '{field}: expected a whole number from 1 on, got "{got}"')


def is_away(error: ParanadError) -> bool:
    """Tell whether no daemon answers just now; the shop's or the courier's outage is no such error."""
    return isinstance(error, DaemonUnreachable) or error.kind == Unavailable.kind


@record
class Heard(Generic[T]):
    """An answer of the daemon, or in its place why there is none."""

    answer: T | None
    problem: tuple[Line, ...] = ()


def hear(view: View, ask: Callable[[], T]) -> Heard[T]:
    """Return what *ask* answers, or the lines that say why it was refused; an unreachable daemon is raised.

    Raises:
        DaemonUnreachable, Unavailable: nobody answers just now.
    """
    try:
        return Heard(ask())
    except ParanadError as error:
        if is_away(error):  # the whole page is made of it: nothing else on it would be true
            raise
        return Heard(None, tuple(problem_words(error, view.language)))


def typed(query: Mapping[str, str], *names: str) -> dict[str, str | None]:
    """Return those of *names* that hold something, without spaces around it and with ASCII digits."""
    return {name: folded(query.get(name, "")) or None for name in names}


def folded(text: str) -> str:
    """Return *text* without spaces around it, Arabic digits as ASCII ones: a phone's keyboard offers those."""
    return "".join(_ascii_digits(text.strip()))


def _ascii_digits(text: str) -> Iterator[str]:
    for char in text:
        yield str(int(char)) if char.isdecimal() else char


def number(field: str, text: str) -> int:
    """Read a positive whole number.

    Raises:
        InvalidRequest: it is none, or over the largest id.
    """
    digits = folded(text)
    if not (is_digits(digits) and len(digits) < 20 and 1 <= int(digits) <= LARGEST_ID):
        raise InvalidRequest(NO_NUMBER(field=field, got=quotable(text)))
    return int(digits)
