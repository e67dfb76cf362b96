"""What a loop tells of an error that it outlives."""

from paranad.events.event import Events
from paranad.events.schedule import ScheduleFailed


class Trouble:
    """Tells of an error once, however often it comes in a row."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._last: str | None = None

    def tell(self, error: Exception) -> None:
        """Tell of *error*, unless it is the last one told and nothing went well since."""
        words = f"{type(error).__name__}: {error}"
        if words != self._last:
            self._last = words
            self._events.tell(ScheduleFailed(error=words))

    def over(self) -> None:
        """Take note that a pass went well."""
        self._last = None
