"""The daemon's life, in order: start, serve, stop; with `[standby]` in terms of a lease; and the effect of signals."""

import asyncio
import ctypes
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

import anyio
from anyio.abc import TaskGroup

from paranad import exits
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
from paranad.events.standby import LeaseLost, StandbyWaiting
from paranad.handover import (
    LOST_MEANWHILE,
    NOT_KNOWN,
    NOT_TAKEN,
    STOPPED_MEANWHILE,
    TAKEN_WITHIN_S,
    HandedOver,
    taken_over,
    unless,
    within,
)
from paranad.lean import loaded
from paranad.log.output import Level, configure
from paranad.parts import Parts, built
from paranad.said import Said
from paranad.shop.errors import ShopError
from paranad.standby.service import Standby
from paranad.standby.taken import Taken
from paranad.store.file import FILE_NAME
from paranad.store.sqlite import damaged, storage_error
from paranad.systemd import Systemd

if TYPE_CHECKING:
    from paranad.doctor.look import Doctor

M_ARENA_MAX = -8
"""Source: mallopt(3)."""
SWITCH_S = 0.0001
"""How long SQLite's thread may wait for the interpreter's lock; Python's default, 5 ms, is as long as a commit."""

ROWS_FREED_S = 10.0
"""How long the shop's database may take at the end."""
LOOK_S = 1.0
"""How soon the workers go on once they are permitted to claim again."""
AT_ONCE = timedelta(0)

SetLevel = Callable[[Level], None]


