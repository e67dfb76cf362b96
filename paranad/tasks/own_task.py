"""An operator's own task: a program that is told its arguments as one JSON object, and answers by its exit status."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Any, Final

import orjson
from pydantic import BeforeValidator, Field, JsonValue, create_model, model_validator
from pydantic_core import PydanticCustomError

from paranad.catalogue import OnePer, TaskFacts
from paranad.errors import InvalidRequest
from paranad.events.event import Events
from paranad.program import Program, ProgramFailed, Tail, minimal, unusable
from paranad.queue.model import Completed, Json, Outcome
from paranad.said import Said, Sentence
from paranad.shipments.phone import without_mobiles_in
from paranad.tasks.command import CommandFailed, LineLog, cancelled_with, ended_with, result_of, teller
from paranad.tasks.outage import wait_for_end
from paranad.tasks.task import Arguments, Context, Task

TRY_LATER: Final = 75
"""The exit status with which a program asks to be run again later; EX_TEMPFAIL of sysexits.h."""
ARGUMENTS_BYTES: Final = 16 * 1024
"""How long the arguments of a job may be, as JSON: they are to name the work, not to carry it."""
ANSWER_BYTES: Final = 16 * 1024
"""The longest last line that is looked at for an answer."""

LATER = Sentence("command.later", "{command} asks to be run again later: {ended}")
PROGRAM_MISSING = Sentence(
    "command.program_missing",
    "{command} waits: expected a program, got {got}: {program}; put it there, or correct the command and reload",
)
NO_DRY_RUN = Sentence(
    "command.no_dry_run", "{command} has no dry run: only its program, {program}, knows what it would do"
)


def _storable(value: object) -> object:
    """Take what the queue can keep and a program can read again; the rest has no form in JSON."""
    try:
        orjson.dumps(value)
    except TypeError:  # nested too deep, a whole number of more than 64 bits, half a surrogate pair
        raise PydanticCustomError("no_json", "expected what JSON can hold") from None
    return value


class OwnArguments(Arguments):
    """The arguments of an own task: any JSON under each of its names."""

    @model_validator(mode="after")
    def _short(self) -> "OwnArguments":
        if (size := len(self.as_json())) > ARGUMENTS_BYTES:
            raise PydanticCustomError("too_many_bytes", "expected less JSON", {"bytes": ARGUMENTS_BYTES, "got": size})
        return self

    def kept(self) -> dict[str, Json]:
        """Return each argument, null too: all of them are required."""
        return self.model_dump(by_alias=True)

    def as_json(self) -> bytes:
        """Return what the program reads."""
        return orjson.dumps(self.kept(), option=orjson.OPT_SORT_KEYS)


def arguments_of(names: Sequence[str]) -> type[OwnArguments]:
    """Return the type of arguments of these *names*, each of which is required."""
    # Under an alias: a field may not be called as a method of the model is, such as "copy".
    value = Annotated[JsonValue, BeforeValidator(_storable)]
    fields: dict[str, Any] = {f"argument_{at}": (value, Field(alias=name)) for at, name in enumerate(names)}
    return create_model("OwnArguments", __base__=OwnArguments, **fields)


class OwnTask(Task[OwnArguments]):
    """A `[command]` of the configuration as a task."""

    program: tuple[str, ...]
    keeps_key = True

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        args: Sequence[str],
        timeout: timedelta,
        tries: int,
        queue: str,
        events: Events,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Make the task *name* that runs *command*, the program's absolute path first.

        Args:
            name: the table's name.
            command: no shell reads it; the arguments do not stand in it, since every process may read it.
            args: the names of its arguments.
            timeout: after which the worker cancels it: SIGTERM, and SIGKILL 10 s later, to its whole process group.
            tries: how many times a job may fail before it has failed for good.
            queue: where its jobs go.
            events: told each line of output.
            environ: source of the few variables a program needs; the daemon's own variables are not passed on.
        """
        one_per = OnePer.ARGUMENTS if args else OnePer.TASK
        self.facts = TaskFacts(
            name,
            f"runs {command[0]}",
            timeout,
            tries,
            queue=queue,
            needs_arguments=bool(args),
            one_per=one_per,
        )
        self.program, self.environment, self.events = tuple(command), minimal(environ), events
        self.arguments = arguments_of(args)

    def unique_key(self, args: OwnArguments) -> str | None:
        """Return one key for equal arguments; their values, which may be of any length, do not stand in it."""
        if not self.facts.needs_arguments:
            return self.name
        return f"{self.name}:{sha256(args.as_json()).hexdigest()[:32]}"

    def off(self) -> Said | None:
        """Return that its program is missing, if it is; it looks at the file, which may take a while."""
        program = self.program[0]
        got = unusable(program)
        return PROGRAM_MISSING(command=self.name, got=got, program=program) if got else None

    async def run(self, context: Context, args: OwnArguments) -> Outcome:
        """Run the program to its end.

        Raises:
            InvalidRequest: a dry run was asked for.
            CommandFailed: it could not be started, or ended with a status other than 0 and 75.
        """
        if context.dry_run:
            raise InvalidRequest(NO_DRY_RUN(command=self.name, program=self.program[0]))
        if off := await asyncio.to_thread(self.off):  # it may be there again in a moment, as in the midst of a deploy
            return self._later(context, off)
        run = _Run(self, context, args.as_json() + b"\n")
        status = await run.to_its_end()
        if status == 0:
            return Completed(run.result())
        ended = ended_with(status, run.output)
        if status == TRY_LATER:
            return self._later(context, LATER(command=self.name, ended=ended))
        raise CommandFailed(self.name, ended, run.output)

    def _later(self, context: Context, reason: Said) -> Outcome:
        return wait_for_end(reason, now=context.clock.now(), enqueued_at=context.enqueued_at, snoozes=context.snoozes)


class _Run:
    """One run of the program, its output told line by line."""

    def __init__(self, task: OwnTask, context: Context, stdin: bytes) -> None:
        self._task = task
        self._log = LineLog(teller(task.events, context.job_id, task.facts))
        self._answers = Tail(ANSWER_BYTES)
        """The end of its standard output alone."""
        self._program = Program(task.program, task.environment, context.clock, stdin=stdin, hear=self._take)
        self.output = self._program.output

    def _take(self, stream: str, data: bytes) -> None:
        self._log.take(stream, data)
        if stream == "stdout":
            self._answers.take(data)

    async def to_its_end(self) -> int:
        """Return the exit status."""
        try:
            with cancelled_with(self.output):
                return await self._program.to_its_end()
        except ProgramFailed as error:
            raise CommandFailed(self._task.name, error.said, self.output) from error
        finally:
            self._log.close()

    def result(self) -> dict[str, Json]:
        """Return what the job keeps, with what the program answered in its last line if that is JSON."""
        return self._answered() | result_of(self._task.program, self.output)

    def _answered(self) -> dict[str, Json]:
        line = self._answers.text.rstrip().rpartition("\n")[2]
        try:
            answer = orjson.loads(line)
            orjson.dumps(answer)  # what is nested too deep can be read and not written
        except (orjson.JSONDecodeError, TypeError):
            return {}
        # Of a longer line only the end is kept, which may be JSON by chance.
        return {"answer": without_mobiles_in(answer)} if len(line.encode()) < ANSWER_BYTES else {}
