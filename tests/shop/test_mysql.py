"""The shop on a server: what only a server can do to its clients."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from paranad.clock import SystemClock
from paranad.events.event import Event, Events
from paranad.events.shop import ShopLost, ShopReturned
from paranad.shop import mysql
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import (
    ShopBadRow,
    ShopBusy,
    ShopClockOff,
    ShopNotGranted,
    ShopReadOnly,
    ShopUnexpectedSchema,
    ShopUnreachable,
)
from paranad.shop.mysql_errors import explain
from paranad.shop.statements import lock_row
from tests.support import shop as t
from tests.support.clock import ManualClock
from tests.support.mariadb import PASSWORD, MariaDb
from tests.support.shop import WHOLE
from tests.support.shop_fixtures import BAGHDAD, open_shop

alwaseet_shipments = WHOLE["alwaseet_shipments"]
carts = WHOLE["carts"]
product_links = WHOLE["product_links"]
products = WHOLE["products"]
settings = WHOLE["settings"]
users = WHOLE["users"]

ARABIC = "قميص أطفال ٤ سنوات 👶🏽 ـ «عرض» \\ ' \" %s \x00\n"
SOON = timedelta(milliseconds=50)

Open = Callable[..., Shop]


@pytest.fixture
def shop_url(mariadb: MariaDb) -> str:
    return mariadb.empty_database("shop")


@pytest.fixture
async def at(clock: ManualClock) -> AsyncIterator[Open]:
    """Return the function that opens the shop at a URL."""
    opened: list[Shop] = []

    def open_at(url: str, **options: Any) -> Shop:
        opened.append(Shop(url, BAGHDAD, clock, Events(), **options))
        return opened[-1]

    yield open_at
    for each in opened:
        await each.close()


async def ask(shop: Shop, statement: str) -> Any:
    async with shop.read() as connection:
        return (await connection.execute(text(statement))).scalar()


async def hang(connection: AsyncConnection) -> None:
    await connection.execute(text("SELECT 1 FROM information_schema.schemata WHERE SLEEP(20)"))


async def rename(connection: AsyncConnection, *user_ids: int, name: str) -> None:
    for user_id in user_ids:
        await lock_row(connection, users, user_id)
    await connection.execute(update(users).where(users.c.id.in_(user_ids)).values(name=name))


async def test_text_of_every_kind_comes_back_as_it_was(shop: Shop) -> None:
    user = await t.make_user(shop, name=ARABIC)
    assert ARABIC == await t.value_of(shop, users, user, "name")
    assert [user] == [row["id"] for row in await t.rows(shop, users, name=ARABIC)]


async def test_json_money_flags_and_times_come_back_as_they_were(shop: Shop) -> None:
    filters = {"اسم": ["أ/ب", None, 1.5]}
    link = await t.make_link(shop, age=t.HOUR, filters=filters, has_discount=True)
    row = await t.row(shop, product_links, link)
    assert (filters, True, shop.now() - t.HOUR) == (row["filters"], row["has_discount"], row["created_at"])
    product = await t.make_product(shop, selling_price="25000.505")
    assert "25000.51" == str(await t.value_of(shop, products, product, "selling_price"))


async def test_session_is_as_the_shops_php_has_it(shop: Shop, mariadb: MariaDb) -> None:
    [of_the_server] = mariadb.query("SELECT @@global.time_zone, @@global.sql_mode, @@global.tx_isolation")
    async with shop.read() as connection:
        names = "SELECT @@time_zone, @@sql_mode, @@tx_isolation, @@collation_connection, @@character_set_client"
        *session, collation, charset = (await connection.execute(text(names))).one()
    assert of_the_server.split("\t") == session
    assert ("utf8mb4_unicode_ci", "utf8mb4") == (collation, charset)
    assert "STRICT" in session[1]


@pytest.mark.parametrize("zone", ["+03:00", "+00:00", "-11:00"])
async def test_wall_clock_is_the_same_text_in_every_zone_of_the_server(
    shop_url: str, mariadb: MariaDb, at: Open, zone: str
) -> None:
    mariadb.query(f"SET GLOBAL time_zone = '{zone}'")
    try:
        shop = at(shop_url)
        cart = await t.make_cart(shop, expires_in=timedelta(0))
        assert shop.now() == await t.value_of(shop, carts, cart, "expires_at")
        stored = f"SELECT CAST(expires_at AS CHAR) FROM carts WHERE id = {cart} AND expires_at = '{shop.now()}'"
        assert [str(shop.now())] == mariadb.query(stored, "shop")
    finally:
        mariadb.query("SET GLOBAL time_zone = '+03:00'")


async def test_servers_clock_is_compared_whatever_its_zone(shop_url: str, at: Open) -> None:
    shop = Shop(shop_url, BAGHDAD, SystemClock(), Events())
    await shop.check_clock()
    await shop.close()
    behind = at(shop_url)
    with pytest.raises(ShopClockOff):
        await behind.check_clock()


@pytest.mark.parametrize("charset", ["latin1", "utf8mb3"])
async def test_database_in_another_character_set_refuses_the_row_it_cannot_hold(
    mariadb: MariaDb, at: Open, charset: str
) -> None:
    url = mariadb.make_database("other")
    mariadb.query(f"ALTER TABLE users MODIFY name VARCHAR(255) CHARACTER SET {charset} NOT NULL", "other")
    shop = at(url)
    await t.make_user(shop, name="Ali")
    with pytest.raises(ShopBadRow, match=r"character set \(name\)"):
        await t.make_user(shop, name=ARABIC)
    assert ["Ali"] == [user["name"] for user in await t.rows(shop, users)]


async def test_ids_that_differ_in_case_alone_are_one_for_the_server(shop: Shop) -> None:
    await t.make_shipment(shop, alwaseet_order_id="a1")
    with pytest.raises(ShopBadRow, match="UNIQUE"):
        await t.make_shipment(shop, alwaseet_order_id="A1")
    [row] = await t.rows(shop, alwaseet_shipments, alwaseet_order_id="A1")
    assert "a1" == row["alwaseet_order_id"]


async def test_setting_written_again_with_its_own_value_is_not_doubled(shop: Shop) -> None:
    for _ in range(2):
        await t.set_setting(shop, "alwaseet_token", "@@t")
    assert 1 == await t.count(shop, settings)


async def test_server_that_restarts_is_found_again(
    shop_url: str, mariadb: MariaDb, clock: ManualClock, events: Events, told: list[Event]
) -> None:
    shop = open_shop(shop_url, clock, events)
    await t.make_user(shop)
    mariadb.stop()
    mariadb.start()
    await t.make_user(shop)
    assert (2, []) == (await t.count(shop, users), told)
    await shop.close()


async def test_connection_killed_in_a_transaction_undoes_it_and_the_next_is_sound(
    shop: Shop, mariadb: MariaDb, told: list[Event]
) -> None:
    user = await t.make_user(shop, name="قبل")

    async def work(connection: AsyncConnection) -> None:
        await rename(connection, user, name="أثناء")
        mariadb.query(f"KILL {(await connection.execute(text('SELECT CONNECTION_ID()'))).scalar()}")
        await rename(connection, user, name="أثناء")

    with pytest.raises(ShopUnreachable, match="connection was lost"):
        await shop.in_transaction(work)
    assert "قبل" == await t.value_of(shop, users, user, "name")
    assert [ShopLost, ShopReturned] == [type(event) for event in told]


async def test_idle_connections_that_were_killed_are_replaced_unnoticed(shop: Shop, mariadb: MariaDb) -> None:
    await asyncio.gather(*(t.make_user(shop) for _ in range(4)))
    for connection in mariadb.query("SELECT id FROM information_schema.processlist WHERE user = 'shop'"):
        mariadb.query(f"KILL {connection}")
    assert 4 == await t.count(shop, users)


async def test_statement_interrupted_on_the_server_is_an_outage(shop: Shop, mariadb: MariaDb) -> None:
    kill = "SET STATEMENT lock_wait_timeout = 5 FOR KILL QUERY USER shop"
    asyncio.get_running_loop().call_later(0.1, mariadb.query, kill)
    with pytest.raises(ShopUnreachable, match="interrupted"):
        await shop.in_transaction(hang)


async def test_read_only_server_is_an_outage_of_writing_alone(shop: Shop, mariadb: MariaDb, told: list[Event]) -> None:
    await t.make_user(shop)
    mariadb.query("SET GLOBAL read_only = ON")
    try:
        for _ in range(2):
            with pytest.raises(ShopReadOnly):
                await t.make_user(shop)
            assert 1 == await t.count(shop, users)
    finally:
        mariadb.query("SET GLOBAL read_only = OFF")
    await t.make_user(shop)
    assert [ShopLost, ShopReturned] == [type(event) for event in told]


@pytest.fixture
def reader_url(mariadb: MariaDb, shop_url: str) -> Iterator[str]:
    """The shop's URL for an account that may read alone."""
    mariadb.query("CREATE USER reader@localhost IDENTIFIED BY 'hunter2'; GRANT SELECT ON shop.* TO reader@localhost")
    yield mariadb.url("shop", password="hunter2").replace("//shop:", "//reader:")
    mariadb.query("DROP USER reader@localhost")


