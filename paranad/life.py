"""The daemon's life, in order: start, serve, stop; and the effect of signals."""

import ctypes
import gc
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

import anyio

from paranad.blocked import LoopNote, noted_after_s
from paranad.clock import Clock, SystemClock
from paranad.configuration.settings import Settings
from paranad.configured import Configuration, Load
from paranad.control import schemas_doctor, schemas_status
from paranad.control.api import create_app
from paranad.control.connections import allow_files
from paranad.control.daemon import Daemon, Examine
from paranad.control.server import ControlServer
from paranad.control.stream import Stream
from paranad.errors import ConfigurationError, StateDamaged
from paranad.events.daemon import DaemonDraining, DaemonReady, DaemonStarted, DaemonStopped
from paranad.events.event import Events
from paranad.log.output import Level, configure
from paranad.parts import Parts, built
from paranad.shop.errors import ShopError
from paranad.store.file import FILE_NAME
from paranad.store.sqlite import damaged, storage_error
from paranad.systemd import Systemd

if TYPE_CHECKING:
    from paranad.doctor.look import Doctor

M_ARENA_MAX = -8
"""Source: mallopt(3)."""
SWITCH_S = 0.0005
"""How long SQLite's thread may wait for the interpreter's lock; Python's default, 5 ms, is as long as a commit."""

SetLevel = Callable[[Level], None]


def run(configuration: Configuration, load: Load, *, new_state: bool = False) -> int:
    """Run the daemon until it is told to stop; return the exit status.

    Args:
        configuration: a usable one.
        load: reads it again.
        new_state: whether to begin with an empty queue where queue.db is gone.
    """
    keep_one_heap()
    allow_files()
    clock, events, settings = SystemClock(), Events(), configuration.settings
    log, systemd = configure(settings.log.format, settings.log.level, now=clock.now), Systemd(os.environ, clock)
    events.listen(log.tell)
    try:
        return live(
            configuration,
            load,
            clock=clock,
            events=events,
            set_level=log.set_level,
            systemd=systemd,
            new_state=new_state,
        )
    finally:
        log.close()


