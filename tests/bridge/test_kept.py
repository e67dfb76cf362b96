"""With `keep_rows` a row stays in the shop, reserved by us, until its job has ended; whoever else takes it has it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from paranad.bridge.kept import IDLE_S, RENEW_S
from paranad.bridge.loop import Mode
from paranad.bridge.reserve import LIST
from paranad.catalogue import PROCESS_QUEUE as PROCESS
from paranad.events.event import Event, Events
from paranad.queue.model import Completed, Failed, Json, State
from paranad.queue.running import Running
from paranad.said import plain
from paranad.shop.database import Shop
from paranad.shop.errors import ShopUnreachable
from paranad.shop.laravel_rows import RETRY_AFTER_S
from paranad.store.file import Store
from tests.support.bridge import CREATE, POLL, BridgeHarness
from tests.support.clock import ManualClock, Waiting
from tests.support.payloads import UUID, create_shipment, sample
from tests.support.queue import Gate
from tests.support.shop import make_order


@pytest.fixture
async def harness(store: Store, shop: Shop, clock: ManualClock, events: Events) -> BridgeHarness:
    harness = BridgeHarness(store, shop, clock, events, keeps=True)
    await harness.line.jobs.recover()
    return harness


class Killed(BaseException):
    """Ends what it meets as a killed daemon does: nothing after it is done."""


def killed_after(monkeypatch: pytest.MonkeyPatch, of: Any, name: str) -> Callable[[], None]:
    """Let a daemon die as soon as *name* is done; the value undoes it, as for the daemon after."""
    real = getattr(of, name)

    async def doing(*given: Any, **more: Any) -> None:
        await real(*given, **more)
        raise Killed

    monkeypatch.setattr(of, name, doing)
    return lambda: monkeypatch.setattr(of, name, real)


async def work(harness: BridgeHarness, event: str = "job.completed", *, times: int = 1) -> None:
    """Let the workers go until *event* was told, then let the rows follow."""
    async with harness.line.working():
        await harness.line.seen(event, times=times)
    await harness.bridge.kept.reclaim()


async def reserved(harness: BridgeHarness) -> list[int | None]:
    return [row["reserved_at"] for row in await harness.rows()]


async def states(harness: BridgeHarness) -> list[State]:
    return [job.state for job in await harness.jobs()]


async def test_row_stays_reserved_until_its_job_is_done(harness: BridgeHarness) -> None:
    await harness.put(create_shipment(1))
    await harness.look()
    for _ in range(4):
        assert [harness.now_s()] == await reserved(harness)
        await harness.clock.advance(RENEW_S)
        await harness.look()
        await harness.bridge.kept.step()
    assert 1 == len(await harness.jobs())
    await work(harness)
    assert [] == await harness.rows()


async def test_first_row_after_a_long_rest_is_reserved_anew_in_time(harness: BridgeHarness) -> None:
    waiting = Waiting(harness.clock)
    running = asyncio.create_task(harness.bridge.kept.run())
    await waiting(IDLE_S)
    await harness.put(create_shipment(1))
    await harness.look()
    await waiting(RENEW_S)
    running.cancel()
    await asyncio.wait([running])


async def test_machines_agree_on_the_database_s_clock(harness: BridgeHarness) -> None:
    """A machine whose clock is an hour ahead would leave rows that no other takes before that hour is over."""
    harness.shop.ahead_s = 3600.0
    await harness.put(create_shipment(1), available_at=harness.now_s() - 3600)
    await harness.look()
    assert [harness.now_s() - 3600] == await reserved(harness)
    await harness.clock.advance(RENEW_S)
    await harness.bridge.kept.step()
    assert [harness.now_s() - 3600] == await reserved(harness)


async def test_running_bridge_deletes_a_row_as_soon_as_its_job_is_done(harness: BridgeHarness) -> None:
    await harness.put_many(3)
    async with harness.running(), harness.line.working():
        await harness.line.seen("job.completed")
        async with asyncio.timeout(20):
            while await harness.rows():
                await harness.clock.advance(POLL)


async def test_cancelled_job_s_row_is_deleted(harness: BridgeHarness) -> None:
    await harness.put(create_shipment(1))
    await harness.look()
    [job] = await harness.jobs()
    await harness.line.workers.cancel(job.id)
    await harness.bridge.kept.reclaim()
    assert [] == await harness.rows()


async def test_failed_job_s_row_moves_to_failed_jobs(harness: BridgeHarness) -> None:
    await harness.fail(create_shipment(1))
    assert ([], [UUID]) == (await harness.rows(), [row["uuid"] for row in await harness.failed_rows()])


async def test_row_of_a_failed_job_stays_while_failed_jobs_cannot_take_it(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await harness.put(create_shipment(1))
    await harness.look()
    await harness.fail_jobs()

    async def away(*_: object) -> None:
        raise ShopUnreachable("no route")

    with monkeypatch.context() as patch:
        patch.setattr(harness.bridge.failed, "_insert", away)
        await harness.catch_up()
    await harness.clock.advance(RENEW_S)
    await harness.bridge.kept.step()
    assert [harness.now_s()] == await reserved(harness)
    await harness.catch_up()
    assert (0, 1) == (len(await harness.rows()), len(await harness.failed_rows()))


async def test_failed_job_is_retried_without_its_row_as_ever(harness: BridgeHarness) -> None:
    await harness.fail(create_shipment(1))
    [job] = await harness.jobs()
    await harness.restart()
    await harness.line.jobs.retry(job.id)
    assert await harness.bridge.kept.tried(job.id), "it has no row that anybody could have"
    await harness.catch_up()
    assert [UUID] == [row["uuid"] for row in await harness.failed_rows()], "it lives on no machine alone"
    await work(harness)
    await harness.catch_up()
    assert ([State.COMPLETED], []) == (await states(harness), await harness.failed_rows())


async def test_running_bridge_takes_a_retried_job_s_row_back_once_it_is_done(harness: BridgeHarness) -> None:
    await harness.fail(create_shipment(1))
    [job] = await harness.jobs()
    await harness.restart()
    async with harness.running(), harness.line.working():
        await harness.line.jobs.retry(job.id)
        await harness.line.seen("bridge.row_taken_back")
    assert ([State.COMPLETED], []) == (await states(harness), await harness.failed_rows())


async def test_second_row_of_one_order_stays_as_long_as_the_first(harness: BridgeHarness) -> None:
    await harness.put_all([create_shipment(7, uuid="a"), create_shipment(7, uuid="b")])
    await harness.look()
    assert (1, 2) == (len(await harness.jobs()), len(await harness.rows()))
    await work(harness)
    assert [] == await harness.rows()


@pytest.mark.parametrize("ends", ["job.completed", "job.failed"])
async def test_row_of_the_shop_s_own_wrapper_stays_until_what_it_names_is_done(
    harness: BridgeHarness, ends: str
) -> None:
    each = sample("laravel_11.process_queue.create_shipment")
    await make_order(harness.shop, id=each.args["job_data"]["order_id"])
    await harness.put(each.payload)
    await harness.look()
    harness.line.scripts[PROCESS.name] = harness.registry.perform
    harness.line.scripts[CREATE] = gate = Gate()
    async with harness.line.working():
        await gate.started.wait()
        await harness.line.seen("job.completed")
        await harness.bridge.kept.reclaim()
        [child] = [job for job in await harness.jobs() if job.task == CREATE]
        assert ([child.id], 1) == (list(harness.bridge.kept.ours.values()), len(await harness.rows()))
        assert await harness.bridge.kept.tried(child.id)
        if ends == "job.failed":
            gate.outcome = Failed(plain("nothing to ship"))
        gate.free.set()
        await harness.line.seen(ends, job_id=child.id)
        await harness.bridge.kept.reclaim()
    await harness.catch_up()
    assert [] == await harness.rows()
    assert [each.uuid] * (ends == "job.failed") == [row["uuid"] for row in await harness.failed_rows()]


async def test_row_that_came_before_and_is_done_goes(harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its job was completed, but the shop was away when the row was to be deleted, and its reservation ran out."""
    row_id = await harness.put(create_shipment(1))
    await harness.look()
    async with harness.line.working():
        await harness.line.seen("job.completed")
    await harness.bridge.kept.forget([row_id])
    await harness.clock.advance(RETRY_AFTER_S)
    await harness.look()
    await harness.bridge.kept.step()
    assert ([], 1) == (await harness.rows(), len(await harness.jobs()))


