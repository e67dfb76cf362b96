"""The pages in docs/ say what the program does: keys, commands, exit codes, events; the tests they name exist."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from etc.manual.tree import Command, Word, daemon_tree, operator_tree
from paranad import exits
from paranad.catalogue import CATALOGUE, SCHEDULE
from paranad.cli.artisan import SPELLINGS
from paranad.cli.usage import EVERYWHERE
from paranad.commands import EXIT_CODES
from paranad.configuration.durations import format_duration
from paranad.configuration.load import AT_ONCE
from paranad.configuration.settings import CommandSettings, Settings
from paranad.configuration.sources import CREDENTIALS
from paranad.configuration.words import NAMED, sections
from paranad.log.lines import LIBRARY_LINE, LOST_LINE, NO_JOURNAL_LINE
from paranad.schedule.entries import COMMAND_TIMEOUT, COMMAND_TRIES
from tests.support.events import every_kind
from tests.support.findings import declared

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.glob("*.md")), DOCS / "alerts" / "README.md"]
LINK = re.compile(r"\]\(([^)#\s]*)(#[^)\s]*)?\)")
NAMED_TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
CELLS = re.compile(r"(?<!\\)\|")
PROGRAMS = [daemon_tree(), operator_tree()]

Row = tuple[str, ...]


def text(page: str) -> str:
    return (DOCS / page).read_text("utf-8")


def tables(page: str) -> Iterator[tuple[Row, list[Row]]]:
    """Yield the head and the rows of every table of a page."""
    for block in re.findall(r"(?:^\|.*\n)+", text(page), re.MULTILINE):
        head, _, *rows = [tuple(cell.strip() for cell in CELLS.split(line)[1:-1]) for line in block.splitlines()]
        yield head, rows


def pairs(page: str, *head: str) -> dict[str, str]:
    """Return the rows of tables of two columns."""
    return {row[0]: row[1] for row in rows(page, *head)}


def rows(page: str, *head: str) -> list[Row]:
    """Return the rows of all tables with this *head*."""
    return [row for each, found in tables(page) if each == head for row in found]


def bare(cell: str) -> str:
    return cell.strip("`").replace("\\|", "|")


def anchor(heading: str) -> str:
    return "#" + re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@cache
def names_of(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_links_lead_somewhere(page: Path) -> None:
    for target, part in LINK.findall(page.read_text("utf-8")):
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), target
        headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE) if part else []
        assert not part or part in map(anchor, headings), part


def test_every_guarantee_names_a_test_that_is_there() -> None:
    guarantees = rows("guarantees.md", "guarantee", "held by")
    assert guarantees
    for guarantee, held_by in guarantees:
        named = NAMED_TEST.findall(held_by)
        assert named, guarantee
        for file, test in named:
            assert test in names_of(ROOT / "tests" / file), f"{file}::{test}"


# ------------------------------------------------------------ configuration


def keys() -> dict[tuple[str, str], str]:
    """Return what every key may hold, in words, by table and name."""
    models: dict[str, type[BaseModel]] = {"": Settings, **sections(), **NAMED}
    found = {(name, key): field for name, model in models.items() for key, field in model.model_fields.items()}
    return {at: words_of(field) for at, field in found.items() if at[0] or at[1] == "timezone"}


def words_of(field: Any) -> str:
    return next((meta.words for meta in field.metadata if hasattr(meta, "words")), "")


def documented_keys() -> dict[tuple[str, str], Row]:
    found = {}
    for heading, body in re.findall(r"^## (.+)\n\n((?:\|.*\n)+)", text("configuration.md"), re.MULTILINE):
        table = "" if heading == "At the top" else heading.strip("`").strip("[]").partition(".")[0]
        for line in body.splitlines()[2:]:
            name, *cells = (cell.strip() for cell in CELLS.split(line)[1:-1])
            found[table, bare(name.removesuffix(" *"))] = (name, *cells)
    return found


@pytest.fixture(scope="module")
def defaults() -> dict[str, Any]:
    """etc/paranad.toml, which another test holds to the program, as values."""
    file = (ROOT / "etc" / "paranad.toml").read_text("utf-8")
    return tomllib.loads(re.sub(r"^#(?=\[|\w+ = )", "", file, flags=re.MULTILINE))


def test_every_key_is_documented_with_what_it_may_hold() -> None:
    documented = {at: bare(row[2]) for at, row in documented_keys().items()}
    assert keys() == documented


def test_every_default_is_the_documented_one(defaults: dict[str, Any]) -> None:
    for (table, key), row in documented_keys().items():
        if table not in NAMED:
            true = defaults[table][key] if table else defaults[key]
            assert {"value": true} == tomllib.loads(f"value = {bare(row[1])}"), key
    entry = {key: bare(documented_keys()["schedule", key][1]) for key in ("timeout", "tries")}
    assert {"timeout": f'"{format_duration(COMMAND_TIMEOUT)}"', "tries": str(COMMAND_TRIES)} == entry
    own = {
        key: tomllib.loads(f"value = {row[1].strip('`')}")["value"]
        for (table, key), row in documented_keys().items()
        if table == "command" and row[1] != "none"
    }
    assert CommandSettings() == CommandSettings.model_validate(own)


def test_what_a_reload_puts_in_force_is_marked() -> None:
    marked = {at for at, row in documented_keys().items() if row[0].endswith("*")}
    assert {at for at in keys() if at in AT_ONCE or at[0] in NAMED} == marked


def test_tasks_are_those_of_the_catalogue() -> None:
    named = [cells[0].split("`")[1] for cells in rows("tasks.md", "task", "when", "what it does")]
    assert sorted(CATALOGUE) == sorted(named)


def test_credentials_and_the_shop_s_entries_are_documented() -> None:
    assert all(f"`{name}`" in text("configuration.md") for name in CREDENTIALS)
    assert [(f"`{name}`", f"`{cron}`") for name, cron in SCHEDULE.items()] == rows("configuration.md", "entry", "cron")


# ----------------------------------------------------------------- commands


def synopsis(command: Command) -> str:
    """Return how *command* is written, with its options and arguments."""
    options = [word for word in command.options if "--help" not in word.names]
    return " ".join([*command.path, *(word.written("…") for word in (*options, *command.arguments))])


def option(word: Word) -> tuple[str, str]:
    return (word.shown if word.names else word.value, " ".join(word.help.split()))


def test_every_command_is_documented_as_help_says_it() -> None:
    said = {(bare(command), bare(does)) for command, does in rows("commands.md", "command", "does")}
    commands = [each for program in PROGRAMS for each in program.walk() if not each.commands]
    assert {(synopsis(each), " ".join(each.help.split())) for each in commands} == said


def test_every_option_is_documented_as_help_says_it() -> None:
    documented: dict[tuple[str, str], set[str]] = {}
    for shown, of, means in rows("commands.md", "option", "of", "means"):
        documented.setdefault((bare(shown), bare(means)), set()).update(re.findall(r"`([^`]+)`", of) or {of})
    true: dict[tuple[str, str], set[str]] = {}
    for program in PROGRAMS:
        for command in program.walk():
            for word in (*command.options, *command.arguments):
                of = "every command" if "--help" in word.names else " ".join(command.path[1:]) or "the program"
                true.setdefault(option(word), set()).add(of)
    assert true == documented


def test_every_exit_code_is_documented_in_one_table_for_both_programs() -> None:
    programs = {"`paranad`": exits.OF_PARANAD, "`paranadctl`": exits.OF_PARANADCTL}
    true = [
        (str(code), means, ", ".join(name for name, codes in programs.items() if code in codes))
        for code, means in exits.CODES.items()
    ]
    assert true == rows("commands.md", "exit code", "means", "of")
    assert all(f"{code:<3} {exits.CODES[code]}\n" in EXIT_CODES for code in exits.OF_PARANAD)
    assert {str(code) for code in exits.OF_PARANADCTL} == set(re.findall(r"\d+", EVERYWHERE.partition("Exit: ")[2]))


def test_every_old_spelling_is_documented() -> None:
    spellings = {
        f"`{old}`": f"`paranadctl {' '.join(new)}`"
        for old, new in SPELLINGS.items()
        if [old] != new and "queue:work" not in new
    }
    assert spellings == pairs("commands.md", "artisan", "is")


# ------------------------------------------------------------------- events


def test_every_event_is_documented_with_its_level_and_fields() -> None:
    documented = [row[:3] for row in rows("events.md", "event", "level", "fields", "means")]
    true = [
        (f"`{each.name}`", each.level, ", ".join(f"`{field.name}`" for field in fields(each)) or "none")
        for each in every_kind()
    ]
    assert sorted(true) == sorted(documented)


def test_every_event_says_what_it_means() -> None:
    assert [] == [row[0] for row in rows("events.md", "event", "level", "fields", "means") if not row[3]]


def test_lines_that_are_no_events_are_documented() -> None:
    documented = [bare(row[0]) for row in rows("events.md", "line", "level", "fields", "means")]
    assert [LIBRARY_LINE, LOST_LINE, NO_JOURNAL_LINE] == documented


# ---------------------------------------------------------- troubleshooting


def test_every_check_of_the_doctor_has_its_section() -> None:
    checks = {each.check for each in declared().values()} - {""}
    listed = [name for cell, _ in rows("troubleshooting.md", "doctor's line", "section") for name in cell.split(", ")]
    assert sorted(checks) == sorted(map(bare, listed))


@pytest.mark.parametrize("page", ["operations.md", "troubleshooting.md", "guarantees.md", "configuration.md"])
def test_every_command_that_a_page_names_exists(page: str) -> None:
    commands = {" ".join(command.path) for program in PROGRAMS for command in program.walk()}
    groups = {" ".join(command.path) for program in PROGRAMS for command in program.walk() if command.commands}
    for program, first, second in re.findall(r"\b(paranad(?:ctl)?) ([a-z]+)(?: ([a-z]+))?\b", code_of(page)):
        assert f"{program} {first}" in commands
        assert f"{program} {first}" not in groups or not second or f"{program} {first} {second}" in commands


def code_of(page: str) -> str:
    """Return what a page shows as typed: commands of its examples, and what stands in backquotes."""
    typed = re.findall(r"^\$ (.+)$", text(page), re.MULTILINE) + re.findall(r"`([^`\n]+)`", text(page))
    return "\n".join(typed)
