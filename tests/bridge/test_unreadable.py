"""Rows that cannot be read are known for as long as they stand in the shop's failed_jobs."""

from typing import Any

import pytest
from sqlalchemy import delete, text

from paranad.bridge import unreadable
from paranad.bridge.unreadable import UNREADABLE, UnreadableRow
from paranad.php import PhpObject, write
from paranad.shop.errors import ShopUnexpectedSchema
from paranad.shop.tables import failed_jobs
from tests.support.bridge import BridgeHarness
from tests.support.payloads import create_shipment, payload_of
from tests.support.shop import make

BAD = {name: create_shipment(0, uuid=name) for name in ("first", "second")}


async def uuids(harness: BridgeHarness) -> list[str]:
    return [row.uuid for row in await harness.bridge.unreadable.look()]


async def remove(harness: BridgeHarness, uuid: str) -> None:
    async with harness.shop.transaction() as connection:
        await connection.execute(delete(failed_jobs).where(failed_jobs.c.uuid == uuid))


async def put_failed(harness: BridgeHarness, uuid: str, exception: str, **values: Any) -> None:
    """Put a row into the shop's failed_jobs as PHP does."""
    row = {"uuid": uuid, "connection": "database", "queue": "default", "payload": "{}", "exception": exception}
    await make(harness.shop, failed_jobs, **row, failed_at=harness.shop.now(), **values)


async def test_moved_rows_are_known_until_they_are_gone(harness: BridgeHarness) -> None:
    await harness.put_all(list(BAD.values()))
    await harness.look()
    found = await harness.bridge.unreadable.look()
    assert ["first", "second"] == [row.uuid for row in found]
    assert "order_id" in found[0].reason.text
    assert found == harness.bridge.unreadable.standing
    await remove(harness, "first")
    assert ["second"] == await uuids(harness)
    await remove(harness, "second")
    assert [] == await uuids(harness)


async def test_rows_that_an_earlier_daemon_moved_are_known_too(harness: BridgeHarness) -> None:
    await harness.put(BAD["first"])
    await harness.look()
    await harness.restart()
    assert ["first"] == await uuids(harness)


async def test_failures_of_jobs_are_none_of_them(harness: BridgeHarness) -> None:
    await put_failed(harness, "job", "RuntimeError: no such cart\n\nTraceback")
    await put_failed(harness, "quoted", f"Exception: {UNREADABLE}no")
    assert [] == await uuids(harness)


async def test_reason_is_one_line_without_secrets(harness: BridgeHarness) -> None:
    await put_failed(harness, "x", f"{UNREADABLE}expected text,\n got token=abcd1234 {'x' * 1000}")
    [row] = await harness.bridge.unreadable.look()
    assert row.reason.text.startswith("expected text, got token=(hidden) xxx")
    assert 400 > len(row.reason.text)


async def test_reason_is_a_fact_with_its_values(harness: BridgeHarness) -> None:
    await harness.put(payload_of("App\\Jobs\\ProcessAlWaseetQueueJob", write(PhpObject("Other", {}))))
    await harness.look()
    [row] = await harness.bridge.unreadable.look()
    expected = {"property": "data.command", "class_name": "App\\Jobs\\ProcessAlWaseetQueueJob", "got": "Other"}
    assert ("bridge.no_such_object", expected) == (row.reason.code, row.reason.values)
    [failed] = await harness.failed_rows()
    assert failed["exception"].startswith(f"{UNREADABLE}{row.reason.text}\n")


async def test_long_table_is_read_once_and_then_its_end_only(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unreadable, "AT_ONCE", 10)
    monkeypatch.setattr(unreadable, "AGAIN", 5)
    for number in range(35):
        await put_failed(harness, f"job {number}", "RuntimeError")
    await put_failed(harness, "bad 1", f"{UNREADABLE}no")
    assert ["bad 1"] == await uuids(harness)
    looks = counted(monkeypatch)
    await put_failed(harness, "bad 2", f"{UNREADABLE}no")
    assert ["bad 1", "bad 2"] == await uuids(harness)
    assert 2 == len(looks), "those that are known, and the last few"


async def test_table_that_takes_too_long_is_read_on_at_the_next_look(
    harness: BridgeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unreadable, "AT_ONCE", 10)
    monkeypatch.setattr(unreadable, "AGAIN", 0)
    for number in range(15):
        await put_failed(harness, f"job {number}", "RuntimeError")
    await put_failed(harness, "bad", f"{UNREADABLE}no")
    looks = counted(monkeypatch)
    monkeypatch.setattr(unreadable, "LOOK_S", 0.0)
    assert [] == await uuids(harness)
    assert 1 == len(looks)
    assert ["bad"] == await uuids(harness)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Note every statement that reads rows."""
    rows, looks = unreadable.rows_where, list[object]()

    async def noted(*asked: Any) -> dict[int, UnreadableRow]:
        looks.append(asked)
        return await rows(*asked)

    monkeypatch.setattr(unreadable, "rows_where", noted)
    return looks


async def test_row_that_becomes_visible_after_a_later_one_is_found(harness: BridgeHarness) -> None:
    await put_failed(harness, "later", "RuntimeError", id=5000)
    assert [] == await uuids(harness)
    await put_failed(harness, "earlier", f"{UNREADABLE}no", id=4950)
    assert ["earlier"] == await uuids(harness)


async def test_table_that_was_emptied_is_read_again(harness: BridgeHarness) -> None:
    await put_failed(harness, "old", f"{UNREADABLE}no", id=5000)
    assert ["old"] == await uuids(harness)
    await remove(harness, "old")
    await put_failed(harness, "new", f"{UNREADABLE}no", id=7)
    assert ["new"] == await uuids(harness)


async def test_shop_without_the_table_is_said(harness: BridgeHarness) -> None:
    async with harness.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE failed_jobs RENAME TO elsewhere"))
    try:
        with pytest.raises(ShopUnexpectedSchema):
            await harness.bridge.unreadable.look()
    finally:
        async with harness.shop.transaction() as connection:
            await connection.execute(text("ALTER TABLE elsewhere RENAME TO failed_jobs"))
