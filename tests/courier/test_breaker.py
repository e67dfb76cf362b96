"""The courier's door: when no order leaves, which one leaves first, and when all do again."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paranad.courier.breaker import (
    FIRST_WAIT,
    LONGEST_PASSAGE_S,
    LONGEST_WAIT,
    OUTAGES,
    SOON,
    Breaker,
    Door,
    DoorState,
    restored,
)
from paranad.courier.client import Courier
from paranad.courier.errors import CourierClosed, CourierError, CourierLimited
from paranad.events.event import Event, Events
from paranad.said import Said, plain
from paranad.sandbox.answers import Answer
from paranad.sandbox.server import Sandbox
from tests.support.clock import SAFETY_S, START, ManualClock, Waiting
from tests.support.courier import KeptWindow, an_order

OPEN, CLOSED, ONE_ORDER = DoorState.OPEN, DoorState.CLOSED, DoorState.ONE_ORDER
WHY = plain("no answer in time")
SECOND = timedelta(seconds=1)


def lost(door: Door, *, times: int = 1) -> Door:
    for _ in range(times):
        door = door.order_lost(WHY, START, is_the_one=False)
    return door


def closed() -> Door:
    return lost(Door(), times=OUTAGES)


def test_closes_after_three_outages_in_a_row_and_not_after_two() -> None:
    assert OPEN is lost(Door(), times=2).state
    assert Door(CLOSED, since=START, next_try_at=START + FIRST_WAIT, reason=WHY) == closed()


def test_orders_and_questions_count_together() -> None:
    door = Door().question_lost(WHY, START).question_lost(WHY, START)
    assert CLOSED is lost(door).state


def test_answered_order_forgets_every_outage() -> None:
    assert Door() == lost(Door(), times=2).question_lost(WHY, START).order_answered()


def test_answered_question_forgets_questions_alone() -> None:
    """A courier that lists and takes no orders would otherwise be sent every one of them."""
    door = lost(Door(), times=2).question_answered(START).question_lost(WHY, START)
    assert CLOSED is door.state
    assert OPEN is lost(Door().question_lost(WHY, START).question_answered(START), times=2).state


def test_answered_question_lets_one_order_through_and_that_one_decides() -> None:
    one = closed().question_answered(START)
    assert (ONE_ORDER, START, None) == (one.state, one.since, one.next_try_at)
    assert Door() == one.order_answered()
    again = one.order_lost(WHY, START, is_the_one=True)
    assert (CLOSED, START + 2 * FIRST_WAIT) == (again.state, again.next_try_at)


def test_order_that_left_before_it_closed_and_is_lost_late_changes_nothing() -> None:
    one = closed().question_answered(START)
    assert one == lost(one, times=5)
    assert closed() == lost(closed(), times=7)


def test_question_that_is_answered_after_the_one_order_was_lost_counts_once_it_is_time() -> None:
    """Otherwise each list that anyway runs would cost one more order its clear answer."""
    door = closed().question_answered(START).order_lost(WHY, START, is_the_one=True)
    assert door.next_try_at
    assert CLOSED is door.question_answered(door.next_try_at - SECOND).state
    assert ONE_ORDER is door.question_answered(door.next_try_at).state


def test_waits_twice_as_long_after_each_lost_question_and_five_minutes_at_most() -> None:
    door, waits = closed(), list[timedelta]()
    for _ in range(7):
        assert door.next_try_at
        at = door.next_try_at
        door = door.question_lost(WHY, at)
        assert door.next_try_at
        waits.append(door.next_try_at - at)
    assert [20, 40, 80, 160, 300, 300, 300] == [wait.total_seconds() for wait in waits]


def test_question_that_is_lost_before_it_is_time_puts_nothing_off() -> None:
    assert closed() == closed().question_lost(WHY, START + SECOND)


def test_clock_that_was_set_back_by_a_year_holds_nobody_for_a_year() -> None:
    now = START - timedelta(days=365)
    assert (now, now + LONGEST_WAIT) == (closed().healed(now).since, closed().healed(now).next_try_at)


@pytest.mark.parametrize("kept", [None, {}, "open", {"state": "ajar"}, {**closed().as_json(), "next_try_at_us": None}])
def test_what_cannot_be_read_is_an_open_door(kept: Any) -> None:
    assert Door() == Door.read(kept)


STEPS: Sequence[Callable[[Door, Any], Door]] = (
    lambda door, now: door.order_answered(),
    lambda door, now: door.order_lost(WHY, now, is_the_one=False),
    lambda door, now: door.order_lost(WHY, now, is_the_one=True),
    lambda door, now: door.question_answered(now),
    lambda door, now: door.question_lost(WHY, now),
    lambda door, now: door.put_off(now + LONGEST_WAIT),
)


@given(st.lists(st.tuples(st.sampled_from(range(len(STEPS))), st.integers(-4000, 4000)), max_size=40))
def test_whatever_happens_and_however_the_clock_steps_the_door_is_whole(steps: list[tuple[int, int]]) -> None:
    door, now, row = Door(), START, 0
    for step, seconds in steps:
        now += timedelta(seconds=seconds)
        before = door.healed(now)
        door = STEPS[step](before, now)
        row = 0 if step in {0, 3} else row + (step in {1, 2, 4})
        assert (door.since is None) is (door.state is OPEN)
        assert (door.next_try_at is None) is (door.state is not CLOSED)
        assert door.next_try_at is None or door.next_try_at <= now + LONGEST_WAIT
        assert door == Door.read(door.as_json())
        if before.state is CLOSED and door.state is OPEN:
            assert 0 == step, "a question alone opened it"
        if before.state is OPEN and door.state is CLOSED:
            assert before.orders_lost + before.questions_lost == OUTAGES - 1
        # From wherever it stands an answer, and then an order, opens it within the longest wait.
        later = now + LONGEST_WAIT
        assert door.question_answered(later).state in {OPEN, ONE_ORDER}
        assert Door() == door.question_answered(later).order_answered()


@pytest.fixture
def breaker(clock: ManualClock, events: Events, kept: KeptWindow) -> Breaker:
    return Breaker(clock, events, kept.load, kept.save)


def close(breaker: Breaker) -> None:
    for number in range(OUTAGES):
        breaker.lost(f"job:{number}", WHY, is_order=True)


def name(told: list[Event]) -> list[str]:
    return [event.name for event in told]


async def test_closed_door_says_when_an_order_comes_again(breaker: Breaker, clock: ManualClock) -> None:
    close(breaker)
    with pytest.raises(CourierClosed) as held_back:
        breaker.check("job:9")
    assert START + FIRST_WAIT == held_back.value.until
    clock.step(FIRST_WAIT)
    with pytest.raises(CourierClosed) as held_back:  # the question is under way
        breaker.check("job:9")
    assert clock.now() + SOON == held_back.value.until


async def test_exactly_one_of_many_orders_leaves_first(breaker: Breaker) -> None:
    close(breaker)
    breaker.answered(is_order=False)
    with ExitStack() as stack:
        stack.enter_context(breaker.passing("job:1"))
        for number in range(2, 12):
            with pytest.raises(CourierClosed):
                stack.enter_context(breaker.passing(f"job:{number}"))
    breaker.check("job:2")


async def test_worker_that_is_cancelled_with_the_one_order_locks_nobody_out(breaker: Breaker) -> None:
    close(breaker)
    breaker.answered(is_order=False)

    inside, answered = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        with breaker.passing("job:1"):
            inside.set()
            await answered.wait()

    holding = asyncio.create_task(hold())
    await inside.wait()
    with pytest.raises(CourierClosed):
        breaker.check("job:2")
    holding.cancel()
    await asyncio.wait([holding])
    breaker.check("job:2")


async def test_worker_that_never_comes_back_locks_nobody_out_for_ever(breaker: Breaker, clock: ManualClock) -> None:
    close(breaker)
    breaker.answered(is_order=False)
    with breaker.passing("job:1"):
        await clock.advance(LONGEST_PASSAGE_S)
        with pytest.raises(CourierClosed):
            breaker.check("job:2")
        await clock.advance(SECOND)
        with breaker.passing("job:2"), pytest.raises(CourierClosed):
            breaker.check("job:3")


async def test_order_that_passed_an_open_door_is_not_the_one(breaker: Breaker) -> None:
    with breaker.passing("job:7"):
        close(breaker)
        breaker.answered(is_order=False)
        breaker.lost("job:7", WHY, is_order=True)
        assert ONE_ORDER is breaker.door.state


async def test_restart_keeps_the_door(breaker: Breaker, clock: ManualClock, events: Events, kept: KeptWindow) -> None:
    close(breaker)
    await breaker.keep()
    restarted = Breaker(clock, events, kept.load, kept.save)
    await restarted.restore()
    assert (closed(), 1) == (restarted.door, kept.saves)
    await restarted.keep()
    assert 1 == kept.saves, "nothing has changed"


async def test_door_of_another_address_is_open(clock: ManualClock, events: Events, kept: KeptWindow) -> None:
    """A wrong base_url closed it: once it is corrected, orders leave at once."""
    wrong = Breaker(clock, events, kept.load, kept.save, "https://wrong.example/v1")
    close(wrong)
    await wrong.keep()
    for address, state in ("https://wrong.example/v1", CLOSED), ("https://right.example/v1", OPEN):
        restarted = Breaker(clock, events, kept.load, kept.save, address)
        await restarted.restore()
        assert state is restarted.door.state


def test_door_that_was_kept_without_an_address_is_kept() -> None:
    assert closed() == restored(closed().as_json(), "any")


class Minded:
    """A breaker that minds its door: what it asks and whom it wakes."""

    def __init__(self, breaker: Breaker, outcome: Callable[[], None]) -> None:
        self.breaker, self.outcome = breaker, outcome
        self.asked = 0
        self.woken: list[Sequence[str]] = []

    async def ask(self) -> None:
        self.asked += 1
        self.outcome()

    async def wake(self, owners: Sequence[str]) -> None:
        self.woken.append(owners)

    async def __aenter__(self) -> "Minded":
        self.running = asyncio.create_task(self.breaker.run(self.ask, self.wake))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.running.cancel()
        await asyncio.wait([self.running])


def wait_to_be_told(breaker: Breaker, owners: Sequence[str]) -> None:
    for owner in owners:
        with pytest.raises(CourierClosed):
            breaker.check(owner)


async def test_asks_at_the_next_try_wakes_one_order_and_then_all(breaker: Breaker, clock: ManualClock) -> None:
    close(breaker)
    wait_to_be_told(breaker, ["job:5", "job:6", "job:7"])
    async with Minded(breaker, lambda: breaker.answered(is_order=False)) as minded:
        await clock.advance(FIRST_WAIT - SECOND)
        assert 0 == minded.asked
        await clock.advance(SECOND)
        assert (1, [["job:5"]]) == (minded.asked, minded.woken)
        breaker.answered(is_order=True)
        await clock.advance(0)
        assert [["job:5"], ["job:6", "job:7"]] == minded.woken


async def test_asks_when_the_time_has_passed_though_the_wall_clock_was_set_back(
    breaker: Breaker, clock: ManualClock
) -> None:
    close(breaker)
    async with Minded(breaker, lambda: breaker.answered(is_order=False)) as minded:
        await clock.advance(0)
        clock.step(-timedelta(days=30))
        await clock.advance(FIRST_WAIT)
        assert (1, ONE_ORDER) == (minded.asked, breaker.door.state)


@pytest.mark.parametrize("error", [CourierLimited(START + timedelta(seconds=50)), CourierError(plain("no token"))])
async def test_question_that_cannot_leave_is_put_off(breaker: Breaker, clock: ManualClock, error: CourierError) -> None:
    def fail() -> None:
        raise error

    close(breaker)
    async with Minded(breaker, fail) as minded:
        for _ in range(5):
            await clock.advance(FIRST_WAIT)
        assert CLOSED is breaker.door.state
        assert 2 <= minded.asked <= 5


async def test_error_that_nobody_foresaw_is_told_and_ends_nothing(
    breaker: Breaker, clock: ManualClock, told: list[Event]
) -> None:
    def fail() -> None:
        raise RuntimeError("unforeseen")

    waiting = Waiting(clock)
    close(breaker)
    async with Minded(breaker, fail) as minded:
        await clock.advance(FIRST_WAIT)
        await waiting(60.0)
        assert "courier.door_failed" in name(told)
        minded.outcome = lambda: breaker.answered(is_order=False)
        await clock.advance(60)
        assert ONE_ORDER is breaker.door.state


async def test_what_happens_is_told_once(breaker: Breaker, told: list[Event]) -> None:
    close(breaker)
    close(breaker)
    breaker.answered(is_order=False)
    breaker.answered(is_order=False)
    breaker.answered(is_order=True)
    breaker.answered(is_order=True)
    assert ["courier.door_closed", "courier.door_one_order", "courier.door_opened"] == name(told)


REFUSALS = [Answer.REFUSED, Answer.LIMITED, Answer.NO_ACCESS]
AWAY = [Answer.BLOCKED_503, Answer.HTML, Answer.RESET, Answer.CUT, Answer.ERROR_504]


@pytest.mark.parametrize("answer", AWAY)
async def test_outages_of_a_real_courier_close_the_door(courier: Courier, sandbox: Sandbox, answer: Answer) -> None:
    await courier.prepare(owner="job:0")
    sandbox.next("create-order", *[answer] * OUTAGES)
    for number in range(OUTAGES):
        assert OPEN is courier.breaker.door.state
        with pytest.raises(CourierError):
            await courier.create_order(an_order(), owner=f"job:{number}")
    assert CLOSED is courier.breaker.door.state
    reason: Said | None = courier.breaker.door.reason
    assert reason
    assert "create-order" in reason.text


@pytest.mark.parametrize("answer", REFUSALS)
async def test_refusals_and_the_rate_close_no_door(courier: Courier, sandbox: Sandbox, answer: Answer) -> None:
    await courier.prepare(owner="job:0")
    sandbox.next("create-order", *[answer] * 2 * OUTAGES)
    for number in range(OUTAGES):
        with pytest.raises(CourierError):
            await courier.create_order(an_order(), owner=f"job:{number}")
    assert Door() == courier.breaker.door


async def test_request_that_we_end_ourselves_closes_no_door(courier: Courier, sandbox: Sandbox) -> None:
    await courier.prepare(owner="job:0")
    sandbox.next("create-order", *[Answer.SILENT] * OUTAGES)
    for number in range(OUTAGES):
        asking = asyncio.create_task(courier.create_order(an_order(), owner=f"job:{number}"))
        async with asyncio.timeout(SAFETY_S):
            await sandbox.asked("create-order", number + 1)
        asking.cancel()
        await asyncio.wait([asking])
    assert Door() == courier.breaker.door


async def test_list_that_anyway_runs_lets_one_order_through(courier: Courier) -> None:
    await courier.prepare(owner="job:0")
    close(courier.breaker)
    await courier.merchant_orders(owner="sync")
    assert ONE_ORDER is courier.breaker.door.state
