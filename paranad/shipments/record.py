"""The last step of a shipment: the shop's row, written once, whoever was faster."""

from paranad.courier.errors import CourierError
from paranad.courier.models import CourierOrder
from paranad.errors import WrongState
from paranad.shipments import reasons
from paranad.shipments.model import Shipment, ShipmentState
from paranad.shipments.phone import PHONE_DIGITS, last_ten
from paranad.shipments.search import ids_of, references_in
from paranad.shipments.tools import Tools
from paranad.shop.errors import ShopError


async def record(
    tools: Tools,
    shipment: Shipment,
    row: CourierOrder | None = None,
    *,
    owner: str | None = None,
    qr_link: str | None = None,
    replaced: frozenset[str] = frozenset(),
) -> Shipment:
    """Write the shop's row of a created *shipment*; recorded then, or held if the row or the order belongs to another.

    The shop's row is made from the courier's *row*; without one, *owner* asks the courier for it, and what we sent
    stands in for what is missing. *replaced* are ids that a person named before, by mistake.
    """
    if row is None and owner:
        row = await _ask(tools, shipment, owner)
        # Looked at before the shop's row is written: a wrong id would link the shop's order to a stranger's parcel.
        if row and _is_anothers(shipment, row):
            return await _disown(tools, shipment)
    conflict = await tools.orders.write(shipment, row, qr_link, replaced)
    try:
        if conflict:
            return await tools.journal.hold(shipment.order_id, conflict)
        return await tools.journal.record(shipment.order_id)
    except WrongState:  # a job, a list or a person was faster
        return await tools.journal.get(shipment.order_id)


async def record_listed(tools: Tools, shipment: Shipment, row: CourierOrder, by: str) -> Shipment:
    """Keep that the *row* of a list is *shipment*, as matched *by* something, and write the shop's row."""
    created = await tools.journal.create(shipment.order_id, row.id, ids_of(row), by=by)
    if created.state is ShipmentState.HELD:
        return created
    try:
        return await record(tools, created, row)
    except ShopError:  # created is committed: its job, or the next look, writes the row
        return created


async def record_created(tools: Tools) -> None:
    """Write the rows that the shop still lacks; after a refusal the rest is left to the next time."""
    for shipment in await tools.journal.created():
        try:
            await record(tools, shipment)
        except ShopError:
            return


async def _disown(tools: Tools, shipment: Shipment) -> Shipment:
    """Believe the courier's row more than its answer to the request: the lists will tell which order is ours."""
    rows = reasons.named({shipment.courier_id or ""})
    try:
        return await tools.journal.disown(shipment.order_id, reasons.FOREIGN_ID(rows=rows))
    except WrongState:  # a person was faster
        return await tools.journal.get(shipment.order_id)


async def _ask(tools: Tools, shipment: Shipment, owner: str) -> CourierOrder | None:
    """Return the courier's own row if asking costs no other request its turn; else a later sync brings it."""
    rate = tools.courier.limiter.state()
    if rate.waiting or rate.used * 2 >= rate.limit or shipment.courier_id is None:
        return None
    try:
        found = await tools.courier.orders_by_ids([shipment.courier_id], owner=owner)
    except CourierError:
        return None
    return next((order for order in found if ids_of(order) & shipment.ids), None)


def _is_anothers(shipment: Shipment, row: CourierOrder) -> bool:
    """Tell whether the courier's own row of the id that it answered with has neither our reference nor our phone."""
    phone = last_ten(row.client_mobile or "")
    if shipment.decided_at or len(phone) != PHONE_DIGITS or not shipment.phones:
        return False
    return phone not in shipment.phones and shipment.reference not in references_in(row)
