"""What the tests of the bridge may ask for."""

import pytest

from paranad.events.event import Events
from paranad.shop.database import Shop
from paranad.store.file import Store
from tests.support.bridge import BridgeHarness
from tests.support.clock import ManualClock
from tests.support.shop_fixtures import empty_shop, shop, shop_file, shop_url, sqlite_shop
from tests.support.store import store

__all__ = ["empty_shop", "harness", "shop", "shop_file", "shop_url", "sqlite_shop", "store"]


@pytest.fixture
async def harness(store: Store, shop: Shop, clock: ManualClock, events: Events) -> BridgeHarness:
    harness = BridgeHarness(store, shop, clock, events)
    await harness.line.jobs.recover()
    return harness
