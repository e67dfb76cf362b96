"""How far apart an entry's occurrences are, however many of them are due on a day."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from paranad.schedule.cron import parse
from paranad.schedule.spacing import longest_wait, period
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
        ("1,10,20,30,40,50,59 0-22/2,23 1-29/2 * *", 2 * MINUTE),  # 29 February is followed by 1 March
    ],
)
def test_the_period_is_the_shortest_time_between_two_occurrences(cron: str, expected: timedelta) -> None:
    assert expected == period(parse(cron, ZoneInfo("Asia/Baghdad")))


def test_clock_changes_do_not_shorten_a_period() -> None:
    assert DAY == period(parse("30 3 * * *", ZoneInfo("Europe/Berlin")))


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("30 3 * * *", DAY + HOUR),
        ("0 */2 * * *", 3 * HOUR),
        ("* * 1-7 1 *", 359 * DAY + MINUTE),
        ("* 22-23 * * mon", 6 * DAY + 23 * HOUR + MINUTE),
        ("0 0 29 2 *", 1461 * DAY),
    ],
)
def test_the_longest_wait_is_found_over_months_and_clock_changes(cron: str, expected: timedelta) -> None:
    assert expected == longest_wait(parse(cron, ZoneInfo("Europe/Berlin")))
