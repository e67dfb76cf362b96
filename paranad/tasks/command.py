"""An operator's own command as a task: its own process group, its output, its exit status."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

import anyio

from paranad.clock import Clock
from paranad.errors import ParanadError
from paranad.events import Events, JobOutput
from paranad.queue.model import Completed, Json, Outcome
from paranad.tasks.task import Context, NoArguments, Task

GRACE_S: Final = 10.0
"""From SIGTERM to SIGKILL."""
KEPT_BYTES: Final = 64 * 1024
LOGGED_LINES: Final = 10_000
LINE_BYTES: Final = 4096
READ_BYTES: Final = 1024
"""A turn's share: some hundred lines at most, so that a flood never holds the event loop."""
PIPE_BYTES: Final = 64 * 1024
PASSED_ON = frozenset({"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "LANGUAGE"})


class CommandFailed(ParanadError):
    """The program could not be started, or said that it failed; its output is the note below the traceback."""

    kind = "command-failed"

    def __init__(self, name: str, what: str, output: str) -> None:
        self.name = name
        last = output.rstrip().rpartition("\n")[2].strip()[:200]
        super().__init__(f"{name}: {what}" + (f", last line: {last}" if last else ""))
        if output:
            self.add_note(f"Output:\n{output}")


def command_task(
    name: str,
    command: Sequence[str],
    *,
    timeout: timedelta,
    tries: int,
    events: Events,
    environ: Mapping[str, str] = os.environ,
    queue: str = "default",
) -> Task[NoArguments]:
    """Make the task *name* that runs *command*, one at a time.

    Args:
        name: the schedule entry's name.
        command: the program's absolute path, then its arguments; no shell reads them.
        timeout: after which the worker cancels it: SIGTERM, and SIGKILL 10 s later, to its whole process group.
        tries: how many times a job may fail before it has failed for good.
        events: told each line of output.
        environ: where the few variables a program needs are taken from; none of the daemon's own is passed on.
        queue: the line its jobs wait in.
    """
    words, environment = tuple(command), minimal(environ)

    async def run(context: Context, _: NoArguments) -> Outcome:
        if context.dry_run:
            return Completed({"command": list(words), "would_run": True})
        tell = _teller(events, context.job_id, name, queue)
        return Completed(await _Run(name, words, environment, context.clock, tell).to_its_end())

    return Task(
        name=name,
        summary=f"runs {words[0]}",
        arguments=NoArguments,
        run=run,
        timeout=timeout,
        tries=tries,
        queue=queue,
        unique_key=lambda _: name,
    )


def minimal(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what a program needs of *environ* to find its way, as cron would give it; no secret of the daemon's."""
    return {key: value for key, value in environ.items() if key in PASSED_ON or key.startswith("LC_")}


def _teller(events: Events, job_id: int, task: str, queue: str) -> Callable[[str, Sequence[str]], None]:
    def tell(stream: str, lines: Sequence[str]) -> None:
        events.tell(*(JobOutput(job_id=job_id, task=task, queue=queue, stream=stream, line=line) for line in lines))

    return tell


class _Run:
    """One run of a program, from its start to the last byte that it wrote."""

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        environment: Mapping[str, str],
        clock: Clock,
        tell: Callable[[str, Sequence[str]], None],
    ) -> None:
        self._name, self._words, self._environment, self._clock = name, words, environment, clock
        self._kept = _Tail(KEPT_BYTES)
        log = _Log(tell)
        self._pipes = [_Pipe(log.lines_of(stream), self._kept) for stream in ("stdout", "stderr")]
        self._exited = asyncio.Event()

    async def to_its_end(self) -> dict[str, Json]:
        """Run it; return its result.

        Raises:
            CommandFailed: it could not be started, or ended with a status other than 0.
        """
        try:
            process = await self._start()
            status = await self._exit_of(process)
        finally:
            for pipe in self._pipes:
                pipe.close()
        if status != 0:
            raise CommandFailed(self._name, _ended_how(status), self._kept.text)
        return {
            "command": list(self._words),
            "exit_status": status,
            "output": self._kept.text,
            "output_bytes": self._kept.total_bytes,
        }

    async def _start(self) -> asyncio.subprocess.Process:
        stdout, stderr = self._pipes
        try:
            return await asyncio.create_subprocess_exec(
                *self._words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=stdout.write_end,
                stderr=stderr.write_end,
                env=self._environment,
                cwd="/",
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise CommandFailed(self._name, f"{self._words[0]} cannot be started: {reason}", "") from error
        finally:
            for pipe in self._pipes:
                pipe.close_write_end()

    async def _exit_of(self, process: asyncio.subprocess.Process) -> int:
        self._watching = asyncio.create_task(self._watch(process), name=f"command.{self._name}")
        try:
            await self._exited.wait()
        except asyncio.CancelledError:
            with anyio.CancelScope(shield=True):
                await self._end_group(process.pid)
            raise
        return process.returncode or 0

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        self._exited.set()

    async def _end_group(self, group: int) -> None:
        """End every process of *group*: SIGTERM, then SIGKILL, at once where a second cancel cuts in."""
        _signal(group, signal.SIGTERM)
        try:
            await self._clock.wait(self._exited, GRACE_S)
        finally:
            _signal(group, signal.SIGKILL)
            # Bounded, since a process that waits for a dead disk outlives even SIGKILL.
            await self._clock.wait(self._exited, GRACE_S)


def _signal(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def _ended_how(status: int) -> str:
    if status > 0:
        return f"ended with exit status {status}"
    try:
        return f"ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"ended by signal {-status}"


class _Tail:
    """The last bytes of all that was written: what failed stands at the end."""

    def __init__(self, limit_bytes: int) -> None:
        self.total_bytes = 0
        self._limit_bytes = limit_bytes
        self._kept = bytearray()

    def take(self, data: bytes) -> None:
        self.total_bytes += len(data)
        self._kept += data
        if len(self._kept) > 2 * self._limit_bytes:
            self._cut()

    def _cut(self) -> None:
        del self._kept[: max(0, len(self._kept) - self._limit_bytes)]

    @property
    def text(self) -> str:
        """The output as text, what is no UTF-8 replaced; it says where its beginning is missing."""
        self._cut()
        missing = self.total_bytes - len(self._kept)
        head = f"[{missing} bytes before this are not kept]\n" if missing else ""
        return head + self._kept.decode("utf-8", "replace")


class _Log:
    """Tells lines as they come, up to a number; one more says that the rest is not told."""

    def __init__(self, tell: Callable[[str, Sequence[str]], None]) -> None:
        self._tell = tell
        self._left = LOGGED_LINES

    def lines_of(self, stream: str) -> "_Lines":
        return _Lines(lambda lines: self._take(stream, lines))

    def _take(self, stream: str, lines: list[str]) -> None:
        if self._left <= 0:
            return
        told = lines[: self._left]
        self._left -= len(told)
        if self._left == 0:
            told.append(f"[after {LOGGED_LINES} lines further output is not logged; the job keeps its end]")
        self._tell(stream, told)


class _Lines:
    """Cuts a stream of bytes into lines of text; one that never ends is cut at 4 KiB."""

    def __init__(self, tell: Callable[[list[str]], None]) -> None:
        self._tell = tell
        self._open = b""

    def take(self, data: bytes) -> None:
        *whole, self._open = (self._open + data).split(b"\n")
        while len(self._open) > LINE_BYTES:
            whole.append(self._open[:LINE_BYTES])
            self._open = self._open[LINE_BYTES:]
        if whole:
            self._tell([line.decode("utf-8", "replace").rstrip("\r") for line in whole])

    def close(self) -> None:
        if self._open:
            self._tell([self._open.decode("utf-8", "replace")])
        self._open = b""


class _Pipe:
    """Reads what a program writes, a little a turn, until it ends; a grandchild that keeps the pipe holds up nobody."""

    def __init__(self, lines: _Lines, kept: _Tail) -> None:
        self._lines, self._kept = lines, kept
        self._loop = asyncio.get_running_loop()
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._loop.add_reader(self._read_end, self._read)

    def close_write_end(self) -> None:
        """Leave the writing end to the program alone."""
        os.close(self.write_end)

    def close(self) -> None:
        """Take what the program left in the pipe, then close it."""
        for _ in range(PIPE_BYTES // READ_BYTES):
            if not self._read():
                break
        self._loop.remove_reader(self._read_end)
        os.close(self._read_end)
        self._lines.close()

    def _read(self) -> bool:
        try:
            data = os.read(self._read_end, READ_BYTES)
        except BlockingIOError:
            return False
        if not data:
            self._loop.remove_reader(self._read_end)
            return False
        self._kept.take(data)
        self._lines.take(data)
        return True