def keep_one_heap() -> None:
    """Let all threads share one heap, if the C library can: with a heap each they would hold much unused memory."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def live(
    configuration: Configuration,
    load: Load,
    *,
    clock: Clock,
    events: Events,
    set_level: SetLevel,
    systemd: Systemd | None = None,
    new_state: bool = False,
) -> int:
    """Run a daemon in an event loop of its own; return its exit status.

    Raises:
        StateError, ConfigurationError: it could not start.
    """
    watched, note = systemd or Systemd({}, clock), LoopNote(configuration.settings.daemon.state_dir)

    async def whole_life() -> None:
        async with (
            watched.attended(events),
            opened(configuration, load, clock=clock, events=events, set_level=set_level, new_state=new_state) as life,
            note.kept(clock, noted_after_s(watched.watchdog_s)),
        ):
            await life.serve()

    try:
        anyio.run(whole_life)
    except (
        sqlite3.Error,
        UnicodeDecodeError,
    ) as error:  # only queue.db raises these; all others are caught where they arise
        path = configuration.settings.daemon.state_dir / FILE_NAME
        raise storage_error(error, path) or damaged(path, error) from error
    return 0


@asynccontextmanager
async def opened(
    configuration: Configuration,
    load: Load,
    *,
    clock: Clock,
    events: Events,
    set_level: SetLevel,
    new_state: bool = False,
) -> AsyncIterator["Life"]:
    """Give the life of a daemon whose parts are built; close everything at the end."""
    settings = configuration.settings
    events.tell(DaemonStarted(version=version("paranad"), pid=os.getpid(), state_dir=str(settings.daemon.state_dir)))
    async with built(configuration, clock=clock, events=events, new_state=new_state) as parts:
        examine = doctor_of(parts, load, clock, events)
        daemon = Daemon(settings, load, parts, clock=clock, events=events, set_level=set_level, examine=examine)
        yield Life(daemon, settings)


def doctor_of(parts: Parts, load: Load, clock: Clock, events: Events) -> Examine:
    """Return how the doctor examines *parts*; the doctor is built when it is asked for the first time."""

    @cache
    def doctor() -> "Doctor":
        from paranad.doctor.look import Doctor  # noqa: PLC0415 - a daemon that is never asked need not hold it

        return Doctor(parts, load, clock, events)

    async def examine(settings: Settings, itself: schemas_status.Daemon) -> schemas_doctor.Doctor:
        return await doctor().look(settings, itself)

    return examine


class Life:
    """One life of the daemon, from recovery to its end in order."""

    def __init__(self, daemon: Daemon, settings: Settings) -> None:
        self.daemon, self.parts, self.events = daemon, daemon.parts, daemon.events
        self.ready = anyio.Event()
        self._socket = settings.daemon.socket
        self._stop = anyio.Event()
        stream = Stream(daemon.events, daemon.clock)
        self._control = ControlServer(create_app(daemon, stream), self._socket, stream, daemon.events)

    async def serve(self) -> None:
        """Recover, listen, work; return when a signal or `stop` has ended it in order.

        Raises:
            ConfigurationError: the control socket cannot be made.
            StateError: the jobs of the last daemon cannot be recovered.
        """
        sys.setswitchinterval(SWITCH_S)
        recovered = await self.parts.jobs.recover()
        await self.parts.shipments.tell_restored()
        with suppress(ShopError):  # a shop that is down lets nobody else have them
            await self.parts.bridge.kept.reclaim()
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._heed_signals)
                # A socket that cannot be made ends the start before any job has begun.
                group.start_soon(self._control.serve)
                await self._control.started.wait()
                group.start_soon(self.parts.store.watch.run)
                group.start_soon(self.parts.workers.run)
                group.start_soon(self.parts.bridge.failed.run)
                group.start_soon(self.parts.bridge.kept.run)
                group.start_soon(self.parts.alerts.run)
                group.start_soon(self.parts.metrics.run)
                group.start_soon(self.parts.digests.run)
                await self._work_until_stopped(len(recovered.available))
                await self._end()
                group.cancel_scope.cancel()
        except BaseExceptionGroup as errors:
            raise _only(errors) from None

    def stop(self) -> None:
        """Let `serve` end in order."""
        self._stop.set()

    async def _work_until_stopped(self, recovered: int) -> None:
        # The bringers of new work end first; the workers go on until `_end`.
        async with anyio.create_task_group() as bringing:
            bringing.start_soon(self.parts.pauses.run)
            bringing.start_soon(self.parts.scheduler.run)
            bringing.start_soon(self.parts.backfills.run)
            bringing.start_soon(self.parts.bridge.run)
            bringing.start_soon(self.parts.on_demand.run)
            bringing.start_soon(self.parts.pruning.run)
            bringing.start_soon(self.parts.history.run)
            bringing.start_soon(self.parts.mind_door)
            self.daemon.state = "ready"
            self.events.tell(DaemonReady(socket=str(self._socket), recovered=recovered))
            self.ready.set()
            gc.collect()
            gc.freeze()  # all that is imported stays; collecting it again would stop the loop for 30 ms
            bringing.start_soon(self.parts.heartbeat.run)
            await self._stop.wait()
            bringing.cancel_scope.cancel()

    async def _end(self) -> None:
        """Finish the running jobs while the control API still answers; then end the API too."""
        self.daemon.state = "stopping"
        self.events.tell(DaemonDraining(reason="stop", running=len(self.parts.workers.running())))
        handed_back = await self.parts.workers.stop()
        await self._control.stop()
        self.events.tell(DaemonStopped(handed_back=handed_back))

    async def _heed_signals(self) -> None:
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
            async for received in signals:
                if received == signal.SIGHUP:
                    with suppress(ConfigurationError):  # told already
                        await self.daemon.reload()
                elif self._stop.is_set():
                    await self.parts.workers.stop()  # the second signal: hand back at once
                else:
                    self.stop()


def _only(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the one error that ended a task group, so that the caller can catch its class; damage wins over others."""
    if (damage := errors.subgroup(StateDamaged)) is not None:
        errors = damage
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup) and (len(error.exceptions) == 1 or damage):
        error = error.exceptions[0]
    return error
