"""What --help shows of the program, a group of commands or a command, and the line that says how it is typed."""

import shutil
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from paranad import exits
from paranad.cli.parsing import HELP, Argument, Option, Page, Param

EVERYWHERE = "Every command takes --json, --socket PATH and --lang en|ar. " + exits.summary(exits.OF_PARANADCTL)
WIDEST, NARROWEST = 78, 50
"""Between these the help follows the terminal's width."""
INDENT, GAP = "  ", 2
WIDEST_NAME = 30
"""A longer name of an option or argument has its description on the next line."""


class Labels(NamedTuple):
    """The words of one language: what stands on every page, and how the others are told."""

    usage: str = "Usage:"
    arguments: str = "Arguments:"
    options: str = "Options:"
    commands: str = "Commands:"
    required: str = "[required]"
    default: str = "[default: {value}]"
    example: str = "Example: {example}"
    everywhere: str = EVERYWHERE
    told: Callable[[str], str] = str
    """Returns what a docstring or a description says."""


ENGLISH = Labels()


def usage_line(page: Page, labels: Labels = ENGLISH) -> str:
    """Return how the command is typed."""
    pieces = ["[OPTIONS]", *map(_piece, _arguments(page)), *(["COMMAND", "[ARGS]..."] if page.below else [])]
    begin = f"{labels.usage} {' '.join(page.path)} "
    width = _width()
    if len(begin) + 20 <= width:
        return _filled(" ".join(pieces), width, begin, " " * len(begin))
    indent = " " * (len(labels.usage) + 5)
    return f"{begin.rstrip()}\n{_filled(' '.join(pieces), width, indent, indent)}"


def help_of(page: Page, labels: Labels = ENGLISH) -> str:
    """Return the whole page."""
    arguments, options = (
        [(each.declared.form, described(each, labels)) for each in page.params if isinstance(each.declared, kind)]
        for kind in (Argument, Option)
    )
    commands = [(name, summary(labels.told(below().help))) for name, below in page.below.items()]
    last = epilog(page, labels)
    parts = [
        usage_line(page, labels),
        *(_filled(each, _width(), INDENT, INDENT) for each in paragraphs(labels.told(page.help))),
        *_listed(labels.arguments, arguments),
        *_listed(labels.options, [*options, (HELP.form, labels.told(HELP.help))]),
        *_listed(labels.commands, commands),
        *([_filled(last, _width(), INDENT, INDENT)] if last else []),
    ]
    return "\n\n".join(parts) + "\n"


def epilog(page: Page, labels: Labels = ENGLISH) -> str:
    """Return what stands at the end of a page: an example; of the program itself what holds for every command."""
    if page.example:
        return labels.example.format(example=page.example)
    return labels.everywhere if len(page.path) == 1 else ""


def described(param: Param, labels: Labels) -> str:
    """Return what a parameter is for, and what it is if it is not given."""
    told = labels.told(param.declared.help)
    if param.is_required:
        return f"{told}  {labels.required}"
    return f"{told}  {labels.default.format(value=param.default)}" if param.default else told


def paragraphs(docstring: str) -> list[str]:
    """Return the paragraphs of a docstring, each on one line."""
    return [" ".join(each.split()) for each in docstring.split("\n\n")]


def summary(docstring: str) -> str:
    """Return the first sentence of a docstring."""
    first, stop, _ = paragraphs(docstring)[0].partition(". ")
    return f"{first}{stop.strip()}"


def _width() -> int:
    return max(min(shutil.get_terminal_size().columns - 2, WIDEST), NARROWEST)


def _arguments(page: Page) -> Iterator[Param]:
    return (each for each in page.params if isinstance(each.declared, Argument))


def _piece(param: Param) -> str:
    form = f"{{{param.declared.form}}}" if param.is_required else f"[{param.declared.form}]"
    return form + "..." * param.declared.several


def _listed(title: str, rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield *rows* of two columns under their title, if there are any."""
    if rows:
        first = min(max(len(name) for name, _ in rows), WIDEST_NAME) + GAP
        yield "\n".join([title, *_lines(rows, first)])


def _lines(rows: Iterable[tuple[str, str]], first: int) -> Iterator[str]:
    for name, does in rows:
        begin = f"{INDENT}{name:<{first}}"
        if len(name) + GAP > first:
            yield begin
            begin = " " * (len(INDENT) + first)
        yield _filled(does, _width(), begin, " " * (len(INDENT) + first))


def _filled(text: str, width: int, begin: str, indent: str) -> str:
    return textwrap.fill(
        text, width, initial_indent=begin, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
