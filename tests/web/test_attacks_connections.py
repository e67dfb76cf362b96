"""Attacks by connections: slow ones, many, and those of another user of this machine."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse

from paranad.web import connections
from paranad.web.connections import uid_of
from tests.web.visitor import PATIENCE_S, Visitor, listening, served

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def port() -> Iterator[int]:
    bound = listening()
    with served(PlainTextResponse("page"), bound):
        yield bound.getsockname()[1]


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), PATIENCE_S)


def is_closed(connection: socket.socket) -> bool:
    """Wait until the other side closes."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("sent", [b"", b"G", HEAD, HEAD + b"Content-Length: 5\r\n\r\nab"])
def test_request_that_does_not_arrive_in_time_is_cut_off(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(connections, "REQUEST_S", 0.05)
    bound = listening()
    with served(never_answered, bound), connected(bound.getsockname()[1]) as slow:
        slow.sendall(sent)
        assert is_closed(slow)


async def never_answered(scope: object, receive: object, send: object) -> None:
    """Read the body to its end, as the guard does."""
    assert callable(receive)
    while (await receive()).get("more_body"):
        pass


def test_second_request_of_a_connection_has_its_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REQUEST_S", 0.05)
    bound = listening()
    with served(PlainTextResponse("page"), bound), connected(bound.getsockname()[1]) as slow:
        slow.sendall(HEAD + b"\r\n")
        while not slow.recv(65536).endswith(b"page"):
            pass
        slow.sendall(b"GET /")
        assert is_closed(slow)


def test_crowd_of_idle_connections_shuts_nobody_out(port: int) -> None:
    crowd = [connected(port) for _ in range(connections.MOST + 20)]
    try:
        assert "page" == Visitor(port).get().text
        assert is_closed(crowd[0])
    finally:
        for each in crowd:
            each.close()


def test_kernel_says_whose_a_connection_is() -> None:
    bound = listening()
    bound.listen()
    with connected(bound.getsockname()[1]) as ours, bound:
        client, server = ours.getsockname(), ours.getpeername()
        assert os.getuid() == uid_of(client, server)
        assert uid_of(server, server) is None


def test_where_the_kernel_says_nothing_there_is_no_uid(tmp_path: Path) -> None:
    assert uid_of(None, None) is None
    assert uid_of(("127.0.0.1", 1), ("/run/web.sock", None)) is None
    assert uid_of(("::1", 1), ("::1", 2)) is None
    assert uid_of(("127.0.0.1", 1), ("127.0.0.1", 2), tmp_path / "none") is None


TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:21C2 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 100 0 0 10 0
   1: 0100007F:21C2 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0 20 4 30 10 -1
   2: 0100007F:9C40 0100007F:21C2 01 00000000:00000000 00:00000000 00000000  1001        0 3 1 0 20 4 30 10 -1
"""


def test_it_is_the_client_s_end_that_counts(tmp_path: Path) -> None:
    table = tmp_path / "tcp"
    table.write_text(TABLE)
    assert 1001 == uid_of(("127.0.0.1", 40000), ("127.0.0.1", 8642), table)
