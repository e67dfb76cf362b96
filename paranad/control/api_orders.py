"""Routes about the shop's orders: which have no shipment, which a text finds, everything about one."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator

from paranad.control import schemas, schemas_orders
from paranad.control.bodies import router_of
from paranad.control.framework import Query, Response
from paranad.control.routes import Cursor, DaemonDep, Limit, OrderId, ViewsDep, answer, answers
from paranad.control.status import next_look
from paranad.control.views import show_page
from paranad.control.views_orders import OrderViews
from paranad.errors import InvalidRequest
from paranad.said import Sentence

NAIVE = Sentence("control.naive_instant", 'since: expected an offset or Z behind the time, got "{got}"')
ALL_ORDERS = Sentence(
    "control.all_orders", "without_shipment=0: orders with a shipment are not listed; look for one with find=TEXT"
)

router = router_of("orders", "/v1/orders")


def _no_number(value: object) -> object:
    """Refuse a number, which pydantic would take for seconds since 1970."""
    if isinstance(value, str) and value.strip("+-. ").replace(".", "").isdigit():
        raise ValueError("expected an instant such as 2026-03-01T00:00:00+03:00")
    return value


Since = Annotated[
    datetime | None,
    BeforeValidator(_no_number),
    Query(description="Orders made since then; without it those of the last 30 days."),
]
Find = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=40,
        description="An order's id or own number, a courier id, or three or more of a phone's last digits.",
    ),
]


@router.get(
    "", responses=answers(schemas.Page[schemas_orders.UnshippedOrder] | schemas.Page[schemas_orders.FoundOrder])
)
async def list_orders(
    daemon: DaemonDep,
    show: ViewsDep,
    *,
    limit: Limit = 50,
    cursor: Cursor = None,
    without_shipment: bool = True,
    since: Since = None,
    find: Find = None,
) -> Response:
    """List orders that should have a shipment and have none, oldest first, with why; or those that a text finds."""
    orders, views = daemon.parts.orders, OrderViews(show)
    if find is not None:
        return answer(show_page(await orders.found(find, limit=limit, cursor=cursor), views.found))
    if not without_shipment:
        raise InvalidRequest(ALL_ORDERS())
    if since is not None and since.tzinfo is None:
        raise InvalidRequest(NAIVE(got=since.isoformat()))
    return answer(show_page(await orders.unshipped(since, limit=limit, cursor=cursor), views.unshipped))


@router.get("/{order}", responses=answers(schemas_orders.Order))
async def show_order(order_id: OrderId, daemon: DaemonDep, show: ViewsDep) -> Response:
    """Show everything about one order: what the shop says, its shipment, its jobs, what happens next."""
    whole = await daemon.parts.orders.about(order_id)
    look = await next_look(daemon, whole.shipment) if whole.shipment else (None, None)
    elsewhere = await daemon.parts.shipments.sent_elsewhere(order_id)
    shown = OrderViews(show).whole(whole, look, elsewhere)
    if daemon.state == "standby":  # nothing happens here by itself, and what a person does is done where the work is
        shown = shown.model_copy(update={"actions": [], "until": None})
    return answer(shown)
