"""Where a measured daemon lives: its files, its process, and a connection to it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cost import Cost, cpu_s, loop_s
from paranad.demo.shop import create_shop

ENTRIES = (
    "carts:expire",
    "carts:archive-expired",
    "orders:delete-old-trashed",
    "promotions:expire",
    "product-links:delete-expired",
    "alwaseet:auto-sync",
)


class Connection(http.client.HTTPConnection):
    """One keep-alive connection to the control socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self.path))

    def ask(self, method: str, path: str, body: object = None) -> Any:
        text = None if body is None else json.dumps(body)
        self.request(method, path, text, {"Content-Type": "application/json"})
        answer = self.getresponse()
        content = answer.read()
        assert answer.status < 300, content
        return json.loads(content)

    def wait_for(self, job_id: int) -> Any:
        while (job := self.ask("GET", f"/v1/jobs/{job_id}"))["state"] not in {"completed", "failed", "cancelled"}:
            time.sleep(0.02)
        return job

    def run(self, task: str, **args: object) -> Any:
        job = self.ask("POST", "/v1/jobs", {"task": task, "args": args})
        return self.wait_for(job["id"])["result"]


@dataclass(frozen=True)
class Place:
    folder: Path
    pid: int
    start: Cost
    """From exec to READY."""

    @property
    def socket(self) -> Path:
        return self.folder / "control.sock"

    def connect(self) -> Connection:
        return Connection(self.socket)

    def memory_mib(self, kind: str) -> float:
        """Return what the process holds of a *kind*: Rss, Pss, Anonymous. Source: proc_pid_smaps(5)."""
        return memory_mib(self.pid, kind)


def memory_mib(pid: int, kind: str) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{kind}:")).split()[1]) / 1024


@contextmanager
def daemon(
    program: str = "benchmarks.host",
    *,
    courier_url: str = "http://127.0.0.1:9",
    schedule: bool = False,
    level: str = "info",
    shop: Path | str | None = None,
    state: Path | None = None,
    settings: str = "",
    environ: Mapping[str, str] | None = None,
) -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="paranad-bench-") as name:
        folder = Path(name)
        url = shop if isinstance(shop, str) else f"sqlite:///{shop}"
        shop_url = url if shop else create_shop(folder / "shop.sqlite")
        off = "" if schedule else "\n".join(f'[schedule."{entry}"]\nenabled = false' for entry in ENTRIES)
        (folder / "paranad.toml").write_text(f"""
[daemon]
state_dir = "{state or folder / "state"}"
socket = "{folder / "control.sock"}"
[shop]
database_url = "{shop_url}"
[courier]
base_url = "{courier_url}"
[log]
format = "json"
level = "{level}"
{off}
{settings}
""")
        arguments = ["paranad", "run", "--config"] if program == "paranad" else [program]
        with (folder / "log").open("wb") as log, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(str(folder / "notify.sock"))
            environment = {**os.environ, "NOTIFY_SOCKET": str(folder / "notify.sock"), **(environ or {})}
            words, started = [sys.executable, "-m", *arguments, str(folder / "paranad.toml")], time.monotonic()
            process = subprocess.Popen(words, stderr=log, env=environment)
            try:
                _await_ready(notified, folder, process)
                start = Cost(wall_s=time.monotonic() - started, loop_s=loop_s(process.pid))
                start.others_s = cpu_s(process.pid) - start.loop_s
                yield Place(folder, process.pid, start)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(30)


def _await_ready(notified: socket.socket, folder: Path, process: subprocess.Popen[bytes]) -> None:
    notified.settimeout(0.5)
    while True:
        with suppress(TimeoutError):
            if b"READY=1" in notified.recv(65536).splitlines():
                return
        assert process.poll() is None, (folder / "log").read_text()
