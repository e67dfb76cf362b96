"""Occurrences of the past: which are asked for, each runs once, one after another, beside the schedule."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from paranad.errors import InvalidRequest, NotFound, RequestError
from paranad.events.event import Event
from paranad.events.schedule import ScheduleBackfillDropped, ScheduleFailed
from paranad.queue.model import Json, NewJob, Origin
from paranad.said import plain
from paranad.schedule.backfill import MOST, Backfills, PastOutcome, occurrences_in, read_span
from paranad.schedule.cron import parse
from paranad.schedule.entries import Entry, Overlap
from paranad.schedule.loop import Run
from paranad.store.writer import Act
from tests.schedule.bench import Bench, Start, entry

DAILY = entry("report", "0 8 * * *")
"""The clock of the tests begins on 2026-03-02 at 12:00 in Baghdad."""
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2027, 11, 20, 12, tzinfo=UTC)


class Past:
    """Backfills on a bench, and what a test asks of them."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.refused: RequestError | None = None
        self.backfills = Backfills(
            bench.store, bench.jobs, bench.scheduler, bench.clock, bench.events, past_job=self.past_job
        )

    def past_job(self, at: datetime, task: str, args: Mapping[str, Json]) -> NewJob:
        if self.refused:
            raise self.refused
        new = self.bench.new_job(entry(task), at)
        return replace(new, origin=Origin.OPERATOR, args={**args, "occurrence": at.isoformat()})

    async def ask(self, first: str, last: str, name: str = "report") -> list[PastOutcome]:
        return [each.outcome for each in await self.backfills.ask(name, first, last)]

    async def runs(self) -> list[Run]:
        return [run for run in await self.bench.history("report") if run.reason and run.reason.text == "backfilled"]

    async def end_one(self) -> None:
        """Let the job of the newest run end, and the next occurrence run."""
        await self.bench.finish((await self.runs())[0].job_id)
        await self.backfills.hand_out()


Begin = Callable[..., AbstractAsyncContextManager[Past]]


@pytest.fixture
def begin(start: Start) -> Begin:
    @asynccontextmanager
    async def begin(*entries: Entry) -> AsyncIterator[Past]:
        async with start(*(entries or (DAILY,))) as bench:
            yield Past(bench)

    return begin


