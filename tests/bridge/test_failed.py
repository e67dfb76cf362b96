"""What fails for good stands in the shop's failed_jobs, under its uuid, with its payload as it came."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from paranad.events.event import Event
from paranad.events.shop import BridgeJobGivenBack
from paranad.queue.model import State
from paranad.shop.errors import ShopUnreachable
from paranad.shop.tables import failed_jobs
from tests.support.bridge import CREATE, BridgeHarness
from tests.support.payloads import UUID, create_shipment, sample, status_counts
from tests.support.queue import crash, fail_for_good
from tests.support.shop import make


async def test_failed_job_stands_in_failed_jobs_as_laravel_would_have_it(
    harness: BridgeHarness, told: list[Event]
) -> None:
    payload = sample("laravel_11.listener.order_created").payload
    await harness.fail(payload)
    [row] = await harness.failed_rows()
    uuid = sample("laravel_11.listener.order_created").uuid
    assert (uuid, "database", "default", payload) == (row["uuid"], row["connection"], row["queue"], row["payload"])
    assert row["exception"].startswith("nothing to ship")
    assert harness.shop.now() == row["failed_at"]
    assert [uuid] == [event.uuid for event in told if event.name == "bridge.job_given_back"]  # type: ignore[attr-defined]


async def test_traceback_stands_under_the_error(harness: BridgeHarness) -> None:
    await harness.put(create_shipment(1))
    await harness.look()
    harness.line.scripts[CREATE] = crash
    async with harness.line.working():
        for attempt in (1, 2):
            await harness.line.seen("job.attempt_failed", times=attempt)
            await harness.clock.advance(timedelta(hours=1))
        await harness.line.seen("job.failed")
    await harness.catch_up()
    [row] = await harness.failed_rows()
    assert row["exception"].startswith("RuntimeError: no such cart\n\nTraceback")


async def test_running_bridge_gives_back_at_once(harness: BridgeHarness) -> None:
    await harness.put(create_shipment(1))
    harness.line.scripts[CREATE] = fail_for_good
    async with harness.running(), harness.line.working():
        await harness.line.seen("bridge.job_given_back")
    assert [UUID] == [row["uuid"] for row in await harness.failed_rows()]


async def test_arabic_payload_comes_back_to_the_byte(harness: BridgeHarness) -> None:
    each = sample("laravel_11.process_queue.arabic_mixed")
    await harness.put(each.payload)
    await harness.look()
    harness.line.scripts["alwaseet:process-queue"] = fail_for_good
    async with harness.line.working():
        await harness.line.seen("job.failed")
    await harness.catch_up()
    assert [each.payload] == [row["payload"] for row in await harness.failed_rows()]


async def test_job_that_completed_leaves_nothing_behind(harness: BridgeHarness) -> None:
    await harness.put(create_shipment(1))
    await harness.look()
    async with harness.line.working():
        await harness.line.seen("job.completed")
    await harness.catch_up()
    assert [] == await harness.failed_rows()
    assert [] == await harness.store.reader.fetch("SELECT * FROM originals")


async def test_failure_while_the_shop_was_away_is_given_back_at_the_next_start(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await harness.put(create_shipment(1))
    await harness.look()
    await harness.fail_jobs()

    async def lost(*_: object, **__: object) -> None:
        raise ShopUnreachable("no route")

    with monkeypatch.context() as patch:
        patch.setattr(harness.shop, "in_transaction", lost)
        await harness.catch_up()
    harness.start()
    async with harness.running():
        await harness.line.seen("bridge.job_given_back")
    assert [UUID] == [row["uuid"] for row in await harness.failed_rows()]


async def test_end_between_the_row_and_its_note_writes_the_row_again_once(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await harness.put(create_shipment(1))
    await harness.look()
    await harness.fail_jobs()

    async def killed(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(harness.bridge.failed.originals, "written", killed)
        with pytest.raises(KeyboardInterrupt):
            await harness.catch_up()
    harness.start()
    await harness.catch_up()
    await harness.catch_up()
    assert [UUID] == [row["uuid"] for row in await harness.failed_rows()]


async def test_retry_of_php_comes_back_as_new_work(harness: BridgeHarness) -> None:
    """queue:retry puts the payload into a new row and deletes the failed one."""
    await harness.fail(create_shipment(1))
    [failed] = await harness.failed_rows()
    async with harness.shop.transaction() as connection:
        await connection.execute(failed_jobs.delete())
    await harness.put(failed["payload"])
    await harness.look()
    assert [State.FAILED, State.AVAILABLE] == [job.state for job in await harness.jobs()]
    await harness.restart()
    await harness.fail_jobs()
    await harness.catch_up()
    assert [UUID] == [row["uuid"] for row in await harness.failed_rows()]


async def test_failure_replaces_an_older_one_of_its_uuid(harness: BridgeHarness) -> None:
    old = {"uuid": UUID, "connection": "database", "queue": "default", "exception": "old"}
    await make(harness.shop, failed_jobs, **old, payload=create_shipment(1), failed_at=harness.shop.now())
    await harness.fail(create_shipment(1))
    assert ["nothing to ship"] == [row["exception"] for row in await harness.failed_rows()]


async def test_failures_of_one_uuid_and_different_payloads_all_stand_there(
    harness: BridgeHarness, told: list[Event]
) -> None:
    """Letters' case makes another payload, though the column's collation may not see it."""
    theirs = {"uuid": UUID, "connection": "database", "queue": "default", "payload": create_shipment(3).upper()}
    await make(harness.shop, failed_jobs, **theirs, exception="theirs", failed_at=harness.shop.now())
    mine = [create_shipment(1), create_shipment(2), create_shipment(3)]
    await harness.put_all(mine)
    await harness.look()
    await harness.fail_jobs(3)
    await harness.catch_up()
    rows = await harness.failed_rows()
    assert sorted([theirs["payload"], *mine]) == sorted(row["payload"] for row in rows)
    given_back = {event.uuid for event in told if isinstance(event, BridgeJobGivenBack)}
    assert {row["uuid"] for row in rows if row["payload"] in mine} == given_back
    for job in await harness.jobs():
        await harness.line.jobs.forget(job.id)
    await harness.catch_up()
    assert ["theirs"] == [row["exception"] for row in await harness.failed_rows()]


async def test_job_that_the_operator_retried_is_given_back_only_if_it_fails_again(harness: BridgeHarness) -> None:
    await harness.fail(create_shipment(1))
    [job] = await harness.jobs()
    async with harness.shop.transaction() as connection:
        await connection.execute(failed_jobs.delete())
    await harness.line.jobs.retry(job.id)
    await harness.catch_up()
    assert [] == await harness.failed_rows()
    await harness.clock.advance(1)
    await harness.restart()
    await harness.fail_jobs()
    await harness.catch_up()
    assert [UUID] == [row["uuid"] for row in await harness.failed_rows()]


async def test_every_row_that_a_failed_job_was_to_do_stands_there(harness: BridgeHarness) -> None:
    await harness.fail(create_shipment(7, uuid="a"), create_shipment(7, uuid="b"), jobs=1)
    assert {"a", "b"} == {row["uuid"] for row in await harness.failed_rows()}


async def test_many_failures_are_written_together(harness: BridgeHarness) -> None:
    await harness.fail(*(status_counts(str(number)) for number in range(250)))
    assert 250 == len(await harness.failed_rows())


async def test_failure_that_the_shop_cannot_hold_is_told_and_holds_up_no_other(
    harness: BridgeHarness, told: list[Event], shop_url: str
) -> None:
    await harness.put_all([create_shipment(1, uuid="good"), create_shipment(2, uuid="x" * 150)])
    await harness.look()
    await harness.fail_jobs(2)
    shorten = (
        "CREATE TRIGGER short BEFORE INSERT ON failed_jobs WHEN length(new.uuid) > 100"
        " BEGIN SELECT raise(ABORT, 'too long'); END"
        if shop_url.startswith("sqlite")
        else "ALTER TABLE failed_jobs MODIFY uuid VARCHAR(100) NOT NULL"
    )
    async with harness.shop.transaction() as connection:
        await connection.execute(text(shorten))
    await harness.catch_up()
    await harness.catch_up()
    assert ["good"] == [row["uuid"] for row in await harness.failed_rows()]
    assert ["bridge.failed"] == [event.name for event in told if event.name == "bridge.failed"]
    if not shop_url.startswith("sqlite"):
        async with harness.shop.transaction() as connection:
            await connection.execute(text("ALTER TABLE failed_jobs MODIFY uuid VARCHAR(255) NOT NULL"))


async def test_shop_without_failed_jobs_is_told_once_and_asked_again(harness: BridgeHarness, told: list[Event]) -> None:
    await harness.put(create_shipment(1))
    await harness.look()
    await harness.fail_jobs()
    async with harness.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE failed_jobs RENAME TO elsewhere"))
    await harness.catch_up()
    await harness.catch_up()
    async with harness.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO failed_jobs"))
    await harness.catch_up()
    assert [UUID] == [row["uuid"] for row in await harness.failed_rows()]
    assert 1 == sum(event.name == "bridge.failed" for event in told)
