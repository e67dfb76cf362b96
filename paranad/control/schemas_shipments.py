"""The forms of the shipment journal, and of what a person compares before a decision on a shipment."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from paranad.control import schemas

Compared = Literal["name", "phone", "address", "price", "notes", "created_at"]
ShipmentState = Literal["intended", "created", "recorded", "withdrawn", "held"]


class ShipmentAttempt(schemas.Answered):
    """One create-order request."""

    number: int = Field(description="From 1.")
    phone: str = Field(description="As sent; its last three digits.")
    price: int = Field(description="As sent, whole dinars.")
    sent_at: datetime
    answered_at: datetime | None
    outcome: Literal["sent", "created", "refused", "unclear"] = Field(
        description="`sent`: the request is under way, or its answer was never stored."
    )
    detail: str | None = Field(description="Why it was refused or is unclear.")
    why: schemas.Remark | None = Field(description=schemas.SAME)


class Suspicion(schemas.Answered):
    """Why the order may have been sent before, by something else than this daemon."""

    reason: str = Field(
        description="`why` has its code: `tried_by_php`, `requeued`, `restored`, `taken_over` or `marked`."
    )
    why: schemas.Remark
    since: datetime = Field(description="When the order was made; no shipment of it can be older.")
    known_at: datetime


class Look(schemas.Answered):
    """What the courier's last list said of an unclear shipment."""

    at: datetime = Field(description="When the list was asked for.")
    reason: str | None = Field(
        description="Why the list settled nothing; null: it proved that the courier lacks the shipment."
    )
    why: schemas.Remark | None = Field(description=schemas.SAME)


class WaitingJob(schemas.Answered):
    """The job that sends a shipment, while it waits."""

    id: schemas.Id
    due_at: datetime = Field(description="When it runs next.")
    reason: str | None = Field(description="What it waits for.")
    why: schemas.Remark | None = Field(None, description=schemas.SAME)


class Shipment(schemas.Answered):
    """One order's row in the shipment journal."""

    order_id: schemas.Id
    state: ShipmentState
    reference: str = Field(description="Stands first in the courier order's merchant notes.")
    courier_id: str | None
    reason: str | None = Field(description="Why it is unclear, withdrawn or held.")
    why: schemas.Remark | None = Field(description=schemas.SAME)
    unconfirmed: bool = Field(description="A person named its courier id, and the courier did not confirm it.")
    attempts: list[ShipmentAttempt] = Field(description="Our requests, oldest first.")
    suspicions: list[Suspicion] = Field(description="Why it may have been sent by something else, oldest first.")
    absences: int = Field(description="Lists that proved, since the last attempt, that the courier lacks it.")
    next_look_at: datetime | None = Field(
        None, description="While it is unclear, and it alone is shown: when the courier's list is asked at the latest."
    )
    job: WaitingJob | None = Field(
        None, description="While it is not at the courier, and it alone is shown: the job that waits to send it."
    )
    look: Look | None = Field(description="While it is unclear: what the last list said; null: none was read yet.")
    intended_at: datetime
    created_at: datetime | None = Field(description="When the courier was known to have it.")
    recorded_at: datetime | None = Field(description="When the shop's row was written.")


class Reconciled(schemas.Answered):
    """What comparing the shipment journal with the courier's list brought."""

    looked_at: int
    settled: int
    held: int
    waiting: int
    matched: bool | None = Field(
        None,
        description="Whether it has matched the journal of a restored queue.db, so that shipments are sent again; "
        "null: it was not restored, or is matched already.",
    )


class Side(schemas.Answered):
    """What is compared, of the shop's order or of a row of the courier; null: there is none, or it is unreadable."""

    name: str | None
    phone: str | None = Field(description="Its last three digits.")
    address: str | None
    price: float | None = Field(description="In dinars; of an order its total.")
    notes: str | None = Field(description="What may be a phone in it stands there by its last three digits.")
    created_at: datetime | None
    unreadable: list[Compared] = Field(description="Values that the shop has no column for, or that cannot be read.")


class Candidate(schemas.Answered):
    """A courier order that may be the shipment."""

    courier_id: str
    reason: str = Field(description="Why it comes into question: the list named it, our reference, or the phone.")
    why: schemas.Remark = Field(description=schemas.SAME)
    row: Side | None = Field(description="As the last sync kept it; null: the shop keeps no row of it yet.")
    status: str | None = Field(description="The courier's own words.")
    order_id: schemas.Id | None = Field(description="The order that the shop links it to.")
    same: list[Compared] = Field(description="Which of its values are the order's, or were sent, compared whole.")


class Candidates(schemas.Answered):
    """An order beside the courier orders that may be its shipment; the courier was not asked for it."""

    order_id: schemas.Id
    order: Side | None = Field(description="Null: it is not known, see `order_reason`.")
    order_reason: str | None
    order_why: schemas.Remark | None = Field(description=schemas.SAME)
    items: list[Candidate] = Field(description="First those that the courier's list named; at most 20 with their rows.")
    reason: str | None = Field(
        description="Why the shop's rows could not be looked at; null: they were, and there are no others."
    )
    why: schemas.Remark | None = Field(description=schemas.SAME)
