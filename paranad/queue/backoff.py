"""From the number of tries spent to how long a job waits for the next."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

JITTER = 0.2
"""A delay is stretched or shrunk by up to this share, so that jobs that failed together do not come back together."""


@dataclass(frozen=True)
class Backoff:
    """Exponential, bounded, jittered."""

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(minutes=10)
    random: Random = field(default_factory=Random)

    @property
    def bound(self) -> timedelta:
        """The longest wait that `delay` returns."""
        return self.longest * (1 + JITTER)

    def delay(self, tries_spent: int) -> timedelta:
        """Return the wait after *tries_spent* tries, 1 or more: first, twice that, four times, up to longest."""
        doubled = self.first * int(1 << min(tries_spent - 1, 32))
        return min(doubled, self.longest) * self.random.uniform(1 - JITTER, 1 + JITTER)
