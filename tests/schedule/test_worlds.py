"""Invented worlds of stops, clock steps and reloads: each occurrence is accounted for, once."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from paranad.clock import from_us
from paranad.queue.model import State
from paranad.said import Said
from paranad.schedule.entries import CatchUp, Entry, Overlap
from paranad.schedule.loop import RunOutcome
from paranad.store.facts import read
from paranad.store.file import Store
from tests.schedule.bench import MINUTE, Bench, Start, entry
from tests.support.clock import START, ManualClock

ENTRY = entry(cron="*/5 * * * *")
STEPS = 40


def invented_rules(random: Random) -> Entry:
    return replace(
        ENTRY,
        catch_up=random.choice(list(CatchUp)),
        catch_up_limit=random.randint(1, 4),
        catch_up_window=random.choice([None, 20 * MINUTE]),
        overlap=random.choice([Overlap.SKIP, Overlap.QUEUE_ONE]),
        jitter=random.choice([timedelta(0), 3 * MINUTE]),
    )


async def something_happens(bench: Bench, random: Random) -> None:
    match random.randrange(5):
        case 0:
            await end_the_last_job(bench)
        case 1:
            # Back by less than an hour, for which an entry waits, however often.
            ahead = random.randint(0, 90)
            bench.clock.step(ahead * MINUTE)
            await bench.advance(MINUTE)
            bench.clock.step(-random.randint(0, min(ahead, 50)) * MINUTE)
            await bench.advance(MINUTE)
        case 2:
            bench.passed.clear()
            bench.scheduler.replace([invented_rules(random)])
            await bench.settled()
        case _:
            await bench.advance(random.randint(1, 5) * MINUTE)


async def end_the_last_job(bench: Bench) -> None:
    for run in await bench.history(limit=100):
        if run.job_id and (await bench.job(run)).state is not State.CANCELLED:
            await bench.finish(run.job_id)
    await bench.advance(MINUTE)


def accounted(reason: Said | None) -> int:
    """Return for how many occurrences one stands: its reason names the ones before it, itself or a fact within."""
    if reason is None:
        return 1
    within = sum(accounted(value) - 1 for value in reason.values.values() if isinstance(value, Said))
    return 1 + int(str(reason.values.get("earlier", 0))) + within


@pytest.mark.parametrize("seed", range(6))
async def test_each_occurrence_is_accounted_for_once(start: Start, clock: ManualClock, store: Store, seed: int) -> None:
    random = Random(seed)
    for _ in range(4):
        async with start(invented_rules(random)) as bench:
            for _ in range(STEPS // 4):
                await something_happens(bench, random)
                unfinished = (await bench.jobs.counts())["default"]
                assert sum(unfinished.get(state, 0) for state in (State.AVAILABLE, State.SCHEDULED)) <= 1
            runs = await bench.history()
        clock.step(timedelta(minutes=random.randint(0, 120), seconds=random.randint(0, 59)))
    enqueued = [run.occurrence for run in runs if run.outcome is RunOutcome.ENQUEUED]
    assert len(enqueued) == len(set(enqueued))
    (mark,) = await store.reader.fetch("SELECT last_at FROM schedule_entries")
    waiting = await store.reader.fetch("SELECT why, reason FROM schedule_waiting")
    reasons = [run.reason for run in runs] + [read(row["why"], row["reason"]) for row in waiting]
    assert len(list(ENTRY.cron.between(START, from_us(mark["last_at"])))) == sum(map(accounted, reasons))
