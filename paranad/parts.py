"""Builds every part of the daemon; no other module does.

A part is given the parts below it, and a function for each thing that a part above it knows.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from random import SystemRandom
from uuid import uuid4

from paranad.account import courier_of
from paranad.alerts.daily import Digests
from paranad.alerts.digest import Counting
from paranad.alerts.heartbeat import Heartbeat
from paranad.alerts.service import Alerts
from paranad.alerts.watches import LateOrders
from paranad.bridge.apart import PhpRule
from paranad.bridge.kept import KeptRows
from paranad.bridge.kept_notes import KeptNotes
from paranad.bridge.loop import Bridge, Mode
from paranad.bridge.reserve import JobsTable
from paranad.catalogue import CATALOGUE, CREATE_SHIPMENT
from paranad.clock import Clock
from paranad.configuration.settings import CommandSettings, Settings, ShopSection
from paranad.configured import Configuration
from paranad.courier.breaker import OWNER as DOOR
from paranad.courier.client import Courier
from paranad.courier.limiter import Limiter
from paranad.courier.trial import Trial, try_out
from paranad.events.courier import CourierRequestSent
from paranad.events.event import Event, Events
from paranad.history.service import History
from paranad.known_tasks import commands, notice_queue, shop_tasks
from paranad.metrics.reading import Sources
from paranad.metrics.service import Metrics
from paranad.on_demand.making import on_demand_of
from paranad.on_demand.service import OnDemand
from paranad.orders.parcel_watch import ParcelWatch
from paranad.orders.parcels import parcels_since
from paranad.orders.service import Orders
from paranad.orders.shop_rows import ShopOrders
from paranad.outside import Outside
from paranad.pauses import Pauses
from paranad.queue.attempt import Backoff
from paranad.queue.claims import Claims
from paranad.queue.jobs import Jobs
from paranad.queue.model import NewJob, Origin
from paranad.queue.originals import Originals
from paranad.queue.pruning import Pruning, Retention
from paranad.queue.queues import Queues
from paranad.queue.workers import Workers
from paranad.record import record
from paranad.said import Said, Sentence
from paranad.schedule.backfill import Backfills
from paranad.schedule.entries import Entry
from paranad.schedule.loop import Scheduler
from paranad.shipments.request import ShipmentPrice
from paranad.shipments.service import Shipments
from paranad.shipments.tools import Fence
from paranad.shop.cache import ShopCache
from paranad.shop.database import Shop
from paranad.shop.known_settings import KnownSettings
from paranad.standby.fence import RowOfJob
from paranad.standby.making import fence_of, standby_of
from paranad.standby.service import Standby
from paranad.store.file import Store, open_store
from paranad.tasks.create_shipment import job_of
from paranad.tasks.needs import Needs
from paranad.tasks.notices import Notices
from paranad.tasks.registry import Registry

PLACE_TAKEN = Sentence("setting.place_taken", "the daemon takes it from {place} instead")
FEE_UNUSED = Sentence("setting.fee_unused", '[tasks] shipment_price is "total", so the daemon does not add it')

RATE_KEY, RATE_SHOWN = "alwaseet_rate_limit", timedelta(seconds=30)
"""Under which key, and for how long, the shop's admin page finds how many requests were sent to the courier."""


