"""Every form that the control API answers, always named with its module: `schemas.Job` shows the queue's `Job`.

With those of `requests.py` they make `/v1/openapi.json`, which has their names.

Instants are ISO 8601 with the configured zone's offset. A list is `items` with `next_cursor`, which is null on the
last page.
"""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar, overload

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from paranad.numbers import LARGEST_ID
from paranad.said import Said, as_said, from_document

JobState = Literal["scheduled", "available", "running", "retryable", "completed", "failed", "cancelled"]
AttemptOutcome = Literal["completed", "snoozed", "failed", "timed_out", "cancelled", "handed_back", "recovered"]
Origin = Literal["schedule", "operator", "shop"]
DaemonState = Literal["starting", "ready", "draining", "stopping"]
ShipmentState = Literal["intended", "created", "recorded", "withdrawn", "held"]
CheckOutcome = Literal["ok", "warning", "failed"]

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
T = TypeVar("T")

SAME = "The same as a code with values."


class Answered(BaseModel):
    """A form that the API answers."""

    model_config = ConfigDict(frozen=True)


class Page(Answered, Generic[T]):
    """A part of a list."""

    items: list[T]
    next_cursor: str | None = Field(description="Send it as `cursor` to get the next page; null on the last page.")


class Items(Answered, Generic[T]):
    """One item for each item of the request, in its order."""

    items: list[T]


class Remark(Answered):
    """A sentence as a code with values, so that it can be shown in any language."""

    code: str = Field(
        description="Names the sentence, such as `queue-paused`; empty: a text from outside, or of an earlier version."
    )
    values: dict[str, str | int | float] = Field(description="The sentence's values by name.")
    facts: dict[str, "Remark"] = Field({}, description="The values that are sentences themselves, whole.")
    text: str = Field("", description="The sentence in English.")

    def said(self) -> Said:
        """Return the fact whose remark this is."""
        return from_document(self.model_dump())


@overload
def remark_of(said: Said | str) -> Remark: ...
@overload
def remark_of(said: Said | str | None) -> Remark | None: ...
def remark_of(said: Said | str | None) -> Remark | None:
    """Return *said* as the API answers it."""
    return None if said is None else Remark.model_validate(as_said(said).remark())


class WrongSetting(Answered):
    """One problem of a configuration."""

    where: str = Field(description="File, environment variable or credential.")
    key: str = Field(description="Such as `[queue] workers`; empty if the whole file is meant.")
    message: str


class Problem(Answered):
    """Why a request was not done (RFC 9457)."""

    type: str = Field(description="`urn:paranad:problem:` and the kind.")
    title: str = Field(description="The kind in words, the same for every occurrence.")
    status: int
    detail: str = Field(description="The thing, what was expected, what it got, the cure.")
    why: Remark | None = Field(None, description=SAME)
    kind: str
    problems: list[WrongSetting] | None = Field(None, description="Only of kind `configuration`: each wrong setting.")


class Health(Answered):
    """The queue is recovered and the socket listens."""

    status: Literal["ok"] = "ok"


class Attempt(Answered):
    """One run of a job that has ended."""

    number: int = Field(description="From 1.")
    started_at: datetime
    finished_at: datetime
    outcome: AttemptOutcome
    counted: bool = Field(description="Whether it spent a try.")
    error: str | None
    why: Remark | None = Field(None, description=SAME)
    traceback: str | None


class Job(Answered):
    """One stored request to run a task."""

    id: Id = Field(description="Never reused.")
    task: str
    args: dict[str, JsonValue]
    queue: str
    origin: Origin = Field(description="Who asked for it.")
    state: JobState
    tries: int = Field(description="How many it may have.")
    tries_spent: int
    due_at: datetime = Field(description="The instant from which it may be claimed, or could have been.")
    created_at: datetime
    started_at: datetime | None = Field(description="Start of the last attempt; null before the first.")
    finished_at: datetime | None = Field(description="Null while unfinished.")
    unique_key: str | None = Field(description="At most one unfinished job has it, and beside it one that is put off.")
    result: JsonValue = Field(description="The completed job's result, else null.")
    error: str | None = Field(description="Why it failed or waits; one line.")
    why: Remark | None = Field(None, description=SAME)
    attempts: list[Attempt] = Field(description="Attempts that have ended, oldest first; empty in lists.")


