"""What was given back is taken back once its job is retried, forgotten or flushed: PHP must not do it again."""

from typing import Any

import pytest
from sqlalchemy import text, update

from paranad.events.event import Event
from paranad.queue.jobs import JobFilter
from paranad.queue.model import State
from paranad.shop.errors import ShopUnreachable
from paranad.shop.tables import failed_jobs
from tests.support.bridge import Crossing
from tests.support.payloads import UUID, create_shipment, status_counts
from tests.support.queue import fail_for_good

CREATE, COUNTS = "alwaseet:create-shipment", "alwaseet:update-status-counts"


async def fail(crossing: Crossing, count: int = 1) -> None:
    """Let the next *count* jobs fail, and give them back."""
    crossing.line.scripts |= {CREATE: fail_for_good, COUNTS: fail_for_good}
    failed = len(crossing.line.seen.named("job.failed"))
    async with crossing.line.working():
        await crossing.line.seen("job.failed", times=failed + count)
    await crossing.give_back()


@pytest.fixture
async def job_id(crossing: Crossing) -> int:
    """A job that has failed, and stands in the shop's failed_jobs."""
    await crossing.put(create_shipment(1))
    await crossing.look()
    await fail(crossing)
    assert [UUID] == await uuids(crossing)
    return (await crossing.jobs())[0].id


async def uuids(crossing: Crossing) -> list[str]:
    return [row["uuid"] for row in await crossing.failed_rows()]


async def kept(crossing: Crossing) -> int:
    return len(await crossing.store.reader.fetch("SELECT * FROM originals"))


async def end(crossing: Crossing, job_id: int, how: str) -> None:
    """End a failure as an operator does."""
    match how:
        case "retried":
            await crossing.line.jobs.retry(job_id)
        case "all retried":
            await crossing.line.jobs.retry_all(JobFilter())
        case "forgotten":
            await crossing.line.jobs.forget(job_id)
        case _:
            await crossing.line.jobs.flush(JobFilter(task=CREATE))


ENDS = ["retried", "all retried", "forgotten", "flushed"]


@pytest.mark.parametrize("how", ENDS)
async def test_row_is_taken_back(crossing: Crossing, told: list[Event], job_id: int, how: str) -> None:
    await end(crossing, job_id, how)
    await crossing.give_back()
    assert [] == await uuids(crossing)
    assert [UUID] == [event.uuid for event in told if event.name == "bridge.row_taken_back"]  # type: ignore[attr-defined]
    assert ("retried" in how) == await kept(crossing), "a retried job may fail again"


@pytest.mark.parametrize("how", ENDS)
async def test_running_bridge_takes_back_at_once(crossing: Crossing, job_id: int, how: str) -> None:
    async with crossing.running():
        await end(crossing, job_id, how)
        await crossing.line.seen("bridge.row_taken_back")
    assert [] == await uuids(crossing)


@pytest.mark.parametrize("how", ENDS)
async def test_row_is_taken_back_after_an_outage_and_a_restart(
    crossing: Crossing, job_id: int, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object, **__: object) -> None:
        raise ShopUnreachable("no route")

    await end(crossing, job_id, how)
    with monkeypatch.context() as patch:
        patch.setattr(crossing.shop, "in_transaction", lost)
        await crossing.give_back()
        await crossing.give_back()
    assert [UUID] == await uuids(crossing)
    await crossing.restart()
    await crossing.give_back()
    assert [] == await uuids(crossing)


