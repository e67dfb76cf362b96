"""Claimed jobs that wait for a worker, and which queues may have more."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice

from paranad.queue.model import Job

AHEAD_S = 0.02
"""The buffer holds what the workers finish in this time."""
MOST_AHEAD = 200
SMOOTHING = 0.1
"""The share of the newest duration in the running mean."""


class Buffer:
    """Jobs claimed ahead, in the order they should start: one a worker at least, 200 at most."""

    def __init__(self, queues: Sequence[str], count: int) -> None:
        self._ranks = {queue: rank for rank, queue in enumerate(queues)}
        self._count = count
        self._jobs: deque[Job] = deque()
        self._mean_s: float | None = None

    def __len__(self) -> int:
        return len(self._jobs)

    def note_duration(self, duration_s: float) -> None:
        """Learn from an attempt how long jobs take now."""
        before = duration_s if self._mean_s is None else self._mean_s
        self._mean_s = before + SMOOTHING * (duration_s - before)

    def target(self) -> int:
        """Return how many jobs should wait here."""
        if self._mean_s is None:
            return self._count
        finished = MOST_AHEAD if self._mean_s <= 0 else int(self._count * AHEAD_S / self._mean_s)
        return max(self._count, min(finished, MOST_AHEAD))

    def next(self) -> Job | None:
        """Take the job that should start next."""
        return self._jobs.popleft() if self._jobs else None

    def add(self, jobs: Iterable[Job]) -> None:
        """Put *jobs* behind what waits."""
        self._jobs.extend(jobs)

    def put_first(self, jobs: Sequence[Job]) -> None:
        """Put *jobs* before what waits."""
        self._jobs.extendleft(reversed(jobs))

    def take_all(self) -> list[Job]:
        """Take everything out."""
        return self._take(lambda _: True)

    def take_of(self, queue: str) -> list[Job]:
        """Take out the jobs of *queue*."""
        return self._take(lambda job: job.queue == queue)

    def take_below(self, queues: Collection[str], startable: int) -> list[Job]:
        """Take out the jobs of queues lower than one of *queues*, but for the first *startable*: they start now."""
        highest = min((self._ranks[queue] for queue in queues if queue in self._ranks), default=len(self._ranks))
        lower = {job.id for job in islice(self._jobs, startable, None) if self._ranks[job.queue] > highest}
        return self._take(lambda job: job.id in lower) if lower else []

    def take_job(self, job_id: int) -> Job | None:
        """Take out one job; None: it is not here."""
        return next(iter(self._take(lambda job: job.id == job_id)), None)

    def _take(self, wanted: Callable[[Job], bool]) -> list[Job]:
        taken = [job for job in self._jobs if wanted(job)]
        if taken:
            self._jobs = deque(job for job in self._jobs if not wanted(job))
        return taken


class Arrivals:
    """Which queues may have due jobs: those where one arrived since a claim found nothing more."""

    def __init__(self, queues: Sequence[str]) -> None:
        self._noted = dict.fromkeys(queues, 0)
        self._emptied = dict.fromkeys(queues, -1)

    def note(self, queues: Iterable[str]) -> None:
        """Learn that *queues* have due jobs, committed."""
        for queue in queues:
            if queue in self._noted:
                self._noted[queue] += 1

    def seen(self) -> Mapping[str, int]:
        """Return what is known now, for `emptied` and `since` when the claim is back."""
        return dict(self._noted)

    def emptied(self, queue: str, seen: Mapping[str, int]) -> None:
        """Learn that a claim made when *seen* was known left nothing due in *queue*."""
        self._emptied[queue] = seen[queue]

    def since(self, seen: Mapping[str, int]) -> list[str]:
        """Return the queues where something arrived since *seen*."""
        return [queue for queue, noted in self._noted.items() if noted != seen[queue]]

    def queues(self) -> list[str]:
        """Return the queues that may have due jobs, in strict order."""
        return [queue for queue, noted in self._noted.items() if noted != self._emptied[queue]]
