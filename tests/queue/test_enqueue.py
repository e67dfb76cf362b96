"""Enqueueing: all or none, unique keys, repeated deliveries."""

import asyncio
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from paranad.errors import BadArguments, KeyReused, StateFull
from paranad.events.queue import JobEnqueued
from paranad.queue.jobs import IdempotencyKey, JobFilter
from paranad.queue.model import Enqueued, State
from paranad.store.file import Store
from tests.support.clock import START, ManualClock
from tests.support.queue import Line, fail_for_good, new_job
from tests.support.store import full_disk

KEY = IdempotencyKey("order-12", "digest of the body")


async def test_job_is_stored_available_and_told_once_committed(line: Line, clock: ManualClock) -> None:
    (job_id,) = await line.enqueue(new_job(args={"order_id": 7, "name": "علي"}))

    job = await line.jobs.get(job_id)
    assert (State.AVAILABLE, {"order_id": 7, "name": "علي"}) == (job.state, job.args)
    assert clock.now() == job.due_at == job.created_at == job.enqueued_at
    assert ((), 0, None, None) == (job.attempts, job.attempt, job.started_at, job.finished_at)
    assert [
        JobEnqueued(job_id=job_id, task="carts:expire", queue="default", order_id=7, origin="operator")
    ] == line.seen.told


async def test_delayed_job_waits_as_scheduled(line: Line, clock: ManualClock) -> None:
    (job_id,) = await line.enqueue(new_job(delay=timedelta(hours=2), clock=clock))

    job = await line.jobs.get(job_id)
    assert (State.SCHEDULED, clock.now() + timedelta(hours=2)) == (job.state, job.due_at)


async def test_list_is_answered_in_order_with_rising_ids(line: Line) -> None:
    ids = await line.enqueue(*(new_job(args={"n": n}) for n in range(50)))

    assert sorted(set(ids)) == ids
    assert list(range(50)) == [(await line.jobs.get(job_id)).args["n"] for job_id in ids]


async def test_empty_list_stores_nothing(line: Line) -> None:
    assert await line.jobs.enqueue([]) == []


async def test_duplicate_enqueue_answers_with_the_unfinished_job(line: Line) -> None:
    (first,) = await line.enqueue(new_job(unique_key="carts:expire"))

    answers = await line.jobs.enqueue([new_job(unique_key="carts:expire"), new_job(unique_key="other")])

    assert [(first, True), False] == [(answers[0].job_id, answers[0].duplicate), answers[1].duplicate]
    assert [first, answers[1].job_id] == line.seen.order("job.enqueued")


async def test_duplicate_enqueue_inside_a_list_likewise(line: Line) -> None:
    answers = await line.jobs.enqueue([new_job(), new_job(unique_key="k"), new_job(unique_key="k"), new_job()])

    assert [False, False, True, False] == [answer.duplicate for answer in answers]
    assert answers[1].job_id == answers[2].job_id
    assert 3 == len({answer.job_id for answer in answers})


async def test_what_lasts_of_a_duplicate_goes_into_the_job_that_does_its_work(line: Line) -> None:
    """A worker of the shop had the second request's order before: the first request's job must know."""
    first, tried = (
        replace(new_job(unique_key="k", args={"order_id": 7, **more}), lasting=more) for more in ({}, {"tried": True})
    )
    (job_id,) = await line.enqueue(first)

    await line.jobs.enqueue([tried, first])

    assert {"order_id": 7, "tried": True} == (await line.jobs.get(job_id)).args


async def test_duplicates_of_one_moment_are_stored_once(line: Line) -> None:
    answers = await asyncio.gather(*(line.jobs.enqueue([new_job(unique_key="k")]) for _ in range(5)))

    assert [False, True, True, True, True] == [answer.duplicate for (answer,) in answers]
    assert {answers[0][0].job_id} == {answer.job_id for (answer,) in answers}


async def test_unique_key_is_free_again_when_its_job_is_finished(line: Line) -> None:
    (first,) = await line.enqueue(new_job(unique_key="k"))
    await line.workers.cancel(first)

    assert [Enqueued(first + 1, duplicate=False)] == await line.jobs.enqueue([new_job(unique_key="k")])


async def test_idempotency_key_makes_a_repeat_return_the_first_answer(line: Line) -> None:
    new = [new_job(), new_job(unique_key="k"), new_job(unique_key="k")]
    first = await line.jobs.enqueue(new, key=KEY)

    assert first == await line.jobs.enqueue(new, key=KEY)
    assert 2 == len(line.seen.named("job.enqueued"))


