"""run, check, demo: arguments, then one import, so that --help starts nothing of the daemon."""

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from paranad import exits
from paranad.errors import ConfigurationError, ParanadError, WrongSetting
from paranad.lean import loading
from paranad.places import DEFAULT_CONFIG, config_file

if TYPE_CHECKING:
    from paranad.configuration.settings import Settings
    from paranad.schedule.entries import Entry

EXIT_CODES = f"exit codes:\n{exits.table(exits.OF_PARANAD)}"
NOT_ASKED = "the shop and the courier are not asked: `paranadctl doctor` asks them, once the daemon runs"


class ShowVersion(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        sys.stdout.write(f"paranad {metadata.version('paranad')}\n")
        parser.exit()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return the exit code; the lines of an error go to standard error."""
    asked = _parser().parse_args(_plain(sys.argv[1:] if arguments is None else arguments))
    try:
        return int(asked.work(asked))
    except ParanadError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


def _plain(words: Sequence[str]) -> Sequence[str]:
    """Return *words* with `help` and `version`, which people type, as the options of the same names."""
    match words:
        case ["help", *rest]:
            return [*rest, "--help"]
        case ["version"]:
            return ["--version"]
        case _:
            return words


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "paranad",
        description="One daemon for the shop's background work. Operators talk to it with paranadctl.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=ShowVersion, nargs=0, help="print the version")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands)
    _add_check(commands)
    _add_demo(commands)
    return parser


Commands = argparse._SubParsersAction  # noqa: SLF001 -- argparse names it nowhere else


def _add_run(commands: "Commands[argparse.ArgumentParser]") -> None:
    command = _add(commands, "run", "the daemon, in the foreground", _run)
    _add_config(command)
    command.add_argument(
        "--new-state", action="store_true", help="begin with an empty queue where queue.db is gone; else without effect"
    )


def _add_check(commands: "Commands[argparse.ArgumentParser]") -> None:
    command = _add(commands, "check", "report every problem of the configuration; exit code 0 or 78", _check)
    _add_config(command)
    command.add_argument(
        "--json", action="store_true", help="print the problems and the keys that are set as JSON, without secrets"
    )


def _add_demo(commands: "Commands[argparse.ArgumentParser]") -> None:
    command = _add(commands, "demo", "the whole system on an embedded shop and a courier sandbox", _demo)
    command.add_argument("--dir", type=Path, metavar="DIR", help="a new or empty folder for its files")
    command.add_argument(
        "--once", action="store_true", help="exit 0 when every order has its shipment and every task has run once"
    )


def _add(
    commands: "Commands[argparse.ArgumentParser]", name: str, does: str, work: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.", allow_abbrev=False)
    command.set_defaults(work=work)
    return command


def _add_config(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--config", type=Path, metavar="FILE", help=f"configuration file (default: {DEFAULT_CONFIG}; PARANAD_CONFIG)"
    )


def _run(asked: argparse.Namespace) -> int:
    with loading():
        from paranad.configured import load  # noqa: PLC0415 -- not for --help

        again = partial(load, asked.config, os.environ)
        read = again().usable(starting=True)
        gc.freeze()  # the libraries for the most part, in which `loaded` need not look for garbage
        from paranad.life import run  # noqa: PLC0415 -- not before the configuration is good

        return run(read, again, new_state=asked.new_state)


def _check(asked: argparse.Namespace) -> int:
    from paranad.configuration.addresses import DATABASE_KEY  # noqa: PLC0415 -- not for --help
    from paranad.configured import load  # noqa: PLC0415 -- not for --help

    read = load(asked.config, os.environ, look_for_credentials=True)
    unseen = not read.settings.shop.database_url and _is_credential(config_file(os.environ, asked.config).absolute())
    problems = [problem for problem in read.problems if not (unseen and problem.key == DATABASE_KEY)]
    if asked.json:
        sys.stdout.write(_document(read.settings, problems))
        return ConfigurationError.exit_code if problems else exits.DONE
    if problems:
        raise ConfigurationError(problems)
    if unseen:
        sys.stdout.write(f"{DATABASE_KEY} is a credential, which the service alone sees: it is not checked here\n")
    lines = [
        "configuration is good",
        *_sources(read.settings.sources),
        *_schedule(read.entries, read.settings.timezone),
        NOT_ASKED,
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _document(settings: "Settings", problems: Sequence[WrongSetting]) -> str:
    """Return what `--json` prints."""
    from paranad.configuration.shown import shown  # noqa: PLC0415 -- not for --help

    told = {
        "problems": [asdict(each) for each in problems],
        "items": [each._asdict() for each in shown(settings)],
        "sources": settings.sources,
    }
    return f"{json.dumps(told, ensure_ascii=False)}\n"


def _schedule(entries: Sequence["Entry"], zone: str) -> Iterator[str]:
    """Yield when each entry is due next, by the clock of its own zone, which is named where it is not *zone*."""
    from paranad.clock import SystemClock  # noqa: PLC0415 -- not for --help

    now, width = SystemClock().now(), max((len(entry.name) for entry in entries), default=0)
    yield f"the schedule, by the clock of {zone}:"
    for entry in entries:
        at = entry.cron.next(now).astimezone(entry.cron.zone)
        due = f"next {at:%Y-%m-%d %H:%M}" if entry.enabled else "disabled"
        own_zone = f", {entry.cron.zone.key}" if entry.cron.zone.key != zone else ""
        yield f"  {entry.name:<{width}}  {due:<21}  {entry.cron.words}{own_zone}"


def _is_credential(config: Path) -> bool:
    """Tell whether only the service can read the shop's address, from a credential beside the file *config*."""
    from paranad.configuration.sources import credential_file  # noqa: PLC0415 -- not for --help

    if "CREDENTIALS_DIRECTORY" in os.environ:  # this is the service, and sees what it is given
        return False
    try:
        file = credential_file(config.parent, ("shop", "database_url"))
        return file.exists() and not os.access(file, os.R_OK)
    except PermissionError:  # the folder may not be listed, so there may well be one
        return True


def _sources(names: Sequence[str]) -> Iterator[str]:
    if not any(name.endswith(".toml") for name in names):
        yield f"{DEFAULT_CONFIG} does not exist"
    for name in names:
        yield f"read from {name}"


def _demo(asked: argparse.Namespace) -> int:
    from paranad.demo.main import main as demo  # noqa: PLC0415 -- not for --help

    return demo(asked.dir, asked.once)
