"""The form of the status, and of each part of it."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from paranad.control import schemas, schemas_alerts, schemas_schedule, schemas_standby

DaemonState = Literal["starting", "standby", "ready", "draining", "stopping"]


class Queue(schemas.QueueState):
    """A queue and the number of its jobs by state."""

    available: int
    set_apart: int = Field(0, description="Of the available jobs those whose task is paused.")
    running: int
    limit: int | None = Field(
        None, description="How many of its jobs run at once at most; null: as many as there are workers."
    )
    scheduled: int
    retryable: int
    failed: int


class PausedTask(schemas.Answered):
    """A task of which no job starts."""

    name: str
    due: int = Field(description="Due jobs of it that wait.")
    pause: schemas.Pause | None = Field(None, description=schemas.PAUSED)


class Daemon(schemas.Answered):
    """The daemon's process."""

    version: str
    pid: int
    state: DaemonState
    since: datetime = Field(description="When the process started.")
    config_file: str | None = Field(description="Null: no file was read.")


class Progress(schemas.Answered):
    """How much of its work a running job has done."""

    done: int
    total: int | None


class RunningJob(schemas.Answered):
    """A job that runs now."""

    id: schemas.Id
    task: str
    queue: str
    attempt: int
    started_at: datetime
    progress: Progress | None


class FailedJob(schemas.Answered):
    """A job that failed for good."""

    id: schemas.Id
    task: str
    error: str | None
    why: schemas.Remark | None = Field(None, description=schemas.SAME)
    finished_at: datetime


class Failures(schemas.Answered):
    """How many jobs failed, and the newest of them."""

    count: int
    last: list[FailedJob] = Field(description="The newest five.")


class Limiter(schemas.Answered):
    """The courier account's request limit."""

    used: int
    limit: int
    window_s: float
    waiting: int = Field(description="Jobs with a slot to come.")
    closed_until: datetime | None = Field(description="When the courier itself said to wait.")
    another: str | None = Field(None, description="The machine that may have used all of it before this one took over.")
    another_until: datetime | None = Field(None, description="Until when that is assumed; null: it is not.")


class Door(schemas.Answered):
    """What the courier's door lets through: after several outages in a row, no order is sent."""

    state: Literal["open", "closed", "one_order"] = Field(
        description="`one_order`: the courier has answered a question, and one order is sent first."
    )
    since: datetime | None = Field(None, description="Since when not every order is sent; null: it is open.")
    next_try_at: datetime | None = Field(None, description="When the courier is asked again; null: it is not closed.")
    reason: str | None = Field(None, description="The last outage; null: it is open.")
    why: schemas.Remark | None = Field(None, description=schemas.SAME)


class Courier(schemas.Answered):
    """The courier as last seen."""

    limiter: Limiter
    door: Door = Door(state="open")
    login: Literal["ok", "refused", "unknown"] = Field(description="`unknown`: not tried yet.")
    reason: str | None
    why: schemas.Remark | None = Field(None, description=schemas.SAME)


class LastSync(schemas.Answered):
    """The latest line of the shop's sync log."""

    at: datetime
    type: str
    status: str
    created: int
    updated: int
    failed: int


class ShipmentCounts(schemas.Answered):
    """Shipments that are not recorded yet: the journal's rows by state, and the jobs that wait or failed."""

    intended: int
    created: int
    held: int
    withdrawn: int = Field(
        0, description="Sent, and not taken by the courier. Those whose request did not leave only wait."
    )
    waiting: int = Field(0, description="Jobs that wait to send one, due or not, at most 100.")
    waiting_for: Literal["pause", "courier"] | None = Field(
        None, description="What all of those wait for: a pause, or the courier's closed door; null: their time."
    )
    next_at: datetime | None = Field(
        None, description="When the first of those is due; null: there is none, or they wait for something else."
    )
    failed: int = Field(0, description="Jobs that failed to send one, at most 100.")
    needs_person: list[int] = Field(description="Order ids of those held, oldest first, at most 100.")
    restored_from: datetime | None = Field(
        None,
        description="When the copy was made that queue.db was restored from: nothing is sent before "
        "`shipments reconcile`; null: shipments are sent.",
    )


class OrderCounts(schemas.Answered):
    """The answer to "is all shipped?": orders of the last 30 days that should have a shipment and have none."""

    without_shipment: int | None = Field(description="At most 10000; null: unknown, the shop does not say.")
    oldest_at: datetime | None = Field(description="When the oldest of them was made; null: unknown, or there is none.")
    known: bool = Field(description="False: the shop could not be asked.")
    automatic: bool | None = Field(
        None,
        description="Whether the shop lets new orders become shipments by themselves; null: unknown.",
    )


class Shop(schemas.Answered):
    """The shop's database as last seen."""

    reachable: bool | None = Field(description="Null: not asked yet.")
    reason: str | None
    why: schemas.Remark | None = Field(None, description=schemas.SAME)


