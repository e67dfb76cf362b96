"""The forms of the operator's acts and of what they act on: tasks, pauses, a reload; always named with their module."""

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from paranad.control import schemas, schemas_schedule, schemas_status

WakeOutcome = Literal["woken", "not_waiting", "not_found"]


class Argument(schemas.Answered):
    """One argument of a task."""

    name: str
    required: bool
    default: JsonValue = Field(description="What it is where none is given; null if it is required, or stands for all.")
    words: str = Field(description="What it means.")


class Task(schemas.Answered):
    """A task that the daemon knows."""

    name: str
    summary: str = Field(description="What it does.")
    command: list[str] | None = Field(description="The operator's own program that it runs; null: a task of the shop.")
    args: list[Argument]
    tries: int = Field(description="How often it may fail.")
    timeout_s: float = Field(description="After which an attempt is ended.")
    queue: str
    one_per: Literal["task", "order", "filter", "arguments"] | None = Field(
        description="Per what at most one unfinished job is stored; null: any number."
    )
    schedule: list[str] = Field(description="The entries that run it and are enabled.")
    paused: bool = Field(description="Whether no job of it starts.")
    pause: schemas.Pause | None = Field(None, description=schemas.PAUSED)
    due: int = Field(description="While it is paused: how many due jobs of it wait.")


class TaskState(schemas.Answered):
    """Whether jobs of a task start."""

    name: str
    paused: bool
    pause: schemas.Pause | None = Field(None, description=schemas.PAUSED)
    due: int = Field(description="While it is paused: how many due jobs of it wait.")


class WokenJob(schemas.Answered):
    """What became of one job that was to be woken."""

    id: schemas.Id
    outcome: WakeOutcome
    state: schemas.JobState | None = Field(description="Where it stands; null if it is not there.")
    reason: str | None = Field(description="Why it was not woken.")
    why: schemas.Remark | None = Field(None, description=schemas.SAME)


class Woken(schemas.Answered):
    """What was woken."""

    woken: int = Field(description="How many jobs are due now that waited.")
    items: list[WokenJob] = Field(description="For each job that was named by its id, in order.")


class Setting(schemas.Answered):
    """A setting of the shop."""

    name: str
    means: schemas.Remark
    value: str | None = Field(description="As stored; null for a secret, or if the shop has no such row.")
    default: str | None = Field(description="What the shop takes if it has no such row.")
    secret: bool = Field(description="Whether its value is never shown.")
    changeable: bool = Field(description="Whether a person may change it here.")
    reads: schemas.Remark = Field(description="How the daemon reads it.")
    wrong: bool = Field(description="Whether it cannot be used as it stands; `reads` says why.")
    used_by: list[str] = Field(description="The tasks that read it.")
    unused: str | None = Field(description="Why the daemon does not use it.")
    why: schemas.Remark | None = Field(None, description=schemas.SAME)


class ChangedSetting(schemas.Answered):
    """A setting before and after a change."""

    name: str
    changed: bool = Field(description="False: only tried.")
    before: Setting
    after: Setting


class CourierTest(schemas.Answered):
    """What one login and one list brought."""

    accepted: bool | None = Field(description="Whether the courier accepts the account; null: it was not learned.")
    merchant: bool | None = Field(description="Whether it is the merchant's main account; null: not accepted.")
    login_s: float | None = Field(description="How long the login took.")
    rows: int | None = Field(description="Orders created today that the list holds; null: there was none.")
    unreadable: int = Field(description="Rows of the list that could not be read.")
    list_s: float | None = Field(description="How long the list took.")
    reason: str | None = Field(description="Why it went no further.")
    why: schemas.Remark | None = Field(None, description=schemas.SAME)
    again_at: datetime | None = Field(description="From when the rate has room for it, if that is the reason.")
    limiter: schemas_status.Limiter


class AlertTest(schemas.Answered):
    """How one run of the alert command went, with a document of kind `test`."""

    done: bool = Field(description="Whether it ended with 0: only then a document counts as told.")
    seconds: float = Field(description="How long it ran.")
    output: str = Field(description="The end of what it wrote.")
    reason: str | None = Field(description="How it failed.")
    why: schemas.Remark | None = Field(None, description=schemas.SAME)


class Claiming(schemas.Answered):
    """Whether the daemon claims jobs."""

    draining: bool
    pause: schemas.Pause | None = Field(None, description="Of everything; null: none.")
    paused: list[str] = Field(description="Paused queues.")
    paused_tasks: list[str] = Field([], description="Paused tasks.")
    paused_entries: list[str] = Field([], description="Paused schedule entries.")


class LeftJobs(schemas.Answered):
    """Unfinished jobs that a reload left without their command, or with other arguments than it takes now.

    They fail when they start, unless it comes back.
    """

    task: str
    jobs: int = Field(description="How many; 1000 at most are counted.")


class StoppedJob(schemas.Answered):
    """What a stop now would do to a job that runs."""

    id: schemas.Id
    task: str
    queue: str
    order_id: schemas.Id | None
    started_at: datetime
    time_left_s: float = Field(description="Until its own timeout.")
    fate: Literal["awaited", "ends", "cut", "handed_back"] = Field(
        description="`awaited`: a create-order request is under way, and the stop waits for it; `ends`: by its own "
        "timeout at the latest; else, if it still runs after the drain timeout, its program is ended (`cut`) or it is "
        "handed back, and it starts again later without a try."
    )


class MissedEntry(schemas.Answered):
    """An entry of the schedule that is due while the daemon is away."""

    name: str
    occurrences: int
    first_at: datetime
    catch_up: Literal["once", "skip", "all"] = Field(description="What becomes of them at the start.")


class Stop(schemas.Answered):
    """What a stop now would cut, hand back and miss."""

    drain_timeout_s: float = Field(description="How long a stop waits for what runs.")
    away_s: float = Field(
        description="How long nothing is enqueued: as long as the stop waits for what runs, at most, and a minute."
    )
    running: list[StoppedJob]
    due: int = Field(description="Jobs that wait for a worker: they stay stored.")
    later: int = Field(description="Jobs that are due later: they stay stored.")
    missed: list[MissedEntry]


class ReloadReport(schemas.Answered):
    """The changes of a re-read configuration."""

    changed: list[str] = Field(description="Keys whose new value is in force.")
    needs_restart: list[str] = Field(description="Keys whose new value waits for a restart.")
    credentials: list[str] = Field(
        [], description="Credentials in use; a reload sees no change of them, a restart does."
    )
    schedule: list[schemas_schedule.NextChange] = Field([], description="Entries whose next instant has changed.")
    left: list[LeftJobs] = Field([], description="Commands that are gone while jobs of them wait.")
    unfit: list[LeftJobs] = Field([], description="Commands that take other arguments now than jobs of them hold.")
