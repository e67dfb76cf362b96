"""Schedule entries: the defaults, the configuration's changes and additions, and its problems."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from paranad.catalogue import SCHEDULE
from paranad.configuration.durations import format_duration, parse_duration
from paranad.configuration.settings import LONGEST_EXPECTED, CommandSettings, EntrySettings
from paranad.configuration.words import key_name, shown, table_name
from paranad.errors import WrongSetting
from paranad.program import unusable
from paranad.queue.model import Json
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.schedule.cron import Cron, CronError, parse
from paranad.schedule.spacing import longest_wait, period, sensible
from paranad.wording import did_you_mean, nearest

COMMAND_TIMEOUT = timedelta(hours=1)
COMMAND_TRIES = 1
CATCH_UP_LIMIT = 10
NO_JITTER = timedelta(0)
PLACEHOLDERS = ("occurrence", "date")
"""What a word of a command may hold in braces."""
IN_BRACES = re.compile(r"(?<!\$)\{([A-Za-z_-]+)\}")
"""A name alone: neither JSON nor a shell's variable."""
NO_PROGRAM = Sentence("schedule.no_program", "expected a program, got {got}: {program}")


class CatchUp(StrEnum):
    """What happens to occurrences that the daemon could not run in time: it was stopped, or its clock jumped ahead."""

    ONCE = "once"
    """The latest is enqueued, however old; the ones before it are not."""
    SKIP = "skip"
    """None is enqueued that is a minute old or older."""
    ALL = "all"
    """Each is enqueued, oldest first, as far as `catch_up_limit` and `catch_up_window` allow."""


class Overlap(StrEnum):
    """What happens to an occurrence while the entry's last job is unfinished."""

    SKIP = "skip"
    """It is skipped."""
    QUEUE_ONE = "queue-one"
    """It waits until that job has ended, unless another one waits already."""
    ALLOW = "allow"
    """Its job is enqueued all the same, and may run beside the other."""


@record
class Command:
    """An operator's own program, instead of a crontab line."""

    words: tuple[str, ...]
    """The program's absolute path, then its arguments; no shell reads them."""
    timeout: timedelta = COMMAND_TIMEOUT
    tries: int = COMMAND_TRIES


@record
class Entry:
    """When to enqueue which task."""

    name: str
    task: str
    """The task's name; a command's task is called by the entry's name."""
    cron: Cron
    args: Mapping[str, Json] = field(default_factory=dict)
    enabled: bool = True
    catch_up: CatchUp = CatchUp.ONCE
    catch_up_limit: int = CATCH_UP_LIMIT
    """How many missed occurrences are caught up at most; counts beside `CatchUp.ALL` alone, as the window does."""
    catch_up_window: timedelta | None = None
    """How old an occurrence may be that is caught up; None: however old."""
    overlap: Overlap = Overlap.SKIP
    jitter: timedelta = NO_JITTER
    """Its job is delayed by a random time of at most this."""
    command: Command | None = None
    """None: a task the program knows."""
    own_timeout: timedelta | None = None
    """How long the own task of its name may run; None: it is none."""
    own_zone: bool = False
    """Whether it names its time zone itself; else it is read in the daemon's."""
    chosen: bool = False
    """Whether the configuration names it: then it is never off because of what the shop lacks."""
    alert: bool = True
    """Whether somebody is told of its failures and of its silence."""
    expect_within: timedelta | None = None
    """Within what time of its last success the next is expected; None: one period and a grace."""

    @property
    def lines_up(self) -> bool:
        """Whether its occurrences may wait until its last job has ended."""
        return self.overlap is Overlap.QUEUE_ONE or self.catch_up is CatchUp.ALL

    def in_zone(self, zone: ZoneInfo) -> "Entry":
        """Return this entry read in *zone*, unless it names a time zone itself."""
        return self if self.own_zone else replace(self, cron=replace(self.cron, zone=zone))


Own: TypeAlias = Mapping[str, CommandSettings | None]
"""The own tasks by name; None: one is wrong, so nothing is judged by it."""


