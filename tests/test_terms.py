"""The life of a daemon among several: it stands by, works in terms of the lease, and ends with or without it."""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from paranad.configured import load
from paranad.control.daemon import Daemon
from paranad.events.event import Events
from paranad.exits import DONE, LEASE_GONE
from paranad.handover import DONE_ELSEWHERE, TAKEN_WITHIN_S
from paranad.life import ROWS_FREED_S, Life, doctor_of
from paranad.parts import built
from paranad.queue.model import Completed, Origin, Outcome, State
from paranad.said import plain
from paranad.standby.service import Standby
from paranad.standby.table import SQLITE_SQL
from paranad.tasks.task import Context
from tests.support.clock import ManualClock
from tests.support.control import TASKS, config, courier_url, socket_path
from tests.support.http import by_socket
from tests.support.queue import SAFETY_S, Seen
from tests.support.shop_fixtures import empty_shop, shop_file
from tests.support.sqlite_file import change
from tests.support.standby import DecidedStandby
from tests.support.tasks import FunctionTask

__all__ = ["config", "courier_url", "empty_shop", "shop_file", "socket_path"]

SLOW, SHIELDED = "fcm:cleanup", "alwaseet:seed-status-history"


@dataclass
class OnLease:
    """A daemon under way whose lease a test decides."""

    life: Life
    standby: DecidedStandby
    clock: ManualClock
    seen: Seen
    http: httpx.AsyncClient
    ending: "asyncio.Task[int]"
    free: asyncio.Event
    """Lets the slow jobs end."""

    async def works(self, *, from_another: bool = False, at: datetime | None = None) -> None:
        """Grant the lease, and wait until a job has run."""
        self.standby.grant(from_another=from_another, at=at)
        await self.seen("job.completed", job_id=await self.enqueue())

    async def enqueue(self, task: str = "carts:expire") -> int:
        new = self.life.parts.registry.new_job(task, {}, Origin.OPERATOR)
        (answer,) = await self.life.parts.jobs.enqueue([new])
        return answer.job_id

    async def state_of(self, job_id: int) -> State:
        return (await self.life.parts.jobs.get(job_id)).state

    async def ended(self) -> int:
        async with asyncio.timeout(SAFETY_S):
            return await self.ending


