"""Reads at a scrape what no event tells: queue.db by its reader, the sizes of its files, what the parts know."""

import sqlite3
from collections.abc import Awaitable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import anyio

from paranad.alerts.heartbeat import Heartbeat, Pulse
from paranad.alerts.kinds import IncidentKind
from paranad.alerts.service import Alerts
from paranad.bridge.apart import PhpWork
from paranad.bridge.loop import Bridge
from paranad.clock import Clock
from paranad.courier.breaker import DoorState
from paranad.courier.limiter import LimiterState
from paranad.errors import ParanadError
from paranad.on_demand.service import OnDemand
from paranad.orders.service import Count, Orders
from paranad.outside import Outside
from paranad.queue.jobs import Jobs
from paranad.queue.model import State
from paranad.queue.workers import Workers
from paranad.record import record
from paranad.schedule.loop import Scheduler
from paranad.shipments.journal import Journal
from paranad.shipments.model import ShipmentState
from paranad.standby.service import Standby
from paranad.standby.view import Role
from paranad.store import place
from paranad.store.file import Store

T = TypeVar("T")


@record
class Sizes:
    """The sizes of queue.db's files; None: not known."""

    file_bytes: int | None
    log_bytes: int | None
    """Of the -wal."""


@record
class LeaseReading:
    """How this machine stands among others."""

    works: bool
    age_s: float | None
    """How long ago it renewed its lease; None: it stands by."""
    term: int | None
    """None: no lease has been seen yet."""
    present: int
    """Other machines that stand by."""


@record
class Reading:
    """What one scrape reads. None, or a key that is missing: not known just now."""

    jobs: Mapping[str, Mapping[State, int]] | None
    """By queue and state."""
    oldest_due_at: Mapping[str, datetime | None] | None
    """By queue: since when its oldest available job could start; None: no job is available."""
    paused: frozenset[str]
    """Queues."""
    paused_tasks: frozenset[str]
    draining: bool
    running: int
    workers: int
    entries: tuple[str, ...]
    succeeded_at: Mapping[str, datetime]
    """By entry of the schedule; an entry whose last success is not known is missing."""
    silent: frozenset[str]
    """Entries that run without success."""
    incidents: Mapping[str, int]
    """Open incidents by kind."""
    muted: frozenset[str]
    """Kinds that nobody is told of."""
    pulse: Pulse | None
    """How the heartbeat stands; None: it has no address."""
    shipments: Mapping[ShipmentState, int] | None
    orders: Count | None
    """Of the orders without a shipment."""
    rate: LimiterState
    door: DoorState
    courier_reachable: bool | None
    shop_reachable: bool | None
    php: PhpWork
    """The rows that are set apart for PHP."""
    php_runs: int
    """How many workers came for them since the daemon's start."""
    sizes: Sizes
    is_store_healthy: bool
    """Whether queue.db is there and takes what is written."""
    lease: LeaseReading | None = None
    """None: this is the only machine."""


@record
class Sources:
    """The parts that a scrape asks."""

    store: Store
    jobs: Jobs
    workers: Workers
    scheduler: Scheduler
    journal: Journal
    outside: Outside
    bridge: Bridge
    on_demand: OnDemand
    orders: Orders
    alerts: Alerts
    heartbeat: Heartbeat
    standby: Standby | None

    async def read(self, clock: Clock) -> Reading:
        """Read everything; whatever cannot be read just now is left unknown. *clock* tells how old the lease is."""
        queues = self.jobs.queues
        lease = lease_of(self.standby, clock) if self.standby else None
        incidents = {kind: self.alerts.incidents.open(kind) for kind in IncidentKind}
        return Reading(
            jobs=await known(self.jobs.counts()),
            # What waits on a machine that stands by waits for no worker.
            oldest_due_at=await known(self.jobs.oldest_due()) if lease is None or lease.works else None,
            paused=frozenset(filter(queues.is_paused, {*queues.names, *queues.paused})),
            paused_tasks=frozenset(queues.paused_tasks),
            draining=self.workers.draining,
            running=len(self.workers.running()),
            workers=self.workers.count,
            entries=self.scheduler.names,
            succeeded_at=await self._succeeded_at(),
            silent=frozenset(incidents[IncidentKind.ENTRY_SILENT]),
            incidents={kind.value: len(found) for kind, found in incidents.items()},
            muted=frozenset(self.alerts.mutes.standing()),
            pulse=self.heartbeat.pulse,
            shipments=await known(self.journal.counts_of_all()),
            orders=await known(self.orders.count()),
            rate=self.outside.limiter.state(),
            door=self.outside.breaker.door.state,
            courier_reachable=self.outside.courier_reachable,
            shop_reachable=self.outside.shop_reachable,
            php=self.bridge.php.work,
            php_runs=self.on_demand.standing.runs,
            sizes=await anyio.to_thread.run_sync(sizes_of, self.store.path),
            is_store_healthy=(self.store.watch.gone or self.store.writer.failing) is None,
            lease=lease,
        )

    async def _succeeded_at(self) -> dict[str, datetime]:
        """Return when each entry last succeeded: by its own jobs while they are kept, or by what the alerts noted."""
        noted, kept = self.alerts.successes(), await known(self.scheduler.successes()) or {}
        both = [(name, at) for each in (noted, kept) for name, at in each.items()]
        return {name: max(at for of, at in both if of == name) for name, _ in both}


def lease_of(standby: Standby, clock: Clock) -> LeaseReading:
    """Return how this machine stands among others."""
    view = standby.view
    age_s = None if view.renewed_s is None else clock.elapsed() - view.renewed_s
    return LeaseReading(view.role is Role.ACTIVE, age_s, view.term, len(view.standing_by))


async def known(reading: Awaitable[T]) -> T | None:
    """Return what is read; None if queue.db cannot be read just now."""
    try:
        return await reading
    except (ParanadError, sqlite3.Error):
        return None


def sizes_of(path: Path) -> Sizes:
    """Return how large the queue.db at *path* and its -wal are. A disk that does not answer holds the caller."""
    return Sizes(_size(path), _size(place.log_of(path)))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
