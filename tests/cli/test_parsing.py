"""What was typed becomes the values of a command's function, or a sentence that says what is wrong."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pytest

from etc.manual.tree import operator_tree
from paranad.cli.app import program
from paranad.cli.options import positive
from paranad.cli.parsing import Argument, Misuse, Option, Page, WrongUsage, params_of, sorted_out, text, values_of
from paranad.cli.session import Session
from tests.cli.conftest import Ctl


def work(
    session: object,
    what: Annotated[str, Argument("WHAT", "")],
    more: Annotated[list[int] | None, Argument("ID", "", positive, several=True)] = None,
    *,
    reason: Annotated[str | None, Option("--reason TEXT", "")] = None,
    limit: Annotated[int, Option("--limit N", "", positive)] = 25,
    status_ids: Annotated[list[int] | None, Option("--status-id N", "", positive, several=True)] = None,
    follow: Annotated[bool, Option("-f, --follow", "")] = False,
    quick: Annotated[bool, Option("-q", "")] = False,
) -> None:
    """Take one of each."""


PARAMS = params_of(work)
OPTIONS = [param.declared for param in PARAMS if isinstance(param.declared, Option)]
WITHOUT = {
    "what": "x",
    "more": None,
    "reason": None,
    "limit": 25,
    "status_ids": None,
    "follow": False,
    "quick": False,
}


def values(*words: str) -> dict[str, Any]:
    return values_of(PARAMS, *sorted_out(OPTIONS, words, to_first=False))


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["x"], {}),
        (["--limit", "3", "x"], {"limit": 3}),
        (["x", "--limit=3", "--limit", "4"], {"limit": 4}),
        (["x", "--limit", "y", "--limit", "4"], {"limit": 4}),
        (["x", "--status-id", "4", "--status-id=5"], {"status_ids": [4, 5]}),
        (["x", "1", "-f", "2"], {"more": [1, 2], "follow": True}),
        (["-qf", "x"], {"follow": True, "quick": True}),
        (["x", "--reason", "--limit"], {"reason": "--limit"}),
        (["x", "--reason", "--"], {"reason": "--"}),
        (["x", "--reason="], {"reason": ""}),
        (["x", "--reason=a=b"], {"reason": "a=b"}),
        (["--", "--limit"], {"what": "--limit"}),
        (["-"], {"what": "-"}),
        ([""], {"what": ""}),
    ],
)
def test_words_become_values(words: list[str], given: dict[str, Any]) -> None:
    assert WITHOUT | given == values(*words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Missing argument 'WHAT'."),
        (["x", "--limit"], "Option '--limit' requires an argument."),
        (["x", "--follow=1"], "Option '--follow' does not take a value."),
        (["x", "--lim", "3"], "No such option: --lim (Possible options: --limit)"),
        (["x", "-x"], "No such option: -x"),
        (["x", "-fx"], "No such option: -x"),
        (["x", "-follow"], "No such option: -o"),
        (["x", "--limit", "٣"], "Invalid value for '--limit': expected a positive whole number, got \"٣\""),
        (["x", "1", "-1"], "No such option: -1"),
        (["x", "--", "-1"], "Invalid value for 'ID': expected a positive whole number, got \"-1\""),
        (["\udcff"], "Invalid value for 'WHAT': expected a text in UTF-8, got \"\\udcff\""),
    ],
)
def test_wrong_words_are_told(words: list[str], said: str) -> None:
    with pytest.raises(WrongUsage) as told:
        values(*words)
    assert said == told.value.whole().text


def test_first_command_ends_the_options_before_it() -> None:
    given, rest = sorted_out(OPTIONS, ["-f", "jobs", "--limit", "x"], to_first=True)
    assert ([["-f", "--follow"]], ["jobs", "--limit", "x"]) == ([option.names for option in given], rest)


def test_word_too_many_is_told_after_the_values() -> None:
    params = [param for param in PARAMS if param.key != "more"]
    with pytest.raises(WrongUsage, match=r"Got unexpected extra argument\(s\) \(y z\)"):
        values_of(params, {}, ["x", "y", "z"])


def commands(page: Page) -> Iterator[Page]:
    """Yield every command, hidden ones too."""
    if page.work:
        yield page
    for name in (*page.below, *page.hidden):
        yield from commands((page.below.get(name) or page.hidden[name])())


@pytest.mark.parametrize("page", list(commands(program())), ids=lambda page: " ".join(page.path[1:]))
def test_what_a_command_takes_is_declared_as_it_is_annotated(page: Page) -> None:
    session, *takes = inspect.signature(page.work, eval_str=True).parameters.values()  # type: ignore[arg-type]
    assert (Session, [each.name for each in takes]) == (session.annotation, [param.key for param in page.params])
    for each, param in zip(takes, page.params, strict=True):
        types = {get_args(each.annotation)[0], *get_args(get_args(each.annotation)[0])} - {type(None)}
        assert (bool in types) == (not param.declared.value), each
        assert any(get_origin(kind) is list for kind in types) == param.declared.several, each


def test_short_options_take_no_value() -> None:
    """They may stand together in one word."""
    shown = [option for command in operator_tree().walk() for option in command.options]
    assert not [option for option in shown if len(option.names[0]) == 2 and option.value]


def test_text_that_is_no_utf_8_is_refused_and_a_path_is_not(ctl: Ctl) -> None:
    with pytest.raises(Misuse):
        text("\udcff")
    ran = ctl("--socket", "/nowhere/\udcff", "order", "\udcff")
    assert (2, "Invalid value for 'ORDER': expected a text in UTF-8" in ran.err) == (ran.code, True)
    assert 3 == ctl("--socket", "/nowhere/\udcff", "backup", str(Path("/nowhere/\udcff"))).code
