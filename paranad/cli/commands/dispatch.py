"""`paranadctl dispatch`, `run` and `sync`: enqueue jobs and wait for their end; try a task and change nothing."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Annotated, Any

from paranad.cli.commands.jobs import advice_words
from paranad.cli.options import ENDED_STATES, Arguments, TaskName, day, positive, read_arguments, read_delay
from paranad.cli.parsing import Misuse, Option
from paranad.cli.results import brief, reasons, result_words
from paranad.cli.screen.blocks import Block, Line, Style
from paranad.cli.screen.say import Phrase, Text, say
from paranad.cli.screen.times import between, moment
from paranad.cli.session import Json, Session, is_terminal
from paranad.cli.words import fact_words
from paranad.control.client import ControlClient
from paranad.errors import DaemonUnreachable, NotFound, Unavailable
from paranad.said import Sentence

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

ENDINGS = frozenset({"job.completed", "job.failed", "job.cancelled", "job.took_daemon_down", "job.forgotten"})
DELAYS_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 10.0, 10.0, 10.0, 10.0)
"""Pauses before each new try to reach a daemon that went away, about a minute in all."""
TASK_PAUSED = "job {id} waits: {task} is paused; go on with: paranadctl resume {task}"
INTERRUPTED = 130
"""Exit status after Ctrl-C, as a shell has it."""


class Bars:
    """Shows how far each job is if standard error is a terminal; if it is none, only the notes."""

    def __init__(self, session: Session, progress: "Progress | None") -> None:
        self.session, self.progress = session, progress
        self.bars: dict[int, TaskID] = {}
        self.noted: list[Phrase] = []
        self.zone: tzinfo | None = None
        """The offset of the configured zone, which answers use; events have their instants in UTC."""

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
    """Show progress on standard error while the block runs, and remove it from the terminal at the end."""
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
    """Follow the event stream until every job has ended; open it again if the daemon goes away."""
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
    if job["state"] in ENDED_STATES:
        ended[job_id] = job
    elif job["state"] == "scheduled" and datetime.fromisoformat(job["due_at"]) > shown.session.now():
        shown.note_once(say("job {id} waits and is due {at}", id=job_id, at=shown.when(job["due_at"])))
    elif job["state"] == "available" and job["task"] in _paused(client):
        shown.note_once(say(TASK_PAUSED, id=job_id, task=job["task"]))


def _paused(client: ControlClient) -> set[str]:
    """Return the paused tasks; none for a daemon of an earlier version."""
    try:
        return {task["name"] for task in client.get("tasks")["items"] if task["paused"]}
    except NotFound:
        return set()


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
    """Return why an attempt ended: the fact in the attempt's row, since the event has only its English."""
    attempts = client.get("jobs", event["job_id"])["attempts"]
    ended = next((each for each in attempts if each["number"] == event.get("attempt")), None)
    return fact_words(ended, "error") if ended else str(event[field])


DRY_RUN_S = 900.0
"""How long a dry run may take: longer than any task's timeout."""

DISPATCH_QUEUE = Option("--queue QUEUE", "Not the task's own queue.")
DELAY = Option("--delay DELAY", "Seconds, or a text such as 90s or 2h; 30 days at most.")
WAIT = Option("--wait", "Wait until it has ended.")
DRY_RUN = Option("--dry-run", "Show what it would touch or send, and do neither.")


def dispatch(
    session: Session,
    task: TaskName,
    arguments: Arguments = None,
    *,
    queue: Annotated[str | None, DISPATCH_QUEUE] = None,
    delay: Annotated[str | None, DELAY] = None,
    wait_for_it: Annotated[bool, WAIT] = False,
) -> None:
    """Enqueue one job; print its id."""
    asked = {"task": task, "args": read_arguments(arguments), "queue": queue, "delay": read_delay(delay)}
    answer = session.client.post("jobs", body={name: value for name, value in asked.items() if value is not None})
    if not wait_for_it:
        session.answer(answer, dispatched_words)
        return
    finish(session, [(answer["id"], task)])


def run(
    session: Session, task: TaskName, arguments: Arguments = None, dry_run: Annotated[bool, DRY_RUN] = False
) -> None:
    """Run a task now; print its result in words."""
    args = read_arguments(arguments)
    if dry_run:
        answer = session.client.post("tasks", task, "dry-run", body={"args": args}, timeout_s=DRY_RUN_S)
        session.answer(answer, dry_run_words)
        return
    job = session.client.post("jobs", body={"task": task, "args": args})
    if job["duplicate"]:
        session.note(say("joined job {id}, which already does it", id=job["id"]))
    finish(session, [(job["id"], task)])


def finish(session: Session, jobs: Sequence[tuple[int, Text]]) -> None:
    """Wait for *jobs*, ids with what to call them, and print how each ended; exit 1 unless all completed."""
    ended = wait(session, jobs)
    for job in ended:
        session.answer(job, ended_words)
    if any(job["state"] != "completed" for job in ended):
        raise SystemExit(1)


