"""What the control API asks of the daemon it belongs to; `paranad/daemon.py` composes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from paranad.clock import Clock
from paranad.control import schemas
from paranad.events import Events
from paranad.queue.jobs import Jobs
from paranad.queue.model import Enqueued, Job
from paranad.queue.running import Running
from paranad.schedule.loop import EntryView, Run
from paranad.shipments.model import Shipment, ShipmentState
from paranad.shipments.settle import Report
from paranad.store.file import Store
from paranad.store.reader import Page
from paranad.tasks.registry import Registry


class Workers(Protocol):
    """Who runs the jobs."""

    @property
    def count(self) -> int:
        """How many run at once."""
        ...

    def running(self) -> Sequence[Running]: ...
    async def cancel(self, job_id: int) -> Job: ...


class Scheduler(Protocol):
    """Who enqueues by the clock. Every name that is no entry raises NotFound."""

    async def views(self) -> Sequence[EntryView]: ...
    async def successes(self) -> Mapping[str, datetime]:
        """Return when each entry last succeeded; without those of which no such job is kept."""
        ...

    async def run_now(self, name: str) -> Enqueued: ...
    async def pause(self, name: str) -> None: ...
    async def resume(self, name: str) -> None: ...
    async def history(self, name: str, limit: int, cursor: str | None) -> Page[Run]: ...


class Shipments(Protocol):
    """The shipment journal and its rules. Every order without a row raises NotFound."""

    async def list(self, state: ShipmentState | None, limit: int, cursor: str | None) -> Page[Shipment]:
        """Return a page, newest order first; without *state* those that are not yet recorded."""
        ...

    async def get(self, order_id: int) -> Shipment: ...
    def next_look_at(self, shipment: Shipment) -> datetime | None:
        """Return when the courier's list is asked about it at the latest; None: it is not unclear."""
        ...

    async def settle(self, order_id: int, courier_id: str, *, unconfirmed: bool) -> Shipment: ...
    async def resend(self, order_id: int) -> Shipment: ...
    async def reconcile(self) -> Report: ...
    async def counts(self) -> Mapping[ShipmentState, int]: ...
    async def held_orders(self, limit: int) -> Sequence[int]: ...
    async def restored_from(self) -> datetime | None:
        """Return when the copy was made that queue.db was restored from, while nothing is sent for it."""
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What only the daemon knows of itself and of the world around it, for the status."""

    daemon: schemas.Daemon
    courier: schemas.Courier
    shop: schemas.Shop
    bridge: schemas.Bridge
    store: schemas.Store
    last_sync: schemas.LastSync | None
    """None: there was none, or nobody knows."""
    last_sync_known: bool = True
    """False: the shop could not be asked for it."""


class Daemon(Protocol):
    """The parts, composed."""

    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def events(self) -> Events: ...
    @property
    def store(self) -> Store: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def workers(self) -> Workers: ...
    @property
    def scheduler(self) -> Scheduler: ...
    @property
    def shipments(self) -> Shipments: ...

    def health(self) -> str | None:
        """Return why it is not ready; None: the queue is recovered and the socket listens."""
        ...

    async def facts(self) -> Facts:
        """Return what the status says beside the queue, the schedule and the shipments."""
        ...

    async def doctor(self) -> schemas.Doctor:
        """Look at everything that may be wrong; it takes some seconds, and never more than a minute."""
        ...

    async def reload(self) -> schemas.ReloadReport:
        """Re-read the configuration.

        Raises:
            ConfigurationError: every problem; the old values stay.
        """
        ...

    def drain(self) -> None:
        """Claim no more; what runs goes on."""
        ...

    def undrain(self) -> None:
        """Claim again.

        Raises:
            StateGone: what a job would note of itself could be lost.
        """
        ...
