"""Who may work, for how long, and when another takes over. Pure.

One row of the shop's database, the lease, says which daemon works. Its holder renews it every 15 s for 90 s; whoever
stands by looks at it every 2 s. That two never work at once rests on each machine's own clock that no step moves, not
on anybody's wall clock:

- the holder counts from the instant at which it *sent* its last successful renewal, and sends nothing 60 s later;
- another takes the lease only after it has *seen* the row unchanged for 90 s, and compares what it saw once more while
  it takes it: what it saw was written after that instant at the earliest.

The database's clock can only delay a takeover further, since the nodes of a cluster each have their own.
"""

from collections.abc import Mapping
from enum import StrEnum

from paranad.record import record


@record
class Numbers:
    """How long each thing may take, in seconds."""

    lease_s: float = 90.0
    """For how long a renewal holds the lease."""
    renew_s: float = 15.0
    """How often it is renewed; how often a daemon that stands by says so."""
    retry_s: float = 2.0
    """After how long a renewal that failed is tried again."""
    claims_for_s: float = 30.0
    """How long after its last renewal the holder goes on to claim jobs."""
    works_for_s: float = 60.0
    """How long after its last renewal the holder works: then it ends, and no request begins later."""
    margin_s: float = 10.0
    """What must be left on the lease, beside the courier's timeout, for an order to be sent."""
    look_s: float = 2.0
    """How often a daemon that stands by looks at the lease."""
    answer_s: float = 5.0
    """How long a statement on the lease may take."""
    courtesy_s: float = 30.0
    """How long who gave the lease up leaves it to another that stands by."""
    distrust_s: float = 180.0
    """After how long without a change the lease is taken though the database's clock says that it holds."""


NUMBERS = Numbers()


@record
class Row:
    """The lease as it stands in the database; its instants are the database's, in milliseconds since 1970."""

    holder: str
    machine: str
    term: int
    """Greater by one at least each time that the lease is taken."""
    token: str
    """Drawn anew each time that the lease is taken: who knows it has taken the lease then."""
    expires_ms: int
    """0: given up."""
    since_ms: int
    """When it was taken, or given up."""
    version: str

    @property
    def given_up(self) -> bool:
        return self.expires_ms == 0


@record
class Seen:
    """The lease as one observer has watched it."""

    row: Row | None
    since_s: float
    """Since when it has been seen exactly so, by the observer's own clock."""
    changes: int = 0
    """How often its holder has renewed it under the observer's eyes."""
    highest: int = 0
    """The highest term seen: a lower one was brought back by a failover, and who holds the higher may not know it."""


class Way(StrEnum):
    """How the lease comes to be taken."""

    FIRST = "first"
    """There is no row yet."""
    OWN = "own"
    """It is this daemon's own, and nobody can have taken it meanwhile."""
    GIVEN_UP = "given_up"
    """Its holder gave it up in order."""
    EXPIRED = "expired"
    """Its holder has not renewed it for too long."""


class Why(StrEnum):
    """Why a daemon stands by."""

    HELD = "held"
    """Another renews it, or has renewed it within the last 90 s; or a failover has brought an older row back."""
    CLOCK = "clock"
    """It is not renewed, but holds by the database's clock."""
    POLITE = "polite"
    """This daemon gave it up, and leaves it to another that stands by."""
    GONE = "gone"
    """The row is gone, though there was one: its holder may not know it yet."""
    DOUBLED = "doubled"
    """It is held under this daemon's identity, but this daemon did not take it."""


@record
class Take:
    """Take the lease, in a new term."""

    way: Way
    term: int


@record
class Wait:
    """Stand by."""

    why: Why
    until_s: float | None
    """When the lease is taken if nothing changes, by the observer's own clock; None: not by time alone."""


@record
class Term:
    """A term in which this daemon took the lease, or tried to."""

    number: int
    renewed_s: float
    """When the last renewal, or the taking, was sent, by the machine's clock.

    Minus infinity: before the machine's last start, or before the lease was given up.
    """


