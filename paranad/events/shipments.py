"""What happened to orders' shipments and to the shipment journal."""

from paranad.events.event import Event
from paranad.record import named_record


@named_record
class ShipmentEvent(Event):
    """About one order's shipment; the base of all shipment events."""

    order_id: int
    reference: str


@named_record
class ShipmentIntended(ShipmentEvent):
    """The intent is committed; the request follows."""

    name = "shipment.intended"
    attempt: int


@named_record
class ShipmentUnclear(ShipmentEvent):
    name = "shipment.unclear"
    level = "warning"
    code: str
    reason: str


@named_record
class ShipmentWithdrawn(ShipmentEvent):
    """The courier did not take it: nothing is under way."""

    name = "shipment.withdrawn"
    level = "warning"
    code: str
    reason: str


@named_record
class ShipmentCreated(ShipmentEvent):
    """The courier has it; its answer is committed in the shipment journal."""

    name = "shipment.created"
    courier_id: str


@named_record
class ShipmentRecorded(ShipmentEvent):
    """The shop's row is written."""

    name = "shipment.recorded"
    courier_id: str


@named_record
class ShipmentReconciled(ShipmentEvent):
    """An unclear intent was found again in the courier's own list."""

    name = "shipment.reconciled"
    courier_id: str
    matched_by: str


@named_record
class ShipmentHeld(ShipmentEvent):
    """A person must decide: `paranadctl shipments show ORDER`."""

    name = "shipment.held"
    level = "error"
    code: str
    reason: str


@named_record
class ShipmentDecided(ShipmentEvent):
    """A person settled or resent it."""

    name = "shipment.decided"
    decision: str


@named_record
class JournalRestored(Event):
    """queue.db is a copy made at *copied_at*: no shipment is sent before `paranadctl shipments reconcile`."""

    name = "shipment.journal_restored"
    level = "error"
    copied_at: str


@named_record
class JournalMatched(Event):
    """The restored journal is matched with the courier's list: shipments are sent again."""

    name = "shipment.journal_matched"
    settled: int
    held: int
