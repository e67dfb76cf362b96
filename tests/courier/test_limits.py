"""The courier's own no for its rate: who waits for it, and that a wrong clock makes nobody wait for long."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paranad.clock import to_us
from paranad.configuration.durations import Rate
from paranad.courier.answers import LONGEST_CLOSURE
from paranad.courier.client import Courier
from paranad.courier.errors import CourierLimited, RateRefused
from paranad.courier.limiter import Limiter, Slot, Window, closes_for_all, pruned
from paranad.events.courier import CourierLimitReached
from paranad.events.event import Event
from paranad.sandbox.answers import Answer, Reply, refusal
from paranad.sandbox.server import Sandbox
from tests.courier.test_limiter import a_limiter, fill, take
from tests.support.clock import START, ManualClock
from tests.support.courier import KeptWindow, an_order

PER = timedelta(seconds=30)
HALF_MINUTE = timedelta(seconds=30)
DAY = timedelta(days=1)


async def refused(courier: Courier, owner: str) -> RateRefused:
    with pytest.raises(RateRefused) as limited:
        await courier.create_order(an_order(), owner=owner)
    return limited.value


async def test_no_of_the_courier_is_not_our_own_wait(courier: Courier, sandbox: Sandbox) -> None:
    sandbox.next("create-order", Answer.LIMITED_BY_CODE)
    error = await refused(courier, "job 1")
    assert (True, "2", True) == (error.left, error.err_num, error.for_all)
    with pytest.raises(CourierLimited) as waiting:
        await courier.create_order(an_order(), owner="job 2")
    assert (CourierLimited, False) == (type(waiting.value), waiting.value.left)
    assert 1 == sandbox.count("create-order")


async def test_one_bad_order_never_closes_the_rate_twice_running(
    courier: Courier, sandbox: Sandbox, clock: ManualClock, told: list[Event]
) -> None:
    bad: Reply = refusal(400, "999", "تجاوزت الحد المسموح به")
    for turn in range(4):
        sandbox.next("create-order", bad)
        error = await refused(courier, "bad")
        assert (turn == 0, clock.now() + HALF_MINUTE) == (error.for_all, error.until)
        if turn:
            await courier.create_order(an_order(price=turn), owner=f"good {turn}")
        with pytest.raises(CourierLimited) as slot:
            await courier.create_order(an_order(), owner="bad")
        assert error.until == slot.value.until
        await clock.advance(error.until - clock.now())
    assert 3 == len(sandbox.orders)
    assert 1 == sum(isinstance(event, CourierLimitReached) for event in told)


async def test_another_order_that_is_refused_closes_the_rate(
    courier: Courier, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.next("create-order", Answer.LIMITED, Answer.LIMITED)
    first = await refused(courier, "job 1")
    await clock.advance(first.until - clock.now())
    assert (await refused(courier, "job 2")).for_all


@pytest.mark.parametrize(
    ("closers", "sent", "for_all"),
    [
        ({}, 1, True),
        ({"job 2": 1}, 1, True),
        ({"job 1": 1}, 1, False),
        ({"job 1": 1}, 3, False),
        ({"job 1": 1}, 4, True),
    ],
)
def test_owner_that_closed_the_rate_closes_it_again_only_where_much_was_sent(
    closers: dict[str, int], sent: int, for_all: bool
) -> None:
    assert for_all is closes_for_all(Window(tuple(range(sent)), closers=closers), "job 1", 4)


async def test_who_closed_the_rate_is_kept_over_a_restart_and_forgotten_after_an_hour(
    clock: ManualClock, kept: KeptWindow
) -> None:
    assert await a_limiter(clock, kept).refuse("job 1", clock.now() + HALF_MINUTE)
    await clock.advance(HALF_MINUTE)
    assert not await a_limiter(clock, kept).refuse("job 1", clock.now() + HALF_MINUTE)
    await clock.advance(timedelta(hours=1))
    assert await a_limiter(clock, kept).refuse("job 1", clock.now() + HALF_MINUTE)


async def test_window_of_an_older_version_has_no_closers(clock: ManualClock) -> None:
    older = {
        "sent_us": [to_us(START)],
        "slots": {"job 1": [to_us(START) + 5_000_000, 0]},
        "turns": 1,
        "closed_until_us": 0,
    }
    limiter = a_limiter(clock, KeptWindow(older))
    await limiter.restore()
    assert (1, 1) == (limiter.state().used, limiter.state().waiting)


async def test_courier_is_left_alone_for_an_hour_at_most(clock: ManualClock, kept: KeptWindow) -> None:
    limiter = a_limiter(clock, kept)
    await limiter.refuse("job 91", clock.now() + DAY)
    assert clock.now() + LONGEST_CLOSURE == limiter.state().closed_until


@pytest.mark.parametrize("restarts", [False, True])
async def test_clock_that_was_ahead_and_is_put_right_stops_nobody(
    restarts: bool, clock: ManualClock, kept: KeptWindow
) -> None:
    """A machine that begins a year ahead, is refused for the rate, and then learns the time."""
    limiter = a_limiter(clock, kept)
    clock.step(365 * DAY)
    await fill(limiter, 4)
    assert await take(limiter, "waiting") is not None
    await limiter.refuse("bad", clock.now() + HALF_MINUTE)
    clock.step(-365 * DAY)
    limiter = a_limiter(clock, kept) if restarts else limiter
    await limiter.restore()
    closed_until = limiter.state().closed_until
    assert closed_until is not None
    assert closed_until <= clock.now() + LONGEST_CLOSURE
    slot = await take(limiter, "waiting")
    assert slot is not None
    assert slot <= clock.now() + LONGEST_CLOSURE + 10 * PER


instants = st.integers(0, 4 * 10**15)
windows = st.builds(
    Window,
    st.lists(instants, max_size=40).map(lambda sent: tuple(sorted(sent))),
    st.dictionaries(st.sampled_from("abcdefghij"), st.builds(Slot, instants, st.integers(0, 20)), max_size=10),
    st.just(20),
    instants,
    st.dictionaries(st.sampled_from("abcdefghij"), instants, max_size=3),
)
rates = st.builds(Rate, st.integers(1, 60), st.sampled_from([PER, timedelta(seconds=1), timedelta(minutes=5)]))


@given(windows, instants, rates)
def test_no_instant_lies_further_ahead_than_the_rate_explains(window: Window, now_us: int, rate: Rate) -> None:
    healed = pruned(window, now_us, rate)
    hour_us = LONGEST_CLOSURE // timedelta(microseconds=1)
    rounds = 2 * (len(healed.sent_us) + len(healed.slots)) // max(1, rate.count - 2) + 2
    latest_us = now_us + hour_us + rounds * ((rate.per + timedelta(seconds=1)) // timedelta(microseconds=1))
    assert healed.closed_until_us <= now_us + hour_us
    assert all(at <= now_us for at in (*healed.sent_us, *healed.closers.values()))
    assert all(slot.at_us <= latest_us for slot in healed.slots.values())
    assert healed == pruned(healed, now_us, rate)


steps = st.tuples(
    st.integers(0, 8),
    st.sampled_from(["take", "refuse", "restart"]),
    st.one_of(st.floats(0, 90), st.sampled_from([-DAY, DAY, -365 * DAY, 365 * DAY, -timedelta(hours=1)])),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=60), st.integers(1, 5))
def test_nobody_waits_longer_than_the_rate_explains_however_the_clock_steps(
    asked: list[tuple[int, str, float | timedelta]], count: int
) -> None:
    asyncio.run(_ask_while_the_clock_steps(asked, count))


async def _ask_while_the_clock_steps(asked: list[tuple[int, str, float | timedelta]], count: int) -> None:
    clock, kept = ManualClock(), KeptWindow()
    limiter = a_limiter(clock, kept, count)
    longest = LONGEST_CLOSURE + (2 * (2 * count + 9) // max(1, count - 2) + 3) * (PER + timedelta(seconds=1))
    for owner, what, passed in asked:
        clock.wall += passed if isinstance(passed, timedelta) else timedelta(seconds=passed)
        if what == "restart":
            limiter = a_limiter(clock, kept, count)
        elif what == "refuse":
            await limiter.refuse(str(owner), clock.now() + HALF_MINUTE)
        else:
            until = await take(limiter, str(owner))
            assert until is None or clock.now() < until <= clock.now() + longest
    closed = limiter.state().closed_until
    assert closed is None or closed <= clock.now() + LONGEST_CLOSURE


async def test_slot_that_was_pulled_back_still_keeps_the_rate(clock: ManualClock, kept: KeptWindow) -> None:
    """To ask earlier is harmless: what leaves is counted again when it asks."""
    far = to_us(clock.now() + 30 * DAY)
    kept.value = Window((), {f"job {n}": Slot(far, n) for n in range(12)}, 12).as_json()
    limiter = a_limiter(clock, kept)
    sent = []
    due = {f"job {n}": clock.now() for n in range(12)}
    while due:
        owner = min(due, key=due.__getitem__)
        clock.wall = max(clock.wall, due[owner])
        slot = await take(limiter, owner)
        if slot is None:
            sent.append(clock.now())
            del due[owner]
        else:
            due[owner] = slot
    assert all(sum(at <= other < at + PER for other in sent) <= 4 for at in sent)
    assert clock.now() <= START + timedelta(minutes=20)


def test_window_is_read_as_it_was_kept() -> None:
    window = Window((1, 2), {"a": Slot(3, 0)}, 1, 5, {"b": 2})
    assert window == Window.read(window.as_json())


async def test_rate_refused_to_a_login_is_our_own_wait(courier: Courier, sandbox: Sandbox) -> None:
    """The order itself has not left."""
    sandbox.next("login", Answer.LIMITED)
    with pytest.raises(CourierLimited) as limited:
        await courier.create_order(an_order(), owner="job 1")
    assert (CourierLimited, False) == (type(limited.value), limited.value.left)


async def test_order_that_left_with_an_expired_token_had_left_when_the_login_must_wait(
    courier: Courier, limiter: Limiter, sandbox: Sandbox
) -> None:
    await courier.prepare(owner="job 1")
    sandbox.expire_tokens()
    limiter.set_rate(Rate(2, PER))
    with pytest.raises(CourierLimited) as limited:
        await courier.create_order(an_order(), owner="job 1")
    assert (1, True) == (sandbox.count("create-order"), limited.value.left)
