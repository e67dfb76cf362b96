"""The daemon's log as values: the newest lines in the system's journal, asked by journalctl as the caller."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from paranad.cli.commands.logs import LEVELS, UNIT, journalctl
from paranad.errors import Unavailable
from paranad.said import Sentence

LINES = 100
"""How many lines are read where no number is named."""
PATIENCE_S = 10.0
FIELDS = ("MESSAGE", "PRIORITY", "PARANAD_JOB_ID", "PARANAD_ORDER_ID", "PARANAD_TASK")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PRIORITIES = {7: "debug", 6: "info", 5: "info", 4: "warning"}
"""Levels by syslog's numbers; a lower number is an error."""

JOURNAL_SLOW = Sentence(
    "daemon.journal_slow", "the journal did not answer within {seconds:g} s; ask for less: a job, a task, a later time"
)
JOURNAL_REFUSED = Sentence("daemon.journal_refused", "journalctl does not do that: {detail}")


class Entry(NamedTuple):
    """One line of the log."""

    at: datetime
    level: str
    message: str
    job_id: str | None
    order_id: str | None


class Asked(NamedTuple):
    """Which lines are wanted; None: any."""

    level: str | None = None
    """The lowest, by the daemon's name."""
    since: str | None = None
    """As journalctl takes it."""
    task: str | None = None
    job: int | None = None
    order: int | None = None
    lines: int = LINES
    """At most so many, the newest."""


def read(asked: Asked) -> list[Entry]:
    """Return lines of the daemon's log, the newest first.

    Raises:
        JournalMissing: this machine keeps no journal.
        JournalNotReadable: it is not for this user.
        Unavailable: journalctl refuses, or takes too long.
    """
    words = [journalctl(), f"--unit={UNIT}", "--output=json", "--all", "--no-pager", "--quiet", "--reverse"]
    words += [f"--lines={asked.lines}", f"--output-fields={','.join(FIELDS)}"]
    words += [f"--priority={LEVELS[asked.level]}"] if asked.level else []
    words += [f"--since={asked.since}"] if asked.since else []
    words += [f"PARANAD_TASK={asked.task}"] if asked.task else []
    words += [f"PARANAD_JOB_ID={asked.job}"] if asked.job else []
    words += [f"PARANAD_ORDER_ID={asked.order}"] if asked.order else []
    return list(entries_in(_run(words)))


def whole(unit: str, lines: int) -> list[dict[str, Any]]:
    """Return the newest *lines* of the *unit*, the oldest first, each with all its fields as journalctl has them.

    Raises:
        JournalMissing: this machine keeps no journal.
        JournalNotReadable: it is not for this user.
        Unavailable: journalctl refuses, or takes too long.
    """
    words = [journalctl(), f"--unit={unit}", "--output=json", "--all", "--no-pager", "--quiet", f"--lines={lines}"]
    return list(_documents(_run(words)))


def _documents(output: str) -> Iterator[dict[str, Any]]:
    for line in output.splitlines():
        with suppress(ValueError):
            found = json.loads(line)
            if isinstance(found, dict):
                yield found


def _run(words: list[str]) -> str:
    environ = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and each word is one
            words, capture_output=True, timeout=PATIENCE_S, check=False, env=environ, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(JOURNAL_SLOW(seconds=PATIENCE_S)) from None
    if done.returncode:
        detail = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise Unavailable(JOURNAL_REFUSED(detail=detail or str(done.returncode)))
    return done.stdout.decode("utf-8", "replace")


def entries_in(output: str) -> Iterator[Entry]:
    """Yield the entries of journalctl's JSON, a line each; a line that is none is left out."""
    for found in _documents(output):
        with suppress(ValueError, TypeError, KeyError, OverflowError):
            yield Entry(
                instant(found),
                level_of(found),
                text_of(found.get("MESSAGE")),
                found.get("PARANAD_JOB_ID"),
                found.get("PARANAD_ORDER_ID"),
            )


def instant(found: dict[str, Any]) -> datetime:
    """Return when a line was written.

    Raises:
        ValueError, TypeError, KeyError, OverflowError: it does not say so.
    """
    return EPOCH + timedelta(microseconds=int(found["__REALTIME_TIMESTAMP"]))


def level_of(found: dict[str, Any]) -> str:
    """Return the daemon's name of a line's level.

    Raises:
        ValueError, TypeError: it has none.
    """
    return PRIORITIES.get(int(found.get("PRIORITY", 6)), "error")


def text_of(value: Any) -> str:
    """Return a field's text; journalctl gives one that is not plain text as a list of its bytes."""
    if isinstance(value, list) and all(isinstance(byte, int) and 0 <= byte <= 255 for byte in value):
        return bytes(value).decode("utf-8", "replace")
    return value if isinstance(value, str) else ""
