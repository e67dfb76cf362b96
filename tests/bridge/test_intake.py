"""Rows of the shop's become jobs: in order, in lists, once; nothing is lost on the way."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from paranad.bridge.reserve import LIST, JobsTable, SeenRow
from paranad.errors import StateFull
from paranad.events.event import Event
from paranad.events.shop import BridgeRowsTaken
from paranad.queue.model import NewJob, Origin
from paranad.said import plain
from paranad.shop.database import Shop
from paranad.shop.errors import ShopUnreachable
from paranad.shop.laravel_rows import RETRY_AFTER_S
from tests.support.bridge import ROW_AGE, BridgeHarness
from tests.support.payloads import UUID, Sample, create_shipment, sample, samples, status_counts
from tests.support.store import full_disk


class ProcessKilled(BaseException):
    """Ends what it meets as a killed daemon does: nothing after it is done."""


@pytest.mark.parametrize("each", [each for each in samples() if "arabic_text" not in each.name], ids=str)
async def test_row_of_a_real_shop_becomes_a_job_and_is_gone(harness: BridgeHarness, each: Sample) -> None:
    await harness.put(each.payload, queue=each.queue)
    await harness.look()
    [job] = await harness.jobs()
    assert (each.task, Origin.SHOP) == (job.task, job.origin)
    assert {name: value for name, value in each.args.items() if value is not None} == {
        name: int(value) if name == "status_id" and isinstance(each.args[name], int) else value
        for name, value in job.args.items()
        if name != ROW_AGE
    }
    assert [] == await harness.rows()


async def test_rows_keep_their_order(harness: BridgeHarness) -> None:
    await harness.put_all([create_shipment(number, uuid=str(number)) for number in range(1, 60)])
    await harness.look()
    assert list(range(1, 60)) == [job.args["order_id"] for job in await harness.jobs()]


async def test_more_rows_than_a_list_holds_are_taken_at_one_look(harness: BridgeHarness, told: list[Event]) -> None:
    await harness.put_many(LIST + 3)
    await harness.look()
    assert [] == await harness.rows()
    assert {LIST, 3} == {event.rows for event in told if isinstance(event, BridgeRowsTaken)}


@pytest.mark.parametrize(
    ("named", "task", "queue"),
    [
        ("default", "alwaseet:create-shipment", "high"),
        ("default", "alwaseet:update-status-counts", "default"),
        ("low", "alwaseet:create-shipment", "low"),
        ("emails", "alwaseet:create-shipment", "high"),
        ("emails", "alwaseet:update-status-counts", "default"),
    ],
)
async def test_queue_is_the_one_the_shop_named_or_the_task_s_own(
    harness: BridgeHarness, named: str, task: str, queue: str
) -> None:
    await harness.put(create_shipment(1) if "create" in task else status_counts("1"), queue=named)
    await harness.look()
    assert [(task, queue)] == [(job.task, job.queue) for job in await harness.jobs()]


async def test_row_that_is_not_due_stays_until_it_is(harness: BridgeHarness) -> None:
    await harness.put(create_shipment(1), available_at=harness.now_s() + 60)
    await harness.look()
    assert [] == await harness.jobs()
    await harness.clock.advance(60)
    await harness.look()
    assert 1 == len(await harness.jobs())


@pytest.mark.parametrize(("age_s", "taken"), [(0, False), (RETRY_AFTER_S - 1, False), (RETRY_AFTER_S, True)])
async def test_row_that_a_php_worker_reserved_is_free_after_90_s(
    harness: BridgeHarness, age_s: int, taken: bool
) -> None:
    await harness.put(create_shipment(1), reserved_at=harness.now_s() - age_s, attempts=1)
    await harness.look()
    assert taken is bool(await harness.jobs())


async def test_job_of_a_row_that_was_tried_says_so_and_starts_afresh(harness: BridgeHarness) -> None:
    await harness.put(create_shipment(7), attempts=2)
    await harness.look()
    [job] = await harness.jobs()
    args = {"order_id": 7, "tried_elsewhere": True, "row_created_at": harness.now_s()}
    assert (args, 0) == (job.args, job.tries_spent)


@pytest.mark.parametrize(
    "name",
    [
        "laravel_11.create_shipment.plain",
        "laravel_8.listener.order_created",
        "laravel_11.process_queue.create_shipment",
    ],
)
async def test_job_that_may_send_an_order_knows_when_its_row_was_made(harness: BridgeHarness, name: str) -> None:
    """`queue:retry` puts a new row for an old order, with no attempt spent: its age alone tells."""
    created_at = harness.now_s() - 600
    await harness.put(sample(name).payload, created_at=created_at)
    await harness.look()
    assert [created_at] == [job.args["row_created_at"] for job in await harness.jobs()]


async def test_row_s_age_is_no_part_of_what_makes_a_job_unique(harness: BridgeHarness) -> None:
    for age_s, uuid in [(600, "a"), (0, "b")]:
        await harness.put(create_shipment(7, uuid=uuid), created_at=harness.now_s() - age_s)
    await harness.look()
    assert [{"order_id": 7}] == await harness.args()


async def test_second_row_for_one_order_is_the_job_that_waits_already(harness: BridgeHarness) -> None:
    await harness.put_all([create_shipment(7, uuid="a"), create_shipment(7, uuid="b")])
    await harness.look()
    assert 1 == len(await harness.jobs())
    assert [] == await harness.rows()


async def test_unknown_classes_hold_up_nobody(harness: BridgeHarness) -> None:
    strange = [f'{{"displayName":"App\\\\Jobs\\\\Other","job":"x","n":{n}}}' for n in range(LIST + 5)]
    left = await harness.put_all(strange)
    await harness.put(create_shipment(1))
    await harness.look()
    assert 1 == len(await harness.jobs())
    assert left == await harness.row_ids()


async def test_new_row_is_found_at_once_behind_many_that_are_left(harness: BridgeHarness) -> None:
    await harness.put_all(['{"displayName":"App\\\\Jobs\\\\Other"}'] * 201)
    for _ in range(3):
        await harness.look()
        await harness.clock.advance(10)
    await harness.look()
    looked_after: list[int] = []
    look = harness.bridge.table.look

    async def noted(after: int, now_s: int) -> Any:
        looked_after.append(after)
        return await look(after, now_s)

    harness.bridge.table.look = noted  # type: ignore[method-assign]
    await harness.put(create_shipment(1))
    await harness.look()
    assert 1 == len(await harness.jobs())
    assert all(after > 0 for after in looked_after)


async def test_two_readers_of_one_table_take_each_row_once(harness: BridgeHarness) -> None:
    """Both have seen the same rows free; what one reserves, the other leaves."""
    ids = await harness.put_many(40)
    seen = [SeenRow(row_id, None) for row_id in ids]
    tables = [JobsTable(harness.shop), JobsTable(harness.shop)]
    taken = await asyncio.gather(*(table.reserve(seen, harness.now_s()) for table in tables))
    assert set(ids) == taken[0] | taken[1]
    assert not taken[0] & taken[1]


async def test_row_that_someone_else_took_meanwhile_is_left_to_them(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    _mine, theirs, gone = await harness.put_all([create_shipment(n, uuid=str(n)) for n in (1, 2, 3)])
    reserve = harness.bridge.table.reserve

    async def late(rows: Any, now_s: int) -> frozenset[int]:
        await harness.change(theirs, reserved_at=now_s, attempts=1)
        await harness.remove(gone)
        return await reserve(rows, now_s)

    monkeypatch.setattr(harness.bridge.table, "reserve", late)
    await harness.look()
    assert [1] == [job.args["order_id"] for job in await harness.jobs()]
    assert [theirs] == await harness.row_ids()


async def test_end_before_the_queue_has_committed_costs_90_s_and_no_job(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon is killed between its reservation and the queue's commit."""
    await harness.put(create_shipment(1))

    async def killed(_: Any) -> Any:
        raise ProcessKilled

    with monkeypatch.context() as patch:
        patch.setattr(harness.bridge.deliveries, "enqueue", killed)
        with pytest.raises(ProcessKilled):
            await harness.look()
    harness.start()
    await harness.look()
    assert [] == await harness.jobs()
    await harness.clock.advance(RETRY_AFTER_S)
    await harness.look()
    assert [{"order_id": 1}] == await harness.args(), "no PHP worker has had it"
    assert [] == await harness.rows()


