"""What happened in the queue: to its file, its queues, its jobs."""

from typing import Any

from paranad.events.event import Event
from paranad.record import named_record


@named_record
class Paused(Event):
    """The fields of what is paused, or is paused again."""

    until: str | None = None
    """When it ends by itself; None: it lasts until somebody resumes."""
    reason: str | None = None
    by: str | None = None
    """Who paused."""


@named_record
class Resumed(Event):
    """The fields of what goes on after a pause."""

    by_itself: bool = False
    """The pause's own end had come; False: somebody resumed."""


@named_record
class QueuePaused(Paused):
    name = "queue.paused"
    queue: str


@named_record
class QueueResumed(Resumed):
    name = "queue.resumed"
    queue: str


@named_record
class QueueTaskPaused(Paused):
    """No more jobs of a task start, whatever their queue."""

    name = "queue.task_paused"
    task: str
    waiting: int
    """Jobs that were due then."""


@named_record
class QueueTaskResumed(Resumed):
    name = "queue.task_resumed"
    task: str


@named_record
class QueueAllPaused(Paused):
    """No more jobs start at all, and the schedule enqueues none."""

    name = "queue.all_paused"


@named_record
class QueueAllResumed(Resumed):
    """Jobs start again, and the schedule goes on, but for what is paused by name."""

    name = "queue.all_resumed"


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
    order_id: int | None = None
    """The order that the job's arguments name; None: they name none."""


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
class JobWoken(JobEvent):
    """An operator made a waiting job due, or a request for the work of one that was put off did."""

    name = "job.woken"


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
