"""An order that another machine may have sent: its marks, before a request and after it.

A mark stands from before the intent until the journal knows what became of the request. So an order without a mark of
another machine, and without a shipment in the shop, was sent by none; one with such a mark begins as unclear here.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from paranad.courier.errors import OrderLate
from paranad.shipments import restored
from paranad.shipments.decide import SLACK
from paranad.shipments.model import Sender, Shipment, ShipmentState
from paranad.shipments.reasons import RESTORED, TAKEN_OVER
from paranad.shipments.tools import Tools
from paranad.shop.errors import ShopError


class Mark(NamedTuple):
    """What another machine left of an order."""

    source: str
    """`machine:term`."""
    reference: str
    """What its request carries."""


async def marks_of_others(tools: Tools, order_ids: Sequence[int]) -> Mapping[int, Mark]:
    """Return by order the marks of other machines.

    Raises:
        ShopError: the shop cannot be asked.
    """
    if tools.fence is None or not order_ids:
        return {}
    found = await tools.fence.marks_of_others(order_ids)
    return {order_id: Mark(*mark) for order_id, mark in found.items()}


async def takeover_source(
    tools: Tools, shipment: Shipment | None, made_at: datetime | None, sender: Sender
) -> str | None:
    """Return what names the last takeover, if the machine before may have sent an order without a mark of it.

    A mark tells of every request that no shop row tells of, unless the shop lost either. So it concerns an order whose
    job the shop has no row of, so that nobody hands it on, and an unclear shipment from before: its lists were not
    asked about that machine.
    """
    takeover = await tools.fence.taken_over() if tools.fence else None
    if tools.fence is None or takeover is None:
        return None
    source, at = takeover
    if shipment and (_is_decided(shipment, at) or _is_known(shipment, at)):
        return None
    is_from_before = shipment is not None and shipment.state is ShipmentState.INTENDED and shipment.known_at < at
    is_old = made_at is None or made_at < at + SLACK
    return source if is_from_before or (is_old and not tools.fence.has_row(sender.owner)) else None


def _is_decided(shipment: Shipment, taken_at: datetime) -> bool:
    """Tell whether a person has decided on *shipment* since the takeover."""
    return shipment.decided_at is not None and shipment.decided_at > taken_at


def _is_known(shipment: Shipment, taken_at: datetime) -> bool:
    """Tell whether *shipment* was looked for since the takeover because of another machine."""
    return any(each.code == TAKEN_OVER.code and each.known_at >= taken_at for each in shipment.suspicions)


async def before_request(tools: Tools, order_id: int, reference: str, owner: str) -> None:
    """See that this machine still works, and mark the order.

    Raises:
        OrderLate: it may not work long enough for the request.
        ParanadError: another machine works now, or the mark cannot be made: nothing may be sent.
    """
    if tools.fence is None:
        return
    if not tools.fence.may_leave():
        raise OrderLate
    await tools.fence.before_request(order_id, reference, owner)


def may_leave(tools: Tools) -> bool:
    """Tell whether a request may leave now: asked again as the last thing before it does."""
    return tools.fence is None or tools.fence.may_leave()


async def unmark_if_known(tools: Tools, order_id: int) -> None:
    """Take the order's mark away once the journal knows what became of its request; if that fails, `tidy` will."""
    if tools.fence is None or not tools.fence.shared:
        return
    with suppress(ShopError):
        async with tools.intending:
            shipment = await tools.journal.find(order_id)
            if shipment and _is_over(shipment, await restored.find(tools)):
                await tools.fence.unmark(order_id, of_all=shipment.state is ShipmentState.RECORDED)


def _is_over(shipment: Shipment | None, lost: restored.Restored | None) -> bool:
    """Tell whether it is certain that nothing of the order's request is open, as the journal knows it.

    A restored journal does not know what the *lost* daemon sent, until it has looked for it.
    """
    if shipment is None:
        return lost is None
    if shipment.state is ShipmentState.RECORDED:
        return True
    if shipment.may_be_at_courier:
        return False
    if lost is None or lost.is_decided(shipment) or any(each.code == RESTORED.code for each in shipment.suspicions):
        return True
    return lost.matched_at is not None and shipment.intended_at > lost.matched_at


async def tidy(tools: Tools) -> None:
    """Let this machine's marks say what its journal says.

    They differ after a crash, after a list has settled a shipment that has no job, and where the journal is older than
    the marks.

    Raises:
        ShopError: the shop cannot be asked.
    """
    fence, journal = tools.fence, tools.journal
    if fence is None or not fence.shared:
        return
    # Nobody is between a mark and its intent meanwhile.
    async with tools.intending:
        own = await fence.own_marks()
        marked = await journal.find_several(own)
        lost = await restored.find(tools)
        for order_id in own:
            shipment = marked.get(order_id)
            if _is_over(shipment, lost):
                is_recorded = shipment is not None and shipment.state is ShipmentState.RECORDED
                await fence.unmark(order_id, of_all=is_recorded)
        unsettled = [*await journal.unsettled(), *await journal.created()]
        open_ones = {each.order_id: each.reference for each in unsettled if each.may_be_at_courier}
        if missing := {each: reference for each, reference in open_ones.items() if each not in marked}:
            await fence.mark(missing)


async def left_unclear(tools: Tools) -> Sequence[int]:
    """Return the orders that were unclear here before another machine worked."""
    takeover = await tools.fence.taken_over() if tools.fence else None
    if takeover is None:
        return ()
    unclear = [each for each in await tools.journal.unsettled() if each.state is ShipmentState.INTENDED]
    return [each.order_id for each in unclear if each.known_at < takeover[1]]
