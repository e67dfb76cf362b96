"""The pages of jobs, shipments, the schedule and the doctor: what each shows in both languages, and nonsense asked."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from anyio import to_thread

from paranad.alerts.kinds import IncidentKind
from paranad.cli.language import Language
from paranad.clock import SystemClock
from paranad.control.client import ControlClient
from paranad.control.daemon import Daemon
from paranad.errors import DaemonUnreachable, NotFound, ParanadError
from paranad.said import plain
from paranad.sandbox.server import Sandbox
from paranad.schedule.entries import CatchUp, Overlap
from paranad.shop.tables import alwaseet_shipments
from paranad.web.page import Act, Choice, Form, Page, View
from paranad.web.pages.alerts import alerts
from paranad.web.pages.doctor import doctor
from paranad.web.pages.jobs import failed, job, jobs
from paranad.web.pages.orders import order
from paranad.web.pages.schedule import entry, schedule
from paranad.web.pages.shipments import shipment, shipments
from paranad.web.pages.tasks import task
from tests.schedule.bench import entry as made_entry
from tests.support.clock import START, ManualClock
from tests.support.control import ME, hold_as_repeat, skip_carts, working
from tests.support.pages import acts_of, hrefs_of, next_page, read
from tests.support.shop import Item, make, make_order, make_size, set_setting
from tests.support.sqlite_file import change

Open = Callable[..., Awaitable[Page]]
LANGUAGES = list(Language)
SEND = "alwaseet:create-shipment"


@pytest.fixture
def opened(api: httpx.AsyncClient, socket_path: Path) -> Open:
    """Make a page from the daemon's answers."""
    client = ControlClient(socket_path)

    async def opening(
        show: Callable[..., Page],
        *named: Any,
        query: str = "",
        language: Language = Language.ENGLISH,
        decide: bool = True,
    ) -> Page:
        view = View(client, dict(parse_qsl(query, keep_blank_values=True)), START, language, decide)
        return await to_thread.run_sync(show, view, *named)

    return opening


async def enqueue(api: httpx.AsyncClient, task: str = "carts:expire", **asked: Any) -> int:
    return int((await api.post("/v1/jobs", json={"task": task, **asked})).json()["id"])


def kind_to_mute(page: Page) -> Choice:
    """Return the list of kinds in the form that mutes one."""
    form = next(piece for piece in page.pieces if isinstance(piece, Form))
    kind = form.inputs[0]
    assert isinstance(kind, Choice)
    return kind


@pytest.mark.parametrize("language", LANGUAGES)
async def test_alerts_say_what_stands_and_what_is_muted(
    opened: Open, api: httpx.AsyncClient, daemon: Daemon, language: Language
) -> None:
    facts = {"order_id": 7, "reference": "P7-ABCD", "reason": plain("two fit")}
    daemon.parts.alerts.incidents.begin(IncidentKind.SHIPMENT_HELD, "7", facts)
    page = await opened(alerts, language=language)
    said = read(page, language)
    assert ("two fit" in said, "paranadctl shipments show 7" in said) == (True, True)
    assert "shipment-held" == kind_to_mute(page).value, "what stands is offered first"
    await api.post("/v1/alerts/shipment-held/mute", json={"for": "2h"})
    muted = await opened(alerts, language=language)
    assert ["unmute"] == [act.name for act in acts_of(muted) if act.name != "mute"]
    assert ("Muted" if language is Language.ENGLISH else "المكتوم") in read(muted, language)
    assert "shipment-held" not in dict(kind_to_mute(muted).options)


async def sent(api: httpx.AsyncClient, order_id: int) -> int:
    return await enqueue(api, SEND, args={"order_id": order_id})


async def fail(daemon: Daemon, *ids: int) -> None:
    """Let jobs have failed with an attempt each."""
    which = ", ".join(map(str, ids))
    await change(
        daemon.parts.store.path,
        f"""
        UPDATE jobs SET state = 'failed', started_at = created_at, finished_at = created_at, tries_spent = 1,
        error = 'order 7: no such city' WHERE id IN ({which});
        INSERT INTO attempts (job_id, number, started_at, finished_at, outcome, counted, error)
        SELECT id, 1, created_at, created_at, 'failed', 1, 'order 7: no such city' FROM jobs WHERE id IN ({which});
        """,
    )


