from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from paranad.control.daemon import Daemon
from paranad.events.event import Event, fields_of
from paranad.queue.model import Origin
from tests.support.control import WRITTEN_OTHERWISE
from tests.support.shop import HOUR, Item, make_order, make_shipment, make_size, set_setting

pytestmark = pytest.mark.usefixtures("held")


async def order_of(daemon: Daemon, *, hours: int = 1, **values: Any) -> int:
    shop = daemon.parts.shop
    await set_setting(shop, "alwaseet_auto_create_shipment", "1")
    items = [Item(await make_size(shop))]
    return await make_order(shop, items=items, created_at=shop.now() - hours * HOUR, **values)


async def test_orders_without_a_shipment_are_listed_oldest_first_with_why(
    api: httpx.AsyncClient, daemon: Daemon
) -> None:
    older, newer = await order_of(daemon, hours=3), await order_of(daemon)
    new = daemon.parts.registry.new_job("alwaseet:create-shipment", {"order_id": newer}, Origin.SHOP)
    [job] = await daemon.parts.jobs.enqueue([new])
    answer = (await api.get("/v1/orders", params={"without_shipment": 1})).json()

    assert [(older, "never_asked", None), (newer, "queued", job.job_id)] == [
        (each["order_id"], each["standing"], each["job_id"]) for each in answer["items"]
    ]
    assert ("order.job_due", "2026-03-02T11:00:00+03:00", None) == (
        answer["items"][1]["why"]["code"],
        answer["items"][1]["created_at"],
        answer["next_cursor"],
    )


async def test_order_is_shown_whole_with_its_phone_by_three_digits(api: httpx.AsyncClient, daemon: Daemon) -> None:
    order_id = await order_of(daemon)
    new = daemon.parts.registry.new_job("alwaseet:create-shipment", {"order_id": order_id}, Origin.SHOP)
    [job] = await daemon.parts.jobs.enqueue([new])
    response = await api.get(f"/v1/orders/{order_id}")
    shown = response.json()

    assert {
        "number": shown["shop"]["number"],
        "status": "pending",
        "created_at": "2026-03-02T11:00:00+03:00",
        "trashed": False,
        "total": "25000.00",
        "items": 1,
        "customer": "زينب حسن",
        "phone": "…567",
        "address": "بغداد، الكرادة، قرب الجسر",
    } == shown["shop"] | {"total": f"{float(shown['shop']['total']):.2f}"}
    assert ("queued", [job.job_id], None, None, [], ["cancel"]) == (
        shown["standing"],
        [each["id"] for each in shown["jobs"]],
        shown["shop_reason"],
        shown["shipment"],
        shown["shop_shipments"],
        shown["actions"],
    )
    assert "07701234567" not in response.text


async def test_order_that_only_the_journal_knows_is_shown_with_what_a_person_can_do(api: httpx.AsyncClient) -> None:
    shown = (await api.get("/v1/orders/500")).json()

    assert (None, "the shop has no order 500, or no longer", "held", ["settle", "resend"], "PK500") == (
        shown["shop"],
        shown["shop_reason"],
        shown["standing"],
        shown["actions"],
        shown["shipment"]["reference"],
    )


async def test_order_that_has_its_shipment_shows_the_shop_s_row_of_it(api: httpx.AsyncClient, daemon: Daemon) -> None:
    order_id = await order_of(daemon)
    await make_shipment(daemon.parts.shop, order_id=order_id, alwaseet_order_id="90000018", status="قيد التوصيل")
    shown = (await api.get(f"/v1/orders/{order_id}")).json()

    assert (None, "order.shipped_already", "90000018", "قيد التوصيل") == (
        shown["standing"],
        shown["why"]["code"],
        shown["shop_shipments"][0]["courier_id"],
        shown["shop_shipments"][0]["status"],
    )


