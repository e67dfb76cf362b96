"""The pages of orders over real sockets: which have no shipment and why, what a text finds, one order whole."""

from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest

from paranad.control.daemon import Daemon
from tests.support.forms import forms_in, send
from tests.support.shop import Item, make_order, make_size, set_setting
from tests.support.shop_faults import force
from tests.support.sqlite_file import change
from tests.web.conftest import opened

SEND = "alwaseet:create-shipment"


@pytest.fixture
async def browser(api: httpx.AsyncClient, socket_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(socket_path) as browser:
        yield browser


@pytest.fixture
async def order_id(daemon: Daemon) -> int:
    """An order for which no shipment was ever asked."""
    shop = daemon.parts.shop
    await set_setting(shop, "alwaseet_auto_create_shipment", "1")
    made = shop.now() - timedelta(hours=1)
    return await make_order(shop, id=500, items=[Item(await make_size(shop))], created_at=made)


async def fail(api: httpx.AsyncClient, daemon: Daemon, order_id: int) -> int:
    job_id = int((await api.post("/v1/jobs", json={"task": SEND, "args": {"order_id": order_id}})).json()["id"])
    await change(
        daemon.parts.store.path,
        "UPDATE jobs SET state = 'failed', finished_at = created_at, tries_spent = 1, error = 'no <b>city</b>'",
    )
    return job_id


def shown(answer: httpx.Response) -> str:
    return unescape(answer.text)


@pytest.mark.parametrize(
    ("language", "words", "never"), [("en", "without a shipment", "never asked for"), ("ar", "بلا شحنة", "لم تُطلب")]
)
async def test_orders_without_a_shipment_come_first(
    browser: httpx.AsyncClient, order_id: int, language: str, words: str, never: str
) -> None:
    answer = await browser.get("/orders", headers={"Accept-Language": language})
    assert 200 == answer.status_code
    assert f'href="/orders/{order_id}"' in answer.text
    for text in (words, never):
        assert text in shown(answer)


@pytest.mark.usefixtures("daemon")
async def test_that_every_order_is_shipped_is_said(browser: httpx.AsyncClient) -> None:
    assert "every order of the last 30 days has its shipment" in shown(await browser.get("/orders"))


@pytest.mark.parametrize("text", ["500", "٥٠٠", "567", "4567", " 500 "])
async def test_an_order_is_found_by_its_number_or_the_end_of_its_phone(
    browser: httpx.AsyncClient, order_id: int, text: str
) -> None:
    answer = await browser.get("/orders", params={"find": text})
    assert (200, True) == (answer.status_code, f'href="/orders/{order_id}"' in answer.text)
    assert "0770" not in answer.text


@pytest.mark.usefixtures("order_id")
@pytest.mark.parametrize("text", ["12", "9" * 30, "<b>", "x" * 300, "'", "%", "\x00"])
async def test_a_text_that_finds_nothing_is_a_sentence_beside_it(browser: httpx.AsyncClient, text: str) -> None:
    for language in ("en", "ar"):
        answer = await browser.get("/orders", params={"find": text}, headers={"Accept-Language": language})
        assert 200 == answer.status_code
        assert 'href="/orders/500"' not in answer.text
        assert "<b>" not in answer.text


async def test_a_cursor_that_is_none_is_a_sentence(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/orders?cursor=nonsense")
    assert (200, True) == (answer.status_code, "cursor" in shown(answer))


@pytest.mark.parametrize(("language", "words"), [("en", "In the shop"), ("ar", "في المتجر")])
async def test_an_order_shows_the_shop_its_jobs_and_what_can_be_done(
    browser: httpx.AsyncClient, api: httpx.AsyncClient, daemon: Daemon, order_id: int, language: str, words: str
) -> None:
    job_id = await fail(api, daemon, order_id)
    answer = await browser.get(f"/orders/{order_id}", headers={"Accept-Language": language})
    text = shown(answer)
    for part in (words, "زينب حسن", "…567", "no <b>city</b>", f'href="/jobs/{job_id}"'):
        assert part in text, text
    assert "0770" not in text
    assert "<b>city" not in answer.text
    done = await send(browser, answer, "retry")
    assert (f"/orders/{order_id}", "available") == (
        done.url.path,
        (await api.get(f"/v1/jobs/{job_id}")).json()["state"],
    )


@pytest.mark.usefixtures("held")
async def test_an_order_that_is_held_leads_to_its_decision(browser: httpx.AsyncClient, order_id: int) -> None:
    answer = await browser.get(f"/orders/{order_id}")
    assert 'href="/shipments/500"' in answer.text
    assert "PK500" in shown(answer)
    assert "needs_person" not in answer.text


async def test_an_order_whose_queue_is_paused_is_resumed_from_its_page(
    browser: httpx.AsyncClient, api: httpx.AsyncClient, order_id: int
) -> None:
    await api.post("/v1/jobs", json={"task": SEND, "args": {"order_id": order_id}})
    await api.post("/v1/queues/high/pause")
    page = await browser.get(f"/orders/{order_id}")
    assert [{"queue": "high"}] == [
        {name: value for name, value in form.fields.items() if name in {"queue", "task", "entry"}}
        for form in forms_in(page.text, "/do/resume")
    ]
    assert "high goes on" in shown(await send(browser, page, "resume"))


async def test_an_order_nobody_knows_is_a_page(browser: httpx.AsyncClient) -> None:
    for path, status in {"/orders/12": 404, "/orders/0": 422, f"/orders/{10**40}": 422, "/orders/x": 404}.items():
        assert status == (await browser.get(path)).status_code


async def test_a_shop_that_cannot_be_read_leaves_the_page_standing(
    browser: httpx.AsyncClient, api: httpx.AsyncClient, daemon: Daemon, order_id: int
) -> None:
    await fail(api, daemon, order_id)
    await force(daemon.parts.shop, "ALTER TABLE orders RENAME TO elsewhere")
    listed = await browser.get("/orders")
    assert (200, True) == (listed.status_code, "orders" in shown(listed))
    assert "every order of the last 30 days has its shipment" not in shown(listed), "what is not known is not well"
    whole = await browser.get(f"/orders/{order_id}")
    assert (200, True) == (whole.status_code, "no <b>city</b>" in shown(whole))


async def test_a_later_page_without_orders_does_not_say_that_every_order_is_shipped(
    browser: httpx.AsyncClient, order_id: int
) -> None:
    answer = await browser.get("/orders", params={"cursor": str(order_id)})
    assert (200, False) == (answer.status_code, "has its shipment" in shown(answer))


async def test_a_button_of_an_order_acts_on_the_job_that_sends_it(
    browser: httpx.AsyncClient, api: httpx.AsyncClient, daemon: Daemon, order_id: int
) -> None:
    job_id = await fail(api, daemon, order_id)
    args = f'{{"order_id":{order_id}}}'
    await change(
        daemon.parts.store.path,
        "INSERT INTO jobs (task, args, queue, origin, state, tries, timeout_us, due_at, created_at, enqueued_at, "
        "finished_at, error) SELECT 'other', args, queue, origin, state, tries, timeout_us, due_at, created_at, "
        f"enqueued_at, finished_at, error FROM jobs WHERE args = '{args}'",
    )
    page = await browser.get(f"/orders/{order_id}")
    assert {str(job_id)} == {form.fields["id"] for form in forms_in(page.text, "/do/retry")}
