"""How an attempt ended: decided from the task's answer, made a row for the store, and told as an event.

What is kept of it holds no secret: every screen, answer and alert about a job shows what is kept.
"""

import asyncio
import traceback as tracebacks
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from paranad.clock import from_us, to_us
from paranad.errors import ParanadError
from paranad.events.event import Event
from paranad.events.queue import JobAttemptFailed, JobCancelled, JobCompleted, JobFailed, JobHandedBack, JobSnoozed
from paranad.log.redaction import may_hold_secret, redact, without_secrets
from paranad.queue.model import (
    FINISHED,
    AttemptOutcome,
    Completed,
    Failed,
    Job,
    Json,
    Outcome,
    Snoozed,
    State,
)
from paranad.queue.rows import encode, storable
from paranad.queue.running import Interruption, Running
from paranad.said import Said, Sentence, plain
from paranad.store.facts import kept
from paranad.wording import one_line, shorten

JITTER = 0.2
"""A delay is stretched or shrunk by up to this share, so that jobs that failed together do not come back together."""
ERROR_CHARACTERS = 500
TRACEBACK_CHARACTERS = 80 * 1024
"""A command's 64 KiB of output stand in its failure's traceback, and room."""
RESULT_BYTES = 128 * 1024
"""A command's 64 KiB of output, escaped, and room."""

UNSTORABLE_ANSWER = Sentence("job.unstorable_answer", "{task} answered what cannot be stored: {detail}")
UNSTORABLE_OUTCOME = Sentence("job.unstorable_outcome", "the outcome of {task} could not be stored: {detail}")
NO_OUTCOME = Sentence("job.no_outcome", "{task}: expected an outcome as its answer, got {type}")
TIMED_OUT = Sentence("job.timed_out", "timed out: it ran longer than {seconds:g} s")
TAKEN = Sentence("job.taken", "another machine or worker took its row of the jobs table, so it is not done here")
CANCELLED_ITSELF = Sentence("job.cancelled_itself", "the task cancelled itself")
NO_REASON = Sentence("job.no_reason", "no reason given")

Answer = Outcome | Interruption | BaseException
"""What came of running the task."""


@dataclass(frozen=True)
class Backoff:
    """Exponential, bounded, jittered."""

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=10)
    random: Random = field(default_factory=Random)

    @property
    def bound(self) -> timedelta:
        """The longest wait that `delay` returns."""
        return self.longest * (1 + JITTER)

    def delay(self, tries_spent: int) -> timedelta:
        """Return the wait after *tries_spent* tries, 1 or more: first, twice that, four times, up to longest."""
        doubled = self.first * int(1 << min(tries_spent - 1, 32))
        return min(doubled, self.longest) * self.random.uniform(1 - JITTER, 1 + JITTER)


@dataclass(slots=True, eq=False)
class Finish:
    """An attempt that has ended, and the state in which it leaves its job."""

    running: Running
    job: Job
    started_at_us: int
    finished_at_us: int
    outcome: AttemptOutcome
    state: State
    due_at_us: int
    tries_spent: int
    snoozes: int
    wait_us: int
    """From due to started."""
    counted: bool = False
    result: Json = None
    result_text: str | None = None
    error: Said | None = None
    why: str | None = None
    """*error* as it is stored beside its sentence."""
    traceback: str | None = None


def decide(running: Running, answer: Answer, finished_at_us: int, backoff: Backoff) -> Finish:
    """Return how the attempt ended. An *answer* that no task may give is the job's failure."""
    finish = _unchanged(running, finished_at_us)
    try:
        _decide(finish, answer, backoff)
    except Exception as error:  # noqa: BLE001 -- a task's answer may hold anything
        _fail(finish, UNSTORABLE_ANSWER(task=finish.job.task, detail=_described(error)))
    return finish


def refused(finish: Finish, error: BaseException) -> Finish:
    """Return the outcome to store instead of *finish*, which the store refused with *error*: the job has failed."""
    instead = _unchanged(finish.running, finish.finished_at_us)
    _fail(instead, UNSTORABLE_OUTCOME(task=instead.job.task, detail=_described(error)))
    return instead


