"""The shop asks for a task of the operator's own by a row that names it; the rest is refused with its reason."""

import json
from typing import Any

import pytest

from paranad.php import SIZE_BYTES
from paranad.queue.model import Origin
from tests.support.bridge import BACKUP, CREATE, INVOICES, BridgeHarness
from tests.support.payloads import UUID, own_task


async def test_a_row_that_names_an_own_task_becomes_its_job(harness: BridgeHarness) -> None:
    await harness.put(own_task(INVOICES, {"order_id": 12}))
    await harness.look()
    [job] = await harness.jobs()
    assert (INVOICES, {"order_id": 12}, "default", Origin.SHOP, 12) == (
        job.task,
        job.args,
        job.queue,
        job.origin,
        job.order_id,
    )
    assert [] == await harness.rows()


@pytest.mark.parametrize("args", [{}, [], None])
async def test_no_arguments_may_be_written_as_php_writes_them(harness: BridgeHarness, args: Any) -> None:
    await harness.put(own_task("reports:mail", args))
    await harness.look()
    assert [("reports:mail", {})] == [(job.task, job.args) for job in await harness.jobs()]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (own_task("invoices:sent", {}), 'unknown task "invoices:sent"; did you mean "invoices:send"?'),
        (own_task(INVOICES, {}), "invoices:send: order_id is missing; it takes order_id"),
        (own_task(INVOICES, {"order_id": 1, "copies": 2}), 'unknown argument "copies"; it takes order_id'),
        (own_task(INVOICES, {"order_id": json.loads("[" * 400 + "]" * 400)}), "order_id: expected"),
        (own_task(INVOICES, [12]), "data: expected the name of a task as task, and an object of its arguments as args"),
        (own_task(INVOICES, {}, data=None), "data: expected the name of a task as task"),
        (own_task(CREATE, {"order_id": 1}), "alwaseet:create-shipment is a task of the shop, which asks for it with a"),
        (own_task(BACKUP, {}), "backup is the command of a schedule entry, for which the shop may not ask"),
        (own_task(INVOICES, {"order_id": "x" * SIZE_BYTES}), "its payload is longer than 1048576 bytes"),
    ],
    ids=["task", "missing", "more", "deep", "list", "data", "shop", "entry", "long"],
)
async def test_what_cannot_be_asked_for_goes_to_the_failed_jobs_with_its_reason(
    harness: BridgeHarness, payload: str, expected: str
) -> None:
    await harness.put(payload)
    await harness.look()
    [row] = await harness.failed_rows()
    assert (UUID, payload) == (row["uuid"], row["payload"])
    assert expected in row["exception"]
    assert ([], []) == (await harness.rows(), await harness.jobs())
    assert [UUID] == [each.uuid for each in await harness.bridge.unreadable.look()]
