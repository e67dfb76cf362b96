"""The demo: a shop, a courier sandbox and the daemon in one process, told in plain lines, until Ctrl-C."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from subprocess import DEVNULL

import anyio
from anyio.streams.text import TextReceiveStream
from pydantic import SecretStr

from paranad.catalogue import SCHEDULE, SYNC_ORDERS
from paranad.clock import Clock, SystemClock
from paranad.configuration.settings import CourierSection, DaemonSection, Settings, ShopSection
from paranad.configured import judge
from paranad.demo.laravel import orders_created
from paranad.demo.seed import CourierSettings, seed_shop
from paranad.demo.shop import create_shop
from paranad.demo.story import Teller
from paranad.errors import ConfigurationError, WrongSetting
from paranad.events.event import Event, Events
from paranad.events.queue import JobCompleted
from paranad.events.shipments import ShipmentIntended, ShipmentReconciled, ShipmentRecorded
from paranad.life import Life, opened
from paranad.numbers import SOCKET_PATH_BYTES
from paranad.sandbox.answers import Answer
from paranad.sandbox.server import Sandbox

SETTLE_TIME = timedelta(seconds=6)
PATIENCE_S = 180.0
INTERRUPTED = 130
"""Exit status if Ctrl-C came before everything was done."""
LOST_ANSWER_AT = 3
"""Which shipment's answer gets lost: the third to be sent."""
PARCEL = {"city_id": "1", "region_id": "15", "package_size": "1"}
SOCKET = "control.sock"
PARANADCTL = "from paranad.cli.main import main; main()"


def main(directory: Path | None, once: bool) -> int:
    """Run the demo in *directory* (None: a temporary one, removed at the end); return the exit status.

    With *once* it ends by itself: 0 when every order has its shipment and every scheduled task has run.
    """
    with _place(directory) as place:
        demo = Demo(place, SystemClock(), once=once)
        try:
            status = anyio.run(demo.run)
        except KeyboardInterrupt:  # before the daemon catches the signal
            status = INTERRUPTED
    if not demo.ended_by_itself:
        left = f"its folder {place} is removed" if directory is None else f"its files are in {place}"
        _print(f"\nthe demo has ended, its daemon, shop and courier sandbox with it; {left}")
    return INTERRUPTED if once and not demo.ended_by_itself else status


@contextmanager
def _place(directory: Path | None) -> Iterator[Path]:
    if directory is None:
        with _temporary() as made:
            yield Path(made)
    else:
        _prepare(directory)
        yield directory.absolute()


def _temporary() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="paranad-demo-", ignore_cleanup_errors=True)
    except OSError as error:
        raise _wrong_place(f"expected a place for temporary files, got none ({error.strerror or error})") from error


def _prepare(directory: Path) -> None:
    """Make *directory*, or see that it is empty, writable and short enough for the name of a socket in it.

    Raises:
        ConfigurationError: the demo cannot be there.
    """
    try:
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise _wrong_place(f'expected a new or empty directory, got "{directory}"')
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        what = error.strerror or str(error)
        raise _wrong_place(f'expected a directory that can be written, got "{directory}" ({what})') from error
    if len(os.fsencode(directory.absolute() / SOCKET)) > SOCKET_PATH_BYTES:
        most = SOCKET_PATH_BYTES - len(SOCKET) - 1
        raise _wrong_place(f'expected a path of at most {most} bytes, for a socket in it, got "{directory.absolute()}"')


def _wrong_place(message: str) -> ConfigurationError:
    return ConfigurationError([WrongSetting("", "--dir", f"{message}; name another, or empty it")])