async def test_missing_right_is_told_once_and_healed_once_though_other_statements_go_through(
    reader_url: str, mariadb: MariaDb, clock: ManualClock, events: Events, told: list[Event]
) -> None:
    shop = open_shop(reader_url, clock, events)
    for _ in range(2):
        assert 0 == await t.count(shop, users)
        async with shop.transaction() as connection:
            await lock_row(connection, users, 1)
        with pytest.raises(ShopNotGranted) as refused:
            await t.make_user(shop)
    assert str(refused.value).endswith("it does not allow the user of [shop] database_url INSERT on users; grant it")
    assert not [secret for secret in ("hunter2", "reader", "localhost") if secret in str(refused.value)]
    mariadb.query("GRANT INSERT ON shop.* TO reader@localhost")
    await t.make_user(shop)
    assert [ShopLost, ShopReturned] == [type(event) for event in told]
    await shop.close()


async def test_missing_right_behind_a_savepoint_ends_the_whole_transaction(at: Open, reader_url: str) -> None:
    shop = at(reader_url)

    async def work(connection: AsyncConnection) -> None:
        async with shop.savepoint(connection):
            await rename(connection, 1, name="نور")

    with pytest.raises(ShopNotGranted, match="UPDATE on users"):
        await shop.in_transaction(work)
    assert 0 == await t.count(shop, users)


