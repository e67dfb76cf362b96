"""The task alwaseet:sync-orders: the courier's orders into the shop, with a truthful log."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from paranad.courier.errors import CourierLimited, CourierUnclear
from paranad.queue.model import Origin, Request
from paranad.sandbox.answers import Answer
from paranad.shipments.model import ShipmentState
from paranad.shop.errors import ShopUnreachable
from paranad.shop.tables import alwaseet_order_status_history, alwaseet_shipments, alwaseet_sync_logs
from paranad.tasks.sync import DEAD, FirstSync, SyncArguments, SyncOrders
from tests.support.shipping import SETTLE_TIME, Shipping
from tests.support.shop import count, make, make_shipment, rows
from tests.support.shop_faults import refuse_inserts
from tests.support.tasks import Asked, KeptInstant, items_of, make_context, make_notices, result_of


def first_sync(kept: KeptInstant, *, notify: bool = False) -> FirstSync:
    return FirstSync(notify, kept.load, kept.save)


async def sync(shipping: Shipping, **values: Any) -> dict[str, Any]:
    """Run the task once and return its result."""
    args = {name: values.pop(name) for name in ("status_id", "date_from", "date_to") if name in values}
    first = values.pop("first", None) or first_sync(KeptInstant())
    task = SyncOrders(shipping.shop, shipping.courier, shipping.shipments, first, make_notices(shipping.shop))
    return result_of(await task.run(make_context(shipping.clock, **values), SyncArguments(**args)))


async def last_log(shipping: Shipping) -> dict[str, Any]:
    return (await rows(shipping.shop, alwaseet_sync_logs))[-1]


async def test_sync_creates_and_updates_and_says_how_many(shipping: Shipping) -> None:
    ids = shipping.sandbox.seed_orders(250)
    for courier_id in ids[:40]:
        await make_shipment(shipping.shop, alwaseet_order_id=courier_id)
    result = await sync(shipping)
    assert (250, 210, 40, 0) == (result["looked_at"], result["created"], result["updated"], result["failed"]["count"])
    assert await count(shipping.shop, alwaseet_shipments) == 250
    log = await last_log(shipping)
    assert (250, 210, 40, 0, "success", shipping.shop.now()) == (
        log["orders_synced"],
        log["orders_created"],
        log["orders_updated"],
        log["orders_failed"],
        log["status"],
        log["completed_at"],
    )


async def test_second_sync_changes_nothing_and_orders_updated_counts_the_known_ones(shipping: Shipping) -> None:
    shipping.sandbox.seed_orders(150)
    await sync(shipping)
    result = await sync(shipping)
    assert (0, 150, 0) == (result["created"], result["updated"], result["changed"])
    assert 150 == (await last_log(shipping))["orders_updated"], "those already known, as in the shop"
    assert await count(shipping.shop, alwaseet_order_status_history) == 150


async def test_empty_list_is_a_success_of_nothing(shipping: Shipping) -> None:
    await sync(shipping)
    log = await last_log(shipping)
    assert (0, "success") == (log["orders_synced"], log["status"])
    assert log["completed_at"]


@pytest.mark.parametrize(
    ("origin", "kind"), [(Origin.SCHEDULE, "automatic"), (Origin.OPERATOR, "manual"), (Origin.SHOP, "manual")]
)
async def test_sync_logs_type_is_automatic_where_the_schedule_asked_and_manual_elsewhere(
    shipping: Shipping, origin: Origin, kind: str
) -> None:
    await sync(shipping, origin=origin, status_id="4")
    log = await last_log(shipping)
    assert kind == log["type"]
    assert {"status_id": "4", "date_from": None, "date_to": None} == log["filters"]


async def test_filter_holds_although_the_courier_ignores_it(shipping: Shipping) -> None:
    shipping.sandbox.behaviour.honours_filters = False
    ids = shipping.sandbox.seed_orders(10)
    shipping.sandbox.move(ids[3], "4")
    await sync(shipping, status_id="4")
    assert [ids[3]] == [row["alwaseet_order_id"] for row in await shipping.shop_rows()]


async def test_days_are_asked_for_and_hold(shipping: Shipping) -> None:
    shipping.sandbox.seed_orders(10, spread=timedelta(days=10))
    day = (shipping.shop.now() - timedelta(days=4)).date().isoformat()
    await sync(shipping, date_from=day, date_to=day)
    assert [("date_from", day), ("date_to", day)] == sorted(
        (name, value) for name, value in shipping.sandbox.calls[-1].query.items() if name.startswith("date")
    )
    assert len(await shipping.shop_rows()) == 1


async def test_changed_status_writes_history_once(shipping: Shipping) -> None:
    [courier_id] = shipping.sandbox.seed_orders(1)
    await sync(shipping)
    shipping.sandbox.move(courier_id, "4")
    assert (await sync(shipping))["status_changed"] == 1
    assert (await sync(shipping))["status_changed"] == 0
    assert ["1", "4"] == [row["status_id"] for row in await rows(shipping.shop, alwaseet_order_status_history)]


async def test_differences_that_the_very_first_sync_finds_are_not_told(shipping: Shipping) -> None:
    [courier_id] = shipping.sandbox.seed_orders(1)
    await make_shipment(shipping.shop, alwaseet_order_id=courier_id, status_id="7")
    kept, asked = KeptInstant(), Asked()
    result = await sync(shipping, first=first_sync(kept), enqueue=asked)
    assert (1, [], shipping.clock.now()) == (result["status_changed"], asked.requests, kept.at)


async def test_differences_that_a_later_sync_finds_are_told_one_by_one(shipping: Shipping) -> None:
    ids = shipping.sandbox.seed_orders(3)
    shipments = [await make_shipment(shipping.shop, alwaseet_order_id=courier_id) for courier_id in ids]
    shipping.sandbox.move(ids[1], "4")
    asked = Asked()
    await sync(shipping, first=first_sync(KeptInstant(shipping.clock.now())), enqueue=asked)
    told = {"shipment_id": shipments[1], "old_status_id": "1", "new_status_id": "4"}
    assert [Request("alwaseet:notify-status", told, f"notice:{shipments[1]}:0:4")] == asked.requests


async def test_syncs_enqueued_beside_the_very_first_one_belong_to_it(shipping: Shipping) -> None:
    """The automatic sync enqueues one for each status id."""
    [courier_id] = shipping.sandbox.seed_orders(1)
    await make_shipment(shipping.shop, alwaseet_order_id=courier_id, status_id="7")
    enqueued_at, asked = shipping.clock.now(), Asked()
    await shipping.clock.advance(timedelta(seconds=1))
    first = first_sync(KeptInstant(shipping.clock.now()))
    await sync(shipping, status_id="1", first=first, enqueue=asked, enqueued_at=enqueued_at)
    assert [] == asked.requests


async def test_very_first_sync_tells_where_the_configuration_wants_it(shipping: Shipping) -> None:
    [courier_id] = shipping.sandbox.seed_orders(1)
    await make_shipment(shipping.shop, alwaseet_order_id=courier_id, status_id="7")
    asked = Asked()
    await sync(shipping, first=first_sync(KeptInstant(), notify=True), enqueue=asked)
    assert 1 == len(asked.requests)


async def test_sync_that_failed_was_not_the_first(shipping: Shipping) -> None:
    shipping.sandbox.next("merchant-orders", Answer.HTML)
    kept = KeptInstant()
    with pytest.raises(CourierUnclear):
        await sync(shipping, first=first_sync(kept))
    assert kept.at is None


async def test_status_as_a_number_is_no_change(shipping: Shipping) -> None:
    shipping.sandbox.seed_orders(3)
    await sync(shipping)
    shipping.sandbox.behaviour.numbers_as_int = True
    assert (await sync(shipping))["status_changed"] == 0


async def test_refused_row_makes_the_log_partial_and_is_named(shipping: Shipping) -> None:
    ids = shipping.sandbox.seed_orders(5)
    await refuse_inserts(shipping.shop, alwaseet_shipments, f"NEW.alwaseet_order_id = '{ids[2]}'")
    result = await sync(shipping)
    assert [f"courier order {ids[2]}"] == [item["what"] for item in items_of(result["failed"])]
    log = await last_log(shipping)
    assert ("partial", 4, 1) == (log["status"], log["orders_synced"], log["orders_failed"])


async def test_only_refused_rows_make_the_log_failed(shipping: Shipping) -> None:
    shipping.sandbox.seed_orders(3)
    await refuse_inserts(shipping.shop, alwaseet_shipments, "TRUE")
    await sync(shipping)
    log = await last_log(shipping)
    assert ("failed", 0, 3) == (log["status"], log["orders_synced"], log["orders_failed"])


async def test_too_long_value_is_reported_not_fatal(shipping: Shipping) -> None:
    [courier_id] = shipping.sandbox.seed_orders(1)
    shipping.sandbox.orders[courier_id].client_name = "ن" * 400
    result = await sync(shipping)
    assert [{"what": f"courier order {courier_id}", "reason": "client_name"}] == result["shortened"]["items"]


async def test_unreadable_answer_fails_the_log_and_passes_through(shipping: Shipping) -> None:
    shipping.sandbox.next("merchant-orders", Answer.DATA_NULL)
    with pytest.raises(CourierUnclear):
        await sync(shipping)
    log = await last_log(shipping)
    assert "failed" == log["status"]
    assert "merchant-orders" in log["error_message"]
    assert log["completed_at"]


async def test_wait_for_the_rate_leaves_no_log(shipping: Shipping) -> None:
    shipping.sandbox.next("merchant-orders", Answer.LIMITED)
    with pytest.raises(CourierLimited):
        await sync(shipping)
    assert await count(shipping.shop, alwaseet_sync_logs) == 0


async def test_every_attempt_has_its_own_log(shipping: Shipping) -> None:
    shipping.sandbox.next("merchant-orders", Answer.HTML)
    with pytest.raises(CourierUnclear):
        await sync(shipping)
    await sync(shipping)
    assert ["failed", "success"] == [log["status"] for log in await rows(shipping.shop, alwaseet_sync_logs)]


async def test_log_that_an_ended_daemon_left_open_is_closed_as_failed(shipping: Shipping) -> None:
    old, young = timedelta(minutes=6), timedelta(minutes=4)
    for age in (old, young):
        await make(shipping.shop, alwaseet_sync_logs, started_at=shipping.shop.now() - age, status="success")
    await sync(shipping)
    dead, running, _ = await rows(shipping.shop, alwaseet_sync_logs)
    assert ("failed", DEAD, shipping.shop.now()) == (dead["status"], dead["error_message"], dead["completed_at"])
    assert running["completed_at"] is None


async def test_shop_that_goes_away_in_the_middle_is_an_outage(
    shipping: Shipping, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipping.sandbox.seed_orders(5)
    in_transaction, calls = shipping.shop.in_transaction, 0

    async def gone(work: Any, *, dry_run: bool = False) -> Any:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise ShopUnreachable("no such file")
        return await in_transaction(work, dry_run=dry_run)

    monkeypatch.setattr(shipping.shop, "in_transaction", gone)
    with pytest.raises(ShopUnreachable):
        await sync(shipping)


async def test_progress_is_told_chunk_by_chunk(shipping: Shipping) -> None:
    shipping.sandbox.seed_orders(250)
    told: list[tuple[int, int | None]] = []
    await sync(shipping, progress=lambda done, total: told.append((done, total)))
    assert [(100, 250), (200, 250), (250, 250)] == told


async def test_sync_that_meets_our_reference_links_the_row_and_settles_the_intent(shipping: Shipping) -> None:
    order_id = await shipping.send(Answer.RESET)
    await sync(shipping, status_id="1")
    assert [order_id] == [row["order_id"] for row in await shipping.shop_rows()]
    assert (await shipping.shipments.journal.get(order_id)).state is ShipmentState.RECORDED


async def test_whole_list_of_a_sync_counts_as_an_absence_a_filtered_one_does_not(shipping: Shipping) -> None:
    order_id = await shipping.send(Answer.DROPPED)
    await shipping.clock.advance(SETTLE_TIME / 3)
    await shipping.another_ships()
    await sync(shipping, status_id="1")
    assert (await shipping.shipments.journal.get(order_id)).absences == 0
    await sync(shipping)
    assert (await shipping.shipments.journal.get(order_id)).absences == 1


async def test_filtered_lists_put_off_no_look_at_the_whole_list(shipping: Shipping) -> None:
    """A sync by status every few minutes must not stand for the list that settles what is unclear."""
    order_id = await shipping.order()
    shipping.sandbox.next("create-order", Answer.DROPPED)
    ending = await shipping.run(order_id)
    await shipping.clock.advance(SETTLE_TIME)
    await sync(shipping, status_id="1")
    assert (await shipping.shipments.journal.get(order_id)).look is None
    before = shipping.sandbox.count("merchant-orders")
    assert isinstance(await shipping.run(order_id), type(ending))
    assert before + 1 == shipping.sandbox.count("merchant-orders")


async def test_filtered_list_settles_nothing_by_phone_and_price(shipping: Shipping) -> None:
    """Another order with the same phone and price may stand in what the filter leaves out."""
    shipping.sandbox.behaviour.returns_notes = False
    order_id = await shipping.send(Answer.RESET)
    await sync(shipping, status_id="1")
    assert (await shipping.shipments.journal.get(order_id)).state is ShipmentState.INTENDED


async def test_dry_run_shows_the_request_and_does_nothing(shipping: Shipping) -> None:
    result = await sync(shipping, status_id="4", dry_run=True)
    assert {"path": "merchant-orders", "status_id": "4", "date_from": None, "date_to": None} == result["request"]
    assert not shipping.sandbox.calls
    assert await count(shipping.shop, alwaseet_sync_logs) == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"status_id": 4}, {"status_id": "4"}),
        ({"status_id": "0"}, {"status_id": "0"}),
        ({"status_id": " 4 "}, {"status_id": "4"}),
        ({"status_id": ""}, {}),
        ({"status_id": None, "date_from": ""}, {}),
        ({"date_from": "2026-03-01", "date_to": "2026-03-01"}, {"date_from": "2026-03-01", "date_to": "2026-03-01"}),
    ],
)
def test_arguments_are_read_as_the_shop_writes_them(given: dict[str, Any], kept: dict[str, Any]) -> None:
    assert kept == SyncArguments.model_validate(given).model_dump(mode="json", exclude_none=True)


@pytest.mark.parametrize(
    "given",
    [
        {"status_id": "قيد التوصيل"},
        {"status_id": "4,5"},
        {"status_id": True},
        {"status_id": -1},
        {"date_from": "01/03/2026"},
        {"date_from": "2026-W01-1"},
        {"date_from": "2026-02-30"},
        {"date_from": "20260301"},
        {"date_from": 20260301},
        {"date_from": "2026-03-02", "date_to": "2026-03-01"},
        {"status": "4"},
    ],
)
def test_wrong_arguments_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SyncArguments.model_validate(given)


async def test_task_is_as_the_interface_has_it(shipping: Shipping) -> None:
    task = SyncOrders(
        shipping.shop, shipping.courier, shipping.shipments, first_sync(KeptInstant()), make_notices(shipping.shop)
    )
    assert ("alwaseet:sync-orders", "default", 2, timedelta(seconds=300), True) == (
        task.name,
        task.facts.queue,
        task.facts.tries,
        task.facts.timeout,
        task.facts.uses_courier,
    )
    filters: list[dict[str, Any]] = [{}, {"status_id": "4"}, {"date_from": "2026-03-01"}, {"date_to": "2026-03-01"}]
    assert len({task.unique_key(SyncArguments(**each)) for each in filters}) == 4
