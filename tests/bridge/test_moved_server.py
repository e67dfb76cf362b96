"""The shop's server has moved while the old one stays up, read-only: orders are taken from the new one."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from paranad.events.event import Event, Events
from paranad.shop.database import Shop
from tests.support.bridge import BridgeHarness
from tests.support.clock import ManualClock
from tests.support.mariadb import Address, MariaDb, running_server
from tests.support.payloads import create_shipment
from tests.support.shop_fixtures import open_shop

pytestmark = pytest.mark.xdist_group("another server")  # or each worker would install and start one


@pytest.fixture(scope="module")
def new_server(mariadb: MariaDb) -> Iterator[MariaDb]:
    with running_server() as server:
        yield server


@pytest.fixture
def address(mariadb: MariaDb, new_server: MariaDb, tmp_path: Path) -> Iterator[Address]:
    for server in (mariadb, new_server):
        server.empty_database("shop")
    yield Address(tmp_path / "shop.sock", mariadb)
    mariadb.query("SET GLOBAL read_only = OFF")


@pytest.fixture
async def shop(address: Address, clock: ManualClock, events: Events) -> AsyncIterator[Shop]:
    shop = open_shop(address.url("shop"), clock, events)
    yield shop
    await shop.close()


@pytest.fixture
async def new_order(address: Address, new_server: MariaDb, clock: ManualClock) -> None:
    """Put a row into the new server's `jobs`, as the shop that has moved does."""
    now_s = int(clock.now().timestamp())
    payload = create_shipment(7).replace("\\", "\\\\").replace("'", "''")
    columns = "(queue, payload, attempts, reserved_at, available_at, created_at)"
    new_server.query(f"INSERT INTO jobs {columns} VALUES ('default', '{payload}', 0, NULL, {now_s}, {now_s})", "shop")


@pytest.mark.usefixtures("new_order")
async def test_idle_daemon_takes_the_new_server_s_orders_within_a_minute(
    harness: BridgeHarness, address: Address, mariadb: MariaDb, new_server: MariaDb
) -> None:
    await harness.look()
    mariadb.query("SET GLOBAL read_only = ON")
    address.lead_to(new_server)
    for _ in range(12):
        await harness.look()
        await harness.clock.advance(5)
    assert [7] == [args["order_id"] for args in await harness.args()]
    assert ["0"] == new_server.query("SELECT COUNT(*) FROM jobs", "shop")


@pytest.mark.usefixtures("new_order")
async def test_order_that_the_old_server_will_not_give_away_waits_there_and_the_new_one_s_is_taken(
    harness: BridgeHarness, address: Address, mariadb: MariaDb, new_server: MariaDb, told: list[Event]
) -> None:
    await harness.look()
    await harness.put(create_shipment(6, uuid="6"))
    mariadb.query("SET GLOBAL read_only = ON")
    address.lead_to(new_server)
    await harness.look()
    await harness.look()
    assert [7] == [args["order_id"] for args in await harness.args()]
    assert ["1"] == mariadb.query("SELECT COUNT(*) FROM jobs", "shop")
    assert ["shop.lost", "shop.returned"] == [event.name for event in told if event.name.startswith("shop.")]
