"""A shop with an order, the courier's sandbox, and the shipments between them; all of it can be started anew."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from paranad.configuration.durations import Rate
from paranad.courier.client import Courier
from paranad.courier.errors import CourierError, CourierLimited
from paranad.courier.limiter import Limiter
from paranad.courier.login import Login
from paranad.events.courier import CourierRequestSent
from paranad.events.event import Event, Events
from paranad.sandbox.answers import Answer
from paranad.sandbox.server import Sandbox
from paranad.shipments.model import Ending, Finished, Sender, Waiting
from paranad.shipments.request import ShipmentPrice
from paranad.shipments.service import Shipments
from paranad.shipments.tools import Fence
from paranad.shop.database import Shop
from paranad.shop.tables import alwaseet_shipments
from paranad.store.file import Store
from tests.support.clock import ManualClock
from tests.support.courier import SettingsRow
from tests.support.shop import Item, in_use, make_order, make_size, rows, set_setting

SETTLE_TIME = timedelta(minutes=3)
SETTINGS = {
    "alwaseet_auto_create_shipment": "1",
    "alwaseet_default_city_id": "1",
    "alwaseet_default_region_id": "15",
    "alwaseet_default_package_size_id": "1",
    "alwaseet_default_type_name": "ملابس",
}


class Shield:
    """Notes whether the job is shielded now."""

    def __init__(self) -> None:
        self.held = 0

    def __enter__(self) -> None:
        self.held += 1

    def __exit__(self, *_: object) -> None:
        self.held -= 1


@dataclass
class Shipping:
    """Everything a shipment passes through."""

    store: Store
    shop: Shop
    sandbox: Sandbox
    clock: ManualClock
    events: Events
    price: ShipmentPrice = ShipmentPrice.TOTAL
    hold_repeats: bool = False
    fence: Fence | None = None
    random: Random = field(default_factory=lambda: Random(7))
    enqueued: list[int] = field(default_factory=list)
    shield: Shield = field(default_factory=Shield)
    row: SettingsRow = field(default_factory=SettingsRow)
    rate: Rate = field(default_factory=lambda: Rate(1000, timedelta(seconds=30)))
    witnesses: int = 0
    patience: timedelta = timedelta(seconds=30)
    started: list[Courier] = field(default_factory=list)

    def start(self) -> None:
        """Make every object anew, as a started daemon does; what is stored stays."""
        values = self.store.values
        limiter = Limiter(
            self.rate, self.clock, lambda: values.get("limiter"), lambda window: values.put("limiter", window)
        )
        row = self.row
        login = Login(row.load_account, row.load_token, row.save_token, self.clock, self.events)
        self.courier = Courier(self.sandbox.base_url, self.patience, limiter, login, self.clock, self.events)
        self.started.append(self.courier)
        self.shipments = Shipments(
            self.store,
            self.shop,
            self.courier,
            self.clock,
            self.events,
            random=self.random,
            settle_time=SETTLE_TIME,
            price=self.price,
            hold_repeats=self.hold_repeats,
            enqueue=self._enqueue,
            fence=self.fence,
        )

    async def close(self) -> None:
        for courier in self.started:
            await courier.close()

    async def order(self, *, pieces: int = 1, **values: Any) -> int:
        """Make a pending order of *pieces* rows."""
        asked = {"total_amount": Decimal(25000), **values}
        items = [Item(await make_size(self.shop)) for _ in range(pieces)]
        return await make_order(self.shop, items=items, **asked)

    async def run(self, order_id: int) -> Ending:
        """Run the job once."""
        return await self.shipments.create(order_id, Sender("job:1", lambda: self.shield))

    async def send(self, answer: Answer, **values: Any) -> int:
        """Send a new order whose create-order is answered with *answer*; return the order's id."""
        order_id = await self.order(**values)
        self.sandbox.next("create-order", answer)
        await self.run(order_id)
        return order_id

    async def run_to_end(self, order_id: int, *, runs: int = 20, witness: bool = False) -> Ending:
        """Run the job again whenever it asks for it, as the queue would.

        With *witness* another order ships after the first run.
        """
        for number in range(runs):
            if witness and number == 1:
                await self.another_ships()
            try:
                ending = await self.run(order_id)
            except CourierLimited as error:
                await self.until(error.until)
            except CourierError:
                await self.clock.advance(timedelta(seconds=10))
            else:
                if not isinstance(ending, Waiting):
                    return ending
                await self.until(ending.until)
        raise AssertionError(f"order {order_id} did not come to an end in {runs} runs")

    async def until(self, instant: datetime) -> None:
        await self.clock.advance(max(instant - self.clock.now(), timedelta(seconds=1)))

    async def another_ships(self) -> str:
        """Let another customer's order be shipped: the courier's list then has a witness; return its courier id."""
        self.witnesses += 1
        order_id = await self.order(customer_phone=f"0771{self.witnesses:07}")
        ending = await self.run(order_id)
        assert isinstance(ending, Finished)
        return ending.shipment.courier_id or ""

    async def teach_references(self) -> None:
        """Let the courier's list have returned a reference of ours."""
        order_id = await self.order(customer_phone="07709999999")
        await self.run_to_end(order_id)
        await self.shipments.reconcile()

    async def shop_rows(self, **where: Any) -> list[dict[str, Any]]:
        return await rows(self.shop, alwaseet_shipments, **where)

    async def _enqueue(self, order_id: int) -> None:
        self.enqueued.append(order_id)


@pytest.fixture
async def shipping(
    store: Store, shop: Shop, sandbox: Sandbox, patience: timedelta, clock: ManualClock, events: Events
) -> AsyncIterator[Shipping]:
    for key, value in SETTINGS.items():
        await set_setting(shop, key, value)
    shipping = Shipping(store, shop, sandbox, clock, events, patience=patience)
    asked_with_a_connection = _listen_for_held_connections(events, shop)
    shipping.start()
    yield shipping
    await shipping.close()
    assert [] == asked_with_a_connection


def _listen_for_held_connections(events: Events, shop: Shop) -> list[str]:
    """Return the list of the courier's paths that are asked for while a connection to the shop is in use."""

    def hear(told: Sequence[Event]) -> None:
        held.extend(event.path for event in told if isinstance(event, CourierRequestSent) and in_use(shop))

    held: list[str] = []
    events.listen(hear)
    return held


def names(told: list[Event]) -> list[str]:
    """Return the names of the shipment's events, in order."""
    return [event.name for event in told if event.name.startswith("shipment.")]
