"""The shipments of the shop's orders, as the rest of the program sees them: one order, one shipment."""

from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random

from paranad.clock import Clock
from paranad.courier.client import Courier
from paranad.courier.errors import CourierError
from paranad.courier.models import CourierOrder, NewShipment
from paranad.errors import BadArguments, NotFound, Unconfirmed, WrongState
from paranad.events.event import Events
from paranad.numbers import is_digits
from paranad.said import Said, Sentence
from paranad.shipments import fenced, reasons, restored
from paranad.shipments.decide import is_unanswered, look_due_at
from paranad.shipments.journal import Journal
from paranad.shipments.model import Ending, HeldBack, NeedsPerson, Sender, Shipment, ShipmentState, Skipped, pace
from paranad.shipments.phone import last_ten
from paranad.shipments.record import record, record_created
from paranad.shipments.repeats import repeated_by
from paranad.shipments.request import ShipmentPrice
from paranad.shipments.search import ids_of, references_in
from paranad.shipments.send import request_of, send
from paranad.shipments.settle import CourierList, Report, reconcile, settle_from
from paranad.shipments.shop_orders import ShopOrders
from paranad.shipments.suspicions import made_at_of
from paranad.shipments.tools import Fence, Mark, Tools
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.store.file import Store
from paranad.wording import quotable

ID_DIGITS = 19
"""How many digits the courier's number of an order has at most."""
UNSENT = "????"
"""Stands for the random part of a reference that is not made yet."""

ELSEWHERE = Sentence(
    "shipment.elsewhere",
    "{machine} has sent a request for it, or was about to (reference {reference}); what became of it is not known here",
)
NO_ROW_HERE = Sentence(
    "shipment.no_row_here",
    "this machine's shipment journal has no row for order {order}: {reason}; on the machine that works it is looked "
    "for with: paranadctl dispatch alwaseet:create-shipment order_id={order}",
)
MAYBE_ELSEWHERE = Sentence("shipment.maybe_elsewhere", "another machine's may have one")
THERE_ALREADY = Sentence("shipment.there_already", "its shipment is {state} already, reference {reference}")
NO_COURIER_ID = Sentence("shipment.no_courier_id", 'courier_id: expected the digits of a courier order, got "{got}"')
UNCONFIRMED = Sentence(
    "shipment.unconfirmed",
    "the courier does not confirm that courier order {courier_id} is the shipment of order {order_id}: {doubt}; if you "
    "are sure: paranadctl shipments settle {order_id} --courier-id {courier_id} --yes",
)
NOT_ASKED = Sentence("shipment.confirmation_not_asked", "it cannot be asked now ({reason})")
NOT_SHOWN = Sentence("shipment.confirmation_not_shown", "the courier shows no order of this id")
ANOTHERS_REFERENCE = Sentence("shipment.confirmation_others_reference", "it carries the reference of order {order}")
ANOTHER_PHONE = Sentence("shipment.confirmation_other_phone", "it has another phone than the order")
UNDER_WAY = Sentence(
    "shipment.under_way", "a create-order request for order {order} is under way; try again in a minute"
)
NOT_SETTLEABLE = Sentence(
    "shipment.not_settleable",
    "the shipment of order {order} is {state}, and only one that is held or intended can be settled; "
    "look at it: paranadctl shipments show {order}",
)
NOT_RESENDABLE = Sentence(
    "shipment.not_resendable",
    "the shipment of order {order} is {state}, and only one that is held can be sent again; "
    "look at it: paranadctl shipments show {order}",
)
NOT_LOOKED_FOR = Sentence(
    "shipment.not_looked_for",
    "queue.db was restored since order {order} was held, so the courier may have it: it is looked for first; "
    "try again when paranadctl shipments show {order} says that the list lacks it",
)
ANOTHERS_ID = Sentence(
    "shipment.others_courier_id", "courier order {courier_id} belongs to order {order}; look at both before you decide"
)


