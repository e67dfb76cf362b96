"""The shop's server has moved: its address leads to a new one, while the old one stays up."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from paranad.events.event import Events
from paranad.shop.connections import AsyncConnection
from paranad.shop.database import Shop
from paranad.shop.errors import ShopServerReadOnly, ShopUnreachable
from tests.support import shop as t
from tests.support.clock import ManualClock
from tests.support.mariadb import Address, MariaDb, running_server
from tests.support.shop import WHOLE
from tests.support.shop_fixtures import open_shop

users = WHOLE["users"]

NAMES = select(users.c.name).order_by(users.c.id)
CONNECTIONS_OF_SHOP = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'shop'"


pytestmark = pytest.mark.xdist_group("another server")  # or each worker would install and start one


@pytest.fixture(scope="module")
def new_server(mariadb: MariaDb) -> Iterator[MariaDb]:
    with running_server() as server:
        yield server


@pytest.fixture
def address(mariadb: MariaDb, new_server: MariaDb, tmp_path: Path) -> Address:
    """The shop's address, which leads to the old server; on the new one the only user is called `new`."""
    for server in (mariadb, new_server):
        server.empty_database("shop")
    new_server.query("INSERT INTO users (name, email, password) VALUES ('new', 'n', '')", "shop")
    return Address(tmp_path / "shop.sock", mariadb)


@pytest.fixture
async def shop(address: Address, clock: ManualClock, events: Events) -> AsyncIterator[Shop]:
    shop = open_shop(address.url("shop"), clock, events)
    await t.make_user(shop, name="old")
    await look(shop)
    async with shop.read() as one, shop.read() as another:  # what is kept open from here on
        await one.execute(NAMES)
        await another.execute(NAMES)
    yield shop
    await shop.close()


@pytest.fixture
def old_is_read_only(mariadb: MariaDb) -> Iterator[None]:
    yield
    mariadb.query("SET GLOBAL read_only = OFF")


async def look(shop: Shop) -> list[str]:
    """Look as the bridge does, on the connection that it keeps."""
    return [name for (name,) in await shop.poll(NAMES, {})]


async def read(shop: Shop) -> list[str]:
    async with shop.read() as connection:
        return list((await connection.execute(NAMES)).scalars())


@pytest.mark.usefixtures("old_is_read_only")
async def test_change_that_the_old_server_refuses_goes_to_the_new_one_next(
    shop: Shop, address: Address, mariadb: MariaDb, new_server: MariaDb
) -> None:
    mariadb.query("SET GLOBAL read_only = ON")
    address.lead_to(new_server)
    with pytest.raises(ShopServerReadOnly):
        await t.make_user(shop, name="mine")
    assert ["new"] == await look(shop), "no connection to the old one is used again"
    await t.make_user(shop, name="mine")
    assert ["new", "mine"] == await read(shop)
    assert ["0"] == mariadb.query(CONNECTIONS_OF_SHOP)


async def test_idle_daemon_finds_the_new_server_within_a_minute(
    shop: Shop, address: Address, clock: ManualClock, new_server: MariaDb
) -> None:
    """Nothing goes wrong on the old one: it answers every look, and what is new is not there."""
    address.lead_to(new_server)
    assert ["old"] == await look(shop)
    for _ in range(6):
        await clock.advance(10)
        await look(shop)
    assert ["new"] == await look(shop)
    assert ["new"] == await read(shop)


async def test_new_server_is_found_though_the_wall_clock_stands_still(
    shop: Shop, address: Address, clock: ManualClock, new_server: MariaDb
) -> None:
    address.lead_to(new_server)
    before = clock.now()
    await clock.advance(60)
    clock.step(before - clock.now())
    await look(shop)
    assert ["new"] == await read(shop)


async def _killed(server: MariaDb, connection: AsyncConnection) -> None:
    server.query(f"KILL {(await connection.exec_driver_sql('SELECT CONNECTION_ID()')).scalar_one()}")
    await connection.execute(NAMES)


async def test_connection_that_is_lost_leads_all_others_to_the_new_server(
    shop: Shop, address: Address, mariadb: MariaDb, new_server: MariaDb
) -> None:
    address.lead_to(new_server)
    async with shop.read() as under_way:
        await under_way.execute(NAMES)
        with pytest.raises(ShopUnreachable):
            await shop.in_transaction(partial(_killed, mariadb))
        assert ["old"] == list((await under_way.execute(NAMES)).scalars()), "what has begun is not disturbed"
    assert (["new"], ["new"]) == (await look(shop), await read(shop))


async def test_connection_that_serves_is_not_opened_for_every_look(shop: Shop, mariadb: MariaDb) -> None:
    for _ in range(10):
        await look(shop)
        await read(shop)
    [count] = mariadb.query(CONNECTIONS_OF_SHOP)
    assert int(count) <= 3
