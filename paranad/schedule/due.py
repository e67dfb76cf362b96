"""Which of an entry's due occurrences run, which do not, and what its history says of them: pure functions."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice

from paranad.configuration.durations import format_duration
from paranad.record import record
from paranad.said import Said, Sentence, Value
from paranad.schedule.cron import MICROSECOND, Cron
from paranad.schedule.entries import CatchUp, Entry

MINUTE = timedelta(minutes=1)
"""From which age on an occurrence was missed: a younger one is on time."""
COUNTED = 100
"""How many occurrences are counted one by one; beyond it is "more than"."""

MISSED = Sentence("schedule.missed", "missed: the daemon could not run it in time")
MISSED_AS = Sentence("schedule.missed_as", "missed: the daemon could not run it in time, as {earlier} earlier")
MISSED_AS_MANY = Sentence(
    "schedule.missed_as_many", "missed: the daemon could not run it in time, as more than {counted} earlier"
)
CAUGHT_UP = Sentence("schedule.caught_up", "caught up")
CAUGHT_UP_FOR = Sentence("schedule.caught_up_for", "caught up for {earlier} earlier")
CAUGHT_UP_FOR_MANY = Sentence("schedule.caught_up_for_many", "caught up for more than {counted} earlier")
LEFT_OUT = Sentence("schedule.left_out", "{earlier} earlier missed and not caught up")
LEFT_OUT_MANY = Sentence("schedule.left_out_many", "more than {counted} earlier missed and not caught up")
TOO_OLD = Sentence("schedule.too_old", "not caught up: older than catch_up_window = {window}")
TOO_OLD_AS = Sentence(
    "schedule.too_old_as", "not caught up: older than catch_up_window = {window}, as {earlier} earlier"
)
TOO_OLD_AS_MANY = Sentence(
    "schedule.too_old_as_many", "not caught up: older than catch_up_window = {window}, as more than {counted} earlier"
)
BEYOND = Sentence("schedule.beyond", "not caught up: beyond catch_up_limit = {limit}")
BEYOND_AS = Sentence("schedule.beyond_as", "not caught up: beyond catch_up_limit = {limit}, as {earlier} earlier")
BEYOND_AS_MANY = Sentence(
    "schedule.beyond_as_many", "not caught up: beyond catch_up_limit = {limit}, as more than {counted} earlier"
)
LEFT = (MISSED, MISSED_AS, MISSED_AS_MANY, TOO_OLD, TOO_OLD_AS, TOO_OLD_AS_MANY, BEYOND, BEYOND_AS, BEYOND_AS_MANY)
"""Why occurrences that were missed are not caught up."""


@record
class Due:
    """A due occurrence; or the newest of several that are not run for one reason, which counts them."""

    at: datetime
    runs: bool
    """Whether its job is to be enqueued."""
    said: Said | None
    """What history says of it, if its job is enqueued as it should be; None: it is as planned."""
    overlapped: Said | None = None
    """What history says beside the overlap, if its job is not enqueued because the last one is unfinished."""
    lines_up: bool = False
    """Whether it waits for the last job to end, behind others of the same entry, instead of being an overlap."""


def due(entry: Entry, after: datetime, now: datetime) -> list[Due]:
    """Return what becomes of the occurrences of *entry* in (*after*, *now*], oldest first; empty: there is none."""
    latest = entry.cron.latest(after, now)
    if latest is None:
        return []
    if entry.catch_up is CatchUp.ALL:
        return _each(entry, after, now)
    # Only the latest occurrence is handled, however many came while the daemon was stopped: its reason counts them.
    earlier = count(entry.cron, after, latest)
    late = now - latest >= MINUTE
    missed = with_earlier(MISSED, MISSED_AS, MISSED_AS_MANY, earlier) if late else _left_out(earlier)
    if entry.catch_up is CatchUp.ONCE:
        caught_up = with_earlier(CAUGHT_UP, CAUGHT_UP_FOR, CAUGHT_UP_FOR_MANY, earlier)
        return [Due(latest, True, caught_up if late or earlier else None, missed)]
    return [Due(latest, not late, missed, missed)]


def _each(entry: Entry, after: datetime, now: datetime) -> list[Due]:
    """Return the newest occurrences up to the limit; before them, for each reason that leaves some out, the newest."""
    window = entry.catch_up_window
    from_at = after if window is None else max(after, now - window - MICROSECOND)
    newest = list(islice(_backwards(entry.cron, from_at, now), entry.catch_up_limit + 2))
    on_time = [at for at in newest if now - at < MINUTE]
    missed = [at for at in newest if now - at >= MINUTE]
    caught_up, beyond = missed[: entry.catch_up_limit], missed[entry.catch_up_limit :]
    found = []
    if too_old := entry.cron.latest(after, from_at):
        values = {"window": format_duration(window or now - after)}
        found.append(_left(entry.cron, after, too_old, (TOO_OLD, TOO_OLD_AS, TOO_OLD_AS_MANY), values))
    if beyond:
        limits = {"limit": entry.catch_up_limit}
        found.append(_left(entry.cron, from_at, beyond[0], (BEYOND, BEYOND_AS, BEYOND_AS_MANY), limits))
    found += [Due(at, True, CAUGHT_UP(), lines_up=True) for at in reversed(caught_up)]
    # What is on time lines up behind what is caught up with it: it would be an overlap of that.
    return found + [Due(at, True, None, lines_up=bool(caught_up)) for at in reversed(on_time)]


def _backwards(cron: Cron, after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the instants in (*after*, *until*], newest first."""
    while at := cron.latest(after, until):
        yield at
        until = at - MICROSECOND


def _left(
    cron: Cron,
    after: datetime,
    at: datetime,
    sentences: tuple[Sentence, Sentence, Sentence],
    values: Mapping[str, Value],
) -> Due:
    """Return the newest occurrence of several that are left out, which counts them."""
    return Due(at, False, with_earlier(*sentences, count(cron, after, at), **values))


def count(cron: Cron, after: datetime, before: datetime) -> int:
    """Count the occurrences between two instants, up to one more than `COUNTED`."""
    return sum(at < before for at in islice(cron.between(after, before), COUNTED + 1))


def with_earlier(alone: Sentence, several: Sentence, many: Sentence, earlier: int, /, **values: Value) -> Said:
    """State one occurrence with *alone*; with *earlier* ones, with *several*, or with *many* beyond COUNTED."""
    if earlier == 0:
        return alone(**values)
    if earlier > COUNTED:
        return many(counted=COUNTED, **values)
    return several(earlier=earlier, **values)


def _left_out(earlier: int) -> Said | None:
    if earlier == 0:
        return None
    return LEFT_OUT_MANY(counted=COUNTED) if earlier > COUNTED else LEFT_OUT(earlier=earlier)
