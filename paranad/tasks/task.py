"""What a task is: a name the operator knows, typed arguments, and a function from them to an outcome."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo

from paranad.catalogue import OnePer, TaskFacts
from paranad.clock import Clock
from paranad.numbers import LARGEST_ID, as_number
from paranad.queue.model import Enqueued, Json, Origin, Outcome, Request
from paranad.record import record
from paranad.said import Said, as_said


class Arguments(BaseModel):
    """A task's arguments; a subclass names each. Nothing extra, nothing guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def kept(self) -> dict[str, Json]:
        """Return the arguments as a job keeps them, from which they are read again."""
        kept: dict[str, Json] = self.__pydantic_serializer__.to_python(self, mode="json", exclude_none=True)
        return kept


class NoArguments(Arguments):
    """For a task that takes none."""


def shown_arguments(arguments: type[Arguments]) -> dict[str, FieldInfo]:
    """Return the arguments that a person names; the bridge adds others, of which no person needs to know."""
    return {field.alias or name: field for name, field in arguments.model_fields.items() if field.repr}


RowId = Annotated[int, BeforeValidator(as_number), Field(ge=1, le=LARGEST_ID)]
"""The id of a row in a table of the shop."""


A = TypeVar("A", bound=Arguments)


@record
class Context:
    """What a running task may ask of the daemon."""

    job_id: int
    """0 in a dry run."""
    attempt: int
    origin: Origin
    enqueued_at: datetime
    """Since when the job is wanted: an outage may last 24 h from here."""
    created_at: datetime
    """When the job was stored; the operator's `retry` leaves it as it is."""
    snoozes: int
    """Snoozes in a row before this attempt."""
    clock: Clock
    enqueue: Callable[[Sequence[Request]], Awaitable[Sequence[Enqueued]]]
    """Store further jobs, with this job's origin; committed when it returns."""
    progress: Callable[[int, int | None], None]
    """Tell how far it is: done, and of how many if that is known."""
    shield: Callable[[], AbstractContextManager[None]] = nullcontext
    """While inside, the attempt is not cancelled: cancelling is refused; timeout and stop wait until it is left."""
    dry_run: bool = False
    """True: touch nothing. Shop transactions are rolled back, nothing is enqueued, no request is sent."""


class Task(Generic[A]):
    """A named piece of work the program knows; each has a subclass."""

    facts: TaskFacts
    arguments: type[A]
    program: tuple[str, ...] | None = None
    """What an operator's own command runs."""
    for_shop: bool = True
    """Whether the shop may ask for it through its `jobs` table."""
    keeps_key: bool = False
    """Whether a job that is put off keeps others of its key out, so that a request for now runs it, and only once."""
    hands_on: bool = False
    """Whether the job that it enqueues does its work: a row of the shop that is kept goes with it."""
    lasting: frozenset[str] = frozenset()
    """Arguments that the unfinished job of the same key takes over from a request that drops out."""

    @property
    def name(self) -> str:
        """The name that the operator knows."""
        return self.facts.name

    def unique_key(self, args: A) -> str | None:
        """Return what at most one unfinished job may carry, as the task's facts have it; None: any number."""
        match self.facts.one_per:
            case None:
                return None
            case OnePer.TASK:
                return self.name
            case _:
                named = args.model_dump(mode="json", include=set(shown_arguments(self.arguments)))
                return ":".join([self.name, *("" if value is None else str(value) for value in named.values())])

    def off(self) -> Said | None:
        """Return why its jobs only wait for now; None: they run."""
        return None

    def args_at(self, occurrence: datetime) -> Mapping[str, Json]:  # noqa: ARG002 - for those who are told
        """Return the arguments that tell it for which occurrence of the schedule it runs; empty: it is not told.

        Args:
            occurrence: with the offset of the entry's time zone.
        """
        return {}

    def args_of_past(self, occurrence: datetime) -> Mapping[str, Json]:
        """Return the arguments with which it does a past occurrence's work; empty: its work is always of now."""
        return self.args_at(occurrence)

    async def run(self, context: Context, args: A) -> Outcome:
        """Do the work once."""
        raise NotImplementedError


class PlainTask(Task[NoArguments]):
    """A task without arguments."""

    arguments = NoArguments


AnyTask = Task[Any]


MENTIONED = 100
"""How many rows, skipped and failed things a result names one by one; the counts are always whole."""


def mention(what: str, reason: Said | str) -> Json:
    """Return how a result names *what* with its reason; `why` is the same as a code with values, if it has a code."""
    said = as_said(reason)
    why = {name: value for name, value in said.document().items() if name != "text"}
    return {"what": what, "reason": said.text} | ({"why": why} if said.code else {})


@dataclass(slots=True)
class Tally:
    """What a task did, kept by the job and printed in words: looked at, changed, skipped and failed with reasons."""

    looked_at: int = 0
    changed: int = 0
    skipped_count: int = 0
    failed_count: int = 0
    rows: list[str] = field(default_factory=list)
    skipped: list[Json] = field(default_factory=list)
    failed: list[Json] = field(default_factory=list)

    def touch(self, what: str) -> None:
        """Count *what* (`cart 12`) as changed; in a dry run, as what would be."""
        self.changed += 1
        if len(self.rows) < MENTIONED:
            self.rows.append(what)

    def skip(self, what: str, reason: Said | str) -> None:
        """Count *what* (`cart 12`) as left alone, and why."""
        self.skipped_count += 1
        if len(self.skipped) < MENTIONED:
            self.skipped.append(mention(what, reason))

    def fail(self, what: str, reason: Said | str) -> None:
        """Count *what* as failed, and why; the rest goes on."""
        self.failed_count += 1
        if len(self.failed) < MENTIONED:
            self.failed.append(mention(what, reason))

    def as_json(self, **more: Json) -> dict[str, Json]:
        """Return the result as the job keeps it; *more* is what the task alone knows."""
        return {
            "looked_at": self.looked_at,
            "changed": self.changed,
            "rows": self.rows,
            "skipped": {"count": self.skipped_count, "items": self.skipped},
            "failed": {"count": self.failed_count, "items": self.failed},
            **more,
        }
