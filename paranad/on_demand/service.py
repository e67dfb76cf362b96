"""Asks for a PHP worker while rows wait that only PHP can work, and sees whether it comes."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from paranad.catalogue import PHP_QUEUE
from paranad.clock import Clock, wall_time
from paranad.configuration.settings import Settings
from paranad.events.event import Event, Events
from paranad.events.php import PhpAsked, PhpNotAsked, PhpRunBegan, PhpRunEnded, PhpRunFruitless
from paranad.events.shop import BridgeRowsSetApart
from paranad.on_demand.decide import (
    MISSED_AFTER_S,
    SLOW_AFTER_S,
    Act,
    Look,
    Now,
    Standing,
    State,
    decide,
    halted,
    not_asked,
)
from paranad.on_demand.rows import Backlog, Found
from paranad.on_demand.ways import Lack, NotAsked, NoWay, Way
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shop.errors import ShopError

EVERY_S: Final = 1.0
"""How often the rows are looked at."""
SELDOM_S: Final = 10.0
"""How often they are looked at while none waits and the bridge sees none."""
OFF_S: Final = 3600.0
"""How long it sleeps while PHP is left alone; a reload wakes it."""
TROUBLE_S: Final = 5.0
IDLY_AFTER_S: Final = 60.0
"""After how long a worker that works nothing off is worth a word."""

CONFIGURED_OFF = Sentence("php.configured_off", '[shop] php is "leave", or laravel_queue is "off"')
PAUSED = Sentence("php.paused", "everything is paused, or the daemon drains")
NONE_WAITS = Sentence("php.none_waits", "no row waits for PHP")
ASKED = Sentence("php.asked", "a worker is asked for since {at}")
RUNS = Sentence("php.runs", "a worker runs since {at}")
LONG_JOB = Sentence("php.long_job", "a worker runs since {at}, and is at a job that takes long")
RUNS_IDLY = Sentence("php.runs_idly", "a worker runs since {at}, and has worked nothing off for {minutes:minute}")
FRUITLESS = Sentence(
    "php.fruitless", "the last run worked nothing off, as {times} in a row; the next is asked for at {at}"
)
LEFT_OVER = Sentence(
    "php.left_over", "rows are worked off, but no worker takes the first of {queue}, which waits since {at}"
)
CURE_LEFT_OVER = Sentence(
    "php.cure_left_over",
    "see whether the worker's --queue names {queue}, and whether retry_after in the shop's config/queue.php is longer"
    " than 90 seconds: docs/php-on-demand.md",
)
WORKED_OFF = Sentence("php.worked_off", "rows are worked off again")
NOT_LOOKED = Sentence("php.not_looked", "the rows that wait for PHP could not be counted: {reason}")


@record
class Missing:
    """Rows have waited too long with none worked off."""

    rows: int
    since: str
    """On the wall clock."""
    reason: Said
    cure: Said


def in_order(found: Sequence[str], queues: Sequence[str]) -> list[str]:
    """Return PHP's queues as a worker is to take them: those of *queues* in their order, then any other of *found*.

    All of *queues* are there, so that a row which comes meanwhile is taken too. A name with a comma would be two.
    """
    known = [f"{PHP_QUEUE}{queue}" for queue in queues]
    return [*known, *sorted(name for name in set(found).difference(known) if name.isprintable() and "," not in name)]


class OnDemand:
    """The worker that is asked for; `run` is for the daemon's task group."""

    def __init__(
        self,
        rows: Backlog,
        way_of: Callable[[Settings], Way],
        halts: Callable[[], bool],
        clock: Clock,
        events: Events,
        *,
        zone: ZoneInfo,
    ) -> None:
        """Ask for no worker before `use`.

        Args:
            rows: what waits.
            way_of: says of the settings by which way a worker is asked for.
            halts: whether nothing is to be started now.
            clock: times the looks and the rests.
            events: told of each run; rows that the bridge sets apart wake a look.
            zone: of the instants that are shown.
        """
        self.standing, self.found = Standing(), Found()
        self.is_seen_waiting: Callable[[], bool] = lambda: True
        """Whether rows may wait, as the bridge last saw them, whose look costs less."""
        self.is_on = False
        self.way: Way = NoWay()
        self._refused: NotAsked | None = None
        """Why a worker could not be asked for at the last attempt."""
        self._told: Said | None = None
        self._rows, self._clock, self._events, self._zone = rows, clock, events, zone
        self._way_of, self._halts = way_of, halts
        self._queues: tuple[str, ...] = ()
        self._left: Way | None = None
        """The way before the last reload, whose request may stand."""
        self._before: Way | None = None
        """The same way, whose worker may run still."""
        self._looked_s: float | None = None
        self._wake = asyncio.Event()
        events.listen(self._hear, [BridgeRowsSetApart])

    def use(self, settings: Settings) -> None:
        """Go on as *settings* say, at once."""
        self.is_on = settings.shop.php == "on-demand" and settings.shop.laravel_queue != "off"
        self._queues, way = settings.queue.queues, self._way_of(settings)
        if type(way) is not type(self.way):  # else it knows what it has asked for
            self._left = self._before = self.way
            self.way, self.standing = way, replace(self.standing, state=State.IDLE)
        self._wake.set()

    async def run(self) -> None:
        """Ask for workers until cancelled; then take back a request that nobody took."""
        try:
            while True:
                self._wake.clear()
                await self._clock.wait(self._wake, await self.look())
        finally:
            with suppress(OSError):
                await self.way.withdraw()

    def _hear(self, _: Sequence[Event]) -> None:
        self._looked_s = None
        self._wake.set()

    async def look(self) -> float:
        """Look once and do what follows; return how many seconds to wait. No error leaves it."""
        try:
            if self._left is not None:
                await self._left.withdraw()
                self._left = None
            if self.is_on and self._is_due():
                self.found = await self._rows.look(self.found.mark, self._clock.now())
                self._looked_s = self._clock.monotonic()
            await self._go_on()
        except ShopError:  # told already, by the shop or the bridge
            return TROUBLE_S
        except Exception as error:  # noqa: BLE001 -- the loop's edge: a defect here must not end the daemon
            self._tell_trouble(NOT_LOOKED(reason=f"{type(error).__name__}: {error}"))
            return TROUBLE_S
        return EVERY_S if self.is_on else OFF_S

    def _is_due(self) -> bool:
        """Tell whether the rows are to be looked at now: always while anything waits or runs, else now and then."""
        if self.standing.state is not State.IDLE or self._looked_s is None or self.is_seen_waiting():
            return True
        return self._clock.monotonic() - self._looked_s >= SELDOM_S

    async def _go_on(self) -> None:
        before = self.standing
        asked, running = await self.way.standing()
        found = self.found
        seen = Look(found.due, found.worked, held=found.held, asked=asked, running=running, first=found.first)
        now = Now(self._clock.now(), self._clock.monotonic())
        if self.is_on and not self._halts():
            self.standing, act = decide(before, seen, now)
        else:
            self.standing, act = halted(before, State.PAUSED if self.is_on else State.OFF, seen, now)
        self._tell(before)
        if act is Act.ASK:
            await self._ask(now)
        elif act is Act.WITHDRAW:
            await self.way.withdraw()

    async def _ask(self, now: Now) -> None:
        try:
            await self.way.ask(in_order(self.found.queues, self._queues))
        except NotAsked as error:
            self.standing, self._refused = not_asked(self.standing, now), error
            self._tell_trouble(error.said)
        else:
            self._refused = self._told = None
            self._events.tell(PhpAsked(rows=self.found.due))

    def _tell(self, before: Standing) -> None:
        after = self.standing
        if after.runs > before.runs:
            self._events.tell(PhpRunBegan(rows=self.found.due))
        ended = after.state is not State.RUNNING and (before.state is State.RUNNING or after.runs > before.runs)
        if ended and after.fruitless > before.fruitless:
            if after.fruitless == 1:
                self._events.tell(PhpRunFruitless(rows_left=self.found.due))
        elif ended:
            self._events.tell(PhpRunEnded(rows_left=self.found.due))

    def _tell_trouble(self, trouble: Said) -> None:
        if trouble != self._told:
            self._told = trouble
            self._events.tell(PhpNotAsked(reason=trouble))

    async def worker_runs(self) -> bool:
        """Tell whether a worker that was asked for still runs, also by the way before the last reload."""
        return any([(await way.standing())[1] for way in (self.way, self._before) if way is not None])

    # ------------------------------------------------------------ what is said of it

    @property
    def why(self) -> Said:
        """Why it stands as it does."""
        left = self.standing.left_over(self._clock.monotonic())
        return LEFT_OVER(queue=left[0], at=self._shown(left[1].since.at)) if left else self._why_in_state()

    def _why_in_state(self) -> Said:
        standing = self.standing
        since = self._shown(standing.since.at if standing.since else self._clock.now())
        match standing.state:
            case State.OFF:
                return CONFIGURED_OFF()
            case State.PAUSED:
                return PAUSED()
            case State.IDLE:
                return NONE_WAITS()
            case State.ASKED:
                slow = standing.lasts_s(self._clock.monotonic()) >= SLOW_AFTER_S
                return self.way.not_come(since) if slow else ASKED(at=since)
            case State.RUNNING:
                return self._how_it_runs(since)
            case State.RESTING:
                fruitless = FRUITLESS(times=standing.fruitless, at=self._next_at())
                return self._refused.said if self._refused else fruitless

    def _how_it_runs(self, since: str) -> Said:
        standing, now_s = self.standing, self._clock.monotonic()
        waits_s = standing.waits_s(now_s)
        if standing.is_late(now_s, IDLY_AFTER_S):
            return RUNS_IDLY(at=since, minutes=int(waits_s // 60))
        return LONG_JOB(at=since) if waits_s >= IDLY_AFTER_S else RUNS(at=since)

    @property
    def cure(self) -> Said | None:
        """What a person can do about a worker that is late or works nothing off; None: all goes as it should."""
        standing, now_s = self.standing, self._clock.monotonic()
        if left := standing.left_over(now_s):
            return CURE_LEFT_OVER(queue=left[0])
        match standing.state:
            case State.ASKED if standing.lasts_s(now_s) >= SLOW_AFTER_S:
                return self.way.cure(came=False)
            case State.RUNNING if standing.is_late(now_s, IDLY_AFTER_S):
                return self.way.cure(came=True)
            case State.RESTING:
                return self._refused.cure if self._refused else self.way.cure(came=True)
        return None

    @property
    def lacking(self) -> Lack | None:
        """What a person has to do before any worker can come; None: nothing, or one has come, or `cure` says it."""
        return self.way.lacking() if self.is_on and not self.standing.runs and not self.cure else None

    @property
    def missing(self) -> "Missing | None":
        """What is wrong if rows have waited too long with none worked off, or one though others are; None: nothing."""
        standing, now_s = self.standing, self._clock.monotonic()
        left = standing.left_over(now_s)
        since = left[1].since if left else standing.waiting
        if since is None or not (left or standing.is_late(now_s, MISSED_AFTER_S)):
            return None
        # A worker that was asked for just now has as little worked off as those before it.
        cure = self.cure or self.way.cure(came=standing.fruitless > 0)
        return Missing(standing.rows, self._shown(since.at), self.why, cure)

    @property
    def well(self) -> Said | None:
        """How rows that waited too long no longer do; None: they may wait still, or it is not known."""
        now_s = self._clock.monotonic()
        if self.standing.state is State.OFF:
            return CONFIGURED_OFF()
        if self._looked_s is not None and not self.found.due:
            return NONE_WAITS()
        # A row that is left over waits also while a worker is at another.
        longest_s = max((now_s - first.since.s for first in self.standing.first.values()), default=0.0)
        return WORKED_OFF() if self.standing.fruitful and longest_s < MISSED_AFTER_S else None

    def _next_at(self) -> str:
        standing = self.standing
        since = standing.since.at if standing.since else self._clock.now()
        return self._shown(since + timedelta(seconds=standing.rest_s))

    def _shown(self, at: datetime) -> str:
        return wall_time(at, self._zone)
