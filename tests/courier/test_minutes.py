"""Requests by minute: counted once, kept over a restart, unknown rather than wrong under another clock."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paranad.courier.minutes import KEPT, MINUTE_US, Minutes
from tests.courier.test_limiter import a_limiter, fill
from tests.support.clock import ManualClock
from tests.support.courier import KeptWindow

NOW_US = 1_000 * MINUTE_US
MINUTE = timedelta(minutes=1)


@settings(deadline=None)
@given(st.lists(st.integers(0, 3 * MINUTE_US), max_size=60))
def test_every_request_is_counted_in_its_minute(gaps_us: list[int]) -> None:
    minutes, now_us, sent = Minutes(0), NOW_US, []
    for gap_us in gaps_us:
        now_us += gap_us
        minutes = minutes.healed(now_us).sent(now_us)
        sent.append(now_us)
    shown = minutes.healed(now_us).last(now_us)
    assert KEPT == len(shown)
    for each in shown:
        assert each.requests == sum(1 for at in sent if each.start_us <= at < each.start_us + MINUTE_US)
    assert len(minutes.counts) <= KEPT + 3


def test_minutes_before_the_counting_are_unknown_and_the_one_in_which_it_began_shows_what_was_counted() -> None:
    shown = Minutes().healed(NOW_US + 1).sent(NOW_US + 2).last(NOW_US + 2 * MINUTE_US)
    assert [None] * 27 + [1, 0, 0] == [each.requests for each in shown]


async def test_minutes_are_unknown_before_the_window_was_read(clock: ManualClock, kept: KeptWindow) -> None:
    limiter = a_limiter(clock, kept)
    assert {None} == {each.requests for each in limiter.minutes()}
    await limiter.restore()
    assert [None, 0] == [each.requests for each in limiter.minutes()][-2:]


async def test_to_look_at_the_minutes_changes_nothing(clock: ManualClock, kept: KeptWindow) -> None:
    """The step of the clock is the next request's to notice, whoever looked before."""
    limiter = a_limiter(clock, kept)
    await limiter.restore()
    await fill(limiter, 2)
    clock.step(timedelta(hours=5))
    before = limiter._window
    assert [None] * KEPT == [each.requests for each in limiter.minutes()] == [None] * KEPT
    assert before is limiter._window
    await fill(limiter, 1)
    assert [None] * (KEPT - 1) + [1] == [each.requests for each in limiter.minutes()]


@pytest.mark.parametrize("hours", [-5, 5])
async def test_step_of_the_clock_makes_the_minutes_unknown(hours: int, clock: ManualClock, kept: KeptWindow) -> None:
    await clock.advance(30)
    limiter = a_limiter(clock, kept)
    await limiter.restore()
    await clock.advance(10 * MINUTE)
    await fill(limiter, 2)
    clock.step(timedelta(hours=hours))
    assert [None] * KEPT == [each.requests for each in limiter.minutes()]
    await clock.advance(MINUTE)
    await fill(limiter, 1)
    assert [None, 1] == [each.requests for each in limiter.minutes()][-2:]


async def test_minutes_survive_a_restart_and_those_without_a_daemon_had_no_request(
    clock: ManualClock, kept: KeptWindow
) -> None:
    await clock.advance(30)
    limiter = a_limiter(clock, kept)
    await limiter.restore()
    await clock.advance(3 * MINUTE)
    await fill(limiter, 3)
    await clock.advance(2 * MINUTE)
    again = a_limiter(clock, kept)
    await again.restore()
    assert [0, 0, 0, 3, 0, 0] == [each.requests for each in again.minutes()][-6:]


async def test_restart_under_a_clock_that_was_set_back_counts_anew(clock: ManualClock, kept: KeptWindow) -> None:
    await clock.advance(30)
    limiter = a_limiter(clock, kept)
    await limiter.restore()
    await clock.advance(3 * MINUTE)
    await fill(limiter, 3)
    clock.step(-MINUTE * 60)
    again = a_limiter(clock, kept)
    await again.restore()
    assert [None] * (KEPT - 1) + [0] == [each.requests for each in again.minutes()]


@pytest.mark.parametrize("value", [None, {}, [], {"since_us": "x", "counts": {}}, {"since_us": 1, "counts": [1]}])
def test_counts_that_cannot_be_read_are_unknown(value: object) -> None:
    assert Minutes() == Minutes.read(value)


@settings(deadline=None)
@given(st.dictionaries(st.integers(0, 2**40), st.integers(0, 100)), st.none() | st.integers(0, 2**60))
def test_counts_are_read_as_they_were_kept(counts: dict[int, int], since_us: int | None) -> None:
    minutes = Minutes(since_us, counts)
    assert minutes == Minutes.read(minutes.as_json())