class EnqueuedJob(Answered):
    """The job that does the requested work; its row is committed."""

    id: Id
    duplicate: bool = Field(description="An unfinished job already does it, or the same request came before.")


class RetriedJob(Answered):
    """What became of one failed job."""

    id: Id
    covered_by: Id | None = Field(
        description="Null: it is available again. Else it stays failed, and this job, of its unique key, does it."
    )


class Deleted(Answered):
    """How many jobs were deleted."""

    deleted: int


class Run(Answered):
    """What became of one occurrence of a schedule entry."""

    occurrence: datetime
    outcome: Literal["enqueued", "skipped"]
    reason: str | None = Field(description="Why it was skipped.")
    why: Remark | None = Field(None, description=SAME)
    job_id: Id | None = Field(description="The job that was enqueued.")
    job_state: JobState | None = Field(None, description="How that job stands; null: there is none, or it was pruned.")


class Pause(Answered):
    """Since when something rests, until when, why, and who let it."""

    since: datetime | None = Field(description="Null: an earlier version paused it, which kept nothing of this.")
    until: datetime | None = Field(description="When it ends by itself; null: when somebody resumes.")
    reason: str | None
    by: str | None = Field(description="The user's name, or `uid` and a number.")


PAUSED = "Null: it is not paused."


class Entry(Answered):
    """A schedule entry."""

    name: str
    task: str
    cron: str
    cron_words: str
    timezone: str
    own_timezone: bool = Field(False, description="Whether it names its time zone itself, instead of the daemon's.")
    enabled: bool
    off: str | None = Field(
        description="Why it is not enabled although the configuration enables it: what the shop lacks, "
        "or that its program is missing."
    )
    why: Remark | None = Field(None, description=SAME)
    paused: bool
    pause: Pause | None = Field(None, description=PAUSED)
    last: Run | None = Field(description="The latest occurrence that was handled.")
    last_job_state: JobState | None = Field(
        description="The state of its job; null: it has none, or the job was pruned."
    )
    next: datetime | None = Field(
        description="Null while disabled or paused. While everything is paused: the first after that pause, if it ends."
    )
    task_paused: bool = Field(False, description="Whether its task is paused: what it enqueues waits.")
    catch_up: Literal["once", "skip", "all"] = Field(
        "once", description="What happens to occurrences that were missed."
    )
    catch_up_limit: int | None = Field(None, description="Of how many, beside `all`; otherwise null.")
    catch_up_window: str | None = Field(None, description="How old at most, beside `all`; null: however old.")
    overlap: Literal["skip", "queue-one", "allow"] = Field(
        "skip", description="What happens to an occurrence while the last job is unfinished."
    )
    jitter: str | None = Field(None, description="How long its jobs are delayed at random, at most; null: not at all.")
    alert: bool = Field(True, description="Whether somebody is told of its failures, its slow runs and its silence.")
    expect_within: str | None = Field(
        None, description="Within what time of its last success the next is expected; null: one period and a grace."
    )
    waiting: int = Field(0, description="Occurrences that wait until the last job has ended.")


class SyncJob(Answered):
    """The job that syncs the orders of one status, or all orders."""

    id: Id
    duplicate: bool = Field(description="An equal sync was already under way; this is its job.")
    status_id: str | None


class DryRun(Answered):
    """The result that the task would have had; nothing was changed and nothing sent."""

    task: str
    result: JsonValue


class QueueState(Answered):
    """Whether a queue is claimed from."""

    name: str
    paused: bool = Field(description="By its name; `pause` of the status says whether everything is.")
    pause: Pause | None = Field(None, description=PAUSED)


class Queue(QueueState):
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


