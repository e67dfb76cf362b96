"""A daemon among several over its API: how it stands, and what it leaves to the machine that works."""

import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import cast

import httpx
import pytest
from sqlalchemy import event

from paranad.control.client import STANDS_BY
from paranad.control.daemon import Daemon
from paranad.control.framework import APIRoute
from paranad.control.standing_by import HERE, READING
from paranad.control.stream import Stream
from paranad.queue.model import Origin
from paranad.said import plain
from paranad.standby.service import Standby
from paranad.standby.taken import Taken
from paranad.standby.view import SILENT
from tests.support.clock import ManualClock
from tests.support.control import Serve, app_of
from tests.support.sqlite_file import change
from tests.support.standby import DecidedStandby

OF_THE_WORKING_MACHINE = {
    "POST /v1/sync",
    "POST /v1/jobs",
    "POST /v1/jobs/wake",
    "POST /v1/jobs/{id}/retry",
    "POST /v1/failed/retry",
    "POST /v1/pause",
    "POST /v1/queues/{queue}/pause",
    "POST /v1/tasks/{task:path}/pause",
    "POST /v1/tasks/{task:path}/dry-run",
    "POST /v1/schedule/{name:path}/pause",
    "POST /v1/schedule/{name:path}/run",
    "POST /v1/schedule/{name:path}/backfill",
    "POST /v1/drain",
    "POST /v1/settings/{name}",
    "POST /v1/shipments/{order}/settle",
    "POST /v1/shipments/{order}/resend",
    "POST /v1/courier/test",
    "POST /v1/alerts/digest",
    "POST /v1/standby/yield",
}
"""Every change that is refused on a machine that stands by: a new route is in this list, or in `HERE`."""


@pytest.fixture
def standby(clock: ManualClock) -> DecidedStandby:
    return DecidedStandby(clock)


