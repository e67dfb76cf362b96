"""The scheduler on the real store and the real queue; only the clock is the tests' own."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from paranad.errors import BadArguments, BadRequest, NotFound, StateFull
from paranad.events.event import Event, Events
from paranad.events.queue import JobEnqueued
from paranad.events.schedule import (
    ScheduleClockStepped,
    ScheduleEntryOff,
    ScheduleEntryOn,
    ScheduleFailed,
    ScheduleOccurrenceEnqueued,
    ScheduleOccurrenceSkipped,
    SchedulePaused,
    ScheduleResumed,
)
from paranad.queue.model import Origin, State
from paranad.said import plain
from paranad.schedule import ledger
from paranad.schedule.entries import CatchUp, Command, Entry
from paranad.schedule.loop import Run, RunOutcome
from paranad.store.file import Store, open_store
from tests.schedule.bench import HOUR, MINUTE, ZONE, Bench, Start, entry, job_of, running
from tests.support.clock import START, ManualClock
from tests.support.store import Statement


def outcomes(runs: Iterable[Run]) -> list[tuple[str, str, str | None]]:
    return [
        (f"{run.occurrence.astimezone(ZONE):%H:%M}", run.outcome.value, run.reason and run.reason.text) for run in runs
    ]


def told_of(told: Iterable[Event], kind: type[Event]) -> list[Event]:
    return [event for event in told if type(event) is kind]


async def test_an_occurrence_enqueues_its_job_and_leaves_a_run(start: Start, told: list[Event]) -> None:
    async with start(entry()) as bench:
        assert await bench.history() == []
        await bench.advance(MINUTE)
        (run,) = await bench.history()
        job = await bench.job(run)
    assert (run.occurrence, run.outcome, run.reason) == (START + MINUTE, RunOutcome.ENQUEUED, None)
    assert (job.task, job.origin, job.state) == ("carts:expire", Origin.SCHEDULE, State.AVAILABLE)
    assert len(told_of(told, JobEnqueued)) == len(told_of(told, ScheduleOccurrenceEnqueued)) == 1


async def test_a_new_entry_starts_from_now(start: Start) -> None:
    async with start(entry(cron="0 11 * * *"), entry("b", "0 13 * * *")) as bench:
        assert await bench.history() == []
        assert (await bench.view()).next_at == datetime(2026, 3, 3, 8, tzinfo=UTC)
        assert (await bench.view("b")).next_at == datetime(2026, 3, 2, 10, tzinfo=UTC)


async def test_a_wait_is_never_longer_than_a_minute(start: Start) -> None:
    async with start(entry(cron="0 2 * * *")) as bench:
        assert list(bench.clock.sleepers.values()) == [60.0]
        bench.clock.step(timedelta(hours=14, minutes=30))
        await bench.advance(MINUTE)
        assert outcomes(await bench.history()) == [("02:00", "enqueued", "caught up")]


async def test_it_wakes_at_the_occurrence_itself(start: Start) -> None:
    async with start(entry()) as bench:
        await bench.clock.advance(timedelta(seconds=40))
        assert await bench.history() == []
        await bench.advance(timedelta(seconds=20))
        assert outcomes(await bench.history()) == [("12:01", "enqueued", None)]


@pytest.mark.parametrize("task", ["carts:expire", "several"])
async def test_overlap_skips_the_occurrence_and_says_so(start: Start, told: list[Event], task: str) -> None:
    async with start(replace(entry(), task=task)) as bench:
        await bench.advance(MINUTE)
        await bench.advance(MINUTE)
        skipped, enqueued = await bench.history()
        assert str(skipped.reason) == f"overlap: job {enqueued.job_id} is unfinished"
        assert skipped.job_id == enqueued.job_id
        await bench.finish(enqueued.job_id)
        await bench.advance(MINUTE)
        assert (await bench.history())[0].outcome is RunOutcome.ENQUEUED
    (event,) = told_of(told, ScheduleOccurrenceSkipped)
    assert isinstance(event, ScheduleOccurrenceSkipped)
    assert str(event.reason) == str(skipped.reason)


async def test_a_job_that_a_person_put_off_is_no_overlap(start: Start) -> None:
    """`dispatch carts:expire --delay 2h` would stop the entry for as long."""
    async with start(entry()) as bench:
        later = replace(job_of(entry()), due_at=START + 2 * HOUR, origin=Origin.OPERATOR)
        (put_off,) = await bench.jobs.enqueue([later])
        await bench.advance(MINUTE)
        (run,) = await bench.history()
        assert (run.outcome, run.job_id == put_off.job_id) == (RunOutcome.ENQUEUED, False)
        by_hand = await bench.scheduler.run_now("carts:expire")
        assert (by_hand.job_id, by_hand.duplicate) == (run.job_id, True)
        waiting = await bench.jobs.get(put_off.job_id)
        assert (waiting.state, waiting.due_at) == (State.SCHEDULED, START + 2 * HOUR)


async def test_an_occurrence_runs_a_put_off_job_that_keeps_its_key(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks for the work now, which is done once: the run is that job's, not an overlap."""
    made = replace(job_of(entry()), keeps_key=True)
    monkeypatch.setattr(Bench, "new_job", lambda *_: made)
    async with start(entry()) as bench:
        (put_off,) = await bench.jobs.enqueue([replace(made, due_at=START + 2 * HOUR, origin=Origin.OPERATOR)])
        await bench.advance(MINUTE)
        (run,) = await bench.history()
        assert (RunOutcome.ENQUEUED, put_off.job_id) == (run.outcome, run.job_id)
        assert START + MINUTE == (await bench.jobs.get(put_off.job_id)).due_at


