"""The page as an ASGI application: its routes, and the way from a request through a page to HTML."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from paranad.cli.commands import journal
from paranad.cli.language import KNOWN, Language
from paranad.cli.screen.blocks import Line
from paranad.clock import Clock
from paranad.control.client import ControlClient
from paranad.errors import ParanadError
from paranad.web import links
from paranad.web.actions import ELSEWHERE, perform
from paranad.web.answers import SharedAnswers, known
from paranad.web.guard import Door, Guard, here
from paranad.web.html import Ink
from paranad.web.layout import Frame, document, shut, standing_of
from paranad.web.live import Live
from paranad.web.page import Page, View
from paranad.web.pages import alerts, doctor, jobs, log, now, orders, parcels, schedule, settings, shipments, tasks
from paranad.web.question import Told
from paranad.web.rules import STATIC as STATIC_PATH
from paranad.web.rules import Site, local_path
from paranad.web.sessions import Sessions
from paranad.web.wrong import TellDefect, defect_page, missing_page, problem_page, tell_terminal

STATIC = Path(__file__).with_name("static")
ReadLog = Callable[[journal.Asked], list[journal.Entry]]
"""As `journal.read`, which it raises as."""
Show = Callable[..., Page]
"""A page: takes the view, and what its path names."""
PAGES: Mapping[str, Show] = {
    links.NOW: now.now,
    links.ORDERS: orders.orders,
    f"{links.ORDERS}/{{order_id:int}}": orders.order,
    links.SHIPMENTS: shipments.shipments,
    f"{links.SHIPMENTS}/{{order_id:int}}": shipments.shipment,
    links.PARCELS: parcels.parcels,
    links.FAILED: jobs.failed,
    links.ALERTS: alerts.alerts,
    links.JOBS: jobs.jobs,
    f"{links.JOBS}/{{id_:int}}": jobs.job,
    links.SCHEDULE: schedule.schedule,
    f"{links.SCHEDULE}/{{name:path}}": schedule.entry,
    links.TASKS: tasks.tasks,
    f"{links.TASKS}/{{name:path}}": tasks.task,
    links.SETTINGS: settings.settings,
    f"{links.SETTINGS}/{{name}}": settings.setting,
    links.DOCTOR: doctor.doctor,
    links.LOG: log.log,
}
"""By path."""


@dataclass(frozen=True)
class Web:
    """What the page is served with."""

    client: ControlClient
    answers: SharedAnswers
    live: Live
    clock: Clock
    version: str
    decide: bool
    """Whether what settles if a parcel goes, or ends a job for good, is offered."""
    language: Language | None = None
    """That of readers who chose none; None: their browser's."""
    log: ReadLog = journal.read
    """Reads the daemon's log, or says why it is not shown here."""
    defect: TellDefect = tell_terminal
    """Told of each defect; the page does not show it."""

    def view(self, request: Request) -> View:
        return View(
            self.answers,
            dict(request.query_params),
            self.clock.now(),
            self.language_of(request),
            self.decide,
            lambda asked: self.answers.once(repr(asked), lambda: self.log(asked)),
        )

    def language_of(self, request: Request) -> Language:
        """Return the reader's language: as chosen, else the page's own, else as the browser asks."""
        session = request.state.session
        chosen = (session.language if session else None) or self.language
        return chosen or preferred(request.headers.get("accept-language", ""))


def web_of(
    client: ControlClient,
    clock: Clock,
    language: Language | None = None,
    *,
    decide: bool,
    log: ReadLog = journal.read,
    defect: TellDefect = tell_terminal,
) -> Web:
    """Return what the page of the daemon behind *client* is served with."""
    answers, live = SharedAnswers(client, clock.monotonic), Live(client, defect)
    return Web(client, answers, live, clock, version("paranad"), decide, language, log, defect)


def guarded(web: Web, *, site: Site, door: Door, sessions: Sessions) -> Guard:
    """Return the application behind its guard."""
    return Guard(create_app(web), site=site, door=door, sessions=sessions, draw=partial(outside, web))


