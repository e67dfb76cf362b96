"""What was given back is taken back once its job is retried, forgotten or flushed: PHP must not do it again."""

from typing import Any

import pytest
from sqlalchemy import text, update

from paranad.events.event import Event
from paranad.queue.jobs import JobFilter
from paranad.queue.model import State
from paranad.shop.errors import ShopUnreachable
from paranad.shop.tables import failed_jobs
from tests.support.bridge import CREATE, BridgeHarness
from tests.support.payloads import UUID, create_shipment, status_counts


@pytest.fixture
async def job_id(harness: BridgeHarness) -> int:
    """A job that has failed, and stands in the shop's failed_jobs."""
    await harness.fail(create_shipment(1))
    assert [UUID] == await uuids(harness)
    return (await harness.jobs())[0].id


async def uuids(harness: BridgeHarness) -> list[str]:
    return [row["uuid"] for row in await harness.failed_rows()]


async def kept(harness: BridgeHarness) -> int:
    return len(await harness.store.reader.fetch("SELECT * FROM originals"))


async def end(harness: BridgeHarness, job_id: int, how: str) -> None:
    """End a failure as an operator does."""
    match how:
        case "retried":
            await harness.line.jobs.retry(job_id)
        case "all retried":
            await harness.line.jobs.retry_all(JobFilter())
        case "forgotten":
            await harness.line.jobs.forget(job_id)
        case _:
            await harness.line.jobs.flush(JobFilter(task=CREATE))


ENDS = ["retried", "all retried", "forgotten", "flushed"]


@pytest.mark.parametrize("how", ENDS)
async def test_row_is_taken_back(harness: BridgeHarness, told: list[Event], job_id: int, how: str) -> None:
    await end(harness, job_id, how)
    await harness.catch_up()
    assert [] == await uuids(harness)
    assert [UUID] == [event.uuid for event in told if event.name == "bridge.row_taken_back"]  # type: ignore[attr-defined]
    assert ("retried" in how) == await kept(harness), "a retried job may fail again"


@pytest.mark.parametrize("how", ENDS)
async def test_running_bridge_takes_back_at_once(harness: BridgeHarness, job_id: int, how: str) -> None:
    async with harness.running():
        await end(harness, job_id, how)
        await harness.line.seen("bridge.row_taken_back")
    assert [] == await uuids(harness)


@pytest.mark.parametrize("how", ENDS)
async def test_row_is_taken_back_after_an_outage_and_a_restart(
    harness: BridgeHarness, job_id: int, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object, **__: object) -> None:
        raise ShopUnreachable("no route")

    await end(harness, job_id, how)
    with monkeypatch.context() as patch:
        patch.setattr(harness.shop, "in_transaction", lost)
        await harness.catch_up()
        await harness.catch_up()
    assert [UUID] == await uuids(harness)
    await harness.restart()
    await harness.catch_up()
    assert [] == await uuids(harness)


