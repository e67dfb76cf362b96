"""Instants and durations as a person reads them: how long ago, and the wall clock of the configured zone."""

from datetime import UTC, datetime

_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def now() -> datetime:
    """Return this machine's instant, which is the daemon's too: the socket does not leave the machine."""
    return datetime.now(UTC)  # noqa: TID251 - this program stands apart from paranad.clock and only shows times


def relative(instant: str, at: datetime) -> str:
    """Return the ISO 8601 *instant* as seen from *at*: `3 min ago`, `in 48 s`, `now`."""
    seconds = (datetime.fromisoformat(instant) - at).total_seconds()
    if abs(seconds) < 1:
        return "now"
    size, unit = next(step for step in _STEPS if abs(seconds) >= step[0])
    count = int(abs(seconds) // size)
    return f"in {count} {unit}" if seconds > 0 else f"{count} {unit} ago"


def absolute(instant: str, at: datetime) -> str:
    """Return *instant* on the wall clock of its own offset, with the date unless that is the day of *at*."""
    local = datetime.fromisoformat(instant)
    same_day = local.date() == at.astimezone(local.tzinfo).date()
    return local.strftime("%H:%M:%S" if same_day else "%Y-%m-%d %H:%M:%S")


def moment(instant: str | None, at: datetime) -> str:
    """Return `3 min ago, 14:02:11`; a dash where there is none."""
    return f"{relative(instant, at)}, {absolute(instant, at)}" if instant else "-"


def between(start: str, end: str) -> str:
    """Return how long it took from *start* to *end*."""
    return duration((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def duration(seconds: float) -> str:
    """Return `41 ms`, `3.2 s`, `4 min 05 s` or `2 h 07 min`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest_s = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest_s:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"
