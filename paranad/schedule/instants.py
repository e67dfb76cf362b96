"""An instant as a person writes it, read on the clock of a zone."""

import re
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
    '{name}: expected a day (2027-03-28), a time (14:00), both ("2027-03-28 14:00"), or both with an offset '
    '(2027-03-28T14:00+02:00), got "{got}"',
)
NOT_ON_THE_CLOCK = Sentence(
    "schedule.not_on_the_clock",
    "{name}: {got} does not exist in {zone}, since a clock change leaves it out; write {next}",
)
TWICE_ON_THE_CLOCK = Sentence(
    "schedule.twice_on_the_clock", "{name}: {got} comes twice in {zone}; write {first}, or {second}"
)
TIME_OF_DAY = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
TOO_FAR = Sentence("schedule.instant_too_far", "{name}: expected an instant from {first} to {last}, got {got}")


def read_instant(name: str, text: str, zone: ZoneInfo, now: datetime, *, ahead: bool = False) -> datetime:
    """Return the instant that *text* means, in UTC; a day alone is its first instant.

    Args:
        name: what it is asked for, as errors name it.
        text: a day, a time, both, or both with an offset.
        zone: whose clock is meant if *text* has no offset.
        now: the present.
        ahead: whether the next instant is meant at which that clock shows it; else a time is one of today, and what
            comes twice is refused.

    Raises:
        InvalidRequest: it is none of these; it does not exist on that clock, or exists twice; it is too far away.
    """
    try:
        at = first_of(day, zone) if (day := read_day(text)) else _instant(name, text.strip(), zone, now, ahead=ahead)
    except (ValueError, OverflowError):
        raise InvalidRequest(NO_INSTANT(name=name, got=quotable(text))) from None
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


def _instant(name: str, text: str, zone: ZoneInfo, now: datetime, *, ahead: bool) -> datetime:
    if match := TIME_OF_DAY.fullmatch(text):
        shown = now.astimezone(zone).replace(tzinfo=None)
        local = datetime.combine(shown, time(int(match[1]), int(match[2])))
        is_over = local <= shown and all(at <= now for at in _on_the_clock(local, zone))
        return _one(name, local + DAY if ahead and is_over else local, zone, now, ahead=ahead)
    if not INSTANT.fullmatch(text):
        raise ValueError(text)
    local = datetime.fromisoformat(text)
    return _one(name, local, zone, now, ahead=ahead) if local.tzinfo is None else _utc(local)


def _one(name: str, local: datetime, zone: ZoneInfo, now: datetime, *, ahead: bool) -> datetime:
    """Return the instant at which the clock of *zone* shows *local*; of two the one that lies *ahead*, the first."""
    shown, found = local.isoformat(" ", "minutes"), _on_the_clock(local, zone)
    if not found:
        exists = _utc(local.replace(tzinfo=zone)).astimezone(zone).isoformat(timespec="minutes")
        raise InvalidRequest(NOT_ON_THE_CLOCK(name=name, got=shown, zone=zone.key, next=exists))
    if len(found) > 1 and not ahead:
        first, second = (at.astimezone(zone).isoformat(timespec="minutes") for at in found)
        raise InvalidRequest(TWICE_ON_THE_CLOCK(name=name, got=shown, zone=zone.key, first=first, second=second))
    return next((at for at in found if at > now), found[-1])


def _on_the_clock(local: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the instants at which the clock of *zone* shows *local*: one, two, or none if a change leaves it out."""
    both = sorted({_utc(local.replace(tzinfo=zone, fold=fold)) for fold in (0, 1)})
    return [at for at in both if at.astimezone(zone).replace(tzinfo=None) == local]


def _utc(local: datetime) -> datetime:
    return local.astimezone(UTC)
