import asyncio
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import AsyncAdaptedQueuePool

from paranad.errors import ConfigurationError
from paranad.events import Event, Events, ShopLost, ShopReturned
from paranad.shop.database import BUSY_TRIES, Shop
from paranad.shop.errors import ShopBadRow, ShopBusy, ShopClockOff, ShopUnexpectedSchema, ShopUnreachable
from paranad.shop.tables import carts, product_sizes, settings, users
from tests.support import shop as t
from tests.support.clock import START, ManualClock
from tests.support.shop_fixtures import BAGHDAD

SOON = timedelta(milliseconds=50)


@pytest.fixture
async def hasty(shop_url: str, clock: ManualClock, events: Events) -> AsyncIterator[Shop]:
    """A shop that hardly waits for other programs' locks."""
    hasty = Shop(shop_url, BAGHDAD, clock, events, busy_timeout=SOON)
    yield hasty
    await hasty.close()


async def name_users(connection: AsyncConnection, name: str) -> None:
    await connection.execute(update(users).values(name=name))


def in_use(shop: Shop) -> int:
    pool = shop._database.engine.pool
    assert isinstance(pool, AsyncAdaptedQueuePool)
    return pool.checkedout()


def listing(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def names(shop: Shop) -> list[str]:
    return [user["name"] for user in await t.rows(shop, users)]


def test_now_is_the_shops_wall_clock_in_whole_seconds(clock: ManualClock) -> None:
    clock.step(timedelta(microseconds=999_999))
    shop = Shop("sqlite:////nowhere", BAGHDAD, clock, Events())
    assert datetime(2026, 3, 2, 12, 0) == shop.now()  # noqa: DTZ001  the shop's times are naive


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0)))  # noqa: DTZ001
def test_wall_and_instant_are_each_others_inverse(wall: datetime) -> None:
    shop = Shop("sqlite:////nowhere", BAGHDAD, ManualClock(), Events())
    assert wall == shop.wall(shop.instant(wall))
    assert UTC is shop.instant(wall).tzinfo


@pytest.mark.parametrize(
    ("url", "got"),
    [
        ("mysql://shop:hunter2@db:3306/parana_kids", "a mysql: URL"),
        ("postgresql+psycopg://shop:hunter2@db/x", "a postgresql: URL"),
        ("hunter2", "not a URL"),
        ("", "not a URL"),
        ("sqlite://", "without an absolute path"),
        ("sqlite:///shop.sqlite", "without an absolute path"),
        ("sqlite:///:memory:", "without an absolute path"),
    ],
)
def test_url_that_cannot_be_used_is_refused_without_showing_it(url: str, got: str) -> None:
    with pytest.raises(ConfigurationError, match=r"\[shop\] database_url: expected sqlite:////") as refused:
        Shop(url, BAGHDAD, ManualClock(), Events())
    assert got in str(refused.value)
    assert "hunter2" not in str(refused.value)


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


async def test_outage_is_told_once_and_its_end_once(shop: Shop, shop_file: Path, told: list[Event]) -> None:
    await t.make_user(shop)
    away = shop_file.with_suffix(".away")
    shutil.move(shop_file, away)
    for _ in range(2):
        with pytest.raises(ShopUnreachable, match="there is no file"):
            await t.make_user(shop)
    shutil.move(away, shop_file)
    for _ in range(2):
        await t.make_user(shop)
    assert [ShopLost, ShopReturned] == [type(event) for event in told]
    assert 3 == await t.count(shop, users)


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