class PausedTask(Answered):
    """A task of which no job starts."""

    name: str
    due: int = Field(description="Due jobs of it that wait.")
    pause: Pause | None = Field(None, description=PAUSED)


class GoneEntry(Answered):
    """A paused schedule entry that the configuration no longer has."""

    name: str
    pause: Pause


class Claiming(Answered):
    """Whether the daemon claims jobs."""

    draining: bool
    pause: Pause | None = Field(None, description="Of everything; null: none.")
    paused: list[str] = Field(description="Paused queues.")
    paused_tasks: list[str] = Field([], description="Paused tasks.")
    paused_entries: list[str] = Field([], description="Paused schedule entries.")


class NextChange(Answered):
    """An entry of the schedule that a reload added or removed, or whose next instant it changed."""

    name: str
    change: Literal["added", "removed", "moved"]
    before: datetime | None = Field(description="When it was due next; null: it did not run.")
    after: datetime | None = Field(description="When it is due next; null: it does not run.")
    pause_stays: bool = Field(
        False, description="It was removed while it was paused: its pause stays, and whatever it is called now runs."
    )


class ReloadReport(Answered):
    """The changes of a re-read configuration."""

    changed: list[str] = Field(description="Keys whose new value is in force.")
    needs_restart: list[str] = Field(description="Keys whose new value waits for a restart.")
    credentials: list[str] = Field(
        [], description="Credentials in use; a reload sees no change of them, a restart does."
    )
    schedule: list[NextChange] = Field([], description="Entries whose next instant has changed.")


class Daemon(Answered):
    """The daemon's process."""

    version: str
    pid: int
    state: DaemonState
    since: datetime = Field(description="When the process started.")
    config_file: str | None = Field(description="Null: no file was read.")


class Progress(Answered):
    """How much of its work a running job has done."""

    done: int
    total: int | None


class RunningJob(Answered):
    """A job that runs now."""

    id: Id
    task: str
    queue: str
    attempt: int
    started_at: datetime
    progress: Progress | None


class FailedJob(Answered):
    """A job that failed for good."""

    id: Id
    task: str
    error: str | None
    why: Remark | None = Field(None, description=SAME)
    finished_at: datetime


class Failures(Answered):
    """How many jobs failed, and the newest of them."""

    count: int
    last: list[FailedJob] = Field(description="The newest five.")


class Limiter(Answered):
    """The courier account's request limit."""

    used: int
    limit: int
    window_s: float
    waiting: int = Field(description="Jobs with a slot to come.")
    closed_until: datetime | None = Field(description="When the courier itself said to wait.")


class Door(Answered):
    """What the courier's door lets through: after several outages in a row, no order is sent."""

    state: Literal["open", "closed", "one_order"] = Field(
        description="`one_order`: the courier has answered a question, and one order is sent first."
    )
    since: datetime | None = Field(None, description="Since when not every order is sent; null: it is open.")
    next_try_at: datetime | None = Field(None, description="When the courier is asked again; null: it is not closed.")
    reason: str | None = Field(None, description="The last outage; null: it is open.")
    why: Remark | None = Field(None, description=SAME)


class Courier(Answered):
    """The courier as last seen."""

    limiter: Limiter
    door: Door = Door(state="open")
    login: Literal["ok", "refused", "unknown"] = Field(description="`unknown`: not tried yet.")
    reason: str | None
    why: Remark | None = Field(None, description=SAME)


class LastSync(Answered):
    """The latest line of the shop's sync log."""

    at: datetime
    type: str
    status: str
    created: int
    updated: int
    failed: int


class ShipmentCounts(Answered):
    """Shipments that are not recorded yet: the journal's rows by state, and the jobs that wait or failed."""

    intended: int
    created: int
    held: int
    withdrawn: int = Field(0, description="Sent, and not taken by the courier.")
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


