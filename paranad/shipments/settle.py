"""Settling shipments by the courier's own lists, whoever asked for one: a job, a sync, a person."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from anyio.lowlevel import checkpoint

from paranad.clock import from_us, to_us
from paranad.courier.errors import CourierRefused, CourierUnclear, Refusal
from paranad.courier.models import OrderList
from paranad.errors import WrongState
from paranad.events.courier import CourierListIncomplete
from paranad.record import record
from paranad.said import Sentence
from paranad.shipments import reasons, restored
from paranad.shipments.decide import Count, Hold, Note, Settle, Settlement, doubt_of_absence, is_unanswered, settle
from paranad.shipments.judge import DAY, ListFacts, Parcel, judge, missing_from
from paranad.shipments.model import ABSENCES, Shipment, ShipmentState
from paranad.shipments.record import record_created, record_listed
from paranad.shipments.search import Search, ids_of, references_among, references_in
from paranad.shipments.tools import Tools

PIECE = 500
"""How many rows of a list are looked at before the loop may go on."""
SEEN_AT = "shipments.references_seen_at"
"""The stored value: when a list of the courier last showed a reference of ours."""
SEEN_AFRESH = timedelta(hours=1)
"""How old that value may be before it is looked at again."""
NAMED = 3
"""How many of the parcels that a list lacks are named."""
LIST_REFUSED = Sentence("courier.list_refused", "it refused its whole list: {reason}")


@dataclass(slots=True)
class Report:
    """What a look at the courier's list brought."""

    looked_at: int = 0
    """Shipments that were not settled before."""
    settled: int = 0
    """Found in the list."""
    held: int = 0
    """A person must decide, now or still."""
    waiting: int = 0
    """Not found yet."""
    complete: bool = False
    """The list was whole."""
    matched: bool | None = None
    """Whether it has matched the journal of a restored queue.db, so that shipments are sent again; None: it was not
    restored, or is matched already."""

    def count(self, state: ShipmentState) -> None:
        """Count one shipment that stands so now."""
        self.looked_at += 1
        self.settled += state in {ShipmentState.CREATED, ShipmentState.RECORDED}
        self.held += state is ShipmentState.HELD
        self.waiting += state in {ShipmentState.INTENDED, ShipmentState.WITHDRAWN}


@record
class CourierList:
    """What the courier answered."""

    orders: OrderList = field(repr=False)
    asked_at: datetime
    filtered: bool = False
    """It was asked for by status or by day: it says nothing of what it leaves out."""

    @property
    def complete(self) -> bool:
        """Whether nothing was left out, and every row could be read; else it proves no absence."""
        return not self.filtered and not self.orders.skipped


async def reconcile(tools: Tools, owner: str) -> Report:
    """Fetch the courier's whole list now, and settle by it; a restored journal is matched if it was complete.

    Raises:
        CourierError: there is no list that can be trusted; nothing was concluded.
    """
    report = await look(tools, owner)
    await record_created(tools)
    if await restored.unmatched(tools):
        report.matched = report.complete
        if report.complete:
            await restored.match(tools, settled=report.settled, held=report.held)
    return report


async def look(tools: Tools, owner: str, since: datetime | None = None) -> Report:
    """Fetch the whole list and settle by it; an empty report if another job has done so *since*.

    Raises:
        CourierError: there is no list that can be trusted; nothing was concluded.
    """
    async with tools.lists.asking:
        if since and tools.lists.asked_at >= since:
            return Report()
        asked_at = tools.clock.now()
        orders = await _fetch(tools, owner)
        tools.lists.asked_at = asked_at
        return await settle_from(tools, CourierList(orders, asked_at))


async def _fetch(tools: Tools, owner: str) -> OrderList:
    try:
        return await tools.courier.merchant_orders(owner=owner)
    except CourierRefused as error:
        if error.refusal is not Refusal.DATA:
            raise
        raise CourierUnclear(LIST_REFUSED(reason=error.said)) from error  # nothing in that request is wrong


