"""A shop on a cluster, several daemons, a courier on bad days; orders come in, then all books are compared."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from paranad.catalogue import SCHEDULE
from paranad.clock import SystemClock
from paranad.events.event import Events
from paranad.sandbox.books import SandboxOrder
from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_shipments, jobs, orders
from paranad.standby.table import MYSQL_SQL
from tests.standby.courier import BadDays
from tests.standby.keeper import Keeper
from tests.support.galera import DATABASE, Cluster, Node
from tests.support.network import COURIER, Site
from tests.support.payloads import create_shipment
from tests.support.shipping import SETTINGS
from tests.support.shop import WHOLE, make_cart, make_product, make_size, set_setting

ZONE = ZoneInfo("Asia/Baghdad")
PHONES = 7700000000
"""The first order's phone; each order has one of its own."""
WITNESS_S = 3.0
WRONG_S = (0.0, 20.0, -20.0)
"""How far the wall clocks of the machines are wrong."""
STATEMENT_S = 5.0
"""How long a node may take with an order before the next one is asked."""


@dataclass(frozen=True, slots=True)
class Books:
    """What became of the orders, by the courier's own books, the shop's rows and the daemons' journals."""

    orders: int
    doubled: list[int]
    """Orders with more than one parcel at the courier."""
    lost: list[int]
    """Orders with no parcel that nobody holds for a person."""
    held: dict[int, str]
    """Orders that wait for a person, and why."""
    unlinked: list[int]
    """Orders whose parcel the shop does not know, and that are not held."""
    over_rate: int
    """Requests that the courier refused for coming too fast."""

    def __str__(self) -> str:
        codes = ", ".join(f"{code} {count}" for code, count in Counter(self.held.values()).most_common())
        return (
            f"{self.orders} orders: {len(self.doubled)} doubled, {len(self.lost)} lost,"
            f" {len(self.held)} held{f' ({codes})' if codes else ''}, {len(self.unlinked)} unknown to the shop,"
            f" {self.over_rate} requests over the rate"
        )


