"""A daemon with every part real, its control API on its real socket; only its tasks are the tests' own.

Nothing runs by itself: `working` lets the workers and the schedule run. A conftest imports the fixtures by name.
"""

import asyncio
import os
import pwd
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import anyio
import httpx
import pytest
from pydantic import Field
from starlette.types import ASGIApp

from paranad.clock import to_us
from paranad.configured import load
from paranad.control.api import create_app
from paranad.control.daemon import Daemon
from paranad.control.framework import FastAPI
from paranad.control.server import ControlServer
from paranad.control.stream import Stream
from paranad.events.event import Events
from paranad.life import doctor_of
from paranad.parts import built
from paranad.queue.model import Completed, Origin, Outcome, Snoozed
from paranad.said import plain
from paranad.schedule.cron import parse
from paranad.schedule.entries import Entry
from paranad.store.file import Store
from paranad.tasks.task import Arguments, Context
from tests.support.clock import START, ManualClock, Waiting
from tests.support.http import by_socket
from tests.support.queue import Seen
from tests.support.sqlite_file import change
from tests.support.tasks import FunctionTask

WRITTEN_OTHERWISE = ("%C2%A01", "%201", "1%20", "%2B1", "1_0", "1.0", "%EF%BC%91", "%D9%A1")
"""Numbers as Python or a person reads them, and as no path or query may hold them."""

BAGHDAD = ZoneInfo("Asia/Baghdad")
ME = pwd.getpwuid(os.getuid()).pw_name
"""By whom the tests' own requests come."""
FIVE_MINUTES = timedelta(minutes=5)
"""How often each entry is due."""
NOBODY_LISTENS = "http://127.0.0.1:9"
Serve = Callable[[ASGIApp], AbstractAsyncContextManager[ControlServer]]


class Order(Arguments):
    order_id: int = Field(ge=1, le=2**63 - 1)


class Filter(Arguments):
    status_id: str | None = None
    date_from: str | None = None
    date_to: str | None = None


async def done(context: Context, _: Any) -> Outcome:
    return Completed({"looked_at": 3, "changed": 0 if context.dry_run else 3})


async def waits(context: Context, _: Any) -> Outcome:
    return Snoozed(until=context.clock.now(), reason=plain("the shop's database is locked"))


TASKS = (
    FunctionTask("carts:expire", done, unique_key=lambda _: "carts:expire"),
    FunctionTask("alwaseet:sync-orders", done, Filter, unique_key=lambda args: f"sync:{args.model_dump_json()}"),
    FunctionTask(
        "alwaseet:create-shipment", done, Order, unique_key=lambda args: f"order:{args.order_id}", queue="high"
    ),
    FunctionTask("promotions:expire", waits),
)
CARTS = Entry("carts:expire", "carts:expire", parse("*/5 * * * *", BAGHDAD))
BACKUP = replace(CARTS, name="night/backup", task="backup")
"""An entry with a slash in its name, as far as names go."""


@pytest.fixture
def socket_path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "control.sock"


@pytest.fixture
async def stream(events: Events, clock: ManualClock) -> Stream:
    return Stream(events, clock)


@pytest.fixture
def serve(socket_path: Path, stream: Stream, events: Events) -> Serve:
    """Serve an app on the real socket for the length of a block."""

    @asynccontextmanager
    async def serving(app: ASGIApp) -> AsyncIterator[ControlServer]:
        server = ControlServer(app, socket_path, stream, events)
        async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve())
            await server.started.wait()
            try:
                yield server
            finally:
                await server.stop()

    return serving


