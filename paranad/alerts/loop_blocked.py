"""Watches whether the loop stood still, of this daemon or of the last one, which systemd's watchdog may have ended."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

import anyio

from paranad.alerts.incident import Facts, Incident
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.watches import Tick, Trouble
from paranad.blocked import LoopNote, Stood
from paranad.clock import from_us, wall_time
from paranad.events.daemon import DaemonLoopBlocked
from paranad.events.event import Event, Events
from paranad.events.queue import JobRecovered, JobTookDaemonDown
from paranad.queue.workers import Workers
from paranad.said import Sentence

LOOP = "loop"
QUIET = timedelta(hours=1)
"""How long the loop must not have stood still before it is over."""
STARTED_ANEW = Sentence("alert.loop_started_anew", "it was ended and started anew")
WENT_ON = Sentence("alert.loop_went_on", "it went on later")
NO_JOB = Sentence("alert.loop_no_job", "none")
QUIET_NOW = Sentence("alert.loop_quiet", "it has not stood still for an hour")


class BlockedLoop:
    """Tells that the loop stood still, where, and what ran then."""

    kind: ClassVar = IncidentKind.LOOP_BLOCKED

    def __init__(self, note: LoopNote, workers: Workers, events: Events, zone: ZoneInfo) -> None:
        self._note, self._workers, self._events, self._zone = note, workers, events, zone
        self._recovered: list[str] = []
        self._last: datetime | None = None

    def hear(self, event: Event) -> None:
        """Note the jobs that the last daemon left running."""
        if isinstance(event, JobRecovered | JobTookDaemonDown):
            self._recovered.append(f"{event.job_id} ({event.task})")

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        stood = await anyio.to_thread.run_sync(self._note.read)
        if stood:
            self._last = tick.now
            return self._news(stood, opened, is_first=tick.is_first)
        if LOOP in opened:
            self._last = min(self._last or tick.now, tick.now)
            if tick.now - self._last >= QUIET:
                return Trouble(over={LOOP: QUIET_NOW()})
        return Trouble()

    def _news(self, stood: Stood, opened: Mapping[str, Incident], *, is_first: bool) -> Trouble:
        """Return the incident; the note is cleared once it is kept, at the next look."""
        since = wall_time(stood.since, self._zone)
        if LOOP in opened:
            self._note.clear()
            if opened[LOOP].facts["since"] == since:
                return Trouble()
        self._events.tell(DaemonLoopBlocked(since=since, where=stood.where, stacks=stood.stacks))
        jobs = self._recovered if is_first else self._ran_at(stood.since)
        facts: Facts = {
            "since": since,
            "where": stood.where,
            "outcome": (STARTED_ANEW if is_first else WENT_ON)(),
            "jobs": ", ".join(jobs) or NO_JOB(),
        }
        return Trouble({LOOP: facts})

    def _ran_at(self, instant: datetime) -> list[str]:
        running = [each for each in self._workers.running() if from_us(each.started_at_us) <= instant]
        return [f"{each.job.id} ({each.job.task})" for each in running]
