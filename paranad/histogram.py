"""How often a value fell into each bucket: plain numbers, so that counting one costs less than a microsecond."""

from bisect import bisect_left
from collections.abc import Sequence


class Histogram:
    """Counts seconds by bucket."""

    __slots__ = ("bounds", "counts", "total_s")

    def __init__(self, bounds_s: Sequence[float]) -> None:
        """Count by buckets that reach up to *bounds_s*, in rising order; one more bucket holds what is longer."""
        self.bounds = tuple(bounds_s)
        self.counts = [0] * (len(self.bounds) + 1)
        """How many fell into each bucket alone, not into those below it."""
        self.total_s = 0.0

    def add(self, seconds: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total_s += seconds
