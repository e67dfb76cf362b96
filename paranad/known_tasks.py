"""Every task that the daemon knows: the shop's, and the operator's own commands."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from paranad.catalogue import DEFAULT_QUEUE, PHP_QUEUE
from paranad.clock import from_us, to_us
from paranad.configuration.settings import CommandSettings, Settings
from paranad.courier.client import Courier
from paranad.events.event import Events
from paranad.record import record
from paranad.schedule.entries import Entry, Overlap
from paranad.shipments.service import Shipments
from paranad.shop.cache import ShopCache
from paranad.shop.database import Shop
from paranad.store.file import Store
from paranad.tasks.auto_sync import AutoSync
from paranad.tasks.carts import CartsArchiveExpired, CartsExpire
from paranad.tasks.command import OwnCommand
from paranad.tasks.counts import UpdateStatusCounts
from paranad.tasks.create_shipment import CreateShipment
from paranad.tasks.housekeeping import (
    CleanupOldData,
    FcmCleanup,
    OrdersDeleteOldTrashed,
    ProductLinksDeleteExpired,
    PromotionsExpire,
    SeedStatusHistory,
)
from paranad.tasks.notices import Notices
from paranad.tasks.notify import NotifyStatus
from paranad.tasks.own_task import OwnTask
from paranad.tasks.process_queue import ProcessQueue
from paranad.tasks.statuses import SyncStatuses
from paranad.tasks.sync import FirstSync, SyncOrders
from paranad.tasks.task import AnyTask
from paranad.tasks.update import UpdateOrders, UpdateShipments

LAST_AUTO_SYNC = "auto_sync.started_at"
FIRST_SYNC = "sync.first_done_at"


@record
class KeptInstant:
    """An instant that the store keeps under *name*, over restarts."""

    store: Store
    name: str

    async def load(self) -> datetime | None:
        """Return the instant; None if none was kept yet."""
        kept_us = await self.store.values.get(self.name)
        return from_us(kept_us) if isinstance(kept_us, int) else None

    async def save(self, at: datetime) -> None:
        """Keep *at* instead."""
        await self.store.values.put(self.name, to_us(at))


def notice_queue(settings: Settings) -> str | None:
    """Return in which queue of `jobs` a changed status gets the listener's row; None: a job here tells of it.

    The row waits for PHP, or, if the daemon writes the notification rows, for the daemon that works then: with
    `keep_rows` no such work is to live on one machine only.
    """
    shop, queues = settings.shop, settings.queue.queues
    if shop.notices_by == "rows":
        return DEFAULT_QUEUE if shop.keep_rows and shop.laravel_queue != "off" else None
    # A worker of the shop's own works what Laravel puts there itself, and nothing is set apart.
    if shop.php == "leave" or shop.laravel_queue == "off":
        return DEFAULT_QUEUE
    return f"{PHP_QUEUE}{DEFAULT_QUEUE if DEFAULT_QUEUE in queues else queues[-1]}"


def shop_tasks(  # noqa: PLR0917 - the parts that the tasks are made of, each of its own type
    settings: Settings,
    store: Store,
    shop: Shop,
    courier: Courier,
    shipments: Shipments,
    cache: ShopCache,
    notices: Notices,
) -> Iterator[AnyTask]:
    """Build every task of the shop."""
    last, first = KeptInstant(store, LAST_AUTO_SYNC), KeptInstant(store, FIRST_SYNC)
    first_sync = FirstSync(settings.tasks.notify_on_first_sync, first.load, first.save)
    yield CartsExpire(shop)
    yield CartsArchiveExpired(shop)
    yield OrdersDeleteOldTrashed(shop, delete_orders_with_profit=settings.tasks.delete_orders_with_profit)
    yield PromotionsExpire(shop)
    yield ProductLinksDeleteExpired(shop)
    yield AutoSync(shop, last.load, last.save)
    yield CreateShipment(shipments)
    yield SyncOrders(shop, courier, shipments, first_sync, notices)
    yield ProcessQueue(shop)
    yield NotifyStatus(shop)
    yield UpdateShipments(shop, courier, notices)
    yield UpdateOrders(shop, courier, shipments, cache, notices)
    yield UpdateStatusCounts(shop, cache)
    yield SyncStatuses(shop, courier)
    yield CleanupOldData(shop)
    yield FcmCleanup(shop)
    yield SeedStatusHistory(shop)


def commands(entries: Sequence[Entry], own: Mapping[str, CommandSettings], events: Events) -> Iterator[AnyTask]:
    """Build the task of every entry that runs an operator's own command, and every *own* task."""
    for name, command in own.items():
        yield OwnTask(
            name,
            command.command or (),
            args=command.args,
            timeout=command.timeout,
            tries=command.tries,
            queue=command.queue or DEFAULT_QUEUE,
            events=events,
        )
    for entry in entries:
        if program := entry.command:
            yield OwnCommand(
                entry.name,
                program.words,
                timeout=program.timeout,
                tries=program.tries,
                events=events,
                several=entry.overlap is Overlap.ALLOW,
                zone=entry.cron.zone,
            )
