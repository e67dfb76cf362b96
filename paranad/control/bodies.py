"""Reads request bodies: bounded, JSON, not nested without end, of the expected shape."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel, TypeAdapter, ValidationError

from paranad.control.problems import invalid_request
from paranad.errors import BadRequest, TooLarge

LIMIT_BYTES = 1 << 20
DEPTH = 32
"""How deep a body may be nested."""
NO_MEMORY = "Not enough memory"
"""How orjson begins what it says of a value that may be JSON and does not fit: it has no other error for that."""
CONTAINERS = frozenset({dict, list})

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

NO_MEMORY = "Not enough memory"
"""How orjson's error begins where it is none of the body's."""


async def read(request: Request) -> bytes:
    """Return the body's bytes, however they are sent.

    Raises:
        TooLarge: it is over 1 MiB; the rest is not kept.
    """
    if promised(request) > LIMIT_BYTES:
        raise too_large()
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LIMIT_BYTES:
            raise too_large()
        parts.append(part)
    return b"".join(parts)


def promised(request: Request) -> int:
    """Return the size that the caller announced; 0: none."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


def too_large() -> TooLarge:
    """Say how much a body may hold."""
    return TooLarge(f"body: expected at most {LIMIT_BYTES} bytes (1 MiB), got more; send several smaller requests")


def parse(body: bytes) -> Any:
    """Return the JSON value that *body* holds.

    Raises:
        BadRequest: it is not JSON, or nested too deep.
        MemoryError: there is no room for it.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if error.msg.startswith(NO_MEMORY):  # orjson has no other word for it
            raise MemoryError from None
        raise BadRequest(f"body: expected JSON, got {len(body)} bytes that are none ({error})") from None
    check_depth(value)
    return value


def check_depth(value: Any) -> None:
    """Refuse a value that is nested deeper than any request needs."""
    level: list[Any] = [value] if type(value) in CONTAINERS else []
    for _ in range(DEPTH):
        if not level:
            return
        inside = (each.values() if type(each) is dict else each for each in level)
        level = [child for children in inside for child in children if type(child) in CONTAINERS]
    if level:
        raise BadRequest(f"body: expected JSON nested at most {DEPTH} deep; flatten it")


def body_of(model: type[M], *, optional: bool = False) -> Callable[[Request], Awaitable[M]]:
    """Return a dependency that reads the body as *model*; *optional*: no body means its defaults."""
    form = TypeAdapter(model)

    async def read_model(request: Request) -> M:
        body = await read(request)
        if optional and not body:
            return model()
        return checked(form, parse(body), model.model_fields)

    return read_model


def checked(form: TypeAdapter[T], value: Any, fields: Collection[str]) -> T:
    """Return *value* in the *form* asked for.

    Raises:
        InvalidRequest: names each field, what was expected and what it got.
    """
    try:
        return form.validate_python(value)
    except ValidationError as error:
        raise invalid_request(error.errors(include_url=False), fields) from None
