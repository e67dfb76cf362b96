"""Rows of the shop that stay in its `jobs` table until their job has ended: another machine can go on with them.

Such a row is reserved anew as long as its job waits or runs here. What is written to the shop is noted in queue.db
before, so that after a crash or a lost answer a reservation of ours is known as ours, and another's as another's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence

from paranad.bridge.kept_notes import KeptNotes, KeptRow, Standing
from paranad.bridge.reservations import Reservations
from paranad.bridge.reserve import LIST, JobsTable, ReadyRow
from paranad.clock import Clock
from paranad.errors import StateError, first_line_of
from paranad.events.event import Event, Events
from paranad.events.queue import AttemptFinished, JobCancelled, JobCompleted, JobFailed, JobForgotten, QueueFlushed
from paranad.events.shop import BridgeFailed, BridgeRowsDone, BridgeRowsLost
from paranad.queue.model import Enqueued, FailedOriginal, NewJob
from paranad.said import Said
from paranad.shop.errors import ShopError, ShopUnreachable

RENEW_S = 30.0
"""How often rows are reserved anew; a reservation holds for 90 s."""
RETRY_S = 5.0
"""How long what failed waits until it is tried again."""
IDLE_S = 300.0

ENDING = JobCompleted | JobCancelled | JobFailed | JobForgotten
"""Events after which a job's rows may be needed no more."""
CancelWaiting = Callable[[Collection[int]], Awaitable[object]]
"""Cancels the jobs that have not started, since another has their rows."""
Interrupt = Callable[[Collection[int]], None]
"""Ends the attempts at jobs that run, for the same reason; a shielded one at the end of its shield."""


