"""How it stands with the lease, as the status, the doctor and the alerts read it; and its words."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from paranad.events.event import Event
from paranad.events.standby import StandbyCame, StandbyLeft
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.standby.decide import Numbers, Row, Why
from paranad.standby.rows import Look, Presence


class Role(StrEnum):
    """What a daemon does."""

    ACTIVE = "active"
    """It holds the lease, and works."""
    STANDBY = "standby"
    """It works nothing, and takes over when the lease comes free."""


NOT_LOOKED = Sentence("standby.not_looked", "the lease has not been looked at yet")
WORKS = Sentence("standby.works", "this machine holds the lease since {at}")
GAVE_UP = Sentence("standby.gave_up", "this machine gave the lease up")
HELD = Sentence("standby.held", "{machine} works; if it dies, this machine takes over within two minutes")
SILENT = Sentence(
    "standby.silent", "{machine} has not renewed the lease since {at}; this machine takes over at {takes_at}"
)
CLOCK = Sentence(
    "standby.clock",
    "{machine} has not renewed the lease since {at}, but it holds by the database's clock; this machine takes over at"
    " {takes_at} at the latest",
)
POLITE = Sentence("standby.polite", "this machine gave the lease up; if no other takes it, this one does at {takes_at}")
GONE = Sentence(
    "standby.gone",
    "the lease is gone from paranad_lease, and who held it may not know; this machine takes it at {takes_at}",
)
DOUBLED = Sentence(
    "standby.doubled",
    "{machine} holds the lease under this daemon's identity: its state directory was copied, or an older queue.db"
    " restored; this daemon goes on under a new identity",
)
UNREADABLE = Sentence("standby.unreadable", "the lease cannot be looked at: {reason}; it is tried again")
UNUSABLE = Sentence("standby.unusable", "the lease cannot be taken: {reason}; it is tried again")
NOT_KEPT = Sentence(
    "standby.not_kept", "what this machine remembers of the lease cannot be kept: {reason}; it is tried again"
)

NOT_RENEWED = Sentence(
    "standby.not_renewed", "the lease could not be renewed for {seconds:g} s: {reason}; another may take it"
)
NO_ANSWER_YET = Sentence("standby.no_answer_yet", "no renewal was tried in time: this machine stood still")
TAKEN_BY = Sentence("standby.taken_by", "{machine} holds the lease now, in term {term}")
ROW_GONE = Sentence("standby.row_gone", "the lease is gone from paranad_lease")


@record
class Seat:
    """A machine with a daemon for this shop, as the table shows it."""

    holder: str
    """The identity of its daemon."""
    machine: str
    role: Role
    version: str
    seen_at: datetime
    """When it last said so, by this machine's clock."""
    present: bool
    """Whether that holds still."""
    is_this: bool
    clock_ahead_s: float | None
    """How far its clock was ahead of the database's; None: it was not measured."""


@record
class StandbyView:
    """How it stands."""

    role: Role
    machine: str
    """What this one is called."""
    holder_machine: str | None
    """Which machine holds the lease; None: none does, or it is not known."""
    since: datetime | None
    """Since when that one holds it, by this machine's clock."""
    standing_since: datetime | None
    """Since when this daemon stands by; None: it works."""
    term: int | None
    why: Said
    """Why it is so; of one that stands by, also what happens next."""
    takes_at: datetime | None
    """When one that stands by takes over if nothing changes; None: not by time alone."""
    trouble: Said | None
    """Why the table could not be read or written at the last try, or why the lease that is held is not renewed."""
    cure: Said | None
    """What to do about that, if it does not heal by itself."""
    renewed_s: float | None
    """When the last renewal that succeeded was sent, by `Clock.elapsed`; None: it holds no lease."""
    doubled: bool
    """Whether another daemon was found under this one's identity since the start."""
    gave_up: bool
    """Whether this daemon gave the lease up in order when it last held it; not if it was lost."""
    machines: Sequence[Seat]

    @property
    def working(self) -> str | None:
        """The machine to ask about the work; None: none works, it is not known, or it is silent and may be gone."""
        return None if is_silent(self) else self.holder_machine

    @property
    def standing_by(self) -> Sequence[str]:
        """The names of the other machines that stand by now."""
        return [
            each.machine for each in self.machines if each.present and each.role is Role.STANDBY and not each.is_this
        ]

    @property
    def seems_alone(self) -> bool:
        """Whether it works, and at the last look, which may be a while ago, no other machine stood by."""
        return self.role is Role.ACTIVE and self.trouble is None and not self.standing_by


def is_silent(view: StandbyView) -> bool:
    """Tell whether the machine that works has not renewed the lease lately, so that it may be gone."""
    return view.role is Role.STANDBY and view.holder_machine is not None and view.why.code != HELD.code


def why_it_waits(why: Why, row: Row | None, *, is_new: bool, at: str, takes_at: str) -> Said:
    """Say why a daemon stands by.

    Args:
        why: as it was decided.
        row: the lease as it was seen.
        is_new: whether it was renewed lately.
        at: since when it has stood so, as it is shown.
        takes_at: when this daemon takes over if nothing changes; empty: not by time alone.
    """
    machine = row.machine if row else ""
    match why:
        case Why.HELD:
            return HELD(machine=machine) if is_new else SILENT(machine=machine, at=at, takes_at=takes_at)
        case Why.CLOCK:
            return CLOCK(machine=machine, at=at, takes_at=takes_at)
        case Why.POLITE:
            return POLITE(takes_at=takes_at)
        case Why.GONE:
            return GONE(takes_at=takes_at)
        case Why.DOUBLED:
            return DOUBLED(machine=machine)


def lost_to(held: Row, row: Row | None) -> Said | None:
    """Return how the lease was lost that was taken as *held*; None: *row* shows that it is still held."""
    if row is None:
        return ROW_GONE()
    if row.token != held.token or row.given_up:
        return TAKEN_BY(machine=row.machine, term=row.term)
    return None


def others_present(look: Look, me: str) -> Mapping[str, Presence]:
    """Return by their identities the others that stand by."""
    return {each.holder: each for each in look.present if each.holder != me and each.expires_ms > look.database_ms}


def changes(before: Mapping[str, Presence], now: Mapping[str, Presence]) -> Sequence[Event]:
    """Return who has begun and who has ended to stand by, as what is told."""
    came = [StandbyCame(machine=each.machine, version=each.version) for key, each in now.items() if key not in before]
    return [*came, *(StandbyLeft(machine=each.machine) for key, each in before.items() if key not in now)]


def seats(look: Look, me: str, numbers: Numbers) -> Sequence[Seat]:
    """Return the machines that *look* showed, the one that works first; *me* is this daemon's identity."""
    held_s, found = timedelta(seconds=numbers.lease_s), []
    if (row := look.row) and not row.given_up:
        at, is_this = look.instant(row.expires_ms) - held_s, row.holder == me
        present, ahead_s = row.expires_ms > look.database_ms, _seconds(look.clock_ms)
        found.append(Seat(row.holder, row.machine, Role.ACTIVE, row.version, at, present, is_this, ahead_s))
    for each in look.present:
        if row and not row.given_up and each.holder == row.holder:  # it stood by before it took the lease
            continue
        at, is_this = look.instant(each.expires_ms) - held_s, each.holder == me
        present, ahead_s = each.expires_ms > look.database_ms, _seconds(each.clock_ms)
        found.append(Seat(each.holder, each.machine, Role.STANDBY, each.version, at, present, is_this, ahead_s))
    return found


def _seconds(ahead_ms: int | None) -> float | None:
    return None if ahead_ms is None else ahead_ms / 1000
