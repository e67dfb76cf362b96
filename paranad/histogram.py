"""How often a value fell into each bucket. A value is only noted when it comes, and counted later, many at once."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence


class Histogram:
    """Counts durations by bucket."""

    __slots__ = ("_counts", "_new", "_per_s", "_total_s", "add", "bounds_s")

    def __init__(self, bounds_s: Sequence[float], per_s: int = 1) -> None:
        """Count by buckets that reach up to *bounds_s*, in rising order, and one for what is longer.

        *per_s* is how many units of the noted values make a second. Call `fold` now and then, or they grow in number.
        """
        self.bounds_s = tuple(bounds_s)
        self._per_s = per_s
        self._counts = [0] * (len(self.bounds_s) + 1)
        self._total_s = 0.0
        self._new: list[float] = []
        # Thousands a second may come: noting one is a list's own append, with no call of ours in between.
        self.add = self._new.append

    def fold(self) -> None:
        """Count what was noted since the last time."""
        if not self._new:
            return
        for value, times in Counter(self._new).items():
            seconds = value / self._per_s
            self._counts[bisect_left(self.bounds_s, seconds)] += times
            self._total_s += seconds * times
        self._new.clear()

    def read(self) -> tuple[Sequence[int], float]:
        """Return how many fell into each bucket alone, the last one holding what is longer than any, and their sum."""
        self.fold()
        return tuple(self._counts), self._total_s
