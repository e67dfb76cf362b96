"""Routes about alerts: what stands, and the mute of a kind."""

from typing import Annotated

from paranad.alerts.kinds import IncidentKind
from paranad.alerts.mutes import mutable_kind
from paranad.control import requests, schemas_alerts
from paranad.control.bodies import router_of
from paranad.control.framework import Depends, Path, Response
from paranad.control.pauses import caller_of, read_length
from paranad.control.routes import DaemonDep, Limit, ViewsDep, answer, answers
from paranad.control.views_alerts import show_alerts, show_mute
from paranad.said import Sentence

router = router_of("alerts", "/v1/alerts")

TOO_LONG = Sentence("alert.mute_too_long", "{name}: expected at most {days} days, got {got}; after that, mute it again")


async def known_kind(kind: Annotated[str, Path(min_length=1, max_length=100)]) -> IncidentKind:
    """Return the kind that a path names, such as `shipment-held`."""
    return mutable_kind(kind)


KindDep = Annotated[IncidentKind, Depends(known_kind)]
CallerDep = Annotated[str, Depends(caller_of)]


@router.get("", responses=answers(schemas_alerts.Alerts))
async def list_alerts(daemon: DaemonDep, show: ViewsDep, limit: Limit = 50) -> Response:
    """List the open incidents, and those whose end is still to be told, the newest first; and what is muted."""
    return answer(show_alerts(daemon.parts.alerts, show, limit))


@router.post("/{kind}/mute", responses=answers(schemas_alerts.Mute))
async def mute(kind: KindDep, asked: requests.Mute, daemon: DaemonDep, show: ViewsDep, by: CallerDep) -> Response:
    """Tell nobody of a kind for a while; survives a restart. What still stands when it ends is told then."""
    made = await daemon.parts.alerts.mutes.mute(kind, read_length(asked.lasts, TOO_LONG), by)
    return answer(show_mute(kind, made, show))


@router.post("/{kind}/unmute", responses=answers(schemas_alerts.Unmuted))
async def unmute(kind: KindDep, daemon: DaemonDep, by: CallerDep) -> Response:
    """Tell of a kind again, at once of what was not told yet; 409 if it is not muted."""
    await daemon.parts.alerts.unmute(kind, by)
    return answer(schemas_alerts.Unmuted(kind=kind))
