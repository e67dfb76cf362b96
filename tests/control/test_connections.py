"""However many callers connect, the daemon's own work has its file descriptors, and the log stays short."""

import asyncio
import errno
import json
import resource
import socket
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from paranad.control import connections
from paranad.control.connections import MOST, NEEDED_FILES, OWN_FILES, Connections, allow_files, most_connections
from paranad.errors import ConfigurationError
from paranad.events.daemon import ControlCrowded
from paranad.events.event import Event, Events
from tests.support.clock import ManualClock
from tests.support.control import Serve
from tests.support.http import by_socket

Limits = tuple[int, int]


def connect(path: Path, stack: ExitStack, count: int) -> list[socket.socket]:
    """Connect *count* callers that say nothing."""
    callers = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(count)]
    for caller in callers:
        caller.connect(str(path))
    return callers


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await Response("hello")(scope, receive, send)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(connections, "MOST", 4)
    return 4


async def test_caller_finds_a_place_however_many_say_nothing(
    serve: Serve, http: httpx.AsyncClient, socket_path: Path, few: int, told: list[Event]
) -> None:
    async with serve(hello) as server:
        with ExitStack() as stack:
            connect(socket_path, stack, 50)
            assert "hello" == (await http.get("/")).text
            assert few >= len(server.uvicorn.server_state.connections)
    [line] = [event for event in told if isinstance(event, ControlCrowded)]
    assert few == line.most


async def test_caller_is_turned_away_with_a_problem_where_all_others_are_at_work(
    serve: Serve, http: httpx.AsyncClient, socket_path: Path, few: int
) -> None:
    arrived, may_end = asyncio.Semaphore(0), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        arrived.release()
        await may_end.wait()
        await Response("done")(scope, receive, send)

    async with serve(slow):
        working = [asyncio.create_task(http.get("/")) for _ in range(few)]
        for _ in range(few):
            await arrived.acquire()
        async with by_socket(socket_path) as another:
            answer = await another.get("/")
        may_end.set()
        assert ["done"] * few == [(await each).text for each in working]
    problem = json.loads(answer.text)
    assert (503, "unavailable") == (answer.status_code, problem["kind"])
    assert f"expected at most {few} connections" in problem["detail"]


async def test_those_who_were_turned_away_are_told_once_a_minute(clock: ManualClock, events: Events) -> None:
    told: list[Event] = []
    events.listen(told.extend)
    crowd = Connections(1, clock, events)
    for _ in range(3):
        for _ in range(100):
            crowd.turn_away()
        await clock.advance(60)
    assert [1, 100, 100] == [event.turned_away for event in told if isinstance(event, ControlCrowded)]


async def test_accept_that_fails_for_want_of_a_descriptor_is_no_flood(
    clock: ManualClock, events: Events, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Event] = []
    events.listen(told.extend)
    loop = asyncio.get_running_loop()
    with socket.socket() as listening, Connections(1, clock, events).heard_in(loop):
        for number in (errno.EMFILE, errno.ENFILE) * 50:
            loop.call_exception_handler(
                {
                    "message": "socket.accept() out of system resource",
                    "exception": OSError(number, ""),
                    "socket": listening,
                }
            )
        assert [] == caplog.records
        loop.call_exception_handler({"message": "something else", "exception": ValueError("x")})
    assert 1 == len(told)
    assert 1 == len(caplog.records)


@pytest.mark.parametrize(
    ("soft", "most"), [(64, 8), (256, MOST), (1024, MOST), (resource.RLIM_INFINITY, MOST), (OWN_FILES, 1)]
)
def test_most_connections_leave_the_daemon_its_own_files(monkeypatch: pytest.MonkeyPatch, soft: int, most: int) -> None:
    limits(monkeypatch, soft, soft)
    assert most == most_connections()


def limits(patch: pytest.MonkeyPatch, soft: int, hard: int) -> list[Limits]:
    """Let the limit of open files be *soft* and *hard*; return what it is set to."""
    set_to: list[Limits] = []
    patch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    patch.setattr(resource, "setrlimit", lambda _, wanted: set_to.append(wanted))
    return set_to


@pytest.mark.parametrize(
    ("soft", "hard", "wanted"),
    [
        (1024, 4096, []),
        (NEEDED_FILES, NEEDED_FILES, []),
        (16, 4096, [(NEEDED_FILES, 4096)]),
        (16, resource.RLIM_INFINITY, [(NEEDED_FILES, resource.RLIM_INFINITY)]),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, []),
    ],
)
def test_limit_that_may_be_raised_is(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, wanted: list[Limits]
) -> None:
    set_to = limits(monkeypatch, soft, hard)
    allow_files()
    assert wanted == set_to


def test_limit_that_is_too_low_is_refused_with_the_number_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    limits(monkeypatch, 20, 20)
    with pytest.raises(ConfigurationError, match=f"at least {NEEDED_FILES} .*, got 20; raise it: LimitNOFILE="):
        allow_files()
