"""Time as a parameter: the only place that reads a clock, and the conversions every room shares."""

import asyncio
import time
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
STEP = timedelta(minutes=1)
"""A wall clock that moves by this much on its own is believed no longer; less is what NTP does."""


class Clock(Protocol):
    """What the daemon asks instead of the system: the wall clock, a clock that never steps, and waiting."""

    def now(self) -> datetime:
        """Return the wall clock's instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds from an arbitrary origin; never steps back."""
        ...

    def elapsed(self) -> float:
        """Return seconds from the machine's start; never steps back, and counts while the machine sleeps."""
        ...

    async def sleep(self, delay_s: float) -> None:
        """Wait *delay_s* seconds."""
        ...

    async def wait(self, signal: asyncio.Event, timeout_s: float) -> bool:
        """Wait until *signal* is set, at most *timeout_s* seconds; tell whether it was set."""
        ...


class Steps:
    """Notices that the wall clock has stepped: that it has parted from the clock that never does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._apart = self._measured()

    def stepped(self) -> bool:
        """Tell whether it has stepped by more than a minute since this was last true."""
        if not self.are_new():
            return False
        self._apart = self._measured()
        return True

    def are_new(self) -> bool:
        """Tell what `stepped` would, which stays to be asked."""
        return abs(self._measured() - self._apart) > STEP

    def _measured(self) -> timedelta:
        return self._clock.now() - EPOCH - timedelta(seconds=self._clock.monotonic())


class SystemClock:
    """The machine's own clock."""

    monotonic = staticmethod(time.monotonic)  # asked several times for each job: without a call of our own in between

    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)

    async def wait(self, signal: asyncio.Event, timeout_s: float) -> bool:
        if signal.is_set():
            return True
        try:
            async with asyncio.timeout(timeout_s):
                await signal.wait()
        except TimeoutError:
            return False
        return True


def to_us(instant: datetime) -> int:
    """Turn an aware *instant* into whole microseconds since the epoch, as SQLite keeps it."""
    return (instant - EPOCH) // MICROSECOND


def from_us(us: int) -> datetime:
    """Turn microseconds since the epoch back into an aware instant in UTC."""
    return EPOCH + timedelta(microseconds=us)


def wall_time(instant: datetime, zone: tzinfo) -> str:
    """Return *instant* on the wall clock of *zone*, such as `2026-03-02 14:05:00`."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S}"
