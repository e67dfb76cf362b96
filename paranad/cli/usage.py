"""Wrong usage in words: what Typer found wrong with a command line, as other languages can put it whole."""

import re
import sys
from collections.abc import Mapping
from typing import Any

import typer

from paranad import exits
from paranad.cli.language import Language
from paranad.cli.problems import problem
from paranad.cli.render import Style
from paranad.cli.say import Said, say
from paranad.cli.session import tell, write_document

KIND = "wrong-usage"
USAGE: Mapping[str, str] = {
    "no-command": r"No such command '(?P<name>.*?)'\.(?P<near> Did you mean .*)?",
    "no-option": r"No such option: (?P<name>\S+?)(?P<near> \(Possible options: .*\)| Did you mean .*)?",
    "command-missing": r"Missing command\.",
    "missing": r"Missing (?:argument|option|parameter) '(?P<name>.+?)'\.",
    "value-missing": r"Option '(?P<name>.+)' requires an argument\.",
    "too-many": r"Got unexpected extra arguments? \((?P<words>.*)\)",
    "no-value-wanted": r"Option '(?P<name>.+)' does not take a value\.",
    "wrong-value": r"Invalid value for (?P<name>.+?): (?P<why>.*)",
    "wrong": r"Invalid value: (?P<why>.*)",
}
"""Typer's messages by id; the named groups are the values of the sentence."""


def complain_of_usage(error: Exception, language: Language, *, as_json: bool) -> int:
    """Say on standard error what is wrong with the command line, and where its help is; return the exit code."""
    if not isinstance(error, typer.TyperException):
        tell(sys.stderr, say("nothing was typed, so nothing is done"), Style.DIM, language)
        return exits.FAILED
    if as_json:
        write_document(problem(KIND, 400, error.format_message()), sys.stderr)
        return error.exit_code
    context: Any = getattr(error, "ctx", None)
    command = context.command_path if context else "paranadctl"
    if language is Language.ENGLISH and context:
        tell(sys.stderr, context.get_usage(), Style.NONE)
    for line in error.format_message().split("\n"):
        tell(sys.stderr, say("paranadctl: {problem}", problem=usage_words(line)), Style.BAD, language)
    tell(sys.stderr, say("help: {command} --help", command=command), Style.DIM, language)
    return error.exit_code


def usage_words(message: str) -> Said | str:
    """Return Typer's *message*, which other languages can put in their own words where it is recognised."""
    for id_, pattern in USAGE.items():
        if found := re.fullmatch(pattern, message):
            values = {name: value or "" for name, value in found.groupdict().items()}
            return Said(f"usage:{id_}", "{english}", {**values, "english": message})
    return message