@pytest.fixture
async def api(
    daemon: Daemon, standby: DecidedStandby, stream: Stream, serve: Serve, http: httpx.AsyncClient
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a daemon that stands by for web-1."""
    daemon.parts = replace(daemon.parts, standby=cast("Standby", standby))
    daemon.state = "standby"
    async with serve(app_of(daemon, stream)):
        yield http


def test_every_change_is_for_this_machine_or_for_the_one_that_works() -> None:
    rooms = [module for name, module in sys.modules.items() if name.startswith("paranad.control.api_")]
    routes = [route for room in rooms for route in room.router.routes if isinstance(route, APIRoute)]
    changes = {f"{method} {route.path}" for route in routes for method in (route.methods or set()) - READING}
    here = {f"{method} {path}" for method, path in HERE}
    assert changes == here | OF_THE_WORKING_MACHINE
    assert set() == here & OF_THE_WORKING_MACHINE


@pytest.mark.parametrize("path", ["jobs", "sync", "pause", "drain", "shipments/500/resend", "courier/test"])
async def test_act_is_refused_where_it_would_do_nothing_and_the_working_machine_is_named(
    api: httpx.AsyncClient, path: str
) -> None:
    answer = await api.post(f"/v1/{path}", json={"task": "carts:expire"} if path == "jobs" else None)
    problem = answer.json()
    assert (409, "standby.elsewhere") == (answer.status_code, problem["why"]["code"])
    assert "this daemon stands by for web-1, which does all the work: ask there" == problem["detail"]


async def test_what_concerns_this_machine_alone_is_done_there(api: httpx.AsyncClient) -> None:
    assert 200 == (await api.post("/v1/reload")).status_code
    assert 200 == (await api.post("/v1/resume")).status_code
    assert 200 == (await api.post("/v1/alerts/shipment-held/mute", json={"for": "2h"})).status_code
    assert 200 == (await api.get("/v1/backup")).status_code
    assert 404 == (await api.post("/v1/jobs/77/cancel")).status_code


async def test_act_is_refused_without_a_name_if_no_machine_works(
    api: httpx.AsyncClient, standby: DecidedStandby
) -> None:
    standby.works, standby.why = None, plain("the lease cannot be looked at")
    problem = (await api.post("/v1/sync")).json()
    assert "standby.nobody_works" == problem["why"]["code"]
    assert "the lease cannot be looked at" in problem["detail"]


async def test_status_says_for_whom_it_stands_by_and_nothing_of_what_others_do(api: httpx.AsyncClient) -> None:
    status = (await api.get("/v1/status")).json()
    assert ("standby", "standby", "web-1") == (
        status["daemon"]["state"],
        status["standby"]["role"],
        status["standby"]["works"],
    )
    assert ["daemon-standby"] == [each["code"] for each in status["remarks"]]
    assert [("web-2", True), ("web-1", False)] == [
        (each["machine"], each["itself"]) for each in status["standby"]["machines"]
    ]


async def test_status_of_a_standby_counts_the_jobs_that_no_other_machine_can_do(
    api: httpx.AsyncClient, daemon: Daemon
) -> None:
    """A job whose row of the shop is kept is done by the other machine."""
    new = [daemon.parts.registry.new_job(task, {}, Origin.SHOP) for task in ("carts:expire", "promotions:expire")]
    here, _ = await daemon.parts.jobs.enqueue(new)
    await change(
        daemon.parts.store.path,
        f"INSERT INTO kept_rows (row_id, job_id, source, reserved_at, attempts) VALUES (7, {here.job_id}, 'a', 0, 0)",
    )
    remarks = (await api.get("/v1/status")).json()["remarks"]
    assert [{"jobs": 1}] == [each["values"] for each in remarks if each["code"] == "jobs-left-here"]


async def test_status_of_a_standby_says_that_the_other_machine_is_silent(
    api: httpx.AsyncClient, standby: DecidedStandby
) -> None:
    standby.why = SILENT(machine="web-1", at="12:00:00", takes_at="12:01:30")
    remarks = (await api.get("/v1/status")).json()["remarks"]
    assert [("takeover-comes", standby.why.text)] == [(each["code"], each["values"]["reason"]) for each in remarks]
    refused = (await api.post("/v1/sync")).json()
    assert ("standby.nobody_works", "other-machine") == (refused["why"]["code"], refused["kind"])


async def test_every_answer_of_a_standby_names_the_machine_that_works(
    api: httpx.AsyncClient, standby: DecidedStandby
) -> None:
    assert "web-1" == (await api.get("/v1/jobs")).headers[STANDS_BY]
    assert "web-1" == (await api.post("/v1/sync")).headers[STANDS_BY]
    standby.why = SILENT(machine="web-1", at="12:00:00", takes_at="12:01:30")
    assert "-" == (await api.get("/v1/jobs")).headers[STANDS_BY], "one that may be gone is not asked"
    standby.works = None
    assert "-" == (await api.get("/v1/jobs")).headers[STANDS_BY]
    standby.holds = True
    assert STANDS_BY not in (await api.get("/v1/jobs")).headers


async def test_working_machine_says_so_if_nobody_stands_by_for_it(
    api: httpx.AsyncClient, daemon: Daemon, standby: DecidedStandby
) -> None:
    daemon.state, standby.holds = "ready", True
    assert "no-standby" not in [each["code"] for each in (await api.get("/v1/status")).json()["remarks"]]
    standby.others.clear()
    assert "no-standby" in [each["code"] for each in (await api.get("/v1/status")).json()["remarks"]]


async def test_yield_is_refused_while_the_database_does_not_answer(
    api: httpx.AsyncClient, daemon: Daemon, standby: DecidedStandby
) -> None:
    """What cannot be written is not given up: this machine works on, as long as its lease lasts."""
    daemon.state, standby.holds, standby.trouble = "ready", True, plain("no such file")
    refused = await api.post("/v1/standby/yield")
    assert (409, "standby.not_writable") == (refused.status_code, refused.json()["why"]["code"])
    assert "this machine works on: no such file" in refused.json()["detail"]
    assert not daemon.handover.asked.is_set()


async def test_machine_that_worked_before_is_named_as_the_one_to_look_at(
    api: httpx.AsyncClient, daemon: Daemon, standby: DecidedStandby
) -> None:
    daemon.state, standby.holds = "ready", True
    standby.others.clear()
    standby.taken = Taken(5, True, "web-1", None, None)
    (note,) = [each for each in (await api.get("/v1/status")).json()["notes"] if "nobody goes on" in each]
    assert "web-1 does not stand by: if this one stops, nobody goes on; there: paranadctl doctor" == note


async def test_status_says_which_machine_may_have_used_the_rate_and_until_when(
    api: httpx.AsyncClient, daemon: Daemon, standby: DecidedStandby
) -> None:
    daemon.state, standby.holds = "ready", True
    await daemon.parts.courier.limiter.count_full(daemon.clock.now(), "web-1")
    status = (await api.get("/v1/status")).json()
    (note,) = [each for each in status["remarks"] if each["code"] == "rate-of-another"]
    assert "web-1" == note["values"]["machine"] == status["courier"]["limiter"]["another"]


async def test_working_machine_looks_again_before_it_says_that_nobody_stands_by(
    api: httpx.AsyncClient, daemon: Daemon, standby: DecidedStandby
) -> None:
    """The last look may be of before the other began."""
    daemon.state, standby.holds, standby.others = "ready", True, []
    standby.came = ["web-1"]
    assert "no-standby" not in [each["code"] for each in (await api.get("/v1/status")).json()["remarks"]]


async def test_how_it_stands_is_told_without_trying_the_table(
    daemon: Daemon, stream: Stream, serve: Serve, http: httpx.AsyncClient
) -> None:
    asked: list[str] = []
    event.listen(
        daemon.parts.shop.database.engine.sync_engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: asked.append(statement),
    )
    async with serve(app_of(daemon, stream)):
        report = (await http.get("/v1/standby")).json()
    assert ([], None, []) == (report["troubles"], report["standby"], asked)


async def test_setup_is_answered_by_a_daemon_that_works_alone(
    daemon: Daemon, stream: Stream, serve: Serve, http: httpx.AsyncClient
) -> None:
    """The table is made before the first daemon is told of it."""
    async with serve(app_of(daemon, stream)):
        report = (await http.get("/v1/standby/setup")).json()
        assert report["standby"] is None
        assert ["standby.no_table"] == [each["why"]["code"] for each in report["troubles"]]
        async with daemon.parts.shop.transaction() as connection:
            await connection.exec_driver_sql(report["sql"].strip().removesuffix(";"))
        assert [] == (await http.get("/v1/standby/setup")).json()["troubles"]
        refused = await http.post("/v1/standby/yield")
        assert (409, "standby.off") == (refused.status_code, refused.json()["why"]["code"])
