"""What the tests of the page may ask for: the page on a real port, over a real daemon or over canned answers."""

import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from paranad.clock import SystemClock
from paranad.control.client import ControlClient
from paranad.control.daemon import Daemon
from paranad.store.file import Store
from paranad.web.answers import SharedAnswers
from paranad.web.app import Web, create_app
from paranad.web.live import Live
from paranad.web.served import Server
from paranad.web.sessions import Session
from tests.support.control import api, config, courier_url, daemon, held, http, serve, socket_path, stream
from tests.support.control_stand_in import StandIn, stand_in_at
from tests.support.courier import sandbox
from tests.support.http import browser
from tests.support.shop_fixtures import empty_shop, shop_file

__all__ = [
    "api",
    "config",
    "courier_url",
    "daemon",
    "empty_shop",
    "held",
    "http",
    "sandbox",
    "serve",
    "shop_file",
    "socket_path",
    "stream",
]


@pytest.fixture
def store(daemon: Daemon) -> Store:
    return daemon.parts.store


VERSION = "0.1.0"


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[StandIn]:
    """A control socket that answers what a test tells it to."""
    with stand_in_at(tmp_path / "control.sock") as served:
        yield served


def web_at(path: Path) -> Web:
    clock, client = SystemClock(), ControlClient(path)
    return Web(client, SharedAnswers(client, clock.monotonic), Live(client), clock, VERSION, decide=True)


class OneReader:
    """Stands where the guard does: everybody is signed in, and the same reader."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.session = app, Session(None, 0, 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["session"] = self.session
        await self.app(scope, receive, send)


@asynccontextmanager
async def opened(path: Path, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the page for the daemon at *path*; give a browser of it that sends *headers*."""
    web = web_at(path)
    server = Server(OneReader(create_app(web)), web.live)
    with socket.create_server(("127.0.0.1", 0)) as listening, contextlib.suppress(TimeoutError):
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with anyio.create_task_group() as group:
            group.start_soon(server.serve, [listening])
            async with browser(base_url=base, headers=headers) as reader:
                yield reader
            server.stopping.set()
