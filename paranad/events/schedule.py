"""What happened to schedule entries and their occurrences."""

from paranad.events.event import Event
from paranad.record import named_record
from paranad.said import Said


@named_record
class EntryEvent(Event):
    """About one schedule entry; the base of all schedule events."""

    entry: str


@named_record
class ScheduleOccurrenceEnqueued(EntryEvent):
    name = "schedule.occurrence_enqueued"
    level = "debug"
    occurrence: str
    job_id: int


@named_record
class ScheduleOccurrenceSkipped(EntryEvent):
    name = "schedule.occurrence_skipped"
    occurrence: str
    reason: Said


@named_record
class ScheduleOccurrenceWaits(EntryEvent):
    name = "schedule.occurrence_waits"
    occurrence: str
    job_id: int


@named_record
class ScheduleClockStepped(EntryEvent):
    """The last handled occurrence lay over an hour in the future; it was set to now."""

    name = "schedule.clock_stepped"
    level = "warning"
    last: str


@named_record
class ScheduleEntryOff(EntryEvent):
    """The entry is left out because its program is missing; it is looked for again every minute."""

    name = "schedule.entry_off"
    level = "error"
    reason: str


@named_record
class ScheduleEntryOn(EntryEvent):
    """The entry's program is there again."""

    name = "schedule.entry_on"


@named_record
class ScheduleNextChanged(EntryEvent):
    """A reload added or removed the entry (`change`), or moved its next instant."""

    name = "schedule.next_changed"
    change: str
    before: str | None
    after: str | None


@named_record
class ScheduleBackfillAsked(EntryEvent):
    """An operator asked for occurrences of the past: they run one after another."""

    name = "schedule.backfill_asked"
    occurrences: int


@named_record
class ScheduleBackfillDropped(EntryEvent):
    """Occurrences of the past that waited will not run."""

    name = "schedule.backfill_dropped"
    occurrences: int
    reason: Said


@named_record
class SchedulePaused(EntryEvent):
    name = "schedule.paused"
    until: str | None = None
    """When it ends by itself; None: it lasts until somebody resumes."""
    reason: str | None = None
    by: str | None = None
    """Who paused."""


@named_record
class ScheduleResumed(EntryEvent):
    name = "schedule.resumed"
    by_itself: bool = False
    """The pause's own end had come; False: somebody resumed."""


@named_record
class ScheduleFailed(Event):
    """The schedule could not be worked just now; it tries again, and nothing due is lost."""

    name = "schedule.failed"
    level = "error"
    error: str
