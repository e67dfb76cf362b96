"""No call of either program ends in a traceback, whatever surrounds it: a sentence, and a documented exit code."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from paranad import exits
from paranad.cli.app import COMMANDS, GROUPS
from paranad.cli.artisan import SPELLINGS
from tests.support import answers
from tests.support.control_stand_in import StandIn
from tests.support.surroundings import Call, Ended, ended

EXAMPLES = [example for _, _, example in COMMANDS] + [
    example for _, commands in GROUPS.values() for _, _, example in commands
]
SPELLED = [f"paranadctl {old}" for old in SPELLINGS]
GUESSED = ["", "help", "-h", "version", "jobs", "jobs 3", "failed 3", "shipments 3", "schedule carts:expire", "order 3"]
WRONG = [
    "statsu",
    "status --socket",
    "jobs show x",
    "retry",
    "jobs --limit 0",
    "status --lang xx",
    "shipments resend 3",
    "web --port x",
    "web --port 99999",
]
FOR_EVER = {"--watch", "-f"}


def words_of(line: str) -> tuple[str, ...]:
    return tuple(word for word in line.split()[1:] if word not in FOR_EVER)


SHORT = [words for line in EXAMPLES if (words := words_of(line))[0] != "web"]
"""Calls that end by themselves: the page goes on, so that of `web` only what is wrong is called."""
QUICK = [words for words in SHORT if words[0] != "doctor"]
"""The doctor lets `paranad check` look, which takes long to load."""
OPERATOR = [*SHORT, *(words_of(line) for line in [*SPELLED, *(f"paranadctl {each}" for each in [*GUESSED, *WRONG])])]
DAEMON = [(), ("help",), ("version",), ("run", "-h"), ("walk",)]
READING = [("run",), ("check",)]
"""They read the configuration, and take long to load."""
CODES = {"paranadctl": set(exits.OF_PARANADCTL), "paranad": set(exits.OF_PARANAD)}


def wrong(calls: Sequence[Call], *, silent: bool = False) -> list[str]:
    """Return what is wrong with how *calls* ended; *silent* where nothing of what they say can be seen."""
    return [
        f"{call}: {said}" for call, each in zip(calls, ended(calls), strict=True) if (said := fault(call, each, silent))
    ]


def fault(call: Call, each: Ended, silent: bool) -> str:
    if "Traceback" in each.out + each.err or "defect" in each.err or "Exception ignored" in each.err:
        return f"a traceback: {each.err[-300:]}"
    if each.code not in CODES[call.program]:
        return f"exit code {each.code}: {each.err[-300:]}"
    return "" if silent or each.out.strip() or each.err.strip() else f"not a word, exit code {each.code}"


def calls(*also: tuple[str, ...], typed: Sequence[tuple[str, ...]] = QUICK, **around: object) -> list[Call]:
    """Return the calls of both programs in surroundings: *typed* of paranadctl, and *also* some of paranad."""
    every = [("paranadctl", words) for words in typed] + [("paranad", words) for words in (*DAEMON, *also)]
    return [Call(program, words, **around) for program, words in every]  # type: ignore[arg-type]


@pytest.fixture
def place(tmp_path: Path) -> dict[str, str]:
    """An environment without a daemon, and without a usable configuration."""
    return {
        "PARANAD_CONFIG": str(tmp_path / "etc" / "paranad.toml"),
        "PARANAD_DAEMON__SOCKET": str(tmp_path / "run" / "control.sock"),
        "PARANAD_DAEMON__STATE_DIR": str(tmp_path / "state"),
    }


def test_no_daemon_no_home_and_no_language(place: dict[str, str]) -> None:
    arabic = {**place, "LANG": "C", "COLUMNS": "40", "LC_ALL": "ar_IQ"}
    assert [] == wrong([*calls(*READING, typed=OPERATOR, environ=place), *calls(environ=arabic)])


def test_what_may_not_be_entered(place: dict[str, str], tmp_path: Path) -> None:
    for name in ("etc", "run", "state"):
        (tmp_path / name).mkdir(mode=0)
    (tmp_path / "file").touch()
    below_a_file = {name: str(tmp_path / "file" / "x") for name in place}
    assert [] == wrong(
        [*calls(*READING, typed=SHORT, environ=place, is_root=False), *calls(("check",), environ=below_a_file)]
    )


@pytest.mark.parametrize("output", ["closed", "full", "unread"])
def test_output_that_takes_nothing(daemon: StandIn, place: dict[str, str], output: str) -> None:
    answering(daemon)
    around = {**place, "PARANAD_DAEMON__SOCKET": str(daemon.path)}
    assert [] == wrong(calls(environ=around, output=output), silent=output != "full")
    [of_status] = ended([Call("paranadctl", ("status",), around, output)])
    assert ("", 0 if output == "closed" else 1) == (of_status.out, of_status.code)
    said = "paranadctl: the output cannot be written: No space left on device\n"
    assert (said if output == "full" else "") == of_status.err


def test_terminal_of_40_columns(daemon: StandIn, place: dict[str, str]) -> None:
    answering(daemon)
    around = {**place, "PARANAD_DAEMON__SOCKET": str(daemon.path), "TERM": "xterm", "COLUMNS": "40"}
    languages = [around, {**around, "LANG": "ar_IQ.UTF-8"}]
    assert [] == wrong([call for environ in languages for call in calls(environ=environ, output="terminal")])


def test_places_where_no_daemon_and_no_demo_can_be(place: dict[str, str], tmp_path: Path) -> None:
    shop = {**place, "PARANAD_SHOP__DATABASE_URL": "sqlite:////proc/x/shop.sqlite"}
    del shop["PARANAD_CONFIG"]
    (tmp_path / "closed").mkdir(mode=0)
    (tmp_path / "file").touch()
    places = ["/proc/x", str(tmp_path / "file"), str(tmp_path / "closed" / "x")]
    too_long = str(tmp_path / ("x" * 120))
    tried = [Call("paranad", ("demo", "--once", "--dir", each), shop, is_root=False) for each in [*places, too_long]]
    tried += [
        Call("paranad", ("run",), {**shop, f"PARANAD_DAEMON__{key}": each}, is_root=False)
        for key, each in [*(("STATE_DIR", each) for each in places), ("SOCKET", too_long), ("SOCKET", "/proc/x/y")]
    ]
    assert [] == wrong(tried)


def answering(daemon: StandIn) -> None:
    """Let the stand-in know the answers of the commands that show most."""
    failed = answers.failed(4812, attempts=[answers.attempt()])
    page = {"items": [failed.model_dump(mode="json")], "next_cursor": None}
    daemon.answer("GET", "status", answers.status(notes=["queue high is paused"]))
    daemon.answer("GET", "jobs?limit=25", page)
    daemon.answer("GET", "jobs?limit=25&state=failed", page)
    daemon.answer("GET", "jobs/3", failed)
    daemon.answer("GET", "jobs/4812", failed)
    daemon.answer("GET", "schedule", {"items": [answers.entry().model_dump(mode="json")]})
    daemon.answer(
        "GET", "shipments?limit=25", {"items": [answers.shipment().model_dump(mode="json")], "next_cursor": None}
    )
    daemon.answer("GET", "shipments/3", answers.shipment(3))
    daemon.answer("GET", "doctor", {"items": []})


SETTINGS = "paranad.configuration.settings"
INTERRUPTING = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
sys.argv = {words!r}
from {entry} import main
sys.exit(main())
"""
"""Ctrl-C while a module is imported: the same moment in every run."""


@pytest.mark.parametrize(
    ("entry", "words", "modules"),
    [
        (
            "paranad.cli.main",
            ["paranadctl", "status"],
            "paranad.cli.app json httptools paranad.cli.commands.status",
        ),
        (
            "paranad.__main__",
            ["paranad", "check"],
            "paranad.commands pydantic paranad.configuration.settings paranad.configured sqlite3",
        ),
        ("paranad.__main__", ["paranad", "demo", "--once"], "paranad.demo.main paranad.parts paranad.control.server"),
    ],
    ids=["paranadctl", "check", "demo"],
)
def test_ctrl_c_while_it_loads_ends_it_with_130(entry: str, words: list[str], modules: str) -> None:
    started = {
        module: subprocess.Popen(
            [sys.executable, "-c", INTERRUPTING.format(entry=entry, words=words, module=module)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for module in modules.split()
    }
    said = {module: (process.communicate(timeout=30)[0], process.returncode) for module, process in started.items()}
    reached = {module: each for module, each in said.items() if each[1] != 3 or each[0] == ""}
    assert {} == {module: each for module, each in reached.items() if each != ("", 130)}
    assert len(reached) >= len(started) - 1