@pytest.mark.parametrize(
    ("statement", "right"),
    [
        ("UPDATE jobs SET attempts = 'hunter2'", "UPDATE on jobs"),
        ("DROP TABLE jobs", "DROP on jobs"),
        ("SELECT user FROM mysql.user", "SELECT on user"),
        ("SET GLOBAL read_only = 0", "READ_ONLY ADMIN"),
        ("SELECT sys.version_major()", "EXECUTE on version_major"),
    ],
)
async def test_missing_right_is_named(at: Open, reader_url: str, statement: str, right: str) -> None:
    with pytest.raises(ShopNotGranted) as refused:
        await ask(at(reader_url), statement)
    assert str(refused.value).endswith(f"it does not allow the user of [shop] database_url {right}; grant it")


async def test_missing_right_to_a_column_is_named(at: Open, reader_url: str, mariadb: MariaDb) -> None:
    mariadb.query("REVOKE ALL, GRANT OPTION FROM reader@localhost; GRANT SELECT (id) ON shop.users TO reader@localhost")
    with pytest.raises(ShopNotGranted, match=r"database_url SELECT \(email\) on users; grant it"):
        await ask(at(reader_url), "SELECT id, email FROM users")


@pytest.mark.parametrize(
    "said", ["UPDATE command denied to user 'a'@'b' for table 'jobs'", "Ein anderes Wort für 'a'@'b'"]
)
def test_other_servers_words_for_a_missing_right_show_no_user(said: str) -> None:
    error = DBAPIError("UPDATE jobs SET attempts = 1", None, Exception(1142, said))
    explained = explain(error, "h:3306")
    assert isinstance(explained, ShopNotGranted)
    assert ("UPDATE jobs SET", False) == (explained.statement, "'a'" in str(explained))


