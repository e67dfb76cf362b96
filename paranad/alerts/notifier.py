"""Announces the incidents by the operator's command: one by one, or many together; a failure is tried again."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from paranad.alerts.command import Told, tell, try_out
from paranad.alerts.failing import CommandHealth
from paranad.alerts.incident import SEVERAL, Incident, document, test_document
from paranad.alerts.incidents import Incidents
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.mutes import Mutes
from paranad.clock import Clock
from paranad.configuration.settings import AlertSection
from paranad.errors import WrongState
from paranad.events.alerts import AlertFailed, AlertGivenUp, AlertSent
from paranad.events.event import Events
from paranad.program import ProgramFailed
from paranad.said import Said, Sentence

AT_ONCE: Final = 10
"""How many documents may go out at once; the last of them tells of all that wait."""
EVERY_S: Final = 120.0
"""After how long one more may go out."""
FIRST_DELAY_S, LONGEST_DELAY_S = 30.0, 900.0
PATIENCE = timedelta(hours=24)
"""How long it is tried to announce that an incident is over. While it is open, it is tried for as long as it is."""
IDLE_S = 3600.0
NO_COMMAND = Sentence(
    "alert.no_command",
    "nobody is told: [alert] command is empty; write one in paranad.toml, "
    "such as one of /opt/paranad/current/share/alerts, then paranadctl reload",
)


class Allowance:
    """Limits how many documents go out: ten at once, then one every two minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left, self._at_s = float(AT_ONCE), clock.monotonic()

    def left(self) -> int:
        """Return how many documents may go out now."""
        now_s = self._clock.monotonic()
        self._left = min(float(AT_ONCE), self._left + (now_s - self._at_s) / EVERY_S)
        self._at_s = now_s
        return int(self._left)

    def spend(self) -> None:
        """Count a document that goes out."""
        self._left -= 1

    def wait_s(self) -> float:
        """Return how many seconds until the next document may go out."""
        return 0.0 if self.left() else (1 - self._left) * EVERY_S


