"""What to do about rows that only PHP can work: ask for a worker, wait for it, rest after one that did nothing. Pure.

A worker is asked for while rows are due that nobody has reserved. A run that leaves the same rows untouched was
fruitless: the next one waits, twice as long each time, so that a PHP which fails at once is not started in a loop. A
row that comes meanwhile shortens that to the first rest.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum

from paranad.record import record

FIRST_REST_S = 10.0
LONGEST_REST_S = 600.0
"""How long a worker is not asked for after a fruitless run: doubled from the first to the longest."""
MISSED_AFTER_S = 300.0
"""How long rows may be due with none worked off, or one be left though others are, before somebody is told."""
LONGEST_JOB_S = 1800.0
"""How long that may be while a worker is at a job: as long as paranad-php.service lets one run."""
SLOW_AFTER_S = 30.0
"""After how long a request that nobody took is worth a word in the doctor's answer."""


class State(StrEnum):
    """How it stands with the worker."""

    OFF = "off"
    """The configuration leaves PHP alone, or takes nothing from the shop's `jobs` table."""
    PAUSED = "paused"
    """Everything is paused, or the daemon drains: no worker is asked for."""
    IDLE = "idle"
    """No row is due."""
    ASKED = "asked"
    """A worker is asked for and has not come yet."""
    RUNNING = "running"
    """A worker came, and has not ended."""
    RESTING = "resting"
    """The last one worked nothing off; the next is asked for after a rest."""


class Act(StrEnum):
    """What is to be carried out."""

    NOTHING = "nothing"
    ASK = "ask"
    WITHDRAW = "withdraw"
    """Take the request back: no row is due any longer."""


@record
class Look:
    """What one look found."""

    due: int
    """Rows that are due and reserved by nobody."""
    worked: bool
    """Whether any row has gone, or was tried, since the look before."""
    held: bool
    """Whether a row is reserved, however long ago: one job may take longer than its reservation holds."""
    asked: bool
    """Whether a request stands that no worker has taken."""
    running: bool
    """Whether a worker that took one still runs."""
    first: Mapping[str, int] = field(default_factory=dict)
    """Of each queue with rows that are due and reserved by nobody the one that a worker takes next, by its id."""


@record
class Now:
    """The moment of a look."""

    at: datetime
    """To be shown."""
    s: float
    """To be counted with: the monotonic clock, which never steps."""


@record
class First:
    """The row that a worker takes next from a queue."""

    row: int
    since: Now
    """When it was first seen to be so."""


@record
class Standing:
    """How it stands, from one look to the next."""

    state: State = State.IDLE
    since: Now | None = None
    """When this state began; None: at the start."""
    rows: int = 0
    """How many were due at the last look."""
    fruitful: bool = False
    """Whether a row went, or was tried, since a worker was asked for."""
    held: bool = False
    """Whether a row was reserved at the last look."""
    fruitless: int = 0
    """How many runs in a row worked nothing off."""
    waiting: Now | None = None
    """Since when rows are due of which none was worked off; None: none is due."""
    first: Mapping[str, First] = field(default_factory=dict)
    """Of each queue with rows that are due the one that goes next."""
    more: bool = False
    """Whether rows came since a worker was last asked for."""
    runs: int = 0
    """How many workers came since the daemon's start."""
    last_run_at: datetime | None = None
    """When the last of them came."""

    def waits_s(self, now_s: float) -> float:
        """Return for how many seconds rows have been due with none worked off."""
        return 0.0 if self.waiting is None else now_s - self.waiting.s

    def lasts_s(self, now_s: float) -> float:
        """Return for how many seconds it has been in this state."""
        return 0.0 if self.since is None else now_s - self.since.s

    def is_late(self, now_s: float, after_s: float) -> bool:
        """Tell whether no row was worked off for *after_s*; while a worker is at a job, for as long as it may take."""
        return self.waits_s(now_s) >= (max(after_s, LONGEST_JOB_S) if self.at_a_job else after_s)

    def left_over(self, now_s: float) -> tuple[str, First] | None:
        """Return the queue whose next row nobody takes though others are worked off, and that row; None: there is none.

        A worker that runs may be at the rows of a queue that goes first.
        """
        if not self.first or self.waiting is None:
            return None
        queue, first = min(self.first.items(), key=lambda item: item[1].since.s)
        after_s = LONGEST_JOB_S if self.state is State.RUNNING else MISSED_AFTER_S
        others_go = first.since.s < self.waiting.s and not self.is_late(now_s, MISSED_AFTER_S)
        return (queue, first) if others_go and now_s - first.since.s >= after_s else None

    @property
    def at_a_job(self) -> bool:
        """Whether the worker that was asked for has taken a row, and one is reserved still."""
        return self.state is State.RUNNING and self.fruitful and self.held

    @property
    def rest_s(self) -> float:
        """How long a rest after so many fruitless runs is; rows that came since may be others than it left."""
        if not self.fruitless:
            return 0.0
        longest_s = FIRST_REST_S if self.more else LONGEST_REST_S
        return min(FIRST_REST_S * 2.0 ** (self.fruitless - 1), longest_s)


