"""What would make a second parcel of one order, through a real daemon: it is found again, or held for a person."""

import json
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from paranad.clock import SystemClock
from paranad.sandbox.answers import Answer
from paranad.sandbox.server import Sandbox
from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_shipments, jobs
from tests.support.daemon import DaemonProcess, Ground, ctl, running
from tests.support.shop import Item, make, make_order, make_size, rows

PHONE = "+9647701234567"
TASK = "alwaseet:create-shipment"
MODEL = "Illuminate\\Contracts\\Database\\ModelIdentifier"
JOB = "App\\Jobs\\CreateAlWaseetShipmentJob"


def payload(order_id: int) -> str:
    """Return what Laravel 11 writes for the job of an order."""
    model = f'O:{len(MODEL)}:"{MODEL}":4:{{s:5:"class";s:16:"App\\Models\\Order";s:2:"id";i:{order_id};'
    model += 's:9:"relations";a:0:{}s:10:"connection";s:5:"mysql";}'
    command = f'O:{len(JOB)}:"{JOB}":1:{{s:5:"order";{model}}}'
    data = {"commandName": JOB, "command": command}
    head = {"uuid": f"0000-{order_id}", "displayName": JOB, "job": "Illuminate\\Queue\\CallQueuedHandler@call"}
    return json.dumps({**head, "maxTries": 3, "timeout": 120, "data": data})


async def row_of(shop: Shop, order_id: int, *, attempts: int = 0) -> None:
    """Put the order's job into the shop's `jobs`, as a worker of the shop leaves it after *attempts*."""
    now = int(time.time())
    values = {"queue": "default", "payload": payload(order_id), "attempts": attempts, "available_at": now}
    await make(shop, jobs, **values, created_at=now, reserved_at=None)


async def another(shop: Shop, number: int) -> int:
    return await make_order(shop, items=[Item(await make_size(shop))], customer_phone=f"0770555{number:04}")


async def ship(ground: Ground, daemon: DaemonProcess, order_id: int) -> None:
    await ctl(ground, "dispatch", TASK, f"order_id={order_id}")
    await daemon.seen("shipment.recorded", order_id=order_id)


def sent_by_php(sandbox: Sandbox, **fields: str) -> str:
    asked = {"client_mobile": PHONE, "price": "25000", "city_id": "1", "region_id": "15", **fields}
    return sandbox.books.add_order(asked).id


def parcels(sandbox: Sandbox) -> list[str]:
    return [order.id for order in sandbox.orders.values() if order.client_mobile == PHONE]


async def shown(ground: Ground, order_id: int) -> dict[str, Any]:
    answer: dict[str, Any] = (await ctl(ground, "shipments", "show", str(order_id), "--json")).json
    return answer


async def test_foreign_text_that_looks_like_a_reference_hides_no_parcel(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int
) -> None:
    """PHP sent it, with a product code in the order's notes: held, the parcel named."""
    courier_id = sent_by_php(sandbox, merchant_notes="P2-ABCD")
    async with running(ground) as daemon:
        await ship(ground, daemon, await another(shop, 1))
        await row_of(shop, order_id, attempts=1)
        held = await daemon.seen("shipment.held", order_id=order_id)
        assert ("candidate", True) == (held["code"], courier_id in held["reason"])
    assert [courier_id] == parcels(sandbox)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"price": "30000"}, id="another price"),
        pytest.param({"price": ""}, id="no price"),
        pytest.param({"created_at": -timedelta(hours=3)}, id="its time in UTC"),
        pytest.param({"price": "30000", "lower": True}, id="its note in lower case"),
    ],
)
async def test_parcel_whose_note_and_more_has_changed_is_held_and_named(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int, change: dict[str, Any]
) -> None:
    async with running(ground) as daemon:
        await ship(ground, daemon, await another(shop, 1))
        sandbox.next("create-order", Answer.RESET)
        await ctl(ground, "dispatch", TASK, f"order_id={order_id}")
        await daemon.seen("shipment.unclear", order_id=order_id)
        [courier_id] = parcels(sandbox)
        parcel = sandbox.orders[courier_id]
        parcel.merchant_notes = (parcel.merchant_notes or "").lower() if "lower" in change else ""
        parcel.price = change.get("price", parcel.price)
        parcel.created_at += change.get("created_at", timedelta())
        held = await daemon.seen("shipment.held", order_id=order_id)
        assert courier_id in held["reason"]
    assert [courier_id] == parcels(sandbox)


