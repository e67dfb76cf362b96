"""What queue.db knows of the shop's rows that are kept: which job does each, and what was written to the shop of it."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import ClassVar

from paranad.bridge.reserve import CurrentRow, ReadyRow
from paranad.queue.jobs import Jobs
from paranad.queue.model import Enqueued, NewJob
from paranad.queue.rows import encode
from paranad.record import record
from paranad.store.file import Store
from paranad.store.sql import load
from paranad.store.writer import Act

STATEMENTS = load("paranad.bridge", "kept.sql")


class Standing(StrEnum):
    """Where the job of a kept row stands."""

    UNFINISHED = "unfinished"
    """It waits or runs."""
    FAILED = "failed"
    """It has failed, and is to be written to `failed_jobs`."""
    ENDED = "ended"
    """The row is needed no more."""


@record
class KeptRow:
    """A row of the shop's `jobs` that stays there until its job has ended."""

    row_id: int
    job_id: int
    source: str
    reserved_at: int
    """What was written to the shop last, in seconds since the epoch, as far as its answer is known."""
    next_at: int | None
    """What may be written there as well; None: nothing."""
    attempts: int
    """The most that the row can have there as long as it is ours."""
    released: bool
    """It may be free there, since we have freed it."""
    taken: bool
    """Someone else has it, and our job has not ended yet."""
    standing: Standing

    @property
    def is_sure(self) -> bool:
        """Whether `reserved_at` is what stands in the shop, if the row is ours."""
        return self.next_at is None and not self.released

    def is_ours(self, current: CurrentRow) -> bool:
        """Tell whether nobody but us has changed the row, by what stands in the shop now."""
        if current.attempts > self.attempts:  # whoever takes a row to work it counts, as PHP does
            return False
        if current.reserved_at is None:
            return self.released
        return current.reserved_at in {self.reserved_at, self.next_at}


