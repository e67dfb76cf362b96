"""The bridge between a real shop and a real queue, driven a step at a time or running."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, cast

from sqlalchemy import delete, insert, update

from paranad.bridge.apart import LEAVE, PhpRule
from paranad.bridge.kept import KeptRows
from paranad.bridge.kept_notes import KeptNotes
from paranad.bridge.loop import Bridge, Mode
from paranad.bridge.reserve import JobsTable
from paranad.events.event import Events
from paranad.queue.jobs import JobFilter
from paranad.queue.model import Job, Origin
from paranad.queue.originals import Originals
from paranad.shipments.service import Shipments
from paranad.shop.database import Shop
from paranad.shop.tables import failed_jobs, jobs
from paranad.store.file import Store
from paranad.tasks.command import OwnCommand
from paranad.tasks.create_shipment import CreateShipment
from paranad.tasks.own_task import OwnTask
from paranad.tasks.process_queue import ProcessQueue
from paranad.tasks.registry import Registry
from paranad.tasks.sync import SyncArguments
from paranad.tasks.task import AnyTask, Arguments, NoArguments
from tests.support.clock import ManualClock
from tests.support.payloads import status_counts
from tests.support.queue import Line, fail_for_good
from tests.support.shop import rows
from tests.support.tasks import FunctionTask

POLL = timedelta(milliseconds=250)
INVOICES, BACKUP = "invoices:send", "backup"
ROW_AGE = "row_created_at"
CREATE, COUNTS = "alwaseet:create-shipment", "alwaseet:update-status-counts"


class Notice(Arguments):
    shipment_id: int
    old_status_id: str
    new_status_id: str


async def _never(*_: Any) -> Any:
    raise AssertionError("no task runs here by itself")


def _task(name: str, arguments: type[Arguments] = NoArguments) -> AnyTask:
    return FunctionTask(name, _never, arguments)


def own_tasks(events: Events) -> list[AnyTask]:
    """Return a `[command]` with an argument, and the command of a schedule entry."""
    kept: dict[str, Any] = {"timeout": timedelta(minutes=1), "tries": 3, "events": events}
    return [
        OwnTask(INVOICES, ["/bin/true"], args=["order_id"], queue="default", **kept),
        OwnTask("reports:mail", ["/bin/true"], args=[], queue="default", **kept),
        OwnCommand(BACKUP, ["/bin/true"], **kept),
    ]


def shop_tasks(shop: Shop | None = None) -> list[AnyTask]:
    """Return the tasks that the shop asks for, with their real arguments."""
    plain = ("update-shipments", "sync-statuses", "update-orders", "update-status-counts")
    return [
        CreateShipment(cast("Shipments", None)),
        ProcessQueue(cast("Shop", shop)),
        _task("alwaseet:sync-orders", SyncArguments),
        _task("alwaseet:notify-status", Notice),
        *(_task(f"alwaseet:{name}") for name in plain),
    ]


@dataclass
class BridgeHarness:
    """A shop, a queue, and the bridge between them, driven a step at a time."""

    store: Store
    shop: Shop
    clock: ManualClock
    events: Events
    worker_runs: bool = False
    """Whether a PHP worker that was asked for runs."""
    keeps: bool = False
    """Whether rows are kept until their jobs have ended."""
    line: Line = field(init=False)
    bridge: Bridge = field(init=False)
    registry: Registry = field(init=False)

    def __post_init__(self) -> None:
        self.line = Line(self.store, self.clock, self.events)
        self.start()

    def start(self, mode: Mode = Mode.ON, shop: Shop | None = None, rule: PhpRule = LEAVE) -> Bridge:
        """Make the bridge again, as a daemon that starts does; what is stored stays."""
        queue = self.line.jobs
        known = [*shop_tasks(shop or self.shop), *own_tasks(self.events)]
        registry = self.registry = Registry(
            known,
            clock=self.clock,
            queues=queue.queues.names,
            enqueue=queue.enqueue,
        )
        self.bridge = Bridge(
            shop or self.shop,
            self.clock,
            self.events,
            mode=mode,
            poll_interval=POLL,
            queues=queue.queues.names,
            new_job=partial(registry.new_job, origin=Origin.SHOP),
            enqueue=queue.enqueue,
            originals=Originals(self.store),
            kept=self._kept(shop or self.shop),
            rule=rule,
        )
        registry.hand_on = self.bridge.kept.hand_on
        self.bridge.php.worker_runs = self._worker_runs
        return self.bridge

    def _kept(self, shop: Shop) -> KeptRows:
        return KeptRows(
            JobsTable(shop),
            KeptNotes(self.store, self.line.jobs),
            self.clock,
            self.events,
            keeps=self.keeps,
            cancel_waiting=self.line.jobs.cancel_taken,
            interrupt=self.line.workers.take_away,
        )

    async def restart(self) -> None:
        """Make everything again that is not stored, the workers too."""
        self.line = Line(self.store, self.clock, self.events)
        await self.line.jobs.recover()
        self.start()

    async def look(self) -> None:
        """Let the bridge look at the table once."""
        await self.bridge.poll()

    async def catch_up(self) -> None:
        """Let the bridge write and delete rows of `failed_jobs` once."""
        await self.bridge.failed.catch_up()

    async def fail_jobs(self, count: int = 1) -> None:
        """Let the next *count* jobs fail for good."""
        self.line.scripts |= {CREATE: fail_for_good, COUNTS: fail_for_good}
        failed = len(self.line.seen.named("job.failed"))
        async with self.line.working():
            await self.line.seen("job.failed", times=failed + count)

    async def fail(self, *payloads: str, jobs: int | None = None) -> None:
        """Take rows of *payloads* from the shop, let their jobs fail for good, and write its `failed_jobs`.

        *jobs* says how many they are, if two payloads ask for the same.
        """
        await self.put_all(payloads)
        await self.look()
        await self.fail_jobs(jobs or len(payloads))
        await self.catch_up()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the bridge while the block lasts."""
        tasks = [
            asyncio.create_task(each()) for each in (self.bridge.run, self.bridge.failed.run, self.bridge.kept.run)
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def put(self, payload: str, **values: Any) -> int:
        """Put a row into the shop's `jobs` as Laravel does; return its id."""
        [row_id] = await self.put_all([payload], **values)
        return row_id

    async def put_all(self, payloads: Sequence[str], **values: Any) -> list[int]:
        now_s = self.now_s()
        row = {"queue": "default", "attempts": 0, "reserved_at": None, "available_at": now_s, "created_at": now_s}
        new = [{**row, "payload": payload, **values} for payload in payloads]
        before = {found["id"] for found in await self.rows()}
        async with self.shop.transaction() as connection:
            await connection.execute(insert(jobs), new)
        return [found["id"] for found in await self.rows() if found["id"] not in before]

    async def add(self, payload: str) -> None:
        """Put a row into a table whose other rows cannot be read back."""
        now_s = self.now_s()
        new = {"queue": "default", "attempts": 0, "payload": payload, "available_at": now_s, "created_at": now_s}
        async with self.shop.transaction() as connection:
            await connection.execute(insert(jobs).values(**new))

    async def put_many(self, count: int) -> list[int]:
        """Put *count* rows of a job without arguments."""
        return await self.put_all([status_counts(f"uuid-{number}") for number in range(count)])

    async def change(self, row_id: int, **values: Any) -> None:
        async with self.shop.transaction() as connection:
            await connection.execute(update(jobs).where(jobs.c.id == row_id).values(**values))

    async def remove(self, row_id: int) -> None:
        async with self.shop.transaction() as connection:
            await connection.execute(delete(jobs).where(jobs.c.id == row_id))

    async def rows(self) -> list[dict[str, Any]]:
        return await rows(self.shop, jobs)

    async def row_ids(self) -> list[int]:
        return [row["id"] for row in await self.rows()]

    async def failed_rows(self) -> list[dict[str, Any]]:
        return await rows(self.shop, failed_jobs)

    async def args(self) -> list[dict[str, Any]]:
        """Return every job's arguments, oldest first, without the row's age."""
        return [{name: each for name, each in job.args.items() if name != ROW_AGE} for job in await self.jobs()]

    async def jobs(self) -> list[Job]:
        """Return every job of the queue, oldest first."""
        page = await self.line.jobs.find(JobFilter(), limit=1000, cursor=None)
        return list(reversed(page.items))

    async def _worker_runs(self) -> bool:
        return self.worker_runs

    def now_s(self) -> int:
        return int(self.clock.now().timestamp())
