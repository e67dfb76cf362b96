"""The API does what `/v1/openapi.json` says, whatever it is sent."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from anyio import to_thread
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from paranad.clock import SystemClock
from paranad.control.daemon import Daemon
from paranad.sandbox.server import Sandbox
from tests.support.clock import SAFETY_S

ENDLESS = "/v1/events"
REFUSED = ["4xx", "5xx"]
"""How wrong data are answered; a list with too many items may be too large as well, which is 413."""
TRUE_TO_ITS_WORD = [
    not_a_server_error,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
]


@pytest.fixture
def clock() -> SystemClock:
    """The doctor waits for the clock."""
    return SystemClock()


@pytest.fixture
def courier_url(sandbox: Sandbox) -> str:
    return sandbox.base_url


def explore(socket: Path, mode: GenerationMode) -> int:
    """Send every route requests of *mode* and compare each answer with the description; return how many routes."""
    with httpx.Client(
        transport=httpx.HTTPTransport(uds=str(socket), verify=False), base_url="http://localhost", timeout=SAFETY_S
    ) as client:
        config = SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}})
        described = schemathesis.openapi.from_dict(client.get("/v1/openapi.json").json(), config=config)
        operations = [result.ok() for result in described.get_all_operations() if isinstance(result, Ok)]
        for operation in operations:
            if operation.path != ENDLESS and (mode.is_positive or may_be_wrong(operation)):
                explore_one(client, operation, mode)
        return len(operations)


def may_be_wrong(operation: Any) -> bool:
    return any((operation.path_parameters, operation.query, operation.headers, operation.body))


def explore_one(client: httpx.Client, operation: Any, mode: GenerationMode) -> None:
    @settings(max_examples=5, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case[Any]) -> None:
        sent = case.as_transport_kwargs(base_url="http://localhost")
        known = {"data": "content"}
        answer = client.request(**{known.get(name, name): value for name, value in sent.items() if name != "cookies"})
        case.validate_response(answer, checks=TRUE_TO_ITS_WORD)

    ask()


@pytest.mark.parametrize("mode", list(GenerationMode))
async def test_the_api_is_true_to_its_description(
    api: httpx.AsyncClient, daemon: Daemon, socket_path: Path, mode: GenerationMode
) -> None:
    await daemon.parts.alerts.look(is_first=True)  # a digest would wait for it, and nothing else looks here
    assert await to_thread.run_sync(explore, socket_path, mode) > 25


async def test_a_form_is_described_in_each_place_by_what_stands_there(api: httpx.AsyncClient) -> None:
    forms = (await api.get("/v1/openapi.json")).json()["components"]["schemas"]
    remark = {"$ref": "#/components/schemas/Remark"}
    assert remark | {"description": "How the daemon reads it."} == forms["Setting"]["properties"]["reads"]
    assert remark in forms["Attempt"]["properties"]["why"]["anyOf"]
