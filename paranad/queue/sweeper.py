"""One watch for all deadlines: interrupts attempts at their timeout, gives up on tasks that do not end."""

import asyncio
import math
from collections.abc import Callable, Mapping

from paranad.clock import Clock
from paranad.queue.running import Interruption, Running

GIVEN_UP_AFTER_S = 30.0
"""A task that has not ended so long after it was told is left behind: its outcome is stored, its worker replaced."""
CHECK_S = 1.0


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
            self._next_s = min((self._look(each, now_s) for each in list(self._running.values())), default=math.inf)
            await self._clock.wait(self._wake, min(self._next_s - now_s, 60.0))

    def _look(self, running: Running, now_s: float) -> float:
        """Do what is due for *running*; return when to look again."""
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
