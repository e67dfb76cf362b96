"""Days and hours on the wall clock: none is missed, none counted twice, also where the clock is changed."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paranad.history.spans import DAYS, HOUR, HOURS, Known, Span, days_until, hours_until

ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Asia/Baghdad", "Europe/Berlin", "America/Sao_Paulo", "Asia/Beirut", "Asia/Kathmandu")]
    + [ZoneInfo(name) for name in ("Australia/Lord_Howe", "Pacific/Apia", "America/Havana", "UTC")]
)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
QUARTER = timedelta(minutes=15)


@settings(deadline=None)
@given(INSTANTS, ZONES)
def test_every_instant_of_the_last_days_lies_in_the_day_of_its_date(now: datetime, zone: ZoneInfo) -> None:
    days = days_until(now, zone)
    spans = list(days.values())
    assert DAYS == len(days)
    assert all(before.end == after.start for before, after in pairwise(spans))
    assert spans[-1].start <= now < spans[-1].end
    for day, span in days.items():
        assert span.start <= span.end
        instant = span.start
        while instant < span.end:
            assert day == instant.astimezone(zone).date()
            instant += QUARTER


@settings(deadline=None)
@given(INSTANTS, ZONES)
def test_days_begin_on_a_quarter_of_an_hour(now: datetime, zone: ZoneInfo) -> None:
    """Failures are counted by quarters of an hour."""
    assert all(not span.start.timestamp() % 900 for span in days_until(now, zone).values())


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_day_on_which_the_clock_is_changed_is_shorter_or_longer(day: date, hours: int) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    span = days_until(noon, ZoneInfo("Europe/Berlin"))[day]
    assert timedelta(hours=hours) == span.end - span.start


@settings(deadline=None)
@given(INSTANTS, ZONES)
def test_hours_follow_each_other_up_to_now(now: datetime, zone: ZoneInfo) -> None:
    hours = hours_until(now, zone)
    assert HOURS == len(hours)
    assert all(HOUR == span.end - span.start for span in hours)
    assert all(before.end == after.start for before, after in pairwise(hours))
    assert hours[-1].start <= now < hours[-1].end
    local = hours[-1].start.astimezone(zone)
    assert (0, 0, 0) == (local.minute, local.second, local.microsecond) or zone.key == "Australia/Lord_Howe"


def test_what_was_before_the_file_or_is_lost_is_not_known() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    known = Known(noon).without(Span(noon + 5 * HOUR, noon + 6 * HOUR))
    spans = [Span(noon + place * HOUR, noon + (place + 1) * HOUR) for place in range(-2, 7)]
    assert [False, False, True, True, True, True, True, False, True] == [known.knows(span) for span in spans]
    assert known.knows(Span(noon - HOUR / 2, noon + HOUR / 2))
