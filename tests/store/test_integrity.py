"""queue.db is looked through beside the daemon's work."""

import pytest

from paranad.store.file import Store
from paranad.store.integrity import damage
from tests.support.store import Statement


async def test_whole_file_has_no_damage(store: Store) -> None:
    await store.values.put("x", 1)
    assert None is await damage(store.path, 10)


async def test_damaged_file_says_what_is_wrong(store: Store) -> None:
    await store.values.put("x", "y" * 200_000)
    await store.writer.do(Statement("PRAGMA wal_checkpoint(TRUNCATE)"))
    with store.path.open("r+b") as file:
        file.seek(50 * 4096)
        file.write(b"\xff" * 8192)
    assert await damage(store.path, 10)


async def test_file_that_is_gone_says_so(store: Store) -> None:
    store.path.rename(store.path.with_suffix(".away"))
    assert "unable to open database file" == await damage(store.path, 10)


async def test_look_that_takes_too_long_is_broken_off(store: Store) -> None:
    with pytest.raises(TimeoutError):
        await damage(store.path, -1)
    assert None is await damage(store.path, 10)
