"""What systemd does for one daemon: it is started, started again whenever it ends, and what it says is kept."""

import asyncio
import json
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.daemon import Answered
from tests.support.network import Site

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
RESTART_S = 1.0
PARANADCTL = "import sys; from paranad.cli.main import main; sys.exit(main())"
KEPT = ("daemon.", "lease.", "standby.", "shipment.")
"""Of events whose names begin so, the instants are kept; the rest stands in the log's file."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An event of one daemon, and when it was heard of by the monotonic clock."""

    at_s: float
    fields: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.fields["event"])


@dataclass(eq=False)
class Keeper:
    """One daemon of its site, kept alive until `end`."""

    name: str
    folder: Path
    site: Site
    courier: str
    """The courier's host."""
    pace: float = 1.0
    wrong_s: float = 0.0
    """How far its machine's wall clock is wrong."""
    heard: list[Heard] = field(default_factory=list)
    exits: list[int] = field(default_factory=list)
    rests_s: float = RESTART_S
    """How long it stays down after it has ended."""
    process: asyncio.subprocess.Process | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _keeping: asyncio.Task[None] | None = None

    @property
    def socket(self) -> Path:
        return self.folder / "control.sock"

    @property
    def config(self) -> Path:
        return self.folder / "paranad.toml"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def begin(self) -> None:
        self._keeping = asyncio.create_task(self._keep())

    async def end(self) -> None:
        """End the daemon and start it no more."""
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
        self.send(signal.SIGKILL)
        if self.process is not None:
            await self.process.wait()

    def send(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            os.kill(self.process.pid, number)

    async def seen(self, event: str, *, since: int = 0, patience_s: float = PATIENCE_S, **fields: Any) -> Heard:
        """Wait for an *event* with *fields* among what was heard after the first *since*."""

        def found() -> Heard | None:
            heard = (each for each in self.heard[since:] if each.name == event)
            return next((each for each in heard if fields.items() <= each.fields.items()), None)

        async with self._changed:
            try:
                async with asyncio.timeout(patience_s):
                    while (heard := found()) is None:
                        await self._changed.wait()
            except TimeoutError:
                raise AssertionError(f"{self.log}: {event} {fields} was not told in {patience_s:g} s") from None
        return heard

    def last(self, *events: str) -> str | None:
        """Return which of *events* it told last, since it was started; None once it has ended."""
        if self.process is None or self.process.returncode is not None:
            return None
        return next((each.name for each in reversed(self.heard) if each.name in events), None)

    async def ctl(self, *words: str) -> Answered:
        """Run `paranadctl WORDS` against the daemon."""
        program = [sys.executable, "-c", PARANADCTL, "--socket", str(self.socket), *words]
        process = await asyncio.create_subprocess_exec(
            *program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=ROOT
        )
        async with asyncio.timeout(PATIENCE_S):
            out, err = await process.communicate()
        assert process.returncode is not None
        return Answered(process.returncode, out.decode(), err.decode())

    def query(self, sql: str) -> list[Sequence[Any]]:
        """Return what the daemon's queue.db answers; nothing where it has none yet."""
        path = self.folder / "state" / "queue.db"
        if not path.exists():
            return []
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(sql).fetchall()

    async def _keep(self) -> None:
        while True:
            self.process = await asyncio.create_subprocess_exec(
                *self.site.daemon.inside,
                *("setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "tests.standby.daemon"),
                *(str(self.config), self.courier, str(self.pace), str(self.wrong_s)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                limit=2**24,
                cwd=ROOT,
                env={name: value for name, value in os.environ.items() if not name.startswith("PARANAD")},
            )
            await self._read(self.process)
            self.exits.append(await self.process.wait())
            await asyncio.sleep(self.rests_s)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr
        with self.log.open("ab") as log:
            async for line in process.stderr:
                log.write(line)
                log.flush()
                if not line.startswith(b"{"):
                    continue
                fields = json.loads(line)
                if str(fields.get("event", "")).startswith(KEPT):
                    self.heard.append(Heard(time.monotonic(), fields))
                    async with self._changed:
                        self._changed.notify_all()
