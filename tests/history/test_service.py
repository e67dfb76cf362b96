"""The whole history: what is known, what is not, and that it is answered from indexes."""

from datetime import date, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from paranad.clock import EPOCH, to_us
from paranad.courier.limiter import Limiter
from paranad.events.daemon import HistoryFailed
from paranad.events.event import Event, Events
from paranad.history.hours import STATEMENTS
from paranad.history.service import Counted, History, PastRun
from paranad.history.spans import HOUR
from paranad.queue.jobs import JobFilter
from paranad.store.backup import COPIED_AT
from paranad.store.file import Store, open_store
from paranad.store.migrate import known_migrations, migrate
from paranad.store.sqlite import connected
from tests.history.rows import JOB, complete, ship
from tests.support.clock import START, ManualClock, Waiting
from tests.support.control import BAGHDAD
from tests.support.queue import Line, fail_for_good, new_job
from tests.support.store import Statement, full_disk

DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
TODAY = date(2026, 3, 2)


async def count_failures(store: Store, at: datetime, failures: int) -> None:
    """Let jobs have failed in the quarter of an hour that begins *at*."""
    counted = {"quarter": to_us(at) // 900_000_000, "failures": failures}
    await store.writer.do(Statement("INSERT INTO failures_by_quarter VALUES (:quarter, :failures)", counted))


async def test_days_before_the_file_are_unknown_and_its_first_is_not(history: History) -> None:
    days = (await history.past()).days
    assert [TODAY - n * DAY for n in range(13, -1, -1)] == [each.day for each in days]
    assert [None] * 13 + [0] == [each.shipments for each in days]


async def test_shipments_are_counted_by_the_days_of_the_shop(
    history: History, store: Store, clock: ManualClock
) -> None:
    midnight = START.replace(hour=21)  # in Baghdad
    await clock.advance(2 * DAY)
    await ship(store, [midnight - HOUR, midnight, midnight + HOUR, midnight + DAY, START + 400 * DAY])
    assert [1, 2, 1] == [day.shipments for day in (await history.past()).days][-3:]


async def test_a_time_counts_its_shipments_and_the_failures_of_each_quarter_that_it_touches(
    history: History, store: Store, clock: ManualClock
) -> None:
    await clock.advance(2 * DAY)
    since, until = START + HOUR, START + DAY + QUARTER / 3
    await ship(store, [since - HOUR / 2, since, until - HOUR, until])
    for at in (since - QUARTER, since, START + DAY, START + DAY + QUARTER):
        await count_failures(store, at, 1)
    assert Counted(shipments=2, failures=2) == await history.counted(since, until)


async def test_hour_that_was_not_read_yet_is_unknown(history: History) -> None:
    assert [None] * 24 == [hour for _, hour in (await history.past()).hours]


async def test_hours_before_the_file_are_unknown(history: History) -> None:
    await history.look()
    assert [None] * 23 == [hour for _, hour in (await history.past()).hours][:-1]


async def test_entry_shows_its_last_runs_with_how_their_jobs_stand(history: History, store: Store) -> None:
    await store.writer.do(
        Statement(
            """INSERT INTO schedule_entries (name, cron, enabled, last_at)
            SELECT value, '* * * * *', 1, 1 FROM json_each('["b", "a", "never"]')"""
        )
    )
    await store.writer.do(
        Statement(
            """INSERT INTO jobs (task, args, queue, origin, state, tries, timeout_us, due_at, created_at, enqueued_at,
            started_at, finished_at) VALUES ('a', '{}', 'default', 'schedule', 'completed', 1, 1, 1, 1, 1, 1, 1)"""
        )
    )
    runs = [
        ["a", to_us(START) + n, "enqueued" if n % 2 else "skipped", 1 if n == 59 else 7 if n % 2 else 1]
        for n in range(60)
    ]
    await store.writer.do(
        Statement(
            """INSERT INTO schedule_runs (entry, occurrence, keyed, outcome, reason, job_id)
            SELECT value ->> 0, value ->> 1, 1, value ->> 2, 'overlap', value ->> 3 FROM json_each(:runs)""",
            {"runs": str(runs).replace("'", '"')},
        )
    )
    entries = (await history.past()).entries
    assert [("a", 50), ("b", 0), ("never", 0)] == [(each.name, len(each.runs)) for each in entries]
    us = timedelta(microseconds=1)
    assert [
        PastRun(START + 57 * us, "enqueued", None),
        PastRun(START + 58 * us, "skipped", None),
        PastRun(START + 59 * us, "enqueued", "completed"),
    ] == list(entries[0].runs[-3:])


async def test_failure_counts_though_the_job_was_retried_or_forgotten(
    history: History, store: Store, clock: ManualClock, events: Events
) -> None:
    line = Line(store, clock, events, scripts={"carts:expire": fail_for_good})
    async with line.working():
        first, second = await line.enqueue(new_job(), new_job())
        await line.seen("job.failed", times=2)
        line.scripts.clear()
        await line.jobs.retry(first)
        await line.jobs.forget(second)
        await line.seen("job.completed")
    today = (await history.past()).days[-1]
    assert (TODAY, 2) == (today.day, today.failures)


async def test_failures_are_counted_by_the_days_of_the_shop(history: History, store: Store, clock: ManualClock) -> None:
    midnight = START.replace(hour=21)  # in Baghdad
    await clock.advance(2 * DAY)
    quarters = [midnight - QUARTER, midnight, midnight + DAY - QUARTER, midnight + DAY]
    for place, at in enumerate(quarters):
        await count_failures(store, at, 10**place)
    assert [1, 110, 1000] == [day.failures for day in (await history.past()).days][-3:]


async def test_failures_before_an_upgrade_are_unknown_and_shipments_are_not(
    tmp_path: Path, limiter: Limiter, clock: ManualClock, events: Events
) -> None:
    path = tmp_path / "state" / "queue.db"
    path.parent.mkdir()
    path.touch()
    async with connected(path, "rw") as connection:
        await migrate(connection, path, clock, known_migrations()[:8])
        await connection.execute_fetchall(JOB, {"due": 1, "started": 1, "finished": 1})
        await connection.commit()
    await clock.advance(3 * DAY)
    async with open_store(path.parent, durability="normal", clock=clock, events=events) as store:
        await clock.advance(DAY)
        days = (await History(store, limiter, clock, BAGHDAD, events).past()).days
    assert [None, 0, 0, 0, 0, 0] == [day.shipments for day in days][-6:]
    assert [None, None, None, None, None, 0] == [day.failures for day in days][-6:]


async def test_what_a_restored_copy_lacks_is_unknown(
    history: History, store: Store, limiter: Limiter, clock: ManualClock
) -> None:
    await store.values.put(COPIED_AT, to_us(START + 2 * DAY))
    await limiter.restore()
    await clock.advance(3 * DAY + HOUR / 2 + HOUR / 120)
    await history.look()
    past = await history.past()
    assert [0, 0, None, None] == [day.shipments for day in past.days][-4:] == [day.failures for day in past.days][-4:]
    assert [None] * 24 == [hour for _, hour in past.hours]
    assert {None} == {minute.requests for minute in past.minutes}
    await clock.advance(DAY)
    await history.look()
    again = await history.past()
    assert [None, None, 0] == [day.failures for day in again.days][-3:]
    assert 0 == again.minutes[-1].requests


async def test_start_under_a_clock_that_begins_at_1970_changes_nothing(
    history: History, store: Store, clock: ManualClock
) -> None:
    await clock.advance(3 * DAY)
    await complete(store, (START + 3 * DAY - 2 * HOUR, 1), (START + 3 * DAY, 1))
    await store.writer.do(Statement("DELETE FROM jobs WHERE id = 1"))
    await count_failures(store, START + DAY, 7)
    await count_failures(store, START + 3 * DAY - QUARTER, 2)
    await ship(store, [START + DAY])
    await history.look()
    before = await history.past()
    assert [0, 7, 0, 2] == [day.failures for day in before.days][-4:]
    away = clock.now() - EPOCH
    clock.step(-away)
    await history.look()
    assert {None} == {day.failures for day in (await history.past()).days}
    clock.step(away)
    await history.look()
    after = await history.past()
    assert (before.days, before.hours) == (after.days, after.hours)
    assert [None, 0, 1] == [hour and hour.jobs for _, hour in after.hours][-3:]


async def test_days_that_a_clock_within_the_file_s_life_calls_to_come_are_unknown_afterwards(
    history: History, store: Store, clock: ManualClock
) -> None:
    await clock.advance(3 * DAY)
    await count_failures(store, START + 3 * DAY - QUARTER, 2)
    for step in (-2 * DAY, 2 * DAY):
        clock.step(step)
        await history.look()
    assert [0, 0, 0, None] == [day.failures for day in (await history.past()).days][-4:]


async def test_copy_that_was_opened_under_a_clock_that_is_behind_lacks_what_it_lacks(
    history: History, store: Store, clock: ManualClock
) -> None:
    await store.values.put(COPIED_AT, to_us(START + 2 * DAY))
    away = START - EPOCH
    clock.step(-away)
    await history.look()
    clock.step(away + 3 * DAY)
    await history.look()
    assert [0, 0, None, None] == [day.failures for day in (await history.past()).days][-4:]


async def test_what_a_clock_counted_that_was_ahead_counts_for_no_day_to_come(
    history: History, store: Store, clock: ManualClock
) -> None:
    await complete(store, (START + 400 * DAY, 1), (START, 1))
    await store.writer.do(Statement("DELETE FROM jobs WHERE id = 1"))
    await count_failures(store, START + 22 * HOUR, 7)
    await clock.advance(2 * HOUR)
    await history.look()
    await clock.advance(22 * HOUR)
    await history.look()
    past = await history.past()
    assert [0, None] == [day.failures for day in past.days][-2:]
    assert [None, 0] == [hour and hour.jobs for at, hour in past.hours if at in {START + HOUR, START + DAY}]


async def test_hours_are_read_anew_when_the_clock_has_stepped(
    history: History, store: Store, clock: ManualClock
) -> None:
    """What a clock closed that was ahead of the time is no hour yet."""
    await history.look()
    clock.step(5 * HOUR)
    await history.look()
    clock.step(-5 * HOUR)
    await history.look()
    await clock.advance(2 * HOUR)
    await complete(store, (START + HOUR, 1))
    await history.look()
    assert [0, 1, 0] == [hour and hour.jobs for _, hour in (await history.past()).hours][-3:]


async def test_the_longer_a_look_takes_the_longer_it_rests(
    history: History, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    took_s = [0.0, 2.0]

    async def slow_look() -> None:
        await clock.advance(took_s.pop(0))

    monkeypatch.setattr(history, "look", slow_look)
    waits_for = Waiting(clock)
    async with anyio.create_task_group() as group:
        group.start_soon(history.run)
        await waits_for(15.0)
        await clock.advance(15)
        await waits_for(60.0)
        group.cancel_scope.cancel()
    assert not took_s


async def test_history_goes_on_when_the_disk_has_room_again(history: History, store: Store, clock: ManualClock) -> None:
    waits_for = Waiting(clock)
    async with anyio.create_task_group() as group:
        async with full_disk(store):
            await store.values.put(COPIED_AT, to_us(START))
        async with full_disk(store):
            group.start_soon(history.run)
            await waits_for(15.0)
        await clock.advance(15)
        await waits_for(15.0, times=2)
        group.cancel_scope.cancel()
    assert (await history.past()).hours[-1][1]


async def test_defect_of_the_history_is_told_once_and_ends_nothing(
    history: History, clock: ManualClock, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    async def broken_look() -> None:
        nonlocal looks
        looks += 1
        if looks != 3:
            raise IndexError("out of range")

    monkeypatch.setattr(history, "look", broken_look)
    waits_for = Waiting(clock)
    async with anyio.create_task_group() as group:
        group.start_soon(history.run)
        for times in range(1, 5):
            await waits_for(15.0, times=times)
            await clock.advance(15)
        group.cancel_scope.cancel()
    failed = [each for each in told if isinstance(each, HistoryFailed)]
    assert ["IndexError: out of range"] * 2 == [each.error for each in failed]
    assert "broken_look" in failed[0].traceback


async def test_pictures_and_a_text_of_jobs_are_read_beside_the_work(
    *,
    history: History,
    store: Store,
    clock: ManualClock,
    events: Events,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The promoter, the status and the recovery share the reader."""

    line = Line(store, clock, events)

    async def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(store.reader, "fetch", refuse)
    await history.past()
    assert not (await line.jobs.find(JobFilter(text="x"), limit=5, cursor=None)).items


async def plan(store: Store, name: str) -> str:
    params = {"start": 1, "end": 2, "every": 1, "spans": "[]", "limit": 50, "now": 1, "copied": 1}
    rows = await store.reader.fetch(f"EXPLAIN QUERY PLAN {STATEMENTS[name]}", params)
    return "\n".join(row["detail"] for row in rows)


async def test_statements_use_their_indexes(store: Store) -> None:
    finished = "INDEX jobs_finished (state=? AND finished_at>? AND finished_at<?)"
    assert f"USING COVERING {finished}" in await plan(store, "completed")
    assert f"USING {finished}" in await plan(store, "waits")
    assert "USING COVERING INDEX shipments_acknowledged (created_at>? AND created_at<?)" in await plan(
        store, "shipments"
    )
    assert "INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in await plan(store, "failures")
    assert "INTEGER PRIMARY KEY (rowid>?)" in await plan(store, "doubt_failures")
    runs = await plan(store, "runs")
    assert "run USING INDEX schedule_runs_newest (entry=? AND id>?)" in runs
    assert "schedule_runs USING COVERING INDEX schedule_runs_newest (entry=?)" in runs
    assert "jobs USING INTEGER PRIMARY KEY (rowid=?)" in runs