async def test_list_that_lags_or_lacks_a_known_parcel_proves_nothing(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int
) -> None:
    async with running(ground) as daemon:
        await ship(ground, daemon, await another(shop, 1))
        sandbox.behaviour.appears_after = timedelta(seconds=6)
        sandbox.next("create-order", Answer.RESET)
        await ctl(ground, "dispatch", TASK, f"order_id={order_id}")
        await daemon.seen("shipment.unclear", order_id=order_id)
        await ship(ground, daemon, await another(shop, 2))
        await daemon.seen("courier.list_incomplete")
        assert "intended" == (await shown(ground, order_id))["state"]
        sandbox.behaviour.appears_after = timedelta()
        assert 0 == (await ctl(ground, "shipments", "reconcile")).status
        await daemon.seen("shipment.recorded", order_id=order_id)
    assert 1 == len(parcels(sandbox))


async def test_references_that_were_seen_over_a_day_ago_count_no_more(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int
) -> None:
    """The lists stopped showing notes, and the lost parcel stands nowhere in them."""
    async with running(ground) as daemon:
        await ship(ground, daemon, await another(shop, 1))
        await ctl(ground, "shipments", "reconcile")
    with closing(sqlite3.connect(ground.state_dir / "queue.db")) as connection, connection:
        day_us = int(timedelta(days=1) / timedelta(microseconds=1))
        changed = connection.execute(
            "UPDATE named_values SET value = value - ? WHERE name = 'shipments.references_seen_at'", (day_us,)
        )
        assert 1 == changed.rowcount
    sandbox.behaviour.returns_notes = False
    async with running(ground) as daemon:
        sandbox.next("create-order", Answer.RESET)
        await ctl(ground, "dispatch", TASK, f"order_id={order_id}")
        await daemon.seen("shipment.unclear", order_id=order_id)
        parcel = sandbox.orders.pop(parcels(sandbox)[0])
        await daemon.seen("job.snoozed", task=TASK, attempt=2)  # late enough for another parcel to be a witness
        await ship(ground, daemon, await another(shop, 2))
        for _ in range(12):
            await ctl(ground, "shipments", "reconcile")
        held = await daemon.seen("shipment.held", order_id=order_id)
        assert "no_references" == held["code"]
    assert [] == parcels(sandbox)
    assert parcel.client_mobile == PHONE


async def test_row_that_php_tried_beside_a_fresh_row_of_the_same_order_is_looked_for_first(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int
) -> None:
    """The shop asked for it twice; a worker of the shop had one of the two rows, and sent the order."""
    courier_id = sent_by_php(sandbox)
    await row_of(shop, order_id)
    await row_of(shop, order_id, attempts=1)
    async with running(ground) as daemon:
        await ship(ground, daemon, await another(shop, 1))
        reconciled = await daemon.seen("shipment.reconciled", order_id=order_id)
        assert courier_id == reconciled["courier_id"]
    assert [courier_id] == parcels(sandbox)


