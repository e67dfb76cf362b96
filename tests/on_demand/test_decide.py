"""What follows from a look: pure decisions, moment by moment."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

from paranad.on_demand.decide import (
    FIRST_REST_S,
    LONGEST_JOB_S,
    LONGEST_REST_S,
    MISSED_AFTER_S,
    Act,
    Look,
    Now,
    Standing,
    State,
    decide,
    halted,
    not_asked,
)
from tests.support.clock import START


@dataclass
class Play:
    """A shop's rows and a PHP that does with them what a test says."""

    due: int = 0
    standing: Standing = field(default_factory=Standing)
    held: bool = False
    asked: bool = False
    running: bool = False
    s: float = 0.0
    next_row: int = 1
    stuck: bool = False
    """Whether a queue of its own has a row that no worker takes."""

    def look(self, after_s: float = 1.0, *, worked: bool = False) -> Act:
        self.s += after_s
        self.next_row += worked
        first = {"php:default": self.next_row} if self.due > self.stuck else {}
        first |= {"php:stuck": 0} if self.stuck else {}
        look = Look(self.due, worked, held=self.held, asked=self.asked, running=self.running, first=first)
        self.standing, act = decide(self.standing, look, self.now())
        if act is Act.ASK:
            self.asked = True
        elif act is Act.WITHDRAW:
            self.asked = False
        return act

    def now(self) -> Now:
        return Now(START + timedelta(seconds=self.s), self.s)

    def come(self, *, running: bool = True) -> None:
        self.asked, self.running = False, running


def test_no_worker_is_asked_for_while_nothing_is_due() -> None:
    play = Play()
    assert [Act.NOTHING, Act.NOTHING] == [play.look(), play.look()]
    assert State.IDLE is play.standing.state


def test_a_worker_is_asked_for_once_and_counted_when_it_comes() -> None:
    play = Play(due=3)
    assert [Act.ASK, Act.NOTHING] == [play.look(), play.look()]
    play.come()
    assert Act.NOTHING is play.look()
    assert (State.RUNNING, 1, play.now().at) == (play.standing.state, play.standing.runs, play.standing.last_run_at)


def test_after_a_run_that_worked_rows_off_the_next_is_asked_for_at_once() -> None:
    play = Play(due=3)
    play.look()
    play.come()
    play.due = 1
    play.look(worked=True)
    play.running = False
    assert Act.ASK is play.look()
    assert 0 == play.standing.fruitless


def test_a_run_too_short_to_be_seen_is_counted_all_the_same() -> None:
    play = Play(due=1)
    play.look()
    play.come(running=False)
    play.due = 0
    assert Act.NOTHING is play.look(worked=True)
    assert (State.IDLE, 1) == (play.standing.state, play.standing.runs)


def test_a_php_that_fails_at_once_is_asked_for_ever_more_seldom() -> None:
    play = Play(due=1)
    asked_at: list[float] = []
    while len(asked_at) < 9:
        if play.look() is Act.ASK:
            asked_at.append(play.s)
            play.come(running=False)
    waits = [later - before for before, later in pairwise(asked_at)]
    expected = [min(FIRST_REST_S * 2**n, LONGEST_REST_S) + 1 for n in range(8)]
    assert expected == waits


def test_a_rest_ends_as_soon_as_a_row_is_worked_by_anyone() -> None:
    play = Play(due=2)
    play.look()
    play.come(running=False)
    assert Act.NOTHING is play.look()
    assert State.RESTING is play.standing.state
    assert Act.ASK is play.look(worked=True)
    assert 0 == play.standing.fruitless


def test_a_request_that_nobody_took_is_withdrawn_when_the_rows_are_gone() -> None:
    play = Play(due=1)
    play.look()
    play.due = 0
    assert [Act.WITHDRAW, Act.NOTHING] == [play.look(worked=True), play.look()]
    assert (State.IDLE, 0) == (play.standing.state, play.standing.runs)


def test_a_worker_that_hangs_is_waited_for_and_its_rows_count_as_waiting() -> None:
    play = Play(due=1)
    play.look()
    play.come()
    assert {Act.NOTHING} == {play.look(60) for _ in range(30)}
    assert 1800 == play.standing.waits_s(play.s)


