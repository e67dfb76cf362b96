"""The real store in a folder of the test's own, and what can go wrong with its disk."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from paranad.events.event import Events
from paranad.store.file import Store, open_store
from paranad.store.writer import Act, Kind
from tests.support.clock import ManualClock


@pytest.fixture
async def store(state_dir: Path, clock: ManualClock, events: Events) -> AsyncIterator[Store]:
    """An empty queue.db, closed after the test."""
    async with open_store(state_dir, durability="normal", clock=clock, events=events) as store:
        yield store


@dataclass(frozen=True)
class Statement(Act[list[sqlite3.Row]]):
    """One statement, run by the store's own writer; answers with its rows."""

    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)

    def apply(self, connection: sqlite3.Connection) -> list[sqlite3.Row]:
        return connection.execute(self.sql, dict(self.parameters)).fetchall()


def _limit_pages(connection: sqlite3.Connection, items: Sequence[int]) -> Sequence[None]:
    for pages in items:
        connection.execute(f"PRAGMA max_page_count = {pages}")
    return [None] * len(items)


LIMIT_PAGES: Kind[int, None] = Kind(_limit_pages)
UNLIMITED = 2**30


@asynccontextmanager
async def full_disk(store: Store) -> AsyncIterator[None]:
    """No page can be added to the file while the block lasts."""
    await store.writer.write(LIMIT_PAGES, 1)
    try:
        yield
    finally:
        pragma = store.writer._connection.execute_fetchall(f"PRAGMA max_page_count = {UNLIMITED}")
        await pragma


@contextmanager
def slow_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[asyncio.Event]:
    """Transactions wait until the event is set, or the block ends."""
    connection, free = store.writer._connection, asyncio.Event()
    execute = connection._execute

    async def slow(*function: Any) -> Any:
        await free.wait()
        return await execute(*function)  # type: ignore[no-untyped-call]

    with monkeypatch.context() as patch:
        patch.setattr(connection, "_execute", slow)
        yield free
        free.set()
