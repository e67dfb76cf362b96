"""The heartbeat: an address outside is fetched each minute while the daemon is well, so that its silence is noticed.

The address is a secret: whoever knows it can answer in the daemon's place. Only its host is ever shown.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from paranad import https
from paranad.alerts.incident import Facts, Incident, cleaned
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.vitals import Vitals
from paranad.alerts.watches import Tick, Trouble
from paranad.clock import Clock, from_us, to_us
from paranad.events.alerts import AlertWatchFailed, HeartbeatAnswered, HeartbeatFailed, HeartbeatWithheld
from paranad.events.event import Events
from paranad.https import httpx, silence
from paranad.said import Said, Sentence, from_document
from paranad.schedule.loop import Scheduler
from paranad.store.file import Store

EVERY_S: Final = 60.0
IDLE_S: Final = 3600.0
TIMEOUT_S: Final = 10.0
TOLD_AFTER: Final = 3
"""After how many failures in a row somebody is told: one lost packet is nobody's business."""
KEPT_AS = "alerts.heartbeat"
USER_AGENT = "paranad"

ANSWERED = Sentence("heartbeat.answered", "it answered {status}, expected 200")
REDIRECTS = Sentence(
    "heartbeat.redirects", "it answered {status}, a redirect, which is not followed: write the address it leads to"
)
NO_ANSWER = Sentence("heartbeat.no_answer", "no answer within {seconds:g} s")
NO_CONNECTION = Sentence("heartbeat.no_connection", "no connection: {detail}")
BROKE = Sentence("heartbeat.broke", "the connection broke, or the answer is not HTTP")

TAKEN = Sentence("alert.heartbeat_taken", "it answers")
OTHER_ADDRESS = Sentence("alert.heartbeat_other", "[alert] heartbeat_url names another address, or none")

Fetch = Callable[[str], Awaitable[Said | None]]
Json = Any


async def fetch(url: str, timeout_s: float = TIMEOUT_S) -> Said | None:
    """Fetch *url* once; return why it did not take the heartbeat, None if it did.

    The status alone decides. The body is not read: it says nothing, and may have no end.
    """
    try:
        # httpx times each read: a byte every few seconds would keep a request open for ever.
        async with (
            asyncio.timeout(timeout_s),
            await https.client(timeout=timeout_s, headers={"User-Agent": USER_AGENT, "Connection": "close"}) as client,
            client.stream("GET", url) as response,
        ):
            status = response.status_code
    except (TimeoutError, httpx.TimeoutException):
        return NO_ANSWER(seconds=timeout_s)
    except httpx.ConnectError as error:
        return cleaned(NO_CONNECTION(detail=str(error)))
    except (httpx.HTTPError, httpx.InvalidURL):  # their texts hold the address
        return BROKE()
    if 200 <= status < 300:
        return None
    return (REDIRECTS if 300 <= status < 400 else ANSWERED)(status=status)


class Standing(StrEnum):
    """How the heartbeat stands."""

    TAKEN = "taken"
    NOT_TAKEN = "not_taken"
    WITHHELD = "withheld"


@dataclass(slots=True)
class Pulse:
    """How the heartbeat stands with one address."""

    host: str
    """All that is shown of the address."""
    answered_at: datetime | None = None
    """When it last took the heartbeat; None: never."""
    failed: int = 0
    """How often in a row it did not."""
    failing_since: datetime | None = None
    reason: Said | None = None
    """Why it did not, the last time; None: it did."""
    withheld: Said | None = None
    """What is wrong with the daemon itself, so that no heartbeat goes out; None: it goes out."""
    withheld_since: datetime | None = None

    @property
    def standing(self) -> Standing | None:
        """How it stands now; None: none has gone out yet."""
        if self.withheld:
            return Standing.WITHHELD
        if self.reason:
            return Standing.NOT_TAKEN
        return Standing.TAKEN if self.answered_at else None

    def as_json(self) -> dict[str, Json]:
        """Return what is kept over restarts."""
        return {
            "host": self.host,
            "answered_at": self.answered_at and to_us(self.answered_at),
            "failed": self.failed,
            "failing_since": self.failing_since and to_us(self.failing_since),
            "reason": self.reason and self.reason.document(),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Json]) -> "Pulse":
        """Return the pulse that *kept* was made of."""
        answered_at, failing_since, reason = kept["answered_at"], kept["failing_since"], kept["reason"]
        return cls(
            kept["host"],
            None if answered_at is None else from_us(answered_at),
            kept["failed"],
            None if failing_since is None else from_us(failing_since),
            reason and from_document(reason),
        )


