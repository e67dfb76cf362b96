"""The route about parcels that need a person."""

from typing import Annotated

from paranad.control import schemas_parcels
from paranad.control.bodies import router_of
from paranad.control.framework import Query, Response
from paranad.control.routes import Cursor, DaemonDep, Limit, ViewsDep, answer, answers
from paranad.control.views_parcels import ParcelViews
from paranad.orders.parcel_rules import ParcelKind

router = router_of("parcels", "/v1/parcels")

Kind = Annotated[ParcelKind | None, Query(description="Those of one kind alone.")]


@router.get("", responses=answers(schemas_parcels.Parcels))
async def list_parcels(
    daemon: DaemonDep, show: ViewsDep, *, kind: Kind = None, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """List the parcels that need a person, as the shop's rows were at a moment that the answer names, each with why."""
    parcels = daemon.parts.parcels
    reading = await parcels.fresh()
    page = reading.page(kind, limit=limit, cursor=cursor)
    return answer(ParcelViews(show).parcels(page, reading, parcels.settings))
