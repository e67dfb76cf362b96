"""Routes about alerts: what stands, and the mute of a kind."""

import asyncio
import pwd
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from paranad.alerts.incident import IncidentKind
from paranad.alerts.mutes import LONGEST, mutable_kind
from paranad.configuration.durations import format_duration, parse_duration
from paranad.control import requests, schemas, schemas_alerts
from paranad.control.bodies import JsonRoute
from paranad.control.connections import peer_of
from paranad.control.routes import DaemonDep, Limit, ViewsDep, answer, answers
from paranad.control.views_alerts import show_alerts, show_mute
from paranad.errors import InvalidRequest
from paranad.said import Said, Sentence
from paranad.wording import quotable

router = APIRouter(prefix="/v1/alerts", tags=["alerts"], route_class=JsonRoute)

UNREADABLE = Sentence("alert.mute_unreadable", 'for: {expected}, got "{got}"')
NO_TIME = Sentence("alert.mute_no_time", "for: expected more than no time, got {got}")
TOO_LONG = Sentence("alert.mute_too_long", "for: expected at most {days} days, got {got}; after that, mute it again")


async def known_kind(kind: Annotated[str, Path(min_length=1, max_length=100)]) -> IncidentKind:
    """Return the kind that a path names, such as `shipment-held`."""
    return mutable_kind(kind)


async def caller_of(request: Request) -> str:
    """Return who asks: the user's name; `uid` and the number if it has none."""
    return await asyncio.to_thread(name_of, peer_of(request.scope).uid)


def name_of(uid: int) -> str:
    """Return a user's name; `uid` and the number if it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


KindDep = Annotated[IncidentKind, Depends(known_kind)]
CallerDep = Annotated[str, Depends(caller_of)]


@router.get("", responses=answers(schemas_alerts.Alerts))
async def list_alerts(daemon: DaemonDep, show: ViewsDep, limit: Limit = 50) -> Response:
    """List the open incidents, and those whose end is still to be told, the newest first; and what is muted."""
    return answer(show_alerts(daemon.parts.alerts, show, limit))


@router.post("/{kind}/mute", responses=answers(schemas.Mute))
async def mute(kind: KindDep, asked: requests.Mute, daemon: DaemonDep, show: ViewsDep, by: CallerDep) -> Response:
    """Tell nobody of a kind for a while; survives a restart. What still stands when it ends is told then."""
    made = await daemon.parts.alerts.mutes.mute(kind, length_of(asked.lasts), by)
    return answer(show_mute(kind, made, show))


@router.post("/{kind}/unmute", responses=answers(schemas_alerts.Unmuted))
async def unmute(kind: KindDep, daemon: DaemonDep, by: CallerDep) -> Response:
    """Tell of a kind again, at once of what stands; 409 if it is not muted."""
    await daemon.parts.alerts.unmute(kind, by)
    return answer(schemas_alerts.Unmuted(kind=kind))


def length_of(lasts: float | str) -> timedelta:
    """Return how long a mute lasts: seconds, or a text such as `2h`.

    Raises:
        InvalidRequest: it cannot be read, is no time at all, or longer than LONGEST.
    """
    try:
        length = parse_duration(lasts.strip()) if isinstance(lasts, str) else timedelta(seconds=lasts)
    except ValueError as error:
        expected = error.args[0]
        said = expected if isinstance(expected, Said) else str(expected)
        raise InvalidRequest(UNREADABLE(expected=said, got=quotable(str(lasts)))) from None
    if length <= timedelta():
        raise InvalidRequest(NO_TIME(got=format_duration(length)))
    if length > LONGEST:
        raise InvalidRequest(TOO_LONG(days=LONGEST.days, got=format_duration(length)))
    return length