def build_entries(
    schedule: Mapping[str, EntrySettings], zone: ZoneInfo, known_tasks: Collection[str], own: Own | None = None
) -> tuple[list[Entry], list[WrongSetting]]:
    """Join the default entries with *schedule*, which overrides them by name and adds its own.

    Return the good entries and every problem, each naming its entry and field. An entry whose program alone is missing
    is bearable: it is returned too, since the scheduler leaves it out until the program is there.

    Args:
        schedule: the configuration's entries by name.
        zone: where the cron expressions of entries without a zone of their own are read.
        known_tasks: the tasks of the shop that an entry may name: those that run without arguments.
        own: the operator's own tasks, which an entry may name too.
    """
    own = own or {}
    problems: list[WrongSetting] = []
    entries: list[Entry] = []
    for name in dict.fromkeys((*SCHEDULE, *schedule)):
        settings = schedule.get(name, EntrySettings())
        found = [_problem(name, settings, *wrong) for wrong in _wrong(name, settings, zone, known_tasks, own)]
        if settings.command and name not in {*known_tasks, *SCHEDULE, *own} and is_program_missing(settings):
            found = [replace(problem, bearable=problem.key == _key(name, "command")) for problem in found]
        problems += found
        if all(problem.bearable for problem in found):
            task = own.get(name)
            entries.append(
                replace(
                    _entry(name, settings, zone), chosen=name in schedule, own_timeout=task.timeout if task else None
                )
            )
    return entries, problems


def _entry(name: str, settings: EntrySettings, zone: ZoneInfo) -> Entry:
    return Entry(
        name=name,
        task=name,
        cron=parse(settings.cron or SCHEDULE[name], ZoneInfo(settings.timezone) if settings.timezone else zone),
        args=settings.args or {},
        enabled=settings.enabled,
        catch_up=CatchUp(settings.catch_up or CatchUp.ONCE),
        catch_up_limit=settings.catch_up_limit or CATCH_UP_LIMIT,
        catch_up_window=settings.catch_up_window,
        overlap=Overlap(settings.overlap or Overlap.SKIP),
        jitter=settings.jitter or NO_JITTER,
        command=_command(settings),
        own_zone=bool(settings.timezone),
        alert=settings.alert,
        expect_within=settings.expect_within,
    )


def _command(settings: EntrySettings) -> Command | None:
    if settings.command is None:
        return None
    return Command(settings.command, settings.timeout or COMMAND_TIMEOUT, settings.tries or COMMAND_TRIES)


def _problem(name: str, settings: EntrySettings, key: str, message: str) -> WrongSetting:
    return WrongSetting(settings.where(key), _key(name, key), message)


def _key(name: str, key: str) -> str:
    return key_name(("schedule", name, key))


def _wrong(
    name: str, settings: EntrySettings, zone: ZoneInfo, known_tasks: Collection[str], own: Own
) -> Iterator[tuple[str, str]]:
    """Yield the key and the message of everything that is wrong with an entry."""
    yield from _wrong_cron(name, settings, zone)
    yield from _wrong_catch_up(settings)
    yield from _wrong_args(name, settings, own)
    if settings.command is None:
        yield from _wrong_task(name, settings, {*known_tasks, *own})
    elif name in own:
        yield (
            "command",
            f"expected none, since {_own_table(name)} has one; write it there, or call the entry something else",
        )
    elif name in known_tasks or name in SCHEDULE:
        yield "command", f'expected none, since "{name}" is a task of its own; call the entry something else'
    else:
        yield from _wrong_program(settings)
        yield from _misspelt(settings)


