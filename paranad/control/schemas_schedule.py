"""The forms of what the schedule will bring; always named with their module."""

from datetime import datetime

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
    task_paused: bool = Field(description="Whether its task is paused: what it enqueues waits.")
    items: list[Instant] = Field(
        description="Oldest first; if it is not enabled or paused, when it would be due. Fewer than asked for: no more "
        "come within a hundred years."
    )
    rule: str = Field(description="What a clock change does to its occurrences.")
    rule_why: schemas.Remark = Field(description=schemas.SAME)
    change: str = Field(description="When the clock of its time zone changes next.")
    change_why: schemas.Remark = Field(description=schemas.SAME)
