"""The workers: each runs one job at a time; deadlines, cancelling, stopping in order."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from datetime import timedelta

from paranad.clock import Clock, to_us
from paranad.errors import StateFull, WrongState
from paranad.events.event import Events
from paranad.events.queue import JobStarted
from paranad.queue.attempt import Answer, Backoff, decide
from paranad.queue.claims import Claims
from paranad.queue.jobs import Jobs
from paranad.queue.model import AttemptOutcome, Job, Outcome, State
from paranad.queue.running import GIVEN_UP_AFTER_S, Interruption, Running, Sweeper
from paranad.said import Sentence
from paranad.store.file import Store
from paranad.uninterrupted import to_its_end

AT_ONCE = timedelta(0)
LAST_STORE_S = 10.0
"""How long a stop waits for a disk that refuses outcomes; their jobs are then recovered at the next start."""

SHIELDED = Sentence(
    "job.shielded", "job {id} cannot be cancelled just now: a create-order request is under way; try again"
)
END_NOT_STORABLE = Sentence(
    "job.end_not_storable", "job {id} cannot be cancelled until its end can be stored: {reason}"
)
FINISHED = Sentence("job.finished", "job {id} is {state}, so it cannot be cancelled; only waiting and running jobs can")


class Workers:
    """Runs jobs, several at once. Give `run` to the daemon's task group; `stop` ends it in order."""

    def __init__(
        self,
        jobs: Jobs,
        claims: Claims,
        store: Store,
        clock: Clock,
        events: Events,
        *,
        perform: Callable[[Running], Awaitable[Outcome]],
        backoff: Backoff,
        drain_timeout: timedelta,
    ) -> None:
        self.count = claims.workers
        """How many jobs run at once."""
        self.drain_timeout = drain_timeout
        self._jobs = jobs
        self._claims = claims
        self._store = store
        self._clock = clock
        self._events = events
        self._perform = perform
        self._backoff = backoff
        self._running: dict[int, Running] = {}
        self._left_behind = set[Running]()
        """Attempts that were given up, and have not ended yet."""
        self._sweeper = Sweeper(clock, self._running, self._give_up)
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self.handed_back = 0
        """How many jobs were handed back since the start."""

    @property
    def draining(self) -> bool:
        """Whether no more jobs are claimed."""
        return self._claims.draining

    def running(self) -> list[Running]:
        """Return the attempts that are under way, oldest first."""
        return list(self._running.values())

    def stuck(self) -> list[Running]:
        """Return the attempts that do not end although their time is over, those that were given up first."""
        late_s = self._clock.monotonic() - GIVEN_UP_AFTER_S
        return [*self._left_behind, *(each for each in self._running.values() if each.deadline_s <= late_s)]

    async def run(self) -> None:
        """Claim and run jobs until `stop`; if it is cancelled instead, hand the running jobs back at once."""
        turns = self._spawn(self._claims.run())
        self._spawn(self._sweeper.run())
        self._spawn(self._claims.promoter.run())
        for _ in range(self.count):
            self._spawn(self._work())
        crashed = True
        try:
            await self._until_done(turns)
            crashed = False
        except asyncio.CancelledError:
            crashed = False
            raise
        finally:
            await to_its_end(self._end(turns, crashed=crashed))

    def drain(self) -> None:
        """Claim no more and finish what runs."""
        self._claims.drain()

    def undrain(self) -> None:
        """Claim again, unless the daemon stops."""
        if not self._stopping:
            self._claims.undrain()

    def look(self) -> None:
        """Look again whether something may be claimed, which was not permitted."""
        self._claims.look()

    async def stop(self, grace: timedelta | None = None) -> int:
        """Drain, hand back the jobs that still run after *grace* (None: the drain timeout), and end; return how many.

        A second call meanwhile hands back at once. A shielded attempt always ends by itself.
        """
        grace = AT_ONCE if self._stopping else grace
        self._stopping = True
        await self.quiet(grace)
        self._claims.close()
        return self.handed_back

    async def quiet(self, grace: timedelta | None = None) -> None:
        """Drain, and hand back the jobs that still run after *grace* (None: the drain timeout); `undrain` goes on.

        When it returns, nothing runs. A shielded attempt always ends by itself.
        """
        grace = self.drain_timeout if grace is None else grace
        self._claims.drain()
        await self._ended_within(grace.total_seconds())
        for running in self.running():
            running.interrupt(Interruption.HANDED_BACK)
        self._sweeper.watch(self._clock.monotonic())
        while self._running:
            await self._change()
        await self._stored_within(LAST_STORE_S)

    async def cancel(self, job_id: int) -> Job:
        """End a waiting or running job for good; return it as it then is.

        Raises:
            NotFound: there is no such job.
            WrongState: it is finished, or a request is under way that must not be cut off.
            StateFull: the disk refuses to store its end.
        """
        # The job may start or end between the look and the act: then look again.
        while (running := self._running.get(job_id) or self._claims.unstored(job_id)) is None:
            if await self._jobs.cancel_waiting(job_id):
                return await self._jobs.get(job_id)
            job = await self._jobs.get(job_id)
            if job.finished_at is not None:
                raise _finished(job)
        return await self._cancel_running(running)

    def take_away(self, job_ids: Collection[int]) -> None:
        """End for good the attempts at those of *job_ids* that run: others do the work. Shields are respected."""
        for job_id in job_ids:
            if running := self._running.get(job_id):
                running.interrupt(Interruption.TAKEN)
                self._sweeper.watch(self._clock.monotonic())

    async def _cancel_running(self, running: Running) -> Job:
        if running.shielded:
            raise WrongState(SHIELDED(id=running.job.id))
        if self._store.writer.failing is not None:
            raise StateFull(END_NOT_STORABLE(id=running.job.id, reason=self._store.writer.failing))
        running.ended = running.ended or asyncio.Event()
        if running.job.id in self._running:
            running.interrupt(Interruption.CANCELLED)
            self._sweeper.watch(self._clock.monotonic())
        await running.ended.wait()
        job = await self._jobs.get(running.job.id)
        if job.state is not State.CANCELLED:
            raise _finished(job)
        return job

    async def _work(self) -> None:
        going_on = True
        while going_on and (job := await self._claims.next()) is not None:
            going_on = await self._attempt(job)

    async def _attempt(self, job: Job) -> bool:
        """Run *job*; tell whether this worker goes on: it does not if the sweeper has given up on the attempt."""
        running = self._start(job)
        answer: Answer
        try:
            answer = await self._perform(running)
        except (Exception, asyncio.CancelledError, SystemExit) as error:  # noqa: BLE001 -- a worker's edge
            answer = error
        # A task that answered before it saw that it was told to end keeps its answer.
        if running.cancel_sent and await running.seen() and running.interruption is not None:
            running.left = _left(answer)
            answer = running.interruption
        if self._running.get(job.id) is not running:
            self._left_behind.discard(running)
            return False  # the sweeper stored an outcome, and another worker took this one's place
        self._finish(running, answer)
        return True

    def _start(self, job: Job) -> Running:
        started_s = self._clock.monotonic()
        running = Running(job, self._events, started_at_us=to_us(self._clock.now()), started_s=started_s)
        self._running[job.id] = running
        self._sweeper.watch(running.deadline_s)
        self._events.tell(
            JobStarted(job_id=job.id, task=job.task, queue=job.queue, order_id=job.order_id, attempt=job.attempt)
        )
        return running

    def _finish(self, running: Running, answer: Answer) -> None:
        duration_s = self._clock.monotonic() - running.started_s
        finish = decide(running, answer, running.started_at_us + int(duration_s * 1_000_000), self._backoff)
        self.handed_back += finish.outcome is AttemptOutcome.HANDED_BACK
        del self._running[running.job.id]
        self._claims.finish(finish, duration_s)

    def _give_up(self, running: Running) -> None:
        """Store the outcome of a task that does not end although it was told to; another worker takes its place."""
        self._finish(running, running.interruption or Interruption.TIMED_OUT)
        self._left_behind.add(running)
        self._spawn(self._work())

    def _spawn(self, loop: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(loop)
        self._tasks.add(task)
        return task

    async def _until_done(self, turns: asyncio.Task[None]) -> None:
        while not turns.done():
            done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            self._tasks -= done
            for task in done:
                task.result()

    async def _end(self, turns: asyncio.Task[None], *, crashed: bool) -> None:
        # After a defect in a loop, an orderly stop could wait for ever: the jobs are recovered at the next start.
        if not crashed and not turns.done():
            await self.stop(AT_ONCE)
            await asyncio.wait([turns])
        self._claims.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1)

    async def _change(self) -> None:
        self._claims.changed.clear()
        await self._claims.changed.wait()

    async def _ended_within(self, timeout_s: float) -> None:
        until_s = self._clock.monotonic() + timeout_s
        while self._running and (left_s := until_s - self._clock.monotonic()) > 0 and not self._all_interrupted():
            self._claims.changed.clear()
            await self._clock.wait(self._claims.changed, left_s)

    def _all_interrupted(self) -> bool:
        return all(running.interruption is not None for running in self._running.values())

    async def _stored_within(self, timeout_s: float) -> None:
        until_s = self._clock.monotonic() + timeout_s
        while not self._claims.is_idle and (self._store.writer.failing is None or self._clock.monotonic() < until_s):
            self._claims.changed.clear()
            await self._clock.wait(self._claims.changed, timeout_s)


def _left(answer: Answer) -> str | None:
    """Return the notes of the cancellation in which an interrupted task ended; None if there are none."""
    return "\n".join(getattr(answer, "__notes__", ())) or None


def _finished(job: Job) -> WrongState:
    return WrongState(FINISHED(id=job.id, state=job.state.value))
