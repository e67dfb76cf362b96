"""When the digest goes out: once a local day, over clock changes and restarts, by the operator's own command."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from paranad.alerts.command import Told
from paranad.alerts.digest import KIND, CountDay, Day, document, is_empty
from paranad.alerts.language import Language
from paranad.alerts.notifier import FIRST_DELAY_S, LONGEST_DELAY_S, Notifier
from paranad.clock import Clock, from_us, to_us
from paranad.configuration.settings import AlertSection
from paranad.events.alerts import AlertFailed, AlertSent, AlertWatchFailed
from paranad.events.event import Events
from paranad.record import record
from paranad.said import Said
from paranad.schedule.cron import Cron, parse
from paranad.store.file import Values

KEPT_AS = "alerts.digest"
LOOK_S: Final = 60.0
"""The wall clock may step: it is looked at once a minute at least."""
LATE: Final = timedelta(hours=12)
"""How late a digest may go out that was missed while the daemon was down: half a day later the next is nearer."""
DAY: Final = timedelta(days=1)
FARTHEST: Final = timedelta(days=7)
"""How far back a digest counts: what is further back nobody reads as the news of a day."""
LONGEST_DAY: Final = timedelta(hours=36)
"""More than any local day has, and less than two."""


@record
class Mark:
    """Up to where digests have gone out."""

    since: datetime
    """Instants after this one are still to be told of."""
    day: str | None = None
    """The local date of the last one that went out; None: none did."""
    counted_until: datetime | None = None
    """Until when the last one that went out counted; None: none did."""


def since_when(cron: Cron, mark: Mark, at: datetime, now: datetime) -> datetime:
    """Return from when the digest of the instant *at* counts: where the last one ended, so that none loses a day.

    The first one counts from the same time of the day before, and so does one that follows a clock set back.
    """
    if mark.counted_until and mark.counted_until < now:
        return mark.counted_until
    return cron.latest(at - LONGEST_DAY, at - timedelta(seconds=1)) or at - DAY


def due(cron: Cron, mark: Mark, started_at: datetime, now: datetime) -> datetime | None:
    """Return the instant whose digest is to go out *now*; None: none is.

    Args:
        cron: the time of day, in the configured zone.
        mark: up to where digests have gone out.
        started_at: when this daemon began to look; what came before was missed while it was down.
        now: the wall clock, not before the mark's instant.
    """
    at = cron.latest(mark.since, now)
    if at is None or local_day(at, cron.zone) == mark.day:
        return None
    return None if at < started_at and now - at >= LATE else at


def local_day(at: datetime, zone: ZoneInfo) -> str:
    """Return the date of *at* on the wall clock of *zone*."""
    return f"{at.astimezone(zone):%Y-%m-%d}"


class Digests:
    """Sends the daily digest; `run` until cancelled."""

    def __init__(
        self,
        count: CountDay,
        notifier: Notifier,
        values: Values,
        clock: Clock,
        events: Events,
        *,
        zone: ZoneInfo,
        settings: AlertSection,
    ) -> None:
        self._count, self._notifier, self._values, self._clock, self._events = count, notifier, values, clock, events
        self._zone, self._settings = zone, settings
        self._started_at = clock.now()
        self._mark = Mark(self._started_at)
        self._others_until: datetime | None = None
        """Until when another machine sent the digests; None: none did."""
        self._kept: Mark | None = None
        """What is in queue.db; None: nothing is."""
        self._trouble = ""
        """The last error, which is told once however often it comes in a row."""
        self._tries, self._retry_at_s = 0, 0.0
        self.failed: Said | None = None
        """Why the command did not take the digest that waits; None: none waits."""
        self._changed = asyncio.Event()

    @property
    def last_day(self) -> str | None:
        """The local date of the last digest that went out; None: none did."""
        return self._mark.day

    @property
    def language(self) -> Language:
        """The language of its message."""
        return self._settings.language

    @property
    def time(self) -> str:
        """The time of day at which it goes out; empty: it does not."""
        return self._settings.digest

    def next_at(self) -> datetime | None:
        """Return when the next digest is due; None: there is none."""
        cron = self._cron()
        if cron is None:
            return None
        at = cron.next(self._clock.now())
        return cron.next(at) if local_day(at, self._zone) == self._mark.day else at

    def use(self, settings: AlertSection) -> None:
        """Send at the time and in the language of *settings* from now on; another time counts from now."""
        before, self._settings = self._settings, settings
        if before.digest != settings.digest:
            self._mark = replace(self._mark, since=self._clock.now())
        if (before.digest, before.command) != (settings.digest, settings.command):
            self._tries, self._retry_at_s, self.failed = 0, 0.0, None
            self._changed.set()

    async def now(self) -> Day:
        """Count the last 24 hours."""
        now = self._clock.now()
        return await self._count(now - DAY, now)

    async def send_now(self) -> Told:
        """Send a digest of the last 24 hours; the daily one goes out all the same.

        Raises:
            WrongState: there is no command.
        """
        day = await self.now()
        return await self._notifier.send(self._document(day, local_day(day.until, self._zone)))

    async def run(self) -> None:
        """Send each digest when it is due, from where the last daemon ended."""
        await self._whatever_comes(self.take_up)
        while True:
            self._changed.clear()
            await self._whatever_comes(self.send_due)
            await self._clock.wait(self._changed, self._wait_s())

    async def _whatever_comes(self, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
            await self._keep()
        except Exception as error:  # noqa: BLE001 -- the loop's edge: no trouble of a digest ends the daemon
            trouble = f"{type(error).__name__}: {error}"
            if trouble != self._trouble:
                self._trouble = trouble
                self._events.tell(AlertWatchFailed(kind=KIND, error=trouble))
        else:
            self._trouble = ""

    def work_from(self, since: datetime) -> None:
        """Send what is due after *since*; call it before `run` if another machine has sent the digests until then."""
        self._started_at, self._others_until = self._clock.now(), since

    async def take_up(self) -> None:
        """Go on from what the last daemon kept; at the first time ever, count from now."""
        if kept := await self._values.get(KEPT_AS):
            until = kept.get("counted_until", kept["since"] if kept["day"] else None)
            self._mark = self._kept = Mark(from_us(kept["since"]), kept["day"], until and from_us(until))
        if self._others_until:
            since = max(self._others_until, from_us(kept["since"])) if kept else self._others_until
            self._mark = Mark(since, self._mark.day)

    async def send_due(self) -> None:
        """Send the digest that is due, if one is and it says something.

        What the command does not take is tried again until the next.
        """
        cron, now = self._cron(), self._clock.now()
        if self._mark.since > now:  # the clock was ahead, or is set back: what comes now is to be told of
            self._mark = replace(self._mark, since=now)
        if cron is None or self._clock.monotonic() < self._retry_at_s:
            return
        at = due(cron, self._mark, self._started_at, now)
        if at is None:
            return
        day = await self._count_from(since_when(cron, self._mark, at, now), now)
        about = {"kind": KIND, "key": local_day(at, self._zone), "state": "open" if day.needs else "over"}
        goes_out = not is_empty(day)
        failed = await self._notifier.hand_over(self._document(day, about["key"])) if goes_out else None
        if failed:
            self._note_failure(failed, about)
            return
        self._tries, self.failed = 0, None
        self._mark = Mark(at, about["key"], now)
        if goes_out:
            self._events.tell(AlertSent(**about))

    async def _count_from(self, since: datetime, now: datetime) -> Day:
        farthest = now - FARTHEST
        if since >= farthest:
            return await self._count(since, now)
        return replace(await self._count(farthest, now), left_out_since=since)

    def _note_failure(self, failed: Said, about: dict[str, str]) -> None:
        self._tries, self.failed = self._tries + 1, failed
        delay_s = min(FIRST_DELAY_S * (1 << min(self._tries - 1, 10)), LONGEST_DELAY_S)
        self._retry_at_s = self._clock.monotonic() + delay_s
        retry_at = (self._clock.now() + timedelta(seconds=delay_s)).isoformat()
        self._events.tell(AlertFailed(**about, error=failed.text, retry_at=retry_at))

    def _wait_s(self) -> float:
        retry_in_s = self._retry_at_s - self._clock.monotonic()
        next_at = self.next_at()
        next_in_s = (next_at - self._clock.now()).total_seconds() if next_at else LOOK_S
        return max(0.0, min(each for each in (LOOK_S, retry_in_s, next_in_s) if each > 0))

    def _document(self, day: Day, key: str) -> bytes:
        return document(day, key, self._zone, self._settings.language)

    def _cron(self) -> Cron | None:
        """Return when digests are due; None: there are none."""
        if not self._settings.digest or not self._settings.command:
            return None
        hour, _, minute = self._settings.digest.partition(":")
        return parse(f"{int(minute)} {int(hour)} * * *", self._zone)

    async def _keep(self) -> None:
        """Keep the mark if it has changed; if the disk refuses it, the next minute tries again."""
        if self._mark == self._kept:
            return
        kept = self._mark
        until = kept.counted_until and to_us(kept.counted_until)
        await self._values.put(KEPT_AS, {"since": to_us(kept.since), "day": kept.day, "counted_until": until})
        self._kept = kept
