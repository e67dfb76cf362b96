"""When the bridge takes rows, what it says of that, and what it does while it cannot."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from paranad.bridge.delivery import LISTS
from paranad.bridge.loop import UNSURE_S, WAITING_S, Mode
from paranad.bridge.reserve import LIST, RETRY_AFTER_S
from paranad.events.event import Event
from paranad.shop.errors import ShopUnreachable
from tests.support.bridge import POLL, Crossing
from tests.support.payloads import create_shipment


def names(told: list[Event]) -> list[str]:
    return [event.name for event in told if event.name.startswith("bridge.")]


async def test_auto_is_on_where_nobody_has_reserved_a_row(crossing: Crossing, told: list[Event]) -> None:
    crossing.start(Mode.AUTO)
    await crossing.put(create_shipment(1))
    await crossing.look()
    await crossing.look()
    assert (Mode.AUTO, True) == (crossing.bridge.state.mode, crossing.bridge.state.active)
    assert "no row is reserved by anyone else" == crossing.bridge.state.reason.text
    assert ["bridge.started", "bridge.rows_taken"] == names(told)


async def test_auto_waits_for_a_php_worker_and_goes_on_90_s_after_its_last_row(
    crossing: Crossing, told: list[Event]
) -> None:
    crossing.start(Mode.AUTO)
    theirs = await crossing.put(create_shipment(1, uuid="1"), reserved_at=crossing.now_s(), attempts=1)
    ours = await crossing.put(create_shipment(2, uuid="2"))
    await crossing.look()
    assert not crossing.bridge.state.active
    said, _, until = crossing.bridge.state.reason.text.rpartition(", ")
    assert f"someone else reserved row {theirs} of the jobs table at 12:00:00" == said
    assert "as a PHP worker does: it waits until 12:01:30" == until
    assert [theirs, ours] == await crossing.row_ids()
    await crossing.remove(theirs)
    await crossing.look()
    assert [] == await crossing.rows()
    assert ["bridge.stopped", "bridge.started", "bridge.rows_taken"] == names(told)


async def test_auto_takes_a_row_over_that_a_gone_worker_left_reserved(crossing: Crossing) -> None:
    crossing.start(Mode.AUTO)
    await crossing.put(create_shipment(1), reserved_at=crossing.now_s(), attempts=1)
    await crossing.look()
    await crossing.clock.advance(RETRY_AFTER_S)
    await crossing.look()
    assert crossing.bridge.state.active
    assert [] == await crossing.rows()


async def test_rows_of_our_own_are_nobody_else_s(crossing: Crossing, monkeypatch: pytest.MonkeyPatch) -> None:
    crossing.start(Mode.AUTO)
    await crossing.put(create_shipment(1, uuid="1"))

    async def gone(*_: object) -> int:
        raise ShopUnreachable("the server went away")

    with monkeypatch.context() as patch:
        patch.setattr(crossing.bridge.table, "delete", gone)
        await crossing.look()
    await crossing.put(create_shipment(2, uuid="2"))
    await crossing.look()
    assert crossing.bridge.state.active
    assert 2 == len(await crossing.jobs())


async def test_on_works_beside_a_php_worker(crossing: Crossing) -> None:
    theirs = await crossing.put(create_shipment(1, uuid="1"), reserved_at=crossing.now_s(), attempts=1)
    await crossing.put(create_shipment(2, uuid="2"))
    await crossing.look()
    assert [theirs] == await crossing.row_ids()
    assert '[shop] laravel_queue is "on"' == crossing.bridge.state.reason.text


async def test_off_takes_nothing_and_is_silent(crossing: Crossing, told: list[Event]) -> None:
    crossing.start(Mode.OFF)
    await crossing.put(create_shipment(1))
    await crossing.look()
    assert 1 == len(await crossing.rows())
    assert (False, '[shop] laravel_queue is "off"') == (crossing.bridge.state.active, str(crossing.bridge.state.reason))
    assert [] == names(told)


async def test_reload_switches_a_running_bridge_at_once(crossing: Crossing, told: list[Event]) -> None:
    crossing.start(Mode.OFF)
    async with crossing.running():
        await crossing.put(create_shipment(1, uuid="1"))
        crossing.bridge.use(Mode.ON, POLL)
        await crossing.line.seen("bridge.rows_taken")
        crossing.bridge.use(Mode.OFF, POLL)
        await crossing.line.seen("bridge.stopped")
        await crossing.put(create_shipment(2, uuid="2"))
        await crossing.clock.advance(timedelta(minutes=5))
    assert 1 == len(await crossing.rows())


async def test_switching_off_in_the_middle_of_a_backlog_takes_no_further_list(
    crossing: Crossing, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crossing.put_many(LISTS * LIST + 1)
    enqueue = crossing.bridge.deliveries.enqueue

    async def switching(new: object) -> object:
        crossing.bridge.use(Mode.OFF, POLL)
        return await enqueue(new)  # type: ignore[arg-type]

    monkeypatch.setattr(crossing.bridge.deliveries, "enqueue", switching)
    await crossing.look()
    assert {None} == {row["reserved_at"] for row in await crossing.rows()}


async def test_running_bridge_finds_a_new_row_within_its_interval(crossing: Crossing) -> None:
    async with crossing.running():
        await crossing.line.seen("bridge.started")
        await crossing.put(create_shipment(1))
        async with asyncio.timeout(20):
            while not crossing.line.seen.named("bridge.rows_taken"):
                await crossing.clock.advance(POLL)
    assert 1 == len(await crossing.jobs())


async def test_shop_without_a_jobs_table_is_told_once_and_looked_at_again(
    crossing: Crossing, told: list[Event]
) -> None:
    async with crossing.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE jobs RENAME TO elsewhere"))
    await crossing.look()
    await crossing.look()
    assert 'no table "jobs"' in str(crossing.bridge.state.reason)
    assert ["bridge.stopped"] == names(told)
    async with crossing.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO jobs"))
    await crossing.put(create_shipment(1))
    await crossing.look()
    assert 1 == len(await crossing.jobs())


async def test_jobs_table_of_another_shape_is_told_once(crossing: Crossing, told: list[Event]) -> None:
    async with crossing.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE jobs RENAME COLUMN reserved_at TO reserved"))
    await crossing.look()
    assert "reserved_at" in str(crossing.bridge.state.reason)
    assert ["bridge.stopped"] == names(told)
    async with crossing.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE jobs RENAME COLUMN reserved TO reserved_at"))


async def test_outage_of_the_shop_waits_and_heals_by_itself(
    crossing: Crossing, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> None:
        raise ShopUnreachable("no route")

    await crossing.put(create_shipment(1))
    with monkeypatch.context() as patch:
        patch.setattr(crossing.bridge.table, "look", lost)
        assert WAITING_S == await crossing.bridge.poll()
        assert WAITING_S == await crossing.bridge.poll()
    assert "no route" in str(crossing.bridge.state.reason)
    assert [] == names(told), "the shop tells of its outage itself"
    await crossing.look()
    assert crossing.bridge.state.active
    assert 1 == len(await crossing.jobs())


async def test_defect_is_told_once_and_does_not_end_the_bridge(
    crossing: Crossing, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise LookupError("a defect")

    with monkeypatch.context() as patch:
        patch.setattr(crossing.bridge.table, "look", broken)
        await crossing.look()
        await crossing.look()
    assert ["bridge.failed"] == names(told)
    await crossing.put(create_shipment(1))
    await crossing.look()
    assert 1 == len(await crossing.jobs())


async def test_idle_look_is_one_statement(crossing: Crossing, monkeypatch: pytest.MonkeyPatch) -> None:
    poll, looks = crossing.shop.poll, 0

    async def counted(*asked: Any) -> Any:
        nonlocal looks
        looks += 1
        return await poll(*asked)

    async def unused(*_: object) -> None:
        raise AssertionError("a connection more")

    await crossing.look()
    monkeypatch.setattr(crossing.shop, "poll", counted)
    monkeypatch.setattr(crossing.shop, "read", unused)
    monkeypatch.setattr(crossing.shop, "in_transaction", unused)
    for _ in range(5):
        await crossing.look()
    assert 5 == looks


async def test_file_that_nobody_wrote_to_is_looked_at_now_and_then(
    crossing: Crossing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crossing.shop, "change_token", lambda: "unchanged")
    look, looks = crossing.bridge.table.look, 0

    async def counted(*asked: Any) -> Any:
        nonlocal looks
        looks += 1
        return await look(*asked)

    monkeypatch.setattr(crossing.bridge.table, "look", counted)
    for _ in range(int(UNSURE_S / POLL.total_seconds())):
        await crossing.look()
        await crossing.clock.advance(POLL)
    assert UNSURE_S / POLL.total_seconds() == looks, "a change just now may hide another one"
    looks = 0
    for _ in range(40):
        await crossing.look()
        await crossing.clock.advance(POLL)
    assert 5 == looks
    monkeypatch.setattr(crossing.shop, "change_token", lambda: "changed")
    await crossing.look()
    assert 6 == looks


async def test_mark_of_a_file_changes_with_a_commit_of_anyone(crossing: Crossing) -> None:
    before = crossing.shop.change_token()
    if before is None:
        return  # a server
    await crossing.put(create_shipment(1))
    assert before != crossing.shop.change_token()
