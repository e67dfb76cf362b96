"""The figures: each family with its help, and its values from one tally and one reading. Pure functions."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from itertools import accumulate

from paranad.alerts.heartbeat import Pulse, Standing
from paranad.bridge.apart import PhpWork
from paranad.clock import EPOCH
from paranad.courier.breaker import DoorState
from paranad.histogram import Histogram
from paranad.metrics.reading import LeaseReading, Reading
from paranad.metrics.tally import Tally
from paranad.orders.service import Count
from paranad.queue.model import State
from paranad.record import record


class Kind(StrEnum):
    """What Prometheus calls a metric's type."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@record
class Family:
    """One metric."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


@record
class Buckets:
    """A histogram as it stood at one moment."""

    upto: tuple[tuple[str, int], ...]
    """Each bound in seconds, `+Inf` last, with how many values lie at or below it."""
    total_s: float


Values = Mapping[tuple[str, ...], float | Buckets]
"""By the values of the labels. A value that is not known is missing, never 0."""
Figure = tuple[Family, Values]

UP = Family("paranad_up", Kind.GAUGE, "1 while the daemon gives its figures, 0 if it does not.")
BUILD = Family("paranad_build_info", Kind.GAUGE, "Always 1; the label says which version runs.", ("version",))
STARTED = Family(
    "paranad_start_time_seconds", Kind.GAUGE, "When the daemon started; every counter and histogram begins then."
)
JOBS = Family(
    "paranad_jobs", Kind.GAUGE, "Jobs by queue and state; completed and cancelled ones are not among them.",
    ("queue", "state"),
)  # fmt: skip
RUNNING = Family("paranad_jobs_running", Kind.GAUGE, "Jobs that run now.")
WORKERS = Family("paranad_workers", Kind.GAUGE, "How many jobs may run at once.")
OLDEST = Family(
    "paranad_oldest_available_job_age_seconds",
    Kind.GAUGE,
    "For how long the oldest job that could start has waited; 0 if none waits.",
    ("queue",),
)
PAUSED = Family("paranad_queue_paused", Kind.GAUGE, "1 while the queue, or everything, is paused.", ("queue",))
TASK_PAUSED = Family("paranad_task_paused", Kind.GAUGE, "1 while no job of the task starts.", ("task",))
DRAINING = Family("paranad_draining", Kind.GAUGE, "1 while the daemon takes no new job from any queue.")
FINISHED = Family("paranad_jobs_finished_total", Kind.COUNTER, "Jobs that ended for good.", ("task", "outcome"))
RETRIES = Family("paranad_job_retries_total", Kind.COUNTER, "Attempts that failed and are tried again.", ("task",))
SNOOZES = Family(
    "paranad_job_snoozes_total", Kind.COUNTER, "Attempts after which the task asked to run again later.", ("task",)
)
DURATION = Family(
    "paranad_job_duration_seconds", Kind.HISTOGRAM, "How long each finished attempt ran, to the millisecond.", ("task",)
)
WAIT = Family(
    "paranad_job_wait_seconds",
    Kind.HISTOGRAM,
    "For how long each finished attempt had waited from due to started, to the millisecond.",
    ("queue",),
)
SKIPPED = Family(
    "paranad_schedule_occurrences_skipped_total",
    Kind.COUNTER,
    "Occurrences of the schedule that were skipped; those missed in a row count once.",
    ("reason",),
)
SUCCESS = Family(
    "paranad_schedule_last_success_timestamp_seconds",
    Kind.GAUGE,
    "When the entry of the schedule last succeeded; absent while no success is known.",
    ("entry",),
)
SILENT = Family(
    "paranad_schedule_entry_silent",
    Kind.GAUGE,
    "1 if the entry has had no success within the time expected.",
    ("entry",),
)
SHIPMENTS = Family("paranad_shipments", Kind.GAUGE, "Shipments in the shipment journal, by state.", ("state",))
ORDERS = Family(
    "paranad_orders_without_shipment",
    Kind.GAUGE,
    "Orders of the last 30 days that should have a shipment and have none.",
)
OLDEST_ORDER = Family(
    "paranad_oldest_order_without_shipment_age_seconds",
    Kind.GAUGE,
    "How long ago the oldest order without a shipment was made; 0 if there is none.",
)
AUTOMATIC = Family(
    "paranad_shipments_automatic",
    Kind.GAUGE,
    "1 if the shop lets new orders become shipments by themselves, 0 if a person sends each.",
)
REQUESTS = Family(
    "paranad_courier_requests_total",
    Kind.COUNTER,
    "Requests to the courier, by call and by what the answer means.",
    ("call", "kind"),
)
COURIER = Family(
    "paranad_courier_reachable",
    Kind.GAUGE,
    "1 if the courier's last answer could be understood, 0 if none came or it could not; absent before the first.",
)
RATE_USED = Family("paranad_courier_rate_used", Kind.GAUGE, "Requests that count against the courier's limit now.")
RATE_LIMIT = Family("paranad_courier_rate_limit", Kind.GAUGE, "Requests that the limit allows within its window.")
RATE_WINDOW = Family("paranad_courier_rate_window_seconds", Kind.GAUGE, "The window of the courier's limit.")
RATE_WAITING = Family("paranad_courier_rate_waiting", Kind.GAUGE, "Jobs that wait for their turn under the limit.")
CLOSED = Family(
    "paranad_courier_closed", Kind.GAUGE, "1 while nothing is sent, because the courier said that its rate is exceeded."
)
DOOR = Family(
    "paranad_courier_door",
    Kind.GAUGE,
    "1 for what the courier's door lets through now: every order, no order after outages in a row, or one order first.",
    ("state",),
)
SHOP = Family(
    "paranad_shop_reachable",
    Kind.GAUGE,
    "1 if the shop's database answered when it was last asked; absent before the first answer.",
)
PHP_ROWS = Family(
    "paranad_php_rows",
    Kind.GAUGE,
    "Due rows that are set apart for PHP: those that wait for a worker, and those that one has.",
    ("state",),
)
PHP_RUNS = Family("paranad_php_runs_total", Kind.COUNTER, "PHP workers that came since the daemon's start.")
PHP_OLDEST = Family(
    "paranad_php_oldest_row_age_seconds",
    Kind.GAUGE,
    "For how long the oldest row that waits for PHP has been due; 0 if none waits.",
)
COMMITS = Family(
    "paranad_commit_duration_seconds", Kind.HISTOGRAM, "How long each commit of queue.db took, its changes included."
)
STATE_SIZE = Family("paranad_state_size_bytes", Kind.GAUGE, "The size of queue.db.")
WAL_SIZE = Family("paranad_state_wal_size_bytes", Kind.GAUGE, "The size of queue.db's write-ahead log, its -wal.")
HEALTHY = Family("paranad_state_healthy", Kind.GAUGE, "1 while queue.db is in its place and takes what is written.")
LAG = Family(
    "paranad_loop_lag_seconds", Kind.HISTOGRAM, "How late the daemon's event loop woke from a sleep of one second."
)
INCIDENTS = Family("paranad_incidents_open", Kind.GAUGE, "Open incidents, by the kind of alert.", ("kind",))
MUTED = Family(
    "paranad_alerts_muted", Kind.GAUGE, "1 while nobody is told of incidents of this kind, because a person muted it.",
    ("kind",),
)  # fmt: skip
HEARTBEAT = Family(
    "paranad_heartbeat",
    Kind.GAUGE,
    "1 for how the heartbeat stands: taken by its address, not taken, or withheld because the daemon is not well; "
    "absent without an address, and before the first.",
    ("state",),
)
HEARTBEAT_TAKEN = Family(
    "paranad_heartbeat_last_taken_timestamp_seconds",
    Kind.GAUGE,
    "When the heartbeat's address last took one; absent while it never has.",
)

ACTIVE = Family(
    "paranad_standby_active",
    Kind.GAUGE,
    "1 while this machine holds the lease, 0 while it stands by; absent without [standby], as all of these.",
)
LEASE_AGE = Family(
    "paranad_standby_lease_age_seconds",
    Kind.GAUGE,
    "How long ago this machine last renewed its lease; absent while it stands by.",
)
TERM = Family(
    "paranad_standby_term",
    Kind.GAUGE,
    "The term of the lease as last seen: it rises each time that the lease is taken.",
)
PRESENT = Family("paranad_standby_present", Kind.GAUGE, "Other machines that stand by now.")
TAKEOVERS = Family(
    "paranad_standby_takeovers_total", Kind.COUNTER, "How often this daemon has taken over from another machine."
)

COUNTED_STATES = (State.SCHEDULED, State.AVAILABLE, State.RUNNING, State.RETRYABLE, State.FAILED)
"""The states of jobs that are still to be done, or that a person may have to look at."""


def figures_of(
    tally: Tally,
    reading: Reading,
    commits: Histogram,
    lag: Histogram,
    *,
    version: str,
    started: datetime,
    now: datetime,
) -> list[Figure]:
    """Return every figure; one that is not known has no values."""
    return [
        (UP, {(): 1}),
        (BUILD, {(version,): 1}),
        (STARTED, {(): _timestamp(started)}),
        *_of_jobs(reading, now),
        *_of_tasks(tally, reading),
        *_of_the_schedule(tally, reading),
        (SHIPMENTS, {(state.value,): count for state, count in (reading.shipments or {}).items()}),
        *_of_orders(reading.orders, now),
        *_of_the_courier(tally, reading),
        (SHOP, _if_known(reading.shop_reachable)),
        *_of_php(reading.php, reading.php_runs, now),
        (COMMITS, {(): _buckets(commits)}),
        (STATE_SIZE, _if_known(reading.sizes.file_bytes)),
        (WAL_SIZE, _if_known(reading.sizes.log_bytes)),
        (HEALTHY, {(): reading.is_store_healthy}),
        (LAG, {(): _buckets(lag)}),
        (INCIDENTS, {(kind,): count for kind, count in reading.incidents.items()}),
        (MUTED, {(kind,): kind in reading.muted for kind in reading.incidents}),
        *_of_the_heartbeat(reading.pulse),
        *_of_the_lease(reading.lease, tally.takeovers),
    ]


def _of_jobs(reading: Reading, now: datetime) -> Iterator[Figure]:
    jobs, oldest = reading.jobs or {}, reading.oldest_due_at or {}
    yield JOBS, {(queue, state): counts.get(state, 0) for queue, counts in jobs.items() for state in COUNTED_STATES}
    yield RUNNING, {(): reading.running}
    yield WORKERS, {(): reading.workers}
    yield OLDEST, {(queue,): _age_s(at, now) if at else 0 for queue, at in oldest.items()}
    yield PAUSED, {(queue,): queue in reading.paused for queue in jobs}
    yield DRAINING, {(): reading.draining}


def _of_tasks(tally: Tally, reading: Reading) -> Iterator[Figure]:
    tasks = tally.tasks
    yield TASK_PAUSED, {(name,): name in reading.paused_tasks for name in tasks}
    yield FINISHED, {(name, outcome): n for name, task in tasks.items() for outcome, n in task.finished.items()}
    yield RETRIES, {(name,): task.retried for name, task in tasks.items()}
    yield SNOOZES, {(name,): task.snoozed for name, task in tasks.items()}
    yield DURATION, {(name,): _buckets(task.durations) for name, task in tasks.items()}
    yield WAIT, {(queue,): _buckets(waits) for queue, waits in tally.waits.items()}


def _of_the_schedule(tally: Tally, reading: Reading) -> Iterator[Figure]:
    yield SKIPPED, {(reason,): count for reason, count in tally.skipped.items()}
    succeeded = {name: at for name, at in reading.succeeded_at.items() if name in reading.entries}
    yield SUCCESS, {(name,): _timestamp(at) for name, at in succeeded.items()}
    yield SILENT, {(name,): name in reading.silent for name in reading.entries}


def _of_orders(orders: Count | None, now: datetime) -> Iterator[Figure]:
    if orders is None:
        yield from ((family, {}) for family in (ORDERS, OLDEST_ORDER, AUTOMATIC))
        return
    yield ORDERS, {(): orders.orders}
    if orders.oldest_at is not None:
        yield OLDEST_ORDER, {(): _age_s(orders.oldest_at, now)}
    else:  # orders without a readable date have an age that is not known
        yield OLDEST_ORDER, {} if orders.orders else {(): 0}
    yield AUTOMATIC, {(): orders.auto_create}


def _of_the_courier(tally: Tally, reading: Reading) -> Iterator[Figure]:
    rate = reading.rate
    yield REQUESTS, {(call, kind): count for (call, kind), count in tally.requests.items()}
    yield COURIER, _if_known(reading.courier_reachable)
    yield RATE_USED, {(): rate.used}
    yield RATE_LIMIT, {(): rate.limit}
    yield RATE_WINDOW, {(): rate.window.total_seconds()}
    yield RATE_WAITING, {(): rate.waiting}
    yield CLOSED, {(): rate.closed_until is not None}
    yield DOOR, {(state.value,): state is reading.door for state in DoorState}


def _of_php(work: PhpWork, runs: int, now: datetime) -> Iterator[Figure]:
    yield PHP_ROWS, {("waiting",): work.waiting, ("reserved",): work.reserved}
    yield PHP_RUNS, {(): runs}
    yield PHP_OLDEST, {(): _age_s(work.oldest_due_at, now) if work.oldest_due_at else 0}


def _of_the_heartbeat(pulse: Pulse | None) -> Iterator[Figure]:
    now = pulse.standing if pulse else None
    yield HEARTBEAT, {(standing.value,): standing is now for standing in Standing} if now else {}
    yield HEARTBEAT_TAKEN, {(): _timestamp(pulse.answered_at)} if pulse and pulse.answered_at else {}


def _of_the_lease(lease: LeaseReading | None, takeovers: int) -> Iterator[Figure]:
    if lease is None:
        yield from ((family, {}) for family in (ACTIVE, LEASE_AGE, TERM, PRESENT, TAKEOVERS))
        return
    yield ACTIVE, {(): lease.works}
    yield LEASE_AGE, _if_known(lease.age_s)
    yield TERM, _if_known(lease.term)
    yield PRESENT, {(): lease.present}
    yield TAKEOVERS, {(): takeovers}


def _if_known(value: float | None) -> Values:
    return {} if value is None else {(): value}


def _buckets(histogram: Histogram) -> Buckets:
    counts, total_s = histogram.read()
    bounds = (*map(str, histogram.bounds_s), "+Inf")
    return Buckets(tuple(zip(bounds, accumulate(counts), strict=True)), total_s)


def _age_s(since: datetime, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0)  # a clock that was set back would make it negative


def _timestamp(at: datetime) -> float:
    return (at - EPOCH).total_seconds()
