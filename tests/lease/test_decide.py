"""Never two that may send at one instant, whatever answers are lost, clocks differ, processes freeze or rows come back.

An invented database whose nodes have clocks of their own, and daemons that act by the pure decisions alone. A process
that freezes is one that does nothing for a while, and a statement on its way may be carried out at any later time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paranad.standby.decide import (
    NUMBERS,
    Row,
    Seen,
    Take,
    Term,
    Wait,
    Way,
    Why,
    decide,
    is_over,
    left_s,
    may_claim,
    noted,
)

NEVER = float("-inf")
LEASE_MS = round(NUMBERS.lease_s * 1000)


@dataclass
class Statement:
    """A change on its way to the database: carried out some time, or never."""

    sender: "Invented"
    sent_s: float
    before: Row | None
    after: Row
    """With a renewal and a taking, `expires_ms` is set by the database."""
    exact: bool = True
    """Whether the instant it expires at is compared as well."""


@dataclass
class Invented:
    """A daemon on a machine of its own; what is remembered over restarts is `me` and `mine`."""

    me: str
    mine: dict[str, Term] = field(default_factory=dict)
    up: bool = True
    seen: Seen | None = None
    held: Row | None = None
    renewed_s: float = NEVER
    waits_for: Statement | None = None
    skew_ms: int = 0

    @property
    def highest(self) -> int:
        return max([self.seen.highest if self.seen else 0, *(term.number for term in self.mine.values())])


class World:
    """One course of events. Every method is something that may happen; what cannot happen just then does nothing."""

    def __init__(self) -> None:
        self.now_s, self.before = 1_000_000.0, list[Row]()
        self.row: Row | None = None
        self.daemons = [Invented("a"), Invented("b"), Invented("c")]
        self.underway: list[Statement] = []
        self._texts = (f"text-{number}" for number in count())
        self.took = list[Take]()
        self.emptied, self.top = False, 0

    def passes(self, _: int, s: float) -> None:
        self.now_s += s

    def looks(self, who: int, _: float) -> None:
        daemon = self._idle(who)
        if daemon is None or daemon.held:
            return
        daemon.seen = noted(daemon.seen, self.row, self.now_s)
        others = any(each.up and not each.held for each in self.daemons if each is not daemon)
        clock_ms = round(self.now_s * 1000) + daemon.skew_ms
        choice = decide(
            daemon.me,
            daemon.mine,
            daemon.seen,
            others_present=others,
            database_ms=clock_ms,
            now_s=self.now_s,
        )
        if isinstance(choice, Take):
            self.took.append(choice)
            self._take(daemon, choice.term)
        elif choice.why is Why.DOUBLED:
            daemon.me, daemon.mine = next(self._texts), {}

    def all_look(self, _: int, __: float) -> None:
        """As they do every 2 s; what they send is carried out at once."""
        for who in range(len(self.daemons)):
            self.looks(who, 0)
        while self.underway:
            self.carries_out(0, 0)

    def takes_back(self, who: int, _: float) -> None:
        daemon = self._idle(who)
        if daemon and not daemon.held and self.row and self.row.token in daemon.mine:
            daemon.seen = noted(daemon.seen, self.row, self.now_s)
            if self.row.term == daemon.highest and daemon.mine[self.row.token].renewed_s == NEVER and self.row.given_up:
                self._take(daemon, self.row.term + 1)

    def renews(self, who: int, _: float) -> None:
        daemon = self._idle(who)
        if daemon is None or daemon.held is None:
            return
        if is_over(daemon.renewed_s, self.now_s):
            self.dies(who, 0)
            return
        self._send(Statement(daemon, self.now_s, daemon.held, daemon.held, exact=False))

    def stops(self, who: int, _: float) -> None:
        daemon = self._idle(who)
        if daemon and daemon.held and not is_over(daemon.renewed_s, self.now_s):
            daemon.mine = {token: Term(each.number, NEVER) for token, each in daemon.mine.items()}
            gone = replace(daemon.held, expires_ms=0, since_ms=round(self.now_s * 1000))
            self._send(Statement(daemon, self.now_s, daemon.held, gone, exact=False))
            daemon.held = daemon.waits_for = None

    def dies(self, who: int, _: float) -> None:
        daemon = self.daemons[who % len(self.daemons)]
        daemon.up, daemon.held, daemon.seen, daemon.waits_for = False, None, None, None

    def starts(self, who: int, _: float) -> None:
        self.daemons[who % len(self.daemons)].up = True

    def reboots(self, who: int, _: float) -> None:
        self.dies(who, 0)
        daemon = self.daemons[who % len(self.daemons)]
        daemon.up, daemon.mine = True, {token: Term(each.number, NEVER) for token, each in daemon.mine.items()}

    def is_copied(self, who: int, _: float) -> None:
        """A machine is cloned with its disk, and the clone started."""
        if len(self.daemons) < 5 and not self.emptied:
            of = self.daemons[who % len(self.daemons)]
            mine = {token: Term(each.number, NEVER) for token, each in of.mine.items()}
            self.daemons.append(Invented(of.me, mine))

    def carries_out(self, which: int, _: float) -> None:
        """The database carries a statement out; its sender hears of it if it still waits."""
        if not self.underway:
            return
        statement = self.underway.pop(which % len(self.underway))
        done = self._is(statement)
        if done:
            after = statement.after
            in_time = round(self.now_s * 1000) + statement.sender.skew_ms + LEASE_MS
            self._write(after if after.given_up else replace(after, expires_ms=in_time))
        if statement.sender.waits_for is statement:
            self._hear(statement, done=done)

    def loses_patience(self, who: int, _: float) -> None:
        """The answer does not come within the time limit."""
        self.daemons[who % len(self.daemons)].waits_for = None

    def loses(self, which: int, _: float) -> None:
        """A statement never arrives."""
        if self.underway:
            self.underway.pop(which % len(self.underway))

    def is_set(self, who: int, s: float) -> None:
        """A node's clock is wrong by minutes or hours."""
        self.daemons[who % len(self.daemons)].skew_ms = round((s - 60) * 60_000)

    def fails_over(self, which: int, _: float) -> None:
        """A replica takes the server's place, which lacks the last commits.

        That is survived unless it undoes what a daemon that stands by has not seen yet (it looks every 2 s), or
        brings back what was given up while another has never held the lease since.
        """
        if not self.before:
            return
        row = self.before[-1 - which % len(self.before)]
        new = [each for each in self.daemons if all(term.number <= row.term for term in each.mine.values())]
        given_up = row.given_up or any(
            term.renewed_s == NEVER for each in self.daemons for token, term in each.mine.items() if token == row.token
        )
        standing = [each.seen for each in self.daemons if each.seen and not each.held]
        not_looked = [each for each in standing if each.highest < self.top or each.row == row != self.row]
        if (given_up and new) or not_looked:
            return
        self.underway.clear()
        self.row = row

    def is_emptied(self, _: int, __: float) -> None:
        """Somebody makes the table anew, once; every daemon has held the lease before, and so knows of one."""
        looked = all(each.held or each.seen is None or each.seen.row for each in self.daemons)
        if all(each.mine for each in self.daemons) and looked and not self.emptied:
            self.emptied = True
            self.underway.clear()
            self.row = None

    def may_send(self) -> list[str]:
        return [each.me for each in self.daemons if each.held and left_s(each.renewed_s, self.now_s) > 0]

    def _idle(self, who: int) -> Invented | None:
        daemon = self.daemons[who % len(self.daemons)]
        return daemon if daemon.up and daemon.waits_for is None else None

    def _take(self, daemon: Invented, term: int) -> None:
        row = Row(daemon.me, daemon.me, term, next(self._texts), 1, 1, "1")
        daemon.mine[row.token] = Term(term, self.now_s)
        self._send(Statement(daemon, self.now_s, self.row, row))

    def _send(self, statement: Statement) -> None:
        self.underway.append(statement)
        statement.sender.waits_for = statement

    def _is(self, statement: Statement) -> bool:
        before, row = statement.before, self.row
        if before is None or row is None or statement.exact:
            return before == row
        same = (before.holder, before.term, before.token) == (row.holder, row.term, row.token)
        return same and (statement.after.given_up or not row.given_up)

    def _write(self, row: Row) -> None:
        if self.row:
            self.before.append(self.row)
        self.row, self.top = row, max(self.top, row.term)

    def _hear(self, statement: Statement, *, done: bool) -> None:
        daemon, token = statement.sender, statement.after.token
        daemon.waits_for = None
        if statement.after.given_up:
            return
        if done:
            daemon.held, daemon.renewed_s, daemon.seen = statement.after, statement.sent_s, None
            daemon.mine[token] = Term(statement.after.term, statement.sent_s)
        elif daemon.held:
            # It looks, and finds another's row; if it is still its own it tries again.
            if self.row is None or self.row.token != token or self.row.given_up:
                self.dies(self.daemons.index(daemon), 0)
        else:
            del daemon.mine[token]


