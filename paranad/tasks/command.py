"""An operator's own command as a task: its own process group, its output, its exit status."""

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from paranad.catalogue import OnePer, TaskFacts
from paranad.clock import Clock
from paranad.errors import ParanadError
from paranad.events.event import Events
from paranad.events.queue import JobOutput
from paranad.log.redaction import redact
from paranad.program import Program, ProgramFailed, Tail, character_start, ended_how, last_line, minimal
from paranad.queue.model import Completed, Json, Outcome
from paranad.said import Said, Sentence
from paranad.shipments.phone import without_mobiles
from paranad.tasks.task import Arguments, Context, Task

LOGGED_LINES: Final = 10_000
LINE_BYTES: Final = 4096

OCCURRENCE: Final = "{occurrence}"
"""Stands in a word of a command for the occurrence that it runs for, such as 2027-03-28T03:00:00+02:00."""
DATE: Final = "{date}"
"""Stands there for its day, such as 2027-03-28."""

Tell = Callable[[str, Sequence[str]], None]


def is_dated(command: Sequence[str]) -> bool:
    """Tell whether the program of *command* is told its occurrence: then each of its jobs does work of its own."""
    return any(mark in word for word in command[1:] for mark in (OCCURRENCE, DATE))


FAILED = Sentence("command.failed", "{command}: {reason}")


class CommandFailed(ParanadError):
    """The program could not be started, or said that it failed; its output is the note."""

    kind = "command-failed"
    has_traceback = False

    def __init__(self, name: str, reason: Said, output: Tail) -> None:
        self.name = name
        super().__init__(FAILED(command=name, reason=reason))
        if output.total_bytes:
            self.add_note(kept(output))


def _instant(value: object) -> object:
    """Take a text with an offset as an instant, and keep it as text: that is what the program is told."""
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError("expected an instant with its offset such as 2027-03-28T03:00:00+02:00")
    return at.isoformat(timespec="seconds")


class CommandArguments(Arguments):
    """For a command that is told nothing."""


class OccurrenceArguments(CommandArguments):
    """For a command that is told its occurrence."""

    occurrence: Annotated[
        Annotated[str | None, BeforeValidator(_instant)],
        Field(description="the occurrence that it runs for; when it was enqueued, if none is named"),
    ] = None


class OwnCommand(Task[CommandArguments]):
    """An operator's command as the task of its schedule entry."""

    program: tuple[str, ...]
    for_shop = False  # whoever wrote it for the schedule did not offer it to those who may write to the shop's database

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        timeout: timedelta,
        tries: int,
        events: Events,
        several: bool = False,
        zone: tzinfo = UTC,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Make the task *name* that runs *command*.

        Args:
            name: the schedule entry's name.
            command: the program's absolute path, then its arguments, which may hold OCCURRENCE or DATE; no shell reads
                them.
            timeout: after which the worker cancels it: SIGTERM, and SIGKILL 10 s later, to its whole process group.
            tries: how many times a job may fail before it has failed for good.
            events: told each line of output.
            several: whether its jobs may run beside one another.
            zone: on whose clock the occurrence is told.
            environ: source of the few variables a program needs; the daemon's own variables are not passed on.
        """
        self.facts = TaskFacts(name, f"runs {command[0]}", timeout, tries, one_per=None if several else OnePer.TASK)
        self.program, self.environment, self.events, self.zone = tuple(command), minimal(environ), events, zone
        self.dated = is_dated(command)
        self.arguments = OccurrenceArguments if self.dated else CommandArguments

    def args_at(self, occurrence: datetime) -> Mapping[str, Json]:
        """Return the occurrence, if a word of the command names it."""
        return {"occurrence": occurrence.isoformat(timespec="seconds")} if self.dated else {}

    async def run(self, context: Context, args: CommandArguments) -> Outcome:
        """Run the program to its end."""
        words = self._words(context, args)
        if context.dry_run:
            return Completed({"command": list(words), "would_run": True})
        tell = teller(self.events, context.job_id, self.facts)
        return Completed(await _run(self.name, words, self.environment, context.clock, tell))

    def _words(self, context: Context, args: CommandArguments) -> Sequence[str]:
        """Return the command's words with its occurrence in them."""
        told = args.occurrence if isinstance(args, OccurrenceArguments) else None
        at = datetime.fromisoformat(told) if told else context.created_at.astimezone(self.zone)
        occurrence, day = at.isoformat(timespec="seconds"), f"{at:%Y-%m-%d}"
        program, *words = self.program
        return [program, *(word.replace(OCCURRENCE, occurrence).replace(DATE, day) for word in words)]


