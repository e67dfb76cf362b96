"""Turns what the schedule will bring into the API's forms."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from paranad.control import schemas, schemas_schedule
from paranad.control.views import Views, said_fields
from paranad.schedule.coming import Instant, Rule
from paranad.schedule.loop import EntryView


def show_coming(show: Views, view: EntryView, items: Sequence[Instant], rule: Rule) -> schemas_schedule.Coming:
    """Show when an entry is due next."""
    entry = view.entry
    return schemas_schedule.Coming(
        name=entry.name,
        cron=entry.cron.expression,
        cron_words=entry.cron.words,
        timezone=entry.cron.zone.key,
        enabled=entry.enabled,
        **said_fields(view.off, "off"),
        paused=view.paused,
        task_paused=view.task_paused,
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
