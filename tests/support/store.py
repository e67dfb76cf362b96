"""The real store in a folder of the test's own, and what can go wrong with its disk."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiosqlite
import pytest

from paranad.events.event import Events
from paranad.store.file import Store, open_store
from paranad.store.writer import Act, Kind
from tests.support.clock import ManualClock


@pytest.fixture
async def store(tmp_path: Path, clock: ManualClock, events: Events) -> AsyncIterator[Store]:
    """An empty queue.db, closed after the test."""
    async with open_store(tmp_path / "state", durability="normal", clock=clock, events=events) as store:
        yield store


@dataclass(frozen=True)
class Statement(Act[list[aiosqlite.Row]]):
    """One statement, run by the store's own writer; answers with its rows."""

    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)

    async def apply(self, connection: aiosqlite.Connection) -> list[aiosqlite.Row]:
        return list(await connection.execute_fetchall(self.sql, dict(self.parameters)))


async def _limit_pages(connection: aiosqlite.Connection, items: Sequence[int]) -> Sequence[None]:
    for pages in items:
        await connection.execute_fetchall(f"PRAGMA max_page_count = {pages}")
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
    """Commits wait until the event is set, or the block ends."""
    connection, free = store.writer._connection, asyncio.Event()
    commit = connection.commit

    async def slow() -> None:
        await free.wait()
        await commit()

    with monkeypatch.context() as patch:
        patch.setattr(connection, "commit", slow)
        yield free
        free.set()