COMMON = ["passes", "passes", "all_look", "looks", "looks", "renews", "carries_out", "carries_out"]
RARE = [
    "takes_back",
    "stops",
    "dies",
    "starts",
    "reboots",
    "is_copied",
    "loses_patience",
    "loses",
    "is_set",
    "fails_over",
    "is_emptied",
]
STEPS = st.tuples(
    st.sampled_from(COMMON * 3 + RARE),
    st.integers(0, 9),
    st.sampled_from([0.5, 2.0, 2.0, 2.0, 15.0, 15.0, 29.0, 31.0, 56.0, 59.0, 61.0, 89.0, 91.0]),
)


@given(st.lists(STEPS, max_size=150))
@settings(max_examples=100)
def test_never_two_that_may_send(steps: Sequence[tuple[str, int, float]]) -> None:
    world = World()
    for step, who, s in steps:
        getattr(world, step)(who, s)
        assert len(world.may_send()) <= 1, step


@given(
    st.floats(0, 15),
    st.floats(0, 2),
    st.integers(-30, 0),
)
def test_a_dead_ones_lease_is_taken_within_95_s(since_renewal_s: float, offset_s: float, skew_s: int) -> None:
    """With a database that answers: however long before its death it was renewed, and whenever the other looks."""
    row = Row("a", "web-1", 1, "text", round((1000 + NUMBERS.lease_s + skew_s) * 1000), 0, "1")
    seen, now_s = None, 1000 + offset_s
    while True:
        seen = noted(seen, row, now_s)
        choice = decide("b", {}, seen, others_present=False, database_ms=round(now_s * 1000), now_s=now_s)
        if isinstance(choice, Take):
            break
        now_s += NUMBERS.look_s
    died_s = 1000 + since_renewal_s
    assert Way.EXPIRED is choice.way
    assert now_s - died_s <= 95
    assert now_s - 1000 >= NUMBERS.lease_s