async def references_seen_at(tools: Tools) -> datetime | None:
    """Return when a list of the courier last showed a reference of ours; None: never."""
    at_us = await tools.values.get(SEEN_AT)
    return from_us(at_us) if isinstance(at_us, int) else None


async def settle_from(tools: Tools, answer: CourierList) -> Report:
    """Settle what *answer* tells about; a whole list may also prove that the courier lacks a shipment."""
    async with tools.lists.applying:
        if answer.complete:
            tools.lists.asked_at = max(tools.lists.asked_at, answer.asked_at)
        shipments, lost = await _explained(tools), await restored.find(tools)
        seen_at = await references_seen_at(tools)
        # Nothing to settle, and the notes were looked at within the hour: the list need not be gone through.
        if not shipments and not lost and seen_at and answer.asked_at - seen_at < SEEN_AFRESH:
            return Report(complete=answer.complete)
        parcels = await _parcels(tools, shipments)
        watched = frozenset[str]().union(*(parcel.ids for parcel in parcels))
        search = await _search(answer.orders, Search(shipments, watched, keep_marked=lost is not None))
        adopted = await restored.adopt(tools, search.marked, lost) if lost else {}
        open_still = [each for each in shipments if each.order_id not in adopted]
        facts = await _facts(tools, answer, search, open_still, parcels)
        report = await _apply(tools, open_still, facts, filtered=answer.filtered)
        for state in adopted.values():
            report.count(state)
        return report


async def _explained(tools: Tools) -> Sequence[Shipment]:
    """Return the unsettled shipments; a request that was under way when the daemon ended is unclear from now on."""
    journal = tools.journal
    unsettled = await journal.unsettled()
    # A held shipment stays held: an earlier version held a shipment whose request had no answer.
    ended = [
        each
        for each in unsettled
        if each.state is ShipmentState.INTENDED and is_unanswered(each) and not journal.is_in_flight(each.order_id)
    ]
    for shipment in ended:
        with suppress(WrongState):  # a job or a person settled it meanwhile
            await journal.mark_unclear(shipment.order_id, reasons.ENDED())
    return await journal.unsettled() if ended else unsettled


async def _parcels(tools: Tools, shipments: Sequence[Shipment]) -> Sequence[Parcel]:
    """Return the parcels that a list must show to prove one of *shipments* absent."""
    unclear = [each.begun_at for each in shipments if each.state is ShipmentState.INTENDED]
    if not unclear:
        return []
    since = min(unclear) - DAY
    known = await tools.journal.parcels(since)
    if tools.fence is None or not await tools.fence.has_marks():
        return known
    # What another machine has shipped stands in the shop alone.
    ids = frozenset[str]().union(*(parcel.ids for parcel in known))
    return [*known, *(parcel for parcel in await tools.orders.parcels(since) if not parcel.ids & ids)]


async def _search(orders: OrderList, search: Search) -> Search:
    if search.is_for_references:
        notes = orders.merchant_notes()
        for start in range(0, len(notes), 10 * PIECE):
            search.references |= references_among(notes[start : start + 10 * PIECE])
            await checkpoint()
        return search
    for start in range(0, len(orders), PIECE):
        search.look_at(orders[start : start + PIECE])
        await checkpoint()
    return search


async def _facts(
    tools: Tools, answer: CourierList, search: Search, shipments: Sequence[Shipment], parcels: Sequence[Parcel]
) -> ListFacts:
    rows = list(search.rows())
    ids = sorted({each for row in rows for each in ids_of(row)})
    references = sorted({each for row in rows for each in references_in(row)})
    shows = await _note_references(tools, search, answer.asked_at)
    facts = ListFacts(
        asked_at=answer.asked_at,
        whole=answer.complete,
        shows_references=shows,
        shown=search.shown,
        seen=search.seen,
        parcels=parcels,
        holders=await tools.journal.sure_holders(ids) if ids else {},
        links=await tools.orders.links(ids) if ids else {},
        owners=await tools.journal.owners(references) if references else {},
        open_orders=await _open_orders(tools, shipments) if ids else {},
        settle_time=tools.settle_time,
    )
    _tell_missing(tools, facts)
    return facts


