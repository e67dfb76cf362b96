"""An operator's own command as a task: its own process group, its output, its exit status."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final

from paranad.catalogue import OnePer, TaskFacts
from paranad.clock import Clock
from paranad.errors import ParanadError
from paranad.events.event import Events
from paranad.events.queue import JobOutput
from paranad.program import Program, ProgramFailed, Tail, character_start, ended_how, minimal
from paranad.queue.model import Completed, Json, Outcome
from paranad.said import Said, Sentence
from paranad.tasks.task import Context, NoArguments, PlainTask

LOGGED_LINES: Final = 10_000
LINE_BYTES: Final = 4096

Tell = Callable[[str, Sequence[str]], None]


FAILED = Sentence("command.failed", "{command}: {reason}")


class CommandFailed(ParanadError):
    """The program could not be started, or said that it failed; its output is the note."""

    kind = "command-failed"
    has_traceback = False

    def __init__(self, name: str, reason: Said, output: Tail) -> None:
        self.name = name
        super().__init__(FAILED(command=name, reason=reason))
        if output.total_bytes:
            self.add_note(f"Output:\n{output.text}")


class OwnCommand(PlainTask):
    """An operator's command as the task of its schedule entry."""

    program: tuple[str, ...]

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        timeout: timedelta,
        tries: int,
        events: Events,
        several: bool = False,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Make the task *name* that runs *command*.

        Args:
            name: the schedule entry's name.
            command: the program's absolute path, then its arguments; no shell reads them.
            timeout: after which the worker cancels it: SIGTERM, and SIGKILL 10 s later, to its whole process group.
            tries: how many times a job may fail before it has failed for good.
            events: told each line of output.
            several: whether its jobs may run beside one another.
            environ: source of the few variables a program needs; the daemon's own variables are not passed on.
        """
        self.facts = TaskFacts(name, f"runs {command[0]}", timeout, tries, one_per=None if several else OnePer.TASK)
        self.program, self.environment, self.events = tuple(command), minimal(environ), events

    async def run(self, context: Context, _: NoArguments) -> Outcome:
        """Run the program to its end."""
        if context.dry_run:
            return Completed({"command": list(self.program), "would_run": True})
        tell = _teller(self.events, context.job_id, self.facts)
        return Completed(await _run(self.name, self.program, self.environment, context.clock, tell))


def _teller(events: Events, job_id: int, facts: TaskFacts) -> Tell:
    job: dict[str, Any] = {"task": facts.name, "queue": facts.queue}

    def tell(stream: str, lines: Sequence[str]) -> None:
        events.tell(*(JobOutput(job_id=job_id, **job, stream=stream, line=line) for line in lines))

    return tell


async def _run(name: str, words: Sequence[str], environment: Mapping[str, str], clock: Clock, tell: Tell) -> Json:
    """Run the program to its end; return its result.

    Raises:
        CommandFailed: it could not be started, or ended with a status other than 0.
    """
    log = _Log(tell)
    program = Program(words, environment, clock, hear=log.take)
    try:
        status = await program.to_its_end()
    except ProgramFailed as error:
        raise CommandFailed(name, error.said, program.output) from error
    finally:
        log.close()
    if status != 0:
        raise CommandFailed(name, ended_how(status, program.output.last_line), program.output)
    return {
        "command": list(words),
        "exit_status": status,
        "output": program.output.text,
        "output_bytes": program.output.total_bytes,
    }


class _Log:
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
