"""The bridge's life: looks at the shop's `jobs` table at every interval, and knows whether it may take from it."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum

from paranad.bridge.apart import EVERYTHING, LEAVE, LEFT, NO_CLASS, PhpRule, RowsApart
from paranad.bridge.delivery import Deliveries, Enqueue
from paranad.bridge.failed import FailedRows
from paranad.bridge.intake import Intake, NewJobOf
from paranad.bridge.kept import KeptRows
from paranad.bridge.reserve import Scan, SeenRow
from paranad.bridge.unreadable import MovedRows
from paranad.clock import Clock
from paranad.errors import ParanadError, RequestError, StateError
from paranad.events.event import Events
from paranad.events.shop import BridgeFailed, BridgeStarted, BridgeStopped
from paranad.queue.originals import Originals
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError, ShopUnreachable
from paranad.shop.laravel_rows import RETRY_AFTER_S

OFF_S = 60.0
"""How long a bridge that is off sleeps; a reload wakes it."""
WAITING_S = 1.0
"""How long it waits before it looks again if it may not take rows, or could not."""
TROUBLE_S = 5.0
MANY_LEFT = 200
"""Beyond so many rows that are PHP's, only new rows are looked at at every interval."""
SWEEP_S = 5.0
"""How often all rows are looked at then."""

UNSURE_S = 3.0
"""How long after a change of the shop's file another change may not show in its token."""
AT_LEAST_S = 2.0
"""How often the table is looked at although it was not written: rows become due."""

NOT_LOOKED = Sentence("bridge.not_looked", "it has not looked at the shop's jobs table yet")
SWITCHED = Sentence("bridge.switched", "it was just switched")
CONFIGURED_OFF = Sentence("bridge.configured_off", '[shop] laravel_queue is "off"')
CONFIGURED_ON = Sentence("bridge.configured_on", '[shop] laravel_queue is "on"')
ALONE = Sentence("bridge.alone", "no row is reserved by anyone else")
RIVAL = Sentence(
    "bridge.rival",
    "someone else reserved row {row} of the jobs table at {at}, as a PHP worker does: it waits until {until}",
)
ODD_RESERVATION = Sentence("bridge.odd_reservation", "reserved_at holds no time at which a worker can have reserved it")


class Mode(StrEnum):
    """Whether work is taken from the shop's own `jobs` table."""

    AUTO = "auto"
    """While no one else does: no row is reserved by another since less than 90 s."""
    ON = "on"
    """Always, a PHP worker beside or not."""
    OFF = "off"
    """Never: all rows are left to PHP."""


@record
class BridgeState:
    """What the status says of the bridge."""

    mode: Mode
    active: bool
    """Whether rows are taken now."""
    reason: Said
    error: ShopError | None = None
    """What the shop's database refuses; None: rows are taken, or something else keeps them."""


