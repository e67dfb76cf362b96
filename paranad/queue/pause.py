"""A pause as a value: of a queue, a task, a schedule entry or everything; since when, until when, why, by whom."""

import sqlite3
from datetime import datetime, timedelta

from paranad.clock import from_us, to_us
from paranad.record import record
from paranad.said import Said, Sentence

LONGEST = timedelta(days=30)
"""How long a pause that ends by itself may last: what rests for longer is resumed by a person, or disabled."""

SINCE_BY = Sentence("pause.since_by", "since {since} by {by}")
SINCE_EARLIER = Sentence("pause.since_earlier", "since an earlier version, so when and by whom is unknown")
UNTIL = Sentence("pause.until", "{since}, until {until}")
UNTIL_RESUMED = Sentence("pause.until_resumed", "{since}, until somebody resumes it")
BECAUSE = Sentence("pause.because", "{pause}: {reason}")
DUE = Sentence("pause.due", "{due:job} due")
DUE_AND_LATER = Sentence("pause.due_and_later", "{due:job} due, {later} for later")
UNKNOWN = "?"


@record
class Pause:
    """Why something does not start. Without any field: made by an earlier version, which kept none of them."""

    since: datetime | None = None
    until: datetime | None = None
    """When it ends by itself; None: it lasts until somebody resumes."""
    reason: str | None = None
    by: str | None = None
    """Who paused: the user's name, or `uid` and a number."""

    def row(self) -> dict[str, int | str | None]:
        """Return it as the statements take it."""
        since, until = (None if at is None else to_us(at) for at in (self.since, self.until))
        return {"since": since, "until": until, "reason": self.reason, "by": self.by}

    def is_over(self, now: datetime) -> bool:
        """Tell whether it ends by itself, and its instant has come."""
        return self.until is not None and self.until <= now

    def said(self, now: datetime) -> Said:
        """Say since when and by whom, until when and why, with the instants on the wall clock of *now*."""
        since = SINCE_BY(since=_wall(self.since, now), by=self.by or UNKNOWN) if self.since else SINCE_EARLIER()
        pause = UNTIL(since=since, until=_wall(self.until, now)) if self.until else UNTIL_RESUMED(since=since)
        return BECAUSE(pause=pause, reason=self.reason) if self.reason else pause


OPEN = Pause()
"""A pause of which nothing is kept but that it stands."""


def waiting(due: int, later: int) -> Said:
    """Say how many jobs wait: those that are *due*, and beside them those that will be *later*."""
    return DUE_AND_LATER(due=due, later=later) if later else DUE(due=due)


def told_of(pause: Pause) -> dict[str, str | None]:
    """Return what events tell of *pause*."""
    until = None if pause.until is None else pause.until.isoformat()
    return {"until": until, "reason": pause.reason, "by": pause.by}


def pause_of(row: sqlite3.Row) -> Pause:
    """Return the pause that a row holds."""
    since, until = row["paused_at"], row["paused_until"]
    return Pause(
        None if since is None else from_us(since),
        None if until is None else from_us(until),
        row["paused_why"],
        row["paused_by"],
    )


def _wall(instant: datetime, now: datetime) -> str:
    """Return *instant* on the wall clock of *now*: with its seconds if it has any, and the day unless that is today."""
    local = instant.astimezone(now.tzinfo)
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return clock if local.date() == now.date() else f"{local:%Y-%m-%d} {clock}"
