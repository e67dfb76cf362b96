"""The commands of paranadctl, declared together with an example each; their work is in a module for each group."""

import io
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Annotated, Any, NamedTuple

from paranad import exits
from paranad.cli import artisan
from paranad.cli.language import KNOWN, Language, asked_for, spoken, wants_json
from paranad.cli.options import one_of
from paranad.cli.parsing import (
    COMMAND_MISSING,
    HELP,
    Given,
    Option,
    Page,
    WrongUsage,
    no_command,
    params_of,
    sorted_out,
    values_of,
)
from paranad.cli.screen.say import pen_for
from paranad.cli.session import Session, find_socket, is_terminal
from paranad.errors import ParanadError
from paranad.said import Sentence


class Command(NamedTuple):
    """A command, loaded only when it is typed or described."""

    name: str
    work: str
    """The function that does it, `module:function` below paranad/cli; its docstring is the help."""
    example: str


COMMANDS: tuple[Command, ...] = (
    Command("status", "commands.status:status", "paranadctl status --watch"),
    Command("order", "commands.orders:order", "paranadctl order 318"),
    Command("orders", "commands.orders:orders", "paranadctl orders --without-shipment --since 2d"),
    Command("parcels", "commands.parcels:parcels", "paranadctl parcels stuck"),
    Command("sync", "commands.dispatch:sync", "paranadctl sync --status-id 4 --date-from 2026-03-01"),
    Command("retry", "commands.jobs:retry", "paranadctl retry all --task alwaseet:create-shipment"),
    Command("wake", "commands.jobs:wake", "paranadctl wake 4812"),
    Command("dispatch", "commands.dispatch:dispatch", "paranadctl dispatch alwaseet:sync-orders --delay 90s --wait"),
    Command("run", "commands.dispatch:run", "paranadctl run carts:expire --dry-run"),
    Command("tasks", "commands.tasks:tasks", "paranadctl tasks alwaseet:sync-orders"),
    Command("settings", "commands.settings:settings", "paranadctl settings alwaseet_auto_sync_interval 30"),
    Command(
        "pause",
        "commands.pauses:pause",
        "paranadctl pause alwaseet:create-shipment --for 2h --reason 'the courier moves house'",
    ),
    Command("resume", "commands.pauses:resume", "paranadctl resume"),
    Command("drain", "commands.daemon:drain", "paranadctl drain --dry-run"),
    Command("doctor", "doctor.command:doctor", "paranadctl doctor"),
    Command("logs", "commands.logs:logs", "paranadctl logs -f --job 4812"),
    Command("backup", "commands.daemon:backup", "paranadctl backup /var/backups/queue.db"),
    Command("report", "report.command:report", "paranadctl report /tmp/paranad-report.zip"),
    Command("reload", "commands.daemon:reload", "paranadctl reload"),
    Command("standby", "commands.standby:standby", "paranadctl standby yield"),
    Command("web", "commands.web:web", "paranadctl web"),
    Command("metrics", "commands.metrics:metrics", "paranadctl metrics --textfile /run/paranad-metrics/paranad.prom"),
)

