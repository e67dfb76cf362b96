"""Keeps the incidents over restarts: in queue.db, and the incident of a daemon that is down in a file."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import orjson

from paranad.alerts.incident import Facts, Incident, clean, cleaned
from paranad.alerts.kinds import IncidentKind
from paranad.clock import Clock
from paranad.errors import ParanadError
from paranad.events.alerts import AlertClosed, AlertOpened
from paranad.events.event import Events
from paranad.said import Said
from paranad.store.file import Values

KEPT_AS = "alerts.incidents"
FILE_NAME = "daemon-failed.json"


class Incidents:
    """The incidents that are open, and those whose end must still be told. Call `load` before anything else."""

    def __init__(self, values: Values, clock: Clock, events: Events) -> None:
        self.changed = asyncio.Event()
        """Set when there is something new to tell."""
        self._values, self._clock, self._events = values, clock, events
        self._incidents: dict[tuple[IncidentKind, str], Incident] = {}
        self._is_kept = True

    async def load(self) -> None:
        """Read what the last daemon kept; a kind of a newer version, before a rollback, is left out."""
        kept = await self._values.get(KEPT_AS) or []
        for incident in (Incident.from_json(each) for each in kept if each["kind"] in set(IncidentKind)):
            self._incidents[incident.kind, incident.key] = incident
        self.changed.set()

    async def save(self) -> bool:
        """Keep what has changed, and tell whether it is kept. If the disk refuses it, the next call tries again."""
        if not self._is_kept:
            self._is_kept = True  # before the commit: a change while it is under way must be kept by another
            try:
                await self._values.put(KEPT_AS, [incident.as_json() for incident in self._incidents.values()])
            except ParanadError:
                self._is_kept = False
        return self._is_kept

    def open(self, kind: IncidentKind) -> Mapping[str, Incident]:
        """Return the open incidents of *kind* by key."""
        return {key: each for (of, key), each in self._incidents.items() if of is kind and each.over_at is None}

    def standing(self) -> Sequence[Incident]:
        """Return the incidents that are open, and those whose end is still to be told, the oldest first."""
        return sorted(self._incidents.values(), key=lambda incident: incident.opened_at)

    def waiting(self) -> Sequence[Incident]:
        """Return the incidents of which there is something to tell, the oldest first."""
        return sorted(
            (incident for incident in self._incidents.values() if incident.waits),
            key=lambda incident: incident.over_at or incident.opened_at,
        )

    def begin(self, kind: IncidentKind, key: str, facts: Facts) -> None:
        """Open an incident. One that is open has *facts* from now on; one whose end was not announced yet goes on."""
        incident, known = self._incidents.get((kind, key)), clean(facts)
        if incident is None:
            incident = self._incidents[kind, key] = Incident(kind, key, known, self._clock.now())
        elif incident.over_at is None:
            if incident.facts != known:
                incident.facts, self._is_kept = known, False
            return
        else:
            incident.facts = known
            incident.over_at, incident.how, incident.tries, incident.retry_at_s = None, None, 0, 0.0
        self._events.tell(AlertOpened(kind=kind, key=key))
        self._change()

    def end(self, kind: IncidentKind, key: str, how: Said) -> None:
        """Close an open incident. If its opening was never announced, its end is not announced either."""
        incident, how = self._incidents[kind, key], cleaned(how)
        incident.over_at, incident.how = self._clock.now(), how
        incident.tries, incident.retry_at_s = 0, 0.0
        self._forget_untold(incident)
        self._events.tell(AlertClosed(kind=kind, key=key, how=how.text))
        self._change()

    def adopt(self, incident: Incident) -> None:
        """Keep an incident that was announced elsewhere."""
        self._incidents[incident.kind, incident.key] = incident
        self._change()

    def told(self, incident: Incident, *, over: bool) -> None:
        """Note that it was announced that *incident* is open, or *over*. The incident may have changed meanwhile."""
        incident.tries, incident.retry_at_s = 0, 0.0
        incident.times_told += not over
        if over and incident.over_at is not None:
            self.forget(incident)
        else:
            # It opened again while its end was announced: now its opening is news again.
            incident.told = not over
        self._change()

    def forget(self, incident: Incident) -> None:
        """Tell nothing more of *incident*."""
        self._incidents.pop((incident.kind, incident.key), None)
        self._change()

    def settle(self, incident: Incident) -> None:
        """Note that the command no longer runs for *incident*."""
        incident.being_told = False
        self._forget_untold(incident)

    def _forget_untold(self, incident: Incident) -> None:
        # While the command runs for its opening, that may still become known; then its end must follow.
        if incident.over_at is not None and not incident.told and not incident.being_told:
            self.forget(incident)

    def _change(self) -> None:
        self._is_kept = False
        self.changed.set()


class FailureNote:
    """The file by which a daemon learns that the failure of the one before it was announced."""

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / FILE_NAME

    def exists(self) -> bool:
        """Tell whether it was announced already that the daemon is down."""
        return self.path.exists()

    def leave(self, incident: Incident) -> None:
        """Note that *incident* was announced.

        Raises:
            OSError: there is no such folder, or no room in it.
        """
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps(incident.as_json()))

    def read(self, now: datetime) -> Incident | None:
        """Return the incident, announced and over *now*; None: there is no file, or none that can be read."""
        try:
            incident = Incident.from_json(orjson.loads(self.path.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        incident.told, incident.over_at = True, now
        return incident

    def remove(self) -> None:
        """Remove the file: the next failure of a daemon is another incident."""
        with suppress(OSError):
            self.path.unlink()