ROW = Row("a", "web-1", 4, "text", 1_090_000, 1_000_000, "1")
OWN = {"text": Term(4, 1000.0)}
GIVEN_UP = replace(ROW, expires_ms=0)


@pytest.mark.parametrize(
    ("me", "mine", "row", "after_s", "choice"),
    [
        ("b", {}, None, 0, Take(Way.FIRST, 1)),
        ("b", {}, ROW, 89, Wait(Why.HELD, 1090)),
        ("b", {}, ROW, 90, Take(Way.EXPIRED, 5)),
        ("b", {}, replace(ROW, expires_ms=9_000_000), 90, Wait(Why.CLOCK, 1180)),
        ("b", {}, replace(ROW, expires_ms=9_000_000), 180, Take(Way.EXPIRED, 5)),
        ("b", {}, GIVEN_UP, 0, Take(Way.GIVEN_UP, 5)),
        ("a", OWN, GIVEN_UP, 0, Wait(Why.POLITE, 1030)),
        ("a", OWN, GIVEN_UP, 30, Take(Way.GIVEN_UP, 5)),
        ("a", OWN, ROW, 89, Take(Way.OWN, 5)),
        ("a", {"text": Term(4, NEVER)}, ROW, 0, Wait(Why.HELD, 1090)),
        ("a", {}, ROW, 500, Wait(Why.DOUBLED, None)),
        ("a", {"text": Term(4, 1000.0), "later": Term(6, NEVER)}, GIVEN_UP, 0, Wait(Why.HELD, 1090)),
        ("b", {"mine": Term(3, NEVER)}, None, 89, Wait(Why.GONE, 1090)),
        ("b", {"mine": Term(3, NEVER)}, None, 90, Take(Way.FIRST, 4)),
    ],
)
def test_what_is_decided(me: str, mine: dict[str, Term], row: Row | None, after_s: float, choice: Take | Wait) -> None:
    seen, now_s = noted(None, row, 1000.0), 1000.0 + after_s
    decided = decide(me, mine, seen, others_present=True, database_ms=round(now_s * 1000), now_s=now_s)
    assert choice == decided


def test_a_failover_that_brings_an_older_row_back_is_noticed() -> None:
    """Who holds the later term may go on for a minute: what was given up is not taken at once."""
    seen = noted(noted(None, replace(ROW, term=5, token="later", holder="c"), 1000.0), GIVEN_UP, 1001.0)
    choice = decide("b", {}, seen, others_present=False, database_ms=1_001_000, now_s=1001.0)
    assert Wait(Why.HELD, 1091.0) == choice


def test_who_renews_under_ones_own_identity_is_another() -> None:
    """One renewal may have been on its way when the process before this one died; a second one cannot."""
    seen = noted(None, ROW, 1100.0)
    for number in (1, 2):
        seen = noted(seen, replace(ROW, expires_ms=ROW.expires_ms + number), 1100.0 + number)
    mine = {"text": Term(4, NEVER)}
    choice = decide("a", mine, seen, others_present=False, database_ms=1_102_000, now_s=1102.0)
    assert Wait(Why.DOUBLED, None) == choice


@pytest.mark.parametrize(
    ("since_s", "claims", "over", "left"),
    [
        (0, True, False, 90),
        (29.9, True, False, 60.1),
        (30, False, False, 60),
        (59.9, False, False, 30.1),
        (60, False, True, 0),
    ],
)
def test_how_long_the_holder_goes_on(since_s: float, claims: bool, over: bool, left: float) -> None:
    now_s = 1000 + since_s
    assert (claims, over) == (may_claim(1000, now_s), is_over(1000, now_s))
    assert left == pytest.approx(left_s(1000, now_s))
