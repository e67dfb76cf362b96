"""`GET /v1/metrics` of a real daemon: what is said, what is known, and what is left out because it is not known."""

import asyncio
import re
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from paranad.alerts.kinds import IncidentKind
from paranad.bridge.apart import PhpWork
from paranad.control.daemon import Daemon
from paranad.errors import StateFull
from paranad.events.courier import CourierRequestEnded
from paranad.events.event import Events
from paranad.events.standby import LeaseTaken
from paranad.metrics import text
from paranad.metrics.families import Figure, _of_orders
from paranad.orders.service import Count
from paranad.queue.model import Origin
from paranad.said import plain
from tests.metrics.scraping import Samples, let_stand, note_heartbeat, run_carts, scrape
from tests.support.clock import START, ManualClock
from tests.support.control import CARTS, hold_shipment
from tests.support.prometheus import PROMTOOL, WITHOUT_PROMTOOL, promtool
from tests.support.shop import HOUR, Item, make_order, make_size, set_setting
from tests.support.sqlite_file import change
from tests.support.standing import Standing

WITHOUT_SHIPMENT = "paranad_orders_without_shipment"
OLDEST_WITHOUT = "paranad_oldest_order_without_shipment_age_seconds"
OLDEST_JOB = "paranad_oldest_available_job_age_seconds"
DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"


def of(samples: Samples, name: str, **labels: str) -> float | None:
    """Return one value; None: there is none."""
    return samples.get((name, frozenset(labels.items())))


def names(samples: Samples) -> set[str]:
    return {name for name, _ in samples}


