"""The whole of it for real: a shop, a courier's sandbox, the daemon's process and the page's, all on this machine."""

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from anyio.from_thread import BlockingPortal, start_blocking_portal

from paranad.clock import SystemClock
from paranad.control.client import ControlClient
from paranad.demo.shop import create_shop
from paranad.events.event import Events
from paranad.sandbox.server import Sandbox
from paranad.shop.database import Shop
from tests.browser.past import Past, write_past
from tests.browser.shop import Orders, sent_elsewhere, stock, unasked
from tests.support.daemon import PATIENCE_S, DaemonProcess, Ground, running

ENTRIES = """
[schedule."carts:expire"]
[schedule."promotions:expire"]
[schedule."orders:delete-old-trashed"]
[schedule."alwaseet:auto-sync"]
[schedule."backup"]
cron = "30 3 * * *"
command = ["/bin/sleep", "600"]
timeout = "1h"
[schedule."report"]
cron = "0 6 * * *"
command = ["/bin/sh", "-c", "echo 'the printer is <b>off</b>' >&2; exit 3"]
"""
CREATE = "alwaseet:create-shipment"
ADDRESS = re.compile(r"http://\S+")
PARANADCTL = (sys.executable, "-c", "from paranad.cli.main import main; main()")


@dataclass
class Web:
    """`paranadctl web` under way."""

    process: subprocess.Popen[str]
    address: str
    """What it printed: the address that signs one browser in."""

    @property
    def origin(self) -> str:
        return "/".join(self.address.split("/")[:3])


@dataclass
class World:
    """Everything that the pages show."""

    portal: BlockingPortal
    ground: Ground
    shop: Shop
    sandbox: Sandbox
    orders: Orders
    past: Past
    _numbers: Iterator[int] = field(default_factory=lambda: count(100))
    daemon: DaemonProcess = field(init=False)
    _ended: Callable[..., Any] = field(init=False)

    @property
    def api(self) -> ControlClient:
        """The daemon's own word, past the page."""
        return ControlClient(self.ground.socket)

    def start(self) -> None:
        """Start the daemon, and wait until it is ready."""
        started = self.portal.wrap_async_context_manager(running(self.ground))
        self.daemon = started.__enter__()
        self._ended = started.__exit__

    def kill(self) -> None:
        """End the daemon at once."""
        self._ended(None, None, None)

    def seen(self, event: str, **known: Any) -> dict[str, Any]:
        """Wait until the daemon has told *event*."""
        return self.portal.call(lambda: self.daemon.seen(event, **known))

    def dispatch(self, task: str, delay: str | None = None, **args: Any) -> int:
        """Enqueue a job; return its id."""
        body = {"task": task, "args": args} | ({"delay": delay} if delay else {})
        return int(self.api.post("jobs", body=body)["id"])

    def failed_job(self) -> int:
        """Let a job fail for good; return its id."""
        job_id = int(self.api.post("schedule", "report", "run")["id"])
        self.seen("job.failed", job_id=job_id)
        return job_id

    def waiting_job(self) -> int:
        """Put off a job that would be done at once; return its id."""
        return self.dispatch("fcm:cleanup", delay="2h", days=next(self._numbers))

    def newest_run(self, entry: str) -> int:
        """Return the job of the entry's newest run."""
        return int(self.api.get("schedule", entry, "history", limit=1)["items"][0]["job_id"])

    def hold(self) -> tuple[int, list[str]]:
        """Let the courier have one more order twice, from whoever sent it; return the order and its candidates."""
        number = next(self._numbers)
        order, candidates = self.portal.call(sent_elsewhere, self.shop, self.sandbox, number)
        self.seen("shipment.held", order_id=order)
        return order, candidates

    def forgotten(self) -> int:
        """Make an order that nothing asks a shipment for; return its id."""
        return self.portal.call(unasked, self.shop, next(self._numbers))

    def happen(self) -> None:
        """Let the day go on: orders ship, others are held, something runs and something fails."""
        for order in self.orders.shipped:
            self.seen("shipment.recorded", order_id=order)
        for order in self.orders.held:
            self.seen("shipment.held", order_id=order)
        [sync] = self.api.post("sync", body={})["items"]
        self.seen("job.completed", job_id=sync["id"])
        self.failed_job()
        self.api.post("schedule", "backup", "run")
        self.seen("job.started", task="backup")


@contextmanager
def lived_in(folder: Path) -> Iterator[World]:
    """Make a shop with orders, a courier and two weeks of history in *folder*; start the daemon on them."""
    with ExitStack() as ended:
        portal = ended.enter_context(start_blocking_portal("asyncio"))
        sandbox = ended.enter_context(portal.wrap_async_context_manager(Sandbox(SystemClock())))
        sandbox.behaviour.rate_limit = 1000
        ground = Ground(folder, create_shop(folder / "shop.sqlite"), sandbox.base_url, ENTRIES, "1000/30s")
        ground.write()
        shop = Shop(ground.shop_url, ZoneInfo("Asia/Baghdad"), SystemClock(), Events())
        ended.callback(portal.call, shop.close)
        orders = portal.call(stock, shop, sandbox)
        past = portal.call(write_past, ground.state_dir, orders)
        world = World(portal, ground, shop, sandbox, orders, past)
        world.start()
        ended.callback(world.kill)
        world.happen()
        yield world


@contextmanager
def page_of(ground: Ground, *options: str) -> Iterator[Web]:
    """Run `paranadctl web`, and wait until it has printed its address."""
    command = [*PARANADCTL, "--socket", str(ground.socket), "web", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    late = threading.Timer(PATIENCE_S, process.kill)
    late.start()
    try:
        web = Web(process, _address(process))
        late.cancel()
        yield web
    finally:
        late.cancel()
        process.terminate()
        process.wait()
        assert process.stdout
        process.stdout.close()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    said = []
    for line in process.stdout:
        said.append(line)
        if found := ADDRESS.search(line):
            return found[0]
    raise AssertionError(f"paranadctl web ended without an address: {''.join(said)}")
