"""The forms of what the schedule will bring; always named with their module."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from paranad.control import schemas


class Instant(schemas.Answered):
    """One instant at which an entry is due."""

    at: datetime
    local: datetime = Field(description="The same instant with the offset of the entry's own time zone.")
    zone: str = Field(description="What the zone calls itself then, such as `CEST`, or its offset, such as `+03`.")
    note: str | None = Field(description="What a clock change does to it, or to the one before it.")
    why: schemas.Remark | None = Field(None, description=schemas.SAME)


class Coming(schemas.Answered):
    """When an entry is due next."""

    name: str
    cron: str
    cron_words: str
    timezone: str
    enabled: bool
    off: str | None = Field(
        description="Why it is not enabled although the configuration enables it: what the shop lacks, "
        "or that its program is missing."
    )
    why: schemas.Remark | None = Field(None, description=schemas.SAME)
    paused: bool
    pause: schemas.Pause | None = Field(None, description=schemas.PAUSED)
    all_paused: schemas.Pause | None = Field(None, description="The pause of everything; null: there is none.")
    task_paused: bool = Field(description="Whether its task is paused: what it enqueues waits.")
    jitter: str | None = Field(None, description="How long its jobs are delayed at random, at most; null: not at all.")
    backfill: int = Field(0, description="How many occurrences of the past wait.")
    items: list[Instant] = Field(
        description="Oldest first; from the end of a pause that has one; if it is not enabled, or paused without an "
        "end, when it would be due. Fewer than asked for: no more come within a hundred years."
    )
    rule: str = Field(description="What a clock change does to its occurrences.")
    rule_why: schemas.Remark = Field(description=schemas.SAME)
    change: str = Field(description="When the clock of its time zone changes next.")
    change_why: schemas.Remark = Field(description=schemas.SAME)


class PastOccurrence(schemas.Answered):
    """What becomes of an occurrence of the past that was asked for."""

    occurrence: datetime
    outcome: Literal["waits", "waits_already", "ran", "failed"] = Field(
        description="`waits`: it runs when those before it have ended. `waits_already`: it waits already. "
        "`ran`: it ran before, and does not run again. `failed`: it ran before and its job failed: retry that."
    )
    job_id: schemas.Id | None = Field(description="The job with which it ran; it may have been pruned since.")


class Backfill(schemas.Answered):
    """What becomes of occurrences of the past."""

    name: str
    timezone: str
    items: list[PastOccurrence] = Field(description="Oldest first.")
    waiting: int = Field(description="How many occurrences of the entry wait, of earlier requests too.")
    dry_run: bool = Field(description="Whether it was only asked what would become of each.")


class BackfillStopped(schemas.Answered):
    """Which occurrences of the past will not run."""

    name: str
    dropped: int = Field(description="How many waited.")