class OrderCounts(Answered):
    """The answer to "is all shipped?": orders of the last 30 days that should have a shipment and have none."""

    without_shipment: int | None = Field(description="At most 10000; null: unknown, the shop does not say.")
    oldest_at: datetime | None = Field(description="When the oldest of them was made; null: unknown, or there is none.")
    known: bool = Field(description="False: the shop could not be asked.")
    automatic: bool | None = Field(
        None,
        description="Whether the shop lets new orders become shipments by themselves; null: unknown.",
    )


class Shop(Answered):
    """The shop's database as last seen."""

    reachable: bool | None = Field(description="Null: not asked yet.")
    reason: str | None
    why: Remark | None = Field(None, description=SAME)


class UnreadableRow(Answered):
    """A row of the shop's `jobs` table that cannot be read, and was moved to its `failed_jobs`."""

    uuid: str = Field(description="By which `php artisan queue:retry` and `queue:forget` name it.")
    reason: str
    why: Remark | None = Field(None, description=SAME)


class Bridge(Answered):
    """Whether work is taken from the shop's own `jobs` table."""

    mode: Literal["auto", "on", "off"] = Field(description="As configured: `[shop] laravel_queue`.")
    active: bool
    reason: str = Field(description="Why it is active or not.")
    why: Remark | None = Field(None, description=SAME)
    left: dict[str, int] = Field(description="Rows that stay there for a PHP worker, by their class; at most five.")
    unreadable: int = Field(description="Rows that cannot be read and stand in the shop's `failed_jobs`, as last seen.")
    last_unreadable: UnreadableRow | None = Field(description="The last of them; null: there is none.")
    trouble: str | None = Field(description="Why failed jobs cannot be given back to the shop now; null: none is due.")
    trouble_why: Remark | None = Field(None, description=SAME)


class Store(Answered):
    """The state of queue.db."""

    healthy: bool
    reason: str | None
    why: Remark | None = Field(None, description=SAME)


class Heartbeat(Answered):
    """How `[alert] heartbeat_url` stands; of the address only its host is shown."""

    host: str
    answered_at: datetime | None = Field(description="When it last took a heartbeat; null: never.")
    failing_since: datetime | None = Field(description="Null: it took the last one, or none was sent.")
    withheld_since: datetime | None = Field(
        description="Since when none goes out, because the daemon is not well; null: they go out."
    )
    reason: str | None = Field(description="Why none goes out, or why the address did not take the last one.")
    why: Remark | None = Field(None, description=SAME)


class Mute(Answered):
    """A kind of alert that nobody is told of."""

    kind: str
    since: datetime
    until: datetime = Field(description="When it ends by itself.")
    by: str = Field(description="Who muted it: the user's name, or `uid` and a number.")


class FailingCommand(Answered):
    """The alert command has taken no document since then."""

    since: datetime
    times: int = Field(description="How often in a row it failed.")
    reason: str = Field(description="How it failed the last time.")
    why: Remark | None = Field(None, description=SAME)


class Alerting(Answered):
    """How somebody is told of trouble."""

    open: int = Field(description="Incidents that are open now.")
    muted: list[Mute] = Field(description="The one that ends first first.")
    failing: FailingCommand | None = Field(description="Null: the command took the last document, or has had none.")


class Status(Answered):
    """Everything an operator asks first."""

    daemon: Daemon
    notes: list[str] = Field(description="Why nothing, or less than expected, runs; one sentence each.")
    remarks: list[Remark] = Field(description="The same, by code, in the same order.")
    pause: Pause | None = Field(None, description="Of everything: nothing starts; null: none.")
    queues: list[Queue] = Field(description="In claim order.")
    paused_tasks: list[PausedTask] = Field([], description="Tasks of which no job starts, whatever the queue.")
    workers: int = Field(description="How many jobs run at once.")
    running: list[RunningJob]
    failed: Failures
    schedule: list[Entry]
    gone_entries: list[GoneEntry] = Field([], description="Paused entries that the configuration no longer has.")
    courier: Courier
    last_sync: LastSync | None = Field(description="Null: there was none, or it is not known.")
    last_sync_known: bool = Field(True, description="False: the shop could not be asked for its last sync.")
    shipments: ShipmentCounts
    orders: OrderCounts
    shop: Shop
    bridge: Bridge
    store: Store
    heartbeat: Heartbeat | None = Field(None, description="Null: `[alert] heartbeat_url` is empty.")
    alerts: Alerting | None = Field(None, description="Null: a daemon of an earlier version.")


