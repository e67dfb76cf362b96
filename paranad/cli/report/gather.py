"""What goes into a report: the daemon's answers, the machine, the log; each by itself, so that one may be missing."""

import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from paranad.cli.commands import journal
from paranad.cli.doctor.command import findings
from paranad.cli.doctor.machine import ASKED_S, asked
from paranad.cli.report.fields import Json, document, figures, setting
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.words import said_words
from paranad.control.client import ControlClient, unreachable
from paranad.errors import DaemonUnreachable, NotFound, ParanadError, Unavailable
from paranad.said import Sentence

ITEMS = 100
"""At most so many of each list, as the API gives them at once."""
JOBS = 25
"""At most so many failed jobs, and as many that wait for another try, each with its attempts."""
RUNS = 20
"""At most so many runs of each entry."""
LINES = 2000
"""At most so many lines of the log of each service."""
ANSWER_S = 20.0
"""How long one answer may take: a first look at the parcels of a big shop takes most of it."""
ANSWERS_S = 60.0
"""How long all of them may take but the doctor's."""
DOCTOR_S = 90.0
"""The doctor may take a minute."""
SERVICES = ("paranad", "paranad-web", "paranad-metrics", "paranad-php")
UNITS = (*(f"{name}.service" for name in SERVICES), "paranad-metrics.timer", "paranad-php.path")
STANDING = "LoadState,UnitFileState,ActiveState,SubState,Result,ExecMainStatus,NRestarts,MemoryCurrent,MemoryPeak"
"""What is asked of each unit."""
OWN = "PARANAD_"
"""Before the names of the daemon's own fields in the journal."""

NO_CHECK = Sentence("report.no_check", "`paranad check --json` did not answer: {detail}")


class Part(NamedTuple):
    """One file of the report."""

    name: str
    holds: Phrase
    text: str


class Missing(NamedTuple):
    """One file that the report lacks."""

    name: str
    reason: Text


@dataclass
class Report:
    """What was gathered so far, and what could not be."""

    parts: list[Part] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)

    def add(self, name: str, holds: Phrase, make: Callable[[], Json]) -> None:
        """Add the answer of *make*, as JSON or as the text that it is; if there is none, why."""
        try:
            made = make()
        except ParanadError as error:
            self.missing.append(Missing(name, said_words(error.said)))
        else:
            text = made if isinstance(made, str) else f"{json.dumps(made, ensure_ascii=False, indent=1)}\n"
            self.parts.append(Part(name, holds, text))


class Asking:
    """Asks the daemon for all that a report holds; of one that hangs no more after its first answer that did not come.

    Raises:
        ParanadError: as `ControlClient` says; the same again once the daemon did not answer in time.
    """

    def __init__(self, client: ControlClient, now: Callable[[], datetime]) -> None:
        self.client = client
        self.now = now
        self.left = timedelta(seconds=ANSWERS_S)
        self.hangs: ParanadError | None = None

    def get(self, *path: str | int, **query: str | int | None) -> Json:
        """Read `/v1/…`."""
        with self._counted():
            return self.client.get(*path, **query)

    def metrics(self) -> str:
        """Return the figures for a monitor."""
        with self._counted():
            return self.client.metrics()

    def doctor(self) -> list[Json]:
        """Return what the daemon's doctor finds."""
        with self._within(DOCTOR_S):
            return list(self.client.get("doctor")["items"])

    @contextmanager
    def _counted(self) -> Iterator[None]:
        began = self.now()
        try:
            with self._within(min(ANSWER_S, self.left.total_seconds())):
                yield
        finally:
            self.left -= self.now() - began

    @contextmanager
    def _within(self, limit_s: float) -> Iterator[None]:
        if limit_s <= 0:
            self.hangs = self.hangs or unreachable(self.client.path, TimeoutError())
        if self.hangs:
            raise self.hangs
        self.client.timeout_s = limit_s
        try:
            yield
        except DaemonUnreachable as error:
            self.hangs = error if isinstance(error.__cause__, TimeoutError) else None
            raise


def gather(asked: ControlClient, now: Callable[[], datetime]) -> Report:
    """Return all that can be had now, already without what must not be shown; it takes some seconds."""
    report, client = Report(), Asking(asked, now)
    report.add("versions.json", say("what runs here, in which version"), versions)
    report.add("units.json", say("how systemd sees each unit"), units)
    report.add("status.json", say("the status"), lambda: document(client.get("status")))
    report.add("doctor.json", say("what the doctor finds"), lambda: doctor(client))
    report.add("configuration.json", say("keys that are not at their default"), lambda: configuration(client))
    report.add("alerts.json", say("alerts that stand"), lambda: document(client.get("alerts", limit=ITEMS)))
    report.add("jobs.json", say("failed jobs, and those to be tried again, with their attempts"), lambda: jobs(client))
    report.add("runs.json", say("the last runs of each schedule entry"), lambda: runs(client))
    report.add("shipments.json", say("shipments that are not recorded"), lambda: _list(client, "shipments"))
    report.add("orders.json", say("orders without a shipment, by number"), lambda: _list(client, "orders", "1"))
    report.add("parcels.json", say("parcels that need a person, by order number"), lambda: _list(client, "parcels"))
    report.add("metrics.prom", say("the figures for a monitor"), lambda: figures(client.metrics()))
    for name in SERVICES:
        report.add(f"log/{name}.jsonl", say("the last lines of the log"), partial(log, name))
    return report


