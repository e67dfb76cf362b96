"""The shop's orders with a real queue, journal and bridge; nothing runs by itself."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from paranad.events.event import Events
from paranad.orders.service import Orders, UnshippedOrder
from paranad.orders.shop_rows import ShopOrders
from paranad.said import Said
from paranad.shipments.journal import Journal
from paranad.shop.database import Shop
from paranad.store.file import Store
from tests.support.bridge import BridgeHarness
from tests.support.clock import ManualClock
from tests.support.shop import set_setting
from tests.support.shop_fixtures import empty_shop, shop, shop_file, shop_url, sqlite_shop
from tests.support.store import store

__all__ = ["empty_shop", "shop", "shop_file", "shop_url", "sqlite_shop", "store"]

PHONE = "+9647701234567"


@dataclass
class World:
    """A shop, and all that is known here of its orders."""

    harness: BridgeHarness
    journal: Journal
    events: Events
    orders: Orders = field(init=False)
    draining: bool = False
    door: Said | None = None

    def __post_init__(self) -> None:
        self.orders = Orders(
            ShopOrders(self.harness.shop),
            self.journal,
            self.harness.line.jobs,
            bridge=self.harness.bridge,
            clock=self.harness.clock,
            events=self.events,
            draining=lambda: self.draining,
            door=lambda: self.door,
        )

    async def intend(self, order_id: int) -> None:
        await self.journal.intend(order_id, f"P{order_id}-AAAA", PHONE, 25000)

    async def record(self, order_id: int, courier_id: str) -> None:
        await self.intend(order_id)
        await self.journal.create(order_id, courier_id, frozenset({courier_id}))
        await self.journal.record(order_id)

    async def unshipped(self) -> list[UnshippedOrder]:
        return list((await self.orders.unshipped(None, limit=100, cursor=None)).items)


def world_of(store: Store, shop: Shop, clock: ManualClock, events: Events) -> World:
    return World(BridgeHarness(store, shop, clock, events), Journal(store, clock, events), events)


@pytest.fixture
async def world(
    store: Store, shop: Shop, clock: ManualClock, events: Events, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """On SQLite and on MariaDB, with a bridge that has looked once; a busy machine may take its time to count."""
    monkeypatch.setattr("paranad.orders.service.PATIENCE_S", 60.0)
    world = world_of(store, shop, clock, events)
    await set_setting(shop, "alwaseet_auto_create_shipment", "1")
    await world.harness.line.jobs.recover()
    await world.harness.look()
    yield world
    await world.orders.close()
