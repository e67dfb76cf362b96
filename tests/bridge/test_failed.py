"""What fails for good stands in the shop's failed_jobs, under its uuid, with its payload as it came."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from paranad.events.event import Event
from paranad.events.shop import BridgeJobGivenBack
from paranad.queue.model import State
from paranad.shop.errors import ShopUnreachable
from paranad.shop.tables import failed_jobs
from tests.support.bridge import Crossing
from tests.support.payloads import UUID, create_shipment, sample, status_counts
from tests.support.queue import crash, fail_for_good
from tests.support.shop import make

CREATE, COUNTS = "alwaseet:create-shipment", "alwaseet:update-status-counts"


async def fail_all(crossing: Crossing, count: int = 1) -> None:
    """Let the next *count* jobs fail."""
    crossing.line.scripts |= {CREATE: fail_for_good, COUNTS: fail_for_good}
    failed = len(crossing.line.seen.named("job.failed"))
    async with crossing.line.working():
        await crossing.line.seen("job.failed", times=failed + count)


async def test_failed_job_stands_in_failed_jobs_as_laravel_would_have_it(crossing: Crossing, told: list[Event]) -> None:
    payload = sample("laravel_11.listener.order_created").payload
    await crossing.put(payload, queue="default")
    await crossing.look()
    await fail_all(crossing)
    await crossing.give_back()
    [row] = await crossing.failed_rows()
    uuid = sample("laravel_11.listener.order_created").uuid
    assert (uuid, "database", "default", payload) == (row["uuid"], row["connection"], row["queue"], row["payload"])
    assert row["exception"].startswith("nothing to ship")
    assert crossing.shop.now() == row["failed_at"]
    assert [uuid] == [event.uuid for event in told if event.name == "bridge.job_given_back"]  # type: ignore[attr-defined]


async def test_traceback_stands_under_the_error(crossing: Crossing) -> None:
    await crossing.put(create_shipment(1))
    await crossing.look()
    crossing.line.scripts[CREATE] = crash
    async with crossing.line.working():
        for attempt in (1, 2):
            await crossing.line.seen("job.attempt_failed", times=attempt)
            await crossing.clock.advance(timedelta(hours=1))
        await crossing.line.seen("job.failed")
    await crossing.give_back()
    [row] = await crossing.failed_rows()
    assert row["exception"].startswith("RuntimeError: no such cart\n\nTraceback")


async def test_running_bridge_gives_back_at_once(crossing: Crossing) -> None:
    await crossing.put(create_shipment(1))
    crossing.line.scripts[CREATE] = fail_for_good
    async with crossing.running(), crossing.line.working():
        await crossing.line.seen("bridge.job_given_back")
    assert [UUID] == [row["uuid"] for row in await crossing.failed_rows()]


async def test_arabic_payload_comes_back_to_the_byte(crossing: Crossing) -> None:
    each = sample("laravel_11.process_queue.arabic_mixed")
    await crossing.put(each.payload)
    await crossing.look()
    crossing.line.scripts["alwaseet:process-queue"] = fail_for_good
    async with crossing.line.working():
        await crossing.line.seen("job.failed")
    await crossing.give_back()
    assert [each.payload] == [row["payload"] for row in await crossing.failed_rows()]


async def test_job_that_completed_leaves_nothing_behind(crossing: Crossing) -> None:
    await crossing.put(create_shipment(1))
    await crossing.look()
    async with crossing.line.working():
        await crossing.line.seen("job.completed")
    await crossing.give_back()
    assert [] == await crossing.failed_rows()
    assert [] == await crossing.store.reader.fetch("SELECT * FROM originals")


async def test_failure_while_the_shop_was_away_is_given_back_at_the_next_start(
    crossing: Crossing, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crossing.put(create_shipment(1))
    await crossing.look()
    await fail_all(crossing)

    async def lost(*_: object, **__: object) -> None:
        raise ShopUnreachable("no route")

    with monkeypatch.context() as patch:
        patch.setattr(crossing.shop, "in_transaction", lost)
        await crossing.give_back()
    crossing.start()
    async with crossing.running():
        await crossing.line.seen("bridge.job_given_back")
    assert [UUID] == [row["uuid"] for row in await crossing.failed_rows()]


async def test_end_between_the_row_and_its_note_writes_the_row_again_once(
    crossing: Crossing, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crossing.put(create_shipment(1))
    await crossing.look()
    await fail_all(crossing)

    async def killed(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(crossing.bridge.failed.originals, "given_back", killed)
        with pytest.raises(KeyboardInterrupt):
            await crossing.give_back()
    crossing.start()
    await crossing.give_back()
    await crossing.give_back()
    assert [UUID] == [row["uuid"] for row in await crossing.failed_rows()]


async def test_retry_of_php_comes_back_as_new_work(crossing: Crossing) -> None:
    """queue:retry puts the payload into a new row and deletes the failed one."""
    await crossing.put(create_shipment(1))
    await crossing.look()
    await fail_all(crossing)
    await crossing.give_back()
    [failed] = await crossing.failed_rows()
    async with crossing.shop.transaction() as connection:
        await connection.execute(failed_jobs.delete())
    await crossing.put(failed["payload"])
    await crossing.look()
    assert [State.FAILED, State.AVAILABLE] == [job.state for job in await crossing.jobs()]
    await crossing.restart()
    await fail_all(crossing)
    await crossing.give_back()
    assert [UUID] == [row["uuid"] for row in await crossing.failed_rows()]


async def test_failure_replaces_an_older_one_of_its_uuid(crossing: Crossing) -> None:
    old = {"uuid": UUID, "connection": "database", "queue": "default", "exception": "old"}
    await make(crossing.shop, failed_jobs, **old, payload=create_shipment(1), failed_at=crossing.shop.now())
    await crossing.put(create_shipment(1))
    await crossing.look()
    await fail_all(crossing)
    await crossing.give_back()
    assert ["nothing to ship"] == [row["exception"] for row in await crossing.failed_rows()]


async def test_failures_of_one_uuid_and_different_payloads_all_stand_there(
    crossing: Crossing, told: list[Event]
) -> None:
    """Letters' case makes another payload, though the column's collation may not see it."""
    theirs = {"uuid": UUID, "connection": "database", "queue": "default", "payload": create_shipment(3).upper()}
    await make(crossing.shop, failed_jobs, **theirs, exception="theirs", failed_at=crossing.shop.now())
    mine = [create_shipment(1), create_shipment(2), create_shipment(3)]
    await crossing.put_all(mine)
    await crossing.look()
    await fail_all(crossing, 3)
    await crossing.give_back()
    rows = await crossing.failed_rows()
    assert sorted([theirs["payload"], *mine]) == sorted(row["payload"] for row in rows)
    given_back = {event.uuid for event in told if isinstance(event, BridgeJobGivenBack)}
    assert {row["uuid"] for row in rows if row["payload"] in mine} == given_back
    for job in await crossing.jobs():
        await crossing.line.jobs.forget(job.id)
    await crossing.give_back()
    assert ["theirs"] == [row["exception"] for row in await crossing.failed_rows()]


async def test_job_that_the_operator_retried_is_given_back_only_if_it_fails_again(crossing: Crossing) -> None:
    await crossing.put(create_shipment(1))
    await crossing.look()
    await fail_all(crossing)
    await crossing.give_back()
    [job] = await crossing.jobs()
    async with crossing.shop.transaction() as connection:
        await connection.execute(failed_jobs.delete())
    await crossing.line.jobs.retry(job.id)
    await crossing.give_back()
    assert [] == await crossing.failed_rows()
    await crossing.clock.advance(1)
    await crossing.restart()
    await fail_all(crossing)
    await crossing.give_back()
    assert [UUID] == [row["uuid"] for row in await crossing.failed_rows()]


async def test_every_row_that_a_failed_job_was_to_do_stands_there(crossing: Crossing) -> None:
    await crossing.put_all([create_shipment(7, uuid="a"), create_shipment(7, uuid="b")])
    await crossing.look()
    await fail_all(crossing)
    await crossing.give_back()
    assert {"a", "b"} == {row["uuid"] for row in await crossing.failed_rows()}


async def test_many_failures_are_written_together(crossing: Crossing) -> None:
    await crossing.put_all([status_counts(str(number)) for number in range(250)])
    await crossing.look()
    await fail_all(crossing, 250)
    await crossing.give_back()
    assert 250 == len(await crossing.failed_rows())


async def test_failure_that_the_shop_cannot_hold_is_told_and_holds_up_no_other(
    crossing: Crossing, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    await crossing.put_all([create_shipment(1, uuid="good"), create_shipment(2, uuid="x" * 150)])
    await crossing.look()
    await fail_all(crossing, 2)
    shorten = (
        "CREATE TRIGGER short BEFORE INSERT ON failed_jobs WHEN length(new.uuid) > 100"
        " BEGIN SELECT raise(ABORT, 'too long'); END"
        if crossing.shop._database.engine.dialect.name == "sqlite"
        else "ALTER TABLE failed_jobs MODIFY uuid VARCHAR(100) NOT NULL"
    )
    async with crossing.shop.transaction() as connection:
        await connection.execute(text(shorten))
    await crossing.give_back()
    await crossing.give_back()
    assert ["good"] == [row["uuid"] for row in await crossing.failed_rows()]
    assert ["bridge.failed"] == [event.name for event in told if event.name == "bridge.failed"]
    if crossing.shop._database.engine.dialect.name != "sqlite":
        async with crossing.shop.transaction() as connection:
            await connection.execute(text("ALTER TABLE failed_jobs MODIFY uuid VARCHAR(255) NOT NULL"))


async def test_shop_without_failed_jobs_is_told_once_and_asked_again(crossing: Crossing, told: list[Event]) -> None:
    await crossing.put(create_shipment(1))
    await crossing.look()
    await fail_all(crossing)
    async with crossing.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE failed_jobs RENAME TO elsewhere"))
    await crossing.give_back()
    await crossing.give_back()
    async with crossing.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO failed_jobs"))
    await crossing.give_back()
    assert [UUID] == [row["uuid"] for row in await crossing.failed_rows()]
    assert 1 == sum(event.name == "bridge.failed" for event in told)
