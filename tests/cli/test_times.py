from datetime import datetime

import pytest

from paranad.cli.screen.say import written
from paranad.cli.screen.times import absolute, duration, moment, relative

AT = datetime.fromisoformat("2026-03-02T09:00:00+00:00")


@pytest.mark.parametrize(
    ("instant", "shown"),
    [
        ("2026-03-02T12:00:00.900+03:00", "now"),
        ("2026-03-02T11:59:58+03:00", "2 s ago"),
        ("2026-03-02T11:57:01+03:00", "2 min ago"),
        ("2026-03-02T10:00:00+03:00", "2 h ago"),
        ("2026-02-27T12:00:00+03:00", "3 d ago"),
        ("2026-03-02T12:00:48+03:00", "in 48 s"),
    ],
)
def test_relative_time(instant: str, shown: str) -> None:
    assert shown == written(relative(instant, AT))


def test_absolute_time_is_the_wall_clock_of_its_own_offset() -> None:
    assert absolute("2026-03-02T11:57:01+03:00", AT) == "11:57:01"


def test_absolute_time_of_another_day_has_the_date() -> None:
    assert absolute("2026-03-01T23:57:01+03:00", AT) == "2026-03-01 23:57:01"


def test_day_is_that_of_the_zone_and_not_of_utc() -> None:
    late = datetime.fromisoformat("2026-03-02T21:30:00+00:00")
    assert absolute("2026-03-03T00:10:00+03:00", late) == "00:10:00"


def test_moment_is_relative_and_absolute() -> None:
    assert written(moment("2026-03-02T11:57:00+03:00", AT)) == "3 min ago, 11:57:00"
    assert moment(None, AT) == "-"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.041, "41 ms"), (3.21, "3.2 s"), (245, "4 min 05 s"), (7620, "2 h 07 min")]
)
def test_duration(seconds: float, shown: str) -> None:
    assert shown == written(duration(seconds))
