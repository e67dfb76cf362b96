"""Whose work goes on when the lease is taken, and since when that one has neither renewed it nor sent anything."""

from datetime import datetime, timedelta

from paranad.clock import from_us, to_us
from paranad.record import record
from paranad.standby.decide import Numbers, Row, Seen, Take
from paranad.standby.memory import Before, Memory
from paranad.standby.rows import Look


@record
class Taken:
    """The lease is held, and whose work goes on. Its instants are by this machine's wall clock."""

    term: int
    from_another: bool
    """Whether another daemon may have worked since this one last did."""
    machine_before: str | None
    """Which machine held it before; None: nobody did."""
    last_renewed_at: datetime | None
    """When that one last renewed it or gave it up; None: nobody held it."""
    last_sent_at: datetime | None
    """After when that one has sent nothing to the courier."""

    @property
    def given_up(self) -> bool:
        """Whether that one gave it up in order: it sent nothing after that."""
        return self.last_renewed_at is not None and self.last_renewed_at == self.last_sent_at


@record
class Held:
    """The lease in this daemon's hands."""

    row: Row
    """As it was taken."""
    since: datetime
    renewed_s: float
    """When the last renewal that succeeded was sent."""


def taken_of(
    take: Take, seen: Seen, look: Look, memory: Memory, *, seen_at: datetime, now: datetime, numbers: Numbers
) -> Taken:
    """Return whose work goes on.

    Args:
        take: as it was decided.
        seen: the lease before it is taken.
        look: the last look at it.
        memory: what this state directory remembers.
        seen_at: since when the lease was seen so, by this machine's wall clock, as *now* is.
        now: this instant.
        numbers: how long each thing takes.
    """
    row = seen.row
    if row is None:
        return Taken(take.term, False, None, None, None)
    if before := memory.before.get(row.token):  # taken from another and never renewed: nothing was gone on with
        return Taken(take.term, True, before.machine, from_us(before.renewed_us), from_us(before.sent_us))
    last_at = _last_at(row, seen, look, seen_at, numbers)
    works_for = timedelta() if row.given_up else timedelta(seconds=numbers.works_for_s)
    return Taken(take.term, row.token not in memory.terms, row.machine, last_at, min(now, last_at + works_for))


def before_of(taken: Taken) -> Before | None:
    """Return what to remember until the lease is renewed once: whose work it goes on with, if another's."""
    if not taken.from_another or taken.last_renewed_at is None or taken.last_sent_at is None:
        return None
    return Before(taken.machine_before or "", to_us(taken.last_renewed_at), to_us(taken.last_sent_at))


def _last_at(row: Row, seen: Seen, look: Look, seen_at: datetime, numbers: Numbers) -> datetime:
    """Return when the holder of *row* last renewed it, or gave it up."""
    if seen.changes:
        return seen_at  # written under our eyes, whatever the clocks of the database's machines say
    if row.given_up:
        return min(look.instant(row.since_ms), seen_at)
    return min(look.instant(row.expires_ms) - timedelta(seconds=numbers.lease_s), seen_at)
