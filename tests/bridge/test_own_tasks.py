"""The shop asks for a task of the operator's own by a row that names it; the rest is refused with its reason."""

import json
from typing import Any

from paranad.php import SIZE_BYTES
from paranad.queue.model import Origin
from tests.support.bridge import BACKUP, CREATE, INVOICES, BridgeHarness
from tests.support.payloads import own_task


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


async def test_no_arguments_may_be_written_as_php_writes_them(harness: BridgeHarness) -> None:
    written: list[Any] = [{}, [], None]
    for args in written:
        await harness.put(own_task("reports:mail", args))
        await harness.look()
        job = (await harness.jobs())[-1]
        assert ("reports:mail", {}) == (job.task, job.args)


REFUSED = (
    (own_task("invoices:sent", {}, uuid="task"), 'unknown task "invoices:sent"; did you mean "invoices:send"?'),
    (own_task(INVOICES, {}, uuid="missing"), "invoices:send: order_id is missing; it takes order_id"),
    (own_task(INVOICES, {"order_id": 1, "copies": 2}, uuid="more"), 'unknown argument "copies"; it takes order_id'),
    (own_task(INVOICES, {"order_id": json.loads("[" * 400 + "]" * 400)}, uuid="deep"), "order_id: expected"),
    (own_task(INVOICES, [12], uuid="list"), "data: expected the name of a task as task, and an object of its"),
    (own_task(INVOICES, {}, uuid="data", data=None), "data: expected the name of a task as task"),
    (own_task(CREATE, {"order_id": 1}, uuid="shop"), "alwaseet:create-shipment is a task of the shop, which asks for"),
    (own_task(BACKUP, {}, uuid="entry"), "backup is the command of a schedule entry, for which the shop may not ask"),
    (own_task(INVOICES, {"order_id": "x" * SIZE_BYTES}, uuid="long"), "its payload is longer than 1048576 bytes"),
)


async def test_what_cannot_be_asked_for_goes_to_the_failed_jobs_with_its_reason(harness: BridgeHarness) -> None:
    await harness.put_all([payload for payload, _ in REFUSED])
    await harness.look()
    moved = await harness.failed_rows()
    assert [payload for payload, _ in REFUSED] == [row["payload"] for row in moved]
    for row, (_, expected) in zip(moved, REFUSED, strict=True):
        assert expected in row["exception"], row["uuid"]
    assert ([], []) == (await harness.rows(), await harness.jobs())
    assert [row["uuid"] for row in moved] == [each.uuid for each in await harness.bridge.unreadable.look()]
