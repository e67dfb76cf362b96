"""Pauses on the real store, queue and schedule: each ends at its instant, and what it held up does not pile up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

import pytest

from paranad.events.event import Event, Events
from paranad.pauses import ALL, Kind, Pauses, Target
from paranad.queue.pause import LONGEST, Pause
from paranad.schedule.entries import Entry
from paranad.schedule.loop import Run
from paranad.store.file import Store
from tests.schedule.bench import HOUR, MINUTE, ZONE, Bench, entry, running
from tests.support.clock import START, ManualClock
from tests.support.queue import Seen, new_job
from tests.support.store import Statement, store

__all__ = ["store"]

QUEUE, TASK = Target(Kind.QUEUE, "default"), Target(Kind.TASK, "carts:expire")
ENTRY = Target(Kind.ENTRY, "carts:expire")
TARGETS = [ALL, QUEUE, TASK, ENTRY]


def until(delta: timedelta, reason: str | None = None) -> Pause:
    return Pause(START, START + delta, reason, "ali")


class World:
    """The schedule and the pauses of one queue.db."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.clock = bench, bench.clock
        self.pauses = Pauses(bench.jobs, bench.scheduler, bench.clock)

    async def ended(self) -> None:
        """End what is over, as the daemon's loop does, and let the schedule look."""
        await self.pauses.end_due()
        self.bench.passed.clear()
        self.bench.scheduler.look()
        await self.bench.settled()

    async def runs(self, name: str = "carts:expire") -> list[tuple[str, str, str | None]]:
        return [row(run) for run in await self.bench.history(name)]


def row(run: Run) -> tuple[str, str, str | None]:
    at = f"{run.occurrence.astimezone(ZONE):%d. %H:%M}"
    return at, run.outcome.value, None if run.reason is None else run.reason.text


Begin = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
def begin(store: Store, clock: ManualClock, events: Events) -> Begin:
    """Start a daemon's schedule over entries; the same queue.db each time."""

    @asynccontextmanager
    async def begun(*entries: Entry) -> AsyncIterator[World]:
        bench = Bench(store, clock, events, entries)
        await bench.jobs.recover()
        async with running(bench):
            yield World(bench)

    return begun


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.kind.value)
async def test_pause_ends_by_itself_at_its_instant_and_is_told(begin: Begin, told: list[Event], target: Target) -> None:
    async with begin(entry()) as world:
        await world.pauses.pause(target, until(2 * HOUR))
        assert 60 == await world.pauses.end_due(), "it looks at the wall clock every minute"
        await world.clock.advance(2 * HOUR - timedelta(seconds=1))
        assert 1 == await world.pauses.end_due()
        assert {target: until(2 * HOUR)} == await world.pauses.standing()
        await world.clock.advance(1)
        await world.pauses.end_due()
        assert {} == await world.pauses.standing()
    ended = [event for event in told if event.name.endswith("resumed")]
    assert [True] == [getattr(event, "by_itself", None) for event in ended]


async def test_the_loop_wakes_for_a_new_pause_and_ends_it(begin: Begin, events: Events) -> None:
    seen, slept = Seen(events), asyncio.Queue[float]()
    async with begin(entry(cron="0 2 * * *")) as world:
        wait = world.clock.wait

        async def noted(signal: asyncio.Event, timeout_s: float) -> bool:
            slept.put_nowait(timeout_s)
            return await wait(signal, timeout_s)

        world.clock.wait = noted  # type: ignore[method-assign]
        loop = asyncio.create_task(world.pauses.run())
        async with asyncio.timeout(20):
            assert 60 == await slept.get(), "it sleeps, and nothing is paused"
            await world.pauses.pause(QUEUE, until(timedelta(seconds=30)))
            while await slept.get() != 30:
                pass
            await world.clock.advance(30)
            await seen("queue.resumed", queue="default", by_itself=True)
        loop.cancel()


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.kind.value)
async def test_pause_that_ended_while_the_daemon_was_down_ends_at_its_start(begin: Begin, target: Target) -> None:
    async with begin(entry(cron="0 2 * * *")) as world:
        await world.pauses.pause(target, until(2 * HOUR, "the courier moves"))
    world.clock.step(3 * HOUR)
    async with begin(entry(cron="0 2 * * *")) as world:
        assert {target: until(2 * HOUR, "the courier moves")} == await world.pauses.standing()
        await world.ended()
        assert {} == await world.pauses.standing()


