"""The service behind a web server as a process, and a phone's requests to its socket, as the web server passes them."""

import grp
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from paranad.web.password import keep
from tests.support.forked import ForkedForThreads
from tests.web.visitor import NAVIGATES, PATIENCE_S, Answer, answer_of

HOST = "shop.example.com"
PASSWORD = "a long way home"
FORM = "application/x-www-form-urlencoded"


class ByUnix(HTTPConnection):
    """HTTP over the service's socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE_S)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE_S)
        self.sock.connect(str(self.path))


@dataclass
class Phone:
    """A browser behind the web server."""

    socket: Path
    host: str = HOST
    address: str = "203.0.113.7"
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes | None = None, /, **given: str | None) -> Answer:
        """Send one request; keep the cookies that it sets."""
        sent = {"Host": self.host, "X-Forwarded-For": self.address, **NAVIGATES}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent |= {name.replace("_", "-"): value for name, value in given.items() if value is not None}
        connection = self.connection()
        try:
            connection.request(method, path, body, sent)
            answer = answer_of(connection.getresponse())
        finally:
            connection.close()
        for cookie in answer.headers.get("set-cookie", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def connection(self) -> HTTPConnection:
        return ByUnix(self.socket)

    def get(self, path: str = "/", **headers: str | None) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, fields: Mapping[str, str], **headers: str | None) -> Answer:
        """Send a form as a browser does from a page of the same site."""
        sent: dict[str, str | None] = {
            "Origin": f"https://{self.host}",
            "Sec_Fetch_Site": "same-origin",
            "Content_Type": FORM,
        }
        return self.ask("POST", path, urlencode(fields).encode(), **sent | headers)

    def sign_in(self, password: str = PASSWORD, to: str = "/") -> Answer:
        return self.post("/do/sign-in", {"password": password, "to": to})

    def key(self) -> str:
        """Return the key of the session's forms."""
        return self.get().text.partition('name="key" value="')[2].partition('"')[0]


@dataclass
class Service:
    """The process, and what it has logged."""

    process: subprocess.Popen[str] | ForkedForThreads
    socket: Path
    password: Path

    def phone(self, address: str = "203.0.113.7") -> Phone:
        return Phone(self.socket, address=address)

    def told(self, event: str) -> dict[str, Any]:
        """Return the next line of the log that is *event*."""
        assert self.process.stderr
        late = threading.Timer(PATIENCE_S, self.process.kill)
        late.start()
        try:
            for line in self.process.stderr:
                if (found := json.loads(line))["event"] == event:
                    return dict(found)
        finally:
            late.cancel()
        raise AssertionError(f"it has ended without {event}")


def configured(folder: Path, control: Path, web: str = "", host: str = HOST) -> Path:
    """Write a configuration with a page at `web.sock` in *folder*; return the file's path."""
    file = folder / "paranad.toml"
    file.write_text(
        f'[daemon]\nsocket = "{control}"\n[log]\nformat = "json"\n'
        f'[web]\nsocket = "{folder / "web.sock"}"\nhost = "{host}"\n{web}\n'
    )
    return file


@contextmanager
def running(config: Path, **environ: str) -> Iterator[Service]:
    """Run the service, and wait until its socket listens."""
    folder = config.parent
    with started(config, **environ) as process:
        service = Service(process, folder / "web.sock", folder / "web.password")
        service.told("web.ready")
        yield service


@contextmanager
def started(config: Path, **environ: str) -> Iterator[subprocess.Popen[str] | ForkedForThreads]:
    """Start the service as its unit does; with *environ* it starts afresh, else it is forked, which is quicker."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PARANAD", "LC_", "LANG"))}
    given = {**clean, "PARANAD_CONFIG": str(config), **environ}
    process = _afresh(given) if environ else ForkedForThreads("paranad.web.__main__", ["--service"], given)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        assert process.stderr
        process.stderr.close()


def _afresh(environ: Mapping[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "paranad.web", "--service"]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environ)


def set_password(folder: Path, password: str = PASSWORD) -> None:
    """Write the password's file, for a group that this machine has."""
    new = folder / "web.password.new"
    new.write_bytes(_hashed(password))
    new.chmod(0o640)
    new.replace(folder / "web.password")


@cache
def _hashed(password: str) -> bytes:
    """Return the file of *password*, hashed once: that takes a tenth of a second, as it should."""
    with TemporaryDirectory() as folder:
        keep(password, Path(folder) / "web.password", grp.getgrgid(os.getgid()).gr_name)
        return (Path(folder) / "web.password").read_bytes()
