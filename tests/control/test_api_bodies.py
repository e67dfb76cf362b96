"""Bodies that are too large, no JSON, nested without end; routes and methods that do not exist."""

from collections.abc import AsyncIterator

import httpx
import orjson
import pytest

from paranad.control.bodies import LIMIT_BYTES

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


async def test_of_a_field_given_twice_the_last_counts(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/jobs", content=b'{"task":"no","task":"carts:expire"}')
    assert answer.status_code == 201


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/job", "/v1/jobs/", "/v1/jobs/1/forget", "/v1/doctors", "/docs"])
async def test_a_route_that_does_not_exist_is_404(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert (404, "not-found") == (answer.status_code, answer.json()["kind"])
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_wrong_method_is_405_and_names_the_right_one(api: httpx.AsyncClient) -> None:
    answer = await api.put("/v1/drain")
    assert (405, "bad-request") == (answer.status_code, answer.json()["kind"])
    assert answer.headers["allow"] == "POST"
    assert answer.json()["detail"] == "PUT /v1/drain: expected the method POST"


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
