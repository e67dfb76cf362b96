"""An order that another machine may have sent: its marks, before a request and after it.

A mark stands from before the intent until the journal knows what became of the request. So an order without a mark of
another machine, and without a shipment in the shop, was sent by none; one with such a mark begins as unclear here.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from paranad.courier.errors import OrderLate
from paranad.shipments.decide import SLACK
from paranad.shipments.model import Sender, Shipment, ShipmentState
from paranad.shipments.reasons import MARKED, TAKEN_OVER
from paranad.shipments.tools import Fence, Mark, Marks, Tools
from paranad.shop.errors import ShopError

OVER = frozenset({ShipmentState.RECORDED, ShipmentState.WITHDRAWN})
"""Where a shipment stands whose request is not open any more."""


async def unknown_marks(
    tools: Tools, order_ids: Sequence[int], shipments: Mapping[int, Shipment]
) -> Mapping[int, Mark]:
    """Return by order the marks that this journal cannot account for: another machine's, or a request it lacks.

    *shipments* are the journal's of these orders. It lacks a request if it was put back as it stood before, or if the
    machine went down between the mark and the intent.

    Raises:
        ShopError: the shop cannot be asked.
    """
    if tools.fence is None or not order_ids:
        return {}
    return _unknown_among(tools, await tools.fence.marks(order_ids), shipments)


def _unknown_among(tools: Tools, marks: Marks, shipments: Mapping[int, Shipment]) -> Mapping[int, Mark]:
    """Return those of *marks* that the journal, with these *shipments*, cannot account for."""
    found = {order_id: Mark(*mark) for order_id, mark in marks.items()}
    return {each: mark for each, mark in found.items() if not _is_known_mark(tools, each, mark, shipments.get(each))}


def _is_known_mark(tools: Tools, order_id: int, mark: Mark, shipment: Shipment | None) -> bool:
    """Tell whether the journal has the request that *mark* is of, or this process knows that it did not leave."""
    if mark.machine is not None:
        return False
    return mark.number <= (shipment.version if shipment else 0) or tools.unsent.get(order_id) == mark.number


def grounds_of(mark: Mark) -> tuple[str, str]:
    """Return the code of the suspicion that *mark* raises, and its source: each mark raises it once."""
    if mark.machine is None:
        return MARKED.code, f"{mark.term}/{mark.number}"
    return TAKEN_OVER.code, f"{mark.machine}:{mark.term}/{mark.number}"


async def takeover_source(
    tools: Tools, shipment: Shipment | None, made_at: datetime | None, sender: Sender
) -> str | None:
    """Return what names the last takeover, if the machine before may have sent an order without a mark of it.

    A mark tells of every request that no shop row tells of, unless the shop lost either. So it concerns an order whose
    job the shop has no row of, so that nobody hands it on, and an unclear shipment from before: its lists were not
    asked about that machine. A machine that works alone again keeps no rows: of an order, marks alone tell it then.
    """
    takeover = await tools.fence.taken_over() if tools.fence else None
    if tools.fence is None or takeover is None:
        return None
    source, at = takeover
    if shipment and (_is_decided(shipment, at) or _is_known(shipment, at)):
        return None
    is_from_before = shipment is not None and shipment.state is ShipmentState.INTENDED and shipment.known_at < at
    is_old = made_at is None or made_at < at + SLACK
    has_no_row = not tools.fence.is_alone and not tools.fence.has_row(sender.owner)
    return source if is_from_before or (is_old and has_no_row) else None


def _is_decided(shipment: Shipment, taken_at: datetime) -> bool:
    """Tell whether a person has decided on *shipment* since the takeover."""
    return shipment.decided_at is not None and shipment.decided_at > taken_at


def _is_known(shipment: Shipment, taken_at: datetime) -> bool:
    """Tell whether *shipment* was looked for since the takeover because of another machine."""
    return any(each.code == TAKEN_OVER.code and each.known_at >= taken_at for each in shipment.suspicions)


async def before_request(tools: Tools, order_id: int, shipment: Shipment | None, reference: str, owner: str) -> None:
    """See that this machine still works, and mark the order; *shipment* is the journal's row so far.

    Raises:
        OrderLate: it may not work long enough for the request.
        ParanadError: another machine works now, or the mark cannot be made: nothing may be sent.
    """
    if tools.fence is None:
        return
    if not tools.fence.may_leave():
        raise OrderLate
    number = (shipment.version if shipment else 0) + 1
    tools.unsent[order_id] = number  # until it is intended
    await tools.fence.before_request(order_id, reference, number, owner)


def intended(tools: Tools, order_id: int) -> None:
    """Note that the request may leave from now on: the journal has it."""
    tools.unsent.pop(order_id, None)


def postponed(tools: Tools, shipment: Shipment) -> None:
    """Note that the request did not leave, and that the journal has forgotten it."""
    if tools.fence:
        tools.unsent[shipment.order_id] = shipment.version + 1


def may_leave(tools: Tools) -> bool:
    """Tell whether a request may leave now: asked again as the last thing before it does."""
    return tools.fence is None or tools.fence.may_leave()


async def after_request(tools: Tools, order_id: int, sender: Sender, *, shipped: bool) -> None:
    """Take the marks of the order and of its row away, once the journal knows that nothing is open.

    *shipped*: the shop has a shipment of it. If that fails, `tidy` will, or the mark costs another machine a look.
    """
    fence = tools.fence
    if fence is None or not (fence.has_row(sender.owner) or await fence.has_marks()):
        return
    with suppress(ShopError):
        async with tools.intending:
            shipment = await tools.journal.find(order_id)
            if shipped:
                await fence.unmark(order_id, of_all=True)
            else:
                await _unmark_if_over(tools, fence, order_id, shipment)
            if shipment and shipment.state is ShipmentState.WITHDRAWN and not sender.tried_by_php:
                await fence.not_sent(sender.owner)


async def unmark_if_over(tools: Tools, order_id: int) -> None:
    """Take the order's marks away once the journal knows that nothing is open; if that fails, `tidy` will."""
    fence = tools.fence
    if fence is None or not await fence.has_marks():
        return
    with suppress(ShopError):
        async with tools.intending:
            await _unmark_if_over(tools, fence, order_id, await tools.journal.find(order_id))