@pytest.fixture
async def on_lease(
    config: Path,
    shop_file: Path,
    clock: ManualClock,
    events: Events,
    socket_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[OnLease]:
    configuration, free = load(config, {}).usable(), asyncio.Event()

    async def slow(context: Context, _: Any) -> Outcome:
        await free.wait()
        return Completed()

    async def shielded(context: Context, _: Any) -> Outcome:
        with context.shield():
            await free.wait()
        return Completed()

    standby = DecidedStandby(clock)

    async def decided(*_: Any) -> Standby:
        return cast("Standby", standby)

    monkeypatch.setattr("paranad.parts.standby_of", decided)
    monkeypatch.setattr(gc, "unfreeze", lambda: None)  # a daemon's look for garbage need not go through all tests
    await change(shop_file, SQLITE_SQL)
    async with built(configuration, clock=clock, events=events) as parts:
        parts.registry.replace([*TASKS, FunctionTask(SLOW, slow), FunctionTask(SHIELDED, shielded)])
        parts.scheduler.replace([])
        read = partial(load, config, {})
        examine = doctor_of(parts, read, clock, events)
        daemon = Daemon(
            configuration.settings, read, parts, clock=clock, events=events, set_level=lambda _: None, examine=examine
        )
        life, seen = Life(daemon, configuration.settings), Seen(events)
        ending = asyncio.create_task(life.serve())
        await life.ready.wait()
        async with by_socket(socket_path) as http:
            yield OnLease(life, standby, clock, seen, http, ending, free)
        free.set()
        life.stop()
        async with asyncio.timeout(SAFETY_S):
            await asyncio.wait([ending])


async def test_daemon_that_stands_by_is_ready_and_starts_nothing(on_lease: OnLease) -> None:
    job_id = await on_lease.enqueue()
    await on_lease.clock.advance(120)

    assert ("standby", 200) == (on_lease.life.daemon.state, (await on_lease.http.get("/v1/health")).status_code)
    assert State.AVAILABLE is await on_lease.state_of(job_id)

    await on_lease.works()
    await on_lease.seen("job.completed", job_id=job_id)


async def test_what_another_machine_sent_fills_the_courier_s_window(on_lease: OnLease) -> None:
    limiter = on_lease.life.parts.courier.limiter
    assert 0 == limiter.state().used
    await on_lease.works(from_another=True, at=on_lease.clock.now() - timedelta(seconds=70))
    assert limiter.rate.count == limiter.state().used


async def test_database_that_fails_at_the_takeover_is_waited_for_and_the_status_says_so(
    on_lease: OnLease, shop_file: Path
) -> None:
    await change(shop_file, "ALTER TABLE paranad_lease RENAME TO elsewhere")
    on_lease.standby.grant(from_another=True)
    await on_lease.standby.until("keep")
    await on_lease.clock.advance(2)
    status = (await on_lease.http.get("/v1/status")).json()
    assert ["taking-over"] == [each["code"] for each in status["remarks"]]
    assert "paranad_lease" in status["notes"][0]
    await change(shop_file, "ALTER TABLE elsewhere RENAME TO paranad_lease")
    await on_lease.clock.advance(2)
    await on_lease.seen("job.completed", job_id=await on_lease.enqueue())


@pytest.mark.parametrize("asked", [False, True])
async def test_machine_that_cannot_begin_leaves_the_lease_to_another(
    on_lease: OnLease, shop_file: Path, asked: bool
) -> None:
    """After a minute by itself, or when an operator asks for it; until then acts are refused with the reason."""
    await change(shop_file, "DROP TABLE paranad_lease")
    on_lease.standby.grant(from_another=True)
    await on_lease.standby.until("keep")
    await on_lease.clock.advance(2)
    refused = (await on_lease.http.post("/v1/sync")).json()
    assert "standby.takes_over" == refused["why"]["code"]
    on_lease.standby.takes_over = "web-1"
    if asked:
        answer = await on_lease.http.post("/v1/standby/yield")
        assert ("web-1", 200) == (answer.json()["machine"], answer.status_code)
    else:
        while on_lease.clock.elapsed_s < 90 and not on_lease.seen.named("lease.lost"):
            await on_lease.http.get("/v1/health")  # the database needs its time
            await on_lease.clock.advance(2)
        await on_lease.seen("lease.lost")
    assert LEASE_GONE == await on_lease.ended()
    assert "give up" == on_lease.standby.did[-1]


async def test_stop_while_it_stands_by_ends_at_once_and_gives_up_what_it_may_have_taken(on_lease: OnLease) -> None:
    on_lease.life.stop()
    assert DONE == await on_lease.ended()
    assert ["wait", "give up"] == on_lease.standby.did


async def test_stop_gives_the_lease_up_after_what_runs_has_ended(on_lease: OnLease) -> None:
    await on_lease.works()
    job_id = await on_lease.enqueue(SLOW)
    await on_lease.seen("job.started", job_id=job_id)
    on_lease.life.stop()
    await on_lease.seen("daemon.draining", reason="stop")
    assert "give up" not in on_lease.standby.did
    on_lease.free.set()
    assert DONE == await on_lease.ended()
    assert State.COMPLETED is await on_lease.state_of(job_id)
    assert "give up" == on_lease.standby.did[-1]


async def test_lease_that_is_lost_ends_the_daemon_at_once_with_69_but_for_what_is_shielded(on_lease: OnLease) -> None:
    await on_lease.works()
    slow, shielded = await on_lease.enqueue(SLOW), await on_lease.enqueue(SHIELDED)
    await on_lease.seen("job.started", job_id=slow)
    await on_lease.seen("job.started", job_id=shielded)
    on_lease.standby.lose(plain("web-1 holds the lease now"))
    await on_lease.seen("job.handed_back", job_id=slow)
    assert not on_lease.ending.done()
    on_lease.free.set()
    assert LEASE_GONE == await on_lease.ended()
    assert State.COMPLETED is await on_lease.state_of(shielded)


async def test_jobs_wait_while_the_lease_is_not_renewed_and_go_on_when_it_is(on_lease: OnLease) -> None:
    await on_lease.works()
    on_lease.standby.permitted = False
    job_id = await on_lease.enqueue()
    await on_lease.clock.advance(5)
    status = (await on_lease.http.get("/v1/status")).json()
    assert "lease-stale" in [each["code"] for each in status["remarks"]]
    assert State.AVAILABLE is await on_lease.state_of(job_id)

    on_lease.standby.permitted = True
    await on_lease.clock.advance(2)
    await on_lease.seen("job.completed", job_id=job_id)


async def test_planned_change_waits_for_what_runs_and_ends_with_69_once_another_works(on_lease: OnLease) -> None:
    await on_lease.works()
    job_id = await on_lease.enqueue(SLOW)
    await on_lease.seen("job.started", job_id=job_id)
    on_lease.standby.takes_over = "web-1"
    asked = asyncio.create_task(on_lease.http.post("/v1/standby/yield"))
    await on_lease.seen("daemon.draining", reason="yield")
    status = (await on_lease.http.get("/v1/status")).json()
    assert "daemon-hands-over" in [each["code"] for each in status["remarks"]]
    refused = await on_lease.http.post("/v1/resume")  # nothing new may start meanwhile
    assert (409, "standby.handing_over") == (refused.status_code, refused.json()["why"]["code"])
    on_lease.free.set()

    assert {"machine": "web-1", "seconds": 0.0, "left": 0} == (await asked).json()
    assert LEASE_GONE == await on_lease.ended()
    assert State.COMPLETED is await on_lease.state_of(job_id)


async def test_planned_change_that_nobody_takes_up_is_taken_back_and_work_goes_on(on_lease: OnLease) -> None:
    await on_lease.works()
    job_id = await on_lease.enqueue(SLOW)
    await on_lease.seen("job.started", job_id=job_id)
    asked = asyncio.create_task(on_lease.http.post("/v1/standby/yield"))
    await on_lease.seen("daemon.draining", reason="yield")
    drain_timeout = on_lease.life.parts.workers.drain_timeout
    await on_lease.clock.advance(drain_timeout)
    await on_lease.seen("job.handed_back", job_id=job_id)
    await on_lease.standby.until("give up")
    on_lease.free.set()
    await on_lease.clock.advance(TAKEN_WITHIN_S)

    refused = await asked
    assert (409, "standby.not_taken") == (refused.status_code, refused.json()["why"]["code"])
    await on_lease.seen("job.completed", job_id=job_id)
    assert ("ready", "take back") == (on_lease.life.daemon.state, on_lease.standby.did[-2])
    second = await on_lease.enqueue()
    await on_lease.seen("job.completed", job_id=second)


async def test_stop_while_the_lease_is_taken_back_is_heeded(on_lease: OnLease) -> None:
    await on_lease.works()
    on_lease.standby.taking_back = asyncio.Event()
    asked = asyncio.create_task(on_lease.http.post("/v1/standby/yield"))
    await on_lease.standby.until("give up")
    await on_lease.clock.advance(TAKEN_WITHIN_S)
    await on_lease.standby.until("take back")
    on_lease.life.stop()
    on_lease.standby.taking_back.set()
    assert DONE == await on_lease.ended()
    assert 409 == (await asked).status_code
    assert "give up" == on_lease.standby.did[-1]


@pytest.mark.parametrize("cut_short", [False, True])
async def test_database_that_hangs_at_the_end_is_not_waited_for(
    on_lease: OnLease, monkeypatch: pytest.MonkeyPatch, cut_short: bool
) -> None:
    freeing = asyncio.Event()

    async def hang() -> None:
        freeing.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(on_lease.life.parts.bridge.kept, "release", hang)
    await on_lease.works()
    os.kill(os.getpid(), signal.SIGTERM)
    await freeing.wait()
    if cut_short:
        os.kill(os.getpid(), signal.SIGTERM)
    else:
        await on_lease.clock.advance(ROWS_FREED_S)
    assert DONE == await on_lease.ended()
    assert "give up" == on_lease.standby.did[-1]


async def test_what_the_schedule_left_here_is_not_done_after_another_machine_has_worked(on_lease: OnLease) -> None:
    """It did what the schedule asked for since; an order is looked for first, and by hand is by hand."""
    registry, jobs = on_lease.life.parts.registry, on_lease.life.parts.jobs
    ship = registry.new_job("alwaseet:create-shipment", {"order_id": 7}, Origin.SCHEDULE)
    scheduled = registry.new_job("promotions:expire", {}, Origin.SCHEDULE)
    by_hand = registry.new_job(SLOW, {}, Origin.OPERATOR)
    ids = [each.job_id for each in await jobs.enqueue([ship, scheduled, by_hand])]
    on_lease.free.set()
    await on_lease.works(from_another=True)
    await on_lease.seen("job.completed", job_id=ids[0])
    await on_lease.seen("job.completed", job_id=ids[2])
    left = await jobs.get(ids[1])
    assert (State.CANCELLED, DONE_ELSEWHERE()) == (left.state, left.error)


async def test_planned_change_is_refused_if_nobody_stands_by(on_lease: OnLease) -> None:
    await on_lease.works()
    on_lease.standby.others.clear()
    refused = await on_lease.http.post("/v1/standby/yield")
    assert (409, "standby.nobody_present") == (refused.status_code, refused.json()["why"]["code"])
    assert "ready" == on_lease.life.daemon.state


async def test_drain_that_an_operator_asked_for_outlasts_a_planned_change_that_fails(on_lease: OnLease) -> None:
    await on_lease.works()
    await on_lease.http.post("/v1/drain")
    asked = asyncio.create_task(on_lease.http.post("/v1/standby/yield"))
    await on_lease.standby.until("give up")
    await on_lease.clock.advance(TAKEN_WITHIN_S)
    assert 409 == (await asked).status_code
    await on_lease.standby.until("keep", times=2)
    assert on_lease.life.parts.workers.draining
