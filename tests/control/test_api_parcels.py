"""`GET /v1/parcels` over a real socket, on the rows of a real shop; and what the page shows of it."""

from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from paranad.control.daemon import Daemon
from paranad.shop.tables import alwaseet_order_status_history
from tests.support.shop import make, make_order, make_shipment
from tests.web.conftest import opened


def say(config: Path, more: str) -> None:
    config.write_text(config.read_text() + more)


@pytest.fixture
async def order_id(daemon: Daemon) -> int:
    """An order that is cancelled, and whose parcel has kept its status for nine days."""
    shop = daemon.parts.shop
    ago = shop.now() - timedelta(days=9)
    order = await make_order(shop, order_number="D-0318", status="cancelled", updated_at=ago, total_amount=25000)
    values = {"alwaseet_order_id": "90000123", "status_id": "3", "status": "قيد التوصيل", "merchant_notes": "زينب"}
    shipment = await make_shipment(shop, order_id=order, issue_notes=None, created_at=ago, **values)
    change = {"shipment_id": shipment, "status_id": "3", "status_text": "", "changed_at": ago}
    await make(shop, alwaseet_order_status_history, **change)
    return order


async def listed(api: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await api.get("/v1/parcels", params=query)
    assert 200 == answer.status_code, answer.text
    return dict(answer.json())


async def test_parcels_are_listed_with_why_and_without_their_customer(api: httpx.AsyncClient, order_id: int) -> None:
    page = await listed(api)
    stuck, cancelled = page["items"]
    assert ("stuck", order_id, "D-0318", "90000123", "3", 25000) == tuple(
        stuck[name] for name in ("kind", "order_id", "order_number", "courier_id", "status_id", "price")
    )
    assert ("its status has not changed for 9 days", {"days": 9}) == (stuck["reason"], stuck["why"]["values"])
    assert ("cancelled", "parcel.cancelled") == (cancelled["kind"], cancelled["why"]["code"])
    assert [("stuck", 1, 5), ("returning", 0, 10), ("uninvoiced", 0, 14), ("price", 0, None)] == [
        (each["kind"], each["count"], each["days"]) for each in page["kinds"][:4]
    ]
    text = str(page)
    assert not any(secret in text for secret in ("زينب", "7701234567", "الجسر"))


async def test_one_kind_is_asked_for_page_by_page(api: httpx.AsyncClient, order_id: int) -> None:
    first = await listed(api, limit=1)
    second = await listed(api, limit=1, cursor=first["next_cursor"])
    assert ["stuck", "cancelled"] == [page["items"][0]["kind"] for page in (first, second)]
    assert second["next_cursor"] is None
    assert [order_id] == [each["order_id"] for each in (await listed(api, kind="cancelled"))["items"]]


@pytest.mark.parametrize("query", [{"kind": "late"}, {"cursor": "soon"}, {"limit": 0}])
async def test_what_no_list_knows_is_refused(api: httpx.AsyncClient, query: dict[str, Any]) -> None:
    assert (await api.get("/v1/parcels", params=query)).status_code in {400, 422}


async def test_reload_turns_a_kind_off_at_once(
    api: httpx.AsyncClient, daemon: Daemon, config: Path, socket_path: Path, order_id: int
) -> None:
    say(config, "[parcels]\nstuck = 0\n")
    report = await daemon.reload()
    assert (["[parcels] stuck"], []) == (report.changed, report.needs_restart)
    page = await listed(api)
    assert (None, "[parcels] stuck is 0, so it is not watched") == (
        page["kinds"][0]["count"],
        page["kinds"][0]["reason"],
    )
    assert ["cancelled"] == [each["kind"] for each in page["items"]]
    async with opened(socket_path) as browser:
        shown = unescape((await browser.get("/parcels?kind=stuck")).text)
    assert "so it is not watched" in shown
    assert "no parcel needs a person" not in shown


@pytest.mark.parametrize(("language", "words"), [("en", "its status has not changed for 9 days"), ("ar", "الطرود")])
async def test_page_shows_the_parcels_and_leads_to_their_orders(
    api: httpx.AsyncClient, socket_path: Path, order_id: int, language: str, words: str
) -> None:
    assert (await listed(api))["items"]
    async with opened(socket_path) as browser:
        answer = await browser.get("/parcels", headers={"Accept-Language": language})
        of_one = await browser.get("/parcels?kind=cancelled", headers={"Accept-Language": language})
    assert (200, 200) == (answer.status_code, of_one.status_code)
    assert words in unescape(answer.text)
    assert f'href="/orders/{order_id}"' in answer.text
    assert 'href="/parcels?kind=stuck"' in answer.text
    assert "not changed for 9 days" not in unescape(of_one.text)
