"""Every command of paranadctl that a text of the program names is one that exists, in both languages."""

import re
from collections.abc import Iterable, Iterator

import pytest

from etc.manual.tree import operator_tree
from paranad.arabic.words import ARABIC
from tests.support.sentences import by_code

NAMED = re.compile(r"paranadctl ((?:[a-z][a-z:-]* ?)+)((?:\{\w+\} |[A-Z|]+ )?)(--[a-z-]+)?")
IN_ARABIC = re.compile(r"`(paranadctl [^`]+)`")
PROSE = frozenset({"and", "each", "for", "or", "says", "starts", "the", "then", "to"})
"""What an English sentence goes on with after the name of a group that stands alone."""
COMMANDS = {command.path[1:]: command for command in operator_tree().walk()}


def wrong(texts: Iterable[str]) -> Iterator[str]:
    """Yield what *texts* name that is no command, or an option that its command does not have."""
    for text in texts:
        for words, _, option in NAMED.findall(text):
            first, *more = words.split()
            path: tuple[str, ...] = (first,)
            if more and path in COMMANDS and COMMANDS[path].commands and more[0] not in PROSE:
                path = (first, more[0])
            elif option and (first, "list") in COMMANDS:
                path = (first, "list")
            if path not in COMMANDS:
                yield f"{' '.join(path)}: {text}"
            elif option and option not in {name for each in COMMANDS[path].options for name in each.names}:
                yield f"{' '.join(path)} {option}: {text}"


def test_every_command_in_an_english_fact_exists() -> None:
    assert [] == list(wrong(by_code().values()))


def test_every_command_in_an_english_line_of_a_screen_exists() -> None:
    assert [] == list(wrong(key for key in ARABIC if not key.startswith("said:")))


def test_every_command_in_an_arabic_text_exists() -> None:
    texts = [part for each in ARABIC.values() for text in _texts(each) for part in IN_ARABIC.findall(text)]
    assert len(texts) > 100
    assert [] == list(wrong(texts))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)


@pytest.mark.parametrize(
    "text", ["if it hangs: paranadctl cancel 7", "paranadctl jobs stop 7", "paranadctl orders --old"]
)
def test_a_command_that_does_not_exist_is_found(text: str) -> None:
    assert [text] == [found.partition(": ")[2] for found in wrong([text])]