class Notifier:
    """Runs the operator's command for each incident that waits to be announced; `run` until cancelled."""

    def __init__(  # noqa: PLR0917 - what it tells, of what not, and how
        self,
        incidents: Incidents,
        mutes: Mutes,
        health: CommandHealth,
        clock: Clock,
        events: Events,
        zone: ZoneInfo,
        settings: AlertSection,
    ) -> None:
        self._incidents, self._mutes, self._health = incidents, mutes, health
        self._clock, self._events, self._zone, self._settings = clock, events, zone, settings
        self._allowance = Allowance(clock)

    def next_try_at(self, incident: Incident) -> datetime | None:
        """Return when the command runs again for an incident that it did not take; None if it has not failed for it."""
        if not incident.tries:
            return None
        return self._clock.now() + timedelta(seconds=self._until_next_try_s(incident))

    def _until_next_try_s(self, incident: Incident) -> float:
        """Return in how many seconds *incident* is told at the earliest: it is due then, and the allowance has room."""
        return max(0.0, incident.retry_at_s - self._clock.monotonic(), self._allowance.wait_s())

    @property
    def settings(self) -> AlertSection:
        """By which command and in which language incidents are told."""
        return self._settings

    def use(self, settings: AlertSection) -> None:
        """Announce as *settings* say from now on. What another command did not take is announced at once."""
        before, self._settings = self._settings, settings
        if before.command != settings.command:
            self._try_again()

    def _try_again(self) -> None:
        """Announce at once what the command did not take before: it is another one now, or works again."""
        self._health.worked()
        for incident in self._incidents.waiting():
            incident.tries, incident.retry_at_s = 0, 0.0
        self._incidents.changed.set()

    async def try_out(self) -> Told:
        """Run the command once with a document of kind `test`; no incident is told or forgotten by it.

        Raises:
            WrongState: there is no command.
        """
        return await self.send(test_document(self._clock.now(), self._zone, self._settings.language))

    async def send(self, document: bytes, *, counted: bool = False) -> Told:
        """Run the command once with a document that is about no incident.

        A failure counts as one more in a row only if it is *counted*: what a person tries out makes no trouble longer.

        If it had failed and takes this one, what it did not take before is announced at once.

        Raises:
            WrongState: there is no command.
        """
        if not self._settings.command:
            raise WrongState(NO_COMMAND())
        told = await try_out(self._settings.command, document, self._clock)
        if told.failed:
            self._health.failed(told.failed, again=counted)
        elif self._health.failing:
            self._try_again()
        await self._health.save(self._settings.command)
        return told

    async def hand_over(self, document: bytes) -> Said | None:
        """Send *document* once the allowance has room; return why the command did not take it, None if it did.

        Raises:
            WrongState: there is no command.
        """
        while self._allowance.left() < 1:
            await self._clock.sleep(self._allowance.wait_s())
        self._allowance.spend()
        return (await self.send(document, counted=True)).failed

    async def run(self) -> None:
        """Announce the waiting incidents, now and from now on."""
        while True:
            self._incidents.changed.clear()
            wait_s = await self.announce_due()
            await self._clock.wait(self._incidents.changed, wait_s)

    async def announce_due(self) -> float:
        """Announce the incidents that may go out now; return how many seconds to wait."""
        await self._health.save(self._settings.command)
        while self._settings.command:
            muted = self._mutes.standing()
            self._give_up(muted)
            waiting = [each for each in self._incidents.waiting() if each.kind not in muted]
            due = [each for each in waiting if each.retry_at_s <= self._clock.monotonic()]
            if not due:
                return min([IDLE_S, *(each.retry_at_s - self._clock.monotonic() for each in waiting)])
            left = self._allowance.left()
            if left < 1:
                return self._allowance.wait_s()
            self._allowance.spend()
            # The last document that may go out now takes all that wait with it: the next is two minutes away.
            await self._tell(_together(due) if left == 1 else due[:1])
            await self._incidents.save()
            await self._health.save(self._settings.command)
        return IDLE_S

    def _give_up(self, muted: Collection[IncidentKind]) -> None:
        """Forget the incidents whose end could not be announced for a day; one that was muted is tried once more."""
        oldest = self._clock.now() - PATIENCE
        for incident in self._incidents.waiting():
            is_old = incident.over_at is not None and incident.over_at < oldest
            if is_old and incident.tries and incident.kind not in muted:
                self._events.tell(AlertGivenUp(kind=incident.kind, key=incident.key))
                self._incidents.forget(incident)

    async def _tell(self, incidents: Sequence[Incident]) -> None:
        """Run the command for *incidents*, which are all open or all over, and note how it went."""
        over = incidents[0].over_at is not None
        for incident in incidents:
            incident.being_told = True  # it may end while the command runs, and must not be forgotten then
        try:
            await tell(self._settings.command, document(incidents, self._zone, self._settings.language), self._clock)
        except ProgramFailed as error:
            self._health.failed(error.said)
            self._failed(incidents, str(error.said), over=over)
        else:
            self._health.worked()
            self._events.tell(AlertSent(**_about(incidents, over=over)))
            for incident in incidents:
                self._incidents.told(incident, over=over)
        finally:
            for incident in incidents:
                self._incidents.settle(incident)

    def _failed(self, incidents: Sequence[Incident], error: str, *, over: bool) -> None:
        tries = max(incident.tries for incident in incidents) + 1
        delay_s = min(FIRST_DELAY_S * (1 << min(tries - 1, 10)), LONGEST_DELAY_S)
        for incident in incidents:
            incident.tries, incident.retry_at_s = tries, self._clock.monotonic() + delay_s
        retry_at = (self._clock.now() + timedelta(seconds=self._until_next_try_s(incidents[0]))).isoformat()
        self._events.tell(AlertFailed(**_about(incidents, over=over), error=error, retry_at=retry_at))


def _together(due: Sequence[Incident]) -> list[Incident]:
    """Return the incidents of *due* that can be told with the first: of its kind, and open or over as it is."""
    first = due[0]
    return [each for each in due if each.kind is first.kind and (each.over_at is None) is (first.over_at is None)]


def _about(incidents: Sequence[Incident], *, over: bool) -> dict[str, str]:
    key = incidents[0].key if len(incidents) == 1 else f"{SEVERAL} ({len(incidents)})"
    return {"kind": incidents[0].kind, "key": key, "state": "over" if over else "open"}
