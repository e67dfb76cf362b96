"""The daemon's life: start, serve, stop in order; what a signal and the control API may ask of it."""

import ctypes
import gc
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import anyio

from paranad.alerts import command as alert_command
from paranad.bridge.loop import Mode
from paranad.clock import Clock, SystemClock
from paranad.configuration.load import applied, diff
from paranad.configuration.settings import Settings
from paranad.control import schemas
from paranad.control.api import create_app
from paranad.control.connections import allow_files
from paranad.control.daemon import Facts
from paranad.control.server import ControlServer
from paranad.control.stream import Stream
from paranad.errors import ConfigurationError, Problem, StateDamaged, StateGone
from paranad.events import (
    DaemonDraining,
    DaemonReady,
    DaemonReloaded,
    DaemonReloadFailed,
    DaemonReloading,
    DaemonResumed,
    DaemonStarted,
    DaemonStopped,
    Event,
    Events,
    QueueStoreGone,
    QueueStoreReturned,
)
from paranad.facts import Neighbours, bridge_facts
from paranad.log.output import Level, configure
from paranad.parts import Parts, built, retention_of
from paranad.queue.jobs import Jobs
from paranad.queue.workers import Workers
from paranad.schedule.entries import build_entries
from paranad.schedule.loop import Scheduler
from paranad.shipments.service import Shipments
from paranad.shop.database import check_url
from paranad.store.file import FILE_NAME, Store
from paranad.store.sqlite import damaged, storage_error
from paranad.systemd import Systemd
from paranad.tasks.registry import SCHEDULABLE, Registry

if TYPE_CHECKING:
    from paranad.doctor.look import Checkup

M_ARENA_MAX = -8
"""Source: mallopt(3)."""
SWITCH_S = 0.0005
"""How long SQLite's thread may have to wait for the interpreter; Python's own 5 ms are a whole commit."""

Load = Callable[[], Settings]
SetLevel = Callable[[Level], None]


