"""One order, one shipment: what its job carries out, step by step, from the state that the journal knows.

`decide.next_step` says what comes next; each step here carries it out, and what it changed is committed and told. A
job may be run again from any point at which it was ended.
"""

from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from paranad.courier.errors import (
    TRANSIENT_SENDS,
    CourierError,
    CourierLimited,
    CourierRefused,
    CourierUnclear,
    LoginFailed,
    OrderLate,
    Refusal,
)
from paranad.courier.models import NewShipment
from paranad.errors import WrongState
from paranad.said import Sentence
from paranad.shipments import fenced, reasons, repeats
from paranad.shipments.decide import (
    End,
    Explain,
    Hold,
    HoldRepeat,
    JobFacts,
    JobStep,
    LookNow,
    Record,
    Release,
    Send,
    Suspect,
    Wait,
    Withdraw,
    look_due_at,
    next_step,
)
from paranad.shipments.judge import DAY
from paranad.shipments.model import (
    Ending,
    Finished,
    NeedsPerson,
    Sender,
    Shipment,
    ShipmentState,
    Skipped,
    Waiting,
    pace,
)
from paranad.shipments.record import record
from paranad.shipments.request import BadOrder, build_request, new_reference
from paranad.shipments.settle import look, references_seen_at
from paranad.shipments.shop_orders import OrderFacts
from paranad.shipments.suspicions import suspicion_of
from paranad.shipments.tools import Tools
from paranad.shop.errors import ShopError

UNCHANGED_FOR = timedelta(seconds=5)
"""How long after it was made an order may still be written by the request that made it."""
SOONEST = timedelta(seconds=5)
LATEST = timedelta(minutes=5)
"""How long a job sleeps before it looks again at what it waits for."""

NO_ORDER = Sentence("order.missing", "order {order}: no such order in the shop")
AUTO_CREATE_OFF = Sentence("setting.auto_create_off", "the shop's setting alwaseet_auto_create_shipment is off")
SHOP_HAS_ONE = Sentence("order.shipped_already", "the shop already has courier order {courier_id} for it")
TRASHED = Sentence("order.trashed", "the order is in the trash")
CANCELLED = Sentence("order.cancelled", "the order is cancelled")
LIST_WILL_TELL = Sentence("shipment.list_will_tell", "{reason}; the courier's list will tell whether it has the order")
HELD = Sentence("shipment.held", "the shipment is held: {reason}; decide: paranadctl shipments show {order}")
STANDS = Sentence("shipment.stands", "{state}")
SETTLED_MEANWHILE = Sentence("shipment.settled_meanwhile", "its shipment was settled meanwhile")
REFUSED = Sentence("shipment.refused", "order {order}: {reason}; correct the order in the shop, then retry the job")
REFUSED_OFTEN = Sentence(
    "shipment.refused_often",
    "order {order}: refused {times} times: {reason}; correct the order in the shop, then retry the job",
)

WITHDRAWN = {
    Refusal.DATA: reasons.REFUSED,
    Refusal.PLACE: reasons.PLACE,
    Refusal.PERMISSION: reasons.PERMISSION,
    Refusal.TRANSIENT: reasons.TRANSIENT,
    Refusal.NOT_SENT: reasons.NOT_SENT,
}
"""Why a shipment is withdrawn, by the kind of the courier's refusal."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when a job asks for its next step, and what the steps need beside the decision."""

    order_id: int
    reference: str
    facts: JobFacts

    @property
    def shipment(self) -> Shipment:
        """The journal's row, for a step that cannot be without one."""
        if self.facts.shipment is None:
            raise LookupError(f"order {self.order_id} has no shipment yet")
        return self.facts.shipment


async def send(tools: Tools, order_id: int, sender: Sender) -> Ending:
    """Do the next steps for *order_id*: send, settle what is unclear, write the shop's row.

    Raises:
        CourierError, ShopError: an outage; the same call goes on from where it was.
    """
    try:
        ending = await _go_on(tools, order_id, sender)
    except CourierError:
        await fenced.after_request(tools, order_id, sender, shipped=False)
        raise
    shipped = isinstance(ending, Skipped) and ending.reason.code == SHOP_HAS_ONE.code
    await fenced.after_request(tools, order_id, sender, shipped=shipped)
    return ending


