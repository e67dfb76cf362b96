"""A queue.db that was restored from a copy lacks what was sent after the copy was made.

Nothing is sent until the courier's whole list has been matched with the journal. What the courier has under a
reference of ours is then written into the journal and never sent again. An order that the lost daemon may have sent
begins as unclear, for ten minutes longer than the match: its clock may have differed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from paranad.clock import from_us, to_us
from paranad.courier.models import CourierOrder
from paranad.errors import WrongState
from paranad.events.shipments import JournalMatched, JournalRestored
from paranad.numbers import LARGEST_ID
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.shipments import reasons
from paranad.shipments.decide import SLACK
from paranad.shipments.judge import REFERENCE
from paranad.shipments.model import UNSETTLED, Shipment, ShipmentState
from paranad.shipments.phone import PHONE_DIGITS, last_ten
from paranad.shipments.record import record_listed
from paranad.shipments.search import ids_of, order_of
from paranad.shipments.tools import Tools
from paranad.store.backup import COPIED_AT

MATCHED = "shipments.matched"
"""The value that says of which copy the journal has been matched with the courier's list, and when."""
UNMATCHED = Sentence(
    "shipment.unmatched",
    "queue.db was restored from a copy of {copied_at}: no shipment is sent until its journal is matched with the"
    " courier's list: paranadctl shipments reconcile",
)

Marked = tuple[str, CourierOrder]
"""A reference of ours, and the courier order that carries it."""


@record
class Restored:
    """Where a restored queue.db stands."""

    copied_at: datetime
    """When the copy was made."""
    matched_at: datetime | None
    """When its journal was matched with the courier's list; None: not yet, so nothing may be sent."""

    def is_decided(self, shipment: Shipment) -> bool:
        """Tell whether a person has decided on *shipment* since."""
        return shipment.decided_at is not None and shipment.decided_at > self.copied_at

    def may_have_sent(self, made_at: datetime | None) -> bool:
        """Tell whether the lost daemon may have sent an order made at *made_at*; None: unknown."""
        return made_at is None or self.matched_at is None or made_at < self.matched_at + SLACK


async def find(tools: Tools) -> Restored | None:
    """Return where the restored queue.db stands; None: it was never restored."""
    copied_us = await tools.values.get(COPIED_AT)
    if not isinstance(copied_us, int):
        return None
    matched = await tools.values.get(MATCHED)
    if isinstance(matched, dict) and matched.get("copied_at") == copied_us:
        return Restored(from_us(copied_us), from_us(matched["at"]))
    return Restored(from_us(copied_us), None)


async def unmatched(tools: Tools) -> Restored | None:
    """Return where the restored queue.db stands while nothing may be sent; None: orders may be sent."""
    restored = await find(tools)
    return restored if restored and restored.matched_at is None else None


def why_unmatched(tools: Tools, restored: Restored) -> Said:
    """Return why nothing is sent, with the cure."""
    return UNMATCHED(copied_at=f"{restored.copied_at.astimezone(tools.zone):%Y-%m-%d %H:%M}")


async def tell(tools: Tools) -> None:
    """Tell at the start that nothing is sent, if that is so."""
    if restored := await unmatched(tools):
        copied_at = restored.copied_at.astimezone(tools.zone)
        tools.events.tell(JournalRestored(copied_at=copied_at.isoformat(timespec="seconds")))


async def match(tools: Tools, *, settled: int, held: int) -> None:
    """Keep that a whole list has been matched with the journal; *settled* and *held* say what came of it."""
    if restored := await unmatched(tools):
        at = to_us(tools.clock.now())
        await tools.values.put(MATCHED, {"copied_at": to_us(restored.copied_at), "at": at})
        tools.events.tell(JournalMatched(settled=settled, held=held))


async def suspicion_source(tools: Tools, shipment: Shipment | None, made_at: datetime | None) -> str | None:
    """Return what names the copy, if the lost daemon may have sent the order; None: it cannot have."""
    restored = await find(tools)
    if restored is None or (shipment and restored.is_decided(shipment)) or not restored.may_have_sent(made_at):
        return None
    return str(to_us(restored.copied_at))


async def adopt(
    tools: Tools, marked: Mapping[str, Sequence[CourierOrder]], restored: Restored
) -> Mapping[int, ShipmentState]:
    """Write into the journal what it lacks of *marked*, which is by reference; return how each order now stands.

    A reference names the shop's order, and the phone proves it; anything less is held. An order that the shop does not
    have can never be sent, and is left out.

    Raises:
        ShopError: the shop cannot be asked.
    """
    unknown = await _unknown(tools, marked)
    phones = await tools.orders.phones(sorted(unknown)) if unknown else {}
    adopted: dict[int, ShipmentState] = {}
    for order_id, phone in phones.items():
        try:
            shipment = await _adopt(tools, order_id, unknown[order_id], phone, restored)
        except WrongState:  # a job or a person was faster
            continue
        if shipment:
            adopted[order_id] = shipment.state
    return adopted


async def _unknown(tools: Tools, marked: Mapping[str, Sequence[CourierOrder]]) -> Mapping[int, Sequence[Marked]]:
    """Return by our order the rows of *marked* that the journal knows under no id."""
    # Known by its id is enough: such a parcel was in the copy, even if its row shows another reference now.
    ids = {each for found in marked.values() for order in found for each in ids_of(order)}
    holders = await tools.journal.holders(sorted(ids))
    unknown: dict[int, list[Marked]] = defaultdict(list)
    for reference, found in marked.items():
        order_id = order_of(reference)
        unknown[order_id] += [(reference, order) for order in found if not ids_of(order) & holders.keys()]
    return {order_id: found for order_id, found in unknown.items() if found and 0 < order_id <= LARGEST_ID}


async def _adopt(
    tools: Tools, order_id: int, found: Sequence[Marked], phone: str, restored: Restored
) -> Shipment | None:
    shipment = await tools.journal.find(order_id)
    if shipment and (restored.is_decided(shipment) or not _is_open(tools, shipment)):
        return None
    phones = {last_ten(phone)} | (shipment.phones if shipment else set())
    if doubt := _doubt(found, phones):
        return await tools.journal.adopt(order_id, found[0][0], doubt)
    reference, order = found[0]
    if shipment is None:
        shipment = await tools.journal.adopt(order_id, reference, reasons.ADOPTED())
    return await record_listed(tools, shipment, order, REFERENCE)


def _is_open(tools: Tools, shipment: Shipment) -> bool:
    return shipment.state in UNSETTLED and not tools.journal.is_in_flight(shipment.order_id)


def _doubt(found: Sequence[Marked], phones: set[str] | frozenset[str]) -> Said | None:
    """Return why a person must look at what the courier has; None if it is surely the shipment."""
    rows = {order.id for _, order in found}
    if len(rows) > 1:
        return reasons.TWICE(rows=reasons.named(rows))
    phone = last_ten(found[0][1].client_mobile or "")
    if len(phone) != PHONE_DIGITS or phone not in phones:
        return reasons.OTHER_PHONE(rows=reasons.named(rows))
    return None
