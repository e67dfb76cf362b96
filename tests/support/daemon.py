"""Real daemons as processes: started with a real configuration, watched through the log lines they write."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paranad.catalogue import SCHEDULE
from tests.support.forked import Forked, forked

PATIENCE_S = 30.0
Line = dict[str, Any]


@dataclass
class Ground:
    """Where a daemon lives: its folder, its configuration, its shop and its courier."""

    folder: Path
    shop_url: str
    courier_url: str
    extra: str = ""
    rate_limit: str = "28/30s"
    keep_rows: bool = False

    @property
    def socket(self) -> Path:
        return self.folder / "control.sock"

    @property
    def state_dir(self) -> Path:
        return self.folder / "state"

    @property
    def config(self) -> Path:
        return self.folder / "paranad.toml"

    def write(self, extra: str | None = None) -> Path:
        """Write the configuration; every entry of the schedule is off unless *extra* says otherwise."""
        off = "\n".join(
            f'[schedule."{name}"]\nenabled = false' for name in SCHEDULE if name not in (extra or self.extra)
        )
        self.config.write_text(
            f"""
[daemon]
state_dir = "{self.state_dir}"
socket = "{self.socket}"
drain_timeout = "5s"
[shop]
database_url = "{self.shop_url}"
keep_rows = {str(self.keep_rows).lower()}
[courier]
base_url = "{self.courier_url}"
rate_limit = "{self.rate_limit}"
settle_time = "1s"
timeout = "2s"
[log]
level = "debug"
{off}
{self.extra if extra is None else extra}
"""
        )
        return self.config


@dataclass(eq=False)
class DaemonProcess:
    """One daemon under way."""

    process: asyncio.subprocess.Process | Forked
    lines: list[Line] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    closed: bool = False
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def pid(self) -> int:
        return self.process.pid

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    async def seen(self, event: str, **fields: Any) -> Line:
        """Wait until the daemon has told *event* with *fields*; fail when it ends or takes too long."""

        def found() -> Line | None:
            return next(
                (line for line in self.lines if line.get("event") == event and fields.items() <= line.items()), None
            )

        async with asyncio.timeout(PATIENCE_S), self.changed:
            while (line := found()) is None:
                assert not self.closed, f"ended without {event} {fields}:\n{self.text}"
                await self.changed.wait()
        return line

    async def ended(self) -> int:
        """Wait until it has ended and all it wrote is read; return its exit status."""
        async with asyncio.timeout(PATIENCE_S):
            status = await self.process.wait()
            async with self.changed:
                await self.changed.wait_for(lambda: self.closed)
        return status

    @property
    def text(self) -> str:
        return "\n".join(self.raw)

    async def read(self) -> None:
        assert self.process.stderr
        async for line in self.process.stderr:
            await self._add(line.decode().rstrip("\n"))
        async with self.changed:
            self.closed = True
            self.changed.notify_all()

    async def _add(self, text: str) -> None:
        async with self.changed:
            self.raw.append(text)
            if text.startswith("{"):
                self.lines.append(json.loads(text))
            self.changed.notify_all()


@asynccontextmanager
async def started(
    *arguments: str, environ: dict[str, str] | None = None, files: int | None = None
) -> AsyncIterator[DaemonProcess]:
    """Start `python -m ARGUMENTS`, which may open *files* files; kill it at the end if it still lives."""
    limited = ["/bin/sh", "-c", f'ulimit -n {files} && exec "$@"', "sh"] if files else []
    process = await asyncio.create_subprocess_exec(
        *limited,
        sys.executable,
        "-m",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        limit=2**24,
        env=_environ() | (environ or {}),
    )
    async with _watched(process) as daemon:
        yield daemon


async def _daemon(module: str, *arguments: str) -> Forked:
    return await forked(module, *arguments, environ=_environ(), silent=True, limit=2**24)


def _environ() -> dict[str, str]:
    """Return the environment without what would set something."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PARANAD")}


@asynccontextmanager
async def _watched(process: asyncio.subprocess.Process | Forked) -> AsyncIterator[DaemonProcess]:
    daemon = DaemonProcess(process)
    reading = asyncio.ensure_future(daemon.read())
    try:
        yield daemon
    finally:
        if process.returncode is None:
            process.kill()
        await reading
        await process.wait()


@asynccontextmanager
async def begun(program: str, config: Path) -> AsyncIterator[DaemonProcess]:
    """Start `paranad PROGRAM --config CONFIG`, forked from what has loaded it; kill it at the end if it still lives."""
    async with _watched(await _daemon("paranad.__main__", program, "--config", str(config))) as daemon:
        yield daemon


@asynccontextmanager
async def running(
    ground: Ground, environ: dict[str, str] | None = None, files: int | None = None
) -> AsyncIterator[DaemonProcess]:
    """Start a daemon on *ground*, which may open *files* files, and wait until it is ready."""
    run = "run", "--config", str(ground.config)
    if environ or files:
        starting = started("paranad", *run, environ=environ, files=files)
    else:
        starting = _watched(await _daemon("paranad.__main__", *run))
    async with starting as daemon:
        await daemon.seen("daemon.ready")
        yield daemon


@asynccontextmanager
async def killed_at(ground: Ground, event: str, path: str | None = None) -> AsyncIterator[DaemonProcess]:
    """Start a daemon on *ground* that kills itself when it tells *event* (about *path*)."""
    where = [path] if path else []
    async with _watched(await _daemon("tests.support.killed_daemon", str(ground.config), event, *where)) as daemon:
        await daemon.seen("daemon.ready")
        yield daemon


@dataclass(frozen=True, slots=True)
class Answered:
    """What paranadctl printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


async def ctl(ground: Ground, *arguments: str) -> Answered:
    """Run `paranadctl ARGUMENTS` against the daemon on *ground*."""
    process = await forked("paranad.cli.main", "--socket", str(ground.socket), *arguments)
    async with asyncio.timeout(PATIENCE_S):
        out, err = await process.communicate()
    assert process.returncode is not None
    return Answered(process.returncode, out.decode(), err.decode())
