"""Thirty orders while the courier answers 503: few are sent, none is unclear for nothing, and all are shipped later."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from paranad.courier.breaker import OUTAGES, OWNER, DoorState
from paranad.courier.errors import CourierClosed, CourierError, CourierLimited
from paranad.events.event import Events
from paranad.sandbox.answers import Answer
from paranad.sandbox.server import Sandbox
from paranad.shipments.model import Finished, Sender, ShipmentState, Waiting
from paranad.shop.database import Shop
from paranad.store.file import Store
from tests.support.clock import ManualClock
from tests.support.shipping import SETTINGS, Shipping
from tests.support.shop import set_setting

ORDERS, WORKERS = 30, 10
OUTAGE = timedelta(minutes=2)
ON_SQLITE = pytest.mark.parametrize("shop_url", ["sqlite"], indirect=True)


@dataclass
class Queue:
    """A queue as small as can be: so many orders at once, each again when it asks to, or when it is woken."""

    shipping: Shipping
    workers: int = WORKERS
    due: dict[int, datetime] = field(default_factory=dict)
    finished_at: dict[int, datetime] = field(default_factory=dict)
    _asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def wake(self, owners: object) -> None:
        assert isinstance(owners, list)
        self.due |= {int(owner.removeprefix("job:")): self.shipping.clock.now() for owner in owners}

    async def run(self) -> None:
        """Run all that is due now."""
        places = asyncio.Semaphore(self.workers)
        now = self.shipping.clock.now()
        due = [order_id for order_id, at in self.due.items() if at <= now]
        await asyncio.gather(*(self._run(order_id, places) for order_id in due))

    async def run_until(self, end: datetime) -> None:
        """Let time pass until *end*, or until every order is finished."""
        clock = self.shipping.clock
        while self.due and clock.now() < end:
            await self.run()
            if self.due:
                next_try_at = self.shipping.courier.breaker.door.next_try_at or end
                at = min([*self.due.values(), next_try_at, end])
                await clock.advance(max(at - clock.now(), timedelta(seconds=1)))
                if at == next_try_at < end:
                    await self._asked.wait()
                    self._asked.clear()
                    await clock.advance(0)

    async def ask(self) -> None:
        """Ask the courier the cheap question."""
        try:
            await self.shipping.courier.statuses(owner=OWNER)
        finally:
            self._asked.set()

    async def _run(self, order_id: int, places: asyncio.Semaphore) -> None:
        shipping = self.shipping
        now = shipping.clock.now()
        async with places:
            try:
                ending = await shipping.shipments.create(order_id, Sender(f"job:{order_id}", lambda: shipping.shield))
            except (CourierClosed, CourierLimited) as error:
                self.due[order_id] = error.until
            except CourierError:
                self.due[order_id] = now + timedelta(seconds=10)
            else:
                if isinstance(ending, Waiting):
                    self.due[order_id] = ending.until
                else:
                    assert isinstance(ending, Finished)
                    del self.due[order_id]
                    self.finished_at[order_id] = now


@pytest.fixture
async def queue(
    store: Store, sqlite_shop: Shop, sandbox: Sandbox, clock: ManualClock, events: Events
) -> AsyncIterator[Queue]:
    for key, value in SETTINGS.items():
        await set_setting(sqlite_shop, key, value)
    shipping = Shipping(store, sqlite_shop, sandbox, clock, events)
    shipping.start()
    await shipping.teach_references()
    queue = Queue(shipping)
    for number in range(ORDERS):
        queue.due[await shipping.order(customer_phone=f"077000000{number:02}")] = clock.now()
    yield queue
    await shipping.close()


async def states(shipping: Shipping, orders: list[int]) -> list[ShipmentState | None]:
    found = [await shipping.shipments.journal.find(order_id) for order_id in orders]
    return [shipment.state if shipment else None for shipment in found]


async def test_thirty_orders_at_a_courier_that_answers_503(queue: Queue) -> None:
    shipping, orders = queue.shipping, list(queue.due)
    sandbox, clock, breaker = shipping.sandbox, shipping.clock, shipping.courier.breaker
    before, had = sandbox.count("create-order"), len(sandbox.orders)
    sandbox.behaviour.blocked_status = 503
    minding = asyncio.create_task(breaker.run(queue.ask, queue.wake))
    try:
        await queue.run_until(clock.now() + OUTAGE)
        left = sandbox.count("create-order") - before
        # Those that were under way when the third answer came are sent, and no other.
        assert OUTAGES <= left <= OUTAGES + WORKERS - 1
        unclear = [state for state in await states(shipping, orders) if state]
        assert [ShipmentState.INTENDED] * left == unclear
        assert DoorState.CLOSED is breaker.door.state
        sandbox.behaviour.blocked_status = None
        back_at = clock.now()
        await queue.run_until(back_at + timedelta(hours=2))
    finally:
        minding.cancel()
    assert {} == queue.due
    assert [ShipmentState.RECORDED] * ORDERS == await states(shipping, orders)
    assert had + ORDERS == len(sandbox.orders)
    assert 0 == sandbox.duplicates()
    # Those that waited need no more than the question that is due; those that left, what proves that they are absent.
    assert sorted(at - back_at for at in queue.finished_at.values())[ORDERS - left - 1] <= timedelta(minutes=5)


async def test_courier_that_answers_questions_and_takes_no_orders_costs_few_of_them(queue: Queue) -> None:
    """Each answered question lets one order through, ever more seldom."""
    shipping = queue.shipping
    breaker, before = shipping.courier.breaker, shipping.sandbox.count("create-order")
    shipping.sandbox.next("create-order", *[Answer.ERROR_500] * 100)
    minding = asyncio.create_task(breaker.run(queue.ask, queue.wake))
    try:
        await queue.run_until(shipping.clock.now() + OUTAGE)
    finally:
        minding.cancel()
    # After 0, 30 and 90 seconds.
    assert shipping.sandbox.count("create-order") - before <= OUTAGES + WORKERS - 1 + 3


@ON_SQLITE
async def test_order_that_is_held_back_leaves_no_intent_and_asks_the_courier_nothing(shipping: Shipping) -> None:
    for _ in range(OUTAGES):
        await shipping.send(Answer.BLOCKED_503)
    order_id, asked = await shipping.order(), len(shipping.sandbox.calls)
    with pytest.raises(CourierClosed):
        await shipping.run(order_id)
    assert None is await shipping.shipments.journal.find(order_id)
    assert asked == len(shipping.sandbox.calls)


@ON_SQLITE
async def test_unclear_order_is_looked_for_while_the_door_is_closed(shipping: Shipping) -> None:
    order_id = await shipping.send(Answer.RESET)
    for _ in range(OUTAGES - 1):
        await shipping.send(Answer.BLOCKED_503)
    assert DoorState.CLOSED is shipping.courier.breaker.door.state
    assert isinstance(await shipping.run_to_end(order_id), Finished)
