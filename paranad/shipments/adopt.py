"""What the courier has under a reference of ours and a restored journal lacks: written into it, never sent again."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence

from paranad.courier.models import CourierOrder
from paranad.errors import WrongState
from paranad.numbers import LARGEST_ID
from paranad.said import Said
from paranad.shipments import reasons
from paranad.shipments.journal import Journal
from paranad.shipments.judge import REFERENCE
from paranad.shipments.listed import PHONE_DIGITS, ids_of
from paranad.shipments.model import UNSETTLED, Shipment, ShipmentState
from paranad.shipments.phone import last_ten
from paranad.shipments.restored import Restored
from paranad.shipments.shop_orders import ShopOrders

Marked = tuple[str, CourierOrder]
"""A reference of ours, and the courier order that carries it."""
Settle = Callable[[Shipment, CourierOrder, str], Awaitable[Shipment]]


class Adoption:
    """Brings a restored journal up to the courier's list."""

    def __init__(self, journal: Journal, orders: ShopOrders, settle: Settle) -> None:
        self.journal, self.orders, self.settle = journal, orders, settle

    async def adopt(
        self, marked: Mapping[str, Sequence[CourierOrder]], restored: Restored
    ) -> Mapping[int, ShipmentState]:
        """Write into the journal what it lacks of *marked*, which is by reference; return how each now stands.

        A reference names the shop's order, and the phone proves it; anything less is held. What the shop does not
        have can be sent by nobody, and is left out.

        Raises:
            ShopError: the shop cannot be asked.
        """
        unknown = await self._unknown(marked)
        phones = await self.orders.phones(sorted(unknown)) if unknown else {}
        adopted: dict[int, ShipmentState] = {}
        for order_id, phone in phones.items():
            try:
                shipment = await self._adopt(order_id, unknown[order_id], phone, restored)
            except WrongState:  # a job or a person was faster
                continue
            if shipment:
                adopted[order_id] = shipment.state
        return adopted

    async def _unknown(self, marked: Mapping[str, Sequence[CourierOrder]]) -> Mapping[int, Sequence[Marked]]:
        """Return by our order those of *marked* that the journal knows under no id."""
        ids = {each for found in marked.values() for order in found for each in ids_of(order)}
        holders = await self.journal.holders(sorted(ids))
        unknown: dict[int, list[Marked]] = defaultdict(list)
        for reference, found in marked.items():
            order_id = order_of(reference)
            unknown[order_id] += [(reference, order) for order in found if not ids_of(order) & holders.keys()]
        return {order_id: found for order_id, found in unknown.items() if found and 0 < order_id <= LARGEST_ID}

    async def _adopt(self, order_id: int, found: Sequence[Marked], phone: str, restored: Restored) -> Shipment | None:
        shipment = await self.journal.find(order_id)
        if shipment and (restored.is_decided(shipment) or not self._is_open(shipment)):
            return None
        phones = {last_ten(phone)} | (shipment.phones if shipment else set())
        if doubt := _doubt(found, phones):
            return await self.journal.adopt(order_id, found[0][0], doubt)
        reference, order = found[0]
        if shipment is None:
            shipment = await self.journal.adopt(order_id, reference, reasons.ADOPTED())
        return await self.settle(shipment, order, REFERENCE)

    def _is_open(self, shipment: Shipment) -> bool:
        return shipment.state in UNSETTLED and not self.journal.is_in_flight(shipment.order_id)


def order_of(reference: str) -> int:
    """Return the shop's order that a reference of ours names."""
    return int(reference.partition("-")[0].removeprefix("P"))


def _doubt(found: Sequence[Marked], phones: set[str] | frozenset[str]) -> Said | None:
    """Return why a person must look at what the courier has; None if it is surely the shipment."""
    rows = {order.id for _, order in found}
    if len(rows) > 1:
        return reasons.TWICE(rows=reasons.named(rows))
    phone = last_ten(found[0][1].client_mobile or "")
    if len(phone) != PHONE_DIGITS or phone not in phones:
        return reasons.OTHER_PHONE(rows=reasons.named(rows))
    return None
