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
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Place:
    folder: Path
    pid: int

    @property
    def socket(self) -> Path:
        return self.folder / "control.sock"

    def connect(self) -> Connection:
        return Connection(self.socket)

    def cpu_s(self) -> float:
        return cpu_s(self.pid)

    def resident_mib(self) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


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
        with (folder / "log").open("wb") as log:
            words = [sys.executable, "-m", *arguments, str(folder / "paranad.toml")]
            process = subprocess.Popen(words, stderr=log, env={**os.environ, **(environ or {})})
            try:
                _await_ready(folder, process)
                yield Place(folder, process.pid)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(30)


def _await_ready(folder: Path, process: subprocess.Popen[bytes]) -> None:
    while b"daemon.ready" not in (folder / "log").read_bytes():
        assert process.poll() is None, (folder / "log").read_text()
        time.sleep(0.02)
