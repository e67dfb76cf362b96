import asyncio
import os
import socket
import stat
from pathlib import Path

import httpx
import pytest
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from paranad.control.connections import peer_of
from paranad.control.server import bind
from paranad.errors import ConfigurationError
from tests.support.control import Serve


async def whoami(scope: Scope, receive: Receive, send: Send) -> None:
    peer = peer_of(scope)
    await JSONResponse([peer.pid, peer.uid, peer.gid])(scope, receive, send)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def list_folder(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_socket_is_for_owner_and_group_alone(serve: Serve, socket_path: Path) -> None:
    async with serve(whoami):
        assert mode_of(socket_path) == 0o660
        assert mode_of(socket_path.parent) == 0o750


async def test_socket_is_gone_after_stop(serve: Serve, socket_path: Path) -> None:
    async with serve(whoami):
        assert [socket_path] == list_folder(socket_path.parent)
    assert [] == list_folder(socket_path.parent)


async def test_caller_is_known_from_the_kernel(serve: Serve, http: httpx.AsyncClient) -> None:
    async with serve(whoami):
        answer = await http.get("/")
    assert [os.getpid(), os.getuid(), os.getgid()] == answer.json()


async def test_signal_handlers_stay_the_daemons(serve: Serve) -> None:
    import signal

    before = signal.getsignal(signal.SIGTERM)
    async with serve(whoami):
        assert signal.getsignal(signal.SIGTERM) is before


async def test_an_idle_connection_does_not_delay_a_stop(serve: Serve, http: httpx.AsyncClient) -> None:
    async with serve(whoami):
        await http.get("/")
        stopping_at = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - stopping_at < 1


async def test_a_request_under_way_is_answered_before_the_stop(serve: Serve, http: httpx.AsyncClient) -> None:
    arrived, may_end = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        arrived.set()
        await may_end.wait()
        await Response("done")(scope, receive, send)

    async with serve(slow) as server:
        asked = asyncio.create_task(http.get("/"))
        await arrived.wait()
        stopping = asyncio.create_task(server.stop())
        await server.uvicorn.stopping.wait()
        may_end.set()
        assert (await asked).text == "done"
        await stopping


async def test_a_request_that_never_ends_is_broken_off(
    serve: Serve, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paranad.control.server.GRACE_S", 0)
    arrived = asyncio.Event()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        arrived.set()
        await asyncio.Event().wait()

    async with serve(endless):
        asked = asyncio.create_task(http.get("/"))
        await arrived.wait()
    (answer,) = await asyncio.gather(asked, return_exceptions=True)
    assert isinstance(answer, httpx.RemoteProtocolError)


def leave_stale(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(path))


async def test_socket_of_a_gone_daemon_is_replaced(serve: Serve, socket_path: Path, http: httpx.AsyncClient) -> None:
    leave_stale(socket_path)
    async with serve(whoami):
        assert (await http.get("/")).status_code == 200


def test_socket_of_a_living_daemon_is_never_taken(socket_path: Path) -> None:
    with bind(socket_path) as living:
        living.listen()
        with pytest.raises(ConfigurationError, match="which still listens"):
            bind(socket_path)
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(socket_path))


def test_a_file_in_the_sockets_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "control.sock").write_text("mine")
    with pytest.raises(ConfigurationError, match="got something else"):
        bind(tmp_path / "control.sock")
    assert (tmp_path / "control.sock").read_text() == "mine"


def test_a_path_too_long_for_a_socket_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="at most 107 bytes"):
        bind(tmp_path / ("x" * 107))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(ConfigurationError, match=r"\[daemon\] socket: expected to make"):
        bind(tmp_path / "run" / "control.sock")


def test_umask_of_the_process_is_left_as_it_was(socket_path: Path) -> None:
    before = os.umask(0o027)
    os.umask(before)
    bind(socket_path).close()
    assert before == os.umask(before)
