"""Backups: whole, marked, and gone when they have been read."""

import asyncio
import sqlite3
import stat

import pytest

from paranad.clock import to_us
from paranad.store.backup import COPIED_AT, copied
from paranad.store.file import Store
from tests.support.clock import ManualClock


async def test_backup_is_a_whole_database_that_only_the_owner_reads(store: Store, clock: ManualClock) -> None:
    await store.values.put("a", [1, 2])

    async with copied(store, clock) as copy:
        mode = stat.S_IMODE(copy.stat().st_mode)
        with sqlite3.connect(copy) as connection:
            rows = connection.execute("SELECT value FROM named_values WHERE name = 'a'").fetchall()
        connection.close()

    assert (0o600, [("[1,2]",)], False) == (mode, rows, copy.exists())


async def test_backup_is_whole_while_the_writer_writes(
    store: Store, clock: ManualClock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for n in range(50):
        await store.values.put(f"value-{n}", "x" * 10_000)
    writing = [asyncio.ensure_future(store.values.put(f"more-{n}", n)) for n in range(50)]

    target = tmp_path_factory.mktemp("backup") / "copy.db"
    async with copied(store, clock) as copy:
        target.write_bytes(copy.read_bytes())
    await asyncio.gather(*writing)

    with sqlite3.connect(target) as connection:
        assert [("ok",)] == connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    assert [] == list(store.path.parent.glob("backup-*"))


async def test_backup_alone_says_when_it_was_made(store: Store, clock: ManualClock) -> None:
    """A daemon that opens it knows by that that it was restored."""
    async with copied(store, clock) as copy:
        with sqlite3.connect(copy) as connection:
            [(made_at,)] = connection.execute("SELECT value FROM named_values WHERE name = ?", (COPIED_AT,))
        connection.close()
        beside = sorted(each.name for each in store.path.parent.glob("backup-*"))

    assert (str(to_us(clock.now())), [copy.name]) == (made_at, beside)
    assert await store.values.get(COPIED_AT) is None


async def test_backup_given_up_half_way_leaves_nothing(store: Store, clock: ManualClock) -> None:
    await store.values.put("a", "x" * 400_000)

    async def left() -> None:
        async with copied(store, clock) as copy:
            assert copy.exists()
            made.set()
            await asyncio.Event().wait()

    made = asyncio.Event()
    reader = asyncio.create_task(left())
    await made.wait()
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader

    assert [] == list(store.path.parent.glob("backup-*"))
