"""A second order of one phone and price within a day: most likely somebody pressed twice.

With `[parcels] hold_repeats` it waits for a person before anything is sent; the first order never waits for it.
"""

from collections.abc import Sequence
from datetime import timedelta

from paranad.errors import WrongState
from paranad.said import Sentence
from paranad.shipments import reasons
from paranad.shipments.decide import HoldRepeat, Release
from paranad.shipments.model import Ending, HeldBack, Shipment, ShipmentState
from paranad.shipments.request import Order
from paranad.shipments.tools import Tools

LOOK_AGAIN = timedelta(minutes=5)
"""How often the job of a held repeat looks whether one of the two orders was cancelled."""
REPEATS = Sentence(
    "shipment.repeats",
    "{reason}; if both are wanted: paranadctl shipments resend {order}; if not, cancel order {order} in the shop",
)
_UNSENT = {ShipmentState.WITHDRAWN, ShipmentState.INTENDED}


async def repeated_by(tools: Tools, order: Order, shipment: Shipment | None) -> Sequence[int]:
    """Return the earlier orders that *order* repeats; empty if nobody has to decide about that.

    A cancelled order counts only if the courier may have it: a customer who cancels and orders again repeats nothing.

    Raises:
        ShopError: the shop cannot be asked.
    """
    is_unsent = shipment is None or shipment.state in _UNSENT or shipment.is_held_as_repeat
    if not tools.hold_repeats or not is_unsent or (shipment and shipment.decided_at):
        return ()
    earlier = await tools.orders.repeated_by(order)
    dropped = [each.id for each in earlier if not each.counts]
    kept = await tools.journal.find_several(dropped) if dropped else {}
    sent = {order_id for order_id, each in kept.items() if _may_be_at_courier(each)}
    return [each.id for each in earlier if each.counts or each.id in sent]


def _may_be_at_courier(shipment: Shipment) -> bool:
    return shipment.courier_id is not None or bool(shipment.unclear or shipment.suspicions)


async def carry_out(
    tools: Tools, step: HoldRepeat | Release, shipment: Shipment | None, order_id: int, reference: str
) -> Ending | None:
    """Hold a repeat, or let it go on; None: ask for the next step."""
    try:
        match step:
            case HoldRepeat(reason):
                if shipment is None or not shipment.is_held_as_repeat:
                    await tools.journal.hold_repeat(order_id, reference, reason)
                return HeldBack(tools.clock.now() + LOOK_AGAIN, REPEATS(reason=reason, order=order_id))
            case Release(ending):
                why = reasons.NOT_NEEDED(detail=ending.reason) if ending else reasons.RELEASED()
                await tools.journal.release_repeat(order_id, why)
                return ending
    except WrongState:  # a list, a person or another job was faster
        return None