async def test_idempotency_key_holds_for_repeats_of_one_moment(line: Line) -> None:
    first, second = await asyncio.gather(*(line.jobs.enqueue([new_job()], key=KEY) for _ in range(2)))

    assert first == second
    assert {"default": {State.AVAILABLE: 1}} == {k: v for k, v in (await line.jobs.counts()).items() if v}


@pytest.mark.parametrize("at_once", [True, False])
async def test_idempotency_key_with_another_body_is_refused(line: Line, at_once: bool) -> None:
    calls = [line.jobs.enqueue([new_job()], key=KEY), line.jobs.enqueue([new_job()], key=replace(KEY, digest="other"))]

    if at_once:
        first, second = await asyncio.gather(*calls, return_exceptions=True)
    else:
        first, second = [(await asyncio.gather(call, return_exceptions=True))[0] for call in calls]

    assert [Enqueued(1, duplicate=False)] == first
    assert isinstance(second, KeyReused)


async def test_source_recognises_a_repeated_delivery_even_of_a_finished_job(line: Line) -> None:
    (first,) = await line.enqueue(new_job(source="laravel:7:uuid"))
    await line.workers.cancel(first)

    again = await line.jobs.enqueue([new_job(source="laravel:7:uuid"), new_job(source="laravel:8:uuid")])

    assert [Enqueued(first, duplicate=True), Enqueued(first + 1, duplicate=False)] == again


async def test_source_twice_in_one_list_is_one_job(line: Line) -> None:
    answers = await line.jobs.enqueue([new_job(source="laravel:7:u"), new_job(source="laravel:7:u")])

    assert [Enqueued(1, duplicate=False), Enqueued(1, duplicate=True)] == answers


async def test_job_that_the_database_refuses_spares_others(line: Line) -> None:
    answers = await asyncio.gather(
        line.jobs.enqueue([new_job()]),
        line.jobs.enqueue([new_job(), new_job(tries=0)]),
        line.jobs.enqueue([new_job()]),
        return_exceptions=True,
    )

    assert isinstance(answers[1], sqlite3.IntegrityError)
    assert [[1], [2]] == [[each.job_id for each in answers[at]] for at in (0, 2)]  # type: ignore[union-attr]
    assert 2 == (await line.jobs.counts())["default"][State.AVAILABLE]


@pytest.mark.parametrize("value", [2**70, {1, 2}, object()])
async def test_arguments_that_json_cannot_hold_are_refused(line: Line, value: object) -> None:
    with pytest.raises(BadArguments, match="carts:expire: expected arguments that JSON can hold"):
        await line.jobs.enqueue([new_job(args={"n": value})])


async def test_full_disk_refuses_new_jobs_whole(line: Line, store: Store) -> None:
    async with full_disk(store):
        with pytest.raises(StateFull):
            await line.jobs.enqueue([new_job(args={"text": "x" * 50_000}) for _ in range(10)])

    assert [] == (await line.jobs.find(JobFilter(), limit=100, cursor=None)).items
    assert [] == line.seen.named("job.enqueued")


async def test_cancelled_caller_leaves_a_stored_and_told_job(line: Line) -> None:
    leaving = asyncio.ensure_future(line.jobs.enqueue([new_job()]))
    await asyncio.sleep(0)
    leaving.cancel()

    await line.enqueue(new_job())

    assert [1, 2] == line.seen.order("job.enqueued")


async def test_job_ids_are_never_reused(line: Line) -> None:
    (first,) = await line.enqueue(new_job())
    line.scripts["carts:expire"] = fail_for_good
    async with line.working():
        await line.seen("job.failed", job_id=first)
    await line.jobs.forget(first)

    assert [first + 1] == await line.enqueue(new_job())


async def test_newest_delivery_of_an_origin_is_known(line: Line, clock: ManualClock) -> None:
    assert None is await line.jobs.last_delivery("laravel")
    await line.enqueue(new_job(source="laravel:7:u"))
    await clock.advance(60)
    await line.enqueue(new_job(source="laravel:8:u"))
    await clock.advance(60)
    await line.enqueue(new_job(source="laravels:9:u"), new_job(source="key:laravel:1"))
    assert START + timedelta(minutes=1) == await line.jobs.last_delivery("laravel")