GROUPS: dict[str, tuple[str, tuple[Command, ...]]] = {
    "failed": (
        "Failed jobs, with error, traceback and attempts.",
        (
            Command("list", "commands.jobs:list_failed", "paranadctl failed --task carts:expire"),
            Command("show", "commands.jobs:show_job", "paranadctl failed show 4812"),
            Command("forget", "commands.jobs:forget", "paranadctl failed forget 4812"),
            Command("flush", "commands.jobs:flush", "paranadctl failed flush --queue default"),
        ),
    ),
    "jobs": (
        "Any job: list, show, cancel.",
        (
            Command("list", "commands.jobs:list_jobs", "paranadctl jobs --state running"),
            Command("show", "commands.jobs:show_job", "paranadctl jobs show 4812"),
            Command("cancel", "commands.jobs:cancel_job", "paranadctl jobs cancel 4812"),
        ),
    ),
    "schedule": (
        "The schedule: last run, outcome, next run.",
        (
            Command("list", "commands.schedule:list_entries", "paranadctl schedule"),
            Command("next", "commands.schedule:next_instants", "paranadctl schedule next backup --count 10"),
            Command(
                "backfill",
                "commands.backfill:backfill",
                "paranadctl schedule backfill report --from 2027-03-01 --to 2027-03-14",
            ),
            Command("run", "commands.schedule:run_entry", "paranadctl schedule run promotions:expire"),
            Command("pause", "commands.pauses:pause_entry", "paranadctl schedule pause carts:expire --until 06:00"),
            Command("resume", "commands.pauses:resume_entry", "paranadctl schedule resume carts:expire"),
            Command("history", "commands.schedule:history", "paranadctl schedule history carts:expire --limit 100"),
        ),
    ),
    "shipments": (
        "What is not yet recorded, and your decision.",
        (
            Command("list", "commands.shipments:list_shipments", "paranadctl shipments --state held"),
            Command("show", "commands.shipments:show_shipment", "paranadctl shipments show 318"),
            Command("settle", "commands.shipments:settle", "paranadctl shipments settle 318 --courier-id 1234567"),
            Command("resend", "commands.shipments:resend", "paranadctl shipments resend 318"),
            Command("reconcile", "commands.shipments:reconcile", "paranadctl shipments reconcile"),
        ),
    ),
    "alerts": (
        "What stands, how often told; mute a kind.",
        (
            Command("list", "commands.alerts:list_alerts", "paranadctl alerts"),
            Command("mute", "commands.alerts:mute", "paranadctl alerts mute shipment-held --for 2h"),
            Command("unmute", "commands.alerts:unmute", "paranadctl alerts unmute shipment-held"),
        ),
    ),
    "courier": ("The courier's account.", (Command("test", "commands.trials:try_courier", "paranadctl courier test"),)),
    "alert": (
        "The alert command and the daily digest.",
        (
            Command("test", "commands.trials:try_alert", "paranadctl alert test"),
            Command("digest", "commands.trials:digest", "paranadctl alert digest --send"),
        ),
    ),
}

OLD: tuple[Command, ...] = (
    Command("queue:work", "commands.daemon:old_worker", ""),
    Command("queue:restart", "artisan:queue_restart", ""),
)
"""What scripts of the shop may still call; no help lists them."""

ELSEWHERE = Sentence("usage.elsewhere", "there is no command '{name}'; try: {command}")
VERSION = Option("--version", "Print the version.")
LASTING = frozenset(exits.OF_PARANADCTL)
"""Exit codes of errors that paranadctl passes on; it ends with 1 for an error of any other code."""


def known_language(word: str) -> str:
    """Read a language's name."""
    return one_of(KNOWN, word)


def common(
    *,
    as_json: Annotated[bool, Option("--json", "Print what the API answered.")] = False,
    socket: Annotated[str | None, Option("--socket PATH", "The daemon's control socket.", str)] = None,
    lang: Annotated[
        str | None, Option("--lang LANG", "Language of the words: en or ar; else as LANG says.", known_language)
    ] = None,
    _version: Annotated[bool, VERSION] = False,
) -> Session:
    """Look after paranad: what runs, what failed, what to do about it."""
    return Session(partial(find_socket, socket, os.environ), as_json, spoken(lang, os.environ), lang)


def program() -> Page:
    """Return paranadctl itself, with all its commands below it."""
    path = ("paranadctl",)
    below = _loaded_later(path, COMMANDS) | {name: partial(_group, (*path, name)) for name in GROUPS}
    return Page(path, common.__doc__ or "", params_of(common), below=below, hidden=_loaded_later(path, OLD))


