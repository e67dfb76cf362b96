"""Builds the control API: its routes, how it answers errors, and the record of who changed what."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any, cast

from anyio.to_thread import run_sync
from pydantic.json_schema import models_json_schema
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from paranad.control import (
    api_alerts,
    api_daemon,
    api_history,
    api_jobs,
    api_orders,
    api_parcels,
    api_schedule,
    api_settings,
    api_shipments,
    api_standby,
    api_tasks,
    api_trials,
    schemas,
)
from paranad.control.bodies import JsonRoute
from paranad.control.client import STANDS_BY
from paranad.control.connections import peer_of
from paranad.control.daemon import Daemon
from paranad.control.framework import FastAPI, JSONResponse, Request, Response, TelemetryConfig
from paranad.control.problems import answer_problem, answer_problems, whole_paths
from paranad.control.routes import REFERENCE
from paranad.control.standing_by import READING
from paranad.control.stream import Stream
from paranad.errors import ParanadError, Unavailable
from paranad.events.daemon import ControlChanged, ControlFailed
from paranad.events.event import Events
from paranad.said import Sentence
from paranad.standby.view import Role

NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""FastAPI would look for a tracer with each request, and send it to wherever a variable of the environment says."""
NO_MEMORY = Sentence(
    "control.no_memory", "the daemon has no memory left for this request; ask for less, or again in a minute"
)
DEFECT = Sentence("control.defect", "the daemon met a defect of its own; its log says which")


class Audit:
    """Tells each change with its caller, and each defect; answers any exception that a route lets through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            if message["type"] == "http.response.start" and (works := works_elsewhere(scope)) is not None:
                message["headers"] = [*message.get("headers", ()), (STANDS_BY.encode(), works.encode())]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except ClientDisconnect:  # the caller left in the middle of its body: nothing was done, and no answer is read
            return
        except MemoryError:
            # A traceback would need memory as well, and a large request is no defect.
            said = NO_MEMORY()
            events_of(scope).tell(
                ControlFailed(method=scope["method"], path=scope["path"], error=str(said), traceback="")
            )
            if not status:
                await answer_problem(Unavailable(said))(scope, receive, noting)
        except Exception as error:  # noqa: BLE001 - a defect of a route must not end the daemon
            self._failed(scope, error)
            if not status:  # an answer that has begun cannot become another
                await answer_problem(ParanadError(DEFECT()))(scope, receive, noting)
        self._changed(scope, status)

    def _changed(self, scope: Scope, status: int) -> None:
        if scope["method"] not in READING and status < 400:
            events, uid = events_of(scope), peer_of(scope).uid
            events.tell(ControlChanged(uid=uid, method=scope["method"], path=scope["path"], status=status))

    def _failed(self, scope: Scope, error: Exception) -> None:
        words = f"{type(error).__name__}: {error}"
        lines = "".join(traceback.format_exception(error))
        events_of(scope).tell(ControlFailed(method=scope["method"], path=scope["path"], error=words, traceback=lines))


def events_of(scope: Scope) -> Events:
    """Return what tells the events of the daemon that the request is for."""
    return cast("Daemon", scope["app"].state.daemon).events


def works_elsewhere(scope: Scope) -> str | None:
    """Return which machine works while this daemon stands by, `-` if none is known to; None: this one works."""
    standby = cast("Daemon", scope["app"].state.daemon).parts.standby
    if standby is None or standby.view.role is Role.ACTIVE:
        return None
    return standby.view.working or "-"


class Api(FastAPI):
    """FastAPI, which also describes a problem: it knows models in `application/json` alone."""

    def openapi(self) -> dict[str, Any]:
        if not self.openapi_schema:
            for route in self.routes:
                if isinstance(route, JsonRoute):
                    route.describe_answers()
            described = super().openapi()
            _, forms = models_json_schema([(schemas.Problem, "serialization")], ref_template=REFERENCE)
            described["components"]["schemas"] |= forms["$defs"]
        return super().openapi()


def description_of(app: Api) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers the description of *app*: made in a thread, for it takes longer than the loop may stand."""
    one_at_a_time = asyncio.Lock()

    async def answer(_: Request) -> Response:
        async with one_at_a_time:
            return JSONResponse(await run_sync(app.openapi))

    return answer


def create_app(daemon: Daemon, stream: Stream) -> FastAPI:
    """Return the control API of *daemon*; its event route sends what *stream* hears."""
    app = Api(
        title="paranad",
        version=version("paranad"),
        summary="The control API of the daemon that does a shop's background work",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    app.state.daemon, app.state.stream = daemon, stream
    app.add_route("/v1/openapi.json", description_of(app), include_in_schema=False)
    work = (api_daemon, api_history, api_jobs, api_orders, api_parcels, api_schedule, api_shipments, api_tasks)
    rooms = (*work, api_settings, api_alerts, api_standby, api_trials)
    routes = [route for room in rooms for route in room.router.routes]
    # As they are: a router that is included builds each of its routes a second time, and looks for each request twice.
    app.routes.extend(routes)
    app.state.whole_paths = whole_paths(routes)
    answer_problems(app, routes)
    app.add_middleware(Audit)
    return app
