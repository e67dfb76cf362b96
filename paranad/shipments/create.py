"""One order, one shipment: what a job does for it, from whatever the shipment journal knows."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from paranad.clock import EPOCH, Clock
from paranad.courier.client import Courier
from paranad.courier.errors import CourierLimited, CourierRefused, CourierUnclear, LoginFailed, Refusal
from paranad.courier.models import CreatedOrder, NewShipment
from paranad.errors import WrongState
from paranad.events import (
    Events,
    ShipmentCreated,
    ShipmentHeld,
    ShipmentIntended,
    ShipmentUnclear,
    ShipmentWithdrawn,
)
from paranad.shipments.journal import Journal
from paranad.shipments.model import (
    Ending,
    Errand,
    Finished,
    RequestOutcome,
    Shipment,
    ShipmentAttempt,
    ShipmentState,
    Skipped,
    Stuck,
    Waiting,
)
from paranad.shipments.orders import read_order
from paranad.shipments.reconcile import Reconciler
from paranad.shipments.record import Recorder
from paranad.shipments.request import BadOrder, Order, ShipmentPrice, build_request, new_reference
from paranad.shipments.restored import Restored
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.shop.settings import ShopSettings, read_settings

ENDED = "the daemon ended before the courier's answer came"
TRIED = "a worker of the shop had the order before, so the courier may have it without our reference"
RESTORED = "queue.db was restored, so the courier may have it under a reference that was lost"
UNCHANGED_FOR = timedelta(seconds=5)
"""How long after it was made an order may still be written by the request that made it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the shop says about an order now."""

    order: Order | None
    settings: ShopSettings


@dataclass(frozen=True, slots=True)
class _Answered:
    """The courier has it."""

    shipment: Shipment
    qr_link: str | None = field(repr=False)


class Creation:
    """Brings an order to its one shipment; may be run again from any point at which it was ended."""

    def __init__(
        self,
        *,
        journal: Journal,
        reconciler: Reconciler,
        recorder: Recorder,
        shop: Shop,
        courier: Courier,
        clock: Clock,
        events: Events,
        random: Random,
        price: ShipmentPrice,
    ) -> None:
        self.journal, self.reconciler, self.recorder = journal, reconciler, recorder
        self.shop, self.courier, self.clock, self.events = shop, courier, clock, events
        self.random, self.price = random, price

    async def run(self, order_id: int, errand: Errand) -> Ending:
        """Do the next steps for *order_id*: send, settle what is unclear, write the shop's row.

        Raises:
            CourierError, ShopError: an outage; the same call goes on from where it was.
        """
        shipment = await self.journal.find(order_id)
        if shipment and self.journal.flying(order_id):
            return self._waiting(shipment)
        if suspicion := await self._suspicion(order_id, shipment, errand):
            return await self._suspect(order_id, shipment, suspicion)
        if shipment and shipment.state is ShipmentState.INTENDED:
            shipment = await self._settled(shipment, errand)
        if shipment is None or shipment.state is ShipmentState.WITHDRAWN:
            return await self._send(order_id, shipment, errand)
        if shipment.state is ShipmentState.INTENDED:
            return await self._again_or_wait(shipment, errand)
        return await self._recorded(shipment, errand)

    async def facts(self, order_id: int) -> Facts:
        """Read what the shop says about the order now."""
        async with self.shop.read() as connection:
            return Facts(await read_order(connection, order_id), await read_settings(connection))

    def request(self, facts: Facts, order_id: int, reference: str) -> NewShipment | Skipped | Stuck:
        """Return the request that the order needs, or why none is sent."""
        if not facts.settings.auto_create_shipment:
            return Skipped("the shop's setting alwaseet_auto_create_shipment is off")
        order = facts.order
        if order is None:
            return Stuck(f"order {order_id}: no such order in the shop")
        if order.shipments:
            return Skipped(f"the shop already has courier order {order.shipments[0].courier_id} for it")
        if order.trashed or order.status == "cancelled":
            return Skipped(f"the order is {'in the trash' if order.trashed else 'cancelled'}")
        try:
            return build_request(order, facts.settings, self.price, reference)
        except BadOrder as error:
            return Stuck(str(error))

    async def _suspicion(self, order_id: int, shipment: Shipment | None, errand: Errand) -> str | None:
        """Return why somebody else may have sent the order before; None: nobody, or the journal knows of it."""
        if shipment and shipment.state is not ShipmentState.WITHDRAWN:
            return None
        if errand.tried_elsewhere and not _is_known(shipment, _tried_by(errand)):
            return _tried_by(errand)
        restored = await self.reconciler.restoration.find()
        if restored is None or (shipment and restored.is_decided(shipment)):
            return None
        reason = f"{RESTORED} (copy of {restored.copied_at.astimezone(self.shop.zone):%Y-%m-%d %H:%M:%S})"
        return reason if not _is_known(shipment, reason) and await self._is_doubted(order_id, restored) else None

    async def _is_doubted(self, order_id: int, restored: Restored) -> bool:
        order = (await self.facts(order_id)).order
        if order is None or order.created_at is None:
            return True
        return restored.doubts(self.shop.instant(order.created_at))

    async def _suspect(self, order_id: int, shipment: Shipment | None, reason: str) -> Ending:
        """Begin with what somebody else may have sent: the courier's list tells, as after a lost answer."""
        reference = shipment.reference if shipment else new_reference(order_id, self.random)
        facts = await self.facts(order_id)
        request = self.request(facts, order_id, reference)
        if not isinstance(request, NewShipment) or facts.order is None:
            return request if isinstance(request, Skipped | Stuck) else Stuck(f"order {order_id} is gone")
        suspected = await self.journal.suspect(order_id, reference, self._elsewhere(facts.order, request, reason))
        self.events.tell(ShipmentUnclear(order_id=order_id, reference=reference, reason=reason))
        return self._waiting(suspected)

    def _elsewhere(self, order: Order, request: NewShipment, reason: str) -> ShipmentAttempt:
        """Return what may have been sent, by the shop's own job never with a fee: not before the order was made."""
        return ShipmentAttempt(
            number=0,
            phone=request.client_mobile,
            price=request.price if reason.startswith(RESTORED) else int(order.total),
            sent_at=self.shop.instant(order.created_at) if order.created_at else EPOCH,
            answered_at=None,
            outcome=RequestOutcome.UNCLEAR,
            detail=reason,
            elsewhere=True,
        )

    async def _settled(self, shipment: Shipment, errand: Errand) -> Shipment:
        """Look at the courier's list when that is due; return where the shipment stands then."""
        if shipment.reason is None:
            shipment = await self._explain(shipment)
        now, settle_time = self.clock.now(), self.reconciler.settle_time
        due_at = shipment.look_due_at(settle_time)
        if now < due_at:
            return shipment
        await self.reconciler.look(errand.owner, max(due_at, now - settle_time / 3))
        return await self.journal.get(shipment.order_id)

    async def _explain(self, shipment: Shipment) -> Shipment:
        explained = await self.journal.explain(shipment.order_id, ENDED)
        self.events.tell(ShipmentUnclear(order_id=shipment.order_id, reference=shipment.reference, reason=ENDED))
        return explained

    async def _again_or_wait(self, shipment: Shipment, errand: Errand) -> Ending:
        if not await self.reconciler.may_send_again(shipment):
            return self._waiting(shipment)
        if _is_tried_by_shop(shipment) and await self._changed(shipment):
            reason = f"{TRIED}; its lists lack it, but the order was changed since, perhaps its phone"
            held = await self.journal.hold(shipment.order_id, reason)
            self.events.tell(ShipmentHeld(order_id=held.order_id, reference=held.reference, reason=reason))
            return await self._recorded(held, errand)
        return await self._send(shipment.order_id, shipment, errand)

    async def _changed(self, shipment: Shipment) -> bool:
        """Tell whether the shop's worker may have sent another phone than the order has now."""
        order = (await self.facts(shipment.order_id)).order
        if order is None or order.updated_at is None or order.created_at is None:
            return True
        return order.updated_at - order.created_at > UNCHANGED_FOR

    def _waiting(self, shipment: Shipment) -> Waiting:
        now, settle_time = self.clock.now(), self.reconciler.settle_time
        due_at = shipment.look_due_at(settle_time)
        reason = f"{shipment.reason or ENDED}; the courier's list will tell whether it has the order"
        return Waiting(due_at if due_at > now else now + settle_time / 3, reason)

    async def _recorded(self, shipment: Shipment, errand: Errand, qr_link: str | None = None) -> Ending:
        if shipment.state is ShipmentState.CREATED:
            shipment = await self.recorder.record(shipment, owner=errand.owner, qr_link=qr_link)
        if shipment.state is ShipmentState.RECORDED:
            return Finished(shipment)
        return Stuck(f"the shipment is held: {shipment.reason}; decide: paranadctl shipments show {shipment.order_id}")

    async def _send(self, order_id: int, shipment: Shipment | None, errand: Errand) -> Ending:
        reference = shipment.reference if shipment else new_reference(order_id, self.random)
        request = self.request(await self.facts(order_id), order_id, reference)
        if not isinstance(request, NewShipment):
            return await self._not_sent(shipment, request)
        await self.courier.prepare(owner=errand.owner)
        with errand.shield(), self.journal.in_flight(order_id):
            answered = await self._exchange(order_id, reference, request, errand)
        if isinstance(answered, _Answered):
            return await self._recorded(answered.shipment, errand, answered.qr_link)
        return answered

    async def _not_sent(self, shipment: Shipment | None, ending: Skipped | Stuck) -> Ending:
        """Take back an intent that the courier's lists lack and that is not to be sent again."""
        if shipment and shipment.state is ShipmentState.INTENDED:
            await self._withdraw(shipment.order_id, ending.reason)
        return ending

    async def _exchange(
        self, order_id: int, reference: str, request: NewShipment, errand: Errand
    ) -> Waiting | Stuck | _Answered:
        """Commit the intent, send the request, commit its answer."""
        try:
            shipment = await self.journal.intend(order_id, reference, request.client_mobile, request.price)
        except WrongState:
            return Waiting(self.clock.now(), "its shipment was settled meanwhile")
        self.events.tell(ShipmentIntended(order_id=order_id, reference=reference, attempt=shipment.attempts[-1].number))
        try:
            answer = await self.courier.create_order(request, owner=errand.owner)
        except CourierUnclear as error:
            return await self._unclear(order_id, error)
        except CourierRefused as error:
            await self._withdraw(order_id, str(error))
            if error.refusal is not Refusal.DATA:
                raise
            return Stuck(f"order {order_id}: {error}; correct the order in the shop, then retry the job")
        except (CourierLimited, LoginFailed, ShopError) as error:  # the shop holds the token: no token, no request
            await self.journal.postpone(order_id, str(error))
            raise
        return _Answered(await self._created(order_id, answer), answer.qr_link)

    async def _created(self, order_id: int, answer: CreatedOrder) -> Shipment:
        created = await self.journal.create(order_id, answer.id, answer.ids)
        if created.state is ShipmentState.HELD:
            self.events.tell(ShipmentHeld(order_id=order_id, reference=created.reference, reason=created.reason or ""))
        else:
            self.events.tell(ShipmentCreated(order_id=order_id, reference=created.reference, courier_id=answer.id))
        return created

    async def _unclear(self, order_id: int, error: CourierUnclear) -> Waiting:
        shipment = await self.journal.mark_unclear(order_id, str(error))
        self.events.tell(ShipmentUnclear(order_id=order_id, reference=shipment.reference, reason=str(error)))
        return self._waiting(shipment)

    async def _withdraw(self, order_id: int, reason: str) -> None:
        withdrawn = await self.journal.withdraw(order_id, reason)
        self.events.tell(ShipmentWithdrawn(order_id=order_id, reference=withdrawn.reference, reason=reason))


def _tried_by(errand: Errand) -> str:
    return f"{TRIED} ({errand.owner})"


def _is_known(shipment: Shipment | None, suspicion: str) -> bool:
    return shipment is not None and any(attempt.detail == suspicion for attempt in shipment.attempts)


def _is_tried_by_shop(shipment: Shipment) -> bool:
    """Tell whether a worker of the shop may have sent it, which never leaves a reference of ours."""
    return any(attempt.elsewhere and (attempt.detail or "").startswith(TRIED) for attempt in shipment.unclear)
