"""Builds every part of the daemon and hands each what it needs."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import SystemRandom

from paranad.account import SharedAccount
from paranad.clock import Clock, from_us, to_us
from paranad.courier.client import Courier
from paranad.courier.limiter import Limiter
from paranad.courier.login import Login
from paranad.events import Events
from paranad.log.redaction import hide
from paranad.queue.backoff import Backoff
from paranad.queue.jobs import Jobs
from paranad.queue.model import NewJob, Origin
from paranad.queue.pruning import Pruning, Retention
from paranad.queue.workers import Workers
from paranad.schedule.entries import Entry, build_entries
from paranad.schedule.loop import Scheduler
from paranad.settings import Settings
from paranad.shipments.request import ShipmentPrice
from paranad.shipments.service import Shipments
from paranad.shop.database import Shop
from paranad.store.file import Store, open_store
from paranad.tasks.auto_sync import auto_sync
from paranad.tasks.carts import carts_archive_expired, carts_expire
from paranad.tasks.command import command_task
from paranad.tasks.orders import orders_delete_old_trashed
from paranad.tasks.process_queue import process_queue
from paranad.tasks.product_links import product_links_delete_expired
from paranad.tasks.promotions import promotions_expire
from paranad.tasks.registry import NAMES, SCHEDULABLE, Registry
from paranad.tasks.shipments import CREATE_SHIPMENT, create_shipment
from paranad.tasks.sync import sync_orders
from paranad.tasks.task import AnyTask

LIMITER_WINDOW = "courier.window"
LAST_AUTO_SYNC = "auto_sync.started_at"


@dataclass(frozen=True, slots=True)
class Parts:
    """The rooms, joined."""

    store: Store
    shop: Shop
    courier: Courier
    jobs: Jobs
    shipments: Shipments
    registry: Registry
    workers: Workers
    scheduler: Scheduler
    pruning: Pruning

    def use_schedule(self, entries: Sequence[Entry], events: Events) -> None:
        """Schedule *entries* from now on, and know their commands as tasks."""
        of_the_shop = [task for name, task in self.registry.tasks.items() if name in NAMES]
        self.registry.replace([*of_the_shop, *commands(entries, events)])
        self.scheduler.replace(entries)


@asynccontextmanager
async def built(settings: Settings, *, clock: Clock, events: Events) -> AsyncIterator[Parts]:
    """Build every part; close what was opened, in order, whatever happens.

    Raises:
        ConfigurationError: the schedule, or the shop's URL.
        StateError: the state directory cannot be used.
    """
    for secret in (settings.courier.password, settings.shop.database_url):
        hide(secret.get_secret_value())
    entries = build_entries(settings.schedule, settings.zone, SCHEDULABLE)
    shop = Shop(settings.shop.database_url.get_secret_value(), settings.zone, clock, events)
    daemon, durability = settings.daemon, settings.queue.durability
    async with (
        aclosing_shop(shop),
        open_store(daemon.state_dir, durability=durability, clock=clock, events=events) as store,
        courier_of(settings, store, shop, clock, events) as courier,
    ):
        yield join(settings, entries, store, shop, courier, clock=clock, events=events)


@asynccontextmanager
async def aclosing_shop(shop: Shop) -> AsyncIterator[None]:
    """Close *shop* at the end."""
    try:
        yield
    finally:
        await shop.close()


@asynccontextmanager
async def courier_of(
    settings: Settings, store: Store, shop: Shop, clock: Clock, events: Events
) -> AsyncIterator[Courier]:
    """Give the courier's client, with its limit as the last daemon left it and its token shared with the shop."""
    load, save = partial(store.values.get, LIMITER_WINDOW), partial(store.values.put, LIMITER_WINDOW)
    limiter = Limiter(settings.courier.rate_limit, clock, load, save)
    await limiter.restore()
    shared = SharedAccount(settings.courier, shop)
    login = Login(shared.account, shared.load_token, shared.save_token, clock, events)
    courier = Courier(settings.courier.base_url, settings.courier.timeout, limiter, login, clock, events)
    try:
        yield courier
    finally:
        await courier.close()


def join(
    settings: Settings,
    entries: Sequence[Entry],
    store: Store,
    shop: Shop,
    courier: Courier,
    *,
    clock: Clock,
    events: Events,
) -> Parts:
    """Join the rooms: each gets the lower ones, and functions where it needs a higher one."""
    jobs = Jobs(store, clock, events, settings.queue.queues)
    registry = Registry((), clock=clock, queues=settings.queue.queues, enqueue=jobs.enqueue)

    async def send_order(order_id: int) -> None:
        await jobs.enqueue([registry.new_job(CREATE_SHIPMENT, {"order_id": order_id}, Origin.OPERATOR)])

    def scheduled(entry: Entry) -> NewJob:
        return registry.new_job(entry.task, entry.args, Origin.SCHEDULE)

    shipments = Shipments(
        store,
        shop,
        courier,
        clock,
        events,
        random=SystemRandom(),
        settle_time=settings.courier.settle_time,
        price=ShipmentPrice(settings.tasks.shipment_price),
        enqueue=send_order,
    )
    registry.replace([*shop_tasks(settings, store, shop, courier, shipments), *commands(entries, events)])
    workers = Workers(
        jobs,
        store,
        clock,
        events,
        perform=registry.perform,
        buffered=lambda task: not registry.uses_courier(task),
        count=settings.queue.workers,
        backoff=Backoff(random=SystemRandom()),
        drain_timeout=settings.daemon.drain_timeout,
    )
    scheduler = Scheduler(store, jobs, clock, events, entries=entries, new_job=scheduled)
    pruning = Pruning(store, clock, events, retention_of(settings))
    return Parts(store, shop, courier, jobs, shipments, registry, workers, scheduler, pruning)


def retention_of(settings: Settings) -> Retention:
    """Return how long finished jobs are kept."""
    return Retention(settings.queue.retain_completed, settings.queue.retain_failed)


def shop_tasks(
    settings: Settings, store: Store, shop: Shop, courier: Courier, shipments: Shipments
) -> Iterator[AnyTask]:
    """Build every task of the shop's."""

    async def load_last() -> datetime | None:
        kept_us = await store.values.get(LAST_AUTO_SYNC)
        return from_us(kept_us) if isinstance(kept_us, int) else None

    async def save_last(at: datetime) -> None:
        await store.values.put(LAST_AUTO_SYNC, to_us(at))

    yield carts_expire(shop)
    yield carts_archive_expired(shop)
    yield orders_delete_old_trashed(shop, delete_orders_with_profit=settings.tasks.delete_orders_with_profit)
    yield promotions_expire(shop)
    yield product_links_delete_expired(shop)
    yield auto_sync(shop, load_last, save_last)
    yield create_shipment(shipments)
    yield sync_orders(shop, courier, shipments)
    yield process_queue()


def commands(entries: Sequence[Entry], events: Events) -> Iterator[AnyTask]:
    """Build the task of every entry that runs an operator's own command."""
    for entry in entries:
        if own := entry.command:
            yield command_task(entry.name, own.words, timeout=own.timeout, tries=own.tries, events=events)
