"""Between the workers and the store: keeps claimed jobs ready for the workers, and stores their outcomes."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import islice

from paranad.clock import Clock, to_us
from paranad.errors import StateError
from paranad.events.event import Events
from paranad.queue.attempt import Finish, event_of
from paranad.queue.model import Job, State
from paranad.queue.promoter import Promoter
from paranad.queue.queues import Queues
from paranad.queue.running import Running
from paranad.queue.turn import NOTHING, Claimed, ClaimRequest, ReturnClaims, Turn, store_each
from paranad.store.file import Store
from paranad.store.writer import Act, R

BUFFERED_S = 0.02
"""The buffer holds what the workers finish in this time."""
MOST_BUFFERED = 400
SMOOTHING = 0.1
"""The share of the newest duration in the running mean."""
STORE_RETRY_S = 1.0
"""How long outcomes wait in memory before a disk that refused them is tried again."""

_Seen = Mapping[str, int]


class Buffer(deque[Job]):
    """Claimed jobs in the order they should start: one a worker at least, 400 at most."""

    def __init__(self, queues: Queues, workers: int) -> None:
        super().__init__()
        self._queues = queues
        self._workers = workers
        self._mean_s: float | None = None

    def note_duration(self, duration_s: float) -> None:
        before = duration_s if self._mean_s is None else self._mean_s
        self._mean_s = before + SMOOTHING * (duration_s - before)

    def target(self) -> int:
        """Return how many jobs should wait here."""
        if self._mean_s is None:
            return self._workers
        finished = MOST_BUFFERED if self._mean_s <= 0 else int(self._workers * BUFFERED_S / self._mean_s)
        return max(self._workers, min(finished, MOST_BUFFERED))

    def put_back(self, jobs: Iterable[Job]) -> None:
        """Put *jobs* in their places: they may come back in any order."""
        jobs = sorted((*self, *jobs), key=lambda job: (self._queues.rank(job.queue), job.due_at, job.id))
        self.clear()
        self.extend(jobs)

    def take_below(self, queues: Collection[str], startable: int) -> list[Job]:
        """Take out the jobs of queues lower than one of *queues*, but for the first *startable*: they start now."""
        if len(self) <= startable:
            return []
        highest = self._queues.highest(queues)
        lower = {job.id for job in islice(self, startable, None) if self._queues.rank(job.queue) > highest}
        return self.take(lambda job: job.id in lower)

    def take(self, wanted: Callable[[Job], bool]) -> list[Job]:
        """Take out the jobs that are *wanted*."""
        jobs = list(self)
        self.clear()
        self.extend(job for job in jobs if not wanted(job))
        return [job for job in jobs if wanted(job)]


class DueQueues:
    """Tells which queues may have due jobs: a queue that got a job since a claim left it empty.

    `seen` marks the moment of a claim, which `emptied` and `since` take once it is committed.
    """

    def __init__(self, queues: Sequence[str]) -> None:
        self._noted = dict.fromkeys(queues, 0)
        self._emptied = dict.fromkeys(queues, -1)

    def note(self, queues: Iterable[str]) -> None:
        for queue in queues:
            if queue in self._noted:
                self._noted[queue] += 1

    def seen(self) -> _Seen:
        return dict(self._noted)

    def emptied(self, queues: Iterable[str], seen: _Seen) -> None:
        for queue in queues:
            self._emptied[queue] = seen[queue]

    def since(self, seen: _Seen) -> list[str]:
        return [queue for queue, noted in self._noted.items() if noted != seen[queue]]

    def now(self) -> list[str]:
        """Return the queues that may have due jobs, in strict order."""
        return [queue for queue, noted in self._noted.items() if noted != self._emptied[queue]]


class Claims:
    """The jobs that this daemon has claimed: some wait for a worker, the outcomes of others are to be stored.

    Whoever changes what may be claimed tells it: `note_coming` and `return_paused` while the change is on its way into
    the next commit, `note_due` when it is committed.
    """

    def __init__(
        self,
        queues: Queues,
        store: Store,
        clock: Clock,
        events: Events,
        *,
        buffered: Callable[[str], bool],
        workers: int,
        longest_backoff: timedelta,
        permitted: Callable[[], bool] | None = None,
    ) -> None:
        """Claim from *queues* for so many *workers*.

        *buffered* tells whether jobs of a task may be claimed before a worker is free. No retryable job may wait longer
        than *longest_backoff*. While *permitted* says no, no job is claimed or started; `look` once it says yes again.
        """
        self.queues, self.workers = queues, workers
        self.draining = False
        self.changed = asyncio.Event()  # set whenever an outcome was stored or a claimed job was returned
        self.promoter = Promoter(store, clock, events, self.note_due, longest_backoff)
        self._writer, self._clock, self._events = store.writer, clock, events
        self._buffered, self._permitted = buffered, permitted or (lambda: True)
        self._buffer, self._due = Buffer(queues, workers), DueQueues(queues.names)
        # Every queue may hold jobs that were found running when a daemon had died, until a turn has found none.
        self._suspected = set(queues.names)
        self._suspect: int | None = None
        self._finished: list[Finish] = []  # outcomes for the next turn
        self._storing: Sequence[Finish] = ()  # outcomes of the turn that is under way
        self._returning: dict[int, str] = {}  # on their way back to available, with their queues; stored as running
        self._unreturned: list[Job] = []  # of these, those whose return was refused: for the next turn
        self._started = Counter[str]()  # how many attempts of each queue are under way
        self._unbuffered_next = False  # whether the next due job may only be claimed when a worker is free for it
        # The turn that is on its way, what it claims, and which queues were due as it was handed over.
        self._turn: tuple[asyncio.Future[Claimed], ClaimRequest, _Seen] | None = None
        self._idle = 0  # workers within `next`: each can start a job at once
        self._free_workers: deque[asyncio.Future[None]] = deque()
        self._wanted, self._closing = asyncio.Event(), asyncio.Event()

    def __len__(self) -> int:
        """Return how many claimed jobs wait for a worker; the database counts them as running."""
        return len(self._buffer)

    @property
    def is_idle(self) -> bool:
        """Whether no job is claimed, no outcome is to be stored, and none is on its way."""
        return not (self._buffer or self._finished or self._turn or self._returning)

    async def next(self) -> Job | None:
        """Wait for the job to start next; None: the claims are closed."""
        self._idle += 1
        # Jobs that never wait would keep the loop until none is left: a turn that can begin goes on beside them.
        if (self._finished or self._turn) and not self._writer.committing:
            await asyncio.sleep(0)
        while self.draining or not self._permitted() or not self._buffer:
            if self._closing.is_set():
                self._idle -= 1
                return None
            free: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._free_workers.append(free)
            self._wanted.set()
            await free
        self._idle -= 1
        job = self._buffer.popleft()
        self._started[job.queue] += 1
        return job

    def finish(self, finish: Finish, duration_s: float) -> None:
        """Store *finish* with the next commit; it is kept until the disk takes it."""
        self._buffer.note_duration(duration_s)
        self._started[finish.job.queue] -= 1
        self._finished.append(finish)
        self._wanted.set()

    def unstored(self, job_id: int) -> Running | None:
        """Return the attempt at *job_id* that has ended and is not stored yet."""
        return next((each.running for each in (*self._storing, *self._finished) if each.job.id == job_id), None)

    def drain(self) -> None:
        """Claim no more; return the jobs that wait for a worker."""
        self.draining = True
        self._return_ineligible(())

    def undrain(self) -> None:
        """Claim again."""
        self.draining = False
        self.look()

    def look(self) -> None:
        """Look again whether something may be claimed or started."""
        self._wake(len(self._free_workers))
        self._wanted.set()

    def close(self) -> None:
        """End `run` and the workers that wait."""
        self._closing.set()
        self.look()

    def note_coming(self, queues: Collection[str]) -> None:
        """Claim from *queues* in the very commit that stores due jobs for them, which the writer has been handed."""
        self.note_due(queues)
        if queues and self._idle > len(self._buffer) and self._writer.failing is None:
            self._begin_turn()

    def note_due(self, queues: Collection[str], *, suspected: bool = False) -> None:
        """Claim from *queues*, which have due jobs; *suspected*: some may have run when a daemon died."""
        if queues:
            self._suspected.update(queues if suspected else ())
            self._due.note(queues)
            self._make_way(queues)
            self._wanted.set()

    def return_paused(self, *, queues: Collection[str] = (), tasks: Collection[str] = ()) -> None:
        """Return claimed jobs of *queues* and *tasks*: in the commit that pauses these, and those claimed meanwhile."""
        self._return(self._buffer.take(lambda job: job.queue in queues or job.task in tasks))

    def use_limits(self, limits: Mapping[str, int]) -> None:
        """Let at most so many jobs of each queue run at once; what runs beyond a lower limit goes on to its end."""
        self.queues.limits = limits
        self._return_ineligible(())
        self._wanted.set()

    def cancel(self, job_ids: Collection[int], cancelling: Callable[[Collection[int]], Act[R]]) -> "asyncio.Future[R]":
        """Make the change that cancels jobs, told which are stored as claimed; none starts unless it is refused."""
        claimed = [job_id for job_id in (*(job.id for job in self._buffer), *self._returning) if job_id in job_ids]
        answered = self._writer.do(cancelling(claimed))
        answered.add_done_callback(partial(self._cancelled, self._buffer.take(lambda job: job.id in job_ids)))
        return answered

    def _cancelled(self, jobs: Sequence[Job], answered: "asyncio.Future[R]") -> None:
        if answered.exception() is not None:
            self._buffer.put_back(jobs)
            self._return_ineligible(())
            self._wake(len(jobs))

    async def run(self) -> None:
        """Store outcomes and claim until closed, one turn a commit."""
        self._wanted.clear()  # the first worker that waits begins: before, no claimed job could start
        while not self._closing.is_set():
            await self._wanted.wait()
            self._wanted.clear()
            if self._writer.failing is not None or self._unreturned:
                await self._clock.wait(self._closing, STORE_RETRY_S)
            self._begin_turn()
            while self._turn is not None:  # it begins the next one
                await self._end_turn(*self._turn)

    def _claiming(self) -> ClaimRequest:
        """Decide how much the next turn claims, and from which queues."""
        startable = self._idle - len(self._buffer)
        paused, returning = self.queues.paused, self._returning.values()
        rooms = self.queues.rooms(self._started, self._buffer, returning) if self.queues.limits else {}
        due = [queue for queue in self._due.now() if queue not in paused]
        queues = [queue for queue in due if rooms.get(queue, 1)]
        # If a task that is never buffered is next, claim no more than can start: the rest would be claimed and returned
        # in every turn. The same below a queue at its limit: its next job goes first as soon as one of its jobs ends.
        target = 0 if self._unbuffered_next or queues != due[: len(queues)] else self._buffer.target()
        # Half of the buffer at once: the workers run the other half while the store commits.
        limit = min(startable + target, max(startable, 0) + max(self.workers, target // 2))
        if self.draining or not self._permitted() or self.queues.all_paused or limit <= 0:
            return NOTHING
        # Jobs that ran when a daemon died run one at a time, each alone in its turn: the guilty one is then known.
        suspected = []
        if self._suspected and self._suspect is None and startable > 0:
            open_ = (queue for queue in self.queues.names if queue not in paused and rooms.get(queue, 1))
            suspected = [queue for queue in open_ if queue in self._suspected]
        return ClaimRequest(queues, limit, startable, suspected, rooms) if queues or suspected else NOTHING

    def _begin_turn(self) -> None:
        """Hand the next turn over to the writer, if there is something to store or to claim and none is on its way."""
        unreturned, self._unreturned = self._unreturned, []
        self._return(unreturned)
        if self._turn is None and ((claiming := self._claiming()).limit > 0 or self._finished):
            self._storing, self._finished = self._finished, []
            self._turn = self._store(self._storing, claiming), claiming, self._due.seen()
            self._wanted.set()

    async def _end_turn(self, answered: asyncio.Future[Claimed], claiming: ClaimRequest, seen: _Seen) -> None:
        finished, stored = self._storing, list[Finish]()
        try:
            claimed = await answered
        except StateError:
            self._finished[:0] = finished  # they stay in memory until the disk takes them
            self._wanted.set()
        except Exception as error:
            if not finished:
                raise
            self._finished.extend(await store_each(self._store_alone, finished, error))
            self._wanted.set()
        else:
            self._take_in(claimed, claiming, seen)
            stored += claimed.stored
        finally:
            self._turn, self._storing = None, ()
            self.changed.set()
        try:
            if stored:  # the next turn is on its way while the listeners hear of this one
                self._begin_turn()
                await asyncio.sleep(0)
        finally:
            self._tell(stored)

    async def _store_alone(self, finish: Finish) -> None:
        claimed = await self._store([finish], NOTHING)
        self._storing = [each for each in self._storing if each.job.id != finish.job.id]
        self._tell(claimed.stored)

    def _store(self, finished: Sequence[Finish], claiming: ClaimRequest) -> "asyncio.Future[Claimed]":
        return self._writer.do(Turn(finished, claiming, to_us(self._clock.now()), self._buffered))

    def _take_in(self, claimed: Claimed, claiming: ClaimRequest, seen: _Seen) -> None:
        """Keep the claimed jobs for the workers, and learn what the claim showed of the queues."""
        self._due.emptied(claimed.empty, seen)
        self._unbuffered_next = claimed.more_unbuffered
        if claimed.suspects:
            self._suspect = claimed.suspects[0].id
        else:
            self._suspected.difference_update(claiming.suspected)
        self._buffer.extendleft(claimed.suspects)
        # What was claimed behind jobs that are on their way back must not start before them.
        behind = set(self._returning.values())
        self._buffer.extend(job for job in claimed.jobs if job.queue not in behind)
        self._return([job for job in claimed.jobs if job.queue in behind])
        self._return_ineligible(self._due.since(seen))
        self._wake(len(self._buffer))
        if claiming.limit > 0 and not claimed.empty:  # there may be more
            self._wanted.set()

    def _return_ineligible(self, due: Sequence[str]) -> None:
        """Return jobs that became ineligible meanwhile: drained, paused, beyond a limit, or below a *due* queue."""
        if self.draining or self.queues.all_paused:
            self._return(self._buffer.take(lambda _: True))
        if self.queues.paused or self.queues.paused_tasks:
            self.return_paused(queues=self.queues.paused, tasks=self.queues.paused_tasks)
        if self.queues.limits:
            beyond = self.queues.beyond_limits(self._started, self._buffer)
            self._return(self._buffer.take(lambda job: job.id in beyond))
        self._make_way(due)

    def _make_way(self, queues: Collection[str]) -> None:
        """Return jobs that were claimed from lower queues, in the commit that stores due jobs for *queues*.

        Otherwise a lower queue's jobs that wait here would start before the new ones.
        """
        if queues:
            self._return(self._buffer.take_below(queues, self._idle))

    def _return(self, jobs: Sequence[Job]) -> None:
        """Make claimed *jobs* available again, in the next commit."""
        if jobs:
            self._returning.update((job.id, job.queue) for job in jobs)
            returning = self._writer.do(ReturnClaims([job.id for job in jobs]))
            returning.add_done_callback(partial(self._returned, jobs))

    def _returned(self, jobs: Sequence[Job], answered: "asyncio.Future[None]") -> None:
        if answered.exception() is not None:
            self._unreturned += jobs  # they must not start
        else:
            for job in jobs:
                self._returning.pop(job.id, None)
            if any(job.id == self._suspect for job in jobs):
                self._suspect = None
                self._suspected.update(job.queue for job in jobs)
        self._due.note({job.queue for job in jobs})
        self._wanted.set()
        self.changed.set()

    def _wake(self, workers: int) -> None:
        while workers > 0 and self._free_workers:
            free = self._free_workers.popleft()
            if not free.done():
                free.set_result(None)
                workers -= 1

    def _tell(self, finished: Sequence[Finish]) -> None:
        """Tell of committed outcomes, and wake the callers that wait for them."""
        self._events.tell(*(event_of(finish) for finish in finished))
        for finish in finished:
            if finish.running.ended is not None:
                finish.running.ended.set()
            if finish.job.id == self._suspect:
                self._suspect = None
                self._wanted.set()
            if finish.state in {State.SCHEDULED, State.RETRYABLE}:
                self.promoter.expect(finish.due_at_us)
            elif finish.state is State.AVAILABLE:
                self._due.note([finish.job.queue])
                self._wanted.set()
