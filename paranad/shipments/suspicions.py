"""Who else may have sent an order: then it begins as unclear, and is looked for before anything is sent."""

from datetime import datetime

from paranad.clock import EPOCH
from paranad.courier.models import NewShipment
from paranad.shipments import fenced, reasons, restored
from paranad.shipments.decide import is_younger
from paranad.shipments.model import NeedsPerson, Sender, Shipment, ShipmentState, Skipped, Suspicion
from paranad.shipments.request import Order, whole_dinars
from paranad.shipments.tools import Mark, Tools

BY_PHP = {reasons.TRIED_BY_PHP.code, reasons.REQUEUED.code}
"""The suspicions that fall on the shop's own job."""


async def suspicion_of(
    tools: Tools,
    shipment: Shipment | None,
    order: Order | None,
    request: NewShipment | Skipped | NeedsPerson,
    *,
    sender: Sender,
    mark: Mark | None,
) -> Suspicion | None:
    """Return why somebody else may have sent the order; None: there is no reason, or the journal has it already.

    Raises:
        ShopError: the shop cannot be asked.
    """
    if not isinstance(request, NewShipment) or order is None:
        return None
    is_open = shipment is None or shipment.state in {ShipmentState.WITHDRAWN, ShipmentState.INTENDED}
    if not is_open and not (shipment and shipment.is_held_as_repeat):
        return None
    made_at = _made_at(tools, order)
    # Each source counts once: a job that runs again must not begin the proof of absence again.
    for code, source in await _grounds(tools, shipment, made_at, sender, mark):
        known = shipment.suspicions if shipment else ()
        if not any((each.code, each.source) == (code, source) for each in known):
            by_php = code in BY_PHP  # the shop's own job never adds the fee
            return Suspicion(
                code=code,
                source=source,
                phone=request.client_mobile,
                price=whole_dinars(order.total) or request.price if by_php else request.price,
                since=made_at or EPOCH,
                known_at=tools.clock.now(),
            )
    return None


async def made_at_of(tools: Tools, order_id: int) -> datetime | None:
    """Return when the order was made; None: the shop has no such order, or no time of it.

    Raises:
        ShopError: the shop cannot be asked.
    """
    return _made_at(tools, (await tools.orders.facts(order_id)).order)


def _made_at(tools: Tools, order: Order | None) -> datetime | None:
    return tools.orders.instant(order.created_at) if order and order.created_at else None


async def _grounds(
    tools: Tools, shipment: Shipment | None, made_at: datetime | None, sender: Sender, mark: Mark | None
) -> list[tuple[str, str]]:
    """Return the code of each suspicion with what raised it."""
    # A person who has decided on the shipment knew of its past: a request that is younger is that person's own.
    grounds: list[tuple[str, str]] = []
    if mark:
        grounds.append(fenced.grounds_of(mark))
    elif source := await fenced.takeover_source(tools, shipment, made_at, sender):
        grounds.append((reasons.TAKEN_OVER.code, source))
    if sender.tried_by_php:
        grounds.append((reasons.TRIED_BY_PHP.code, sender.owner))
    elif is_younger(sender.asked_at, made_at) and not (shipment and shipment.decided_at):
        grounds.append((reasons.REQUEUED.code, sender.owner))
    if source := await restored.suspicion_source(tools, shipment, made_at):
        grounds.append((reasons.RESTORED.code, source))
    return grounds
