"""Counts what the events tell, from the daemon's start on, in plain numbers: thousands a second may be told."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from paranad.courier.client import BULK_PATH, CREATE_PATH, KINDS, LIST_PATH, STATUSES_PATH
from paranad.courier.login import LOGIN_PATH
from paranad.courier.lookups import Lookup
from paranad.events.courier import CourierRequestEnded
from paranad.events.event import Event
from paranad.events.queue import (
    AttemptFinished,
    JobAttemptFailed,
    JobCancelled,
    JobCompleted,
    JobFailed,
    JobSnoozed,
    JobTookDaemonDown,
)
from paranad.events.schedule import ScheduleOccurrenceSkipped
from paranad.events.standby import LeaseTaken
from paranad.histogram import Histogram
from paranad.schedule.due import LEFT
from paranad.schedule.ledger import OVERLAP, OVERLAP_AND, OVERLAP_LINE

OTHER = "other"
"""Stands for every task that the daemon does not know, and for every reason without a name of its own."""
COMPLETED, FAILED, CANCELLED = "completed", "failed", "cancelled"
OUTCOMES = (COMPLETED, FAILED, CANCELLED)
"""How a job may end for good."""
WAIT_BOUNDS_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
PER_S = 1000
"""The events tell whole milliseconds."""
DURATION_BOUNDS_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)

MISSED_OCCURRENCE, OVERLAP_OCCURRENCE = "missed", "overlap"
SKIPPED: Mapping[str, str] = {
    **dict.fromkeys((sentence.code for sentence in LEFT), MISSED_OCCURRENCE),
    **dict.fromkeys((OVERLAP.code, OVERLAP_AND.code, OVERLAP_LINE.code), OVERLAP_OCCURRENCE),
}
"""Why an occurrence was skipped, by the code of its reason."""
SKIP_REASONS = (MISSED_OCCURRENCE, OVERLAP_OCCURRENCE, OTHER)

PATHS = (LOGIN_PATH, CREATE_PATH, LIST_PATH, BULK_PATH, STATUSES_PATH, *(lookup.path for lookup in Lookup))


class TaskTally:
    """The jobs of one task."""

    __slots__ = ("durations", "finished", "retried", "snoozed")

    def __init__(self) -> None:
        self.finished = dict.fromkeys(OUTCOMES, 0)
        self.retried = self.snoozed = 0
        self.durations = Histogram(DURATION_BOUNDS_S, PER_S)


class Tally:
    """Hears every event; `hear` is called by the daemon's loop alone."""

    def __init__(self, known_tasks: Callable[[], Collection[str]], queues: Collection[str]) -> None:
        """Count by task and by queue.

        A task that is not one of *known_tasks* when it is first told of is counted as OTHER, as is a queue that is not
        one of *queues*: so the number of figures is bounded.
        """
        self.tasks: dict[str, TaskTally] = {}
        self.waits = {queue: Histogram(WAIT_BOUNDS_S, PER_S) for queue in queues}
        """By queue: from due to started, of each finished attempt."""
        self.skipped = dict.fromkeys(SKIP_REASONS, 0)
        self.requests = {(call_of(path), kind): 0 for path in PATHS for kind in KINDS}
        """To the courier, by call and by what the answer means."""
        self.takeovers = 0
        """From another machine."""
        self._known_tasks = known_tasks
        self._count: Mapping[type[Event], Callable[..., None]] = {
            JobCompleted: self._completed,
            JobFailed: self._failed,
            JobTookDaemonDown: self._took_daemon_down,
            JobCancelled: self._cancelled,
            JobAttemptFailed: self._retried,
            JobSnoozed: self._snoozed,
            ScheduleOccurrenceSkipped: self._skipped,
            CourierRequestEnded: self._request_ended,
            LeaseTaken: self._lease_taken,
        }

    @property
    def counted(self) -> Iterable[type[Event]]:
        """The kinds of events that it counts."""
        return self._count.keys()

    def hear(self, events: Sequence[Event]) -> None:
        """Count *events*."""
        find = self._count.get
        for event in events:
            if count := find(type(event)):
                count(event)

    def begin(self) -> None:
        """Begin every known task at 0, so that a monitor sees its first job as a rise."""
        for name in self._known_tasks():
            self.task(name)

    def fold(self) -> None:
        """Count the durations and waits that were noted."""
        for histogram in (*(task.durations for task in self.tasks.values()), *self.waits.values()):
            histogram.fold()

    def task(self, name: str) -> TaskTally:
        """Return the tally of the task *name*, or of OTHER."""
        if found := self.tasks.get(name):
            return found
        name = name if name in self._known_tasks() else OTHER
        return self.tasks.setdefault(name, TaskTally())

    def _completed(self, event: JobCompleted) -> None:
        self._attempt(event).finished[COMPLETED] += 1

    def _failed(self, event: JobFailed) -> None:
        self._attempt(event).finished[FAILED] += 1

    def _retried(self, event: JobAttemptFailed) -> None:
        self._attempt(event).retried += 1

    def _snoozed(self, event: JobSnoozed) -> None:
        self._attempt(event).snoozed += 1

    def _attempt(self, event: AttemptFinished) -> TaskTally:
        task = self.tasks.get(event.task) or self.task(event.task)
        task.durations.add(event.duration_ms)
        waits = self.waits.get(event.queue) or self.waits.setdefault(OTHER, Histogram(WAIT_BOUNDS_S, PER_S))
        waits.add(event.wait_ms)
        return task

    def _took_daemon_down(self, event: JobTookDaemonDown) -> None:
        self.task(event.task).finished[FAILED] += 1

    def _cancelled(self, event: JobCancelled) -> None:
        self.task(event.task).finished[CANCELLED] += 1

    def _skipped(self, event: ScheduleOccurrenceSkipped) -> None:
        self.skipped[SKIPPED.get(event.reason.code, OTHER)] += 1

    def _request_ended(self, event: CourierRequestEnded) -> None:
        call = call_of(event.path), event.kind
        self.requests[call] = self.requests.get(call, 0) + 1

    def _lease_taken(self, event: LeaseTaken) -> None:
        self.takeovers += event.machine_before is not None


def call_of(path: str) -> str:
    """Return the name of a call of the courier's API, such as `create-order`."""
    return path.removeprefix("/")
