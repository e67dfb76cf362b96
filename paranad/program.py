"""One run of an operator's program: without a shell, in its own process group, to its exit status and its output."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import anyio

from paranad.clock import Clock
from paranad.said import Said, Sentence

GRACE_S: Final = 10.0
"""From SIGTERM to SIGKILL."""
KEPT_BYTES: Final = 64 * 1024
READ_BYTES: Final = 1024
"""How much is read in one turn of the loop: some hundred lines at most, so that a flood does not block it."""
PIPE_BYTES: Final = 64 * 1024
PASSED_ON = frozenset({"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "LANGUAGE"})

Hear = Callable[[str, bytes], None]
"""Takes a program's output as it comes: `stdout` or `stderr`, and the bytes."""


NO_FILE = Sentence("command.no_file", "no such file")
NOT_EXECUTABLE = Sentence("command.not_executable", "one that may not be executed")
NOT_STARTED = Sentence("command.not_started", "{program} cannot be started: {detail}")
RAN_TOO_LONG = Sentence("command.ran_too_long", "ran longer than {seconds:g} s")
ENDED_WITH_STATUS = Sentence("command.ended_with_status", "ended with exit status {status}")
ENDED_BY_SIGNAL = Sentence("command.ended_by_signal", "ended by {signal}")
ENDED_BY_UNNAMED_SIGNAL = Sentence("command.ended_by_unnamed_signal", "ended by signal {number}")
LAST_LINE = Sentence("command.last_line", "{ended}, last line: {line}")


class ProgramFailed(Exception):
    """The program could not be started, took too long, or ended badly; *said* leaves its name out."""

    def __init__(self, said: Said) -> None:
        self.said = said
        super().__init__(said.text)


