"""What becomes of due occurrences, and the words for it: tables over pure functions."""

from datetime import timedelta

import pytest

from paranad.schedule.due import Due, due
from paranad.schedule.entries import CatchUp
from tests.schedule.bench import HOUR, MINUTE, entry
from tests.support.clock import START

SECOND = timedelta(seconds=1)


def words(found: list[Due]) -> list[tuple[timedelta, bool, str | None, str | None]]:
    return [
        (each.at - START, each.runs, each.said and each.said.text, each.overlapped and each.overlapped.text)
        for each in found
    ]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (59 * MINUTE, []),
        (HOUR, [(HOUR, True, None, None)]),
        (HOUR + MINUTE, [(HOUR, True, "caught up", "missed while the daemon was stopped")]),
        (2 * HOUR, [(2 * HOUR, True, "caught up for 1 earlier", "1 earlier missed and not caught up")]),
        (
            3 * HOUR + MINUTE,
            [(3 * HOUR, True, "caught up for 2 earlier", "missed while the daemon was stopped, as 2 earlier")],
        ),
    ],
)
def test_once_runs_the_latest_for_all(now: timedelta, expected: list[object]) -> None:
    assert expected == words(due(entry(cron="0 * * * *"), START, START + now))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (HOUR + 59 * SECOND, [(HOUR, True, None, None)]),
        (2 * HOUR, [(2 * HOUR, True, *("1 earlier missed and not caught up",) * 2)]),
        (200 * HOUR, [(200 * HOUR, True, *("more than 100 earlier missed and not caught up",) * 2)]),
        (HOUR + MINUTE, [(HOUR, False, *("missed while the daemon was stopped",) * 2)]),
    ],
)
def test_skip_never_says_caught_up(now: timedelta, expected: list[object]) -> None:
    hourly = entry(cron="0 * * * *", catch_up=CatchUp.SKIP)
    assert expected == words(due(hourly, START, START + now))
