"""Tells systemd, if it started the daemon, the daemon's state: from events, and with a regular beat of the loop."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, tzinfo
from typing import Literal

from paranad import notify
from paranad.clock import Clock
from paranad.events.daemon import (
    DaemonDraining,
    DaemonReady,
    DaemonReloaded,
    DaemonReloadFailed,
    DaemonReloading,
    DaemonResumed,
)
from paranad.events.event import Event, Events
from paranad.events.queue import AttemptFinished, JobCancelled, JobCompleted, JobFailed, JobStarted
from paranad.events.standby import LeaseTaken, StandbyWaiting

BEAT_S = 10.0
"""How often the status is renewed; with a watchdog at half its time, if that is shorter."""
EXTEND_BEATS = 3
"""For how many beats each beat of a start or a stop asks for more time."""
LASTING = ("READY=", "RELOADING=", "MONOTONIC_USEC=", "STOPPING=")
"""Messages that must arrive, later if systemd is busy; all others come again with the next beat."""


class Systemd:
    """The daemon's side of sd_notify(3): one datagram of `KEY=VALUE` lines a message; never waits.

    Nothing is sent if *environ* has no NOTIFY_SOCKET.
    """

    def __init__(self, environ: Mapping[str, str], clock: Clock, zone: tzinfo = UTC) -> None:
        """Tell the address that *environ* names; instants are shown in *zone*."""
        self._address = notify.address_in(environ)
        self.watchdog_s = _watchdog_s(environ, os.getpid())
        """After how many seconds of silence systemd ends this process; None: never."""
        self._beat_s = BEAT_S if self.watchdog_s is None else min(self.watchdog_s / 2, BEAT_S)
        self._clock = clock
        self._state: Literal["starting", "ready", "stopping"] = "starting"
        self._draining = False
        self._zone = zone
        self._stands_by = ""
        """Why it stands by, in words; empty: it does not."""
        self._stands_since = ""
        """Since when, on the wall clock."""
        self._running: set[int] = set()
        self._completed = self._failed = 0
        self._said = ""
        self._unsent: list[str] = []
        self._acts: dict[type[Event], Callable[[Event], None]] = {
            DaemonReady: self._ready,
            DaemonReloading: self._reloading,
            DaemonReloaded: self._reloaded,
            DaemonReloadFailed: self._reloaded,
            DaemonDraining: self._drain,
            DaemonResumed: self._resumed,
            StandbyWaiting: self._stand_by,
            LeaseTaken: self._take_over,
            JobStarted: self._started,
            JobCancelled: self._ended,
            **dict.fromkeys(AttemptFinished.__subclasses__(), self._ended),
        }

    @asynccontextmanager
    async def attended(self, events: Events) -> AsyncIterator[None]:
        """Listen to *events*, and beat from the running loop, so that the watchdog notices a loop that stands still."""
        if not self._address:
            yield
            return
        forget = events.listen(self._hear, self._acts)
        beating = asyncio.create_task(self._beat(), name="systemd.beat")
        try:
            yield
        finally:
            forget()
            beating.cancel()
            await asyncio.wait([beating])

    def _hear(self, events: Sequence[Event]) -> None:
        for event in events:
            if act := self._acts.get(type(event)):
                act(event)

    async def _beat(self) -> None:
        while True:
            self._send(*(["WATCHDOG=1"] if self.watchdog_s is not None else []), *self._more_time(), *self._status())
            await self._clock.sleep(self._beat_s)

    def _ready(self, _: Event) -> None:
        self._state = "ready"
        self._send("READY=1", *self._status())

    def _reloading(self, _: Event) -> None:
        if self._state == "ready":
            # Type=notify-reload tells a reload that it asked for from an earlier one by this instant.
            self._send("RELOADING=1", f"MONOTONIC_USEC={int(self._clock.monotonic() * 1_000_000)}")

    def _reloaded(self, _: Event) -> None:
        if self._state == "ready":
            self._send("READY=1")

    def _drain(self, event: Event) -> None:
        if isinstance(event, DaemonDraining) and event.reason == "stop":
            self._state = "stopping"
            self._send("STOPPING=1", *self._more_time(), *self._status())
        else:
            self._draining = True
            self._send(*self._status())

    def _resumed(self, _: Event) -> None:
        self._draining = False
        self._send(*self._status())

    def _stand_by(self, event: Event) -> None:
        if isinstance(event, StandbyWaiting):
            if not self._stands_by:
                self._stands_since = f"{self._clock.now().astimezone(self._zone):%Y-%m-%d %H:%M}"
            self._stands_by = str(event.reason)
            self._send(*self._status())

    def _take_over(self, _: Event) -> None:
        self._stands_by = ""
        self._send(*self._status())

    def _started(self, event: Event) -> None:
        if isinstance(event, JobStarted):
            self._running.add(event.job_id)

    def _ended(self, event: Event) -> None:
        if isinstance(event, AttemptFinished | JobCancelled):
            self._running.discard(event.job_id)
            self._completed += isinstance(event, JobCompleted)
            self._failed += isinstance(event, JobFailed)

    def _more_time(self) -> Sequence[str]:
        if self._state == "ready":
            return ()
        return (f"EXTEND_TIMEOUT_USEC={int(self._beat_s * EXTEND_BEATS * 1_000_000)}",)

    def _status(self) -> Sequence[str]:
        """Return the status if it differs from the last one sent."""
        words = self._words()
        if words == self._said:
            return ()
        self._said = words
        return (f"STATUS={words}",)

    def _words(self) -> str:
        if self._state == "starting":
            return "starting: opens queue.db and recovers what was left"
        running = f"{len(self._running)} running"
        if self._state == "stopping":
            return f"stopping: {running}"
        if self._stands_by:
            return f"standing by since {self._stands_since}: {self._stands_by}"
        state = "draining" if self._draining else "ready"
        return f"{state}: {running}; since the start {self._completed} completed, {self._failed} failed"

    def _send(self, *lines: str) -> None:
        said = [*self._unsent, *lines]
        if not said:
            return
        try:
            notify.send(self._address, said)
        except BlockingIOError:  # systemd is busy
            self._unsent = [line for line in said if line.startswith(LASTING)]
        except OSError:  # systemd no longer listens
            self._unsent = []
        else:
            self._unsent = []


def _watchdog_s(environ: Mapping[str, str], pid: int) -> float | None:
    """Return after how many seconds of silence systemd kills process *pid*; None: never."""
    time_us = environ.get("WATCHDOG_USEC", "")
    if not time_us.isdecimal() or not int(time_us) or environ.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    return int(time_us) / 1_000_000
