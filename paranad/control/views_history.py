"""Turns the history into the API's forms."""

from datetime import datetime, timedelta

from paranad.clock import from_us
from paranad.control import schemas_history as schemas
from paranad.control.views import Views
from paranad.history.hours import Hour
from paranad.history.service import Day, EntryRuns, Past


def show_past(past: Past, show: Views) -> schemas.History:
    """Show what the last days, hours and minutes brought."""
    minutes = [
        schemas.Minute(at=show.at(from_us(each.start_us)), requests=each.requests, known=each.requests is not None)
        for each in past.minutes
    ]
    return schemas.History(
        days=[show_day(day) for day in past.days],
        hours=[show_hour(at, hour, show) for at, hour in past.hours],
        rate=schemas.Rate(limit=past.rate.limit, window_s=past.rate.window.total_seconds(), minutes=minutes),
        entries=[show_entry_runs(each, show) for each in past.entries],
    )


def show_day(day: Day) -> schemas.Day:
    """Show a day."""
    known = day.shipments is not None and day.failures is not None
    return schemas.Day(day=day.day, shipments=day.shipments, failures=day.failures, known=known)


def show_hour(at: datetime, hour: Hour | None, show: Views) -> schemas.Hour:
    """Show the hour that began *at*; None: it is not known."""
    if hour is None:
        return schemas.Hour(at=show.at(at), jobs=None, wait_median_s=None, wait_95_s=None, known=False)
    return schemas.Hour(
        at=show.at(at),
        jobs=hour.jobs,
        wait_median_s=in_seconds(hour.median),
        wait_95_s=in_seconds(hour.most),
        known=True,
    )


def show_entry_runs(entry: EntryRuns, show: Views) -> schemas.EntryRuns:
    """Show the last runs of a schedule entry."""
    runs = [
        schemas.PastRun(occurrence=show.at(run.occurrence), outcome=run.outcome, state=run.state) for run in entry.runs
    ]
    return schemas.EntryRuns(name=entry.name, runs=runs)


def in_seconds(duration: timedelta | None) -> float | None:
    """Return *duration* as a number, or None."""
    return None if duration is None else duration.total_seconds()