async def test_jobs_are_filtered_and_paged(opened: Open, api: httpx.AsyncClient) -> None:
    ids = [await sent(api, order) for order in range(1, 31)]
    first = await opened(jobs, query=f"state=available&task={SEND}")
    assert [f"/jobs/{each}" for each in reversed(ids[5:])] == hrefs_of(first)
    href = next_page(first)
    assert href is not None
    assert {"state": "available", "task": SEND, "cursor": str(ids[5])} == dict(parse_qsl(urlsplit(href).query))
    second = await opened(jobs, query=urlsplit(href).query)
    assert [f"/jobs/{each}" for each in reversed(ids[:5])] == hrefs_of(second)
    assert next_page(second) is None


async def test_jobs_are_found_by_order_and_by_text(opened: Open, api: httpx.AsyncClient, daemon: Daemon) -> None:
    seventh, eighth = await sent(api, 7), await sent(api, 8)
    await fail(daemon, eighth)
    for query, expected in {"order=7": seventh, "order=%D9%A7": seventh, "text=no+such+city": eighth}.items():
        page = await opened(jobs, query=query)
        assert [f"/jobs/{expected}"] == hrefs_of(page), query
    assert [False, True] == [(await opened(jobs, query=query)).slowly for query in ("order=7", "text=x")]
    narrowed = read(await opened(jobs, query="text=%3Cb%3E&order=7"))
    assert {"<b>", "7"} <= set(narrowed.split("\n")), "what was typed stays"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_jobs_are_listed_in_words(opened: Open, api: httpx.AsyncClient, language: Language) -> None:
    job_id = await sent(api, 7)
    text = read(await opened(jobs, language=language), language)
    words = {Language.ENGLISH: "available", Language.ARABIC: "جاهزة"}[language]
    assert f"{job_id}  {words}  {SEND}" in text


NONSENSE = [
    ("state=lost", "state: expected"),
    ("state=%00%0a%3Cb%3E", "state: expected"),
    ("task=no:such", "no:such"),
    ("queue=no-such", "no-such"),
    ("cursor=x", "cursor: expected"),
    ("cursor=-1", "cursor: expected"),
    (f"cursor={'9' * 30}", "cursor: expected"),
    (f"task={'x' * 300}", "task: "),
]


@pytest.mark.parametrize(
    ("show", "query", "said"),
    [(jobs, *each) for each in NONSENSE] + [(failed, *each) for each in NONSENSE if "state" not in each[0]],
)
async def test_a_filter_of_nonsense_is_a_sentence_beside_the_filter(
    opened: Open, show: Callable[..., Page], query: str, said: str
) -> None:
    page = await opened(show, query=query)
    assert said in read(page)
    arabic = read(await opened(show, query=query, language=Language.ARABIC), Language.ARABIC)
    assert any(words in arabic for words in ("المتوقع", "لا توجد مهام باسم", "الحل: ", "والواصل"))
    value = dict(parse_qsl(query)).get("task") or dict(parse_qsl(query)).get("queue") or ""
    assert value in read(page)


async def test_a_cursor_of_jobs_that_are_gone_is_an_empty_page(opened: Open) -> None:
    assert "no such job" in read(await opened(jobs, query="cursor=1"))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_job_shows_its_attempts_and_what_can_be_done(
    opened: Open, api: httpx.AsyncClient, daemon: Daemon, language: Language
) -> None:
    job_id = await sent(api, 7)
    await fail(daemon, job_id)
    page = await opened(job, job_id, language=language)
    text = read(page, language)
    assert "order 7: no such city" in text
    assert {Language.ENGLISH: "likely cause: ", Language.ARABIC: "السبب المحتمل: "}[language] in text
    assert [("retry", str(job_id)), ("forget", str(job_id))] == [
        (each.name, each.fields["id"]) for each in acts_of(page)
    ]
    assert ["/orders/7", f"/log?job={job_id}"] == hrefs_of(page)


async def test_acts_of_a_job_follow_its_state(opened: Open, api: httpx.AsyncClient, daemon: Daemon) -> None:
    job_id = await enqueue(api, delay=60)

    async def offered() -> list[str]:
        return [each.name for each in acts_of(await opened(job, job_id))]

    assert ["wake", "cancel"] == await offered()
    assert ["wake"] == [each.name for each in acts_of(await opened(job, job_id, decide=False))]
    await change(daemon.parts.store.path, "UPDATE jobs SET state = 'available'")
    assert ["cancel"] == await offered()
    await change(
        daemon.parts.store.path,
        "UPDATE jobs SET state = 'completed', finished_at = created_at, started_at = created_at",
    )
    assert [] == await offered()


