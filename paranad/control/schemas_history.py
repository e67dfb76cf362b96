"""The forms of `GET /v1/history`. What is not known is null, never 0."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from paranad.control import schemas


class Day(schemas.Answered):
    """A day in the configured zone."""

    day: date
    shipments: int | None = Field(description="How many the courier was known to have since; null: not known.")
    failures: int | None = Field(description="How often a job failed for good; null: not known.")
    known: bool = Field(description="Whether both are known for the whole day.")


class Hour(schemas.Answered):
    """An hour of the wall clock."""

    at: datetime = Field(description="When it began.")
    jobs: int | None = Field(description="How many completed; null: not known.")
    wait_median_s: float | None = Field(
        description="How long half of them had waited at most, from due to started; null: none completed, or not known."
    )
    wait_95_s: float | None = Field(description="The same for 95 of 100.")
    known: bool


class Minute(schemas.Answered):
    """A minute of the courier's rate."""

    at: datetime = Field(description="When it began.")
    requests: int | None = Field(description="How many left; null: not known.")
    known: bool


class Rate(schemas.Answered):
    """The courier account's request limit, and how much of it was used."""

    limit: int
    window_s: float
    minutes: list[Minute] = Field(description="The last 30, oldest first.")


class PastRun(schemas.Answered):
    """What became of one occurrence of a schedule entry."""

    occurrence: datetime
    outcome: Literal["enqueued", "skipped"]
    state: schemas.JobState | None = Field(description="How its job stands; null: there is none, or it was pruned.")


class EntryRuns(schemas.Answered):
    """The last runs of a schedule entry."""

    name: str
    runs: list[PastRun] = Field(description="Oldest first, at most 50.")


class History(schemas.Answered):
    """What the last days, hours and minutes brought. What is not known is null, never 0."""

    days: list[Day] = Field(description="The last 14, oldest first; the last one is today.")
    hours: list[Hour] = Field(description="The last 24, oldest first; the last one is the present one.")
    rate: Rate
    entries: list[EntryRuns]