def run(configuration: Configuration, load: Load, *, new_state: bool = False) -> int:
    """Run the daemon until it is told to stop; return the exit status.

    Args:
        configuration: a usable one.
        load: reads it again.
        new_state: whether to begin with an empty queue where queue.db is gone.
    """
    loaded()
    keep_one_heap()
    allow_files()
    clock, events, settings = SystemClock(), Events(), configuration.settings
    log = configure(settings.log.format, settings.log.level, now=clock.now)
    events.listen(log.tell)
    try:
        return live(
            configuration,
            load,
            clock=clock,
            events=events,
            set_level=log.set_level,
            systemd=Systemd(os.environ, clock, settings.zone),
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

    async def whole_life() -> int:
        async with (
            watched.attended(events),
            opened(configuration, load, clock=clock, events=events, set_level=set_level, new_state=new_state) as life,
            note.kept(clock, noted_after_s(watched.watchdog_s)),
        ):
            return await life.serve()

    try:
        return anyio.run(whole_life)
    except (
        sqlite3.Error,
        UnicodeDecodeError,
    ) as error:  # only queue.db raises these; all others are caught where they arise
        path = configuration.settings.daemon.state_dir / FILE_NAME
        raise storage_error(error, path) or damaged(path, error) from error


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

    async def examine(settings: Settings, itself: schemas_status.Daemon, held_up: Said | None) -> schemas_doctor.Doctor:
        return await doctor().look(settings, itself, held_up)

    return examine


class Life:
    """One life of the daemon, from recovery to its end in order."""

    def __init__(self, daemon: Daemon, settings: Settings) -> None:
        self.daemon, self.parts, self.events = daemon, daemon.parts, daemon.events
        self.ready = anyio.Event()
        self._socket = settings.daemon.socket
        self._stop = anyio.Event()
        """Set once the daemon is told to stop."""
        self._over = anyio.Event()
        """Set once no new work may come in: stopped, or the lease is lost or to be given up."""
        self._lost: Said | None = None
        """Why the lease is lost; None: it is not."""
        self._at_once = asyncio.Event()
        """Set by the second signal to stop: nothing is waited for that can be done without."""
        self._begun = False
        stream = Stream(daemon.events, daemon.clock)
        self._control = ControlServer(create_app(daemon, stream), self._socket, stream, daemon.events)

    async def serve(self) -> int:
        """Recover, listen, work; return the exit status when a signal or `stop` has ended it in order.

        With `[standby]` it works only while it holds the lease, and ends when that is lost or given up.

        Raises:
            ConfigurationError: the control socket cannot be made.
            StateError: the jobs of the last daemon cannot be recovered.
        """
        sys.setswitchinterval(SWITCH_S)
        recovered = await self.parts.jobs.recover()
        await self.parts.shipments.tell_restored()
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._heed_signals)
                # A socket that cannot be made ends the start before any job has begun.
                group.start_soon(self._control.serve)
                await self._control.started.wait()
                group.start_soon(self.parts.store.watch.run)
                group.start_soon(self.parts.alerts.run)
                group.start_soon(self.parts.metrics.run)
                group.start_soon(self.parts.pruning.run)
                if standby := self.parts.standby:
                    self.events.tell(StandbyWaiting(machine=None, reason=standby.view.why))
                    self._ready("standby", len(recovered.available))
                    status = await self._take_terms(standby, group)
                else:
                    with suppress(ShopError):  # a shop that is down lets nobody else have the rows
                        await self.parts.bridge.kept.reclaim()
                    self._tend(group)
                    self._begin(group)
                    self._ready("ready", len(recovered.available))
                    await self._bring_work()
                    await self._rest()
                    await self._free_rows(self.parts.bridge.kept.settle)
                    status = exits.DONE
                await self._control.stop()
                self.events.tell(DaemonStopped(handed_back=self.parts.workers.handed_back))
                group.cancel_scope.cancel()
        except BaseExceptionGroup as errors:
            raise _only(errors) from None
        return status

    def stop(self) -> None:
        """Let `serve` end in order."""
        self._stop.set()
        self._over.set()

    def _ready(self, state: schemas_status.DaemonState, recovered: int) -> None:
        self.daemon.state = state
        self.events.tell(DaemonReady(socket=str(self._socket), recovered=recovered))
        self.ready.set()

    def _begin(self, group: TaskGroup) -> None:
        """Start what works until the end, once."""
        if not self._begun:
            self._begun = True
            group.start_soon(self.parts.workers.run)
            group.start_soon(self.parts.digests.run)

    def _tend(self, group: TaskGroup) -> None:
        """Start what looks after the shop's `jobs` and `failed_jobs` for the jobs that are here."""
        group.start_soon(self.parts.bridge.kept.run)
        group.start_soon(self.parts.bridge.failed.run)

    async def _bring_work(self) -> None:
        """Let new work come in until this is over; the workers go on."""
        async with anyio.create_task_group() as bringing:
            bringing.start_soon(self.parts.pauses.run)
            bringing.start_soon(self.parts.scheduler.run)
            bringing.start_soon(self.parts.backfills.run)
            bringing.start_soon(self.parts.bridge.run)
            bringing.start_soon(self.parts.on_demand.run)
            bringing.start_soon(self.parts.history.run)
            bringing.start_soon(self.parts.mind_door)
            bringing.start_soon(self.parts.heartbeat.run)
            await self._over.wait()
            bringing.cancel_scope.cancel()

    async def _rest(self) -> None:
        """Finish the running jobs while the control API still answers, and claim no more for good."""
        if self.daemon.state == "stopping":
            return
        self.daemon.state = "stopping"
        self.events.tell(DaemonDraining(reason="stop", running=len(self.parts.workers.running())))
        await self.parts.workers.stop(AT_ONCE if self._lost else None)

    async def _free_rows(self, free: Callable[[], Awaitable[None]]) -> None:
        """Do what is left at the shop's rows; a database that hangs is not waited for: they come free by themselves."""
        await within(self.daemon.clock, ROWS_FREED_S, self._at_once, free)

    # With `[standby]`: one daemon of several works, in terms of a lease.

    async def _take_terms(self, standby: Standby, group: TaskGroup) -> int:
        """Stand by, work in each term of the lease, and end: stopped, or with the lease lost or given up."""
        taken = await unless(self._over, standby.wait_for_lease)
        while taken is not None:
            await self._term(standby, taken, group)
            taken = await self._handed_back(standby)
        await self._rest()
        await standby.give_up()
        return exits.DONE if self._stop.is_set() else exits.LEASE_GONE

    async def _term(self, standby: Standby, taken: Taken, group: TaskGroup) -> None:
        """Work until stopped, or until the lease is lost or to be given up; then nothing runs any more."""
        async with anyio.create_task_group() as term:
            term.start_soon(self._keep, standby)
            term.start_soon(self._heed_handover)
            term.start_soon(standby.look)  # what was seen last shows another machine at work
            clock, held_up = self.daemon.clock, self.daemon.hold_up
            if await taken_over(self.parts, taken, clock, self._over, held_up, self._leave):
                term.start_soon(self._look_when_permitted, standby)
                self._tend(term)
                self._begin(group)
                self.daemon.state = "ready"
                self.daemon.go_on()
                await self._bring_work()
            if self.daemon.handover.asked.is_set() and not self._stop.is_set():
                self.events.tell(DaemonDraining(reason="yield", running=len(self.parts.workers.running())))
                await self.parts.workers.quiet(AT_ONCE if self._lost else None)
            else:
                await self._rest()
            # Also of a lost lease: what is freed is compared with what this daemon wrote.
            await self._free_rows(self.parts.bridge.kept.release)
            term.cancel_scope.cancel()

    async def _keep(self, standby: Standby) -> None:
        self._lost = await standby.keep()
        self._over.set()
        await self.parts.workers.stop(AT_ONCE)  # as the second signal: another machine may work from now on

    def _leave(self, why: Said) -> None:
        """End as if the lease were lost, which is given up at the end."""
        self._lost = why
        self._over.set()
        self.events.tell(LeaseLost(term=self.parts.standby.term if self.parts.standby else 0, reason=why))

    async def _heed_handover(self) -> None:
        await self.daemon.handover.asked.wait()
        self._over.set()

    async def _look_when_permitted(self, standby: Standby) -> None:
        """Let the workers go on once a lease that could not be renewed for a while is renewed again."""
        while True:
            permitted = standby.may_claim()
            await self.daemon.clock.sleep(LOOK_S)
            if standby.may_claim() and not permitted:
                self.parts.workers.look()

    async def _handed_back(self, standby: Standby) -> Taken | None:
        """Give the lease up to another machine if that was asked for; return it if nobody has taken it. None: end."""
        handover = self.daemon.handover
        if not handover.asked.is_set():
            return None
        if self._lost is not None:
            handover.failed(LOST_MEANWHILE(reason=self._lost))
            return None
        await standby.give_up()
        given_up_s = self.daemon.clock.monotonic()
        if machine := await standby.taken_by(TAKEN_WITHIN_S):
            left = await self.parts.bridge.kept.notes.waiting_here()
            handover.done(HandedOver(machine, self.daemon.clock.monotonic() - given_up_s, left))
            return None
        if self._stop.is_set():
            handover.failed(STOPPED_MEANWHILE())
        elif await standby.take_back():
            handover.failed(NOT_TAKEN(seconds=int(TAKEN_WITHIN_S)))
            self._over = anyio.Event()
            if self._stop.is_set():  # while it was taken back
                self._over.set()
            return standby.taken
        else:
            handover.failed(NOT_KNOWN(reason=standby.view.why))
        return None

    async def _heed_signals(self) -> None:
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
            async for received in signals:
                if received == signal.SIGHUP:
                    with suppress(ConfigurationError):  # told already
                        await self.daemon.reload()
                elif self._stop.is_set():
                    self._at_once.set()  # the second signal
                    await self.parts.workers.stop(AT_ONCE)
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
