"""The rate: never more than it says in any window, slots honoured, nobody starved, all of it over restarts."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paranad.configuration.durations import Rate
from paranad.courier.errors import CourierLimited
from paranad.courier.limiter import Limiter
from paranad.errors import StateFull
from paranad.said import plain
from tests.support.clock import START, ManualClock
from tests.support.courier import KeptWindow

PER = timedelta(seconds=30)


def a_limiter(clock: ManualClock, kept: KeptWindow, count: int = 4) -> Limiter:
    return Limiter(Rate(count, PER), clock, kept.load, kept.save)


async def take(limiter: Limiter, owner: str, *, new_order: bool = True) -> datetime | None:
    """None: let through; else the slot."""
    try:
        await limiter.take(owner, new_order=new_order)
    except CourierLimited as limited:
        return limited.until
    return None


async def fill(limiter: Limiter, number: int) -> None:
    for index in range(number):
        assert await take(limiter, f"first {index}") is None


async def test_new_orders_use_the_whole_rate_and_others_leave_two_free(clock: ManualClock, kept: KeptWindow) -> None:
    limiter = a_limiter(clock, kept)
    await fill(limiter, 2)
    assert await take(limiter, "sync", new_order=False) is not None
    assert await take(limiter, "order 3") is None
    assert await take(limiter, "order 4") is None
    assert await take(limiter, "order 5") is not None


@pytest.mark.parametrize("late", [timedelta(), timedelta(seconds=20), timedelta(minutes=9)])
async def test_owner_is_let_through_once_at_its_slot_or_after(
    late: timedelta, clock: ManualClock, kept: KeptWindow
) -> None:
    limiter = a_limiter(clock, kept)
    await fill(limiter, 4)
    slot = await take(limiter, "order")
    assert slot is not None
    await clock.advance(slot - clock.now() + late)
    await fill(limiter, 3)
    assert await take(limiter, "order") is None
    assert await take(limiter, "order") is not None


async def test_owner_that_asks_before_its_slot_gets_the_same(clock: ManualClock, kept: KeptWindow) -> None:
    limiter = a_limiter(clock, kept)
    await fill(limiter, 4)
    slot = await take(limiter, "order")
    await clock.advance(10)
    assert slot == await take(limiter, "order")


async def test_later_owner_never_takes_the_place_of_an_earlier_one(clock: ManualClock, kept: KeptWindow) -> None:
    limiter = a_limiter(clock, kept)
    await fill(limiter, 4)
    slots = [await take(limiter, f"waiting {index}") for index in range(4)]
    await clock.advance(timedelta(seconds=31))
    assert await take(limiter, "newcomer") is not None
    assert [None] * 4 == [await take(limiter, f"waiting {index}") for index in range(4)]
    assert {START + timedelta(seconds=31)} == set(slots)


async def test_window_and_slots_survive_a_restart(clock: ManualClock, kept: KeptWindow) -> None:
    limiter = a_limiter(clock, kept)
    await fill(limiter, 4)
    slot = await take(limiter, "order")
    again = a_limiter(clock, kept)
    assert slot == await take(again, "order")
    assert (4, 1) == (again.state().used, again.state().waiting)


async def test_request_is_kept_before_it_leaves(clock: ManualClock, kept: KeptWindow) -> None:
    await a_limiter(clock, kept).take("order", new_order=True)
    assert 1 == kept.saves


@pytest.mark.parametrize("value", [None, [], {}, "x", {"sent_us": None}, {"sent_us": ["x"], "slots": {}}])
async def test_kept_window_that_cannot_be_read_counts_as_none(value: Any, clock: ManualClock) -> None:
    assert await take(a_limiter(clock, KeptWindow(value)), "order") is None


async def test_slot_that_nobody_claims_vanishes(clock: ManualClock, kept: KeptWindow) -> None:
    limiter = a_limiter(clock, kept)
    await fill(limiter, 4)
    await take(limiter, "gone")
    await clock.advance(timedelta(minutes=11))
    assert 0 == limiter.state().waiting


async def test_closed_window_lets_nothing_through_until_it_opens(clock: ManualClock, kept: KeptWindow) -> None:
    limiter = a_limiter(clock, kept)
    until = START + timedelta(seconds=60)
    await limiter.refuse("job 91", until)
    await limiter.refuse("job 92", START + timedelta(seconds=10))
    assert until == await take(limiter, "order") == limiter.state().closed_until
    await clock.advance(60)
    assert await take(limiter, "order") is None
    assert limiter.state().closed_until is None


async def test_rate_can_change_while_it_runs(clock: ManualClock, kept: KeptWindow) -> None:
    limiter = a_limiter(clock, kept)
    await fill(limiter, 4)
    limiter.set_rate(Rate(6, PER))
    assert await take(limiter, "order") is None
    state = limiter.state()
    assert (5, 6, PER) == (state.used, state.limit, state.window)


async def test_clock_that_steps_back_does_not_stop_requests_for_long(clock: ManualClock, kept: KeptWindow) -> None:
    limiter = a_limiter(clock, kept)
    await fill(limiter, 4)
    clock.step(-timedelta(hours=2))
    slot = await take(limiter, "order")
    assert slot is not None
    assert slot <= clock.now() + timedelta(seconds=31)


async def test_restore_makes_state_true_from_the_start(clock: ManualClock, kept: KeptWindow) -> None:
    await fill(a_limiter(clock, kept), 3)
    limiter = a_limiter(clock, kept)
    await limiter.restore()
    assert 3 == limiter.state().used


async def test_failed_save_lets_nothing_through(clock: ManualClock, kept: KeptWindow) -> None:
    async def full(value: Any) -> None:
        raise StateFull(plain("no room"))

    limiter = Limiter(Rate(4, PER), clock, kept.load, full)
    with pytest.raises(StateFull):
        await limiter.take("order", new_order=True)
    assert 0 == limiter.state().used


asks = st.tuples(
    st.integers(0, 12),  # owner
    st.booleans(),  # new order
    st.one_of(st.just(0.0), st.floats(0, 3), st.floats(0, 90)),  # seconds passed before
)


@settings(max_examples=60, deadline=None)
@given(st.lists(asks, max_size=80), st.integers(1, 5))
def test_no_window_ever_holds_more_than_the_rate(steps: list[tuple[int, bool, float]], count: int) -> None:
    asyncio.run(_ask_at_will(steps, count))


async def _ask_at_will(steps: list[tuple[int, bool, float]], count: int) -> None:
    clock, kept, sent = ManualClock(), KeptWindow(), []
    limiter = a_limiter(clock, kept, count)
    for number, (owner, new_order, passed_s) in enumerate(steps):
        clock.wall += timedelta(seconds=passed_s)
        limiter = a_limiter(clock, kept, count) if number % 7 == 6 else limiter
        if await take(limiter, str(owner), new_order=new_order) is None:
            sent.append(clock.now())
    assert all(sum(at <= other < at + PER for other in sent) <= count for at in sent)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(3, 6), st.floats(0, 5), st.randoms(use_true_random=False))
def test_everybody_who_comes_back_at_their_slot_is_served(owners: int, count: int, late_s: float, chance: Any) -> None:
    asyncio.run(_all_served(owners, count, lambda: chance.uniform(0, late_s)))


async def _all_served(owners: int, count: int, lateness: Callable[[], float]) -> None:
    clock, kept = ManualClock(), KeptWindow()
    limiter = a_limiter(clock, kept, count)
    due = {f"owner {number}": clock.now() for number in range(owners)}
    rounds = owners // max(count - 2, 1) + 2
    while due:
        owner = min(due, key=due.__getitem__)
        clock.wall = max(clock.wall, due[owner] + timedelta(seconds=lateness()))
        slot = await take(limiter, owner, new_order=owner.endswith(("1", "2", "3")))
        if slot is None:
            del due[owner]
        else:
            due[owner] = slot
    assert clock.now() <= START + rounds * (PER + timedelta(seconds=12))


async def test_closure_of_a_clock_that_was_a_year_ahead_is_pulled_back_and_said(
    clock: ManualClock, kept: KeptWindow
) -> None:
    """The courier asks for an hour at most: what lies further ahead came from the clock, and is told once."""
    year = timedelta(days=365)
    clock.step(year)
    await a_limiter(clock, kept).refuse("job 93", clock.now() + timedelta(seconds=30))
    clock.step(-year)
    told: list[datetime] = []
    limiter = Limiter(Rate(4, PER), clock, kept.load, kept.save, told.append)
    await limiter.restore()
    assert [START + timedelta(hours=1)] == told
    await clock.advance(timedelta(minutes=61))
    assert await take(limiter, "order 1") is None
    assert 1 == len(told)


@pytest.mark.parametrize("ago_s", [0, 12, 29])
async def test_window_that_another_daemon_may_have_used_counts_as_full(
    ago_s: int, clock: ManualClock, kept: KeptWindow
) -> None:
    """Two daemons share the courier's account: what the other sent in the last 30 seconds is not known here."""
    limiter = a_limiter(clock, kept)
    await limiter.count_full(clock.now() - timedelta(seconds=ago_s), "web-1")
    assert 4 == limiter.state().used
    assert await take(limiter, "order 1") is not None
    assert await take(a_limiter(clock, kept), "order 1") is not None  # over a restart, too
    await clock.advance(31 - ago_s)
    await fill(limiter, 3)


async def test_order_that_waits_for_the_other_daemons_requests_says_so(clock: ManualClock, kept: KeptWindow) -> None:
    """Nobody wonders why the rate is used up where nothing was sent, and no more than all of it is said to be."""
    limiter = a_limiter(clock, kept)
    await fill(limiter, 1)
    await limiter.count_full(clock.now(), "web-1")
    assert (4, "web-1", START + timedelta(seconds=31)) == (
        limiter.state().used,
        limiter.state().another,
        limiter.state().another_until,
    )
    with pytest.raises(CourierLimited, match="web-1 may have used the request rate"):
        await limiter.take("order 1", new_order=True)
    await clock.advance(32)
    assert (None, None) == (limiter.state().another, limiter.state().another_until)
    await fill(limiter, 3)
    with pytest.raises(CourierLimited, match="over the request rate"):
        await limiter.take("order 2", new_order=True)


async def test_other_daemon_that_is_gone_for_long_holds_no_order_up(clock: ManualClock, kept: KeptWindow) -> None:
    limiter = a_limiter(clock, kept)
    await limiter.count_full(clock.now() - timedelta(minutes=1), "web-1")
    assert 0 == limiter.state().used
    await fill(limiter, 4)
