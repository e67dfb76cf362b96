"""What the operator, and the start-up, do with stored jobs, within a transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import aiosqlite

from paranad.errors import NotFound, ParanadError, WrongState
from paranad.queue.enqueue import holders_of
from paranad.queue.model import Enqueued, State
from paranad.queue.rows import STATEMENTS, encode, no_such_job
from paranad.said import Sentence
from paranad.store.facts import kept

STRIKES = 3
"""A job found running at so many start-ups in a row took the daemon down."""

TOOK_DAEMON_DOWN = Sentence(
    "job.took_daemon_down",
    "took the daemon down: found running at {strikes} start-ups in a row; "
    "see the log of the last stop, then retry or forget it",
)


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs are meant; None: any."""

    states: frozenset[State] | None = None
    task: str | None = None
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """A job that was changed or deleted, as events name it."""

    job_id: int
    task: str
    queue: str
    strikes: int = 0


@dataclass(frozen=True, slots=True)
class Retrying:
    """A failed job to put back."""

    job_id: int
    now_us: int


@dataclass(frozen=True, slots=True)
class RetryingAll:
    """All failed jobs of a filter, to put back."""

    where: JobFilter
    now_us: int


@dataclass(frozen=True, slots=True)
class Retried:
    """The answer for one failed job."""

    job_id: int
    answer: Enqueued
    task: str
    queue: str


@dataclass(frozen=True, slots=True)
class Pausing:
    """A queue to pause or to resume."""

    queue: str
    paused: bool


@dataclass(frozen=True, slots=True)
class Cancelling:
    """A job to cancel that has not started."""

    job_id: int
    ahead: bool
    """Claimed already, but in the buffer: stored as running."""
    now_us: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a start-up found running."""

    available: Sequence[Gone]
    failed: Sequence[Gone]


async def retry(connection: aiosqlite.Connection, items: Sequence[Retrying]) -> Sequence[Retried | ParanadError]:
    """Put failed jobs back; the first asked for of each unique key goes, others are covered by it."""
    return await _put_back(connection, [item.job_id for item in items], items[0].now_us)


async def retry_all(connection: aiosqlite.Connection, items: Sequence[RetryingAll]) -> list[list[Retried]]:
    """Put all failed jobs of each filter back, the newest of each unique key."""
    answers = []
    for item in items:
        parameters = {"task": item.where.task, "queue": item.where.queue}
        rows = await connection.execute_fetchall(STATEMENTS["failed_ids"], parameters)
        retried = await _put_back(connection, [row["id"] for row in rows], item.now_us)
        answers.append([each for each in retried if isinstance(each, Retried)])
    return answers


async def _put_back(
    connection: aiosqlite.Connection, ids: Sequence[int], now_us: int
) -> Sequence[Retried | ParanadError]:
    rows = await connection.execute_fetchall(STATEMENTS["states"], {"ids": encode(ids)})
    found = {row["id"]: row for row in rows}
    holders = await holders_of(connection, [row["unique_key"] for row in rows if row["unique_key"] is not None])
    answers: dict[int, Retried | ParanadError] = {}
    for job_id in dict.fromkeys(ids):
        row = found.get(job_id)
        if row is None or row["state"] != State.FAILED:
            answers[job_id] = _not_failed(job_id, None if row is None else row["state"], "retried")
            continue
        key = row["unique_key"]
        holder = job_id if key is None else holders.setdefault(key, job_id)
        answers[job_id] = Retried(job_id, Enqueued(holder, duplicate=holder != job_id), row["task"], row["queue"])
    back = [job_id for job_id, answer in answers.items() if isinstance(answer, Retried) and not answer.answer.duplicate]
    await connection.execute_fetchall(STATEMENTS["retry"], {"ids": encode(back), "now": now_us})
    return [answers[job_id] for job_id in ids]


def _not_failed(job_id: int, state: str | None, verb: str) -> NotFound | WrongState:
    if state is None:
        return no_such_job(job_id)
    return WrongState(f"job {job_id} is {state}, so it cannot be {verb}; only failed jobs can")


async def forget(connection: aiosqlite.Connection, items: Sequence[int]) -> Sequence[Gone | ParanadError]:
    """Delete failed jobs."""
    states = await _states(connection, items)
    await connection.execute_fetchall(STATEMENTS["revoke_forgotten"], {"ids": encode(items)})
    rows = await connection.execute_fetchall(STATEMENTS["forget"], {"ids": encode(items)})
    gone = {row["id"]: Gone(row["id"], row["task"], row["queue"]) for row in rows}
    return [gone.get(job_id) or _not_failed(job_id, states.get(job_id), "forgotten") for job_id in items]


async def _states(connection: aiosqlite.Connection, ids: Sequence[int]) -> dict[int, str]:
    rows = await connection.execute_fetchall(STATEMENTS["states"], {"ids": encode(ids)})
    return {row["id"]: row["state"] for row in rows}


async def flush(connection: aiosqlite.Connection, items: Sequence[JobFilter]) -> Sequence[int]:
    """Delete failed jobs by filter; answer how many."""
    deleted = []
    for where in items:
        parameters = {"task": where.task, "queue": where.queue}
        await connection.execute_fetchall(STATEMENTS["revoke_flushed"], parameters)
        rows = await connection.execute_fetchall(STATEMENTS["flush"], parameters)
        deleted.append(len(list(rows)))
    return deleted


async def pause(connection: aiosqlite.Connection, items: Sequence[Pausing]) -> Sequence[None]:
    """Pause and resume queues; the last word on each queue holds."""
    last = {item.queue: item.paused for item in items}
    for statement, wanted in (("pause", True), ("resume", False)):
        queues = [queue for queue, paused in last.items() if paused is wanted]
        await connection.execute_fetchall(STATEMENTS[statement], {"queues": encode(queues)})
    return [None] * len(items)


def paused_after(paused: frozenset[str], item: Pausing) -> frozenset[str]:
    """Return which queues are paused after *item*."""
    return paused | {item.queue} if item.paused else paused - {item.queue}


async def cancel(connection: aiosqlite.Connection, items: Sequence[Cancelling]) -> Sequence[Gone | ParanadError | None]:
    """Cancel jobs that have not started; None for one that has started or is finished."""
    ids, ahead = [item.job_id for item in items], [item.job_id for item in items if item.ahead]
    parameters = {"ids": encode(ids), "ahead": encode(ahead), "now": items[0].now_us}
    rows = await connection.execute_fetchall(STATEMENTS["cancel_waiting"], parameters)
    gone = {row["id"]: Gone(row["id"], row["task"], row["queue"]) for row in rows}
    states = await _states(connection, ids)
    return [gone.get(job_id) or (None if job_id in states else no_such_job(job_id)) for job_id in ids]


async def recover(connection: aiosqlite.Connection, items: Sequence[int]) -> Sequence[Found]:
    """Make available what a gone process left running, or fail it at its last strike; *items* are instants."""
    now = {"now": items[0]}
    await connection.execute_fetchall(STATEMENTS["record_recovered"], now)
    said = TOOK_DAEMON_DOWN(strikes=STRIKES)
    failing = {**now, "strikes": STRIKES, "error": said.text, "why": kept(said)}
    failed = await connection.execute_fetchall(STATEMENTS["took_daemon_down"], failing)
    available = await connection.execute_fetchall(STATEMENTS["recover"])
    return [Found(_gone(available), _gone(failed))] * len(items)


def _gone(rows: Iterable[aiosqlite.Row]) -> list[Gone]:
    return sorted(
        (Gone(row["id"], row["task"], row["queue"], row["strikes"]) for row in rows), key=lambda gone: gone.job_id
    )
