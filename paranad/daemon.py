"""The running daemon as operators see it: its status, its health, reload, drain, and the doctor's look."""

import os
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from paranad.bridge.loop import Mode
from paranad.clock import Clock
from paranad.configuration.load import applied, diff
from paranad.configuration.settings import Settings
from paranad.configured import Load
from paranad.control import schemas
from paranad.control.daemon import Facts
from paranad.control.views import Views
from paranad.errors import ConfigurationError, StateGone
from paranad.events.daemon import DaemonDraining, DaemonReloaded, DaemonReloadFailed, DaemonReloading, DaemonResumed
from paranad.events.event import Event, Events
from paranad.events.queue import QueueStoreGone, QueueStoreReturned
from paranad.log.output import Level
from paranad.parts import Parts, retention_of
from paranad.said import Said

if TYPE_CHECKING:
    from paranad.doctor.look import Doctor


class Daemon:
    """What the control API and signals ask of the daemon, beside its parts."""

    def __init__(
        self,
        settings: Settings,
        load: Load,
        parts: Parts,
        *,
        clock: Clock,
        events: Events,
        set_level: Callable[[Level], None],
    ) -> None:
        """Begin in the state `starting`; *load* reads the configuration again."""
        self.parts, self.clock, self.events = parts, clock, events
        self.state: schemas.DaemonState = "starting"
        self._settings, self._load, self._set_level = settings, load, set_level
        self._since = clock.now()
        events.listen(self._hear)

    @property
    def zone(self) -> ZoneInfo:
        """The configured time zone."""
        return self._settings.zone

    def health(self) -> Said | str | None:
        if self.state != "ready":
            return f"the daemon is {self.state}"
        return self.parts.store.watch.gone

    async def facts(self) -> Facts:
        show, outside = Views(self.zone), self.parts.outside
        answer = await outside.ask()
        failing = self.parts.store.watch.gone or self.parts.store.writer.failing
        return Facts(
            daemon=self._itself(),
            courier=show.courier(outside),
            shop=show.shop(answer),
            bridge=show.bridge(self.parts.bridge),
            store=schemas.Store(
                healthy=failing is None, reason=failing and failing.text, why=schemas.remark_of(failing)
            ),
            last_sync=show.last_sync(answer.last_sync),
            last_sync_known=answer.last_sync_known,
        )

    async def doctor(self) -> schemas.Doctor:
        return await self._doctor().look(self._settings, self._itself())

    @cache  # noqa: B019 - as long-lived as the process
    def _doctor(self) -> "Doctor":
        """Build the doctor when it is asked for the first time."""
        from paranad.doctor.look import Doctor  # noqa: PLC0415 - a daemon that is never asked need not hold it

        return Doctor(self.parts, lambda: self._load().usable().settings, self.clock, self.events)

    def _itself(self) -> schemas.Daemon:
        state: schemas.DaemonState = self.state
        if state == "ready" and self.parts.workers.draining:
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
            configuration = self._load().usable()
        except ConfigurationError as error:
            self.events.tell(DaemonReloadFailed(problems=tuple(map(str, error.problems))))
            raise
        new = configuration.settings
        changed, needs_restart = diff(self._settings, new)
        self._settings = applied(self._settings, new)
        self._set_level(new.log.level)
        self.parts.courier.limiter.set_rate(new.courier.rate_limit)
        self.parts.pruning.retention = retention_of(new)
        self.parts.bridge.use(Mode(new.shop.laravel_queue), new.shop.poll_interval)
        # Another time zone waits for a restart.
        self.parts.use_schedule([entry.in_zone(self.zone) for entry in configuration.entries], self.events)
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
        self.events.tell(DaemonDraining(reason="drain", running=len(self.parts.workers.running())))
        self.parts.workers.drain()

    def undrain(self) -> None:
        if self.parts.store.watch.gone:
            raise StateGone(self.parts.store.watch.gone)
        drained = self.parts.workers.draining
        self.parts.workers.undrain()
        if drained and not self.parts.workers.draining:
            self.events.tell(DaemonResumed())
