"""The commands of paranadctl, declared together with an example each; their work is in a module for each group."""

import io
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

import typer

from paranad import exits
from paranad.cli import artisan
from paranad.cli.commands import (
    alerts,
    backfill,
    daemon,
    dispatch,
    jobs,
    logs,
    metrics,
    orders,
    parcels,
    pauses,
    schedule,
    settings,
    shipments,
    standby,
    status,
    tasks,
    trials,
    web,
)
from paranad.cli.doctor import command as doctor
from paranad.cli.language import KNOWN, Language, asked_for, spoken, wants_json
from paranad.cli.options import one_of
from paranad.cli.report import command as report
from paranad.cli.screen.say import Pen, pen_for
from paranad.cli.session import Session, find_socket, is_terminal
from paranad.errors import ParanadError

Command = tuple[str, Callable[..., None], str]
"""A command's name, its function, whose docstring is its help, and an example."""

COMMANDS: tuple[Command, ...] = (
    ("status", status.status, "paranadctl status --watch"),
    ("order", orders.order, "paranadctl order 318"),
    ("orders", orders.orders, "paranadctl orders --without-shipment --since 2d"),
    ("parcels", parcels.parcels, "paranadctl parcels stuck"),
    ("sync", dispatch.sync, "paranadctl sync --status-id 4 --date-from 2026-03-01"),
    ("retry", jobs.retry, "paranadctl retry all --task alwaseet:create-shipment"),
    ("wake", jobs.wake, "paranadctl wake 4812"),
    ("dispatch", dispatch.dispatch, "paranadctl dispatch alwaseet:sync-orders --delay 90s --wait"),
    ("run", dispatch.run, "paranadctl run carts:expire --dry-run"),
    ("tasks", tasks.tasks, "paranadctl tasks alwaseet:sync-orders"),
    ("settings", settings.settings, "paranadctl settings alwaseet_auto_sync_interval 30"),
    ("pause", pauses.pause, "paranadctl pause alwaseet:create-shipment --for 2h --reason 'the courier moves house'"),
    ("resume", pauses.resume, "paranadctl resume"),
    ("drain", daemon.drain, "paranadctl drain --dry-run"),
    ("doctor", doctor.doctor, "paranadctl doctor"),
    ("logs", logs.logs, "paranadctl logs -f --job 4812"),
    ("backup", daemon.backup, "paranadctl backup /var/backups/queue.db"),
    ("report", report.report, "paranadctl report /tmp/paranad-report.zip"),
    ("reload", daemon.reload, "paranadctl reload"),
    ("standby", standby.standby, "paranadctl standby yield"),
    ("web", web.web, "paranadctl web"),
    ("metrics", metrics.metrics, "paranadctl metrics --textfile /run/paranad-metrics/paranad.prom"),
)

GROUPS: dict[str, tuple[str, tuple[Command, ...]]] = {
    "failed": (
        "Failed jobs, with error, traceback and attempts.",
        (
            ("list", jobs.list_failed, "paranadctl failed --task carts:expire"),
            ("show", jobs.show_job, "paranadctl failed show 4812"),
            ("forget", jobs.forget, "paranadctl failed forget 4812"),
            ("flush", jobs.flush, "paranadctl failed flush --queue default"),
        ),
    ),
    "jobs": (
        "Any job: list, show, cancel.",
        (
            ("list", jobs.list_jobs, "paranadctl jobs --state running"),
            ("show", jobs.show_job, "paranadctl jobs show 4812"),
            ("cancel", jobs.cancel_job, "paranadctl jobs cancel 4812"),
        ),
    ),
    "schedule": (
        "The schedule: last run, outcome, next run.",
        (
            ("list", schedule.list_entries, "paranadctl schedule"),
            ("next", schedule.next_instants, "paranadctl schedule next backup --count 10"),
            (
                "backfill",
                backfill.backfill,
                "paranadctl schedule backfill report --from 2027-03-01 --to 2027-03-14",
            ),
            ("run", schedule.run_entry, "paranadctl schedule run promotions:expire"),
            ("pause", pauses.pause_entry, "paranadctl schedule pause carts:expire --until 06:00"),
            ("resume", pauses.resume_entry, "paranadctl schedule resume carts:expire"),
            ("history", schedule.history, "paranadctl schedule history carts:expire --limit 100"),
        ),
    ),
    "shipments": (
        "What is not yet recorded, and your decision.",
        (
            ("list", shipments.list_shipments, "paranadctl shipments --state held"),
            ("show", shipments.show_shipment, "paranadctl shipments show 318"),
            ("settle", shipments.settle, "paranadctl shipments settle 318 --courier-id 1234567"),
            ("resend", shipments.resend, "paranadctl shipments resend 318"),
            ("reconcile", shipments.reconcile, "paranadctl shipments reconcile"),
        ),
    ),
    "alerts": (
        "What stands, how often told; mute a kind.",
        (
            ("list", alerts.list_alerts, "paranadctl alerts"),
            ("mute", alerts.mute, "paranadctl alerts mute shipment-held --for 2h"),
            ("unmute", alerts.unmute, "paranadctl alerts unmute shipment-held"),
        ),
    ),
    "courier": ("The courier's account.", (("test", trials.try_courier, "paranadctl courier test"),)),
    "alert": (
        "The alert command and the daily digest.",
        (
            ("test", trials.try_alert, "paranadctl alert test"),
            ("digest", trials.digest, "paranadctl alert digest --send"),
        ),
    ),
}