def _group(path: tuple[str, ...]) -> Page:
    summary, commands = GROUPS[path[-1]]
    help_ = f"{summary} Alone: list." if path[-1] in artisan.LISTED else summary
    return Page(path, help_, below=_loaded_later(path, commands))


def _loaded_later(path: tuple[str, ...], commands: Sequence[Command]) -> dict[str, Callable[[], Page]]:
    return {each.name: partial(_page, (*path, each.name), each) for each in commands}


def _page(path: tuple[str, ...], command: Command) -> Page:
    module, _, name = command.work.partition(":")
    work = getattr(import_module(f"paranad.cli.{module}"), name)
    return Page(path, work.__doc__, params_of(work), command.example, work)


def _next(page: Page, words: Sequence[str]) -> Page:
    """Return the command of a group that *words* begin with.

    Raises:
        WrongUsage: there is none.
    """
    if not words:
        raise WrongUsage(COMMAND_MISSING())
    name, *rest = words
    if found := page.below.get(name) or page.hidden.get(name):
        return found()
    elsewhere = _only_below() if page.hidden else {}
    if group := elsewhere.get(name):
        raise WrongUsage(ELSEWHERE(name=name, command=" ".join(("paranadctl", group, name, *rest))))
    raise no_command(name, [*page.below, *page.hidden, *elsewhere])


def _only_below() -> dict[str, str]:
    """Return each command that only one group has, with the name of this group."""
    groups: dict[str, list[str]] = {}
    for group, (_, commands) in GROUPS.items():
        for name, _, _ in commands:
            groups.setdefault(name, []).append(group)
    taken = {name for name, _, _ in COMMANDS}
    return {name: found[0] for name, found in groups.items() if len(found) == 1 and name not in taken}


def run(typed: Sequence[str]) -> int:
    """Run one command line; return the exit code, as the interface has it.

    Raises:
        SystemExit: the command ended early; with its exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    words = artisan.translate(typed)
    language, as_json = spoken(asked_for(words), os.environ), wants_json(words)
    page, left, asked = program(), words, dict[str, Any]()
    try:
        while page.work is None:
            given, rest = sorted_out(page.options, left, to_first=True)
            if _is_answered(page, given, language):
                return exits.DONE
            asked |= values_of(page.params, given, ())
            page, left = _next(page, rest), rest[1:]
        given, rest = sorted_out(page.options, left, to_first=False)
        if not _is_answered(page, given, language):
            page.work(common(**asked), **values_of(page.params, given, rest))
    except ParanadError as error:
        from paranad.cli.problems import complain, of_option  # noqa: PLC0415 - only where something failed

        complain(error if as_json else of_option(error, words), language, as_json=as_json)
        return error.exit_code if error.exit_code in LASTING else exits.FAILED
    except (WrongUsage, EOFError) as error:
        from paranad.cli.problems import complain_of_usage  # noqa: PLC0415 - only where something failed

        return complain_of_usage(error, page, language, as_json=as_json)
    return exits.DONE


def _is_answered(page: Page, given: Given, language: Language) -> bool:
    """Tell whether the help or the version was asked for; then print the first of them."""
    asked = next((option for option in given if option in (HELP, VERSION)), None)
    if asked == HELP:
        sys.stdout.write(_help(page, language))
    elif asked == VERSION:
        from importlib.metadata import version  # noqa: PLC0415 - slow to load, and needed here only

        sys.stdout.write(f"paranadctl {version('paranad')}\n")
    return asked is not None


def _help(page: Page, language: Language) -> str:
    pen = pen_for(sys.stdout, language, terminal=is_terminal(sys.stdout))
    if pen.language is Language.ARABIC:
        from paranad.cli.help import help_in_arabic  # noqa: PLC0415 - only for those who read it

        return help_in_arabic(page, terminal=pen.terminal)
    from paranad.cli.usage import help_of  # noqa: PLC0415 - only for those who ask

    return help_of(page)
