"""Retention: what goes, when, in bounded batches."""

from datetime import timedelta

from paranad.queue.model import Origin
from paranad.queue.pruning import INTAKE_KEPT, Pruning, Retention
from tests.support.clock import ManualClock
from tests.support.queue import Line, fail_for_good, new_job


async def test_pruning_deletes_what_is_past_its_retention(line: Line, clock: ManualClock) -> None:
    line.scripts["bad"] = fail_for_good
    done, bad, scheduled = await line.enqueue(new_job(), new_job("bad"), new_job("bad", origin=Origin.SCHEDULE))
    async with line.working():
        await line.seen("job.completed")
        await line.seen("job.failed", times=2)
    (cancelled,) = await line.enqueue(new_job())
    await line.workers.cancel(cancelled)
    pruning = Pruning(line.store, clock, line.events, Retention(timedelta(days=7), failed=None))
    await clock.advance(timedelta(days=6))
    assert 0 == await pruning.prune()
    await clock.advance(timedelta(days=2))
    (fresh,) = await line.enqueue(new_job())

    assert 3 == await pruning.prune()
    assert [fresh, bad] == [row["id"] for row in await line.store.reader.fetch("SELECT id FROM jobs ORDER BY id DESC")]
    pruning.retention = Retention(timedelta(days=7), failed=timedelta(days=7))
    assert 1 == await pruning.prune()
    assert [3, 1] == [event.deleted for event in line.seen.named("queue.pruned")]  # type: ignore[attr-defined]
    assert {done, scheduled}.isdisjoint(
        row["job_id"] for row in await line.store.reader.fetch("SELECT * FROM attempts")
    )


async def test_pruning_goes_in_bounded_batches_and_forgets_old_deliveries(line: Line, clock: ManualClock) -> None:
    for start in range(0, 1200, 400):
        await line.jobs.enqueue([new_job(source=f"laravel:{start + n}:u", queue="low") for n in range(400)])
    async with line.working():
        await line.seen("job.completed", times=1200)
    await clock.advance(INTAKE_KEPT + timedelta(seconds=1))

    assert 1200 == await Pruning(line.store, clock, line.events, Retention(timedelta(days=1), None)).prune()
    assert [] == await line.store.reader.fetch("SELECT * FROM intake")
