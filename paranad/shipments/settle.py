"""Settling shipments by the courier's own lists, whoever asked for one: a job, a sync, a person."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from anyio.lowlevel import checkpoint

from paranad.clock import Clock, from_us, to_us
from paranad.courier.client import Courier
from paranad.courier.errors import CourierRefused, CourierUnclear, Refusal
from paranad.courier.models import CourierOrder, OrderList
from paranad.errors import WrongState
from paranad.events.courier import CourierListIncomplete
from paranad.events.event import Events
from paranad.shipments import reasons
from paranad.shipments.adopt import Adoption
from paranad.shipments.decide import (
    ABSENCES,
    Count,
    Hold,
    Note,
    Settle,
    doubt_of_absence,
    is_unanswered,
    settle,
)
from paranad.shipments.journal import Journal
from paranad.shipments.judge import DAY, ListFacts, Parcel, judge, missing_from
from paranad.shipments.listed import Search, ids_of, references_among, references_in
from paranad.shipments.model import Shipment, ShipmentState
from paranad.shipments.record import Recorder
from paranad.shipments.restored import Restoration
from paranad.shipments.shop_orders import ShopOrders
from paranad.shop.errors import ShopError
from paranad.store.file import Values

PIECE = 500
"""How many rows of a list are looked at before the loop may go on."""
SEEN_AT = "shipments.references_seen_at"
"""The value that says when a list of the courier's last showed a reference of ours."""
SEEN_AFRESH = timedelta(hours=1)
"""How old that value may be before it is looked at again."""
NAMED = 3
"""How many parcels are named of those that a list lacks."""


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


@dataclass(frozen=True, slots=True)
class CourierList:
    """What the courier answered."""

    orders: OrderList = field(repr=False)
    asked_at: datetime
    complete: bool
    """False: filtered, or some rows could not be read; it then proves no absence."""
    filtered: bool = False
    """It was asked for by status or by day: it says nothing of what it leaves out."""


def whole(orders: OrderList, asked_at: datetime) -> CourierList:
    """Return the answer to a request without filters."""
    return CourierList(orders, asked_at, complete=not orders.skipped)