@record
class Parts:
    """The parts, each knowing those it needs."""

    store: Store
    shop: Shop
    courier: Courier
    jobs: Jobs
    shipments: Shipments
    registry: Registry
    workers: Workers
    scheduler: Scheduler
    backfills: Backfills
    bridge: Bridge
    outside: Outside
    pruning: Pruning
    on_demand: OnDemand
    alerts: Alerts
    heartbeat: Heartbeat
    digests: Digests
    pauses: Pauses
    history: History
    metrics: Metrics
    orders: Orders
    parcels: ParcelWatch
    shop_settings: KnownSettings
    notices: Notices
    standby: Standby | None
    """None without `[standby] enabled`."""

    async def try_courier(self) -> Trial:
        """Log in at the courier and ask for the orders created today."""
        return await try_out(self.courier, self.shop.now().date())

    async def mind_door(self) -> None:
        """Ask the courier while its door is closed, and wake the orders that waited for it; until cancelled."""

        async def wake(owners: Sequence[str]) -> None:
            await self.jobs.wake([job_id for owner in owners if (job_id := job_of(owner)) is not None])

        await self.courier.breaker.run(partial(self.courier.statuses, owner=DOOR), wake)

    def use_schedule(
        self, entries: Sequence[Entry], events: Events, own: Mapping[str, CommandSettings] | None = None
    ) -> None:
        """Schedule *entries* from now on; the commands among them, and the *own* ones, become tasks."""
        of_the_shop = [task for name, task in self.registry.tasks.items() if name in CATALOGUE]
        self.registry.replace([*of_the_shop, *commands(entries, own or {}, events)])
        self.scheduler.replace(entries)


@asynccontextmanager
async def built(
    configuration: Configuration, *, clock: Clock, events: Events, new_state: bool = False
) -> AsyncIterator[Parts]:
    """Build every part; close what was opened, in order, even after an error.

    Raises:
        ConfigurationError: the shop's URL.
        StateError: the state directory cannot be used.
    """
    settings, entries = configuration.settings, configuration.entries
    url, place = settings.shop.database_url.get_secret_value(), settings.database_place
    shop = Shop(url, settings.zone, clock, events, setting=place, shared=settings.standby.enabled)
    daemon, durability = settings.daemon, settings.queue.durability
    # Closed in the opposite order: the users of queue.db and of the shop end before these do.
    async with (
        aclosing_shop(shop),
        open_store(daemon.state_dir, durability=durability, clock=clock, events=events, new_state=new_state) as store,
        courier_of(settings, store, shop, clock, events) as courier,
    ):
        standby = await standby_of(settings, store, shop, clock, events)
        parts = join(settings, entries, store, shop, courier, standby=standby, clock=clock, events=events)
        if standby:
            parts.bridge.kept.permitted = lambda: standby.left_s() > 0
        try:
            yield parts
        finally:
            await parts.outside.close()
            await parts.orders.close()
            await parts.parcels.close()
            await parts.shipments.close()
            if standby:
                await standby.close()


@asynccontextmanager
async def aclosing_shop(shop: Shop) -> AsyncIterator[None]:
    """Close *shop* at the end."""
    try:
        yield
    finally:
        await shop.close()


