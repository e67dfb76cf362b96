"""The whole history: what is known, what is not, and that it is answered from indexes."""

from datetime import date, timedelta

from paranad.clock import to_us
from paranad.history.hours import STATEMENTS
from paranad.history.service import History, PastRun
from paranad.history.spans import HOUR
from paranad.store.file import Store
from tests.history.rows import ship
from tests.support.clock import START, ManualClock
from tests.support.store import Statement

DAY = timedelta(days=1)
TODAY = date(2026, 3, 2)


async def test_days_before_the_file_are_unknown_and_its_first_is_not(history: History) -> None:
    days = (await history.past()).days
    assert [TODAY - n * DAY for n in range(13, -1, -1)] == [each.day for each in days]
    assert [None] * 13 + [0] == [each.shipments for each in days]


async def test_shipments_are_counted_by_the_days_of_the_shop(
    history: History, store: Store, clock: ManualClock
) -> None:
    midnight = START.replace(hour=21)  # in Baghdad
    await clock.advance(2 * DAY)
    ship(store, [midnight - HOUR, midnight, midnight + HOUR, midnight + DAY, START + 400 * DAY])
    assert [1, 2, 1] == [day.shipments for day in (await history.past()).days][-3:]


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


async def plan(store: Store, name: str) -> str:
    params = {"start": 1, "end": 2, "every": 1, "places": "[1]", "spans": "[]", "limit": 50}
    rows = await store.reader.fetch(f"EXPLAIN QUERY PLAN {STATEMENTS[name]}", params)
    return "\n".join(row["detail"] for row in rows)


async def test_statements_use_their_indexes(store: Store) -> None:
    finished = "INDEX jobs_finished (state=? AND finished_at>? AND finished_at<?)"
    assert f"USING COVERING {finished}" in await plan(store, "completed")
    assert f"USING {finished}" in await plan(store, "waits")
    assert "USING COVERING INDEX shipments_acknowledged (created_at>? AND created_at<?)" in await plan(
        store, "shipments"
    )
    runs = await plan(store, "runs")
    assert "run USING INDEX schedule_runs_newest (entry=? AND id>?)" in runs
    assert "schedule_runs USING COVERING INDEX schedule_runs_newest (entry=?)" in runs
    assert "jobs USING INTEGER PRIMARY KEY (rowid=?)" in runs
