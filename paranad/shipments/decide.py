"""What becomes of one order's shipment next: pure decisions, from facts that others have gathered.

`judge` says what a list of the courier's shows of a shipment, `settle` what follows from that, `next_step` what the
shipment's job does now. Nothing here reads a clock, a file or a network.

A row of a list is the shipment if it carries its reference and its phone. Any other row with its phone is a candidate,
whatever its price, note and time: those change at the courier. While there is one, nothing is sent again. A list
proves an absence only if it is whole, shows every parcel that the courier is known to have, and among them one that
was sent later: a witness that the list is as new as the shipment.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from paranad.courier.models import CourierOrder, NewShipment
from paranad.shipments.listed import PHONE_DIGITS, Shown, ids_of, references_in
from paranad.shipments.model import Shipment, ShipmentState, Skipped, Stuck, Suspicion
from paranad.shipments.phone import last_ten
from paranad.shipments.reasons import Code, Reason, named

COURIER_ZONE = ZoneInfo("Asia/Baghdad")
"""What the courier's times are read in. Source: courier API, "Values"."""

REFERENCE = "reference"
PHONE_AND_PRICE = "phone and price"

ABSENCES = 3
"""How many lists must prove a shipment absent before it is sent again."""
MOST_REQUESTS = 3
"""How often an unclear shipment is sent before a person must decide."""
PATIENCE = timedelta(hours=24)
"""How long a shipment may stay unclear before a person must decide."""
DAY = timedelta(days=1)
"""How far the time of a row may lie before the request that made it: clocks and zones differ."""
SLACK = timedelta(minutes=10)
"""How far the courier's clock, or a gone daemon's, may differ from ours."""
NEAR = timedelta(minutes=15)
"""How close to our request the time of a row without our note must be, while the courier's lists show notes."""
YOUNGER = timedelta(minutes=10)
"""A request that is younger than its order by more than this was put back, or asked for by hand."""
LATE = timedelta(minutes=1)
"""How long after its answer was lost the courier may still carry a request out: a witness is sent later than that."""
SELDOM = timedelta(minutes=15)
"""How often the list is asked for while it cannot prove anything yet."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What the courier is known to have of one order."""

    order_id: int
    ids: frozenset[str]
    sent_at: datetime | None
    """When our last request for it left; None: somebody else sent it."""
    acknowledged_at: datetime
    """When the courier's answer, or its list, said that it has it."""


@dataclass(frozen=True, slots=True)
class Link:
    """To which order the shop links a courier order."""

    order_id: int
    phone: str = field(repr=False)
    """Of that order, its last ten digits."""


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What a list shows, and what is known beside it."""

    asked_at: datetime
    whole: bool
    """No filter, read to its end, every row readable."""
    shows_references: bool
    """It carries references of ours."""
    shown: Mapping[int, Shown]
    """By order id."""
    seen: AbstractSet[str]
    """Ids of known parcels that it shows."""
    parcels: Sequence[Parcel]
    holders: Mapping[str, int]
    """The order that holds a courier id in the journal."""
    links: Mapping[str, Link]
    """The order that the shop links a courier id to."""
    owners: Mapping[str, Shipment]
    """The journal's shipment of each reference in the list's rows."""
    open_orders: Mapping[str, AbstractSet[int]]
    """By phone: the orders that are unclear, or wait to be sent."""


@dataclass(frozen=True, slots=True)
class Found:
    """This courier order is the shipment."""

    order: CourierOrder
    by: str
    """`REFERENCE`, or `PHONE_AND_PRICE`."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row fits, but not surely."""

    reason: Reason
    final: bool
    """True: no later list will say more."""


@dataclass(frozen=True, slots=True)
class Absent:
    """The list proves that the courier does not have it."""


@dataclass(frozen=True, slots=True)
class Unproven:
    """The list says nothing."""

    reason: Reason


Verdict = Found | Doubt | Absent | Unproven