async def test_unknown_order_is_404(api: httpx.AsyncClient) -> None:
    response = await api.get("/v1/orders/99999")

    assert (404, "order.not_found") == (response.status_code, response.json()["why"]["code"])


async def test_order_is_shown_without_what_an_unreadable_shop_does_not_say(
    api: httpx.AsyncClient, daemon: Daemon
) -> None:
    order_id = await order_of(daemon)
    await daemon.parts.shop.close()
    place = daemon.parts.shop.database.path  # type: ignore[union-attr]
    place.rename(place.with_suffix(".gone"))
    shown = (await api.get(f"/v1/orders/{order_id}")).json()
    held = (await api.get("/v1/orders/500")).json()
    status = (await api.get("/v1/status")).json()
    listed = await api.get("/v1/orders")

    assert (None, None, "order.unknown", []) == (
        shown["shop"],
        shown["standing"],
        shown["why"]["code"],
        shown["actions"],
    )
    assert "cannot be reached" in shown["shop_reason"]
    assert "held" == held["standing"]
    assert {"without_shipment": None, "oldest_at": None, "known": False, "automatic": None} == status["orders"]
    assert 503 == listed.status_code


async def test_status_answers_whether_all_is_shipped(
    api: httpx.AsyncClient, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paranad.orders.service.PATIENCE_S", 60.0)
    await order_of(daemon, hours=2)
    await order_of(daemon)

    assert {
        "without_shipment": 2,
        "oldest_at": "2026-03-02T10:00:00+03:00",
        "known": True,
        "automatic": True,
    } == (await api.get("/v1/status")).json()["orders"]


@pytest.mark.parametrize("text", ["90000018", " 90000018 ", "٩٠٠٠٠٠١٨"])
async def test_order_is_found_by_its_courier_id(api: httpx.AsyncClient, daemon: Daemon, text: str) -> None:
    order_id = await order_of(daemon, customer_phone="07711111111")
    await make_shipment(daemon.parts.shop, order_id=order_id, alwaseet_order_id="90000018")
    answer = (await api.get("/v1/orders", params={"find": text})).json()

    assert [(order_id, "90000018", None, "…111")] == [
        (each["order_id"], each["courier_id"], each["standing"], each["phone"]) for each in answer["items"]
    ]


@pytest.mark.parametrize("phone", ["07705554321", "0770 555 4321", "0770-555-4321", "٠٧٧٠٥٥٥٤٣٢١"])
async def test_orders_are_found_by_the_last_digits_of_their_phone_newest_first(
    api: httpx.AsyncClient, daemon: Daemon, phone: str
) -> None:
    await order_of(daemon, customer_phone="07701234567")
    ids = [await order_of(daemon, customer_phone=phone) for _ in range(3)]
    for text in ("321", "4321", "5554321", "07705554321", "٤٣٢١"):
        first = (await api.get("/v1/orders", params={"find": text, "limit": 2})).json()
        rest = (await api.get("/v1/orders", params={"find": text, "cursor": first["next_cursor"]})).json()

        assert ids[::-1] == [each["order_id"] for each in (*first["items"], *rest["items"])], text


@pytest.mark.parametrize("text", ["21", "4320", "%", "_", "0_7"])
async def test_fewer_digits_and_signs_of_a_pattern_find_no_phone(
    api: httpx.AsyncClient, daemon: Daemon, text: str
) -> None:
    await order_of(daemon, customer_phone="07705554321")
    response = await api.get("/v1/orders", params={"find": text})

    assert [] == response.json().get("items", [])


@pytest.mark.parametrize(
    "query",
    [
        {"find": "علي"},
        {"find": ""},
        {"find": "x" * 41},
        {"find": "1" * 21},
        {"since": "2026-03-01T00:00:00"},
        {"since": "yesterday"},
        {"since": "0.0"},
        {"since": "1772323200"},
        {"without_shipment": "0"},
        {"cursor": "x"},
        {"limit": 101},
        {"standing": "held"},
    ],
)
async def test_nonsense_is_refused_with_a_sentence(api: httpx.AsyncClient, query: dict[str, str]) -> None:
    response = await api.get("/v1/orders", params=query)

    assert response.status_code in {400, 422}
    assert response.json()["detail"]


@pytest.mark.parametrize("number", [*WRITTEN_OTHERWISE, "0", "-1", "9223372036854775808"])
async def test_number_of_an_order_is_digits(api: httpx.AsyncClient, number: str) -> None:
    assert (await api.get(f"/v1/orders/{number}")).status_code in {404, 422}


async def test_jobs_are_listed_by_their_order(api: httpx.AsyncClient, daemon: Daemon) -> None:
    new = [
        daemon.parts.registry.new_job("alwaseet:create-shipment", {"order_id": number}, Origin.SHOP)
        for number in (7, 8, 77)
    ]
    stored = await daemon.parts.jobs.enqueue(new)
    listed = (await api.get("/v1/jobs", params={"order": 7})).json()
    none = (await api.get("/v1/jobs", params={"order": 7, "state": "failed"})).json()

    assert ([stored[0].job_id], []) == ([each["id"] for each in listed["items"]], none["items"])


async def test_jobs_are_listed_by_a_text_in_their_arguments(
    api: httpx.AsyncClient, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paranad.queue.jobs.SCANNED", 3)
    new = [
        daemon.parts.registry.new_job("alwaseet:sync-orders", {"status_id": f"S{number}"}, Origin.OPERATOR)
        for number in range(10)
    ]
    stored = await daemon.parts.jobs.enqueue(new)
    found: list[int] = []
    pages, cursor = 0, None
    while pages == 0 or cursor:
        query = {"text": "s2"} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/v1/jobs", params=query)).json()
        pages, cursor = pages + 1, page["next_cursor"]
        found += [each["id"] for each in page["items"]]

    assert ([stored[2].job_id], 4) == (found, pages)


@pytest.mark.parametrize(("minutes", "noted"), [(29, False), (31, True)])
async def test_status_notes_orders_without_a_shipment_once_the_oldest_is_late(
    api: httpx.AsyncClient, daemon: Daemon, monkeypatch: pytest.MonkeyPatch, minutes: int, noted: bool
) -> None:
    monkeypatch.setattr("paranad.orders.service.PATIENCE_S", 60.0)
    await order_of(daemon, hours=0)
    await daemon.clock.advance(timedelta(minutes=minutes))  # type: ignore[attr-defined]
    status = (await api.get("/v1/status")).json()

    assert noted is ("orders-unshipped" in [each["code"] for each in status["remarks"]])
    assert 1 == status["orders"]["without_shipment"]


def say(config: Path, more: str) -> None:
    config.write_text(config.read_text() + more)


async def test_reload_puts_another_patience_with_orders_in_force_at_once(
    api: httpx.AsyncClient, daemon: Daemon, config: Path
) -> None:
    say(config, '[alert]\nunshipped_after = "2h"\n')
    report = (await api.post("/v1/reload")).json()

    assert ["[alert] unshipped_after"] == report["changed"]
    assert timedelta(hours=2) == daemon.unshipped_after == daemon.parts.alerts.late_orders.after


async def test_events_of_a_job_name_its_order(daemon: Daemon) -> None:
    told: list[Event] = []
    daemon.events.listen(told.extend)
    new = daemon.parts.registry.new_job("alwaseet:create-shipment", {"order_id": 7}, Origin.SHOP)
    other = daemon.parts.registry.new_job("carts:expire", {}, Origin.OPERATOR)
    stored = await daemon.parts.jobs.enqueue([new, other])
    await daemon.parts.jobs.cancel_waiting(stored[0].job_id)
    named = [(event.name, fields_of(event).get("order_id")) for event in told]

    assert [("job.enqueued", 7), ("job.enqueued", None), ("job.cancelled", 7)] == named
