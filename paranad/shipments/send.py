"""One order, one shipment: what a job carries out for it, step by step, from whatever the shipment journal knows."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from paranad.clock import EPOCH, Clock, to_us
from paranad.courier.client import Courier
from paranad.courier.errors import CourierError, CourierLimited, CourierRefused, CourierUnclear, LoginFailed, Refusal
from paranad.courier.models import NewShipment
from paranad.errors import WrongState
from paranad.shipments import reasons
from paranad.shipments.decide import (
    End,
    Explain,
    Hold,
    JobFacts,
    JobStep,
    LookNow,
    Record,
    Send,
    Suspect,
    Wait,
    Withdraw,
    is_younger,
    look_due_at,
    next_step,
)
from paranad.shipments.journal import Journal
from paranad.shipments.judge import DAY
from paranad.shipments.model import (
    Ending,
    Errand,
    Finished,
    Shipment,
    ShipmentState,
    Skipped,
    Stuck,
    Suspicion,
    Waiting,
)
from paranad.shipments.record import Recorder
from paranad.shipments.request import BadOrder, ShipmentPrice, build_request, new_reference, whole_dinars
from paranad.shipments.restored import Restored
from paranad.shipments.settle import Settler
from paranad.shipments.shop_orders import Facts, ShopOrders
from paranad.shop.errors import ShopError

UNCHANGED_FOR = timedelta(seconds=5)
"""How long after it was made an order may still be written by the request that made it."""
SOONEST = timedelta(seconds=5)
LATEST = timedelta(minutes=5)
"""How long a job sleeps before it looks again at what it waits for."""
MOST_TRANSIENT = 5
"""How often the courier may say "try again" before it is taken to mean no."""

REFUSED = {
    Refusal.DATA: reasons.REFUSED,
    Refusal.PLACE: reasons.PLACE,
    Refusal.PERMISSION: reasons.PERMISSION,
    Refusal.TRANSIENT: reasons.TRANSIENT,
    Refusal.NOT_SENT: reasons.NOT_SENT,
}


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when a job asks for its next step, and what the steps need beside the decision."""

    order_id: int
    shop: Facts
    reference: str
    facts: JobFacts
    qr_link: str | None = field(default=None, repr=False)

    @property
    def shipment(self) -> Shipment:
        """The journal's row, for a step that cannot be without one."""
        if self.facts.shipment is None:
            raise LookupError(f"order {self.order_id} has no shipment yet")
        return self.facts.shipment


