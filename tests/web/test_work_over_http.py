"""The pages of work over real sockets, as a browser without JavaScript has them: each page, act and refusal."""

import asyncio
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from paranad.control.daemon import Daemon
from paranad.sandbox.server import Sandbox
from tests.support.courier import an_order
from tests.support.forms import forms_in, send
from tests.support.shop import make_order
from tests.support.sqlite_file import change
from tests.web.conftest import opened

SEND = "alwaseet:create-shipment"
LANGUAGES = ["en", "ar"]


@pytest.fixture
def courier_url(sandbox: Sandbox) -> str:
    return sandbox.base_url


@pytest.fixture
async def browser(api: httpx.AsyncClient, socket_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(socket_path) as browser:
        yield browser


async def enqueue(api: httpx.AsyncClient, task: str = "carts:expire", **asked: Any) -> int:
    return int((await api.post("/v1/jobs", json={"task": task, **asked})).json()["id"])


async def failed_job(api: httpx.AsyncClient, daemon: Daemon, order_id: int = 7) -> int:
    job_id = await enqueue(api, SEND, args={"order_id": order_id})
    await change(
        daemon.parts.store.path,
        f"UPDATE jobs SET state = 'failed', finished_at = created_at, tries_spent = 1, error = '<i>odd</i>'"
        f" WHERE id = {job_id}",
    )
    return job_id


async def state_of(api: httpx.AsyncClient, job_id: int) -> str:
    return str((await api.get(f"/v1/jobs/{job_id}")).json()["state"])


def shown(answer: httpx.Response) -> str:
    return unescape(answer.text)


PAGES = {
    "/shipments": ("500", "500"),
    "/shipments?state=held": ("PK500", "موقوفة بانتظار قرار"),
    "/shipments/500": ("90000018", "طلب شركة التوصيل"),
    "/failed": ("<i>odd</i>", "إعادة الكل"),
    "/jobs": ("carts:expire", "جاهزة"),
    "/jobs?state=failed&queue=high": ("<i>odd</i>", "فاشلة"),
    "/jobs/1": ("likely cause", "السبب المحتمل"),
    "/jobs/2": ("available", "جاهزة"),
    "/schedule": ("Every 5 minutes", "كل 5 دقائق"),
    "/schedule/carts:expire": ("time zone", "المنطقة الزمنية"),
    "/schedule/night%2Fbackup": ("night/backup", "night/backup"),
    "/tasks": ("carts:expire", "carts:expire"),
    "/tasks/carts%3Aexpire": ("one job", "الطابور"),
    "/settings": ("alwaseet_auto_create_shipment", "alwaseet_auto_create_shipment"),
    "/settings/alwaseet_auto_create_shipment": ("change it:", "لتغييره"),
}
"""Each page with what it must show in English and in Arabic."""


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(("path", "texts"), PAGES.items())
async def test_every_page_answers_in_both_languages(
    browser: httpx.AsyncClient, api: httpx.AsyncClient, daemon: Daemon, path: str, texts: tuple[str, str]
) -> None:
    assert (1, 2) == (await failed_job(api, daemon), await enqueue(api))
    for language, text in zip(LANGUAGES, texts, strict=True):
        answer = await browser.get(path, headers={"Accept-Language": language})
        assert (200, True) == (answer.status_code, text in shown(answer)), shown(answer)
        assert f'lang="{language}"' in answer.text
        assert "<i>odd" not in answer.text, "what comes from outside is text"


@pytest.mark.parametrize(
    "path",
    [
        "/jobs?state=lost&task=no:such&queue=%00&order=x&text=%f0%9f&cursor=%ff",
        f"/jobs?cursor={'9' * 400}",
        "/failed?task=no:such",
        "/shipments?state=%3Cscript%3E",
        "/schedule/carts:expire?cursor=x",
    ],
)
async def test_a_filter_of_nonsense_is_a_page(browser: httpx.AsyncClient, path: str) -> None:
    for language in LANGUAGES:
        answer = await browser.get(path, headers={"Accept-Language": language})
        assert 200 == answer.status_code
        assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/jobs/99",
        f"/jobs/{10**40}",
        "/jobs/0",
        "/shipments/99",
        "/schedule/no:such",
        "/tasks/no:such",
        "/settings/no_such",
        "/jobs/x",
        "/shipments/-1",
    ],
)
async def test_what_is_not_there_is_a_page_too(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code in {404, 422}
    assert "<h1>" in answer.text


async def test_a_failed_job_is_retried_from_the_list_and_a_double_click_does_no_harm(
    browser: httpx.AsyncClient, api: httpx.AsyncClient, daemon: Daemon
) -> None:
    job_id = await failed_job(api, daemon)
    page = await browser.get("/failed")
    first = await send(browser, page, "retry")
    assert ("/failed", True) == (first.url.path, f"job {job_id} is back" in shown(first))
    second = await send(browser, page, "retry")
    assert f"job {job_id} is available" in shown(second)
    assert f"job {job_id} is available" not in shown(await browser.get("/failed")), "it is said once"
    assert "available" == await state_of(api, job_id)


async def test_two_clicks_at_once_put_a_job_back_once(
    browser: httpx.AsyncClient, api: httpx.AsyncClient, daemon: Daemon
) -> None:
    job_id = await failed_job(api, daemon)
    page = await browser.get("/failed")
    answers = await asyncio.gather(*(send(browser, page, "retry") for _ in range(4)))
    said = " ".join(map(shown, answers))
    assert (1, "available") == (said.count(f"job {job_id} is back"), await state_of(api, job_id))


async def test_all_of_a_filter_are_retried_after_a_question(
    browser: httpx.AsyncClient, api: httpx.AsyncClient, daemon: Daemon
) -> None:
    ids = [await failed_job(api, daemon, order) for order in (7, 8)]
    page = await browser.get(f"/failed?task={SEND}")
    question = await send(browser, page, "retry-all")
    assert "2 jobs" in shown(question)
    assert ["failed", "failed"] == [await state_of(api, each) for each in ids]
    done = await send(browser, question, "retry-all")
    assert f"/failed?task={SEND}" == str(done.url.raw_path, "ascii").replace("%3A", ":")
    assert ["available", "available"] == [await state_of(api, each) for each in ids]


async def test_waiting_jobs_are_woken_one_by_one_or_all(
    browser: httpx.AsyncClient, api: httpx.AsyncClient, daemon: Daemon
) -> None:
    one, other, put_off = [await enqueue(api, SEND, args={"order_id": each}, delay=600) for each in (1, 2, 3)]
    await change(
        daemon.parts.store.path,
        f"UPDATE jobs SET state = 'retryable', attempt = 1, started_at = created_at, error = 'odd' "
        f"WHERE id IN ({one}, {other})",
    )
    woken = await send(browser, await browser.get(f"/jobs/{one}"), "wake")
    assert f"job {one} is due now" in shown(woken)
    question = await send(browser, await browser.get(f"/jobs?state=retryable&task={SEND}"), "wake")
    assert "Run all of these waiting jobs now?" in shown(question)
    assert "due now: 1 job" in shown(await send(browser, question, "wake"))
    due = {each["id"]: each["due_at"] for each in (await api.get("/v1/jobs")).json()["items"]}
    assert due[one] == due[other] < due[put_off]
    await change(daemon.parts.store.path, "UPDATE jobs SET state = 'available'")
    assert "no job waits" in shown(await send(browser, question, "wake"))


async def test_a_job_is_cancelled_and_another_forgotten_after_a_question(
    browser: httpx.AsyncClient, api: httpx.AsyncClient, daemon: Daemon
) -> None:
    failed, waiting = await failed_job(api, daemon), await enqueue(api, delay=60)
    question = await send(browser, await browser.get(f"/jobs/{waiting}"), "cancel")
    assert "scheduled" == await state_of(api, waiting)
    done = await send(browser, question, "cancel")
    assert (f"/jobs/{waiting}", "cancelled") == (done.url.path, await state_of(api, waiting))
    done = await send(browser, await send(browser, await browser.get(f"/jobs/{failed}"), "forget"), "forget")
    assert ("/failed", True) == (done.url.path, f"job {failed} is forgotten" in shown(done))


async def test_an_entry_is_run_paused_and_resumed(browser: httpx.AsyncClient, api: httpx.AsyncClient) -> None:
    page = await browser.get("/schedule/night%2Fbackup")
    paused = await send(browser, await send(browser, page, "pause"), "pause")
    assert "night/backup is paused" in shown(paused)
    assert [] == forms_in(paused.text, "/do/pause")
    assert "night/backup goes on" in shown(await send(browser, paused, "resume"))
    carts = await browser.get("/schedule/carts:expire")
    assert "is enqueued" in shown(await send(browser, carts, "run"))
    assert "already does it" in shown(await send(browser, carts, "run"))
    assert 1 == len((await api.get("/v1/jobs", params={"task": "carts:expire"})).json()["items"])


async def test_a_task_is_paused_and_resumed(browser: httpx.AsyncClient, api: httpx.AsyncClient) -> None:
    async def paused() -> list[str]:
        return [each["name"] for each in (await api.get("/v1/tasks")).json()["items"] if each["paused"]]

    answer = await send(browser, await send(browser, await browser.get(f"/tasks/{SEND}"), "pause"), "pause")
    assert ([SEND], True) == (await paused(), f"{SEND} is paused" in shown(answer))
    await send(browser, answer, "resume")
    assert [] == await paused()


@pytest.mark.usefixtures("held")
async def test_a_held_shipment_is_settled_beside_its_candidates(
    browser: httpx.AsyncClient, api: httpx.AsyncClient, daemon: Daemon, sandbox: Sandbox
) -> None:
    await make_order(daemon.parts.shop, id=500)
    parcel = sandbox.add_order(an_order())
    page = await browser.get("/shipments/500")
    question = await send(browser, page, "settle", courier_id=parcel.id)
    assert f"Is courier order {parcel.id} the shipment of order 500?" in shown(question)
    done = await send(browser, question, "settle")
    assert ("/shipments/500", True) == (done.url.path, "is the shipment of order 500" in shown(done))
    again = await send(browser, question, "settle")
    assert "is the shipment of order 500" in shown(again)
    assert "recorded" == (await api.get("/v1/shipments/500")).json()["state"]


@pytest.mark.usefixtures("held")
async def test_a_doubtful_courier_id_is_asked_about_twice(
    browser: httpx.AsyncClient, api: httpx.AsyncClient, daemon: Daemon
) -> None:
    await make_order(daemon.parts.shop, id=500)
    page = await browser.get("/shipments/500")
    refused = await send(browser, page, "settle", courier_id="nonsense")
    assert 422 == refused.status_code
    assert ["nonsense"] == [form.fields["courier_id"] for form in forms_in(refused.text, "/do/settle")]
    question = await send(browser, refused, "settle", courier_id="81234")
    doubt = await send(browser, question, "settle")
    assert (409, True) == (doubt.status_code, "the courier does not confirm" in shown(doubt))
    assert "held" == (await api.get("/v1/shipments/500")).json()["state"]
    await send(browser, await send(browser, doubt, "settle"), "settle")
    assert (await api.get("/v1/shipments/500")).json()["unconfirmed"]


@pytest.mark.usefixtures("held")
async def test_a_held_shipment_is_sent_again_once_its_number_is_typed(
    browser: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    question = await send(browser, await browser.get("/shipments/500"), "resend")
    wrong = await send(browser, question, "resend", typed="5000")
    assert "expected 500 to be typed" in shown(wrong)
    assert "held" == (await api.get("/v1/shipments/500")).json()["state"]
    done = await send(browser, wrong, "resend", typed="500")
    assert ("/shipments/500", "withdrawn") == (done.url.path, (await api.get("/v1/shipments/500")).json()["state"])


async def test_sync_and_reconcile_are_asked_for(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/shipments")
    assert "sync of all orders" in shown(await send(browser, page, "sync"))
    assert "looked at 0" in shown(await send(browser, page, "reconcile"))


async def test_a_change_that_is_not_listed_does_not_exist(browser: httpx.AsyncClient) -> None:
    form = forms_in((await browser.get("/shipments")).text, "/do/sync")[0]
    assert 404 == (await browser.post("/do/drain", data=form.fields)).status_code
    assert 404 == (await browser.post("/do/", data=form.fields)).status_code
    assert 405 == (await browser.get("/do/sync")).status_code
    for method in ("PUT", "PATCH", "DELETE"):
        assert 405 == (await browser.request(method, "/do/sync")).status_code
    assert 405 == (await browser.post("/jobs/1", data=form.fields)).status_code


async def test_back_leads_nowhere_else(browser: httpx.AsyncClient) -> None:
    form = forms_in((await browser.get("/shipments")).text, "/do/sync")[0]
    for back in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:1"):
        answer = await browser.post("/do/sync", data={**form.fields, "back": back})
        assert (303, "/") == (answer.status_code, answer.headers["location"])
