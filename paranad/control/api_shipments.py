"""Routes about the shipment journal."""

from paranad.control import requests, schemas, schemas_shipments
from paranad.control.bodies import router_of
from paranad.control.framework import Response
from paranad.control.routes import Cursor, DaemonDep, Limit, OrderId, ViewsDep, answer, answers
from paranad.control.status import next_look
from paranad.control.views import show_page, show_reconciled
from paranad.shipments.candidates import compare
from paranad.shipments.model import ShipmentState

router = router_of("shipments", "/v1/shipments")


@router.get("", responses=answers(schemas.Page[schemas_shipments.Shipment]))
async def list_shipments(
    daemon: DaemonDep,
    show: ViewsDep,
    *,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: schemas_shipments.ShipmentState | None = None,
) -> Response:
    """List shipments, newest order first; without a state those that are not yet recorded."""
    page = await daemon.parts.shipments.journal.list(state and ShipmentState(state), limit=limit, cursor=cursor)
    return answer(show_page(page, show.shipment))


@router.post("/reconcile", responses=answers(schemas_shipments.Reconciled))
async def reconcile(daemon: DaemonDep) -> Response:
    """Match the shipment journal with the courier's list now."""
    return answer(show_reconciled(await daemon.parts.shipments.reconcile()))


@router.get("/{order}", responses=answers(schemas_shipments.Shipment))
async def show_shipment(order_id: OrderId, daemon: DaemonDep, show: ViewsDep) -> Response:
    """Show an order's shipment."""
    shipment = await daemon.parts.shipments.get(order_id)
    return answer(show.shipment(shipment, *await next_look(daemon, shipment)))


@router.get("/{order}/candidates", responses=answers(schemas_shipments.Candidates))
async def candidates(order_id: OrderId, daemon: DaemonDep, show: ViewsDep) -> Response:
    """Show an order beside the courier orders that may be its shipment, as the shop keeps them."""
    shipment = await daemon.parts.shipments.journal.get(order_id)
    return answer(show.comparison(order_id, await compare(daemon.parts.shop, shipment)))


@router.post("/{order}/settle", responses=answers(schemas_shipments.Shipment))
async def settle(order_id: OrderId, daemon: DaemonDep, show: ViewsDep, asked: requests.Settle) -> Response:
    """Decide that the courier's order of this id is the shipment."""
    settled = await daemon.parts.shipments.settle(order_id, asked.courier_id, unconfirmed=asked.unconfirmed)
    return answer(show.shipment(settled))


@router.post("/{order}/resend", responses=answers(schemas_shipments.Shipment))
async def resend(order_id: OrderId, daemon: DaemonDep, show: ViewsDep) -> Response:
    """Decide that the courier does not have the order, so that it may be sent again."""
    return answer(show.shipment(await daemon.parts.shipments.resend(order_id)))
