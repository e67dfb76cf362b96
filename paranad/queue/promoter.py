"""Makes scheduled and retryable jobs available at their due instant."""

import asyncio
import math
from collections.abc import Callable, Collection
from datetime import timedelta

from paranad.clock import Clock, Steps, to_us
from paranad.errors import StateError
from paranad.events.event import Events
from paranad.events.queue import QueuePulledBack
from paranad.queue.rows import STATEMENTS
from paranad.queue.turn import Promote, PullBack
from paranad.store.file import Store

LONGEST_SLEEP_S = 60.0
"""The wall clock may step: it is looked at once a minute at least."""
STORE_RETRY_S = 5.0
HELD_S = 1.0
"""How often a due job that was put off asks whether another job still holds its unique key."""


class Promoter:
    """Sleeps until the earliest due instant."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        events: Events,
        note_due: Callable[[Collection[str]], None],
        longest_backoff: timedelta,
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._note_due = note_due
        self._longest_backoff = longest_backoff
        self._steps = Steps(clock)
        self._pulled_back = False
        self._wake = asyncio.Event()
        self._next_us: float = math.inf

    def expect(self, due_at_us: int) -> None:
        """Wake at *due_at_us* at the latest: a job that becomes due then is committed."""
        if due_at_us < self._next_us:
            self._next_us = due_at_us
            self._wake.set()

    async def run(self) -> None:
        """Promote until cancelled."""
        while True:
            self._wake.clear()
            await self._clock.wait(self._wake, await self.promote())

    async def promote(self) -> float:
        """Make available a bounded number of jobs that are due; return for how long there is nothing more to do."""
        try:
            return await self._promoted()
        except StateError:
            return STORE_RETRY_S

    async def _promoted(self) -> float:
        self._next_us = math.inf
        await self._pull_back()
        row = await self._store.reader.fetch_one(STATEMENTS["next_due"], {"now": to_us(self._clock.now())})
        if row is None:
            return LONGEST_SLEEP_S
        now_us = to_us(self._clock.now())
        # A job that becomes due while this reads tells `expect`, which wakes the loop: so the earlier instant holds.
        if row["due_at"] is None or row["due_at"] > now_us:
            longest_s = HELD_S if row["held"] else LONGEST_SLEEP_S
            self._next_us = min(self._next_us, math.inf if row["due_at"] is None else row["due_at"])
            return min((self._next_us - now_us) / 1_000_000, longest_s)
        queues = await self._store.writer.do(Promote(now_us))
        self._note_due(queues)
        return 0.0

    async def _pull_back(self) -> None:
        """Make jobs due earlier that wait longer from now than they asked to, at the start and after a clock step.

        A clock that was ahead, and was put right, would leave them waiting. A job that a person put off keeps its
        instant.
        """
        stepped = self._steps.stepped()
        if self._pulled_back and not stepped:
            return
        self._pulled_back = False
        due_us = await self._store.writer.do(PullBack(to_us(self._clock.now()), self._longest_backoff))
        self._pulled_back = True
        if due_us:
            self._events.tell(QueuePulledBack(jobs=len(due_us)))