@pytest.mark.parametrize(("target", "reason"), [(ALL, "everything is paused"), (ENTRY, "paused")])
async def test_what_was_missed_after_the_end_is_caught_up_and_what_was_paused_is_not(
    begin: Begin, target: Target, reason: str
) -> None:
    """Paused until 14:00, down from 12:00 to 16:30: 13:00 was held up by the pause, 15:00 by the stop."""
    entries = entry(cron="0 13 * * *"), entry("late", "0 15 * * *")
    async with begin(*entries) as world:
        await world.pauses.pause(target, until(2 * HOUR))
        await world.pauses.pause(Target(Kind.ENTRY, "late") if target == ENTRY else target, until(2 * HOUR))
    world.clock.step(4.5 * HOUR)
    async with begin(*entries) as world:
        await world.ended()
        assert [("02. 13:00", "skipped", reason)] == await world.runs()
        assert [("02. 15:00", "enqueued", "caught up")] == await world.runs("late")


@pytest.mark.parametrize("target", [ALL, ENTRY], ids=lambda target: target.kind.value)
async def test_what_is_due_at_the_end_itself_runs(begin: Begin, target: Target) -> None:
    async with begin(entry(cron="0 14 * * *")) as world:
        await world.pauses.pause(target, until(2 * HOUR))
        await world.bench.advance(2 * HOUR)  # the schedule looks first
        assert [] == await world.runs()
        await world.ended()
        assert [("02. 14:00", "enqueued", None)] == [(at, how, None) for at, how, _ in await world.runs()]


async def test_while_everything_is_paused_ticks_are_skipped_and_nothing_starts_together_at_resume(begin: Begin) -> None:
    async with begin(entry(), entry("hourly", "0 * * * *")) as world:
        await world.pauses.pause(ALL, Pause(START, by="ali"))
        for _ in range(3):
            await world.bench.advance(MINUTE)
        await world.bench.advance(HOUR)
        assert ("02. 13:03", "skipped", "everything is paused, as 59 earlier") == (await world.runs())[0]
        assert ("02. 12:03", "skipped", "everything is paused") == (await world.runs())[1]
        assert [("02. 13:00", "skipped", "everything is paused")] == await world.runs("hourly")
        await world.clock.advance(timedelta(seconds=59))
        world.clock.step(MINUTE)  # a tick that nobody has looked at yet
        await world.pauses.resume_everything()
        await world.bench.settled()
        assert {"skipped"} == {how for _, how, _ in (*await world.runs(), *await world.runs("hourly"))}
        await world.bench.advance(MINUTE)
        assert "enqueued" == (await world.runs())[0][1]


async def test_while_everything_is_paused_the_next_is_the_first_after_its_end(begin: Begin) -> None:
    async with begin(entry(cron="*/30 * * * *")) as world:
        await world.pauses.pause(ALL, until(HOUR))
        assert START + HOUR == (await world.bench.view()).next_at
        await world.pauses.pause(ALL, Pause(START))
        assert (await world.bench.view()).next_at is None


async def test_an_entry_renamed_while_paused_stays_paused_under_its_old_name(begin: Begin) -> None:
    async with begin(entry("backup")) as world:
        await world.pauses.pause(Target(Kind.ENTRY, "backup"), until(2 * HOUR, "the disk is changed"))
    async with begin(entry("night:backup")) as world:
        assert [Target(Kind.ENTRY, "backup")] == [*await world.pauses.standing()]
        assert (await world.bench.view("night:backup")).pause is None
        await world.bench.advance(MINUTE)
        assert "enqueued" == (await world.runs("night:backup"))[0][1]
        await world.clock.advance(2 * HOUR)
        await world.ended()
        assert {} == await world.pauses.standing()


