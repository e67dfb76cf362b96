"""Every act and its effect in the daemon, what is asked before, and every refusal with its cure."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio import to_thread

from paranad.cli.language import Language
from paranad.cli.screen.blocks import Line
from paranad.cli.screen.say import Pen, Text
from paranad.control.client import ControlClient
from paranad.control.daemon import Daemon
from paranad.errors import NotFound, NotPermitted
from paranad.sandbox.server import Sandbox
from paranad.web.actions import ACTIONS, perform
from paranad.web.page import Act, Form, Page, View
from paranad.web.question import Told
from tests.support.clock import START
from tests.support.control import ME, hold_as_repeat
from tests.support.courier import an_order
from tests.support.shop import make_order
from tests.support.sqlite_file import change

Do = Callable[..., Awaitable[Page | Told]]
HERE = "/jobs"


@pytest.fixture
def courier_url(sandbox: Sandbox) -> str:
    return sandbox.base_url


@pytest.fixture
def do(api: httpx.AsyncClient, socket_path: Path) -> Do:
    """Post a form as the page does."""
    client = ControlClient(socket_path)

    async def doing(
        name: str, *, decide: bool = True, language: Language = Language.ENGLISH, **form: str
    ) -> Page | Told:
        view = View(client, {}, START, language, decide)
        return await to_thread.run_sync(perform, name, view, client, form, HERE)

    return doing


async def enqueue(api: httpx.AsyncClient, task: str = "carts:expire", **asked: Any) -> int:
    return int((await api.post("/v1/jobs", json={"task": task, **asked})).json()["id"])


async def job(api: httpx.AsyncClient, job_id: int) -> dict[str, Any]:
    return dict((await api.get(f"/v1/jobs/{job_id}")).json())


async def failed_jobs(api: httpx.AsyncClient, daemon: Daemon, *tasks: str) -> list[int]:
    """Let a job of each task have failed."""
    ids = [
        await enqueue(api, task, args={"order_id": 7 + place} if task == SEND else {})
        for place, task in enumerate(tasks)
    ]
    at = "(SELECT max(created_at) FROM jobs)"
    await change(
        daemon.parts.store.path, f"UPDATE jobs SET state = 'failed', finished_at = {at}, error = 'odd', tries_spent = 1"
    )
    return ids


SEND = "alwaseet:create-shipment"


def words(answer: Page | Told, language: Language = Language.ENGLISH) -> str:
    """Return every sentence of an answer, one a line."""
    pieces = answer.lines if isinstance(answer, Told) else answer.pieces
    texts: list[Text] = [] if isinstance(answer, Told) else [answer.title]
    texts += [piece.text for piece in pieces if isinstance(piece, Line)]
    return "\n".join(Pen(language).line(text) for text in texts)


def form_in(answer: Page | Told) -> Form:
    """Return the form of a page that asks."""
    assert isinstance(answer, Page), words(answer)
    return next(piece for piece in answer.pieces if isinstance(piece, Form))


def answered(answer: Page | Told, **typed: str) -> dict[str, str]:
    """Return what the browser sends for the form of a page that asks."""
    form = form_in(answer)
    return {**form.act.fields, **{each.name: each.value for each in form.inputs}, **typed}


async def test_a_failed_job_is_put_back_and_a_second_click_says_what_is_so(
    do: Do, api: httpx.AsyncClient, daemon: Daemon
) -> None:
    (job_id,) = await failed_jobs(api, daemon, "carts:expire")
    assert f"job {job_id} is back" == words(await do("retry", id=str(job_id)))
    assert "available" == (await job(api, job_id))["state"]
    again = await do("retry", id=str(job_id))
    assert isinstance(again, Told)
    assert f"job {job_id} is available" in words(again)


async def test_all_failed_jobs_of_a_filter_are_put_back_once_that_is_confirmed(
    do: Do, api: httpx.AsyncClient, daemon: Daemon
) -> None:
    first, second, other = await failed_jobs(api, daemon, SEND, SEND, "carts:expire")
    asked = await do("retry-all", task=SEND)
    assert "Retry all of these failed jobs?\nback to their queue with fresh tries: 2 jobs\ntask: " + SEND == words(
        asked
    )
    assert "failed" == (await job(api, first))["state"]
    done = await do("retry-all", **answered(asked))
    assert {f"job {first} is back", f"job {second} is back"} == set(words(done).split("\n"))
    assert ["available", "available", "failed"] == [(await job(api, each))["state"] for each in (first, second, other)]
    assert "no failed job to retry" == words(await do("retry-all", **answered(asked)))


async def test_many_retried_jobs_are_counted(do: Do, api: httpx.AsyncClient, daemon: Daemon) -> None:
    await failed_jobs(api, daemon, *[SEND] * 7)
    assert "put back: 7 jobs" == words(await do("retry-all", sure="1"))


async def test_a_job_is_cancelled_once_that_is_confirmed(do: Do, api: httpx.AsyncClient) -> None:
    job_id = await enqueue(api)
    asked = await do("cancel", id=str(job_id))
    assert f"Cancel job {job_id}?" in words(asked)
    assert "available" == (await job(api, job_id))["state"]
    assert f"job {job_id} is cancelled" == words(await do("cancel", **answered(asked)))
    assert "cancelled" == (await job(api, job_id))["state"]
    assert f"job {job_id} is cancelled, so it cannot be cancelled" in words(await do("cancel", **answered(asked)))


async def test_a_failed_job_is_forgotten_and_its_page_is_left(do: Do, api: httpx.AsyncClient, daemon: Daemon) -> None:
    (job_id,) = await failed_jobs(api, daemon, "carts:expire")
    asked = await do("forget", id=str(job_id))
    assert "cannot be retried afterwards" in words(asked)
    done = await do("forget", **answered(asked))
    assert isinstance(done, Told)
    assert ("/failed", 404) == (done.href, (await api.get(f"/v1/jobs/{job_id}")).status_code)
    assert f"job {job_id}" in words(await do("forget", **answered(asked)))


async def test_an_entry_runs_and_a_second_click_joins_its_job(do: Do, api: httpx.AsyncClient) -> None:
    first = words(await do("run", entry="carts:expire"))
    assert first.endswith("is enqueued")
    assert first.replace("is enqueued", "already does it") == words(await do("run", entry="carts:expire"))


@pytest.mark.parametrize("name", ["carts:expire", "night/backup"])
async def test_an_entry_is_paused_and_resumed(do: Do, api: httpx.AsyncClient, name: str) -> None:
    async def paused() -> list[bool]:
        entries = (await api.get("/v1/schedule")).json()["items"]
        return [entry["paused"] for entry in entries if entry["name"] == name]

    asked = await do("pause", entry=name)
    assert [False] == await paused()
    assert f"{name} is paused" == words(await do("pause", **answered(asked)))
    assert f"{name} is paused" == words(await do("pause", **answered(asked)))
    assert [True] == await paused()
    assert f"{name} goes on" == words(await do("resume", entry=name))
    assert [False] == await paused()


async def test_a_pause_is_asked_for_how_long_and_why(do: Do, api: httpx.AsyncClient) -> None:
    asked = await do("pause", queue="high")
    assert ["for", "until", "reason"] == [each.name for each in form_in(asked).inputs]
    wrong = await do("pause", **answered(asked, until="yesterday", reason="the courier moves"))
    assert 'got "yesterday"' in words(wrong)
    assert "the courier moves" == {each.name: each.value for each in form_in(wrong).inputs}["reason"]
    await do("pause", **answered(wrong, until="", **{"for": "2h"}))

    [pause] = [each["pause"] for each in (await api.get("/v1/status")).json()["queues"] if each["name"] == "high"]
    assert ("2026-03-02T14:00:00+03:00", "the courier moves", ME) == (pause["until"], pause["reason"], pause["by"])


async def test_everything_is_paused_by_one_act_and_goes_on(do: Do, api: httpx.AsyncClient) -> None:
    assert words(await do("pause")).startswith("Pause everything?\n")
    assert "everything is paused" == words(await do("pause", reason="stocktaking"))
    assert "stocktaking" == (await api.get("/v1/status")).json()["pause"]["reason"]
    assert "everything is paused, and goes on" in words(await do("resume"))
    await do("resume", sure="1")
    assert (await api.get("/v1/status")).json()["pause"] is None


async def test_a_queue_is_paused_and_all_go_on(do: Do, api: httpx.AsyncClient) -> None:
    async def paused() -> list[str]:
        return [queue["name"] for queue in (await api.get("/v1/status")).json()["queues"] if queue["paused"]]

    assert "high is paused" == words(await do("pause", queue="high", sure="1"))
    assert f"{SEND} is paused" == words(await do("pause", task=SEND, sure="1"))
    await api.post("/v1/drain")
    assert "carts:expire is paused" == words(await do("pause", entry="carts:expire", sure="1"))
    asked = await do("resume")
    assert (
        "Let everything go on?\nthe daemon takes no new jobs, and will again\n"
        f"paused queues, which go on: high\npaused tasks, which go on: {SEND}\n"
        "paused schedule entries, which go on: carts:expire"
    ) == words(asked)
    assert ["high"] == await paused()
    assert "all queues, tasks and schedule entries go on" == words(await do("resume", **answered(asked)))
    assert [] == await paused()
    assert "nothing was paused" == words(await do("resume"))


async def test_a_kind_of_alert_is_muted_and_told_again(do: Do, api: httpx.AsyncClient) -> None:
    async def muted() -> list[str]:
        return [each["kind"] for each in (await api.get("/v1/alerts")).json()["muted"]]

    assert "nobody is told of shipment-held until " in words(await do("mute", kind="shipment-held", **{"for": "2h"}))
    assert ["shipment-held"] == await muted()
    assert words(await do("unmute", kind="shipment-held")).startswith("shipment-held is no longer muted; ")
    assert [] == await muted()
    assert "shipment-held is not muted" in words(await do("unmute", kind="shipment-held"))


async def test_a_length_that_is_none_stays_in_its_line(do: Do) -> None:
    refused = await do("mute", kind="shipment-held", **{"for": "365d"})
    assert "for: expected at most 30 days, got 365d" in words(refused)
    assert ["365d"] == [each.value for each in form_in(refused).inputs]


async def test_a_sync_is_enqueued_once(do: Do) -> None:
    first = words(await do("sync"))
    assert first.endswith("is enqueued: sync of all orders")
    assert "already does it" in words(await do("sync"))


@pytest.mark.usefixtures("held")
async def test_reconcile_says_what_it_brought(do: Do) -> None:
    assert "looked at 1, settled 0, held 1, waiting 0" in words(await do("reconcile"))


@pytest.mark.usefixtures("held")
async def test_a_held_shipment_is_settled_once_that_is_confirmed(
    do: Do, api: httpx.AsyncClient, daemon: Daemon, sandbox: Sandbox
) -> None:
    await make_order(daemon.parts.shop, id=500)
    parcel = sandbox.add_order(an_order())
    asked = await do("settle", order="500", courier_id=parcel.id)
    assert f"Is courier order {parcel.id} the shipment of order 500?" in words(asked)
    assert "held" == (await api.get("/v1/shipments/500")).json()["state"]
    done = f"courier order {parcel.id} is the shipment of order 500"
    assert done == words(await do("settle", **answered(asked)))
    assert done == words(await do("settle", **answered(asked)))
    shipment = (await api.get("/v1/shipments/500")).json()
    assert ("recorded", parcel.id) == (shipment["state"], shipment["courier_id"])


@pytest.mark.usefixtures("held")
async def test_what_the_courier_does_not_confirm_is_asked_again(do: Do, api: httpx.AsyncClient, daemon: Daemon) -> None:
    await make_order(daemon.parts.shop, id=500)
    refused = await do("settle", **answered(await do("settle", order="500", courier_id="٨١٢٣٤")))
    assert isinstance(refused, Page)
    assert (409, "held") == (refused.status, (await api.get("/v1/shipments/500")).json()["state"])
    assert "the courier does not confirm that courier order 81234" in words(refused)
    asked = await do("settle", **answered(refused))
    assert "it is taken although the courier does not confirm it" in words(asked)
    assert "is the shipment of order 500" in words(await do("settle", **answered(asked)))
    assert (await api.get("/v1/shipments/500")).json()["unconfirmed"]


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("got", ["abc", "0", "-1", "9" * 40, "1 2", "<b>"])
async def test_a_courier_id_that_is_none_stays_in_its_line(do: Do, got: str) -> None:
    refused = await do("settle", order="500", courier_id=got)
    assert "courier_id: expected a whole number" in words(refused)
    assert [got] == [each.value for each in form_in(refused).inputs]
    assert "المتوقع عدد صحيح" in words(
        await do("settle", order="500", courier_id=got, language=Language.ARABIC), Language.ARABIC
    )


@pytest.mark.usefixtures("held")
async def test_a_shipment_is_sent_again_once_the_order_is_typed(do: Do, api: httpx.AsyncClient) -> None:
    asked = await do("resend", order="500")
    assert "the customer gets two parcels" in words(asked)
    for wrong in ("", "501", "yes"):
        asked = await do("resend", **answered(asked, typed=wrong))
        assert f'nothing was done: expected 500 to be typed, got "{wrong}"' in words(asked)
    assert "held" == (await api.get("/v1/shipments/500")).json()["state"]
    done = "order 500 is sent, once"
    assert done == words(await do("resend", **answered(asked, typed=" ٥٠٠ ")))
    assert "withdrawn" == (await api.get("/v1/shipments/500")).json()["state"]
    assert done == words(await do("resend", **answered(asked, typed="500")))
    jobs = (await api.get("/v1/jobs", params={"task": SEND})).json()["items"]
    assert [{"order_id": 500}] == [each["args"] for each in jobs]


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("language", list(Language))
async def test_a_repeat_is_sent_too(do: Do, daemon: Daemon, api: httpx.AsyncClient, language: Language) -> None:
    await hold_as_repeat(daemon)
    asked = await do("resend", order="500", language=language)
    too = {Language.ENGLISH: "Send order 500 too?", Language.ARABIC: "هل يُرسل الطلب 500 أيضاً؟"}[language]
    assert too in words(asked, language)
    await do("resend", **answered(asked, typed="500"))
    assert "withdrawn" == (await api.get("/v1/shipments/500")).json()["state"]


@pytest.mark.parametrize("name", ["settle", "resend", "send", "cancel", "forget"])
async def test_decisions_stay_with_the_terminal_where_they_are_not_offered(do: Do, name: str) -> None:
    with pytest.raises(NotPermitted, match="settle, resend, send, cancel and forget stay with paranadctl"):
        await do(name, order="500", id="1", courier_id="1", sure="1", typed="500", decide=False)


@pytest.mark.parametrize("name", ["flush", "drain", "__init__", "", "retry_all", "پ"])
async def test_an_act_that_is_not_listed_does_not_exist(do: Do, name: str) -> None:
    with pytest.raises(NotFound):
        await do(name)


@pytest.mark.parametrize(
    ("name", "form", "said"),
    [
        ("retry", {}, "id is missing"),
        ("retry", {"id": "x"}, 'id: expected a whole number from 1 on, got "x"'),
        ("retry", {"id": "9" * 30}, "id: expected a whole number"),
        ("retry", {"id": "12"}, "12"),
        ("cancel", {"id": "12"}, "12"),
        ("forget", {"id": "12"}, "12"),
        ("run", {"entry": "no:such"}, "no:such"),
        ("pause", {"entry": "no:such", "sure": "1"}, "no:such"),
        ("pause", {"queue": "no-such", "sure": "1"}, "no-such"),
        ("pause", {"queue": "high", "until": "noon"}, 'got "noon"'),
        ("pause", {"queue": "high", "for": "2h", "until": "06:00"}, "leave one of them out"),
        ("pause", {"entry": "carts:expire", "queue": "high"}, "is missing"),
        ("mute", {"kind": "shipment-holt", "for": "2h"}, 'did you mean "shipment-held"?'),
        ("mute", {"kind": "shipment-held"}, "for is missing"),
        ("retry", {"id": "1", "task": "x"}, "unexpected: task"),
        ("retry-all", {"task": "no:such"}, "no:such"),
        ("resend", {"order": "501"}, "501"),
    ],
)
async def test_what_cannot_be_done_is_a_sentence(do: Do, name: str, form: dict[str, str], said: str) -> None:
    answer = await do(name, **form)
    assert said in words(answer)
    arabic = words(await do(name, language=Language.ARABIC, **form), Language.ARABIC)
    assert re.search("[\u0620-\u064a]{2}", arabic), "in Arabic words, with a cure where there is one"


async def test_an_act_is_kept_to_be_asked_again_while_the_daemon_is_away(tmp_path: Path) -> None:
    client = ControlClient(tmp_path / "nobody.sock")
    view = View(client, {}, START, Language.ENGLISH, decide=True)
    answer = await to_thread.run_sync(perform, "retry", view, client, {"id": "12"}, HERE)
    assert "no daemon" in words(answer) or "start" in words(answer)
    form = form_in(answer)
    assert isinstance(answer, Page)
    assert 503 == answer.status
    assert (Act("retry", form.act.label, {"id": "12"}), HERE) == (form.act, form.back)


async def test_order_that_nothing_asked_for_is_sent_after_a_question(do: Do, api: httpx.AsyncClient) -> None:
    asked = await do("send", order="31")
    assert isinstance(asked, Page)
    assert [] == (await api.get("/v1/jobs")).json()["items"]
    done = await do("send", order="31", sure="1")
    assert isinstance(done, Told)
    [sent] = (await api.get("/v1/jobs")).json()["items"]
    assert (SEND, {"order_id": 31}) == (sent["task"], sent["args"])


@pytest.mark.usefixtures("held")
async def test_a_shipment_that_just_became_held_is_asked_for_however_the_page_saw_it(
    api: httpx.AsyncClient, socket_path: Path
) -> None:
    """What the open pages share may be a second old; what is asked is asked of the daemon."""

    class Recorded:
        def get(self, *path: str | int, **_: str | int | None) -> Any:
            raise AssertionError(f"{path} was read from what pages share")

    view, client = View(Recorded(), {}, START, Language.ENGLISH, decide=True), ControlClient(socket_path)
    asked = await to_thread.run_sync(perform, "resend", view, client, {"order": "500"}, HERE)
    assert "Send order 500 again?" in words(asked)
    assert "held" == (await api.get("/v1/shipments/500")).json()["state"]


@pytest.mark.parametrize("name", ["cancel", "forget"])
async def test_what_ends_a_job_asks_in_whatever_state_it_is(do: Do, api: httpx.AsyncClient, name: str) -> None:
    job_id = await enqueue(api)
    if name == "cancel":
        await do("cancel", id=str(job_id), sure="1")
    asked = await do(name, id=str(job_id))
    assert isinstance(asked, Page)
    refused = await do(name, **answered(asked))
    assert isinstance(refused, Told)
    assert f"job {job_id} is " in words(refused)


async def test_what_a_person_put_off_is_not_counted_among_what_is_woken(
    do: Do, api: httpx.AsyncClient, daemon: Daemon
) -> None:
    snoozed, _ = [await enqueue(api, SEND, args={"order_id": each}, delay=600) for each in (1, 2)]
    assert "no job waits" == words(await do("wake"))
    await change(daemon.parts.store.path, f"UPDATE jobs SET attempt = 1, started_at = created_at WHERE id = {snoozed}")
    asked = await do("wake")
    assert "scheduled: 1 job\n" in words(asked)
    assert "due now: 1 job" == words(await do("wake", **answered(asked)))


async def test_nothing_to_retry_or_to_wake_is_said(do: Do) -> None:
    assert "no failed job to retry" == words(await do("retry-all"))
    assert "no job waits" == words(await do("wake"))


def test_every_act_of_the_issue_is_there() -> None:
    asked = "retry retry-all wake cancel run pause resume settle resend reconcile sync forget send mute unmute"
    assert set(asked.split()) == set(ACTIONS)
