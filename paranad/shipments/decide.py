"""What is done next about one order's shipment: pure decisions, from facts that the steps have gathered.

`settle` says what follows from what a list shows, `next_step` what the shipment's job does now. Nothing here reads a
clock, a file or a network.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from paranad.courier.models import CourierOrder, NewShipment
from paranad.numbers import PATIENCE
from paranad.record import record
from paranad.said import Said
from paranad.shipments import reasons
from paranad.shipments.judge import DAY, REFERENCE, Absent, Doubt, Recognised, Unproven, Verdict, is_witness
from paranad.shipments.model import ABSENCES, NeedsPerson, Shipment, ShipmentState, Skipped, Suspicion, pace

MOST_REQUESTS = 3
"""How often an unclear shipment is sent before a person must decide."""
SLACK = timedelta(minutes=10)
"""How far the clock of a daemon that is gone may have differed from ours."""
YOUNGER = timedelta(minutes=2)
"""A request that is younger than its order by more than this was put back, or asked for by hand."""
SELDOM = timedelta(minutes=5)
"""How often the list is asked for while it cannot prove anything yet."""


@record
class Settle:
    """Keep that this courier order is the shipment."""

    order: CourierOrder
    by: str


@record
class Hold:
    """Leave it to a person."""

    reason: Said


@record
class Count:
    """Count one proven absence."""


@record
class Note:
    """Keep why the list settled nothing."""

    reason: Said


Settlement = Settle | Hold | Count | Note | None


def settle(
    shipment: Shipment, verdict: Verdict, *, asked_at: datetime, now: datetime, settle_time: timedelta, beside: bool
) -> Settlement:
    """Return what follows for *shipment* from the *verdict* of a list that was asked for at *asked_at*.

    Our reference settles a shipment in every state that has no courier order yet. If the row with the reference is not
    the order's beyond doubt, a shipment that its job would send is held. Every other verdict concerns an unclear
    shipment only, and counts for nothing while a request with the same phone is under way *beside* it: the row may be
    that request's.
    """
    if isinstance(verdict, Recognised) and verdict.by == REFERENCE:
        return Settle(verdict.order, verdict.by)
    if isinstance(verdict, Doubt) and verdict.final and _may_be_sent(shipment):
        return Hold(verdict.reason)
    # A list that was asked for before the last thing we know of the shipment cannot tell what became of it.
    if shipment.state is not ShipmentState.INTENDED or beside or asked_at < shipment.known_at:
        return None
    return _settle_unclear(shipment, verdict, asked_at, now, settle_time)


def _settle_unclear(
    shipment: Shipment, verdict: Verdict, asked_at: datetime, now: datetime, settle_time: timedelta
) -> Settlement:
    match verdict:
        case Recognised(order, by):
            return Settle(order, by)
        case Doubt(reason, final):
            # The courier may still be writing the row: a candidate is waited for as long as an absence is.
            waited = final or asked_at - shipment.known_at >= settle_time
            return Hold(reason) if waited else Note(reason)
        case Absent():
            # Lists that follow each other too closely are one proof, not two.
            return Count() if asked_at >= shipment.absence_due_at(settle_time) else None
        case Unproven(reason):
            return Hold(reasons.GIVEN_UP()) if now - shipment.known_at >= PATIENCE else Note(reason)


def _may_be_sent(shipment: Shipment) -> bool:
    """Tell whether its job would send it without a person's word: it was refused, and no person has decided on it."""
    return shipment.state is ShipmentState.WITHDRAWN and shipment.decided_at is None


def doubt_of_absence(shipment: Shipment, references_seen_at: datetime | None, now: datetime) -> Said | None:
    """Return why *shipment* is not sent again although enough lists lack it; None: it may be sent."""
    # Without our references in the lists, our parcel looks like a stranger's: that it is absent proves nothing.
    if references_seen_at is None or now - references_seen_at >= DAY:
        return reasons.NO_REFERENCES(lists=shipment.absences)
    if len(shipment.unclear) >= MOST_REQUESTS:
        return reasons.SENT_OFTEN(times=len(shipment.unclear))
    if now - shipment.known_at >= PATIENCE:
        return reasons.GIVEN_UP()
    return None