def halted(standing: Standing, state: State, look: Look, now: Now) -> tuple[Standing, Act]:
    """Return how it stands while no worker is to be asked for, which *state* says why; and what to do."""
    entered = standing if standing.state is state else replace(standing, state=state, since=now)
    # What was is over: when it goes on, it begins afresh.
    still = replace(entered, rows=look.due, held=look.held, fruitless=0, fruitful=False, waiting=None, first={})
    return still, Act.WITHDRAW if look.asked else Act.NOTHING


def decide(standing: Standing, look: Look, now: Now) -> tuple[Standing, Act]:
    """Return how it stands after *look*, and what to do."""
    standing = _noted(standing, look, now)
    if standing.state is State.ASKED and not look.asked:
        standing = replace(_in(standing, State.RUNNING, now), runs=standing.runs + 1, last_run_at=now.at)
    if standing.state is State.RUNNING:
        if look.running:
            return standing, Act.NOTHING
        standing = _ended(standing, look, now)
    if not look.due:
        idle = replace(_in(standing, State.IDLE, now), fruitless=0)
        return idle, Act.WITHDRAW if look.asked else Act.NOTHING
    if standing.state is State.ASKED:
        return standing, Act.NOTHING
    if standing.state is State.RESTING and not look.worked and standing.lasts_s(now.s) < standing.rest_s:
        return standing, Act.NOTHING
    fruitless = 0 if look.worked else standing.fruitless
    return replace(_in(standing, State.ASKED, now), fruitful=False, fruitless=fruitless, more=False), Act.ASK


def not_asked(standing: Standing, now: Now) -> Standing:
    """Return how it stands when the request could not be made: it is tried again after a rest, as after such a run."""
    return _in(replace(standing, fruitless=standing.fruitless + 1), State.RESTING, now, again=True)


def _noted(standing: Standing, look: Look, now: Now) -> Standing:
    waiting = now if look.worked or standing.waiting is None else standing.waiting
    return replace(
        standing,
        rows=look.due,
        held=look.held,
        fruitful=standing.fruitful or look.worked,
        waiting=waiting if look.due else None,
        first={queue: _first(standing.first.get(queue), row, now) for queue, row in look.first.items()},
        more=standing.more or look.due > standing.rows,
    )


def _first(before: First | None, row: int, now: Now) -> First:
    return before if before and before.row == row else First(row, now)


def _ended(standing: Standing, look: Look, now: Now) -> Standing:
    """Return how it stands after a run."""
    if standing.fruitful or not look.due:
        return replace(_in(standing, State.IDLE, now), fruitless=0)
    return _in(replace(standing, fruitless=standing.fruitless + 1), State.RESTING, now)


def _in(standing: Standing, state: State, now: Now, *, again: bool = False) -> Standing:
    return standing if standing.state is state and not again else replace(standing, state=state, since=now)
