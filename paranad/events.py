"""What happened, as values. Every room tells; logs, the event stream and alerts only listen.

`name` is `noun.verb` in the past tense; `level`: debug steps, info a change the operator would want to see,
warning it heals itself, error a person must look.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from paranad.record import named_record
from paranad.said import Said


@named_record
class Event:
    """Something that happened. Fields hold JSON values or facts, no secret, phones by their last three digits."""

    name: ClassVar[str]
    level: ClassVar[str] = "info"


@named_record
class DaemonStarted(Event):
    name = "daemon.started"
    version: str
    pid: int
    state_dir: str


@named_record
class DaemonReady(Event):
    name = "daemon.ready"
    socket: str
    recovered: int


@named_record
class DaemonDraining(Event):
    name = "daemon.draining"
    reason: str
    running: int


@named_record
class DaemonResumed(Event):
    """Claims again: a drain is over."""

    name = "daemon.resumed"


@named_record
class DaemonStopped(Event):
    name = "daemon.stopped"
    handed_back: int


@named_record
class DaemonReloading(Event):
    """The configuration is read again from now on."""

    name = "daemon.reloading"
    level = "debug"


@named_record
class DaemonReloaded(Event):
    name = "daemon.reloaded"
    changed: tuple[str, ...]
    needs_restart: tuple[str, ...]


@named_record
class DaemonReloadFailed(Event):
    name = "daemon.reload_failed"
    level = "error"
    problems: tuple[str, ...]


@named_record
class QueuePaused(Event):
    name = "queue.paused"
    queue: str


@named_record
class QueueResumed(Event):
    name = "queue.resumed"
    queue: str


@named_record
class QueueStoreFailed(Event):
    """queue.db refused a write: a full disk or an I/O error. Outcomes of running jobs are held and tried again."""

    name = "queue.store_failed"
    level = "error"
    error: str


@named_record
class QueueStoreHealed(Event):
    name = "queue.store_healed"


@named_record
class QueueStoreGone(Event):
    """queue.db is no longer the file that the daemon has open; nothing more is taken, and a stop writes it back."""

    name = "queue.store_gone"
    level = "error"
    error: str


@named_record
class QueueStoreReturned(Event):
    """The file that the daemon has open stands at its path again."""

    name = "queue.store_returned"


@named_record
class QueueStoreSaved(Event):
    """At its stop the daemon wrote back what it had open: queue.db was gone, or another file stood there."""

    name = "queue.store_saved"
    level = "warning"
    path: str


@named_record
class QueueLogHeld(Event):
    """The -wal has grown large: other processes read queue.db and let it not be merged."""

    name = "queue.log_held"
    level = "warning"
    mib: int
    held_by: tuple[int, ...]


@named_record
class QueuePulledBack(Event):
    """Waiting jobs were due later than their own wait allows, as after a clock that was ahead; they are due earlier."""

    name = "queue.pulled_back"
    level = "warning"
    jobs: int


@named_record
class QueuePruned(Event):
    name = "queue.pruned"
    deleted: int


@named_record
class QueueFlushed(Event):
    name = "queue.flushed"
    deleted: int


@named_record
class JobEvent(Event):
    """About one job; the base of all job events."""

    job_id: int
    task: str
    queue: str


@named_record
class JobEnqueued(JobEvent):
    name = "job.enqueued"
    level = "debug"
    origin: str
    due_at: str | None = None
    """ISO 8601; None: at once."""


@named_record
class JobStarted(JobEvent):
    name = "job.started"
    level = "debug"
    attempt: int


@named_record
class AttemptFinished(JobEvent):
    """The canonical line of a finished attempt; its subclasses are how it ended."""

    attempt: int
    wait_ms: int
    """From due to started."""
    duration_ms: int


@named_record
class JobCompleted(AttemptFinished):
    name = "job.completed"
    result: Any = None
    """The task's result, shortened to its numbers."""


@named_record
class JobSnoozed(AttemptFinished):
    name = "job.snoozed"
    until: str
    reason: str


@named_record
class JobAttemptFailed(AttemptFinished):
    """Will be retried at *retry_at*."""

    name = "job.attempt_failed"
    level = "warning"
    error: str
    retry_at: str
    timed_out: bool
    traceback: str | None = None


@named_record
class JobFailed(AttemptFinished):
    name = "job.failed"
    level = "error"
    error: str
    timed_out: bool = False
    traceback: str | None = None


@named_record
class JobCancelled(JobEvent):
    name = "job.cancelled"
    attempt: int | None = None
    """None: it waited."""


@named_record
class JobHandedBack(AttemptFinished):
    name = "job.handed_back"