def _unchanged(running: Running, finished_at_us: int) -> Finish:
    job = running.job
    due_at_us = to_us(job.due_at)
    return Finish(
        running=running,
        job=job,
        started_at_us=running.started_at_us,
        finished_at_us=finished_at_us,
        outcome=AttemptOutcome.HANDED_BACK,
        state=State.AVAILABLE,
        due_at_us=due_at_us,
        tries_spent=job.tries_spent,
        snoozes=job.snoozes,
        wait_us=max(running.started_at_us - due_at_us, 0),
    )


def _decide(finish: Finish, answer: object, backoff: Backoff) -> None:
    if isinstance(answer, Completed):
        _complete(finish, answer.result)
    elif isinstance(answer, Snoozed):
        _snooze(finish, answer)
    elif isinstance(answer, Failed):
        _fail(finish, answer.error)
    elif isinstance(answer, Interruption):
        _interrupt(finish, answer, backoff)
    elif isinstance(answer, BaseException):
        finish.traceback = _details(answer)
        _spend(finish, AttemptOutcome.FAILED, _described(answer), backoff)
    else:
        _fail(finish, NO_OUTCOME(task=finish.job.task, type=type(answer).__name__))


def _complete(finish: Finish, result: Json) -> None:
    if result is not None:
        text = encode(result)
        if may_hold_secret(text):  # few do: the others are not looked through
            result = without_secrets(result)
            text = encode(result)
        if len(text) > RESULT_BYTES:
            result = _shortened(result) if isinstance(result, dict) else None
            text = encode(result)
        finish.result, finish.result_text = result, text
    finish.outcome, finish.state = AttemptOutcome.COMPLETED, State.COMPLETED


