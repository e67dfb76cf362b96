"""Routes and their bodies: JSON by orjson, of at most 1 MiB, not nested deep; the framework checks their form."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from paranad.control.framework import APIRoute, APIRouter, Request, Response, create_model_field
from paranad.control.routes import Answers, refuse
from paranad.errors import BadRequest, TooLarge
from paranad.said import Sentence

LIMIT_BYTES = 1 << 20
DEPTH = 32
"""How deep a body may be nested."""
NO_MEMORY = "Not enough memory"
"""How orjson's message begins for a body that may be JSON and does not fit: it has no error class of its own for it."""
CONTAINERS = frozenset({dict, list})
CONTENT_TYPE = b"content-type"

TOO_LARGE = Sentence(
    "control.body_too_large", "body: expected at most {bytes} bytes (1 MiB), got more; send several smaller requests"
)
NOT_JSON = Sentence("control.body_not_json", "body: expected JSON, got {bytes} bytes that are none ({detail})")
TOO_DEEP = Sentence("control.body_too_deep", "body: expected JSON nested at most {levels} deep; flatten it")


class JsonRequest(Request):
    """A request whose body is JSON under any Content-Type: `curl -d` calls it a form."""

    async def load(self, *, required: bool) -> None:
        """Read the body, so that `body` and `json` have it; no body at all is left to the form's defaults.

        Raises:
            TooLarge: it is over 1 MiB; the rest is not kept.
            BadRequest: it is not JSON, or nested too deep; or it is *required* and empty.
            MemoryError: there is no room for it.
        """
        # Without one the framework takes the body as JSON, and parses no header.
        self.scope["headers"] = [pair for pair in self.scope["headers"] if pair[0] != CONTENT_TYPE]
        # Starlette's own places: from here on `body` and `json` answer from them.
        self._body = await self._bounded()
        if required or self._body:
            self._json = parse(self._body)

    async def _bounded(self) -> bytes:
        announced = self.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > LIMIT_BYTES:
            raise TooLarge(TOO_LARGE(bytes=LIMIT_BYTES))
        parts: list[bytes] = []
        size_bytes = 0
        async for part in self.stream():
            size_bytes += len(part)
            if size_bytes > LIMIT_BYTES:
                raise TooLarge(TOO_LARGE(bytes=LIMIT_BYTES))
            parts.append(part)
        return b"".join(parts)


class JsonRoute(APIRoute):
    """A route whose body, if it has one, is a JsonRequest's, and whose answers are described on demand.

    The body is read before the framework would do it, because the framework turns any error in that into the same 400.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], *, responses: Answers, **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.responses = responses

    def describe_answers(self) -> None:
        """Build the fields of the answers, which the framework would do at once: only a description needs them."""
        self.response_fields = {
            status: create_model_field(f"Response_{status}_{self.unique_id}", answer["model"], mode="serialization")
            for status, answer in self.responses.items()
            if answer.get("model")
        }

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        handle, body = super().get_route_handler(), self.body_field
        required = body is not None and body.field_info.is_required()

        async def load_and_handle(request: Request) -> Response:
            if body is not None:
                request = JsonRequest(request.scope, request.receive)
                await request.load(required=required)
            refuse(request)
            return await handle(request)

        return load_and_handle


def router_of(tag: str, prefix: str = "") -> APIRouter:
    """Return a router for the API's routes about *tag*, whose paths begin with *prefix*."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        route_class=JsonRoute,
        strict_content_type=False,
        generate_unique_id_function=lambda route: f"{route.tags[0]}.{route.name}",
    )


def parse(body: bytes) -> Any:
    """Return the JSON value that *body* holds.

    Raises:
        BadRequest: it is not JSON, or nested too deep.
        MemoryError: there is no room for it.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if error.msg.startswith(NO_MEMORY):
            raise MemoryError from None
        raise BadRequest(NOT_JSON(bytes=len(body), detail=str(error))) from None
    check_depth(value)
    return value


def check_depth(value: Any) -> None:
    """Refuse a value that is nested deeper than any request needs."""
    level: list[Any] = [value] if type(value) in CONTAINERS else []
    # Level by level instead of by recursion, which a deep body would drive into Python's own limit.
    for _ in range(DEPTH):
        if not level:
            return
        level = [
            child
            for each in level
            for child in (each.values() if type(each) is dict else each)
            if type(child) in CONTAINERS
        ]
    if level:
        raise BadRequest(TOO_DEEP(levels=DEPTH))
