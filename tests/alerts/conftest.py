"""What the tests of alerts may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from paranad.events.event import Events
from paranad.shop.database import Shop
from paranad.store.file import Store
from tests.alerts.harness import AlertsHarness
from tests.support.clock import ManualClock
from tests.support.shop_fixtures import empty_shop, shop_file, sqlite_shop
from tests.support.store import store

__all__ = ["empty_shop", "shop_file", "sqlite_shop", "store"]


@pytest.fixture
async def harness(
    store: Store, sqlite_shop: Shop, clock: ManualClock, events: Events, tmp_path: Path
) -> AsyncIterator[AlertsHarness]:
    harness = AlertsHarness(store, clock, events, tmp_path, sqlite_shop)
    await harness.start()
    yield harness
    await harness.stop()
