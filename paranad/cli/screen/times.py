"""Instants and durations as a person reads them: how long ago, and the wall clock of the configured zone."""

from datetime import UTC, datetime

from paranad.cli.screen.say import Forms, Phrase, Text, say

_STEPS = (
    (86_400, "in {count} d", "{count} d ago"),
    (3_600, "in {count} h", "{count} h ago"),
    (60, "in {count} min", "{count} min ago"),
    (1, "in {count} s", "{count} s ago"),
)
"""Seconds, and what is said of so many before and after."""


def now() -> datetime:
    """Return this machine's instant, which is the daemon's too: the socket does not leave the machine."""
    return datetime.now(UTC)  # noqa: TID251 - this program stands apart from paranad.clock and only shows times


def relative(instant: str, at: datetime) -> Phrase:
    """Return the ISO 8601 *instant* as seen from *at*: `3 min ago`, `in 48 s`, `now`."""
    seconds = (datetime.fromisoformat(instant) - at).total_seconds()
    if abs(seconds) < 1:
        return say("now")
    size, coming, gone = next(step for step in _STEPS if abs(seconds) >= step[0])
    return say(coming if seconds > 0 else gone, count=int(abs(seconds) // size))


def absolute(instant: str, at: datetime) -> str:
    """Return *instant* on the wall clock of its own offset, with the date unless that is the day of *at*."""
    local = datetime.fromisoformat(instant)
    same_day = local.date() == at.astimezone(local.tzinfo).date()
    return local.strftime("%H:%M:%S" if same_day else "%Y-%m-%d %H:%M:%S")


def moment(instant: str | None, at: datetime) -> Text:
    """Return `3 min ago, 14:02:11`, or `3 min ago` if room is scarce; a dash if there is no instant."""
    if not instant:
        return "-"
    ago = relative(instant, at)
    return Forms(((ago, absolute(instant, at)), ago))


def between(start: str, end: str) -> Phrase:
    """Return how long it took from *start* to *end*."""
    return duration((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def duration(seconds: float) -> Phrase:
    """Return `41 ms`, `3.2 s`, `4 min 05 s` or `2 h 07 min`."""
    if seconds < 1:
        return say("{count:.0f} ms", count=seconds * 1000)
    if seconds < 60:
        return say("{count:.1f} s", count=seconds)
    minutes, rest_s = divmod(int(seconds), 60)
    if minutes < 60:
        return say("{minutes} min {seconds:02} s", minutes=minutes, seconds=rest_s)
    return say("{hours} h {minutes:02} min", hours=minutes // 60, minutes=minutes % 60)