def enqueued_words(job: Json) -> Phrase:
    """Return the id of the job, and whether the request enqueued it or joined it."""
    return say("job {id} already does it" if job["duplicate"] else "job {id} is enqueued", id=job["id"])


def dispatched_words(job: Json) -> Iterator[Line]:
    """Yield what became of a request, and why the job does not run yet if its program is missing."""
    yield Line(enqueued_words(job))
    if job.get("waits"):
        yield Line(fact_words(job, "waits"), Style.WARN)


def dry_run_words(answer: Json) -> Iterator[Block]:
    """Yield the answer of a dry run: what the task would have done."""
    done = say("{task} would have done this; nothing was changed and nothing sent", task=answer["task"])
    yield Line(done, Style.WARN)
    yield from result_words(answer["result"])


def ended_words(job: Json) -> Iterator[Block]:
    """Yield how a job ended: its result, or its error with the likely cause and the cure."""
    match job["state"]:
        case "completed":
            took = between(job["started_at"], job["finished_at"])
            done = say("{task} is done: job {id}, {took}", task=job["task"], id=job["id"], took=took)
            yield Line(done, Style.GOOD)
            result, is_cut = brief(job["result"])
            yield from result_words(result)
            if is_cut:
                yield Line(say("only the end of the output; more: paranadctl jobs show {id}", id=job["id"]))
        case "failed":
            failed = say(
                "{task} failed: job {id}: {error}", task=job["task"], id=job["id"], error=fact_words(job, "error")
            )
            yield Line(failed, Style.BAD)
            yield from advice_words(job)
        case _:
            yield Line(say("{task} was cancelled: job {id}", task=job["task"], id=job["id"]), Style.WARN)


DATES_REVERSED = Sentence("usage.dates_reversed", "{since} lies after --date-to {until}")
STATUS_ID = Option("--status-id N", "Only this courier status; may be given again.", positive, several=True)
DATE_FROM = Option("--date-from DAY", "Only orders created on this day or later.", day)
DATE_TO = Option("--date-to DAY", "Only orders created on this day or earlier.", day)
NO_WAIT = Option("--no-wait", "Enqueue it and return.")


def sync(
    session: Session,
    status_ids: Annotated[list[int] | None, STATUS_ID] = None,
    date_from: Annotated[str | None, DATE_FROM] = None,
    date_to: Annotated[str | None, DATE_TO] = None,
    no_wait: Annotated[bool, NO_WAIT] = False,
) -> None:
    """Sync courier orders now; print created, updated, failed."""
    if date_from and date_to and date_from > date_to:
        raise Misuse(DATES_REVERSED(since=date_from, until=date_to), "--date-from")
    answer = session.client.post("sync", body=_asked(status_ids, date_from, date_to))
    if no_wait:
        session.answer(answer, lambda page: [Line(sync_words(job)) for job in page["items"]])
        return
    _finish(session, answer["items"])


def _asked(status_ids: list[int] | None, date_from: str | None, date_to: str | None) -> Json:
    return {
        "status_ids": [str(each) for each in dict.fromkeys(status_ids or ())],
        "date_from": date_from,
        "date_to": date_to,
    }


def sync_words(job: Json) -> Phrase:
    """Return the id of the job that syncs, with what it syncs."""
    what = _what(job["status_id"])
    return say("{enqueued}: {what}", enqueued=enqueued_words(job), what=what)


def _what(status_id: str | None) -> Phrase:
    return say("sync of all orders") if status_id is None else say("sync of status {id}", id=status_id)


def _finish(session: Session, jobs: list[Json]) -> None:
    """Wait for every sync and print how it ended; exit 1 unless all completed."""
    for job in jobs:
        if job["duplicate"]:
            session.note(say("joined job {id}, which already does it", id=job["id"]))
    ended = wait(session, [(job["id"], _what(job["status_id"])) for job in jobs])
    for job in ended:
        session.answer(job, synced_words)
    if any(job["state"] != "completed" for job in ended):
        raise SystemExit(1)


def synced_words(job: Json) -> Iterator[Block]:
    """Yield the result of a sync: created, updated and failed orders."""
    if job["state"] != "completed":
        yield from ended_words(job)
        return
    result = job["result"]
    counts = say(
        "created {created}, updated {updated}, failed {failed}",
        created=result["created"],
        updated=result["updated"],
        failed=result["failed"]["count"],
    )
    style = Style.WARN if result["failed"]["count"] else Style.GOOD
    yield Line(say("{what}: {counts}", what=_what(job["args"].get("status_id")), counts=counts), style)
    yield from reasons(result, "failed", Style.BAD)
    yield from reasons(result, "shortened", Style.WARN)
    yield from reasons(result, "unreadable", Style.WARN)