class Completing(Act[None]):
    """All jobs are completed."""

    def apply(self, connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE jobs SET state = 'completed', finished_at = due_at, unique_key = NULL")


class Failing(Act[None]):
    """All jobs have failed."""

    def apply(self, connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE jobs SET state = 'failed', error = 'x', finished_at = due_at, unique_key = NULL")


def days(runs: list[Run]) -> list[str]:
    return [f"{run.occurrence.astimezone(DAILY.cron.zone):%m-%d %H:%M}" for run in runs]


async def test_they_run_one_after_another_in_their_order(begin: Begin) -> None:
    async with begin() as past:
        assert [PastOutcome.WAITS] * 3 == await past.ask("2026-02-26", "2026-02-28")
        for _ in range(2):  # the second look finds the first job unfinished
            await past.backfills.hand_out()
            assert ["02-26 08:00"] == days(await past.runs())
        await past.end_one()
        await past.end_one()
        assert ["02-28 08:00", "02-27 08:00", "02-26 08:00"] == days(await past.runs())
        assert [] == await past.backfills.waiting("report")
        job = await past.bench.job((await past.runs())[0])
        assert (Origin.OPERATOR, {"occurrence": "2026-02-28T08:00:00+03:00"}) == (job.origin, dict(job.args))


async def test_each_runs_once_however_often_it_is_asked_for(begin: Begin) -> None:
    async with begin() as past:
        await past.ask("2026-02-27", "2026-02-28")
        await past.backfills.hand_out()
        assert [PastOutcome.RAN, PastOutcome.WAITS_ALREADY] == await past.ask("2026-02-27", "2026-02-28")
        await past.end_one()
        again = await past.backfills.ask("report", "2026-02-27", "2026-02-28")
        assert [(PastOutcome.RAN, run.job_id) for run in reversed(await past.runs())] == [
            (each.outcome, each.job_id) for each in again
        ]
        await past.end_one()
        assert 2 == len(await past.runs())


async def test_one_that_ran_by_itself_does_not_run_again_and_one_that_was_skipped_does(begin: Begin) -> None:
    async with begin(entry("report", "0 * * * *")) as past:
        await past.bench.advance(timedelta(hours=1))  # 13:00 runs
        await past.bench.advance(timedelta(hours=1))  # 14:00 is skipped: the last job is unfinished
        await past.bench.advance(timedelta(minutes=5))
        assert [PastOutcome.RAN, PastOutcome.WAITS] == await past.ask("13:00", "14:00")
        await past.backfills.hand_out()
        assert ["03-02 14:00"] == days(await past.runs())


async def test_one_whose_job_failed_is_said_to_have_failed_with_its_job(begin: Begin) -> None:
    async with begin() as past:
        await past.ask("2026-02-28", "2026-02-28")
        await past.backfills.hand_out()
        (run,) = await past.runs()
        await past.bench.store.writer.do(Failing())
        again = await past.backfills.ask("report", "2026-02-28", "2026-02-28")
        assert [(PastOutcome.FAILED, run.job_id)] == [(each.outcome, each.job_id) for each in again]


async def test_one_that_waits_for_the_entry_s_last_job_runs_by_itself_alone(begin: Begin) -> None:
    async with begin(entry("report", "0 * * * *", overlap=Overlap.QUEUE_ONE)) as past:
        await past.bench.advance(timedelta(hours=1))  # 13:00 runs
        await past.bench.advance(timedelta(hours=1))  # 14:00 waits for it
        await past.bench.advance(timedelta(minutes=5))
        assert [PastOutcome.RAN, PastOutcome.WAITS_ALREADY] == await past.ask("13:00", "14:00")
        assert [] == await past.backfills.waiting("report")


async def test_a_crash_between_the_job_and_the_list_repeats_nothing(begin: Begin) -> None:
    async with begin() as past:
        await past.ask("2026-02-27", "2026-02-28")
        waiting = await past.bench.store.values.get("schedule.backfill")
        await past.backfills.hand_out()
        await past.bench.finish((await past.runs())[0].job_id)
        await past.bench.store.values.put("schedule.backfill", waiting)
        await past.backfills.hand_out()
        assert ["02-28 08:00", "02-27 08:00"] == days(await past.runs())


async def test_the_entry_s_own_occurrences_do_not_wait_for_those_of_the_past(begin: Begin) -> None:
    async with begin() as past:
        await past.ask("2026-02-27", "2026-02-28")
        await past.backfills.hand_out()
        await past.bench.advance(timedelta(hours=20))
        newest, *_ = await past.bench.history("report")
        assert ("03-03 08:00", None) == (days([newest])[0], newest.reason)
        assert newest == (await past.bench.view("report")).last


async def test_a_backfilled_one_is_neither_the_last_run_nor_a_success_of_the_schedule(begin: Begin) -> None:
    async with begin() as past:
        await past.ask("2026-02-27", "2026-02-27")
        await past.backfills.hand_out()
        assert None is (await past.bench.view("report")).last
        await past.bench.store.writer.do(Completing())
        assert {} == await past.bench.scheduler.successes()


async def test_a_pause_of_the_entry_holds_them_up(begin: Begin) -> None:
    async with begin() as past:
        await past.bench.scheduler.pause("report")
        await past.ask("2026-02-27", "2026-02-28")
        await past.backfills.hand_out()
        assert [] == await past.runs()
        await past.bench.scheduler.resume("report")
        await past.backfills.hand_out()
        assert ["02-27 08:00"] == days(await past.runs())


async def test_those_that_wait_outlast_a_restart(begin: Begin, start: Start) -> None:
    async with begin() as past:
        await past.ask("2026-02-27", "2026-02-28")
    async with begin() as past:
        await past.backfills.hand_out()
        assert ["02-27 08:00"] == days(await past.runs())


async def test_an_error_that_goes_on_is_told_once(
    begin: Begin, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = 0

    async def broken() -> None:
        nonlocal passes
        passes += 1
        raise ValueError("no such column")

    async with begin() as past:
        monkeypatch.setattr(past.backfills, "hand_out", broken)
        running = asyncio.create_task(past.backfills.run())
        for _ in range(3):
            await past.bench.advance(timedelta(minutes=1))
        running.cancel()
        await asyncio.wait([running])
    assert passes >= 3
    assert [ScheduleFailed(error="ValueError: no such column")] == [e for e in told if isinstance(e, ScheduleFailed)]


async def test_stop_drops_those_that_wait(begin: Begin, told: list[Event]) -> None:
    async with begin() as past:
        await past.ask("2026-02-26", "2026-02-28")
        await past.backfills.hand_out()
        assert 2 == await past.backfills.stop("report")
        assert 0 == await past.backfills.stop("report")
        await past.end_one()
        assert 1 == len(await past.runs())
        with pytest.raises(NotFound):
            await past.backfills.stop("nobody")


@pytest.mark.parametrize("why", ["gone", "gone while it was paused", "takes no date any more"])
async def test_those_of_an_entry_that_a_reload_has_changed_are_dropped_and_told(
    begin: Begin, told: list[Event], why: str
) -> None:
    async with begin() as past:
        await past.ask("2026-02-26", "2026-02-28")
        if "paused" in why:
            await past.bench.scheduler.pause("report")
        if "gone" in why:
            past.bench.scheduler.replace([])
        else:
            past.refused = InvalidRequest(plain(why))
        await past.backfills.hand_out()
        assert [] == await past.backfills.waiting("report")
    [dropped] = [event for event in told if isinstance(event, ScheduleBackfillDropped)]
    assert (3, True) == (dropped.occurrences, why in str(dropped.reason) or "no longer" in str(dropped.reason))


async def test_more_than_may_wait_are_refused(begin: Begin) -> None:
    async with begin(entry("report", "0 * * * *")) as past:
        assert MOST - 4 == len(await past.ask("2026-02-25", "2026-02-28"))
        with pytest.raises(InvalidRequest, match="96 occurrences of report wait already, and 24 more"):
            await past.ask("2026-03-01", "2026-03-01")


async def test_a_dry_run_and_a_refused_task_store_nothing(begin: Begin) -> None:
    async with begin() as past:
        await past.backfills.ask("report", "2026-02-26", "2026-02-28", dry_run=True)
        past.refused = InvalidRequest(plain("takes no date"))
        with pytest.raises(InvalidRequest, match="takes no date"):
            await past.ask("2026-02-26", "2026-02-28")
        with pytest.raises(NotFound, match='did you mean "report"'):
            await past.ask("2026-02-26", "2026-02-28", name="reprt")
        assert [] == await past.backfills.waiting("report")


def span(first: str, last: str, cron: str = "30 2 * * *") -> list[str]:
    rule = parse(cron, BERLIN)
    found = occurrences_in("report", rule, read_span(first, last, rule, NOW))
    return [each.astimezone(BERLIN).isoformat(" ", "minutes") for each in found]


def test_a_span_holds_both_its_ends_and_the_whole_last_day() -> None:
    assert ["2027-10-30 02:30+02:00", "2027-10-31 02:30+02:00"] == span("2027-10-30", "2027-10-31")
    assert ["2027-03-28 03:00+02:00"] == span("2027-03-28", "2027-03-28")
    assert ["2027-10-30 02:30+02:00"] == span("2027-10-30 02:30", "2027-10-30 02:30")
    assert [] == span("2027-10-30 02:31", "2027-10-30 22:00")


def test_today_reaches_to_the_last_minute_which_is_the_schedule_s_own() -> None:
    assert [f"2027-11-20 12:{minute}+01:00" for minute in (56, 57, 58, 59)] == span("12:56", "2027-11-20", "* * * * *")


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        ("2027-10-31", "2027-10-30", "from: expected an instant before the end, got 2027-10-31, after 2027-10-30"),
        ("2027-10-31", "2027-12-24", "to: expected an instant of the past, got 2027-12-24"),
        ("2027-10-31 02:30", "2027-11-01", "from: 2027-10-31 02:30 comes twice in Europe/Berlin"),
        ("2027-01-01", "2027-03-28 02:30", "to: 2027-03-28 02:30 does not exist in Europe/Berlin"),
        ("soon", "2027-03-28", "from: expected a day (2027-03-28), a time (14:00), both"),
        (
            "2027-01-01",
            "2027-11-01",
            (
                "between 2027-01-01T00:00+01:00 and 2027-11-01T23:59+01:00; at most 100 are run at once: end with "
                "2027-04-10T02:30+02:00, then ask"
            ),
        ),
    ],
    ids=["from after to", "to in the future", "from twice", "to never", "from unreadable", "too many"],
)
def test_a_wrong_span_says_what_would_be_right(first: str, last: str, says: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        span(first, last)
    assert says in str(refused.value)
