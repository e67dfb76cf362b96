"""How long each page takes over a long past, and what open pages cost."""

import asyncio
import json
import re
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.cost import cpu_s
from benchmarks.figures import Figure
from benchmarks.past import SHIPMENTS, UNSHIPPED, write_queue, write_shop
from benchmarks.place import Place, daemon

ROUNDS = 4
"""Rounds of all pages, in a round of the table."""
GOAL = "must 100"
APART_S = 1.1
"""Two rounds begin so far apart that no answer of the one is shared with the other."""
OPEN = 50
WATCHED_S = 30.0
RENEW_S = 20.0
"""How often an open page renews itself while nothing happens; as in `live.js`."""

PAGES = {
    "now": "/",
    "orders": "/orders",
    "orders without a shipment": "/orders?without_shipment=1",
    "orders by the digits of a phone": "/orders?find=0012345",
    "one order": "/orders/25000",
    "one order without a shipment": f"/orders/{SHIPMENTS + UNSHIPPED}",
    "shipments": "/shipments",
    "shipments, recorded": "/shipments?state=recorded",
    "one shipment, held": "/shipments/5000",
    "failed": "/failed",
    "jobs": "/jobs",
    "jobs, completed": "/jobs?state=completed",
    "jobs of a task": "/jobs?task=alwaseet:create-shipment",
    "jobs of a task with none": "/jobs?task=orders:delete-old-trashed",
    "jobs that run": "/jobs?state=running",
    "jobs of a queue with none": "/jobs?queue=low",
    "jobs of an order": "/jobs?order=100",
    "jobs with a text": "/jobs?text=nowhere",
    "jobs, a page far back": "/jobs?cursor=500000",
    "one job": "/jobs/500000",
    "schedule": "/schedule",
    "one entry": "/schedule/carts:expire",
    "tasks": "/tasks",
    "one task": "/tasks/alwaseet:create-shipment",
    "log": "/log",
}
SLOW = {"doctor": "/doctor"}
"""It looks at the courier and at the shop itself, so its time is theirs; no goal."""


class Between(socketserver.ThreadingUnixStreamServer):
    """Stands between the page and the daemon, in threads of its own, and counts the requests."""

    daemon_threads = True
    request_queue_size = 1000

    def __init__(self, daemon: Path, path: Path) -> None:
        super().__init__(str(path), Passing)
        self.daemon, self.path, self.requests = daemon, path, 0


class Passing(socketserver.BaseRequestHandler):
    server: Between

    def handle(self) -> None:
        with socket.socket(socket.AF_UNIX) as daemon:
            daemon.connect(str(self.server.daemon))
            threading.Thread(target=self._pass, args=(daemon, self.request), daemon=True).start()
            self._pass(self.request, daemon, counted=True)

    def _pass(self, source: socket.socket, target: socket.socket, *, counted: bool = False) -> None:
        with suppress(OSError):
            while chunk := source.recv(65536):
                self.server.requests += chunk.count(b" HTTP/1.1\r\n") if counted else 0
                target.sendall(chunk)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


@contextmanager
def between(place: Place) -> Iterator[Between]:
    """Count what is asked of the daemon at *place* through another socket."""
    with Between(place.socket, place.folder / "between.sock") as passing:
        threading.Thread(target=passing.serve_forever, daemon=True).start()
        yield passing
        passing.shutdown()


@dataclass(frozen=True)
class Web:
    pid: int
    address: str
    """With what opens it once, if it asks for that."""


@dataclass(frozen=True)
class Cost:
    """What one request of a page took, and for how long it kept a processor busy in both processes."""

    taken_ms: float
    busy_ms: float


@contextmanager
def web(control: Path) -> Iterator[Web]:
    """Serve the page as `paranadctl web` does, for the daemon behind *control*."""
    program = "from paranad.cli.main import main; main()"
    words = (sys.executable, "-c", program, f"--socket={control}", "--json", "web")
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield Web(process.pid, json.loads(process.stdout.readline())["address"])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


def timed(rounds: int, page: Web, daemon: Place) -> dict[str, list[Cost]]:
    """Return what each page cost in each round: the whole request, in a browser that has signed in."""
    taken: dict[str, list[Cost]] = {name: [] for name in (*PAGES, *SLOW)}
    pids = (page.pid, daemon.pid)
    with httpx.Client(follow_redirects=True, timeout=60) as browser:
        origin = str(browser.get(page.address).url.copy_with(path="/", query=None)).rstrip("/")
        for _ in range(rounds):
            began = time.monotonic()
            for name, path in PAGES.items():
                taken[name] += _one(browser, f"{origin}{path}", pids)
            time.sleep(max(0.0, APART_S - (time.monotonic() - began)))
        for name, path in SLOW.items():
            taken[name] = [each for _ in range(3) for each in _one(browser, f"{origin}{path}", pids)]
    return taken


