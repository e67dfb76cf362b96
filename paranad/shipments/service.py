"""The shipments of the shop's orders, as the rest of the program sees them."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from paranad.clock import Clock
from paranad.courier.client import Courier
from paranad.courier.errors import CourierError
from paranad.courier.models import CourierOrder, NewShipment
from paranad.errors import BadArguments, Unconfirmed, WrongState
from paranad.events.event import Events
from paranad.events.shipments import JournalMatched, JournalRestored
from paranad.shipments import reasons
from paranad.shipments.decide import look_due_at
from paranad.shipments.journal import Journal
from paranad.shipments.listed import ids_of, references_in
from paranad.shipments.model import Ending, Errand, HeldBack, Shipment, ShipmentState, Skipped, Stuck
from paranad.shipments.phone import last_ten
from paranad.shipments.record import Recorder
from paranad.shipments.request import ShipmentPrice
from paranad.shipments.restored import Restored
from paranad.shipments.send import Sender
from paranad.shipments.settle import CourierList, Report, Settler
from paranad.shipments.shop_orders import ShopOrders
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.store.file import Store
from paranad.store.reader import Page

COURIER_ID = re.compile(r"[0-9]{1,19}")
UNSENT = "????"
"""Stands for the random part of a reference that is not made yet."""
UNCONFIRMED = (
    "the courier does not confirm that courier order {courier_id} is the shipment of order {order_id}: {doubt}; if you "
    "are sure: paranadctl shipments settle {order_id} --courier-id {courier_id} --yes"
)
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
        orders: ShopOrders | None = None,
    ) -> None:
        """Put the parts together; *enqueue* stores an alwaseet:create-shipment job for an order."""
        self.journal = Journal(store, clock, events)
        self.orders = orders or ShopOrders(shop)
        self.shop, self.courier, self.clock, self.events, self.enqueue = shop, courier, clock, events, enqueue
        self.recorder = Recorder(self.journal, self.orders, courier)
        self.settler = Settler(
            journal=self.journal,
            recorder=self.recorder,
            orders=self.orders,
            courier=courier,
            values=store.values,
            clock=clock,
            events=events,
            settle_time=settle_time,
        )
        self.sender = Sender(
            journal=self.journal,
            settler=self.settler,
            recorder=self.recorder,
            orders=self.orders,
            courier=courier,
            clock=clock,
            random=random,
            price=price,
        )

    async def create(self, order_id: int, errand: Errand) -> Ending:
        """Bring the order to its one shipment, from wherever it stands.

        Raises:
            CourierError, ShopError: an outage; the same call goes on from where it was.
        """
        if restored := await self._unmatched():
            return HeldBack(self.clock.now() + self.settler.settle_time / 3, self._why_held_back(restored))
        return await self.sender.run(order_id, errand)

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
        return self.sender.request(await self.sender.facts(order_id), order_id, reference)

    async def abandon(self, order_id: int) -> None:
        """Leave an unclear shipment to a person, since nothing tries to settle it any longer."""
        shipment = await self.journal.find(order_id)
        if shipment and shipment.state is ShipmentState.INTENDED and not self.journal.is_in_flight(order_id):
            await self.journal.hold(order_id, reasons.GIVEN_UP())

    async def settle_from(self, answer: CourierList) -> Report:
        """Settle what a list of the courier's that was fetched anyway tells about."""
        report = await self.settler.settle_from(answer)
        await self._record_created()
        return report

    async def reconcile(self, owner: str = "reconcile") -> Report:
        """Fetch the courier's whole list now, and settle by it; a restored journal is matched when it was complete.

        Raises:
            CourierError: there is no list that can be trusted; nothing was concluded.
        """
        report = await self.settler.look(owner)
        await self._record_created()
        if restored := await self._unmatched():
            report.matched = report.complete
            if report.complete:
                await self.settler.restoration.match(restored, self.clock.now())
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

    def next_look_at(self, shipment: Shipment) -> datetime | None:
        """Return when the list is asked for at the latest that may settle *shipment*; None: it is not unclear."""
        if shipment.state is not ShipmentState.INTENDED:
            return None
        return max(look_due_at(shipment, None, self.settler.settle_time), self.clock.now())

    async def counts(self) -> Mapping[ShipmentState, int]:
        """Return how many shipments are not recorded yet, by state."""
        return await self.journal.counts()

    async def held_orders(self, limit: int = 100) -> Sequence[int]:
        """Return the orders a person must decide on, oldest first."""
        return await self.journal.held_orders(limit)

    async def settle(self, order_id: int, courier_id: str, *, unconfirmed: bool = False) -> Shipment:
        """Take a person's word that *courier_id* is the order's shipment, if the courier confirms it; write the row.

        A shipment that a person settled before is corrected. With *unconfirmed* the word counts without the courier's.

        Raises:
            NotFound: nothing was ever intended for the order.
            BadArguments: *courier_id* is not an id of the courier.
            Unconfirmed: the courier cannot be asked, does not show it, or shows another phone or order with it.
            WrongState: neither held nor unclear nor settled by a person, or the id belongs to another order.
        """
        if not COURIER_ID.fullmatch(courier_id) or not int(courier_id):
            raise BadArguments(f'courier_id: expected the digits of a courier order, got "{courier_id[:40]}"')
        shipment = await self._settleable(order_id)
        await self._refuse_foreign(order_id, courier_id)
        row, doubt = await self._ask(shipment, courier_id)
        if doubt and not unconfirmed:
            raise Unconfirmed(UNCONFIRMED.format(order_id=order_id, courier_id=courier_id, doubt=doubt))
        ids = frozenset({courier_id}) | (ids_of(row) if row and not doubt else frozenset())
        decision = f"settled as courier order {courier_id}" + (", which the courier did not confirm" if doubt else "")
        settled = await self.journal.decide(order_id, courier_id, ids, confirmed=not doubt, decision=decision)
        try:
            return await self.recorder.record(settled, None if doubt else row, replaced=shipment.ids - ids)
        except ShopError:
            await self.enqueue(order_id)
            return settled

    async def resend(self, order_id: int) -> Shipment:
        """Take a person's word that the courier does not have the held shipment; a job sends it again.

        To say so twice does no harm: the first time the daemon may have ended before the job was stored.

        Raises:
            NotFound: nothing was ever intended for the order.
            WrongState: it is not held.
        """
        shipment = await self.journal.get(order_id)
        if not (shipment.state is ShipmentState.WITHDRAWN and shipment.reason == reasons.RESEND()):
            await self._decidable(order_id, "sent again", ShipmentState.HELD)
            shipment = await self.journal.send_again(order_id)
        await self.enqueue(order_id)
        return shipment

    async def _settleable(self, order_id: int) -> Shipment:
        shipment = await self.journal.get(order_id)
        if shipment.decided_at and shipment.state in {ShipmentState.CREATED, ShipmentState.RECORDED}:
            return shipment
        return await self._decidable(order_id, "settled", ShipmentState.HELD, ShipmentState.INTENDED)

    async def _ask(self, shipment: Shipment, courier_id: str) -> tuple[CourierOrder | None, str]:
        """Ask the courier for *courier_id*; return its row, and why that does not confirm it: empty if it does."""
        try:
            found = await self.courier.orders_by_ids([courier_id], owner="settle")
        except CourierError as error:
            return None, f"it cannot be asked now ({error})"
        row = next((each for each in found if courier_id in ids_of(each)), None)
        if row is None:
            return None, "the courier shows no order of this id"
        owners = await self.journal.owners(sorted(references_in(row)))
        others = sorted(each.order_id for each in owners.values() if each.order_id != shipment.order_id)
        if others:
            return row, f"it carries the reference of order {others[0]}"
        if last_ten(row.client_mobile or "") not in shipment.phones:
            return row, "it has another phone than the order"
        return row, ""

    async def _unmatched(self) -> Restored | None:
        restored = await self.settler.restoration.find()
        return restored if restored and restored.matched_at is None else None

    def _why_held_back(self, restored: Restored) -> str:
        copied_at = restored.copied_at.astimezone(self.shop.zone)
        return WHY_HELD_BACK.format(copied_at=f"{copied_at:%Y-%m-%d %H:%M}")

    async def _decidable(self, order_id: int, decision: str, *states: ShipmentState) -> Shipment:
        shipment = await self.journal.get(order_id)
        if self.journal.is_in_flight(order_id):
            raise WrongState(f"a create-order request for order {order_id} is under way; try again in a minute")
        if shipment.state in states:
            return shipment
        expected = " or ".join(states)
        raise WrongState(
            f"the shipment of order {order_id} is {shipment.state}, and only one that is {expected} can be {decision}; "
            f"look at it: paranadctl shipments show {order_id}"
        )

    async def _refuse_foreign(self, order_id: int, courier_id: str) -> None:
        link = (await self.orders.links([courier_id])).get(courier_id)
        holder = (await self.journal.holders([courier_id])).get(courier_id) or (link and link.order_id)
        if holder not in {None, order_id}:
            raise WrongState(f"courier order {courier_id} belongs to order {holder}; look at both before you decide")

    async def _record_created(self) -> None:
        """Write the rows that the shop still lacks; one that it refuses is left to the next time."""
        for shipment in await self.journal.created():
            try:
                await self.recorder.record(shipment)
            except ShopError:
                return
