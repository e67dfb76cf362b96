"""The whole configuration: settings, schedule, every problem. `run`, `check`, reload and the doctor ask here."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self, TypeAlias

from paranad.alerts import command as alert_command
from paranad.catalogue import SCHEDULABLE
from paranad.configuration.addresses import DATABASE_EXAMPLE, DATABASE_KEY
from paranad.configuration.load import read_settings
from paranad.configuration.settings import CommandSettings, QueueSection, Settings
from paranad.configuration.words import shown
from paranad.errors import ConfigurationError, WrongSetting
from paranad.log.redaction import hide
from paranad.places import config_file
from paranad.record import record
from paranad.schedule.entries import Entry, build_entries
from paranad.shop.database import check_url
from paranad.tasks import own_commands
from paranad.wording import nearest


@record
class Configuration:
    """One reading of all sources, judged."""

    settings: Settings
    """Without the wrong values."""
    entries: Sequence[Entry]
    """The schedule, without the entries that have a problem that the daemon cannot bear."""
    problems: Sequence[WrongSetting]
    """The problems of the single sources first, then the problems of the whole."""

    def usable(self, *, starting: bool = False) -> Self:
        """Return this configuration if the daemon can use it; *starting*: in spite of problems that it can bear.

        Raises:
            ConfigurationError: every problem.
        """
        if any(not (starting and problem.bearable) for problem in self.problems):
            raise ConfigurationError(self.problems)
        return self


Load: TypeAlias = Callable[[], Configuration]


def load(config: Path | None, environ: Mapping[str, str], *, look_for_credentials: bool = False) -> Configuration:
    """Read the configuration and judge it; its secrets show in no log line from now on.

    Args:
        config: the file an operator named; None: the one of *environ*, else the default one.
        environ: the environment.
        look_for_credentials: whether to read the service's credentials where they lie; only the service is given them.
    """
    settings, problems = read_settings(config, environ, look_for_credentials=look_for_credentials)
    judged = judge(settings, problems)
    missing = _missing(judged, config_file(environ, config).absolute())
    return replace(judged, problems=[*judged.problems, *missing])


def judge(settings: Settings, problems: Sequence[WrongSetting] = ()) -> Configuration:
    """Return the configuration of *settings*, which were read with *problems*."""
    for secret in settings.secrets:
        hide(secret)
    own: dict[str, CommandSettings | None] = {**settings.command, **dict.fromkeys(settings.torn_commands)}
    entries, wrong = build_entries(settings.schedule, settings.zone, SCHEDULABLE, own)
    _, torn = build_entries(settings.torn, settings.zone, SCHEDULABLE, own)
    wrong += [
        *torn,
        *own_commands.problems(settings),
        *_limit_problems(settings.queue),
        *alert_command.problems(settings.alert),
    ]
    try:
        check_url(settings.shop.database_url.get_secret_value())
    except ConfigurationError as error:
        wrong += error.problems
    return Configuration(settings, entries, [*problems, *wrong])


def _limit_problems(section: QueueSection) -> list[WrongSetting]:
    """Return what is wrong with the limits of queues: they may stand in another source than queues and workers."""
    where, key = section.where("limits"), "[queue] limits"
    wrong = []
    for queue, limit in section.limits.items():
        if queue not in section.queues:
            near = nearest(queue, section.queues)
            cure = f'did you mean "{near}"?' if near else "add it to queues, or take it out"
            wrong.append(f"expected the name of a queue ({', '.join(section.queues)}), got {shown(queue)}; {cure}")
        elif limit < 1:
            wrong.append(
                f"expected 1 or more for {queue}, got {limit}; so that nothing of it starts: paranadctl pause {queue}"
            )
        elif limit > section.workers:
            wrong.append(
                f"expected at most {section.workers} for {queue}, as many as there are workers, got {limit};"
                f" write {queue} = {section.workers} or less, or raise workers"
            )
    return [WrongSetting(where, key, message) for message in wrong]


def _missing(judged: Configuration, file: Path) -> list[WrongSetting]:
    """Name the address of the shop's database, which alone has no default, unless a problem speaks of it already."""
    if judged.settings.shop.database_url:
        return []
    wheres = {problem.where for problem in judged.problems}
    # A file that could not be read may well hold it: only the file's own problem is told then.
    unread = str(file) not in judged.settings.sources and wheres & {str(file), file.name}
    if unread or any("database_url" in f"{each.where}{each.key}".lower() for each in judged.problems):
        return []
    cure = f'expected the address of the shop\'s database, got ""; write database_url = "{DATABASE_EXAMPLE}"'
    place = file.name if os.access(file, os.F_OK) else f"{file} (there is no such file)"
    return [WrongSetting(place, DATABASE_KEY, cure)]
