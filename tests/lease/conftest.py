"""What the tests of the lease may ask for: a shop with the table, and daemons that elect the one that works."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import text

from paranad.events.event import Event, Events
from paranad.shop.database import Shop
from paranad.standby.decide import NUMBERS, Numbers
from paranad.standby.memory import KEY, Remembering, remembered
from paranad.standby.rows import LeaseRows
from paranad.standby.service import Standby
from paranad.standby.setup import Setup
from paranad.store.file import Store, open_store
from tests.support.clock import SAFETY_S, ManualClock
from tests.support.shop_fixtures import BAGHDAD, empty_shop, open_shop, shop_file, shop_url

__all__ = ["empty_shop", "shop_file", "shop_url"]

T = TypeVar("T")


class Machine:
    """A machine with its own state directory, its own events and its own connections to the shop's database."""

    def __init__(self, name: str, folder: Path, url: str, clock: ManualClock) -> None:
        self.name, self.folder, self.url, self.clock = name, folder, url, clock
        self.events, self.told = Events(), list[Event]()
        self.events.listen(self.told.extend)
        self.boot, self.machine_id = "boot-1", f"id-of-{name}"
        self._texts = (f"{name}-{number}" for number in count(1))

    async def start(self, store: Store, shop: Shop, numbers: Numbers = NUMBERS) -> Standby:
        """Return the daemon of a new process on this machine's state directory."""
        kept = await store.values.get(KEY)
        memory = remembered(kept, home=self.machine_id, boot=self.boot, new_holder=next(self._texts))
        return Standby(
            LeaseRows(shop, self.clock, numbers=numbers),
            Remembering(store.values, memory),
            Setup(shop),
            self.clock,
            self.events,
            machine=self.name,
            version="1.0",
            zone=BAGHDAD,
            new_text=lambda: next(self._texts),
            numbers=numbers,
        )


class Ground:
    """A database with the table, and machines around it."""

    def __init__(self, url: str, folder: Path, clock: ManualClock) -> None:
        self.url, self.folder, self.clock = url, folder, clock
        self.shop = open_shop(url, clock, Events())
        self._open: list[Callable[[], Awaitable[object]]] = []
        self.machines: dict[str, Machine] = {}
        self._tasks: list[asyncio.Task[Any]] = []
        self._began, self._wait = asyncio.Event(), clock.wait
        clock.wait = self._noted  # type: ignore[method-assign]
        self.stores: dict[str, Store] = {}

    async def sql(self, statement: str) -> None:
        """Run a statement as an operator would."""
        async with self.shop.transaction() as connection:
            await connection.execute(text(statement))

    async def rows(self) -> list[tuple[str, str, int]]:
        """Return name, machine and term of every row."""
        async with self.shop.read() as connection:
            found = await connection.execute(text("SELECT name, machine, term FROM paranad_lease ORDER BY name"))
            return [(name.partition(":")[0], machine, term) for name, machine, term in found]

    async def daemon(self, name: str) -> Standby:
        """Return the daemon of a new process on the machine *name*; what an older one left is as a crash leaves it."""
        machine = self.machines.setdefault(name, Machine(name, self.folder / name, self.url, self.clock))
        if name not in self.stores:
            opening = open_store(machine.folder, durability="normal", clock=self.clock, events=machine.events)
            self.stores[name] = await opening.__aenter__()
            self._open.append(lambda: opening.__aexit__(None, None, None))
        shop = open_shop(self.url, self.clock, machine.events)
        daemon = await machine.start(self.stores[name], shop)
        self._open.append(shop.close)
        self._open.append(daemon.close)
        return daemon

    def closes(self, close: Callable[[], Awaitable[object]]) -> None:
        """Let *close* be done at the end, before what was opened earlier is closed."""
        self._open.append(close)

    async def pass_in_database(self, passed: timedelta) -> None:
        """Let the instants in the table be so much longer ago: the database's own clock is nobody's to set."""
        ms = int(passed.total_seconds() * 1000)
        await self.sql(f"UPDATE paranad_lease SET since = since - {ms}")
        await self.sql(f"UPDATE paranad_lease SET expires_at = expires_at - {ms} WHERE expires_at <> 0")

    def begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run *work* beside the test; what is left of it ends with the test."""
        task = asyncio.ensure_future(work)
        self._tasks.append(task)
        return task

    async def waits(self, for_s: float) -> None:
        """Return once something waits for so long."""
        async with asyncio.timeout(SAFETY_S):
            while self.clock.elapsed_s + for_s not in self.clock.sleepers.values():
                self._began.clear()
                await self._began.wait()

    async def _noted(self, signal: asyncio.Event, timeout_s: float) -> bool:
        waiting = asyncio.ensure_future(self._wait(signal, timeout_s))
        try:
            await asyncio.sleep(0)
            self._began.set()
            return await waiting
        finally:
            waiting.cancel()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for close in reversed(self._open):
            await close()
        await self.shop.close()


@pytest.fixture
async def ground(shop_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Ground]:
    ground = Ground(shop_url, tmp_path, clock)
    await ground.sql("DROP TABLE IF EXISTS paranad_lease")
    await ground.sql(Setup(ground.shop).sql.rstrip().rstrip(";"))
    yield ground
    await ground.close()
    left = Ground(shop_url, tmp_path, clock)
    await left.sql("DROP TABLE IF EXISTS paranad_lease")
    await left.close()
