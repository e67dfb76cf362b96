"""The fixture `shop`, for every folder that works on the shop's data; a conftest imports it by name.

A test that asks for it runs twice: on SQLite and on the session's MariaDB.
"""

import shutil
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from paranad.demo.shop import create_shop
from paranad.events.event import Events
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from tests.support.clock import ManualClock
from tests.support.mariadb import MariaDb

BAGHDAD = ZoneInfo("Asia/Baghdad")
ENGINES = ["sqlite", "mariadb"]
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
def shop_url(request: pytest.FixtureRequest) -> str:
    """The address of a shop with all tables and no rows."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('shop_file')}"
    server: MariaDb = request.getfixturevalue("mariadb")
    return server.empty_database("shop")


class _Compiled(dict[tuple[Any, ...], Any]):
    """The statements that any engine has compiled, by the name of its dialect: each test has an engine of its own."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)


COMPILED = _Compiled()


def open_shop(url: str, clock: ManualClock, events: Events, **options: Any) -> Shop:
    """Return the shop at *url*, quick where no power fails, its server's clock the test's."""
    shop = Shop(url, BAGHDAD, clock, events, **options)
    shop.database.engine.sync_engine.update_execution_options(compiled_cache=COMPILED)

    async def server_now(_: AsyncConnection) -> datetime:
        return clock.now()

    if url.startswith("sqlite"):
        event.listen(shop.database.engine.sync_engine, "connect", _without_fsync)
    else:
        shop.database.server_now = server_now  # type: ignore[method-assign, assignment]
    return shop


@pytest.fixture
async def shop(shop_url: str, clock: ManualClock, events: Events) -> AsyncIterator[Shop]:
    shop = open_shop(shop_url, clock, events)
    yield shop
    await shop.close()


@pytest.fixture
async def sqlite_shop(shop_file: Path, clock: ManualClock, events: Events) -> AsyncIterator[Shop]:
    """A shop on SQLite, whose columns hold whatever they are given."""
    shop = open_shop(f"sqlite:///{shop_file}", clock, events)
    yield shop
    await shop.close()
