"""A worker's turn: outcomes and the next claim, in one commit."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiosqlite
import orjson

from paranad.clock import MICROSECOND, STEP, from_us
from paranad.queue.attempt import Finish, to_finished_row
from paranad.queue.model import LONGEST_LIMIT, LONGEST_SNOOZE, Job, Origin, State
from paranad.queue.rows import STATEMENTS, encode

PROMOTED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Claiming:
    """How much to claim."""

    queues: Sequence[str]
    """In strict order; those that may have something."""
    limit: int
    startable: int
    """How many of them can start at once; only buffered tasks go beyond."""
    suspected: Sequence[str] = ()
    """Queues from which one job that was found running at a daemon's death may be claimed now."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What the workers ask of one commit."""

    finished: Sequence[Finish]
    claiming: Claiming
    now_us: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a commit gave the workers."""

    stored: frozenset[int]
    """Jobs whose outcome is stored."""
    suspects: Sequence[Job]
    jobs: Sequence[Job]
    empty: Sequence[str]
    """Queues from which everything due is claimed."""
    more_unbuffered: bool
    """The next job may only be claimed when a worker is free for it."""


class Turns:
    """Applies turns; knows which tasks may be claimed ahead."""

    def __init__(self, buffered: Callable[[str], bool]) -> None:
        self._buffered = buffered

    async def apply(self, connection: aiosqlite.Connection, turns: Sequence[Turn]) -> Sequence[Claimed]:
        """Store outcomes, then claim."""
        return [await self._apply(connection, turn) for turn in turns]

    async def _apply(self, connection: aiosqlite.Connection, turn: Turn) -> Claimed:
        suspects = await self._suspect(connection, turn)
        queues, limit = list(turn.claiming.queues), turn.claiming.limit - len(suspects)
        finishing = _finishing(connection, turn.finished)
        first = [_claim(connection, turn, queues[0], limit)] if queues and limit > 0 else []
        # Gathered: handed to the connection at once, one hop for all of them.
        results = await asyncio.gather(*finishing, *first)
        stored = frozenset(row[0] for row in results[1]) if finishing else frozenset()
        claimed, empty = list(_in_order(results[-1])) if first else [], list[str]()
        for queue in queues if first else []:
            if queue != queues[0]:
                claimed += _in_order(await _claim(connection, turn, queue, limit - len(claimed)))
            if len(claimed) >= limit:
                break
            empty.append(queue)
        instants = _Instants()
        jobs = [_to_claimed_job(row, instants) for row in claimed]
        kept = await self._only_startable(connection, jobs, turn.claiming.startable - len(suspects))
        return Claimed(stored, suspects, kept, empty if len(kept) == len(jobs) else (), len(kept) < len(jobs))

    async def _suspect(self, connection: aiosqlite.Connection, turn: Turn) -> list[Job]:
        for queue in turn.claiming.suspected:
            parameters = {"queue": queue, "now": turn.now_us}
            rows = await connection.execute_fetchall(STATEMENTS["claim_suspect"], parameters)
            if suspects := [_to_claimed_job(row, _Instants()) for row in rows]:
                return suspects
        return []

    async def _only_startable(self, connection: aiosqlite.Connection, jobs: list[Job], startable: int) -> list[Job]:
        """Give back what follows the first job that is never claimed ahead and cannot start at once."""
        for place, job in enumerate(jobs):
            if place >= startable and not self._buffered(job.task):
                await give_back(connection, [[job.id for job in jobs[place:]]])
                return jobs[:place]
        return jobs


def _finishing(connection: aiosqlite.Connection, finished: Sequence[Finish]) -> list[Awaitable[Iterable[sqlite3.Row]]]:
    if not finished:
        return []
    parameters = {"finished": encode([to_finished_row(finish) for finish in finished])}
    return [connection.execute_fetchall(STATEMENTS[name], parameters) for name in ("record_attempts", "finish")]


def _claim(connection: aiosqlite.Connection, turn: Turn, queue: str, limit: int) -> Awaitable[Iterable[sqlite3.Row]]:
    parameters = {"queue": queue, "now": turn.now_us, "limit": limit}
    return connection.execute_fetchall(STATEMENTS["claim"], parameters)


def _in_order(rows: Iterable[sqlite3.Row]) -> list[sqlite3.Row]:
    return sorted(rows, key=lambda row: (row["due_at"], row["id"]))


_ORIGINS = {origin.value: origin for origin in Origin}


class _Instants(dict[int, datetime]):
    """Instants by their microseconds: the jobs of a claim share most of theirs."""

    def __missing__(self, us: int) -> datetime:
        self[us] = instant = from_us(us)
        return instant


def _to_claimed_job(row: sqlite3.Row, instants: _Instants) -> Job:
    # By place: by name costs more than everything else that is done for a job here.
    (id_, task, args, queue, origin, tries, spent, timeout, due, created, enqueued, key, snoozes, attempt, started) = (
        row
    )
    return Job(
        id=id_,
        task=task,
        args=orjson.loads(args),
        queue=queue,
        origin=_ORIGINS[origin],
        state=State.RUNNING,
        tries=tries,
        tries_spent=spent,
        timeout=timedelta(microseconds=timeout),
        due_at=instants[due],
        created_at=instants[created],
        enqueued_at=instants[enqueued],
        started_at=instants[started],
        finished_at=None,
        unique_key=key,
        snoozes=snoozes,
        attempt=attempt,
        result=None,
        error=None,
    )


async def give_back(connection: aiosqlite.Connection, items: Sequence[Sequence[int]]) -> Sequence[None]:
    """Return claimed jobs that have not started to available; *items* are lists of ids."""
    ids = [job_id for item in items for job_id in item]
    await connection.execute_fetchall(STATEMENTS["give_back"], {"ids": encode(ids)})
    return [None] * len(items)


@dataclass(frozen=True, slots=True)
class PullingBack:
    """The longest that waiting jobs may still sleep from *now_us*, whatever their due instants say."""

    now_us: int
    backoff: timedelta


async def pull_back(connection: aiosqlite.Connection, items: Sequence[PullingBack]) -> Sequence[Sequence[int]]:
    """Make jobs due earlier whose instants a clock computed that was ahead; answer with their due instants.

    A job that a person put off keeps its instant: it has had no attempt.
    """
    last = items[-1]
    parameters = {
        "now": last.now_us,
        "backoff": last.backoff // MICROSECOND,
        "snooze": LONGEST_SNOOZE // MICROSECOND,
        "limit": LONGEST_LIMIT // MICROSECOND,
        "step": STEP // MICROSECOND,
    }
    rows = await connection.execute_fetchall(STATEMENTS["pull_back"], parameters)
    return [[row["due_at"] for row in rows], *([] for _ in items[1:])]


async def promote(connection: aiosqlite.Connection, items: Sequence[int]) -> Sequence[Sequence[str]]:
    """Make available what is due at the instants *items*, a bounded number at a time; answer with their queues."""
    parameters = {"now": max(items), "limit": PROMOTED_AT_ONCE}
    rows = await connection.execute_fetchall(STATEMENTS["promote"], parameters)
    queues = [row["queue"] for row in rows]
    return [queues] * len(items)
