"""What the shop's database says of itself, on each engine."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import delete, insert, text

from paranad.events.event import Events
from paranad.shop.database import Shop
from paranad.shop.schema import columns_of, ever_used
from paranad.shop.tables import jobs, metadata
from tests.support.clock import ManualClock
from tests.support.shop_fixtures import BAGHDAD

ROW = {"queue": "default", "payload": "{}", "attempts": 0, "available_at": 1, "created_at": 1}


async def test_every_table_is_there_with_its_columns(shop: Shop) -> None:
    async with shop.read() as connection:
        found = await columns_of(connection)
    for name, table in metadata.tables.items():
        assert {column.name for column in table.columns} <= found[name]


async def test_table_that_held_a_row_is_known_to_have_been_used(shop: Shop) -> None:
    async with shop.transaction() as connection:
        if not shop.types_are_hints:
            await connection.execute(text("TRUNCATE jobs"))
        assert not await ever_used(connection, jobs)
        await connection.execute(insert(jobs).values(ROW))
        assert await ever_used(connection, jobs)
        await connection.execute(delete(jobs))
    async with shop.read() as connection:
        assert await ever_used(connection, jobs)


async def test_file_whose_tables_do_not_count_ids_tells_only_what_it_holds(
    tmp_path: Path, clock: ManualClock, events: Events
) -> None:
    file = tmp_path / "plain.sqlite"
    with closing(sqlite3.connect(file)) as plain:
        plain.execute("CREATE TABLE jobs (id INTEGER PRIMARY KEY)")
    shop = Shop(f"sqlite:///{file}", BAGHDAD, clock, events)
    async with shop.read() as connection:
        assert not await ever_used(connection, jobs)
    await shop.close()
