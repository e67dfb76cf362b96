"""The courier's whole list, compared with the shipments that the shop has: what changed is written and told.

Source: shop contract, "UpdateOrdersFromMerchantOrdersJob".
"""

from collections.abc import Sequence
from datetime import timedelta

from paranad.courier.client import Courier
from paranad.courier.models import CourierOrder, OrderList
from paranad.mirror.known import QrIds
from paranad.mirror.refresh import Found, refresh
from paranad.mirror.upsert import Written
from paranad.queue.model import Completed, Outcome
from paranad.shipments.service import Shipments
from paranad.shipments.settle import CourierList
from paranad.shop.cache import ShopCache
from paranad.shop.database import Shop
from paranad.tasks.counts import UPDATE_STATUS_COUNTS
from paranad.tasks.task import Context, NoArguments, Request, Task
from paranad.tasks.written import CHUNK, details_of, tally_of, written_and_told

UPDATE_ORDERS = "alwaseet:update-orders"
TIMELINE = "alwaseet_status_timeline_"
"""With the shipment's id behind it: where the shop keeps what its page shows of the history."""


def update_orders(shop: Shop, courier: Courier, shipments: Shipments, cache: ShopCache) -> Task[NoArguments]:
    """Build `alwaseet:update-orders`."""
    return Task(
        name=UPDATE_ORDERS,
        summary="bring the shop's shipments up to date with the courier's whole list",
        arguments=NoArguments,
        run=UpdateOrders(shop, courier, shipments, cache).run,
        timeout=timedelta(seconds=300),
        tries=2,
        unique_key=lambda _: UPDATE_ORDERS,
        uses_courier=True,
    )


class UpdateOrders:
    """Brings the shop's shipments up to date; what it does not know is counted and left to the sync."""

    def __init__(self, shop: Shop, courier: Courier, shipments: Shipments, cache: ShopCache) -> None:
        self.shop, self.courier, self.shipments, self.cache = shop, courier, shipments, cache

    async def run(self, context: Context, _: NoArguments) -> Outcome:
        """Fetch the list, settle unclear shipments by it, write it in chunks; then have the counts published anew."""
        if context.dry_run:
            return Completed({"request": {"path": "merchant-orders"}})
        asked_at = context.clock.now()
        orders = await self.courier.merchant_orders(owner=f"job:{context.job_id}")
        await self.shipments.settle_from(CourierList(orders, asked_at, complete=not orders.skipped))
        kept = dict[str, str]()
        written = await self._write(context, orders, kept)
        tally = tally_of(len(orders) + orders.skipped, written)
        if orders.skipped:
            tally.fail("unknown", f"{orders.skipped} rows have no id")
        for key, reason in kept.items():
            tally.fail(f"cache key {key}", reason)
        await context.enqueue([Request(UPDATE_STATUS_COUNTS, {})])
        return Completed(tally.as_json(unknown=written.unknown, **details_of(written)))

    async def _write(self, context: Context, orders: OrderList, kept: dict[str, str]) -> Written:
        """Write *orders*; why a cache key could not be forgotten goes into *kept*."""
        written, qr_ids = Written(), QrIds()
        for start in range(0, len(orders), CHUNK):
            chunk: Sequence[CourierOrder] = orders[start : start + CHUNK]
            written.add(await written_and_told(context, self._write_chunk(chunk, kept, qr_ids)))
            context.progress(min(start + CHUNK, len(orders)), len(orders))
        return written

    async def _write_chunk(self, chunk: Sequence[CourierOrder], kept: dict[str, str], qr_ids: QrIds) -> Written:
        """Write *chunk* and forget what its changes outdate: a run that begins anew would see no change any more."""
        written = await refresh(self.shop, chunk, Found.LISTED, qr_ids)
        kept |= await self.cache.forget(f"{TIMELINE}{change.shipment_id}" for change in written.status_changes)
        return written
