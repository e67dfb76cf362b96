"""How many requests left in each of the last minutes: for a picture of the courier's rate."""

from collections.abc import Mapping
from dataclasses import field, replace

from paranad.courier.models import Json
from paranad.record import record

KEPT = 30
"""Minutes, the present one among them."""
MINUTE_US = 60_000_000


@record
class MinuteUse:
    """One minute of the courier's rate."""

    start_us: int
    requests: int | None
    """None: not known, since nothing was counted then, or under another clock."""


@record
class Minutes:
    """Requests by minute, as they are kept beside the limiter's window."""

    since_us: int | None = None
    """From when on every request is counted; None: an earlier version counted none.

    The minute in which that lies is known: it shows what was counted since, as the first hour and day of a file do.
    """
    counts: Mapping[int, int] = field(default_factory=dict)
    """By minute since the epoch; a minute without a request is left out."""

    def as_json(self) -> Json:
        """Return the counts as `read` takes them."""
        return {"since_us": self.since_us, "counts": {str(minute): count for minute, count in self.counts.items()}}

    @classmethod
    def read(cls, value: Json) -> "Minutes":
        """Return the counts kept as *value*; none if there are none, or they cannot be read."""
        try:
            counts = {int(minute): int(count) for minute, count in value["counts"].items()}
            return cls(None if value["since_us"] is None else int(value["since_us"]), counts)
        except (TypeError, KeyError, ValueError, AttributeError):
            return cls()

    def healed(self, now_us: int, *, stepped: bool = False) -> "Minutes":
        """Return the counts without those too old to be shown.

        They begin anew if the clock was another one when they were made: a minute that lies ahead proves it, and
        *stepped* says it. What was sent at 12:03 by a wrong clock is no news of 12:03.
        """
        present = now_us // MINUTE_US
        ahead = any(minute > present for minute in self.counts)
        if stepped or ahead or self.since_us is None or self.since_us > now_us:
            return Minutes(now_us)
        kept = {minute: count for minute, count in self.counts.items() if minute > present - KEPT}
        return replace(self, counts=kept) if len(kept) < len(self.counts) else self

    def sent(self, now_us: int) -> "Minutes":
        """Return the counts with one request more, which leaves now."""
        minute = now_us // MINUTE_US
        return replace(self, counts={**self.counts, minute: self.counts.get(minute, 0) + 1})

    def last(self, now_us: int) -> list[MinuteUse]:
        """Return the last KEPT minutes, oldest first."""
        first = now_us // MINUTE_US - KEPT + 1
        return [MinuteUse(each * MINUTE_US, self._in(each)) for each in range(first, first + KEPT)]

    def _in(self, minute: int) -> int | None:
        known = self.since_us is not None and (minute + 1) * MINUTE_US > self.since_us
        return self.counts.get(minute, 0) if known else None