class Shipments:
    """The door to the shipments; what is only read of them is read from its journal."""

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
        hold_repeats: bool = False,
        enqueue: Callable[[int], Awaitable[object]],
        orders: ShopOrders | None = None,
        fence: Fence | None = None,
    ) -> None:
        """Put the parts together; *enqueue* stores an alwaseet:create-shipment job for an order that is due now.

        *fence* stands between the orders and another machine that may send them too; None: there is none.
        """
        self.journal, self.enqueue = Journal(store, clock, events), enqueue
        self.tools = Tools(
            journal=self.journal,
            orders=orders or ShopOrders(shop),
            courier=courier,
            values=store.values,
            clock=clock,
            events=events,
            random=random,
            zone=shop.zone,
            settle_time=settle_time,
            price=price,
            hold_repeats=hold_repeats,
            fence=fence,
        )

    async def create(self, order_id: int, sender: Sender) -> Ending:
        """Bring the order to its one shipment, from wherever it stands.

        Raises:
            CourierError, ShopError: an outage; the same call goes on from where it was.
        """
        tools = self.tools
        if (lost := await restored.unmatched(tools)) and not await self._matches_by_itself(lost, sender.owner):
            return HeldBack(tools.clock.now() + pace(tools.settle_time), restored.why_unmatched(tools, lost))
        return await send(tools, order_id, sender)

    async def _matches_by_itself(self, lost: restored.Restored, owner: str) -> bool:
        """Match the restored journal where this machine took over since: nobody may be there to ask for it.

        Raises:
            CourierError: there is no list that can be trusted.
        """
        tools = self.tools
        takeover = await tools.fence.taken_over() if tools.fence else None
        is_asked_lately = tools.lists.asked_at > tools.clock.now() - pace(tools.settle_time)
        if takeover is None or takeover[1] < lost.copied_at or is_asked_lately:
            return False
        return bool((await self.reconcile(owner)).matched)

    async def restored_from(self) -> datetime | None:
        """Return when the copy was made that queue.db was restored from, while nothing is sent for it; None: it is."""
        lost = await restored.unmatched(self.tools)
        return lost.copied_at if lost else None

    async def tell_restored(self) -> None:
        """Tell at the start that nothing is sent, if that is so."""
        await restored.tell(self.tools)

    async def preview(self, order_id: int) -> NewShipment | Skipped | NeedsPerson:
        """Return the request that `create` would send now, or why it would send none; touches nothing."""
        if lost := await restored.unmatched(self.tools):
            return Skipped(restored.why_unmatched(self.tools, lost))
        shipment = await self.journal.find(order_id)
        if shipment and shipment.state is not ShipmentState.WITHDRAWN:
            return Skipped(THERE_ALREADY(state=shipment.state.value, reference=shipment.reference))
        reference = shipment.reference if shipment else f"P{order_id}-{UNSENT}"
        shop = await self.tools.orders.facts(order_id)
        request = request_of(self.tools, shop, order_id, reference)
        asked = shop.order if isinstance(request, NewShipment) else None
        repeated = await repeated_by(self.tools, asked, shipment) if asked else ()
        return Skipped(reasons.REPEAT(orders=[str(each) for each in repeated])) if repeated else request

    async def abandon(self, order_id: int) -> None:
        """Hold an unclear shipment for a person: no job tries to settle it any longer."""
        shipment = await self.journal.find(order_id)
        if shipment and shipment.state is ShipmentState.INTENDED and not self.journal.is_in_flight(order_id):
            if is_unanswered(shipment):  # the daemon ended during its request, and outages came before any list did
                await self.journal.mark_unclear(order_id, reasons.ENDED())
            await self.journal.hold(order_id, reasons.GIVEN_UP())

    async def settle_from(self, answer: CourierList) -> Report:
        """Settle shipments by a list of the courier that a task has fetched for itself."""
        report = await settle_from(self.tools, answer)
        await record_created(self.tools)
        await self._tidy_after(report)
        return report

    async def reconcile(self, owner: str = "reconcile") -> Report:
        """Fetch the courier's whole list now, and settle by it; a restored journal is matched if it was complete.

        Raises:
            CourierError: there is no list that can be trusted; nothing was concluded.
        """
        report = await reconcile(self.tools, owner)
        await self._tidy_after(report)
        return report

    async def tidy_marks(self) -> None:
        """Let this machine's marks say what its journal says, and look after what it left unclear or unwritten.

        Where another machine worked since, the job of such an order went there with its row.

        Raises:
            ShopError: the shop cannot be asked.
        """
        await record_created(self.tools)
        await fenced.tidy(self.tools)
        for order_id in await fenced.left_over(self.tools):
            await self.enqueue(order_id)

    async def close(self) -> None:
        """Close what stands between the orders and another machine."""
        if self.tools.fence:
            await self.tools.fence.close()

    async def get(self, order_id: int) -> Shipment:
        """Return the order's shipment.

        Raises:
            NotFound: none was ever intended here; it says so if another machine may have sent the order.
        """
        shipment, fence = await self.journal.find(order_id), self.tools.fence
        if shipment is None and fence and await fence.has_marks():
            reason = await self.sent_elsewhere(order_id) or MAYBE_ELSEWHERE()
            raise NotFound(NO_ROW_HERE(order=order_id, reason=reason))
        return shipment or await self.journal.get(order_id)

    async def sent_elsewhere(self, order_id: int) -> Said | None:
        """Return which other machine may have sent the order; None: none, or the shop cannot be asked."""
        with suppress(ShopError):
            if self.tools.fence and (found := (await self.tools.fence.marks([order_id])).get(order_id)):
                mark = Mark(*found)
                return ELSEWHERE(machine=mark.machine, reference=mark.reference) if mark.machine else None
        return None

    async def _tidy_after(self, report: Report) -> None:
        """Take away the marks of what a list has settled; if the shop is away, the next list does."""
        if report.settled:
            with suppress(ShopError):
                await fenced.tidy(self.tools)

    def next_look_at(self, shipment: Shipment) -> datetime | None:
        """Return when the list is asked for at the latest that may settle *shipment*; None: it is not unclear."""
        if shipment.state is not ShipmentState.INTENDED:
            return None
        return max(look_due_at(shipment, None, self.tools.settle_time), self.tools.clock.now())

    async def settle(self, order_id: int, courier_id: str, *, unconfirmed: bool = False) -> Shipment:
        """Take a person's word that *courier_id* is the order's shipment, if the courier confirms it; write the row.

        A shipment that a person settled before is corrected. With *unconfirmed* the word counts without the courier's.

        Raises:
            NotFound: nothing was ever intended for the order.
            BadArguments: *courier_id* is not an id of the courier.
            Unconfirmed: the courier cannot be asked, does not show it, or shows another phone or order with it.
            WrongState: neither held nor unclear nor settled by a person, or the id belongs to another order.
        """
        if not (is_digits(courier_id) and len(courier_id) <= ID_DIGITS and int(courier_id)):
            raise BadArguments(NO_COURIER_ID(got=quotable(courier_id)))
        shipment = await self._settleable(order_id)
        await self._refuse_foreign(order_id, courier_id)
        row, doubt = await self._ask(shipment, courier_id)
        if doubt and not unconfirmed:
            raise Unconfirmed(UNCONFIRMED(order_id=order_id, courier_id=courier_id, doubt=doubt))
        ids = frozenset({courier_id}) | (ids_of(row) if row and not doubt else frozenset())
        decision = f"settled as courier order {courier_id}" + (", which the courier did not confirm" if doubt else "")
        # The word is committed before the shop is asked: if the shop is away, a job writes the row later.
        settled = await self.journal.decide(order_id, courier_id, ids, confirmed=not doubt, decision=decision)
        try:
            recorded = await record(self.tools, settled, None if doubt else row, replaced=shipment.ids - ids)
        except ShopError:
            await self.enqueue(order_id)
            return settled
        await fenced.unmark_if_over(self.tools, order_id)
        return recorded

    async def resend(self, order_id: int) -> Shipment:
        """Take a person's word that the courier does not have the held shipment; a job sends it again.

        Saying so twice does no harm: the daemon may have ended the first time before the job was stored.

        Raises:
            NotFound: nothing was ever intended for the order.
            WrongState: it is not held.
        """
        shipment = await self.get(order_id)
        if not (shipment.state is ShipmentState.WITHDRAWN and shipment.reason == reasons.RESEND()):
            held = await self._decidable(order_id, NOT_RESENDABLE, ShipmentState.HELD)
            if held.is_held_as_repeat:
                await self._refuse_unlooked(held)
            shipment = await self.journal.send_again(order_id)
        await self.enqueue(order_id)
        return shipment

    async def _settleable(self, order_id: int) -> Shipment:
        shipment = await self.get(order_id)
        if shipment.decided_at and shipment.state in {ShipmentState.CREATED, ShipmentState.RECORDED}:
            return shipment
        return await self._decidable(order_id, NOT_SETTLEABLE, ShipmentState.HELD, ShipmentState.INTENDED)

    async def _ask(self, shipment: Shipment, courier_id: str) -> tuple[CourierOrder | None, Said | None]:
        """Ask the courier for *courier_id*; return its row, and why that does not confirm it: None if it does."""
        try:
            found = await self.tools.courier.orders_by_ids([courier_id], owner="settle")
        except CourierError as error:
            return None, NOT_ASKED(reason=error.said)
        row = next((each for each in found if courier_id in ids_of(each)), None)
        if row is None:
            return None, NOT_SHOWN()
        owners = await self.journal.owners(sorted(references_in(row)))
        others = sorted(each.order_id for each in owners.values() if each.order_id != shipment.order_id)
        if others:
            return row, ANOTHERS_REFERENCE(order=others[0])
        return row, None if last_ten(row.client_mobile or "") in await self._phones(shipment) else ANOTHER_PHONE()

    async def _phones(self, shipment: Shipment) -> Collection[str]:
        """Return the phones of the shipment; of one that was held before it was sent, that of its order."""
        if shipment.phones:
            return shipment.phones
        return {last_ten(phone) for phone in (await self.tools.orders.phones([shipment.order_id])).values()}

    async def _decidable(self, order_id: int, refusal: Sentence, *states: ShipmentState) -> Shipment:
        shipment = await self.journal.get(order_id)
        if self.journal.is_in_flight(order_id):
            raise WrongState(UNDER_WAY(order=order_id))
        if shipment.state not in states:
            raise WrongState(refusal(order=order_id, state=shipment.state.value))
        return shipment

    async def _refuse_unlooked(self, held: Shipment) -> None:
        """Refuse to send a repeat that the lost daemon may have sent: a person let it go as a second order."""
        made_at = await made_at_of(self.tools, held.order_id)
        source = await restored.suspicion_source(self.tools, held, made_at)
        if source and not any(each.source == source for each in held.suspicions):
            raise WrongState(NOT_LOOKED_FOR(order=held.order_id))

    async def _refuse_foreign(self, order_id: int, courier_id: str) -> None:
        link = (await self.tools.orders.links([courier_id])).get(courier_id)
        linked_to = link.order_id if link else None
        holder = (await self.journal.holders([courier_id])).get(courier_id) or linked_to
        if holder is not None and holder != order_id:
            raise WrongState(ANOTHERS_ID(courier_id=courier_id, order=holder))