async def test_an_entry_removed_while_paused_goes_on_by_its_name_and_starts_from_now_when_it_is_back(
    begin: Begin,
) -> None:
    async with begin(entry("backup")) as world:
        await world.pauses.pause(Target(Kind.ENTRY, "backup"), Pause(START))
    async with begin(entry()) as world:
        await world.clock.advance(HOUR)
        await world.pauses.resume(Target(Kind.ENTRY, "backup"))
        assert {} == await world.pauses.standing()
    async with begin(entry("backup")) as world:
        assert [] == await world.runs("backup")


async def test_an_entry_that_is_back_is_still_paused(begin: Begin) -> None:
    async with begin(entry("backup")) as world:
        await world.pauses.pause(Target(Kind.ENTRY, "backup"), until(HOUR))
    async with begin() as world:
        assert 1 == len(await world.pauses.standing())
    async with begin(entry("backup")) as world:
        assert until(HOUR) == (await world.bench.view("backup")).pause


async def test_pausing_a_paused_thing_again_changes_its_end_and_its_reason(begin: Begin, told: list[Event]) -> None:
    async with begin(entry()) as world:
        for target in TARGETS:
            await world.pauses.pause(target, until(HOUR, "first"))
            await world.pauses.pause(target, until(2 * HOUR, "second"))
        await world.clock.advance(HOUR)
        await world.pauses.end_due()
        assert dict.fromkeys(TARGETS, until(2 * HOUR, "second")) == await world.pauses.standing()
    paused = [getattr(event, "reason", None) for event in told if event.name.endswith("paused")]
    assert ["first", "second"] * 4 == paused


async def test_clock_that_steps_past_the_end_ends_it_within_a_minute(begin: Begin) -> None:
    async with begin(entry()) as world:
        await world.pauses.pause(QUEUE, until(2 * HOUR))
        world.clock.step(3 * HOUR)
        await world.pauses.end_due()
        assert {} == await world.pauses.standing()


async def test_pause_of_a_clock_that_was_years_ahead_lasts_as_long_from_now(begin: Begin) -> None:
    async with begin(entry()) as world:
        ahead = START + timedelta(days=5000)
        for target in TARGETS:
            await world.pauses.pause(target, Pause(ahead, ahead + 2 * HOUR, "why", "ali"))
        await world.pauses.end_due()
        assert dict.fromkeys(TARGETS, until(2 * HOUR, "why")) == await world.pauses.standing()
        await world.pauses.pause(QUEUE, until(LONGEST))
        await world.pauses.end_due()
        assert until(LONGEST) == (await world.pauses.standing())[QUEUE]


async def test_pauses_of_an_earlier_version_stay_with_nothing_known(begin: Begin, store: Store) -> None:
    async with begin(entry()) as world:
        for sql in (
            "INSERT INTO paused_queues (queue) VALUES ('default')",
            "INSERT INTO paused_tasks (task) VALUES ('carts:expire')",
            "UPDATE schedule_entries SET paused = 1",
        ):
            await store.writer.do(Statement(sql))
    world.clock.step(timedelta(days=400))
    async with begin(entry()) as world:
        await world.ended()
        assert dict.fromkeys([QUEUE, TASK, ENTRY], Pause()) == await world.pauses.standing()


async def test_entry_that_an_earlier_version_resumes_leaves_no_end_behind(begin: Begin, store: Store) -> None:
    async with begin(entry()) as world:
        await world.pauses.pause(ENTRY, until(HOUR, "why"))
        await store.writer.do(Statement("UPDATE schedule_entries SET paused = 0"))
        await store.writer.do(Statement("UPDATE schedule_entries SET paused = 1"))
        assert {ENTRY: Pause()} == await world.pauses.standing()


async def test_while_everything_is_paused_no_job_is_claimed_over_a_restart(begin: Begin) -> None:
    async with begin(entry()) as world:
        await world.pauses.pause(ALL, until(HOUR))
    async with begin(entry()) as world:
        await world.bench.jobs.enqueue([new_job()])
        assert all(map(world.bench.jobs.queues.is_paused, world.bench.jobs.queues.names))
