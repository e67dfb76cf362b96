"""What stands in for the rooms around the control API; the queue is the real one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from paranad.control import schemas
from paranad.control.daemon import Facts
from paranad.errors import ConfigurationError, NotFound, WrongState
from paranad.events.event import Events
from paranad.queue.jobs import Jobs
from paranad.queue.model import Completed, Enqueued, Job, Origin, Outcome, Snoozed
from paranad.queue.running import Running
from paranad.said import plain
from paranad.schedule.cron import parse
from paranad.schedule.entries import Entry
from paranad.schedule.loop import EntryView, Run, RunOutcome
from paranad.shipments import reasons
from paranad.shipments.model import RequestOutcome, Shipment, ShipmentAttempt, ShipmentState
from paranad.shipments.settle import Report
from paranad.store.file import Store
from paranad.store.reader import Page
from paranad.tasks.registry import Registry
from paranad.tasks.task import Arguments, Context
from tests.support.clock import START, ManualClock
from tests.support.queue import jobs_at_rest
from tests.support.tasks import FunctionTask

BAGHDAD = ZoneInfo("Asia/Baghdad")
QUEUES = ("high", "default")


class Order(Arguments):
    order_id: int = Field(ge=1, le=2**63 - 1)


class Filter(Arguments):
    status_id: str | None = None
    date_from: str | None = None
    date_to: str | None = None


async def done(context: Context, _: Any) -> Outcome:
    return Completed({"looked_at": 3, "changed": 0 if context.dry_run else 3})


async def waits(context: Context, _: Any) -> Outcome:
    return Snoozed(until=context.clock.now(), reason="the shop's database is locked")


TASKS = (
    FunctionTask("carts:expire", done, unique_key=lambda _: "carts:expire"),
    FunctionTask("alwaseet:sync-orders", done, Filter, unique_key=lambda args: f"sync:{args.model_dump_json()}"),
    FunctionTask(
        "alwaseet:create-shipment", done, Order, unique_key=lambda args: f"order:{args.order_id}", queue="high"
    ),
    FunctionTask("promotions:expire", waits),
)

HELD = Shipment(
    order_id=500,
    state=ShipmentState.HELD,
    reference="PK500",
    courier_id=None,
    ids=frozenset(),
    reason=reasons.TWICE(rows="90000018, 90000019"),
    absences=0,
    absent_at=None,
    look=None,
    intended_at=START,
    created_at=None,
    recorded_at=None,
    decided_at=None,
    unconfirmed=False,
    suspicions=(),
    version=1,
    attempts=(
        ShipmentAttempt(
            number=1,
            phone="+9647701234567",
            price=25000,
            sent_at=START,
            answered_at=None,
            outcome=RequestOutcome.SENT,
            reason=None,
        ),
    ),
)


@dataclass
class WorkersStand:
    """Cancels what waits; runs nothing."""

    jobs: Jobs
    count: int = 10
    active: list[Running] = field(default_factory=list)

    def running(self) -> Sequence[Running]:
        return self.active

    async def cancel(self, job_id: int) -> Job:
        if not await self.jobs.cancel_waiting(job_id):
            raise WrongState(f"job {job_id} is finished, so it cannot be cancelled; only waiting and running jobs can")
        return await self.jobs.get(job_id)


@dataclass
class SchedulerStand:
    """Entries with a slash and a space in their names, as far as names go."""

    jobs: Jobs
    registry: Registry
    entries: dict[str, EntryView]
    succeeded: dict[str, datetime] = field(default_factory=dict)

    async def views(self) -> Sequence[EntryView]:
        return list(self.entries.values())

    async def successes(self) -> Mapping[str, datetime]:
        return self.succeeded

    async def run_now(self, name: str) -> Enqueued:
        task = self._entry(name).entry.task
        return (await self.jobs.enqueue([self.registry.new_job(task, {}, Origin.OPERATOR)]))[0]

    async def pause(self, name: str) -> None:
        self.entries[name] = replace(self._entry(name), paused=True, next_at=None)

    async def resume(self, name: str) -> None:
        self.entries[name] = replace(self._entry(name), paused=False)

    async def history(self, name: str, limit: int, cursor: str | None) -> Page[Run]:
        last = self._entry(name).last
        return Page([last] if last else [], None)

    def _entry(self, name: str) -> EntryView:
        if name not in self.entries:
            raise NotFound(f'no schedule entry "{name}"')
        return self.entries[name]


class ShipmentsStand:
    """One order, held."""

    def __init__(self) -> None:
        self.rows = {HELD.order_id: HELD}
        self.copied_at: datetime | None = None

    async def list(self, state: ShipmentState | None, limit: int, cursor: str | None) -> Page[Shipment]:
        return Page([row for row in self.rows.values() if state in {None, row.state}], None)

    async def get(self, order_id: int) -> Shipment:
        if order_id not in self.rows:
            raise NotFound(f"order {order_id} has no shipment")
        return self.rows[order_id]

    def next_look_at(self, shipment: Shipment) -> datetime | None:
        return None

    async def settle(self, order_id: int, courier_id: str, *, unconfirmed: bool) -> Shipment:
        return await self._decide(order_id, state=ShipmentState.CREATED, courier_id=courier_id, reason=None)

    async def resend(self, order_id: int) -> Shipment:
        return await self._decide(order_id, state=ShipmentState.WITHDRAWN)

    async def reconcile(self) -> Report:
        return Report(looked_at=2, settled=1, held=1, waiting=0)

    async def counts(self) -> Mapping[ShipmentState, int]:
        return {ShipmentState.HELD: 1}

    async def held_orders(self, limit: int) -> Sequence[int]:
        return [HELD.order_id]

    async def restored_from(self) -> datetime | None:
        return self.copied_at

    async def _decide(self, order_id: int, **changed: Any) -> Shipment:
        row = await self.get(order_id)
        if row.state is not ShipmentState.HELD:
            raise WrongState(f"the shipment of order {order_id} is {row.state}; only held ones can be decided on")
        self.rows[order_id] = replace(row, **changed)
        return self.rows[order_id]


FACTS = Facts(
    daemon=schemas.Daemon(version="0.1.0", pid=1, state="ready", since=START, config_file=None),
    courier=schemas.Courier(
        limiter=schemas.Limiter(used=0, limit=28, window_s=30, waiting=0, closed_until=None),
        login="unknown",
        reason=None,
    ),
    shop=schemas.Shop(reachable=None, reason=None),
    bridge=schemas.Bridge(
        mode="auto",
        active=True,
        reason="no one else does",
        left={},
        unreadable=0,
        last_unreadable=None,
        trouble=None,
    ),
    store=schemas.Store(healthy=True, reason=None),
    last_sync=None,
)


class DaemonStand:
    """A daemon with a real queue and nothing that runs it."""

    def __init__(self, store: Store, clock: ManualClock, events: Events) -> None:
        self.zone, self.store, self.clock, self.events = BAGHDAD, store, clock, events
        self.jobs = jobs_at_rest(store, clock, events, QUEUES)
        self.registry = Registry(TASKS, clock=clock, queues=QUEUES, enqueue=self.jobs.enqueue)
        self.workers = WorkersStand(self.jobs)
        self.scheduler = SchedulerStand(self.jobs, self.registry, entries())
        self.shipments = ShipmentsStand()
        self.parts: Any = self
        self.told_facts = FACTS
        self.seen: list[schemas.DoctorCheck] = []
        self.unhealthy: str | None = None
        self.wrong_configuration: ConfigurationError | None = None
        self.draining = False

    def health(self) -> str | None:
        return self.unhealthy

    async def doctor(self) -> schemas.Doctor:
        return schemas.Doctor(items=self.seen)

    async def facts(self) -> Facts:
        return self.told_facts

    async def reload(self) -> schemas.ReloadReport:
        if self.wrong_configuration:
            raise self.wrong_configuration
        return schemas.ReloadReport(changed=["[log] level"], needs_restart=["[queue] workers"])

    def drain(self) -> None:
        self.draining = True

    def undrain(self) -> None:
        self.draining = False


def entries() -> dict[str, EntryView]:
    cron = parse("*/5 * * * *", BAGHDAD)
    skipped = Run(START, RunOutcome.SKIPPED, plain("its last job is unfinished"), None)
    carts = EntryView(Entry("carts:expire", "carts:expire", cron), False, skipped, None, START + timedelta(minutes=5))
    backup = EntryView(Entry("night/backup", "backup", cron), False, None, None, START + timedelta(minutes=5))
    return {"carts:expire": carts, "night/backup": backup}
