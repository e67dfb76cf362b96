"""A job whose attempt is under way, the ways to interrupt it, and the watch over all deadlines."""

import asyncio
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum

from paranad.clock import Clock
from paranad.events.event import Events
from paranad.events.queue import JobProgressed
from paranad.queue.model import Job

GIVEN_UP_AFTER_S = 30.0
"""A task that has not ended so long after it was told is left behind: its outcome is stored, its worker replaced."""
CHECK_S = 1.0
LONGEST_SLEEP_S = 60.0


class Interruption(StrEnum):
    """Why the daemon ends an attempt that has not ended by itself."""

    TIMED_OUT = "timed_out"
    """It took longer than its timeout; spends a try."""
    CANCELLED = "cancelled"
    """The operator ended it; final."""
    HANDED_BACK = "handed_back"
    """The daemon stops; the job becomes available again, no try spent."""
    TAKEN = "taken"
    """Another machine or worker has the work now; final here."""


class Running:
    """An attempt under way: what the task is given, and what others see of it."""

    __slots__ = (
        "_events",
        "_progress",
        "_shields",
        "_task",
        "cancel_sent",
        "deadline_s",
        "ended",
        "interruption",
        "job",
        "left",
        "started_at_us",
        "started_s",
        "told_at_s",
    )

    def __init__(self, job: Job, events: Events, *, started_at_us: int, started_s: float) -> None:
        self.job = job
        self.started_at_us = started_at_us
        self.started_s = started_s
        """On the clock that never steps."""
        self.deadline_s = started_s + job.timeout.total_seconds()
        self.interruption: Interruption | None = None
        self.cancel_sent = False
        """Whether the task was told to end."""
        self.told_at_s: float | None = None
        """When that was first noticed."""
        self.left: str | None = None
        """What an interrupted task left to be kept, such as the output of its program."""
        self.ended: asyncio.Event | None = None
        """Set once the outcome is committed; made by the first who waits for it."""
        self._events = events
        self._task = asyncio.current_task()
        self._progress: tuple[int, int | None] | None = None
        self._shields = 0

    @property
    def progress_made(self) -> tuple[int, int | None] | None:
        """How many the task last told to be done, and of how many; None for what it did not tell."""
        return self._progress

    @property
    def shielded(self) -> bool:
        """Whether a request is under way that must not be cut off."""
        return self._shields > 0

    def progress(self, done: int, total: int | None) -> None:
        """Tell that *done* are done, of *total*; None: the total is unknown."""
        self._progress = (done, total)
        job = self.job
        self._events.tell(
            JobProgressed(job_id=job.id, task=job.task, queue=job.queue, order_id=job.order_id, done=done, total=total)
        )

    @contextmanager
    def shield(self) -> Iterator[None]:
        """Keep timeout and hand-back waiting for the block's end, when they take effect; the operator is refused."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
            if not self._shields and self.interruption is not None:
                self._send()  # it was interrupted within the shield

    def interrupt(self, why: Interruption) -> None:
        """End the attempt: at once, or at the end of its shield. The first reason holds."""
        if self.interruption is None:
            self.interruption = why
            if not self._shields:
                self._send()

    def _send(self) -> None:
        if not self.cancel_sent and self._task is not None:
            self.cancel_sent = True
            self._task.cancel()

    async def seen(self) -> bool:
        """Tell whether the task noticed its cancellation; an unnoticed cancellation is cleared.

        A task that answered without waiting once more did not notice it: its answer stands.
        """
        seen = True
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            seen = False
        # The worker goes on with this asyncio task: a cancellation that is left would end its next job.
        while self._task is not None and self._task.cancelling():
            self._task.uncancel()
        return seen


class Sweeper:
    """Looks at the running attempts when the earliest deadline comes, not at each by itself."""

    def __init__(self, clock: Clock, running: Mapping[int, Running], given_up: Callable[[Running], None]) -> None:
        self._clock = clock
        self._running = running
        self._given_up = given_up
        self._wake = asyncio.Event()
        self._next_s = -math.inf

    def watch(self, deadline_s: float) -> None:
        """Look again at *deadline_s* at the latest."""
        if deadline_s < self._next_s:
            self._next_s = deadline_s
            self._wake.set()

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            self._wake.clear()
            now_s = self._clock.monotonic()
            deadlines = [self._look(each, now_s) for each in list(self._running.values())]
            # A job that starts meanwhile and may run for longer need not wake it.
            self._next_s = min([now_s + LONGEST_SLEEP_S, *deadlines])
            await self._clock.wait(self._wake, self._next_s - now_s)

    def _look(self, running: Running, now_s: float) -> float:
        """Interrupt *running* at its deadline, or give up on it; return when to look again."""
        if running.interruption is None and running.deadline_s <= now_s:
            running.interrupt(Interruption.TIMED_OUT)
        if running.interruption is None:
            return running.deadline_s
        if running.cancel_sent:
            self._wait_for_end(running, now_s)
        return now_s + CHECK_S

    def _wait_for_end(self, running: Running, now_s: float) -> None:
        if running.told_at_s is None:
            running.told_at_s = now_s
        elif now_s - running.told_at_s >= GIVEN_UP_AFTER_S:
            self._given_up(running)