async def test_end_between_the_row_and_its_note_takes_it_back_again(
    crossing: Crossing, job_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(_: object) -> None:
        raise KeyboardInterrupt

    await crossing.line.jobs.forget(job_id)
    with monkeypatch.context() as patch:
        patch.setattr(crossing.bridge.failed.originals, "taken_back", killed)
        with pytest.raises(KeyboardInterrupt):
            await crossing.give_back()
    await crossing.restart()
    await crossing.give_back()
    assert 0 == await kept(crossing)


async def test_retry_before_the_row_was_noted_takes_it_back_too(
    crossing: Crossing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row stands, and the daemon was killed before it could note that."""
    await crossing.put(create_shipment(1))
    await crossing.look()

    async def killed(_: object) -> None:
        raise ShopUnreachable("killed")

    with monkeypatch.context() as patch:
        patch.setattr(crossing.bridge.failed.originals, "given_back", killed)
        await fail(crossing)
    assert [UUID] == await uuids(crossing)
    await crossing.restart()
    await crossing.line.jobs.retry((await crossing.jobs())[0].id)
    await crossing.give_back()
    assert [] == await uuids(crossing)


async def test_job_that_completes_while_the_shop_is_away_is_taken_back(crossing: Crossing, job_id: int) -> None:
    await crossing.restart()
    await crossing.line.jobs.retry(job_id)
    async with crossing.line.working():
        await crossing.line.seen("job.completed")
    assert [UUID] == await uuids(crossing)
    await crossing.give_back()
    assert [] == await uuids(crossing)
    assert 0 == await kept(crossing)


async def test_job_that_fails_again_is_given_back_again(crossing: Crossing, job_id: int) -> None:
    await crossing.line.jobs.retry(job_id)
    await crossing.give_back()
    await crossing.clock.advance(1)
    await crossing.restart()
    await fail(crossing)
    assert [UUID] == await uuids(crossing)
    await crossing.line.jobs.retry(job_id)
    await crossing.give_back()
    assert [] == await uuids(crossing)


async def test_job_that_fails_again_before_it_is_taken_back_stands_there_with_its_last_failure(
    crossing: Crossing, job_id: int
) -> None:
    await crossing.line.jobs.retry(job_id)
    await crossing.clock.advance(60)
    await crossing.restart()
    await fail(crossing)
    [row] = await crossing.failed_rows()
    assert crossing.shop.now() == row["failed_at"]


async def test_every_row_of_a_job_is_taken_back_and_those_of_others_stay(crossing: Crossing) -> None:
    await crossing.put_all([create_shipment(7, uuid="a"), create_shipment(7, uuid="b"), status_counts("c")])
    await crossing.look()
    await fail(crossing, 2)
    assert ["a", "b", "c"] == sorted(await uuids(crossing))
    await crossing.line.jobs.flush(JobFilter(task=CREATE))
    await crossing.give_back()
    assert ["c"] == await uuids(crossing)


async def test_many_are_taken_back(crossing: Crossing) -> None:
    await crossing.put_all([status_counts(str(number)) for number in range(250)])
    await crossing.look()
    await fail(crossing, 250)
    await crossing.line.jobs.flush(JobFilter())
    await crossing.give_back()
    assert [] == await uuids(crossing)


@pytest.mark.parametrize("other", ["another payload", "a later failure"])
async def test_row_that_is_not_the_one_we_wrote_stays(crossing: Crossing, job_id: int, other: str) -> None:
    later = crossing.shop.wall(crossing.clock.now()).replace(hour=23)
    changed: dict[str, Any] = {"payload": "{}"} if other == "another payload" else {"failed_at": later}
    async with crossing.shop.transaction() as connection:
        await connection.execute(update(failed_jobs).values(changed))
    await crossing.line.jobs.forget(job_id)
    await crossing.give_back()
    assert [UUID] == await uuids(crossing)
    assert 0 == await kept(crossing)


async def test_row_that_php_has_retried_itself_is_nobody_s(crossing: Crossing, told: list[Event], job_id: int) -> None:
    """The same work has failed a second time, as another job: that one's row stays."""
    [failed] = await crossing.failed_rows()
    async with crossing.shop.transaction() as connection:
        await connection.execute(failed_jobs.delete())
    await crossing.put(failed["payload"])
    await crossing.look()
    await crossing.clock.advance(60)
    await crossing.restart()
    await fail(crossing)
    await crossing.line.jobs.forget(job_id)
    await crossing.give_back()
    assert [UUID] == await uuids(crossing)
    assert [State.FAILED] == [job.state for job in await crossing.jobs()]
    assert [] == [event for event in told if event.name == "bridge.row_taken_back"]


async def test_trouble_is_known_until_it_is_over(crossing: Crossing, job_id: int) -> None:
    async with crossing.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE failed_jobs RENAME TO elsewhere"))
    await crossing.give_back()
    assert crossing.bridge.failed.trouble is None, "nothing is due"
    await crossing.line.jobs.forget(job_id)
    await crossing.give_back()
    assert 'no table "failed_jobs"' in str(crossing.bridge.failed.trouble)
    async with crossing.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO failed_jobs"))
    await crossing.give_back()
    assert crossing.bridge.failed.trouble is None
    assert [] == await uuids(crossing)


async def test_failed_jobs_that_takes_no_change_is_known(crossing: Crossing, told: list[Event]) -> None:
    await crossing.put(create_shipment(1))
    await crossing.look()

    async def refused(*_: object) -> None:
        raise ShopUnreachable("it does not allow the user INSERT on failed_jobs; grant it")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crossing.shop, "in_transaction", refused)
        await fail(crossing)
    assert "grant it" in str(crossing.bridge.failed.trouble)
    assert [] == [event for event in told if event.name == "bridge.failed"], "the shop tells of it itself"
