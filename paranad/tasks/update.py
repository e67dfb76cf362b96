"""The shop's shipments brought up to date: by the courier's whole list, and by id while they are on their way.

Source: shop contract, "UpdateOrdersFromMerchantOrdersJob" and "UpdateAlWaseetShipmentsStatusJob".
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import or_, select

from paranad.catalogue import UPDATE_ORDERS, UPDATE_SHIPMENTS, UPDATE_STATUS_COUNTS
from paranad.courier.client import MOST_IDS, Courier
from paranad.courier.errors import CourierRefused, CourierUnclear
from paranad.courier.models import CourierOrder, OrderList
from paranad.courier.parsing import UnreadableValue, order_id_of
from paranad.courier.statuses import OVER
from paranad.mirror.known import QrIds
from paranad.mirror.policy import BY_ID, LISTED
from paranad.mirror.write import Tell, Written, write
from paranad.queue.model import Completed, Outcome, Request, Snoozed
from paranad.said import Said, Sentence
from paranad.shipments.service import Shipments
from paranad.shipments.settle import CourierList
from paranad.shop.cache import ShopCache
from paranad.shop.database import Shop
from paranad.shop.statements import is_before, is_unset
from paranad.shop.tables import alwaseet_shipments
from paranad.tasks.mirroring import CHUNK, details_of, tally_of
from paranad.tasks.notices import Notices
from paranad.tasks.task import MENTIONED, Context, NoArguments, PlainTask, Tally
from paranad.uninterrupted import to_its_end
from paranad.wording import quotable

TIMELINE = "alwaseet_status_timeline_"
"""With the shipment's id behind it, the cache key of the history that the shop's page shows."""
FRESH = timedelta(seconds=30)
"""How long an answer is good, and how far apart the two passes of a job are."""
MOST_SHIPMENTS = 25 * MOST_IDS
"""Asked for in one pass."""
ROWS_WITHOUT_ID = Sentence("courier.rows_without_id", "{rows} rows have no id")
REST_LATER = Sentence(
    "job.rest_later", "looked at {looked_at}, changed {changed}, failed {failed}; the rest comes later"
)
NO_NUMBER = Sentence("courier.no_order_number", "its id is no number, so the courier is not asked for it")


class UpdateOrders(PlainTask):
    """`alwaseet:update-orders`: what the shop does not know is counted and left to the sync."""

    facts = UPDATE_ORDERS

    def __init__(self, shop: Shop, courier: Courier, shipments: Shipments, cache: ShopCache, notices: Notices) -> None:
        self.shop, self.courier, self.shipments, self.cache = shop, courier, shipments, cache
        self.notices = notices

    async def run(self, context: Context, _: NoArguments) -> Outcome:
        """Fetch the list, settle unclear shipments by it, write it in chunks; then have the counts published again."""
        if context.dry_run:
            return Completed({"request": {"path": "merchant-orders"}})
        asked_at = context.clock.now()
        orders = await self.courier.merchant_orders(owner=f"job:{context.job_id}")
        await self.shipments.settle_from(CourierList(orders, asked_at))
        unforgotten = dict[str, Said]()
        written = await self._write(context, orders, unforgotten)
        tally = tally_of(len(orders) + orders.skipped, written)
        if orders.skipped:
            tally.fail("unknown", ROWS_WITHOUT_ID(rows=orders.skipped))
        for key, reason in unforgotten.items():
            tally.fail(f"cache key {key}", reason)
        await context.enqueue([Request(UPDATE_STATUS_COUNTS.name, {})])
        return Completed(tally.as_json(unknown=written.unknown, **details_of(written)))

    async def _write(self, context: Context, orders: OrderList, unforgotten: dict[str, Said]) -> Written:
        """Write *orders*; why a cache key could not be forgotten goes into *unforgotten*."""
        written, qr_ids, tell, done = Written(), QrIds(), self.notices.told_by(context), 0
        for chunk in orders.handed_over(CHUNK):
            # To its end: a run that begins again would not see the change, and would forget no key.
            written.add(await to_its_end(self._write_chunk(chunk, qr_ids, tell, unforgotten)))
            done += len(chunk)
            context.progress(done, len(orders))
        return written

    async def _write_chunk(
        self, chunk: Sequence[CourierOrder], qr_ids: QrIds, tell: Tell, unforgotten: dict[str, Said]
    ) -> Written:
        """Write *chunk* and forget what its changes outdate."""
        written = await write(self.shop, chunk, LISTED, qr_ids, tell=tell)
        unforgotten |= await self.cache.forget(f"{TIMELINE}{change.shipment_id}" for change in written.status_changes)
        return written


class UpdateShipments(PlainTask):
    """`alwaseet:update-shipments`: asks for what is due, in turns: the next pass begins where this one ends."""

    facts = UPDATE_SHIPMENTS

    def __init__(self, shop: Shop, courier: Courier, notices: Notices) -> None:
        self.shop, self.courier, self.notices = shop, courier, notices
        self.after = 0
        """The last shipment that was asked for, so that one without an answer does not delay the others."""

    async def run(self, context: Context, _: NoArguments) -> Outcome:
        """Ask for what is due; if that is more than one pass takes, the job comes back for a second."""
        due = await self._due()
        now = due[:MOST_SHIPMENTS]
        if context.dry_run:
            request = {"path": "get-orders-by-ids-bulk", "ids": [courier_id for _, courier_id in now[:MENTIONED]]}
            return Completed(Tally(looked_at=len(now)).as_json(request=request))
        tally, written = await self._ask(context, now)
        # A second pass, not a third: the schedule comes every minute, and a job must end before that.
        if len(due) > len(now) and not context.snoozes:
            told = REST_LATER(looked_at=len(now), changed=written.changed, failed=tally.failed_count)
            return Snoozed(context.clock.now() + FRESH, told)
        return Completed(tally.as_json(unanswered=len(now) - written.known, **details_of(written)))

    async def _due(self) -> list[tuple[int, str]]:
        """Return the shipments that are due, by id and the courier's id, and one more than a pass takes."""
        table = alwaseet_shipments.c
        synced_at = table.synced_at
        stale = or_(is_unset(self.shop, synced_at), is_before(self.shop, synced_at, self.shop.now() - FRESH))
        wanted = select(table.id, table.alwaseet_order_id).where(
            table.order_id.is_not(None), table.status_id.not_in(OVER), stale
        )
        in_turn = wanted.order_by(table.id <= self.after, table.id).limit(MOST_SHIPMENTS + 1)
        async with self.shop.read() as connection:
            return [(row.id, row.alwaseet_order_id) for row in await connection.execute(in_turn)]

    async def _ask(self, context: Context, due: Sequence[tuple[int, str]]) -> tuple[Tally, Written]:
        """Ask for *due* in batches; one batch with a bad answer is left out, a second is an outage."""
        written, failed, done = Written(), dict[str, Said](), 0
        for batch in _batches(due):
            try:
                await self._ask_for(context, batch, written)
            except (CourierRefused, CourierUnclear) as error:
                # One bad batch among several may be the fault of an id in it; a second one is the courier's outage.
                if failed or len(due) <= MOST_IDS:
                    raise
                failed[f"{len(batch)} courier orders from {batch[0][1]} on"] = error.said
            self.after = batch[-1][0]
            context.progress(done := done + len(batch), len(due))
        # Also past the ids that are no numbers: the next pass begins behind them.
        if due:
            self.after = due[-1][0]
        tally = tally_of(len(due), written)
        for what, reason in failed.items():
            tally.fail(what, reason)
        for _, courier_id in due:
            if not _is_number(courier_id):
                tally.skip(f"courier order {quotable(courier_id)}", NO_NUMBER())
        return tally, written

    async def _ask_for(self, context: Context, batch: Sequence[tuple[int, str]], written: Written) -> None:
        ids = [courier_id for _, courier_id in batch]
        orders = await self.courier.orders_by_ids(ids, owner=f"job:{context.job_id}")
        written.add(await write(self.shop, orders, BY_ID, tell=self.notices.told_by(context)))


def _batches(due: Sequence[tuple[int, str]]) -> Iterator[Sequence[tuple[int, str]]]:
    """Cut *due* into what one call may ask for; an id that is no number would spoil the call of the others."""
    good = [shipment for shipment in due if _is_number(shipment[1])]
    for start in range(0, len(good), MOST_IDS):
        yield good[start : start + MOST_IDS]


def _is_number(courier_id: str) -> bool:
    try:
        return order_id_of(courier_id) == courier_id
    except UnreadableValue:
        return False
