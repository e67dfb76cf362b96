"""Between the queue's records and their rows."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import orjson

from paranad.clock import EPOCH, from_us
from paranad.errors import BadArguments, NotFound
from paranad.numbers import LARGEST_ID
from paranad.queue.model import Attempt, AttemptOutcome, Job, Json, NewJob, Origin, State
from paranad.record import record
from paranad.said import Sentence
from paranad.store import facts
from paranad.store.sql import load
from paranad.wording import encodable

STATEMENTS: Mapping[str, str] = load(
    "paranad.queue", "enqueue.sql", "turn.sql", "acts.sql", "lists.sql", "recover.sql", "pruning.sql", "originals.sql"
)

_ORIGINS = {origin.value: origin for origin in Origin}

NO_JSON = Sentence("job.no_json", "{task}: expected arguments that JSON can hold, got others ({detail})")
NO_SUCH_JOB = Sentence(
    "job.not_found", "job {id} does not exist, or no longer: it may have been pruned; see paranadctl jobs list"
)


def encode(value: Json) -> str:
    """Return *value* as one JSON parameter."""
    return orjson.dumps(value).decode()


def storable(text: str) -> str:
    """Return *text* without what neither JSON nor SQLite can hold: NUL, half a surrogate pair."""
    return encodable(text.replace("\0", ""))


class Shared(NamedTuple):
    """What the jobs of one request mostly have in common, as parameters of the statement `enqueue`."""

    task: str
    queue: str
    origin: Origin
    state: State
    tries: int
    timeout: timedelta
    due_at: int
    created_at: int


@record
class Row:
    """A new job as the statement `enqueue` takes it: as JSON, which is slow to read, only what is its own."""

    shared: Shared
    args: orjson.Fragment
    unique_key: str | None
    put_off_key: str | None


def to_row(new: NewJob, now_us: int, due_us: int) -> Row:
    """Return *new* as the statement `enqueue` takes it.

    Raises:
        BadArguments: its arguments are nothing JSON can hold.
    """
    put_off = due_us > now_us
    state = State.SCHEDULED if put_off else State.AVAILABLE
    shared = Shared(new.task, new.queue, new.origin, state, new.tries, new.timeout, due_us, now_us)
    key = new.unique_key
    try:
        args = orjson.Fragment(orjson.dumps(dict(new.args)))
    except (TypeError, ValueError) as error:
        raise BadArguments(NO_JSON(task=new.task, detail=str(error))) from None
    return Row(shared, args, None, key) if put_off and not new.keeps_key else Row(shared, args, key, None)


def order_of(args: Mapping[str, Json]) -> int | None:
    """Return the order that a job's arguments name: a whole number in the range of ids, and nothing else.

    Statements say the same: see `jobs_of_order` in the store's migrations.
    """
    value = args.get("order_id")
    return value if type(value) is int and 0 < value <= LARGEST_ID else None


def to_job(row: sqlite3.Row, attempts: tuple[Attempt, ...] = ()) -> Job:
    """Return a whole row of `jobs` as a Job."""
    args = orjson.loads(row["args"])
    return Job(
        id=row["id"],
        task=row["task"],
        args=args,
        queue=row["queue"],
        origin=Origin(row["origin"]),
        state=State(row["state"]),
        tries=row["tries"],
        tries_spent=row["tries_spent"],
        timeout=timedelta(microseconds=row["timeout_us"]),
        due_at=from_us(row["due_at"]),
        created_at=from_us(row["created_at"]),
        enqueued_at=from_us(row["enqueued_at"]),
        started_at=None if row["started_at"] is None else from_us(row["started_at"]),
        finished_at=None if row["finished_at"] is None else from_us(row["finished_at"]),
        unique_key=row["unique_key"] or row["put_off_key"],
        snoozes=row["snoozes"],
        attempt=row["attempt"],
        result=None if row["result"] is None else orjson.loads(row["result"]),
        error=facts.read(row["why"], row["error"]),
        attempts=attempts,
        order_id=order_of(args),
    )


class _Instants(dict[int, datetime]):
    """Instants by their microseconds: the jobs of a claim share most of theirs."""

    def __missing__(self, us: int) -> datetime:
        self[us] = instant = EPOCH + timedelta(microseconds=us)
        return instant


def to_claimed_jobs(text: str, queue: str, now_us: int) -> list[Job]:
    """Return what the statements `claimable` and `suspect` found in *queue* as Jobs that are claimed now."""
    instants, found = _Instants(), orjson.loads(text)
    return [
        Job(
            id=id_,
            task=task,
            args=args,
            queue=queue,
            origin=_ORIGINS[origin],
            state=State.RUNNING,
            tries=tries,
            tries_spent=spent,
            timeout=timedelta(microseconds=timeout),
            due_at=instants[due],
            created_at=instants[created],
            enqueued_at=instants[enqueued],
            started_at=instants[now_us],
            finished_at=None,
            unique_key=key,
            snoozes=snoozes,
            attempt=attempts + 1,
            result=None,
            error=None,
            order_id=order_of(args),
        )
        for id_, task, args, origin, tries, spent, timeout, due, created, enqueued, key, snoozes, attempts in found
    ]


def to_attempt(row: sqlite3.Row) -> Attempt:
    """Return a row of `attempts` as an Attempt."""
    return Attempt(
        number=row["number"],
        started_at=from_us(row["started_at"]),
        finished_at=from_us(row["finished_at"]),
        outcome=AttemptOutcome(row["outcome"]),
        counted=bool(row["counted"]),
        error=facts.read(row["why"], row["error"]),
        traceback=row["traceback"],
    )


def checked_id(job_id: int) -> int:
    """Return *job_id* if a job can have it.

    Raises:
        NotFound: it is zero, negative, or more than SQLite can hold.
    """
    if not 0 < job_id <= LARGEST_ID:
        raise no_such_job(job_id)
    return job_id


def no_such_job(job_id: int) -> NotFound:
    """Return the error for a job that is not there."""
    return NotFound(NO_SUCH_JOB(id=job_id))
