"""The queue's records: what a job is, the states it passes, how an attempt ends."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from paranad.errors import UnknownQueue
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.wording import did_you_mean, quotable

Json = Any
"""A JSON value: None, bool, int, float, str, list or dict of such."""

LONGEST_SNOOZE = timedelta(minutes=5)
"""How long a task waits for an outage to end before it looks again."""
LONGEST_LIMIT = timedelta(hours=1)
"""The longest wait that anything outside may ask for, such as the courier's Retry-After."""
LONGEST_DELAY = timedelta(days=1)
"""The longest random delay of a schedule entry's job."""


class State(StrEnum):
    """Where a job stands."""

    SCHEDULED = "scheduled"
    """Waits for its due instant: delayed or snoozed."""
    AVAILABLE = "available"
    """May be claimed now."""
    RUNNING = "running"
    """Claimed by this daemon."""
    RETRYABLE = "retryable"
    """Waits for its backoff after an attempt that failed."""
    COMPLETED = "completed"
    """Done; has a result."""
    FAILED = "failed"
    """No try left, or not worth one; waits for the operator."""
    CANCELLED = "cancelled"
    """Ended by the operator."""


FINISHED = frozenset({State.COMPLETED, State.FAILED, State.CANCELLED})


class Origin(StrEnum):
    """Who asked for a job; a job enqueued by another one has its origin."""

    SCHEDULE = "schedule"
    OPERATOR = "operator"
    SHOP = "shop"


class AttemptOutcome(StrEnum):
    """How an attempt ended."""

    COMPLETED = "completed"
    SNOOZED = "snoozed"
    """The task asked to run again later; spends no try."""
    FAILED = "failed"
    """An unexpected exception (spends a try), or the task said that trying again is not worth it."""
    TIMED_OUT = "timed_out"
    """Cancelled at its timeout; spends a try."""
    CANCELLED = "cancelled"
    """The operator ended it; spends no try."""
    HANDED_BACK = "handed_back"
    """The daemon stopped before it ended; spends no try."""
    RECOVERED = "recovered"
    """The daemon died while it ran; spends no try."""


@record
class Request:
    """A task with arguments, not checked yet: what a door or a running task asks for. Checked, it is a NewJob."""

    task: str
    args: Mapping[str, Json]
    source: str | None = None
    """As a NewJob has it."""


@record
class NewJob:
    """What a door (control, schedule, bridge) or a task asks to be stored. Checked already: task known, args valid."""

    task: str
    args: Mapping[str, Json]
    queue: str
    origin: Origin
    tries: int
    """How many tries the job may have, at least 1."""
    timeout: timedelta
    """After which an attempt is cancelled."""
    unique_key: str | None = None
    """At most one unfinished job carries it, and at most one that is put off until *due_at*; None: no limit.

    A job that is put off does not carry its key yet, so it keeps no other job out. It takes the key at its due
    instant, and waits as long as another unfinished job carries it.
    """
    due_at: datetime | None = None
    """From when it may be claimed; None: at once."""
    source: str | None = None
    """`laravel:{id}:{uuid}`, `key:{Idempotency-Key}` or `notice:…`: recognises a repeated delivery."""
    original: str | None = None
    """The text that the door was given, kept by *source* while the job may fail; None: no text is kept."""
    lasting: Mapping[str, Json] = field(default_factory=dict)
    """Arguments that hold for any job that does the work: if this one is a duplicate, the other job takes them over."""
    keeps_key: bool = False
    """True: it carries its key while it is put off, too, and keeps others out; a request for now makes it due now."""


@record
class Enqueued:
    """The queue's answer to one NewJob, given once committed."""

    job_id: int
    duplicate: bool
    """True: an unfinished job already does it (or the same delivery came before); `job_id` is that job.

    A job that is put off counts only if the new one is put off too, or if it keeps its key.
    """
    brought_forward: bool = False
    """True: `job_id` was put off, and this request, which wants the work now, has made it due now."""


@record
class Attempt:
    """One run of a job that has ended."""

    number: int
    """From 1."""
    started_at: datetime
    finished_at: datetime
    outcome: AttemptOutcome
    counted: bool
    """Whether it spent a try."""
    error: Said | None
    """One line; None unless it failed or timed out, or to say why it was snoozed."""
    traceback: str | None


@record
class Job:
    """One stored request to run a task with arguments."""

    id: int
    """Never reused."""
    task: str
    args: Mapping[str, Json]
    queue: str
    origin: Origin
    state: State
    tries: int
    tries_spent: int
    timeout: timedelta
    due_at: datetime
    """From when it may be claimed, or might have been."""
    created_at: datetime
    enqueued_at: datetime
    """`created_at`, or when the operator last put it back with `retry`: outages are counted from here."""
    started_at: datetime | None
    """Start of the last attempt; None before the first."""
    finished_at: datetime | None
    """None while unfinished."""
    unique_key: str | None
    snoozes: int
    """Snoozes in a row since the last enqueue, retry or counted attempt."""
    attempt: int
    """Number of the attempt that runs, or ran last; 0 before the first."""
    result: Json
    """The completed job's result; None otherwise."""
    error: Said | None
    """Why it failed, or why it waits; one line."""
    attempts: tuple[Attempt, ...] = ()
    """Filled if one job is shown; empty in lists and for the worker."""
    order_id: int | None = None
    """The order that its arguments name; None: they name none."""


@record
class FailedOriginal:
    """What a door was given for a job that has failed."""

    source: str
    original: str
    """As the door handed it over."""
    job_id: int
    error: str
    traceback: str | None
    failed_at: datetime


@record
class RevokedOriginal:
    """What a door was given for a job that had failed, and is retried or forgotten since."""

    source: str
    original: str
    """As the door handed it over."""
    failed_at: datetime
    """When the job last failed."""


@record
class Completed:
    """The task did its work."""

    result: Json = None


@record
class Snoozed:
    """The task asks to run again at *until*; no try is spent."""

    until: datetime
    reason: Said


@record
class Failed:
    """The task says that trying again is not worth it; final at once."""

    error: Said
    """The thing, what was expected, what it got, the cure; one line, no secret."""


Outcome = Completed | Snoozed | Failed
"""A task's answer. If the task raises instead, this attempt has failed."""

UNKNOWN_QUEUE = Sentence("queue.unknown", 'unknown queue "{queue}"{known}')
KNOWN_QUEUES = Sentence("queue.known", "; known: {queues}")


def known_queue(name: str, known: Sequence[str]) -> str:
    """Return *name* if it is one of *known*.

    Raises:
        UnknownQueue: names the nearest, or all that are known.
    """
    if name in known:
        return name
    cure = did_you_mean(name, known) or KNOWN_QUEUES(queues=list(known))
    raise UnknownQueue(UNKNOWN_QUEUE(queue=quotable(name), known=cure))
