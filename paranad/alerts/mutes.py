"""The kinds of trouble that nobody is told of for a while: who muted them, and until when. Kept over restarts."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from paranad.alerts.kinds import IncidentKind
from paranad.clock import Clock, from_us, to_us
from paranad.errors import InvalidRequest, NotFound, ParanadError, WrongState
from paranad.events.alerts import AlertMuted, AlertUnmuted
from paranad.events.event import Events
from paranad.record import record
from paranad.said import Sentence
from paranad.store.file import Json, Values
from paranad.wording import did_you_mean, quotable

KEPT_AS = "alerts.mutes"
TOLD_FROM_OUTSIDE = frozenset({IncidentKind.DAEMON_FAILED})
"""Told by a process of its own while the daemon is down."""
MUTABLE = frozenset(IncidentKind) - TOLD_FROM_OUTSIDE

UNKNOWN_KIND = Sentence("alert.unknown_kind", 'no alert is of the kind "{kind}"{cure}; known: {known}')
NEVER_MUTED = Sentence(
    "alert.never_muted", "{kind} cannot be muted: systemd tells it while the daemon, which knows the mutes, is down"
)
NOT_MUTED = Sentence("alert.not_muted", "{kind} is not muted")


@record
class Mute:
    """Why nobody is told of a kind."""

    since: datetime
    until: datetime
    """When it ends by itself."""
    by: str
    """Who asked for it: the user's name, or `uid` and a number."""


def mutable_kind(name: str) -> IncidentKind:
    """Return the kind that is called *name* and can be muted.

    Raises:
        NotFound: there is none.
        InvalidRequest: it is told whatever the daemon knows.
    """
    known = sorted(MUTABLE)
    if name not in set(IncidentKind):
        raise NotFound(UNKNOWN_KIND(kind=quotable(name), cure=did_you_mean(name, known), known=known))
    kind = IncidentKind(name)
    if kind not in MUTABLE:
        raise InvalidRequest(NEVER_MUTED(kind=kind))
    return kind


class Mutes:
    """The mutes that stand, by kind. Call `load` before anything else, and `end_due` now and then."""

    def __init__(self, values: Values, clock: Clock, events: Events) -> None:
        self._values, self._clock, self._events = values, clock, events
        self._mutes: dict[IncidentKind, Mute] = {}

    async def load(self) -> None:
        """Read what the last daemon kept; a kind that this version does not know is left out."""
        kept: Mapping[str, Json] = await self._values.get(KEPT_AS) or {}
        self._mutes = {
            IncidentKind(kind): Mute(from_us(since), from_us(until), by)
            for kind, (since, until, by) in kept.items()
            if kind in set(IncidentKind)
        }

    def standing(self) -> Mapping[IncidentKind, Mute]:
        """Return the mutes that are not over, the one that ends first first."""
        now = self._clock.now()
        mutes = sorted(self._mutes.items(), key=lambda each: each[1].until)
        return {kind: mute for kind, mute in mutes if mute.until > now}

    async def mute(self, kind: IncidentKind, length: timedelta, by: str) -> Mute:
        """Tell nobody of *kind* for *length* from now on, in place of what was asked before."""
        now = self._clock.now()
        mute = Mute(now, now + length, by)
        await self._put({**self._mutes, kind: mute})
        self._mutes[kind] = mute
        self._events.tell(AlertMuted(kind=kind, until=mute.until.isoformat(), by=by))
        return mute

    async def unmute(self, kind: IncidentKind, by: str) -> None:
        """Tell of *kind* again.

        Raises:
            WrongState: it is not muted.
        """
        if kind not in self.standing():
            raise WrongState(NOT_MUTED(kind=kind))
        await self._put({each: mute for each, mute in self._mutes.items() if each is not kind})
        del self._mutes[kind]
        self._events.tell(AlertUnmuted(kind=kind, by=by))

    async def end_due(self) -> bool:
        """End the mutes whose time has come, and tell whether there were any."""
        now = self._clock.now()
        before = dict(self._mutes)
        # One that was made in the future is the work of a wrong clock, and would last for as long as that was wrong.
        self._mutes = {
            kind: mute if mute.since <= now else Mute(now, now + (mute.until - mute.since), mute.by)
            for kind, mute in before.items()
            if mute.until > now
        }
        if self._mutes == before:
            return False
        ended = before.keys() - self._mutes.keys()
        for kind in sorted(ended):
            self._events.tell(AlertUnmuted(kind=kind, by=None))
        with suppress(ParanadError):  # by its time it is over for the next daemon too
            await self._put(self._mutes)
        return bool(ended)

    async def _put(self, mutes: Mapping[IncidentKind, Mute]) -> None:
        kept = {str(kind): [to_us(mute.since), to_us(mute.until), mute.by] for kind, mute in mutes.items()}
        await self._values.put(KEPT_AS, kept)