@record
class Alike:
    """Another order of the same day with an order's phone and price."""

    order_id: int
    wanted: bool
    """It is to be sent: neither cancelled nor in the trash."""
    shipped: bool
    """The shop has a shipment of it, or another machine may have sent it."""
    shipment: Shipment | None = None
    """What the journal knows of it."""


def may_be_repeat(shipment: Shipment | None) -> bool:
    """Tell whether a person may have to decide if the order is sent beside another: nobody has, and it may be sent."""
    if shipment is None:
        return True
    is_open = shipment.state in {ShipmentState.WITHDRAWN, ShipmentState.INTENDED} or shipment.is_held_as_repeat
    return is_open and shipment.decided_at is None


def repeated_among(alike: Sequence[Alike], order_id: int) -> Sequence[int]:
    """Return those of *alike* that the order repeats, as it comes to be sent.

    If the courier has the other, or may have it, this one is the repeat, whatever their ids: the one with the lower id
    may have been corrected, put back or committed last. The ids decide only between two that are unsent.
    """
    return [each.order_id for each in alike if _is_before(each, order_id)]


def _is_before(other: Alike, order_id: int) -> bool:
    shipment = other.shipment
    if other.shipped:
        return True
    # It was looked for before it was held, and goes no further by itself: so two never wait for each other.
    if shipment and shipment.is_held_as_repeat:
        return False
    if shipment and shipment.state is not ShipmentState.WITHDRAWN:
        return True
    is_sent_by_person = shipment is not None and shipment.decided_at is not None
    return other.wanted and (is_sent_by_person or other.order_id < order_id)


@record
class JobFacts:
    """What a shipment's job knows when it asks for its next step."""

    shipment: Shipment | None
    request: NewShipment | Skipped | NeedsPerson
    """What the shop's order asks for now."""
    suspicion: Suspicion | None
    """Why somebody else may have sent the order; None: there is no reason, or the journal has it already."""
    repeated: Sequence[int]
    """The orders that it repeats; empty: there is none, or a repeat is not held."""
    changed: bool
    """The order was changed after it was made."""
    in_flight: bool
    """A create-order request for the order is under way."""
    references_seen_at: datetime | None
    """When a list last showed a reference of ours; None: never."""
    witness_sent_at: datetime | None
    """When the newest parcel that the courier is known to have was sent; None: the last days brought none."""
    now: datetime
    settle_time: timedelta


@record
class Send:
    """Commit the intent, send the request, commit its answer."""

    request: NewShipment


@record
class Suspect:
    """Begin as unclear: look first."""

    suspicion: Suspicion


@record
class Explain:
    """Keep that the answer is lost: the request was under way when the daemon ended."""


@record
class LookNow:
    """Ask for the courier's list, unless another job has asked for it after *since*."""

    since: datetime


@record
class Wait:
    """Nothing can be decided before *until*."""

    until: datetime


@record
class Withdraw:
    """The courier does not have it, and it is not to be sent any more."""

    ending: Skipped | NeedsPerson


@record
class HoldRepeat:
    """Leave it to a person, and look now and then whether it is still to be sent, and still a repeat."""

    reason: Said


@record
class Release:
    """A repeat need not wait for a person any longer."""

    ending: Skipped | NeedsPerson | None
    """Why it is not to be sent any more; None: go on as if it had not been held."""


@record
class Record:
    """Write the shop's row."""


@record
class End:
    """Nothing more is done."""

    ending: Skipped | NeedsPerson | None
    """None: the shipment's own state says how it stands."""


JobStep = Send | Suspect | Explain | LookNow | Wait | Withdraw | Hold | HoldRepeat | Release | Record | End