async def _unmark_if_over(tools: Tools, fence: Fence, order_id: int, shipment: Shipment | None) -> None:
    """Take away the marks of a shipment that is over, but for one of a request that the journal does not know."""
    if shipment is None or shipment.state not in OVER:
        return
    if shipment.state is ShipmentState.RECORDED:
        await fence.unmark(order_id, of_all=True)
    elif not await unknown_marks(tools, [order_id], {order_id: shipment}):
        await fence.unmark(order_id)


async def tidy(tools: Tools) -> None:
    """Let this machine's marks say what its journal says.

    They differ after a crash, and after a list has settled a shipment that has no job.

    Raises:
        ShopError: the shop cannot be asked.
    """
    fence, journal = tools.fence, tools.journal
    if fence is None or not await fence.has_marks():
        return
    # Nobody is between a mark and its intent meanwhile.
    async with tools.intending:
        marks = {order_id: Mark(*mark) for order_id, mark in (await fence.all_marks()).items()}
        shipments = await journal.find_several(list(marks))
        for order_id, mark in marks.items():
            shipment = shipments.get(order_id)
            is_known = _is_known_mark(tools, order_id, mark, shipment)
            if shipment and shipment.state in OVER and (is_known or shipment.state is ShipmentState.RECORDED):
                await fence.unmark(order_id, of_all=shipment.state is ShipmentState.RECORDED)
        unsettled = [*await journal.unsettled(), *await journal.created()]
        missing = {
            each.order_id: (each.reference, each.version)
            for each in unsettled
            if each.may_be_at_courier and each.order_id not in marks
        }
        if missing:
            await fence.mark(missing)


async def left_over(tools: Tools) -> Sequence[int]:
    """Return the orders that a machine has marked, and that may have neither a job here nor a row in the shop.

    A job by hand dies with its machine. One whose row went to the other machine while it was unclear here is over, too.

    Raises:
        ShopError: the shop cannot be asked.
    """
    fence = tools.fence
    if fence is None or not await fence.has_marks():
        return ()
    marks = await fence.all_marks()
    shipments = await tools.journal.find_several(list(marks))
    unknown = _unknown_among(tools, marks, shipments)
    settled = {ShipmentState.RECORDED, ShipmentState.CREATED, ShipmentState.HELD}
    over = {each for each, shipment in shipments.items() if shipment.state in settled}
    return sorted({*await left_unclear(tools)} | (unknown.keys() - over))


async def left_unclear(tools: Tools) -> Sequence[int]:
    """Return the orders that were unclear here before another machine worked."""
    takeover = await tools.fence.taken_over() if tools.fence else None
    if takeover is None:
        return ()
    unclear = [each for each in await tools.journal.unsettled() if each.state is ShipmentState.INTENDED]
    return [each.order_id for each in unclear if each.known_at < takeover[1]]
