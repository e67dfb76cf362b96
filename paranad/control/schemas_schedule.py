"""The forms of the schedule: entries, what became of them and what comes; always named with their module."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from paranad.control import schemas


class Run(schemas.Answered):
    """What became of one occurrence of a schedule entry."""

    occurrence: datetime
    outcome: Literal["enqueued", "skipped"]
    reason: str | None = Field(description="Why it was skipped.")
    why: schemas.Remark | None = Field(None, description=schemas.SAME)
    job_id: schemas.Id | None = Field(description="The job that was enqueued.")
    job_state: schemas.JobState | None = Field(
        None, description="How that job stands; null: there is none, or it was pruned."
    )


class Entry(schemas.Answered):
    """A schedule entry."""

    name: str
    task: str
    cron: str
    cron_words: str
    timezone: str
    own_timezone: bool = Field(False, description="Whether it names its time zone itself, instead of the daemon's.")
    enabled: bool
    off: str | None = Field(
        description="Why it is not enabled although the configuration enables it: what the shop lacks, "
        "or that its program is missing."
    )
    why: schemas.Remark | None = Field(None, description=schemas.SAME)
    paused: bool
    pause: schemas.Pause | None = Field(None, description=schemas.PAUSED)
    last: Run | None = Field(description="The latest occurrence that was handled.")
    last_job_state: schemas.JobState | None = Field(
        description="The state of its job; null: it has none, or the job was pruned."
    )
    next: datetime | None = Field(
        description="Null while disabled or paused. While everything is paused: the first after that pause, if it ends."
    )
    task_paused: bool = Field(False, description="Whether its task is paused: what it enqueues waits.")
    catch_up: Literal["once", "skip", "all"] = Field(
        "once", description="What happens to occurrences that were missed."
    )
    catch_up_limit: int | None = Field(None, description="Of how many, beside `all`; otherwise null.")
    catch_up_window: str | None = Field(None, description="How old at most, beside `all`; null: however old.")
    overlap: Literal["skip", "queue-one", "allow"] = Field(
        "skip", description="What happens to an occurrence while the last job is unfinished."
    )
    jitter: str | None = Field(None, description="How long its jobs are delayed at random, at most; null: not at all.")
    alert: bool = Field(True, description="Whether somebody is told of its failures, its slow runs and its silence.")
    expect_within: str | None = Field(
        None, description="Within what time of its last success the next is expected; null: one period and a grace."
    )
    waiting: int = Field(0, description="Occurrences that wait until the last job has ended.")


class GoneEntry(schemas.Answered):
    """A paused schedule entry that the configuration no longer has."""

    name: str
    pause: schemas.Pause


class NextChange(schemas.Answered):
    """An entry of the schedule that a reload added or removed, or whose next instant it changed."""

    name: str
    change: Literal["added", "removed", "moved"]
    before: datetime | None = Field(description="When it was due next; null: it did not run.")
    after: datetime | None = Field(description="When it is due next; null: it does not run.")
    pause_stays: bool = Field(
        False, description="It was removed while it was paused: its pause stays, and whatever it is called now runs."
    )


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