async def _go_on(tools: Tools, order_id: int, sender: Sender) -> Ending:
    looked = False
    while True:
        situation = await _situation(tools, order_id, sender)
        step = next_step(situation.facts)
        if isinstance(step, LookNow):
            if looked:  # a second list at once would say the same
                return _waiting(tools, situation.shipment, tools.clock.now())
            looked = True
        if isinstance(step, HoldRepeat | Release):
            ending = await repeats.carry_out(tools, step, situation.facts.shipment, order_id, situation.reference)
        else:
            ending = await _carry_out(tools, step, situation, sender)
        if isinstance(ending, Finished) and isinstance(situation.facts.request, NewShipment):
            return replace(ending, rounded_from=situation.facts.request.rounded_from)
        if ending is not None:
            return ending


async def _situation(tools: Tools, order_id: int, sender: Sender, unsent: str | None = None) -> Situation:
    """Gather what is known; *unsent* is the reference of an order that the journal does not have yet."""
    shipment = await tools.journal.find(order_id)
    shop = await tools.orders.facts(order_id)
    mark = (await fenced.unknown_marks(tools, [order_id], {order_id: shipment} if shipment else {})).get(order_id)
    # One reference for all machines: whoever finds it in a list knows the order by it.
    own = shipment.reference if shipment else unsent or new_reference(order_id, tools.random)
    reference = mark.reference if mark else own
    request = request_of(tools, shop, order_id, reference)
    unclear = shipment if shipment and shipment.state is ShipmentState.INTENDED else None
    order = shop.order if isinstance(request, NewShipment) else None
    facts = JobFacts(
        shipment=shipment,
        request=request,
        suspicion=await suspicion_of(tools, shipment, shop.order, request, sender=sender, mark=mark),
        repeated=await repeats.repeated_by(tools, order, shipment) if order else (),
        changed=_is_changed(shop),
        in_flight=tools.journal.is_in_flight(order_id),
        references_seen_at=await references_seen_at(tools),
        witness_sent_at=await tools.journal.last_sent(unclear.begun_at - DAY) if unclear else None,
        now=tools.clock.now(),
        settle_time=tools.settle_time,
    )
    return Situation(order_id, reference, facts)


def request_of(tools: Tools, shop: OrderFacts, order_id: int, reference: str) -> NewShipment | Skipped | NeedsPerson:
    """Return the request that the order needs, or why none is sent."""
    order = shop.order
    if order is None:
        return NeedsPerson(NO_ORDER(order=order_id))
    if not shop.settings.auto_create_shipment:
        return Skipped(AUTO_CREATE_OFF())
    if order.shipments:
        return Skipped(SHOP_HAS_ONE(courier_id=order.shipments[0].courier_id))
    if order.trashed or order.status == "cancelled":
        return Skipped(TRASHED() if order.trashed else CANCELLED())
    try:
        return build_request(order, shop.settings, tools.price, reference)
    except BadOrder as error:
        return NeedsPerson(error.said)


async def _carry_out(tools: Tools, step: JobStep, situation: Situation, sender: Sender) -> Ending | None:
    """Carry out one step; None: ask for the next."""
    journal, order_id = tools.journal, situation.order_id
    ending: Ending | None = None
    match step:
        case Send(request):
            ending = await _send(tools, situation, request, sender)
        case Suspect(suspicion):
            with suppress(WrongState):  # a list or a person settled it meanwhile
                suspected = await journal.suspect(order_id, situation.reference, suspicion)
                ending = _waiting(tools, suspected)
        case Explain():
            with suppress(WrongState):  # a list or a person settled it meanwhile
                await journal.mark_unclear(order_id, reasons.ENDED())
        case LookNow(since):
            await look(tools, sender.owner, since)
        case Wait(until):
            ending = _waiting(tools, situation.shipment, until)
        case Withdraw(ending):
            await journal.withdraw(order_id, reasons.NOT_NEEDED(detail=ending.reason))
        case Hold(reason):
            ending = _ending(tools, await journal.hold(order_id, reason))
        case Record():
            ending = _ending(tools, await record(tools, situation.shipment, owner=sender.owner))
        case End(given):
            ending = given or _ending(tools, situation.shipment)
    return ending


def _waiting(tools: Tools, shipment: Shipment, until: datetime | None = None) -> Waiting:
    now = tools.clock.now()
    due_at = until or look_due_at(shipment, None, tools.settle_time)
    told = shipment.look.reason if shipment.look and shipment.look.reason else shipment.reason
    return Waiting(
        min(due_at if due_at > now else now + pace(tools.settle_time), now + LATEST),
        LIST_WILL_TELL(reason=told or reasons.ENDED()),
    )


def _ending(tools: Tools, shipment: Shipment) -> Ending:
    if shipment.state is ShipmentState.RECORDED:
        return Finished(shipment)
    if shipment.state is ShipmentState.INTENDED:
        return _waiting(tools, shipment)
    return NeedsPerson(HELD(reason=shipment.reason or STANDS(state=shipment.state.value), order=shipment.order_id))


