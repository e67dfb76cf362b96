"""An entry of the schedule as it stands: what the status, the doctor and the alerts look at."""

from datetime import datetime

from paranad.queue.model import State
from paranad.queue.pause import Pause
from paranad.record import record
from paranad.said import Said
from paranad.schedule.entries import Entry
from paranad.schedule.ledger import Run


@record
class EntryView:
    """An entry as the operator sees it."""

    entry: Entry
    pause: Pause | None
    """None: it is not paused."""
    last: Run | None
    """None: nothing was due yet."""
    last_job_state: State | None
    """How the last run's job stands; None: it has none, or it was pruned."""
    next_at: datetime | None
    """None while disabled or paused."""
    off: Said | None = None
    """Why it is disabled although the configuration enables it: the shop lacks something, or its program is missing."""
    waiting: int = 0
    """How many occurrences wait until its last job has ended."""
    task_paused: bool = False
    """Whether its task is paused: its jobs are enqueued, and none starts."""

    @property
    def paused(self) -> bool:
        """Whether it is paused by name."""
        return self.pause is not None
