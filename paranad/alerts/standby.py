"""Watches the lease: that this machine took over from another, that none stands by or works, that two fight for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from paranad.alerts.incident import Incident
from paranad.alerts.kinds import DOUBLED, OFTEN, IncidentKind
from paranad.alerts.watches import Tick, Trouble, Watch
from paranad.clock import from_us, to_us, wall_time
from paranad.said import Said, Sentence
from paranad.standby.service import Standby
from paranad.standby.view import Role, Seat
from paranad.store.file import Values

KEPT_AS = "alerts.lease"
LEASE = "lease"
"""The one key of each of these kinds."""
ALONE_FOR = timedelta(days=1)
"""How long nobody may stand by before it is told: an upgrade or a repair of the other machine is no news."""
UNTAKEN_AFTER_S = 300.0
FIGHT_WITHIN = timedelta(hours=1)
FIGHT_CHANGES = 3
"""How often the lease may be lost to another machine within that time."""

STANDS_BY = Sentence("alert.machine_stands_by", "{machine} stands by")
WORKS_NOW = Sentence("alert.machine_works", "{machine} works now")
STAYS_NOW = Sentence("alert.lease_stays", "no machine has lost it to another for an hour")
ONE_EACH = Sentence("alert.lease_single", "no other daemon has this one's identity any more")

OF_THIS_MACHINE = frozenset(
    {
        IncidentKind.DAEMON_FAILED,
        IncidentKind.STATE_GONE,
        IncidentKind.DISK_NEARLY_FULL,
        IncidentKind.LOOP_BLOCKED,
        IncidentKind.SHOP_UNREACHABLE,
        IncidentKind.LEASE_UNTAKEN,
        IncidentKind.LEASE_FIGHT,
    }
)
"""What is looked for on a machine that stands by, too."""
KEPT_HERE = frozenset(
    {
        IncidentKind.SHIPMENT_HELD,
        IncidentKind.SHIPMENT_FAILED,
        IncidentKind.JOB_FAILED,
        IncidentKind.JOB_TOOK_DAEMON_DOWN,
    }
)
"""What is told of jobs and shipments in this queue.db, which the machine that works does not know: it stays open."""

Json = Any


class TakenOver:
    """Tells that this machine works because another did not renew its lease any more.

    A lease that was given up in order, as by a stop or `standby yield`, is no news.
    """

    kind: ClassVar = IncidentKind.TAKEN_OVER

    def __init__(self, standby: Standby, zone: ZoneInfo) -> None:
        self._standby, self._zone = standby, zone
        self._told_term: int | None = None

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        taken = self._standby.taken
        ran_out = taken and taken.from_another and not taken.given_up
        if taken and taken.last_renewed_at and ran_out and taken.term != self._told_term:
            self._told_term = taken.term
            facts = {
                "machine": taken.machine_before,
                "here": self._standby.machine,
                "last_renewed_at": wall_time(taken.last_renewed_at, self._zone),
                "since": wall_time(self._standby.view.since or tick.now, self._zone),
            }
            return Trouble({LEASE: facts})
        present = self._standby.view.standing_by
        return Trouble(over=dict.fromkeys(opened, STANDS_BY(machine=present[0])) if present else {})


class NoStandby:
    """Tells that for a day no machine has stood by for this one, which works."""

    kind: ClassVar = IncidentKind.NO_STANDBY

    def __init__(self, standby: Standby, zone: ZoneInfo) -> None:
        self._standby, self._zone = standby, zone
        self._alone_since: datetime | None = None

    def load(self, kept: Json) -> None:
        """Take up what `kept` gave to the last daemon."""
        self._alone_since = None if kept is None else from_us(kept)

    def kept(self) -> Json:
        """Return what must survive a restart."""
        return self._alone_since and to_us(self._alone_since)

    def forget(self) -> None:
        """Begin again: this machine did not work, and whoever did had it standing by."""
        self._alone_since = None

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        if present := self._standby.view.standing_by:
            self._alone_since = None
            return Trouble(over=dict.fromkeys(opened, STANDS_BY(machine=present[0])))
        since = self._alone_since = min(self._alone_since or tick.now, tick.now)  # the clock may have been set back
        if tick.now - since < ALONE_FOR:
            return Trouble()
        return Trouble({LEASE: {"here": self._standby.machine, "since": wall_time(since, self._zone)}})


class NobodyWorks:
    """Tells that no machine holds the lease, though the database could be asked for it."""

    kind: ClassVar = IncidentKind.LEASE_UNTAKEN

    def __init__(self, standby: Standby) -> None:
        self._standby = standby
        self._since_s: float | None = None
        """Since when no machine is known to hold it; monotonic."""

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        view = self._standby.view
        if view.holder_machine:
            self._since_s = None
            return Trouble(over=dict.fromkeys(opened, WORKS_NOW(machine=view.holder_machine)))
        if not tick.shop.reachable:  # that is told as such
            self._since_s = None
            return Trouble()
        self._since_s = tick.monotonic_s if self._since_s is None else self._since_s
        if tick.monotonic_s - self._since_s < UNTAKEN_AFTER_S:
            return Trouble()
        return Trouble({LEASE: {"here": self._standby.machine, "reason": view.why}})


class LeaseFight:
    """Tells that machines lose the lease to each other, or that two daemons have one identity.

    A lease that was given up in order, as by a stop or `standby yield`, is not counted.
    """

    kind: ClassVar = IncidentKind.LEASE_FIGHT

    def __init__(self, standby: Standby) -> None:
        self._standby = standby
        self._holder: str | None = None
        """Who held it at the last look at which one did: its identity, since two machines may have one name."""
        self._changes: list[datetime] = []
        """When it was lost to another within the last hour; kept, since a daemon that loses it ends."""

    def load(self, kept: Json) -> None:
        """Take up what `kept` gave to the last daemon."""
        self._holder, changes = kept
        self._changes = [from_us(each) for each in changes]

    def kept(self) -> Json:
        """Return what must survive a restart."""
        return [self._holder, [to_us(each) for each in self._changes]]

    async def look(self, tick: Tick, opened: Mapping[str, Incident]) -> Trouble:
        view = self._standby.view
        if view.doubled:
            return Trouble({} if LEASE in opened else {LEASE: {"reason": DOUBLED(here=self._standby.machine)}})
        working = next((each for each in view.machines if each.present and each.role is Role.ACTIVE), None)
        if working and working.holder != self._holder:
            if self._holder is not None and self._was_lost(working):
                self._changes.append(tick.now)
            self._holder = working.holder
        self._changes = [each for each in self._changes if timedelta() <= tick.now - each < FIGHT_WITHIN]
        if len(self._changes) > FIGHT_CHANGES and working and working.is_this:  # one of them tells of it
            return Trouble({LEASE: {"reason": OFTEN(times=len(self._changes), machine=working.machine)}})
        if not self._changes:
            how = {key: ONE_EACH() if _is_doubled(each) else STAYS_NOW() for key, each in opened.items()}
            return Trouble(over=how)
        return Trouble()

    def _was_lost(self, working: Seat) -> bool:
        """Tell whether the lease went to *working* though the one before had not given it up.

        What is not known here, as between two others, is known to them.
        """
        if working.is_this:
            return self._standby.taken is not None and not self._standby.taken.given_up
        return self._holder == self._standby.holder and not self._standby.view.gave_up


class LeaseWatches:
    """The watches of the lease, with what they keep over restarts; and what a machine that stands by looks for."""

    def __init__(self, standby: Standby, values: Values, zone: ZoneInfo) -> None:
        self._standby, self._values = standby, values
        self._alone, self._fight = NoStandby(standby, zone), LeaseFight(standby)
        self.watches: tuple[Watch, ...] = (
            TakenOver(standby, zone),
            self._alone,
            NobodyWorks(standby),
            self._fight,
        )

    @property
    def works(self) -> bool:
        """Whether this machine holds the lease, so that it tells of the work."""
        return self._standby.view.role is Role.ACTIVE

    async def load(self) -> None:
        """Go on from what the last daemon kept."""
        if kept := await self._values.get(KEPT_AS):
            self._alone.load(kept["alone_since"])
            self._fight.load(kept["fight"])

    async def keep(self) -> None:
        """Keep what must survive a restart, of whichever machine works."""
        if not self.works:
            self._alone.forget()
        await self._values.put(KEPT_AS, {"alone_since": self._alone.kept(), "fight": self._fight.kept()})

    def works_elsewhere(self) -> Said | None:
        """Return that another machine works; None: it is not known that one does."""
        view = self._standby.view
        if view.holder_machine is None:  # the machines are as they were last seen
            return None
        others = (each for each in view.machines if each.role is Role.ACTIVE and each.present and not each.is_this)
        return next((WORKS_NOW(machine=each.machine) for each in others), None)


def _is_doubled(incident: Incident) -> bool:
    reason = incident.facts.get("reason")
    return getattr(reason, "code", None) == DOUBLED.code
