"""What a door was given is kept while its job may fail, and is there to be given back once it has."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paranad.queue.jobs import JobFilter
from paranad.queue.model import NewJob
from paranad.queue.originals import Originals
from paranad.queue.pruning import Pruning, Retention
from paranad.store.file import Store
from tests.support.clock import ManualClock
from tests.support.queue import Line, crash, fail_for_good, new_job


def delivered(source: str, **values: object) -> NewJob:
    return replace(new_job(**values), source=source, original=f"original of {source}")  # type: ignore[arg-type]


@pytest.fixture
def originals(store: Store) -> Originals:
    return Originals(store)


async def sources(originals: Originals) -> list[str]:
    return [failure.source for failure in await originals.failed(10)]


async def kept(store: Store) -> list[str]:
    return [row["source"] for row in await store.reader.fetch("SELECT source FROM originals ORDER BY source")]


async def test_failed_job_s_original_comes_with_its_error(line: Line, originals: Originals, clock: ManualClock) -> None:
    line.scripts["carts:expire"] = crash
    [job_id] = await line.enqueue(delivered("a", tries=1))
    async with line.working():
        await line.seen("job.failed")
    [failure] = await originals.failed(10)
    assert ("a", "original of a", job_id) == (failure.source, failure.original, failure.job_id)
    assert "RuntimeError: no such cart" == failure.error
    assert failure.traceback is not None
    assert clock.now() == failure.failed_at


async def test_nothing_is_there_before_the_job_has_failed(line: Line, originals: Originals, store: Store) -> None:
    await line.enqueue(delivered("a"))
    assert [] == await sources(originals)
    assert ["a"] == await kept(store)


@pytest.mark.parametrize("ended", ["completed", "cancelled"])
async def test_original_of_a_job_that_ended_well_is_gone(line: Line, store: Store, ended: str) -> None:
    [job_id] = await line.enqueue(delivered("a"))
    if ended == "cancelled":
        await line.jobs.cancel_waiting(job_id)
    else:
        async with line.working():
            await line.seen("job.completed")
    assert [] == await kept(store)


async def test_given_back_original_comes_again_only_with_the_next_failure(
    line: Line, originals: Originals, clock: ManualClock
) -> None:
    line.scripts["carts:expire"] = fail_for_good
    [job_id] = await line.enqueue(delivered("a"))
    async with line.working():
        await line.seen("job.failed")
        before = await originals.failed(10)
        await originals.written(before)
        assert [] == await sources(originals)
        await clock.advance(1)
        await line.jobs.retry(job_id)
        await line.seen("job.failed", times=2)
        await originals.written(before)
    assert ["a"] == await sources(originals), "what was given back is an older failure"


async def test_retried_job_s_original_waits_for_its_end(line: Line, originals: Originals) -> None:
    line.scripts["carts:expire"] = fail_for_good
    [job_id] = await line.enqueue(delivered("a"))
    async with line.working():
        await line.seen("job.failed")
    await line.jobs.retry(job_id)
    assert [] == await sources(originals)


async def test_duplicates_share_the_fate_of_the_job_that_covers_them(line: Line, originals: Originals) -> None:
    line.scripts["carts:expire"] = fail_for_good
    await line.enqueue(delivered("a", unique_key="k"), delivered("b", unique_key="k"))
    await line.enqueue(delivered("c", unique_key="k"))
    async with line.working():
        await line.seen("job.failed")
    assert ["a", "b", "c"] == sorted(await sources(originals))


async def test_repeated_delivery_of_a_finished_job_keeps_nothing(line: Line, store: Store) -> None:
    await line.enqueue(delivered("a"))
    async with line.working():
        await line.seen("job.completed")
    await line.enqueue(delivered("a"))
    assert [] == await kept(store)


@pytest.fixture
async def failed(line: Line) -> int:
    """A job that has failed, with an original."""
    line.scripts["carts:expire"] = fail_for_good
    [job_id] = await line.enqueue(delivered("a"))
    async with line.working():
        await line.seen("job.failed")
    return job_id


async def revoked(originals: Originals) -> list[str]:
    return [each.source for each in await originals.revoked(10)]


@pytest.mark.parametrize("end", ["forget", "flush"])
async def test_original_of_a_forgotten_job_is_revoked_and_gone_once_it_is_taken_back(
    line: Line, originals: Originals, store: Store, failed: int, end: str
) -> None:
    assert [] == await revoked(originals)
    await (line.jobs.forget(failed) if end == "forget" else line.jobs.flush(JobFilter()))
    [each] = await originals.revoked(10)
    assert ("a", "original of a") == (each.source, each.original)
    assert [] == await sources(originals), "what is forgotten is not given back"
    await originals.removed([each])
    assert [] == await kept(store)


async def test_original_of_a_retried_job_is_revoked_and_kept_for_its_next_failure(
    line: Line, originals: Originals, store: Store, clock: ManualClock, failed: int
) -> None:
    await line.jobs.retry(failed)
    before = await originals.revoked(10)
    await originals.removed(before)
    assert ([], ["a"]) == (await revoked(originals), await kept(store))
    await clock.advance(1)
    line = Line(store, clock, line.events, scripts={"carts:expire": fail_for_good})
    async with line.working():
        await line.seen("job.failed")
    await originals.removed(before)
    assert ([], ["a"]) == (await revoked(originals), await sources(originals)), "that was an older failure"


@pytest.mark.parametrize("end", ["completed", "cancelled"])
async def test_original_of_a_job_that_ended_well_after_a_failure_is_revoked_even_when_it_is_pruned(
    line: Line, originals: Originals, store: Store, clock: ManualClock, failed: int, end: str
) -> None:
    line = Line(store, clock, line.events)
    await line.jobs.retry(failed)
    if end == "cancelled":
        await line.jobs.cancel_waiting(failed)
    else:
        async with line.working():
            await line.seen("job.completed")
    await prune(line, store, clock)
    assert ["a"] == await revoked(originals)
    await originals.removed(await originals.revoked(10))
    assert [] == await kept(store)


async def test_original_of_a_failed_job_that_is_pruned_stays_where_it_stands(
    line: Line, store: Store, clock: ManualClock, failed: int
) -> None:
    await prune(line, store, clock)
    assert [] == await kept(store)


async def prune(line: Line, store: Store, clock: ManualClock) -> None:
    await clock.advance(timedelta(days=1))
    retention = Retention(timedelta(hours=1), timedelta(hours=1))
    assert 1 == await Pruning(store, clock, line.events, retention).prune()
