"""When the bridge takes rows, what it says of that, and what it does while it cannot."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from paranad.bridge.delivery import LISTS
from paranad.bridge.loop import UNSURE_S, WAITING_S, Mode
from paranad.bridge.reserve import LIST
from paranad.events.event import Event
from paranad.shop.errors import ShopUnreachable
from paranad.shop.laravel_rows import RETRY_AFTER_S
from tests.support.bridge import POLL, BridgeHarness
from tests.support.payloads import create_shipment


def names(told: list[Event]) -> list[str]:
    return [event.name for event in told if event.name.startswith("bridge.")]


async def test_auto_is_on_where_nobody_has_reserved_a_row(harness: BridgeHarness, told: list[Event]) -> None:
    harness.start(Mode.AUTO)
    await harness.put(create_shipment(1))
    await harness.look()
    await harness.look()
    assert (Mode.AUTO, True) == (harness.bridge.state.mode, harness.bridge.state.active)
    assert "no row is reserved by anyone else" == harness.bridge.state.reason.text
    assert ["bridge.started", "bridge.rows_taken"] == names(told)


async def test_auto_waits_for_a_php_worker_and_goes_on_90_s_after_its_last_row(
    harness: BridgeHarness, told: list[Event]
) -> None:
    harness.start(Mode.AUTO)
    theirs = await harness.put(create_shipment(1, uuid="1"), reserved_at=harness.now_s(), attempts=1)
    ours = await harness.put(create_shipment(2, uuid="2"))
    await harness.look()
    assert not harness.bridge.state.active
    said, _, until = harness.bridge.state.reason.text.rpartition(", ")
    assert f"someone else reserved row {theirs} of the jobs table at 12:00:00" == said
    assert "as a PHP worker does: it waits until 12:01:30" == until
    assert [theirs, ours] == await harness.row_ids()
    await harness.remove(theirs)
    await harness.look()
    assert [] == await harness.rows()
    assert ["bridge.stopped", "bridge.started", "bridge.rows_taken"] == names(told)


async def test_auto_takes_a_row_over_that_a_gone_worker_left_reserved(harness: BridgeHarness) -> None:
    harness.start(Mode.AUTO)
    await harness.put(create_shipment(1), reserved_at=harness.now_s(), attempts=1)
    await harness.look()
    await harness.clock.advance(RETRY_AFTER_S)
    await harness.look()
    assert harness.bridge.state.active
    assert [] == await harness.rows()


async def test_rows_of_our_own_are_nobody_else_s(harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    harness.start(Mode.AUTO)
    await harness.put(create_shipment(1, uuid="1"))

    async def gone(*_: object) -> int:
        raise ShopUnreachable("the server went away")

    with monkeypatch.context() as patch:
        patch.setattr(harness.bridge.table, "delete", gone)
        await harness.look()
    await harness.put(create_shipment(2, uuid="2"))
    await harness.look()
    assert harness.bridge.state.active
    assert 2 == len(await harness.jobs())


async def test_on_works_beside_a_php_worker(harness: BridgeHarness) -> None:
    theirs = await harness.put(create_shipment(1, uuid="1"), reserved_at=harness.now_s(), attempts=1)
    await harness.put(create_shipment(2, uuid="2"))
    await harness.look()
    assert [theirs] == await harness.row_ids()
    assert '[shop] laravel_queue is "on"' == harness.bridge.state.reason.text


async def test_off_takes_nothing_and_is_silent(harness: BridgeHarness, told: list[Event]) -> None:
    harness.start(Mode.OFF)
    await harness.put(create_shipment(1))
    await harness.look()
    assert 1 == len(await harness.rows())
    assert (False, '[shop] laravel_queue is "off"') == (harness.bridge.state.active, str(harness.bridge.state.reason))
    assert [] == names(told)


async def test_reload_switches_a_running_bridge_at_once(harness: BridgeHarness, told: list[Event]) -> None:
    harness.start(Mode.OFF)
    async with harness.running():
        await harness.put(create_shipment(1, uuid="1"))
        harness.bridge.use(Mode.ON, POLL)
        await harness.line.seen("bridge.rows_taken")
        harness.bridge.use(Mode.OFF, POLL)
        await harness.line.seen("bridge.stopped")
        await harness.put(create_shipment(2, uuid="2"))
        await harness.clock.advance(timedelta(minutes=5))
    assert 1 == len(await harness.rows())


async def test_switching_off_in_the_middle_of_a_backlog_takes_no_further_list(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await harness.put_many(LISTS * LIST + 1)
    enqueue = harness.bridge.deliveries.enqueue

    async def switching(new: object) -> object:
        harness.bridge.use(Mode.OFF, POLL)
        return await enqueue(new)  # type: ignore[arg-type]

    monkeypatch.setattr(harness.bridge.deliveries, "enqueue", switching)
    await harness.look()
    assert {None} == {row["reserved_at"] for row in await harness.rows()}


async def test_running_bridge_finds_a_new_row_within_its_interval(harness: BridgeHarness) -> None:
    async with harness.running():
        await harness.line.seen("bridge.started")
        await harness.put(create_shipment(1))
        async with asyncio.timeout(20):
            while not harness.line.seen.named("bridge.rows_taken"):
                await harness.clock.advance(POLL)
    assert 1 == len(await harness.jobs())


async def test_shop_without_a_jobs_table_is_told_once_and_looked_at_again(
    harness: BridgeHarness, told: list[Event]
) -> None:
    async with harness.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE jobs RENAME TO elsewhere"))
    await harness.look()
    await harness.look()
    assert 'no table "jobs"' in str(harness.bridge.state.reason)
    assert ["bridge.stopped"] == names(told)
    async with harness.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO jobs"))
    await harness.put(create_shipment(1))
    await harness.look()
    assert 1 == len(await harness.jobs())


async def test_jobs_table_of_another_shape_is_told_once(harness: BridgeHarness, told: list[Event]) -> None:
    async with harness.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE jobs RENAME COLUMN reserved_at TO reserved"))
    await harness.look()
    assert "reserved_at" in str(harness.bridge.state.reason)
    assert ["bridge.stopped"] == names(told)
    async with harness.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE jobs RENAME COLUMN reserved TO reserved_at"))


async def test_outage_of_the_shop_waits_and_heals_by_itself(
    harness: BridgeHarness, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> None:
        raise ShopUnreachable("no route")

    await harness.put(create_shipment(1))
    with monkeypatch.context() as patch:
        patch.setattr(harness.bridge.table, "look", lost)
        assert WAITING_S == await harness.bridge.poll()
        assert WAITING_S == await harness.bridge.poll()
    assert "no route" in str(harness.bridge.state.reason)
    assert [] == names(told), "the shop tells of its outage itself"
    await harness.look()
    assert harness.bridge.state.active
    assert 1 == len(await harness.jobs())


async def test_defect_is_told_once_and_does_not_end_the_bridge(
    harness: BridgeHarness, told: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise LookupError("a defect")

    with monkeypatch.context() as patch:
        patch.setattr(harness.bridge.table, "look", broken)
        await harness.look()
        await harness.look()
    assert ["bridge.failed"] == names(told)
    await harness.put(create_shipment(1))
    await harness.look()
    assert 1 == len(await harness.jobs())


async def test_idle_look_is_one_statement(harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    poll, looks = harness.shop.poll, 0

    async def counted(*asked: Any) -> Any:
        nonlocal looks
        looks += 1
        return await poll(*asked)

    async def unused(*_: object) -> None:
        raise AssertionError("a connection more")

    await harness.look()
    monkeypatch.setattr(harness.shop, "poll", counted)
    monkeypatch.setattr(harness.shop, "read", unused)
    monkeypatch.setattr(harness.shop, "in_transaction", unused)
    for _ in range(5):
        await harness.look()
    assert 5 == looks


async def test_file_that_nobody_wrote_to_is_looked_at_now_and_then(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness.shop, "change_token", lambda: "unchanged")
    look, looks = harness.bridge.table.look, 0

    async def counted(*asked: Any) -> Any:
        nonlocal looks
        looks += 1
        return await look(*asked)

    monkeypatch.setattr(harness.bridge.table, "look", counted)
    for _ in range(int(UNSURE_S / POLL.total_seconds())):
        await harness.look()
        await harness.clock.advance(POLL)
    assert UNSURE_S / POLL.total_seconds() == looks, "a change just now may hide another one"
    looks = 0
    for _ in range(40):
        await harness.look()
        await harness.clock.advance(POLL)
    assert 5 == looks
    monkeypatch.setattr(harness.shop, "change_token", lambda: "changed")
    await harness.look()
    assert 6 == looks


async def test_mark_of_a_file_changes_with_a_commit_of_anyone(harness: BridgeHarness) -> None:
    before = harness.shop.change_token()
    if before is None:
        return  # a server
    await harness.put(create_shipment(1))
    assert before != harness.shop.change_token()
