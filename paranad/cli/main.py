"""The commands of paranadctl, declared together with an example each; their work is in a module for each group."""

import io
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from paranad.cli import admin, dispatch, failed, jobs, queues, schedule, shipments, status, sync
from paranad.cli.artisan import translate
from paranad.cli.render import Style
from paranad.cli.session import Session, tell
from paranad.cli.socket import find_socket
from paranad.cli.words import PROBLEMS
from paranad.control.client import ControlClient
from paranad.errors import ParanadError

Command = tuple[str, Callable[..., None], str]
"""Name, what does it (its docstring is the help), and an example."""

COMMANDS: tuple[Command, ...] = (
    ("status", status.status, "paranadctl status --watch"),
    ("sync", sync.sync, "paranadctl sync --status-id 4 --date-from 2026-03-01"),
    ("retry", failed.retry, "paranadctl retry all --task alwaseet:create-shipment"),
    ("dispatch", dispatch.dispatch, "paranadctl dispatch alwaseet:create-shipment order_id=12 --delay 90s"),
    ("run", dispatch.run, "paranadctl run carts:expire --dry-run"),
    ("pause", queues.pause, "paranadctl pause default"),
    ("resume", queues.resume, "paranadctl resume"),
    ("drain", queues.drain, "paranadctl drain"),
    ("backup", admin.backup, "paranadctl backup /var/backups/queue.db"),
    ("reload", admin.reload, "paranadctl reload"),
)

GROUPS: dict[str, tuple[str, tuple[Command, ...]]] = {
    "failed": (
        "Failed jobs, with error, traceback and attempts.",
        (
            ("list", failed.list_failed, "paranadctl failed --task carts:expire"),
            ("show", jobs.show_job, "paranadctl failed show 4812"),
            ("forget", failed.forget, "paranadctl failed forget 4812"),
            ("flush", failed.flush, "paranadctl failed flush --queue default"),
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
            ("run", schedule.run_entry, "paranadctl schedule run promotions:expire"),
            ("pause", schedule.pause_entry, "paranadctl schedule pause carts:expire"),
            ("resume", schedule.resume_entry, "paranadctl schedule resume carts:expire"),
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
}

EVERYWHERE = (
    "Every command takes --json and --socket PATH. "
    "Exit: 0 done, 1 it failed, 2 wrong usage, 3 no daemon, 4 no such thing, 5 not permitted."
)
PLAIN: dict[str, Any] = {"rich_markup_mode": None, "add_completion": False, "pretty_exceptions_enable": False}
LASTING = frozenset({2, 3, 4, 5})
"""Exit codes that mean here what they mean to the error's class; every other failure is 1."""


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - slow to load, and needed here only

        typer.echo(f"paranadctl {version('paranad')}")
        raise typer.Exit


def common(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the API answered.")] = False,
    socket: Annotated[str | None, typer.Option("--socket", metavar="PATH", help="The daemon's control socket.")] = None,
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=show_version, help="Print the version.")
    ] = False,
) -> None:
    """Look after paranad: what runs, what failed, what to do about it."""
    context.obj = Session(ControlClient(find_socket(socket, os.environ)), as_json)


def build() -> typer.Typer:
    """Return the program with all its commands."""
    app = typer.Typer(no_args_is_help=True, epilog=EVERYWHERE, **PLAIN)
    app.callback()(common)
    declare(app, COMMANDS)
    for name, (summary, commands) in GROUPS.items():
        group = typer.Typer(name=name, help=f"{summary} Alone: list.", short_help=summary, **PLAIN)
        declare(group, commands)
        app.add_typer(group)
    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    app.command("queue:work", hidden=True, context_settings=anything)(queues.old_worker)
    return app


def declare(app: typer.Typer, commands: tuple[Command, ...]) -> None:
    """Add *commands* to *app*, each with its example below its help."""
    for name, work, example in commands:
        app.command(name, epilog=f"Example: {example}")(work)


def main() -> None:
    """Run one command line; the exit status is the interface's."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        build()(translate(sys.argv[1:]), prog_name="paranadctl")
    except ParanadError as error:
        raise SystemExit(complain(error)) from None


def complain(error: ParanadError) -> int:
    """Say on standard error what went wrong and what to do; return the exit status."""
    for line in f"paranadctl: {error}".split("\n"):
        tell(sys.stderr, line, Style.BAD)
    if cure := PROBLEMS.get(error.kind):
        tell(sys.stderr, cure)
    return error.exit_code if error.exit_code in LASTING else 1
