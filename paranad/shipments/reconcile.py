"""Settling unclear shipments from the courier's own list, whoever asked for it: a job, a sync, a person."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from anyio.lowlevel import checkpoint

from paranad.clock import Clock
from paranad.courier.client import Courier
from paranad.courier.errors import CourierRefused, CourierUnclear, Refusal
from paranad.courier.models import CourierOrder, OrderList
from paranad.errors import WrongState
from paranad.events import Events, ShipmentHeld, ShipmentReconciled
from paranad.shipments.adopt import Adoption
from paranad.shipments.journal import ABSENCES, Journal
from paranad.shipments.matching import Absent, Ambiguous, Found, Search, Verdict, decide, ids_of, is_proven
from paranad.shipments.model import UNSETTLED, Shipment, ShipmentState
from paranad.shipments.orders import read_holders
from paranad.shipments.record import Recorder
from paranad.shipments.restored import Restoration
from paranad.shop.database import Shop
from paranad.shop.errors import ShopError
from paranad.store.values import Values

PIECE = 500
"""How many rows of a list are looked at before the loop may go on."""
MOST_REQUESTS = 3
"""How often an unclear shipment may have been sent before a person must decide."""
PATIENCE = timedelta(hours=24)
"""How long an unclear shipment may stay so before a person must decide."""
SEEN = "shipments.references_seen"
"""The value that says that the courier's lists return our references."""


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
    """What the courier answered, and what it proves."""

    orders: Sequence[CourierOrder] = field(repr=False)
    asked_at: datetime
    complete: bool
    """False: filtered, or some rows could not be read; it then proves no absence."""


def whole(orders: OrderList, asked_at: datetime) -> CourierList:
    """Return the answer to a request without filters."""
    return CourierList(orders, asked_at, complete=not orders.skipped)