def outside(web: Web, request: Request, page: Page) -> HTMLResponse:
    """Return *page* for somebody who is not signed in: without a word of the daemon, which is not asked."""
    return HTMLResponse(shut(page, Ink(web.language_of(request))), page.status)


def create_app(web: Web) -> Starlette:
    """Return the application, for requests that have passed the guard."""
    routes = [Route(path, _endpoint(web, show)) for path, show in PAGES.items()]
    return Starlette(
        routes=[
            *routes,
            Route("/do/{name}", partial(_do, web), methods=["POST"]),
            Route("/language", _set_language, methods=["POST"]),
            Route("/live", web.live.respond),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        exception_handlers={
            HTTPException: partial(_missing, web),
        },
    )


def _missing(web: Web, request: Request, error: Exception) -> Response:
    """Return the page for an address that there is not; a file of `/static/` needs no session."""
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    is_page = request.state.session and not request.url.path.startswith(STATIC_PATH)  # what is there holds no key
    return (respond if is_page else outside)(web, request, missing_page(error))


def _endpoint(web: Web, show: Show) -> Callable[[Request], Response]:
    """Return what answers with the page *show*, in a thread: it asks the daemon and waits."""

    def endpoint(request: Request) -> Response:
        return respond(web, request, shown(show, web.view(request), request.path_params, web.defect, request.url.path))

    return endpoint


def shown(show: Show, view: View, named: Mapping[str, Any], defect: TellDefect, path: str) -> Page:
    """Return the page, or the one that says why there is none."""
    try:
        return show(view, **named)
    except ParanadError as error:
        return problem_page(error, view.language)
    except Exception as error:  # noqa: BLE001 - a defect: the reader gets a sentence, the log the rest
        defect(path, error)
        return defect_page()


def respond(web: Web, request: Request, page: Page, back: str | None = None) -> HTMLResponse:
    """Return *page* as a whole document, whose acts lead *back*; None: to the page itself."""
    session = request.state.session
    said: Sequence[Line] = ()
    if request.headers.get("sec-fetch-mode", "navigate") == "navigate":  # a page that renews itself takes nothing away
        said, session.said = session.said, []
    standing = known(lambda: standing_of(web.answers.get("status")))
    refused = ELSEWHERE if standing and standing.stands_by else ()
    frame = Frame(
        ink=Ink(web.language_of(request), session.key, here(request) if back is None else back, refused),
        version=web.version,
        now=web.clock.now(),
        path=request.url.path,
        standing=standing,
        said=said,
    )
    return HTMLResponse(document(page, frame), page.status)


async def _do(web: Web, request: Request) -> Response:
    """Do what a form asks; the sentence is shown on the page that it leads to."""
    async with request.form() as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_perform, web, request, fields)


def _perform(web: Web, request: Request, fields: Mapping[str, str]) -> Response:
    view, back = web.view(request), local_path(fields.get("back", "/"))
    try:
        done = perform(request.path_params["name"], view, web.client, fields, back)
    except ParanadError as error:
        return respond(web, request, problem_page(error, view.language), back)
    except Exception as error:  # noqa: BLE001 - a defect, told as one of a page is
        web.defect(request.url.path, error)
        return respond(web, request, defect_page(), back)
    finally:
        web.answers.forget()
    if not isinstance(done, Told):
        return respond(web, request, done, back)
    request.state.session.said.extend(done.lines)
    return RedirectResponse(done.href or back, 303)


async def _set_language(request: Request) -> Response:
    """Take the reader's choice of language, and go back."""
    async with request.form() as form:
        asked, back = str(form.get("language", "")), str(form.get("back", "/"))
    if asked in KNOWN:
        request.state.session.language = Language(asked)
    return RedirectResponse(local_path(back), 303)


def preferred(header: str) -> Language:
    """Return the language that the header Accept-Language likes best; English if it knows none of ours."""
    weighed = []
    for place, part in enumerate(header.split(",")):
        name, _, weight = part.strip().partition(";q=")
        if (known_name := name.partition("-")[0].lower()) in KNOWN:
            weighed.append((-_number(weight), place, known_name))
    return Language(min(weighed)[2]) if weighed else Language.ENGLISH


def _number(weight: str) -> float:
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0
