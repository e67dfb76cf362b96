"""The alerts: look for what may need a person, keep it as incidents, and announce them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import anyio

from paranad.alerts.entries import CommandsOff, EntriesOff, OwnTasks, SilentEntries
from paranad.alerts.failing import CommandHealth
from paranad.alerts.heartbeat import FailedHeartbeat, Heartbeat
from paranad.alerts.incidents import FailureNote, Incidents
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.loop_blocked import BlockedLoop
from paranad.alerts.mutes import Mutes
from paranad.alerts.notifier import Notifier
from paranad.alerts.parcels import parcel_troubles
from paranad.alerts.php_missing import MissingWorker
from paranad.alerts.standby import KEPT_HERE, OF_THIS_MACHINE, LeaseWatches
from paranad.alerts.watches import (
    ClosedDoor,
    FatalJobs,
    FullDisk,
    GoneState,
    HeldShipments,
    LateOrders,
    LostShop,
    RefusedLogin,
    Tick,
    UnreadableRows,
    UnsentOrders,
    Watch,
)
from paranad.alerts.work import FailedJobs, Limits, SlowRuns, StuckJobs, WaitingJobs
from paranad.blocked import LoopNote
from paranad.clock import Clock, from_us, to_us
from paranad.configuration.settings import AlertSection
from paranad.errors import ParanadError
from paranad.events.alerts import AlertWatchFailed
from paranad.events.courier import CourierDoorOpened, CourierLoggedIn, CourierLoginRefused, CourierRightRefused
from paranad.events.event import Event, Events
from paranad.events.queue import (
    JobCompleted,
    JobFailed,
    JobForgotten,
    JobRecovered,
    JobTookDaemonDown,
    QueueFlushed,
    QueueStoreFailed,
    QueueStoreGone,
    QueueStoreReturned,
)
from paranad.events.shipments import ShipmentDecided, ShipmentHeld
from paranad.events.shop import BridgeRowFailed, ShopReturned
from paranad.events.standby import LeaseDoubled, LeaseTaken, StandbyCame, StandbyWaiting
from paranad.on_demand.service import OnDemand
from paranad.orders.parcel_watch import ParcelWatch
from paranad.outside import Outside, ShopAnswer
from paranad.queue.jobs import Jobs
from paranad.queue.workers import Workers
from paranad.schedule.loop import Scheduler
from paranad.standby.service import Standby
from paranad.store.file import Store

KEPT_AS = "alerts.watch"
EVERY_S = 60.0
GATHERED_S = 1.0
"""How long a look waits for more events after the one that woke it."""
FIRST_LOOK_S = 20.0
"""How long a digest waits for this daemon's first look."""
WAKING = frozenset(
    {
        BridgeRowFailed,
        CourierDoorOpened,
        CourierLoggedIn,
        CourierLoginRefused,
        CourierRightRefused,
        JobFailed,
        JobForgotten,
        JobRecovered,
        JobTookDaemonDown,
        LeaseDoubled,
        LeaseTaken,
        QueueFlushed,
        QueueStoreFailed,
        QueueStoreGone,
        QueueStoreReturned,
        ShipmentDecided,
        ShipmentHeld,
        ShopReturned,
        StandbyCame,
        StandbyWaiting,
    }
)
"""Events after which a look is taken at once."""


