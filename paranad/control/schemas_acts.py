"""The forms of the operator's acts and of what they act on: tasks, waking; always named with their module."""

from typing import Literal

from pydantic import Field, JsonValue

from paranad.control import schemas

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
    one_per: Literal["task", "order", "filter"] | None = Field(
        description="Per what at most one unfinished job is stored; null: any number."
    )
    schedule: list[str] = Field(description="The entries that run it and are enabled.")
    paused: bool = Field(description="Whether no job of it starts.")
    due: int = Field(description="While it is paused: how many due jobs of it wait.")


class TaskState(schemas.Answered):
    """Whether jobs of a task start."""

    name: str
    paused: bool
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
