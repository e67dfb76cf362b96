"""The one place where a daemon that stands by refuses what only the machine that works can do."""

from typing import cast

from fastapi import Request
from fastapi.routing import APIRoute

from paranad.control.daemon import HANDING_OVER, Daemon
from paranad.errors import WrongState
from paranad.said import Sentence
from paranad.standby.view import Role

READING = frozenset({"GET", "HEAD", "OPTIONS"})
HERE = frozenset(
    {
        ("POST", "/v1/reload"),
        ("POST", "/v1/alerts/{kind}/mute"),
        ("POST", "/v1/alerts/{kind}/unmute"),
        ("POST", "/v1/alerts/test"),
        # What stands in this machine's own queue.db would hold up, or be done, when it works again.
        ("POST", "/v1/resume"),
        ("POST", "/v1/queues/{queue}/resume"),
        ("POST", "/v1/tasks/{task:path}/resume"),
        ("POST", "/v1/schedule/{name:path}/resume"),
        ("DELETE", "/v1/schedule/{name:path}/backfill"),
        ("POST", "/v1/jobs/{id}/cancel"),
        ("DELETE", "/v1/jobs/{id}"),
        ("DELETE", "/v1/failed"),
    }
)
"""The changes that concern this machine alone, by method and path; all others are for the machine that works."""

ELSEWHERE = Sentence("standby.elsewhere", "this daemon stands by for {machine}, which does all the work: ask there")
NOBODY_WORKS = Sentence("standby.nobody_works", "this daemon stands by, and no machine works just now: {reason}")


async def works_here(request: Request) -> None:
    """Let a change through only if it is for this machine.

    Raises:
        WrongState: another machine works, or none.
    """
    daemon = cast("Daemon", request.app.state.daemon)
    route: APIRoute = request.scope["route"]
    if daemon.parts.standby is None or request.method in READING or (request.method, route.path) in HERE:
        return
    if daemon.handover.asked.is_set():
        raise WrongState(HANDING_OVER())
    view = daemon.parts.standby.view
    if view.role is Role.STANDBY:
        works = view.holder_machine
        raise WrongState(ELSEWHERE(machine=works) if works else NOBODY_WORKS(reason=view.why))
