"""Rows that cannot be read are known for as long as they stand in the shop's failed_jobs."""

from typing import Any

import pytest
from sqlalchemy import delete, text

from paranad.bridge import unreadable
from paranad.bridge.unreadable import UNREADABLE, UnreadableRow
from paranad.php import PhpObject, write
from paranad.shop.errors import ShopUnexpectedSchema
from paranad.shop.tables import failed_jobs
from tests.support.bridge import Crossing
from tests.support.payloads import create_shipment, payload_of
from tests.support.shop import make

BAD = {name: create_shipment(0, uuid=name) for name in ("first", "second")}


async def uuids(crossing: Crossing) -> list[str]:
    return [row.uuid for row in await crossing.bridge.unreadable.look()]


async def remove(crossing: Crossing, uuid: str) -> None:
    async with crossing.shop.transaction() as connection:
        await connection.execute(delete(failed_jobs).where(failed_jobs.c.uuid == uuid))


async def put_failed(crossing: Crossing, uuid: str, exception: str, **values: Any) -> None:
    """Put a row into the shop's failed_jobs as PHP does."""
    row = {"uuid": uuid, "connection": "database", "queue": "default", "payload": "{}", "exception": exception}
    await make(crossing.shop, failed_jobs, **row, failed_at=crossing.shop.now(), **values)


async def test_moved_rows_are_known_until_they_are_gone(crossing: Crossing) -> None:
    await crossing.put_all(list(BAD.values()))
    await crossing.look()
    found = await crossing.bridge.unreadable.look()
    assert ["first", "second"] == [row.uuid for row in found]
    assert "order_id" in found[0].reason.text
    assert found == crossing.bridge.unreadable.standing
    await remove(crossing, "first")
    assert ["second"] == await uuids(crossing)
    await remove(crossing, "second")
    assert [] == await uuids(crossing)


async def test_rows_that_an_earlier_daemon_moved_are_known_too(crossing: Crossing) -> None:
    await crossing.put(BAD["first"])
    await crossing.look()
    await crossing.restart()
    assert ["first"] == await uuids(crossing)


async def test_failures_of_jobs_are_none_of_them(crossing: Crossing) -> None:
    await put_failed(crossing, "job", "RuntimeError: no such cart\n\nTraceback")
    await put_failed(crossing, "quoted", f"Exception: {UNREADABLE}no")
    assert [] == await uuids(crossing)


async def test_reason_is_one_line_without_secrets(crossing: Crossing) -> None:
    await put_failed(crossing, "x", f"{UNREADABLE}expected text,\n got token=abcd1234 {'x' * 1000}")
    [row] = await crossing.bridge.unreadable.look()
    assert row.reason.text.startswith("expected text, got token=(hidden) xxx")
    assert 400 > len(row.reason.text)


async def test_reason_is_a_fact_with_its_values(crossing: Crossing) -> None:
    await crossing.put(payload_of("App\\Jobs\\ProcessAlWaseetQueueJob", write(PhpObject("Other", {}))))
    await crossing.look()
    [row] = await crossing.bridge.unreadable.look()
    expected = {"property": "data.command", "class_name": "App\\Jobs\\ProcessAlWaseetQueueJob", "got": "Other"}
    assert ("bridge.no_such_object", expected) == (row.reason.code, row.reason.values)
    [failed] = await crossing.failed_rows()
    assert failed["exception"].startswith(f"{UNREADABLE}{row.reason.text}\n")


async def test_long_table_is_read_once_and_then_its_end_only(
    crossing: Crossing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unreadable, "AT_ONCE", 10)
    monkeypatch.setattr(unreadable, "AGAIN", 5)
    for number in range(35):
        await put_failed(crossing, f"job {number}", "RuntimeError")
    await put_failed(crossing, "bad 1", f"{UNREADABLE}no")
    assert ["bad 1"] == await uuids(crossing)
    looks = counted(monkeypatch)
    await put_failed(crossing, "bad 2", f"{UNREADABLE}no")
    assert ["bad 1", "bad 2"] == await uuids(crossing)
    assert 2 == len(looks), "those that are known, and the last few"


async def test_table_that_takes_too_long_is_read_on_at_the_next_look(
    crossing: Crossing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unreadable, "AT_ONCE", 10)
    monkeypatch.setattr(unreadable, "AGAIN", 0)
    for number in range(15):
        await put_failed(crossing, f"job {number}", "RuntimeError")
    await put_failed(crossing, "bad", f"{UNREADABLE}no")
    looks = counted(monkeypatch)
    monkeypatch.setattr(unreadable, "LOOK_S", 0.0)
    assert [] == await uuids(crossing)
    assert 1 == len(looks)
    assert ["bad"] == await uuids(crossing)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Note every statement that reads rows."""
    rows, looks = unreadable._rows, list[object]()

    async def noted(*asked: Any) -> dict[int, UnreadableRow]:
        looks.append(asked)
        return await rows(*asked)

    monkeypatch.setattr(unreadable, "_rows", noted)
    return looks


async def test_row_that_becomes_visible_after_a_later_one_is_found(crossing: Crossing) -> None:
    await put_failed(crossing, "later", "RuntimeError", id=5000)
    assert [] == await uuids(crossing)
    await put_failed(crossing, "earlier", f"{UNREADABLE}no", id=4950)
    assert ["earlier"] == await uuids(crossing)


async def test_table_that_was_emptied_is_read_anew(crossing: Crossing) -> None:
    await put_failed(crossing, "old", f"{UNREADABLE}no", id=5000)
    assert ["old"] == await uuids(crossing)
    await remove(crossing, "old")
    await put_failed(crossing, "new", f"{UNREADABLE}no", id=7)
    assert ["new"] == await uuids(crossing)


async def test_shop_without_the_table_is_said(crossing: Crossing) -> None:
    async with crossing.shop.transaction() as connection:
        await connection.execute(text("ALTER TABLE failed_jobs RENAME TO elsewhere"))
    try:
        with pytest.raises(ShopUnexpectedSchema):
            await crossing.bridge.unreadable.look()
    finally:
        async with crossing.shop.transaction() as connection:
            await connection.execute(text("ALTER TABLE elsewhere RENAME TO failed_jobs"))
