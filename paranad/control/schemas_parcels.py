"""The forms in which the control API shows the parcels that need a person, beside those of `schemas.py`."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from paranad.control import schemas

ParcelKind = Literal["stuck", "returning", "uninvoiced", "price", "changed", "cancelled"]


class Parcel(schemas.Answered):
    """A parcel that needs a person."""

    kind: ParcelKind
    order_id: schemas.Id | None = Field(description="Null: the shop has no order of it.")
    order_number: str | None = Field(description="The shop's own.")
    courier_id: str
    status_id: str
    status: str | None = Field(description="At the courier, in its words.")
    since: datetime | None = Field(description="Since when it is so, at the latest; null: unknown.")
    price: int | None = Field(description="What the courier collects, in whole dinars; null: not readable.")
    expected: int | None = Field(description="What it would collect by the order's total; of kind `price` alone.")
    reason: str = Field(description="Why it needs a person.")
    why: schemas.Remark = Field(description=schemas.SAME)


class ParcelCount(schemas.Answered):
    """How many parcels of a kind need a person."""

    kind: ParcelKind
    count: int | None = Field(description="Null: they are not watched.")
    days: int | None = Field(description="From how many days on; null: days do not matter, or it is not watched.")
    reason: str | None = Field(description="Why they are not watched; null: they are.")
    why: schemas.Remark | None = Field(description=schemas.SAME)


class Parcels(schemas.Page[Parcel]):
    """A part of the list, by kinds, and within a kind those that have stood longest first: a thousand at most."""

    at: datetime = Field(description="When the shop's rows were read.")
    kinds: list[ParcelCount] = Field(description="Every kind, also those that are not listed here.")