def judge(shipment: Shipment, facts: ListFacts) -> Verdict:
    """Return what the list shows of *shipment*."""
    shown = facts.shown[shipment.order_id]
    if shown.by_reference:
        return _by_reference(shipment, shown.by_reference)
    rows, gone = candidates(shipment, shown.by_phone, facts), _gone(shipment, shown)
    seen = Reason(Code.CANDIDATE, {"rows": named({row.id for row in rows} | gone)})
    if not facts.whole:
        return Unproven(seen if rows or gone else Reason(Code.PARTIAL))
    if gone:
        return Doubt(seen, final=False)
    return _by_phone(shipment, rows, facts) if rows else proof(shipment, facts)


def _gone(shipment: Shipment, shown: Shown) -> set[str]:
    """Return the candidates of the last list that this one lacks: now their phone, too, may have changed."""
    reason = shipment.look.reason if shipment.look else None
    if reason is None or reason.code not in {Code.CANDIDATE, Code.TWIN}:
        return set()
    return set(str(reason.values["rows"]).split(", ")) - {row.id for row in shown.by_phone}


def _by_reference(shipment: Shipment, rows: Sequence[CourierOrder]) -> Verdict:
    distinct = {row.id: row for row in rows}
    agreeing = [row for row in distinct.values() if last_ten(row.client_mobile or "") in shipment.phones]
    if len(agreeing) == 1:
        return Found(agreeing[0], REFERENCE)
    code = Code.TWICE if agreeing else Code.OTHER_PHONE
    return Doubt(Reason(code, {"rows": _named(agreeing or list(distinct.values()))}), final=True)


def candidates(shipment: Shipment, rows: Sequence[CourierOrder], facts: ListFacts) -> list[CourierOrder]:
    """Return those of *rows*, which have the shipment's phone or none, that may be it: no other order owns them."""
    distinct = {row.id: row for row in rows}
    return [row for row in distinct.values() if _may_be(shipment, row) and not _is_anothers(shipment, row, facts)]


def _may_be(shipment: Shipment, row: CourierOrder) -> bool:
    since = (shipment.begun_at - DAY).astimezone(COURIER_ZONE).replace(tzinfo=None)
    return row.created_at is None or row.created_at >= since


def _is_anothers(shipment: Shipment, row: CourierOrder, facts: ListFacts) -> bool:
    """Tell whether *row* is surely another order's.

    The journal holds its id for that order, or the shop links it to an order with its phone. A reference in its notes
    counts only if the journal holds it for another order and the row is that order's: anybody may write such a text.
    """
    phone, ids = last_ten(row.client_mobile or ""), ids_of(row)
    if any(facts.holders.get(each, shipment.order_id) != shipment.order_id for each in ids):
        return True
    linked = [facts.links[each] for each in ids if each in facts.links]
    if any(link.order_id != shipment.order_id and link.phone == phone for link in linked):
        return True
    owners = [facts.owners[each] for each in references_in(row) if each in facts.owners]
    return any(
        owner.order_id != shipment.order_id and (phone in owner.phones or bool(ids & owner.ids)) for owner in owners
    )


def _by_phone(shipment: Shipment, rows: Sequence[CourierOrder], facts: ListFacts) -> Verdict:
    others = open_beside(shipment, facts)
    first = rows[0]
    if len(rows) == 1 and _fits(shipment, first, facts):
        if not others:
            return Found(first, PHONE_AND_PRICE)
        orders = ", ".join(str(each) for each in sorted(others))
        return Doubt(Reason(Code.TWIN, {"rows": _named(rows), "orders": orders}), final=False)
    return Doubt(Reason(Code.CANDIDATE, {"rows": _named(rows)}), final=False)


def _fits(shipment: Shipment, row: CourierOrder, facts: ListFacts) -> bool:
    """Tell whether *row* is the shipment by phone and price, if no other row or order comes into question.

    A row without a note of ours in a list that shows such notes is most likely somebody else's: its time decides.
    """
    if references_in(row) or row.created_at is None or ids_of(row) & facts.links.keys():
        return False
    if len(last_ten(row.client_mobile or "")) != PHONE_DIGITS or row.price is None:
        return False
    price = int(row.price.quantize(Decimal(1), ROUND_HALF_UP))
    if any(suspicion.price == price for suspicion in shipment.suspicions):
        return True
    return any(
        attempt.price == price and (not facts.shows_references or _is_near(row.created_at, attempt.sent_at))
        for attempt in shipment.unclear
    )