async def test_an_entry_whose_program_is_missing_is_left_out_until_it_is_there(
    start: Start, tmp_path: Path, told: list[Event]
) -> None:
    program = tmp_path / "backup"
    own = replace(entry("backup"), task="backup", command=Command((str(program),)), chosen=True)
    async with start(own, entry()) as bench:
        await bench.advance(MINUTE)
        assert (await bench.history("backup"), len(await bench.history())) == ([], 1)
        reason = f"expected a program, got no such file: {program}"
        assert (str((await bench.view("backup")).off), (await bench.view("backup")).next_at) == (reason, None)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        await bench.advance(MINUTE)
        await bench.advance(MINUTE)
        assert [run.outcome for run in await bench.history("backup")] == [RunOutcome.ENQUEUED]
    kinds = (ScheduleEntryOff, ScheduleEntryOn)
    assert [event for event in told if isinstance(event, kinds)] == [
        ScheduleEntryOff(entry="backup", reason=reason),
        ScheduleEntryOn(entry="backup"),
    ]


async def test_catch_up_once_enqueues_the_latest_only(start: Start, clock: ManualClock) -> None:
    async with start(entry()):
        pass
    clock.step(timedelta(minutes=42, seconds=10))
    async with start(entry()) as bench:
        assert outcomes(await bench.history()) == [("12:42", "enqueued", "caught up for 41 earlier")]


async def test_catch_up_skip_leaves_one_run_for_all_that_was_missed(start: Start, clock: ManualClock) -> None:
    hourly = entry(cron="0 * * * *", catch_up=CatchUp.SKIP)
    async with start(hourly):
        pass
    clock.step(timedelta(hours=5, minutes=1))
    async with start(hourly) as bench:
        expected = ("17:00", "skipped", "missed: the daemon could not run it in time, as 4 earlier")
        assert outcomes(await bench.history()) == [expected]


async def test_catch_up_skip_takes_what_is_less_than_a_minute_old(start: Start, clock: ManualClock) -> None:
    hourly = entry(cron="0 * * * *", catch_up=CatchUp.SKIP)
    async with start(hourly):
        pass
    clock.step(HOUR + timedelta(seconds=59))
    async with start(hourly) as bench:
        assert outcomes(await bench.history()) == [("13:00", "enqueued", None)]


async def test_what_was_dropped_beside_skip_is_not_called_caught_up(start: Start, clock: ManualClock) -> None:
    hourly = entry(cron="0 * * * *", catch_up=CatchUp.SKIP)
    async with start(hourly):
        pass
    clock.step(2 * HOUR + timedelta(seconds=10))
    async with start(hourly) as bench:
        assert outcomes(await bench.history()) == [("14:00", "enqueued", "1 earlier missed and not caught up")]


async def test_what_an_overlap_left_out_is_not_called_caught_up(start: Start, clock: ManualClock) -> None:
    async with start(entry()) as bench:
        await bench.advance(MINUTE)
    clock.step(10 * MINUTE + timedelta(seconds=10))
    async with start(entry()) as bench:
        (skipped, enqueued) = await bench.history()
    expected = f"overlap: job {enqueued.job_id} is unfinished; 9 earlier missed and not caught up"
    assert str(skipped.reason) == expected


async def test_years_of_missed_occurrences_are_one_run(start: Start, clock: ManualClock) -> None:
    async with start(entry()):
        pass
    clock.step(timedelta(days=3650))
    async with start(entry()) as bench:
        (run,) = await bench.history()
    assert str(run.reason) == "caught up for more than 100 earlier"