class UnreadableRow(schemas.Answered):
    """A row of the shop's `jobs` table that cannot be read, and was moved to its `failed_jobs`."""

    uuid: str = Field(description="By which `php artisan queue:retry` and `queue:forget` name it.")
    reason: str
    why: schemas.Remark | None = Field(None, description=schemas.SAME)


class Bridge(schemas.Answered):
    """Whether work is taken from the shop's own `jobs` table."""

    mode: Literal["auto", "on", "off"] = Field(description="As configured: `[shop] laravel_queue`.")
    active: bool
    reason: str = Field(description="Why it is active or not.")
    why: schemas.Remark | None = Field(None, description=schemas.SAME)
    left: dict[str, int] = Field(description="Rows that stay there for a PHP worker, by their class; at most five.")
    unreadable: int = Field(description="Rows that cannot be read and stand in the shop's `failed_jobs`, as last seen.")
    last_unreadable: UnreadableRow | None = Field(description="The last of them; null: there is none.")
    trouble: str | None = Field(description="Why failed jobs cannot be given back to the shop now; null: none is due.")
    trouble_why: schemas.Remark | None = Field(None, description=schemas.SAME)


class Php(schemas.Answered):
    """What only PHP can work, if it is set apart for a worker of the shop; as last seen."""

    mode: Literal["leave", "on-demand"] = Field(description="As configured: `[shop] php`.")
    status_notices: Literal["php", "rows"] = Field(
        description="Who tells of a status that changed: the shop's own listener, with pushes; paranad, by rows alone."
    )
    notices_refused: str | None = Field(
        None, description="Why the `jobs` table took no row of the listener when a status last changed; null: it did."
    )
    notices_refused_why: schemas.Remark | None = Field(None, description=schemas.SAME)
    state: Literal["off", "paused", "idle", "asked", "running", "resting"] = Field(
        description="Of the worker that is asked for; `resting`: the last ones worked nothing off."
    )
    reason: str = Field(description="Why it stands so.")
    why: schemas.Remark | None = Field(None, description=schemas.SAME)
    waiting: int = Field(description="Due rows that no worker has.")
    by_class: dict[str, int] = Field(
        description="The same by what the shop calls the work; at most five. Beyond 200 rows, `others` counts the rest."
    )
    oldest_due_at: datetime | None = Field(description="Since when the oldest of them waits; null: none waits.")
    reserved: int = Field(description="Rows that a PHP worker has now.")
    runs: int | None = Field(description="How many workers came since the daemon's start; null: none is asked for.")
    last_run_at: datetime | None = Field(description="When the last of them came; null: none did since then.")
    cure: str | None = Field(
        None, description="What to do about a worker that is late or idle, or cannot come; null: nothing."
    )
    cure_why: schemas.Remark | None = Field(None, description=schemas.SAME)


class Store(schemas.Answered):
    """The state of queue.db."""

    healthy: bool
    reason: str | None
    why: schemas.Remark | None = Field(None, description=schemas.SAME)


class Heartbeat(schemas.Answered):
    """How `[alert] heartbeat_url` stands; of the address only its host is shown."""

    host: str
    answered_at: datetime | None = Field(description="When it last took a heartbeat; null: never.")
    failing_since: datetime | None = Field(description="Null: it took the last one, or none was sent.")
    withheld_since: datetime | None = Field(
        description="Since when none goes out, because the daemon is not well; null: they go out."
    )
    reason: str | None = Field(description="Why none goes out, or why the address did not take the last one.")
    why: schemas.Remark | None = Field(None, description=schemas.SAME)


class Status(schemas.Answered):
    """Everything an operator asks first."""

    daemon: Daemon
    notes: list[str] = Field(description="Why nothing, or less than expected, runs; one sentence each.")
    remarks: list[schemas.Remark] = Field(description="The same, by code, in the same order.")
    pause: schemas.Pause | None = Field(None, description="Of everything: nothing starts; null: none.")
    queues: list[Queue] = Field(description="In claim order.")
    paused_tasks: list[PausedTask] = Field([], description="Tasks of which no job starts, whatever the queue.")
    workers: int = Field(description="How many jobs run at once.")
    running: list[RunningJob]
    failed: Failures
    schedule: list[schemas_schedule.Entry]
    gone_entries: list[schemas_schedule.GoneEntry] = Field(
        [], description="Paused entries that the configuration no longer has."
    )
    courier: Courier
    last_sync: LastSync | None = Field(description="Null: there was none, or it is not known.")
    last_sync_known: bool = Field(True, description="False: the shop could not be asked for its last sync.")
    shipments: ShipmentCounts
    orders: OrderCounts
    shop: Shop
    bridge: Bridge
    php: Php | None = Field(None, description="Null: a daemon of an earlier version.")
    store: Store
    heartbeat: Heartbeat | None = Field(None, description="Null: `[alert] heartbeat_url` is empty.")
    standby: schemas_standby.Standby | None = Field(
        None, description="Null: this daemon works alone, or is of an earlier version."
    )
    alerts: schemas_alerts.Alerting | None = Field(None, description="Null: a daemon of an earlier version.")
