"""What the workers ask of one commit: outcomes stored and jobs claimed, claims returned, due jobs made available."""

import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import field
from datetime import timedelta

from paranad.clock import MICROSECOND, STEP
from paranad.errors import StateError
from paranad.queue.attempt import Finish, refused, to_completed_row, to_finished_row
from paranad.queue.model import LONGEST_DELAY, LONGEST_LIMIT, LONGEST_SNOOZE, Job, State
from paranad.queue.rows import STATEMENTS, encode, to_claimed_jobs
from paranad.record import record
from paranad.store.writer import Act

PROMOTED_AT_ONCE = 1000


@record
class ClaimRequest:
    """How much to claim."""

    queues: Sequence[str]
    """Queues that may have due jobs, in strict order."""
    limit: int
    startable: int
    """How many of them can start at once; beyond, only jobs of buffered tasks are claimed."""
    suspected: Sequence[str] = ()
    """Queues from which one job that was found running at a daemon's death may be claimed now."""
    rooms: Mapping[str, int] = field(default_factory=dict)
    """How many jobs of a queue with a limit may be claimed at most."""

    def room(self, queue: str, suspects: Sequence[Job]) -> int:
        """Return how many jobs of *queue* may be claimed beside *suspects*."""
        room = self.rooms.get(queue, self.limit)
        return room - sum(job.queue == queue for job in suspects) if suspects else room


NOTHING = ClaimRequest((), 0, 0)


@record
class Claimed:
    """What a commit gave the workers."""

    stored: Sequence[Finish]
    """The outcomes that are stored; one is not if its job was no longer running this attempt."""
    suspects: Sequence[Job]
    """One job at most that was found running when a daemon had died."""
    jobs: Sequence[Job]
    empty: Sequence[str]
    """Queues from which everything due is claimed."""
    more_unbuffered: bool
    """The next job may only be claimed when a worker is free for it."""


@record
class Turn(Act[Claimed]):
    """Outcomes and the next claim, in one commit."""

    finished: Sequence[Finish]
    claiming: ClaimRequest
    now_us: int
    buffered: Callable[[str], bool]
    """Tells whether jobs of a task may be claimed before a worker is free."""

    def apply(self, connection: sqlite3.Connection) -> Claimed:
        """Store the outcomes, then claim: a job that is put back at once can be claimed in the same commit."""
        suspects = self._claim_suspect(connection)
        stored = _finish(connection, self.finished)
        claimed, empty = list[Job](), list[str]()
        limit, startable = self.claiming.limit - len(suspects), self.claiming.startable - len(suspects)
        for queue in self.claiming.queues:
            asked = min(limit - len(claimed), self.claiming.room(queue, suspects))
            jobs = claim(connection, self.now_us, queue, asked) if asked > 0 else []
            claimed += jobs
            if len(jobs) < asked:
                empty.append(queue)
            else:
                # It is at its limit, and may hold more: of lower queues only what can start at once is claimed.
                limit = min(limit, max(startable, len(claimed)))
            if len(claimed) >= limit:
                break
        kept = self._only_startable(connection, claimed, startable)
        return Claimed(
            stored=stored,
            suspects=suspects,
            jobs=kept,
            # What is returned below is due still: the queue is not empty.
            empty=empty if len(kept) == len(claimed) else (),
            more_unbuffered=len(kept) < len(claimed),
        )

    def _claim_suspect(self, connection: sqlite3.Connection) -> list[Job]:
        for queue in self.claiming.suspected:
            if suspects := claim(connection, self.now_us, queue, 1, suspect=True):
                return suspects
        return []

    def _only_startable(self, connection: sqlite3.Connection, jobs: list[Job], startable: int) -> list[Job]:
        """Return to the store the jobs behind the first one that is never buffered and cannot start at once."""
        waiting = jobs[max(startable, 0) :]
        unbuffered = {task for task in {job.task for job in waiting} if not self.buffered(task)}
        for place, job in enumerate(jobs) if unbuffered else ():
            if place >= startable and job.task in unbuffered:
                ReturnClaims([job.id for job in jobs[place:]]).apply(connection)
                return jobs[:place]
        return jobs


