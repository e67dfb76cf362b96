"""The task alwaseet:process-queue: which job it enqueues, and what it refuses."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from paranad.errors import BadArguments
from paranad.queue.model import Completed, Enqueued, Failed, Outcome, Request
from paranad.said import plain
from paranad.shop.database import Shop
from paranad.tasks.process_queue import ProcessQueue, ProcessQueueArguments
from tests.support.clock import ManualClock
from tests.support.shop import make_order, set_setting
from tests.support.tasks import failure, make_context

Perform = Callable[..., Awaitable[Outcome]]


class Queue:
    """Keeps what was enqueued."""

    def __init__(self, error: Exception | None = None) -> None:
        self.requests: list[Request] = []
        self.error = error

    async def enqueue(self, requests: Sequence[Request]) -> Sequence[Enqueued]:
        if self.error:
            raise self.error
        self.requests += requests
        return [Enqueued(job_id=7, duplicate=False) for _ in requests]


@pytest.fixture
async def perform(shop: Shop, clock: ManualClock) -> Perform:
    async def perform(queue: Queue, job_type: str, job_data: Any = None, **values: Any) -> Outcome:
        args = ProcessQueueArguments(job_type=job_type, job_data=job_data, **values)
        return await ProcessQueue(shop).run(make_context(clock, enqueue=queue.enqueue), args)

    return perform


@pytest.mark.parametrize("kind", [int, str])
async def test_create_shipment_is_enqueued_for_its_order(perform: Perform, shop: Shop, kind: type) -> None:
    queue, order_id = Queue(), kind(await make_order(shop))
    outcome = await perform(queue, "create_shipment", {"order_id": order_id, "note": "x"})
    assert isinstance(outcome, Completed)
    assert {"task": "alwaseet:create-shipment", "job_id": 7, "duplicate": False} == outcome.result["enqueued"]
    assert [Request("alwaseet:create-shipment", {"order_id": order_id})] == queue.requests


async def test_order_that_a_worker_of_the_shop_may_have_sent_says_so(perform: Perform, shop: Shop) -> None:
    queue, order_id = Queue(), await make_order(shop)
    of_row: dict[str, Any] = {"tried_elsewhere": True, "row_created_at": 1_772_000_000}
    await perform(queue, "create_shipment", {"order_id": order_id}, **of_row)
    assert [Request("alwaseet:create-shipment", {"order_id": order_id, **of_row})] == queue.requests


@pytest.mark.parametrize("auto_create", ["0", "1"])
async def test_order_that_is_gone_fails_whatever_the_settings(perform: Perform, shop: Shop, auto_create: str) -> None:
    await set_setting(shop, "alwaseet_auto_create_shipment", auto_create)
    queue = Queue()
    outcome = await perform(queue, "create_shipment", {"order_id": "41"})
    assert ("create_shipment: order 41: no such order in the shop", []) == (failure(outcome), queue.requests)


@pytest.mark.parametrize("data", [None, [], {}, {"order_id": None}, {"order_id": 0}, {"order_id": ""}])
async def test_create_shipment_without_an_order_fails(perform: Perform, data: Any) -> None:
    outcome = await perform(Queue(), "create_shipment", data)
    assert isinstance(outcome, Failed)
    assert "order_id" in str(outcome.error)


@pytest.mark.parametrize(
    ("data", "args"),
    [
        ({"status_id": "4", "date_from": "2026-08-01", "date_to": "2026-08-10"}, None),
        ({"status_id": None, "date_from": None, "date_to": None}, {}),
        ([], {}),
        (None, {}),
        ({"status_id": 4, "ids": [1, 2], "note": "سطر"}, {"status_id": 4}),
    ],
)
async def test_sync_orders_is_enqueued_with_its_filter(perform: Perform, data: Any, args: Any) -> None:
    queue = Queue()
    assert isinstance(await perform(queue, "sync_orders", data), Completed)
    assert [Request("alwaseet:sync-orders", data if args is None else args)] == queue.requests


async def test_unknown_type_fails_and_names_the_known_ones(perform: Perform) -> None:
    outcome = await perform(Queue(), "send_flowers", {})
    assert isinstance(outcome, Failed)
    assert "create_shipment, sync_orders" in str(outcome.error)


async def test_wrong_arguments_of_the_job_it_names_fail_at_once(perform: Perform) -> None:
    outcome = await perform(Queue(BadArguments(plain("status_id: expected digits"))), "sync_orders", {"status_id": "x"})
    assert "sync_orders: status_id: expected digits" == failure(outcome)


async def test_task_is_as_the_interface_has_it(shop: Shop) -> None:
    task = ProcessQueue(shop)
    args = ProcessQueueArguments(job_type="sync_orders")
    assert ("alwaseet:process-queue", "default", 3, timedelta(seconds=60), None) == (
        task.name,
        task.facts.queue,
        task.facts.tries,
        task.facts.timeout,
        task.unique_key(args),
    )
