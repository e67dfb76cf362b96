"""Every task by its name: turns a request into a job, and a job into its outcome."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from paranad.catalogue import DescribedArgument, DescribedTask
from paranad.clock import Clock
from paranad.errors import BadArguments, InvalidRequest, NotPermitted, UnknownTask, WrongState
from paranad.queue.model import Completed, Enqueued, Failed, Job, Json, NewJob, Origin, Outcome, Request, known_queue
from paranad.said import Said, Sentence, plain
from paranad.shipments.phone import without_phones
from paranad.shop.errors import ShopBadRow
from paranad.tasks.command import OwnCommand
from paranad.tasks.outage import OUTAGES, answer_outage
from paranad.tasks.task import AnyTask, Arguments, Context, shown_arguments
from paranad.wording import AN_OBJECT, JSON_KINDS, expectation, joined, nearest, quotable, unknown_task

BAD_ROW = Sentence("shop.bad_row", "{reason}; correct it in the shop, then retry the job")
WOULD_FAIL = Sentence("job.would_fail", "{task} would fail: {reason}")
WOULD_WAIT = Sentence("job.would_wait", "{task} would wait: {reason}")
COMMAND_WITHOUT_DATE = Sentence(
    "job.command_without_date",
    "{task} is not told for which day it runs, so nothing of the past can be run; let a word of its command hold "
    "{{date}} or {{occurrence}}",
)
NO_DATE = Sentence(
    "job.no_date", "{task} takes no date: each run does all that is due now, so nothing of the past can be run"
)
TASK_GONE = Sentence(
    "job.task_gone",
    "{task} is no longer a task: put its command back into the configuration, reload, and retry the job",
)
NOT_FOR_SHOP = Sentence(
    "job.not_for_shop",
    "{task} is the command of a schedule entry, for which the shop may not ask; "
    "make it a [command] of the configuration",
)
WRONG_ARGUMENTS = Sentence("job.wrong_arguments", "{task}: {wrong}; it takes {takes}")
OPTIONAL = Sentence("job.argument_optional", "{name} (optional)")
LISTED = Sentence("job.arguments_listed", "{first}, {rest}")
NO_ARGUMENTS = Sentence("job.no_arguments", "no arguments")
ARGUMENT_MISSING = Sentence("job.argument_missing", "{name} is missing")
ARGUMENT_UNKNOWN = Sentence("job.argument_unknown", 'unknown argument "{name}"')
ARGUMENT_NEAR = Sentence("job.argument_near", 'unknown argument "{name}"; did you mean "{near}"')
ARGUMENT_WRONG = Sentence("job.argument_wrong", "{name}: {expected}, got {got}")


HandOn = Callable[[int, Sequence[NewJob]], Awaitable[Sequence[Enqueued]]]


class Underway(Protocol):
    """What the workers lend for one attempt."""

    @property
    def job(self) -> Job: ...
    def progress(self, done: int, total: int | None) -> None: ...
    def shield(self) -> AbstractContextManager[None]: ...


class Registry:
    """The tasks the daemon knows."""

    def __init__(
        self,
        tasks: Iterable[AnyTask],
        *,
        clock: Clock,
        queues: Sequence[str],
        enqueue: Callable[[Sequence[NewJob]], Awaitable[Sequence[Enqueued]]],
    ) -> None:
        self.tasks: Mapping[str, AnyTask] = {task.name: task for task in tasks}
        self.clock, self.queues, self.enqueue = clock, tuple(queues), enqueue
        self.hand_on: HandOn | None = None
        """Enqueues the job that does the work of another from now on; None: as any other job."""

    def replace(self, tasks: Iterable[AnyTask]) -> None:
        """Know *tasks* from now on: a reload may have changed the operator's commands."""
        self.tasks = {task.name: task for task in tasks}

    def task(self, name: str) -> AnyTask:
        """Return the task *name*.

        Raises:
            UnknownTask: names the nearest, and all.
        """
        if task := self.tasks.get(name):
            return task
        raise UnknownTask(unknown_task(name, self.tasks))

    def described(self) -> list[DescribedTask]:
        """Return every task as an operator may know it."""
        return [
            DescribedTask(task.facts, self._queue_of(task), tuple(_described(task.arguments)), task.program)
            for task in self.tasks.values()
        ]

    def _queue_of(self, task: AnyTask) -> str:
        # An operator may have fewer queues than the tasks name: then the last, least urgent one takes the job.
        return task.facts.queue if task.facts.queue in self.queues else self.queues[-1]

    def is_known(self, name: str) -> bool:
        """Tell whether there is a task of this name."""
        return name in self.tasks

    def takes(self) -> dict[str, frozenset[str]]:
        """Return the names of each task's arguments."""
        return {name: frozenset(shown_arguments(task.arguments)) for name, task in self.tasks.items()}

    def fits(self, job: Job) -> bool:
        """Tell whether the task of *job* is there and takes its arguments."""
        try:
            _checked(self.task(job.task), job.args)
        except (UnknownTask, BadArguments):
            return False
        return True

    def differ(self, name: str) -> bool:
        """Tell whether the jobs of a task do different work, each what its arguments say; unknown: they do not."""
        task = self.tasks.get(name)
        return task is not None and task.facts.needs_arguments

    async def off(self) -> dict[str, Said]:
        """Return by name why the jobs of some tasks only wait for now."""

        def look() -> dict[str, Said]:
            return {name: why for name, task in tasks.items() if (why := task.off())}

        tasks = self.tasks
        return await asyncio.to_thread(look)

    def uses_courier(self, name: str) -> bool:
        """Tell whether the task talks to the courier; an unknown one does not."""
        task = self.tasks.get(name)
        return task is not None and task.facts.uses_courier

    def new_job(
        self,
        name: str,
        args: Mapping[str, Json],
        origin: Origin,
        *,
        queue: str | None = None,
        delay: timedelta | None = None,
        source: str | None = None,
        original: str | None = None,
    ) -> NewJob:
        """Check a request and give it the queue's form; *source* and *original* as a NewJob has them.

        Raises:
            UnknownTask, BadArguments, UnknownQueue: what was asked, and what would be right.
            NotPermitted: the shop asks for what is not offered to it.
        """
        task = self.task(name)
        if origin is Origin.SHOP and not task.for_shop:
            raise NotPermitted(NOT_FOR_SHOP(task=name))
        checked = _checked(task, args)
        if queue is not None:
            known_queue(queue, self.queues)
        known = checked.kept()
        return NewJob(
            task.facts.name,
            known,
            queue or self._queue_of(task),
            origin,
            task.facts.tries,
            task.facts.timeout,
            lasting={name: known[name] for name in task.lasting if name in known} if task.lasting else {},
            unique_key=task.unique_key(checked),
            keeps_key=task.keeps_key,
            due_at=self.clock.now() + delay if delay else None,
            source=source,
            original=original,
        )

    def job_at(self, occurrence: datetime, name: str, args: Mapping[str, Json]) -> NewJob:
        """Check a job of the schedule, which is told its *occurrence* if its task is.

        Raises:
            UnknownTask, BadArguments: what was asked, and what would be right.
        """
        return self.new_job(name, {**args, **self.task(name).args_at(occurrence)}, Origin.SCHEDULE)

    def job_of_past(self, occurrence: datetime, name: str, args: Mapping[str, Json]) -> NewJob:
        """Check a job for a past *occurrence*, which an operator asks for.

        Raises:
            InvalidRequest: the task's work is always of now.
            UnknownTask, BadArguments: what was asked, and what would be right.
        """
        task = self.task(name)
        told = task.args_of_past(occurrence)
        if not told:
            raise InvalidRequest((COMMAND_WITHOUT_DATE if isinstance(task, OwnCommand) else NO_DATE)(task=name))
        return self.new_job(name, {**args, **told}, Origin.OPERATOR)

    async def perform(self, attempt: Underway) -> Outcome:
        """Run one attempt of a job and answer with its outcome; what the task raises unexpectedly passes through."""
        job = attempt.job
        try:
            task = self.task(job.task)
            args = _checked(task, job.args)
        except UnknownTask:
            return Failed(TASK_GONE(task=job.task))
        except BadArguments as error:
            return Failed(error.said)
        try:
            return await task.run(self._context(attempt), args)
        # A bad row stays bad however often it is tried; an outage passes, and spends no try.
        except ShopBadRow as error:
            return Failed(BAD_ROW(reason=error.said))
        except OUTAGES as error:
            now = self.clock.now()
            return answer_outage(error, now=now, enqueued_at=job.enqueued_at, snoozes=job.snoozes)

    async def dry_run(self, name: str, args: Mapping[str, Json]) -> Json:
        """Return what the task would do, in its result's form; nothing is touched, sent or enqueued.

        Raises:
            WrongState: the task says that it would fail or wait.
        """
        task = self.task(name)
        checked = _checked(task, args)
        outcome = await task.run(self._dry_context(), checked)
        match outcome:
            case Completed(result):
                return result
            case Failed(error):
                raise WrongState(WOULD_FAIL(task=name, reason=error))
            case _:
                raise WrongState(WOULD_WAIT(task=name, reason=outcome.reason))

    def _context(self, attempt: Underway) -> Context:
        job = attempt.job

        async def enqueue(requests: Sequence[Request]) -> Sequence[Enqueued]:
            new = [self.new_job(each.task, each.args, job.origin, source=each.source) for each in requests]
            if self.hand_on and self.task(job.task).hands_on:
                return await self.hand_on(job.id, new)
            return await self.enqueue(new)

        return Context(
            job_id=job.id,
            attempt=job.attempt,
            origin=job.origin,
            enqueued_at=job.enqueued_at,
            created_at=job.created_at,
            snoozes=job.snoozes,
            clock=self.clock,
            enqueue=enqueue,
            progress=attempt.progress,
            shield=attempt.shield,
        )

    def _dry_context(self) -> Context:
        async def enqueue(requests: Sequence[Request]) -> Sequence[Enqueued]:
            return [Enqueued(job_id=0, duplicate=False) for _ in requests]

        return Context(
            job_id=0,
            attempt=1,
            origin=Origin.OPERATOR,
            enqueued_at=self.clock.now(),
            created_at=self.clock.now(),
            snoozes=0,
            clock=self.clock,
            enqueue=enqueue,
            progress=lambda _done, _total: None,
            shield=nullcontext,
            dry_run=True,
        )