async def test_kept_rows_are_no_rival_s(harness: BridgeHarness) -> None:
    harness.start(Mode.AUTO)
    await harness.put(create_shipment(1))
    await harness.look()
    await harness.look()
    assert harness.bridge.state.active


async def test_row_that_a_daemon_had_reserved_as_it_died_keeps_nobody_waiting(harness: BridgeHarness) -> None:
    """It was killed before the queue had the job, or on another machine; a worker of PHP counts what it takes."""
    harness.start(Mode.AUTO)
    theirs = await harness.put(create_shipment(1, uuid="1"), reserved_at=harness.now_s() - 1)
    await harness.put(create_shipment(2, uuid="2"))
    await harness.look()
    assert [2] == [job.args["order_id"] for job in await harness.jobs()]
    php = await harness.put(create_shipment(3, uuid="3"), reserved_at=harness.now_s(), attempts=1)
    await harness.look()
    assert not harness.bridge.state.active
    await harness.remove(php)
    await harness.clock.advance(RETRY_AFTER_S)
    await harness.look()
    assert [2, 1] == [job.args["order_id"] for job in await harness.jobs()]
    assert harness.bridge.kept.has(theirs)


async def test_restart_finds_its_own_reservations(harness: BridgeHarness) -> None:
    await harness.put_many(3)
    await harness.look()
    await harness.clock.advance(5)
    await harness.restart()
    await harness.bridge.kept.reclaim()
    harness.start(Mode.AUTO)
    await harness.look()
    assert harness.bridge.state.active
    assert [harness.now_s()] * 3 == await reserved(harness)
    await work(harness, times=3)
    assert ([State.COMPLETED] * 3, []) == (await states(harness), await harness.rows())


