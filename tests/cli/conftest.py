"""paranadctl in this process, and a control socket with canned answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from paranad import exits
from paranad.cli.app import run as run_paranadctl
from tests.support.control_stand_in import StandIn, stand_in_at


@dataclass(frozen=True)
class Ran:
    """How a call of paranadctl ended."""

    code: int
    out: str
    err: str


Ctl = Callable[..., Ran]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no locale of the machine decide the language."""
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with stand_in_at(tmp_path / "control.sock") as stand_in:
        monkeypatch.setenv("PARANAD_DAEMON__SOCKET", str(stand_in.path))
        yield stand_in


@pytest.fixture
def ctl(capsys: pytest.CaptureFixture[str]) -> Ctl:
    """Return the function that runs paranadctl with its words, as from a script."""

    def run(*words: str) -> Ran:
        try:
            code = run_paranadctl(words)
        except SystemExit as ended:  # it ended early
            code = int(ended.code or 0)
        except KeyboardInterrupt:
            code = exits.INTERRUPTED
        shown = capsys.readouterr()
        return Ran(code, shown.out, shown.err)

    return run