def minimal(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of *environ* that cron would give a program; none of them holds a secret of the daemon."""
    return {key: value for key, value in environ.items() if key in PASSED_ON or key.startswith("LC_")}


def unusable(program: str) -> Said | None:
    """Return what is found at the absolute path *program* if it cannot be executed; None if it can."""
    path = Path(program)
    if path.is_file():
        return None if os.access(path, os.X_OK) else NOT_EXECUTABLE()
    return NO_FILE()


def ended_how(status: int, last_line: str = "") -> Said:
    """Say how a program ended whose exit *status* is not 0 (negative: by a signal), and what it wrote last."""
    ended = _ended_how(status)
    return LAST_LINE(ended=ended, line=last_line) if last_line else ended


def _ended_how(status: int) -> Said:
    if status > 0:
        return ENDED_WITH_STATUS(status=status)
    try:
        return ENDED_BY_SIGNAL(signal=signal.Signals(-status).name)
    except ValueError:
        return ENDED_BY_UNNAMED_SIGNAL(number=-status)


def last_line(text: str) -> str:
    """Return the last line of *text* that is not empty, shortened; empty if there is none."""
    return text.rstrip().rpartition("\n")[2].strip()[:200]


def character_start(data: bytes | bytearray, at: int) -> int:
    """Return the place at or up to three bytes before *at* where a UTF-8 character begins; *at* if none does."""
    for place in range(at, max(at - 4, -1), -1):
        if place == len(data) or not 0x80 <= data[place] < 0xC0:
            return place
    return at


def _unheard(_stream: str, _data: bytes) -> None:
    return


class Program:
    """A program to be run once, from its start to the last byte that it writes."""

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        clock: Clock,
        *,
        stdin: bytes | None = None,
        hear: Hear = _unheard,
        grace_s: float = GRACE_S,
    ) -> None:
        """Prepare the run of *words*, the program's path first; make it within the loop it runs in.

        Args:
            words: no shell reads them.
            environment: all of it.
            clock: by which it is waited for.
            stdin: its standard input, which it need not read; None: empty.
            hear: takes its output as it comes.
            grace_s: from SIGTERM to SIGKILL.
        """
        self.output = Tail(KEPT_BYTES)
        """The end of its output, standard output and standard error together."""
        self._words, self._environment, self._clock = words, environment, clock
        self._stdin, self._hear, self._grace_s = stdin, hear, grace_s
        self._pipes = [_Pipe(partial(self._take, stream)) for stream in ("stdout", "stderr")]
        self._exited = asyncio.Event()

    async def to_its_end(self, timeout_s: float | None = None) -> int:
        """Run it; return its exit status, negative if a signal ended it.

        After *timeout_s*, or if the caller is cancelled, its whole process group gets SIGTERM, then SIGKILL.

        Raises:
            ProgramFailed: it could not be started, or took longer than *timeout_s*.
        """
        try:
            process = await self._start()
            return await self._exit_of(process, timeout_s)
        finally:
            for pipe in self._pipes:
                pipe.close()

    def _take(self, stream: str, data: bytes) -> None:
        self.output.take(data)
        self._hear(stream, data)

    async def _start(self) -> asyncio.subprocess.Process:
        stdout, stderr = self._pipes
        try:
            with _readable(self._stdin) as stdin:
                return await asyncio.create_subprocess_exec(
                    *self._words,
                    stdin=stdin,
                    stdout=stdout.write_end,
                    stderr=stderr.write_end,
                    env=self._environment,
                    cwd="/",
                    start_new_session=True,  # its own group, so that a signal reaches the programs it starts as well
                )
        except (OSError, ValueError) as error:
            detail = error.strerror or "" if isinstance(error, OSError) else str(error)
            raise ProgramFailed(NOT_STARTED(program=self._words[0], detail=detail)) from error
        finally:
            for pipe in self._pipes:
                pipe.close_write_end()

    async def _exit_of(self, process: asyncio.subprocess.Process, timeout_s: float | None) -> int:
        self._watching = asyncio.create_task(self._watch(process), name=f"program.{process.pid}")
        try:
            if timeout_s is None:
                await self._exited.wait()
            elif not await self._clock.wait(self._exited, timeout_s):
                await self._end_group(process.pid)
                raise ProgramFailed(RAN_TOO_LONG(seconds=timeout_s))
        except asyncio.CancelledError:
            # A timeout or a stop: the attempt must not end while its program still runs.
            with anyio.CancelScope(shield=True):
                await self._end_group(process.pid)
            raise
        return process.returncode or 0

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        self._exited.set()

    async def _end_group(self, group: int) -> None:
        """End every process of *group*: SIGTERM, then SIGKILL; a second cancel brings SIGKILL at once."""
        _signal(group, signal.SIGTERM)
        try:
            await self._clock.wait(self._exited, self._grace_s)
        finally:
            _signal(group, signal.SIGKILL)
            # Bounded, since a process that waits for a dead disk outlives even SIGKILL.
            await self._clock.wait(self._exited, self._grace_s)


def _signal(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


@contextmanager
def _readable(data: bytes | None) -> Iterator[int]:
    """Give a descriptor from which *data* can be read: a file in memory, as a pipe would wait for its reader."""
    descriptor = os.open(os.devnull, os.O_RDONLY) if data is None else os.memfd_create("stdin")
    try:
        left = memoryview(data or b"")
        while left:
            left = left[os.write(descriptor, left) :]
        if data is not None:
            os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


class Tail:
    """The last bytes of a program's output: the reason of a failure stands at the end."""

    def __init__(self, limit_bytes: int) -> None:
        self.total_bytes = 0
        self._limit_bytes = limit_bytes
        self._kept = bytearray()

    def take(self, data: bytes) -> None:
        """Add *data*."""
        self.total_bytes += len(data)
        self._kept += data
        if len(self._kept) > 2 * self._limit_bytes:
            self._cut()

    def _cut(self) -> None:
        del self._kept[: max(0, len(self._kept) - self._limit_bytes)]

    @property
    def text(self) -> str:
        """The output as text, with invalid UTF-8 replaced; it begins with how many bytes are not kept, if any."""
        self._cut()
        begin = 0
        if len(self._kept) < self.total_bytes:  # the cut may have split a character
            begin = next((at for at in range(min(4, len(self._kept))) if not 0x80 <= self._kept[at] < 0xC0), 0)
        missing = self.total_bytes - len(self._kept) + begin
        head = f"[{missing} bytes before this are not kept]\n" if missing else ""
        return head + self._kept[begin:].decode("utf-8", "replace")

    @property
    def last_line(self) -> str:
        """The last line that is not empty, shortened; empty if nothing was written."""
        return last_line(self.text)


class _Pipe:
    """Reads a program's output, a little in each turn of the loop; a grandchild that keeps the pipe delays nothing."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._loop.add_reader(self._read_end, self._read)

    def close_write_end(self) -> None:
        """Close our copy of the writing end, which the program has inherited."""
        os.close(self.write_end)

    def close(self) -> None:
        """Read what the program left in the pipe, then close it."""
        for _ in range(PIPE_BYTES // READ_BYTES):
            if not self._read():
                break
        self._loop.remove_reader(self._read_end)
        os.close(self._read_end)

    def _read(self) -> bool:
        try:
            data = os.read(self._read_end, READ_BYTES)
        except BlockingIOError:
            return False
        if not data:
            self._loop.remove_reader(self._read_end)
            return False
        self._take(data)
        return True
