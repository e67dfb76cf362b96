"""The alerts: looks after what may need a person, and tells somebody."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import anyio

from paranad.alerts.entries import EntriesOff, SilentEntries
from paranad.alerts.jobs import FatalJobs, HeldShipments, UnsentOrders
from paranad.alerts.ledger import Ledger
from paranad.alerts.look import Moment, Watch
from paranad.alerts.mark import Mark
from paranad.alerts.neighbours import FullDisk, GoneState, LostShop, RefusedLogin, Unreadable, UnreadableRows
from paranad.alerts.teller import Teller
from paranad.clock import Clock, from_us, to_us
from paranad.errors import ParanadError
from paranad.events.alerts import AlertWatchFailed
from paranad.events.courier import CourierLoggedIn, CourierLoginRefused, CourierRightRefused
from paranad.events.event import Event, Events
from paranad.events.queue import (
    JobCompleted,
    JobFailed,
    JobForgotten,
    JobTookDaemonDown,
    QueueFlushed,
    QueueStoreFailed,
    QueueStoreGone,
    QueueStoreReturned,
)
from paranad.events.shipments import ShipmentCreated, ShipmentDecided, ShipmentHeld
from paranad.events.shop import BridgeRowFailed, ShopLost, ShopReturned
from paranad.schedule.entries import Entry
from paranad.schedule.loop import EntryView
from paranad.store.file import Store

KEPT_AS = "alerts.watch"
EVERY_S = 60.0
GATHERED_S = 1.0
"""How long what happens together is gathered before it is looked at."""
WAKING = frozenset(
    {
        BridgeRowFailed,
        CourierLoggedIn,
        CourierLoginRefused,
        CourierRightRefused,
        JobFailed,
        JobForgotten,
        JobTookDaemonDown,
        QueueFlushed,
        QueueStoreFailed,
        QueueStoreGone,
        QueueStoreReturned,
        ShipmentDecided,
        ShipmentHeld,
        ShopReturned,
    }
)
"""Events after which there is something to see at once."""
HEARD = frozenset({CourierLoggedIn, CourierLoginRefused, CourierRightRefused, ShipmentCreated, ShopLost, ShopReturned})
"""Events from which a watch learns."""


class Alerts:
    """Looks once a minute, and when something happens, at what may need a person; `run` until cancelled."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        events: Events,
        *,
        zone: ZoneInfo,
        command: Sequence[str],
        views: Callable[[], Awaitable[Iterable[EntryView]]],
        at_rest: Callable[[Entry], bool],
        ask_shop: Callable[[], Awaitable[object]],
        unreadable: Callable[[], Awaitable[Sequence[Unreadable]]],
    ) -> None:
        """Put the parts together.

        Args:
            store: where incidents are kept, and what is looked at.
            clock: by which everything is timed.
            events: what happens; told of incidents too.
            zone: in which documents give their times.
            command: the operator's own, empty: nobody is told, though incidents are kept.
            views: the schedule's entries as the operator sees them.
            at_rest: tells whether an operator holds the entry's jobs up.
            ask_shop: returns when the shop's database has answered, and raises ShopUnreachable where it does not.
            unreadable: returns the shop's rows that cannot be read, and raises ShopError where they are not known.
        """
        self._values, self._clock, self._events = store.values, clock, events
        self._state_dir, self._views = store.path.parent, views
        self._ledger = Ledger(store.values, clock, events)
        self._teller = Teller(self._ledger, clock, events, zone, command)
        self._login, self._shop, self._rows = RefusedLogin(), LostShop(ask_shop, clock), UnreadableRows(unreadable)
        self._entries = SilentEntries(views, at_rest, self._shop.excused)
        self._watches = self._all_watches(store)
        self._last: datetime | None = None
        self._trouble: dict[str, str] = {}
        self._wake = asyncio.Event()
        events.listen(self._hear)

    def use(self, command: Sequence[str]) -> None:
        """Tell by *command* from now on."""
        self._teller.use(command)

    async def run(self) -> None:
        """Look and tell, from where the last daemon stood."""
        await self._take_up()
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._forever, "looking", self._watch)
                group.start_soon(self._forever, "telling", self._teller.run)
        finally:
            with anyio.CancelScope(shield=True):
                await self._shop.close()
                await self._rows.close()

    def _all_watches(self, store: Store) -> tuple[Watch, ...]:
        return (
            HeldShipments(store.reader),
            UnsentOrders(store.reader),
            FatalJobs(store.reader),
            self._entries,
            EntriesOff(self._views),
            GoneState(store.path, lambda: store.watch.gone),
            FullDisk(self._state_dir),
            self._login,
            self._shop,
            self._rows,
        )

    def _hear(self, events: Sequence[Event]) -> None:
        for event in events:
            kind = type(event)
            if isinstance(event, JobCompleted):  # thousands a second may be told
                self._entries.completed(event.task)
                self._login.completed(event.task)
            elif kind in HEARD:
                self._login.hear(event)
                self._shop.hear(event)
            if kind in WAKING:
                self._wake.set()

    async def _take_up(self) -> None:
        try:
            await self._load()
        except Exception as error:  # noqa: BLE001 -- the loop's edge: what cannot be read is begun anew
            self._tell_trouble("all", f"{type(error).__name__}: {error}")

    async def _load(self) -> None:
        await self._ledger.load()
        kept = await self._values.get(KEPT_AS)
        if kept:
            self._last = from_us(kept["looked_at"])
            self._entries.load(kept["entries"])
        mark = Mark(self._state_dir)
        if incident := mark.read(self._clock.now()):
            self._ledger.adopt(incident)
            if await self._ledger.save():
                mark.remove()

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
            self._wake.clear()
            await self._look(is_first=is_first)
            is_first = False
            if await self._clock.wait(self._wake, EVERY_S):
                await self._clock.sleep(GATHERED_S)

    async def _look(self, *, is_first: bool) -> None:
        now = self._clock.now()
        last = now if self._last is None else min(self._last, now)
        moment = Moment(now, self._clock.monotonic(), last, is_first)
        for watch in self._watches:
            await self._look_by(watch, moment)
        if await self._ledger.save():
            self._last = now
            with suppress(ParanadError):  # a disk that is full has been told of; the next look keeps it
                await self._values.put(KEPT_AS, {"looked_at": to_us(now), "entries": self._entries.kept()})

    async def _look_by(self, watch: Watch, moment: Moment) -> None:
        """Let one watch look; whatever goes wrong with it, the others look too."""
        opened = self._ledger.open(watch.kind)
        try:
            look = await watch.look(moment, opened)
        except Exception as error:  # noqa: BLE001 -- the loop's edge: alerts outlive whatever happened
            self._tell_trouble(watch.kind, f"{type(error).__name__}: {error}")
            return
        self._trouble.pop(watch.kind, None)
        for key, how in look.over.items():
            self._ledger.end(watch.kind, key, how)
        for key, facts in look.bad.items():
            self._ledger.begin(watch.kind, key, facts)

    def _tell_trouble(self, kind: str, trouble: str) -> None:
        """Tell of *trouble* once, however often it comes in a row."""
        if self._trouble.get(kind) != trouble:
            self._trouble[kind] = trouble
            self._events.tell(AlertWatchFailed(kind=kind, error=trouble))
