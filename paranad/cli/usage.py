"""Wrong usage in words: what Typer found wrong with a command line, as other languages can put it whole."""

import re
import sys
from collections.abc import Mapping
from typing import Any

import typer

from paranad import exits
from paranad.cli.language import Language
from paranad.cli.options import Misuse
from paranad.cli.problems import problem
from paranad.cli.screen.blocks import Style
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.session import tell, write_document
from paranad.cli.words import said_words
from paranad.said import Said

KIND = "wrong-usage"
USAGE: Mapping[str, str] = {
    "no-command": r"No such command '(?P<name>.*?)'\.(?: Did you mean (?P<near>.*)\?)?",
    "no-option": r"No such option: (?P<name>\S+?)(?: \((?:Possible options: )?(?P<near>.*)\))?",
    "command-missing": r"Missing command\.",
    "missing": r"Missing (?:argument|option|parameter) '(?P<name>.+?)'\.",
    "value-missing": r"Option '(?P<name>.+)' requires an argument\.",
    "too-many": r"Got unexpected extra arguments? \((?P<words>.*)\)",
    "no-value-wanted": r"Option '(?P<name>.+)' does not take a value\.",
    "wrong-value": r"Invalid value for '?(?P<name>.+?)'?: (?P<why>.*)",
    "wrong": r"Invalid value: (?P<why>.*)",
}
"""Messages of Typer by id; the named groups are the values of the sentence."""


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
    said = error.said if isinstance(error, Misuse) else None
    for line in error.format_message().split("\n"):
        tell(sys.stderr, say("paranadctl: {problem}", problem=usage_words(line, said)), Style.BAD, language)
    tell(sys.stderr, say("help: {command} --help", command=command), Style.DIM, language)
    return error.exit_code


def usage_words(message: str, said: Said | None = None) -> Text:
    """Return a *message* of Typer's, which other languages can put in their own words where it is recognised.

    *said* is what paranadctl itself found wrong, if it did: the message holds it.
    """
    for id_, pattern in USAGE.items():
        if found := re.fullmatch(pattern, message):
            values: dict[str, Text] = {name: value for name, value in found.groupdict().items() if value}
            if said:
                values["why"] = said_words(said)
            near = say("; did you mean {names}?", names=values["near"]) if "near" in values else ""
            return Phrase(f"usage:{id_}", "{english}", {**values, "near": near, "english": message})
    return said_words(said) if said else message
