"""The shipment journal as the control API answers it."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from paranad.control.schemas import SAME, Answer, Id, Remark, ShipmentState


class ShipmentAttempt(Answer):
    """One create-order request."""

    number: int = Field(description="From 1.")
    phone: str = Field(description="As sent; its last three digits.")
    price: int = Field(description="As sent, whole dinars.")
    sent_at: datetime
    answered_at: datetime | None
    outcome: Literal["sent", "created", "refused", "unclear"] = Field(
        description="`sent`: under way, or nobody saw its answer."
    )
    detail: str | None = Field(description="Why it was refused or is unclear.")
    why: Remark | None = Field(description=SAME)


class Suspicion(Answer):
    """Why somebody else may have sent the order before."""

    reason: str
    why: Remark = Field(description="The same as a code: `tried_by_php`, `requeued` or `restored`.")
    since: datetime = Field(description="When the order was made: nothing was sent before.")
    known_at: datetime


class Look(Answer):
    """What the courier's last list said of an unclear shipment."""

    at: datetime = Field(description="When the list was asked for.")
    reason: str | None = Field(
        description="Why it settled nothing; null: it proved that the courier lacks the shipment."
    )
    why: Remark | None = Field(description=SAME)


class WaitingJob(Answer):
    """The job that sends a shipment, while it waits."""

    id: Id
    due_at: datetime = Field(description="When it goes on.")
    reason: str | None = Field(description="What it waits for.")
    why: Remark | None = Field(None, description=SAME)


class Shipment(Answer):
    """One order's row in the shipment journal."""

    order_id: Id
    state: ShipmentState
    reference: str = Field(description="Stands first in the courier order's merchant notes.")
    courier_id: str | None
    reason: str | None = Field(description="Why it is unclear, withdrawn or held.")
    why: Remark | None = Field(description=SAME)
    unconfirmed: bool = Field(description="A person named its courier id, and the courier did not confirm it.")
    attempts: list[ShipmentAttempt] = Field(description="Our requests, oldest first.")
    suspicions: list[Suspicion] = Field(description="Who else may have sent it, oldest first.")
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


class Reconciled(Answer):
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