def _wrong_cron(name: str, settings: EntrySettings, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    expression = settings.cron if settings.cron is not None else SCHEDULE.get(name)
    if expression is None:
        yield "cron", 'expected five fields, got nothing; write cron = "30 3 * * *"'
        return
    try:
        cron = parse(expression, zone)
    except CronError as error:
        yield "cron", f'{error}; write for example cron = "{SCHEDULE.get(name, "30 3 * * *")}"'
    else:
        yield from _wrong_expectation(settings, cron)
        yield from _wrong_times(settings, cron)


def _wrong_expectation(settings: EntrySettings, cron: Cron) -> Iterator[tuple[str, str]]:
    """Refuse a deadline that an entry could not meet even if each of its runs succeeded."""
    within, jitter = settings.expect_within, settings.jitter or NO_JITTER
    if within is not None and within <= (wait := (longest := longest_wait(cron)) + jitter):
        parts = f" ({format_duration(longest)} and a jitter of {format_duration(jitter)})" if jitter else ""
        longer = f"expected longer than the longest time between two runs, {format_duration(wait)}{parts}"
        better = sensible(wait)
        write = f'write expect_within = "{format_duration(better)}", or leave it out'
        cure = write if better <= parse_duration(LONGEST_EXPECTED) else "leave it out"
        yield "expect_within", f'{longer}, got "{format_duration(within)}"; {cure}'


def _wrong_times(settings: EntrySettings, cron: Cron) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the times that are measured by the entry's own: a window, a delay."""
    window, jitter = settings.catch_up_window, settings.jitter
    if settings.catch_up == "all" and window is not None and window < (least := period(cron)):
        yield "catch_up_window", _by_period("at least", least, window, "catch_up_window")
    if jitter and jitter > (most := period(cron)):
        yield "jitter", _by_period("at most", most, jitter, "jitter")


def _by_period(bound: str, between: timedelta, got: timedelta, key: str) -> str:
    written = format_duration(between)
    return (
        f'expected {bound} the {written} between two occurrences, got "{format_duration(got)}"; '
        f'write {key} = "{written}"'
    )


def _wrong_catch_up(settings: EntrySettings) -> Iterator[tuple[str, str]]:
    if settings.catch_up == "all":
        return
    for key, value in (("catch_up_limit", settings.catch_up_limit), ("catch_up_window", settings.catch_up_window)):
        if value is not None:
            now = settings.catch_up or CatchUp.ONCE
            yield (
                key,
                f'expected only beside catch_up = "all", got catch_up = "{now}"; take the line out, or write "all"',
            )


def _own_table(name: str) -> str:
    return table_name(("command", name))


def _wrong_args(name: str, settings: EntrySettings, own: Own) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the arguments that an entry gives its task."""
    if name not in own:
        if settings.args is not None:
            yield "args", f"expected only beside the task of a {_own_table(name)}; take the line out"
        return
    task, given = own[name], settings.args or {}
    if task is None:
        return
    takes = task.args
    for argument in given:
        if argument not in takes:
            known = ", ".join(takes) or "none"
            near = did_you_mean(argument, takes) or "; take it out"
            yield "args", f"expected no {shown(argument)}, since {_own_table(name)} takes {known}{near}"
    if missing := [argument for argument in takes if argument not in given]:
        example = ", ".join(f"{argument} = …" for argument in takes)
        yield "args", f"expected {', '.join(missing)} in it, got none; write args = {{ {example} }}"


def _wrong_task(name: str, settings: EntrySettings, known_tasks: Collection[str]) -> Iterator[tuple[str, str]]:
    if name not in known_tasks:
        near = did_you_mean(name, known_tasks) or "; write command, or name the entry as a task that needs no arguments"
        yield "command", f'expected one, since no task "{name}" can be scheduled{near}'
        return
    if settings.overlap == "allow":
        one = f'at most one job of the task "{name}" waits or runs'
        yield "overlap", f'expected "skip" or "queue-one", got "allow": {one}; write overlap = "queue-one"'
    for key, value in (("timeout", settings.timeout), ("tries", settings.tries)):
        if value is not None:
            yield key, f'expected only beside a command; the task "{name}" has its own, take the line out'


def is_program_missing(settings: EntrySettings) -> bool:
    """Tell whether all that is wrong with an entry's command is that its program is not there."""
    program = (settings.command or ("",))[0]
    return (
        settings.enabled and not any(_misspelt(settings)) and program.startswith("/") and unusable(program) is not None
    )


def _misspelt(settings: EntrySettings) -> Iterator[tuple[str, str]]:
    """Yield each word in braces that is nearly a placeholder: the program would be told it as it stands."""
    found = [name for word in (settings.command or ())[1:] for name in IN_BRACES.findall(word)]
    for name in dict.fromkeys(found):
        if name not in PLACEHOLDERS and (near := nearest(name.lower(), PLACEHOLDERS)):
            yield "command", f'expected {{occurrence}} or {{date}}, got "{{{name}}}"; did you mean {{{near}}}?'


def missing_programs(entries: Iterable[Entry]) -> dict[str, Said]:
    """Return by name why the program of some of *entries* cannot be run just now."""
    return {
        entry.name: NO_PROGRAM(got=got, program=entry.command.words[0])
        for entry in entries
        if entry.enabled and entry.command and (got := unusable(entry.command.words[0]))
    }


def _wrong_program(settings: EntrySettings) -> Iterator[tuple[str, str]]:
    program = (settings.command or ("",))[0]
    if not program.startswith("/"):
        yield "command", f"expected the program's absolute path first, got {shown(program)}; write it from /"
    elif settings.enabled and (got := unusable(program)):
        yield "command", f"expected a program, got {got}: {shown(program)}; correct it, or write enabled = false"