class KeptRows:
    """The kept rows. Call `reclaim` before any job is claimed; `run` is for the daemon's task group."""

    def __init__(
        self,
        table: JobsTable,
        notes: KeptNotes,
        clock: Clock,
        events: Events,
        *,
        keeps: bool,
        cancel_waiting: CancelWaiting,
        interrupt: Interrupt,
    ) -> None:
        self.keeps = keeps
        """Whether rows that are taken from now on are kept; else they are deleted once the queue has their jobs."""
        self.ours = dict[int, int]()
        """The rows that are kept here, and the job that does each."""
        self.taken = dict[int, int]()
        """Those that someone else has, while our job has not ended yet."""
        self.permitted: Callable[[], bool] = lambda: True
        """Whether this daemon may work: rows are reserved for no job while another machine may have the lease."""
        self.notes = notes
        self.one_at_a_time = asyncio.Lock()
        """Held by whoever changes kept rows in the shop, so that what is noted of them is what stands there."""
        self.table, self._reservations = table, Reservations(table, notes)
        self._clock, self._events = clock, events
        self._cancel_waiting, self._interrupt = cancel_waiting, interrupt
        self._loaded = False
        self._heard = set[int]()
        """Jobs that changed since the last look."""
        self._due_s = 0.0
        self._wake, self._rest = asyncio.Event(), asyncio.Event()
        self.trouble: Said | None = None
        """Why rows could not be reserved anew, freed or deleted the last time; None: they could."""

    async def load(self) -> None:
        """Learn from queue.db which rows are kept, once."""
        if not self._loaded:
            found = await self.notes.ids()
            self.ours |= {row_id: job_id for row_id, (job_id, taken) in found.items() if not taken}
            self.taken |= {row_id: job_id for row_id, (job_id, taken) in found.items() if taken}
            self._loaded = True

    def has(self, row_id: int) -> bool:
        """Tell whether a row is kept, or its job here has not ended although someone else has the row."""
        return row_id in self.ours or row_id in self.taken

    def has_row(self, job_id: int) -> bool:
        """Tell whether a row of the shop is kept for the job, also if someone else has it meanwhile."""
        return job_id in self.ours.values() or job_id in self.taken.values()

    def use(self, *, keeps: bool) -> None:
        """Keep rows from now on, or no longer: then the rows of jobs that are stored here are deleted."""
        if keeps is not self.keeps:
            self.keeps, self._due_s = keeps, 0.0
            self._wake.set()

    async def keep(self, ready: Sequence[ReadyRow], reserved_at: int) -> Sequence[Enqueued]:
        """Enqueue the jobs of *ready*, and keep their rows, which are reserved since *reserved_at*, in one commit."""
        answers = await self.notes.keep(ready, reserved_at)
        if not (self.ours or self.taken):  # nothing was due before
            self._due_s = self._clock.monotonic() + RENEW_S
            self._wake.set()
        self.ours |= {each.row.id: answer.job_id for each, answer in zip(ready, answers, strict=True)}
        # A row that came before, and whose job has ended since, is to go.
        self._look_at(answer.job_id for answer in answers if answer.duplicate)
        return answers

    async def hand_on(self, job_id: int, new: Sequence[NewJob]) -> Sequence[Enqueued]:
        """Enqueue the one job that does the work of *job_id* from now on; its rows, if it has any, go with it."""
        if not self.has_row(job_id):
            return await self.notes.enqueue(new)
        async with self.one_at_a_time:
            answers = await self.notes.hand_on(job_id, new)
            for rows in (self.ours, self.taken):
                rows |= {row_id: answers[0].job_id for row_id, of in rows.items() if of == job_id}
        return answers

    async def reclaim(self) -> None:
        """Reserve anew what was ours before this daemon's start, and cancel the jobs whose rows others have now.

        Raises:
            ShopError: not all rows were looked at; call it again.
        """
        await self.load()
        await self._renew_all()

    async def run(self) -> None:
        """Reserve rows anew and delete those whose job has ended, until cancelled."""
        stop_listening = self._events.listen(self._hear)
        try:
            while True:
                self._wake.clear()
                if (wait_s := await self.step()) is None:
                    await self._clock.wait(self._rest, RETRY_S)  # whatever wakes it: the shop is away
                else:
                    await self._clock.wait(self._wake, wait_s)
        finally:
            stop_listening()

    async def step(self) -> float | None:
        """Do what is due; return how many seconds to wait; None: it could not be done. No error leaves it."""
        try:
            await self.load()
            if not (self.ours or self.taken):
                self._heard.clear()
                return IDLE_S
            await self._see_to_changed()
            if self._clock.monotonic() >= self._due_s and not await self._renew_all():
                return None
        except (StateError, ShopUnreachable):  # told already
            return None
        except Exception as error:  # noqa: BLE001 -- the loop's edge: what is due stays noted, and is tried again
            self._tell_trouble(error)
            return None
        self.trouble = None
        return 0.0 if self._heard else max(0.0, self._due_s - self._clock.monotonic())

    async def of_failed(self, failures: Sequence[FailedOriginal]) -> dict[str, KeptRow]:
        """Return the kept rows of *failures*, by source."""
        if not (self.ours or self.taken):
            return {}
        rows = await self.notes.of_sources({each.source: each.job_id for each in failures})
        return {row.source: row for row in rows}

    async def tried(self, job_id: int) -> bool:
        """Mark the job's rows as worked at, and reserve them anew; False: one of them is not ours any more.

        A job that did not come from a kept row has none to mark.

        Raises:
            ShopError: it is unknown.
        """
        if not self.has_row(job_id):
            return True
        async with self.one_at_a_time:
            rows = await self.notes.of_jobs([job_id])
            if any(row.taken for row in rows) or not self.permitted():
                return False
            reserved = await self._reservations.reserve(rows, tried=True)
            await self._lose(reserved.lost)
            return not (reserved.lost or reserved.unknown)

    async def untried(self, job_id: int) -> None:
        """Take back the mark of `tried`, since nothing has left; not from rows that were worked at before.

        Raises:
            ShopError: the mark may stand still.
        """
        if self._reservations.marked and self.has_row(job_id):
            async with self.one_at_a_time:
                rows = await self.notes.of_jobs([job_id])
                await self._reservations.unmark([row for row in rows if not row.taken])

    async def release(self) -> None:
        """Free the rows of unfinished jobs for another machine, at an orderly end. No error leaves it."""
        await self.settle(free=True)

    async def settle(self, *, free: bool = False) -> None:
        """Delete the rows whose jobs have ended, before the daemon ends; with *free*, free the others."""
        after = 0
        try:
            await self.load()
            async with self.one_at_a_time:
                while (self.ours or self.taken) and (rows := await self.notes.next(after, LIST)):
                    after = rows[-1].row_id
                    await self._end([row for row in rows if row.standing is Standing.ENDED])
                    if free:
                        await self._reservations.free(
                            [row for row in rows if row.standing is not Standing.ENDED and not row.taken]
                        )
        except (ShopError, StateError) as error:
            self._tell_trouble(error)

    async def _renew_all(self) -> bool:
        """Reserve all rows anew; tell whether this daemon may still."""
        began_s, after = self._clock.monotonic(), 0
        while self.permitted():
            async with self.one_at_a_time:
                rows = await self.notes.next(after, LIST)
                await self._see_to(rows)
            if len(rows) < LIST:
                self._due_s = began_s + RENEW_S
                return True
            after = rows[-1].row_id
        return False

    async def _see_to_changed(self) -> None:
        """Look at the rows of jobs that were heard of."""
        while self._heard and self._clock.monotonic() < self._due_s:
            some = [self._heard.pop() for _ in range(min(LIST, len(self._heard)))]
            try:
                async with self.one_at_a_time:
                    rows = await self.notes.of_jobs(some)
                    await self._end([row for row in rows if row.standing is Standing.ENDED])
                    await self._cancel([row for row in rows if row.taken])
            except BaseException:
                self._heard.update(some)
                raise

    async def _see_to(self, rows: Sequence[KeptRow]) -> None:
        """Reserve rows anew, or end what has ended; where rows are kept no longer, only the queue keeps the jobs."""
        await self._end([row for row in rows if row.standing is Standing.ENDED])
        await self._cancel([row for row in rows if row.taken])
        ours = [row for row in rows if row.standing is not Standing.ENDED and not row.taken]
        reserved = await self._reservations.reserve(ours, tried=False)
        # One that has failed is looked at by who writes it to `failed_jobs`: it may stand there already.
        await self._lose([row for row in reserved.lost if row.standing is Standing.UNFINISHED])
        if not self.keeps:
            await self._end([row for row in reserved.ours if row.standing is Standing.UNFINISHED])

    async def _lose(self, lost: Sequence[KeptRow]) -> None:
        """Give up the jobs of rows that someone else has, or has done."""
        if not lost:
            return
        jobs = {row.job_id for row in lost}
        of_the_jobs = await self.notes.of_jobs(jobs)
        lost_ids = {row.row_id for row in lost}
        beside = [row for row in of_the_jobs if not row.taken and row.row_id not in lost_ids]
        # Whoever has one row of an order may be sending it: the others come again as rows that were worked at.
        await self._reservations.free(beside, tried=True)
        freed = {row.row_id for row in beside}
        await self.notes.taken(lost_ids, freed)
        self._forget(lost_ids | freed)
        self.taken |= {row.row_id: row.job_id for row in lost}
        self._events.tell(BridgeRowsLost(rows=len(lost_ids), jobs=len(jobs)))
        await self._cancel([row for row in lost if row.standing is Standing.UNFINISHED])

    async def _cancel(self, taken: Sequence[KeptRow]) -> None:
        """End the unfinished jobs of rows that someone else has: at once those that wait."""
        if jobs := {row.job_id for row in taken if row.standing is Standing.UNFINISHED}:
            await self._cancel_waiting(jobs)
            self._interrupt(jobs)
            ended = [row for row in await self.notes.of_jobs(jobs) if row.taken and row.standing is Standing.ENDED]
            await self.forget([row.row_id for row in ended])

    async def _end(self, rows: Sequence[KeptRow]) -> None:
        """Delete the rows that are still ours, and forget them all."""
        if not rows:
            return
        deleted, still_there = await self._reservations.delete([row for row in rows if not row.taken])
        if still_there:
            named = f"{len(still_there)} of the rows {still_there[0]} to {still_there[-1]}"
            error = f"{named} were reserved by someone else before their jobs had ended here: they may run twice"
            self._events.tell(BridgeFailed(error=error))
        await self.forget([row.row_id for row in rows])
        if deleted:
            self._events.tell(BridgeRowsDone(rows=deleted))

    async def forget(self, ids: Collection[int], *, come_again: Collection[int] = ()) -> None:
        """Keep rows no longer; those of *come_again* are new work if they come again."""
        if not ids:
            return
        await self.notes.drop(ids, forgotten=come_again)
        self._forget(ids)

    def _forget(self, ids: Collection[int]) -> None:
        for row_id in ids:
            self.ours.pop(row_id, None)
            self.taken.pop(row_id, None)
            self._reservations.marked.discard(row_id)

    def _hear(self, events: Sequence[Event]) -> None:
        if self.ours or self.taken:
            heard = ENDING | AttemptFinished if self.taken else ENDING
            self._look_at(event.job_id for event in events if isinstance(event, heard))
            if any(isinstance(event, QueueFlushed) for event in events):
                self._due_s = 0.0
                self._wake.set()

    def _look_at(self, job_ids: Iterable[int]) -> None:
        self._heard.update(job_ids)
        if self._heard:
            self._wake.set()

    def _tell_trouble(self, error: Exception) -> None:
        """Tell of *error* once, however often it comes in a row."""
        trouble = first_line_of(error)
        if trouble != self.trouble:
            self.trouble = trouble
            self._events.tell(
                BridgeFailed(error=f"rows that are kept could not be reserved anew or deleted: {trouble}")
            )