async def test_it_is_prometheus_text(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/metrics")
    assert "text/plain; version=0.0.4; charset=utf-8" == answer.headers["content-type"]
    assert "\nparanad_up 1.0\n" in answer.text


async def test_only_the_daemon_s_own_figures_are_said(api: httpx.AsyncClient) -> None:
    """The library would add its own of the process and of Python."""
    assert all(name.startswith("paranad_") for name in names(await scrape(api)))


@pytest.mark.skipif(PROMTOOL is None, reason=WITHOUT_PROMTOOL)
async def test_promtool_is_content(api: httpx.AsyncClient) -> None:
    text = (await api.get("/v1/metrics")).text
    assert (0, "") == promtool("check", "metrics", text=text)


async def test_every_figure_stands_in_the_docs_as_it_is_said(api: httpx.AsyncClient) -> None:
    text = (await api.get("/v1/metrics")).text
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    said = {name: (kinds[name], words) for name, words in re.findall(r"^# HELP (\w+) (.+)$", text, re.MULTILINE)}
    rows = re.findall(r"^\| `(paranad_\w+)` \| (\w+) \| (.*?) \| (.+) \|$", DOCS.read_text("utf-8"), re.MULTILINE)
    assert said == {name: (kind, words) for name, kind, _, words in rows}


async def test_every_label_stands_in_the_docs(daemon: Daemon, api: httpx.AsyncClient, clock: ManualClock) -> None:
    await run_carts(daemon, clock)
    rows = re.findall(r"^\| `(paranad_\w+)` \| \w+ \| (.*?) \|", DOCS.read_text("utf-8"), re.MULTILINE)
    documented = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    for name, labels in await scrape(api):
        family = name if name in documented else re.sub(r"_(bucket|count|sum)$", "", name)
        assert documented[family] == {label for label, _ in labels} - {"le"}, name


async def test_what_a_job_did_is_counted(daemon: Daemon, api: httpx.AsyncClient, clock: ManualClock) -> None:
    carts = {"task": "carts:expire"}
    before = await scrape(api)
    assert 0 == of(before, "paranad_jobs_finished_total", **carts, outcome="completed")
    assert of(before, "paranad_schedule_last_success_timestamp_seconds", entry="carts:expire") is None
    await run_carts(daemon, clock)
    after = await scrape(api)
    assert 1 == of(after, "paranad_jobs_finished_total", **carts, outcome="completed")
    assert 1 == of(after, "paranad_job_duration_seconds_count", **carts)
    assert 1 == of(after, "paranad_job_wait_seconds_bucket", queue="default", le="+Inf")
    succeeded_at = of(after, "paranad_schedule_last_success_timestamp_seconds", entry="carts:expire")
    assert clock.now().timestamp() == succeeded_at
    assert (of(after, "paranad_commit_duration_seconds_count") or 0) > 0


async def test_age_of_the_oldest_job_that_could_start(
    daemon: Daemon, api: httpx.AsyncClient, clock: ManualClock
) -> None:
    new_job = daemon.parts.registry.new_job
    await daemon.parts.jobs.enqueue([new_job("alwaseet:create-shipment", {"order_id": 500}, Origin.SHOP)])
    await clock.advance(timedelta(minutes=3))
    await daemon.parts.jobs.enqueue([new_job("alwaseet:create-shipment", {"order_id": 501}, Origin.SHOP)])
    samples = await scrape(api)
    assert 180 == of(samples, "paranad_oldest_available_job_age_seconds", queue="high")
    assert 0 == of(samples, "paranad_oldest_available_job_age_seconds", queue="default")
    assert 2 == of(samples, "paranad_jobs", queue="high", state="available")


async def test_shipments_are_counted_by_state_the_recorded_ones_too(daemon: Daemon, api: httpx.AsyncClient) -> None:
    await hold_shipment(daemon.parts.store)
    await change(
        daemon.parts.store.path,
        "INSERT INTO shipments (order_id, state, reference, courier_id, intended_at, created_at, recorded_at) "
        "VALUES (501, 'recorded', 'PK501', '90000020', 1, 1, 1), (502, 'recorded', 'PK502', '90000021', 1, 1, 1)",
    )
    samples = await scrape(api)
    states = {"intended": 0, "created": 0, "recorded": 2, "withdrawn": 0, "held": 1}
    assert states == {state: of(samples, "paranad_shipments", state=state) for state in states}


async def test_orders_without_a_shipment_and_the_age_of_the_oldest(daemon: Daemon, api: httpx.AsyncClient) -> None:
    before = await scrape(api)
    assert (0, 0) == (of(before, WITHOUT_SHIPMENT), of(before, OLDEST_WITHOUT))
    shop = daemon.parts.shop
    await set_setting(shop, "alwaseet_auto_create_shipment", "1")
    for hours in (1, 3):
        await make_order(shop, items=[Item(await make_size(shop))], created_at=shop.now() - hours * HOUR)
    await daemon.parts.orders.close()
    daemon.parts.orders._counted_at_s = float("-inf")  # a count is good for five seconds
    samples = await scrape(api)
    assert (2, 3 * 3600) == (of(samples, WITHOUT_SHIPMENT), of(samples, OLDEST_WITHOUT))
    assert 1 == of(samples, "paranad_shipments_automatic")


async def test_orders_are_not_known_while_the_shop_does_not_answer(
    daemon: Daemon, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown() -> None:
        return None

    monkeypatch.setattr(daemon.parts.orders, "count", unknown)
    assert {WITHOUT_SHIPMENT, OLDEST_WITHOUT, "paranad_shipments_automatic"}.isdisjoint(names(await scrape(api)))


def test_orders_without_a_date_have_no_age() -> None:
    count = Count(orders=2, oldest_at=None, oldest=None, auto_create=True)
    assert [{(): 2}, {}, {(): True}] == [values for _, values in _of_orders(count, START)]


async def test_what_waits_for_php_is_counted_and_how_long_it_waits(daemon: Daemon, api: httpx.AsyncClient) -> None:
    daemon.parts.bridge.php.work = PhpWork({"App\\Mail\\OrderShipped": 3}, START - timedelta(minutes=2), reserved=1)
    samples = await scrape(api)
    rows = [of(samples, "paranad_php_rows", state=state) for state in ("waiting", "reserved")]
    assert ([3, 1], 120) == (rows, of(samples, "paranad_php_oldest_row_age_seconds"))


async def test_what_is_not_known_is_absent_and_never_0(api: httpx.AsyncClient, events: Events) -> None:
    assert {"paranad_courier_reachable", "paranad_shop_reachable"}.isdisjoint(names(await scrape(api)))
    events.tell(CourierRequestEnded(path="/merchant-orders", kind="not_sent"))
    assert 0 == of(await scrape(api), "paranad_courier_reachable")


async def test_the_shop_is_reachable_once_it_has_answered(daemon: Daemon, api: httpx.AsyncClient) -> None:
    await daemon.parts.outside.ask()
    assert 1 == of(await scrape(api), "paranad_shop_reachable")
    daemon.parts.outside._lose(plain("it does not answer"))
    assert 0 == of(await scrape(api), "paranad_shop_reachable")


async def test_what_queue_db_refuses_is_absent_and_the_rest_is_said(
    daemon: Daemon, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object) -> object:
        raise StateFull(plain("disk I/O error"))

    monkeypatch.setattr(daemon.parts.store.reader, "fetch", refused)
    said = names(await scrape(api))
    assert {"paranad_jobs", "paranad_shipments", "paranad_oldest_available_job_age_seconds"}.isdisjoint(said)
    assert {"paranad_up", "paranad_workers", "paranad_jobs_finished_total", "paranad_state_size_bytes"} <= said


async def test_the_loop_goes_on_while_a_scrape_is_put_into_text(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each scrape would hold everything up for some milliseconds, and the first one for the library's import."""
    threads: list[int] = []

    def noting(figures: Sequence[Figure]) -> bytes:
        threads.append(threading.get_ident())
        return text.text_of(figures)

    monkeypatch.setattr("paranad.metrics.service._text_of", noting)
    await scrape(api)
    assert 1 == len(threads)
    assert threading.get_ident() not in threads


async def test_how_late_the_loop_woke_is_counted(daemon: Daemon, api: httpx.AsyncClient, clock: ManualClock) -> None:
    probing = asyncio.create_task(daemon.parts.metrics.run())
    await asyncio.sleep(0)
    await clock.advance(1.0)
    await clock.advance(3.5)
    probing.cancel()
    samples = await scrape(api)
    assert 2 == of(samples, "paranad_loop_lag_seconds_count")
    assert 1 == of(samples, "paranad_loop_lag_seconds_bucket", le="0.001")
    assert 2.5 == of(samples, "paranad_loop_lag_seconds_sum")


async def test_a_silent_entry_and_every_open_incident_are_said(daemon: Daemon, api: httpx.AsyncClient) -> None:
    daemon.parts.alerts.incidents.begin(IncidentKind.ENTRY_SILENT, CARTS.name, {})
    samples = await scrape(api)
    assert 1 == of(samples, "paranad_schedule_entry_silent", entry=CARTS.name)
    assert 0 == of(samples, "paranad_schedule_entry_silent", entry="night/backup")
    assert 1 == of(samples, "paranad_incidents_open", kind="entry-silent")
    assert 0 == of(samples, "paranad_incidents_open", kind="disk-nearly-full")


async def test_muted_kinds_are_said(daemon: Daemon, api: httpx.AsyncClient) -> None:
    await daemon.parts.alerts.mutes.mute(IncidentKind.SHIPMENT_HELD, timedelta(hours=2), "ali")
    samples = await scrape(api)
    assert 1 == of(samples, "paranad_alerts_muted", kind="shipment-held")
    assert 0 == of(samples, "paranad_alerts_muted", kind="entry-silent")


async def test_the_heartbeat_is_said_once_there_is_one(
    daemon: Daemon, api: httpx.AsyncClient, clock: ManualClock
) -> None:
    heartbeat = {"paranad_heartbeat", "paranad_heartbeat_last_taken_timestamp_seconds"}
    assert heartbeat.isdisjoint(names(await scrape(api)))
    note_heartbeat(daemon, plain("no answer"))
    samples = await scrape(api)
    assert (1, 0) == tuple(of(samples, "paranad_heartbeat", state=state) for state in ("not_taken", "taken"))
    assert "paranad_heartbeat_last_taken_timestamp_seconds" not in names(samples)
    note_heartbeat(daemon, None)
    samples = await scrape(api)
    assert (0, 1) == tuple(of(samples, "paranad_heartbeat", state=state) for state in ("not_taken", "taken"))
    assert clock.now().timestamp() == of(samples, "paranad_heartbeat_last_taken_timestamp_seconds")


async def test_machine_that_works_tells_of_its_lease_and_of_those_that_stand_by(
    daemon: Daemon, api: httpx.AsyncClient, events: Events, clock: ManualClock
) -> None:
    standing = Standing("web-2")
    standing.take_over_from("web-1", clock.now())
    standing.let_stand_by("web-1", "web-3")
    let_stand(daemon, standing)
    events.tell(LeaseTaken(term=6, machine_before=None, last_renewed_at=None))
    events.tell(LeaseTaken(term=7, machine_before="web-1", last_renewed_at=None))
    await clock.advance(7)
    samples = await scrape(api)
    assert (1, 7, 7, 2, 1) == (
        of(samples, "paranad_standby_active"),
        of(samples, "paranad_standby_lease_age_seconds"),
        of(samples, "paranad_standby_term"),
        of(samples, "paranad_standby_present"),
        of(samples, "paranad_standby_takeovers_total"),
    )


async def test_machine_that_stands_by_tells_of_no_job_that_waits(daemon: Daemon, api: httpx.AsyncClient) -> None:
    """What waits in its queue.db waits for no worker: an alarm about it would never end."""
    assert OLDEST_JOB in names(await scrape(api))
    standing = Standing("web-2")
    standing.stand_by("web-1")
    let_stand(daemon, standing)
    samples = await scrape(api)
    assert {OLDEST_JOB, "paranad_standby_lease_age_seconds"} & names(samples) == set()
    assert 0 == of(samples, "paranad_standby_active")


async def test_one_machine_alone_tells_of_no_lease(api: httpx.AsyncClient) -> None:
    assert not [name for name in names(await scrape(api)) if name.startswith("paranad_standby")]