@pytest.mark.parametrize("id_", [12, 2**63, 10**40])
async def test_a_job_that_is_not_there_is_an_error_of_the_daemons(opened: Open, id_: int) -> None:
    with pytest.raises(ParanadError) as caught:
        await opened(job, id_)
    assert caught.value.status in {404, 422}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_failed_jobs_are_retried_one_by_one_or_all_of_a_filter(
    opened: Open, api: httpx.AsyncClient, daemon: Daemon, language: Language
) -> None:
    first, second = await sent(api, 7), await enqueue(api)
    await fail(daemon, first, second)
    page = await opened(failed, language=language)
    assert ["retry-all", "retry", "forget", "retry", "forget"] == [each.name for each in acts_of(page)]
    assert "order 7: no such city" in read(page, language)
    narrowed = await opened(failed, query=f"task={SEND}", language=language)
    assert [Act("retry-all", acts_of(narrowed)[0].label, {"task": SEND})] == [
        each for each in acts_of(narrowed) if each.name == "retry-all"
    ]
    assert [f"/jobs/{first}"] == hrefs_of(narrowed)
    none = {Language.ENGLISH: "no failed job", Language.ARABIC: "لا توجد مهمة فاشلة"}[language]
    assert none in read(await opened(failed, query="queue=high&task=carts:expire", language=language), language)


@pytest.mark.usefixtures("held")
async def test_shipments_are_listed_by_state(opened: Open) -> None:
    page = await opened(shipments)
    assert ["/shipments/500"] == hrefs_of(page)
    assert ["sync", "reconcile"] == [each.name for each in acts_of(page)]
    assert "no such shipment" in read(await opened(shipments, query="state=recorded"))
    assert "state: expected" in read(await opened(shipments, query="state=lost"))
    assert "cursor: expected" in read(await opened(shipments, query="cursor=lost"))


async def test_a_journal_without_open_shipments_says_so(opened: Open) -> None:
    assert "every shipment that was begun is recorded" in read(await opened(shipments))


async def courier_row(daemon: Daemon, courier_id: str, **values: Any) -> None:
    """Let a sync have kept a row of the courier."""
    texts = ("city_id", "city_name", "region_id", "region_name", "location", "package_size", "type_name", "status_id")
    asked = {"client_name": "زينب حسن", "client_mobile": "+9647701234567", "price": 25000, "status": "جديد"}
    row = {**dict.fromkeys(texts, "1"), **asked, "alwaseet_order_id": courier_id, **values}
    await make(daemon.parts.shop, alwaseet_shipments, **row)


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_held_shipment_stands_beside_its_candidates(opened: Open, daemon: Daemon, language: Language) -> None:
    await make_order(daemon.parts.shop, id=500, notes="07709876543")
    await courier_row(daemon, "90000018", price=30000)
    page = await opened(shipment, 500, language=language)
    text = read(page, language)
    same = {Language.ENGLISH: "…567 (the same)", Language.ARABIC: "…567 (مطابق)"}[language]
    amount = {Language.ENGLISH: "30000 dinars", Language.ARABIC: "30000 دينار"}[language]
    for shown in ("زينب حسن", same, amount, "…543", "90000018", "90000019"):
        assert shown in text, text
    assert "0770" not in text
    settled = [each.fields for each in acts_of(page) if each.name == "settle"]
    order = {"order": "500"}
    assert [order | {"courier_id": "90000018"}, order | {"courier_id": "90000019"}, order] == settled
    assert ["sync", "resend"] == [each.name for each in acts_of(page) if each.name != "settle"]
    assert not page.live


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_held_repeat_can_be_sent_too(opened: Open, daemon: Daemon, language: Language) -> None:
    await make_order(daemon.parts.shop, id=500)
    await hold_as_repeat(daemon)
    page = await opened(shipment, 500, language=language)
    assert {Language.ENGLISH: "Send it too", Language.ARABIC: "إرساله أيضاً"}[language] in read(page, language)
    text = read(await opened(order, 500, language=language), language)
    assert {Language.ENGLISH: "the phone and price of order 499", Language.ARABIC: "هاتف الطلب 499 وسعره"}[
        language
    ] in text


@pytest.mark.usefixtures("held")
async def test_decisions_are_not_offered_where_they_stay_with_the_terminal(opened: Open) -> None:
    page = await opened(shipment, 500, decide=False)
    assert ["sync"] == [each.name for each in acts_of(page)], "what the shop does not keep yet, a sync brings"
    assert "shipments are decided with paranadctl" in read(page)