@named_record
class JobRecovered(JobEvent):
    name = "job.recovered"
    level = "warning"
    strikes: int
    """Start-ups in a row that found it running."""


@named_record
class JobTookDaemonDown(JobEvent):
    name = "job.took_daemon_down"
    level = "error"
    strikes: int


@named_record
class JobRetried(JobEvent):
    name = "job.retried"


@named_record
class JobForgotten(JobEvent):
    name = "job.forgotten"


@named_record
class JobOutput(JobEvent):
    """A line that an operator's command wrote."""

    name = "job.output"
    stream: str
    line: str


@named_record
class JobProgressed(JobEvent):
    name = "job.progressed"
    level = "debug"
    done: int
    total: int | None


@named_record
class EntryEvent(Event):
    """About one schedule entry; the base of all schedule events."""

    entry: str


@named_record
class ScheduleOccurrenceEnqueued(EntryEvent):
    name = "schedule.occurrence_enqueued"
    level = "debug"
    occurrence: str
    job_id: int


@named_record
class ScheduleOccurrenceSkipped(EntryEvent):
    name = "schedule.occurrence_skipped"
    occurrence: str
    reason: str


@named_record
class ScheduleClockStepped(EntryEvent):
    """The last handled occurrence lay over an hour in the future; it was set to now."""

    name = "schedule.clock_stepped"
    level = "warning"
    last: str


@named_record
class ScheduleEntryOff(EntryEvent):
    """The entry is left out because its program is missing; it is looked for again every minute."""

    name = "schedule.entry_off"
    level = "error"
    reason: str


@named_record
class ScheduleEntryOn(EntryEvent):
    """The entry's program is there again."""

    name = "schedule.entry_on"


@named_record
class SchedulePaused(EntryEvent):
    name = "schedule.paused"


@named_record
class ScheduleResumed(EntryEvent):
    name = "schedule.resumed"


@named_record
class ScheduleFailed(Event):
    """The schedule could not be worked just now; it tries again, and nothing due is lost."""

    name = "schedule.failed"
    level = "error"
    error: str


@named_record
class ShipmentEvent(Event):
    """About one order's shipment; the base of all shipment events."""

    order_id: int
    reference: str


@named_record
class ShipmentIntended(ShipmentEvent):
    """The intent is committed; the request follows."""

    name = "shipment.intended"
    attempt: int


@named_record
class ShipmentUnclear(ShipmentEvent):
    name = "shipment.unclear"
    level = "warning"
    code: str
    reason: str


@named_record
class ShipmentWithdrawn(ShipmentEvent):
    """The courier did not take it: nothing is under way."""

    name = "shipment.withdrawn"
    level = "warning"
    code: str
    reason: str


@named_record
class ShipmentCreated(ShipmentEvent):
    """The courier has it; its answer is committed in the shipment journal."""

    name = "shipment.created"
    courier_id: str


@named_record
class ShipmentRecorded(ShipmentEvent):
    """The shop's row is written."""

    name = "shipment.recorded"
    courier_id: str


@named_record
class ShipmentReconciled(ShipmentEvent):
    """An unclear intent was found again in the courier's own list."""

    name = "shipment.reconciled"
    courier_id: str
    matched_by: str


@named_record
class ShipmentHeld(ShipmentEvent):
    """A person must decide: `paranadctl shipments show ORDER`."""

    name = "shipment.held"
    level = "error"
    code: str
    reason: str


@named_record
class ShipmentDecided(ShipmentEvent):
    """A person settled or resent it."""

    name = "shipment.decided"
    decision: str


@named_record
class JournalRestored(Event):
    """queue.db is a copy made at *copied_at*: no shipment is sent before `paranadctl shipments reconcile`."""

    name = "shipment.journal_restored"
    level = "error"
    copied_at: str


@named_record
class JournalMatched(Event):
    """The restored journal is matched with the courier's list: shipments are sent again."""

    name = "shipment.journal_matched"
    settled: int
    held: int


@named_record
class CourierRequestSent(Event):
    name = "courier.request_sent"
    level = "debug"
    method: str
    path: str


@named_record
class CourierAnswered(Event):
    name = "courier.answered"
    level = "debug"
    path: str
    status: int
    duration_ms: int


@named_record
class CourierLoggedIn(Event):
    name = "courier.logged_in"


@named_record
class CourierLoginRefused(Event):
    name = "courier.login_refused"
    level = "error"
    reason: Said


@named_record
class CourierRightRefused(Event):
    """A fresh token was refused as well: the account may not do what was asked, and a person must ask the courier."""

    name = "courier.right_refused"
    level = "error"
    reason: Said


@named_record
class CourierLimitReached(Event):
    name = "courier.limited"
    level = "warning"
    until: str


