"""What people type out of habit: the shop's artisan spellings, and words that are no commands, with their answers."""

from collections.abc import Sequence

from paranad.cli.screen.blocks import Line, Style
from paranad.cli.screen.say import say
from paranad.cli.session import Session

SPELLINGS = {
    "alwaseet:sync": ["sync"],
    "queue:monitor": ["status"],
    "queue:retry": ["retry"],
    "queue:failed": ["failed", "list"],
    "queue:failed:show": ["failed", "show"],
    "queue:forget": ["failed", "forget"],
    "queue:flush": ["failed", "flush"],
    "queue:work": ["queue:work"],
    "queue:restart": ["queue:restart"],
    "schedule:list": ["schedule", "list"],
    "schedule:run": ["schedule", "run"],
    "schedule:work": ["queue:work"],
}
"""The command of paranadctl for each artisan command. Any other name with a colon, in no family of these, is a task."""

LISTED = ("alerts", "failed", "jobs", "schedule", "shipments")
"""Groups of commands that list if no command of the group follows."""

ANSWERED = ("queue:work", "queue:restart")
"""Commands that a script of the shop may still call, and that mean nothing here: they are answered whatever follows."""

NUMBERED = ("failed", "jobs", "shipments")
"""Groups of commands that show one item if its number follows."""
HELP = "-h", "--help"

VALUED = "--socket", "--lang"
COMMON = "--json", *VALUED


def translate(words: Sequence[str]) -> list[str]:
    """Return the command line *words* in their plain form: common options first, old spellings in today's."""
    common, rest = _hoist(words)
    if common[-1:] and common[-1] in VALUED:  # its value is missing, which is said first
        return common
    return [*common, *_shown(_listed(_spelled(_guessed(rest))))]


def _hoist(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part *words* into the options every command takes, wherever they stand before a `--`, and the rest.

    An option whose value is missing ends the search, and stands last among the first.
    """
    common: list[str] = []
    rest: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word == "--":
            return common, [*rest, word, *waiting]
        if word.partition("=")[0] not in COMMON:
            rest.append(word)
            continue
        common.append(word)
        if word in VALUED:
            value = next(waiting, None)
            if value is None or value.startswith("-"):
                break
            common.append(value)
    return common, rest


def _guessed(words: list[str]) -> list[str]:
    """Return the words that paranadctl knows for an empty command line, `help` and `version`."""
    match words:
        case []:
            return ["--help"]
        case ["help", *rest]:
            return [*rest, "--help"]
        case ["version"]:
            return ["--version"]
        case _:
            return words


def _spelled(words: list[str]) -> list[str]:
    if not words or ":" not in words[0]:
        return words
    name, rest = words[0], words[1:]
    if name == "schedule:run" and not any(not word.startswith("-") for word in rest):
        name = "queue:work"
    if name in SPELLINGS:
        spelled = SPELLINGS[name]
        return [*spelled, *(word for word in rest if word in HELP or spelled[0] not in ANSWERED)]
    family = name.partition(":")[0]
    return words if family in {"queue", "schedule"} else ["run", name, *map(_argument, rest)]


def _argument(word: str) -> str:
    """Return an artisan option with a value as an argument of the task: `--days=60` is `days=60`."""
    name, equals, value = word.removeprefix("--").partition("=")
    return f"{name.replace('-', '_')}={value}" if equals and word.startswith("--") else word


def _listed(words: list[str]) -> list[str]:
    if not words or words[0] not in LISTED or any(word in HELP for word in words):
        return words
    return words if words[1:] and not words[1].startswith("-") else [words[0], "list", *words[1:]]


def _shown(words: list[str]) -> list[str]:
    """Return `jobs 3` as `jobs show 3`, and `schedule carts:expire` as that entry's history."""
    match words:
        case [group, number, *rest] if group in NUMBERED and number.isdecimal():
            return [group, "show", number, *rest]
        case ["schedule", name, *rest] if ":" in name:
            return ["schedule", "history", name, *rest]
        case _:
            return words


NOTHING_TO_RESTART = (
    "nothing needs restarting after a deploy of the shop: no worker holds its code, and the daemon goes on"
)


def queue_restart(session: Session) -> None:
    """Answer a deploy script of the shop, which restarts Laravel's workers."""
    session.answer({"restarted": False}, lambda _: [Line(say(NOTHING_TO_RESTART), Style.GOOD)])