async def _send(tools: Tools, situation: Situation, request: NewShipment, sender: Sender) -> Ending | None:
    """Send the request and keep its answer; if the courier took it, write the shop's row.

    Returns None if the request is not what comes next any longer.

    Raises:
        CourierClosed: the courier is away, and nothing was intended.
        OrderLate: the lease is about to end, and nothing was intended.
    """
    door = tools.courier.breaker
    door.check(sender.owner)  # no login for an order that may not leave
    # Before the shield: waiting for a login may be cancelled.
    await tools.courier.prepare(owner=sender.owner)
    order_id = situation.order_id
    with ExitStack() as under_way:
        async with tools.intending:
            # Meanwhile the order may have been cancelled or changed, or one may have gone that it repeats.
            again = await _situation(tools, order_id, sender, unsent=situation.reference)
            if next_step(again.facts) != Send(request):
                return None
            # Before the intent: an order that is held back has sent nothing, so nothing of it can be unclear.
            under_way.enter_context(door.passing(sender.owner))
            under_way.enter_context(sender.shield())
            under_way.enter_context(tools.journal.in_flight(order_id))
            await fenced.before_request(tools, order_id, again.facts.shipment, situation.reference, sender.owner)
            # From the commit on, a daemon that ends here finds a request without an answer, and looks before it sends.
            try:
                await tools.journal.intend(order_id, situation.reference, request.client_mobile, request.price)
            except WrongState:  # a list or a person settled it meanwhile
                return Waiting(tools.clock.now(), SETTLED_MEANWHILE())
            fenced.intended(tools, order_id)
        answered = await _exchange(tools, order_id, request, sender)
    if not isinstance(answered, _Created):
        return answered
    shipment = answered.shipment
    if shipment.state is ShipmentState.CREATED:
        shipment = await record(tools, shipment, owner=sender.owner, qr_link=answered.qr_link)
    return _ending(tools, shipment)


async def _exchange(
    tools: Tools, order_id: int, request: NewShipment, sender: Sender
) -> "Waiting | NeedsPerson | _Created":
    """Send the request, commit its answer."""
    journal = tools.journal
    try:
        answer = await tools.courier.create_order(
            request, owner=sender.owner, may_leave=partial(fenced.may_leave, tools)
        )
    except CourierUnclear as error:
        return _waiting(tools, await journal.mark_unclear(order_id, reasons.NO_ANSWER(detail=error.said)))
    except CourierRefused as error:
        withdrawn = await journal.withdraw(order_id, WITHDRAWN[error.refusal](detail=error.said))
        if error.refusal in {Refusal.NOT_SENT, Refusal.PERMISSION}:  # an outage: the order is not the cause
            raise
        return _refused(tools, withdrawn, error)
    except (
        CourierLimited,
        LoginFailed,
        OrderLate,
        ShopError,
    ) as error:  # the shop holds the token: no token, no request
        if isinstance(error, CourierError) and error.left:
            refusal = reasons.LIMITED if isinstance(error, CourierLimited) else reasons.UNAUTHORISED
            await journal.withdraw(order_id, refusal(detail=error.said))
        else:
            fenced.postponed(tools, await journal.postpone(order_id, reasons.NOT_SENT(detail=error.said)))
        raise
    return _Created(await journal.create(order_id, answer.id, answer.ids), answer.qr_link)


def _refused(tools: Tools, shipment: Shipment, error: CourierRefused) -> Waiting | NeedsPerson:
    """Return how the job goes on after the courier's no to this order, which may say "try again" a few times."""
    transient = error.refusal is Refusal.TRANSIENT
    times = sum(1 for each in shipment.attempts if each.reason and each.reason.code == reasons.TRANSIENT.code)
    if transient and times < TRANSIENT_SENDS:
        return Waiting(tools.clock.now() + min(SOONEST * (1 << times), LATEST), error.said)
    if transient:
        return NeedsPerson(REFUSED_OFTEN(order=shipment.order_id, times=times, reason=error.said))
    return NeedsPerson(REFUSED(order=shipment.order_id, reason=error.said))


@dataclass(frozen=True, slots=True)
class _Created:
    """The courier has it."""

    shipment: Shipment
    qr_link: str | None = field(repr=False)


def _is_changed(shop: OrderFacts) -> bool:
    """Tell whether the order may have another phone now than the one that a worker of the shop sent."""
    order = shop.order
    if order is None or order.updated_at is None or order.created_at is None:
        return True
    return order.updated_at - order.created_at > UNCHANGED_FOR
