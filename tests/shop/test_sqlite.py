"""The shop's file on SQLite: what only a file can have."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from paranad.events.event import Event, Events
from paranad.events.shop import ShopLost, ShopReturned
from paranad.shop.database import Shop
from paranad.shop.errors import ShopBadRow, ShopBusy, ShopReadOnly, ShopUnexpectedSchema, ShopUnreachable
from tests.support import shop as t
from tests.support.clock import ManualClock
from tests.support.shop import WHOLE
from tests.support.shop_fixtures import BAGHDAD

users = WHOLE["users"]


@pytest.fixture
def shop_url(shop_file: Path) -> str:
    return f"sqlite:///{shop_file}"


def listing(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_missing_file_is_named_and_not_made(tmp_path: Path, clock: ManualClock) -> None:
    shop = Shop(f"sqlite:///{tmp_path}/gone.sqlite", BAGHDAD, clock, Events())
    with pytest.raises(ShopUnreachable, match=r"there is no file .*gone\.sqlite"):
        await t.make_user(shop)
    await shop.close()
    assert [] == listing(tmp_path)


async def test_folder_is_no_shop(tmp_path: Path, clock: ManualClock) -> None:
    shop = Shop(f"sqlite:///{tmp_path}", BAGHDAD, clock, Events())
    with pytest.raises(ShopUnreachable, match="Is a directory"):
        await t.make_user(shop)
    await shop.close()


async def test_file_that_may_not_be_written_is_read_only_until_it_may(
    shop: Shop, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shop.read() as connection:
        await connection.exec_driver_sql("PRAGMA query_only = ON")  # root, as a test may be, writes any file
    for _ in range(2):
        with pytest.raises(ShopReadOnly, match="let the daemon's user write"):
            await t.make_user(shop)
        assert 0 == await t.count(shop, users)
    # As after a chmod: the next connection opens the file anew.
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    await t.make_user(shop)
    assert [ShopLost, ShopReturned] == [type(event) for event in told]


async def test_path_with_odd_characters_is_opened(shop_file: Path, clock: ManualClock) -> None:
    path = shop_file.with_name("متجر 100% #1.sqlite")
    shutil.move(shop_file, path)
    shop = Shop(f"sqlite:///{path}", BAGHDAD, clock, Events())
    await t.make_user(shop)
    await shop.close()
    assert [path.name] == listing(path.parent)


@pytest.mark.parametrize("content", [b"", b"not a database" * 100])
async def test_file_that_is_no_shop_is_refused(tmp_path: Path, clock: ManualClock, content: bytes) -> None:
    path = tmp_path / "other.sqlite"
    path.write_bytes(content)
    shop = Shop(f"sqlite:///{path}", BAGHDAD, clock, Events())
    with pytest.raises((ShopUnreachable, ShopUnexpectedSchema), match=r'no table "users"|not a database'):
        await t.make_user(shop)
    await shop.close()
    assert content == path.read_bytes()


async def test_file_that_was_replaced_is_opened_anew(shop: Shop, shop_file: Path, empty_shop: Path) -> None:
    await t.make_user(shop)
    replacement = shop_file.with_suffix(".new")
    shutil.copy(empty_shop, replacement)
    shutil.move(replacement, shop_file)
    assert 0 == await t.count(shop, users)
    await t.make_user(shop)
    with sqlite3.connect(shop_file) as direct:
        assert [(1,)] == direct.execute("SELECT count(*) FROM users").fetchall()
    direct.close()


async def test_file_that_is_taken_away_during_a_transaction_is_missing_and_not_read_only(
    shop: Shop, shop_file: Path
) -> None:
    user = await t.make_user(shop)

    async def write_without_the_file() -> None:
        async with shop.transaction() as connection:
            shutil.move(shop_file, shop_file.with_suffix(".away"))
            await connection.execute(update(users).where(users.c.id == user).values(name="another"))

    with pytest.raises(ShopUnreachable, match="there is no file"):
        await write_without_the_file()


async def test_text_that_is_not_utf_8_is_one_bad_row(shop: Shop) -> None:
    user = await t.make_user(shop)
    async with shop.transaction() as connection:
        await connection.exec_driver_sql("UPDATE users SET name = CAST(x'ff41' AS TEXT)")
    with pytest.raises(ShopBadRow, match="UTF-8"):
        await t.row(shop, users, user)


@pytest.mark.parametrize("mode", ["delete", "wal"])
async def test_journal_mode_of_the_file_stays(shop: Shop, shop_file: Path, mode: str) -> None:
    direct = sqlite3.connect(shop_file)
    direct.execute(f"PRAGMA journal_mode = {mode}")
    direct.close()
    await t.make_user(shop)
    await shop.close()
    direct = sqlite3.connect(shop_file)
    assert [(mode,)] == direct.execute("PRAGMA journal_mode").fetchall()
    direct.close()


def refused_lock(shop_file: Path) -> str:
    """Return what another program, such as the shop's PHP, hears when it wants to write."""
    work = f"import sqlite3; sqlite3.connect({str(shop_file)!r}, timeout=0).execute('BEGIN IMMEDIATE')"
    done = subprocess.run([sys.executable, "-c", work], capture_output=True, text=True, check=False)
    return done.stderr


async def test_opening_a_connection_lets_no_lock_of_another_go(shop: Shop, shop_file: Path) -> None:
    async with shop.transaction() as connection:
        await connection.execute(select(users.c.id))
        assert "database is locked" in refused_lock(shop_file)
        async with shop.read():
            assert "database is locked" in refused_lock(shop_file), "two writers at once ruin the file"
    assert "" == refused_lock(shop_file)


async def test_files_clock_is_this_machines(shop: Shop) -> None:
    await shop.check_clock()


async def test_close_leaves_no_thread(shop: Shop) -> None:
    before = set(threading.enumerate())
    await asyncio.gather(*(t.count(shop, users) for _ in range(8)))
    threads = set(threading.enumerate()) - before
    await shop.close()
    for thread in threads:
        thread.join(timeout=5)
    assert threads
    assert not [thread for thread in threads if thread.is_alive()]


@pytest.fixture
async def hasty(shop_url: str, clock: ManualClock, events: Events) -> AsyncIterator[Shop]:
    hasty = Shop(shop_url, BAGHDAD, clock, events, busy_timeout=timedelta(milliseconds=50))
    yield hasty
    await hasty.close()


async def test_refused_lock_is_not_over_because_others_may_read(
    hasty: Shop, shop_file: Path, told: list[Event]
) -> None:
    holder = sqlite3.connect(shop_file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(ShopBusy):
        await t.make_user(hasty)
    assert 0 == await t.count(hasty, users)
    assert [ShopLost] == [type(event) for event in told]
    holder.execute("ROLLBACK")
    holder.close()
    await t.make_user(hasty)
    assert [ShopLost, ShopReturned] == [type(event) for event in told]


async def test_shop_that_cannot_be_read_says_so_before_the_first_statement(hasty: Shop, shop_file: Path) -> None:
    holder = sqlite3.connect(shop_file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ShopBusy):
        async with hasty.read():
            pass
    holder.close()