async def test_end_between_the_row_and_its_note_takes_it_back_again(
    harness: BridgeHarness, job_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(_: object) -> None:
        raise KeyboardInterrupt

    await harness.line.jobs.forget(job_id)
    with monkeypatch.context() as patch:
        patch.setattr(harness.bridge.failed.originals, "removed", killed)
        with pytest.raises(KeyboardInterrupt):
            await harness.catch_up()
    await harness.restart()
    await harness.catch_up()
    assert 0 == await kept(harness)


async def test_retry_before_the_row_was_noted_takes_it_back_too(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row stands, and the daemon was killed before it could note that."""
    await harness.put(create_shipment(1))
    await harness.look()

    async def killed(_: object) -> None:
        raise ShopUnreachable("killed")

    with monkeypatch.context() as patch:
        patch.setattr(harness.bridge.failed.originals, "written", killed)
        await harness.fail_jobs()
        await harness.catch_up()
    assert [UUID] == await uuids(harness)
    await harness.restart()
    await harness.line.jobs.retry((await harness.jobs())[0].id)
    await harness.catch_up()
    assert [] == await uuids(harness)


async def test_job_that_completes_while_the_shop_is_away_is_taken_back(harness: BridgeHarness, job_id: int) -> None:
    await harness.restart()
    await harness.line.jobs.retry(job_id)
    async with harness.line.working():
        await harness.line.seen("job.completed")
    assert [UUID] == await uuids(harness)
    await harness.catch_up()
    assert [] == await uuids(harness)
    assert 0 == await kept(harness)


async def test_job_that_fails_again_is_given_back_again(harness: BridgeHarness, job_id: int) -> None:
    await harness.line.jobs.retry(job_id)
    await harness.catch_up()
    await harness.clock.advance(1)
    await harness.restart()
    await harness.fail_jobs()
    await harness.catch_up()
    assert [UUID] == await uuids(harness)
    await harness.line.jobs.retry(job_id)
    await harness.catch_up()
    assert [] == await uuids(harness)


async def test_job_that_fails_again_before_it_is_taken_back_stands_there_with_its_last_failure(
    harness: BridgeHarness, job_id: int
) -> None:
    await harness.line.jobs.retry(job_id)
    await harness.clock.advance(60)
    await harness.restart()
    await harness.fail_jobs()
    await harness.catch_up()
    [row] = await harness.failed_rows()
    assert harness.shop.now() == row["failed_at"]


async def test_every_row_of_a_job_is_taken_back_and_those_of_others_stay(harness: BridgeHarness) -> None:
    await harness.fail(create_shipment(7, uuid="a"), create_shipment(7, uuid="b"), status_counts("c"), jobs=2)
    assert ["a", "b", "c"] == sorted(await uuids(harness))
    await harness.line.jobs.flush(JobFilter(task=CREATE))
    await harness.catch_up()
    assert ["c"] == await uuids(harness)


async def test_many_are_taken_back(harness: BridgeHarness) -> None:
    await harness.fail(*(status_counts(str(number)) for number in range(250)))
    await harness.line.jobs.flush(JobFilter())
    await harness.catch_up()
    assert [] == await uuids(harness)


@pytest.mark.parametrize("other", ["another payload", "a later failure"])
async def test_row_that_is_not_the_one_we_wrote_stays(harness: BridgeHarness, job_id: int, other: str) -> None:
    later = harness.shop.wall(harness.clock.now()).replace(hour=23)
    changed: dict[str, Any] = {"payload": "{}"} if other == "another payload" else {"failed_at": later}
    async with harness.shop.transaction() as connection:
        await connection.execute(update(failed_jobs).values(changed))
    await harness.line.jobs.forget(job_id)
    await harness.catch_up()
    assert [UUID] == await uuids(harness)
    assert 0 == await kept(harness)


async def test_row_that_php_has_retried_itself_is_nobody_s(
    harness: BridgeHarness, told: list[Event], job_id: int
) -> None:
    """The same work has failed a second time, as another job: that one's row stays."""
    [failed] = await harness.failed_rows()
    async with harness.shop.transaction() as connection:
        await connection.execute(failed_jobs.delete())
    await harness.put(failed["payload"])
    await harness.look()
    await harness.clock.advance(60)
    await harness.restart()
    await harness.fail_jobs()
    await harness.catch_up()
    await harness.line.jobs.forget(job_id)
    await harness.catch_up()
    assert [UUID] == await uuids(harness)
    assert [State.FAILED] == [job.state for job in await harness.jobs()]
    assert [] == [event for event in told if event.name == "bridge.row_taken_back"]


async def test_trouble_is_known_until_it_is_over(harness: BridgeHarness, job_id: int) -> None:
    async with harness.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE failed_jobs RENAME TO elsewhere"))
    await harness.catch_up()
    assert harness.bridge.failed.trouble is None, "nothing is due"
    await harness.line.jobs.forget(job_id)
    await harness.catch_up()
    assert 'no table "failed_jobs"' in str(harness.bridge.failed.trouble)
    async with harness.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO failed_jobs"))
    await harness.catch_up()
    assert harness.bridge.failed.trouble is None
    assert [] == await uuids(harness)


async def test_failed_jobs_that_takes_no_change_is_known(harness: BridgeHarness, told: list[Event]) -> None:
    await harness.put(create_shipment(1))
    await harness.look()

    async def refused(*_: object) -> None:
        raise ShopUnreachable("it does not allow the user INSERT on failed_jobs; grant it")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(harness.shop, "in_transaction", refused)
        await harness.fail_jobs()
        await harness.catch_up()
    assert "grant it" in str(harness.bridge.failed.trouble)
    assert [] == [event for event in told if event.name == "bridge.failed"], "the shop tells of it itself"
