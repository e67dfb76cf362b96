"""The last step of a shipment: the shop's row, written once, whoever was faster."""

from paranad.courier.client import Courier
from paranad.courier.errors import CourierError
from paranad.courier.models import CourierOrder
from paranad.errors import WrongState
from paranad.shipments import reasons
from paranad.shipments.journal import Journal
from paranad.shipments.listed import PHONE_DIGITS, ids_of, references_in
from paranad.shipments.model import Shipment
from paranad.shipments.phone import last_ten
from paranad.shipments.shop_orders import ShopOrders


class Recorder:
    """Writes the shop's row of a created shipment."""

    def __init__(self, journal: Journal, orders: ShopOrders, courier: Courier) -> None:
        self.journal, self.orders, self.courier = journal, orders, courier

    async def record(
        self,
        shipment: Shipment,
        details: CourierOrder | None = None,
        *,
        owner: str | None = None,
        qr_link: str | None = None,
        replaced: frozenset[str] = frozenset(),
    ) -> Shipment:
        """Write the shop's row of *shipment*; recorded then, or held if the row or the order belongs to another.

        The row comes from *details* if the courier's row is at hand; else *owner* asks for it, and what we sent
        stands in for what is missing. *replaced* are ids that a person named before, by mistake.
        """
        if details is None and owner:
            details = await self._ask(shipment, owner)
            if details and _is_anothers(shipment, details):
                return await self._disown(shipment)
        conflict = await self.orders.write(shipment, details, qr_link, replaced)
        try:
            if conflict:
                return await self.journal.hold(shipment.order_id, conflict)
            return await self.journal.record(shipment.order_id)
        except WrongState:  # a job, a list or a person was faster
            return await self.journal.get(shipment.order_id)

    async def _disown(self, shipment: Shipment) -> Shipment:
        """Believe the courier's row more than its answer to the request: the lists will tell which order is ours."""
        rows = reasons.named({shipment.courier_id or ""})
        try:
            return await self.journal.disown(shipment.order_id, reasons.FOREIGN_ID(rows=rows))
        except WrongState:  # a person was faster
            return await self.journal.get(shipment.order_id)

    async def _ask(self, shipment: Shipment, owner: str) -> CourierOrder | None:
        """Return the courier's own row if asking costs no other request its turn; else a later sync brings it."""
        rate = self.courier.limiter.state()
        if rate.waiting or rate.used * 2 >= rate.limit or shipment.courier_id is None:
            return None
        try:
            found = await self.courier.orders_by_ids([shipment.courier_id], owner=owner)
        except CourierError:
            return None
        return next((order for order in found if ids_of(order) & shipment.ids), None)


def _is_anothers(shipment: Shipment, row: CourierOrder) -> bool:
    """Tell whether the courier's own row of the id that it answered with has neither our reference nor our phone."""
    phone = last_ten(row.client_mobile or "")
    if shipment.decided_at or len(phone) != PHONE_DIGITS or not shipment.phones:
        return False
    return phone not in shipment.phones and shipment.reference not in references_in(row)
