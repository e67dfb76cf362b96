"""Keeps the incidents over restarts: which are open, and what nobody has been told yet."""

import asyncio
from collections.abc import Mapping, Sequence

from paranad.alerts.incident import Facts, Incident, IncidentKind, clean
from paranad.clock import Clock
from paranad.errors import ParanadError
from paranad.events.alerts import AlertClosed, AlertOpened
from paranad.events.event import Events
from paranad.store.file import Values

KEPT_AS = "alerts.incidents"


class Ledger:
    """The incidents that are open, and those whose end is still to be told. Call `load` once before anything else."""

    def __init__(self, values: Values, clock: Clock, events: Events) -> None:
        self.changed = asyncio.Event()
        """Set when there is something new to tell."""
        self._values, self._clock, self._events = values, clock, events
        self._incidents: dict[tuple[IncidentKind, str], Incident] = {}
        self._is_kept = True

    async def load(self) -> None:
        """Take up what the last daemon left."""
        kept = await self._values.get(KEPT_AS) or []
        for incident in map(Incident.from_json, kept):
            self._incidents[incident.kind, incident.key] = incident
        self.changed.set()

    async def save(self) -> bool:
        """Keep what has changed, and tell whether it is kept; a disk that refuses it is asked again the next time."""
        if not self._is_kept:
            self._is_kept = True
            try:
                await self._values.put(KEPT_AS, [incident.as_json() for incident in self._incidents.values()])
            except ParanadError:
                self._is_kept = False
        return self._is_kept

    def open(self, kind: IncidentKind) -> Mapping[str, Incident]:
        """Return the open incidents of *kind* by key."""
        return {key: each for (of, key), each in self._incidents.items() if of is kind and each.over_at is None}

    def waiting(self) -> Sequence[Incident]:
        """Return those of which there is something to tell, the oldest first."""
        return sorted(
            (incident for incident in self._incidents.values() if incident.waits),
            key=lambda incident: incident.over_at or incident.opened_at,
        )

    def begin(self, kind: IncidentKind, key: str, facts: Facts) -> None:
        """Open an incident; nothing happens where it is open already, and one whose end nobody knows goes on."""
        incident = self._incidents.get((kind, key))
        if incident is None:
            incident = self._incidents[kind, key] = Incident(kind, key, clean(facts), self._clock.now())
        elif incident.over_at is None:
            return
        else:
            incident.over_at, incident.how, incident.tries, incident.retry_at_s = None, "", 0, 0.0
        self._events.tell(AlertOpened(kind=kind, key=key))
        self._change()

    def end(self, kind: IncidentKind, key: str, how: str) -> None:
        """Close an open incident; where nobody knows of it, nobody need know that it is over."""
        incident = self._incidents[kind, key]
        incident.over_at, incident.how = self._clock.now(), clean({"how": how})["how"]
        incident.tries, incident.retry_at_s = 0, 0.0
        self._forget_untold(incident)
        self._events.tell(AlertClosed(kind=kind, key=key, how=incident.how))
        self._change()

    def adopt(self, incident: Incident) -> None:
        """Take up an incident that was told elsewhere."""
        self._incidents[incident.kind, incident.key] = incident
        self._change()

    def told(self, incident: Incident, *, over: bool) -> None:
        """Note that somebody knows that *incident* is open, or *over*; it may have changed meanwhile."""
        incident.tries, incident.retry_at_s = 0, 0.0
        if over and incident.over_at is not None:
            self.forget(incident)
        else:
            incident.told = not over
        self._change()

    def forget(self, incident: Incident) -> None:
        """Tell nothing more of *incident*."""
        self._incidents.pop((incident.kind, incident.key), None)
        self._change()

    def settle(self, incident: Incident) -> None:
        """Note that the command does not run for *incident* any more."""
        incident.being_told = False
        self._forget_untold(incident)

    def _forget_untold(self, incident: Incident) -> None:
        if incident.over_at is not None and not incident.told and not incident.being_told:
            self.forget(incident)

    def _change(self) -> None:
        self._is_kept = False
        self.changed.set()