class Sender:
    """Brings an order to its one shipment; may be run again from any point at which it was ended."""

    def __init__(
        self,
        *,
        journal: Journal,
        settler: Settler,
        recorder: Recorder,
        orders: ShopOrders,
        courier: Courier,
        clock: Clock,
        random: Random,
        price: ShipmentPrice,
    ) -> None:
        self.journal, self.settler, self.recorder, self.orders = journal, settler, recorder, orders
        self.courier, self.clock, self.random, self.price = courier, clock, random, price

    async def run(self, order_id: int, errand: Errand) -> Ending:
        """Do the next steps for *order_id*: send, settle what is unclear, write the shop's row.

        Raises:
            CourierError, ShopError: an outage; the same call goes on from where it was.
        """
        looked = False
        while True:
            situation = await self._situation(order_id, errand)
            step = next_step(situation.facts)
            if isinstance(step, LookNow):
                if looked:  # another list than the one just read says no more
                    return self._waiting(situation.shipment, self.clock.now())
                looked = True
            ending = await self._carry_out(step, situation, errand)
            if isinstance(ending, Finished) and isinstance(situation.facts.request, NewShipment):
                return replace(ending, rounded_from=situation.facts.request.rounded_from)
            if ending is not None:
                return ending

    async def _situation(self, order_id: int, errand: Errand) -> Situation:
        shipment = await self.journal.find(order_id)
        shop = await self.orders.facts(order_id)
        reference = shipment.reference if shipment else new_reference(order_id, self.random)
        request = self.request(shop, order_id, reference)
        now = self.clock.now()
        facts = JobFacts(
            shipment=shipment,
            request=request,
            suspicion=await self._suspicion(shipment, shop, request, errand),
            changed=_is_changed(shop),
            in_flight=self.journal.is_in_flight(order_id),
            references_seen_at=await self.settler.references_seen_at(),
            witness_sent_at=await self._witness_sent_at(shipment),
            now=now,
            settle_time=self.settler.settle_time,
        )
        return Situation(order_id, shop, reference, facts)

    async def _witness_sent_at(self, shipment: Shipment | None) -> datetime | None:
        unclear = shipment is not None and shipment.state is ShipmentState.INTENDED
        return await self.journal.last_sent(shipment.begun_at - DAY) if unclear and shipment else None

    async def facts(self, order_id: int) -> Facts:
        """Read what the shop says about the order now."""
        return await self.orders.facts(order_id)

    def request(self, facts: Facts, order_id: int, reference: str) -> NewShipment | Skipped | Stuck:
        """Return the request that the order needs, or why none is sent."""
        order = facts.order
        if order is None:
            return Stuck(f"order {order_id}: no such order in the shop")
        if not facts.settings.auto_create_shipment:
            return Skipped("the shop's setting alwaseet_auto_create_shipment is off")
        if order.shipments:
            return Skipped(f"the shop already has courier order {order.shipments[0].courier_id} for it")
        if order.trashed or order.status == "cancelled":
            return Skipped(f"the order is {'in the trash' if order.trashed else 'cancelled'}")
        try:
            return build_request(order, facts.settings, self.price, reference)
        except BadOrder as error:
            return Stuck(str(error))

    async def _suspicion(
        self, shipment: Shipment | None, shop: Facts, request: NewShipment | Skipped | Stuck, errand: Errand
    ) -> Suspicion | None:
        """Return why somebody else may have sent the order before; None: nobody, or the journal knows of it."""
        if not isinstance(request, NewShipment) or shop.order is None:
            return None
        if shipment and shipment.state not in {ShipmentState.WITHDRAWN, ShipmentState.INTENDED}:
            return None
        made_at = self.orders.instant(shop.order.created_at) if shop.order.created_at else None
        for code, source in await self._grounds(shipment, made_at, errand):
            known = shipment.suspicions if shipment else ()
            if not any((each.code, each.source) == (code, source) for each in known):
                by_php = code != reasons.RESTORED.code  # the shop's own job never adds the fee
                return Suspicion(
                    code=code,
                    source=source,
                    phone=request.client_mobile,
                    price=whole_dinars(shop.order.total) or request.price if by_php else request.price,
                    since=made_at or EPOCH,
                    known_at=self.clock.now(),
                )
        return None

    async def _grounds(
        self, shipment: Shipment | None, made_at: datetime | None, errand: Errand
    ) -> list[tuple[str, str]]:
        grounds: list[tuple[str, str]] = []
        if errand.tried_elsewhere:
            grounds.append((reasons.TRIED_BY_PHP.code, errand.owner))
        elif is_younger(errand.asked_at, made_at) and not (shipment and shipment.decided_at):
            grounds.append((reasons.REQUEUED.code, errand.owner))
        restored = await self.settler.restoration.find()
        if restored and not (shipment and restored.is_decided(shipment)) and _is_doubted(restored, made_at):
            grounds.append((reasons.RESTORED.code, str(to_us(restored.copied_at))))
        return grounds

    async def _carry_out(self, step: JobStep, situation: Situation, errand: Errand) -> Ending | None:
        """Carry out one step; None: ask for the next."""
        ending: Ending | None = None
        match step:
            case Send(request):
                ending = await self._send(situation, request, errand)
            case Suspect(suspicion):
                with suppress(WrongState):  # a list or a person settled it meanwhile
                    suspected = await self.journal.suspect(situation.order_id, situation.reference, suspicion)
                    ending = self._waiting(suspected)
            case Explain():
                await self.journal.mark_unclear(situation.order_id, reasons.ENDED())
            case LookNow(since):
                await self.settler.look(errand.owner, since)
            case Wait(until):
                ending = self._waiting(situation.shipment, until)
            case Withdraw(ending):
                await self.journal.withdraw(situation.order_id, reasons.NOT_NEEDED(detail=ending.reason))
            case Hold(reason):
                ending = self._ending(await self.journal.hold(situation.order_id, reason))
            case Record():
                ending = self._ending(await self.recorder.record(situation.shipment, owner=errand.owner))
            case End(given):
                ending = given or self._ending(situation.shipment)
        return ending

    def _waiting(self, shipment: Shipment, until: datetime | None = None) -> Waiting:
        now = self.clock.now()
        settle_time = self.settler.settle_time
        due_at = until or look_due_at(shipment, None, settle_time)
        said = shipment.look.reason if shipment.look and shipment.look.reason else shipment.reason
        reason = (said or reasons.ENDED()).text
        return Waiting(
            min(due_at if due_at > now else now + settle_time / 3, now + LATEST),
            f"{reason}; the courier's list will tell whether it has the order",
        )

    def _ending(self, shipment: Shipment) -> Ending:
        if shipment.state is ShipmentState.RECORDED:
            return Finished(shipment)
        if shipment.state is ShipmentState.INTENDED:
            return self._waiting(shipment)
        why = shipment.reason.text if shipment.reason else shipment.state
        return Stuck(f"the shipment is held: {why}; decide: paranadctl shipments show {shipment.order_id}")

    async def _send(self, situation: Situation, request: NewShipment, errand: Errand) -> Ending:
        await self.courier.prepare(owner=errand.owner)
        with errand.shield(), self.journal.in_flight(situation.order_id):
            answered = await self._exchange(situation, request, errand)
        if not isinstance(answered, _Created):
            return answered
        shipment = answered.shipment
        if shipment.state is ShipmentState.CREATED:
            shipment = await self.recorder.record(shipment, owner=errand.owner, qr_link=answered.qr_link)
        return self._ending(shipment)

    async def _exchange(
        self, situation: Situation, request: NewShipment, errand: Errand
    ) -> "Waiting | Stuck | _Created":
        """Commit the intent, send the request, commit its answer."""
        order_id = situation.order_id
        try:
            await self.journal.intend(order_id, situation.reference, request.client_mobile, request.price)
        except WrongState:  # a list or a person settled it meanwhile
            return Waiting(self.clock.now(), "its shipment was settled meanwhile")
        try:
            answer = await self.courier.create_order(request, owner=errand.owner)
        except CourierUnclear as error:
            unclear = await self.journal.mark_unclear(order_id, reasons.NO_ANSWER(detail=error.said))
            return self._waiting(unclear)
        except CourierRefused as error:
            reason = REFUSED[error.refusal](detail=error.said)
            withdrawn = await self.journal.withdraw(order_id, reason)
            if error.refusal in {Refusal.NOT_SENT, Refusal.PERMISSION}:  # an outage, whatever the order
                raise
            return self._refused(withdrawn, error)
        except (CourierLimited, LoginFailed, ShopError) as error:  # the shop holds the token: no token, no request
            if isinstance(error, CourierError) and error.left:
                refusal = reasons.LIMITED if isinstance(error, CourierLimited) else reasons.UNAUTHORISED
                await self.journal.withdraw(order_id, refusal(detail=error.said))
            else:
                await self.journal.postpone(order_id, reasons.NOT_SENT(detail=error.said))
            raise
        return _Created(await self.journal.create(order_id, answer.id, answer.ids), answer.qr_link)

    def _refused(self, shipment: Shipment, error: CourierRefused) -> Waiting | Stuck:
        """Return how the job goes on after the courier's no to this order, which may say "try again" a few times."""
        times = sum(1 for each in shipment.attempts if each.reason and each.reason.code == reasons.TRANSIENT.code)
        if error.refusal is Refusal.TRANSIENT and times < MOST_TRANSIENT:
            return Waiting(self.clock.now() + min(SOONEST * (1 << times), LATEST), str(error))
        often = f"refused {times} times: " if error.refusal is Refusal.TRANSIENT else ""
        return Stuck(f"order {shipment.order_id}: {often}{error}; correct the order in the shop, then retry the job")


@dataclass(frozen=True, slots=True)
class _Created:
    """The courier has it."""

    shipment: Shipment
    qr_link: str | None = field(repr=False)


def _is_changed(shop: Facts) -> bool:
    """Tell whether the order may have another phone now than the one that a worker of the shop sent."""
    order = shop.order
    if order is None or order.updated_at is None or order.created_at is None:
        return True
    return order.updated_at - order.created_at > UNCHANGED_FOR


def _is_doubted(restored: Restored, made_at: datetime | None) -> bool:
    return made_at is None or restored.doubts(made_at)