@dataclass(eq=False)
class World:
    """Everything of one test; `daemons` are kept alive as systemd would."""

    folder: Path
    sites: Sequence[Site]
    cluster: Cluster
    courier: BadDays
    random: Random
    courier_host: str
    pace: float = 1.0
    daemons: list[Keeper] = field(default_factory=list)
    order_ids: list[int] = field(default_factory=list)
    made: dict[str, list[float]] = field(default_factory=dict)
    """When parcels were made, by their phone."""
    shops: dict[str, Shop] = field(default_factory=dict)
    product_id: int = 0
    size_id: int = 0
    cart_id: int = 0

    async def furnish(self) -> None:
        """Put into the empty shop what every order needs."""
        shop = self.shop(self.cluster.nodes[0])
        account = {"alwaseet_username": self.courier.books.username, "alwaseet_password": self.courier.books.password}
        for key, value in {**SETTINGS, **account}.items():
            await set_setting(shop, key, value)
        self.product_id = await make_product(shop)
        self.size_id = await make_size(shop, product_id=self.product_id, quantity=1_000_000)
        self.cart_id = await make_cart(shop, status="completed")

    def shop(self, node: Node) -> Shop:
        if node.address not in self.shops:
            self.shops[node.address] = Shop(node.url, ZONE, SystemClock(), Events())
        return self.shops[node.address]

    def daemon(self, number: int, *, standby: bool = True, extra: str = "") -> Keeper:
        """Add the daemon of site *number*."""
        folder = self.folder / f"web-{number}"
        folder.mkdir()
        keeper = Keeper(
            f"web-{number}",
            folder,
            self.sites[number - 1],
            self.courier_host,
            self.pace,
            WRONG_S[number - 1] / self.pace,
        )
        keeper.config.write_text(self._configuration(keeper, self.node_of(keeper), extra, standby=standby))
        self.daemons.append(keeper)
        return keeper

    def node_of(self, daemon: Keeper) -> Node:
        """Return the node beside *daemon*, or the one server that there is."""
        nodes = self.cluster.nodes
        return nodes[self.sites.index(daemon.site)] if len(nodes) > 1 else nodes[0]

    def active(self) -> Keeper | None:
        """Return the daemon that took the lease last."""
        taken = [(heard.at_s, each) for each in self.daemons for heard in each.heard if heard.name == "lease.taken"]
        return max(taken, key=lambda one: one[0])[1] if taken else None

    async def is_safe(self, broken: Collection[Keeper]) -> bool:
        """Tell whether a daemon works, and one that is not *broken* stands by at a node that takes work."""
        active = self.active()
        if active is None or active in broken or active.last(*CHANGES) != "lease.taken":
            return False
        nodes = {each.name: self.node_of(each) for each in self.daemons}
        waiting = [each for each in self.daemons if each.last(*CHANGES) == "standby.waiting" and each not in broken]
        return any([nodes[each.name].process and await nodes[each.name].is_ready() for each in waiting])

    def say(self, line: object) -> None:
        """Note a line of the proof's own in its file."""
        with (self.folder / "proof").open("a") as file:
            file.write(f"{time.monotonic():.1f} {line}\n")

    async def begin(self, count: int) -> None:
        """Make the lease's table as its setup says, and start *count* daemons."""
        for number in range(1, count + 1):
            self.daemon(number)
        await self.cluster.nodes[0].query(MYSQL_SQL, DATABASE)
        for daemon in self.daemons:
            daemon.begin()

    async def order(self) -> int:
        """Let the shop take one order, and its job with it, at whichever node answers; return its id."""
        number = len(self.order_ids)
        while True:
            for node in self.random.sample(self.cluster.nodes, len(self.cluster.nodes)):
                if node.process is None:
                    continue
                try:
                    async with asyncio.timeout(STATEMENT_S):
                        order_id = await self._placed(self.shop(node), number) or await self._place(
                            self.shop(node), number
                        )
                except (Exception, TimeoutError):  # noqa: BLE001 - whatever is wrong there, another node is asked
                    continue
                self.order_ids.append(order_id)
                return order_id
            await asyncio.sleep(0.2)

    async def settled(self, patience_s: float) -> None:
        """Wait until every order is shipped and known to the shop, or held for a person; or no longer.

        The courier has good days from now on, and an order now and then shows that its lists are new.
        """
        self.courier.share = 0
        try:
            async with asyncio.timeout(patience_s):
                while (books := await self.books()).lost or books.unlinked:
                    await self.order()
                    await asyncio.sleep(WITNESS_S)
        except TimeoutError:
            pass

    def sent_twice(self) -> list[int]:
        """Return the orders that have more than one parcel at the courier."""
        return [order_id for order_id, count in self._parcels().items() if count > 1]

    async def books(self) -> Books:
        """Compare all books."""
        linked = await self._linked()
        held = {row[0]: str(row[1]) for daemon in self.daemons for row in daemon.query(HELD)}
        recorded = {row[0] for daemon in self.daemons for row in daemon.query(RECORDED)}
        held = {order_id: code for order_id, code in held.items() if order_id not in recorded | linked}
        counted = self._parcels()
        return Books(
            len(self.order_ids),
            self.sent_twice(),
            [order_id for order_id, count in counted.items() if not count and order_id not in held],
            held,
            [order_id for order_id in counted if order_id not in linked and order_id not in held],
            self.courier.over_rate,
        )

    def _parcels(self) -> dict[int, int]:
        """Return how many parcels each order has at the courier, each being the only one with its phone."""
        parcels = Counter(order.client_mobile for order in self.courier.orders.values())
        return {order_id: parcels[phone_of(number)] for number, order_id in enumerate(self.order_ids)}

    async def _linked(self) -> set[int]:
        """Return the orders whose parcel the shop knows, as any node says."""
        shipments = alwaseet_shipments
        wanted = select(shipments.c.order_id).where(shipments.c.order_id.is_not(None))
        while True:
            for node in self.cluster.nodes:
                if node.process is None:
                    continue
                try:
                    async with asyncio.timeout(STATEMENT_S), self.shop(node).read() as connection:
                        return set((await connection.execute(wanted)).scalars())
                except (Exception, TimeoutError):  # noqa: BLE001
                    continue
            await asyncio.sleep(0.2)

    async def _placed(self, shop: Shop, number: int) -> int | None:
        """Return the order of that *number* if it is there already: a node may have taken it and not said so."""
        async with shop.read() as connection:
            wanted = select(orders.c.id).where(orders.c.order_number == f"ORD-{number}")
            return (await connection.execute(wanted)).scalar_one_or_none()

    async def _place(self, shop: Shop, number: int) -> int:
        now = int(time.time())
        stamps = {"created_at": shop.now(), "updated_at": shop.now()}
        async with shop.transaction() as connection:
            placed = await connection.execute(
                insert(WHOLE["orders"]).values(
                    order_number=f"ORD-{number}",
                    cart_id=self.cart_id,
                    customer_name="زينب حسن",
                    customer_phone="0" + phone_of(number)[4:],
                    customer_address="بغداد، الكرادة، قرب الجسر",
                    customer_social_link="instagram.com/zainab",
                    status="pending",
                    total_amount=25000,
                    **stamps,
                )
            )
            assert placed.inserted_primary_key is not None
            order_id = int(placed.inserted_primary_key[0])
            await connection.execute(
                insert(WHOLE["order_items"]).values(
                    order_id=order_id,
                    product_id=self.product_id,
                    product_name="قميص أطفال",
                    product_code="P1",
                    size_name="٤ سنوات",
                    size_id=self.size_id,
                    quantity=1,
                    unit_price=25000,
                    subtotal=25000,
                    **stamps,
                )
            )
            payload = create_shipment(order_id, uuid=f"00000000-0000-4000-8000-{order_id:012}")
            row = {"queue": "default", "payload": payload, "attempts": 0, "available_at": now, "created_at": now}
            await connection.execute(insert(jobs).values(**row))
        return order_id

    def _configuration(self, keeper: Keeper, node: Node, extra: str, *, standby: bool) -> str:
        off = "\n".join(f'[schedule."{name}"]\nenabled = false' for name in SCHEDULE)
        pace = self.pace
        return f"""
[daemon]
state_dir = "{keeper.folder / "state"}"
socket = "{keeper.socket}"
drain_timeout = "{60 / pace:.0f}s"
[shop]
database_url = "{node.url}"
laravel_queue = "on"
keep_rows = {str(standby).lower()}
[courier]
base_url = "{self.courier.base_url}"
rate_limit = "{RATE}/{30 / pace:.0f}s"
settle_time = "{180 / pace:.0f}s"
timeout = "{30 / pace:.0f}s"
[standby]
enabled = {str(standby).lower()}
name = "{keeper.name}"
[log]
level = "info"
format = "json"
{off}
{extra}
"""


