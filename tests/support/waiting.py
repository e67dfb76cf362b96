"""Says when something begins to wait on the tests' clock, so that a test need not guess when to move it."""

import asyncio

from tests.support.clock import ManualClock

SAFETY_S = 20


class Waiting:
    """Notes for how long the clock was asked to wait, from now on."""

    def __init__(self, clock: ManualClock) -> None:
        self._asked: list[float] = []
        self._more = asyncio.Event()
        self._wait = clock.wait
        clock.wait = self._noted  # type: ignore[method-assign]

    async def __call__(self, timeout_s: float, *, times: int = 1) -> None:
        """Return when somebody has begun to wait *timeout_s* seconds, so many times in all."""
        async with asyncio.timeout(SAFETY_S):
            while self._asked.count(timeout_s) < times:
                self._more.clear()
                await self._more.wait()

    async def _noted(self, signal: asyncio.Event, timeout_s: float) -> bool:
        waiting = asyncio.ensure_future(self._wait(signal, timeout_s))
        try:
            await asyncio.sleep(0)
            self._asked.append(timeout_s)
            self._more.set()
            return await waiting
        finally:
            waiting.cancel()