async def test_a_restart_repeats_nothing(start: Start, clock: ManualClock) -> None:
    async with start(entry()) as bench:
        await bench.advance(MINUTE)
    async with start(entry()) as bench:
        assert len(await bench.history()) == 1


async def test_a_step_back_repeats_nothing(start: Start, told: list[Event]) -> None:
    async with start(entry(cron="0 * * * *")) as bench:
        await bench.advance(HOUR)
        bench.clock.step(timedelta(minutes=-30))
        for _ in range(31):
            await bench.advance(MINUTE)
        assert outcomes(await bench.history()) == [("13:00", "enqueued", None)]
    assert told_of(told, ScheduleClockStepped) == []


async def test_a_mark_over_an_hour_in_the_future_is_reported_and_set_to_now(start: Start, told: list[Event]) -> None:
    async with start(entry()) as bench:
        await bench.advance(MINUTE)
        bench.clock.step(timedelta(hours=-3))
        await bench.advance(MINUTE)
        (event,) = told_of(told, ScheduleClockStepped)
        assert event == ScheduleClockStepped(entry="carts:expire", last=(START + MINUTE).isoformat())
        await bench.advance(MINUTE)
        assert outcomes(await bench.history())[0][0] == "09:03"
        assert len(told_of(told, ScheduleClockStepped)) == 1


async def test_instants_that_come_again_after_a_large_step_back_are_worked_again(start: Start) -> None:
    async with start(entry()) as bench:
        for _ in range(3):
            await bench.advance(MINUTE)
            await bench.finish((await bench.history())[0].job_id)
        bench.clock.step(timedelta(hours=3))
        await bench.advance(MINUTE)
        await bench.finish((await bench.history())[0].job_id)
        bench.clock.step(timedelta(hours=-3, minutes=-4))
        await bench.advance(MINUTE)
        await bench.advance(MINUTE)
        await bench.advance(MINUTE)
        skipped, enqueued, *_ = await bench.history()
        assert outcomes([enqueued]) == [("12:02", "enqueued", None)]
        assert outcomes([skipped]) == [("12:03", "skipped", f"overlap: job {enqueued.job_id} is unfinished")]


@pytest.mark.parametrize("how", ["pause and resume", "take out and add"])
async def test_a_small_step_back_repeats_nothing_whatever_the_operator_does(start: Start, how: str) -> None:
    async with start(entry(cron="0 * * * *")) as bench:
        await bench.advance(HOUR)
        bench.clock.step(timedelta(minutes=-30))
        if how == "pause and resume":
            await bench.scheduler.pause("carts:expire")
            await bench.scheduler.resume("carts:expire")
        else:
            bench.scheduler.replace([])
            await bench.advance(timedelta(seconds=1))
            bench.scheduler.replace([entry(cron="0 * * * *")])
        for _ in range(40):
            await bench.advance(MINUTE)
        assert outcomes(await bench.history()) == [("13:00", "enqueued", None)]


async def test_pause_survives_a_restart_and_resume_starts_from_now(start: Start, told: list[Event]) -> None:
    async with start(entry()) as bench:
        await bench.scheduler.pause("carts:expire")
        await bench.scheduler.pause("carts:expire")
        await bench.advance(10 * MINUTE)
        assert await bench.history() == []
    async with start(entry()) as bench:
        await bench.advance(10 * MINUTE)
        view = await bench.view()
        assert (view.paused, view.next_at, view.last) == (True, None, None)
        await bench.scheduler.resume("carts:expire")
        await bench.settled()
        assert outcomes(await bench.history()) == [("12:20", "skipped", "paused, as 19 earlier")]
        await bench.advance(MINUTE)
        assert outcomes(await bench.history())[0] == ("12:21", "enqueued", None)
    assert len(told_of(told, SchedulePaused)) == len(told_of(told, ScheduleResumed)) == 1


async def test_resuming_what_is_not_paused_drops_nothing(start: Start, clock: ManualClock) -> None:
    async with start(entry()):
        pass
    clock.step(10 * MINUTE)
    async with start(entry()) as bench:
        await bench.scheduler.resume("carts:expire")
        assert outcomes(await bench.history()) == [("12:10", "enqueued", "caught up for 9 earlier")]