def doctor(client: Asking) -> Json:
    """Return what the doctor finds, with the daemon or without it."""
    return document({"items": findings(client.doctor)})


def _list(client: Asking, name: str, without_shipment: str | None = None) -> Json:
    return document(client.get(name, limit=ITEMS, without_shipment=without_shipment))


def configuration(client: Asking) -> Json:
    """Return the keys in force that are not at their default; of a daemon that is down those of the file.

    Raises:
        Unavailable: neither can be had.
    """
    try:
        answer, whose = client.get("configuration"), "in force"
    except ParanadError:
        answer, whose = _checked(), "read now, by whoever made this report"
    told = document({"sources": answer["sources"], "problems": answer.get("problems", [])})
    return {"these_are": whose, "items": [setting(item) for item in answer["items"]], **told}


def _checked() -> Json:
    """Let `paranad check` read the configuration: this process sees nothing of the daemon's code."""
    check = [sys.executable, "-P", "-m", "paranad", "check", "--json"]  # -P: what lies in the current folder is not run
    try:
        ran = subprocess.run(check, capture_output=True, text=True, timeout=ASKED_S, check=False)  # noqa: S603 - our own
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(NO_CHECK(detail=type(error).__name__)) from error
    try:
        return json.loads(ran.stdout)
    except ValueError:
        raise Unavailable(NO_CHECK(detail=ran.stderr.strip().partition("\n")[0])) from None


def jobs(client: Asking) -> Json:
    """Return the newest failed jobs and those that wait for another try, each with its attempts."""
    listed = [job for state in ("failed", "retryable") for job in client.get("jobs", state=state, limit=JOBS)["items"]]
    found = []
    for job in listed:
        with suppress(NotFound):  # it was pruned or forgotten meanwhile
            found.append(document(client.get("jobs", job["id"])))
    return found


def runs(client: Asking) -> Json:
    """Return the last runs of each entry."""
    names = [entry["name"] for entry in client.get("status")["schedule"]]
    histories = {name: client.get("schedule", name, "history", limit=RUNS)["items"] for name in names}
    return [document({"entry": name, "items": history}) for name, history in histories.items()]


def versions() -> Json:
    """Return the versions of paranad, of what it stands on, and of the machine; not the machine's name."""
    needed = [each for each in metadata.requires("paranad") or () if "extra" not in each]
    libraries = {name: _version(name) for name in (re.split(r"[^\w.-]", each, maxsplit=1)[0] for each in needed)}
    system = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
    return {
        "paranad": metadata.version("paranad"),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": system.get("PRETTY_NAME", platform.system()),
        "kernel": f"{platform.release()} {platform.machine()}",
        "systemd": asked("systemctl", "--version").partition("\n")[0],
        "processors": os.cpu_count(),
        "libraries": libraries,
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def units() -> Json:
    """Return how systemd sees each unit of paranad; nothing of any where there is no systemd."""
    shown = {unit: asked("systemctl", "show", unit, f"--property={STANDING}") for unit in UNITS}
    return {unit: dict(line.split("=", 1) for line in text.splitlines() if "=" in line) for unit, text in shown.items()}


def log(name: str) -> str:
    """Return the newest lines of a service's log, an object a line.

    Raises:
        JournalMissing, JournalNotReadable, Unavailable: it cannot be read.
    """
    lines = []
    for found in journal.whole(f"{name}.service", LINES):
        with suppress(ValueError, TypeError, KeyError, OverflowError):  # it is no line of a journal
            lines.append(json.dumps(document(dict(fields_in(found))), ensure_ascii=False))
    return "".join(f"{line}\n" for line in lines)


def fields_in(line: Json) -> Iterator[tuple[str, Json]]:
    """Yield the fields of a journal line: the daemon's own by their names, of any other line its message."""
    yield "at", journal.instant(line).isoformat()
    yield "level", journal.level_of(line)
    own = {name: value for name, value in line.items() if name.startswith(OWN) and name != f"{OWN}TIMESTAMP"}
    for name, value in (own or {"MESSAGE": line.get("MESSAGE")}).items():
        yield name.removeprefix(OWN).lower(), journal.text_of(value)
