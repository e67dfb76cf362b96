"""Readers and pages."""

import asyncio
import sqlite3

import pytest

from paranad.errors import BadRequest, StateDamaged
from paranad.numbers import LARGEST_ID
from paranad.store.file import Store
from paranad.store.reader import before_id, page
from tests.support.store import slow_disk


async def test_reader_does_not_wait_for_a_commit_under_way(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.values.put("a", 1)
    with slow_disk(store, monkeypatch):
        writing = asyncio.ensure_future(store.values.put("a", 2))

        assert await store.values.get("a") == 1

    await writing
    assert await store.values.get("a") == 2


async def test_reader_cannot_write(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await store.reader.fetch("DELETE FROM named_values")


def test_page_names_what_follows_only_where_something_does() -> None:
    rows = [(9, "i"), (8, "h"), (7, "g")]

    assert (["i", "h"], "8") == (page(rows, 2).items, page(rows, 2).next_cursor)
    assert (["i", "h", "g"], None) == (page(rows, 3).items, page(rows, 3).next_cursor)


@pytest.mark.parametrize("cursor", ["", "-1", "1.5", "zero", "٣", "9" * 19, "9" * 400, "1 "])
def test_malformed_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadRequest, match="cursor: expected"):
        before_id(cursor)


def test_no_cursor_begins_with_the_newest() -> None:
    assert before_id(None) == LARGEST_ID
    assert before_id("17") == 17


async def test_text_that_cannot_be_decoded_is_told_as_damage(store: Store) -> None:
    with pytest.raises(StateDamaged, match=r"queue\.db cannot be trusted .*restore it from a backup"):
        await store.reader.fetch("SELECT CAST(x'fffe41' AS TEXT) AS name")

    with pytest.raises(StateDamaged):
        await store.watch.run()
