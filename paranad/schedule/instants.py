"""An instant as a person writes it, read on the clock of a zone."""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from paranad.errors import InvalidRequest
from paranad.numbers import is_day
from paranad.said import Sentence
from paranad.wording import quotable

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
FARTHEST = timedelta(days=36_525)
"""How far ahead an instant may lie: a hundred years."""
DAY = timedelta(days=1)

NO_INSTANT = Sentence(
    "schedule.no_instant",
    '{name}: expected a day (2027-03-28), a time of today (14:00), both ("2027-03-28 14:00"), or both with an offset '
    '(2027-03-28T14:00+02:00), got "{got}"',
)
NOT_ON_THE_CLOCK = Sentence(
    "schedule.not_on_the_clock",
    "{name}: {got} does not exist in {zone}, since a clock change leaves it out; write {next}",
)
TWICE_ON_THE_CLOCK = Sentence(
    "schedule.twice_on_the_clock", "{name}: {got} comes twice in {zone}; write {first}, or {second}"
)
TOO_FAR = Sentence("schedule.instant_too_far", "{name}: expected an instant from {first} to {last}, got {got}")


def read_instant(name: str, text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the instant that *text* means, in UTC; a day alone is its first instant.

    Args:
        name: what it is asked for, as errors name it.
        text: a day, a time of today, both, or both with an offset.
        zone: whose clock is meant if *text* has no offset.
        now: the present.

    Raises:
        InvalidRequest: it is none of these; it does not exist on that clock, or exists twice; it is too far away.
    """
    at = first_of(day, zone) if (day := read_day(text)) else _instant(name, text, zone, now)
    first, last = EARLIEST, now + FARTHEST
    if not first <= at <= last:
        raise InvalidRequest(TOO_FAR(name=name, first=f"{first:%Y-%m-%d}", last=f"{last:%Y-%m-%d}", got=quotable(text)))
    return at


def read_day(text: str) -> date | None:
    """Return the day that *text* is; None: it is none."""
    with suppress(ValueError):
        return date.fromisoformat(text.strip()) if is_day(text.strip()) else None
    return None


def first_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of *day* in *zone*, in UTC: midnight, or the first that exists after it."""
    # Where a clock change leaves midnight out, midnight by the offset before it is the change itself.
    return _utc(datetime.combine(day, time(), zone))


def _instant(name: str, text: str, zone: ZoneInfo, now: datetime) -> datetime:
    written = text.strip()
    with suppress(ValueError):
        written = datetime.combine(now.astimezone(zone).date(), time.fromisoformat(written)).isoformat(" ", "minutes")
    try:
        local = datetime.fromisoformat(written)
        if local.tzinfo is not None:
            return local.astimezone(UTC)
        return _on_the_clock(name, local, zone)
    except (ValueError, OverflowError):
        raise InvalidRequest(NO_INSTANT(name=name, got=quotable(text))) from None


def _on_the_clock(name: str, local: datetime, zone: ZoneInfo) -> datetime:
    first = local.replace(tzinfo=zone)
    second = first.replace(fold=1)
    shown = local.isoformat(" ", "minutes")
    if _is_left_out(first):
        exists = _utc(first).astimezone(zone).isoformat(timespec="minutes")
        raise InvalidRequest(NOT_ON_THE_CLOCK(name=name, got=shown, zone=zone.key, next=exists))
    if _utc(first) != _utc(second):
        both = (each.isoformat(timespec="minutes") for each in (first, second))
        raise InvalidRequest(
            TWICE_ON_THE_CLOCK(name=name, got=shown, zone=zone.key, first=next(both), second=next(both))
        )
    return _utc(first)


def _is_left_out(local: datetime) -> bool:
    return _utc(local).astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None)


def _utc(local: datetime) -> datetime:
    return local.astimezone(UTC)