def teller(events: Events, job_id: int, facts: TaskFacts) -> Tell:
    """Return what tells lines of output of a job, without secrets and whole phones."""
    job: dict[str, Any] = {"task": facts.name, "queue": facts.queue}

    def tell(stream: str, lines: Sequence[str]) -> None:
        events.tell(*(JobOutput(job_id=job_id, **job, stream=stream, line=_logged(line)) for line in lines))

    return tell


def _logged(line: str) -> str:
    return without_mobiles(redact(line))


@contextmanager
def cancelled_with(output: Tail) -> Iterator[None]:
    """Let a cancellation carry the *output* there was: the attempt that it ends, such as by a timeout, keeps it."""
    try:
        yield
    except asyncio.CancelledError as cancelled:
        if output.total_bytes:
            cancelled.add_note(kept(output))
        raise


async def _run(name: str, words: Sequence[str], environment: Mapping[str, str], clock: Clock, tell: Tell) -> Json:
    """Run the program to its end; return its result.

    Raises:
        CommandFailed: it could not be started, or ended with a status other than 0.
    """
    log = LineLog(tell)
    program = Program(words, environment, clock, hear=log.take)
    try:
        with cancelled_with(program.output):
            status = await program.to_its_end()
    except ProgramFailed as error:
        raise CommandFailed(name, error.said, program.output) from error
    finally:
        log.close()
    if status != 0:
        raise CommandFailed(name, ended_with(status, program.output), program.output)
    return result_of(words, program.output)


def kept(output: Tail) -> str:
    """Return what a job keeps of its program's *output*: its end, without whole phones."""
    return without_mobiles(output.text)


def ended_with(status: int, output: Tail) -> Said:
    """Say how a program ended whose exit *status* is not 0, with the last line of its *output*."""
    return ended_how(status, last_line(kept(output)))


def result_of(words: Sequence[str], output: Tail) -> dict[str, Json]:
    """Return what a job keeps of a program that succeeded."""
    return {"command": list(words), "exit_status": 0, "output": kept(output), "output_bytes": output.total_bytes}


class LineLog:
    """Tells lines as they come, up to a number; one more says that the rest is not told."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._left = LOGGED_LINES
        self._lines = {stream: _Lines(partial(self._lines_of, stream)) for stream in ("stdout", "stderr")}

    def take(self, stream: str, data: bytes) -> None:
        self._lines[stream].take(data)

    def close(self) -> None:
        for lines in self._lines.values():
            lines.close()

    def _lines_of(self, stream: str, lines: list[str]) -> None:
        if self._left <= 0:
            return
        told = lines[: self._left]
        self._left -= len(told)
        if self._left == 0:
            told.append(f"[after {LOGGED_LINES} lines further output is not logged; the job keeps its end]")
        self._tell(stream, told)


def _pieces(line: bytes) -> list[bytes]:
    """Cut a *line* into pieces of at most 4 KiB, between two characters; the last one is its rest."""
    found = []
    while len(line) > LINE_BYTES:
        end = character_start(line, LINE_BYTES)
        found.append(line[:end])
        line = line[end:]
    return [*found, line]


class _Lines:
    """Cuts a stream of bytes into lines of text, and a long line into pieces."""

    def __init__(self, tell: Callable[[list[str]], None]) -> None:
        self._tell = tell
        self._open = b""

    def take(self, data: bytes) -> None:
        *ended, rest = (self._open + data).split(b"\n")
        *cut, self._open = _pieces(rest)
        if whole := [piece for line in ended for piece in _pieces(line)] + cut:
            self._tell([line.decode("utf-8", "replace").rstrip("\r") for line in whole])

    def close(self) -> None:
        if self._open:
            self._tell([self._open.decode("utf-8", "replace")])
        self._open = b""
