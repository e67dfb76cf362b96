"""Turns what the schedule will bring into the API's forms."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from paranad.configuration.durations import format_duration
from paranad.control import schemas, schemas_schedule
from paranad.control.views import Views, said_fields
from paranad.queue.pause import Pause
from paranad.schedule.backfill import PastOccurrence
from paranad.schedule.coming import Instant, Rule
from paranad.schedule.entries import Entry
from paranad.schedule.loop import EntryView


def show_coming(  # noqa: PLR0917 - each of its own type
    show: Views, view: EntryView, items: Sequence[Instant], rule: Rule, backfill: int, all_paused: Pause | None
) -> schemas_schedule.Coming:
    """Show when an entry is due next; *backfill*: how many occurrences of its past wait."""
    entry = view.entry
    return schemas_schedule.Coming(
        name=entry.name,
        cron=entry.cron.expression,
        cron_words=entry.cron.words,
        timezone=entry.cron.zone.key,
        enabled=entry.enabled,
        **said_fields(view.off, "off"),
        paused=view.paused,
        pause=show.pause_or_none(view.pause),
        all_paused=show.pause_or_none(all_paused),
        task_paused=view.task_paused,
        jitter=format_duration(entry.jitter) if entry.jitter else None,
        backfill=backfill,
        items=[show_instant(show, item, entry.cron.zone) for item in items],
        rule=rule.hours.text,
        rule_why=schemas.remark_of(rule.hours),
        change=rule.change.text,
        change_why=schemas.remark_of(rule.change),
    )


def show_instant(show: Views, instant: Instant, zone: ZoneInfo) -> schemas_schedule.Instant:
    """Show one instant; *zone* is its entry's."""
    local = instant.at.astimezone(zone)
    return schemas_schedule.Instant(
        at=show.at(instant.at), local=local, zone=local.tzname() or "", **said_fields(instant.note, "note")
    )


def show_backfill(
    entry: Entry, items: Sequence[PastOccurrence], waiting: int, *, dry_run: bool
) -> schemas_schedule.Backfill:
    """Show what becomes of occurrences of the past, by the clock of the entry's zone."""
    zone = entry.cron.zone
    return schemas_schedule.Backfill(
        name=entry.name,
        timezone=zone.key,
        items=[
            schemas_schedule.PastOccurrence(
                occurrence=item.at.astimezone(zone), outcome=item.outcome.value, job_id=item.job_id
            )
            for item in items
        ],
        waiting=waiting,
        dry_run=dry_run,
    )
