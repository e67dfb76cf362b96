import socket
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from paranad.control.client import ControlClient, unreachable
from paranad.control.problems import answer_problem
from paranad.errors import DaemonUnreachable, NotPermitted, ParanadError, WrongState
from paranad.said import plain
from tests.support.control import Serve


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    body = (await request.body()).decode()
    asked = [request.method, scope["raw_path"].decode(), dict(request.query_params), body]
    await JSONResponse({"asked": asked})(scope, receive, send)


async def test_parts_and_query_arrive_as_they_were_given(serve: Serve, socket_path: Path) -> None:
    async with serve(echo):
        client = ControlClient(socket_path)
        answer = await to_thread.run_sync(lambda: client.get("schedule", "a/b %", "history", limit=5, cursor=None))
    assert ["GET", "/v1/schedule/a%2Fb%20%25/history", {"limit": "5"}, ""] == answer["asked"]


async def test_body_arrives_as_json(serve: Serve, socket_path: Path) -> None:
    async with serve(echo):
        answer = await to_thread.run_sync(lambda: ControlClient(socket_path).post("jobs", body={"task": "سلة"}))
    assert answer["asked"][3] == '{"task": "\\u0633\\u0644\\u0629"}'


async def test_a_problem_is_raised_as_the_daemons_own_error(serve: Serve, socket_path: Path) -> None:
    async with serve(answer_problem(WrongState(plain("job 7 is completed")))):
        with pytest.raises(WrongState, match="job 7 is completed"):
            await to_thread.run_sync(lambda: ControlClient(socket_path).post("jobs", 7, "cancel"))


def test_no_socket_says_how_to_start_the_daemon(tmp_path: Path) -> None:
    with pytest.raises(
        DaemonUnreachable, match=r"nowhere\.sock: there is no such socket.*systemctl start paranad"
    ) as got:
        ControlClient(tmp_path / "nowhere.sock").get("status")
    assert got.value.exit_code == 3


def test_a_socket_that_nobody_listens_on_says_so(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(str(tmp_path / "s"))
    with pytest.raises(DaemonUnreachable, match="nothing listens on it"):
        ControlClient(tmp_path / "s").get("status")


def test_not_permitted_names_the_group() -> None:
    error = unreachable(Path("/run/paranad/control.sock"), PermissionError(13, "Permission denied"))
    assert isinstance(error, NotPermitted)
    assert "usermod -aG paranad" in str(error)
    assert error.exit_code == 5


def test_a_daemon_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        with pytest.raises(DaemonUnreachable, match="did not answer in time"):
            ControlClient(tmp_path / "s", timeout_s=0.05).get("status")


def test_a_path_too_long_for_a_socket_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(DaemonUnreachable, match="too long"):
        ControlClient(tmp_path / ("x" * 200)).get("status")


async def test_backup_is_written_whole_for_its_owner_alone(serve: Serve, socket_path: Path, tmp_path: Path) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 700_000

    async with serve(StreamingResponse(chunks())):
        await to_thread.run_sync(lambda: ControlClient(socket_path).backup(tmp_path / "copy.db"))
    assert (tmp_path / "copy.db").stat().st_size == 2_100_000
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600


def files_in(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir() if file.is_file()}


async def test_a_backup_that_fails_leaves_the_last_one(serve: Serve, socket_path: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("yesterday")
    async with serve(answer_problem(WrongState(plain("no")))):
        with pytest.raises(WrongState):
            await to_thread.run_sync(lambda: ControlClient(socket_path).backup(tmp_path / "copy.db"))
    assert {"copy.db": "yesterday"} == files_in(tmp_path)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def replied(folder: Path, *pieces: bytes) -> Any:
    """Return what the client makes of a reply that comes in *pieces*, after which the connection is closed."""

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            for piece in pieces:
                connection.sendall(piece)

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "s"))
        listening.listen()
        serving = threading.Thread(target=serve)
        serving.start()
        try:
            return ControlClient(folder / "s").get("status")
        finally:
            serving.join()


@pytest.mark.parametrize(
    "pieces",
    [
        [HEAD + b"Content-Length: 8\r\n\r\n" + b'{"a": 1}'],
        [HEAD[:20], HEAD[20:] + b"Content-Length: 8\r\n", b"\r\n" + b'{"a"', b": 1}"],
        [CHUNKED, b'3\r\n{"a\r\n', b'5\r\n": 1}\r\n0\r\n\r\n'],
        [HEAD + b"\r\n", b'{"a": 1}'],
    ],
    ids=["at once", "in pieces", "in chunks", "to the end of the connection"],
)
def test_reply_is_read_to_its_end(tmp_path: Path, pieces: list[bytes]) -> None:
    assert {"a": 1} == replied(tmp_path, *pieces)


@pytest.mark.parametrize(
    ("pieces", "why"),
    [
        ([], "Remote end closed connection without response"),
        ([HEAD], "Remote end closed connection without response"),
        ([HEAD + b"Content-Length: 9\r\n\r\n" + b'{"a": 1}'], "it ends before its end"),
        ([CHUNKED, b'3\r\n{"a\r\n'], "it ends before its end"),
        ([b"220 mail ESMTP\r\n"], "Expected HTTP/"),
    ],
    ids=["none", "half a head", "too short", "half of the chunks", "another protocol"],
)
def test_reply_that_breaks_off_is_told(tmp_path: Path, pieces: list[bytes], why: str) -> None:
    with pytest.raises(DaemonUnreachable, match=f"the daemon broke off the answer .{why}"):
        replied(tmp_path, *pieces)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\nPRI", "is no JSON object"),
        (b"HTTP/1.1 503 Busy\r\n\r\n" + b"[" * 100_000, "answered 503 without saying why"),
        (b'HTTP/1.1 400 Bad\r\n\r\n{"kind": 5, "detail": 7}', "7"),
    ],
    ids=["another protocol from here on", "deep", "no texts"],
)
def test_reply_of_another_program_is_told(tmp_path: Path, reply: bytes, said: str) -> None:
    with pytest.raises(ParanadError) as told:
        replied(tmp_path, reply)
    assert said in str(told.value.said)


def test_the_client_loads_nothing_of_the_daemon() -> None:
    heavy = "{'httpx', 'pydantic', 'fastapi', 'uvicorn', 'asyncio', 'orjson'}"
    code = f"import sys, paranad.control.client; print(sorted({heavy} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "[]\n"