@pytest.mark.parametrize("step", ["intend", "renew", "reserved"])
async def test_restart_knows_its_own_reservation_wherever_it_was_killed(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    await harness.put_many(2)
    await harness.look()
    await harness.clock.advance(RENEW_S)
    kept = harness.bridge.kept
    killed_after(monkeypatch, kept.table if step == "renew" else kept.notes, step)
    with pytest.raises(Killed):
        await kept.step()
    await harness.restart()
    await harness.clock.advance(1)
    await harness.bridge.kept.reclaim()
    assert [harness.now_s()] * 2 == await reserved(harness)
    assert [State.AVAILABLE] * 2 == await states(harness)


@pytest.mark.parametrize("theirs", ["reserved", "free", "gone"])
async def test_waiting_job_whose_row_someone_else_has_is_cancelled(
    harness: BridgeHarness, told: list[Event], theirs: str
) -> None:
    row_id, other = await harness.put_all([create_shipment(n, uuid=str(n)) for n in (1, 2)])
    await harness.look()
    await harness.clock.advance(RETRY_AFTER_S)
    if theirs == "gone":
        await harness.remove(row_id)
    else:
        await harness.change(row_id, reserved_at=harness.now_s() if theirs == "reserved" else None, attempts=1)
    await harness.bridge.kept.step()
    cancelled, mine = await harness.jobs()
    assert (State.CANCELLED, State.AVAILABLE) == (cancelled.state, mine.state)
    assert "another machine or worker took its row" in str(cancelled.error)
    assert {other: mine.id} == harness.bridge.kept.ours
    assert {} == harness.bridge.kept.taken
    assert [(1, 1)] == [(event.rows, event.jobs) for event in told if event.name == "bridge.rows_lost"]  # type: ignore[attr-defined]


async def test_row_that_comes_back_is_new_work(harness: BridgeHarness) -> None:
    """The other machine died with it."""
    row_id = await harness.put(create_shipment(1))
    await harness.look()
    await harness.clock.advance(RETRY_AFTER_S)
    await harness.change(row_id, reserved_at=harness.now_s(), attempts=1)
    await harness.bridge.kept.step()
    await harness.clock.advance(RETRY_AFTER_S)
    await harness.look()
    assert [State.CANCELLED, State.AVAILABLE] == await states(harness)
    assert (await harness.jobs())[1].args["tried_elsewhere"]
    await work(harness)
    assert [] == await harness.rows()


async def test_running_job_whose_row_someone_else_has_is_ended(harness: BridgeHarness) -> None:
    row_id = await harness.put(create_shipment(1))
    await harness.look()
    harness.line.scripts[CREATE] = gate = Gate()
    async with harness.line.working():
        await gate.started.wait()
        await harness.change(row_id, reserved_at=harness.now_s() + 1, attempts=1)
        await harness.bridge.kept.reclaim()
        await harness.line.seen("job.cancelled")
        await harness.bridge.kept.reclaim()
    [job] = await harness.jobs()
    assert "another machine or worker took its row" in str(job.error)
    assert not harness.bridge.kept.has(row_id)
    assert [harness.now_s() + 1] == await reserved(harness)


async def test_shielded_job_whose_row_someone_else_has_goes_on_to_the_end_of_its_shield(harness: BridgeHarness) -> None:
    row_id = await harness.put(create_shipment(1))
    await harness.look()
    started, free = asyncio.Event(), asyncio.Event()
    sent = list[Json]()

    async def shielded(running: Running) -> Completed:
        with running.shield():
            started.set()
            await free.wait()
            sent.append(await harness.bridge.kept.tried(running.job.id))
        return Completed()

    harness.line.scripts[CREATE] = shielded
    async with harness.line.working():
        await started.wait()
        await harness.change(row_id, reserved_at=None)
        await harness.bridge.kept.reclaim()
        await harness.look()
        assert 1 == len(await harness.jobs()), "it is not taken while its job here has not ended"
        free.set()
        await harness.line.seen.until(lambda: bool(sent))
        await harness.line.seen.until(lambda: harness.line.claims.is_idle)
        await harness.bridge.kept.reclaim()
    await harness.look()
    assert [False] == sent
    assert 2 == len(await harness.jobs())


async def test_request_marks_the_row_as_tried_and_only_ours(harness: BridgeHarness) -> None:
    row_id = await harness.put(create_shipment(1))
    await harness.look()
    [job] = await harness.jobs()
    await harness.clock.advance(20)
    assert await harness.bridge.kept.tried(job.id)
    assert await harness.bridge.kept.tried(job.id)
    assert [(1, harness.now_s())] == [(row["attempts"], row["reserved_at"]) for row in await harness.rows()]
    await harness.clock.advance(RETRY_AFTER_S)
    await harness.change(row_id, reserved_at=harness.now_s(), attempts=2)
    assert not await harness.bridge.kept.tried(job.id)
    assert [State.CANCELLED] == await states(harness)


async def test_mark_is_taken_back_if_nothing_has_left(harness: BridgeHarness) -> None:
    await harness.put(create_shipment(1, uuid="1"))
    await harness.put(create_shipment(2, uuid="2"), attempts=1)
    await harness.look()
    for job in await harness.jobs():
        assert await harness.bridge.kept.tried(job.id)
        await harness.bridge.kept.untried(job.id)
    assert [0, 1] == [row["attempts"] for row in await harness.rows()], "what a worker had before stays so"
    assert [0, 1] == [row["attempts"] for row in await harness.store.reader.fetch("SELECT attempts FROM kept_rows")]
    await harness.bridge.kept.reclaim()
    assert [State.AVAILABLE] * 2 == await states(harness)


async def test_daemon_that_may_not_work_any_more_reserves_nothing(harness: BridgeHarness) -> None:
    """It stood still until its lease was over: another machine is about to take the rows."""
    await harness.put(create_shipment(1))
    await harness.look()
    [job] = await harness.jobs()
    before = await reserved(harness)
    await harness.clock.advance(75)
    harness.bridge.kept.permitted = lambda: False
    assert await harness.bridge.kept.step() is None
    assert not await harness.bridge.kept.tried(job.id)
    assert before == await reserved(harness)
    await harness.bridge.kept.release()
    assert [None] == await reserved(harness), "what nobody has taken since is free at once"


async def test_worker_that_reserved_in_the_very_second_of_a_lost_answer_is_no_us(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What we meant to write never came; what stands there is PHP's, which counts what it takes."""
    row_id = await harness.put(create_shipment(1))
    await harness.look()
    await harness.clock.advance(RETRY_AFTER_S)

    async def lost(*_: object, **__: object) -> int:
        await harness.change(row_id, reserved_at=harness.now_s(), attempts=1)
        raise ShopUnreachable("the answer is lost")

    with monkeypatch.context() as patch:
        patch.setattr(harness.bridge.table, "renew", lost)
        await harness.bridge.kept.step()
    await harness.bridge.kept.step()
    assert [State.CANCELLED] == await states(harness)


async def test_shop_that_is_away_for_an_hour_costs_no_job_if_nobody_took_its_row(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = await harness.put_all([create_shipment(n, uuid=str(n)) for n in (1, 2)])
    await harness.look()

    async def away(*_: object, **__: object) -> int:
        raise ShopUnreachable("no route")

    with monkeypatch.context() as patch:
        patch.setattr(harness.bridge.table, "renew", away)
        patch.setattr(harness.bridge.table, "current", away)
        for _ in range(4):
            await harness.clock.advance(900)
            assert await harness.bridge.kept.step() is None
    await harness.change(theirs, reserved_at=harness.now_s() - 60, attempts=1)
    await harness.look()
    await harness.bridge.kept.step()
    assert [State.AVAILABLE, State.CANCELLED] == await states(harness)
    assert [mine] == list(harness.bridge.kept.ours)


async def test_rows_are_free_after_an_orderly_end_and_ours_again_at_the_next_start(harness: BridgeHarness) -> None:
    await harness.put_many(2)
    await harness.look()
    await harness.bridge.kept.release()
    assert [None, None] == await reserved(harness)
    await harness.restart()
    await harness.bridge.kept.reclaim()
    assert [harness.now_s()] * 2 == await reserved(harness)
    assert [State.AVAILABLE] * 2 == await states(harness)


async def test_row_that_was_freed_and_tried_by_another_is_not_ours(harness: BridgeHarness) -> None:
    row_id = await harness.put(create_shipment(1))
    await harness.look()
    await harness.bridge.kept.release()
    await harness.change(row_id, attempts=1)
    await harness.restart()
    await harness.bridge.kept.reclaim()
    assert ([State.CANCELLED], [None]) == (await states(harness), await reserved(harness))
    await harness.look()
    assert (await harness.jobs())[1].args["tried_elsewhere"]


async def test_order_whose_other_row_someone_has_comes_again_as_one_that_was_tried(harness: BridgeHarness) -> None:
    """Whoever has one of its rows may be sending it."""
    theirs, _mine = await harness.put_all([create_shipment(7, uuid="a"), create_shipment(7, uuid="b")])
    await harness.look()
    await harness.clock.advance(RETRY_AFTER_S)
    await harness.change(theirs, reserved_at=harness.now_s(), attempts=1)
    await harness.bridge.kept.step()
    await harness.look()
    first, second = await harness.jobs()
    assert (State.CANCELLED, State.AVAILABLE) == (first.state, second.state)
    assert second.args["tried_elsewhere"]


async def test_failed_job_whose_row_someone_else_has_is_not_in_failed_jobs(harness: BridgeHarness) -> None:
    row_id = await harness.put(create_shipment(1))
    await harness.look()
    await harness.fail_jobs()
    await harness.change(row_id, reserved_at=harness.now_s() + 1, attempts=1)
    await harness.catch_up()
    assert ([], [row_id]) == (await harness.failed_rows(), await harness.row_ids())
    await harness.restart()
    await harness.clock.advance(RETRY_AFTER_S + 1)
    await harness.look()
    await work(harness)
    assert ([State.FAILED, State.COMPLETED], []) == (await states(harness), await harness.rows())


async def test_kill_after_a_failed_row_was_moved_moves_nothing_twice(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await harness.put(create_shipment(1))
    await harness.look()
    await harness.fail_jobs()
    alive = killed_after(monkeypatch, harness.shop, "in_transaction")
    with pytest.raises(Killed):
        await harness.catch_up()
    alive()
    await harness.restart()
    await harness.bridge.kept.reclaim()
    await harness.catch_up()
    assert ([], [UUID]) == (await harness.rows(), [row["uuid"] for row in await harness.failed_rows()])
    assert {} == harness.bridge.kept.ours


async def test_reload_without_keep_rows_deletes_the_rows_and_keeps_the_jobs(harness: BridgeHarness) -> None:
    ours, theirs = await harness.put_all([create_shipment(n, uuid=str(n)) for n in (1, 2)])
    await harness.look()
    await harness.change(theirs, reserved_at=harness.now_s() + 1, attempts=1)
    harness.bridge.kept.use(keeps=False)
    await harness.bridge.kept.step()
    assert [theirs] == await harness.row_ids()
    assert [State.AVAILABLE, State.CANCELLED] == await states(harness)
    await harness.put(create_shipment(3, uuid="3"))
    await harness.look()
    assert [theirs] == await harness.row_ids()
    assert ours not in harness.bridge.kept.ours


async def test_bridge_that_is_switched_off_keeps_what_it_has_until_it_is_done(harness: BridgeHarness) -> None:
    await harness.put(create_shipment(1))
    await harness.look()
    harness.bridge.use(Mode.OFF, POLL)
    await harness.look()
    await harness.clock.advance(RENEW_S)
    await harness.bridge.kept.step()
    assert [harness.now_s()] == await reserved(harness)
    await work(harness)
    assert [] == await harness.rows()


async def test_more_rows_than_a_list_holds_are_reserved_anew(harness: BridgeHarness) -> None:
    await harness.put_many(LIST + 3)
    await harness.look()
    await harness.clock.advance(RENEW_S)
    await harness.bridge.kept.step()
    assert {harness.now_s()} == set(await reserved(harness))
    assert not await harness.store.reader.fetch(
        "SELECT 1 FROM kept_rows WHERE next_at IS NOT NULL OR released OR taken"
    )


async def test_without_keep_rows_nothing_is_noted_or_asked(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.keeps = False
    harness.start()
    await harness.put(create_shipment(1))
    await harness.look()
    for name in ("renew", "current", "delete"):
        killed_after(monkeypatch, harness.bridge.table, name)
    await work(harness)
    await harness.bridge.kept.step()
    await harness.bridge.kept.release()
    assert ([], []) == (await harness.rows(), await harness.store.reader.fetch("SELECT * FROM kept_rows"))