class Alerts:
    """Looks for trouble once a minute, and soon after an event that may mean some; `run` until cancelled."""

    _last: datetime | None = None
    """When it last looked; None: it has not looked yet."""

    def __init__(  # noqa: PLR0917 - the parts that are watched, each of its own type
        self,
        store: Store,
        jobs: Jobs,
        workers: Workers,
        scheduler: Scheduler,
        outside: Outside,
        heartbeat: Heartbeat,
        on_demand: OnDemand,
        own_tasks: OwnTasks,
        parcels: ParcelWatch,
        standby: Standby | None,
        clock: Clock,
        events: Events,
        *,
        zone: ZoneInfo,
        settings: AlertSection,
        late_orders: LateOrders,
    ) -> None:
        """Watch the parts, each for what it knows.

        *store* keeps the incidents too, and *clock* times the looks, which *events* wake. Documents have their times in
        *zone*, and are told by the command and in the language of *settings*. With *standby*, only the machine that
        works tells of the work.
        """
        self._values, self._clock, self._events, self._outside = store.values, clock, events, outside
        self._state_dir, self.late_orders = store.path.parent, late_orders
        self.incidents, self.mutes = Incidents(store.values, clock, events), Mutes(store.values, clock, events)
        self.health = CommandHealth(store.values, clock)
        self.notifier = Notifier(self.incidents, self.mutes, self.health, clock, events, zone, settings)
        self._entries, self._limits = SilentEntries(scheduler, workers, jobs, outside), Limits.of(settings)
        self._failed = FailedJobs(store.reader, scheduler, own_tasks, zone)
        self._slow = SlowRuns(store.reader, workers, scheduler, own_tasks, self._limits)
        self._loop = BlockedLoop(LoopNote(self._state_dir), workers, events, zone)
        work = (StuckJobs(workers, scheduler, zone), WaitingJobs(store.reader, jobs, workers, self._limits, zone))
        own = (late_orders, self._failed, self._slow, *work, self._loop, self._entries, CommandsOff(own_tasks))
        others = (*_watches(store, outside, heartbeat, on_demand, zone), EntriesOff(scheduler))
        self._lease = LeaseWatches(standby, store.values, zone) if standby else None
        of_the_lease = self._lease.watches if self._lease else ()
        self._watches: tuple[Watch, ...] = (*others, *own, *parcel_troubles(parcels), *of_the_lease)
        self._worked = standby is None
        """Whether this daemon has looked at its work: without the lease it has none."""
        self._trouble, self._wake = dict[str, str](), asyncio.Event()
        self._looking, self._looked = asyncio.Lock(), asyncio.Event()
        events.listen(self._hear, {JobCompleted, *WAKING})

    def use(self, settings: AlertSection) -> None:
        """Watch and announce as *settings* say from now on."""
        self.late_orders.after = settings.unshipped_after
        self._limits.slow_factor, self._limits.waiting_after = settings.slow_factor, settings.waiting_after
        self.notifier.use(settings)

    async def unmute(self, kind: IncidentKind, by: str) -> None:
        """Tell of *kind* again, from now on.

        Raises:
            WrongState: it is not muted.
        """
        await self.mutes.unmute(kind, by)
        self.incidents.changed.set()

    def owed_since(self) -> Mapping[str, datetime]:
        """Return since when each entry of the schedule owes a success, by its name."""
        return self._entries.since()

    def successes(self) -> Mapping[str, datetime]:
        """Return when each entry of the schedule last succeeded, by its name, as far as it was seen."""
        return self._entries.successes()

    async def run(self) -> None:
        """Look and announce, from where the last daemon ended."""
        await self.take_up()
        async with anyio.create_task_group() as group:
            group.start_soon(self._forever, "looking", self._watch)
            group.start_soon(self._forever, "telling", self.notifier.run)

    def _hear(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, JobCompleted):  # thousands a second may be told
                self._slow.completed(event)
            elif type(event) in WAKING:
                self._failed.hear(event)
                self._loop.hear(event)
                self._wake.set()

    async def take_up(self) -> None:
        """Go on from what the last daemon kept; `look` and `run` come after it."""
        try:
            await self._load()
        except Exception as error:  # noqa: BLE001 -- the loop's edge: what cannot be read begins again
            self._tell_trouble("all", f"{type(error).__name__}: {error}")

    async def _load(self) -> None:
        await self.incidents.load()
        await self.mutes.load()
        await self.health.load(self.notifier.settings.command)
        if self._lease:
            await self._lease.load()
        kept = await self._values.get(KEPT_AS)
        if kept:
            self._last = from_us(kept["looked_at"])
            self._entries.load(kept["entries"])
        note = FailureNote(self._state_dir)
        if incident := note.read(self._clock.now()):
            self.incidents.adopt(incident)
            # Killed before the commit, the next daemon finds the file again, and the end is still announced.
            if await self.incidents.save():
                note.remove()

    async def _forever(self, what: str, run: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await run()
            except Exception as error:  # noqa: BLE001 -- the loop's edge: no trouble of the alerts ends the daemon
                self._tell_trouble(what, f"{type(error).__name__}: {error}")
            await self._clock.sleep(EVERY_S)

    async def _watch(self) -> None:
        is_first = True
        while True:
            self._wake.clear()  # before the look: an event during the look asks for another one
            await self.look(is_first=is_first)
            is_first = False
            if await self._clock.wait(self._wake, EVERY_S):
                await self._clock.sleep(GATHERED_S)

    async def look(self, *, is_first: bool = False) -> None:
        """Let every watch look once; *is_first*: this daemon looks for the first time."""
        async with self._looking:  # two looks at once would both end, or both open, the same incident
            await self._look(is_first=is_first)
        self._looked.set()

    async def look_again(self) -> None:
        """Look now, so that what is open is as it stands; the first look of all is waited for, for a while."""
        if self._looked.is_set() or await self._clock.wait(self._looked, FIRST_LOOK_S):
            await self.look()

    async def _look(self, *, is_first: bool) -> None:
        if await self.mutes.end_due():
            self.incidents.changed.set()
        now = self._clock.now()
        last = now if self._last is None else min(self._last, now)  # the clock may have been set back
        tick = Tick(now, self._clock.monotonic(), last, is_first, await self._ask_shop())
        if self._lease and not self._lease.works:
            await self._look_without_lease(self._lease, tick)
            return
        of_work = tick if self._worked else replace(tick, is_first=True)
        for watch in self._watches:
            await self._look_by(watch, tick if watch.kind in OF_THIS_MACHINE else of_work)
        # A look counts only when its incidents are kept: otherwise the next one looks at the same time again.
        if await self.incidents.save():
            self._last, self._worked = now, True
            with suppress(ParanadError):  # the full disk was told already; the next look keeps it
                await self._values.put(KEPT_AS, {"looked_at": to_us(now), "entries": self._entries.kept()})
                if self._lease:
                    await self._lease.keep()

    async def _look_without_lease(self, lease: LeaseWatches, tick: Tick) -> None:
        """Look at this machine alone; what is open about the work is told by the machine that works, if one does."""
        for watch in self._watches:
            if watch.kind in OF_THIS_MACHINE:
                await self._look_by(watch, tick)
        if how := lease.works_elsewhere():
            for kind in set(IncidentKind) - OF_THIS_MACHINE - KEPT_HERE:
                for key in self.incidents.open(kind):
                    self.incidents.end(kind, key, how)
        if await self.incidents.save():
            with suppress(ParanadError):
                await lease.keep()

    async def _ask_shop(self) -> ShopAnswer:
        """Ask the shop once for all watches; if that itself fails, they look without its answer."""
        try:
            return await self._outside.ask()
        except Exception as error:  # noqa: BLE001 -- the loop's edge: the watches of queue.db must look all the same
            self._tell_trouble("shop", f"{type(error).__name__}: {error}")
            return ShopAnswer(reachable=False, reason=None)

    async def _look_by(self, watch: Watch, tick: Tick) -> None:
        """Let one watch look. If it fails, the others look all the same."""
        opened = self.incidents.open(watch.kind)
        try:
            trouble = await watch.look(tick, opened)
        except Exception as error:  # noqa: BLE001 -- the loop's edge: alerts outlive any error
            self._tell_trouble(watch.kind, f"{type(error).__name__}: {error}")
            return
        self._trouble.pop(watch.kind, None)
        for key, how in trouble.over.items():
            self.incidents.end(watch.kind, key, how)
        for key, facts in trouble.bad.items():
            self.incidents.begin(watch.kind, key, facts)

    def _tell_trouble(self, kind: str, trouble: str) -> None:
        """Tell of *trouble* with a watch once, however often it comes in a row."""
        if self._trouble.get(kind) != trouble:
            self._trouble[kind] = trouble
            self._events.tell(AlertWatchFailed(kind=kind, error=trouble))


def _watches(
    store: Store, outside: Outside, heartbeat: Heartbeat, on_demand: OnDemand, zone: ZoneInfo
) -> Iterator[Watch]:
    """Build the watches that look at queue.db, at its disk and at the world outside."""
    yield HeldShipments(store.reader)
    yield UnsentOrders(store.reader)
    yield FatalJobs(store.reader)
    yield GoneState(store)
    yield FullDisk(store)
    yield RefusedLogin(outside)
    yield ClosedDoor(outside.breaker, zone)
    yield LostShop(outside)
    yield UnreadableRows()
    yield FailedHeartbeat(heartbeat)
    yield MissingWorker(on_demand)
