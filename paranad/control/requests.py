"""Every form that the control API takes, always named with its module: `requests.NewJob`."""

from datetime import date
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    SkipValidation,
    Tag,
    field_validator,
)

from paranad.numbers import LARGEST_ID, is_day

LONGEST_DELAY_DAYS = 30
LONGEST_S = LONGEST_DELAY_DAYS * 86_400
"""How far a job may be put off; work for later belongs into a schedule entry."""

Name = Annotated[str, Field(min_length=1, max_length=200)]
Seconds = Annotated[float, Field(ge=0, le=LONGEST_S)]


def as_day(value: object) -> object:
    """Let only text such as 2026-03-01 be a day; pydantic itself would take a number of seconds."""
    if value is None or (isinstance(value, str) and is_day(value)):
        return value
    raise ValueError("expected a day such as 2026-03-01")


Day = Annotated[date, BeforeValidator(as_day)]
Arguments = dict[str, SkipValidation[JsonValue]]
"""A task's arguments: JSON already, since `bodies` has parsed it; the task checks them."""
JobId = Annotated[int, Field(ge=1, le=LARGEST_ID, strict=True)]
StatusId = Annotated[str, Field(pattern=r"^[0-9]{1,10}$")]


def seconds_or_text(value: object) -> object:
    """Let a duration be a number of seconds or a text; pydantic would take a number within a text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST_S:
        return value
    raise ValueError(
        f'expected seconds from 0 to {LONGEST_S}, which are {LONGEST_DELAY_DAYS} days, or a text such as "90s"'
    )


class Asked(BaseModel):
    """A form that the API takes; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NewJob(Asked):
    """One job to enqueue."""

    task: Name = Field(description="Such as `carts:expire`; a command entry's task has the entry's name.")
    args: Arguments = Field(default={}, description="The task's arguments by name.")
    queue: Name | None = Field(None, description="Null: the task's own.")
    delay: Seconds | str | None = Field(
        None, description='Seconds as a number, or a text such as "90s" or "2h"; 30 days at most.'
    )

    @field_validator("delay", mode="before")
    @classmethod
    def _one_of_both(cls, delay: object) -> object:
        return seconds_or_text(delay)


def one_or_several(body: object) -> str:
    """Tell whether *body* is one job or a list, so that an error is about that form alone and not about both."""
    return SEVERAL if isinstance(body, list) else ONE


ONE, SEVERAL = "one job", "a list of jobs"
Jobs = Annotated[
    Annotated[NewJob, Tag(ONE)] | Annotated[list[NewJob], Field(min_length=1, max_length=10_000), Tag(SEVERAL)],
    Discriminator(one_or_several),
]


Moment = Annotated[str, Field(min_length=1, max_length=100)]


class Backfill(Asked):
    """Which occurrences of the past are to run."""

    from_: Moment = Field(
        alias="from",
        description="A day, a time of today, both, or both with an offset; by the clock of the entry's time zone.",
    )
    to: Moment = Field(description="The same; included, and a day alone is the whole day.")
    dry_run: bool = Field(default=False, description="Only say what would become of each.")


class Pause(Asked):
    """How long something rests, and why; without `for` and `until`: until somebody resumes it."""

    lasts: Seconds | str | None = Field(
        None, alias="for", description='Seconds as a number, or a text such as "90s" or "2h"; 30 days at most.'
    )
    until: str | None = Field(
        None,
        max_length=100,
        description="An instant such as `2026-03-01T06:00:00+03:00`, or on the wall clock of the configured zone "
        "`2026-03-01 06:00` or `06:00`, which is the next one; at most 30 days ahead.",
    )
    reason: str | None = Field(None, description="A few words, at most 200 characters.")

    @field_validator("lasts", mode="before")
    @classmethod
    def _one_of_both(cls, lasts: object) -> object:
        return seconds_or_text(lasts)


class Settle(Asked):
    """A person's decision which order of the courier the shipment is."""

    courier_id: Annotated[str, Field(min_length=1, max_length=19, pattern=r"^[0-9]+$")]
    unconfirmed: Annotated[bool, Field(description="Take it although the courier does not confirm it.")] = False


class Sync(Asked):
    """Which courier orders to sync; without any field: all."""

    status_ids: Annotated[list[StatusId], Field(max_length=100)] = Field(default=[], description="One job each.")
    date_from: Day | None = None
    date_to: Day | None = None


class Wake(Asked):
    """Which waiting jobs to wake; without ids: all that were snoozed or wait for another try."""

    ids: Annotated[list[JobId], Field(min_length=1, max_length=1000)] | None = Field(
        default=None, description="These, those too that a person put off."
    )


class Mute(Asked):
    """How long nobody is told of a kind of alert."""

    lasts: Seconds | str = Field(
        alias="for", description='Seconds as a number, or a text such as "90s" or "2h"; 30 days at most.'
    )

    @field_validator("lasts", mode="before")
    @classmethod
    def _one_of_both(cls, lasts: object) -> object:
        return seconds_or_text(lasts)


class ChangeSetting(Asked):
    """The new value of a setting of the shop."""

    value: Annotated[str, Field(max_length=1000, description="`on` and `off` are `1` and `0` where that is meant.")]
    dry_run: bool = Field(default=False, description="Only say how it would be read.")


class DryRunRequest(Asked):
    """The arguments to try a task with."""

    args: Arguments = Field(default={}, description="The task's arguments by name.")