async def test_row_that_queue_retry_put_back_is_looked_for_first(ground: Ground, shop: Shop, sandbox: Sandbox) -> None:
    """Its attempts are 0 again, but it is days younger than its order, which PHP had sent."""
    made_at = shop.now() - timedelta(days=8)
    order_id = await make_order(shop, items=[Item(await make_size(shop))], created_at=made_at, updated_at=made_at)
    courier_id = sent_by_php(sandbox)
    sandbox.orders[courier_id].created_at = SystemClock().now() - timedelta(days=8)
    async with running(ground) as daemon:
        await row_of(shop, order_id)
        unclear = await daemon.seen("shipment.unclear", order_id=order_id)
        assert "requeued" == unclear["code"]
        await daemon.seen("shipment.recorded", order_id=order_id)
        assert [] == (await shown(ground, order_id))["attempts"]
    assert [courier_id] == parcels(sandbox)


@pytest.mark.parametrize("answer", [Answer.FALSE_BESIDE_CODE, Answer.FALSE_BESIDE_IDS, Answer.STATUS_TWICE])
async def test_answer_that_contradicts_itself_is_no_refusal(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int, answer: Answer
) -> None:
    sandbox.next("create-order", answer)
    async with running(ground) as daemon:
        await ctl(ground, "dispatch", TASK, f"order_id={order_id}")
        await daemon.seen("shipment.reconciled", order_id=order_id)
        await daemon.seen("job.completed", task=TASK)
    assert 1 == len(parcels(sandbox))


async def test_reference_in_a_list_settles_what_was_withdrawn(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int
) -> None:
    """The courier refused it beyond doubt, and made it all the same: the retry must not send it."""
    sandbox.next("create-order", Answer.REFUSED)
    async with running(ground) as daemon:
        await ctl(ground, "dispatch", TASK, f"order_id={order_id}")
        await daemon.seen("job.failed", task=TASK)
        reference = (await shown(ground, order_id))["reference"]
        courier_id = sent_by_php(sandbox, merchant_notes=reference)
        assert 0 == (await ctl(ground, "sync")).status
        await daemon.seen("shipment.recorded", order_id=order_id)
        await ctl(ground, "retry", "all")
        await daemon.seen("job.completed", task=TASK)
    assert [courier_id] == parcels(sandbox)
    assert [order_id] == [row["order_id"] for row in await rows(shop, alwaseet_shipments, alwaseet_order_id=courier_id)]


async def test_suspicion_outlives_the_words_that_a_version_stored_for_it(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int
) -> None:
    async with running(ground) as daemon:
        await row_of(shop, order_id, attempts=1)
        await daemon.seen("shipment.unclear", order_id=order_id)
    with closing(sqlite3.connect(ground.state_dir / "queue.db")) as connection, connection:
        connection.execute("UPDATE shipments SET reason = 'in other words'")
        connection.execute("UPDATE shipment_attempts SET detail = 'in other words'")
    courier_id = sent_by_php(sandbox, price="30000")
    async with running(ground) as daemon:
        await ctl(ground, "shipments", "reconcile")
        held = await daemon.seen("shipment.held", order_id=order_id)
        assert courier_id in held["reason"]
    assert [courier_id] == parcels(sandbox)


async def test_mistyped_settle_is_not_believed_and_can_be_corrected(
    ground: Ground, shop: Shop, sandbox: Sandbox, order_id: int
) -> None:
    courier_id = sent_by_php(sandbox, price="30000")
    async with running(ground) as daemon:
        await row_of(shop, order_id, attempts=1)
        await daemon.seen("shipment.held", order_id=order_id)
        settle = ("shipments", "settle", str(order_id), "--courier-id")
        refused = await ctl(ground, *settle, "12345")
        assert (1, True) == (refused.status, "the courier shows no order of this id" in refused.err)
        assert "--courier-id 12345 --yes" in refused.err
        assert 0 == (await ctl(ground, *settle, "12345", "--yes")).status
        assert "a person said so" in (await ctl(ground, "shipments", "show", str(order_id))).out
        assert 0 == (await ctl(ground, *settle, courier_id)).status
    kept = await rows(shop, alwaseet_shipments, order_id=order_id)
    assert [courier_id] == [row["alwaseet_order_id"] for row in kept]
    assert [] == await rows(shop, alwaseet_shipments, alwaseet_order_id="12345")