async def _note_references(tools: Tools, search: Search, asked_at: datetime) -> bool:
    """Keep when a list last showed a recent reference of ours: old rows may keep a note that new rows lack."""
    references = sorted(search.references)
    shows = bool(references) and await tools.journal.any_ours(references, asked_at - 2 * DAY)
    if shows:
        await tools.values.put(SEEN_AT, to_us(asked_at))
    return shows


async def _open_orders(tools: Tools, shipments: Sequence[Shipment]) -> Mapping[str, set[int]]:
    """Return by phone the orders that are unclear or wait to be sent, as the journal or the shop knows them."""
    phones = {phone for each in shipments if each.state is ShipmentState.INTENDED for phone in each.phones}
    unshipped = await tools.orders.open_orders(phones, tools.clock.now())
    found = {phone: set(orders) for phone, orders in unshipped.items()}
    for order_id in {each for orders in found.values() for each in orders}:
        kept = await tools.journal.find(order_id)
        if kept and kept.state in {ShipmentState.CREATED, ShipmentState.RECORDED}:
            found = {phone: orders - {order_id} for phone, orders in found.items()}
    for shipment in shipments:
        for phone in shipment.phones & phones:
            found.setdefault(phone, set()).add(shipment.order_id)
    return found


def _tell_missing(tools: Tools, facts: ListFacts) -> None:
    """Tell of a whole list that lacks parcels which it has had time to show."""
    late = facts.asked_at - tools.settle_time
    missing = [parcel for parcel in missing_from(facts, facts.asked_at - DAY) if parcel.acknowledged_at <= late]
    if facts.whole and missing:
        rows = reasons.named({min(parcel.ids) for parcel in missing[:NAMED]})
        tools.events.tell(CourierListIncomplete(missing=len(missing), rows=", ".join(rows)))


async def _apply(tools: Tools, shipments: Sequence[Shipment], facts: ListFacts, *, filtered: bool) -> Report:
    report = Report(complete=facts.whole)
    in_flight = [each for each in shipments if tools.journal.is_in_flight(each.order_id)]
    phones = frozenset[str]().union(*(each.phones for each in in_flight))
    for shipment in shipments:
        # Asked again for each: a request may have left while the one before was settled.
        if tools.journal.is_in_flight(shipment.order_id):
            continue
        step = settle(
            shipment,
            judge(shipment, facts),
            asked_at=facts.asked_at,
            now=tools.clock.now(),
            settle_time=tools.settle_time,
            beside=bool(shipment.phones & phones),
        )
        try:
            settled = await _carry_out(tools, step, shipment, facts.asked_at, filtered=filtered)
        except WrongState:  # a job or a person was faster
            continue
        # A refused order is looked for only in case it is there after all: it does not count as waiting.
        if settled.state is not ShipmentState.WITHDRAWN:
            report.count(settled.state)
    return report


async def _carry_out(
    tools: Tools, step: Settlement, shipment: Shipment, asked_at: datetime, *, filtered: bool
) -> Shipment:
    match step:
        case Settle(order, by):
            return await record_listed(tools, shipment, order, by)
        case Hold(reason):
            return await tools.journal.hold(shipment.order_id, reason)
        case Note(reason) if not filtered:
            return await tools.journal.note_look(shipment, asked_at, reason)
        case Note(reason) if reason.code == reasons.CANDIDATE.code:
            # A filtered list may name a candidate; when the whole list was looked at is not for it to say.
            looked_at = shipment.look.at if shipment.look else shipment.known_at
            return await tools.journal.note_look(shipment, looked_at, reason)
        case Count():
            return await _count(tools, shipment, asked_at)
        case _:
            return shipment


async def _count(tools: Tools, shipment: Shipment, asked_at: datetime) -> Shipment:
    counted = await tools.journal.count_absence(shipment, asked_at)
    if counted.absences < ABSENCES:
        return counted
    doubt = doubt_of_absence(counted, await references_seen_at(tools), tools.clock.now())
    return await tools.journal.hold(counted.order_id, doubt) if doubt else counted
