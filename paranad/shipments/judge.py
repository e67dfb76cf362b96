"""What one list of the courier says of one shipment; pure.

A row of a list is the shipment if it carries the shipment's reference and phone. Any other row with the phone is a
candidate: price, note and time do not exclude it, since they change at the courier. While there is a candidate,
nothing is sent again. A list proves an absence only if it is whole, shows every parcel that the courier is known to
have, and among them one that was sent later: a witness that the list is as new as the shipment.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from paranad.courier.models import CourierOrder
from paranad.courier.parsing import COURIER_ZONE
from paranad.record import record
from paranad.said import Said
from paranad.shipments import reasons
from paranad.shipments.model import Shipment, pace
from paranad.shipments.phone import PHONE_DIGITS, last_ten
from paranad.shipments.search import Shown, ids_of, references_in

REFERENCE = "reference"
PHONE_AND_PRICE = "phone and price"

DAY = timedelta(days=1)
"""How far the time of a row may lie before the request that made it: clocks and zones differ."""
FIRST_YEAR = 2015
"""No parcel was made before: an earlier time is none."""
NEAR = timedelta(minutes=15)
"""How close to our request the time of a row without our note must be, while the courier's lists show notes."""


@record
class Parcel:
    """What the courier is known to have of one order."""

    order_id: int
    ids: frozenset[str]
    sent_at: datetime | None
    """When our last request for it left; None: somebody else sent it."""
    acknowledged_at: datetime
    """When the courier's answer, or its list, said that it has it."""


@record
class Link:
    """To which order the shop links a courier order."""

    order_id: int
    phone: str = field(repr=False)
    """Of that order, its last ten digits."""


@record
class ListFacts:
    """What a list shows, and what is known beside it."""

    asked_at: datetime
    whole: bool
    """No filter, read to its end, every row readable."""
    shows_references: bool
    """Whether it carries a reference of this program."""
    shown: Mapping[int, Shown]
    """By order id."""
    seen: AbstractSet[str]
    """Ids of known parcels that it shows."""
    parcels: Sequence[Parcel]
    holders: Mapping[str, Shipment]
    """The shipment that holds a courier id in the journal."""
    links: Mapping[str, Link]
    """The order that the shop links a courier id to."""
    owners: Mapping[str, Shipment]
    """The journal's shipment of each reference in the list's rows."""
    open_orders: Mapping[str, AbstractSet[int]]
    """By phone: the orders that are unclear, or wait to be sent."""
    settle_time: timedelta


@record
class Recognised:
    """This courier order is the shipment."""

    order: CourierOrder
    by: str
    """`REFERENCE`, or `PHONE_AND_PRICE`."""


@record
class Doubt:
    """A row fits, but not surely."""

    reason: Said
    final: bool
    """True: no later list will say more."""


@record
class Absent:
    """The list proves that the courier does not have it."""


@record
class Unproven:
    """The list says nothing."""

    reason: Said


Verdict = Recognised | Doubt | Absent | Unproven


def judge(shipment: Shipment, facts: ListFacts) -> Verdict:
    """Return what the list shows of *shipment*."""
    shown = facts.shown[shipment.order_id]
    # Our own mark is the strongest sign, so it is looked at before any row that has only the phone.
    if shown.by_reference:
        return _by_reference(shipment, shown.by_reference)
    rows, gone = candidates(shipment, shown.by_phone, facts), _gone(shipment, shown)
    seen = reasons.CANDIDATE(rows=reasons.named({row.id for row in rows} | gone))
    if not facts.whole:
        return Unproven(seen if rows or gone else reasons.PARTIAL())
    # A candidate that vanished may have got another phone: the list without it proves no absence.
    if gone:
        return Doubt(seen, final=False)
    return _by_phone(shipment, rows, facts) if rows else proof(shipment, facts)


def _gone(shipment: Shipment, shown: Shown) -> set[str]:
    """Return the candidates of the last list that this one lacks: now their phone, too, may have changed."""
    reason = shipment.look.reason if shipment.look else None
    if reason is None or reason.code not in {reasons.CANDIDATE.code, reasons.TWIN.code}:
        return set()
    return set(reasons.ids_in(reason, "rows")) - {row.id for row in shown.by_phone}


def _by_reference(shipment: Shipment, rows: Sequence[CourierOrder]) -> Verdict:
    distinct = {row.id: row for row in rows}
    agreeing = [row for row in distinct.values() if last_ten(row.client_mobile or "") in shipment.phones]
    if len(agreeing) == 1:
        return Recognised(agreeing[0], REFERENCE)
    doubt = reasons.TWICE if agreeing else reasons.OTHER_PHONE
    return Doubt(doubt(rows=_named(agreeing or list(distinct.values()))), final=True)