class Settler:
    """Holds the courier's lists against the shipment journal."""

    def __init__(
        self,
        *,
        journal: Journal,
        recorder: Recorder,
        orders: ShopOrders,
        courier: Courier,
        values: Values,
        clock: Clock,
        events: Events,
        settle_time: timedelta,
    ) -> None:
        self.journal, self.recorder, self.orders, self.courier = journal, recorder, orders, courier
        self.values, self.clock, self.events, self.settle_time = values, clock, events, settle_time
        self.restoration = Restoration(values)
        self.adoption = Adoption(journal, orders, self._settle)
        self._asking = asyncio.Lock()
        self._applying = asyncio.Lock()
        self._asked_at = datetime.min.replace(tzinfo=UTC)

    async def look(self, owner: str, since: datetime | None = None) -> Report:
        """Fetch the whole list and settle by it; an empty report if another job has done so *since*.

        Raises:
            CourierError: there is no list that can be trusted; nothing was concluded.
        """
        async with self._asking:
            if since and self._asked_at >= since:
                return Report()
            asked_at = self.clock.now()
            orders = await self._fetch(owner)
            self._asked_at = asked_at
            return await self.settle_from(whole(orders, asked_at))

    async def _fetch(self, owner: str) -> OrderList:
        try:
            return await self.courier.merchant_orders(owner=owner)
        except CourierRefused as error:
            if error.refusal is not Refusal.DATA:
                raise
            raise CourierUnclear(f"it refused its whole list: {error}") from error  # nothing in that request is wrong

    async def references_seen_at(self) -> datetime | None:
        """Return when a list of the courier's last showed a reference of ours; None: never."""
        at_us = await self.values.get(SEEN_AT)
        return from_us(at_us) if isinstance(at_us, int) else None

    async def settle_from(self, answer: CourierList) -> Report:
        """Settle what *answer* tells about; a whole one may also prove what it lacks to be absent."""
        async with self._applying:
            if answer.complete:
                self._asked_at = max(self._asked_at, answer.asked_at)
            shipments, restored = await self._explained(), await self.restoration.find()
            seen_at = await self.references_seen_at()
            if not shipments and not restored and seen_at and answer.asked_at - seen_at < SEEN_AFRESH:
                return Report(complete=answer.complete)
            parcels = await self._parcels(shipments)
            watched = frozenset[str]().union(*(parcel.ids for parcel in parcels))
            search = await self._search(answer.orders, Search(shipments, watched, keep_marked=restored is not None))
            adopted = await self.adoption.adopt(search.marked, restored) if restored else {}
            open_still = [each for each in shipments if each.order_id not in adopted]
            facts = await self._facts(answer, search, open_still, parcels)
            report = await self._apply(open_still, facts, filtered=answer.filtered)
            for state in adopted.values():
                report.count(state)
            return report

    async def _explained(self) -> Sequence[Shipment]:
        """Return what is unsettled; a request that was under way when the daemon ended is unclear from now on."""
        unsettled = await self.journal.unsettled()
        ended = [each for each in unsettled if is_unanswered(each) and not self.journal.is_in_flight(each.order_id)]
        for shipment in ended:
            await self.journal.mark_unclear(shipment.order_id, reasons.ENDED())
        return await self.journal.unsettled() if ended else unsettled

    async def _parcels(self, shipments: Sequence[Shipment]) -> Sequence[Parcel]:
        """Return the parcels that a list must show to prove one of *shipments* absent."""
        unclear = [each.begun_at for each in shipments if each.state is ShipmentState.INTENDED]
        return await self.journal.parcels(min(unclear) - DAY) if unclear else []

    async def _search(self, orders: OrderList, search: Search) -> Search:
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
        self, answer: CourierList, search: Search, shipments: Sequence[Shipment], parcels: Sequence[Parcel]
    ) -> ListFacts:
        rows = list(search.rows())
        ids = sorted({each for row in rows for each in ids_of(row)})
        references = sorted({each for row in rows for each in references_in(row)})
        shows = await self._note_references(search, answer.asked_at)
        facts = ListFacts(
            asked_at=answer.asked_at,
            whole=answer.complete,
            shows_references=shows,
            shown=search.shown,
            seen=search.seen,
            parcels=parcels,
            holders=await self.journal.sure_holders(ids) if ids else {},
            links=await self.orders.links(ids) if ids else {},
            owners=await self.journal.owners(references) if references else {},
            open_orders=await self._open_orders(shipments) if ids else {},
            settle_time=self.settle_time,
        )
        await self._tell_missing(facts)
        return facts

    async def _note_references(self, search: Search, asked_at: datetime) -> bool:
        """Keep when a list last showed a recent reference of ours: old rows may keep a note that new rows lack."""
        references = sorted(search.references)
        shows = bool(references) and await self.journal.any_ours(references, asked_at - 2 * DAY)
        if shows:
            await self.values.put(SEEN_AT, to_us(asked_at))
        return shows

    async def _open_orders(self, shipments: Sequence[Shipment]) -> Mapping[str, set[int]]:
        """Return by phone the orders that are unclear or wait to be sent, as the journal or the shop knows them."""
        phones = {phone for each in shipments if each.state is ShipmentState.INTENDED for phone in each.phones}
        unshipped = await self.orders.open_orders(phones, self.clock.now())
        found = {phone: set(orders) for phone, orders in unshipped.items()}
        for order_id in {each for orders in found.values() for each in orders}:
            kept = await self.journal.find(order_id)
            if kept and kept.state in {ShipmentState.CREATED, ShipmentState.RECORDED}:
                found = {phone: orders - {order_id} for phone, orders in found.items()}
        for shipment in shipments:
            for phone in shipment.phones & phones:
                found.setdefault(phone, set()).add(shipment.order_id)
        return found

    async def _tell_missing(self, facts: ListFacts) -> None:
        """Tell of a whole list that lacks what it has had time to show."""
        late = facts.asked_at - self.settle_time
        missing = [parcel for parcel in missing_from(facts, facts.asked_at - DAY) if parcel.acknowledged_at <= late]
        if facts.whole and missing:
            rows = reasons.named({min(parcel.ids) for parcel in missing[:NAMED]})
            self.events.tell(CourierListIncomplete(missing=len(missing), rows=", ".join(rows)))

    async def _apply(self, shipments: Sequence[Shipment], facts: ListFacts, *, filtered: bool) -> Report:
        report = Report(complete=facts.whole)
        in_flight = [each for each in shipments if self.journal.is_in_flight(each.order_id)]
        phones = frozenset[str]().union(*(each.phones for each in in_flight))
        for shipment in shipments:
            if self.journal.is_in_flight(shipment.order_id):
                continue
            try:
                beside = bool(shipment.phones & phones)
                settled = await self._conclude(shipment, facts, beside=beside, filtered=filtered)
            except WrongState:  # a job or a person was faster
                continue
            if settled.state is not ShipmentState.WITHDRAWN:
                report.count(settled.state)
        return report

    async def _conclude(self, shipment: Shipment, facts: ListFacts, *, beside: bool, filtered: bool) -> Shipment:
        verdict = judge(shipment, facts)
        step = settle(
            shipment,
            verdict,
            asked_at=facts.asked_at,
            now=self.clock.now(),
            settle_time=self.settle_time,
            beside=beside,
        )
        match step:
            case Settle(order, by):
                return await self._settle(shipment, order, by)
            case Hold(reason):
                return await self.journal.hold(shipment.order_id, reason)
            case Note(reason) if not filtered:
                return await self.journal.note_look(shipment, facts.asked_at, reason)
            case Note(reason) if (
                reason.code == reasons.CANDIDATE.code
            ):  # when the whole list was looked at is not for it to say
                looked_at = shipment.look.at if shipment.look else shipment.known_at
                return await self.journal.note_look(shipment, looked_at, reason)
            case Count():
                return await self._count(shipment, facts.asked_at)
            case _:
                return shipment

    async def _settle(self, shipment: Shipment, order: CourierOrder, by: str) -> Shipment:
        created = await self.journal.create(shipment.order_id, order.id, ids_of(order), by=by)
        if created.state is ShipmentState.HELD:
            return created
        try:
            return await self.recorder.record(created, order)
        except ShopError:  # created is committed: its job, or the next look, writes the row
            return created

    async def _count(self, shipment: Shipment, asked_at: datetime) -> Shipment:
        counted = await self.journal.count_absence(shipment, asked_at)
        if counted.absences < ABSENCES:
            return counted
        doubt = doubt_of_absence(counted, await self.references_seen_at(), self.clock.now())
        return await self.journal.hold(counted.order_id, doubt) if doubt else counted