class Heartbeat:
    """Fetches the address; `run` while the daemon is ready."""

    def __init__(
        self, url: str, store: Store, scheduler: Scheduler, clock: Clock, events: Events, *, fetch: Fetch = fetch
    ) -> None:
        """Fetch *url*; empty: nothing is fetched."""
        silence()
        self._url, self._fetch, self._clock, self._events = url, fetch, clock, events
        self._values, self._vitals = store.values, Vitals(store, scheduler, clock)
        self._pulse = Pulse(host_of(url))
        self._trouble = ""
        """The last unforeseen error, which is told once however often it comes in a row."""
        self._changed = asyncio.Event()

    @property
    def pulse(self) -> Pulse | None:
        """How it stands; None: there is no address."""
        return self._pulse if self._url else None

    def use(self, url: str) -> None:
        """Fetch *url* from now on; another one at once."""
        if url != self._url:
            self._url, self._pulse = url, Pulse(host_of(url))
            self._changed.set()

    async def run(self) -> None:
        """Take up what the last daemon kept, then fetch each minute."""
        await self._whatever_comes(self.take_up)
        while True:
            self._changed.clear()
            began_s = self._clock.monotonic()
            if self._url:
                await self._whatever_comes(self.beat)
            took_s = self._clock.monotonic() - began_s
            await self._clock.wait(self._changed, max(EVERY_S - took_s, 0.0) if self._url else IDLE_S)

    async def take_up(self) -> None:
        """Go on from what the last daemon kept of the same host."""
        kept = await self._values.get(KEPT_AS)
        if kept and kept["host"] == self._pulse.host:
            self._pulse = Pulse.from_json(kept)

    async def _whatever_comes(self, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        except Exception as error:  # noqa: BLE001 -- the loop's edge: no trouble of the heartbeat ends the daemon
            trouble = type(error).__name__  # its text may hold the address
            if trouble != self._trouble:
                self._trouble = trouble
                self._events.tell(AlertWatchFailed(kind=IncidentKind.HEARTBEAT_FAILED, error=trouble))
        else:
            self._trouble = ""

    async def beat(self) -> None:
        """Fetch the address once if the daemon is well."""
        pulse = self._pulse
        if ailing := await self._vitals.ailing(lambda: self._values.put(KEPT_AS, pulse.as_json())):
            self._withhold(pulse, ailing)
            return
        pulse.withheld = pulse.withheld_since = None
        reason = await self._fetch(self._url)
        if pulse is self._pulse:  # a reload may have named another address meanwhile
            self._note(pulse, reason)

    def _withhold(self, pulse: Pulse, ailing: Said) -> None:
        if pulse.withheld is None:
            pulse.withheld_since = self._clock.now()
            self._events.tell(HeartbeatWithheld(host=pulse.host, reason=ailing))
        pulse.withheld = ailing

    def _note(self, pulse: Pulse, reason: Said | None) -> None:
        if reason is None:
            if pulse.answered_at is None or pulse.failed >= TOLD_AFTER:
                self._events.tell(HeartbeatAnswered(host=pulse.host))
            pulse.answered_at, pulse.failed, pulse.failing_since, pulse.reason = self._clock.now(), 0, None, None
            return
        pulse.failed, pulse.reason = pulse.failed + 1, reason
        pulse.failing_since = pulse.failing_since or self._clock.now()
        if pulse.failed == TOLD_AFTER:
            self._events.tell(HeartbeatFailed(host=pulse.host, reason=reason))


def host_of(url: str) -> str:
    """Return the host of *url*, with its port if it names one; empty if there is none."""
    parts = urlsplit(url)
    return f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"


class FailedHeartbeat:
    """Tells whether the address takes the heartbeat."""

    kind: ClassVar = IncidentKind.HEARTBEAT_FAILED

    def __init__(self, heartbeat: Heartbeat) -> None:
        self._heartbeat = heartbeat

    async def look(self, _: Tick, opened: Mapping[str, Incident]) -> Trouble:
        pulse = self._heartbeat.pulse
        over = {key: OTHER_ADDRESS() for key in opened if pulse is None or key != pulse.host}
        if pulse is None:
            return Trouble(over=over)
        if pulse.failed >= TOLD_AFTER:
            facts: Facts = {"host": pulse.host, "failed": pulse.failed, "reason": pulse.reason}
            return Trouble({pulse.host: facts}, over)
        # After a reload to an address and back, an open incident waits for an answer.
        if pulse.host in opened and pulse.answered_at and not pulse.failed:
            over[pulse.host] = TAKEN()
        return Trouble(over=over)
