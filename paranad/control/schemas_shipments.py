"""The forms of what a person compares before a decision on a shipment."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from paranad.control import schemas

Compared = Literal["name", "phone", "address", "price", "notes", "created_at"]


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
