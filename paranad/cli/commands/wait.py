"""Waiting for jobs: the event stream tells when one has ended, so nothing is polled; a restart is outlived."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.screen.times import moment
from paranad.cli.session import Json, Session, is_terminal
from paranad.cli.words import fact_words
from paranad.control.client import ControlClient
from paranad.errors import DaemonUnreachable, Unavailable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

FINISHED = frozenset({"completed", "failed", "cancelled"})
ENDINGS = frozenset({"job.completed", "job.failed", "job.cancelled", "job.took_daemon_down", "job.forgotten"})
DELAYS_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 10.0, 10.0, 10.0, 10.0)
"""Pauses before each new try to reach a daemon that went away, about a minute in all."""
INTERRUPTED = 130
"""Exit status after Ctrl-C, as a shell has it."""


class Bars:
    """Says how far each job is, where standard error is a terminal; else only what a person must know."""

    def __init__(self, session: Session, progress: "Progress | None") -> None:
        self.session, self.progress = session, progress
        self.bars: dict[int, TaskID] = {}
        self.noted: list[Phrase] = []
        self.zone: tzinfo | None = None
        """The configured zone's offset, as answers have it; events tell their instants in UTC."""

    def start(self, job_id: int, what: Text) -> None:
        if self.progress is not None:
            self.bars[job_id] = self.progress.add_task(self.session.aside(what), total=None)

    def move(self, job_id: int, done: int, total: int | None) -> None:
        if self.progress is not None:
            self.progress.update(self.bars[job_id], completed=done, total=total)

    def note(self, text: Text) -> None:
        if self.progress is not None:
            self.progress.console.print(self.session.aside(text))
        else:
            self.session.note(text)

    def note_once(self, text: Phrase) -> None:
        if text not in self.noted:
            self.noted.append(text)
            self.note(text)

    def when(self, instant: str) -> Text:
        return moment(datetime.fromisoformat(instant).astimezone(self.zone).isoformat(), self.session.now())


@contextmanager
def bars(session: Session) -> Iterator[Bars]:
    """Show progress on standard error while the block runs; nothing is left of it afterwards."""
    if session.as_json or not is_terminal(session.err):
        yield Bars(session, None)
        return
    from rich.console import Console  # noqa: PLC0415 - heavy, and needed on a terminal only
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    console = Console(file=session.err, highlight=False, markup=False, emoji=False)
    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        yield Bars(session, progress)


def wait(session: Session, jobs: Sequence[tuple[int, Text]]) -> list[Json]:
    """Return the finished jobs, in order, once all have ended; *jobs* are ids with what to call them.

    Raises:
        DaemonUnreachable: it went away and did not come back within a minute.
        NotFound: somebody deleted the job.
        SystemExit: the person pressed Ctrl-C; the jobs go on.
    """
    ended: dict[int, Json] = {}
    try:
        with bars(session) as shown:
            for job_id, what in jobs:
                shown.start(job_id, what)
            _follow_through(session.client, [job_id for job_id, _ in jobs], ended, shown)
    except KeyboardInterrupt:
        for job_id, what in jobs:
            if job_id not in ended:
                session.note(
                    say("{what} goes on as job {id}; see it with: paranadctl jobs show {id}", what=what, id=job_id)
                )
        raise SystemExit(INTERRUPTED) from None
    return [ended[job_id] for job_id, _ in jobs]


def _follow_through(client: ControlClient, ids: Sequence[int], ended: dict[int, Json], shown: Bars) -> None:
    """Follow the event stream until every job has ended, again and again where the daemon goes away."""
    failures = 0
    while len(ended) < len(set(ids)):
        try:
            _follow(client, ids, ended, shown)
            failures = 0
        except (DaemonUnreachable, Unavailable):
            if failures == len(DELAYS_S):
                raise
            if not failures:
                shown.note(say("the daemon is away; its jobs are kept, waiting for it to come back"))
            failures += 1
        if len(ended) < len(set(ids)):
            time.sleep(DELAYS_S[max(failures - 1, 0)])


def _follow(client: ControlClient, ids: Sequence[int], ended: dict[int, Json], shown: Bars) -> None:
    """Fill *ended* until it holds every job or the stream ends."""
    with client.events() as events:
        for job_id in ids:
            _look(client, job_id, ended, shown)
        if len(ended) == len(set(ids)):
            return
        for event in events:
            if event.get("job_id") in ids and event["job_id"] not in ended:
                _take(client, event, ended, shown)
                if len(ended) == len(set(ids)):
                    return


def _look(client: ControlClient, job_id: int, ended: dict[int, Json], shown: Bars) -> None:
    job = client.get("jobs", job_id)
    shown.zone = datetime.fromisoformat(job["created_at"]).tzinfo
    if job["state"] in FINISHED:
        ended[job_id] = job
    elif job["state"] == "scheduled" and datetime.fromisoformat(job["due_at"]) > shown.session.now():
        shown.note_once(say("job {id} waits and is due {at}", id=job_id, at=shown.when(job["due_at"])))


def _take(client: ControlClient, event: dict[str, Any], ended: dict[int, Json], shown: Bars) -> None:
    job_id = event["job_id"]
    match event["event"]:
        case "job.progressed":
            shown.move(job_id, event["done"], event.get("total"))
        case "job.snoozed":
            at, reason = shown.when(event["until"]), _why(client, event, "reason")
            shown.note(say("job {id} waits, next {at}: {reason}", id=job_id, at=at, reason=reason))
        case "job.attempt_failed":
            at, error = shown.when(event["retry_at"]), _why(client, event, "error")
            shown.note(say("job {id} failed and is tried again {at}: {error}", id=job_id, at=at, error=error))
        case name if name in ENDINGS:
            _look(client, job_id, ended, shown)


def _why(client: ControlClient, event: dict[str, Any], field: str) -> Text:
    """Return why an attempt ended so: as its row states it by a code; an event has the English alone."""
    attempts = client.get("jobs", event["job_id"])["attempts"]
    ended = next((each for each in attempts if each["number"] == event.get("attempt")), None)
    return fact_words(ended, "error") if ended else str(event[field])