@pytest.mark.usefixtures("held")
async def test_a_settled_shipment_is_shown_without_decisions(opened: Open, daemon: Daemon) -> None:
    await change(daemon.parts.store.path, "UPDATE shipments SET state = 'withdrawn'")
    assert [] == acts_of(await opened(shipment, 500))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_schedule_leads_to_each_entry(opened: Open, language: Language) -> None:
    page = await opened(schedule, language=language)
    assert ["/schedule/carts%3Aexpire", "/schedule/night%2Fbackup"] == hrefs_of(page)
    assert {Language.ENGLISH: "Every 5 minutes", Language.ARABIC: "كل 5 دقائق"}[language] in read(page, language)


async def test_an_entry_shows_what_became_of_its_occurrences(
    opened: Open, daemon: Daemon, clock: ManualClock, api: httpx.AsyncClient
) -> None:
    assert "it has not been due yet" in read(await opened(entry, "carts:expire"))
    await skip_carts(daemon, clock)
    async with working(daemon, clock, workers=False):
        page = await opened(entry, "carts:expire")
        assert "not run" in read(page)
        assert "skipped" not in read(page)
        assert "The last 50 runs of carts:expire" in read(page)
        assert ["run", "pause"] == [each.name for each in acts_of(page)]
        await api.post("/v1/schedule/night/backup/pause")
        assert ["run", "resume"] == [each.name for each in acts_of(await opened(entry, "night/backup"))]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_holds_for_an_entry_alone_stands_on_its_page_and_below_all(
    opened: Open, daemon: Daemon, language: Language
) -> None:
    own = made_entry(cron="0 * * * *", catch_up=CatchUp.ALL, overlap=Overlap.QUEUE_ONE)
    daemon.parts.use_schedule([own], daemon.events)
    rule = {
        Language.ENGLISH: "each that was missed is caught up, 10 at most",
        Language.ARABIC: "يُستدرك كل ما فات، وأقصاه 10",
    }[language]
    for page in (await opened(entry, "carts:expire", language=language), await opened(schedule, language=language)):
        assert rule in read(page, language)


async def test_an_entry_that_is_not_there_is_said_so(opened: Open) -> None:
    with pytest.raises(NotFound, match="no:such"):
        await opened(entry, "no:such")


async def test_a_paused_task_is_said_to_be_and_goes_on_by_its_button(opened: Open, api: httpx.AsyncClient) -> None:
    await api.post(f"/v1/tasks/{SEND}/pause")
    page = await opened(task, SEND)
    words = f"task {SEND} is paused, 0 jobs due; since 12:00:00 by {ME}, until somebody resumes it"
    assert words in read(page).split("\n")
    assert words in read(await opened(jobs)).split("\n")
    assert ["resume"] == [each.name for each in acts_of(page)]


class TestDoctor:
    @pytest.fixture
    def clock(self) -> SystemClock:
        """The doctor waits for the clock."""
        return SystemClock()

    @pytest.fixture
    def courier_url(self, sandbox: Sandbox) -> str:
        return sandbox.base_url

    @pytest.mark.parametrize("language", LANGUAGES)
    async def test_findings_stand_with_the_worst_first(self, opened: Open, language: Language) -> None:
        page = await opened(doctor, language=language)
        text = read(page, language)
        assert {Language.ENGLISH: "cure: ", Language.ARABIC: "الحل: "}[language] in text
        assert {Language.ENGLISH: "As it should be", Language.ARABIC: "السليم"}[language] in text


async def test_a_daemon_that_is_away_is_raised_by_each_page_but_the_doctors(tmp_path: Path) -> None:
    view = View(ControlClient(tmp_path / "nobody.sock"), {}, START, Language.ENGLISH, decide=True)
    for show in (jobs, failed, shipments, schedule):
        with pytest.raises(DaemonUnreachable):
            await to_thread.run_sync(show, view)
    assert "the daemon does not answer" in read(await to_thread.run_sync(doctor, view))


@pytest.mark.parametrize("decide", [True, False])
async def test_an_order_nothing_asked_for_is_sent_from_its_page_only_where_that_is_decided(
    opened: Open, daemon: Daemon, decide: bool
) -> None:
    shop = daemon.parts.shop
    await set_setting(shop, "alwaseet_auto_create_shipment", "1")
    made = shop.now() - timedelta(hours=1)
    await make_order(shop, id=500, items=[Item(await make_size(shop))], created_at=made)
    page = await opened(order, 500, decide=decide)
    assert (["send"] if decide else []) == [each.name for each in acts_of(page)]
    assert decide or "paranadctl dispatch" in read(page)
