"""What can be wrong with the `[command]` tables of the configuration beside their single keys."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from paranad.catalogue import CATALOGUE, PHP_QUEUE, PHP_WORK
from paranad.configuration.settings import CommandSettings, Settings
from paranad.configuration.words import key_name, shown
from paranad.errors import WrongSetting
from paranad.program import unusable
from paranad.wording import did_you_mean

NO_NAME = "expected a name of its own, got that of a task of the shop; call it something else"
NO_COMMAND = 'expected a list of texts, the program first, got nothing; write command = ["/usr/local/bin/send-invoice"]'
NO_ARGUMENTS = "expected none, since the daemon asks for this task by itself; take the line out"
ON_STDIN = "its arguments arrive as one JSON object on its standard input"
NOT_TOLD = "only the command of a schedule entry is told when it runs"


def problems(settings: Settings) -> list[WrongSetting]:
    """Return every problem of the own commands; that a program alone is missing is bearable: its jobs wait for it."""
    found = []
    for name, own in {**settings.command, **settings.torn_commands}.items():
        for key, message in _wrong(name, own, settings.queue.queues, torn=name in settings.torn_commands):
            found.append(WrongSetting(own.where(key), key_name(("command", name, key)), message))
        if missing := missing_program(own):
            at = own.where("command"), key_name(("command", name, "command"))
            found.append(WrongSetting(*at, missing, bearable=True))
    return found


def _wrong(name: str, own: CommandSettings, queues: Sequence[str], *, torn: bool) -> Iterator[tuple[str, str]]:
    if name in CATALOGUE:
        yield "command", NO_NAME
    if name == PHP_WORK and own.args:
        yield "args", NO_ARGUMENTS
    if own.queue and own.queue not in queues:
        near = did_you_mean(own.queue, queues) or f"; known: {', '.join(queues)}"
        yield "queue", f"expected the name of a queue, got {shown(own.queue)}{near}"
    if own.command is None:
        if not torn:
            yield "command", NO_COMMAND
        return
    program, *words = own.command
    if not program.startswith("/"):
        yield "command", f"expected the program's absolute path first, got {shown(program)}; write it from /"
    untold = {**dict.fromkeys(("occurrence", "date"), NOT_TOLD), **dict.fromkeys(own.args, ON_STDIN)}
    if name == PHP_WORK and (wrong := _wrong_queues(words, queues)):
        all_ = ",".join(PHP_QUEUE + queue for queue in queues)
        yield "command", f"expected a --queue of all of PHP's queues alone, got one {wrong}; write --queue={all_}"
    for mark, why in untold.items():
        if any(f"{{{mark}}}" in word for word in words):
            yield "command", f'expected no "{{{mark}}}", since {why}; take it out'


def _wrong_queues(words: Sequence[str], queues: Sequence[str]) -> str | None:
    """Return what is wrong with the queues that a worker's *words* name; None: nothing, or a script knows them."""
    named = [word.partition("=")[2] for word in words if word.startswith("--queue=")]
    named += [after for word, after in pairwise(words) if word == "--queue"]
    taken = {name.strip() for word in named or ["default"] for name in word.split(",")}
    if not named and "queue:work" not in words:
        return None
    if left := [PHP_QUEUE + queue for queue in queues if PHP_QUEUE + queue not in taken]:
        return f"without {', '.join(left)}"
    ours = [queue for queue in queues if queue in taken]
    return f"with {', '.join(ours)}, whose rows the daemon works" if ours else None


def missing_program(own: CommandSettings) -> str | None:
    """Return that the program of *own* is not there or may not be executed; None if it can be run."""
    program = (own.command or ("",))[0]
    got = unusable(program) if program.startswith("/") else None
    return f"expected a program, got {got}: {shown(program)}; correct it, or put it there" if got else None
