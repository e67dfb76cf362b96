"""The configured queues: their names, their strict order, and what is paused: queues, and tasks in any of them."""

from collections.abc import Collection, Sequence

from paranad.queue.model import known_queue


class Queues:
    """The queues of this daemon, highest first."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.paused: frozenset[str] = frozenset()
        """Queues from which nothing is claimed, as committed; one may be paused that is configured no longer."""
        self.paused_tasks: frozenset[str] = frozenset()
        """Tasks of which no job starts, as committed; one may be paused that is no longer known."""
        self._ranks = {name: rank for rank, name in enumerate(names)}

    def known(self, name: str) -> str:
        """Return *name* if the daemon has such a queue.

        Raises:
            UnknownQueue: names the known ones.
        """
        return known_queue(name, self.names)

    def highest(self, among: Collection[str]) -> int:
        """Return the rank of the highest queue of *among*; 0 is the first. Beyond every rank if none is known."""
        return min((self._ranks[name] for name in among if name in self._ranks), default=len(self.names))

    def rank(self, name: str) -> int:
        """Return the place of a known queue in the strict order; 0 is the first."""
        return self._ranks[name]
