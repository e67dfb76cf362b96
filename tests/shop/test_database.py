import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from paranad.errors import ConfigurationError
from paranad.events.event import Event, Events
from paranad.events.shop import ShopLost, ShopReturned
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import BUSY_TRIES, Shop
from paranad.shop.errors import ShopBadRow, ShopBusy, ShopClockOff, ShopUnexpectedSchema, ShopUnreachable
from paranad.shop.statements import lock_row
from tests.support import shop as t
from tests.support.clock import START, ManualClock
from tests.support.shop import WHOLE
from tests.support.shop_faults import ShopDown
from tests.support.shop_fixtures import BAGHDAD, open_shop

carts = WHOLE["carts"]
product_sizes = WHOLE["product_sizes"]
settings = WHOLE["settings"]
users = WHOLE["users"]

SOON = timedelta(milliseconds=50)


@pytest.fixture
async def hasty(shop_url: str, clock: ManualClock, events: Events) -> AsyncIterator[Shop]:
    """A shop that hardly waits for other programs' locks; a second is the least that a server knows."""
    hasty = open_shop(shop_url, clock, events, busy_timeout=SOON)
    yield hasty
    await hasty.close()


async def name_users(connection: AsyncConnection, name: str) -> None:
    await connection.execute(update(users).values(name=name))


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
        ("mysql://shop:hunter2@db", "without a host or a database"),
        ("mysql:///parana_kids", "without a host or a database"),
        ("mysql+pymysql://shop:hunter2@db/x", "a mysql: URL"),
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


async def test_outage_is_told_once_and_its_end_once(shop: Shop, shop_down: ShopDown, told: list[Event]) -> None:
    await t.make_user(shop)
    with shop_down():
        for _ in range(2):
            with pytest.raises(ShopUnreachable, match=r"there is no file|no connection"):
                await t.make_user(shop)
    for _ in range(2):
        await t.make_user(shop)
    assert [ShopLost, ShopReturned] == [type(event) for event in told]
    assert 3 == await t.count(shop, users)


async def test_lock_of_another_program_is_busy_and_told_once(shop: Shop, hasty: Shop, told: list[Event]) -> None:
    user = await t.make_user(shop, name="قبل")
    async with shop.transaction() as holder:
        await lock_row(holder, users, user)
        for _ in range(2):
            with pytest.raises(ShopBusy, match="another program"):
                async with hasty.transaction() as connection:
                    await name_users(connection, "أثناء")
    await hasty.in_transaction(lambda connection: name_users(connection, "بعد"))
    assert ["بعد"] == await names(hasty)
    assert [ShopLost, ShopReturned] == [type(event) for event in told]


async def test_transaction_is_tried_again_when_the_lock_comes_free(
    shop: Shop, shop_url: str, clock: ManualClock, events: Events, told: list[Event]
) -> None:
    user = await t.make_user(shop)
    held, lost = asyncio.Event(), asyncio.Event()

    async def pause(_: int) -> None:
        lost.set()
        await holding

    async def hold() -> None:
        async with shop.transaction() as holder:
            await lock_row(holder, users, user)
            held.set()
            await lost.wait()

    hasty = open_shop(shop_url, clock, events, busy_timeout=SOON, pause=pause)
    holding = asyncio.ensure_future(hold())
    await held.wait()
    await hasty.in_transaction(lambda connection: name_users(connection, "نور"))
    assert (["نور"], []) == (await names(hasty), told)
    await hasty.close()


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

    assert BUSY_TRIES == await shop.in_transaction(work)
    assert [f"0{BUSY_TRIES}"] == await names(shop)


async def test_nothing_is_overwritten_that_another_connection_wrote(shop: Shop, shop_url: str) -> None:
    size = await t.make_size(shop, quantity=0)
    other = open_shop(shop_url, ManualClock(), Events())

    async def add_one(connection: AsyncConnection) -> None:
        await lock_row(connection, product_sizes, size)
        before = (await connection.execute(select(product_sizes.c.quantity))).scalar_one()
        await asyncio.sleep(0)
        await connection.execute(update(product_sizes).values(quantity=before + 1))

    await asyncio.gather(*(each.in_transaction(add_one) for each in (shop, other) for _ in range(10)))
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
        await shop.in_transaction(fail)
    async with shop.transaction(dry_run=True) as connection:
        await name_users(connection, "تجربة")
    await shop.in_transaction(lambda connection: name_users(connection, "تجربة"), dry_run=True)
    assert ["قبل"] == await names(shop)


async def test_savepoint_fails_alone(shop: Shop) -> None:
    async def work(connection: AsyncConnection) -> None:
        await connection.execute(insert(users).values(name="قبل", password="x"))
        with suppress(ShopBadRow):
            async with shop.savepoint(connection):
                await connection.execute(insert(users).values(name="خطأ", password="x"))
                await connection.execute(insert(users).values(name="خطأ", password="x", role="no such role"))
        await connection.execute(insert(users).values(name="بعد", password="x"))

    await shop.in_transaction(work)
    assert ["قبل", "بعد"] == await names(shop)


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
    with pytest.raises(DBAPIError):
        async with shop.transaction() as connection:
            await connection.exec_driver_sql("SELECT FROM")
    assert [] == told


async def test_error_holds_no_value_of_the_row(shop: Shop) -> None:
    await t.set_setting(shop, "alwaseet_password", "x")
    with pytest.raises(ShopBadRow) as refused:
        async with shop.transaction() as connection:
            await connection.execute(insert(settings).values(key="alwaseet_password", value="hunter2"))
    assert "hunter2" not in f"{refused.value} {refused.value.__cause__}"


@pytest.mark.parametrize("sign", [1, -1])
async def test_server_clock_may_be_ten_minutes_off(
    shop: Shop, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, sign: int
) -> None:
    async def server_now(_: AsyncConnection) -> datetime:
        return START + sign * timedelta(minutes=10)

    monkeypatch.setattr(shop.database, "server_now", server_now)
    await shop.check_clock()
    clock.step(-sign * timedelta(seconds=1))
    with pytest.raises(ShopClockOff, match="601 s apart"):
        await shop.check_clock()


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
    both = [await t.make_user(shop, name="قبل") for _ in range(2)]

    async def work() -> None:
        async with shop.transaction() as connection:
            for user in both:
                await connection.execute(update(users).where(users.c.id == user).values(name="بعد"))

    running = asyncio.ensure_future(work())
    for _ in range(steps):
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])
    assert await names(shop) in (["قبل", "قبل"], ["بعد", "بعد"])
    await t.make_user(shop)
    assert 0 == t.in_use(shop)


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
    assert 0 == t.in_use(shop)


async def test_transaction_that_has_begun_is_finished(shop: Shop) -> None:
    await t.make_user(shop, name="قبل")

    async def work(connection: AsyncConnection) -> None:
        running.cancel()
        async with connection.begin_nested():
            await name_users(connection, "بعد")

    running = asyncio.ensure_future(shop.in_transaction(work))
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (["بعد"], 0) == (await names(shop), t.in_use(shop))


async def test_zone_of_the_configuration_rules(shop_url: str, clock: ManualClock) -> None:
    shop = Shop(shop_url, ZoneInfo("UTC"), clock, Events())
    cart = await t.make_cart(shop, expires_in=timedelta(0))
    assert START.replace(tzinfo=None) == await t.value_of(shop, carts, cart, "expires_at")
    await shop.close()