async def store_each(
    store: Callable[[Finish], Awaitable[object]], finished: Sequence[Finish], error: Exception
) -> list[Finish]:
    """Store each outcome by itself after *error* refused them together; return those that the disk does not take.

    A job whose outcome is refused by itself has failed.
    """
    if len(finished) == 1:
        finished = [refused(finished[0], error)]
    waiting = []
    for finish in finished:
        try:
            await store(finish)
        except StateError:
            waiting.append(finish)
        except Exception as its_own:  # noqa: BLE001 -- any error here is about this outcome
            await store(refused(finish, its_own))
    return waiting


def _finish(connection: sqlite3.Connection, finished: Sequence[Finish]) -> Sequence[Finish]:
    """Store outcomes; return those of jobs that were still running their attempt."""
    # Most are plain completions, of which five values say all.
    completed = [to_completed_row(finish) for finish in finished if finish.state is State.COMPLETED]
    others = [to_finished_row(finish) for finish in finished if finish.state is not State.COMPLETED]
    stored = _record(connection, "record_completed", "complete", completed)
    stored += _record(connection, "record_attempts", "finish", others)
    if stored == len(finished):
        return finished
    recorded = connection.execute(STATEMENTS["recorded"], {"finished": encode([*completed, *others])})
    ids = {row["job_id"] for row in recorded}
    return [finish for finish in finished if finish.job.id in ids]


def _record(connection: sqlite3.Connection, attempts: str, jobs: str, rows: Sequence[Sequence[object]]) -> int:
    """Store outcomes by the statements *attempts* and *jobs*; return how many jobs were still running their attempt."""
    if not rows:
        return 0
    parameters = {"finished": encode(rows)}
    connection.execute(STATEMENTS[attempts], parameters)
    return connection.execute(STATEMENTS[jobs], parameters).rowcount


def claim(connection: sqlite3.Connection, now_us: int, queue: str, limit: int, *, suspect: bool = False) -> list[Job]:
    """Claim up to *limit* due jobs of *queue*, or one *suspect*; return them in the order they should start."""
    parameters = {"queue": queue, "limit": limit}
    # One text and one update, not a row for each job: for every row, this thread and the loop's would contend for
    # Python's lock, which costs the more the busier the loop is.
    (found,) = connection.execute(STATEMENTS["suspect" if suspect else "claimable"], parameters)
    jobs = to_claimed_jobs(found["jobs"], queue, now_us)
    if jobs:
        connection.execute(STATEMENTS["claim"], {"now": now_us, "ids": encode([job.id for job in jobs])})
    return sorted(jobs, key=lambda job: (job.due_at, job.id))


@record
class ReturnClaims(Act[None]):
    """Make claimed jobs available again that have not started."""

    ids: Sequence[int]

    def apply(self, connection: sqlite3.Connection) -> None:
        connection.execute(STATEMENTS["return_claims"], {"ids": encode(self.ids)})


@record
class PullBack(Act[list[int]]):
    """Make jobs due earlier whose instants a clock computed that was ahead; answer with their due instants.

    A job that a person put off keeps its instant: it has had no attempt. A job of the schedule that has had none waits
    for the random delay of its entry.
    """

    now_us: int
    longest_backoff: timedelta
    """No retryable job waits longer than this from now."""

    def apply(self, connection: sqlite3.Connection) -> list[int]:
        parameters = {
            "now": self.now_us,
            "backoff": self.longest_backoff // MICROSECOND,
            "snooze": LONGEST_SNOOZE // MICROSECOND,
            "limit": LONGEST_LIMIT // MICROSECOND,
            "delay": LONGEST_DELAY // MICROSECOND,
            "step": STEP // MICROSECOND,
        }
        rows = connection.execute(STATEMENTS["pull_back"], parameters).fetchall()
        return [row["due_at"] for row in rows]


@record
class Promote(Act[list[str]]):
    """Make available what is due, a bounded number at a time; answer with the queues."""

    now_us: int

    def apply(self, connection: sqlite3.Connection) -> list[str]:
        parameters = {"now": self.now_us, "limit": PROMOTED_AT_ONCE}
        rows = connection.execute(STATEMENTS["promote"], parameters).fetchall()
        return [row["queue"] for row in rows]
