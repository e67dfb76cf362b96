"""What the tests of the worker that is asked for may ask for."""

from pathlib import Path

import pytest

from paranad.events.event import Events
from paranad.shop.database import Shop
from tests.on_demand.scene import Scene
from tests.support.clock import ManualClock
from tests.support.shop_fixtures import empty_shop, shop, shop_file, shop_url
from tests.support.store import store

__all__ = ["empty_shop", "scene", "shop", "shop_file", "shop_url", "store"]


@pytest.fixture
def scene(shop: Shop, clock: ManualClock, events: Events, tmp_path: Path) -> Scene:
    return Scene(shop, clock, events, tmp_path)
