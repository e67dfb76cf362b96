"""A ground for real daemons: an embedded shop and the courier's sandbox, both on the machine's clock."""

from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from paranad.clock import SystemClock
from paranad.demo.shop import create_shop
from paranad.events.event import Events
from paranad.sandbox.server import Sandbox
from paranad.shop.database import Shop
from tests.support.daemon import Ground
from tests.support.shipping import SETTINGS
from tests.support.shop import Item, make_order, make_size, set_setting


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(SystemClock()) as sandbox:
        yield sandbox


@pytest.fixture
def shop_url(tmp_path: Path) -> str:
    return create_shop(tmp_path / "shop.sqlite")


@pytest.fixture
async def shop(shop_url: str, sandbox: Sandbox) -> AsyncIterator[Shop]:
    shop = Shop(shop_url, ZoneInfo("Asia/Baghdad"), SystemClock(), Events())
    account = {"alwaseet_username": sandbox.books.username, "alwaseet_password": sandbox.books.password}
    for key, value in {**SETTINGS, **account}.items():
        await set_setting(shop, key, value)
    yield shop
    await shop.close()


@pytest.fixture
async def order_id(shop: Shop) -> int:
    return await make_order(shop, items=[Item(await make_size(shop))])


@pytest.fixture
def ground(tmp_path: Path, shop_url: str, shop: Shop, sandbox: Sandbox) -> Ground:
    ground = Ground(tmp_path, shop_url, sandbox.base_url)
    ground.write()
    return ground