def noted(seen: Seen | None, row: Row | None, now_s: float) -> Seen:
    """Return what an observer knows when it sees *row* at *now_s*, which is not before the row was read."""
    if seen is None:
        return Seen(row, now_s, highest=row.term if row else 0)
    if row == seen.row:
        return seen
    before = seen.row
    renewed = row is not None and before is not None and (row.token, row.holder) == (before.token, before.holder)
    return Seen(row, now_s, seen.changes + 1 if renewed else 0, max(seen.highest, row.term if row else 0))


def decide(
    me: str,
    mine: Mapping[str, Term],
    seen: Seen,
    *,
    others_present: bool,
    database_ms: int,
    now_s: float,
    numbers: Numbers = NUMBERS,
) -> Take | Wait:
    """Say whether a daemon that stands by takes the lease.

    Args:
        me: its identity.
        mine: its own terms, by their tokens; kept over restarts.
        seen: the lease, and since when it is so.
        others_present: whether another daemon stands by.
        database_ms: the database's clock when the lease was read.
        now_s: the machine's own clock, as the instants of *mine* and *seen* are.
        numbers: how long each thing takes.
    """
    row, highest = seen.row, max([seen.highest, *(each.number for each in mine.values())])
    term = highest + 1
    if row is None:
        return _decide_without_row(mine, seen, Take(Way.FIRST, term), now_s, numbers)
    if row.holder == me:
        # Who renews it twice while this daemon does not is another one: at most one renewal can have been on its way.
        if row.token not in mine or seen.changes > 1:
            return Wait(Why.DOUBLED, None)
        if not row.given_up and _is_fresh(mine[row.token], now_s, numbers):
            return Take(Way.OWN, term)
    if row.given_up and row.term == highest:
        polite_until_s = seen.since_s + numbers.courtesy_s
        is_polite = row.holder == me and others_present and now_s < polite_until_s
        return Wait(Why.POLITE, polite_until_s) if is_polite else Take(Way.GIVEN_UP, term)
    return _decide_unless_held(row, seen, Take(Way.EXPIRED, term), database_ms, now_s, numbers)


def _decide_unless_held(  # noqa: PLR0917 - as `decide` has them
    row: Row, seen: Seen, take: Take, database_ms: int, now_s: float, numbers: Numbers
) -> Take | Wait:
    """Say whether the lease is taken from a holder that has not given it up."""
    free_s, distrusted_s = seen.since_s + numbers.lease_s, seen.since_s + numbers.distrust_s
    if now_s < free_s:
        return Wait(Why.HELD, free_s)
    if database_ms < row.expires_ms and now_s < distrusted_s:
        return Wait(Why.CLOCK, distrusted_s)
    return take


def _decide_without_row(
    mine: Mapping[str, Term], seen: Seen, take: Take, now_s: float, numbers: Numbers
) -> Take | Wait:
    """Say whether the lease is taken although no row of it is there."""
    if not mine and not seen.highest:
        return take  # there never was one
    until_s = seen.since_s + numbers.lease_s
    return take if now_s >= until_s else Wait(Why.GONE, until_s)


def _is_fresh(term: Term, now_s: float, numbers: Numbers) -> bool:
    """Tell whether a renewal of *term* is so young that nobody can have taken the lease since."""
    return now_s < term.renewed_s + numbers.lease_s


def may_claim(renewed_s: float, now_s: float, numbers: Numbers = NUMBERS) -> bool:
    """Tell whether the holder may claim a job."""
    return now_s < renewed_s + numbers.claims_for_s


def is_over(renewed_s: float, now_s: float, numbers: Numbers = NUMBERS) -> bool:
    """Tell whether the holder has to end, not having renewed the lease for so long."""
    return now_s >= renewed_s + numbers.works_for_s


def left_s(renewed_s: float, now_s: float, numbers: Numbers = NUMBERS) -> float:
    """Return how many seconds are left on the lease; 0 as soon as the holder has to end."""
    return 0.0 if is_over(renewed_s, now_s, numbers) else renewed_s + numbers.lease_s - now_s
