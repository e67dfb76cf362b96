"""Makes scheduled and retryable jobs available at their due instant."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Collection, Sequence

from paranad.clock import Clock, Steps, to_us
from paranad.errors import ParanadError, StateError
from paranad.queue.rows import STATEMENTS
from paranad.queue.turn import promote
from paranad.store.file import Store
from paranad.store.writer import Kind

LONGEST_SLEEP_S = 60.0
"""The wall clock may step: it is looked at once a minute at least."""
STORE_RETRY_S = 5.0
HELD_S = 1.0
"""How often it is looked whether another job still holds the unique key of one that was put off and is due."""


class Promoter:
    """Sleeps until the earliest due instant."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        arrived: Callable[[Collection[str]], None],
        *,
        pull_back: Callable[[], Awaitable[None]],
    ) -> None:
        """Promote what is due in *store*; *pull_back* is asked at the start and whenever the wall clock has stepped."""
        self._store = store
        self._clock = clock
        self._steps = Steps(clock)
        self._pull_back = pull_back
        self._pulled_back = False
        self._arrived = arrived
        self._wake = asyncio.Event()
        self._next_us: float = math.inf
        self._promote: Kind[int, Sequence[str]] = Kind("queue.promote", promote, self._after)

    def expect(self, due_at_us: int) -> None:
        """Wake at *due_at_us* at the latest."""
        if due_at_us < self._next_us:
            self._next_us = due_at_us
            self._wake.set()

    async def run(self) -> None:
        """Promote until cancelled."""
        while True:
            self._wake.clear()
            await self._clock.wait(self._wake, await self._round())

    async def _round(self) -> float:
        """Promote what is due; return how long to sleep."""
        try:
            return await self._promoted()
        except StateError:
            return STORE_RETRY_S

    async def _promoted(self) -> float:
        self._next_us = math.inf
        await self._believe_no_clock()
        row = await self._store.reader.fetch_one(STATEMENTS["next_due"], {"now": to_us(self._clock.now())})
        if row is None:
            return LONGEST_SLEEP_S
        now_us = to_us(self._clock.now())
        if row["due_at"] is None or row["due_at"] > now_us:
            longest_s = HELD_S if row["held"] else LONGEST_SLEEP_S
            self._next_us = min(self._next_us, math.inf if row["due_at"] is None else row["due_at"])
            return min((self._next_us - now_us) / 1_000_000, longest_s)
        await self._store.writer.write(self._promote, now_us)
        return 0.0

    async def _believe_no_clock(self) -> None:
        if self._steps.stepped() or not self._pulled_back:
            self._pulled_back = False
            await self._pull_back()
            self._pulled_back = True

    def _after(self, _: object, promoted: Sequence[Sequence[str] | ParanadError]) -> None:
        self._arrived({queue for queues in promoted if not isinstance(queues, ParanadError) for queue in queues})