@pytest.mark.parametrize(
    ("name", "password", "reason"),
    [
        ("shop", "hunter2", "refused the user or the password"),
        ("shop", "hunter2", "in a password there, @ : / # [?] % are written %40 %3A %2F %23 %3F %25"),
        ("no_such", PASSWORD, 'does not allow the user of .* to use the database "no_such"; correct'),
    ],
)
async def test_account_or_database_that_is_wrong_is_named_without_the_secret(
    mariadb: MariaDb, shop_url: str, at: Open, name: str, password: str, reason: str
) -> None:
    with pytest.raises(ShopUnreachable, match=reason) as refused:
        await t.make_user(at(mariadb.url(name, password=password)))
    shown = f"{refused.value!r} {refused.value} {refused.value.__cause__}"
    assert not [secret for secret in ("hunter2", PASSWORD, "mysql://") if secret in shown]


@pytest.mark.parametrize("name", ["shop", "no_such"])
async def test_cure_names_where_the_address_is_set(mariadb: MariaDb, shop_url: str, at: Open, name: str) -> None:
    place = "credential shop_database_url (/etc/paranad/credentials/shop/database_url)"
    url = mariadb.url(name, password="hunter2" if name == "shop" else PASSWORD)
    with pytest.raises(ShopUnreachable) as refused:
        await t.make_user(at(url, setting=place))
    assert f"; correct {place} and restart the daemon" in str(refused.value)


async def test_database_that_is_not_there_is_named(mariadb: MariaDb, at: Open) -> None:
    with pytest.raises(ShopUnreachable, match='it has no database "no_such"; correct'):
        await t.make_user(at(mariadb.url("no_such", password="").replace("//shop:", "//root:")))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (
            "mysql://shop:hunter2@127.0.0.1:1/x",
            "127.0.0.1:1: no connection: Connection refused: nothing listens there",
        ),
        (
            "mysql://shop:hunter2@localhost:1/x",
            "localhost:1: no connection: Connection refused: nothing listens there",
        ),
        ("mysql://shop:hunter2@no.such.host.invalid/x", "no.such.host.invalid:3306: no connection"),
        ("mysql://shop:hunter2@localhost/x?unix_socket=/nowhere", "socket /nowhere: no connection: No such"),
    ],
)
async def test_server_that_is_not_there_is_named(at: Open, url: str, reason: str) -> None:
    with pytest.raises(ShopUnreachable) as refused:
        await t.make_user(at(url))
    assert reason in str(refused.value)
    assert "hunter2" not in f"{refused.value!r} {refused.value} {refused.value.__cause__}"


async def test_account_is_let_in_without_a_restart_once_it_is_put_right(mariadb: MariaDb, shop: Shop) -> None:
    await t.make_user(shop)
    mariadb.query("ALTER USER shop@localhost IDENTIFIED BY 'another'")
    for connection in mariadb.query("SELECT id FROM information_schema.processlist WHERE user = 'shop'"):
        mariadb.query(f"KILL {connection}")
    with pytest.raises(ShopUnreachable, match="refused the user or the password"):
        await t.make_user(shop)
    mariadb.query(f"ALTER USER shop@localhost IDENTIFIED BY '{PASSWORD}'")
    await t.make_user(shop)
    assert 2 == await t.count(shop, users)


async def test_missing_column_is_named_and_heals(mariadb: MariaDb, at: Open) -> None:
    shop = at(mariadb.make_database("other"))
    mariadb.query("ALTER TABLE carts RENAME COLUMN expires_at TO expired_at", "other")
    with pytest.raises(ShopUnexpectedSchema, match=r'no column "(carts\.)?expires_at"'):
        await t.rows(shop, carts)
    mariadb.query("ALTER TABLE carts RENAME COLUMN expired_at TO expires_at", "other")
    assert [] == await t.rows(shop, carts)


async def test_deadlock_is_repeated_until_both_are_done(shop: Shop, shop_url: str, at: Open) -> None:
    one, two = await t.make_user(shop), await t.make_user(shop)
    other, met = at(shop_url), asyncio.Barrier(2)
    tries = 0

    async def work(connection: AsyncConnection, first: int, second: int) -> None:
        nonlocal tries
        tries += 1
        await lock_row(connection, users, first)
        if tries <= 2:
            await met.wait()
        async with shop.savepoint(connection):
            await rename(connection, second, name="نور")

    await asyncio.gather(
        shop.in_transaction(lambda connection: work(connection, one, two)),
        other.in_transaction(lambda connection: work(connection, two, one)),
    )
    assert (3, ["نور", "نور"]) == (tries, [user["name"] for user in await t.rows(shop, users)])


