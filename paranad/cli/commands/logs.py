"""`paranadctl logs`: the journal, filtered by the daemon's own fields."""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from paranad.cli.options import OrderFilter, one_of, positive, quoted
from paranad.cli.parsing import Misuse, Option
from paranad.cli.session import Session
from paranad.errors import JournalMissing, JournalNotReadable
from paranad.said import Sentence

UNIT = "paranad.service"
LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "error": "err"}
"""Levels by the daemon's names, with the names that journalctl has for them."""
FOLDERS = (Path("/var/log/journal"), Path("/run/log/journal"))
"""Where a journal outlives a restart of the machine, and where it does not."""

NOT_SINCE = Sentence(
    "usage.not_since",
    "expected how long ago (90s, 2h), a time (2026-03-01 14:00, 14:00), today or yesterday, got {got}",
)
NO_JOURNALCTL = Sentence(
    "daemon.no_journalctl", "there is no journalctl on this machine; the daemon's log is where its standard error goes"
)
NO_JOURNAL = Sentence(
    "daemon.no_journal",
    "{kept} and {lost} hold no journal: systemd-journald does not run here; "
    "the daemon's log is where its standard error goes",
)
JOURNAL_NOT_READABLE = Sentence(
    "daemon.journal_not_readable",
    "you may not read the system's journal; use sudo, or let root add you to its readers and log in again: "
    "usermod -aG systemd-journal USER",
)

AGO = re.compile(r"(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:\d+ms)?")
"""How long ago: its groups are days, hours, minutes and seconds."""
_TODAY = re.compile(r"today|yesterday|(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?")


def level(text: str) -> str:
    """Read a level."""
    return one_of(tuple(LEVELS), text)


def since(text: str) -> str:
    """Read where the log is to begin, and return it in the form that journalctl takes."""
    if AGO.fullmatch(text):
        return f"-{text}"
    if _TODAY.fullmatch(text):
        return text
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Misuse(NOT_SINCE(got=quoted(text))) from None
    # journalctl of Debian 12 reads no offset; without one it takes the machine's wall clock, as it shows it.
    return f"{instant:%Y-%m-%d %H:%M:%S}" if instant.tzinfo is None else f"{instant.astimezone(UTC):%F %T} UTC"


Follow = Annotated[bool, Option("-f, --follow", "Go on with what comes, until Ctrl-C.")]
JobFilter = Annotated[int | None, Option("--job ID", "Only about this job.", positive)]
AboutTask = Annotated[str | None, Option("--task TASK", "Only about jobs of this task.")]
LevelFilter = Annotated[str | None, Option("--level LEVEL", f"From {', '.join(LEVELS)} upwards.", level)]
Since = Annotated[
    str | None,
    Option("--since TIME", 'Such as 2h, "2026-03-01 14:00", 14:00, yesterday; by the clock of this machine.', since),
]


def logs(
    session: Session,
    *,
    follow: Follow = False,
    job: JobFilter = None,
    order: OrderFilter = None,
    task: AboutTask = None,
    at_least: LevelFilter = None,
    from_: Since = None,
) -> None:
    """Show the log that the daemon keeps in the system's journal."""
    program = journalctl()
    words = [program, f"--unit={UNIT}", "--no-hostname"]
    words += ["--output=json", "--all"] if session.as_json else []
    words += ["--follow"] if follow else []
    words += [f"--priority={LEVELS[at_least]}"] if at_least else []
    words += [f"--since={from_}"] if from_ else []
    words += [f"PARANAD_JOB_ID={job}"] if job else []
    words += [f"PARANAD_ORDER_ID={order}"] if order else []
    words += [f"PARANAD_TASK={task}"] if task else []
    sys.stdout.flush()
    os.execv(program, words)  # noqa: S606 - journalctl takes this process's place: its pager, its Ctrl-C, its status


def journalctl() -> str:
    """Return the program that reads the system's journal, if the caller can see anything of it.

    Raises:
        JournalMissing: there is no such program, or nothing is kept.
        JournalNotReadable: it is not for this user.
    """
    program = shutil.which("journalctl")
    if program is None:
        raise JournalMissing(NO_JOURNALCTL())
    files = list(journal_files())
    if not files:
        raise JournalMissing(NO_JOURNAL(kept=str(FOLDERS[0]), lost=str(FOLDERS[1])))
    if not any(os.access(file, os.R_OK) for file in files):
        raise JournalNotReadable(JOURNAL_NOT_READABLE())
    return program


def journal_files() -> Iterator[Path]:
    """Return the files of the system's journal, not those of its users."""
    for folder in FOLDERS:
        yield from folder.glob("*/system*.journal")
