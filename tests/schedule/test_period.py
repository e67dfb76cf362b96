"""An entry's period: the shortest time between two of its occurrences."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from paranad.schedule.cron import parse
from paranad.schedule.period import period
from tests.schedule.bench import HOUR, MINUTE

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("* * * * *", MINUTE),
        ("*/7 * * * *", 4 * MINUTE),
        ("*/15 9-17 * * mon-fri", 15 * MINUTE),
        ("0 9,18 * * *", 9 * HOUR),
        ("30 3 * * *", DAY),
        ("0 22 * * sun", 7 * DAY),
        ("0 0 1 * *", 29 * DAY),
        ("59 23 * * *", DAY),
        ("0 0 29 2 *", 366 * DAY),
    ],
)
def test_the_period_is_the_shortest_time_between_two_occurrences(cron: str, expected: timedelta) -> None:
    assert expected == period(parse(cron, ZoneInfo("Asia/Baghdad")))


def test_clock_changes_do_not_shorten_a_period() -> None:
    assert DAY == period(parse("30 3 * * *", ZoneInfo("Europe/Berlin")))
