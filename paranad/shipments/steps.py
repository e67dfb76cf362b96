"""What each step of a shipment is told as: one event, named here alone."""

from enum import Enum, auto
from typing import Any

from paranad.events.event import Event
from paranad.events.shipments import (
    ShipmentCreated,
    ShipmentDecided,
    ShipmentHeld,
    ShipmentIntended,
    ShipmentReconciled,
    ShipmentRecorded,
    ShipmentUnclear,
    ShipmentWithdrawn,
)
from paranad.shipments import reasons
from paranad.shipments.model import Shipment, ShipmentState


class Step(Enum):
    """What has been committed."""

    INTENDED = auto()
    UNCLEAR = auto()
    WITHDRAWN = auto()
    HELD = auto()
    CREATED = auto()
    """The courier answered with its id."""
    RECONCILED = auto()
    """A list showed it."""
    DECIDED = auto()
    """A person settled it, or let it be sent again."""
    RECORDED = auto()
    SILENT = auto()
    """Nothing that an operator would want to see."""


def event_of(step: Step, how: str, shipment: Shipment) -> Event | None:
    """Return the event that tells of *step*; *how* says what a list matched it by, or what a person decided."""
    if step in {Step.CREATED, Step.RECONCILED} and shipment.state is ShipmentState.HELD:
        step = Step.HELD  # its id belongs to another order
    which: dict[str, Any] = {"order_id": shipment.order_id, "reference": shipment.reference}
    reason = shipment.reason or reasons.ENDED()
    why = {**which, "code": reason.code, "reason": reason.text}
    courier_id = shipment.courier_id or ""
    event: Event | None = None
    match step:
        case Step.INTENDED:
            event = ShipmentIntended(attempt=shipment.attempts[-1].number, **which)
        case Step.UNCLEAR:
            event = ShipmentUnclear(**why)
        case Step.WITHDRAWN:
            event = ShipmentWithdrawn(**why)
        case Step.HELD:
            event = ShipmentHeld(**why)
        case Step.CREATED:
            event = ShipmentCreated(courier_id=courier_id, **which)
        case Step.RECONCILED:
            event = ShipmentReconciled(courier_id=courier_id, matched_by=how, **which)
        case Step.DECIDED:
            event = ShipmentDecided(decision=how, **which)
        case Step.RECORDED:
            event = ShipmentRecorded(courier_id=courier_id, **which)
    return event