RATE = 200
"""The courier's limit here, in the time in which it really allows 28: the limit is not what is measured."""
CHANGES = ("daemon.started", "lease.taken", "lease.lost", "lease.given_up", "standby.waiting")
HELD = "SELECT order_id, COALESCE(reason_code, 'held') FROM shipments WHERE state = 'held'"
RECORDED = "SELECT order_id FROM shipments WHERE state = 'recorded'"


def phone_of(number: int) -> str:
    return f"+964{PHONES + number}"


@asynccontextmanager
async def world_of(
    folder: Path, sites: Sequence[Site], cluster: Cluster, *, seed: int, share: float = 0.1, pace: float = 1.0
) -> AsyncIterator[World]:
    """Give a world whose shop is empty but for what an order needs; end its daemons afterwards."""
    await cluster.empty()
    host = COURIER if sites[0].cable else "127.0.0.1"
    async with BadDays(SystemClock(), share, Random(seed + 1), host=host) as courier:
        courier.behaviour.rate_limit, courier.behaviour.rate_window = RATE + 2, timedelta(seconds=30 / pace)
        world = World(folder, sites, cluster, courier, Random(seed), host, pace)

        def note(order: SandboxOrder) -> None:
            world.made.setdefault(order.client_mobile, []).append(time.monotonic())

        courier.made = note
        try:
            await world.furnish()
            yield world
        finally:
            for daemon in world.daemons:
                await daemon.end()
            for shop in world.shops.values():
                await shop.close()
