"""The form of the daily digest."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from paranad.control import schemas


class Parcels(schemas.Answered):
    """How many parcels came to each stage, each parcel once a stage."""

    handed_over: int = Field(description="Taken over by the courier.")
    delivered: int
    on_the_way_back: int
    came_back: int


class DigestCounts(schemas.Answered):
    """What a digest counts; null: not known."""

    shipped: int | None = Field(description="Orders that the courier was known to have from then on.")
    unshipped: int | None = Field(description="Orders without a shipment now.")
    held: int | None = Field(description="Shipments held for a person now.")
    failed: int | None = Field(description="How often a job failed for good, in every quarter of an hour touched.")
    silent: list[str] = Field(description="Schedule entries without success now.")
    parcels: Parcels | None
    needs: dict[str, int] = Field(description="Open incidents, by their kind.")


class Digest(schemas.Answered):
    """What the alert command gets each day, and what a person reads of it."""

    since: datetime
    at: datetime = Field(description="Until when it counts.")
    language: Literal["ar", "en"] = Field(description="Of `message`, as `[alert] language` says.")
    message: str = Field(description="As the command gets it; several lines.")
    lines: list[schemas.Remark] = Field(description="The same as data, line by line.")
    counts: DigestCounts
