"""The man pages and the shells' completion say all that the programs' --help and etc/paranad.toml say."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from etc.manual.__main__ import CONFIGURATION, files, main
from etc.manual.tree import Command, daemon_tree, operator_tree
from paranad.configuration.sources import CREDENTIALS, variables

PROGRAMS = [daemon_tree(), operator_tree()]
PAGES = {"paranad": "man8/paranad.8", "paranadctl": "man1/paranadctl.1"}


@pytest.fixture(scope="module")
def made() -> Mapping[str, str]:
    return files()


def read(page: str) -> str:
    """Return the text of a page without its marks."""
    return " ".join(re.sub(r"\\f[BR]|\\&|^\.\w+ ?|\\(?=-)", "", page, flags=re.MULTILINE).replace(r"\(dq", '"').split())


def words(program: Command) -> set[str]:
    """Return every word that a shell may complete: commands, options, known values."""
    commands = {command.name for command in program.walk()} - {program.name}
    options = {option.names[-1] for command in program.walk() for option in command.options}
    arguments = {choice for command in program.walk() for word in command.arguments for choice in word.choices}
    return commands | options | arguments


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_page_says_what_help_says(made: Mapping[str, str], program: Command) -> None:
    page = read(made[f"usr/local/share/man/{PAGES[program.name]}"])
    for command in program.walk():
        said = [
            command.help,
            *(word.help for word in (*command.arguments, *command.options) if "--help" not in word.names),
        ]
        assert [] == [sentence for sentence in said if " ".join(sentence.replace("`", "").split()) not in page]
        assert " ".join(command.path) in page


def test_page_names_every_variable_and_credential(made: Mapping[str, str]) -> None:
    page = read(made["usr/local/share/man/man8/paranad.8"])
    assert [] == [name for name in (*variables(), *CREDENTIALS) if name not in page]


def test_page_of_the_configuration_holds_all_of_the_file(made: Mapping[str, str]) -> None:
    page = read(made["usr/local/share/man/man5/paranad.toml.5"])
    lines = CONFIGURATION.read_text("utf-8").replace("`", "").splitlines()
    assert [] == [line for line in lines if " ".join(line.lstrip("# ").split()) not in page]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_word(made: Mapping[str, str], program: Command, shell: str) -> None:
    [text] = [text for name, text in made.items() if shell in name and program.name == Path(name).stem.strip("_")]
    known = text.replace("\\:", ":").replace("-l ", "--")
    assert set() == {word for word in words(program) if word not in known}


ASK = """
_get_comp_words_by_ref() { cur=${COMP_WORDS[-1]} prev=${COMP_WORDS[-2]} words=(${COMP_WORDS[@]}) cword=$COMP_CWORD; }
__ltrim_colon_completions() { :; }
. "$0"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_$1
printf "%s\\n" "${COMPREPLY[@]}"
"""
"""Two functions of bash-completion, which need not be installed here, then one press of TAB."""


def complete(script: Path, *line: str) -> set[str]:
    """Return what bash offers for *line*, whose last word is being written."""
    return set(
        subprocess.run(["bash", "-c", ASK, script, *line], capture_output=True, text=True, check=True).stdout.split()
    )


def test_bash_offers_what_fits_the_place(tmp_path: Path) -> None:
    main(tmp_path)
    script = tmp_path / "usr/local/share/bash-completion/completions/paranadctl"
    assert {"shipments"} == complete(script, "paranadctl", "sh")
    assert {"settle"} == complete(script, "paranadctl", "shipments", "set")
    assert {"held"} == complete(script, "paranadctl", "shipments", "list", "--state", "h")
    assert {"running", "retryable"} == complete(script, "paranadctl", "--json", "jobs", "list", "--state", "r")
    assert {"carts:expire"} == complete(script, "paranadctl", "run", "carts:e")
    assert {"completed"} == complete(script, "paranadctl", "jobs", "--state", "co")
    assert {"alwaseet_default_city_id"} == complete(script, "paranadctl", "settings", "alwaseet_default_ci")
    assert set() == complete(script, "paranadctl", "settings", "carts")
    assert {"shipment-held"} == complete(script, "paranadctl", "alerts", "mute", "shipment-h")
    assert {"en", "ar"} == complete(script, "paranadctl", "--lang", "")
