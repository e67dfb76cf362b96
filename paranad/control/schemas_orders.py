"""The forms in which the control API shows orders of the shop, beside those of `schemas.py`."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from paranad.control import schemas, schemas_shipments

Standing = Literal["not_due", "waiting", "queued", "setting_off", "failed", "held", "never_asked", "paused"]
OrderAction = Literal["settle", "resend", "reconcile", "retry", "wake", "cancel", "resume", "send"]


class UnshippedOrder(schemas.Answered):
    """An order that should have a shipment and has none."""

    order_id: schemas.Id
    created_at: datetime | None = Field(description="When the shop made it; null: the shop's row does not say.")
    standing: Standing
    reason: str = Field(description="Why it has no shipment.")
    why: schemas.Remark = Field(description=schemas.SAME)
    until: datetime | None = Field(description="When something happens by itself; null: unknown, or nothing does.")
    job_id: schemas.Id | None = Field(description="The job that says so; null: there is none.")


class FoundOrder(schemas.Answered):
    """An order that a text has found."""

    order_id: schemas.Id
    created_at: datetime | None
    status: str | None = Field(description="As the shop has it.")
    customer: str | None
    phone: str = Field(description="Its last three digits.")
    courier_id: str | None
    standing: Standing | None = Field(description="Null: it has its shipment, or needs none.")


class ShopOrder(schemas.Answered):
    """What the shop says of an order."""

    number: str | None
    status: str | None
    created_at: datetime | None
    trashed: bool
    total: str | None = Field(description="In dinars, as the shop has it.")
    items: int | None = Field(description="Number of order rows; null: not known.")
    customer: str | None
    phone: str = Field(description="Its last three digits.")
    address: str | None


class ShopShipment(schemas.Answered):
    """A row of the shop's shipments."""

    courier_id: str
    status: str | None
    status_id: str | None
    synced_at: datetime | None


class Order(schemas.Answered):
    """Everything that is known of one order."""

    order_id: schemas.Id
    shop: ShopOrder | None
    shop_reason: str | None = Field(description="Why `shop` is null: it has no such order, or cannot be asked.")
    shop_why: schemas.Remark | None = Field(description=schemas.SAME)
    shop_shipments: list[ShopShipment] = Field(description="The shop's own rows of its shipment, oldest first.")
    standing: Standing | None = Field(
        description="Null: it has its shipment, needs none, or the shop cannot be asked; `reason` says which."
    )
    reason: str = Field(description="Where it stands, and why.")
    why: schemas.Remark = Field(description=schemas.SAME)
    until: datetime | None = Field(description="When something happens by itself; null: unknown, or nothing does.")
    shipment: schemas_shipments.Shipment | None = Field(description="The shipment journal's row.")
    elsewhere: str | None = Field(
        None,
        description="Which other machine has sent a request for it, or was about to, so that its answer is not known "
        "here; null: none has, as far as this machine can tell.",
    )
    elsewhere_why: schemas.Remark | None = Field(None, description=schemas.SAME)
    jobs: list[schemas.Job] = Field(description="About the order, newest first, at most 20, with their attempts.")
    job_id: schemas.Id | None = Field(
        None,
        description="The job that decides about its shipment, and that `actions` are done to; null: there is none.",
    )
    actions: list[OrderAction] = Field(description="What a person can do about it now, the likeliest first.")
