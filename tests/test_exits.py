"""How the programs end: whatever is raised is a sentence and a code."""

import errno
from collections.abc import Callable
from typing import NoReturn

import pytest

from paranad import exits
from paranad.said import written


def raising(error: BaseException) -> Callable[[], NoReturn]:
    def work() -> NoReturn:
        raise error

    return work


KINDS: dict[str, tuple[BaseException, int, str]] = {
    "Ctrl-C": (KeyboardInterrupt(), 130, ""),
    "Ctrl-C among others": (BaseExceptionGroup("x", [KeyboardInterrupt()]), 130, ""),
    "an end": (SystemExit(4), 4, ""),
    "an end without a code": (SystemExit(), 0, ""),
    "an end with words": (SystemExit("no"), 1, "no\n"),
    "a reader that has gone": (BrokenPipeError(errno.EPIPE, "Broken pipe"), 1, ""),
    "a file": (PermissionError(errno.EACCES, "Permission denied", "/x"), 1, "p: /x: Permission denied\n"),
    "a full output": (OSError(errno.ENOSPC, "No space left"), 1, "p: the output cannot be written: No space left\n"),
    "no memory": (MemoryError(), 1, "p: there is not enough memory for this\n"),
    "a defect": (ValueError("a\nb"), 1, "p: a defect of the program, please report it: ValueError: a b\n"),
}


def test_whatever_is_raised_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {}
    for name, (error, code, said) in KINDS.items():
        ended = exits._outcome("p", raising(error)), capsys.readouterr().err
        if ended != (code, said):
            wrong[name] = ended
    assert {} == wrong


def test_defect_names_its_places_in_the_program() -> None:
    with pytest.raises(KeyError) as raised:
        written("{missing}", {})
    assert "KeyError: 'missing' (paranad.said:" in exits.sentence(raised.value)


def test_every_code_has_one_meaning_and_a_program() -> None:
    assert set(exits.CODES) == {*exits.OF_PARANAD, *exits.OF_PARANADCTL}
    assert set(exits.BRIEF) <= set(exits.CODES)
