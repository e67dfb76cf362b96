"""The fixture `shop`, for every folder that works on the shop's data; a conftest imports it by name."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from paranad.events import Events
from paranad.shop.database import Shop
from paranad.shop.embedded import create_shop
from tests.support.clock import ManualClock

BAGHDAD = ZoneInfo("Asia/Baghdad")
ENGINES = ["sqlite"]
"""The databases that everything about the shop is tested on."""


@pytest.fixture(scope="session")
def empty_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded shop without rows, made once and copied for each test."""
    path = tmp_path_factory.mktemp("shop") / "empty.sqlite"
    create_shop(path)
    return path


@pytest.fixture
def shop_file(tmp_path: Path, empty_shop: Path) -> Path:
    return Path(shutil.copy(empty_shop, tmp_path / "database.sqlite"))


def _without_fsync(connection: Any, _: Any) -> None:
    """No test cuts the power, and a few hundred tests commit thousands of times."""
    connection.cursor().execute("PRAGMA synchronous = OFF")


@pytest.fixture(params=ENGINES)
def shop_url(request: pytest.FixtureRequest, shop_file: Path) -> str:
    return f"{request.param}:///{shop_file}"


@pytest.fixture
async def shop(shop_url: str, clock: ManualClock, events: Events) -> AsyncIterator[Shop]:
    shop = Shop(shop_url, BAGHDAD, clock, events)
    event.listen(shop._database.engine.sync_engine, "connect", _without_fsync)
    yield shop
    await shop.close()