class KeptNotes:
    """The table `kept_rows` of queue.db."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store, self._jobs, self.enqueue = store, jobs, jobs.enqueue

    async def ids(self) -> dict[int, tuple[int, bool]]:
        """Return by every kept row its job, and whether someone else has the row."""
        rows = await self._store.reader.fetch(STATEMENTS["kept_ids"])
        return {row["row_id"]: (row["job_id"], bool(row["taken"])) for row in rows}

    async def scheduled_here(self, sends: str) -> list[int]:
        """Return the jobs of the schedule that wait on this machine alone, but for those of the task *sends*."""
        return [row["id"] for row in await self._store.reader.fetch(STATEMENTS["scheduled_here"], {"sends": sends})]

    async def waiting_here(self) -> int:
        """Return how many jobs wait on this machine alone, without a row that lets another do them."""
        [row] = await self._store.reader.fetch(STATEMENTS["waiting_here"])
        return int(row["jobs"])

    async def next(self, after: int, limit: int) -> list[KeptRow]:
        """Return up to *limit* rows above the id *after*, in order of id."""
        return await self._rows("kept_list", {"after": after, "limit": limit})

    async def of_jobs(self, job_ids: Collection[int]) -> list[KeptRow]:
        """Return the rows of these jobs, in order of id."""
        return await self._rows("kept_of_jobs", {"jobs": encode(list(job_ids))})

    async def of_sources(self, sources: Mapping[str, int]) -> list[KeptRow]:
        """Return the rows that were taken under these sources, by the jobs that do their work, in order of id."""
        asked = {"jobs": encode(list(sources.values())), "sources": encode(list(sources))}
        return await self._rows("kept_of_sources", asked)

    async def keep(self, ready: Sequence[ReadyRow], reserved_at: int) -> Sequence[Enqueued]:
        """Store the jobs of *ready*, and that their rows are kept for them, all or none; return the queue's answers."""
        return await self._store.writer.do(_Keep(self._jobs, ready, reserved_at))

    async def hand_on(self, job_id: int, new: Sequence[NewJob]) -> Sequence[Enqueued]:
        """Store the one job of *new*; it does the work of *job_id*, and has the rows and originals of that."""
        return await self._store.writer.do(_HandOn(self._jobs, job_id, new))

    async def intend(self, before: Mapping[int, int | None], at: int, *, tried: bool) -> None:
        """Note that *at* is about to be written to rows; *before* is what stands there now, by row; None: it is free.

        *tried* tells that it is written as well that the row is tried.
        """
        rows = encode([[row_id, reserved_at] for row_id, reserved_at in before.items()])
        await self._do(("intend", {"rows": rows, "at": at, "attempts": int(tried)}))

    async def reserved(self, ids: Collection[int], at: int) -> None:
        """Note that *at* is written."""
        await self._do(("reserved", {"ids": encode(list(ids)), "at": at}))

    async def untried(self, ids: Collection[int]) -> None:
        """Note that rows stand there as ones that nobody worked at."""
        await self._do(("untried", {"ids": encode(list(ids))}))

    async def released(self, ids: Collection[int]) -> None:
        """Note that rows are about to be freed."""
        await self._do(("released", {"ids": encode(list(ids))}))

    async def taken(self, lost: Collection[int], freed: Collection[int]) -> None:
        """Note that someone else has the rows *lost*, and may have those that were *freed* beside them.

        If such a row comes again, it is new work.
        """
        both = {"ids": encode([*lost, *freed])}
        dropped, marked = {"ids": encode(list(freed))}, {"ids": encode(list(lost))}
        await self._do(("forget_deliveries", both), ("taken", marked), ("drop_kept", dropped))

    async def drop(self, ids: Collection[int], *, forgotten: Collection[int] = ()) -> None:
        """Keep rows no longer; those that are *forgotten* are new work if they come again."""
        await self._do(
            ("forget_deliveries", {"ids": encode(list(forgotten))}), ("drop_kept", {"ids": encode(list(ids))})
        )

    async def _rows(self, statement: str, parameters: Mapping[str, object]) -> list[KeptRow]:
        found = await self._store.reader.fetch(STATEMENTS[statement], parameters)
        return [
            KeptRow(
                row_id=row["row_id"],
                job_id=row["job_id"],
                source=row["source"],
                reserved_at=row["reserved_at"],
                next_at=row["next_at"],
                attempts=row["attempts"],
                released=bool(row["released"]),
                taken=bool(row["taken"]),
                standing=Standing(row["standing"]),
            )
            for row in found
        ]

    async def _do(self, *statements: tuple[str, Mapping[str, object]]) -> None:
        await self._store.writer.do(_Note(statements))


@record
class _Keep(Act[Sequence[Enqueued]]):
    """The jobs of rows, and the rows that are kept for them."""

    takes: ClassVar = True
    jobs: Jobs
    ready: Sequence[ReadyRow]
    reserved_at: int

    def apply(self, connection: sqlite3.Connection) -> Sequence[Enqueued]:
        answers = self.jobs.enqueue_in(connection, [each.new for each in self.ready])
        rows = [
            [each.row.id, answer.job_id, each.new.source, self.reserved_at, each.row.past.attempts]
            for each, answer in zip(self.ready, answers, strict=True)
        ]
        connection.execute(STATEMENTS["keep_rows"], {"rows": encode(rows)})
        return answers

    def told(self, answer: Sequence[Enqueued]) -> None:
        self.jobs.enqueued([each.new for each in self.ready], answer)


@record
class _HandOn(Act[Sequence[Enqueued]]):
    """A job that does another one's work, and has its rows."""

    takes: ClassVar = True
    jobs: Jobs
    job_id: int
    new: Sequence[NewJob]

    def apply(self, connection: sqlite3.Connection) -> Sequence[Enqueued]:
        answers = self.jobs.enqueue_in(connection, self.new)
        handing = {"job": self.job_id, "to": answers[0].job_id}
        # The originals first: only those of kept rows go on.
        for statement in ("hand_on_originals", "hand_on_rows"):
            connection.execute(STATEMENTS[statement], handing)
        return answers

    def told(self, answer: Sequence[Enqueued]) -> None:
        self.jobs.enqueued(self.new, answer)


@record
class _Note(Act[None]):
    statements: Sequence[tuple[str, Mapping[str, object]]]

    def apply(self, connection: sqlite3.Connection) -> None:
        for name, parameters in self.statements:
            connection.execute(STATEMENTS[name], parameters)
