"""Many calls of the two programs in surroundings of all kinds: real processes, forked from one that is loaded.

Run as a program it reads a list of calls as JSON and writes how each ended. A fork costs a tenth of a start.
"""

import atexit
import ctypes
import gc
import json
import os
import pty
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

AT_ONCE = 4
PATIENCE_S = 60
CAPABILITIES_3 = 0x20080522
"""Version of the kernel's form for capabilities."""


@dataclass(frozen=True)
class Call:
    """One call, and what is wrong around it."""

    program: str
    words: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)
    """All of it, beside the path of the programs."""
    output: str = "file"
    """Standard output: `file`, `closed`, `full`, `unread` (a pipe whose reader has gone) or `terminal`."""
    is_root: bool = True
    """False: what its permissions forbid is forbidden to root as well."""
    folder: str = "/"

    @property
    def loads_all(self) -> bool:
        """Whether it loads the whole daemon."""
        return (
            self.program == "paranad" and "-h" not in self.words and not {"run", "check", "demo"}.isdisjoint(self.words)
        )

    def __str__(self) -> str:
        return f"{self.program} {' '.join(self.words)}"


@dataclass(frozen=True)
class Ended:
    """How a call ended."""

    code: int
    out: str
    err: str


def ended(calls: Sequence[Call]) -> list[Ended]:
    """Return how each of *calls* ended."""
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run(
            [sys.executable, "-m", "tests.support.surroundings", folder],
            input=json.dumps([asdict(call) for call in calls]),
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).parents[2],
        )
        assert ran.returncode == 0, ran.stderr
        return [_ended(code, f"{folder}/{number}") for number, code in enumerate(json.loads(ran.stdout))]


def _serve(folder: str) -> None:
    calls = [Call(**each) for each in json.load(sys.stdin)]
    codes: dict[int, int] = {}
    running: dict[int, int] = {}
    load()
    for number, call in sorted(enumerate(calls), key=lambda each: each[1].loads_all):
        if call.loads_all:
            _load_all()
        result = f"{folder}/{number}"
        reader, writer = _output(call, result)
        pid = os.fork()
        if pid == 0:
            _become(call, writer, result)
            return _run(call)
        running[pid] = number
        _close(writer)
        if call.output == "terminal":
            Path(result).write_bytes(_all_of(reader))
        _close(reader)
        while len(running) >= AT_ONCE:
            _reap(running, codes)
    while running:
        _reap(running, codes)
    return json.dump([codes[number] for number in range(len(calls))], sys.stdout)


def load() -> None:
    """Load what paranadctl needs, and no more: what is loaded takes a fork's time when it ends."""
    import rich.table

    from paranad.cli import app, problems

    assert all([problems, rich])
    with redirect_stdout(StringIO()):
        app.run(["--help"])  # every command is loaded to be described
    gc.freeze()  # or each fork would copy all of it when its garbage is collected


def _load_all() -> None:
    """Load the daemon, too."""
    from paranad import configured, life
    from paranad.demo import main

    assert all([configured, life, main])
    gc.freeze()


def _reap(running: dict[int, int], codes: dict[int, int]) -> None:
    pid, status = os.wait()
    codes[running.pop(pid)] = os.waitstatus_to_exitcode(status)


def _ended(code: int, result: str) -> Ended:
    out, err = Path(result), Path(f"{result}.err")
    return Ended(code, out.read_text(errors="replace") if out.exists() else "", err.read_text(errors="replace"))


def _output(call: Call, result: str) -> tuple[int, int]:
    """Return what the parent reads from and what the child writes to; -1 is none."""
    match call.output:
        case "closed":
            return -1, -1
        case "full":
            return -1, os.open("/dev/full", os.O_WRONLY)
        case "unread":
            reader, writer = os.pipe()
            os.close(reader)
            return -1, writer
        case "terminal":
            return pty.openpty()
        case _:
            return -1, os.open(result, os.O_WRONLY | os.O_CREAT)


def _close(descriptor: int) -> None:
    if descriptor >= 0:
        os.close(descriptor)


def _all_of(reader: int) -> bytes:
    shown = b""
    try:
        while part := os.read(reader, 65536):
            shown += part
    except OSError:  # the other side has closed it
        pass
    return shown


def _become(call: Call, writer: int, result: str) -> None:
    """Give this process the streams, the environment and the rights of *call*, as if it just started."""
    signal.alarm(PATIENCE_S)
    os.dup2(os.open(f"{result}.err", os.O_WRONLY | os.O_CREAT), 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if writer < 0:
        os.close(1)
    else:
        os.dup2(writer, 1)
    streams: Any = sys
    streams.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    streams.stdout = None if writer < 0 else os.fdopen(1, "w", encoding="utf-8", closefd=False)
    streams.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    os.environ.clear()
    os.environ.update({"PATH": "/usr/bin:/bin", **call.environ})
    os.chdir(call.folder)
    if not call.is_root:
        _drop_capabilities()


def _drop_capabilities() -> None:
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_3, 0)
    none = (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None).capset(header, none):
        raise OSError("capset")


def _run(call: Call) -> None:
    from paranad.__main__ import main as paranad
    from paranad.cli.main import main as paranadctl

    sys.argv = [call.program, *call.words]
    if call.program == "paranad":
        sys.exit(paranad())
    try:
        paranadctl()
    except SystemExit as ending:
        if call.output in {"file", "terminal"} and isinstance(ending.code, int):
            end(ending.code)  # what the interpreter's own end may print is seen where the output fails
        raise


def end(code: int) -> NoReturn:
    """End as the interpreter does, but without taking apart what it has loaded: that takes a forked process 50 ms."""
    interpreter: Any = threading
    interpreter._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _serve(sys.argv[1])
