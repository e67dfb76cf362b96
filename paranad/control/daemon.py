"""The running daemon as operators see it: its parts, its health, reload, drain, and the doctor's look."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from datetime import timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo

from paranad.bridge.loop import Mode
from paranad.clock import Clock
from paranad.configuration.load import applied, diff
from paranad.configuration.settings import Settings
from paranad.configuration.shown import shown
from paranad.configured import Load
from paranad.control import schemas, schemas_acts, schemas_doctor, schemas_schedule, schemas_status
from paranad.errors import ConfigurationError, OfAnotherMachine, StateError, StateGone, Unavailable
from paranad.events.daemon import DaemonDraining, DaemonReloaded, DaemonReloadFailed, DaemonReloading, DaemonResumed
from paranad.events.event import Event, Events
from paranad.events.queue import QueueStoreGone, QueueStoreReturned
from paranad.events.schedule import ScheduleNextChanged
from paranad.handover import HandedOver, Handover, others_present
from paranad.known_tasks import notice_queue
from paranad.log.output import Level
from paranad.parts import Parts, php_rule_of, retention_of
from paranad.queue.jobs import JobFilter
from paranad.queue.model import FINISHED, State
from paranad.said import Said, Sentence
from paranad.schedule.coming import NextChange, moved
from paranad.schedule.entries import Entry

COUNTED = 1000
"""How many jobs of a command that is gone or changed are looked at."""
NOT_READY = Sentence("daemon.not_ready", "the daemon is {state}")
HANDING_OVER = Sentence(
    "standby.handing_over", "the daemon hands over to another machine: what runs finishes, and nothing new starts here"
)
STANDBY_OFF = Sentence(
    "standby.off", "this daemon works alone: there is no other to hand over to; to have one: paranadctl standby setup"
)
NOBODY_PRESENT = Sentence(
    "standby.nobody_present",
    "no other machine stands by, so nobody would work; start paranad there first, or stop this one: "
    "systemctl stop paranad",
)
NOT_WRITABLE = Sentence(
    "standby.not_writable",
    "the work cannot be handed over now, so this machine works on: {reason}; try again once the database answers: "
    "paranadctl standby yield",
)
Examine = Callable[[Settings, schemas_status.Daemon, Said | None], Awaitable[schemas_doctor.Doctor]]
"""Looks at everything, by the settings in force and how the daemon itself stands."""


class Daemon:
    """The parts, and what the control API and signals ask of all of them together."""

    def __init__(
        self,
        settings: Settings,
        load: Load,
        parts: Parts,
        *,
        clock: Clock,
        events: Events,
        set_level: Callable[[Level], None],
        examine: Examine,
    ) -> None:
        """Begin in the state `starting`; *load* reads the configuration again, *examine* lets the doctor look."""
        self.parts, self.clock, self.events = parts, clock, events
        self.state: schemas_status.DaemonState = "starting"
        self._settings, self._load, self._set_level, self._examine = settings, load, set_level, examine
        self._since = clock.now()
        self.handover = Handover()
        self.held_up: Said | None = None
        """Why it does not work yet although it holds the lease; None: nothing keeps it from that."""
        self._drain_asked = False
        """Whether an operator asked for the drain: then it outlasts an absence of queue.db."""
        events.listen(self._hear, [QueueStoreGone, QueueStoreReturned])

    @property
    def zone(self) -> ZoneInfo:
        """The configured time zone."""
        return self._settings.zone

    @property
    def unshipped_after(self) -> timedelta:
        """How old an order may become without a shipment before somebody is told; zero: it is not watched."""
        return self._settings.alert.unshipped_after

    def health(self) -> Said | None:
        """Return why it is not ready; None: the queue is recovered and the socket listens."""
        if self.state not in {"ready", "standby"}:
            return NOT_READY(state=self.state)
        return self.parts.store.watch.gone

    async def doctor(self) -> schemas_doctor.Doctor:
        """Look at everything that may be wrong; it takes some seconds, and never more than a minute."""
        return await self._examine(self._settings, self.itself(), self.held_up)

    def itself(self) -> schemas_status.Daemon:
        """Show the process, and whether it works."""
        state: schemas_status.DaemonState = self.state
        if state == "ready" and self.parts.workers.draining:
            state = "draining"
        return schemas_status.Daemon(
            version=version("paranad"),
            pid=os.getpid(),
            state=state,
            since=self._since.astimezone(self.zone),
            config_file=self._settings.file,
        )

    def configuration(self) -> schemas.Configuration:
        """Show the configuration in force, without what must not be shown."""
        keys = [schemas.SetKey(key=each.key, value=each.value) for each in shown(self._settings)]
        return schemas.Configuration(items=keys, sources=list(self._settings.sources))

    async def reload(self) -> schemas_acts.ReloadReport:
        """Read the configuration again and use what needs no restart.

        Raises:
            ConfigurationError: every problem; the old values stay.
        """
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
        self.parts.jobs.use_limits(new.queue.limits)
        self.parts.pruning.retention = retention_of(new)
        self.parts.bridge.use(Mode(self._settings.shop.laravel_queue), new.shop.poll_interval, php_rule_of(new.shop))
        self.parts.bridge.kept.use(keeps=self._settings.shop.keep_rows)
        self.parts.notices.use(notice_queue(self._settings), by_php=self._settings.shop.notices_by == "php")
        self.parts.on_demand.use(self._settings)
        # Another time zone waits for a restart.
        taken = self.parts.registry.takes()
        changes = self._use_schedule([entry.in_zone(self.zone) for entry in configuration.entries])
        self.parts.alerts.use(new.alert)
        self.parts.digests.use(new.alert)
        self.parts.parcels.use(new.parcels)
        self.parts.heartbeat.use(new.alert.heartbeat_url.get_secret_value())
        self.events.tell(DaemonReloaded(changed=changed, needs_restart=needs_restart))
        takes = self.parts.registry.takes()
        return schemas_acts.ReloadReport(
            changed=list(changed),
            needs_restart=list(needs_restart),
            credentials=list(new.credentials),
            schedule=changes,
            left=[each async for each in self._stranded(taken.keys() - takes.keys())],
            unfit=[each async for each in self._stranded({name for name in takes if takes[name] != taken.get(name)})],
        )

    async def _stranded(self, tasks: Collection[str]) -> AsyncIterator[schemas_acts.LeftJobs]:
        """Yield which of *tasks* have unfinished jobs that they cannot run; nothing while queue.db cannot be read."""
        unfinished, registry = frozenset(State) - FINISHED, self.parts.registry
        for task in sorted(tasks):
            with suppress(StateError):
                found = await self.parts.jobs.find(JobFilter(states=unfinished, task=task), limit=COUNTED, cursor=None)
                if jobs := sum(not registry.fits(job) for job in found.items):
                    yield schemas_acts.LeftJobs(task=task, jobs=jobs)

    def _use_schedule(self, entries: Sequence[Entry]) -> list[schemas_schedule.NextChange]:
        """Schedule *entries* from now on; return, and tell, which of them are due next at another instant."""
        scheduler = self.parts.scheduler
        paused = scheduler.paused
        moves = list(moved(scheduler.given, {each.name: each for each in entries}, scheduler.halted, self.clock.now()))
        self.parts.use_schedule(entries, self.events, self._settings.command)
        changes = [
            schemas_schedule.NextChange(
                name=move.entry,
                change=move.change.value,
                before=move.before and move.before.astimezone(self.zone),
                after=move.after and move.after.astimezone(self.zone),
                pause_stays=move.change is NextChange.REMOVED and move.entry in paused,
            )
            for move in moves
        ]
        self.events.tell(
            *(
                ScheduleNextChanged(
                    entry=each.name,
                    change=each.change,
                    before=each.before.isoformat() if each.before else None,
                    after=each.after.isoformat() if each.after else None,
                )
                for each in changes
            )
        )
        return changes

    def _hear(self, events: Sequence[Event]) -> None:
        """Begin no job while queue.db is gone: its outcome, or its shipment's journal row, could not be kept."""
        for event in events:
            match event:
                case QueueStoreGone():
                    self._claim_no_more()
                case QueueStoreReturned() if not self._drain_asked:
                    self._claim_again()
                case _:
                    pass

    def drain(self) -> None:
        """Claim no more, until an operator says `undrain`; the running jobs go on."""
        self._drain_asked = True
        self._claim_no_more()

    def _claim_no_more(self) -> None:
        self.events.tell(DaemonDraining(reason="drain", running=len(self.parts.workers.running())))
        self.parts.workers.drain()

    def undrain(self) -> None:
        """Claim again.

        Raises:
            StateGone: queue.db is gone, so nothing that a job notes would be kept.
            OfAnotherMachine: what runs is finished for another machine, which takes over.
        """
        if self.parts.store.watch.gone:
            raise StateGone(self.parts.store.watch.gone)
        if self.handover.asked.is_set():
            raise OfAnotherMachine(HANDING_OVER())
        self._drain_asked = False
        self._claim_again()

    def hold_up(self, why: Said | None) -> None:
        """Learn why this daemon does not work yet although it holds the lease; None: nothing keeps it any more."""
        self.held_up = why

    def go_on(self) -> None:
        """Claim in a new term of the lease, unless an operator has asked for a drain or queue.db is gone."""
        if not self._drain_asked and not self.parts.store.watch.gone:
            self._claim_again()

    async def hand_over(self) -> HandedOver:
        """Give the lease up, once what runs has ended; return how that went.

        Raises:
            OfAnotherMachine: the lease cannot be given up now, no other machine stands by, or none has taken over, so
                this one works on.
            Unavailable: the daemon starts or stops.
        """
        if self.parts.standby is None:
            raise OfAnotherMachine(STANDBY_OFF())
        takes_over = self.state == "standby" and self.parts.standby.term > 0
        if self.state != "ready" and not takes_over:
            raise Unavailable(NOT_READY(state=self.state))
        others = await others_present(self.parts.standby)
        if trouble := self.parts.standby.view.trouble:  # nothing could be given up, and nobody take it
            raise OfAnotherMachine(NOT_WRITABLE(reason=trouble))
        if not others:
            raise OfAnotherMachine(NOBODY_PRESENT())
        return await self.handover.ask()

    def _claim_again(self) -> None:
        drained = self.parts.workers.draining
        self.parts.workers.undrain()
        if drained and not self.parts.workers.draining:
            self.events.tell(DaemonResumed())