async def test_end_before_the_row_is_deleted_does_not_double_the_job(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon is killed after the queue's commit; the job has even completed when the row comes again."""
    await harness.put(create_shipment(1))

    async def killed(*_: Any) -> Any:
        raise ProcessKilled

    with monkeypatch.context() as patch:
        patch.setattr(harness.bridge.table, "delete", killed)
        with pytest.raises(ProcessKilled):
            await harness.look()
    async with harness.line.working():
        await harness.line.seen("job.completed")
    harness.start()
    await harness.clock.advance(RETRY_AFTER_S)
    await harness.look()
    assert 1 == len(await harness.jobs())
    assert [] == await harness.rows()


async def test_rows_go_back_at_once_while_the_queue_s_disk_is_full(harness: BridgeHarness, told: list[Event]) -> None:
    row_id = await harness.put(create_shipment(1, more='s:1:"x";s:9000:"' + "x" * 9000 + '";', count=2))
    async with full_disk(harness.store):
        await harness.look()
        await harness.look()
        assert [(row_id, None)] == [(row["id"], row["reserved_at"]) for row in await harness.rows()]
    assert 1 == sum(event.name == "bridge.failed" for event in told)
    await harness.look()
    assert 1 == len(await harness.jobs())


async def test_stop_in_the_middle_of_a_list_finishes_it(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await harness.put_many(5)
    enqueue, reserved, go_on = harness.bridge.deliveries.enqueue, asyncio.Event(), asyncio.Event()

    async def slow(new: Any) -> Any:
        reserved.set()
        await go_on.wait()
        return await enqueue(new)

    monkeypatch.setattr(harness.bridge.deliveries, "enqueue", slow)
    task = asyncio.create_task(harness.bridge.run())
    await reserved.wait()
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.wait([task])
    assert 5 == len(await harness.jobs())
    assert [] == await harness.rows()


async def test_shop_lost_after_the_commit_deletes_the_row_when_it_is_back(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await harness.put(create_shipment(1))

    async def gone(*_: Any) -> Any:
        raise ShopUnreachable("the server went away")

    with monkeypatch.context() as patch:
        patch.setattr(harness.bridge.table, "delete", gone)
        await harness.look()
    assert not harness.bridge.state.active
    await harness.clock.advance(timedelta(seconds=RETRY_AFTER_S))
    await harness.look()
    assert [] == await harness.rows()
    assert 1 == len(await harness.jobs())


async def test_same_row_in_another_list_is_recognised_by_its_source(harness: BridgeHarness, shop: Shop) -> None:
    await harness.put(sample("laravel_11.create_shipment.plain").payload)
    await harness.look()
    [row] = [row async for row in _intake(harness)]
    assert row.startswith("laravel:")
    assert row.endswith(f":{UUID}")


async def _intake(harness: BridgeHarness) -> Any:
    for row in await harness.store.reader.fetch("SELECT source FROM intake"):
        yield row["source"]


async def test_job_that_cannot_be_enqueued_is_not_deleted(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(_: list[NewJob]) -> Any:
        raise StateFull(plain("no room"))

    await harness.put_many(2)
    monkeypatch.setattr(harness.bridge.deliveries, "enqueue", refused)
    await harness.look()
    assert [None, None] == [row["reserved_at"] for row in await harness.rows()]