@dataclass
class Goal:
    """What must still happen before the day's work is done."""

    orders: set[int]
    tasks: set[str] = field(default_factory=lambda: {*SCHEDULE, SYNC_ORDERS.name})
    found_again: bool = False
    reached: anyio.Event = field(default_factory=anyio.Event)

    def hear(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case ShipmentRecorded():
                    self.orders.discard(event.order_id)
                case ShipmentReconciled():
                    self.found_again = True
                case JobCompleted():
                    self.tasks.discard(event.task)
                case _:
                    pass
        if not self.orders and not self.tasks:
            self.reached.set()

    def missing(self) -> str:
        """Say what did not happen."""
        orders = f"orders without a shipment: {sorted(self.orders)}; " if self.orders else ""
        return f"{orders}tasks that did not run: {sorted(self.tasks)}" if self.tasks else orders.rstrip("; ")


class Demo:
    """One run of the demo."""

    def __init__(self, place: Path, clock: Clock, *, once: bool) -> None:
        self.place, self.clock, self.once = place, clock, once
        self.events = Events()
        self.teller = Teller(_print, clock)
        self.events.listen(self.teller.hear)
        self.status = 0
        self.ended_by_itself = False

    async def run(self) -> int:
        """Seed the shop, start sandbox and daemon, tell the day; return the exit status."""
        async with Sandbox(self.clock) as sandbox:
            configuration = judge(self._settings(sandbox.base_url))
            async with opened(
                configuration, lambda: configuration, clock=self.clock, events=self.events, set_level=lambda _: None
            ) as life:
                await self._live(life, sandbox)
        return self.status

    def _settings(self, courier_url: str) -> Settings:
        shop_url = create_shop(self.place / "shop.sqlite")
        return Settings(
            daemon=DaemonSection(state_dir=self.place / "state", socket=self.place / SOCKET),
            shop=ShopSection(database_url=SecretStr(shop_url)),
            courier=CourierSection(base_url=courier_url, settle_time=SETTLE_TIME),
        )

    async def _live(self, life: Life, sandbox: Sandbox) -> None:
        goal = Goal(await self._seed(life, sandbox))
        self._plan_faults(sandbox)
        self.events.listen(goal.hear)
        async with anyio.create_task_group() as group:
            group.start_soon(self._serve, life, group.cancel_scope)
            await life.ready.wait()
            await self._tell_the_day(life, goal)
            if self.once:
                self.ended_by_itself = True
                life.stop()

    async def _serve(self, life: Life, story: anyio.CancelScope) -> None:
        await life.serve()
        story.cancel()

    async def _seed(self, life: Life, sandbox: Sandbox) -> set[int]:
        shop, books = life.parts.shop, sandbox.books
        account = CourierSettings(books.username, books.password, **PARCEL)
        async with shop.transaction() as connection:
            return set(await seed_shop(connection, shop.now(), account))

    def _plan_faults(self, sandbox: Sandbox) -> None:
        """Lose one answer, and block one list as the courier's front does."""
        sent = 0

        def lose_one(events: Sequence[Event]) -> None:
            nonlocal sent
            for event in events:
                if isinstance(event, ShipmentIntended):
                    sent += 1
                    if sent == LOST_ANSWER_AT:
                        sandbox.next("create-order", Answer.RESET)

        sandbox.next("merchant-orders", Answer.BLOCKED_503)
        self.events.listen(lose_one)

    async def _tell_the_day(self, life: Life, goal: Goal) -> None:
        orders = sorted(goal.orders)
        self.teller.say(f"the daemon is ready: an invented shop in {self.place}, a courier sandbox on this machine")
        self.teller.say(f"{len(orders)} orders are placed: each leaves a row in the shop's own jobs table")
        self.teller.say(f"{len(SCHEDULE)} scheduled tasks are run once by hand")
        shop = life.parts.shop
        async with shop.transaction() as connection:
            await orders_created(connection, orders, shop.instant)
        for entry in SCHEDULE:
            await life.parts.scheduler.run_now(entry)
        with anyio.move_on_after(PATIENCE_S):
            await goal.reached.wait()
        await self._sum_up(goal)

    async def _sum_up(self, goal: Goal) -> None:
        if goal.reached.is_set():
            lost = "the one whose answer was lost included" if goal.found_again else "no answer was lost this time"
            self.teller.say(f"every order has exactly one shipment, {lost}; every scheduled task has run")
        else:
            self.status = 1
            self.teller.say(f"not done within {PATIENCE_S:g} s: {goal.missing()}")
        await self._show_status()
        if not self.once:
            _print(self._try_next())
            await self._show_page()

    async def _show_status(self) -> None:
        _print("")
        socket = str(self.place / SOCKET)
        command = [sys.executable, "-c", PARANADCTL, "--socket", socket, "status"]
        await anyio.run_process(command, stdout=None, stderr=None, check=False)

    async def _show_page(self) -> None:
        """Run the page as `paranadctl web` does, and print its address; it ends with the demo."""
        command = [sys.executable, "-P", "-m", "paranad.web", "--json", f"--socket={self.place / SOCKET}"]
        async with await anyio.open_process(command, stdin=DEVNULL, stderr=None) as page:
            try:
                first = await TextReceiveStream(page.stdout).receive() if page.stdout else ""
                _print(f"\nThe same as a page, in a browser on this machine:\n\n  {json.loads(first)['address']}")
                _print(f"\nThe address opens it once; for another: {_beside('paranadctl')} web")
                await page.wait()
            except (anyio.EndOfStream, ValueError, LookupError):  # it has said why on standard error
                return
            finally:
                with suppress(ProcessLookupError):
                    page.terminate()

    def _try_next(self) -> str:
        program = _beside("paranadctl")
        tries = (
            "status --watch",
            "orders --without-shipment",
            "order 2",
            "shipments",
            "jobs --state completed",
            "carts:expire --dry-run",
            "sync",
            "schedule history alwaseet:auto-sync",
            "dispatch alwaseet:create-shipment order_id=999",
            "failed",
            "web",
        )
        lines = "\n".join(f"  {program} {each}" for each in tries)
        return (
            "\nThe daemon goes on until Ctrl-C. In another terminal, in this folder:\n\n"
            f"  export PARANAD_DAEMON__SOCKET={self.place / 'control.sock'}\n{lines}"
        )


def _beside(name: str) -> str:
    """Return how to call the program *name* that is installed with this one."""
    program = Path(sys.executable).with_name(name)
    here = Path.cwd()
    return f"./{program.relative_to(here)}" if program.is_relative_to(here) else str(program)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