@pytest.fixture
async def http(socket_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A plain HTTP client on the socket."""
    async with by_socket(socket_path) as client:
        yield client


@pytest.fixture
def courier_url() -> str:
    """The courier's address; a test that asks the courier puts a sandbox there."""
    return NOBODY_LISTENS


@pytest.fixture
def config(tmp_path: Path, state_dir: Path, socket_path: Path, shop_file: Path, courier_url: str) -> Path:
    """The configuration file of the daemon."""
    file = tmp_path / "paranad.toml"
    file.write_text(
        f'[daemon]\nstate_dir = "{state_dir}"\nsocket = "{socket_path}"\n[queue]\ndurability = "normal"\n'
        f'[shop]\ndatabase_url = "sqlite:///{shop_file}"\n[courier]\nbase_url = "{courier_url}"\n'
        'username = "parana"\npassword = "pass-5ecret-word"\n'
    )
    return file


@pytest.fixture
async def daemon(config: Path, clock: ManualClock, events: Events) -> AsyncIterator[Daemon]:
    """A daemon that is ready, with tasks and entries of the tests' own; nothing runs them."""
    configuration = load(config, {}).usable()
    async with built(configuration, clock=clock, events=events) as parts:
        await parts.jobs.recover()
        parts.registry.replace(TASKS)
        parts.scheduler.replace([CARTS, BACKUP])
        daemon = Daemon(
            configuration.settings,
            lambda: load(config, {}),
            parts,
            clock=clock,
            events=events,
            set_level=lambda _: None,
            examine=doctor_of(parts, lambda: load(config, {}), clock, events),
        )
        daemon.state = "ready"
        yield daemon


@cache
def _app() -> FastAPI:
    nobody: Any = None
    return create_app(nobody, nobody)


def app_of(daemon: Daemon, stream: Stream) -> FastAPI:
    """Return the API of *daemon*, one for all tests: FastAPI needs 40 ms to work out the routes of a new one."""
    app = _app()
    app.state.daemon, app.state.stream = daemon, stream
    return app


@pytest.fixture
async def api(
    daemon: Daemon, stream: Stream, serve: Serve, http: httpx.AsyncClient
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the daemon's control API, over the real socket."""
    async with serve(app_of(daemon, stream)):
        yield http


@asynccontextmanager
async def working(
    daemon: Daemon, clock: ManualClock, *, entries: Sequence[Entry] = (CARTS, BACKUP), workers: bool = True
) -> AsyncIterator[Seen]:
    """Let the schedule of *entries* run, and the *workers*, for the length of a block; give what waits for events."""
    seen, waits_for = Seen(daemon.events), Waiting(clock)
    daemon.parts.scheduler.replace(entries)
    async with anyio.create_task_group() as group:
        group.start_soon(daemon.parts.scheduler.run)
        if workers:
            group.start_soon(daemon.parts.workers.run)
        await waits_for(60.0, times=2)  # the first pass adopts the entries; the second finds nothing to do
        yield seen
        if workers:
            await daemon.parts.workers.stop(timedelta(0))
        group.cancel_scope.cancel()


async def skip_carts(daemon: Daemon, clock: ManualClock) -> None:
    """Let the occurrence of `carts:expire` in five minutes be skipped, since a job of the task is unfinished."""
    await daemon.parts.jobs.enqueue([daemon.parts.registry.new_job(CARTS.task, {}, Origin.OPERATOR)])
    async with working(daemon, clock, workers=False) as seen:
        await clock.advance(FIVE_MINUTES)
        await seen("schedule.occurrence_skipped", entry=CARTS.name)


async def hold_shipment(store: Store) -> None:
    """Let the shipment of order 500 be held: the courier has it twice."""
    at = to_us(START)
    await change(
        store.path,
        f"""
        INSERT INTO shipments (order_id, state, reference, reason, reason_code, reason_values, intended_at)
        VALUES (500, 'held', 'PK500', '-', 'twice', '{{"rows": "90000018, 90000019"}}', {at});
        INSERT INTO shipment_attempts (order_id, number, phone, price, sent_at, outcome)
        VALUES (500, 1, '+9647701234567', 25000, {at}, 'sent');
        """,
    )


async def hold_as_repeat(daemon: Daemon) -> None:
    """Let the held shipment of order 500 be a repeat of order 499."""
    values = '{"orders": ["499"]}'
    await change(daemon.parts.store.path, f"UPDATE shipments SET reason_code = 'repeat', reason_values = '{values}'")
    await change(daemon.parts.store.path, "DELETE FROM shipment_attempts")


@pytest.fixture
async def held(daemon: Daemon) -> None:
    """The journal has a shipment that is held, of order 500."""
    await hold_shipment(daemon.parts.store)
