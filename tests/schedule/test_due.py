"""What becomes of due occurrences, and the words for it: tables over pure functions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paranad.schedule.cron import parse
from paranad.schedule.due import COUNTED, Due, due
from paranad.schedule.entries import CatchUp, Entry
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
        (HOUR + MINUTE, [(HOUR, True, "caught up", "missed: the daemon could not run it in time")]),
        (2 * HOUR, [(2 * HOUR, True, "caught up for 1 earlier", "1 earlier missed and not caught up")]),
        (
            3 * HOUR + MINUTE,
            [(3 * HOUR, True, "caught up for 2 earlier", "missed: the daemon could not run it in time, as 2 earlier")],
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
        (HOUR + MINUTE, [(HOUR, False, *("missed: the daemon could not run it in time",) * 2)]),
    ],
)
def test_skip_never_says_caught_up(now: timedelta, expected: list[object]) -> None:
    hourly = entry(cron="0 * * * *", catch_up=CatchUp.SKIP)
    assert expected == words(due(hourly, START, START + now))


def every(**more: Any) -> Entry:
    return entry(cron="0 * * * *", catch_up=CatchUp.ALL, **more)


@pytest.mark.parametrize(
    ("now", "more", "expected"),
    [
        (HOUR, {}, [(HOUR, True, None, None)]),
        (2 * HOUR + MINUTE, {}, [(HOUR, True, "caught up", None), (2 * HOUR, True, "caught up", None)]),
        (2 * HOUR, {}, [(HOUR, True, "caught up", None), (2 * HOUR, True, None, None)]),
        (
            4 * HOUR,
            {"catch_up_limit": 1},
            [
                (2 * HOUR, False, "not caught up: beyond catch_up_limit = 1, as 1 earlier", None),
                (3 * HOUR, True, "caught up", None),
                (4 * HOUR, True, None, None),
            ],
        ),
        (
            150 * HOUR + MINUTE,
            {"catch_up_limit": 1, "catch_up_window": 2 * HOUR},
            [
                (148 * HOUR, False, "not caught up: older than catch_up_window = 2h, as more than 100 earlier", None),
                (149 * HOUR, False, "not caught up: beyond catch_up_limit = 1", None),
                (150 * HOUR, True, "caught up", None),
            ],
        ),
        (
            5 * HOUR + 2 * MINUTE,
            {"catch_up_window": timedelta(minutes=1)},
            [(5 * HOUR, False, "not caught up: older than catch_up_window = 1m, as 4 earlier", None)],
        ),
    ],
)
def test_all_runs_each_within_limit_and_window(now: timedelta, more: dict[str, object], expected: list[object]) -> None:
    assert expected == words(due(every(**more), START, START + now))


def test_what_is_on_time_waits_behind_what_is_caught_up_with_it() -> None:
    assert [True, True] == [each.lines_up for each in due(every(), START, START + 2 * HOUR)]
    assert [False] == [each.lines_up for each in due(every(), START, START + HOUR)]


@settings(max_examples=30, deadline=None)
@given(
    cron=st.sampled_from(["* * * * *", "*/20 * * * *", "0 * * * *", "30 2 * * *", "15 1,2,3 * * 0"]),
    zone=st.sampled_from(["Asia/Baghdad", "Europe/Berlin"]),
    begin=st.integers(0, 3 * 24 * 60),
    minutes=st.integers(0, 9000),
    seconds=st.integers(0, 59),
    limit=st.integers(1, 12),
    window=st.none() | st.integers(1, 3 * 24 * 60),
)
def test_all_agrees_with_a_model_that_looks_at_each_occurrence(
    cron: str, zone: str, begin: int, minutes: int, seconds: int, limit: int, window: int | None
) -> None:
    """Around the nights on which the clocks of Berlin change."""
    parsed = parse(cron, ZoneInfo(zone))
    after = datetime(2026, 3, 27, tzinfo=UTC) + begin * MINUTE
    now = after + timedelta(minutes=minutes, seconds=seconds)
    rules = {"catch_up_limit": limit, "catch_up_window": None if window is None else window * MINUTE}
    found = due(replace(every(**rules), cron=parsed), after, now)

    instants = list(parsed.between(after, now))
    missed = [at for at in instants if now - at >= MINUTE]
    young = [at for at in missed if window is None or now - at <= window * MINUTE]
    run = young[-limit:] + [at for at in instants if now - at < MINUTE]
    assert run == [each.at for each in found if each.runs]
    assert sorted(each.at for each in found) == [each.at for each in found]
    left = [each.said for each in found if not each.runs and each.said]
    if not any("counted" in each.values for each in left):
        assert len(instants) - len(run) == sum(1 + int(str(each.values.get("earlier", 0))) for each in left)
    else:
        assert len(instants) - len(run) > COUNTED