async def test_file_locked_by_another_program_is_busy_and_told_once(
    hasty: Shop, shop_file: Path, told: list[Event]
) -> None:
    await t.make_user(hasty, name="قبل")
    holder = sqlite3.connect(shop_file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    for _ in range(2):
        with pytest.raises(ShopBusy, match="locked by another program"):
            await hasty.repeat(lambda connection: name_users(connection, "أثناء"))
    holder.execute("ROLLBACK")
    holder.close()
    await hasty.repeat(lambda connection: name_users(connection, "بعد"))
    assert ["بعد"] == await names(hasty)
    assert [ShopLost, ShopReturned] == [type(event) for event in told]


async def test_refused_lock_is_not_over_because_others_may_read(
    hasty: Shop, shop_file: Path, told: list[Event]
) -> None:
    holder = sqlite3.connect(shop_file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(ShopBusy):
        await t.make_user(hasty)
    assert [] == await names(hasty)
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


async def test_repeat_begins_anew_when_the_lock_comes_free(hasty: Shop, shop_file: Path, told: list[Event]) -> None:
    await t.make_user(hasty)
    holder = sqlite3.connect(shop_file, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    release = threading.Timer(1.5 * SOON.total_seconds(), holder.execute, ("ROLLBACK",))
    release.start()
    await hasty.repeat(lambda connection: name_users(connection, "نور"))
    release.join()
    holder.close()
    assert (["نور"], []) == (await names(hasty), told)


async def test_work_that_loses_a_deadlock_runs_again_from_the_start(shop: Shop) -> None:
    await t.make_user(shop, name="0")
    runs = 0

    async def work(connection: AsyncConnection) -> int:
        nonlocal runs
        runs += 1
        name = (await connection.execute(select(users.c.name))).scalar_one()
        await name_users(connection, f"{name}{runs}")
        if runs < BUSY_TRIES:
            raise ShopBusy("deadlock")
        return runs

    assert BUSY_TRIES == await shop.repeat(work)
    assert [f"0{BUSY_TRIES}"] == await names(shop)


async def test_nothing_is_overwritten_that_another_connection_wrote(shop: Shop, shop_url: str) -> None:
    size = await t.make_size(shop, quantity=0)
    other = Shop(shop_url, BAGHDAD, ManualClock(), Events())

    async def add_one(connection: AsyncConnection) -> None:
        before = (await connection.execute(select(product_sizes.c.quantity))).scalar_one()
        await asyncio.sleep(0)
        await connection.execute(update(product_sizes).values(quantity=before + 1))

    await asyncio.gather(*(each.repeat(add_one) for each in (shop, other) for _ in range(10)))
    await other.close()
    assert 20 == await t.value_of(shop, product_sizes, size, "quantity")


async def test_read_sees_one_moment(shop: Shop) -> None:
    await t.make_user(shop, name="قبل")
    async with shop.read() as connection:
        first = (await connection.execute(select(users.c.name))).scalar_one()
        await connection.execute(update(users).values(name="لا يبقى"))
    assert ("قبل", ["قبل"]) == (first, await names(shop))


async def test_transaction_rolls_back_on_an_error_and_in_a_dry_run(shop: Shop) -> None:
    await t.make_user(shop, name="قبل")

    async def fail(connection: AsyncConnection) -> None:
        await name_users(connection, "خطأ")
        raise RuntimeError("oops")

    with pytest.raises(RuntimeError, match="oops"):
        await shop.repeat(fail)
    async with shop.transaction(dry_run=True) as connection:
        await name_users(connection, "تجربة")
    await shop.repeat(lambda connection: name_users(connection, "تجربة"), dry_run=True)
    assert ["قبل"] == await names(shop)


async def test_foreign_keys_are_enforced(shop: Shop) -> None:
    with pytest.raises(ShopBadRow, match="FOREIGN KEY"):
        await t.make_cart(shop, delegate_id=999)


@pytest.mark.parametrize(
    ("statement", "missing"),
    [
        ("SELECT * FROM absent", 'no table "absent"'),
        ("SELECT absent FROM users", 'no column "absent"'),
        ("INSERT INTO users (absent) VALUES (1)", 'no column "absent"'),
        ("UPDATE users SET absent = 1", 'no column "absent"'),
    ],
)
async def test_missing_table_or_column_is_named(shop: Shop, told: list[Event], statement: str, missing: str) -> None:
    with pytest.raises(ShopUnexpectedSchema, match=missing):
        async with shop.transaction() as connection:
            await connection.exec_driver_sql(statement)
    assert [] == told


async def test_defect_of_ours_is_no_outage(shop: Shop, told: list[Event]) -> None:
    with pytest.raises(ProgrammingError):
        async with shop.transaction() as connection:
            await connection.exec_driver_sql("SELECT ?", (1, 2))
    assert [] == told


async def test_text_that_is_not_utf_8_is_one_bad_row(shop: Shop) -> None:
    user = await t.make_user(shop)
    async with shop.transaction() as connection:
        await connection.exec_driver_sql("UPDATE users SET name = CAST(x'ff41' AS TEXT)")
    with pytest.raises(ShopBadRow, match="UTF-8"):
        await t.row(shop, users, user)


async def test_error_holds_no_value_of_the_row(shop: Shop) -> None:
    await t.set_setting(shop, "alwaseet_password", "x")
    with pytest.raises(ShopBadRow) as refused:
        async with shop.transaction() as connection:
            await connection.execute(insert(settings).values(key="alwaseet_password", value="hunter2"))
    assert "hunter2" not in f"{refused.value} {refused.value.__cause__}"


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


async def test_files_clock_is_this_machines(shop: Shop) -> None:
    await shop.check_clock()


@pytest.mark.parametrize("sign", [1, -1])
async def test_server_clock_may_be_ten_minutes_off(
    shop: Shop, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, sign: int
) -> None:
    async def server_now(_: AsyncConnection) -> datetime:
        return START + sign * timedelta(minutes=10)

    monkeypatch.setattr(shop._database, "server_now", server_now)
    await shop.check_clock()
    clock.step(-sign * timedelta(seconds=1))
    with pytest.raises(ShopClockOff, match="601 s apart"):
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


async def test_cancelled_commit_is_waited_for(shop: Shop) -> None:
    await t.make_user(shop, name="قبل")

    async def work() -> None:
        async with shop.transaction() as connection:
            await name_users(connection, "بعد")
            asyncio.get_running_loop().call_soon(running.cancel)

    running = asyncio.ensure_future(work())
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ["بعد"] == await names(shop)


@pytest.mark.parametrize("steps", range(0, 40, 3))
async def test_cancelled_transaction_leaves_no_lock_and_no_half(shop: Shop, steps: int) -> None:
    for name in ("قبل", "قبل"):
        await t.make_user(shop, name=name)

    async def work() -> None:
        async with shop.transaction() as connection:
            for user in (1, 2):
                await connection.execute(update(users).where(users.c.id == user).values(name="بعد"))

    running = asyncio.ensure_future(work())
    for _ in range(steps):
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])
    assert await names(shop) in (["قبل", "قبل"], ["بعد", "بعد"])
    await t.make_user(shop)
    assert 0 == in_use(shop)


@pytest.mark.parametrize("steps", range(0, 40, 3))
async def test_scope_cancelled_anywhere_leaves_no_lock(shop: Shop, steps: int) -> None:
    await t.make_user(shop, name="قبل")

    async def work() -> None:
        async with shop.transaction() as connection:
            await connection.execute(select(users.c.name))
            await name_users(connection, "بعد")

    async with anyio.create_task_group() as group:
        group.start_soon(work)
        for _ in range(steps):
            await asyncio.sleep(0)
        group.cancel_scope.cancel()
    assert await names(shop) in (["قبل"], ["بعد"])
    await t.make_user(shop)
    assert 0 == in_use(shop)


async def test_repeat_finishes_a_transaction_that_has_begun(shop: Shop) -> None:
    await t.make_user(shop, name="قبل")

    async def work(connection: AsyncConnection) -> None:
        running.cancel()
        async with connection.begin_nested():
            await name_users(connection, "بعد")

    running = asyncio.ensure_future(shop.repeat(work))
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (["بعد"], 0) == (await names(shop), in_use(shop))


async def test_zone_of_the_configuration_rules(shop_url: str, clock: ManualClock) -> None:
    shop = Shop(shop_url, ZoneInfo("UTC"), clock, Events())
    cart = await t.make_cart(shop, expires_in=timedelta(0))
    assert START.replace(tzinfo=None) == await t.value_of(shop, carts, cart, "expires_at")
    await shop.close()