@named_record
class CourierPulledBack(Event):
    """The courier was closed for longer than it ever asks, as after a clock that was ahead; until *until* at most."""

    name = "courier.pulled_back"
    level = "warning"
    until: str


@named_record
class CourierListIncomplete(Event):
    """The courier's whole list lacks parcels that the courier has acknowledged: it proves no absence."""

    name = "courier.list_incomplete"
    level = "warning"
    missing: int
    rows: str


@named_record
class ShopLost(Event):
    name = "shop.lost"
    level = "error"
    reason: str


@named_record
class ShopReturned(Event):
    name = "shop.returned"


@named_record
class BridgeStarted(Event):
    """Rows of the shop's `jobs` table are taken from now on."""

    name = "bridge.started"
    reason: str


@named_record
class BridgeStopped(Event):
    """No row of the shop's `jobs` table is taken any more, or none for now."""

    name = "bridge.stopped"
    reason: str


@named_record
class BridgeRowsTaken(Event):
    """A list of rows is in the queue, and gone from the shop's `jobs` table."""

    name = "bridge.rows_taken"
    level = "debug"
    rows: int
    duplicates: int
    """Those that an unfinished job does already, or that came before."""


@named_record
class BridgePayloadUnknown(Event):
    """A row is left for a PHP worker; told once per class, or per row where no class can be read."""

    name = "bridge.payload_unknown"
    level = "warning"
    row_id: int
    payload_class: str | None
    reason: str


@named_record
class BridgeRowFailed(Event):
    """A row of a known class cannot be worked: it stands in the shop's `failed_jobs` now."""

    name = "bridge.row_failed"
    level = "error"
    row_id: int
    payload_class: str
    uuid: str
    error: str


@named_record
class BridgeJobGivenBack(Event):
    """A failed job from the shop stands in the shop's `failed_jobs` now."""

    name = "bridge.job_given_back"
    job_id: int
    uuid: str


@named_record
class BridgeRowTakenBack(Event):
    """A job that was given back is retried or forgotten: its row is gone from the shop's `failed_jobs`."""

    name = "bridge.row_taken_back"
    uuid: str


@named_record
class BridgeFailed(Event):
    """The bridge cannot do its work just now, or not for one row; what it is about is still where it was."""

    name = "bridge.failed"
    level = "error"
    error: str


@named_record
class AlertEvent(Event):
    """About one incident, of which somebody is told; the base of all alert events."""

    kind: str
    key: str


@named_record
class AlertOpened(AlertEvent):
    name = "alert.opened"
    level = "error"


@named_record
class AlertClosed(AlertEvent):
    name = "alert.closed"
    how: str


@named_record
class AlertSent(AlertEvent):
    """The alert command took the document."""

    name = "alert.sent"
    state: str


@named_record
class AlertFailed(AlertEvent):
    """The alert command did not take the document; it runs again at *retry_at*."""

    name = "alert.failed"
    level = "error"
    state: str
    error: str
    retry_at: str


@named_record
class AlertGivenUp(AlertEvent):
    """For a day the alert command did not take the news that an incident is over."""

    name = "alert.given_up"
    level = "warning"


@named_record
class AlertWatchFailed(Event):
    """One kind of trouble cannot be looked for just now; the others are."""

    name = "alert.watch_failed"
    level = "error"
    kind: str
    error: str


@named_record
class ControlChanged(Event):
    """A caller changed something: who (uid from the kernel) and what."""

    name = "control.changed"
    uid: int
    method: str
    path: str
    status: int


@named_record
class ControlCrowded(Event):
    """Callers were turned away, or cut off while they asked for nothing: more are connected than may be."""

    name = "control.crowded"
    level = "warning"
    most: int
    turned_away: int


@named_record
class ControlFailed(Event):
    """A request met a defect of the program; the caller was told so."""

    name = "control.failed"
    level = "error"
    method: str
    path: str
    error: str
    traceback: str


Listener = Callable[[Sequence[Event]], None]


class Events:
    """Hands what happened to whoever listens, in order, at once; a listener must be quick and must not raise."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Add *listener*; return the function that removes it."""
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def tell(self, *events: Event) -> None:
        """Tell *events*, which have happened: what is stored is committed."""
        for listener in tuple(self.listeners):
            listener(events)


def fields_of(event: Event) -> Mapping[str, Any]:
    """Return the event's fields by name, without those that are None; a fact as its text."""
    return {
        name: value.text if isinstance(value, Said) else value
        for cls in reversed(type(event).__mro__)
        for name in getattr(cls, "__slots__", ())
        if (value := getattr(event, name)) is not None
    }
