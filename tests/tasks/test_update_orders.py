"""The task alwaseet:update-orders: the courier's whole list against the shipments that the shop has."""

import errno
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from paranad.courier.errors import CourierUnclear
from paranad.mirror.write import Written, write
from paranad.queue.model import Request
from paranad.sandbox.answers import Answer
from paranad.shipments.model import ShipmentState
from paranad.shop.cache import ShopCache
from paranad.shop.errors import ShopUnreachable
from paranad.shop.tables import alwaseet_order_status_history, alwaseet_shipments
from paranad.tasks import update as module
from paranad.tasks.task import NoArguments
from paranad.tasks.update import UpdateOrders
from tests.support.shipping import Shipping
from tests.support.shop import count, make_shipment, rows
from tests.support.tasks import Asked, contract_of, items_of, make_context, make_notices, result_of

COUNTS = Request("alwaseet:update-status-counts", {})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir()
    return folder


def files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


async def update(shipping: Shipping, *, cache: ShopCache | None = None, **values: Any) -> dict[str, Any]:
    cache = cache or ShopCache(None, shipping.clock)
    task = UpdateOrders(shipping.shop, shipping.courier, shipping.shipments, cache, make_notices(shipping.shop))
    return result_of(await task.run(make_context(shipping.clock, **{"enqueue": Asked(), **values}), NoArguments()))


async def test_known_ones_are_updated_and_unknown_ones_counted(shipping: Shipping) -> None:
    ids = shipping.sandbox.seed_orders(230)
    for courier_id in ids[:3]:
        await make_shipment(shipping.shop, alwaseet_order_id=courier_id)
    told: list[tuple[int, int | None]] = []
    result = await update(shipping, progress=lambda done, total: told.append((done, total)))
    assert (230, 3, 3, 227) == tuple(result[name] for name in ("looked_at", "changed", "updated", "unknown"))
    assert 3 == await count(shipping.shop, alwaseet_shipments)
    assert [(100, 230), (200, 230), (230, 230)] == told


async def test_changed_status_is_exactly_one_history_row_and_one_notice(shipping: Shipping) -> None:
    [courier_id] = shipping.sandbox.seed_orders(1)
    shipment = await make_shipment(shipping.shop, alwaseet_order_id=courier_id, status_id="1")
    shipping.sandbox.move(courier_id, "4")
    asked = Asked()
    for _ in range(2):
        await update(shipping, enqueue=asked)
    notice = {"shipment_id": shipment, "old_status_id": "1", "new_status_id": "4"}
    assert [Request("alwaseet:notify-status", notice, f"notice:{shipment}:0:4"), COUNTS, COUNTS] == asked.requests
    [told] = await rows(shipping.shop, alwaseet_order_status_history)
    assert ("4", "system_sync", shipping.shop.now()) == (told["status_id"], told["changed_by"], told["changed_at"])


async def test_status_as_a_number_is_no_change(shipping: Shipping) -> None:
    for courier_id in shipping.sandbox.seed_orders(3):
        await make_shipment(shipping.shop, alwaseet_order_id=courier_id)
    shipping.sandbox.behaviour.numbers_as_int = True
    assert 0 == (await update(shipping))["status_changed"]


async def test_timeline_of_a_changed_shipment_is_forgotten(shipping: Shipping, folder: Path) -> None:
    cache, ids = ShopCache(folder, shipping.clock), shipping.sandbox.seed_orders(2)
    shipments = [await make_shipment(shipping.shop, alwaseet_order_id=courier_id) for courier_id in ids]
    await cache.publish({f"alwaseet_status_timeline_{each}": 1 for each in shipments}, timedelta(minutes=10))
    shipping.sandbox.move(ids[0], "4")
    await update(shipping, cache=cache)
    assert 1 == files(folder)


async def test_timelines_of_the_chunks_before_an_outage_are_forgotten(
    shipping: Shipping, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run that begins anew finds them written already."""
    cache, ids = ShopCache(folder, shipping.clock), shipping.sandbox.seed_orders(2)
    shipments = [await make_shipment(shipping.shop, alwaseet_order_id=courier_id) for courier_id in ids]
    await cache.publish({f"alwaseet_status_timeline_{each}": 1 for each in shipments}, timedelta(minutes=10))
    for courier_id in ids:
        shipping.sandbox.move(courier_id, "4")
    chunks = 0

    async def once(*asked: Any, **named: Any) -> Written:
        nonlocal chunks
        chunks += 1
        if chunks == 2:
            raise ShopUnreachable("no such file")
        return await write(*asked, **named)

    monkeypatch.setattr(module, "CHUNK", 1)
    monkeypatch.setattr(module, "write", once)
    with pytest.raises(ShopUnreachable):
        await update(shipping, cache=cache)
    assert 1 == files(folder)


async def test_trouble_with_the_cache_is_said_and_spoils_nothing(
    shipping: Shipping, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [courier_id] = shipping.sandbox.seed_orders(1)
    shipment = await make_shipment(shipping.shop, alwaseet_order_id=courier_id, status_id="7")
    cache = ShopCache(folder, shipping.clock)

    def refuse(_: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cache, "_drop", refuse)
    result = await update(shipping, cache=cache)
    key = f"alwaseet_status_timeline_{shipment}"
    reason = f"the shop's cache: {key}: No space left on device"
    assert [{"what": f"cache key {key}", "reason": reason}] == items_of(result["failed"])
    assert 1 == result["status_changed"]


async def test_whole_list_settles_an_unclear_shipment(shipping: Shipping) -> None:
    order_id = await shipping.send(Answer.RESET)
    await update(shipping)
    assert (await shipping.shipments.journal.get(order_id)).state is ShipmentState.RECORDED


async def test_unreadable_list_changes_nothing_and_passes_through(shipping: Shipping) -> None:
    shipping.sandbox.next("merchant-orders", Answer.DATA_NULL)
    asked = Asked()
    with pytest.raises(CourierUnclear):
        await update(shipping, enqueue=asked)
    assert [] == asked.requests


async def test_dry_run_shows_the_request_and_does_nothing(shipping: Shipping) -> None:
    assert {"request": {"path": "merchant-orders"}} == await update(shipping, dry_run=True)
    assert not shipping.sandbox.calls


async def test_task_is_as_the_contract_has_it(shipping: Shipping) -> None:
    task = UpdateOrders(
        shipping.shop,
        shipping.courier,
        shipping.shipments,
        ShopCache(None, shipping.clock),
        make_notices(shipping.shop),
    )
    assert ("alwaseet:update-orders", "default", 2, timedelta(seconds=300), True, task.name) == contract_of(task)
