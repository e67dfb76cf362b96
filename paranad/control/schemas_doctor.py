"""The forms of what the doctor finds."""

from typing import Literal

from pydantic import Field

from paranad.control import schemas

CheckOutcome = Literal["ok", "warning", "failed"]


class DoctorCheck(schemas.Answered):
    """What one look of the doctor found."""

    check: str = Field(description="What was looked at, such as `shop-database`.")
    outcome: CheckOutcome
    code: str = Field(description="What was found, such as `shop-unreachable`; it decides the words.")
    values: dict[str, str] = Field(description="What the words hold.")
    facts: dict[str, schemas.Remark] = Field(
        {}, description="Those of the values that are sentences themselves, by name."
    )
    why: str
    cure: str | None = Field(description="Null if the outcome is ok.")


class Doctor(schemas.Answered):
    """The checks that need the daemon's eyes."""

    items: list[DoctorCheck] = Field(description="In the order in which to look.")
