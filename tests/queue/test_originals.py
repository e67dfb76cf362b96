"""What a door was given is kept while its job may fail, and is there to be given back once it has."""

from dataclasses import replace

import pytest

from paranad.queue.model import NewJob
from paranad.queue.originals import Originals
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
        await line.jobs.cancel_waiting(job_id, ahead=False)
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
        await originals.given_back(before)
        assert [] == await sources(originals)
        await clock.advance(1)
        await line.jobs.retry(job_id)
        await line.seen("job.failed", times=2)
        await originals.given_back(before)
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


async def test_original_of_a_forgotten_job_is_gone(line: Line, store: Store) -> None:
    line.scripts["carts:expire"] = fail_for_good
    [job_id] = await line.enqueue(delivered("a"))
    async with line.working():
        await line.seen("job.failed")
    await line.jobs.forget(job_id)
    assert [] == await kept(store)