def next_step(facts: JobFacts) -> JobStep:
    """Return what the shipment's job does now."""
    shipment = facts.shipment
    if shipment and facts.in_flight:
        return Wait(facts.now + pace(facts.settle_time))
    if shipment is None or shipment.state is ShipmentState.WITHDRAWN:
        return _begin(facts)
    match shipment.state:
        case ShipmentState.INTENDED:
            return _unclear(facts, shipment)
        case ShipmentState.CREATED:
            return Record()
        case ShipmentState.HELD if shipment.is_held_as_repeat:
            return _held_as_repeat(facts, shipment)
        case _:
            return End(None)


def _begin(facts: JobFacts) -> JobStep:
    if not isinstance(facts.request, NewShipment):
        return End(facts.request)
    return Suspect(facts.suspicion) if facts.suspicion else _send(facts, facts.request)


def _send(facts: JobFacts, request: NewShipment) -> JobStep:
    """Send it, unless it repeats another order and no person has decided on it yet."""
    # Only here: the courier's lists have been asked first, if they had to be, so the hold hides no doubt of them.
    if facts.repeated and not (facts.shipment and facts.shipment.decided_at):
        return HoldRepeat(reasons.REPEAT(orders=[str(each) for each in facts.repeated]))
    return Send(request)


def _held_as_repeat(facts: JobFacts, shipment: Shipment) -> JobStep:
    if not isinstance(facts.request, NewShipment):
        return Release(facts.request)
    # Whoever else may have sent it is looked for before a person is asked again.
    if facts.suspicion:
        return Release(None)
    # A shipment whose proof of absence has grown old is not sent by itself.
    if facts.repeated or shipment.unclear or shipment.suspicions:
        return HoldRepeat(shipment.reason or reasons.REPEAT(orders=[]))
    return Release(None)


def _unclear(facts: JobFacts, shipment: Shipment) -> JobStep:
    if is_unanswered(shipment):
        return Explain()
    # A new suspicion begins the proof again: the lists so far were not asked about that sender.
    if facts.suspicion:
        return Suspect(facts.suspicion)
    if shipment.absences >= ABSENCES and not _is_stale(facts, shipment):
        return _absent(facts, shipment)
    due_at = look_due_at(shipment, facts.witness_sent_at, facts.settle_time)
    if facts.now < due_at:
        return Wait(due_at)
    return LookNow(max(shipment.absence_due_at(facts.settle_time), facts.now - pace(facts.settle_time)))


def _is_stale(facts: JobFacts, shipment: Shipment) -> bool:
    """Tell whether the last proven absence is too old to send by, as after a stop: the courier is asked once more."""
    return shipment.absent_at is not None and facts.now - shipment.absent_at > facts.settle_time


def _absent(facts: JobFacts, shipment: Shipment) -> JobStep:
    if doubt := doubt_of_absence(shipment, facts.references_seen_at, facts.now):
        return Hold(doubt)
    if not isinstance(facts.request, NewShipment):
        return Withdraw(facts.request)
    # Somebody else may have sent it with the phone that the order had before: no list can be searched for that.
    if facts.changed and shipment.suspicions:
        return Hold(reasons.CHANGED())
    return _send(facts, facts.request)


def is_unanswered(shipment: Shipment) -> bool:
    """Tell whether a request for *shipment* has no answer: if none is under way, the daemon ended before it came."""
    return any(attempt.answered_at is None for attempt in shipment.attempts)


def look_due_at(shipment: Shipment, witness_sent_at: datetime | None, settle_time: timedelta) -> datetime:
    """Return when the courier's list is worth asking for.

    `ABSENCES` times over *settle_time*; then seldom, until a later parcel can be the witness that a list lacked.
    """
    due_at, look = shipment.absence_due_at(settle_time), shipment.look
    if look is None:
        return due_at
    again_at = max(due_at, look.at + pace(settle_time))
    if look.at - shipment.known_at < settle_time or look.reason is None:
        return again_at
    if look.reason.code == reasons.NO_WITNESS.code and is_witness(witness_sent_at, shipment, settle_time):
        return again_at
    return max(due_at, look.at + SELDOM)


def is_younger(asked_at: datetime | None, made_at: datetime | None) -> bool:
    """Tell whether a shipment was asked for clearly after its order was made: it may have been sent before."""
    return asked_at is not None and made_at is not None and asked_at - made_at > YOUNGER