def _one(browser: httpx.Client, url: str, pids: Sequence[int]) -> list[Cost]:
    """Return what the page cost; nothing if there is no such page."""
    busy, before = sum(map(cpu_s, pids)), time.monotonic()
    answer = browser.get(url)
    cost = Cost((time.monotonic() - before) * 1000, (sum(map(cpu_s, pids)) - busy) * 1000)
    assert answer.status_code < 500, (url, answer.status_code, _words(answer.text))
    return [] if answer.status_code == 404 else [cost]


def _words(page: str) -> str:
    return re.sub(r"<[^>]*>|\s+", " ", page)[:500]


class OpenPages:
    """Browsers that look at a page each, and renew it as `live.js` does."""

    def __init__(self, client: httpx.AsyncClient, origin: str) -> None:
        self.client, self.origin = client, origin
        self.renewed = 0

    async def look(self, path: str) -> None:
        """Open a page, and keep it open."""
        changed = asyncio.Event()
        await self._renew(path)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hear(changed))
            while True:
                try:
                    async with asyncio.timeout(RENEW_S):
                        await changed.wait()
                except TimeoutError:
                    pass
                changed.clear()
                await self._renew(path)

    async def _renew(self, path: str) -> None:
        answer = await self.client.get(f"{self.origin}{path}", headers={"Sec-Fetch-Dest": "empty"})
        assert answer.status_code == 200, (path, answer.status_code, _words(answer.text))
        self.renewed += 1

    async def _hear(self, changed: asyncio.Event) -> None:
        async with self.client.stream("GET", f"{self.origin}/live") as answer:
            async for line in answer.aiter_lines():
                if line.startswith("event:"):
                    changed.set()


@asynccontextmanager
async def opened(address: str, pages: Sequence[str]) -> AsyncIterator[OpenPages]:
    """Let *pages* stand open, each in a window of its own, for the length of a block."""
    async with httpx.AsyncClient(
        follow_redirects=True, timeout=None, limits=httpx.Limits(max_connections=None)
    ) as client:
        origin = str((await client.get(address)).url.copy_with(path="/", query=None)).rstrip("/")
        looking = OpenPages(client, origin)
        tasks = [asyncio.create_task(looking.look(path)) for path in pages]
        try:
            yield looking
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            broken = [each for each in ended if each and not isinstance(each, asyncio.CancelledError)]
            assert not broken, broken[:1]


async def busy(place: Place) -> None:
    """Let a job a second pass, so that there is something to tell."""
    with_daemon = place.connect()
    while True:
        await asyncio.to_thread(with_daemon.ask, "POST", "/v1/jobs", {"task": "carts:expire"})
        await asyncio.sleep(1)


async def cost_of_open_pages(place: Place, paths: Sequence[str]) -> tuple[float, float, float, float, float]:
    """Return the daemon's share of a core without and with pages, the page's, requests and renewals a second."""
    working = asyncio.create_task(busy(place))
    without = await _share(place.pid)
    with between(place) as passing, web(passing.path) as page:
        async with opened(page.address, [paths[n % len(paths)] for n in range(OPEN)]) as looking:
            await asyncio.sleep(5)
            requests, renewed = passing.requests, looking.renewed
            daemon_share, page_share = await asyncio.gather(_share(place.pid), _share(page.pid))
            requests, renewed = passing.requests - requests, looking.renewed - renewed
    working.cancel()
    return without, daemon_share, page_share, requests / WATCHED_S, renewed / WATCHED_S


async def _share(pid: int) -> float:
    before = cpu_s(pid)
    await asyncio.sleep(WATCHED_S)
    return (cpu_s(pid) - before) / WATCHED_S * 100


def measure(rounds: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="paranad-bench-") as name:
        folder = Path(name)
        write_queue(folder / "state")
        write_shop(folder / "shop.sqlite")
        with daemon("paranad", schedule=True, shop=folder / "shop.sqlite", state=folder / "state") as place:
            there: list[str] = []
            with web(place.socket) as page:
                for what, costs in timed(ROUNDS * rounds, page, place).items():
                    if costs:
                        yield Figure(f"page: {what}", "ms", [cost.taken_ms for cost in costs], GOAL * (what in PAGES))
                        yield Figure(f"page: {what}, CPU of both processes", "ms", [cost.busy_ms for cost in costs])
                        there.append(PAGES.get(what, "/"))
            without, with_pages, page_share, requests, renewed = asyncio.run(cost_of_open_pages(place, there))
            yield Figure(f"daemon with {OPEN} open pages, share of a core", "%", [with_pages])
            yield Figure("daemon without open pages, share of a core", "%", [without])
            yield Figure(f"the page's process with {OPEN} open pages, share of a core", "%", [page_share])
            yield Figure("requests to the daemon", "/s", [requests])
            yield Figure("pages renewed", "/s", [renewed])