async def test_table_that_is_being_altered_is_busy(shop: Shop, shop_url: str, at: Open) -> None:
    hasty = at(shop_url, busy_timeout=SOON)
    async with shop.read() as reader:
        await reader.execute(select(users.c.id))
        with pytest.raises(ShopBusy, match="lock"):
            async with hasty.transaction() as connection:
                await connection.execute(text("ALTER TABLE users ADD COLUMN more INT"))


async def test_unknown_function_is_a_defect_not_a_deadlock(shop: Shop) -> None:
    with pytest.raises(DBAPIError):
        await ask(shop, "SELECT no_such_function()")


@dataclass(frozen=True)
class Silence:
    """Stops a server process where it stands: its connections stay, and nothing answers."""

    pid: int

    def begin(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)
        os.waitpid(self.pid, os.WUNTRACED)

    def end(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


@pytest.fixture
def silence(mariadb: MariaDb) -> Iterator[Silence]:
    assert mariadb.process is not None
    silence = Silence(mariadb.process.pid)
    yield silence
    silence.end()


async def test_cancelled_read_ends_at_once_though_the_server_is_silent(shop: Shop, silence: Silence) -> None:
    await t.make_user(shop)
    silence.begin()
    with anyio.fail_after(5), anyio.move_on_after(0.1) as asked:
        await t.count(shop, users)
    assert asked.cancelled_caught
    silence.end()
    assert 1 == await t.count(shop, users)


async def test_silent_server_is_given_up(
    shop_url: str, at: Open, silence: Silence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql, "ANSWER_TIMEOUT", timedelta(seconds=0.2))
    shop = at(shop_url)
    await t.make_user(shop)
    silence.begin()
    with anyio.fail_after(5), pytest.raises(ShopUnreachable, match="did not answer in time"):
        await t.make_user(shop)
    silence.end()
    await t.make_user(shop)


@pytest.mark.parametrize("steps", range(0, 40, 3))
async def test_read_cancelled_anywhere_leaves_no_connection_in_use(shop: Shop, steps: int) -> None:
    async def read() -> None:
        async with shop.read() as connection:
            for number in (1, 2):
                assert number == (await connection.execute(text(f"SELECT {number}"))).scalar()

    reading = asyncio.ensure_future(read())
    for _ in range(steps):
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait([reading])
    assert [3] * 8 == await asyncio.gather(*(ask(shop, "SELECT 3") for _ in range(8)))


async def test_more_work_than_connections_waits_its_turn(shop: Shop, mariadb: MariaDb) -> None:
    await asyncio.gather(*(t.make_user(shop) for _ in range(20)))
    used = mariadb.query("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'shop'")
    assert (20, [str(mysql.CONNECTIONS)]) == (await t.count(shop, users), used)


async def test_close_leaves_no_connection(shop_url: str, mariadb: MariaDb, clock: ManualClock) -> None:
    shop = open_shop(shop_url, clock, Events())
    await t.make_user(shop)
    await shop.close()
    assert [] == mariadb.query("SELECT id FROM information_schema.processlist WHERE user = 'shop'")


async def test_close_is_no_error_where_the_server_has_gone(shop: Shop, mariadb: MariaDb) -> None:
    await shop.poll(select(users.c.id), {})
    mariadb.stop()
    await shop.close()
    mariadb.start()


async def test_no_error_of_the_server_shows_a_value(shop: Shop) -> None:
    user = await t.make_user(shop, email="hunter2@example.com")
    with pytest.raises(ShopBadRow) as refused:
        await t.make_user(shop, email="HUNTER2@example.com")
    assert "the shop's database refused a row: UNIQUE: another row has this value (users_email_unique)" == str(
        refused.value
    )
    written = f"UPDATE users SET created_at = 'hunter2 for column `x`' WHERE id = {user}"
    with pytest.raises(ShopBadRow) as refused:
        await shop.in_transaction(lambda connection: connection.exec_driver_sql(written))
    assert str(refused.value).endswith("cannot be read (created_at)")


async def test_server_now_is_an_aware_instant(shop_url: str, at: Open) -> None:
    shop = at(shop_url)
    async with shop.read() as connection:
        now = await shop.database.server_now(connection)
    assert now is not None
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)
