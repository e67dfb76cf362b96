"""Turns errors into problem+json (RFC 9457), here alone; `client.py` turns them back."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Route

from paranad.control import requests, schemas
from paranad.control.framework import APIRoute, FastAPI, Request, RequestValidationError, Response
from paranad.errors import BadRequest, ConfigurationError, InvalidRequest, NotFound, ParanadError
from paranad.said import Said, Sentence
from paranad.wording import did_you_mean, expectation, joined, quotable

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:paranad:problem:"
NO_FIELDS = frozenset({"path", "query", "header", "body", requests.ONE, requests.SEVERAL})
"""Parts of pydantic's locations that are no fields: the place in the request, and the form chosen for the body."""
NAMED = 5
"""How many wrong fields one error names."""

WRONG_METHOD = Sentence("control.wrong_method", "{method} {path}: expected the method {allowed}")
NO_SUCH_ROUTE = Sentence(
    "control.no_such_route", "{method} {path}: there is no such route; GET /v1/openapi.json lists them"
)
NOT_ANSWERED = Sentence("control.not_answered", "{method} {path}: {detail}")
MISSING = Sentence("control.field_missing", "{field} is missing")
UNKNOWN = Sentence("control.field_unknown", '{field}: unknown field "{name}"{near}')
WRONG = Sentence("control.field_wrong", "{field}: {expected}{got}")
GOT = Sentence("control.got", ", got {got}")
GOT_TEXT = Sentence("control.got_text", ', got "{got}"')


def problem_of(error: ParanadError, status: int | None = None) -> schemas.Problem:
    """Describe *error*; *status* replaces that of the error's class if HTTP has a closer one."""
    wrong = error.problems if isinstance(error, ConfigurationError) else None
    return schemas.Problem(
        type=TYPE + error.kind,
        title=error.kind.replace("-", " ").capitalize(),
        status=status or error.status,
        detail=str(error),
        why=schemas.remark_of(error.said) if error.said.code else None,
        kind=error.kind,
        problems=wrong and [schemas.WrongSetting(where=w.where, key=w.key, message=w.message) for w in wrong],
    )


def answer_problem(error: ParanadError, status: int | None = None) -> Response:
    """Return *error* as an answer."""
    problem = problem_of(error, status)
    return Response(problem.model_dump_json(exclude_none=True), problem.status, media_type=MEDIA_TYPE)


def answer_problems(app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    """Let *app* answer with a problem if one of its *routes* raises an error, or if none takes the request."""

    @app.exception_handler(ParanadError)
    async def known(_: Request, error: ParanadError) -> Response:
        return answer_problem(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return answer_problem(invalid_request(error.errors(), fields_of(request.scope["route"])))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        return answer_http(request, error, routes)


def answer_http(request: Request, error: HTTPException, routes: Sequence[BaseRoute]) -> Response:
    """Answer a request that the framework itself refuses: no such route, or not with this method."""
    asked = {"method": request.method, "path": quotable(request.url.path)}
    if error.status_code == 405:
        allowed = methods_at(request, routes)
        answer = answer_problem(BadRequest(WRONG_METHOD(**asked, allowed=allowed)), 405)
        answer.headers["Allow"] = ", ".join(allowed)
        return answer
    if error.status_code == 404:
        return answer_problem(NotFound(NO_SUCH_ROUTE(**asked)))
    return answer_problem(BadRequest(NOT_ANSWERED(**asked, detail=error.detail)), error.status_code)


def methods_at(request: Request, routes: Sequence[BaseRoute]) -> list[str]:
    """Return the methods of all routes at the request's path; the framework itself names those of one route."""
    if whole := whole_paths(routes).get(request.url.path):
        return sorted(whole)
    matching = (route for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for route in matching if isinstance(route, Route) for method in route.methods or ()})


def whole_paths(routes: Sequence[BaseRoute]) -> Mapping[str, frozenset[str]]:
    """Return the methods of each path without parameters, such as `/v1/shipments/reconcile`."""
    methods: defaultdict[str, set[str]] = defaultdict(set)
    for route in routes:
        if isinstance(route, Route) and "{" not in route.path:
            methods[route.path] |= route.methods or set()
    return {path: frozenset(each) for path, each in methods.items()}


def fields_of(route: APIRoute) -> set[str]:
    """Return the names that an object in the body of *route* may hold."""
    field = route.body_field
    forms = forms_in(field and field.field_info.annotation)
    return {each.alias or name for form in forms for name, each in form.model_fields.items()}


def forms_in(kind: Any) -> Iterator[type[BaseModel]]:
    """Yield the models of which the type *kind* is made."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from forms_in(part)


def invalid_request(errors: Sequence[Any], fields: Collection[str]) -> InvalidRequest:
    """Put pydantic's *errors* into words; the nearest of *fields* is offered for an unknown one."""
    return InvalidRequest(joined([in_words(error, fields) for error in errors[:NAMED]]))


def in_words(error: Any, fields: Collection[str]) -> Said:
    """Name the field, what was expected and what was sent."""
    where = place_of(error["loc"])
    match error["type"]:
        case "missing":
            return MISSING(field=where)
        case "extra_forbidden":
            name = str(error["loc"][-1])
            return UNKNOWN(field=where, name=quotable(name), near=did_you_mean(name, fields))
        case _:
            return WRONG(field=where, expected=expectation(error), got=got(error))


def place_of(loc: Sequence[str | int]) -> str:
    """Write a location such as ("path", "id") or (3, "task") as `id` or `[3].task`."""
    parts = [part for part in loc if part not in NO_FIELDS] or ["body"]
    return "".join(f"[{part}]" if isinstance(part, int) else f".{quotable(part)}" for part in parts).removeprefix(".")


def got(error: Any) -> Said | str:
    """Quote a wrong value if it is a text or a number, and no argument, which may be a customer's."""
    value = error["input"]
    if "args" in error["loc"] or not isinstance(value, str | int | float):
        return ""
    return GOT_TEXT(got=quotable(value)) if isinstance(value, str) else GOT(got=quotable(str(value)))
