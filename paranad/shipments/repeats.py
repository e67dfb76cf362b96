"""A second order of one phone and price within a day: most likely somebody pressed twice.

With `[parcels] hold_repeats` it waits for a person before anything is sent. Which of two is the second,
`decide.repeated_among` says.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from paranad.errors import WrongState
from paranad.said import Sentence
from paranad.shipments import reasons
from paranad.shipments.decide import HoldRepeat, Release, may_be_repeat, repeated_among
from paranad.shipments.fenced import unknown_marks
from paranad.shipments.model import Ending, HeldBack, Shipment
from paranad.shipments.request import Order
from paranad.shipments.tools import Tools

LOOK_AGAIN = timedelta(minutes=5)
"""How often the job of a held repeat looks whether one of the two orders was cancelled."""
REPEATS = Sentence(
    "shipment.repeats",
    "{reason}; if both are wanted: paranadctl shipments resend {order}; if not, cancel order {order} in the shop",
)


async def repeated_by(tools: Tools, order: Order, shipment: Shipment | None) -> Sequence[int]:
    """Return the orders that *order* repeats; empty if nobody has to decide about that.

    A cancelled order counts only if the courier may have it: a customer who cancels and orders again repeats nothing.

    Raises:
        ShopError: the shop cannot be asked.
    """
    if not tools.hold_repeats or not may_be_repeat(shipment):
        return ()
    alike = await tools.orders.alike(order)
    others = [each.order_id for each in alike]
    kept = await tools.journal.find_several(others) if others else {}
    elsewhere = await unknown_marks(tools, others, kept)
    known = [
        replace(each, shipment=kept.get(each.order_id), shipped=each.shipped or each.order_id in elsewhere)
        for each in alike
    ]
    return repeated_among(known, order.id)


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