def join(
    settings: Settings,
    entries: Sequence[Entry],
    store: Store,
    shop: Shop,
    courier: Courier,
    *,
    standby: Standby | None = None,
    clock: Clock,
    events: Events,
) -> Parts:
    """Build the parts that stand on the store, the shop and the courier."""
    zone, alert, own = settings.zone, settings.alert, commands(entries, settings.command, events)
    # `registry` and `bridge` are used before they are made: only a claim, or a job, asks them, and none is claimed yet.
    backoff = Backoff(random=SystemRandom())
    claims = claims_of(settings, store, backoff, lambda task: not registry.uses_courier(task), standby, clock, events)
    jobs = Jobs(store, clock, events, claims)
    registry = Registry((), clock=clock, queues=settings.queue.queues, enqueue=jobs.enqueue)
    send_order = partial(enqueue_order, jobs, registry)
    fence = fence_of(settings, standby, store, shop, RowOfJob(lambda: bridge.kept, job_of))
    shipments = shipments_of(settings, store, shop, courier, send_order, fence=fence, clock=clock, events=events)
    cache = cache_of(settings.shop, courier.limiter, clock, events)
    notices = notices_of(settings, shop, jobs)
    registry.replace([*shop_tasks(settings, store, shop, courier, shipments, cache, notices), *own])
    workers = workers_of(settings, store, jobs, claims, registry, backoff, clock=clock, events=events)
    scheduler = scheduler_of(store, shop, jobs, registry, entries, clock=clock, events=events)
    backfills = Backfills(store, jobs, scheduler, clock, events, past_job=registry.job_of_past)
    bridge = bridge_of(settings, store, shop, jobs, workers, registry, clock=clock, events=events)
    work = partial(registry.new_job, args={}, origin=Origin.SCHEDULE)
    on_demand = on_demand_of(settings, os.environ, shop, jobs, workers, new_job=work, clock=clock, events=events)
    on_demand.is_seen_waiting, bridge.php.worker_runs = lambda: bridge.php.work.waiting > 0, on_demand.worker_runs
    pruning = Pruning(store, clock, events, retention_of(settings))
    outside = Outside(shop, courier.limiter, courier.breaker, bridge.unreadable, clock, events)
    rows, journal = ShopOrders(shop), shipments.journal
    draining, door = lambda: workers.draining, lambda: courier.breaker.shut
    orders = Orders(rows, journal, jobs, bridge=bridge, clock=clock, events=events, draining=draining, door=door)
    heartbeat = Heartbeat(alert.heartbeat_url.get_secret_value(), store, scheduler, clock, events)
    parcels = ParcelWatch(shop, journal, settings.parcels, ShipmentPrice(settings.tasks.shipment_price))
    watched = (store, jobs, workers, scheduler, outside, heartbeat, on_demand, registry, parcels, standby)
    late_orders = LateOrders(orders.count, orders.lacking, alert.unshipped_after, zone)
    alerts = Alerts(*watched, clock, events, zone=zone, settings=alert, late_orders=late_orders)
    asked = (store, jobs, workers, scheduler, journal, outside, bridge, on_demand, orders, alerts, heartbeat)
    metrics = Metrics(Sources(*asked, standby), clock, events, known_tasks=lambda: registry.tasks)
    made = (store, shop, courier, jobs, shipments, registry, workers, scheduler, backfills, bridge, outside, pruning)
    known = KnownSettings(shop, events, unused_settings(settings))
    history, came = History(store, courier.limiter, clock, zone, events), partial(parcels_since, shop)
    count = Counting(history, journal, orders, came, alerts.incidents, alerts.look_again, standby).day
    digests = Digests(count, alerts.notifier, store.values, clock, events, zone=zone, settings=alert)
    told, pauses = (alerts, heartbeat, digests), Pauses(jobs, scheduler, clock)
    return Parts(*made, on_demand, *told, pauses, history, metrics, orders, parcels, known, notices, standby)


def unused_settings(settings: Settings) -> dict[str, Said]:
    """Return by key why the daemon does not use a setting of the shop: the configuration decides instead."""
    unused: dict[str, Said] = {}
    if settings.courier.username:
        for key in ("username", "password"):
            unused[f"alwaseet_{key}"] = PLACE_TAKEN(place=settings.courier.place(key))
    if settings.tasks.shipment_price == ShipmentPrice.TOTAL.value:
        unused["delivery_fee"] = FEE_UNUSED()
    return unused


async def enqueue_order(jobs: Jobs, registry: Registry, order_id: int) -> None:
    """Store the job that sends an order, due now; if there is one that waits, let it wait no longer."""
    job = registry.new_job(CREATE_SHIPMENT.name, {"order_id": order_id}, Origin.OPERATOR)
    (answer,) = await jobs.enqueue([job])
    if answer.duplicate:
        await jobs.wake([answer.job_id])


def scheduler_of(
    store: Store, shop: Shop, jobs: Jobs, registry: Registry, entries: Sequence[Entry], *, clock: Clock, events: Events
) -> Scheduler:
    """Build what enqueues the jobs of due entries."""

    def new_job(entry: Entry, at: datetime) -> NewJob:
        return registry.job_at(at.astimezone(entry.cron.zone), entry.task, entry.args)

    lacking = Needs(shop).lacking
    return Scheduler(
        store, jobs, clock, events, entries=entries, new_job=new_job, lacking=lacking, random=SystemRandom()
    )


