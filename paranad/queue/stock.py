"""Between the workers and the store: takes outcomes, keeps the buffer filled, both in one commit."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from paranad.clock import Clock, to_us
from paranad.errors import ParanadError, StateError
from paranad.events.event import Events
from paranad.queue.attempt import Finish, event_of, refused
from paranad.queue.buffer import Arrivals, Buffer
from paranad.queue.jobs import Jobs
from paranad.queue.model import Job, State
from paranad.queue.running import Running
from paranad.queue.turn import Claimed, Claiming, Turn, Turns, give_back
from paranad.store.file import Store
from paranad.store.writer import Kind
from paranad.uninterrupted import to_its_end

STORE_RETRY_S = 1.0
"""How long outcomes wait in memory before a disk that refused them is tried again."""
NOTHING = Claiming((), 0, 0)


class Stock:
    """Hands jobs to the workers and stores what became of them."""

    def __init__(
        self,
        jobs: Jobs,
        store: Store,
        clock: Clock,
        events: Events,
        *,
        buffered: Callable[[str], bool],
        count: int,
        expected: Callable[[int], None],
    ) -> None:
        self.draining = False
        self.changed = asyncio.Event()
        """Set whenever something was stored or given back."""
        self._jobs = jobs
        self._writer = store.writer
        self._clock = clock
        self._events = events
        self._expected = expected
        self._buffer = Buffer(jobs.queues, count)
        self._arrivals = Arrivals(jobs.queues)
        self._suspected = set(jobs.queues)
        self._suspect: int | None = None
        self._finished: list[Finish] = []
        self._storing: Sequence[Finish] = ()
        self._returning: set[int] = set()
        self._unbuffered_next = False
        self._idle = 0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._wanted = asyncio.Event()
        self._closing = asyncio.Event()
        self._turn: Kind[Turn, Claimed] = Kind("queue.turn", Turns(buffered).apply, self._after_turn)
        self._give_back: Kind[Sequence[int], None] = Kind("queue.give_back", give_back)

    @property
    def quiet(self) -> bool:
        """Whether nothing is claimed, to be stored, or on its way."""
        return not (self._buffer or self._finished or self._storing or self._returning)

    @property
    def ahead(self) -> int:
        """How many claimed jobs wait for a worker."""
        return len(self._buffer)

    async def next(self) -> Job | None:
        """Wait for the job to start next; None: there will be none."""
        self._idle += 1
        while self.draining or not (job := self._buffer.next()):
            if self._closing.is_set():
                self._idle -= 1
                return None
            await self._wait()
        self._idle -= 1
        return job

    async def _wait(self) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._wanted.set()
        await waiter

    def finish(self, finish: Finish, duration_s: float) -> None:
        """Store *finish* with the next commit; it is kept until the disk takes it."""
        self._buffer.note_duration(duration_s)
        self._finished.append(finish)
        self._wanted.set()

    def unstored(self, job_id: int) -> Running | None:
        """Return the attempt at *job_id* that has ended and is not stored yet."""
        unstored = (*self._storing, *self._finished)
        return next((finish.running for finish in unstored if finish.job.id == job_id), None)

    async def cancel_waiting(self, job_id: int) -> bool:
        """Cancel a job that has not started; tell whether it was one.

        Raises:
            NotFound: there is no such job.
        """
        job = self._buffer.take_job(job_id)
        try:
            ahead = job is not None or job_id in self._returning
            return await to_its_end(self._jobs.cancel_waiting(job_id, ahead=ahead))
        except StateError:
            self._buffer.put_first([job] if job else [])
            self._wake(1)
            raise

    def drain(self) -> None:
        """Claim no more; give back what waits."""
        self.draining = True
        self._return(self._buffer.take_all())

    def undrain(self) -> None:
        """Claim again."""
        self.draining = False
        self._wake(len(self._waiters))
        self._wanted.set()

    def close(self) -> None:
        """End `run` and the workers that wait."""
        self._closing.set()
        self._wanted.set()
        self._wake(len(self._waiters))

    def arriving(self, queues: Collection[str]) -> None:
        """Give back what was claimed ahead from lower queues, in the commit that stores the new jobs."""
        if queues:
            self._return(self._buffer.take_below(queues, self._idle))

    def arrived(self, queues: Collection[str]) -> None:
        """Claim from *queues*: they have due jobs."""
        if queues:
            self._arrivals.note(queues)
            self._return(self._buffer.take_below(queues, self._idle))
            self._wanted.set()

    def pausing(self, queue: str) -> None:
        """Give back what was claimed ahead from *queue*, in the commit that pauses it."""
        self._return(self._buffer.take_of(queue))

    async def run(self) -> None:
        """Store and claim until closed."""
        while not self._closing.is_set():
            await self._wanted.wait()
            self._wanted.clear()
            if self._writer.failing is not None:
                await self._clock.wait(self._closing, STORE_RETRY_S)
            if self.draining:
                self._return(self._buffer.take_all())
            claiming = self._claiming()
            if self._finished or claiming.limit > 0:
                await self._take_turn(claiming)

    def _claiming(self) -> Claiming:
        startable = self._idle - len(self._buffer)
        limit = startable if self._unbuffered_next else startable + self._buffer.target()
        paused = self._jobs.paused()
        queues = [queue for queue in self._arrivals.queues() if queue not in paused]
        suspected = [queue for queue in self._jobs.queues if queue in self._suspected and queue not in paused]
        if self._suspect is not None or startable <= 0:
            suspected = []
        if self.draining or limit <= 0 or not (queues or suspected):
            return NOTHING
        return Claiming(queues, limit, startable, suspected)

    async def _take_turn(self, claiming: Claiming) -> None:
        finished, self._finished = self._finished, []
        self._storing, seen = finished, self._arrivals.seen()
        try:
            claimed = await self._writer.write(self._turn, Turn(finished, claiming, to_us(self._clock.now())))
        except StateError:
            self._finished[:0] = finished
            self._wanted.set()
        except Exception as error:
            if not finished:
                raise
            await self._one_by_one(finished, error)
        else:
            self._take_in(claimed, claiming, seen)
        finally:
            self._storing = ()
            self.changed.set()

    async def _one_by_one(self, finished: Sequence[Finish], error: Exception) -> None:
        """Store what became of each job by itself; the one the store refused has failed."""
        self._wanted.set()
        if len(finished) == 1:
            finished = [refused(finished[0], error)]
        for finish in finished:
            turn = Turn([finish], NOTHING, finish.finished_at_us)
            try:
                await self._writer.write(self._turn, turn)
            except StateError:
                self._finished.append(finish)
            except Exception as its_own:  # noqa: BLE001 -- whatever it is, it is about this outcome
                turn = Turn([refused(finish, its_own)], NOTHING, finish.finished_at_us)
                await self._writer.write(self._turn, turn)

    def _take_in(self, claimed: Claimed, claiming: Claiming, seen: Mapping[str, int]) -> None:
        for queue in claimed.empty:
            self._arrivals.emptied(queue, seen)
        self._unbuffered_next = claimed.more_unbuffered
        if claimed.suspects:
            self._suspect = claimed.suspects[0].id
        else:
            self._suspected.difference_update(claiming.suspected)
        self._buffer.put_first(claimed.suspects)
        self._buffer.add(claimed.jobs)
        self._stand_back(self._arrivals.since(seen))
        self._wake(len(self._buffer))
        if claiming.limit > 0 and not claimed.empty:
            self._wanted.set()

    def _stand_back(self, arrived: Sequence[str]) -> None:
        """Give back what may no longer wait here: what changed while the claim was under way."""
        if self.draining:
            self._return(self._buffer.take_all())
        for queue in self._jobs.paused():
            self._return(self._buffer.take_of(queue))
        self._return(self._buffer.take_below(arrived, self._idle))

    def _return(self, jobs: Sequence[Job]) -> None:
        if not jobs:
            return
        ids = [job.id for job in jobs]
        self._returning.update(ids)
        self._writer.submit(self._give_back, [ids]).add_done_callback(partial(self._returned, jobs))

    def _returned(self, jobs: Sequence[Job], answered: "asyncio.Future[list[None]]") -> None:
        self._returning.difference_update(job.id for job in jobs)
        if answered.exception() is not None:
            self._buffer.put_first(jobs)
            self._wake(len(jobs))
        elif any(job.id == self._suspect for job in jobs):
            self._suspect = None
            self._suspected.update(job.queue for job in jobs)
        self._arrivals.note({job.queue for job in jobs})
        self._wanted.set()
        self.changed.set()

    def _wake(self, workers: int) -> None:
        while workers > 0 and self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                workers -= 1

    def _after_turn(self, turns: Sequence[Turn], answers: Sequence[Claimed | ParanadError]) -> None:
        for turn, claimed in zip(turns, answers, strict=True):
            if isinstance(claimed, Claimed):
                self._stored([finish for finish in turn.finished if finish.job.id in claimed.stored])

    def _stored(self, finished: Sequence[Finish]) -> None:
        told = {finish.job.id for finish in finished}
        self._storing = [finish for finish in self._storing if finish.job.id not in told]
        self._events.tell(*(event_of(finish) for finish in finished))
        for finish in finished:
            if finish.running.ended is not None:
                finish.running.ended.set()
            if finish.job.id == self._suspect:
                self._suspect = None
                self._wanted.set()
            if finish.state in {State.SCHEDULED, State.RETRYABLE}:
                self._expected(finish.due_at_us)
            elif finish.state is State.AVAILABLE:
                self._arrivals.note([finish.job.queue])
