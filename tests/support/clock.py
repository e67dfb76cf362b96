"""The tests' clock: it moves only when a test says so, wakes what waits, and says when something begins to wait."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

SAFETY_S = 20
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class ManualClock:
    """A clock that stands still until `advance`; `step` moves the wall clock alone, as an operator or NTP would."""

    wall: datetime = START
    elapsed_s: float = 0.0
    sleepers: dict[asyncio.Event, float] = field(default_factory=dict)

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.elapsed_s

    def elapsed(self) -> float:
        return self.elapsed_s

    async def sleep(self, delay_s: float) -> None:
        await self.wait(asyncio.Event(), delay_s)

    async def wait(self, signal: asyncio.Event, timeout_s: float) -> bool:
        if signal.is_set():
            return True
        due = asyncio.Event()
        self.sleepers[due] = self.elapsed_s + max(timeout_s, 0.0)
        self._wake()
        tasks = [asyncio.ensure_future(signal.wait()), asyncio.ensure_future(due.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.sleepers.pop(due, None)
            for task in tasks:
                task.cancel()
        return signal.is_set()

    async def advance(self, delta: timedelta | float) -> None:
        """Move both clocks on and let everything that was due run."""
        delta = delta if isinstance(delta, timedelta) else timedelta(seconds=delta)
        self.wall += delta
        self.elapsed_s += delta.total_seconds()
        self._wake()
        for _ in range(10):
            await asyncio.sleep(0)

    def step(self, delta: timedelta) -> None:
        """Move the wall clock alone."""
        self.wall += delta

    def _wake(self) -> None:
        for due, at in self.sleepers.items():
            if at <= self.elapsed_s:
                due.set()


class Waiting:
    """Notes for how long the clock was asked to wait, from now on."""

    def __init__(self, clock: ManualClock) -> None:
        self._asked: list[float] = []
        self._more = asyncio.Event()
        self._wait = clock.wait
        clock.wait = self._noted  # type: ignore[method-assign]

    async def __call__(self, timeout_s: float, *, times: int = 1) -> None:
        """Return when a wait of *timeout_s* seconds has begun, *times* times in all."""
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