class ShipmentAttempt(Answered):
    """One create-order request."""

    number: int = Field(description="From 1.")
    phone: str = Field(description="As sent; its last three digits.")
    price: int = Field(description="As sent, whole dinars.")
    sent_at: datetime
    answered_at: datetime | None
    outcome: Literal["sent", "created", "refused", "unclear"] = Field(
        description="`sent`: the request is under way, or its answer was never stored."
    )
    detail: str | None = Field(description="Why it was refused or is unclear.")
    why: Remark | None = Field(description=SAME)


class Suspicion(Answered):
    """Why the order may have been sent before, by something else than this daemon."""

    reason: str = Field(description="`why` has its code: `tried_by_php`, `requeued` or `restored`.")
    why: Remark
    since: datetime = Field(description="When the order was made; no shipment of it can be older.")
    known_at: datetime


class Look(Answered):
    """What the courier's last list said of an unclear shipment."""

    at: datetime = Field(description="When the list was asked for.")
    reason: str | None = Field(
        description="Why the list settled nothing; null: it proved that the courier lacks the shipment."
    )
    why: Remark | None = Field(description=SAME)


class WaitingJob(Answered):
    """The job that sends a shipment, while it waits."""

    id: Id
    due_at: datetime = Field(description="When it runs next.")
    reason: str | None = Field(description="What it waits for.")
    why: Remark | None = Field(None, description=SAME)


class Shipment(Answered):
    """One order's row in the shipment journal."""

    order_id: Id
    state: ShipmentState
    reference: str = Field(description="Stands first in the courier order's merchant notes.")
    courier_id: str | None
    reason: str | None = Field(description="Why it is unclear, withdrawn or held.")
    why: Remark | None = Field(description=SAME)
    unconfirmed: bool = Field(description="A person named its courier id, and the courier did not confirm it.")
    attempts: list[ShipmentAttempt] = Field(description="Our requests, oldest first.")
    suspicions: list[Suspicion] = Field(description="Why it may have been sent by something else, oldest first.")
    absences: int = Field(description="Lists that proved, since the last attempt, that the courier lacks it.")
    next_look_at: datetime | None = Field(
        None, description="While it is unclear, and it alone is shown: when the courier's list is asked at the latest."
    )
    job: WaitingJob | None = Field(
        None, description="While it is not at the courier, and it alone is shown: the job that waits to send it."
    )
    look: Look | None = Field(description="While it is unclear: what the last list said; null: none was read yet.")
    intended_at: datetime
    created_at: datetime | None = Field(description="When the courier was known to have it.")
    recorded_at: datetime | None = Field(description="When the shop's row was written.")


class Reconciled(Answered):
    """What comparing the shipment journal with the courier's list brought."""

    looked_at: int
    settled: int
    held: int
    waiting: int
    matched: bool | None = Field(
        None,
        description="Whether it has matched the journal of a restored queue.db, so that shipments are sent again; "
        "null: it was not restored, or is matched already.",
    )


class DoctorCheck(Answered):
    """What one look of the doctor found."""

    check: str = Field(description="What was looked at, such as `shop-database`.")
    outcome: CheckOutcome
    code: str = Field(description="What was found, such as `shop-unreachable`; it decides the words.")
    values: dict[str, str] = Field(description="What the words hold.")
    facts: dict[str, Remark] = Field({}, description="Those of the values that are sentences themselves, by name.")
    why: str
    cure: str | None = Field(description="Null if the outcome is ok.")


class Doctor(Answered):
    """The checks that need the daemon's eyes."""

    items: list[DoctorCheck] = Field(description="In the order in which to look.")