def candidates(shipment: Shipment, rows: Sequence[CourierOrder], facts: ListFacts) -> list[CourierOrder]:
    """Return the *rows* that may be the shipment: no other order owns them. All have its phone, or none."""
    distinct = {row.id: row for row in rows}
    return [row for row in distinct.values() if _may_be(shipment, row) and not _is_anothers(shipment, row, facts)]


def _may_be(shipment: Shipment, row: CourierOrder) -> bool:
    since = (shipment.begun_at - DAY).astimezone(COURIER_ZONE).replace(tzinfo=None)
    return row.created_at is None or row.created_at.year < FIRST_YEAR or row.created_at >= since


def _is_anothers(shipment: Shipment, row: CourierOrder, facts: ListFacts) -> bool:
    """Tell whether *row* is surely another order's.

    The journal holds its id for an order of its phone, or the shop links it to one. A reference in its notes counts
    only if the journal holds it for another order and the row is that order's: anybody may write such a text.
    """
    phone, ids = last_ten(row.client_mobile or ""), ids_of(row)
    held_by = [facts.holders[each] for each in ids if each in facts.holders]
    if any(_holds(holder, row, shipment) for holder in held_by if holder.order_id != shipment.order_id):
        return True
    linked = [facts.links[each] for each in ids if each in facts.links]
    if any(link.order_id != shipment.order_id and link.phone == phone for link in linked):
        return True
    owners = [facts.owners[each] for each in references_in(row) if each in facts.owners]
    return any(
        owner.order_id != shipment.order_id and (phone in owner.phones or bool(ids & owner.ids)) for owner in owners
    )


def _holds(holder: Shipment, row: CourierOrder, shipment: Shipment) -> bool:
    """Tell whether *row* belongs to *holder*, which has its id, and so not to *shipment*.

    The courier may have answered *holder* with a wrong id: then the row's phone and reference decide.
    """
    phone = last_ten(row.client_mobile or "")
    if phone not in shipment.phones or not holder.phones:
        return True
    return phone in holder.phones or holder.reference in references_in(row)


def _by_phone(shipment: Shipment, rows: Sequence[CourierOrder], facts: ListFacts) -> Verdict:
    others = open_beside(shipment, facts)
    first = rows[0]
    if len(rows) == 1 and _fits(shipment, first, facts):
        if not others:
            return Recognised(first, PHONE_AND_PRICE)
        orders = [str(each) for each in sorted(others)]
        return Doubt(reasons.TWIN(rows=_named(rows), orders=orders), final=False)
    return Doubt(reasons.CANDIDATE(rows=_named(rows)), final=False)


def _fits(shipment: Shipment, row: CourierOrder, facts: ListFacts) -> bool:
    """Tell whether *row* is the shipment by phone and price, if no other row or order comes into question.

    In a list that shows our notes, a row without one is most likely a stranger's: then its time decides.
    """
    if references_in(row) or row.created_at is None or ids_of(row) & facts.links.keys():
        return False
    if len(last_ten(row.client_mobile or "")) != PHONE_DIGITS or row.price is None:
        return False
    price = int(row.price.quantize(Decimal(1), ROUND_HALF_UP))
    # Another sender writes no reference and may have sent days ago: the price must do.
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
        return Unproven(reasons.INCOMPLETE(rows=reasons.named({min(parcel.ids) for parcel in missing[:3]})))
    for parcel in facts.parcels:
        shown = parcel.order_id != shipment.order_id and bool(parcel.ids & facts.seen)
        if shown and is_witness(parcel.sent_at, shipment, facts.settle_time):
            return Absent()
    return Unproven(reasons.NO_WITNESS())


def is_witness(sent_at: datetime | None, shipment: Shipment, settle_time: timedelta) -> bool:
    """Tell whether a list that shows a parcel sent at *sent_at* must show *shipment* too, if the courier has it.

    The courier may carry a request out for a while after its answer was lost: what is sent meanwhile is older there.
    """
    return sent_at is not None and sent_at >= shipment.known_at + pace(settle_time)


def missing_from(facts: ListFacts, since: datetime) -> list[Parcel]:
    """Return the parcels, acknowledged *since*, that the list lacks although the courier had them when it was asked."""
    return [
        parcel
        for parcel in facts.parcels
        if since <= parcel.acknowledged_at <= facts.asked_at and not parcel.ids & facts.seen
    ]


def _named(rows: Sequence[CourierOrder]) -> list[str]:
    return reasons.named({row.id for row in rows})
