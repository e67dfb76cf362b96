"""The programs as processes of their own, forked from one that has loaded them: a start takes ten times as long.

A daemon loads for half a second of processor, and the tests start hundreds. What is about the start itself starts
afresh. Run as a program it is the process that is forked from.
"""

import asyncio
import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from tests.support import surroundings

ROOT = Path(__file__).parents[2]


class _Process:
    """One process under way."""

    def __init__(self, module: str, arguments: Sequence[str], environ: Mapping[str, str], *, silent: bool) -> None:
        self.returncode: int | None = None
        self._asked, there = socket.socketpair()
        self._out, out = os.pipe() if not silent else (-1, os.open(os.devnull, os.O_WRONLY))
        self._err, err = os.pipe()
        call = json.dumps([module, arguments, dict(environ)]).encode()
        socket.send_fds(_mother(), [len(call).to_bytes(4, "big")], [there.fileno(), out, err])
        _mother().sendall(call)
        there.close()
        os.close(out)
        os.close(err)
        self.pid = int.from_bytes(self._asked.recv(4), "big")
        assert self.pid, "the process that is forked from has ended"

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):  # it may have ended
            os.kill(self.pid, number)

    def _ended(self, answered: bytes) -> int:
        self.returncode = int.from_bytes(answered, "big", signed=True)
        self._asked.close()
        return self.returncode


class Forked(_Process):
    """One process under way, as asyncio's own kind shows it."""

    async def open(self, limit: int = 2**16) -> None:
        """Begin to read what it writes."""
        self._asked.setblocking(False)
        self.stdout = await _reader(self._out, limit) if self._out >= 0 else None
        self.stderr = await _reader(self._err, limit)

    async def wait(self) -> int:
        """Wait until it has ended; return its exit status, negative for a signal."""
        if self.returncode is None:
            return self._ended(await asyncio.get_running_loop().sock_recv(self._asked, 4))
        return self.returncode

    async def communicate(self) -> tuple[bytes, bytes]:
        """Wait until it has ended; return what it wrote."""
        assert self.stdout
        out, err, _ = await asyncio.gather(self.stdout.read(), self.stderr.read(), self.wait())
        return out, err


class ForkedForThreads(_Process):
    """One process under way, as `subprocess` shows it, its standard output unread."""

    def __init__(self, module: str, arguments: Sequence[str], environ: Mapping[str, str]) -> None:
        super().__init__(module, arguments, environ, silent=True)
        self.stderr = os.fdopen(self._err, encoding="utf-8")

    def wait(self, timeout_s: float | None = None) -> int:
        """Wait until it has ended; return its exit status, negative for a signal."""
        if self.returncode is None:
            self._asked.settimeout(timeout_s)
            return self._ended(self._asked.recv(4))
        return self.returncode


async def forked(
    module: str, *arguments: str, environ: Mapping[str, str] = os.environ, silent: bool = False, limit: int = 2**16
) -> Forked:
    """Start `python -m MODULE ARGUMENTS`, whose `main` ends it.

    Args:
        module: what has the `main`.
        arguments: its words.
        environ: its environment.
        silent: whether its standard output is left unread.
        limit: how long the longest line may be that is read of it, in bytes.
    """
    process = Forked(module, arguments, environ, silent=silent)
    await process.open(limit)
    return process


async def _reader(descriptor: int, limit: int) -> asyncio.StreamReader:
    reader, loop = asyncio.StreamReader(limit), asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb"))
    return reader


@cache
def _mother() -> socket.socket:
    """Start the process that is forked from; return what it is asked through. It ends with this one."""
    here, there = socket.socketpair()
    with there:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forked", str(there.fileno())], pass_fds=[there.fileno()], cwd=ROOT
        )

    def end() -> None:
        here.close()
        process.wait()

    atexit.register(end)
    return here


def _serve(asked: socket.socket) -> None:
    """Fork a process for each call that is *asked*, and answer how each has ended, until nobody can ask any more."""
    _load()
    running: dict[int, tuple[int, socket.socket]] = {}
    """By the descriptor that tells of its end: a process, and who asked for it."""
    while True:
        readable: Sequence[int] = select.select([asked.fileno(), *running], [], [])[0]
        for ready in readable:
            if ready in running:
                pid, asker = running.pop(ready)
                status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                os.close(ready)
                with asker, suppress(OSError):  # whoever asked may have gone
                    asker.sendall(status.to_bytes(4, "big", signed=True))
                continue
            length, passed, *_ = socket.recv_fds(asked, 4, 3)
            if not length:
                return
            answers, out, err = passed
            call = asked.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL)
            if (pid := os.fork()) == 0:
                for descriptor in (asked.detach(), *running, *(each.detach() for _, each in running.values()), answers):
                    os.close(descriptor)
                module, arguments, environ = json.loads(call)
                _become(module, arguments, environ, out, err)
            asker = socket.socket(fileno=answers)
            asker.sendall(pid.to_bytes(4, "big"))
            os.close(out)
            os.close(err)
            running[os.pidfd_open(pid)] = (pid, asker)


def _load() -> None:
    """Load the programs, and what they load only at work: the courier's library, certificates, the shop's database."""
    import anyio._backends._asyncio
    import httpcore
    import sqlalchemy.dialects.sqlite.aiosqlite
    import uvicorn.lifespan.off

    from paranad import configured, https, life
    from paranad.cli import problems
    from paranad.demo import main
    from paranad.web import service
    from tests.support import killed_daemon

    assert all([anyio, httpcore, sqlalchemy, uvicorn, configured, life, problems, main, service, killed_daemon])
    https.trusted()
    surroundings.load()
    gc.collect()
    gc.freeze()


def _become(module: str, arguments: Sequence[str], environ: Mapping[str, str], out: int, err: int) -> NoReturn:
    """Run *module* with its streams, words and environment, as if this process had just started."""
    null = os.open(os.devnull, os.O_RDONLY)
    for place, descriptor in enumerate((null, out, err)):
        os.dup2(descriptor, place)
        os.close(descriptor)
    streams: Any = sys
    streams.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    streams.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    streams.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    sys.argv = [module, *arguments]
    try:
        sys.exit(import_module(module).main())
    except SystemExit as ending:
        if isinstance(ending.code, int):
            surroundings.end(ending.code)
        raise


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
