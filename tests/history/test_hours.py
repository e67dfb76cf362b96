"""Jobs an hour and how long they had waited: figures as they are, closed hours read once."""

import sqlite3
import statistics
from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

import pytest

from paranad.history import hours as room
from paranad.history.hours import STATEMENTS, Hour, Hours
from paranad.history.spans import HOUR
from paranad.store.file import Store
from tests.history.rows import complete
from tests.support.clock import START, ManualClock
from tests.support.control import BAGHDAD
from tests.support.store import Statement

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def hours(store: Store, clock: ManualClock) -> Hours:
    return Hours(store, clock, BAGHDAD)


@pytest.mark.parametrize("jobs", [1, 2, 3, 19, 20, 21, 39, 40, 41, 1000])
async def test_median_and_95th_are_jobs_of_the_hour(jobs: int, hours: Hours, store: Store) -> None:
    await complete(store, *[(START, waited_s) for waited_s in range(1, jobs + 1)])
    await hours.look()
    hour = hours.known()[START]
    assert Hour(jobs, statistics.median_low(range(1, jobs + 1)) * SECOND, hour.most) == hour
    assert hour.most
    assert hour.most / SECOND >= 0.95 * jobs > hour.most / SECOND - 1


async def test_empty_file_has_hours_without_a_job(hours: Hours) -> None:
    await hours.look()
    assert {START - back * HOUR: Hour(0, None, None) for back in range(24)} == dict(hours.known())


async def test_one_job_is_the_median_and_the_most(hours: Hours, store: Store) -> None:
    await complete(store, (START, 7))
    await hours.look()
    assert Hour(1, 7 * SECOND, 7 * SECOND) == hours.known()[START]


async def test_jobs_stand_in_the_hour_in_which_they_completed(hours: Hours, store: Store) -> None:
    await complete(store, *[(START - HOUR + n * SECOND, n) for n in range(100)], (START - HOUR - SECOND, 5))
    await hours.look()
    assert Hour(100, 49 * SECOND, 94 * SECOND) == hours.known()[START - HOUR]
    assert Hour(1, 5 * SECOND, 5 * SECOND) == hours.known()[START - 2 * HOUR]


async def test_job_that_started_before_it_was_due_has_not_waited(hours: Hours, store: Store) -> None:
    """Its clock stepped in between."""
    await complete(store, (START, -3600))
    await hours.look()
    assert Hour(1, timedelta(0), timedelta(0)) == hours.known()[START]


async def test_closed_hour_is_read_once_and_the_present_one_again(
    hours: Hours, store: Store, clock: ManualClock
) -> None:
    await complete(store, (START, 1))
    await clock.advance(30 * SECOND)
    await hours.look()
    await complete(store, (START - 2 * HOUR, 1), (START + SECOND, 1))
    await hours.look()
    assert (0, 2) == (hours.known()[START - 2 * HOUR].jobs, hours.known()[START].jobs)


async def test_hour_is_closed_once_its_last_outcomes_can_be_stored(
    hours: Hours, store: Store, clock: ManualClock
) -> None:
    await hours.look()
    await clock.advance(HOUR + 30 * SECOND)
    await hours.look()
    await complete(store, (START + HOUR - SECOND, 1))
    await clock.advance(MINUTE)
    await hours.look()
    assert 1 == hours.known()[START].jobs
    await complete(store, (START + HOUR - SECOND, 1))
    await hours.look()
    assert 1 == hours.known()[START].jobs


async def test_hour_of_which_retention_dropped_a_job_is_unknown_unless_it_was_closed_before(
    hours: Hours, store: Store, clock: ManualClock
) -> None:
    await complete(store, (START, 1), (START - HOUR, 1), (START - 2 * HOUR, 1), (START - 3 * HOUR, 1))
    await store.writer.do(Statement("DELETE FROM jobs WHERE id = 3"))
    await clock.advance(MINUTE)
    await hours.look()
    assert [None, None, 1, 1] == [
        hour and hour.jobs for hour in (hours.known().get(START - n * HOUR) for n in (3, 2, 1, 0))
    ]
    await store.writer.do(Statement("DELETE FROM jobs"))
    await hours.look()
    assert [1, None] == [hour and hour.jobs for hour in (hours.known().get(START - n * HOUR) for n in (1, 0))]


async def test_hour_whose_jobs_are_deleted_while_it_is_read_is_unknown(
    hours: Hours, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = store.aside.fetch

    async def after_the_pruner(sql: str, params: Mapping[str, object] = MappingProxyType({})) -> Sequence[sqlite3.Row]:
        if sql == STATEMENTS["waits"]:
            await store.writer.do(Statement("DELETE FROM jobs"))
        return await fetch(sql, params)

    await complete(store, (START, 1))
    monkeypatch.setattr(store.aside, "fetch", after_the_pruner)
    await hours.look()
    assert START not in hours.known()


async def test_of_many_jobs_every_nth_is_asked(hours: Hours, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "JOBS_READ", 100)
    await complete(store, *[(START, n % 60) for n in range(1000)])
    await hours.look()
    hour = hours.known()[START]
    assert hour.median
    assert hour.most
    assert (1000, True, True) == (hour.jobs, 20 * SECOND < hour.median < 40 * SECOND, hour.most > 50 * SECOND)