@pytest.mark.parametrize("absent", [[], [entry(enabled=False)], [entry(cron="0 1 * * *")]])
async def test_a_re_added_re_enabled_or_changed_entry_starts_from_now(start: Start, absent: list[Entry]) -> None:
    async with start(entry()) as bench:
        bench.scheduler.replace(absent)
        await bench.advance(10 * MINUTE)
        bench.passed.clear()
        bench.scheduler.replace([entry()])
        await bench.settled()
        assert await bench.history() == []
        await bench.advance(MINUTE)
        assert outcomes(await bench.history()) == [("12:11", "enqueued", None)]


async def test_an_entry_that_a_reload_keeps_keeps_its_mark(start: Start, clock: ManualClock) -> None:
    async with start(entry()) as bench:
        clock.step(10 * MINUTE)
        bench.passed.clear()
        bench.scheduler.replace([entry(), entry("b")])
        await bench.settled()
        assert outcomes(await bench.history()) == [("12:10", "enqueued", "caught up for 9 earlier")]
        assert await bench.history("b") == []


async def test_a_disabled_entry_is_never_due_but_can_be_run_by_hand(start: Start) -> None:
    async with start(entry(enabled=False)) as bench:
        await bench.advance(10 * MINUTE)
        assert await bench.history() == []
        assert (await bench.view()).next_at is None
        assert not (await bench.scheduler.run_now("carts:expire")).duplicate


async def test_run_now_answers_with_the_unfinished_job_as_a_duplicate(start: Start) -> None:
    async with start(entry(cron="0 2 * * *")) as bench:
        first = await bench.scheduler.run_now("carts:expire")
        second = await bench.scheduler.run_now("carts:expire")
        (run,) = await bench.history()
        assert (await bench.jobs.get(first.job_id)).origin is Origin.OPERATOR
        await bench.finish(first.job_id)
        third = await bench.scheduler.run_now("carts:expire")
    assert (first.duplicate, second.duplicate, third.duplicate) == (False, True, False)
    assert first.job_id == second.job_id != third.job_id
    assert (str(run.reason), run.job_id) == ("run by hand", first.job_id)


async def test_a_run_by_hand_at_the_very_instant_leaves_the_occurrence_to_the_schedule(start: Start) -> None:
    async with start(entry()) as bench:
        bench.clock.step(MINUTE)
        enqueued = await bench.scheduler.run_now("carts:expire")
        await bench.finish(enqueued.job_id)
        await bench.advance(timedelta(seconds=60))
        assert {str(run.reason) for run in await bench.history()} == {"run by hand", "caught up for 1 earlier"}


async def test_views_show_cron_words_the_last_run_and_how_its_job_stands(start: Start) -> None:
    async with start(entry(), entry("b", "0 2 * * *")) as bench:
        await bench.advance(MINUTE)
        view, other = await bench.scheduler.views()
        assert (view.entry.cron.words, view.last_job_state) == ("Every minute", State.AVAILABLE)
        assert (view.last, view.next_at) == ((await bench.history())[0], START + 2 * MINUTE)
        assert (other.last, other.last_job_state) == (None, None)


async def test_history_is_paged_newest_first(start: Start) -> None:
    async with start(entry()) as bench:
        for _ in range(5):
            await bench.advance(MINUTE)
        first = await bench.scheduler.history("carts:expire", 3, None)
        rest = await bench.scheduler.history("carts:expire", 3, first.next_cursor)
        assert outcomes(first.items)[0][0] == "12:05"
        assert [run.occurrence.minute for run in rest.items] == [2, 1]
        assert rest.next_cursor is None
        with pytest.raises(BadRequest):
            await bench.scheduler.history("carts:expire", 3, "no cursor")


async def test_history_keeps_the_newest_runs(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "RUNS_KEPT", 3)
    async with start(entry(), entry("b")) as bench:
        for _ in range(5):
            await bench.advance(MINUTE)
        assert [run.occurrence.minute for run in await bench.history()] == [5, 4, 3]
        assert len(await bench.history("b")) == 3


async def test_an_unknown_entry_is_named_with_its_near_miss(start: Start) -> None:
    async with start(entry()) as bench:
        for ask in (bench.scheduler.run_now, bench.scheduler.pause, bench.scheduler.resume):
            with pytest.raises(NotFound, match='no schedule entry "cart:expire"; did you mean "carts:expire"'):
                await ask("cart:expire")
        with pytest.raises(NotFound, match="there are: carts:expire"):
            await bench.scheduler.history("zzz", 1, None)
        with pytest.raises(NotFound, match=r'it is a task: give it one with \[schedule."alwaseet:sync-orders"\]'):
            bench.scheduler.entry("alwaseet:sync-orders")


