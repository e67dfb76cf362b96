"""What another daemon has done of the schedule is not done again here, and what nobody did is caught up."""

from datetime import timedelta

from paranad.schedule.due import CAUGHT_UP_FOR
from paranad.schedule.entries import Overlap
from tests.schedule.bench import MINUTE, Start, entry


async def test_only_what_came_since_the_other_last_worked_is_caught_up(start: Start) -> None:
    """Its own last occurrence is hours old: the other daemon did all those since."""
    async with start(entry()) as bench:
        await bench.advance(MINUTE)
        await bench.finish((await bench.history())[0].job_id)
    await bench.clock.advance(timedelta(hours=3))
    last_renewed_at = bench.clock.now()
    await bench.clock.advance(timedelta(minutes=2, seconds=1))
    await bench.scheduler.begin_after(last_renewed_at)
    async with start(entry()) as bench:
        newest = (await bench.history())[0]
        assert last_renewed_at + 2 * MINUTE == newest.occurrence
        assert CAUGHT_UP_FOR(earlier=1) == newest.reason  # and not for 181


async def test_occurrence_that_waited_here_before_another_took_over_is_not_done(start: Start) -> None:
    in_line = entry(overlap=Overlap.QUEUE_ONE)
    async with start(in_line) as bench:
        await bench.advance(MINUTE)
        await bench.advance(MINUTE)  # waits for the job of the first
        assert 1 == (await bench.view()).waiting
    await bench.clock.advance(timedelta(seconds=30))
    await bench.scheduler.begin_after(bench.clock.now())
    async with start(in_line) as bench:
        assert 0 == (await bench.view()).waiting
        assert 1 == len(await bench.history())


async def test_mark_that_lies_after_that_stays(start: Start) -> None:
    async with start(entry()) as bench:
        await bench.advance(MINUTE)
    await bench.scheduler.begin_after(bench.clock.now() - timedelta(hours=1))
    async with start(entry()) as bench:
        assert 1 == len(await bench.history())