class Bridge:
    """Takes the shop's work into the queue; `run` and `failed.run` are for the daemon's task groups."""

    def __init__(
        self,
        shop: Shop,
        clock: Clock,
        events: Events,
        *,
        mode: Mode,
        poll_interval: timedelta,
        queues: Sequence[str],
        new_job: NewJobOf,
        enqueue: Enqueue,
        originals: Originals,
        kept: KeptRows,
        rule: PhpRule = LEAVE,
    ) -> None:
        self.shop, self.clock, self.events = shop, clock, events
        self.state = BridgeState(mode, active=False, reason=NOT_LOOKED())
        self.table, self.kept = kept.table, kept
        self.rule = rule
        """What is left to PHP, as the configuration has it now."""
        self.php = RowsApart(self.table, events, queues=queues)
        self.intake = Intake(self.table, self.php, events, rule=rule, queues=queues, new_job=new_job)
        self.deliveries = Deliveries(self.table, clock, events, enqueue, kept)
        self.failed = FailedRows(shop, clock, events, originals, kept)
        self.unreadable = MovedRows(shop)
        self._interval_s = poll_interval.total_seconds()
        self._told: bool | None = None
        self._trouble: str | None = None
        self._wake = asyncio.Event()
        self._floor, self._next_floor = 0, 0
        self._swept_s: float | None = None
        self._token: object | None = None
        self._changed_s, self._looked_s = 0.0, 0.0

    async def run(self) -> None:
        """Take rows as the mode allows, until cancelled."""
        while True:
            wait_s = await self.poll()
            await self.clock.wait(self._wake, wait_s)
            self._wake.clear()

    @property
    def left(self) -> Counter[str]:
        """How many rows were found that stay as they are, for a PHP worker, by their class."""
        return Counter(name or NO_CLASS for name in self.intake.left.values())

    @property
    def nothing_apart(self) -> Said | None:
        """Why no row is set apart for PHP, and what is so still; None: rows that only PHP can work are."""
        if self.is_on and self.rule.on_demand:
            return None
        return self.php.kept.beside(LEFT() if self.is_on else EVERYTHING())

    def use(self, mode: Mode, poll_interval: timedelta, rule: PhpRule = LEAVE) -> None:
        """Go on in *mode* and by *rule*, at once; what is reserved already is still enqueued."""
        self._interval_s, self.rule = poll_interval.total_seconds(), rule
        if self.intake.use(rule):
            self._token = self._swept_s = None  # rows that were left are sorted again
        self.php.hasten()
        if mode is not self.state.mode:
            self.state = BridgeState(mode, active=False, reason=SWITCHED())
        self._wake.set()

    async def poll(self) -> float:
        """Look once, and take the rows that are free if the mode allows it; return how many seconds to wait.

        It returns when all that was taken is in the queue. No error leaves it: each is told, or shows in `state`.
        """
        try:
            await self.kept.load()
            if not self.is_on:
                return await self._off()
            return self._interval_s if self._nothing_new() else await self._settled_sweep()
        except ShopUnreachable as error:  # told already, by the shop
            self.state = BridgeState(self.state.mode, active=False, reason=error.said, error=error)
            return WAITING_S
        except ShopError as error:
            self._decide(error.said, active=False, error=error)
            return TROUBLE_S
        except (StateError, RequestError) as error:
            self._tell_trouble(error)
            return WAITING_S
        except Exception as error:  # noqa: BLE001 -- the loop's edge: no row's content ends the bridge
            self._tell_trouble(error)
            return TROUBLE_S

    @property
    def is_on(self) -> bool:
        """Whether rows are taken at all, by `laravel_queue`."""
        return self.state.mode is not Mode.OFF

    async def _off(self) -> float:
        self._decide(CONFIGURED_OFF(), active=False)
        with suppress(ShopError):  # a shop that is down, or has no such table, has nothing to get back now
            if await self.php.give_back():
                return 0.0
        return OFF_S

    def _nothing_new(self) -> bool:
        """Tell whether the shop's change token proves that nothing was written since the last look."""
        now_s, token = self.clock.monotonic(), self.shop.change_token()
        if token is None or token != self._token or not self.state.active:
            self._token, self._changed_s, self._looked_s = token, now_s, now_s
            return False
        # The file's time may be coarse: two changes in one tick have one token, so a fresh change is looked at again.
        if now_s - self._changed_s < UNSURE_S or now_s - self._looked_s >= AT_LEAST_S:
            self._looked_s = now_s
            return False
        return True

    async def _settled_sweep(self) -> float:
        try:
            wait_s = await self._sweep()
        finally:
            await self.deliveries.settle()
        return 0.0 if await self._see_to_php() else wait_s

    async def _see_to_php(self) -> bool:
        """Look at the rows that wait for PHP, or give some back; return whether there are more of these.

        What the shop's database refuses there is told once, and does not end the intake.
        """
        more = False
        try:
            if self.rule.on_demand:
                await self.php.look()
            elif more := await self.php.give_back():
                self._token = None  # a list at a time: work that came meanwhile is taken first
        except ShopUnreachable:
            raise
        except ShopError as error:
            self._tell_trouble(error)
        else:
            self._trouble = None
        return more

    async def _sweep(self) -> float:
        """Look at all rows, or at all that may be new, and take the free ones; return how many seconds to wait."""
        mode, begin = self.state.mode, self._begin()
        after: int | None = begin
        met: set[int] = set()
        while after is not None:
            scan = await self.table.look(after, self.shop.unix_s())
            if self.state.mode is not mode:  # a reload switched it during the look
                return 0.0
            if not self._may_take(scan):
                return WAITING_S
            self.intake.leave(scan.odd, ODD_RESERVATION())
            met |= {seen.id for seen in (*scan.free, *scan.odd)}
            await self._take(scan.free)
            after = scan.next_after
        self._end(met, whole=begin == 0)
        return self._interval_s

    async def _take(self, free: Sequence[SeenRow]) -> None:
        """Take *free*, except the rows that are left to PHP, as long as the mode stays."""
        mode = self.state.mode
        # A row that is kept is reserved anew by who keeps it, also where its reservation has run out.
        free = [seen for seen in free if not (seen.id in self.intake.left or self.kept.has(seen.id))]
        while free and self.state.mode is mode:
            ready, free = await self.intake.sort(free)
            if ready:
                await self.deliveries.room()
                if self.is_on:  # it may have been switched off while there was no room
                    self.deliveries.begin(ready)

    def _begin(self) -> int:
        """Return after which id to look: if many rows must stay, the old ones are left out for a while."""
        now_s = self.clock.monotonic()
        staying = len(self.intake.left) + self.php.due + len(self.kept.ours)
        if staying > MANY_LEFT and self._swept_s is not None and now_s - self._swept_s < SWEEP_S:
            return self._floor
        # All rows again, now and then: one that was left may be gone, or reserved by a worker.
        self._swept_s = now_s
        # One sweep behind: a row may become visible after one with a higher id.
        last_id = max(self.php.last_id, max(self.intake.left, default=0), max(self.kept.ours, default=0))
        self._floor, self._next_floor = self._next_floor, last_id
        return 0

    def _end(self, met: set[int], *, whole: bool) -> None:
        """Forget what is gone from the table, and what is no longer ours."""
        if whole:
            self.intake.forget_left(met)
        self.deliveries.forget()

    def _may_take(self, scan: Scan) -> bool:
        if self.state.mode is Mode.ON:
            self._decide(CONFIGURED_ON(), active=True)
        elif others := [seen for seen in scan.reserved if not self._is_ours(seen)]:
            self._decide(self._rival(others), active=False)
        else:
            self._decide(ALONE(), active=True)
        return self.state.active

    def _is_ours(self, seen: SeenRow) -> bool:
        # A worker of PHP counts what it takes. So this was a daemon that kept rows and died: it does not work now.
        if self.kept.keeps and not seen.attempts:
            return True
        return seen.id in self.kept.ours or self.deliveries.ours.get(seen.id) == seen.reserved_at

    def _rival(self, others: Sequence[SeenRow]) -> Said:
        last = max(others, key=lambda seen: seen.reserved_at)
        at = datetime.fromtimestamp(last.reserved_at, self.shop.zone)
        until = datetime.fromtimestamp(last.reserved_at + RETRY_AFTER_S, self.shop.zone)
        return RIVAL(row=last.id, at=f"{at:%H:%M:%S}", until=f"{until:%H:%M:%S}")

    def _decide(self, reason: Said, *, active: bool, error: ShopError | None = None) -> None:
        """Note whether rows are taken, and tell of it if that is another decision than the last."""
        self.state = BridgeState(self.state.mode, active, reason, error)
        if active is self._told or (self._told is None and self.state.mode is Mode.OFF):
            return
        self._told = active
        self.events.tell(BridgeStarted(reason=reason.text) if active else BridgeStopped(reason=reason.text))

    def _tell_trouble(self, error: Exception) -> None:
        """Tell of *error* once, however often it comes in a row."""
        trouble = str(error) if isinstance(error, ParanadError) else f"{type(error).__name__}: {error}"
        if trouble != self._trouble:
            self._trouble = trouble
            self.events.tell(BridgeFailed(error=trouble))
