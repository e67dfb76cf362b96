"""A real shop whose rows wait for PHP, and what asks for a worker; the test does what systemd and PHP do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert

from paranad.configuration.settings import Settings, ShopSection
from paranad.events.event import Events
from paranad.on_demand.decide import State
from paranad.on_demand.rows import Backlog
from paranad.on_demand.service import Missing, OnDemand
from paranad.on_demand.ways import BySystemd, Way
from paranad.shop.database import Shop
from paranad.shop.tables import jobs
from tests.support.clock import ManualClock
from tests.support.queue import Seen

ZONE = ZoneInfo("Asia/Baghdad")


@dataclass
class Scene:
    """A shop, the daemon's runtime folder, and what asks for workers."""

    shop: Shop
    clock: ManualClock
    events: Events
    folder: Path
    halted: bool = False
    other: Way | None = None
    """Another way than the file."""
    seen: Seen = field(init=False)
    on_demand: OnDemand = field(init=False)

    def __post_init__(self) -> None:
        self.seen = Seen(self.events)
        self.runtime.mkdir()
        way = BySystemd(self.runtime)
        self.on_demand = OnDemand(
            Backlog(self.shop), lambda _: self.other or way, lambda: self.halted, self.clock, self.events, zone=ZONE
        )
        self.use("on-demand")

    def use(self, php: Literal["leave", "on-demand"]) -> None:
        self.on_demand.use(Settings(shop=ShopSection(php=php)))

    @property
    def runtime(self) -> Path:
        return self.folder / "paranad"

    @property
    def request(self) -> Path:
        return self.runtime / "php.wanted"

    def missing(self) -> Missing | None:
        return self.on_demand.missing

    async def look(self, after_s: float = 1.0) -> State:
        await self.clock.advance(after_s)
        await self.on_demand.look()
        return self.on_demand.standing.state

    async def put(self, *queues: str, **values: Any) -> None:
        now_s = int(self.clock.now().timestamp())
        row = {"payload": "{}", "attempts": 0, "reserved_at": None, "available_at": now_s, "created_at": now_s}
        async with self.shop.transaction() as connection:
            await connection.execute(insert(jobs), [{**row, **values, "queue": queue} for queue in queues])

    async def change(self, statement: Any) -> None:
        async with self.shop.transaction() as connection:
            await connection.execute(statement)

    async def work_off(self) -> None:
        await self.change(delete(jobs).where(jobs.c.queue.like("php:%")))

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """Take the request as paranad-php.service does; its folder is there while it runs."""
        came = self.folder / "paranad-php"
        came.mkdir()
        self.request.rename(came / "queues")
        yield
        (came / "queues").unlink()
        came.rmdir()