def _shortened(result: dict[str, Json]) -> Json:
    """Return *result* with the end of its longest text, such as a program's output; its numbers if that is no help."""
    longest = max(result, key=lambda name: len(text) if isinstance(text := result[name], str) else 0, default="")
    text = result.get(longest)
    kept = {**result, longest: "", "shortened": True}
    room = RESULT_BYTES - len(encode(kept)) - 1
    if not isinstance(text, str) or room < 0:  # its numbers tell the most in the least room
        return {**(only_numbers(result) or {}), "shortened": True}
    while len(encode(text)) - 2 > room:
        text = text[len(text) // 8 + 1 :]
    return {**kept, longest: f"…{text}"}


def _snooze(finish: Finish, answer: Snoozed) -> None:
    finish.due_at_us = to_us(answer.until)
    _explain(finish, answer.reason)
    finish.outcome, finish.state = AttemptOutcome.SNOOZED, State.SCHEDULED
    finish.snoozes += 1


def _fail(finish: Finish, error: Said) -> None:
    finish.outcome, finish.state = AttemptOutcome.FAILED, State.FAILED
    _explain(finish, error)
    finish.result = finish.result_text = None


def _interrupt(finish: Finish, why: Interruption, backoff: Backoff) -> None:
    if finish.running.left:
        finish.traceback = _storable(finish.running.left)
    if why is Interruption.TIMED_OUT:
        limit_s = finish.job.timeout.total_seconds()
        _spend(finish, AttemptOutcome.TIMED_OUT, TIMED_OUT(seconds=limit_s), backoff)
    elif why is Interruption.CANCELLED:  # handed back: the job stays as it was, and available
        finish.outcome, finish.state = AttemptOutcome.CANCELLED, State.CANCELLED
    elif why is Interruption.TAKEN:
        finish.outcome, finish.state = AttemptOutcome.CANCELLED, State.CANCELLED
        _explain(finish, TAKEN())


def _spend(finish: Finish, outcome: AttemptOutcome, error: Said, backoff: Backoff) -> None:
    finish.outcome, finish.counted = outcome, True
    _explain(finish, error)
    finish.tries_spent += 1
    finish.snoozes = 0  # the outage, if there was one, is over
    if finish.tries_spent >= finish.job.tries:
        finish.state = State.FAILED
        return
    finish.state = State.RETRYABLE
    finish.due_at_us = finish.finished_at_us + int(backoff.delay(finish.tries_spent).total_seconds() * 1_000_000)


def _details(error: BaseException) -> str | None:
    """Return the text kept beside the error's line: the traceback, or the notes of an error that needs no traceback."""
    if isinstance(error, ParanadError) and not error.has_traceback:
        text = "\n".join(getattr(error, "__notes__", ()))
    else:
        text = "".join(tracebacks.format_exception(error))
    return _storable(text) or None


def _storable(text: str) -> str:
    return redact(storable(text))[-TRACEBACK_CHARACTERS:]


def _described(error: BaseException) -> Said:
    if isinstance(error, asyncio.CancelledError):
        return CANCELLED_ITSELF()
    if isinstance(error, ParanadError):
        return error.said
    return plain(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


def _explain(finish: Finish, error: Said) -> None:
    """Keep *error* as one line without secrets; texts among its values are cut and cleaned alike."""
    short = error.cleaned(_short)
    finish.error = short if short.text else NO_REASON()
    finish.why = kept(finish.error)


def _short(text: str) -> str:
    return shorten(one_line(redact(storable(text))), ERROR_CHARACTERS)


def to_finished_row(finish: Finish) -> list[Json]:
    """Return *finish* as the statements `record_attempts` and `finish` take it."""
    job, final = finish.job, finish.state in FINISHED
    return [
        job.id,
        job.attempt,
        finish.started_at_us,
        finish.finished_at_us,
        finish.outcome,
        int(finish.counted),
        finish.error and finish.error.text,
        finish.traceback,
        finish.state,
        finish.due_at_us,
        finish.finished_at_us if final else None,
        finish.tries_spent,
        finish.snoozes,
        finish.result_text,
        finish.why,
    ]


def to_completed_row(finish: Finish) -> list[Json]:
    """Return *finish*, a completion, as the statements `record_completed` and `complete` take it."""
    job = finish.job
    return [job.id, job.attempt, finish.started_at_us, finish.finished_at_us, finish.result_text]


def event_of(finish: Finish) -> Event:
    """Return the event for *finish*: the canonical line of the attempt."""
    job = finish.job
    if finish.state is State.CANCELLED:
        return JobCancelled(job_id=job.id, task=job.task, queue=job.queue, order_id=job.order_id, attempt=job.attempt)
    duration_ms = (finish.finished_at_us - finish.started_at_us) // 1000
    common: dict[str, Any] = {
        "job_id": job.id,
        "task": job.task,
        "queue": job.queue,
        "order_id": job.order_id,
        "attempt": job.attempt,
        "wait_ms": finish.wait_us // 1000,
        "duration_ms": duration_ms,
    }
    return _event(finish, common)


def _event(finish: Finish, common: dict[str, Any]) -> Event:
    if finish.state is State.COMPLETED:
        return JobCompleted(**common, result=only_numbers(finish.result))
    if finish.state is State.AVAILABLE:
        return JobHandedBack(**common)
    due_at, error = from_us(finish.due_at_us).isoformat(), str(finish.error or "")
    if finish.state is State.SCHEDULED:
        return JobSnoozed(**common, until=due_at, reason=error)
    why: dict[str, Any] = {
        "error": error,
        "traceback": finish.traceback,
        "timed_out": finish.outcome is AttemptOutcome.TIMED_OUT,
    }
    if finish.state is State.RETRYABLE:
        return JobAttemptFailed(**common, **why, retry_at=due_at)
    return JobFailed(**common, **why)


def only_numbers(result: Json) -> Any:
    """Return *result* shortened to its top-level numbers; a list or a nested `count` as how many; None without any."""
    if not isinstance(result, dict):
        return result if isinstance(result, int | float) and not isinstance(result, bool) else None
    numbers = {name: number for name, value in result.items() if (number := _number(value)) is not None}
    return numbers or None


def _number(value: Json) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, list):
        return len(value)
    if isinstance(value, dict):
        return _number(value.get("count")) if not isinstance(value.get("count"), dict) else None
    return None
