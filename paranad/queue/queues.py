"""The configured queues: their names, their strict order, their limits, and what is paused: queues, tasks, all."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from paranad.queue.model import Job, known_queue
from paranad.queue.pause import Pause


class Queues:
    """The queues of this daemon, highest first."""

    def __init__(self, names: Sequence[str], limits: Mapping[str, int] | None = None) -> None:
        self.names = tuple(names)
        self.limits: Mapping[str, int] = limits or {}
        """How many jobs of a queue run at once at most; a queue that is not named here has the workers as its limit."""
        self.all_paused: Pause | None = None
        """While it stands nothing is claimed from any queue, as committed."""
        self.paused: Mapping[str, Pause] = {}
        """Queues that are paused by name, as committed; one may be paused that is configured no longer."""
        self.paused_tasks: Mapping[str, Pause] = {}
        """Tasks of which no job starts, as committed; one may be paused that is no longer known."""
        self._ranks = {name: rank for rank, name in enumerate(names)}

    def rooms(
        self, started: Mapping[str, int], waiting: Iterable[Job], returning: Iterable[str] = ()
    ) -> dict[str, int]:
        """Return how many more jobs may be claimed of each queue that has a limit.

        *started* attempts of a queue count, and claimed jobs that are *waiting* for a worker or *returning*.
        """
        claimed = Counter(started) + Counter(job.queue for job in waiting) + Counter(returning)
        return {queue: max(0, limit - claimed[queue]) for queue, limit in self.limits.items()}

    def beyond_limits(self, started: Mapping[str, int], waiting: Iterable[Job]) -> set[int]:
        """Return the ids of the *waiting* jobs that cannot start beside the *started* attempts of their queue."""
        waiting, rooms = list(waiting), self.rooms(started, ())
        of = {queue: [job.id for job in waiting if job.queue == queue] for queue in rooms}
        return {job_id for queue, room in rooms.items() for job_id in of[queue][room:]}

    def known(self, name: str) -> str:
        """Return *name* if the daemon has such a queue.

        Raises:
            UnknownQueue: names the known ones.
        """
        return known_queue(name, self.names)

    def is_paused(self, name: str) -> bool:
        """Tell whether nothing is claimed from a queue: it is paused, or everything is."""
        return self.all_paused is not None or name in self.paused

    def highest(self, among: Collection[str]) -> int:
        """Return the rank of the highest queue of *among*; 0 is the first. Beyond every rank if none is known."""
        return min((self._ranks[name] for name in among if name in self._ranks), default=len(self.names))

    def rank(self, name: str) -> int:
        """Return the place of a known queue in the strict order; 0 is the first."""
        return self._ranks[name]
