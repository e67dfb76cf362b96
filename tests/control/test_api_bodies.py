"""Bodies that are too large, no JSON, nested without end; routes and methods that do not exist."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import orjson
import pytest

from paranad.control.bodies import LIMIT_BYTES
from paranad.control.daemon import Daemon
from paranad.events.daemon import ControlFailed
from paranad.events.event import Event

MEBIBYTE_OF_ARGS = b'{"task":"carts:expire","args":{"x":"' + b"x" * LIMIT_BYTES + b'"}}'


async def in_chunks() -> AsyncIterator[bytes]:
    for start in range(0, len(MEBIBYTE_OF_ARGS), 65536):
        yield MEBIBYTE_OF_ARGS[start : start + 65536]


async def test_a_body_over_a_mebibyte_is_413_and_the_connection_goes_on(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/jobs", content=MEBIBYTE_OF_ARGS)
    assert (413, "too-large") == (answer.status_code, answer.json()["kind"])
    assert (await api.get("/v1/health")).status_code == 200


async def test_a_body_without_a_length_is_bounded_too(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/jobs", content=in_chunks())
    assert (413, "too-large") == (answer.status_code, answer.json()["kind"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"task=carts:expire",
        b"{",
        b'{"task": NaN}',
        b'{"task": "carts:expire", "args": {"x": Infinity}}',
        b'{"task": "\xff"}',
        b'{"task": "\\ud800"}',
        b"\x00",
    ],
)
async def test_a_body_that_is_no_json_is_400(api: httpx.AsyncClient, body: bytes) -> None:
    answer = await api.post("/v1/jobs", content=body)
    assert (400, "bad-request") == (answer.status_code, answer.json()["kind"])
    assert answer.json()["detail"].startswith("body: expected JSON")


@pytest.mark.parametrize("depth", [33, 1_000, 100_000])
@pytest.mark.parametrize("pair", [(b"[", b"]"), (b'{"a":', b"}")])
async def test_a_body_nested_without_end_is_400(api: httpx.AsyncClient, depth: int, pair: tuple[bytes, bytes]) -> None:
    opening, closing = pair
    nested = opening * depth + b"1" + closing * depth
    for body in (nested, b'{"task":"carts:expire","args":{"x":' + nested + b"}}"):
        answer = await api.post("/v1/jobs", content=body)
        assert (400, "bad-request") == (answer.status_code, answer.json()["kind"])


async def test_a_body_for_which_there_is_no_memory_is_503(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, told: list[Event]
) -> None:
    """It may be JSON: the request is not wrong."""

    def no_room(_: bytes) -> None:
        raise orjson.JSONDecodeError("Not enough memory to allocate buffer for parsing", "", 0)

    monkeypatch.setattr(orjson, "loads", no_room)
    answer = await api.post("/v1/jobs", content=b"{}")
    assert (503, "unavailable") == (answer.status_code, answer.json()["kind"])
    assert "no memory left" in answer.json()["detail"]
    assert [""] == [event.traceback for event in told if isinstance(event, ControlFailed)]


async def test_a_request_that_meets_no_memory_anywhere_is_503(
    api: httpx.AsyncClient, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_room() -> None:
        raise MemoryError

    monkeypatch.setattr(daemon.parts.outside, "ask", no_room)
    assert 503 == (await api.get("/v1/status")).status_code


async def test_a_caller_that_leaves_in_the_middle_of_its_body_is_nothing_to_tell(
    api: httpx.AsyncClient, socket_path: Path, told: list[Event]
) -> None:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(socket_path))
        caller.sendall(b"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        await api.get("/v1/health")  # its request has begun
    for _ in range(3):
        await api.get("/v1/health")
    assert [] == [event for event in told if event.name.startswith("control.")]


@pytest.mark.parametrize("delay", ["soon", "", "-5s", "9" * 30 + "s", -1, 10**30, True, [], "1d 2h x"])
async def test_a_delay_that_is_none_is_422(api: httpx.AsyncClient, delay: object) -> None:
    answer = await api.post("/v1/jobs", json={"task": "carts:expire", "delay": delay})
    assert (422, "invalid") == (answer.status_code, answer.json()["kind"])
    assert "delay" in answer.json()["detail"]


async def test_a_path_that_is_written_out_is_405_with_its_own_methods(api: httpx.AsyncClient) -> None:
    """`reconcile` could be an order's id by the routes, and `retry` a job's."""
    described = (await api.get("/v1/openapi.json")).json()["paths"]
    seen = 0
    for path, operations in described.items():
        right = {method.upper() for method in operations if method in {"get", "post", "delete"}}
        for method in {"GET", "POST", "DELETE"} - right:
            if "{" not in path:
                answer = await api.request(method, path)
                assert (405, ", ".join(sorted(right))) == (answer.status_code, answer.headers.get("Allow")), path
                seen += 1
    assert seen > 10
    answer = await api.get("/v1/shipments/reconcile?x=1")
    assert (405, "POST") == (answer.status_code, answer.headers["Allow"])


async def test_of_a_field_given_twice_the_last_counts(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/jobs", content=b'{"task":"no","task":"carts:expire"}')
    assert answer.status_code == 201


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/job", "/v1/jobs/", "/v1/jobs/1/forget", "/v1/doctors", "/docs"])
async def test_a_route_that_does_not_exist_is_404(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert (404, "not-found") == (answer.status_code, answer.json()["kind"])
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_wrong_method_is_405_and_names_the_right_one(api: httpx.AsyncClient) -> None:
    answer = await api.put("/v1/reload")
    assert (405, "bad-request") == (answer.status_code, answer.json()["kind"])
    assert answer.headers["allow"] == "POST"
    assert answer.json()["detail"] == "PUT /v1/reload: expected the method POST"


async def test_a_wrong_method_names_those_of_every_route_at_the_path(api: httpx.AsyncClient) -> None:
    assert "GET, POST" == (await api.put("/v1/jobs")).headers["allow"]
    assert "DELETE, GET" == (await api.post("/v1/jobs/1")).headers["allow"]


async def test_an_unknown_query_parameter_is_refused_everywhere(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/drain?now=1")
    assert (422, 'unknown query parameter "now"; known: none') == (answer.status_code, answer.json()["detail"])


async def test_out_of_memory_is_503_and_not_the_request_s_fault(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(_: bytes) -> None:
        raise orjson.JSONDecodeError("Not enough memory to allocate buffer for parsing", "", 0)

    with monkeypatch.context() as patch:
        patch.setattr("paranad.control.bodies.orjson.loads", exhausted)
        answer = await api.post("/v1/jobs", content=b'{"task":"carts:expire"}')
    assert (503, "unavailable") == (answer.status_code, answer.json()["kind"])
