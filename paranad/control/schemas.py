"""Every form that the control API answers, always named with its module: `schemas.Job` shows the queue's `Job`.

With those of `requests.py` they make `/v1/openapi.json`, which has their names.

Instants are ISO 8601 with the configured zone's offset. A list is `items` with `next_cursor`, which is null on the
last page.
"""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar, overload

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from paranad.numbers import LARGEST_ID
from paranad.said import Said, as_said, from_document

JobState = Literal["scheduled", "available", "running", "retryable", "completed", "failed", "cancelled"]
AttemptOutcome = Literal["completed", "snoozed", "failed", "timed_out", "cancelled", "handed_back", "recovered"]
Origin = Literal["schedule", "operator", "shop"]

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
T = TypeVar("T")

SAME = "The same as a code with values."


class Answered(BaseModel):
    """A form that the API answers."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Page(Answered, Generic[T]):
    """A part of a list."""

    items: list[T]
    next_cursor: str | None = Field(description="Send it as `cursor` to get the next page; null on the last page.")


class Items(Answered, Generic[T]):
    """One item for each item of the request, in its order."""

    items: list[T]


class Remark(Answered):
    """A sentence as a code with values, so that it can be shown in any language."""

    code: str = Field(
        description="Names the sentence, such as `queue-paused`; empty: a text from outside, or of an earlier version."
    )
    values: dict[str, str | int | float] = Field(description="The sentence's values by name.")
    facts: dict[str, "Remark"] = Field({}, description="The values that are sentences themselves, whole.")
    text: str = Field("", description="The sentence in English.")

    def said(self) -> Said:
        """Return the fact whose remark this is."""
        return from_document(self.model_dump())


@overload
def remark_of(said: Said | str) -> Remark: ...
@overload
def remark_of(said: Said | str | None) -> Remark | None: ...
def remark_of(said: Said | str | None) -> Remark | None:
    """Return *said* as the API answers it."""
    return None if said is None else Remark.model_validate(as_said(said).remark())


class WrongSetting(Answered):
    """One problem of a configuration."""

    where: str = Field(description="File, environment variable or credential.")
    key: str = Field(description="Such as `[queue] workers`; empty if the whole file is meant.")
    message: str


class SetKey(Answered):
    """A key of the configuration that is not at its default."""

    key: str = Field(description="Such as `[queue] workers`.")
    value: JsonValue = Field(description="Null: hidden, as secrets, addresses, paths and programs are.")


class Configuration(Items[SetKey]):
    """The configuration in force, without what must not be shown."""

    sources: list[str] = Field(description="What it was read from, the weakest first.")


class Problem(Answered):
    """Why a request was not done (RFC 9457)."""

    type: str = Field(description="`urn:paranad:problem:` and the kind.")
    title: str = Field(description="The kind in words, the same for every occurrence.")
    status: int
    detail: str = Field(description="The thing, what was expected, what it got, the cure.")
    why: Remark | None = Field(None, description=SAME)
    kind: str
    problems: list[WrongSetting] | None = Field(None, description="Only of kind `configuration`: each wrong setting.")


class Health(Answered):
    """The queue is recovered and the socket listens."""

    status: Literal["ok"] = "ok"


class Attempt(Answered):
    """One run of a job that has ended."""

    number: int = Field(description="From 1.")
    started_at: datetime
    finished_at: datetime
    outcome: AttemptOutcome
    counted: bool = Field(description="Whether it spent a try.")
    error: str | None
    why: Remark | None = Field(None, description=SAME)
    traceback: str | None


class Job(Answered):
    """One stored request to run a task."""

    id: Id = Field(description="Never reused.")
    task: str
    args: dict[str, JsonValue]
    queue: str
    origin: Origin = Field(description="Who asked for it.")
    state: JobState
    tries: int = Field(description="How many it may have.")
    tries_spent: int
    due_at: datetime = Field(description="The instant from which it may be claimed, or could have been.")
    created_at: datetime
    started_at: datetime | None = Field(description="Start of the last attempt; null before the first.")
    finished_at: datetime | None = Field(description="Null while unfinished.")
    unique_key: str | None = Field(description="At most one unfinished job has it, and beside it one that is put off.")
    result: JsonValue = Field(description="The completed job's result, else null.")
    error: str | None = Field(description="Why it failed or waits; one line.")
    why: Remark | None = Field(None, description=SAME)
    attempts: list[Attempt] = Field(description="Attempts that have ended, oldest first; empty in lists.")


class EnqueuedJob(Answered):
    """The job that does the requested work; its row is committed."""

    id: Id
    duplicate: bool = Field(description="An unfinished job already does it, or the same request came before.")


class AskedJob(EnqueuedJob):
    """The same, to a request of one job for an operator's own program that cannot run now."""

    waits: str | None = Field(None, description="Why it does not run for now; absent: its program is there.")
    why: Remark | None = Field(None, description=SAME)


class RetriedJob(Answered):
    """What became of one failed job."""

    id: Id
    covered_by: Id | None = Field(
        description="Null: it is available again. Else it stays failed, and this job, of its unique key, does it."
    )


class Deleted(Answered):
    """How many jobs were deleted."""

    deleted: int


class Pause(Answered):
    """Since when something rests, until when, why, and who let it."""

    since: datetime | None = Field(description="Null: an earlier version paused it, which kept nothing of this.")
    until: datetime | None = Field(description="When it ends by itself; null: when somebody resumes.")
    reason: str | None
    by: str | None = Field(description="The user's name, or `uid` and a number.")


PAUSED = "Null: it is not paused."


class SyncJob(Answered):
    """The job that syncs the orders of one status, or all orders."""

    id: Id
    duplicate: bool = Field(description="An equal sync was already under way; this is its job.")
    status_id: str | None


class DryRun(Answered):
    """The result that the task would have had; nothing was changed and nothing sent."""

    task: str
    result: JsonValue


class QueueState(Answered):
    """Whether a queue is claimed from."""

    name: str
    paused: bool = Field(description="By its name; `pause` of the status says whether everything is.")
    pause: Pause | None = Field(None, description=PAUSED)