def test_rows_behind_a_long_job_are_late_only_when_a_worker_may_have_run_so_long() -> None:
    play = Play(due=5)
    play.look()
    play.come()
    play.look(worked=True)
    play.held = True
    play.look(MISSED_AFTER_S)
    assert not play.standing.is_late(play.s, MISSED_AFTER_S)
    play.look(LONGEST_JOB_S - MISSED_AFTER_S)
    assert play.standing.is_late(play.s, MISSED_AFTER_S)


def test_a_worker_that_hangs_between_two_jobs_or_ended_amid_one_is_no_reason_to_wait_longer() -> None:
    play = Play(due=5)
    play.look()
    play.come()
    play.look(worked=True)
    play.look(MISSED_AFTER_S)
    assert play.standing.is_late(play.s, MISSED_AFTER_S)
    play.held = True
    play.look()
    assert not play.standing.is_late(play.s, MISSED_AFTER_S)
    play.running = False
    assert Act.ASK is play.look()
    assert play.standing.is_late(play.s, MISSED_AFTER_S)


def test_a_row_that_a_killed_worker_left_reserved_does_not_hide_one_that_hangs() -> None:
    play = Play(due=1, held=True)
    play.look()
    play.come()
    play.look()
    play.look(MISSED_AFTER_S)
    assert play.standing.is_late(play.s, MISSED_AFTER_S)


def test_rows_that_come_faster_than_they_are_worked_do_not_count_as_waiting() -> None:
    play = Play(due=1)
    for _ in range(20):
        play.look(60, worked=True)
    assert 0 == play.standing.waits_s(play.s)


def test_a_request_that_could_not_be_made_rests_as_a_fruitless_run_does() -> None:
    play = Play(due=1)
    play.look()
    play.asked = False
    play.standing = not_asked(play.standing, play.now())
    assert [Act.NOTHING] * 9 == [play.look() for _ in range(9)]
    assert Act.ASK is play.look()
    assert 0 == play.standing.runs


def test_while_nothing_may_start_the_request_is_withdrawn_and_afterwards_made_again() -> None:
    play = Play(due=1)
    play.look()
    look = Look(due=1, worked=False, held=False, asked=True, running=False)
    play.standing, act = halted(play.standing, State.PAUSED, look, play.now())
    assert (State.PAUSED, Act.WITHDRAW, 0) == (play.standing.state, act, play.standing.waits_s(play.s))
    play.asked = False
    assert Act.ASK is play.look()


def a_good_row(play: Play) -> float:
    """Let a row come beside the one that is stuck; return how many seconds it waits until a worker works it off."""
    came_s, play.due = play.s, 2
    while play.look() is not Act.ASK:
        assert play.s - came_s <= FIRST_REST_S
    waited_s = play.s - came_s
    play.come(running=False)
    play.due = 1
    play.look(worked=True)
    return waited_s


def test_a_row_that_no_worker_takes_is_told_though_others_are_worked_and_keeps_none_of_them_waiting() -> None:
    play = Play(due=1, stuck=True)
    told_s = None
    while play.s < 3600:
        until_s = play.s + 100
        while play.s < until_s:
            if play.look() is Act.ASK or play.asked:
                play.come(running=False)
            if told_s is None and play.standing.left_over(play.s):
                told_s = play.s
        play.come(running=False)
        assert a_good_row(play) <= FIRST_REST_S
    assert told_s is not None
    assert MISSED_AFTER_S <= told_s <= MISSED_AFTER_S + 110


def test_a_row_behind_those_of_a_queue_that_goes_first_is_not_left_over_while_a_worker_is_at_them() -> None:
    play = Play(due=9, stuck=True)
    play.look()
    play.come()
    for _ in range(10):
        play.look(60, worked=True)
    assert not play.standing.left_over(play.s)
    play.running = False
    play.look(worked=True)
    assert play.standing.left_over(play.s)
    play.stuck = False
    play.look()
    assert not play.standing.left_over(play.s)


def test_rows_that_come_in_a_stream_do_not_start_a_php_that_fails_at_once_in_a_loop() -> None:
    play = Play(due=1)
    asked_at: list[float] = []
    for _ in range(300):
        play.due += 1
        if play.look() is Act.ASK:
            asked_at.append(play.s)
            play.come(running=False)
    assert {FIRST_REST_S + 1} == {later - before for before, later in pairwise(asked_at)}