def _checked(task: AnyTask, args: Mapping[str, Json]) -> Arguments:
    try:
        # Of pydantic's core, as in `Arguments.kept`: its methods around it take longer than the check of few arguments.
        checked: Arguments = task.arguments.__pydantic_validator__.validate_python(dict(args))
    except ValidationError as error:
        wrong = joined([_wrong(task, detail) for detail in error.errors(include_url=False)])
        raise BadArguments(WRONG_ARGUMENTS(task=task.name, wrong=wrong, takes=_signature(task))) from None
    return checked


def _wrong(task: AnyTask, detail: ErrorDetails) -> Said:
    name = without_phones(".".join(str(part) for part in detail["loc"][:1])) or "arguments"
    match detail["type"]:
        case "missing":
            return ARGUMENT_MISSING(name=name)
        case "extra_forbidden":
            if near := nearest(name, shown_arguments(task.arguments)):
                return ARGUMENT_NEAR(name=quotable(name), near=near)
            return ARGUMENT_UNKNOWN(name=quotable(name))
        case _:
            return ARGUMENT_WRONG(name=name, expected=expectation(detail), got=_got(task, detail))


def _got(task: AnyTask, detail: ErrorDetails) -> Said | str | int:
    """Quote a wrong value; of an own task, which may be told a customer's name or a secret, its size or kind alone."""
    value = detail["input"]
    if task.program is None:
        return quotable(without_phones(repr(value)))
    if detail["type"] == "too_many_bytes":
        return int(detail["ctx"]["got"])
    return JSON_KINDS.get(type(value), AN_OBJECT)()


def _described(arguments: type[Arguments]) -> Iterator[DescribedArgument]:
    for name, field in shown_arguments(arguments).items():
        required = field.is_required()
        yield DescribedArgument(name, required, None if required else field.default, field.description or "")


def _signature(task: AnyTask) -> Said:
    fields = shown_arguments(task.arguments).items()
    shown = [plain(name) if field.is_required() else OPTIONAL(name=name) for name, field in fields]
    return joined(shown, by=LISTED) if shown else NO_ARGUMENTS()
