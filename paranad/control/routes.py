"""Parameters, dependencies and answers that all routes share."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator
from pydantic_core import PydanticKnownError

from paranad.control import schemas
from paranad.control.daemon import Daemon
from paranad.control.framework import APIRoute, Depends, HTTPException, Path, Query, Request, Response
from paranad.control.problems import MEDIA_TYPE
from paranad.control.standing_by import refusal
from paranad.control.views import Views
from paranad.errors import InvalidRequest, OfAnotherMachine
from paranad.numbers import LARGEST_ID, is_digits
from paranad.said import Sentence
from paranad.wording import did_you_mean, quotable


def as_written(value: object) -> object:
    """Let only ASCII digits, after a minus at most, be a number; pydantic would take ` 1`, `+1`, `1_0`, `1.0` and `１`.

    Raises:
        PydanticKnownError: the one that pydantic itself raises for a text that is no number.
    """
    if isinstance(value, str) and not is_digits(value.removeprefix("-")):
        raise PydanticKnownError("int_parsing")
    return value


Number = Annotated[int, BeforeValidator(as_written)]
"""A number in a path or a query. Every number of a route is one of these."""
JobId = Annotated[Number, Path(alias="id", ge=1, le=LARGEST_ID)]
OrderId = Annotated[Number, Path(alias="order", ge=1, le=LARGEST_ID)]
Limit = Annotated[Number, Query(ge=1, le=100, description="How many items at most.")]
Cursor = Annotated[str | None, Query(max_length=200, description="The `next_cursor` of the answer before.")]

UNKNOWN_PARAMETER = Sentence("control.unknown_parameter", 'unknown query parameter "{name}"{cure}')
KNOWN = Sentence("control.known_parameters", "; known: {names}")
NONE_KNOWN = Sentence("control.no_parameters", "; known: none")


async def daemon_of(request: Request) -> Daemon:
    """Return the daemon that this API controls."""
    return cast("Daemon", request.app.state.daemon)


async def views_of(request: Request) -> Views:
    """Return the views that show records in the daemon's time zone."""
    return Views(cast("Daemon", request.app.state.daemon).zone)


DaemonDep = Annotated[Daemon, Depends(daemon_of)]
ViewsDep = Annotated[Views, Depends(views_of)]


def refuse(request: Request) -> None:
    """Refuse a request that no route takes, before the framework looks at its parameters.

    No dependencies of the framework: it spends 15 µs on each, for every request.

    Raises:
        HTTPException, InvalidRequest, OfAnotherMachine: as the three say.
    """
    known_method(request)
    known_query(request)
    works_here(request)


def known_method(request: Request) -> None:
    """Refuse a method that a path without parameters does not have, before a path with parameters takes the request.

    `GET /v1/shipments/reconcile` would otherwise be answered as if `reconcile` were an order's id.

    Raises:
        HTTPException: 405.
    """
    methods = cast("Mapping[str, frozenset[str]]", request.app.state.whole_paths).get(request.scope["path"])
    if methods is not None and request.method not in methods:
        raise HTTPException(405)


def works_here(request: Request) -> None:
    """Refuse what only the machine that works can do, while this one stands by for it.

    Raises:
        OfAnotherMachine: names the machine that works, if any.
    """
    daemon, route = cast("Daemon", request.app.state.daemon), cast("APIRoute", request.scope["route"])
    if (standby := daemon.parts.standby) and (why := refusal(daemon, standby, request.method, route.path)):
        raise OfAnotherMachine(why)


def known_query(request: Request) -> None:
    """Refuse a query parameter that the route does not know.

    Raises:
        InvalidRequest: names the known ones.
    """
    if not request.query_params:
        return
    route: APIRoute = request.scope["route"]
    known = {parameter.alias for parameter in route.dependant.query_params}
    for name in request.query_params:
        if name not in known:
            cure = did_you_mean(name, known) or (KNOWN(names=sorted(known)) if known else NONE_KNOWN())
            raise InvalidRequest(UNKNOWN_PARAMETER(name=quotable(name), cure=cure))


REFERENCE = "#/components/schemas/{model}"
"""Where a model stands in `/v1/openapi.json`."""


def answer(model: BaseModel, status: int = 200) -> Response:
    """Return *model* as JSON."""
    return Response(model.model_dump_json(), status, media_type="application/json")


Answers = dict[int | str, dict[str, Any]]
"""What each status of a route's answer means, as FastAPI takes it."""


def answers(form: Any, *, also: dict[int, Any] | None = None, status: int = 200) -> Answers:
    """Describe a route's answers: *form* with *status*, those of *also* by their status, a problem for any other."""
    problem = {"schema": {"$ref": REFERENCE.format(model=schemas.Problem.__name__)}}
    described: Answers = {code: {"model": model} for code, model in ({status: form} | (also or {})).items()}
    return described | {"default": {"description": "Why it was not done.", "content": {MEDIA_TYPE: problem}}}


def streams(media_type: str, what: str) -> Answers:
    """Describe an answer that is a stream of *media_type*; *what* says what it holds."""
    return answers(None) | {200: {"description": what, "content": {media_type: {"schema": {"type": "string"}}}}}