def run(settings: Settings, load: Load, *, new_state: bool = False) -> int:
    """Run the daemon until it is told to stop; return the exit status.

    Args:
        settings: the configuration.
        load: reads it again.
        new_state: whether to begin with an empty queue where queue.db is gone.
    """
    keep_one_heap()
    allow_files()
    clock, events = SystemClock(), Events()
    log, systemd = configure(settings.log.format, settings.log.level, now=clock.now), Systemd(os.environ, clock)
    events.listen(log.tell)
    try:
        return live(
            settings,
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
    """Let all threads share one heap, where the C library can: each of its own would hold memory that nobody uses."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def live(
    settings: Settings,
    load: Load,
    *,
    clock: Clock,
    events: Events,
    set_level: SetLevel,
    systemd: Systemd | None = None,
    new_state: bool = False,
) -> int:
    """Run a daemon in a loop of its own, its doings told through *events*; return its exit status.

    Raises:
        StateError, ConfigurationError: it could not start.
    """

    async def whole_life() -> None:
        async with (
            (systemd or Systemd({}, clock)).attended(events),
            opened(settings, load, clock=clock, events=events, set_level=set_level, new_state=new_state) as daemon,
        ):
            await daemon.serve()

    try:
        anyio.run(whole_life)
    except (sqlite3.Error, UnicodeDecodeError) as error:  # nothing else of the daemon lets these through
        path = settings.daemon.state_dir / FILE_NAME
        raise storage_error(error, path) or damaged(path, error) from error
    return 0


def check(settings: Settings) -> list[Problem]:
    """Return what is wrong with *settings* beyond the types of its keys."""
    problems: list[Problem] = []
    try:
        build_entries(settings.schedule, settings.zone, SCHEDULABLE)
    except ConfigurationError as error:
        problems += error.problems
    problems += alert_command.problems(settings.alert)
    try:
        check_url(settings.shop.database_url.get_secret_value())
    except ConfigurationError as error:
        problems += error.problems
    return problems


@asynccontextmanager
async def opened(
    settings: Settings,
    load: Load,
    *,
    clock: Clock,
    events: Events,
    set_level: SetLevel,
    new_state: bool = False,
) -> AsyncIterator["Daemon"]:
    """Give a daemon whose parts are built; everything is closed at the end."""
    events.tell(DaemonStarted(version=version("paranad"), pid=os.getpid(), state_dir=str(settings.daemon.state_dir)))
    async with built(settings, clock=clock, events=events, new_state=new_state) as parts:
        daemon = Daemon(settings, load, parts, clock=clock, events=events, set_level=set_level)
        try:
            yield daemon
        finally:
            await daemon.close()


class Daemon:
    """The parts and their life; what the control API may ask."""

    def __init__(
        self, settings: Settings, load: Load, parts: Parts, *, clock: Clock, events: Events, set_level: SetLevel
    ) -> None:
        self.parts, self.clock, self.events = parts, clock, events
        self.ready = anyio.Event()
        self._settings, self._load, self._set_level = settings, load, set_level
        self._since = clock.now()
        self._state: schemas.DaemonState = "starting"
        self._stop = anyio.Event()
        self._neighbours = Neighbours(parts.shop, parts.courier.limiter, parts.bridge.unreadable, events)
        stream = Stream(events, clock)
        self._control = ControlServer(create_app(self, stream), settings.daemon.socket, stream, events)

    @property
    def zone(self) -> ZoneInfo:
        return self._settings.zone

    @property
    def store(self) -> Store:
        return self.parts.store

    @property
    def registry(self) -> Registry:
        return self.parts.registry

    @property
    def jobs(self) -> Jobs:
        return self.parts.jobs

    @property
    def workers(self) -> Workers:
        return self.parts.workers

    @property
    def scheduler(self) -> Scheduler:
        return self.parts.scheduler

    @property
    def shipments(self) -> Shipments:
        return self.parts.shipments

    async def serve(self) -> None:
        """Recover, listen, work; return when a signal or `stop` has ended it in order.

        Raises:
            ConfigurationError: the control socket cannot be made.
            StateError: what a gone daemon left cannot be recovered.
        """
        sys.setswitchinterval(SWITCH_S)
        self.events.listen(self._hear)
        recovered = await self.jobs.recover()
        await self.shipments.tell_restored()
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._heed_signals)
                group.start_soon(self._control.serve)
                await self._control.started.wait()
                group.start_soon(self.store.watch.run)
                group.start_soon(self.workers.run)
                group.start_soon(self.parts.bridge.give_back)
                group.start_soon(self.parts.alerts.run)
                await self._work_until_stopped(len(recovered.available))
                await self._end()
                group.cancel_scope.cancel()
        except BaseExceptionGroup as errors:
            raise _only(errors) from None

    def stop(self) -> None:
        """Let `serve` end in order."""
        self._stop.set()

    async def close(self) -> None:
        """End what still asks, so that every part can be closed."""
        await self._neighbours.close()

    async def _work_until_stopped(self, recovered: int) -> None:
        async with anyio.create_task_group() as clockwork:
            clockwork.start_soon(self.scheduler.run)
            clockwork.start_soon(self.parts.bridge.take)
            clockwork.start_soon(self.parts.pruning.run)
            self._state = "ready"
            self.events.tell(DaemonReady(socket=str(self._settings.daemon.socket), recovered=recovered))
            self.ready.set()
            gc.collect()
            gc.freeze()  # what was imported stays: looking through it again would stop the loop for 30 ms
            await self._stop.wait()
            clockwork.cancel_scope.cancel()

    async def _end(self) -> None:
        """Finish what runs, while the control API still answers; then end that too."""
        self._state = "stopping"
        self.events.tell(DaemonDraining(reason="stop", running=len(self.workers.running())))
        handed_back = await self.workers.stop()
        await self._control.stop()
        self.events.tell(DaemonStopped(handed_back=handed_back))

    async def _heed_signals(self) -> None:
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
            async for received in signals:
                if received == signal.SIGHUP:
                    await self._reload_by_signal()
                elif self._stop.is_set():
                    await self.workers.stop()  # the second one: hand back at once
                else:
                    self.stop()

    async def _reload_by_signal(self) -> None:
        with suppress(ConfigurationError):  # told already
            await self.reload()

    def health(self) -> str | None:
        if self._state != "ready":
            return f"the daemon is {self._state}"
        return self.store.watch.gone

    async def facts(self) -> Facts:
        shop, last_sync, last_sync_known = await self._neighbours.shop_facts()
        failing = self.store.watch.gone or self.store.writer.failing
        return Facts(
            daemon=self._itself(),
            courier=self._neighbours.courier_facts(),
            shop=shop,
            bridge=bridge_facts(self.parts.bridge),
            store=schemas.Store(healthy=failing is None, reason=failing),
            last_sync=last_sync,
            last_sync_known=last_sync_known,
        )

    async def doctor(self) -> schemas.Doctor:
        from paranad.doctor.work import build_doctor  # noqa: PLC0415 - a daemon that is never asked need not hold it

        return await build_doctor(self, await self._checkup().look(self._settings))

    @cache  # noqa: B019 - as long-lived as the process
    def _checkup(self) -> "Checkup":
        """Build what looks around, when the doctor is asked for the first time."""
        from paranad.doctor.look import Checkup  # noqa: PLC0415 - a daemon that is never asked need not hold it

        parts = self.parts
        return Checkup(
            parts.store,
            parts.shop,
            parts.courier,
            jobs=parts.jobs,
            shipments=parts.shipments,
            bridge=parts.bridge,
            load=self._load,
            clock=self.clock,
            events=self.events,
        )

    def _itself(self) -> schemas.Daemon:
        state: schemas.DaemonState = self._state
        if state == "ready" and self.workers.draining:
            state = "draining"
        return schemas.Daemon(
            version=version("paranad"),
            pid=os.getpid(),
            state=state,
            since=self._since.astimezone(self.zone),
            config_file=self._settings.file,
        )

    async def reload(self) -> schemas.ReloadReport:
        self.events.tell(DaemonReloading())
        try:
            new = self._load()
            entries = build_entries(new.schedule, self.zone, SCHEDULABLE)
        except ConfigurationError as error:
            self.events.tell(DaemonReloadFailed(problems=tuple(map(str, error.problems))))
            raise
        changed, needs_restart = diff(self._settings, new)
        self._settings = applied(self._settings, new)
        self._set_level(new.log.level)
        self.parts.courier.limiter.set_rate(new.courier.rate_limit)
        self.parts.pruning.retention = retention_of(new)
        self.parts.bridge.use(Mode(new.shop.laravel_queue), new.shop.poll_interval)
        self.parts.use_schedule(entries, self.events)
        self.parts.alerts.use(new.alert.command)
        self.events.tell(DaemonReloaded(changed=changed, needs_restart=needs_restart))
        return schemas.ReloadReport(
            changed=list(changed), needs_restart=list(needs_restart), credentials=list(new.credentials)
        )

    def _hear(self, events: Sequence[Event]) -> None:
        """Begin no job while queue.db is gone: what it would note of itself must outlive the machine."""
        for event in events:
            match event:
                case QueueStoreGone():
                    self.drain()
                case QueueStoreReturned():
                    self.undrain()
                case _:
                    pass

    def drain(self) -> None:
        self.events.tell(DaemonDraining(reason="drain", running=len(self.workers.running())))
        self.workers.drain()

    def undrain(self) -> None:
        if self.store.watch.gone:
            raise StateGone(self.store.watch.gone)
        drained = self.workers.draining
        self.workers.undrain()
        if drained and not self.workers.draining:
            self.events.tell(DaemonResumed())


def _only(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the one error a task group ended with, so that it reaches the caller as itself; damage before others."""
    if (damage := errors.subgroup(StateDamaged)) is not None:
        errors = damage
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup) and (len(error.exceptions) == 1 or damage):
        error = error.exceptions[0]
    return error
