"""The shipments of the shop's orders, as the rest of the program sees them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from paranad.clock import Clock
from paranad.courier.client import Courier
from paranad.courier.models import NewShipment
from paranad.errors import BadArguments, WrongState
from paranad.events import Events, JournalMatched, JournalRestored, ShipmentDecided, ShipmentHeld
from paranad.shipments.create import Creation
from paranad.shipments.journal import Journal
from paranad.shipments.model import Ending, Errand, HeldBack, Shipment, ShipmentState, Skipped, Stuck
from paranad.shipments.orders import read_holders
from paranad.shipments.reconcile import CourierList, Reconciler, Report
from paranad.shipments.record import Recorder
from paranad.shipments.request import ShipmentPrice
from paranad.shipments.restored import Restored
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.store.file import Store
from paranad.store.reader import Page

UNSENT = "????"
"""Stands for the random part of a reference that is not made yet."""
WHY_HELD_BACK = (
    "queue.db was restored from a copy of {copied_at}: no shipment is sent until its journal is matched with the"
    " courier's list: paranadctl shipments reconcile"
)


class Shipments:
    """One order, one shipment: never sent twice blindly."""

    def __init__(
        self,
        store: Store,
        shop: Shop,
        courier: Courier,
        clock: Clock,
        events: Events,
        *,
        random: Random,
        settle_time: timedelta,
        price: ShipmentPrice,
        enqueue: Callable[[int], Awaitable[object]],
    ) -> None:
        """Put the parts together; *enqueue* stores an alwaseet:create-shipment job for an order."""
        self.journal = Journal(store, clock)
        self.shop, self.clock, self.events, self.enqueue = shop, clock, events, enqueue
        self.recorder = Recorder(self.journal, shop, courier, events)
        self.reconciler = Reconciler(
            journal=self.journal,
            recorder=self.recorder,
            shop=shop,
            courier=courier,
            values=store.values,
            clock=clock,
            events=events,
            settle_time=settle_time,
        )
        self.creation = Creation(
            journal=self.journal,
            reconciler=self.reconciler,
            recorder=self.recorder,
            shop=shop,
            courier=courier,
            clock=clock,
            events=events,
            random=random,
            price=price,
        )

    async def create(self, order_id: int, errand: Errand) -> Ending:
        """Bring the order to its one shipment, from wherever it stands.

        Raises:
            CourierError, ShopError: an outage; the same call goes on from where it was.
        """
        if restored := await self._unmatched():
            return HeldBack(self.clock.now() + self.reconciler.settle_time / 3, self._why_held_back(restored))
        return await self.creation.run(order_id, errand)

    async def restored_from(self) -> datetime | None:
        """Return when the copy was made that queue.db was restored from, while nothing is sent for it; None: it is."""
        restored = await self._unmatched()
        return restored.copied_at if restored else None

    async def tell_restored(self) -> None:
        """Tell at the start that nothing is sent, where it is so."""
        if restored := await self._unmatched():
            copied_at = restored.copied_at.astimezone(self.shop.zone)
            self.events.tell(JournalRestored(copied_at=copied_at.isoformat(timespec="seconds")))

    async def preview(self, order_id: int) -> NewShipment | Skipped | Stuck:
        """Return the request that `create` would send now, or why it would send none; touches nothing."""
        if restored := await self._unmatched():
            return Skipped(self._why_held_back(restored))
        shipment = await self.journal.find(order_id)
        if shipment and shipment.state is not ShipmentState.WITHDRAWN:
            return Skipped(f"its shipment is {shipment.state} already, reference {shipment.reference}")
        reference = shipment.reference if shipment else f"P{order_id}-{UNSENT}"
        return self.creation.request(await self.creation.facts(order_id), order_id, reference)

    async def abandon(self, order_id: int, reason: str) -> None:
        """Leave an unclear shipment to a person, since nothing tries to settle it any longer."""
        shipment = await self.journal.find(order_id)
        if shipment and shipment.state is ShipmentState.INTENDED and not self.journal.flying(order_id):
            held = await self.journal.hold(order_id, reason)
            self.events.tell(ShipmentHeld(order_id=order_id, reference=held.reference, reason=reason))

    async def settle_from(self, answer: CourierList) -> Report:
        """Settle what a list of the courier's that was fetched anyway tells about."""
        report = await self.reconciler.settle_from(answer)
        await self._record_created()
        return report

    async def reconcile(self, owner: str = "reconcile") -> Report:
        """Fetch the courier's whole list now, and settle by it; a restored journal is matched when it was complete.

        Raises:
            CourierError: there is no list that can be trusted; nothing was concluded.
        """
        report = await self.reconciler.look(owner)
        await self._record_created()
        if restored := await self._unmatched():
            report.matched = report.complete
            if report.complete:
                await self.reconciler.restoration.match(restored, self.clock.now())
                self.events.tell(JournalMatched(settled=report.settled, held=report.held))
        return report

    async def list(self, state: ShipmentState | None, limit: int, cursor: str | None) -> Page[Shipment]:
        """Return shipments in *state*, newest order first; with None, all that are not recorded yet."""
        return await self.journal.list(state, limit, cursor)

    async def get(self, order_id: int) -> Shipment:
        """Return the order's shipment.

        Raises:
            NotFound: none was ever intended.
        """
        return await self.journal.get(order_id)

    async def counts(self) -> Mapping[ShipmentState, int]:
        """Return how many shipments are not recorded yet, by state."""
        return await self.journal.counts()

    async def held_orders(self, limit: int = 100) -> Sequence[int]:
        """Return the orders a person must decide on, oldest first."""
        return await self.journal.held_orders(limit)

    async def settle(self, order_id: int, courier_id: str) -> Shipment:
        """Take a person's word that *courier_id* is the order's shipment; write the shop's row.

        Raises:
            NotFound: nothing was ever intended for the order.
            BadArguments: *courier_id* is not an id of the courier.
            WrongState: neither held nor unclear, or the courier's order belongs to another order.
        """
        if not (courier_id.isascii() and courier_id.isdigit() and len(courier_id) <= 30):
            raise BadArguments(f'courier_id: expected the digits of a courier order, got "{courier_id[:40]}"')
        shipment = await self._decidable(order_id, ShipmentState.HELD, ShipmentState.INTENDED)
        await self._refuse_foreign(order_id, courier_id)
        settled = await self.journal.create(
            order_id,
            courier_id,
            frozenset({courier_id}),
            since=(ShipmentState.HELD, ShipmentState.INTENDED),
            decided=True,
        )
        self._tell_decided(shipment, f"settled as courier order {courier_id}")
        try:
            return await self.recorder.record(settled)
        except ShopError:
            await self.enqueue(order_id)
            return settled

    async def resend(self, order_id: int) -> Shipment:
        """Take a person's word that the courier does not have the held shipment; a job sends it again.

        Raises:
            NotFound: nothing was ever intended for the order.
            WrongState: it is not held.
        """
        shipment = await self._decidable(order_id, ShipmentState.HELD)
        allowed = await self.journal.send_again(order_id, "a person decided that it is sent again")
        self._tell_decided(shipment, "sent again")
        await self.enqueue(order_id)
        return allowed

    async def _unmatched(self) -> Restored | None:
        restored = await self.reconciler.restoration.find()
        return restored if restored and restored.matched_at is None else None

    def _why_held_back(self, restored: Restored) -> str:
        copied_at = restored.copied_at.astimezone(self.shop.zone)
        return WHY_HELD_BACK.format(copied_at=f"{copied_at:%Y-%m-%d %H:%M}")

    async def _decidable(self, order_id: int, *states: ShipmentState) -> Shipment:
        shipment = await self.journal.get(order_id)
        if self.journal.flying(order_id):
            raise WrongState(f"a create-order request for order {order_id} is under way; try again in a minute")
        if shipment.state in states:
            return shipment
        expected = " or ".join(states)
        raise WrongState(f"the shipment of order {order_id} is {shipment.state}; only one that is {expected} can")

    async def _refuse_foreign(self, order_id: int, courier_id: str) -> None:
        async with self.shop.read() as connection:
            linked = await read_holders(connection, [courier_id])
        holder = (await self.journal.holders([courier_id])).get(courier_id) or linked.get(courier_id)
        if holder not in {None, order_id}:
            raise WrongState(f"courier order {courier_id} belongs to order {holder}; look at both before you decide")

    def _tell_decided(self, shipment: Shipment, decision: str) -> None:
        self.events.tell(ShipmentDecided(order_id=shipment.order_id, reference=shipment.reference, decision=decision))

    async def _record_created(self) -> None:
        """Write the rows that the shop still lacks; one that it refuses is left to the next time."""
        for shipment in await self.journal.created():
            try:
                await self.recorder.record(shipment)
            except ShopError:
                return