class Reconciler:
    """Compares the shipment journal with the courier's lists."""

    def __init__(
        self,
        *,
        journal: Journal,
        recorder: Recorder,
        shop: Shop,
        courier: Courier,
        values: Values,
        clock: Clock,
        events: Events,
        settle_time: timedelta,
    ) -> None:
        self.journal, self.recorder, self.shop, self.courier = journal, recorder, shop, courier
        self.values, self.clock, self.events, self.settle_time = values, clock, events, settle_time
        self.restoration = Restoration(values)
        self.adoption = Adoption(journal, shop, self._settle, self._tell_held)
        self._asking = asyncio.Lock()
        self._applying = asyncio.Lock()
        self._asked_at = datetime.min.replace(tzinfo=UTC)

    async def look(self, owner: str, since: datetime | None = None) -> Report:
        """Fetch the whole list and settle by it; an empty report where another job has done so *since*.

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

    async def settle_from(self, answer: CourierList) -> Report:
        """Settle what *answer* tells about; a complete one also counts as an absence for what it lacks."""
        async with self._applying:
            if answer.complete:
                self._asked_at = max(self._asked_at, answer.asked_at)
            seen = await self.references_seen()
            shipments, restored = await self.journal.unsettled(), await self.restoration.find()
            if seen and not shipments and not restored:
                return Report(complete=answer.complete)
            search = await self._search(answer.orders, shipments)
            adopted = await self.adoption.adopt(search.marked, restored) if restored else {}
            if not seen and await self.journal.any_ours(list(search.marked)):
                await self.values.put(SEEN, True)
            verdicts = decide(search, await self._holders(search))
            open_still = [each for each in shipments if each.order_id not in adopted]
            report = await self._apply(open_still, verdicts, answer)
            for state in adopted.values():
                report.count(state)
            return report

    async def references_seen(self) -> bool:
        """Tell whether a list of the courier's was ever seen to return a reference of ours."""
        return bool(await self.values.get(SEEN))

    async def may_send_again(self, shipment: Shipment) -> bool:
        """Tell whether enough complete lists lacked the unclear *shipment*, and their silence proves something."""
        return shipment.absences >= ABSENCES and await self._doubt(shipment) is None

    async def _search(self, orders: Sequence[CourierOrder], shipments: Sequence[Shipment]) -> Search:
        search = Search(shipments)
        for start in range(0, len(orders), PIECE):
            search.look_at(orders[start : start + PIECE])
            await checkpoint()
        return search

    async def _holders(self, search: Search) -> Mapping[str, int]:
        ids = sorted(search.ids())
        if not ids:
            return {}
        async with self.shop.read() as connection:
            linked = await read_holders(connection, ids)
        return {**linked, **await self.journal.holders(ids)}

    async def _apply(
        self, shipments: Sequence[Shipment], verdicts: Mapping[int, Verdict], answer: CourierList
    ) -> Report:
        report = Report(complete=answer.complete)
        for shipment in self._grounded(shipments, verdicts):
            if self.journal.flying(shipment.order_id):
                continue
            try:
                settled = await self._conclude(shipment, verdicts[shipment.order_id], answer)
            except WrongState:  # a job or a person was faster
                continue
            report.count(settled.state)
        return report

    def _grounded(self, shipments: Sequence[Shipment], verdicts: Mapping[int, Verdict]) -> Sequence[Shipment]:
        """Leave out what a request under way may explain: it, and those of its phone that no reference proves."""
        flying = [shipment for shipment in shipments if self.journal.flying(shipment.order_id)]
        phones = frozenset[str]().union(*(shipment.phones for shipment in flying))
        return [
            shipment
            for shipment in shipments
            if shipment not in flying and (is_proven(verdicts[shipment.order_id]) or not shipment.phones & phones)
        ]

    async def _conclude(self, shipment: Shipment, verdict: Verdict, answer: CourierList) -> Shipment:
        if not (answer.complete or is_proven(verdict)):
            return shipment
        match verdict:
            case Found(order, by) if is_proven(verdict) or shipment.state is not ShipmentState.WITHDRAWN:
                return await self._settle(shipment, order, by)
            case Ambiguous(reason) if shipment.state is ShipmentState.INTENDED:
                return await self._hold(shipment, reason)
            case Absent() if shipment.state is ShipmentState.INTENDED:
                return await self._count(shipment, answer.asked_at)
        return shipment

    async def _settle(self, shipment: Shipment, order: CourierOrder, by: str) -> Shipment:
        created = await self.journal.create(shipment.order_id, order.id, ids_of(order), since=UNSETTLED)
        if created.state is ShipmentState.HELD:
            self._tell_held(created)
            return created
        self.events.tell(
            ShipmentReconciled(
                order_id=created.order_id, reference=created.reference, courier_id=order.id, matched_by=by
            )
        )
        try:
            return await self.recorder.record(created, order)
        except ShopError:  # created is committed: its job, or the next look, writes the row
            return created

    async def _count(self, shipment: Shipment, asked_at: datetime) -> Shipment:
        if asked_at < shipment.look_due_at(self.settle_time):
            return shipment
        counted = await self.journal.count_absence(shipment, asked_at)
        if counted.absences < ABSENCES:
            return counted
        doubt = await self._doubt(counted)
        return await self._hold(counted, doubt) if doubt else counted

    async def _doubt(self, shipment: Shipment) -> str | None:
        """Return why the absence of *shipment* is no ground for sending it again; None where it is."""
        if not await self.references_seen():
            return (
                f"the courier's answer was unclear, and {shipment.absences} of its lists lack the shipment; but they"
                " have never shown a reference of ours, so that proves nothing"
            )
        ours = [attempt for attempt in shipment.unclear if not attempt.elsewhere]
        if len(ours) >= MOST_REQUESTS:
            return f"sent {len(ours)} times without an answer, and not in the courier's lists"
        if self.clock.now() - shipment.attempts[-1].known_at >= PATIENCE:
            return "the courier's answer was unclear, and 24 h did not settle it"
        return None

    async def _hold(self, shipment: Shipment, reason: str) -> Shipment:
        held = await self.journal.hold(shipment.order_id, reason)
        self._tell_held(held)
        return held

    def _tell_held(self, held: Shipment) -> None:
        self.events.tell(ShipmentHeld(order_id=held.order_id, reference=held.reference, reason=held.reason or ""))