def _is_near(made_at: datetime, sent_at: datetime) -> bool:
    return abs(made_at - sent_at.astimezone(COURIER_ZONE).replace(tzinfo=None)) <= NEAR


def open_beside(shipment: Shipment, facts: ListFacts) -> set[int]:
    """Return the other orders of the shipment's phone that are unclear or wait to be sent."""
    beside = {each for phone in shipment.phones for each in facts.open_orders.get(phone, ())}
    return beside - {shipment.order_id}


def proof(shipment: Shipment, facts: ListFacts) -> Absent | Unproven:
    """Tell whether a whole list without a row for *shipment* proves that the courier does not have it."""
    if missing := missing_from(facts, shipment.begun_at - DAY):
        return Unproven(Reason(Code.INCOMPLETE, {"rows": named({min(parcel.ids) for parcel in missing[:3]})}))
    for parcel in facts.parcels:
        if parcel.order_id != shipment.order_id and parcel.ids & facts.seen and is_later(parcel.sent_at, shipment):
            return Absent()
    return Unproven(Reason(Code.NO_WITNESS))


def is_later(sent_at: datetime | None, shipment: Shipment) -> bool:
    """Tell whether a list that shows what was sent then shows *shipment* too, if the courier has it."""
    return sent_at is not None and sent_at > shipment.known_at + LATE


def missing_from(facts: ListFacts, since: datetime) -> list[Parcel]:
    """Return the parcels, acknowledged *since*, that the list lacks although the courier had them when it was asked."""
    return [
        parcel
        for parcel in facts.parcels
        if since <= parcel.acknowledged_at <= facts.asked_at and not parcel.ids & facts.seen
    ]


@dataclass(frozen=True, slots=True)
class Settle:
    """Keep that this courier order is the shipment."""

    order: CourierOrder
    by: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Leave it to a person."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Count:
    """Count one proven absence."""


@dataclass(frozen=True, slots=True)
class Note:
    """Keep why the list settled nothing."""

    reason: Reason


Settlement = Settle | Hold | Count | Note | None


def settle(
    shipment: Shipment, verdict: Verdict, *, asked_at: datetime, now: datetime, settle_time: timedelta, beside: bool
) -> Settlement:
    """Return what follows for *shipment* from the *verdict* of a list that was asked for at *asked_at*.

    A reference settles a shipment in every state that has no courier order yet; all else only one that is unclear, and
    nothing while a request with its phone is under way *beside* it: the row may be that request's.
    """
    if isinstance(verdict, Found) and verdict.by == REFERENCE:
        return Settle(verdict.order, verdict.by)
    if shipment.state is not ShipmentState.INTENDED or beside or asked_at < shipment.known_at:
        return None
    match verdict:
        case Found(order, by):
            return Settle(order, by)
        case Doubt(reason, final):
            waited = final or asked_at - shipment.known_at >= settle_time
            return Hold(reason) if waited else Note(reason)
        case Absent():
            return Count() if asked_at >= shipment.absence_due_at(settle_time) else None
        case Unproven(reason):
            return Hold(Reason(Code.GIVEN_UP)) if now - shipment.known_at >= PATIENCE else Note(reason)


def doubt_of_absence(shipment: Shipment, references_seen_at: datetime | None, now: datetime) -> Reason | None:
    """Return why enough proven absences are still no ground for sending *shipment* again; None if they are."""
    if references_seen_at is None or now - references_seen_at >= DAY:
        return Reason(Code.NO_REFERENCES, {"lists": shipment.absences})
    if len(shipment.unclear) >= MOST_REQUESTS:
        return Reason(Code.SENT_OFTEN, {"times": len(shipment.unclear)})
    if now - shipment.known_at >= PATIENCE:
        return Reason(Code.GIVEN_UP)
    return None


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What a shipment's job knows when it asks for its next step."""

    shipment: Shipment | None
    request: NewShipment | Skipped | Stuck
    """What the shop's order asks for now."""
    suspicion: Suspicion | None
    """Why somebody else may have sent the order; None: nobody, or the journal knows of it."""
    changed: bool
    """The order was changed after it was made."""
    in_flight: bool
    """A request of its is under way."""
    references_seen_at: datetime | None
    """When a list last showed a reference of ours; None: never."""
    witness_sent_at: datetime | None
    """When the newest parcel was sent that the courier is known to have; None: there is none of the last days."""
    now: datetime
    settle_time: timedelta


