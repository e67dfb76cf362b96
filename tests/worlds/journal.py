"""The real queue.db, with its statements run inline."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, TypeVar, cast

import aiosqlite

from paranad.events.event import Events
from paranad.store.file import Store, open_store
from paranad.store.writer import Kind
from tests.support.clock import ManualClock

T = TypeVar("T")


def _clean(connection: sqlite3.Connection, items: Sequence[None]) -> Sequence[None]:
    for table in ("shipment_ids", "shipment_attempts", "shipments", "named_values"):
        connection.execute(f"DELETE FROM {table}")
    return items


CLEAN: Kind[None, None] = Kind(_clean)


class Inline:
    """A connection whose transactions run at once: the hop to aiosqlite's thread costs ten times what they do."""

    def __init__(self, path: Path) -> None:
        self._conn = sqlite3.connect(path, isolation_level="IMMEDIATE", cached_statements=256)
        self._conn.row_factory = sqlite3.Row
        for pragma in ("synchronous = NORMAL", "foreign_keys = ON"):
            self._conn.execute(f"PRAGMA {pragma}")

    async def execute_fetchall(self, sql: str, params: Any = ()) -> list[sqlite3.Row]:
        return self._conn.execute(sql, params).fetchall()

    async def _execute(self, function: Callable[[sqlite3.Connection], T], connection: sqlite3.Connection) -> T:
        return function(connection)

    def close(self) -> None:
        self._conn.close()


@asynccontextmanager
async def inline_store(folder: Path, events: Events) -> AsyncIterator[Store]:
    """Open the real store in *folder*, and run its statements inline."""
    async with open_store(folder, durability="normal", clock=ManualClock(), events=events) as store:
        kept = store.writer._connection, store.reader._connection
        with closing(Inline(store.path)) as writing, closing(Inline(store.path)) as reading:
            store.writer._connection = cast("aiosqlite.Connection", writing)
            store.reader._connection = cast("aiosqlite.Connection", reading)
            yield store
            store.writer._connection, store.reader._connection = kept
