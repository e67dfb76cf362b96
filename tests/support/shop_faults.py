"""What goes wrong with a shop's database, the same on each of them."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, text

from paranad.shop.database import Shop
from tests.support.mariadb import MariaDb

ZERO_DATE = "0000-00-00 00:00:00"
"""What old rows of a MySQL without its strict mode hold."""

ShopDown = Callable[[], AbstractContextManager[None]]

CARELESS = {
    "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
    "mysql": ("SET foreign_key_checks = 0, sql_mode = ''", "SET foreign_key_checks = DEFAULT, sql_mode = DEFAULT"),
}


async def force(shop: Shop, statement: str, **values: Any) -> None:
    """Run *statement* although it breaks a rule of the tables: as a restored backup or an old server left them."""
    async with shop.read() as connection:
        careless, careful = CARELESS[connection.dialect.name]
        await connection.rollback()
        await connection.exec_driver_sql(careless)
        await connection.execute(text(statement), values)
        await connection.commit()
        await connection.exec_driver_sql(careful)


REFUSE: Mapping[str, str] = {
    "sqlite": "WHEN {condition} BEGIN SELECT RAISE(ABORT, 'not this one'); END",
    "mysql": ("FOR EACH ROW IF {condition} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this one'; END IF"),
}


async def refuse_inserts(shop: Shop, table: Table, condition: str) -> None:
    """Let the database refuse the new rows of *table* for which *condition* holds, such as `NEW.id = 3`."""
    await _refuse(shop, "INSERT", table, condition)


async def refuse_updates(shop: Shop, table: Table, condition: str) -> None:
    """Let the database refuse to change the rows of *table* for which *condition* holds, such as `OLD.id = 3`."""
    await _refuse(shop, "UPDATE", table, condition)


async def refuse_no_more(shop: Shop) -> None:
    """Let the database take what it refused."""
    async with shop.transaction() as connection:
        await connection.exec_driver_sql("DROP TRIGGER refuse")


async def _refuse(shop: Shop, change: str, table: Table, condition: str) -> None:
    async with shop.transaction() as connection:
        what = REFUSE[connection.dialect.name].format(condition=condition)
        await connection.exec_driver_sql(f"CREATE TRIGGER refuse BEFORE {change} ON {table.name} {what}")


@pytest.fixture
def shop_down(request: pytest.FixtureRequest, shop_url: str) -> ShopDown:
    """Return the block within which the shop's database is away."""
    if shop_url.startswith("sqlite"):
        return lambda: _moved_away(Path(shop_url.removeprefix("sqlite://")))
    return lambda: _stopped(request.getfixturevalue("mariadb"))


@contextmanager
def _moved_away(file: Path) -> Iterator[None]:
    away = file.with_suffix(".away")
    shutil.move(file, away)
    try:
        yield
    finally:
        shutil.move(away, file)


@contextmanager
def _stopped(server: MariaDb) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()
