"""The days and hours of the history on the clock, and what of them nobody can know: pure functions."""

from datetime import UTC, date, datetime, timedelta, tzinfo

from paranad.record import record

DAYS = 14
HOURS = 24
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@record
class Span:
    """The time from one instant up to another, which is no part of it."""

    start: datetime
    end: datetime

    def meets(self, other: "Span") -> bool:
        """Tell whether the two share some time."""
        return self.start < other.end and other.start < self.end


def days_until(now: datetime, zone: tzinfo) -> dict[date, Span]:
    """Return the last DAYS days of *zone* with their bounds, oldest first; the present one is the last.

    A day begins where its date begins on the wall clock: it has 23 or 25 hours where the clock is changed.
    """
    today = now.astimezone(zone).date()
    days = [today - DAY * back for back in range(DAYS - 1, -1, -1)]
    return {day: Span(_start(day, zone), _start(day + DAY, zone)) for day in days}


def _start(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def hours_until(now: datetime, zone: tzinfo) -> list[Span]:
    """Return the last HOURS hours, oldest first; the present one is the last. They begin as the wall clock's do."""
    local = now.astimezone(zone)
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    first = now.astimezone(UTC) - into - HOUR * (HOURS - 1)
    return [Span(first + HOUR * place, first + HOUR * (place + 1)) for place in range(HOURS)]


@record
class Known:
    """From when queue.db knows what was done, and which times it has lost."""

    since: datetime
    """When the file was made. Nothing was done before, as far as it knows, and the day itself is known."""
    lost: tuple[Span, ...] = ()

    def knows(self, span: Span) -> bool:
        """Tell whether all that was done in *span* is known."""
        return span.end > self.since and not any(span.meets(each) for each in self.lost)

    def without(self, lost: Span) -> "Known":
        """Return the same with one more that is lost."""
        return Known(self.since, (*self.lost, lost))