EVERYWHERE = "Every command takes --json, --socket PATH and --lang en|ar. " + exits.summary(exits.OF_PARANADCTL)
PLAIN: dict[str, Any] = {"rich_markup_mode": None, "add_completion": False, "pretty_exceptions_enable": False}
HELP = {"help_option_names": ["-h", "--help"]}
ANYTHING = {"ignore_unknown_options": True, "allow_extra_args": True}
LASTING = frozenset(exits.OF_PARANADCTL)
"""Exit codes of errors that paranadctl passes on; it ends with 1 for an error of any other code."""


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - slow to load, and needed here only

        typer.echo(f"paranadctl {version('paranad')}")
        raise typer.Exit


def known_language(text: str) -> str:
    """Read a language's name."""
    return one_of(KNOWN, text)


LANG = typer.Option(
    "--lang", metavar="LANG", parser=known_language, help="Language of the words: en or ar; else as LANG says."
)


def common(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the API answered.")] = False,
    socket: Annotated[str | None, typer.Option("--socket", metavar="PATH", help="The daemon's control socket.")] = None,
    lang: Annotated[str | None, LANG] = None,
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=show_version, help="Print the version.")
    ] = False,
) -> None:
    """Look after paranad: what runs, what failed, what to do about it."""
    context.obj = Session(partial(find_socket, socket, os.environ), as_json, spoken(lang, os.environ))


def build(pen: Pen | None = None) -> Any:
    """Return the program with all its commands, its help as *pen* writes."""
    app = typer.Typer(no_args_is_help=True, epilog=EVERYWHERE, context_settings=HELP, **PLAIN)
    app.callback()(common)
    declare(app, COMMANDS)
    for name, (summary, commands) in GROUPS.items():
        help_ = f"{summary} Alone: list." if name in artisan.LISTED else summary
        group = typer.Typer(name=name, help=help_, short_help=summary, **PLAIN)
        declare(group, commands)
        app.add_typer(group)
    for name, work in {
        "queue:work": daemon.old_worker,
        "queue:restart": artisan.queue_restart,
        **{name: artisan.elsewhere(group) for name, group in _only_below().items()},
    }.items():
        app.command(name, hidden=True, context_settings=ANYTHING)(work)
    program = typer.main.get_command(app)
    _hide_types(program)
    if pen and pen.language is Language.ARABIC:
        from paranad.cli.help import translate_help  # noqa: PLC0415 - only for those who read it

        translate_help(program, terminal=pen.terminal)
    return program


def declare(app: typer.Typer, commands: tuple[Command, ...]) -> None:
    """Add *commands* to *app*, each with its example below its help."""
    for name, work, example in commands:
        app.command(name, epilog=f"Example: {example}")(work)


def _only_below() -> dict[str, str]:
    """Return each command that only one group has, with the name of this group."""
    groups: dict[str, list[str]] = {}
    for group, (_, commands) in GROUPS.items():
        for name, _, _ in commands:
            groups.setdefault(name, []).append(group)
    taken = {name for name, _, _ in COMMANDS}
    return {name: found[0] for name, found in groups.items() if len(found) == 1 and name not in taken}


def _hide_types(command: Any) -> None:
    """Let --help name an argument without its type in Python, such as `<list[str]>`."""
    for param in command.params:
        if param.param_type_name == "argument":
            param.display_type_rich = lambda **_: None
    for below in getattr(command, "commands", {}).values():
        _hide_types(below)


def run(typed: Sequence[str]) -> int:
    """Run one command line; return the exit code, as the interface has it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    words = artisan.translate(typed)
    language = spoken(asked_for(words), os.environ)
    try:
        code = build(pen_for(sys.stdout, language, terminal=is_terminal(sys.stdout))).main(
            words, prog_name="paranadctl", standalone_mode=False
        )
    except ParanadError as error:
        from paranad.cli.problems import complain, of_option  # noqa: PLC0415 - only where something failed

        as_json = wants_json(words)  # then it is the API's own answer
        complain(error if as_json else of_option(error, words), language, as_json=as_json)
        return error.exit_code if error.exit_code in LASTING else exits.FAILED
    except (typer.TyperException, typer.Abort) as error:
        from paranad.cli.problems import complain_of_usage  # noqa: PLC0415 - only where something failed

        return complain_of_usage(error, language, as_json=wants_json(words))
    return code if isinstance(code, int) else exits.DONE
