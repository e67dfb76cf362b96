from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from paranad.courier.errors import TRANSIENT_WAITS, CourierLimited, CourierRefused, CourierUnclear, LoginFailed, Refusal
from paranad.errors import ParanadError, StateFull
from paranad.queue.model import Failed, Outcome, Snoozed
from paranad.said import plain
from paranad.shop.errors import ShopUnreachable
from paranad.tasks.outage import answer_outage
from tests.support.clock import START

DAY = timedelta(hours=24)


def answered(error: ParanadError, *, after: timedelta = timedelta(0), snoozes: int = 0) -> Outcome:
    return answer_outage(error, now=START + after, enqueued_at=START, snoozes=snoozes)


def test_first_outage_snoozes_for_five_seconds() -> None:
    gone = ShopUnreachable("no such file")
    assert answered(gone) == Snoozed(START + timedelta(seconds=5), gone.said)


@given(st.integers(min_value=0, max_value=100_000))
def test_outages_snooze_longer_each_time_up_to_five_minutes(snoozes: int) -> None:
    outcome = answered(CourierUnclear("HTTP 503"), snoozes=snoozes)
    assert isinstance(outcome, Snoozed)
    assert min(timedelta(seconds=5) * 2 ** min(snoozes, 20), timedelta(minutes=5)) == outcome.until - START


def test_courier_limit_snoozes_until_its_slot() -> None:
    slot = START + timedelta(seconds=17)
    outcome = answered(CourierLimited(slot), snoozes=9)
    assert isinstance(outcome, Snoozed)
    assert slot == outcome.until


def test_outage_of_a_day_fails_and_says_what_to_do() -> None:
    outcome = answered(LoginFailed("wrong password"), after=DAY)
    assert isinstance(outcome, Failed)
    assert "24 h" in str(outcome.error)
    assert "retry" in str(outcome.error)


def test_outage_just_under_a_day_still_waits() -> None:
    assert isinstance(answered(StateFull(plain("no room")), after=DAY - timedelta(microseconds=1)), Snoozed)


def test_data_that_the_courier_refuses_fails_at_once() -> None:
    assert isinstance(answered(CourierRefused(Refusal.DATA, "999", "bad city")), Failed)


def test_place_that_the_courier_does_not_know_fails_at_once() -> None:
    outcome = answered(CourierRefused(Refusal.PLACE, "21", "no", city_id="7", region_id="701"))
    assert isinstance(outcome, Failed)
    assert "city 7 or region 701" in str(outcome.error)


def test_refusal_for_the_moment_waits_some_tries_long() -> None:
    error = CourierRefused(Refusal.TRANSIENT, "999", "try again")
    assert isinstance(answered(error, snoozes=TRANSIENT_WAITS - 1), Snoozed)
    outcome = answered(error, snoozes=TRANSIENT_WAITS)
    assert isinstance(outcome, Failed)
    assert "retry the job" in str(outcome.error)


def test_refusal_for_the_moment_is_asked_about_for_half_an_hour() -> None:
    """docs/troubleshooting.md promises it."""
    error = CourierRefused(Refusal.TRANSIENT, "999", "try again")
    waits = [answered(error, snoozes=each) for each in range(TRANSIENT_WAITS)]
    lasted = sum((each.until - START for each in waits if isinstance(each, Snoozed)), timedelta(0))
    assert timedelta(minutes=25) < lasted < timedelta(minutes=30)


def test_account_without_the_right_waits_for_a_person() -> None:
    assert isinstance(answered(CourierRefused(Refusal.PERMISSION, "21", "no right")), Snoozed)