def shipments_of(
    settings: Settings,
    store: Store,
    shop: Shop,
    courier: Courier,
    enqueue: Callable[[int], Awaitable[None]],
    *,
    fence: Fence,
    clock: Clock,
    events: Events,
) -> Shipments:
    """Build the shipments; *enqueue* stores the job that sends an order, *fence* stands before each request."""
    return Shipments(
        store,
        shop,
        courier,
        clock,
        events,
        random=SystemRandom(),
        settle_time=settings.courier.settle_time,
        price=ShipmentPrice(settings.tasks.shipment_price),
        hold_repeats=settings.parcels.hold_repeats,
        enqueue=enqueue,
        fence=fence,
    )


def claims_of(  # noqa: PLR0917 - each of its own type
    settings: Settings,
    store: Store,
    backoff: Backoff,
    buffered: Callable[[str], bool],
    standby: Standby | None,
    clock: Clock,
    events: Events,
) -> Claims:
    """Build what claims jobs; *buffered* tells whether those of a task may be claimed before a worker is free."""
    return Claims(
        Queues(settings.queue.queues, settings.queue.limits),
        store,
        clock,
        events,
        buffered=buffered,
        workers=settings.queue.workers,
        longest_backoff=backoff.bound,
        permitted=standby.may_claim if standby else None,
    )


def workers_of(  # noqa: PLR0917 - each of its own type
    settings: Settings,
    store: Store,
    jobs: Jobs,
    claims: Claims,
    registry: Registry,
    backoff: Backoff,
    *,
    clock: Clock,
    events: Events,
) -> Workers:
    """Build what runs the jobs."""
    return Workers(
        jobs,
        claims,
        store,
        clock,
        events,
        perform=registry.perform,
        backoff=backoff,
        drain_timeout=settings.daemon.drain_timeout,
    )


def bridge_of(  # noqa: PLR0917 - each of its own type
    settings: Settings,
    store: Store,
    shop: Shop,
    jobs: Jobs,
    workers: Workers,
    registry: Registry,
    *,
    clock: Clock,
    events: Events,
) -> Bridge:
    """Build the bridge from the shop's `jobs` table to the queue, and back to its `failed_jobs`."""
    kept = KeptRows(
        JobsTable(shop),
        KeptNotes(store, jobs),
        clock,
        events,
        keeps=settings.shop.keep_rows,
        cancel_waiting=jobs.cancel_taken,
        interrupt=workers.take_away,
    )
    registry.hand_on = kept.hand_on
    return Bridge(
        shop,
        clock,
        events,
        mode=Mode(settings.shop.laravel_queue),
        poll_interval=settings.shop.poll_interval,
        rule=php_rule_of(settings.shop),
        queues=settings.queue.queues,
        new_job=partial(registry.new_job, origin=Origin.SHOP),
        enqueue=jobs.enqueue,
        originals=Originals(store),
        kept=kept,
    )


def notices_of(settings: Settings, shop: Shop, jobs: Jobs) -> Notices:
    """Build what tells of changed statuses."""
    by_php = settings.shop.notices_by == "php"
    return Notices(shop, queue=notice_queue(settings), by_php=by_php, new_uuid=uuid4, delivered=jobs.delivered)


def php_rule_of(shop: ShopSection) -> PhpRule:
    """Return what the bridge leaves to PHP."""
    return PhpRule(on_demand=shop.php == "on-demand", notices=shop.notices_by == "php")


def retention_of(settings: Settings) -> Retention:
    """Return how long finished jobs are kept."""
    return Retention(settings.queue.retain_completed, settings.queue.retain_failed)


def cache_of(shop: ShopSection, limiter: Limiter, clock: Clock, events: Events) -> ShopCache:
    """Build the shop's cache. After each request to the courier it tells how many were sent in the limiter's window."""
    cache = ShopCache(shop.cache_dir, clock)

    def hear(_: Sequence[Event]) -> None:
        with suppress(OSError):  # the task that publishes the other counts names the trouble
            cache.put(RATE_KEY, limiter.state().used, RATE_SHOWN)

    if cache.directory:
        events.listen(hear, [CourierRequestSent])
    return cache
