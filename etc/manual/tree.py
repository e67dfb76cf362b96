"""A program as its commands, options and arguments, read from what makes its --help."""

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass

from paranad.catalogue import CATALOGUE, SCHEDULE
from paranad.cli.app import program
from paranad.cli.commands.logs import LEVELS
from paranad.cli.commands.parcels import PARCELS
from paranad.cli.commands.standby import FORMS
from paranad.cli.language import KNOWN as LANGUAGES
from paranad.cli.parsing import HELP, Page, Param
from paranad.cli.usage import ENGLISH, described, epilog
from paranad.cli.words import ALERTS
from paranad.commands import _parser
from paranad.shop.known_settings import KNOWN as SETTINGS

CHOICES = re.compile(r"^One of ([\w, -]+)\.")
CHOSEN = {
    "TASK": tuple(sorted(CATALOGUE)),
    "NAME": tuple(SCHEDULE),
    "QUEUE": ("high", "default"),
    "ID|all": ("all",),
    "LANG": LANGUAGES,
    "LEVEL": tuple(LEVELS),
    "setup|yield": FORMS,
    "tasks NAME": tuple(sorted(CATALOGUE)),
    "settings NAME": tuple(each.key for each in SETTINGS),
    "parcels KIND": tuple(PARCELS),
    "alerts mute KIND": tuple(ALERTS),
    "alerts unmute KIND": tuple(ALERTS),
}
"""What a shell may offer, by what stands for the value; of a command alone, if that stands before it."""
FILES = ("FILE", "DIR", "PATH")


@dataclass(frozen=True, slots=True)
class Word:
    """An option or an argument."""

    names: tuple[str, ...]
    """`--queue`; of an argument: none."""
    help: str
    value: str = ""
    """What stands for its value: `QUEUE`, `TASK`; empty: an option without one."""
    several: bool = False
    """Whether it may be given again."""
    needed: bool = False
    choices: tuple[str, ...] = ()
    """What a shell offers for its value, where that is known beforehand."""

    @property
    def is_file(self) -> bool:
        return self.value in FILES

    @property
    def shown(self) -> str:
        """How it is written: `--queue QUEUE`, `TASK`."""
        return f"{', '.join(self.names)} {self.value}".strip()

    def written(self, dots: str) -> str:
        """How it stands in a synopsis: in brackets unless it is needed; *dots* where it may be given again."""
        word = f"{self.names[-1] if self.names else ''} {self.value}".strip()
        return (word if self.needed else f"[{word}]") + dots * self.several


@dataclass(frozen=True, slots=True)
class Command:
    """A command, or the program itself."""

    path: tuple[str, ...]
    """From the program's name on."""
    help: str
    epilog: str
    """What --help ends with: an example, the exit codes."""
    arguments: tuple[Word, ...]
    options: tuple[Word, ...]
    commands: tuple["Command", ...] = ()

    @property
    def name(self) -> str:
        return self.path[-1]

    def walk(self) -> Iterator["Command"]:
        """Yield this one and all below it."""
        yield self
        for command in self.commands:
            yield from command.walk()


def operator_tree() -> Command:
    """Return paranadctl."""
    return _of_page(program())


def _of_page(page: Page) -> Command:
    words = [_page_word(page, param) for param in page.params]
    return Command(
        path=page.path,
        help=page.help,
        epilog=epilog(page),
        arguments=tuple(word for word in words if not word.names),
        options=(*(word for word in words if word.names), Word(tuple(HELP.names), HELP.help)),
        commands=tuple(_of_page(each()) for each in page.below.values()),
    )


def _page_word(page: Page, param: Param) -> Word:
    declared = param.declared
    return Word(
        names=tuple(declared.names),
        help=described(param, ENGLISH).removesuffix(ENGLISH.required).rstrip(),
        value=declared.value,
        several=declared.several,
        needed=param.is_required,
        choices=_choices(page, declared.value, declared.help),
    )


def _choices(page: Page, value: str, help_: str) -> tuple[str, ...]:
    if named := CHOICES.match(help_):
        return tuple(named[1].split(", "))
    return CHOSEN.get(" ".join((*page.path[1:], value)), CHOSEN.get(value, ()))


def daemon_tree() -> Command:
    """Return paranad."""
    return _of_argparse(_parser(), ("paranad",))


def _of_argparse(parser: argparse.ArgumentParser, path: tuple[str, ...]) -> Command:
    actions = parser._actions  # noqa: SLF001 -- argparse shows them nowhere else
    below = [action.choices for action in actions if isinstance(action.choices, dict)]
    return Command(
        path=path,
        help=parser.description or "",
        epilog=parser.epilog or "",
        arguments=(),
        options=tuple(_argparse_word(action) for action in actions if action.option_strings),
        commands=tuple(_of_argparse(each, (*path, name)) for choices in below for name, each in choices.items()),
    )


def _argparse_word(action: argparse.Action) -> Word:
    value = "" if action.nargs == 0 else str(action.metavar or action.dest.upper())
    return Word(names=tuple(action.option_strings), help=_sentence(action.help or ""), value=value)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].removesuffix('.')}."
