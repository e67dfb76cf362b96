"""What the tests of the control room may ask for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from paranad.control.api import create_app
from paranad.control.server import ControlServer
from paranad.control.stream import Stream
from paranad.events.event import Events
from paranad.store.file import Store
from tests.control.stands import DaemonStand
from tests.support.clock import ManualClock
from tests.support.store import store

__all__ = ["store"]

Serve = Callable[[ASGIApp], AbstractAsyncContextManager[ControlServer]]


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
    transport = httpx.AsyncHTTPTransport(uds=str(socket_path))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.fixture
async def daemon(store: Store, clock: ManualClock, events: Events) -> DaemonStand:
    """A daemon with a real queue that nothing runs."""
    daemon = DaemonStand(store, clock, events)
    await daemon.jobs.recover()
    return daemon


@pytest.fixture
async def api(
    daemon: DaemonStand, stream: Stream, serve: Serve, http: httpx.AsyncClient
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the daemon's control API, over the real socket."""
    async with serve(create_app(daemon, stream)):
        yield http
