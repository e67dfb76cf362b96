"""When an entry last succeeded, for the doctor."""

from datetime import timedelta

from paranad.clock import to_us
from paranad.events.event import Events
from paranad.schedule.ledger import STATEMENTS
from paranad.store.file import Store
from tests.schedule.bench import Bench, entry, running
from tests.support.clock import START, ManualClock
from tests.support.store import Statement

MINUTE = timedelta(minutes=1)


async def end(store: Store, job_id: int | None, state: str, minute: int) -> None:
    """Let a job have ended so long after START."""
    at_us = to_us(START + minute * MINUTE)
    sql = (
        "UPDATE jobs SET state = :state, started_at = :at, finished_at = :at, tries_spent = tries,"
        " error = iif(:state = 'failed', 'x', NULL) WHERE id = :id"
    )
    await store.writer.do(Statement(sql, {"state": state, "at": at_us, "id": job_id}))


async def test_last_success_of_each_entry_is_known(store: Store, clock: ManualClock, events: Events) -> None:
    bench = Bench(store, clock, events, [entry(), entry("promotions:expire", "0 * * * *")])
    async with running(bench):
        for minute, state in enumerate(("completed", "completed", "failed"), 1):
            await bench.advance(MINUTE)
            run = (await bench.history())[0]
            await end(store, run.job_id, state, minute)
        assert {"carts:expire": START + 2 * MINUTE} == await bench.scheduler.successes()


async def test_an_entry_s_newest_runs_are_looked_at_first(store: Store) -> None:
    """Not the thousand that are kept, each with a job somewhere in a long table."""
    rows = await store.reader.fetch(f"EXPLAIN QUERY PLAN {STATEMENTS['successes']}")
    plan = "\n".join(row["detail"] for row in rows)
    assert "SEARCH run USING INDEX schedule_runs_newest (entry=?)" in plan
    assert "SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)" in plan
    assert "TEMP B-TREE" not in plan
