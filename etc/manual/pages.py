"""Man pages in roff: paranad(8) and paranadctl(1) from the programs' help, paranad.toml(5) from the commented file."""

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version

from etc.manual.tree import Command, Word
from paranad.cli.artisan import SPELLINGS
from paranad.configuration.sources import CREDENTIALS, variables

KEY = re.compile(r"#?\w+ = .+")
TABLE = re.compile(r"#?\[[^]]+\]")

Part = tuple[str, list[str]]
"""A heading, and its lines in roff."""

FILES = {
    "/etc/paranad/paranad.toml": "The configuration: see paranad.toml(5).",
    "/etc/paranad/schedule.d/*.toml": "Further or overriding schedule entries.",
    "/etc/paranad/credentials": "Secrets, one in a file: courier/username, courier/password, shop/database_url.",
    "/var/lib/paranad/queue.db": "Jobs, the state of the schedule, the shipment journal.",
    "/run/paranad/control.sock": "The control API; whoever may open it may do everything.",
}
SIGNALS = {
    "SIGTERM, SIGINT": "Stop: running jobs finish within drain_timeout, else they are handed back; a request to create "
    "a shipment is always finished and its answer stored. The second one stops at once and loses nothing.",
    "SIGHUP": "Read the configuration again.",
}


def daemon_page(program: Command) -> str:
    """Return paranad(8)."""
    names = {name: f"[{path[0]}] {path[1]}" if path[1:] else path[0] for name, path in variables().items()}
    credentials = {name: f"[{section}] {key}" for name, (section, key) in CREDENTIALS.items()}
    return _page(
        title=("paranad", 8),
        summary="the daemon for a shop's background work",
        parts=[
            ("SYNOPSIS", _synopses(program)),
            ("DESCRIPTION", _plain(program.help)),
            ("OPTIONS", _words(program.options)),
            ("COMMANDS", _commands(program)),
            ("EXIT STATUS", _listed(_exit_codes(program.epilog))),
            ("SIGNALS", _listed(SIGNALS)),
            ("FILES", _listed(FILES)),
            ("ENVIRONMENT", _listed({"PARANAD_CONFIG": "Another configuration file."} | names)),
            ("CREDENTIALS", _listed(credentials)),
            ("SEE ALSO", _plain("paranadctl(1), paranad.toml(5), systemctl(1), journalctl(1)")),
        ],
    )


def operator_page(program: Command) -> str:
    """Return paranadctl(1)."""
    spellings = {old: " ".join(["paranadctl", *new]) for old, new in SPELLINGS.items() if [old] != new}
    return _page(
        title=("paranadctl", 1),
        summary="look after paranad",
        parts=[
            ("SYNOPSIS", [_bold("paranadctl"), "[OPTION]... COMMAND [ARGUMENT]..."]),
            ("DESCRIPTION", _plain(program.help)),
            ("OPTIONS", _words(program.options)),
            ("COMMANDS", _commands(program)),
            ("ARTISAN SPELLINGS", _listed(spellings)),
            ("EXIT STATUS", _plain(program.epilog)),
            ("SEE ALSO", _plain("paranad(8), paranad.toml(5), journalctl(1)")),
        ],
    )


def configuration_page(text: str) -> str:
    """Return paranad.toml(5) of the commented file *text*: each key with its default and what is said above it."""
    return _page(
        title=("paranad.toml", 5),
        summary="the configuration of paranad",
        parts=[*_tables(text.splitlines()), ("SEE ALSO", _plain("paranad(8), paranadctl(1)"))],
    )


def _tables(lines: Iterable[str]) -> list[Part]:
    """Return a part for each table of the file, what stands before the first one as its description."""
    parts: list[Part] = [("DESCRIPTION", [])]
    said: list[str] = []
    for line in [*lines, ""]:
        if KEY.fullmatch(line):
            parts[-1][1].extend(_term(line.removeprefix("#"), " ".join(said)))
        elif table := TABLE.fullmatch(line):
            parts.append((table[0].removeprefix("#"), _plain(" ".join(said))))
        elif line.startswith("# "):
            said.append(line.removeprefix("# "))
            continue
        else:
            parts[-1][1].extend(_plain(" ".join(said)))
        said = []
    return parts


def _synopses(program: Command) -> list[str]:
    lines: list[str] = []
    for command in program.commands:
        lines += [*([".br"] if lines else []), _synopsis(command)]
    return lines


def _commands(program: Command) -> list[str]:
    lines: list[str] = []
    for command in program.walk():
        if command is not program:
            lines += [f'.SS "{_inline(" ".join(command.path[1:]))}"', _synopsis(command), *_plain(command.help)]
            lines += [*_words([*command.arguments, *_own(command)]), *_plain(command.epilog)]
    return lines


def _own(command: Command) -> list[Word]:
    return [option for option in command.options if "--help" not in option.names]


def _synopsis(command: Command) -> str:
    words = [word.written("...") for word in (*_own(command), *command.arguments)]
    below = ["COMMAND"] if command.commands else []
    return f"{_bold(' '.join(command.path))} {_inline(' '.join([*words, *below]))}".rstrip()


def _words(words: Iterable[Word]) -> list[str]:
    return [line for word in words for line in _term(word.shown, word.help)]


def _exit_codes(epilog: str) -> dict[str, str]:
    return dict(re.findall(r"^ +(\d+) +(.+)$", epilog, re.MULTILINE))


def _listed(terms: Mapping[str, str]) -> list[str]:
    return [line for term, words in terms.items() for line in _term(term, words)]


def _term(term: str, words: str) -> list[str]:
    return [".TP", _bold(term), *(_plain(words)[1:] or [r"\&"])]


def _plain(text: str) -> list[str]:
    """Return *text* as a paragraph; nothing where there is none."""
    return [".PP", _inline(" ".join(text.split()))] if text.strip() else []


def _bold(text: str) -> str:
    return rf"\fB{_escaped(text)}\fR"


def _inline(text: str) -> str:
    """Return *text* with what stands in backquotes in bold."""
    pieces = text.split("`")
    line = "".join(_bold(piece) if number % 2 else _escaped(piece) for number, piece in enumerate(pieces))
    return rf"\&{line}" if line.startswith((".", "'")) else line


def _escaped(text: str) -> str:
    return text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq")


def _page(title: tuple[str, int], summary: str, parts: Sequence[Part]) -> str:
    name, section = title
    lines = [f'.TH {name.upper()} {section} "" "paranad {version("paranad")}"', ".SH NAME", rf"{name} \- {summary}"]
    for heading, body in parts:
        lines += [f'.SH "{_escaped(heading)}"', *(body[1:] if body[:1] == [".PP"] else body)]
    return "\n".join(lines) + "\n"