@dataclass(frozen=True, slots=True)
class Send:
    """Commit the intent, send the request, commit its answer."""

    request: NewShipment


@dataclass(frozen=True, slots=True)
class Suspect:
    """Begin as unclear: look first."""

    suspicion: Suspicion


@dataclass(frozen=True, slots=True)
class Explain:
    """Its request was under way when the daemon ended: keep that its answer is lost."""


@dataclass(frozen=True, slots=True)
class LookNow:
    """Ask for the courier's list, if nobody has since *since*."""

    since: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be decided before *until*."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The courier does not have it, and it is not to be sent any more."""

    ending: Skipped | Stuck


@dataclass(frozen=True, slots=True)
class Record:
    """Write the shop's row."""


@dataclass(frozen=True, slots=True)
class End:
    """Nothing more is done."""

    ending: Skipped | Stuck | None
    """None: the shipment's own state says how it stands."""


JobStep = Send | Suspect | Explain | LookNow | Wait | Withdraw | Hold | Record | End


def next_step(facts: JobFacts) -> JobStep:
    """Return what the shipment's job does now."""
    shipment = facts.shipment
    if shipment and facts.in_flight:
        return Wait(facts.now + facts.settle_time / 3)
    if shipment is None or shipment.state is ShipmentState.WITHDRAWN:
        return _begin(facts)
    match shipment.state:
        case ShipmentState.INTENDED:
            return _unclear(facts, shipment)
        case ShipmentState.CREATED:
            return Record()
        case _:
            return End(None)


def _begin(facts: JobFacts) -> JobStep:
    if not isinstance(facts.request, NewShipment):
        return End(facts.request)
    return Suspect(facts.suspicion) if facts.suspicion else Send(facts.request)


def _unclear(facts: JobFacts, shipment: Shipment) -> JobStep:
    if is_ended(shipment):
        return Explain()
    if shipment.absences >= ABSENCES:
        return _absent(facts, shipment)
    due_at = look_due_at(shipment, facts.witness_sent_at, facts.settle_time)
    if facts.now < due_at:
        return Wait(due_at)
    return LookNow(max(shipment.absence_due_at(facts.settle_time), facts.now - facts.settle_time / 3))


def _absent(facts: JobFacts, shipment: Shipment) -> JobStep:
    if doubt := doubt_of_absence(shipment, facts.references_seen_at, facts.now):
        return Hold(doubt)
    if not isinstance(facts.request, NewShipment):
        return Withdraw(facts.request)
    if facts.changed and shipment.suspicions:
        return Hold(Reason(Code.CHANGED))
    return Send(facts.request)


def is_ended(shipment: Shipment) -> bool:
    """Tell whether a request of its was under way when the daemon ended, unless one is under way now."""
    return any(attempt.answered_at is None for attempt in shipment.attempts)


def look_due_at(shipment: Shipment, witness_sent_at: datetime | None, settle_time: timedelta) -> datetime:
    """Return when the courier's list is worth asking for.

    Three times over *settle_time*; then seldom, until a later parcel can be the witness that a list was waiting for.
    """
    due_at, look = shipment.absence_due_at(settle_time), shipment.look
    if look is None:
        return due_at
    again_at = max(due_at, look.at + settle_time / 3)
    if look.at - shipment.known_at < settle_time or look.reason is None:
        return again_at
    if look.reason.code is Code.NO_WITNESS and is_later(witness_sent_at, shipment):
        return again_at
    return max(due_at, look.at + SELDOM)


def is_younger(asked_at: datetime | None, made_at: datetime | None) -> bool:
    """Tell whether a shipment was asked for clearly after its order was made: somebody may have sent it before."""
    return asked_at is not None and made_at is not None and asked_at - made_at > YOUNGER


def _named(rows: Sequence[CourierOrder]) -> str:
    return named({row.id for row in rows})