async def test_a_refused_job_is_a_skipped_run_and_spares_the_others(start: Start) -> None:
    async with start(entry("b"), entry()) as bench:
        bench.refused["b"] = BadArguments(plain("b: order_id is missing"))
        await bench.advance(MINUTE)
        assert outcomes(await bench.history("b")) == [("12:01", "skipped", "b: order_id is missing")]
        assert outcomes(await bench.history()) == [("12:01", "enqueued", None)]
        queues = [bench.scheduler.queue_of(view.entry) for view in await bench.scheduler.views()]
        assert [None, "default"] == queues


async def test_a_full_disk_is_told_once_and_nothing_due_is_lost(
    start: Start, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(entry()) as bench:

        def full(*_: object) -> None:
            raise StateFull(plain("no room"))

        with monkeypatch.context() as patched:
            patched.setattr(bench.jobs, "enqueue_in", full)
            await bench.advance(MINUTE)
            await bench.advance(timedelta(seconds=10))
            assert await bench.history() == []
        await bench.advance(timedelta(seconds=10))
        assert outcomes(await bench.history()) == [("12:01", "enqueued", None)]
    assert told_of(told, ScheduleFailed) == [ScheduleFailed(error="StateFull: no room")]


async def test_a_failure_between_the_job_and_its_run_stores_neither(
    start: Start, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(entry()) as bench:
        with monkeypatch.context() as patched:
            patched.setitem(ledger.STATEMENTS, "advance", "UPDATE nowhere SET x = 1")
            await bench.advance(MINUTE)
            assert await bench.history() == []
            assert (await bench.jobs.counts())["default"] == {}
        await bench.advance(timedelta(seconds=10))
        assert (await bench.jobs.counts())["default"] == {State.AVAILABLE: 1}
    assert len(told_of(told, JobEnqueued)) == 1


async def test_the_file_itself_refuses_an_occurrence_twice(start: Start, store: Store) -> None:
    async with start(entry()) as bench:
        await bench.advance(MINUTE)
        occurrence = ledger.Occurrence("carts:expire", START + MINUTE, job_of(entry()))
        (handled,) = await ledger.Ledger(store, bench.jobs, lambda *_: None).handle([occurrence])
        assert handled == ledger.Handled(None, None)


async def test_a_job_that_was_forgotten_leaves_its_run(start: Start, store: Store) -> None:
    async with start(entry()) as bench:
        await bench.advance(MINUTE)
        await store.writer.do(Statement("DELETE FROM jobs"))
        view = await bench.view()
        assert view.last == (await bench.history())[0]
        assert view.last_job_state is None


async def test_the_schedule_survives_the_store_being_opened_again(
    tmp_path: Path, clock: ManualClock, events: Events
) -> None:
    for expected in (0, 1):
        async with (
            open_store(tmp_path / "again", durability="normal", clock=clock, events=events) as store,
            running(Bench(store, clock, events, [entry()])) as bench,
        ):
            assert len(await bench.history()) == expected
        clock.step(HOUR)


async def test_an_entry_that_lacks_something_is_off_and_says_so(start: Start) -> None:
    async with start(entry(), entry("b")) as bench:
        bench.lacks = {"b": plain("this shop has no table b")}
        await bench.advance(3 * MINUTE)
        view = await bench.view("b")
        assert (view.entry.enabled, str(view.off), view.next_at) == (False, "this shop has no table b", None)
        assert await bench.history("b") == []
        assert (await bench.view()).off is None
        assert len(await bench.history()) == 1


async def test_an_entry_that_no_longer_lacks_anything_starts_from_now(start: Start) -> None:
    async with start(entry(cron="* * * * *")) as bench:
        bench.lacks = {"carts:expire": plain("no table")}
        await bench.advance(5 * MINUTE)
        bench.lacks = {}
        await bench.advance(MINUTE)
        assert (await bench.view()).off is None
        await bench.advance(MINUTE)
        assert [run.reason for run in await bench.history()] == [None]


async def test_an_entry_that_the_configuration_names_is_never_off(start: Start) -> None:
    async with start(entry(chosen=True), entry("b", enabled=False)) as bench:
        bench.lacks = {"carts:expire": plain("no table"), "b": plain("no table")}
        await bench.advance(MINUTE)
        assert [(view.off, view.entry.enabled) for view in await bench.scheduler.views()] == [
            (None, True),
            (None, False),
        ]
        assert len(await bench.history()) == 1


async def test_an_entry_that_is_off_can_be_run_by_hand(start: Start) -> None:
    async with start(entry()) as bench:
        bench.lacks = {"carts:expire": plain("no table")}
        await bench.advance(MINUTE)
        assert not (await bench.scheduler.run_now("carts:expire")).duplicate
